"""Lines of the ground: rivers by their length, roads by class, railways, borders with casings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shapely.geometry import box

from vallum.brief import look, map_borders

if TYPE_CHECKING:
    import shapely
    from bokeh.plotting import figure

    from vallum.brief.map_borders import Lines
    from vallum.theatre import Theatre

__all__ = ["ROADS", "draw"]

_GREAT_KM = 900.0  # rivers of this length are drawn wider
# From track to trunk road: casing and stroke
ROADS: dict[int, tuple[dict[str, Any], ...]] = {
    1: ({"line_color": look.ROAD, "line_width": 0.8, "line_dash": [4, 3], "line_alpha": 0.9},),
    2: (
        {"line_color": look.SHEET, "line_width": 2.2, "line_alpha": 0.6},
        {"line_color": look.ROAD, "line_width": 0.9},
    ),
    3: (
        {"line_color": look.SHEET, "line_width": 3.0, "line_alpha": 0.7},
        {"line_color": look.ROAD, "line_width": 1.5},
    ),
}
_RAIL: tuple[dict[str, Any], ...] = (
    {"line_color": look.RAIL, "line_width": 0.7},
    {"line_color": look.RAIL, "line_width": 3.0, "line_dash": [1, 6]},  # its sleepers
)
_BORDERS: dict[str, tuple[dict[str, Any], ...]] = {
    "coast": ({"line_color": look.COAST, "line_width": look.STROKES["thin"]},),
    "settled": (
        {"line_color": look.SHEET, "line_width": 3.4, "line_alpha": 0.75},
        {"line_color": look.QUIET, "line_width": 1.2},
    ),
    "members": ({"line_color": look.SOFT, "line_width": look.STROKES["mid"]},),
    "disputed": (
        {"line_color": look.SHEET, "line_width": 3.4, "line_alpha": 0.75},
        {"line_color": look.QUIET, "line_width": 1.3, "line_dash": [5, 4]},
    ),
}


def draw(p: figure, theatre: Theatre) -> shapely.Geometry:
    """Draw the lines of the ground.

    Parameters
    ----------
    p
        The map, in km.
    theatre
        To draw.

    Returns
    -------
    shapely.Geometry
        What names had better not lie on: rivers and borders, in km.
    """
    window = box(*theatre.grid.bounds)
    lengths = theatre.rivers.geometry.length.groupby(theatre.rivers["river"]).sum() / 1000.0
    great = theatre.rivers["river"].map(lengths) >= _GREAT_KM
    avoid: list[Lines] = []
    for rows, wide in ((~great, 1.0), (great, 1.9)):
        run = map_borders.runs(theatre.rivers.geometry[rows].union_all(), window)
        _strokes(p, run, ({"line_color": look.RIVER, "line_width": wide},))
        avoid.append(run)
    for kind, strokes in ROADS.items():
        rows = (theatre.routes["kind"] == "road") & (theatre.routes["road_class"] == kind)
        _strokes(p, map_borders.runs(theatre.routes.geometry[rows].union_all(), window), strokes)
    rails = theatre.routes.geometry[theatre.routes["kind"] == "rail"].union_all()
    _strokes(p, map_borders.runs(rails, window), _RAIL)
    settled, disputed, coast = map_borders.borders(theatre)
    members = map_borders.members(theatre)
    for name, run in (
        ("coast", coast), ("settled", settled), ("members", members), ("disputed", disputed),
    ):  # fmt: skip
        _strokes(p, run, _BORDERS[name])
        avoid.append(run)
    return map_borders.as_lines(*avoid)


def _strokes(p: figure, lines: Lines, strokes: tuple[dict[str, Any], ...]) -> None:
    """Draw lines, the casing first; nothing where there are none."""
    for stroke in strokes if lines.xs else ():
        p.multi_line(xs=lines.xs, ys=lines.ys, line_join="round", **stroke)
