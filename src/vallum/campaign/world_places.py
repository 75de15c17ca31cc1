"""Where attacks come from and go to: bases and targets of a campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.errors import CertificateError
from vallum.kernel.arrays import sum_by
from vallum.threat.blocks import gather, side_cells

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from vallum.campaign.harm_model import Harm
    from vallum.theatre import Theatre
    from vallum.threat import Threat
    from vallum.threat.blocks import Blocks

__all__ = ["BLOCK_KM", "SIDES", "bases", "output_by_cell", "sides", "targets"]

BLOCK_KM = 100.0  # side of the blocks that targets are told apart by
SIDES = ("held", "outside", "neighbour")
_BASES: Mapping[str, type] = {
    "name": object, "iso3": object, "region": object, "kind": object, "group": np.int64,
    "row": np.int64, "col": np.int64, "weight": np.float64, "inside": np.bool_,
}  # fmt: skip
_NEAR_KM = 50.0
_WITHIN = 1e-9


def bases(threat: Threat, held: NDArray[np.bool_], most: int) -> pd.DataFrame:
    """List the sanctuaries that journeys set out from.

    Parameters
    ----------
    threat
        Its ways; without any there are no bases.
    held
        Shape (rows, cols).
    most
        Most bases; the heaviest are kept.

    Returns
    -------
    DataFrame
        As `World.bases` says, in the order of the threat's.
    """
    if threat.ways is None or threat.ways.sources.empty:
        return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in _BASES.items()})
    every = threat.ways.sources
    events = every["events_yr"].to_numpy(np.float64)
    heaviest = np.lexsort((np.arange(events.size), -events))[:most]
    kept = every.iloc[np.sort(heaviest[events[heaviest] > 0])]
    row, col = (kept[name].to_numpy(np.int64) for name in ("row", "col"))
    table = pd.DataFrame({name: kept[name].to_numpy(object) for name in list(_BASES)[:4]})
    weight = kept["events_yr"].to_numpy(np.float64)
    table = table.assign(row=row, col=col, weight=weight / weight.sum(), inside=held[row, col])
    return grouped(table)


def grouped(table: pd.DataFrame) -> pd.DataFrame:
    """Add groups: bases of one state on one side of the line share what they learn."""
    pairs = list(zip(table["iso3"], table["inside"], strict=True))
    number = {pair: n for n, pair in enumerate(sorted(set(pairs)))}
    group = np.array([number[pair] for pair in pairs], np.int64)
    return table.assign(group=group)[list(_BASES)].reset_index(drop=True)


def sides(theatre: Theatre, held: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Say on which side each cell lies: place in `SIDES`, −1 beyond the states shown."""
    state = theatre.ground["state"].to_numpy()
    side = np.where(held, 0, np.where(theatre.member_mask, 1, 2))
    return np.where(state >= 0, side, -1).astype(np.int64)


def targets(
    theatre: Theatre,
    threat: Threat,
    held: NDArray[np.bool_],
    passable: NDArray[np.bool_],
    harm: Harm,
    most: int,
) -> pd.DataFrame:
    """Gather the events expected into targets.

    Blocks of `BLOCK_KM` are told apart by side, and by region in the members' land, by state in
    their neighbours'. Where there are more such parts than targets they are told apart by state and
    side, then by side alone: each part keeps its largest block at least, and all its events.

    Parameters
    ----------
    theatre, threat
        Ground, and events expected by cell.
    held
        Shape (rows, cols).
    passable
        Where one can ride or walk to from the rest, likewise: targets stand there.
    harm
        What an attack costs.
    most
        Most targets; one a side at least.

    Returns
    -------
    DataFrame
        As `World.targets` says.

    Raises
    ------
    CertificateError
        If the events of a side do not add up to those of the threat within 1e-9.
    """
    side = sides(theatre, held)
    events = np.where(side >= 0, threat.cells, 0.0)
    part, most = _parts(theatre, side, events, most)
    width = side_cells(BLOCK_KM, theatre.grid.cell_km)
    blocks = gather(events, width, most, part)
    row, col = blocks.cells.T
    own = side[row, col]
    _certify(blocks.amounts, own, events, side)
    people, output = (
        _by_block(amount, blocks, part, width)
        for amount in (theatre.ground["people"].to_numpy(), output_by_cell(theatre, threat))
    )
    iso3 = theatre.countries.index.to_numpy(object)[theatre.ground["state"].to_numpy()[row, col]]
    region = [*(str(name) for name in theatre.regions["name"]), ""]
    named = [region[code] for code in theatre.ground["region"].to_numpy()[row, col]]
    stands = [_stands(at, side, passable) for at in zip(row, col, strict=True)]
    return pd.DataFrame(
        {
            "name": _names(theatre, row, col, named),
            "iso3": iso3,
            "region": named,
            "side": np.array(SIDES, object)[own],
            "row": np.array([at[0] for at in stands], np.int64),
            "col": np.array([at[1] for at in stands], np.int64),
            "attacks_yr": blocks.amounts,
            "resident": 1.0 - threat.reach[1],
            "people": people,
            "output_usd_yr": output,
            "deaths_per_attack": _of_state(harm.deaths, iso3),
            "lost_usd_per_attack": _of_state(harm.lost_usd, iso3),
            "displaced_per_attack": _of_state(harm.displaced, iso3),
        }
    )


def output_by_cell(theatre: Theatre, threat: Threat) -> NDArray[np.float64]:
    """Give each cell its region's output by its people, USD/yr; 0 outside the members."""
    people = np.asarray(theatre.ground["people"].to_numpy(), np.float64)
    row, inside = threat.region_of, threat.region_of >= 0
    all_here = sum_by(row[inside], people[inside], len(threat.regions))
    output = threat.regions["output_usd_yr"].to_numpy(np.float64)
    each = np.where(all_here > 0, output / np.where(all_here > 0, all_here, 1.0), 0.0)
    return np.where(inside, people * np.append(each, 0.0)[row], 0.0)


def _parts(
    theatre: Theatre, side: NDArray[np.int64], events: NDArray[np.float64], most: int
) -> tuple[NDArray[np.int64], int]:
    """Give each cell its part of the land, told apart as finely as there are blocks."""
    state = theatre.ground["state"].to_numpy().astype(np.int64)
    region = theatre.ground["region"].to_numpy().astype(np.int64) + 1
    live = (side >= 0) & (events > 0)
    of_state = 3 * (state + 1) + side
    finest = np.where(side < 2, (of_state + 1) * (int(region.max(initial=0)) + 1) + region, 0)
    finest = np.where(side == 2, of_state, finest + int(of_state.max(initial=0)) + 1)
    for by in (finest, of_state, side):
        known, number = np.unique(by[live], return_inverse=True)
        if known.size <= most:
            break
    part = np.full(side.shape, -1, np.int64)
    part[live] = number
    # people live where no attack is expected too: they belong to the same parts
    rest = (side >= 0) & ~live
    place = np.minimum(np.searchsorted(known, by[rest]), max(known.size - 1, 0))
    if known.size:
        part[rest] = np.where(known[place] == by[rest], place, -1)
    return part, max(most, known.size)


def _certify(
    amounts: NDArray[np.float64],
    own: NDArray[np.int64],
    events: NDArray[np.float64],
    side: NDArray[np.int64],
) -> None:
    """Check that each side keeps its events."""
    for number, name in enumerate(SIDES):
        here, there = float(amounts[own == number].sum()), float(events[side == number].sum())
        if abs(here - there) > _WITHIN * max(there, 1e-300):
            raise CertificateError(
                f"targets ({name}): {here:.12g} attacks a year, of {there:.12g} in the threat"
            )


def _by_block(
    amount: NDArray[np.float64], blocks: Blocks, part: NDArray[np.int64], width: int
) -> NDArray[np.float64]:
    """Give each target what lies in its block, and its share of what lies in those not kept."""
    parts = int(part.max(initial=-1)) + 1
    if not parts:
        return np.zeros(0)
    wide = -(-part.shape[1] // width)
    rows, cols = np.indices(part.shape) // width
    label = (rows * wide + cols) * parts + part
    inside = part >= 0
    key = blocks.labels * parts + blocks.parts
    near = sum_by(label[inside], amount[inside], int(max(label.max(), key.max())) + 1)[key]
    whole = sum_by(part[inside], amount[inside], parts)
    # where nobody lives in the blocks kept, by the attacks on them
    empty = sum_by(blocks.parts, near, parts)[blocks.parts] <= 0
    weight = np.where(empty, blocks.amounts, near)
    sums = sum_by(blocks.parts, weight, parts)[blocks.parts]
    return weight / np.where(sums > 0, sums, 1.0) * whole[blocks.parts]


def _stands(
    at: tuple[int, int], side: NDArray[np.int64], passable: NDArray[np.bool_]
) -> tuple[int, int]:
    """Move a place that can't be entered to the nearest of its side that can."""
    if passable[at]:
        return int(at[0]), int(at[1])
    row, col = np.nonzero(passable & (side == side[at]))
    if not row.size:
        return int(at[0]), int(at[1])
    near = int(((row - at[0]) ** 2 + (col - at[1]) ** 2).argmin())
    return int(row[near]), int(col[near])


def _names(
    theatre: Theatre, row: NDArray[np.int64], col: NDArray[np.int64], region: list[str]
) -> list[str]:
    """Name each place after the largest settlement within 50 km, or its region."""
    towns = theatre.settlements.sort_values(["people", "geonameid"], ascending=[False, True])
    down, across = (towns[name].to_numpy(np.float64) for name in ("row", "col"))
    out = []
    for y, x, other in zip(row, col, region, strict=True):
        near = np.flatnonzero(np.hypot(down - y, across - x) * theatre.grid.cell_km <= _NEAR_KM)
        out.append(str(towns["name"].iloc[near[0]]) if near.size else other)
    return out


def _of_state(each: Mapping[str, float], iso3: NDArray[np.object_]) -> NDArray[np.float64]:
    """Look up a figure by state; "" is for those not named."""
    return np.array([each[name] if name in each else each[""] for name in iso3], np.float64)
