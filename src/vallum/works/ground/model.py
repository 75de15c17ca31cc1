"""What the ground is to those who build on it, in classes."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from vallum.kernel.ledger import Assumption
    from vallum.works.sight.model import Cover

__all__ = ["Ground", "GroundClass"]


@dataclass(frozen=True)
class GroundClass:
    """Ground that is alike for every work.

    Attributes
    ----------
    surface
        "sand", "rock", "soil" or "wetland".
    slope
        Rise over run.
    wadis_per_km
        Watercourses that a kilometre of line crosses.
    dunes
        Share of it that dunes move over, in [0, 1].
    haul_km
        Kilometres of road by which each material comes, by its id; a material that isn't named is
        found on the spot.
    cover
        Row of the `Cover` that says how far one sees here.
    """

    surface: str
    slope: float = 0.0
    wadis_per_km: float = 0.0
    dunes: float = 0.0
    haul_km: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    cover: int = 0


@dataclass(frozen=True, eq=False)
class Ground:
    """The ground of a theatre.

    Attributes
    ----------
    classes
        In order of their first cell.
    of
        Row of `classes` by cell, int32, shape (rows, cols); -1 at sea and on open water.
    cover
        How far one sees.
    ledger
        Assumptions.
    cover_ends
        The same if the ground hides most, and least; None where sight has no part in ranges.
    """

    classes: tuple[GroundClass, ...]
    of: NDArray[np.int32]
    cover: Cover
    ledger: tuple[Assumption, ...] = ()
    cover_ends: tuple[Cover, Cover] | None = None
