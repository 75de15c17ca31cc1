"""Which settlements are named, and where each name stands so that no two touch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vallum.brief.map_borders import View
    from vallum.theatre import Theatre

__all__ = ["WIDTHS", "Box", "Label", "labels", "place"]

WIDTHS = (340, 520, 720)  # map widths in CSS pixels for which names are placed
_FONT_PX = 11.0
_LETTER = 0.60  # mean width of a letter, in font sizes, on the safe side
_GAP = 6.0


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


def labels(
    theatre: Theatre, frame: View, width: int, taken: Sequence[Box], *, most: int
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
        if is_own or row.people >= 400_000:
            points.append((bool(is_own), int(row.people), str(row.name), x, y))
    points = sorted(points, key=lambda p: (not p[0], -p[1], p[2]))[: 6 * most]
    return place(points, frame, scale, list(taken), most=most)


def place(
    points: Sequence[tuple[bool, int, str, float, float]],
    frame: View,
    scale: float,
    taken: list[Box],
    *,
    most: int,
) -> list[Label]:
    """Place names greedily in the order given; a place without room for its name is left out.

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

    Returns
    -------
    list of Label
        In the order given.
    """
    out: list[Label] = []
    width, height = (frame.east - frame.west) * scale, (frame.north - frame.south) * scale
    for member, people, name, x, y in points:
        if len(out) >= most:
            break
        px, py = (x - frame.west) * scale, (frame.north - y) * scale
        dot = Box(px - 4, py - 4, px + 4, py + 4)
        if any(dot.meets(other) for other in taken):
            continue
        long, tall = len(name) * _FONT_PX * _LETTER, _FONT_PX * 1.15
        for dx, dy, align, baseline in (
            (_GAP, 0.0, "left", "middle"),
            (-_GAP, 0.0, "right", "middle"),
            (0.0, -_GAP, "center", "bottom"),
            (0.0, _GAP, "center", "top"),
        ):
            left = px + dx - {"left": 0.0, "right": long, "center": long / 2}[align]
            top = py + dy - {"middle": tall / 2, "bottom": tall, "top": 0.0}[baseline]
            spot = Box(left - 2, top - 1, left + long + 2, top + tall + 1)
            inside = spot.left > 2 and spot.right < width - 2 and 2 < spot.top < height - 16
            if inside and not any(spot.meets(other) for other in taken):
                taken += [spot, dot]
                out.append(Label(name, people, member, x, y, dx, dy, align, baseline))
                break
    return out
