"""Violent events as maps: counts by region and counts by block, never a single event's place."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
from bokeh.models import ColumnDataSource, HoverTool, MultiPolygons

from vallum.brief import layers_draw, look, map_borders
from vallum.brief.language import named, say
from vallum.brief.layers_card import Card, Swatch
from vallum.brief.layers_reduce import block_any, factor
from vallum.brief.layers_tables import backdrop, table_card
from vallum.brief.layers_words import km
from vallum.brief.page_text import whole

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.kernel.grid import Grid
    from vallum.theatre import Theatre

__all__ = ["by_block", "by_region"]

_COLOURS = (look.SHEET, *look.HARM[1:])
_COARSEST_KM = 25.0  # blocks at least this wide: a block tells of an area and not of a place


def by_region(theatre: Theatre) -> Card:
    """Colour each region by its recorded events, all years summed."""
    p = backdrop(theatre)
    table, yearly = theatre.regions.reset_index(drop=True), theatre.events_year
    number: dict[tuple[str, str], float] = {}
    for iso3, name, events in zip(yearly["iso3"], yearly["region"], yearly["events"], strict=True):
        number[str(iso3), str(name)] = number.get((str(iso3), str(name)), 0.0) + float(events)
    xs, ys, rows = map_borders.areas(table, theatre)
    keys = [(str(table["iso3"].iloc[n]), str(table["name"].iloc[n])) for n in rows]
    values = np.array([number.get(key, 0.0) for key in keys])
    bounds = _bounds(float(values.max()) if len(values) else 0.0)
    if number:
        layer = p.add_glyph(
            ColumnDataSource({
                "xs": xs, "ys": ys, "region": [named(key[1]) for key in keys],
                "state": [key[0] for key in keys], "events": [whole(v) for v in values.tolist()],
                "colour": [_COLOURS[_class(v, bounds)] for v in values.tolist()],
            }),
            MultiPolygons(
                xs="xs", ys="ys", fill_color="colour", fill_alpha=1.0, line_color=look.MUTE,
                line_alpha=0.6, line_width=0.5,
            ),
            name="regions",
            level="underlay",
        )  # fmt: skip
        tips = [(say("Region"), "@region (@state)"), (say("Events"), "@events")]
        p.add_tools(HoverTool(renderers=[layer], tooltips=tips, visible=False))
    own = sum(v for (iso3, _), v in number.items() if iso3 in theatre.members)
    lost = sum(v for key, v in number.items() if key not in set(keys))
    notes = (
        [say("{lost} events lie in regions that the map does not draw.", lost=whole(lost))]
        if lost
        else []
    )
    told = say(
        "{own} events recorded in the members, {all} in all the states covered. Not per km²: a "
        "large region gathers more.",
        own=whole(own),
        all=whole(sum(number.values())),
    )
    return table_card(
        theatre, "events_year", (say("Events by region"), _years(theatre)), p,
        swatches=_swatches(bounds) if number else (),
        legend_title=say("Events recorded"),
        figures=told if number else "",
        notes=notes,
    )  # fmt: skip


def by_block(theatre: Theatre, events: pd.DataFrame) -> Card:
    """Count single events in blocks of 25 km or more.

    Parameters
    ----------
    theatre
        On whose grid.
    events
        A row for each event: points, or their row and col on the grid.

    Returns
    -------
    Card
        With counts only: no event's own place is given out.
    """
    grid = theatre.grid
    side = max(factor(grid), math.ceil(_COARSEST_KM / grid.cell_km - 1e-9))
    row, col = _cells(events, grid)
    land = block_any(theatre.ground["state"].to_numpy() >= 0, side)
    counts = np.zeros(land.shape, np.int64)
    np.add.at(counts, (row // side, col // side), 1)
    bounds = _bounds(float(counts.max()))
    level = np.array([_class(float(v), bounds) for v in counts.ravel().tolist()])
    index = np.where(counts > 0, 1 + level.reshape(counts.shape), land).astype(np.uint8)
    colours = (layers_draw.SEA, *_COLOURS)
    own = theatre.member_mask[row, col].sum()
    words = (
        say("Events by block"),
        say(
            "Counted in blocks of {side} km; no event’s own place is shown.",
            side=km(side * grid.cell_km),
        ),
    )
    told = say(
        "{own} events in the members, {all} on the map; the most in one block is {most}.",
        own=whole(float(own)),
        all=whole(len(row)),
        most=whole(float(counts.max())),
    )
    return table_card(
        theatre, "events", words, layers_draw.start(theatre, index, colours, side),
        swatches=_swatches(bounds) if counts.any() else (),
        legend_title=say("Events in a block"),
        figures=told if counts.any() else "",
    )  # fmt: skip


def _cells(events: pd.DataFrame, grid: Grid) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the row and column of each event that lies on the grid."""
    if isinstance(events, gpd.GeoDataFrame):
        shown = events[events.geometry.notna() & ~events.geometry.is_empty]
        placed = shown if shown.crs is None or shown.crs == grid.crs else shown.to_crs(grid.crs)
        points = shapely.get_coordinates(placed.geometry.centroid.to_numpy())
        row, col, inside = grid.locate(points[:, 0], points[:, 1])
        return row[inside], col[inside]
    row, col = (events[name].to_numpy(dtype=np.int64) for name in ("row", "col"))
    inside = (row >= 0) & (row < grid.rows) & (col >= 0) & (col < grid.cols)
    return row[inside], col[inside]


def _years(theatre: Theatre) -> str:
    years = [int(year) for year in theatre.events_year["year"]]
    if not years:
        return say("Violent events recorded.")
    first, last = min(years), max(years)
    if first == last:
        return say("Violent events recorded in {year}, as far as recorded.", year=first)
    return say(
        "Violent events recorded from {first} to {last}, as far as recorded.",
        first=first,
        last=last,
    )


def _bounds(highest: float) -> tuple[int, ...]:
    """Choose the lower ends of the classes above none, by threes and tens."""
    for bounds in (
        (1, 2, 3, 5, 10),
        (1, 3, 10, 20, 50),
        (1, 5, 20, 50, 200),
        (1, 10, 50, 200, 500),
    ):
        if highest < 2.5 * bounds[-1]:
            return bounds
    return (1, 10, 100, 1000, 10_000)


def _class(value: float, bounds: tuple[int, ...]) -> int:
    return sum(value >= bound for bound in bounds)


def _swatches(bounds: tuple[int, ...]) -> tuple[Swatch, ...]:
    ends: list[Any] = [whole(b) for b in bounds]
    names = [say("none recorded")]
    for n, low in enumerate(bounds):
        if n == len(bounds) - 1:
            names.append(say("{number} and more", number=ends[n]))
        elif bounds[n + 1] - low == 1:
            names.append(ends[n])
        else:
            names.append(f"{ends[n]}–{whole(bounds[n + 1] - 1)}")
    return tuple(Swatch(colour, name) for colour, name in zip(_COLOURS, names, strict=True))
