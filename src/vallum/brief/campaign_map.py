"""Maps of attacks before and after, by blocks of about 100 km: nothing finer is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vallum.brief import look, threat_maps
from vallum.brief.campaign_names import signed, yearly
from vallum.brief.language import say
from vallum.brief.threat_sheet import layer, sheet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.brief.threat_sheet import Layer, Sheet
    from vallum.campaign.model import Case
    from vallum.plan import Plan

__all__ = ["GREY", "Spot", "blocks", "classes", "draw", "held_by", "sizes"]

BLOCK_KM = 100.0
# blue is fewer and orange more, told apart by the colour-blind; dark is much, light is some
_COLOURS = look.OPPOSED
GREY = look.OUTSIDE  # before: no change to tell of
_BOUNDS = (-0.30, -0.05, 0.05, 0.30)
_HELD, _MEMBER, _OTHER = look.HELD, look.MEMBER, look.NEIGHBOUR
_WIDEST = 24.0  # of a circle's radius, in units of the sheet
_LEAST = 1.3
_SHOWN = 0.05  # attacks a year, below which a block has no circle


@dataclass(frozen=True)
class Spot:
    """A block's circle.

    Attributes
    ----------
    at
        Its place on the sheet.
    radius
        By attacks a year, areas in proportion.
    ring
        Radius by attacks a year before.
    colour
        By the change.
    text
        What a pointer shows.
    """

    at: tuple[float, float]
    radius: float
    ring: float
    colour: str
    text: str


def blocks(plan: Plan, case: Case) -> tuple[pd.DataFrame, dict[int, NDArray[np.float64]]]:
    """Add up attacks a year by blocks of about 100 km.

    Parameters
    ----------
    plan
        For its grid.
    case
        To add up.

    Returns
    -------
    table, after
        A row per block: `x`, `y` (km, the mean of its targets by attacks, to 10 km) and `before`;
        and by phase, attacks a year under the line, by block.
    """
    grid, targets = plan.theatre.grid, case.world.targets.reset_index(drop=True)
    x = grid.west_m / 1000.0 + (targets["col"].to_numpy(np.float64) + 0.5) * grid.cell_km
    y = grid.north_m / 1000.0 - (targets["row"].to_numpy(np.float64) + 0.5) * grid.cell_km
    place = pd.MultiIndex.from_arrays([x // BLOCK_KM, y // BLOCK_KM])
    number, _ = pd.factorize(place, sort=True)
    size = int(number.max()) + 1 if len(number) else 0
    before = targets["attacks_yr"].to_numpy(np.float64)
    weight = np.maximum(before, 1e-9)
    total = np.bincount(number, weight, size)
    table = pd.DataFrame(
        {
            "x": (np.bincount(number, weight * x, size) / total).round(-1),
            "y": (np.bincount(number, weight * y, size) / total).round(-1),
            "before": np.bincount(number, before, size),
        }
    )
    mine = case.targets[case.targets["means"] == "line"]
    after = {
        int(str(phase)): np.bincount(
            number[rows["target"].to_numpy(np.int64)], rows["attacks_yr"].to_numpy(np.float64), size
        ).astype(np.float64)
        for phase, rows in mine.groupby("phase", sort=True)
    }
    return table, after


def classes() -> list[tuple[str, str]]:
    """Give the colours of a change, and say what each means."""
    names = (
        say("fewer by 30\u202f% or more"), say("fewer by 5–30\u202f%"),
        say("changed by less than 5\u202f%"), say("more by 5–30\u202f%"),
        say("more by 30\u202f% or more"),
    )  # fmt: skip
    return list(zip(_COLOURS, names, strict=True))


def draw(plan: Plan, case: Case) -> dict[str, Any]:
    """Draw the maps of one case.

    Parameters
    ----------
    plan
        For ground and borders.
    case
        To draw.

    Returns
    -------
    dict
        `base` (what lies over all), `ground` (held land and states), `before` (spots), `after`
        (spots by phase, the last phase's number under `last`), `sizes` (for the legend).
    """
    table, after = blocks(plan, case)
    most = max([float(table["before"].max()), *(float(v.max()) for v in after.values())], default=1)
    paper = sheet(plan.theatre, _bounds(table))
    unit = _WIDEST / np.sqrt(max(most, 1e-9))
    before = table["before"].to_numpy(np.float64)
    return {
        "base": threat_maps.base(plan, paper),
        "ground": _ground(plan, case, paper),
        "before": _spots(table, before, unit, paper, changed=False),
        "after": {
            phase: _spots(table, values, unit, paper, changed=True)
            for phase, values in after.items()
        },
        "last": max(after, default=0),
        "sizes": sizes(most, unit),
    }


def held_by(plan: Plan, case: Case) -> NDArray[np.bool_]:
    """Cells that a case holds."""
    entry = plan.line.plans.entry
    return np.asarray((entry >= 0) & (entry <= case.step))


def sizes(most: float, unit: float) -> list[tuple[float, str]]:
    """Give radius and number of the circles in the legend: round numbers up to the most."""
    power = 10.0 ** np.floor(np.log10(max(most, 1e-3)))
    top = max(n * power for n in (1.0, 2.0, 5.0) if n * power <= max(most, 1e-3) * 1.0000001)
    return [
        (round(float(unit * np.sqrt(value)), 1), f"{float(value):g}")
        for value in (top / 20.0, top / 4.0, top)
    ]


def _bounds(table: pd.DataFrame) -> NDArray[np.float64] | None:
    """West, south, east and north of the circles, in metres."""
    shown = table[table["before"] >= _SHOWN]
    if not len(shown):
        return None
    low, high = shown[["x", "y"]].min().to_numpy(), shown[["x", "y"]].max().to_numpy()
    return 1000.0 * np.concatenate([low, high])


def _ground(plan: Plan, case: Case, paper: Sheet) -> Layer:
    """Shade held land, members' other land and the rest."""
    member = plan.theatre.member_mask
    values = np.where(held_by(plan, case), 2.0, np.where(member, 1.0, 0.0))
    return layer(values, ((0.5, 1.5), (_OTHER, _MEMBER, _HELD)), paper, plan.theatre)


def _spots(
    table: pd.DataFrame,
    values: NDArray[np.float64],
    unit: float,
    paper: Sheet,
    *,
    changed: bool,
) -> list[Spot]:
    """Draw a circle per block, the largest first so that the small ones lie on top."""
    before = table["before"].to_numpy(np.float64)
    out = []
    for n in np.argsort(-np.maximum(values, before), kind="stable"):
        old, new = float(before[n]), float(values[n])
        if max(old, new) < _SHOWN:
            continue
        share = new / old - 1.0 if old > 0 else np.inf
        told = say("{attacks} a year before", attacks=yearly(old))
        if changed:
            told = say("{before}, {attacks} after", before=told, attacks=yearly(new))
            told += f" ({signed(share)})" if old > 0 else ""
        colour = _COLOURS[int(np.searchsorted(_BOUNDS, share))] if changed else GREY
        out.append(
            Spot(
                paper.at(float(table["x"].iloc[n]), float(table["y"].iloc[n])),
                round(max(unit * float(np.sqrt(max(new, 0.0))), _LEAST), 1),
                round(max(unit * float(np.sqrt(old)), _LEAST), 1),
                colour,
                told,
            )
        )
    return out
