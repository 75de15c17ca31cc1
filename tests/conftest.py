"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import vallum

if TYPE_CHECKING:
    from vallum.plan import Plan
    from vallum.theatre import Theatre

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


@pytest.fixture(scope="session")
def sahel() -> Theatre:
    """Give the built-in theatre at 25 km, for tests that need ground but not its detail."""
    return vallum.load_theatre("sahel", cell_km=25.0)


@pytest.fixture(scope="session")
def sahel_plan() -> Plan:
    """Give the default plan of the built-in theatre."""
    return vallum.make_plan("sahel")
