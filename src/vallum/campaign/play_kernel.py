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
_GO, _STAY, _ENTRY, _STOP, _WAY, _PLACE, _MORE = 0, 1, 2, 3, 4, 5, 6  # parts of an attempt
_TURNS = 64  # proposals before every target is weighed


class Ground(NamedTuple):
    """What does not change in a draw: S bases, T targets, V of them behind entries, K, G groups."""

    pull: NDArray[np.float64]  # (S, T): share of the journeys of a base before
    slot: NDArray[np.int64]  # (T,): number among the V, or -1
    by_entry: NDArray[np.bool_]  # (S, T)
    share: NDArray[np.float64]  # (S, V, K)
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


class _Room(NamedTuple):
    """Room for what a phase and its quarters need."""

    most: NDArray[np.float64]  # (S,): what targets and forts weigh if nobody is deterred
    rising: NDArray[np.float64]  # (S, T + K): the same added up, targets before forts
    exact: NDArray[np.float64]  # (T + K,): weights as they are, added up
    feared: NDArray[np.bool_]  # (1,): whether any entry is
    ease: NDArray[np.float64]  # (G, K): (1 − π)^(λDθ)
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
    room = _Room(
        np.zeros(sources),
        np.zeros((sources, targets + doors)),
        np.zeros(targets + doors),
        np.array([stops.covered.any() and rules.blunt > 0.0]),
        np.ones((groups, doors)),
        np.zeros((groups, doors)),
        np.zeros((groups, doors)),
        np.zeros(groups),
        np.zeros(sources, np.int64),
    )
    for base in range(sources):
        room.most[base] = _undeterred(ground, stops, base, room.rising[base])
    for quarter in range(span[0], span[1]):
        _believe(rules, stops, state, room)
        _quarter(ground, rules, stops, state, counts, room, mixed(key, quarter))
        _after(ground, rules, state, room)


@compiled
def _undeterred(ground: Ground, stops: Stops, base: int, rising: NDArray[np.float64]) -> float:
    """Add up what targets, then forts, weigh for a base if nobody is deterred."""
    targets, doors = ground.slot.size, stops.covered.size
    total = 0.0
    for target in range(targets):
        total += ground.pull[base, target]
        rising[target] = total
    for door in range(doors):
        if stops.covered[door]:
            total += ground.fort_pull[base, door]
        rising[targets + door] = total
    return total


@compiled
def _believe(rules: Rules, stops: Stops, state: State, room: _Room) -> None:
    """Set how much each group shuns each entry."""
    if not room.feared[0]:
        return
    groups, doors = state.tried.shape
    for group in range(groups):
        for door in range(doors):
            if stops.covered[door]:
                known = rules.hearsay_weight * rules.hearsay + state.stopped[group, door]
                risk = known / (rules.hearsay_weight + state.tried[group, door])
                room.ease[group, door] = (1.0 - risk) ** rules.blunt


@compiled
def _left(share: NDArray[np.float64], ease: NDArray[np.float64]) -> float:
    """Give what fear leaves of the ways through all entries together, at most 1.

    Four sums side by side: one alone would wait for itself at each step.
    """
    one = two = three = four = 0.0
    whole = share.size - share.size % 4
    for door in range(0, whole, 4):
        one += share[door] * ease[door]
        two += share[door + 1] * ease[door + 1]
        three += share[door + 2] * ease[door + 2]
        four += share[door + 3] * ease[door + 3]
    for door in range(whole, share.size):
        one += share[door] * ease[door]
    return min((one + two) + (three + four), 1.0)


@compiled
def _quarter(  # noqa: C901, PLR0912, PLR0915 - calls with tuples of arrays cost more than bands
    ground: Ground,
    rules: Rules,
    stops: Stops,
    state: State,
    counts: Counts,
    room: _Room,
    here: np.uint64,
) -> None:
    """Follow every band that is ready until it stays, arrives or goes home.

    A choice is proposed as if nobody were deterred, and kept with the chance that fear leaves it;
    else another is proposed. That gives the same odds as weighing every target, and costs one
    weight for each proposal. It also ties histories together: without a line the first proposal is
    kept, so what a line changes begins from the same choices.
    """
    # to take an array out of a tuple counts a reference, which is dear where it is done per band
    slot, by_entry, share = ground.slot, ground.by_entry, ground.share
    most, rising, ease = room.most, room.rising, room.ease
    covered, at_entry, on_way, at_target = stops.covered, stops.entry, stops.way, stops.target
    arrived, forts, bands = counts.arrived, counts.forts, counts.bands
    met, stopped, through = counts.tried, counts.stopped, counts.through
    new_tried, new_stopped, beaten, again = room.tried, room.stopped, room.beaten, room.again
    waiting, groups = state.waiting, ground.group
    feared, targets = room.feared[0], slot.size
    for base in range(most.size):
        group = groups[base]
        address = mixed(here, base)
        fresh = poisson(ground.new[base] * state.strength[group], uniform(address, _NEW))
        for band in range(fresh + waiting[base]):
            own = mixed(address, _BAND + band if band < fresh else _AGAIN + band - fresh)
            for attempt in range(_TRIES):
                first = mixed(own, attempt)
                stay = rules.stay if attempt == 0 else 0.0  # who has set out does not stay
                choice = mixed(first, _GO)
                place, turn = -2, 0
                while place == -2 and turn < _TURNS:
                    place = _proposed(rising[base], most[base], stay, uniform(choice, 2 * turn))
                    if feared and 0 <= place < targets and by_entry[base, place]:
                        left = _left(share[base, slot[place]], ease[group])
                        if not _kept(left, rules.flat, uniform(choice, 2 * turn + 1)):
                            place = -2
                    turn += 1
                if place == -2:
                    going = _weigh(ground, rules, stops, room, base)
                    place = _proposed(room.exact, going, stay, uniform(choice, 2 * _TURNS))
                if place < 0:
                    bands[1] += 1
                    if uniform(first, _STAY) < rules.persist:
                        again[base] += 1
                    break
                if attempt == 0:
                    bands[0] += 1
                if place >= targets:
                    forts[place - targets] += 1
                    break
                fails = False
                if by_entry[base, place]:
                    door = _entry(share[base, slot[place]], ease[group], uniform(first, _ENTRY))
                    met[door] += 1
                    if covered[door]:
                        new_tried[group, door] += 1.0
                        fails = uniform(first, _STOP) < at_entry[door]
                    if fails:
                        stopped[door] += 1
                        new_stopped[group, door] += 1.0
                    else:
                        through[door] += 1
                        fails = uniform(first, _WAY) < on_way[door, place]
                if not fails and uniform(first, _PLACE) >= at_target[place]:
                    arrived[place] += 1
                    break
                beaten[group] += 1.0
                if attempt == _TRIES - 1 or uniform(first, _MORE) >= rules.again:
                    bands[2] += 1
                    break


@compiled
def _proposed(rising: NDArray[np.float64], most: float, stay: float, chance: float) -> int:
    """Give the place that a chance stands for, by weights added up; −1 to stay."""
    sought = chance * (most + stay)
    if sought >= most:
        return -1
    low, high = 0, rising.size - 1
    while low < high:
        middle = (low + high) // 2
        if rising[middle] > sought:
            high = middle
        else:
            low = middle + 1
    return low


@compiled
def _kept(left: float, flat: float, chance: float) -> bool:
    """Whether a proposal is kept: with the chance left ** flat, which is seldom worked out."""
    return bool((flat <= 1.0 and chance < left) or chance < left**flat)


@compiled
def _weigh(ground: Ground, rules: Rules, stops: Stops, room: _Room, base: int) -> float:
    """Weigh every target and fort for a base, and add them up."""
    targets, doors = ground.slot.size, stops.covered.size
    ease = room.ease[ground.group[base]]
    total = 0.0
    for target in range(targets):
        weight = ground.pull[base, target]
        if weight > 0.0 and ground.by_entry[base, target]:
            weight *= _left(ground.share[base, ground.slot[target]], ease) ** rules.flat
        total += weight
        room.exact[target] = total
    for door in range(doors):
        if stops.covered[door]:
            total += ground.fort_pull[base, door]
        room.exact[targets + door] = total
    return total


@compiled
def _entry(share: NDArray[np.float64], ease: NDArray[np.float64], chance: float) -> int:
    """Choose an entry by what fear leaves of its share."""
    left = chance * _left(share, ease)
    last = 0
    for door in range(ease.size):
        weight = share[door] * ease[door]
        if weight > 0.0:
            last = door
            left -= weight
            if left < 0.0:
                break
    return last


@compiled
def _after(ground: Ground, rules: Rules, state: State, room: _Room) -> None:
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
