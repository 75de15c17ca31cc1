"""A phase of the campaign, quarter by quarter and band by band, compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vallum.campaign.seeds import mixed, poisson, uniform
from vallum.kernel.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Counts", "Ground", "Rules", "State", "Stops", "play_phase"]

_TRIES = 4  # the first, and three more
_NEW, _BAND, _AGAIN = 0, 1, 1 << 40  # parts of a base's quarter: how many come, each, old ones
_GO, _STAY, _ENTRY, _STOP, _WAY, _PLACE, _MORE, _EACH = 0, 1, 2, 3, 4, 5, 6, 8


class Ground(NamedTuple):
    """What does not change in a draw: S bases, T targets, V of them behind entries, K, G groups."""

    pull: NDArray[np.float64]  # (S, T): share of the journeys of a base before
    slot: NDArray[np.int64]  # (T,): number among the V, or -1
    by_entry: NDArray[np.bool_]  # (S, T)
    share: NDArray[np.float64]  # (S, K, V)
    fort_pull: NDArray[np.float64]  # (S, K): of the forts of an entry, once covered
    group: NDArray[np.int64]  # (S,)
    new: NDArray[np.float64]  # (S,): a quarter, at full strength
    loss: NDArray[np.float64]  # (G,): of strength with each band stopped


class Rules(NamedTuple):
    """How they choose, learn and recover."""

    blunt: float  # λDθ: what (1 − π) is raised to in the choice of entries
    flat: float  # 1/(θD): what the sum over entries is raised to in the choice of targets
    stay: float  # weight of staying, beside 1 for all targets before
    persist: float
    hearsay: float
    hearsay_weight: float
    fade: float
    again: float
    recruits: float


class Stops(NamedTuple):
    """What stops them in a phase."""

    covered: NDArray[np.bool_]  # (K,)
    entry: NDArray[np.float64]  # (K,)
    way: NDArray[np.float64]  # (K, T)
    target: NDArray[np.float64]  # (T,)


class State(NamedTuple):
    """What goes on from quarter to quarter."""

    waiting: NDArray[np.int64]  # (S,): ready again
    tried: NDArray[np.float64]  # (G, K): as remembered
    stopped: NDArray[np.float64]  # (G, K)
    strength: NDArray[np.float64]  # (G,)


class Counts(NamedTuple):
    """What has happened in a phase."""

    arrived: NDArray[np.int64]  # (T,)
    tried: NDArray[np.int64]  # (K,)
    stopped: NDArray[np.int64]  # (K,)
    through: NDArray[np.int64]  # (K,)
    forts: NDArray[np.int64]  # (K,)
    bands: NDArray[np.int64]  # (3,): set out, waited, ended


class _Quarter(NamedTuple):
    """Room for what a quarter needs."""

    ease: NDArray[np.float64]  # (G, K): (1 − π)^(λDθ)
    reach: NDArray[np.float64]  # (V,): what a target still attracts, 1 before
    rising: NDArray[np.float64]  # (T + K,): weights of targets, then forts, added up
    tried: NDArray[np.float64]  # (G, K): in this quarter
    stopped: NDArray[np.float64]
    beaten: NDArray[np.float64]  # (G,): bands stopped
    again: NDArray[np.int64]  # (S,): ready again in the next


@compiled
def play_phase(
    ground: Ground,
    rules: Rules,
    stops: Stops,
    state: State,
    counts: Counts,
    key: np.uint64,
    span: tuple[int, int],
) -> None:
    """Play some quarters; what happens is added to `counts`, and `state` moves on.

    Parameters
    ----------
    ground, rules, stops
        Of the draw, of how they choose, and of the phase.
    state, counts
        Written to.
    key
        From `vallum.campaign.seeds.key`.
    span
        First quarter and the one after the last.
    """
    sources, targets = ground.pull.shape
    groups, doors = state.tried.shape
    room = _Quarter(
        np.ones((groups, doors)),
        np.ones(ground.share.shape[2]),
        np.zeros(targets + doors),
        np.zeros((groups, doors)),
        np.zeros((groups, doors)),
        np.zeros(groups),
        np.zeros(sources, np.int64),
    )
    most = np.empty(sources)  # what a base's choices can weigh at most
    for base in range(sources):
        most[base] = ground.pull[base].sum() + (ground.fort_pull[base] * stops.covered).sum()
    for quarter in range(span[0], span[1]):
        _believe(rules, stops, state, room)
        here = mixed(key, quarter)
        for base in range(sources):
            own = mixed(here, base)
            rate = ground.new[base] * state.strength[ground.group[base]]
            fresh = poisson(rate, uniform(own, _NEW))
            if fresh + state.waiting[base] == 0:
                continue
            if _may_go(most[base], rules, own, fresh, state.waiting[base]):
                _weigh(ground, rules, stops, room, base)
            else:
                room.rising[-1] = 0.0  # all of them stay, whatever the weights
            for band in range(fresh):
                _band(ground, rules, stops, counts, room, base, mixed(own, _BAND + band))
            for band in range(state.waiting[base]):
                _band(ground, rules, stops, counts, room, base, mixed(own, _AGAIN + band))
        _after(ground, rules, state, room)


@compiled
def _may_go(most: float, rules: Rules, own: np.uint64, fresh: int, waiting: int) -> bool:
    """Whether any band of a base might go: risk only lowers what targets weigh, so most stay."""
    bar = most / (most + rules.stay) * (1.0 + 1e-9)
    for band in range(fresh):
        if uniform(mixed(own, _BAND + band), _GO) < bar:
            return True
    for band in range(waiting):  # noqa: SIM110 - numba compiles no generators
        if uniform(mixed(own, _AGAIN + band), _GO) < bar:
            return True
    return False


@compiled
def _believe(rules: Rules, stops: Stops, state: State, room: _Quarter) -> None:
    """Set how much each group shuns each entry."""
    groups, doors = state.tried.shape
    for group in range(groups):
        for door in range(doors):
            room.ease[group, door] = 1.0
            if stops.covered[door] and rules.blunt > 0.0:
                known = rules.hearsay_weight * rules.hearsay + state.stopped[group, door]
                risk = known / (rules.hearsay_weight + state.tried[group, door])
                room.ease[group, door] = (1.0 - risk) ** rules.blunt


@compiled
def _weigh(ground: Ground, rules: Rules, stops: Stops, room: _Quarter, base: int) -> None:
    """Weigh targets and forts for a base, 1 for all targets before, and add them up."""
    targets, doors = ground.slot.size, stops.covered.size
    if stops.covered.any():
        _over_entries(ground.share[base], room.ease[ground.group[base]], room.reach)
        room.reach[:] = room.reach**rules.flat
    else:
        room.reach[:] = 1.0
    total = 0.0
    for target in range(targets):
        weight = ground.pull[base, target]
        if weight > 0.0 and ground.by_entry[base, target]:
            weight *= room.reach[ground.slot[target]]
        total += weight
        room.rising[target] = total
    for door in range(doors):
        if stops.covered[door]:
            total += ground.fort_pull[base, door]
        room.rising[targets + door] = total


@compiled
def _over_entries(
    share: NDArray[np.float64], ease: NDArray[np.float64], reach: NDArray[np.float64]
) -> None:
    """Add up what is left of the shares of entries, by target behind them."""
    reach[:] = 0.0
    for door in range(ease.size):
        for behind in range(reach.size):
            reach[behind] += share[door, behind] * ease[door]


@compiled
def _band(
    ground: Ground,
    rules: Rules,
    stops: Stops,
    counts: Counts,
    room: _Quarter,
    base: int,
    own: np.uint64,
) -> None:
    """Follow a band that is ready until it stays, arrives or goes home."""
    targets = ground.slot.size
    going = room.rising[-1]
    if uniform(own, _GO) * (going + rules.stay) >= going:
        counts.bands[1] += 1
        if uniform(own, _STAY) < rules.persist:
            room.again[base] += 1
        return
    counts.bands[0] += 1
    for attempt in range(_TRIES):
        first = _EACH * (attempt + 1)
        sought = uniform(own, first + _GO) * going
        place = _first_above(room.rising, sought)
        if place >= targets:
            counts.forts[place - targets] += 1
            return
        if _journey(ground, stops, counts, room, (base, place), own, first):
            counts.arrived[place] += 1
            return
        room.beaten[ground.group[base]] += 1.0
        if uniform(own, first + _MORE) >= rules.again:
            break
    counts.bands[2] += 1


@compiled
def _first_above(rising: NDArray[np.float64], sought: float) -> int:
    """Give the first place whose sum exceeds what is sought, or the last."""
    low, high = 0, rising.size - 1
    while low < high:
        middle = (low + high) // 2
        if rising[middle] > sought:
            high = middle
        else:
            low = middle + 1
    return low


@compiled
def _journey(
    ground: Ground,
    stops: Stops,
    counts: Counts,
    room: _Quarter,
    ends: tuple[int, int],
    own: np.uint64,
    first: int,
) -> bool:
    """Go from a base to a target; whether it arrives."""
    base, target = ends
    if ground.by_entry[base, target]:
        group = ground.group[base]
        door = _entry(ground, room, ends, uniform(own, first + _ENTRY))
        counts.tried[door] += 1
        if stops.covered[door]:
            room.tried[group, door] += 1.0
            if uniform(own, first + _STOP) < stops.entry[door]:
                counts.stopped[door] += 1
                room.stopped[group, door] += 1.0
                return False
        counts.through[door] += 1
        if uniform(own, first + _WAY) < stops.way[door, target]:
            return False
    fails = uniform(own, first + _PLACE) < stops.target[target]
    return not fails


@compiled
def _entry(ground: Ground, room: _Quarter, ends: tuple[int, int], chance: float) -> int:
    """Choose an entry on the way from a base to a target."""
    base, behind = ends[0], ground.slot[ends[1]]
    ease = room.ease[ground.group[base]]
    left = 0.0
    for door in range(ease.size):
        left += ground.share[base, door, behind] * ease[door]
    left *= chance
    last = 0
    for door in range(ease.size):
        weight = ground.share[base, door, behind] * ease[door]
        if weight > 0.0:
            last = door
            left -= weight
            if left < 0.0:
                break
    return last


@compiled
def _after(ground: Ground, rules: Rules, state: State, room: _Quarter) -> None:
    """Remember, mourn and recruit."""
    groups, doors = state.tried.shape
    for group in range(groups):
        for door in range(doors):
            new, old = room.tried[group, door], state.tried[group, door]
            state.tried[group, door] = old * rules.fade + new
            new, old = room.stopped[group, door], state.stopped[group, door]
            state.stopped[group, door] = old * rules.fade + new
        left = max(0.0, state.strength[group] - ground.loss[group] * room.beaten[group])
        state.strength[group] = left + 0.25 * rules.recruits * (1.0 - left)
    state.waiting[:] = room.again
    room.again[:] = 0
    room.tried[:] = 0.0
    room.stopped[:] = 0.0
    room.beaten[:] = 0.0
