"""How many hours each way of moving needs per kilometre of each cell.

The figures are a table (`movement.toml`), so that a planner can put another in its place. Speeds
are those of level ground; a walker's slopes are the law of the solver of travel times (Tobler).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

import numpy as np

from vallum.errors import Fault, InputError, nearest
from vallum.kernel.arrays import frozen
from vallum.kernel.ledger import Assumption
from vallum.threat.movement.table import MODES, ROADS, SEASONS, SURFACES, load_movement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from vallum.kernel.figures import Range
    from vallum.theatre import Theatre
    from vallum.threat.movement.settings import MovementSettings, Season
    from vallum.threat.movement.table import Way

__all__ = ["MODES", "Ground", "Level", "hours_per_km", "ledger", "roughness", "steepness"]

Level = Literal["low", "mode", "high"]

_UNITS = {
    "road_kmh": "km/h",
    "surface_kmh": "km/h",
    "rains_road": "share of speed",
    "rains_surface": "share of speed",
    "river_h": "h",
}
_OTHER_END: dict[Level, Level] = {"low": "high", "mode": "mode", "high": "low"}


@dataclass(frozen=True, eq=False)
class Ground:
    """What it costs one way of moving to cross each cell.

    Attributes
    ----------
    hours_per_km
        Shape (rows, cols), read-only, on level ground; inf where it can't pass.
    law
        The law of slopes that the solver of travel times must add, "tobler" or None.
    limit
        Steepest slope that a vehicle climbs off the roads, rise over run; None under a law.
    mode, season, level
        What it was made for.
    """

    hours_per_km: NDArray[np.float64]
    law: str | None
    limit: float | None
    mode: str
    season: Season
    level: Level


def hours_per_km(
    theatre: Theatre,
    mode: str,
    *,
    settings: MovementSettings,
    season: Season | None = None,
    level: Level = "mode",
) -> Ground:
    """Give the hours that a way of moving needs per km in each cell.

    `hours = 1 / max(road, off) `, where `road` is the speed of the cell's best class of road, and
    off the roads `1/off = 1 / (surface · roughness · steepness) + river hours / cell_km`. The rains
    scale road and surface. Cells beyond the states shown, at sea, of open water without a road, or
    steeper than a vehicle climbs are impassable.

    Parameters
    ----------
    theatre
        The ground.
    mode
        One of `MODES`.
    settings
        Season where none is given, and the table.
    season
        "dry" or "rains".
    level
        Which end of every figure's range: "low" is the slowest, "high" the fastest.

    Returns
    -------
    Ground
        On level ground: the solver of travel times adds `law`.

    Raises
    ------
    InputError
        If there is no such mode, season or level, or the table has faults.

    Notes
    -----
    Tobler, W. (1993), https://en.wikipedia.org/wiki/Tobler%27s_hiking_function. The other sources
    are in the table, beside each figure.
    """
    when = settings.season if season is None else season
    _known(mode, when, level)
    table = load_movement(settings.table)
    way, ground = table.ways[mode], theatre.ground
    limit = None if way.slope_limit is None else _at(way.slope_limit, level)
    road = _by_code(("none", *ROADS), {k: _speed(way, k, when, level) for k in ROADS})
    soft = _by_code(SURFACES, {k: _speed(way, k, when, level) for k in SURFACES})
    rough = roughness(
        ground["relief_m"].to_numpy().astype(np.float64),
        _at(table.free_m, level),
        _at(way.relief_half_m, level),
    )
    steep = steepness(ground["slope"].to_numpy().astype(np.float64), limit)
    river = _at(way.river_h[when], _OTHER_END[level]) / theatre.grid.cell_km
    with np.errstate(divide="ignore"):
        off = 1.0 / (soft[ground["surface"].to_numpy()] * rough * steep)
        by_road = 1.0 / road[ground["road"].to_numpy()]
    off = off + np.where(ground["river"].to_numpy(), river, 0.0)
    hours = np.minimum(off, by_road)
    hours = np.where(ground["state"].to_numpy() >= 0, hours, np.inf)
    return Ground(
        hours_per_km=frozen(hours), law=way.law, limit=limit, mode=mode, season=when, level=level
    )


def roughness(relief_m: NDArray[np.float64], free_m: float, half_m: float) -> NDArray[np.float64]:
    """Give the share of speed that rough ground leaves, `1 / (1 + (relief − free) / half)`.

    Cells of kilometres hide the slopes that slow people, and relief tells of them.

    Parameters
    ----------
    relief_m
        Highest less lowest elevation around the cell, m, any shape.
    free_m
        Relief that slows nobody, m.
    half_m
        Relief beyond it that halves the speed, m.

    Returns
    -------
    share
        In (0, 1], shape of `relief_m`.

    Examples
    --------
    >>> import numpy as np
    >>> roughness(np.array([50.0, 100.0, 700.0]), 100.0, 600.0)
    array([1. , 1. , 0.5])
    """
    return np.asarray(1.0 / (1.0 + np.maximum(relief_m - free_m, 0.0) / half_m))


def steepness(slope: NDArray[np.float64], limit: float | None) -> NDArray[np.float64]:
    """Give the share of speed that a slope leaves a vehicle, `1 − slope / limit`, not below 0.

    Parameters
    ----------
    slope
        Rise over run, any shape.
    limit
        Steepest slope it climbs; None where a law of the solver does this instead.

    Returns
    -------
    share
        In [0, 1], shape of `slope`.

    Examples
    --------
    >>> import numpy as np
    >>> steepness(np.array([0.0, 0.1, 0.5]), 0.4)
    array([1.  , 0.75, 0.  ])
    """
    if limit is None:
        return np.ones_like(slope)
    return np.asarray(np.maximum(1.0 - np.abs(slope) / limit, 0.0))


def ledger(settings: MovementSettings) -> tuple[Assumption, ...]:
    """List every figure that times of travel rest on, and the shares of the ways of moving."""
    table = load_movement(settings.table)
    rows = [_assumption("relief.free_m", table.free_m, "m")]
    for way in table.ways.values():
        if way.slope_limit is not None:
            rows.append(_assumption(f"{way.id}.slope_limit", way.slope_limit, "rise over run"))
        rows.append(_assumption(f"{way.id}.relief_half_m", way.relief_half_m, "m"))
        for name, unit in _UNITS.items():
            for key, value in cast("Mapping[str, Range]", getattr(way, name)).items():
                rows.append(_assumption(f"{way.id}.{name}.{key}", value, unit))
    judged = "judgement: motorcycles prevail (GI-TOC 2023), and no source gives numbers"
    for mode, share in settings.shares.items():
        low, high = (float(getattr(settings, f"{mode}_{end}")) for end in ("low", "high"))
        key = f"threat.movement.{mode}_share"
        rows.append(Assumption(key, share, low, high, "share of journeys", judged))
    return tuple(rows)


def _assumption(key: str, value: Range, unit: str) -> Assumption:
    key = f"threat.movement.{key}"
    return Assumption(key, value.mode, value.low, value.high, unit, value.source)


def _at(value: Range, level: Level) -> float:
    return float(getattr(value, level))


def _speed(way: Way, key: str, season: Season, level: Level) -> float:
    """Speed on a class of road or a surface in a season, km/h."""
    speeds, factors = (
        (way.road_kmh, way.rains_road) if key in ROADS else (way.surface_kmh, way.rains_surface)
    )
    factor = _at(factors[key], level) if season == "rains" and key in factors else 1.0
    return _at(speeds[key], level) * factor


def _by_code(order: tuple[str, ...], speeds: dict[str, float]) -> NDArray[np.float64]:
    """Lay speeds in the order of the theatre's codes; 0 where there is none."""
    return np.array([speeds.get(name, 0.0) for name in order])


def _known(mode: str, season: str, level: str) -> None:
    faults = [
        Fault("movement", name, repr(value), nearest(value, list(valid)))
        for name, value, valid in (
            ("mode", mode, MODES),
            ("season", season, SEASONS),
            ("level", level, tuple(_OTHER_END)),
        )
        if value not in valid
    ]
    if faults:
        raise InputError(faults)
