"""Which settlements are named, and where each name stands so that no two touch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import shapely

from vallum.brief.language import named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vallum.brief.map_borders import View
    from vallum.theatre import Theatre

__all__ = ["CLASSES", "WIDTHS", "Box", "Label", "dot_px", "labels", "place", "reach", "type_px"]

WIDTHS = (340, 520, 660)  # map widths in CSS pixels for which names are placed
CLASSES = (1_000_000, 100_000)  # people from which a town has the larger dot and name
_DOT_PX, _TYPE_PX = (7.5, 5.5, 4.0), (13.0, 11.5, 10.5)
_LARGE_ABROAD = 400_000  # people from which a neighbour's town may be named
_HIGH = 1.15  # height of a line of type, in its size
_PHONE_PX = 500.0  # maps narrower than this have smaller names
_BESIDE, _ROOM = 3.0, 1.5  # px between dot and name, and around a name
# Places round a dot, the best first (Imhof 1975: right before left, above before below): across
# and down, in gaps; then what each costs against one that lies on no line
_AROUND = (
    (1.0, 0.0, "left", "middle", 0.0),
    (0.7, -0.7, "left", "bottom", 1.0),
    (0.7, 0.7, "left", "top", 2.0),
    (-1.0, 0.0, "right", "middle", 3.0),
    (-0.7, -0.7, "right", "bottom", 4.0),
    (-0.7, 0.7, "right", "top", 5.0),
    (0.0, -1.0, "center", "bottom", 4.0),
    (0.0, 1.0, "center", "top", 5.0),
)
_CROSSED = 0.6  # what a px of a line under a name costs
# Widths of letters in the widest of the fonts (DejaVu Sans), in sizes; others, on the safe side
_NARROW, _WIDE = frozenset("iljI'.,:;|!\u2009 "), frozenset("mwMWÆŒ@%")
_WIDTHS_EM = (0.34, 0.7, 0.64, 0.99)  # narrow, capital, other, wide


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels, y downward."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether two rectangles overlap."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def within(self, width: float, height: float, room: float = 2.0) -> bool:
        """Whether a map of so many pixels holds the rectangle."""
        return (
            self.left >= room
            and self.top >= room
            and self.right <= width - room
            and self.bottom <= height - room
        )


@dataclass(frozen=True)
class Label:
    """A settlement and where its name stands: align and baseline as Bokeh calls them."""

    name: str
    people: int
    member: bool
    x: float
    y: float
    dx: float
    dy: float
    align: str
    baseline: str
    size: float
    box: Box


def reach(text: str, size: float) -> float:
    """Give the width of a text in px, on the safe side.

    Examples
    --------
    >>> round(reach("Mali", 10.0), 1)
    23.1
    """
    narrow, capital, other, wide = _WIDTHS_EM
    return size * sum(
        narrow if sign in _NARROW else wide if sign in _WIDE
        else capital if sign.isupper() else other
        for sign in text
    )  # fmt: skip


def dot_px(people: int) -> float:
    """Give the size of a town's dot."""
    return _DOT_PX[sum(people < least for least in CLASSES)]


def type_px(people: int, width: float) -> float:
    """Give the size of a town's name on a map of a width in px."""
    size = _TYPE_PX[sum(people < least for least in CLASSES)]
    return size if width >= _PHONE_PX else 0.88 * size


def labels(
    theatre: Theatre,
    frame: View,
    width: int,
    taken: Sequence[Box],
    *,
    most: int,
    avoid: shapely.Geometry | None = None,
    size: float | None = None,
) -> list[Label]:
    """Name the largest settlements at one width of the map.

    Parameters
    ----------
    theatre
        Its settlements; members' first, the neighbours' only where they are large.
    frame
        What the map shows.
    width
        Of the map, px.
    taken
        Rectangles that are taken already.
    most
        Number of names at most.
    avoid
        Lines in km on which names had better not lie.
    size
        Of all names, px; otherwise larger towns have larger ones.

    Returns
    -------
    list of Label
        Largest first; no two touch each other, another's dot, or what is taken.
    """
    scale = width / (frame.east - frame.west)
    table = theatre.settlements
    own = table["iso3"].isin(theatre.members).to_numpy()
    points = []
    for is_own, row in zip(own, table.itertuples(), strict=True):
        x, y = row.geometry.x / 1000.0, row.geometry.y / 1000.0
        if not (frame.west < x < frame.east and frame.south < y < frame.north):
            continue
        if is_own or row.people >= _LARGE_ABROAD:
            points.append((bool(is_own), int(row.people), named(str(row.name)), x, y))
    points = sorted(points, key=lambda p: (not p[0], -p[1], p[2]))[: 6 * most]
    return place(points, frame, scale, list(taken), most=most, avoid=avoid, size=size)


def place(
    points: Sequence[tuple[bool, int, str, float, float]],
    frame: View,
    scale: float,
    taken: list[Box],
    *,
    most: int,
    avoid: shapely.Geometry | None = None,
    size: float | None = None,
) -> list[Label]:
    """Place names in the order given, each where it is best; one without room is left out.

    Parameters
    ----------
    points
        (of a member, people, name, x, y) in km.
    frame, scale
        What is seen, and px per km.
    taken
        Rectangles in px that are taken; what is placed is added.
    most
        Number of names at most.
    avoid
        Lines in km: of the places that are free the one is taken that covers least of them.
    size
        Of all names, px; otherwise larger towns have larger ones.

    Returns
    -------
    list of Label
        In the order given.
    """
    out: list[Label] = []
    width, height = (frame.east - frame.west) * scale, (frame.north - frame.south) * scale
    for point in points:
        if len(out) >= most:
            break
        x, y = point[3:]
        px, py = (x - frame.west) * scale, (frame.north - y) * scale
        radius = dot_px(point[1]) / 2.0 + 1.0
        name_px = size or type_px(point[1], width)
        dot = Box(px - radius, py - radius, px + radius, py + radius)
        if any(dot.meets(other) for other in taken):
            continue
        free = [
            (cost + _CROSSED * _covered(label.box, frame, scale, avoid), n, label)
            for n, (label, cost) in enumerate(_candidates(point, px, py, radius, name_px))
            if label.box.within(width, height)
            and not any(label.box.meets(other) for other in taken)
        ]  # fmt: skip
        if free:
            best = min(free)[2]
            taken += [best.box, dot]
            out.append(best)
    return out


def _candidates(
    point: tuple[bool, int, str, float, float],
    px: float,
    py: float,
    radius: float,
    size: float,
) -> list[tuple[Label, float]]:
    """Give the places round a dot where its name may stand, and the cost of each."""
    member, people, name, x, y = point
    gap = radius + _BESIDE
    long, tall = reach(name, size), size * _HIGH
    out = []
    for across, down, align, baseline, cost in _AROUND:
        dx, dy = round(across * gap, 1), round(down * gap, 1)
        left = px + dx - {"left": 0.0, "right": long, "center": long / 2}[align]
        top = py + dy - {"middle": tall / 2, "bottom": tall, "top": 0.0}[baseline]
        box = Box(left - _ROOM, top - _ROOM, left + long + _ROOM, top + tall + _ROOM)
        out.append((Label(name, people, member, x, y, dx, dy, align, baseline, size, box), cost))
    return out


def _covered(box: Box, frame: View, scale: float, avoid: shapely.Geometry | None) -> float:
    """Give the length in px of the lines under a rectangle."""
    if avoid is None:
        return 0.0
    area = shapely.box(
        frame.west + box.left / scale, frame.north - box.bottom / scale,
        frame.west + box.right / scale, frame.north - box.top / scale,
    )  # fmt: skip
    return float(shapely.intersection(avoid, area).length) * scale
