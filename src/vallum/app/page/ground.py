"""The map's figure, which every browser draws by itself: ground, and empty layers above it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from bokeh.models import ColumnDataSource, Image, LinearColorMapper
from pyproj import Transformer

from vallum.brief import look, map_rim
from vallum.brief import map as brief_map
from vallum.brief.page_bundle import figure_json

if TYPE_CHECKING:
    from bokeh.plotting import figure

    from vallum.kernel.grid import Grid
    from vallum.theatre import Theatre

__all__ = ["drawing", "km_of", "legend", "lonlat_of", "towns"]

_CLEAR = "#ffffff00"
_HELD = look.INSIDE + "4d"  # with three tenths of its strength, so that the ground is seen
_DRAWN = look.OTHER + "40"
_MOST_TOWNS = 1500


def drawing(theatre: Theatre) -> str:
    """Draw the map, once for a theatre.

    Parameters
    ----------
    theatre
        To draw.

    Returns
    -------
    str
        JSON for `Bokeh.embed.embed_item`, coordinates in km of the grid. Sources named `held`
        (image `entry`, whose mapper `reach` says up to which step), `scored`, `line`, `drawn`,
        `points`, `sides`, `places` are the page's to fill.
    """
    shape = theatre.ground["state"].shape

    def below(p: figure) -> None:
        _held(p, theatre.grid, shape)

    return json.dumps(figure_json(brief_map.ground(theatre, below, _above), "map"))


def legend(theatre: Theatre) -> tuple[str, str]:
    """Write the signs of the map, and its margin: projection, north and sources.

    Returns
    -------
    tuple of str
        HTML, escaped.
    """
    return str(map_rim.signs()), str(map_rim.note(theatre))


def towns(theatre: Theatre) -> tuple[str, ...]:
    """Name the members' states, regions and largest settlements, for the list that completes."""
    table = theatre.settlements
    own = table[table["iso3"].isin(theatre.members)].sort_values(
        ["people", "geonameid"], ascending=[False, True]
    )
    regions = theatre.regions[theatre.regions["iso3"].isin(theatre.members)]
    names = [*own["name"].head(_MOST_TOWNS), *regions["name"]]
    return tuple(dict.fromkeys(str(name) for name in names))


def lonlat_of(theatre: Theatre, km: Any) -> list[tuple[float, float]]:  # noqa: ANN401
    """Turn points in km of the grid into longitude and latitude, to some ten metres.

    Parameters
    ----------
    theatre
        Whose grid it is.
    km
        Shape (n, 2).
    """
    points = np.asarray(km, float).reshape(-1, 2) * 1000.0
    to_degrees = Transformer.from_crs(theatre.grid.crs, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(points[:, 0], points[:, 1])
    return [(round(float(a), 4), round(float(b), 4)) for a, b in zip(lon, lat, strict=True)]


def km_of(theatre: Theatre, lonlat: Any) -> list[tuple[float, float]]:  # noqa: ANN401
    """Turn longitude and latitude into km of the grid; shape (n, 2)."""
    points = np.asarray(lonlat, float).reshape(-1, 2)
    to_metres = Transformer.from_crs("EPSG:4326", theatre.grid.crs, always_xy=True)
    x, y = to_metres.transform(points[:, 0], points[:, 1])
    return [
        (round(float(a) / 1000.0, 3), round(float(b) / 1000.0, 3))
        for a, b in zip(x, y, strict=True)
    ]


def _held(p: figure, grid: Grid, shape: tuple[int, ...]) -> None:
    """Add the images of held land, and of what somebody drew."""
    west, south, east, north = (part / 1000.0 for part in grid.bounds)
    place = {"x": [west], "y": [south], "dw": [east - west], "dh": [north - south]}
    for name, colour in (("entry", _HELD), ("scored", _DRAWN)):
        nothing = np.full(shape, -1, np.int16)
        source = ColumnDataSource({"image": [nothing], **place}, name=name)
        mapper = LinearColorMapper(
            palette=[colour, colour], low=-0.5, high=0.5, low_color=_CLEAR, high_color=_CLEAR,
            nan_color=_CLEAR, name=f"{name}-reach",
        )  # fmt: skip
        glyph = Image(image="image", x="x", y="y", dw="dw", dh="dh", color_mapper=mapper)
        p.add_glyph(source, glyph)


def _above(p: figure) -> None:
    """Add the line, and what people put on the map: lines, points, sides and places."""
    line = ColumnDataSource({"xs": [], "ys": []}, name="line")
    drawn = ColumnDataSource({"xs": [], "ys": []}, name="drawn")
    for source, colour, width, casing in (
        (line, look.LINE, look.STROKES["line"], look.STROKES["casing"]),
        (drawn, look.OTHER, look.STROKES["bold"], look.STROKES["bold"] + 3.0),
    ):
        for stroke, wide in ((look.SHEET, casing), (colour, width)):
            p.multi_line(
                "xs", "ys", source=source, line_color=stroke, line_width=wide, line_join="round",
                line_cap="round",
            )  # fmt: skip
    points = ColumnDataSource({"x": [], "y": []}, name="points")
    p.scatter("x", "y", source=points, size=9, fill_color=look.SHEET, line_color=look.OTHER,
              line_width=2)  # fmt: skip
    sides = ColumnDataSource({"x": [], "y": []}, name="sides")
    p.scatter("x", "y", source=sides, size=13, marker="inverted_triangle", fill_color=look.OTHER,
              line_color=look.SHEET, line_width=1.4)  # fmt: skip
    places = ColumnDataSource({"x": [], "y": []}, name="places")
    p.scatter("x", "y", source=places, size=15, marker="star", fill_color=look.MARK,
              line_color=look.INK, line_width=1.2)  # fmt: skip
