"""The core as a picture: a segment for two players, a triangle for three, with each rule."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from vallum.brief import look
from vallum.brief.accord_words import RULES
from vallum.brief.dividend_words import money
from vallum.brief.language import named, of_stage, say
from vallum.brief.page_text import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from vallum.accord.settle import Settlement

    Point = NDArray[np.float64]
    Place = Callable[[Point], tuple[float, float]]

__all__ = ["core_picture"]

WIDTH = 520.0  # narrow, so that a phone shows all of it
HEIGHT = {2: 224.0, 3: 452.0}
TOP = 118.0  # px: below the key
FLAT = 144.0  # px from the top: the segment of two players
_FOUR = (look.KINDS[0], look.KINDS[4], look.KINDS[2], look.KINDS[3])
COLOURS = dict(zip(("shapley", "nucleolus", "bargain", "use"), _FOUR, strict=True))
SHAPES = {"shapley": "circle", "nucleolus": "square", "bargain": "diamond", "use": "cross"}
_TWO, _THREE = 2, 3
FAR = 1.5  # times the frame's size, beyond which a share is set at the edge
_TEXT = Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>')
_FORM = Markup(
    '<g class="share" transform="translate({} {})" fill="{}" stroke="{}"><title>{}</title>{}</g>'
)
_INSIDE = {
    "circle": Markup('<circle r="8"/>'),  # drawn first: smaller shapes above leave it seen
    "square": Markup('<rect x="-5" y="-5" width="10" height="10"/>'),
    "diamond": Markup('<path d="M0 -6.5L5.5 0L0 6.5L-5.5 0Z"/>'),
    "cross": Markup('<path d="M-6 -6L6 6M6 -6L-6 6" stroke-width="3.2"/>'),
}


def core_picture(made: Settlement, names: Mapping[str, str]) -> Markup | None:
    """Draw the shares that give nobody less than alone, the core or the least core, and the rules.

    Parameters
    ----------
    made
        A game with every rule tried on it.
    names
        Of players by ISO3.

    Returns
    -------
    Markup or None
        An SVG; None with other than two or three players, or where nothing can be shared.
    """
    core = made.core
    if core is None or len(core.players) not in HEIGHT:
        return None
    two = len(core.players) == _TWO
    shares = [
        (rule.name, np.array([rule.shares[player] for player in core.players]))
        for rule in made.rules
    ]
    corners = core.least_corners if core.empty else core.corners
    points = [] if corners is None else list(np.asarray(corners, np.float64))
    frame = list(np.asarray(core.frame, np.float64))
    seen = _seen([*frame, *points], [share for _, share in shares])
    place = _segment(seen) if two else _triangle(seen)
    told = [named(names.get(player, player)) for player in core.players]
    parts = [_ground(frame, points, place, told, empty=core.empty)]
    words = []
    for name, share in shares:
        mark, said = _mark(name, share, place, told)
        parts.append(mark)
        words.append(said)
    parts += _key([name for name, _ in shares])
    holds = say("The core is empty.") if core.empty else say("The core is not empty.")
    label = (
        say("Shares of {names} as points of a segment.", names=listed(told))
        if two
        else say("Shares of {names} as points of a triangle.", names=listed(told))
    )
    label = f"{label} {holds} {'. '.join(words)}."
    title = say("The shares that each rule gives, and those that would keep everybody in")
    return Markup(
        '<svg class="chart core-{}" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        "<title>{}</title>{}</svg>"
    ).format(len(told), WIDTH, HEIGHT[len(told)], label, title, Markup("").join(parts))


def _mark(name: str, share: Point, place: Place, names: Sequence[str]) -> tuple[Markup, str]:
    """Set the mark of a rule's shares, and say them."""
    x, y = place(share)
    high = HEIGHT[len(names)]
    inside = (min(max(x, 16.0), WIDTH - 16.0), min(max(y, TOP), high - 60.0))
    far = "" if inside == (x, y) else say(" (beyond the edge of the picture)")
    parts = ", ".join(
        say("{who} {sum} USD a year", who=who, sum=money(float(part), 3))
        for who, part in zip(names, share, strict=True)
    )
    said = say("{name}: {what}", name=f"{of_stage(RULES.get(name, name))}{far}", what=parts)
    colour = COLOURS.get(name, look.INK)
    shape = _INSIDE[SHAPES.get(name, "circle")]
    mark = _FORM.format(*inside, colour, colour, said, shape)
    if far:
        side = "end" if inside[0] > WIDTH / 2 else "start"
        mark += _TEXT.format("note", inside[0], inside[1] - 12, side, say("beyond the edge"))
    return mark, said


def _key(rules: Sequence[str]) -> list[Markup]:
    """Name the marks."""
    out = []
    for n, name in enumerate(rules):
        x, y = 18.0, 18.0 + 22.0 * n
        colour, told = COLOURS.get(name, look.INK), of_stage(RULES.get(name, name))
        shape = _INSIDE[SHAPES.get(name, "circle")]
        out.append(_FORM.format(x, y, colour, colour, told, shape))
        out.append(_TEXT.format("name", x + 16, y + 4, "start", told))
    return out


def _seen(middle: list[Point], shares: list[Point]) -> list[Point]:
    """Give the points that the picture is fitted to: shares far off would hide all else."""
    if len(middle) < _TWO:
        return [*middle, *shares]
    whole = np.array(middle)
    centre, reach = whole.mean(axis=0), np.ptp(whole, axis=0).max()
    near = [one for one in shares if np.abs(one - centre).max() <= FAR * max(float(reach), 1e-9)]
    return [*middle, *near]


def _ground(
    frame: Sequence[Point],
    points: Sequence[Point],
    place: Place,
    names: Sequence[str],
    *,
    empty: bool,
) -> Markup:
    """Draw the frame with its corners named, and the core, or the least core dashed."""
    out = []
    high = HEIGHT[len(names)]
    if frame:
        ends = [place(corner) for corner in frame]
        out.append(_outline("frame", ends))
        for name, (x, y) in zip(names, ends, strict=True):
            below = len(names) == _TWO or y > high / 2
            out.append(_TEXT.format("name", x, y + (28 if below else -14), "middle", name))
    if points:
        spots = [place(point) for point in points]
        kind = "least" if empty else "core"
        if len(spots) == 1:
            out.append(
                Markup('<circle class="{}" cx="{}" cy="{}" r="13"/>').format(kind, *spots[0])
            )
        else:
            out.append(_outline(kind, spots))
    note = (
        say("the core is empty; dashed: the least core, where the greatest complaint is least")
        if empty
        else say("blue: the core, shares under which nobody does better by leaving")
    )
    out.append(_TEXT.format("note", 12, high - 24, "start", note))
    if not frame:
        note = say("no shares give everybody as much as alone")
    elif len(names) == _TWO:
        note = say(
            "grey segment: nobody has less than alone; at a corner all the gain is that player’s"
        )
    else:
        note = say(
            "grey triangle: nobody has less than alone; at a corner all the gain is that player’s"
        )
    out.append(_TEXT.format("note", 12, high - 8, "start", note))
    return Markup("").join(out)


def _outline(kind: str, spots: Sequence[tuple[float, float]]) -> Markup:
    """Draw a shape by its corners."""
    path = "M" + "L".join(f"{x} {y}" for x, y in spots)
    path += "Z" if len(spots) > _TWO else ""  # a way back would fill the gaps between dashes
    return Markup('<path class="{}" d="{}"/>').format(kind, path)


def _segment(points: Sequence[Point]) -> Place:
    """Place the shares of two players on a line: more to the first is further left."""
    flat = np.array([float(point[1] - point[0]) / 2.0 for point in points])
    unit = (WIDTH - 160.0) / max(float(np.ptp(flat)), 1e-9)
    middle = float(flat.min() + flat.max()) / 2.0

    def place(share: Point) -> tuple[float, float]:
        along = float(share[1] - share[0]) / 2.0 - middle
        return round(WIDTH / 2.0 + along * unit, 1), FLAT

    return place


def _triangle(points: Sequence[Point]) -> Place:
    """Place the shares of three players in the plane in which they add up to the same."""
    across = np.array([-0.5, 0.5, 0.0])
    up = np.array([-1.0, -1.0, 2.0]) / (2.0 * math.sqrt(3.0))
    flat = np.array([[float(across @ point), float(up @ point)] for point in points])
    low, high = flat.min(axis=0), flat.max(axis=0)
    span = float(max((high - low).max(), 1e-9))
    room = HEIGHT[_THREE] - TOP - 110.0  # names above and below, notes at the foot
    unit = min(WIDTH - 200.0, room) / span
    middle = (low + high) / 2.0

    def place(share: Point) -> tuple[float, float]:
        x, y = (np.array([float(across @ share), float(up @ share)]) - middle) * unit
        return round(WIDTH / 2.0 + float(x), 1), round(TOP + 22.0 + room / 2.0 - float(y), 1)

    return place
