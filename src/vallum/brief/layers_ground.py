"""The layers of the ground as maps: classes, yes or no, amounts and numbers, each in its way."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from vallum.brief import layers_draw, layers_scale, layers_words, look
from vallum.brief.language import say
from vallum.brief.layers_card import Card, Swatch
from vallum.brief.layers_reduce import block_any, block_max, block_mean, block_mode, factor
from vallum.brief.layers_units import parts, whose_cells
from vallum.brief.page_text import THIN, amount, count, percent, plain

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from vallum.brief.layers_scale import Bar
    from vallum.theatre import Theatre

__all__ = ["card", "reduced_note"]

_NODATA, _NONE = look.EDGE, look.WASH
_YES = {
    "coast": look.INSIDE, "river": look.INSIDE, "rail": look.RAIL, "disputed": look.KINDS[1],
}  # fmt: skip
_ADDED_UP = frozenset({"people", "usd", "usd/yr", "usd_yr", "events", "deaths"})
_HIGHEST = frozenset({"road"})  # a class that a thin line gives; the mode would lose it


@dataclass(frozen=True, eq=False)
class _Cells:
    """What a map shows: a colour's number for each block, and what goes beside it."""

    index: NDArray[np.uint8]
    colours: tuple[str, ...]
    labels: tuple[str, ...]
    swatches: tuple[Swatch, ...] = ()
    bar: Bar | None = None
    figures: str = ""
    notes: tuple[str, ...] = ()


def card(theatre: Theatre, name: str) -> Card:
    """Draw one layer of the ground.

    Parameters
    ----------
    theatre
        With the layer.
    name
        Of the layer; one that is not known here is drawn by what it says of itself.

    Returns
    -------
    Card
        Its map, legend, figures and sources.
    """
    layer = theatre.ground[name]
    said = str(layer.attrs.get("long_name", ""))
    source = str(layer.attrs.get("source", ""))
    if name == "state":
        return _described(theatre, whose_cells(theatre), name)
    if name == "region":
        return _described(theatre, parts(theatre), name)
    if layer.dtype == np.bool_:
        cells = _yes_or_no(theatre, name, layer)
    elif "flag_values" in layer.attrs and "flag_meanings" in layer.attrs:
        cells = _classes(theatre, name, layer)
    else:
        cells = _numbers(theatre, layer)
    side = factor(theatre.grid)
    title, text = layers_words.caption(name, said)
    return Card(
        name=name,
        title=title,
        text=text,
        said=said,
        figure=layers_draw.finish(layers_draw.start(theatre, cells.index, cells.colours, side)),
        swatches=cells.swatches,
        bar=cells.bar,
        figures=cells.figures,
        notes=cells.notes,
        source=source,
        treatments=tuple(layers_words.treatments(name, source, theatre.sources)),
        labels=cells.labels,
    )


def reduced_note(theatre: Theatre, how: str) -> tuple[str, ...]:
    """Say that blocks are drawn and not cells, where they are."""
    side = factor(theatre.grid)
    if side == 1:
        return ()
    long = layers_words.km(side * theatre.grid.cell_km)
    return (
        say(
            "Drawn in blocks of {side} × {side} cells ({long} km): {how}.",
            side=side,
            long=long,
            how=how,
        ),
    )


def _beyond() -> str:
    return say("sea, or beyond the states shown")


def _described(theatre: Theatre, made: Card, name: str) -> Card:
    """Add words and sources to a card of units."""
    attrs = theatre.ground[name].attrs
    source = str(attrs.get("source", ""))
    title, text = layers_words.caption(name, str(attrs.get("long_name", "")))
    return replace(
        made,
        title=title,
        text=text,
        said=str(attrs.get("long_name", "")),
        notes=made.notes + reduced_note(theatre, say("each shows what most of its cells are")),
        source=source,
        treatments=tuple(layers_words.treatments(name, source, theatre.sources)),
    )


def _yes_or_no(theatre: Theatre, name: str, layer: xr.DataArray) -> _Cells:
    """Mark the cells that are so."""
    marked, side = layer.to_numpy(), factor(theatre.grid)
    land = block_any(theatre.ground["state"].to_numpy() >= 0, side)
    index = np.where(block_any(marked, side), 2, land).astype(np.uint8)
    of = _share(theatre, marked)
    colour = _YES.get(name, look.LOSS)
    swatches = (Swatch(colour, say("yes")), Swatch(_NONE, say("no")))
    notes = () if marked.any() else (say("No cell of this theatre is so: the map is empty."),)
    return _Cells(
        index,
        (layers_draw.SEA, _NONE, colour),
        (_beyond(), say("no"), say("yes")),
        swatches,
        figures=say("So in {share} of the members’ cells.", share=percent(of))
        if of
        else say("So in none of the members’ cells."),
        notes=notes + reduced_note(theatre, say("marked where any cell is")),
    )


def _classes(theatre: Theatre, name: str, layer: xr.DataArray) -> _Cells:
    """Give each class that occurs a colour."""
    values, side = layer.to_numpy().astype(np.int64), factor(theatre.grid)
    codes = [int(code) for code in np.atleast_1d(np.asarray(layer.attrs["flag_values"]))]
    meanings = str(layer.attrs["flag_meanings"]).split()
    called = dict(zip(codes, meanings, strict=False))
    present = [int(code) for code in np.unique(values)]
    highest = name in _HIGHEST
    small = (block_max if highest else block_mode)(values, side)
    sea = (theatre.ground["state"].to_numpy() < 0).astype(np.int64)
    beyond = block_mode(sea, side) == 1
    spare = iter(_spare([called.get(code, "") for code in present]))
    colours = [layers_draw.SEA]
    labels = [_beyond()]
    swatches, shares = [], []
    first = codes[0] if codes else None
    beyond &= small == first  # the sea is no class of the land's
    index = np.zeros(small.shape, np.uint8)
    for n, code in enumerate(present[:254], start=1):
        meaning = called.get(code, "")
        colour = look.MEANT.get(meaning) or next(spare)
        shown = (
            layers_words.class_name(meaning)
            if meaning
            else say("class {code}, without a name", code=code)
        )
        colours.append(colour)
        labels.append(shown)
        drawn = (small == code) & ~beyond
        index[drawn] = n
        share = _share(theatre, values == code)
        shares.append((share, shown))
        more = percent(share) if share > 0 else say("not in the members")
        if drawn.any():
            swatches.append(Swatch(colour, shown, more))
    top = sorted(shares, key=lambda row: -row[0])
    alone = len(present) == 1
    return _Cells(
        index,
        tuple(colours),
        tuple(labels),
        tuple(swatches),
        figures=_told(top),
        notes=((say("Every cell is of one class: {name}.", name=labels[1]),) if alone else ())
        + reduced_note(
            theatre,
            say("each shows its highest class")
            if highest
            else say("each shows what most of its cells are"),
        ),
    )


def _numbers(theatre: Theatre, layer: xr.DataArray) -> _Cells:
    """Lay numbers out on a colour bar: amounts per km² by powers of ten, others evenly."""
    values = layer.to_numpy().astype(np.float64)
    units = str(layer.attrs.get("units", ""))
    adds_up = units.lower() in _ADDED_UP
    side, grid = factor(theatre.grid), theatre.grid
    land = theatre.ground["state"].to_numpy() >= 0
    outside = ~land & (~np.isfinite(values) | (values == 0))
    if adds_up:
        # the sea beside a town is part of the block's area, as it is of the cell's
        small = block_mean(values, side) / grid.cell_km2
        unit = say("{unit} per km²", unit=layers_words.unit(units))
        bar = layers_scale.logarithmic(small, unit)
        how = say("the sum of each divided by its area")
    else:
        small = block_mean(np.where(outside, np.nan, values), side)
        unit = layers_words.unit(units)
        bar = layers_scale.linear(small, unit)
        how = say("the mean of each block’s cells")
    empty = ~block_any(~outside, side)
    zero = (small == 0) & adds_up
    known = values[theatre.member_mask & np.isfinite(values)]
    shown = small[~empty]
    colours: tuple[str, ...] = (layers_draw.SEA, _NODATA, _NONE)
    labels: tuple[str, ...] = (_beyond(), say("no data"), say("none"))
    notes: tuple[str, ...] = ()
    swatches = []
    if bar is None:
        notes = _one_value(shown, unit, known_anywhere=bool(np.isfinite(values).any()))
        index = np.where(np.isfinite(small) & ~zero, 3, np.where(zero, 2, 1))
        colours, labels = (*colours, look.CLASSES[5]), (*labels, say("the one value"))
        if (index[~empty] == 3).any():
            swatches.append(Swatch(look.CLASSES[5], say("the one value")))
    else:
        index = np.where(bar.level >= 0, bar.level + 3, np.where(zero, 2, 1))
        colours, labels = colours + bar.colours, labels + bar.labels
    index = np.where(empty, 0, index)
    if (index == 2).any():
        swatches.append(Swatch(_NONE, say("none")))
    if (index == 1).any():
        swatches.append(Swatch(_NODATA, say("no data")))
    figures = _amounts(known, units, grid.cell_km2) if adds_up else _ordered(known, unit)
    return _Cells(
        index.astype(np.uint8),
        colours,
        labels,
        tuple(swatches),
        bar,
        figures=figures,
        notes=notes + reduced_note(theatre, how),
    )


def _spare(meanings: list[str]) -> list[str]:
    """List colours for classes without one of their own, those not in use first."""
    used = {look.MEANT[meaning] for meaning in meanings if meaning in look.MEANT}
    free = [colour for colour in look.CLASSES if colour not in used] or list(look.CLASSES)
    return free * (1 + len(meanings) // len(free))


def _share(theatre: Theatre, marked: NDArray[np.bool_]) -> float:
    """Give the share of the members' cells that are marked."""
    own = theatre.member_mask
    return float((marked & own).sum()) / max(1, int(own.sum()))


def _told(shares: list[tuple[float, str]]) -> str:
    told = [f"{name} {percent(share)}" for share, name in shares if share > 0][:4]
    return say("Of the members’ cells: {shares}.", shares=", ".join(told)) if told else ""


def _one_value(shown: NDArray[np.float64], unit: str, *, known_anywhere: bool) -> tuple[str, ...]:
    """Say why there is no colour bar."""
    known = shown[np.isfinite(shown)]
    if not known_anywhere:
        return (say("No data in any cell of this theatre."),)
    if known.size == 0 or not known.any():
        return (say("Zero in every cell of this theatre."),)
    value = known[known != 0][0]
    said = f"{plain(float(value), 3)} {unit}".strip()
    if (known == value).all():
        return (say("The same value in every cell: {value}.", value=said),)
    return (say("Only one value besides zero: {value}.", value=said),)


def _ordered(known: NDArray[np.float64], unit: str) -> str:
    if known.size == 0:
        return say("No data in the members.")
    said = f"{THIN}{unit}" if unit else ""
    # all to the same place, which the highest decides: a slope of 0.00000730 tells nobody anything
    largest = float(np.abs(known).max())
    digits = max(0, 2 - math.floor(math.log10(largest))) if largest > 0 else 0
    low, middle, high = (
        f"{layers_scale.fixed(float(value), digits)}{said}"
        for value in (known.min(), np.median(known), known.max())
    )
    return say(
        "Members: lowest {low}, median {middle}, highest {high}.",
        low=low,
        middle=middle,
        high=high,
    )


def _amounts(known: NDArray[np.float64], units: str, cell_km2: float) -> str:
    if known.size == 0:
        return say("No data in the members.")
    total, unit = float(known.sum()), layers_words.unit(units)
    each = known / cell_km2
    low, middle, high = (
        amount(float(v)) if v >= 1e6 else plain(float(v))
        for v in (each.min(), np.median(each), each.max())
    )
    empty = float((known == 0).mean())
    summed = (
        say("Members: {total} people in all.", total=count(total))
        if units == "people"
        else say("Members: {total} {unit} in all.", total=count(total), unit=unit)
    )
    each_km2 = say(
        "Per km²: lowest {low}, median {middle}, highest {high}.", low=low, middle=middle, high=high
    )
    told = f"{summed} {each_km2}"
    if not empty:
        return told
    return f"{told} {say('None in {share} of the cells.', share=percent(empty))}"
