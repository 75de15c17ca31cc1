"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """Give the project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Give the folder of real data beside the project, or skip."""
    folder = ROOT.parent / "shared"
    if not (folder / "data").is_dir():
        if os.environ.get("VALLUM_REQUIRE_SHARED") == "1":
            pytest.fail("../shared is required here and absent")
        pytest.skip("../shared is absent")
    return folder
