"""Shortest times from cells over a padded grid, by a ring of buckets and one heap.

Labels are corrected until no step improves any. Each label is the sum, rounded step by step, of a
real way's times; a rounded sum never falls when a step (≥ 0) is added or when its beginning grows.
So when no step improves a label, no way's rounded sum lies below it (induction along the way), and
the labels are the least rounded sums over all ways: the bytes that Dijkstra's algorithm gives,
whatever the order in which cells were taken. The order only decides how often a cell is taken.

The order is a bucket queue's (Dial 1969; Meyer & Sanders 2003, delta-stepping): labels within one
width are taken in any order, the next bucket after. Where costs spread widely this would take
cheap cells many times, or need endless buckets; so cells that are cheap for the width, and labels
beyond the ring, wait in a binary heap, from which they are taken in order. Then no spread of costs
makes it much slower than Dijkstra's algorithm with a heap.
"""

from __future__ import annotations

import math
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from vallum.kernel.jit import compiled

__all__ = ["Ground", "Moves", "Slopes", "falling_below_zero", "shortest"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Number = TypeVar("Number", np.float64, np.int64)

RING = 65536  # buckets; a power of two
GROUP = 6  # buckets are counted by 2**6, so that stretches of empty ones are stepped over
LAST = 4e18  # no bucket beyond: still an int64


class Ground(NamedTuple):
    """A padded grid, flat: as many rows and columns around it as a move reaches.

    Attributes
    ----------
    half
        Half of the cell's hours per km; inf on the padding and on impassable cells.
    elevation
        In m; any array where slopes don't count.
    """

    half: Floats
    elevation: Floats


class Moves(NamedTuple):
    """The moves from a cell, the 8 to its neighbours first.

    Attributes
    ----------
    shift
        From a cell's flat index to that of the cell reached.
    beside
        Shifts to the two cells that the move passes between, shape (moves, 2); 0 where none.
    length_km
        Its length.
    per_m
        1 / its length in m, negative where times are *to* the sources: steps are then taken
        backwards.
    """

    shift: Ints
    beside: Ints
    length_km: Floats
    per_m: Floats


class Slopes(NamedTuple):
    """A slope law's numbers, as `vallum.kernel.paths.slope.SlopeLaw` has them, all floats."""

    steepness: float
    best_slope: float
    up_s_per_m: float
    down_s_per_m: float
    steep_down_s_per_m: float
    steep_below: float
    limit: float


# Helpers of the inner loop take numbers: an array handed over costs two counts of its owners.


@compiled
def _on_slope(level: float, rise: float, per_m: float, law: Slopes) -> float:
    """Hours of a step of `level` hours on the level, over a rise in m."""
    if per_m < 0.0:
        rise, per_m = -rise, -per_m
    slope = rise * per_m
    if abs(slope) > law.limit:
        return math.inf
    if law.steepness != 0.0:
        level *= math.exp(law.steepness * (abs(slope - law.best_slope) - abs(law.best_slope)))
    seconds = law.up_s_per_m
    if slope < law.steep_below:
        seconds = law.steep_down_s_per_m
    elif slope < 0.0:
        seconds = law.down_s_per_m
    hours: float = level + seconds * rise / 3600.0
    return hours


@compiled
def _steepest_beside(u: int, v: int, j: int, height: Floats, moves: Moves) -> float:
    """Steepest slope between a knight's move's ends and the two cells that it goes between."""
    straight, diagonal = abs(moves.per_m[0]), abs(moves.per_m[4])
    near, far = u + moves.beside[j, 0], u + moves.beside[j, 1]
    steepest: float = max(
        max(abs(height[near] - height[u]), abs(height[v] - height[far])) * straight,
        max(abs(height[v] - height[near]), abs(height[far] - height[u])) * diagonal,
    )
    return steepest


@compiled
def falling_below_zero(cells: Ints, ground: Ground, moves: Moves, law: Slopes) -> int:
    """First of `cells` from which a step takes less than no time; −1 where none does."""
    half, height = ground.half, ground.elevation
    for u in cells:
        for j in range(moves.shift.size):
            v = u + moves.shift[j]
            both = half[u] + half[v]
            if j >= 8:
                both = (both + (half[u + moves.beside[j, 0]] + half[u + moves.beside[j, 1]])) / 2.0
            level = both * moves.length_km[j]
            if _on_slope(level, height[v] - height[u], moves.per_m[j], law) < 0.0:
                return int(u)
    return -1


@compiled
def _bucket(hours: float, per_width: float) -> int:
    return int(min(hours * per_width, LAST))


@compiled
def _longer(array: NDArray[Number]) -> NDArray[Number]:
    """Return a copy with twice the room."""
    return np.concatenate((array, array))


@compiled
def _sift_up(key: Floats, cell: Ints, i: int, hours: float, v: int) -> None:
    """Put an entry into the heap's free place i, or above it."""
    while i > 0 and key[(i - 1) >> 1] > hours:
        above = (i - 1) >> 1
        key[i], cell[i] = key[above], cell[above]
        i = above
    key[i], cell[i] = hours, v


@compiled
def _drop_top(key: Floats, cell: Ints, size: int) -> int:
    """Take the least entry off a heap of `size`; its new size."""
    size -= 1
    hours, v = key[size], cell[size]
    i, below = 0, 1
    while below < size:
        if below + 1 < size and key[below + 1] < key[below]:
            below += 1
        if key[below] >= hours:
            break
        key[i], cell[i] = key[below], cell[below]
        i, below = below, 2 * below + 1
    key[i], cell[i] = hours, v
    return size


@compiled
def shortest(  # noqa: C901, PLR0912, PLR0915 - one loop: split, it is slower
    hours: Floats,
    sources: Ints,
    ground: Ground,
    moves: Moves,
    law: Slopes,
    sloped: bool,  # noqa: FBT001 - compiled, called by position
    width: float,
) -> None:
    """Fill `hours` with the least time from the sources to each cell.

    Parameters
    ----------
    hours
        Shape (padded cells,): inf where a time is wanted, −1 on the padding. Overwritten.
    sources
        Flat indices.
    ground, moves, law
        No step's time may be negative.
    sloped
        Whether `law` counts.
    width
        Hours that a bucket spans; more than 0. Decides the speed only.
    """
    # An entry is a cell and the label it had when it was put in; where the label has since fallen
    # the entry is stale. Labels only fall, so each label is taken once at most.
    per_width = 1.0 / width
    cheap = width / 16.0 / moves.length_km[0]
    head = np.full(RING, -1, np.int64)  # first entry of each bucket's list
    following = np.empty(16384, np.int64)
    cell = np.empty(16384, np.int64)
    key = np.empty(16384, np.float64)
    held = np.zeros(RING >> GROUP, np.int64)  # entries in each group of buckets
    used, free, waiting = 0, -1, 0
    heap_key = np.empty(1024, np.float64)
    heap_cell = np.empty(1024, np.int64)
    heaped = 0
    for v in sources:
        if hours[v] != 0.0:
            hours[v] = 0.0
            if heaped == heap_key.size:
                heap_key, heap_cell = _longer(heap_key), _longer(heap_cell)
            _sift_up(heap_key, heap_cell, heaped, 0.0, v)
            heaped += 1
    half, height = ground.half, ground.elevation
    shift, beside, length_km, per_m = moves.shift, moves.beside, moves.length_km, moves.per_m
    limited = law.limit < math.inf
    now = 0
    while waiting > 0 or heaped > 0:
        if waiting == 0:
            now = _bucket(heap_key[0], per_width)
        beyond = now + RING
        place = now & (RING - 1)
        while True:
            if heaped > 0 and _bucket(heap_key[0], per_width) <= now:
                u, start = heap_cell[0], heap_key[0]
                heaped = _drop_top(heap_key, heap_cell, heaped)
            elif head[place] >= 0:
                entry = head[place]
                head[place] = following[entry]
                u, start = cell[entry], key[entry]
                following[entry], free = free, entry
                waiting -= 1
                held[place >> GROUP] -= 1
            else:
                break
            if hours[u] != start:
                continue
            for j in range(shift.size):
                v = u + shift[j]
                if hours[v] <= start:  # no step helps it; the padding too
                    continue
                both = half[u] + half[v]
                if j >= 8:
                    both = (both + (half[u + beside[j, 0]] + half[u + beside[j, 1]])) / 2.0
                step = both * length_km[j]
                if sloped:
                    step = _on_slope(step, height[v] - height[u], per_m[j], law)
                    if limited and j >= 8 and _steepest_beside(u, v, j, height, moves) > law.limit:
                        continue
                arrival = start + step
                if not arrival < hours[v]:
                    continue
                hours[v] = arrival
                bucket = _bucket(arrival, per_width)
                if bucket >= beyond or half[v] < cheap:
                    if heaped == heap_key.size:
                        heap_key, heap_cell = _longer(heap_key), _longer(heap_cell)
                    _sift_up(heap_key, heap_cell, heaped, arrival, v)
                    heaped += 1
                    continue
                if free >= 0:
                    entry, free = free, following[free]
                else:
                    if used == cell.size:
                        following, cell, key = _longer(following), _longer(cell), _longer(key)
                    entry = used
                    used += 1
                place_v = bucket & (RING - 1)
                cell[entry], key[entry], following[entry] = v, arrival, head[place_v]
                head[place_v] = entry
                waiting += 1
                held[place_v >> GROUP] += 1
        now += 1
        if waiting > 0 and now & ((1 << GROUP) - 1) == 0:
            last = _bucket(heap_key[0] if heaped > 0 else math.inf, per_width)
            while held[(now & (RING - 1)) >> GROUP] == 0 and now + (1 << GROUP) <= last:
                now += 1 << GROUP
