"""What the browser tests share: one Chromium for a file of tests, and a plan's folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from tests.browser import driver
from tests.plans import alone

from vallum import brief

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.plans import Shelf

    from vallum.plan import Plan


@pytest.fixture(scope="module")
def chrome() -> Iterator[driver.Chrome]:
    """Give a browser for the tests of one file, or skip."""
    if driver.missing():
        if os.environ.get("VALLUM_REQUIRE_BROWSER") == "1":
            pytest.fail(driver.missing())
        pytest.skip(driver.missing())
    # ended with the file: while it runs no other test of this process can have a loop of asyncio
    with driver.start() as started:
        yield started


@pytest.fixture(scope="session")
def folder(shelf: Shelf, sahel_plan: Plan) -> Path:
    """Give the folder of the default plan, written once for the processes of one run."""
    out = shelf.folder / "sahel"
    with alone(shelf.folder / "sahel.lock"):
        if not out.exists():
            brief.write(sahel_plan, out)
    return out
