"""The pass of a viewshed: outwards by rings, keeping by direction what can still hide something.

Directions lie in bins. A bin knows the slope below which everything in it is hidden, whatever the
direction, and the few cells that hide more in a part of it. So a cell's answer is that of the ray
to it, looked at cell by cell, and nearly always costs one comparison. The pass ends where nothing
further out can rise above what is hidden already; over a curved earth that is soon.

Slopes here are metres per cell, and distances are cells.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vallum.kernel.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["free", "look"]

_BINS = 3  # bins of direction to a cell of the outermost ring; decides nothing but the time
_KEPT = 12  # cells that a bin remembers; beyond that, its rays are walked
_SHIFT = 0.38196601125  # of the bins' edges, so that no middle or corner of a cell lies on one
_PAUSE = 8  # rings between two looks whether there is any hope left


class Eye(NamedTuple):
    """What looks, and over what.

    Attributes
    ----------
    ground
        Heights, m, shape (rows, cols).
    row, col, height
        The eye's cell and its height above the sea, m.
    fall
        Metres that the ground falls away at a distance of one cell; grows with the square.
    """

    ground: NDArray[np.float64]
    row: int
    col: int
    height: float
    fall: float


class Facet(NamedTuple):
    """A cell as the eye sees it: directions of its first corner, middle and last; slopes.

    Directions turn counter-clockwise and don't wrap: east of the eye the first is below 0. `mid` is
    the slope of the middle, `before` and `after` what it gains per direction towards the first
    corner and the last, `top` the steepest of the three.
    """

    first: float
    middle: float
    last: float
    mid: float
    before: float
    after: float
    top: float


class Bins(NamedTuple):
    """Bins of direction.

    Attributes
    ----------
    surely
        Slope below which everything in the bin is hidden, shape (bins,).
    filled
        Cells remembered, one more than fit where some are forgotten, shape (bins,).
    cell, most
        Flat index of each, and the steepest slope that it shows in the bin, shape (bins, kept).
    """

    surely: NDArray[np.float64]
    filled: NDArray[np.int64]
    cell: NDArray[np.int64]
    most: NDArray[np.float64]


@compiled
def _direction(x: float, y: float) -> float:
    """Give a direction a number, from 0 (east) counter-clockwise to 8, one per octant, smoothly.

    It is the place where the ray leaves a square around the eye: it needs no arctangent, and two
    points on one ray get the same number.
    """
    across, up = abs(x), abs(y)
    part = up / across if up <= across else 2 - across / up
    if x < 0:
        part = 4 - part
    return part if y >= 0 else 8 - part


@compiled
def _corner(ground: NDArray[np.float64], row: int, col: int, dr: int, dc: int) -> float:
    """Height of a cell's corner towards (dr, dc): the mean of four; the cell's at the edge."""
    r, c = row + dr, col + dc
    if r < 0 or c < 0 or r >= ground.shape[0] or c >= ground.shape[1]:
        return float(ground[row, col])
    return float(ground[row, col] + ground[r, col] + ground[row, c] + ground[r, c]) / 4


@compiled
def _slope_of(eye: Eye, height: float, x: float, y: float) -> float:
    away2 = x * x + y * y
    return (height - eye.height - eye.fall * away2) / math.sqrt(away2)


@compiled
def _facet(eye: Eye, row: int, col: int) -> Facet:
    """See a cell that is not the eye's."""
    x, y = col - eye.col, eye.row - row
    sx = 1 if x > 0 else (-1 if x < 0 else 0)
    sy = 1 if y > 0 else (-1 if y < 0 else 0)
    # steps to the corner that is met first as the direction turns, and to the last; straight ahead
    # of the eye they are the two near ones
    if sx == 0:
        ax, ay, bx, by = sy, -sy, -sy, -sy
    elif sy == 0:
        ax, ay, bx, by = -sx, -sx, -sx, sx
    else:
        ax, ay, bx, by = sy, -sx, -sy, sx
    x1, y1, x2, y2 = x + ax / 2, y + ay / 2, x + bx / 2, y + by / 2
    middle, first, last = _direction(x, y), _direction(x1, y1), _direction(x2, y2)
    if first > middle:
        first -= 8
    low = _slope_of(eye, _corner(eye.ground, row, col, -ay, ax), x1, y1)
    mid = _slope_of(eye, eye.ground[row, col], x, y)
    high = _slope_of(eye, _corner(eye.ground, row, col, -by, bx), x2, y2)
    before, after = (low - mid) / (middle - first), (high - mid) / (last - middle)
    return Facet(first, middle, last, mid, before, after, max(low, mid, high))


@compiled
def _slope(facet: Facet, at: float) -> float:
    """Slope at which a cell is seen in a direction inside it."""
    if at < facet.middle:
        return facet.mid + facet.before * (facet.middle - at)
    return facet.mid + facet.after * (at - facet.middle)


@compiled
def _hides(facet: Facet, at: float, slope: float) -> bool:
    """Whether a cell hides what is seen in a direction at a slope; a touched corner doesn't."""
    if facet.first < 0 and at > 4:
        at -= 8
    return facet.first < at < facet.last and _slope(facet, at) > slope


@compiled
def free(eye: Eye, row: int, col: int, slope: float) -> bool:
    """Whether a cell is seen at a slope, by looking at every cell that the ray to it crosses.

    Parameters
    ----------
    eye
        What looks.
    row, col
        The cell.
    slope
        Of the line of sight to its target, m per cell.
    """
    dr, dc = row - eye.row, col - eye.col
    steep = abs(dr) > abs(dc)
    steps = max(abs(dr), abs(dc))
    at = _direction(dc, -dr)
    side = (dc if steep else dr) / steps
    for ring in range(1, steps):
        ends = ((ring - 0.5) * side, (ring + 0.5) * side)
        along = ring if (dr if steep else dc) > 0 else -ring
        for across in range(math.floor(min(ends) + 0.5), math.floor(max(ends) + 0.5) + 1):
            r = eye.row + (along if steep else across)
            c = eye.col + (across if steep else along)
            inside = 0 <= r < eye.ground.shape[0] and 0 <= c < eye.ground.shape[1]
            if inside and _hides(_facet(eye, r, c), at, slope):
                return False
    return True


@compiled
def _seen(eye: Eye, bins: Bins, row: int, col: int, middle: float, slope: float) -> bool:
    """Whether a cell is seen at a slope, by what its bin knows of nearer rings."""
    here = int(middle * len(bins.surely) / 8 + _SHIFT) % len(bins.surely)
    if slope < bins.surely[here]:
        return False
    if bins.filled[here] > _KEPT:
        return free(eye, row, col, slope)
    for each in range(bins.filled[here]):
        if bins.most[here, each] > slope:
            r, c = divmod(bins.cell[here, each], eye.ground.shape[1])
            if _hides(_facet(eye, r, c), middle, slope):
                return False
    return True


@compiled
def _keep(bins: Bins, facet: Facet, flat: int) -> None:
    """Put a cell into the bins in which it may hide something."""
    size = len(bins.surely)
    per = size / 8
    first, last = facet.first * per + _SHIFT, facet.last * per + _SHIFT
    middle = facet.middle * per + _SHIFT
    here = math.floor(first) % size - 1
    right = _slope(facet, facet.first)
    for turn in range(math.floor(first), math.floor(last) + 1):
        here = here + 1 if here + 1 < size else 0
        left = right
        right = _slope(facet, (turn + 1 - _SHIFT) / per if turn + 1 < last else facet.last)
        low, high = min(left, right), max(left, right)
        if turn < middle < turn + 1:
            low, high = min(low, facet.mid), max(high, facet.mid)
        if high <= bins.surely[here]:
            continue
        if first <= turn and last >= turn + 1 and low > bins.surely[here]:
            bins.surely[here] = low
        if high > bins.surely[here] and bins.filled[here] <= _KEPT:
            _remember(bins, here, flat, high)


@compiled
def _remember(bins: Bins, here: int, flat: int, high: float) -> None:
    """Remember a cell in a bin, and forget those that hide no more than is hidden surely."""
    kept = 0
    for each in range(bins.filled[here]):
        if bins.most[here, each] > bins.surely[here]:
            bins.most[here, kept] = bins.most[here, each]
            bins.cell[here, kept] = bins.cell[here, each]
            kept += 1
    if kept < _KEPT:
        bins.most[here, kept], bins.cell[here, kept] = high, flat
    bins.filled[here] = kept + 1


@compiled
def _leaving(eye: Eye, at: float) -> float:
    """Ring in which the ray in a direction leaves the grid."""
    quarter, part = int(at) // 2 % 4, at % 2
    across, up = (1.0, part) if part <= 1 else (2 - part, 1.0)
    if quarter == 0:
        x, y = across, up
    elif quarter == 1:
        x, y = -up, across
    elif quarter == 2:
        x, y = -across, -up
    else:
        x, y = up, -across
    rows, cols = eye.ground.shape
    east, north = cols - 0.5 - eye.col, eye.row + 0.5
    wide = east if x > 0 else cols - east
    long = north if y > 0 else rows - north
    return float(min(wide / max(abs(x), 1e-12), long / max(abs(y), 1e-12)))


@compiled
def _hopeless(bins: Bins, leaving: NDArray[np.float64], ring: int, top: float, fall: float) -> bool:
    """Whether nothing from a ring outwards can be seen, be it as high as the highest target."""
    best = top / ring - fall * ring
    if top < 0:  # below the eye: what is further away is seen at a less steep slope, to a point
        away = max(math.sqrt(-top / fall), float(ring)) if fall > 0 else math.inf
        best = top / away - fall * away if fall > 0 else 0.0
    for here in range(len(leaving)):
        if leaving[here] >= ring and bins.surely[here] <= best:
            return False
    return True


@compiled
def _pass(
    eye: Eye, target: float, top: float, far: float, seen: NDArray[np.bool_], bins: Bins
) -> None:
    """Fill in what is seen within `far`; `top` is the highest target, m above the eye."""
    rows, cols = seen.shape
    size = len(bins.surely)
    leaving = np.empty(size)
    for each in range(size):
        left, right = (each - _SHIFT) * 8 / size % 8, (each + 1 - _SHIFT) * 8 / size % 8
        leaving[each] = 1 + max(_leaving(eye, left), _leaving(eye, right))  # 1: a corner between
    reach = max(eye.row, rows - 1 - eye.row, eye.col, cols - 1 - eye.col)
    for ring in range(1, int(min(float(reach), far)) + 1):
        if ring % _PAUSE == 0 and _hopeless(bins, leaving, ring, top, eye.fall):
            return
        for row in range(max(eye.row - ring, 0), min(eye.row + ring, rows - 1) + 1):
            edge = abs(row - eye.row) == ring
            start = max(eye.col - ring, 0) if edge else eye.col - ring
            for col in range(start, min(eye.col + ring, cols - 1) + 1, 1 if edge else 2 * ring):
                if col < 0:
                    continue
                facet = _facet(eye, row, col)
                away = math.sqrt(float((row - eye.row) ** 2 + (col - eye.col) ** 2))
                if away <= far:
                    slope = facet.mid + target / away
                    seen[row, col] = _seen(eye, bins, row, col, facet.middle, slope)
                _keep(bins, facet, row * cols + col)


def look(
    ground: NDArray[np.float64],
    here: tuple[int, int],
    height: float,
    target: float,
    fall: float,
    far: float,
) -> NDArray[np.bool_]:
    """See what can be seen.

    Parameters
    ----------
    ground
        Heights, m, finite, shape (rows, cols), C order.
    here
        The eye's cell.
    height
        Of the eye above the sea, m.
    target
        Height of what is looked for above the ground, m.
    fall
        Metres that the ground falls away at a distance of one cell.
    far
        Distance beyond which nothing is seen, cells.

    Returns
    -------
    seen
        Shape (rows, cols).
    """
    seen = np.zeros(ground.shape, np.bool_)
    seen[here] = True
    top, deep = float(ground.max()) + target - height, height - float(ground.min())
    wide = float(max(ground.shape))
    if fall > 0:  # two level lines of sight that graze the lowest ground: decides only the bins
        wide = min(wide, math.sqrt(max(deep, 0.0) / fall) + math.sqrt(max(deep + top, 0.0) / fall))
    size = 8 * _BINS * (int(min(wide, far)) + 2)
    bins = Bins(
        np.full(size, -np.inf),
        np.zeros(size, np.int64),
        np.empty((size, _KEPT), np.int64),
        np.empty((size, _KEPT)),
    )
    _pass(Eye(ground, here[0], here[1], height, fall), target, top, far, seen, bins)
    return seen
