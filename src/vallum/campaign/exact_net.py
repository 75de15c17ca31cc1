"""The network of the exact answers: states of origin, parts of the boundary, places held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from vallum.campaign.exact_parts import parts_of
from vallum.kernel.arrays import frozen
from vallum.kernel.ledger import Assumption

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.campaign.model import World

__all__ = ["ASSUMED", "CAUGHT_COSTS", "DELAY_H", "SECOND_RESPONSE", "Net", "StateWays", "net_of"]

SECOND_RESPONSE = 1.0
DELAY_H = 12.0
CAUGHT_COSTS = 1.0

ASSUMED: tuple[Assumption, ...] = (
    Assumption(
        "campaign.second_response",
        SECOND_RESPONSE,
        None,
        None,
        "of the first's chance",
        "judgement: a part is reinforced by a second response as good as the first, and who gets "
        "past one has the same odds at the other; the exact answers alone use it",
    ),
    Assumption(
        "campaign.delay_h",
        DELAY_H,
        None,
        None,
        "h",
        "judgement: a reinforced part holds up for half a day, a unit to compare parts with",
    ),
    Assumption(
        "campaign.caught_costs",
        CAUGHT_COSTS,
        None,
        None,
        "of what an attack is worth to them",
        "judgement: to be caught by a patrol costs them what getting through would bring",
    ),
)


class StateWays(NamedTuple):
    """The ways in from one state: `iso3`; then of each entry, in order, shape (W,).

    `entry` is its row in the world's table, `hours` are the fewest over it, from `base` to
    `target`, rows of the world's tables.
    """

    iso3: str
    entry: NDArray[np.int64]
    hours: NDArray[np.float64]
    base: NDArray[np.int64]
    target: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Net:
    """What the exact answers are about; only journeys from outside that have a way in count.

    Attributes
    ----------
    names, is_line, facing, sector
        Of the P parts with a way in and on: name, whether it can be reinforced, land in front, and
        first sector (−1 for flanks).
    evades, reinforced
        Chance of getting past the part where it is likeliest, as it is and reinforced, shape (P,).
    caught
        Chance that a patrol there catches who got past: mean of `p_n` by length, shape (P,).
    hours
        Of the quickest way over each part, shape (P,).
    tail, head
        Of each arc. The first P arcs are the parts, in their order.
    origins, destinations, probability
        Of each group of pairs of base and target.
    ways
        Rows of `Exact.ways`, as worked out from the entries: iso3 of the state, position of each
        entry that it can use, hours over it, and the base and target (rows of the world's tables)
        between which they are fewest.
    entry_evades, entry_part
        Of each entry: chance of getting past, part number (−1: no way leads over it).
    """

    names: tuple[str, ...]
    is_line: NDArray[np.bool_]
    facing: tuple[str, ...]
    sector: NDArray[np.int64]
    evades: NDArray[np.float64]
    reinforced: NDArray[np.float64]
    caught: NDArray[np.float64]
    hours: NDArray[np.float64]
    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    origins: NDArray[np.int64]
    destinations: NDArray[np.int64]
    probability: NDArray[np.float64]
    ways: tuple[StateWays, ...]
    entry_evades: NDArray[np.float64]
    entry_part: NDArray[np.int64]

    @property
    def plain(self) -> NDArray[np.float64]:
        """Chance of getting past each arc."""
        return np.concatenate([self.evades, np.ones(self.tail.size - self.evades.size)])

    @property
    def stronger(self) -> NDArray[np.float64]:
        """Chance of getting past each arc, reinforced."""
        return np.concatenate([self.reinforced, np.ones(self.tail.size - self.evades.size)])


def net_of(world: World, bought: float) -> Net | None:
    """Build the network; None where nobody outside has a way to anything held.

    Parameters
    ----------
    world
        Places, bases, ways in.
    bought
        Share of those who go through a gate that buy their way.
    """
    weight = np.where(world.bases["inside"].to_numpy(bool), 0.0, world.bases["weight"].to_numpy())
    held = (world.targets["side"] == "held").to_numpy(bool)
    outside = 1.0 - world.targets["resident"].to_numpy(float)
    share = np.where(held, world.targets["attacks_yr"].to_numpy(float) * outside, 0.0)
    bases, goals = np.flatnonzero(weight > 0), np.flatnonzero(share > 0)
    out, into = world.out[bases], world.into[:, goals]
    live = np.isfinite(out).any(axis=0) & np.isfinite(into).any(axis=1)
    if not live.any():
        return None
    parts = parts_of(world)
    kept = parts.iloc[np.flatnonzero(live)].drop_duplicates("part")
    number = {name: at for at, name in enumerate(kept["part"])}
    entry_part = np.where(live, parts["part"].map(number).fillna(-1).to_numpy(), -1).astype(int)
    plain, strong = _chances(world.entries, bought)
    leave = _by_part(np.isfinite(out), entry_part, len(number))
    arrive = _by_part(np.isfinite(into).T, entry_part, len(number))
    both = (leave[:, None, :] & arrive[None, :, :]).reshape(-1, len(number))
    meant = np.outer(weight[bases], share[goals]).ravel()
    if not both.any():
        return None
    own = [np.flatnonzero(entry_part == at) for at in range(len(number))]
    evades = np.array([plain[at].max() for at in own])
    reinforced = np.array([strong[at].max() for at in own])
    some = both.any(axis=1)
    quick = out.min(axis=0) + into.min(axis=1)
    line = (kept["kind"] == "line").to_numpy(bool)
    return Net(
        names=tuple(kept["part"]),
        is_line=frozen(line),
        facing=tuple(kept["facing"]),
        sector=frozen(_sector(world.entries["sector"], parts["part"], kept["part"])),
        evades=frozen(evades),
        reinforced=frozen(reinforced),
        caught=frozen(_caught(world.entries, own, line)),
        hours=frozen(np.array([quick[at].min() for at in own])),
        ways=_ways(world.bases["iso3"].to_numpy()[bases].astype(str), out, into, (bases, goals)),
        entry_evades=frozen(plain),
        entry_part=frozen(entry_part),
        **_pairs(both[some], meant[some], evades, reinforced),
    )


def _chances(
    entries: pd.DataFrame, bought: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Chance of getting past each entry, as it is and reinforced."""
    kind = entries["kind"].to_numpy()
    stop = np.where(kind == "flank", 0.0, entries["stop"].to_numpy(float))
    met = np.where(kind == "gate", 1.0 - bought, 1.0)
    again = 1.0 - (1.0 - stop) * (1.0 - SECOND_RESPONSE * stop)
    again = np.where(kind == "flank", 0.0, again)
    return 1.0 - stop * met, 1.0 - again * met


def _sector(sector: pd.Series, part: pd.Series, names: pd.Series) -> NDArray[np.int64]:
    """Give the first sector of each part; −1 for flanks."""
    first = dict.fromkeys(part.tolist(), -1)
    for number, name in zip(sector.tolist(), part.tolist(), strict=True):
        first[name] = int(number) if first[name] < 0 else min(first[name], int(number))
    return np.array([first[name] for name in names], np.int64)


def _caught(
    entries: pd.DataFrame, own: list[NDArray[np.int64]], line: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Mean of `p_n` by length; no patrol is told of crossings where no line stands."""
    chance = np.nan_to_num(entries["p_n"].to_numpy(float))
    length = np.maximum(entries["length_km"].to_numpy(float), 1e-9)
    mean = [float(np.average(chance[at], weights=length[at])) for at in own]
    return np.where(line, np.clip(mean, 0.0, 1.0), 0.0)


def _by_part(
    reach: NDArray[np.bool_], entry_part: NDArray[np.int64], count: int
) -> NDArray[np.bool_]:
    """Say which parts each place reaches, shape (places, parts)."""
    found = [reach[:, entry_part == at].any(axis=1) for at in range(count)]
    return np.array(found, bool).T.reshape(reach.shape[0], count)


def _pairs(
    ways: NDArray[np.bool_],
    chance: NDArray[np.float64],
    evades: NDArray[np.float64],
    reinforced: NDArray[np.float64],
) -> dict[str, NDArray[Any]]:
    """Make one of all pairs to whom the same parts matter, and write the arcs.

    A pair always has the part that is best for it once all are reinforced. Parts that are no better
    than that even as they are never matter to it.
    """
    left = np.where(ways, reinforced, -1.0)
    sure = left.argmax(axis=1)
    matter = ways & (evades > left.max(axis=1)[:, None])
    matter[np.arange(sure.size), sure] = True
    groups, of = np.unique(matter, axis=0, return_inverse=True)
    probability = np.bincount(of.ravel(), chance)
    count = evades.size
    # nodes: the goal, one for each part, then one for each group of pairs
    origin = 1 + count + np.arange(len(groups))
    group, part = np.nonzero(groups)
    return {
        "tail": frozen(np.concatenate([1 + np.arange(count), origin[group]])),
        "head": frozen(np.concatenate([np.zeros(count, np.int64), 1 + part])),
        "origins": frozen(origin),
        "destinations": frozen(np.zeros(origin.size, np.int64)),
        "probability": frozen(probability / probability.sum()),
    }


def _ways(
    state: NDArray[np.str_],
    out: NDArray[np.float64],
    into: NDArray[np.float64],
    rows: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> tuple[StateWays, ...]:
    """List, for each state, the entries that lead from its bases to something held."""
    bases, goals = rows
    arrive, goal = into.min(axis=1), goals[into.argmin(axis=1)]
    found = []
    for iso3 in sorted(set(state.tolist())):
        own = np.flatnonzero(state == iso3)
        hours = out[own].min(axis=0) + arrive
        base = bases[own[out[own].argmin(axis=0)]]
        at = np.flatnonzero(np.isfinite(hours))
        if at.size:
            each = (frozen(values) for values in (at, hours[at], base[at], goal[at]))
            found.append(StateWays(iso3, *each))
    return tuple(found)
