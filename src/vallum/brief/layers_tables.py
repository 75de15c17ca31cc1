"""The tables that lie on the ground as maps: settlements, sites, routes, rivers, crossings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from bokeh.models import ColumnDataSource, HoverTool
from shapely.geometry import box

from vallum.brief import layers_draw, layers_words, look, map_borders
from vallum.brief.language import named, of_stage, say
from vallum.brief.layers_card import MARKERS, Card, Swatch
from vallum.brief.layers_draw import Name
from vallum.brief.layers_reduce import block_mode, factor
from vallum.brief.page_text import count, plain, whole

if TYPE_CHECKING:
    import geopandas as gpd
    from bokeh.plotting import figure

    from vallum.theatre import Theatre

__all__ = ["backdrop", "crossings", "rivers", "routes", "settlements", "sites", "table_card"]

_MOST_POINTS = 10_000
_THINNEST, _LEAST = 2.4, 20_000  # the least disc, in pixels, and for how many people it stands
_DOT, _RIVER = look.INSIDE, look.RIVER
_KINDS = look.KINDS
_ROADS: dict[int, dict[str, Any]] = {
    1: {"line_color": look.KINDS[1], "line_width": 1.6, "line_dash": [4, 3]},
    2: {"line_color": look.KINDS[4], "line_width": 2.0},
    3: {"line_color": look.ROAD, "line_width": 3.0},
}
_RAIL: dict[str, Any] = {"line_color": look.RAIL, "line_width": 2.4, "line_dash": [9, 3]}
_OTHER: dict[str, Any] = {"line_color": look.KINDS[2], "line_width": 2.0, "line_dash": [2, 3]}


def backdrop(theatre: Theatre) -> figure:
    """Start a map with plain land: members lightest, disputed land darker."""
    codes = theatre.ground["state"].to_numpy().astype(np.int64)
    kind = np.zeros(len(theatre.countries) + 1, np.uint8)
    for code, (iso3, role) in enumerate(theatre.countries["role"].astype(str).items()):
        own = 2 if str(iso3) in theatre.members else 1
        kind[code + 1] = 3 if role == "disputed" else own
    side = factor(theatre.grid)
    colours = (layers_draw.SEA, layers_draw.LAND, layers_draw.MEMBER, layers_draw.DISPUTED)
    return layers_draw.start(theatre, kind[block_mode(codes, side) + 1], colours, side)


def settlements(theatre: Theatre) -> Card:
    """Draw settlements as discs whose area grows with their people."""
    table = _placed(theatre.settlements)
    table = table.sort_values(["people", "name"], ascending=[False, True], kind="stable")
    notes = []
    if len(table) > _MOST_POINTS:
        notes.append(
            say(
                "The {most} largest of {all} are drawn.",
                most=whole(_MOST_POINTS),
                all=whole(len(table)),
            )
        )
    guessed = int(table["imputed"].sum()) if "imputed" in table else 0
    if guessed:
        notes.append(
            say(
                "The people of {number} of them are not known and were filled in.",
                number=whole(guessed),
            )
        )
    shown = table.head(_MOST_POINTS)
    p = backdrop(theatre)
    people = shown["people"].to_numpy(dtype=np.float64)
    size = np.maximum(_THINNEST, _disc(people)).round(1)
    dots = p.scatter(
        "x", "y", size="size", fill_color=_DOT, fill_alpha=0.55, line_color=look.SHEET,
        line_width=0.5, name="points",
        source=ColumnDataSource({
            **_xy(shown), "size": size.tolist(), "name": [named(str(n)) for n in shown["name"]],
            "people": [whole(float(v)) for v in people],
        }),
    )  # fmt: skip
    _tip(p, dots, [(say("Town"), "@name"), (say("People"), "@people")])
    own = shown[shown["iso3"].isin(theatre.members)]
    most = [*own.head(9).index, *shown.head(6).index]
    largest_few = shown.loc[list(dict.fromkeys(most))]
    layers_draw.names(p, theatre, [
        Name(point.x / 1000.0, point.y / 1000.0, named(str(name)), size=10.5, dot=True)
        for name, point in zip(largest_few["name"], largest_few.geometry, strict=True)
    ])  # fmt: skip
    largest = float(people.max()) if len(people) else 0.0
    steps = [v for v in (3e6, 1e6, 3e5, 1e5) if v <= largest]
    discs = [
        Swatch(_DOT, whole(v), shape="circle", width=float(_disc(np.array([v]))[0])) for v in steps
    ]
    least = Swatch(
        _DOT, say("{number} and fewer", number=whole(_LEAST)), shape="circle", width=_THINNEST
    )
    swatches = (*discs, least) if len(table) else ()
    mine = table[table["iso3"].isin(theatre.members)]
    told = say(
        "{own} in the members, with {people} people; {all} in all.",
        own=whole(len(mine)),
        people=count(float(mine["people"].sum())),
        all=whole(len(table)),
    )
    return table_card(
        theatre, "settlements", (say("Settlements"), say("A disc’s area grows with its people.")),
        p,
        swatches=swatches,
        legend_title=say("People"),
        figures=told if len(table) else "",
        notes=notes,
    )  # fmt: skip


def sites(theatre: Theatre) -> Card:
    """Draw sites, a marker for each kind."""
    return _kinds(
        theatre, "sites",
        (say("Sites"), say("Mines, ports, dams, heritage and the like, by kind.")),
        [(say("Site"), "@name"), (say("Kind"), "@kind")],
    )  # fmt: skip


def crossings(theatre: Theatre) -> Card:
    """Draw crossings of borders by kind."""
    return _kinds(
        theatre, "crossings",
        (say("Crossings"), say("Where roads, rails and ferries cross borders.")),
        [(say("Crossing"), "@name"), (say("Kind"), "@kind")],
    )  # fmt: skip


def routes(theatre: Theatre) -> Card:
    """Draw roads by class, and railways."""
    table = _placed(theatre.routes)
    called = _road_names(theatre)
    p = backdrop(theatre)
    window = box(*theatre.grid.bounds)
    swatches = []
    for kind, level in sorted({(str(k), int(c)) for k, c in
                               zip(table["kind"], table["road_class"], strict=True)}):  # fmt: skip
        rows = table[(table["kind"] == kind) & (table["road_class"] == level)]
        look = _ROADS.get(level, _OTHER) if kind == "road" else _RAIL if kind == "rail" else _OTHER
        union = rows.geometry.union_all()
        lines = map_borders.runs(union, window)
        p.multi_line(lines.xs, lines.ys, line_join="round", **look)
        name = _road(called.get(level), level) if kind == "road" else of_stage(kind)
        swatches.append(
            Swatch(
                look["line_color"], name, f"{plain(_own_km(theatre, union), 3)} km", "line",
                look["line_width"], " ".join(str(n) for n in look.get("line_dash", [])),
            )
        )  # fmt: skip
    return table_card(
        theatre, "routes", (say("Routes"), say("Main roads by class, and railways.")),
        p, swatches=tuple(swatches), legend_title=say("Kind, and its length in the members"),
        figures=say("{number} routes.", number=whole(len(table))) if len(table) else "",
    )  # fmt: skip


def rivers(theatre: Theatre) -> Card:
    """Draw rivers with their names."""
    table = _placed(theatre.rivers)
    p = backdrop(theatre)
    window = box(*theatre.grid.bounds)
    lines = map_borders.runs(table.geometry.union_all(), window)
    p.multi_line(lines.xs, lines.ys, line_color=_RIVER, line_width=1.8, line_join="round")
    wanted = []
    for river in sorted({str(n) for n in table["river"]}):
        union = table.geometry[table["river"] == river].union_all()
        seen = shapely.intersection(shapely.line_merge(union), window)
        pieces = [part for part in shapely.get_parts(seen) if part.geom_type == "LineString"]
        if pieces:
            longest = max(pieces, key=lambda part: part.length)
            middle = longest.interpolate(0.5, normalized=True)
            name = Name(middle.x / 1000.0, middle.y / 1000.0, _river(river), size=10.5, dot=True)
            wanted.append((longest.length, name))
    wanted.sort(key=lambda row: -row[0])
    layers_draw.names(p, theatre, [name for _, name in wanted], colour=look.SEA_INK)
    told = say(
        "{number} rivers, {own} km in the members or on their borders.",
        number=len(wanted),
        own=plain(_own_km(theatre, table.geometry.union_all()), 3),
    )
    return table_card(
        theatre, "rivers", (say("Rivers"), say("The rivers that the theatre counts.")), p,
        swatches=(Swatch(_RIVER, say("river"), shape="line", width=1.8),) if len(table) else (),
        figures=told if len(table) else "",
    )  # fmt: skip


def table_card(  # noqa: PLR0913  (a card has as many parts)
    theatre: Theatre,
    name: str,
    words: tuple[str, str],
    p: figure,
    *,
    swatches: tuple[Swatch, ...] = (),
    legend_title: str = "",
    figures: str = "",
    notes: list[str] | tuple[str, ...] = (),
) -> Card:
    """Make a card of a table's map, and say where the table is empty."""
    empty = not swatches and not figures
    return Card(
        name=name,
        title=words[0],
        text=words[1],
        said="",
        figure=layers_draw.finish(p),
        swatches=swatches,
        legend_title=legend_title,
        figures=figures,
        notes=(say("None in this theatre: the map is empty."),) if empty else tuple(notes),
        treatments=tuple(layers_words.treatments(name, "", theatre.sources)),
    )


def _kinds(
    theatre: Theatre, name: str, words: tuple[str, str], tips: list[tuple[str, str]]
) -> Card:
    """Draw points with a marker and a colour for each kind."""
    table = _placed(getattr(theatre, name))
    p = backdrop(theatre)
    swatches = []
    kinds = table["kind"].astype(str)
    often = kinds.value_counts()
    for n, kind in enumerate(sorted(set(kinds), key=lambda kind: (-int(often[kind]), kind))):
        rows = table[kinds == kind]
        marker = MARKERS[n % len(MARKERS)]
        colour = _KINDS[(n + n // len(MARKERS)) % len(_KINDS)]
        dots = p.scatter(
            "x", "y", marker=marker, size=9, fill_color=colour, fill_alpha=0.9,
            line_color=look.SHEET, line_width=0.8, name="points",
            source=ColumnDataSource({
                **_xy(rows), "name": [of_stage(str(v)) for v in rows["name"]],
                "kind": [of_stage(kind)] * len(rows),
            }),
        )  # fmt: skip
        _tip(p, dots, tips)
        swatches.append(Swatch(colour, of_stage(kind), str(len(rows)), marker))
    return table_card(
        theatre, name, words, p, swatches=tuple(swatches), legend_title=say("Kind, and how many"),
        figures=say("{number} in all.", number=whole(len(table))) if len(table) else "",
    )  # fmt: skip


def _placed(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave out rows without a place."""
    return table[table.geometry.notna() & ~table.geometry.is_empty]


def _xy(table: gpd.GeoDataFrame) -> dict[str, list[float]]:
    """Give points in km, to 100 m."""
    points = shapely.get_coordinates(table.geometry.to_numpy()) / 1000.0
    return {"x": points[:, 0].round(1).tolist(), "y": points[:, 1].round(1).tolist()}


def _disc(people: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Give the diameter in pixels of a disc for so many people."""
    return np.asarray(17.0 * np.sqrt(np.maximum(people, 0.0) / 1e6))


def _tip(p: figure, glyph: Any, tips: list[tuple[str, str]]) -> None:  # noqa: ANN401  (of Bokeh)
    p.add_tools(HoverTool(renderers=[glyph], tooltips=tips, visible=False))


def _own_km(theatre: Theatre, lines: Any) -> float:  # noqa: ANN401  (any geometry)
    """Measure lines within the members, borders included."""
    table = theatre.borders
    own = table[table["iso3"].isin(theatre.members)].geometry.buffer(1500.0).union_all()
    return float(shapely.intersection(lines, own).length) / 1000.0


def _road_names(theatre: Theatre) -> dict[int, str]:
    """Name the classes of roads as the ground does."""
    attrs = theatre.ground["road"].attrs if "road" in theatre.ground else {}
    if not {"flag_values", "flag_meanings"} <= set(attrs):
        return {}
    values = [int(v) for v in attrs["flag_values"]]
    return dict(zip(values, str(attrs["flag_meanings"]).split(), strict=False))


def _road(called: str | None, level: int) -> str:
    """Name a class of roads."""
    known = {"trunk": say("trunk road"), "primary": say("primary road"), "track": say("track")}
    if called in known:
        return known[called]
    if called is None:
        return say("road of class {level}", level=level)
    return say("{kind} road", kind=called)


def _river(name: str) -> str:
    """Name a river; two of one name are told apart by their basin."""
    own, _, basin = name.partition(" (")
    return f"{named(own)} ({of_stage(basin)}" if basin else named(own)
