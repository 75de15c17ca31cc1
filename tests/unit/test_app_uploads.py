"""Names of files that are brought."""

from __future__ import annotations

import pytest

from vallum.app.uploads import name_faults


@pytest.mark.parametrize(
    "name",
    ["", "../a", "a/../../b", "/etc/passwd", "C:a", "C:\\a", "\\\\host\\a", "a\0b", "a" * 201],
)
def test_names_that_leave_the_folder_are_refused(name: str) -> None:
    assert len(name_faults(name)) == 1


@pytest.mark.parametrize("name", ["line.geojson", "tables/line.csv", "a..b.toml"])
def test_plain_names_pass(name: str) -> None:
    assert name_faults(name) == ()
