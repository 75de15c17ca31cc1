"""Cover: how much of a theatre's ground is in sight, by class of terrain.

Classes are by relief. For each, ground is made up that has the relief of the loaded elevation's
cells (or, where cells are finer, their steps from neighbour to neighbour), sites are drawn on it,
and viewsheds run from them. Where the elevation is itself fine, they run on it.
"""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from vallum.errors import Fault, InputError
from vallum.kernel.arrays import frozen
from vallum.kernel.figures import Range
from vallum.kernel.ledger import Assumption
from vallum.works.sight.model import Cover
from vallum.works.sight.rings import best_site, look_around, rings
from vallum.works.sight.texture import relief_of, step_of, texture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.theatre import Theatre

__all__ = [
    "FLOOR_M", "HEIGHTS_M", "HURST", "KM", "RELIEF_M", "Level", "Measure", "assumptions",
    "classes", "cover", "made_up", "resolved",
]  # fmt: skip

Level = Literal["low", "mode", "high"]

HEIGHTS_M = (2.0, 5.0, 10.0, 20.0, 50.0, 300.0, 1000.0)
KM = (0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 12.0, 16.0, 20.0, 24.0, 32.0, 40.0)
TARGET_M = 2.0  # a man, or a motorcycle with its rider
RELIEF_M = (14.0, 42.0, 84.0, 140.0, 280.0, 560.0)  # half, 1½, 3, 5, 10, 20 steps of 28 m

HURST = Range(
    0.5,
    0.64,
    0.8,
    "mode: root mean square differences of SRTM30 over 2.3 to 9.3 km on the shared Sahel, 0.55 to "
    "0.72 by class of relief; low: https://data.zhenzhi.com/details/1/995454470/1/6 (Lovejoy et "
    "al. 1995: 1/2, theory and measurement); high: "
    "http://www.spatialanalysisonline.com/output/html/Fractalanalysis.html (dimension 2.2)",
)
FLOOR_M = Range(
    3.5,
    10.0,
    20.0,
    "SRTM30 on the shared Sahel: where the built-in elevation, in steps of 28 m, reads no relief, "
    "nine in ten cells have 3.5 m or more, one in ten 20 m or more, 11 m in the mean",
)

CELL_M = 300.0  # of ground that is made up; 31 cells make the theatre's box of 9.3 km
BOX = 31
SIZE = 512  # cells, 154 km
SITES = 4  # of each class
SITE_KM = 1.0  # judgement: a tower is put on the highest ground within this distance
DIRECT_KM = 1.0  # cells up to this fine are looked at directly
BOX_KM = 9.3  # cells of half this and more show relief only
SMOOTHEST = 0.85  # exponent above which an elevation was interpolated: ground is rougher


@dataclass(frozen=True)
class Measure:
    """What made-up ground is scaled to.

    Attributes
    ----------
    metres
        Relief (highest less lowest of 3 × 3 boxes' means), or the root mean square difference
        between neighbouring boxes' means.
    boxes
        Side of a box in cells of 300 m where it is the difference; None for relief, on boxes of
        9.3 km.
    """

    metres: float
    boxes: int | None = None


def classes(theatre: Theatre) -> NDArray[np.int32]:
    """Give each cell its class of terrain, by relief; shape (rows, cols), 0 (plain) at sea."""
    relief = theatre.ground["relief_m"].to_numpy()
    return frozen(np.searchsorted(RELIEF_M, relief, side="right").astype(np.int32))


def cover(
    theatre: Theatre,
    *,
    seed: int = 0,
    level: Level = "mode",
    refraction: float = 1 / 7,
    sites: int = SITES,
) -> tuple[Cover, NDArray[np.int32]]:
    """Find how much of the ground is in sight, and the class of each cell.

    Parameters
    ----------
    theatre
        The ground; its `elevation_m` and `relief_m` decide.
    seed
        Of the ground that is made up and the sites on it. The same for every class and level, so
        that they differ by their ground and not by chance.
    level
        "low" for rough ground that hides most (Hurst exponent low, flattest ground high), "high"
        for smooth.
    refraction
        1/7 for light; `vallum.kernel.viewshed.RADAR` for radar, which sees about 7 % further.
    sites
        Sites of each class that are looked from; four times as many on an elevation that is fine.

    Returns
    -------
    cover, row
        A row of `cover` for each class of terrain that the theatre has, in order of relief, and
        the row of each cell, shape (rows, cols); the first at sea.

    Raises
    ------
    InputError
        The level is not known, or there are no sites. Names both.
    """
    faults = []
    if level not in ("low", "mode", "high"):
        faults.append(Fault("level", "", repr(level), "give low, mode or high"))
    if sites < 1:
        faults.append(Fault("sites", "", repr(sites), "give 1 or more"))
    if faults:
        raise InputError(faults)
    of, land = classes(theatre), _land(theatre)
    present = np.unique(of[land]) if land.any() else np.zeros(1, np.int32)
    resolves = resolved(theatre)
    pieces = _pieces(seed, level, sites)

    def one(each: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        mine = (of == each) & land
        if resolves and theatre.grid.cell_km <= DIRECT_KM:
            rng = np.random.default_rng(seed)
            return _on_the_ground(theatre, mine, rng, sites, refraction)
        return _made_up(pieces, _measure(theatre, mine, level, resolves=resolves), refraction)

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        rows = list(pool.map(one, present.tolist()))
    seen, covered = (frozen(np.stack(part)) for part in zip(*rows, strict=True))
    row = np.searchsorted(present, np.where(land, of, present[0])).astype(np.int32)
    return Cover(frozen(np.array(HEIGHTS_M)), frozen(np.array(KM)), seen, covered), frozen(row)


def made_up(
    measure: Measure,
    *,
    seed: int = 0,
    level: Level = "mode",
    refraction: float = 1 / 7,
    sites: int = SITES,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the share in sight on ground that is made up.

    Parameters
    ----------
    measure
        What the ground is scaled to; 0 m is a plain.
    seed, level, refraction, sites
        As of `cover`.

    Returns
    -------
    seen, covered
        Shape (H, K).
    """
    return _made_up(_pieces(seed, level, sites), measure, refraction)


class _Piece(NamedTuple):
    """Ground that is made up, its relief, and the site on it; how high it is is left open."""

    ground: NDArray[np.float64]
    relief: float
    at: tuple[int, int]


def _pieces(seed: int, level: Level, sites: int) -> list[_Piece]:
    """Make up a piece of ground for each site.

    It repeats, so the site can be anywhere: the middle, and the draw decides what is there.
    """
    hurst = float(getattr(HURST, level))
    grounds = [texture(np.random.default_rng((seed, each)), hurst, SIZE) for each in range(sites)]
    radius, middle = SITE_KM * 1000 / CELL_M, SIZE // 2
    return [
        _Piece(each, relief_of(each, BOX), best_site(each, middle, middle, radius))
        for each in grounds
    ]


def _made_up(
    pieces: Sequence[_Piece], measure: Measure, refraction: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    around = rings(KM, CELL_M)
    found = []
    for ground, relief, at in pieces:
        size = relief if measure.boxes is None else step_of(ground, measure.boxes)
        scaled = ground * (measure.metres / size)
        found.append(look_around(scaled, at, CELL_M, around, HEIGHTS_M, TARGET_M, refraction))
    return _mean(found)


def _mean(
    found: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    seen, covered = (np.mean(np.stack(part), axis=0) for part in zip(*found, strict=True))
    return seen, np.minimum(covered, seen)  # the mean of equal numbers may differ in the last place


def _land(theatre: Theatre) -> NDArray[np.bool_]:
    return np.asarray(theatre.ground["state"].to_numpy() >= 0)


def _measure(theatre: Theatre, mine: NDArray[np.bool_], level: Level, *, resolves: bool) -> Measure:
    """Say what a class's made-up ground is scaled to: the finest thing that its cells show."""
    cell_km = theatre.grid.cell_km
    if resolves and cell_km <= BOX_KM / 2:
        step = _step(theatre, mine, 1)
        if math.isfinite(step):
            return Measure(step, max(1, round(cell_km * 1000 / CELL_M)))
    relief = theatre.ground["relief_m"].to_numpy()[mine].astype(np.float64)
    floor = {"low": FLOOR_M.high, "mode": FLOOR_M.mode, "high": FLOOR_M.low}[level]
    return Measure(max(float(relief.mean()) if relief.size else 0.0, floor))


def _step(theatre: Theatre, mine: NDArray[np.bool_], apart: int) -> float:
    """Root mean square difference between cells so far apart, both land, one of the class."""
    land = _land(theatre)
    height = theatre.ground["elevation_m"].to_numpy().astype(np.float64)
    squares = []
    for turn in (lambda grid: grid, np.transpose):
        there, here = turn(height)[apart:], turn(height)[:-apart]
        both = turn(land)[apart:] & turn(land)[:-apart] & turn(mine)[:-apart]
        squares.append(((there - here) ** 2)[both])
    found = np.concatenate(squares)
    return math.sqrt(float(found.mean())) if found.size else math.nan


def resolved(theatre: Theatre) -> bool:
    """Tell whether the elevation shows what its cells could: whether it wasn't interpolated.

    On ground, differences over two cells are `2^H` times those over one, H below 0.85; on a
    coarser elevation laid on finer cells they are nearly twice.
    """
    land = _land(theatre)
    one, two = _step(theatre, land, 1), _step(theatre, land, 2)
    return bool(one > 0 and two > 0 and math.log2(two / one) <= SMOOTHEST)


def _on_the_ground(
    theatre: Theatre,
    mine: NDArray[np.bool_],
    rng: np.random.Generator,
    sites: int,
    refraction: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the share in sight from sites of a class on the loaded elevation."""
    cell_m = theatre.grid.cell_m
    around = rings(KM, cell_m)
    radius = max(1.0, SITE_KM * 1000 / cell_m)
    edge = around.reach + int(radius) + 1
    height = theatre.ground["elevation_m"].to_numpy().astype(np.float64)
    wide = np.pad(height, edge, mode="symmetric")  # ground beyond the map is taken for its mirror
    places = np.argwhere(mine)
    chosen = places[rng.choice(len(places), min(4 * sites, len(places)), replace=False)]
    found = []
    for row, col in chosen:
        at = best_site(wide, row + edge, col + edge, radius)
        found.append(look_around(wide, at, cell_m, around, HEIGHTS_M, TARGET_M, refraction))
    return _mean(found)


def assumptions() -> tuple[Assumption, ...]:
    """Give what sight rests on as rows of the ledger."""
    rows = [
        Assumption(f"works.sight.{name}", one.mode, one.low, one.high, unit, one.source)
        for name, one, unit in (("hurst", HURST, "1"), ("floor_m", FLOOR_M, "m"))
    ]
    made = "judgement: "
    return (
        *rows,
        Assumption(
            "works.sight.target_m", TARGET_M, None, None, "m", made + "a man, or a motorcyclist"
        ),
        Assumption(
            "works.sight.site_km", SITE_KM, None, None, "km",
            made + "towers stand on the highest ground within this distance",
        ),
    )  # fmt: skip
