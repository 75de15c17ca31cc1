"""States and regions as maps: colours that tell neighbours apart, and names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry import box
from shapely.ops import polylabel

from vallum.brief import layers_draw, look, map_borders
from vallum.brief.language import named, of_stage, say
from vallum.brief.layers_card import Card, Swatch
from vallum.brief.layers_draw import Name
from vallum.brief.layers_reduce import block_mode, factor
from vallum.brief.page_text import area, listed

if TYPE_CHECKING:
    from bokeh.plotting import figure
    from numpy.typing import NDArray

    from vallum.theatre import Theatre

__all__ = ["apart", "parts", "whose_cells"]

_MEMBERS = tuple(look.fade(look.KINDS[n], 0.62) for n in (1, 5, 2, 3, 4, 6))
_OTHERS = tuple(look.fade(look.MUTE, share) for share in (0.3, 0.4, 0.2, 0.5))
_DISPUTED, _PARTNER = look.fade(look.COST, 0.35), look.fade(look.PARTNER, 0.45)
_REGIONS = tuple(look.fade(look.CLASSES[n], 0.75) for n in (2, 0, 1, 6, 5, 3, 4))


def whose_cells(theatre: Theatre) -> Card:
    """Draw the states: members in full colours, others in greys that differ between neighbours."""
    states = theatre.ground["state"].to_numpy().astype(np.int64)
    order = [str(iso3) for iso3 in theatre.countries.index]
    role = theatre.countries["role"].astype(str).tolist()
    names = called(theatre)
    tint = apart(states, len(_OTHERS))
    own = {iso3: _MEMBERS[n % len(_MEMBERS)] for n, iso3 in enumerate(theatre.members)}
    colours = [layers_draw.SEA]
    for code, iso3 in enumerate(order):
        of_role = {"disputed": _DISPUTED, "partner": _PARTNER}
        colours.append(own.get(iso3) or of_role.get(role[code]) or _OTHERS[tint.get(code, 0)])
    side = factor(theatre.grid)
    small = block_mode(states, side)
    p = layers_draw.start(theatre, (small + 1).astype(np.uint8), colours, side)
    frame = _whole(theatre)
    rows = sorted(map_borders.names(theatre, frame), key=lambda row: row["kind"] != "member")
    layers_draw.names(
        p,
        theatre,
        [
            Name(row["x"], row["y"], _on_map(row["name"]), bold=row["kind"] == "member",
                 size=14.0 if row["kind"] == "member" else 11.0)
            for row in rows if row["kind"] != "sea"
        ],
    )  # fmt: skip
    swatches = [
        Swatch(
            colours[code + 1], names[code], "" if role[code] == "disputed" else of_stage(role[code])
        )
        for code in range(len(order))
        if role[code] in ("member", "partner", "disputed")
    ]
    seen = set(np.unique(states).tolist())
    rest = [names[c] for c in range(len(order)) if role[c] not in ("member", "partner", "disputed")
            and c in seen]  # fmt: skip
    if rest:
        swatches.append(Swatch(_OTHERS[0], say("other states shown"), listed(rest, most=99)))
    sizes = []
    for iso3 in theatre.members:
        cells = float(theatre.state_mask(iso3).sum())
        sizes.append(f"{names[theatre.code(iso3)]} {area(cells * theatre.grid.cell_km2)}")
    return Card(
        "state", "", "", "",
        figure=layers_draw.finish(p),
        swatches=tuple(swatches),
        figures=say("Members on the grid: {sizes}.", sizes=", ".join(sizes)) if sizes else "",
        labels=(say("sea, or beyond the states shown"), *names),
    )  # fmt: skip


def parts(theatre: Theatre) -> Card:
    """Draw the members' regions with their names."""
    codes = theatre.ground["region"].to_numpy().astype(np.int64)
    table = theatre.regions.reset_index(drop=True)
    own = np.flatnonzero(table["iso3"].isin(theatre.members).to_numpy())
    mine = np.isin(codes, own)
    tint = apart(np.where(mine, codes, -1), len(_REGIONS))
    side = factor(theatre.grid)
    small = block_mode(codes, side)
    number = np.ones(max(len(table), 1) + 1, np.uint8)
    number[0] = 0
    for code in own.tolist():
        number[code + 1] = 2 + tint.get(code, 0)
    colours = (layers_draw.SEA, layers_draw.LAND, *_REGIONS)
    p = layers_draw.start(theatre, number[small + 1], colours, side)
    rims = table.geometry.iloc[own].boundary
    if len(rims):
        window = box(*theatre.grid.bounds)
        lines = map_borders.runs(shapely.union_all(rims.to_numpy()), window)
        p.multi_line(lines.xs, lines.ys, line_color=look.SOFT, line_width=0.6, line_alpha=0.6)
    _region_names(p, theatre, own)
    names = []
    for iso3, state in zip(theatre.members, _members(theatre), strict=True):
        inside = sorted(named(str(name)) for name in table["name"][table["iso3"] == iso3])
        names.append(say("{state}: {parts}.", state=state, parts=listed(inside, most=99)))
    return Card(
        "region", "", "", "",
        figure=layers_draw.finish(p),
        swatches=(Swatch(layers_draw.LAND, say("other states")),),
        figures=" ".join([say("{number} regions in the members.", number=len(own)), *names]),
    )  # fmt: skip


def apart(codes: NDArray[np.int64], most: int) -> dict[int, int]:
    """Give units numbers that differ between neighbours on the grid, as far as `most` go.

    Parameters
    ----------
    codes
        The unit of each cell; negative for none.
    most
        How many numbers there are.

    Returns
    -------
    dict
        Number of each unit, from 0.

    Examples
    --------
    >>> apart(np.array([[0, 1, 2], [-1, 1, 0]]), 3)
    {0: 0, 1: 1, 2: 2}
    """
    pairs = np.vstack(
        [
            np.column_stack([codes[:, :-1].ravel(), codes[:, 1:].ravel()]),
            np.column_stack([codes[:-1].ravel(), codes[1:].ravel()]),
            np.column_stack([codes[:-1, :-1].ravel(), codes[1:, 1:].ravel()]),
        ]
    )
    met = pairs[(pairs[:, 0] != pairs[:, 1]) & (pairs >= 0).all(axis=1)]
    beside: dict[int, set[int]] = {int(n): set() for n in np.unique(codes) if n >= 0}
    for a, b in np.unique(met, axis=0).tolist():
        beside[a].add(b)
        beside[b].add(a)
    given: dict[int, int] = {}
    for unit in sorted(beside, key=lambda n: (-len(beside[n]), n)):
        taken = [given[other] for other in beside[unit] if other in given]
        given[unit] = min(range(most), key=lambda n: (taken.count(n), n))
    return dict(sorted(given.items()))


def called(theatre: Theatre) -> list[str]:
    """Name the states in the order of their codes."""
    return [named(str(name)) for name in theatre.countries["name"]]


def _on_map(name: str) -> str:
    """Name a state on one line, each line of its name in the language where it is known."""
    return " ".join(named(part) for part in name.split("\n"))


def _members(theatre: Theatre) -> list[str]:
    names = called(theatre)
    return [names[theatre.code(iso3)] for iso3 in theatre.members]


def _whole(theatre: Theatre) -> map_borders.View:
    west, south, east, north = (part / 1000.0 for part in theatre.grid.bounds)
    return map_borders.View(west, south, east, north)


def _region_names(p: figure, theatre: Theatre, own: NDArray[np.int64]) -> None:
    """Write the members' regions' names, the largest first."""
    window = box(*theatre.grid.bounds)
    rows = []
    for name, geometry in zip(
        theatre.regions["name"].iloc[own], theatre.regions.geometry.iloc[own], strict=True
    ):
        seen = shapely.get_parts(shapely.intersection(geometry, window))
        largest = max(
            (s for s in seen if s.geom_type == "Polygon"), key=lambda s: s.area, default=None
        )
        if largest is None or largest.is_empty:
            continue
        middle = polylabel(shapely.simplify(largest, 3000.0), tolerance=5000.0)
        rows.append(
            (largest.area, Name(middle.x / 1000.0, middle.y / 1000.0, named(str(name)), size=10.0))
        )
    rows.sort(key=lambda row: -row[0])
    layers_draw.names(p, theatre, [name for _, name in rows])
