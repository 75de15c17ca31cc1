"""The small maps of threat and crossings: layers, corridors as lines, and what lies over all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from vallum.brief import look, map_borders, map_places
from vallum.brief.language import current, named, say
from vallum.brief.map_borders import as_lines
from vallum.brief.page_text import percent
from vallum.brief.threat_sheet import half_decades, layer, outline, sheet
from vallum.kernel.once import once

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.brief.threat_sheet import Layer, Sheet
    from vallum.plan import Plan

__all__ = ["MODES", "base", "civilians", "corridors", "hours", "journeys", "on", "threat"]

_ORANGES = look.HARM
_BLUES = look.SURE
_GREENS = look.BENEFIT
_PURPLES = look.MONEY
THREAT = ((0.1, 0.3, 1.0, 3.0, 10.0), _ORANGES)  # events per 1,000 km² and year
MODES = {"motorcycle": "motorcycle", "foot": "foot", "four_by_four": "4×4"}
_RIDE = (0.25, 0.5, 0.75, 1.0, 1.5)  # hours per 10 km
_AWAY = (6.0, 12.0, 24.0, 48.0, 72.0)  # hours from the nearest sanctuary
PER_10_KM = {"motorcycle": _RIDE, "four_by_four": _RIDE, "foot": (3.0, 4.0, 5.0, 6.0, 8.0)}
FROM = {"motorcycle": _AWAY, "four_by_four": _AWAY, "foot": (24.0, 72.0, 168.0, 336.0, 504.0)}
_WIDEST, _THINNEST = 7.0, 1.4  # corridors' lines, in units of the sheet
_TYPE = 15.0  # size of type for which names are placed: the largest that a style gives, on phones
_BADGE = 24.0  # what a number on a corridor takes, in the same units


def on(plan: Plan) -> Sheet:
    """Give the sheet of all small maps of a plan: the members, and all corridors."""
    ways = plan.threat.ways
    lines = ways is not None and len(ways.corridors) > 0
    return sheet(plan.theatre, np.asarray(ways.corridors.total_bounds) if lines and ways else None)


def base(plan: Plan, paper: Sheet) -> dict[str, Any]:
    """Give what lies over every small map: borders, vital land, names of states and towns.

    Parameters
    ----------
    plan
        To draw.
    paper
        The sheet.

    Returns
    -------
    dict
        Paths, and names with their places.
    """
    return _base(plan, paper, current().code)


@once
def _base(plan: Plan, paper: Sheet, _language: str) -> dict[str, Any]:
    """Draw `base`, in the language of the page."""
    theatre, ways = plan.theatre, plan.threat.ways
    settled, disputed, coast = map_borders.borders(theatre)
    table = plan.threat.regions
    pairs = [(str(a), str(b)) for a, b in zip(table["iso3"], table["region"], strict=True)]
    vital = None if ways is None else paper.path(outline(theatre, ways.vital, pairs))
    states, taken = _states(plan, paper)
    lines = as_lines(settled, disputed, coast)
    towns = map_places.labels(
        theatre, paper.frame, int(paper.width), taken, most=7, avoid=lines, size=_TYPE
    )
    return {
        "width": paper.width,
        "height": paper.height,
        "settled": paper.path(settled),
        "disputed": paper.path(disputed),
        "coast": paper.path(coast),
        "vital": vital,
        "states": states,
        "towns": [
            {
                "name": town.name,
                "at": paper.at(town.x, town.y),
                "dx": town.dx,
                "dy": round(
                    town.dy + {"middle": 3.8, "bottom": -1.0, "top": 9.0}[town.baseline], 1
                ),
                "anchor": {"left": "start", "right": "end", "center": "middle"}[town.align],
            }
            for town in towns
            if town.member
        ],
        "bar": round(200.0 * paper.scale, 1),
    }


def _states(plan: Plan, paper: Sheet) -> tuple[list[dict[str, Any]], list[map_places.Box]]:
    """Name the states where there is room, and give what that takes; the scale bar's too."""
    taken = [map_places.Box(0, paper.height - 34, 150, paper.height)]
    out = []
    for row in map_borders.names(plan.theatre, paper.frame):
        if row["kind"] == "sea":
            continue
        x, y = paper.at(row["x"], row["y"])
        text, more = (named(str(row["name"]).partition("\n")[n]) for n in (0, 2))
        size = _TYPE * (1.2 if row["kind"] == "member" else 1.0)
        text = text if row["kind"] == "disputed" else text.upper()
        spacing = 0.0 if row["kind"] == "disputed" else 0.08 * size * len(text)
        long = map_places.reach(text, size) + spacing
        x = min(max(x, long / 2 + 4), paper.width - long / 2 - 4)
        low = 1.9 * size if more else 0.65 * size
        box = map_places.Box(x - long / 2, y - 0.65 * size, x + long / 2, y + low)
        most = 99.0 if row["kind"] == "member" else 3.9
        if long > most * row["room"] * paper.scale or not box.within(paper.width, paper.height):
            continue
        if any(box.meets(other) for other in taken):
            continue
        taken.append(box)
        out.append({"name": text, "more": more, "at": (round(x, 1), y), "kind": row["kind"]})
    return out, taken


def threat(plan: Plan, paper: Sheet) -> Layer:
    """Draw the events expected per 1,000 km² and year."""
    per = 1000.0 / plan.theatre.grid.cell_km2
    return layer(plan.threat.cells * per, THREAT, paper, plan.theatre)


def journeys(plan: Plan, paper: Sheet) -> Layer | None:
    """Draw the armed groups' journeys a year across 10 km of ground; None if there are none."""
    ways = plan.threat.ways
    return None if ways is None else _crossed(ways.cells, _BLUES, plan, paper)


def civilians(plan: Plan, paper: Sheet, kind: str) -> Layer | None:
    """Draw the civilian journeys a year across 10 km of ground; None if there are none."""
    return _crossed(plan.threat.civilians.cells[kind], _PURPLES, plan, paper)


def _crossed(
    cells: NDArray[np.float64], colours: tuple[str, ...], plan: Plan, paper: Sheet
) -> Layer | None:
    values = cells * (10.0 / plan.theatre.grid.cell_km)
    top = float(values.max())
    if not top > 0:
        return None
    return layer(values, (half_decades(top), colours), paper, plan.theatre)


def hours(plan: Plan, paper: Sheet) -> list[dict[str, Any]]:
    """Draw the hours to cross 10 km, and from the nearest sanctuary, by each way of moving.

    Parameters
    ----------
    plan
        To draw.
    paper
        The sheet.

    Returns
    -------
    list of dict
        key, name, `cross` and `away` (None where no sanctuary is known, or no way from one).
    """
    crossing, theatre = plan.threat.crossing, plan.theatre
    out = []
    for key, name in MODES.items():
        per = crossing.cell_hours[key] * (10.0 / theatre.grid.cell_km)
        away = crossing.hours_from[key]
        out.append(
            {
                "key": key,
                "name": name,
                "cross": layer(per, (PER_10_KM[key], _GREENS), paper, theatre),
                "away": (
                    layer(away, (FROM[key], _GREENS), paper, theatre)
                    if np.isfinite(away).any()
                    else None
                ),
            }
        )
    return out


def corridors(plan: Plan, paper: Sheet) -> list[dict[str, Any]]:
    """Draw the corridors: lines as wide as their share, an arrow at the end, a number on each.

    Parameters
    ----------
    plan
        To draw.
    paper
        The sheet.

    Returns
    -------
    list of dict
        rank, text, path, wide, arrow (points), start and badge (places); the weakest first, so
        that the strongest lies on top.
    """
    ways = plan.threat.ways
    if ways is None:
        return []
    most = float(ways.corridors["mid"].max()) if len(ways.corridors) else 1.0
    aside = 0.45 * plan.settings.threat.passage.block_km * paper.scale  # within its own blocks
    out: list[dict[str, Any]] = []
    taken: list[tuple[float, float]] = []
    drawn: list[shapely.Geometry] = []
    for row in ways.corridors.itertuples():
        ends = shapely.get_coordinates(row.geometry) / 1000.0
        wide = round(_THINNEST + (_WIDEST - _THINNEST) * float(row.mid) / most, 1)
        points = _lane([paper.at(float(x), float(y)) for x, y in ends], wide, aside, drawn)
        taken.append(_free(points, taken))
        out.append(
            {
                "rank": int(row.rank),
                "text": say(
                    "{rank}: {begins} to {ends}, {share}",
                    rank=row.rank,
                    begins=named(str(row.begins)),
                    ends=named(str(row.ends)),
                    share=percent(float(row.mid)),
                ),
                "path": "M" + "L".join(f"{x:g} {y:g}" for x, y in points),
                "wide": wide,
                "arrow": _arrow(points, 4.0 + 0.8 * wide),
                "start": points[0],
                "badge": taken[-1],
            }
        )
    return out[::-1]


def _lane(
    points: list[tuple[float, float]], wide: float, aside: float, drawn: list[shapely.Geometry]
) -> list[tuple[float, float]]:
    """Move a line sideways to where it covers those drawn before it least, and add it to them."""
    along = np.array(points[-1]) - np.array(points[0])
    across = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-9)
    before = shapely.union_all(drawn)
    best, least = points, np.inf
    for part in (0.0, 0.5, -0.5, 1.0, -1.0):
        moved = np.array(points) + part * aside * across
        strip = shapely.LineString(moved).buffer(wide / 2.0 + 1.5)
        covered = float(strip.intersection(before).area)
        if covered < least - 1e-6:
            best, least = [(round(float(x), 1), round(float(y), 1)) for x, y in moved], covered
    drawn.append(shapely.LineString(best).buffer(wide / 2.0 + 1.5))
    return best


def _free(
    points: list[tuple[float, float]], taken: list[tuple[float, float]]
) -> tuple[float, float]:
    """Find a place on a line that is far from the numbers placed before, or the farthest there."""
    line = shapely.LineString(points)
    best, room = points[0], -1.0
    for part in (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9):
        spot = line.interpolate(part, normalized=True)
        near = min((float(np.hypot(spot.x - x, spot.y - y)) for x, y in taken), default=np.inf)
        if near > room:
            best, room = (round(spot.x, 1), round(spot.y, 1)), near
        if near >= _BADGE:
            break
    return best


def _arrow(points: list[tuple[float, float]], size: float) -> str:
    """Give the three points of an arrow's head at the end of a line."""
    end, before = np.array(points[-1]), np.array(points[-2])
    ahead = (end - before) / max(float(np.hypot(*(end - before))), 1e-9)
    aside = np.array([-ahead[1], ahead[0]])
    tips = [end + ahead * size * 0.6, end - ahead * size + aside * size * 0.8,
            end - ahead * size - aside * size * 0.8]  # fmt: skip
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in tips)
