"""Which pairs of states use which corridors, and by what share of their goods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.dividend.roads import place_xy
from vallum.kernel.ledger import Assumption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.dividend.corridors import Corridor
    from vallum.theatre import Theatre

    Floats = NDArray[np.float64]

__all__ = ["OTHER_T", "Use", "uses_of"]

OTHER_T = 300_000.0  # t/yr on a corridor without a figure; judgement
DIRECT = Assumption(
    "dividend.trade_road_share",
    0.9,
    0.6,
    1.0,
    "share of value",
    "judgement: what states next to one another trade along a corridor goes by road, but for some "
    "by rail, river, sea and wire",
)
BEYOND = {"export": (0.05, 0.1, 0.3), "import": (0.8, 0.9, 0.98)}


@dataclass(frozen=True, eq=False)
class Use:
    """Goods that use the same corridors.

    Attributes
    ----------
    name
        "MLI-SEN" for what two states trade; "MLI export" for what a state without a coast sends
        beyond its corridors' states.
    mask
        1 for the flows that it means, shape (N, N).
    weights
        Of the corridors, adding up to 1, shape (C,).
    share
        Which of the assumptions of shares is its own.
    """

    name: str
    mask: Floats
    weights: Floats
    share: int


def uses_of(
    theatre: Theatre, states: Sequence[str], flows: Floats, laid: Sequence[Corridor]
) -> tuple[tuple[Use, ...], tuple[Assumption, ...]]:
    """Say what uses the corridors.

    Two states with a corridor between them trade along it; of several, by their freight. A state
    without a coast sends and gets all else by its corridors to states that have one.

    Parameters
    ----------
    theatre
        For coasts and shares by road.
    states, flows
        As `vallum.dividend.tradeworld.flows_of` gives them.
    laid
        Corridors.

    Returns
    -------
    uses
        Those with any flow.
    shares
        Shares by road, as assumptions.
    """
    place = {name: number for number, name in enumerate(states)}
    tons = np.array([one.freight_t_yr for one in laid])
    tons = np.where(np.isfinite(tons), tons, OTHER_T)
    across = [tuple(sorted(one.ends)) if one.ends[0] != one.ends[1] else ("", "") for one in laid]
    pairs = sorted({pair for pair in across if all(name in place for name in pair)})
    uses, shares = [], [DIRECT]
    for pair in pairs:
        a, b = (place[name] for name in pair)
        mask = np.zeros_like(flows)
        mask[a, b] = mask[b, a] = 1.0
        on = np.array([one == pair for one in across])
        uses.append(Use("-".join(pair), mask, on * tons / tons[on].sum(), 0))
    near = np.sum([use.mask for use in uses], axis=0) if uses else np.zeros_like(flows)
    for name in sorted({name for pair in pairs for name in pair}):
        ports = [p for p in pairs if name in p and all(_coast(theatre, o) for o in p if o != name)]
        if _coast(theatre, name) or not ports:
            continue
        on = np.array([one in ports for one in across])
        for way in ("export", "import"):
            mask = np.zeros_like(flows)
            row = place[name]
            mask[(row, slice(None)) if way == "export" else (slice(None), row)] = 1.0
            mask = mask * (near == 0)
            mask[row, row] = 0.0
            uses.append(Use(f"{name} {way}", mask, on * tons / tons[on].sum(), len(shares)))
            shares.append(_share(theatre, name, way))
    kept = tuple(use for use in uses if (use.mask * flows).sum() > 0)
    return kept, tuple(shares)


def _coast(theatre: Theatre, state: str) -> bool:
    """Whether a state has a coast in the theatre, or a corridor ends in it beyond the grid.

    A corridor that leaves the grid is taken to lead to a port: Abidjan's coast is not drawn.
    """
    coast = theatre.ground["coast"].to_numpy() > 0
    if (coast & theatre.state_mask(state)).any():
        return True
    rows = theatre.corridors.sort_values(["corridor", "seq"])
    seq = rows.groupby("corridor")["seq"]
    ends = rows[(rows["seq"] == seq.transform("min")) | (rows["seq"] == seq.transform("max"))]
    spots = place_xy(theatre, ends[ends["state"] == state])
    return not bool(theatre.grid.locate(spots[:, 0], spots[:, 1])[2].all())


def _share(theatre: Theatre, state: str, way: str) -> Assumption:
    """Read what share goes by road, or take a judgement."""
    table = theatre.economy
    mine = table[(table["state"] == state) & (table["item"] == f"road_{way}_share")]
    low, mode, high = BEYOND[way]
    source = "judgement: goods of a state without a coast, but for gold by air"
    if len(mine):
        row = mine.iloc[0]
        low, mode, high = float(row["low"]), float(row["mode"]), float(row["high"])
        source = str(row["source"])
    key = f"dividend.trade_{way}_share_{state.lower()}"
    return Assumption(key, mode, low, high, "share of value", source)
