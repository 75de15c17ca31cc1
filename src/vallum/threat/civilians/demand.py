"""What a demand for civilian journeys is, and what all kinds of it share.

Each kind of journey has its own assumptions with ranges (`civilians.toml`). They are never mixed
with the threat: no figure of one is a figure of the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.arrays import frozen
from vallum.kernel.ledger import Assumption

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from vallum.kernel.figures import Range
    from vallum.theatre import Theatre
    from vallum.threat.movement.settings import Season

__all__ = ["Demand", "by_region", "kept_row", "left_row", "nothing", "pair", "row_of",
           "row_shares", "spread", "strongest"]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Demand:
    """One kind of civilian journeys.

    Attributes
    ----------
    kind
        "herders", "traders" or "fleeing".
    sources, targets
        (row, col) where journeys start and end, shapes (S, 2) and (T, 2); none where the kind is
        not modelled.
    journeys
        Journeys per year from source to target, shape (S, T), the likeliest. Where `returns`, half
        of them go the other way.
    low, high
        Factors on all of them, low ≤ 1 ≤ high.
    mode, season
        How and when they travel, as `vallum.threat.movement` names them.
    what
        What is counted, or why it is not modelled, in a sentence.
    unit
        What one journey is.
    returns
        Whether each journey is made there and back.
    ledger
        The assumptions behind it.
    """

    kind: str
    sources: NDArray[np.int64]
    targets: NDArray[np.int64]
    journeys: NDArray[np.float64]
    low: float
    high: float
    mode: str
    season: Season
    what: str
    ledger: tuple[Assumption, ...]
    unit: str
    returns: bool


def pair(
    amounts: NDArray[np.float64],
    places: NDArray[np.int64],
    pull: NDArray[np.float64],
    most: int,
) -> tuple[NDArray[np.int64], NDArray[np.float64], float]:
    """Send amounts to places in proportion to pull, keeping the places that receive most.

    Parameters
    ----------
    amounts
        What leaves each source, shape (S,).
    places
        (row, col) of each place, shape (P, 2).
    pull
        Not negative, shape (S, P).
    most
        Greatest number of places kept; what went to the others goes to these, source by source.

    Returns
    -------
    targets, journeys, lost
        Shapes (T, 2) and (S, T), and the share of `amounts` that nothing pulls.

    Examples
    --------
    >>> import numpy as np
    >>> targets, journeys, lost = pair(
    ...     np.array([8.0, 2.0]), np.array([[0, 0], [0, 5]]), np.array([[1.0, 3.0], [0.0, 0.0]]), 2
    ... )
    >>> journeys.tolist(), round(lost, 9)
    ([[2.0, 6.0], [0.0, 0.0]], 0.2)
    """
    chosen = strongest(amounts, pull, most)
    sent = amounts[:, None] * row_shares(pull[:, chosen])
    total = float(amounts.sum())
    lost = 1.0 - float(sent.sum()) / total if total > 0 else 0.0
    return frozen(places[chosen]), frozen(sent), max(0.0, lost)


def strongest(
    amounts: NDArray[np.float64], pull: NDArray[np.float64], most: int
) -> NDArray[np.int64]:
    """Choose the places that receive most, at most so many, in their own order; as `pair`."""
    received = (amounts[:, None] * row_shares(pull)).sum(axis=0)
    order = np.lexsort((np.arange(received.size), -received))[:most]
    return np.sort(order[received[order] > 0]).astype(np.int64)


def spread(factors: tuple[Range, ...]) -> tuple[float, float]:
    """Give the factors on a product of figures, as if each were wrong by itself.

    `low = exp(−√Σ ln²(mode / low))`, `high = exp(√Σ ln²(high / mode))`: narrower than all at one
    end at once, which is not to be expected of figures from different sources.

    Examples
    --------
    >>> from vallum.kernel.figures import Range
    >>> [round(end, 3) for end in spread((Range(1, 2, 6), Range(1, 1, 1)))]
    [0.5, 3.0]
    """
    down = math.hypot(*(math.log(each.mode / each.low) for each in factors))
    up = math.hypot(*(math.log(each.high / each.mode) for each in factors))
    return math.exp(-down), math.exp(up)


def row_shares(pull: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide each row by its sum; rows of 0 stay 0."""
    total = pull.sum(axis=1, keepdims=True)
    shares = np.divide(pull, total, out=np.zeros_like(pull), where=total > 0)
    return np.asarray(shares, np.float64)


def by_region(
    theatre: Theatre, iso3: str, weight: NDArray[np.float64], shares: Mapping[str, float]
) -> NDArray[np.float64]:
    """Spread 1 over a state: given shares to regions, the rest by weight outside them."""
    region = theatre.ground["region"].to_numpy()
    out, rest, left = np.zeros_like(weight), weight.copy(), 1.0
    for n, (state, name) in enumerate(
        zip(theatre.regions["iso3"], theatre.regions["name"], strict=True)
    ):
        share = shares.get(str(name), 0.0) if state == iso3 else 0.0
        if share <= 0:
            continue
        inside = np.where(region == n, weight, 0.0)
        if inside.sum() > 0:
            out += share * inside / inside.sum()
            rest, left = np.where(region == n, 0.0, rest), left - share
    if rest.sum() > 0:
        return np.asarray(out + left * rest / rest.sum())
    return np.asarray(out / out.sum())


def nothing(kind: str, why: str, unit: str) -> Demand:
    """Give the demand of a kind of journey that can't be modelled, and why."""
    none = frozen(np.zeros((0, 2), np.int64))
    journeys = frozen(np.zeros((0, 0)))
    return Demand(kind, none, none, journeys, 1.0, 1.0, "foot", "dry", why, (), unit, False)  # noqa: FBT003


def row_of(kind: str, key: str, value: Range) -> Assumption:
    """Give the row of the ledger for a figure of the table."""
    name = f"threat.civilians.{kind}.{key}"
    return Assumption(name, value.mode, value.low, value.high, _unit(key), value.source)


def kept_row(kind: str, share: float) -> Assumption:
    """Give the row of the ledger for what the blocks hold before they carry all."""
    source = "computed: share that lies in the blocks that journeys start in; they carry all"
    return Assumption(f"threat.civilians.{kind}.kept", share, None, None, "share", source)


def left_row(kind: str, share: float) -> Assumption:
    """Give the row of the ledger for journeys that nothing pulls."""
    source = "computed: share of journeys left out, since nothing pulls them within reach"
    return Assumption(f"threat.civilians.{kind}.left_out", share, None, None, "share", source)


def _unit(key: str) -> str:
    last = key.rsplit(".", 1)[-1]
    return {
        "head": "head", "head_per_person": "head/person", "moving_share": "share of head",
        "head_per_herd": "head/herd", "moves_yr": "journeys/yr", "distance_km": "km",
        "nearest_km": "km", "journeys_per_person_yr": "journeys/person/yr",
        "people_per_death": "people/death", "abroad_share": "share of people",
    }.get(last, "1")  # fmt: skip
