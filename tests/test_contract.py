"""The house: imports point one way, and the settings hold no key for what is barred."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from vallum.settings import Settings


def test_imports_point_one_way(root):
    script = Path(sys.executable).with_name("lint-imports")
    if not script.exists():  # the contract is checked where the linters are installed
        import pytest  # noqa: PLC0415

        pytest.skip("import-linter is not installed")
    done = subprocess.run(
        [script, "--no-cache"], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_no_setting_speaks_of_mines():
    schema = str(Settings.model_json_schema()["properties"]) + str(
        [list(d.get("properties", {})) for d in Settings.model_json_schema()["$defs"].values()]
    )
    assert "mine" not in schema.replace("determine", "")


def test_modules_stay_rooms(root):
    long = {
        str(path.relative_to(root)): count
        for path in (root / "src").rglob("*.py")
        if (count := len(path.read_text("utf-8").splitlines())) > 450
    }
    assert not long
