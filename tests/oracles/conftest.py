"""What the oracles share: theatres of the open data beside the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.plans import alone

from vallum.theatre import build_theatre

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.plans import Shelf


@pytest.fixture(scope="session")
def shared_at(root: Path, shared: Path, shelf: Shelf) -> Callable[[int], Path]:
    """Give the theatre of the open data at some km, built once for the processes of one run."""
    assert shared

    def built(km: int) -> Path:
        out = shelf.folder / f"shared-{km}km"
        with alone(shelf.folder / f"shared-{km}km.lock"):
            if not out.exists():  # a theatre is renamed into its place when it is whole
                build_theatre(root / "tests" / "theatres" / f"shared_{km}km.toml", out)
        return out

    return built
