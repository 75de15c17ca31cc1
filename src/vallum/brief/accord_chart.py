"""The core as a picture: a segment for two players, a triangle for three, with each rule."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from vallum.brief.accord_words import RULES
from vallum.brief.dividend_words import money

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from vallum.accord.model import AccordGame

    Place = Callable[[NDArray[np.float64]], tuple[float, float]]

__all__ = ["core_picture"]

WIDTH, HEIGHT = 760.0, 420.0
COLOURS = {"shapley": "#0072b2", "nucleolus": "#d55e00", "bargain": "#009e73", "use": "#cc79a7"}
SHAPES = {"shapley": "circle", "nucleolus": "square", "bargain": "diamond", "use": "cross"}
_TWO, _THREE = 2, 3
FAR = 1.5  # times the frame's size, beyond which a share is set at the edge
_TEXT = Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>')
_FORM = Markup(
    '<g class="share" transform="translate({} {})" fill="{}" stroke="{}"><title>{}</title>{}</g>'
)
_INSIDE = {
    "circle": Markup('<circle r="6"/>'),
    "square": Markup('<rect x="-5.5" y="-5.5" width="11" height="11"/>'),
    "diamond": Markup('<path d="M0 -8L7 0L0 8L-7 0Z"/>'),
    "cross": Markup('<path d="M-6 -6L6 6M6 -6L-6 6" stroke-width="3.2"/>'),
}


def core_picture(game: AccordGame, names: Mapping[str, str]) -> Markup | None:
    """Draw the shares that give nobody less than alone, the core or the least core, and the rules.

    Parameters
    ----------
    game
        With its settlement.
    names
        Of players by ISO3.

    Returns
    -------
    Markup or None
        An SVG; None with other than two or three players, or where nothing can be shared.
    """
    core = game.settlement.core
    if core is None or len(core.players) not in (_TWO, _THREE):
        return None
    shares = [
        (rule.name, np.array([rule.shares[player] for player in core.players]))
        for rule in game.settlement.rules
    ]
    corners = core.least_corners if core.empty else core.corners
    points = [] if corners is None else list(np.asarray(corners, np.float64))
    frame = list(np.asarray(core.frame, np.float64))
    at = _segment if len(core.players) == _TWO else _triangle
    place = at(_seen([*frame, *points], [share for _, share in shares]))
    told = [names.get(player, player) for player in core.players]
    parts = [_ground(frame, points, place, told, empty=core.empty)]
    for name, share in shares:
        x, y = place(share)
        inside = (min(max(x, 16.0), WIDTH - 16.0), min(max(y, 100.0), HEIGHT - 48.0))
        far = "" if inside == (x, y) else " (beyond the edge of the picture)"
        x, y = inside
        said = f"{RULES.get(name, name)}{far}: " + ", ".join(
            f"{who} {money(float(part), 3)}" for who, part in zip(told, share, strict=True)
        )
        if far:
            side = "end" if x > WIDTH / 2 else "start"
            parts.append(_TEXT.format("note", x, y - 12, side, "beyond the edge"))
        colour = COLOURS.get(name, "#1d1d1b")
        parts.append(_FORM.format(x, y, colour, colour, said, _INSIDE[SHAPES.get(name, "circle")]))
    for n, (name, _) in enumerate(shares):
        colour, y = COLOURS.get(name, "#1d1d1b"), 24 + 22 * n
        key = _INSIDE[SHAPES.get(name, "circle")]
        parts.append(_FORM.format(18, y, colour, colour, RULES.get(name, name), key))
        parts.append(_TEXT.format("name", 34, y + 4, "start", RULES.get(name, name)))
    title = "The shares that each rule gives, and those that would keep everybody in"
    return Markup(
        '<svg class="chart core" viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title>'
        "{}</svg>"
    ).format(WIDTH, HEIGHT, title, title, Markup("").join(parts))


def _seen(
    middle: list[NDArray[np.float64]], shares: list[NDArray[np.float64]]
) -> list[NDArray[np.float64]]:
    """Give the points that the picture is fitted to: shares far off would hide all else."""
    if len(middle) < _TWO:
        return [*middle, *shares]
    whole = np.array(middle)
    centre, reach = whole.mean(axis=0), np.ptp(whole, axis=0).max()
    near = [one for one in shares if np.abs(one - centre).max() <= FAR * max(float(reach), 1e-9)]
    return [*middle, *near]


def _ground(
    frame: Sequence[NDArray[np.float64]],
    points: Sequence[NDArray[np.float64]],
    place: Place,
    names: Sequence[str],
    *,
    empty: bool,
) -> Markup:
    """Draw the frame with its corners named, and the core, or the least core dashed."""
    out = []
    if frame:
        ends = [place(corner) for corner in frame]
        path = "M" + "L".join(f"{x} {y}" for x, y in ends) + "Z"
        out.append(Markup('<path class="frame" d="{}"/>').format(path))
        for name, (x, y) in zip(names, ends, strict=True):
            below = y > HEIGHT / 2
            out.append(_TEXT.format("name", x, y + (22 if below else -10), "middle", name))
    if points:
        spots = [place(point) for point in points]
        kind = "least" if empty else "core"
        if len(spots) == 1:
            out.append(
                Markup('<circle class="{}" cx="{}" cy="{}" r="11"/>').format(kind, *spots[0])
            )
        else:
            path = "M" + "L".join(f"{x} {y}" for x, y in spots) + "Z"
            out.append(Markup('<path class="{}" d="{}"/>').format(kind, path))
    note = (
        "the core is empty; dashed: the least core, where complaints are least"
        if empty
        else "shaded: the core, shares under which nobody does better by leaving"
    )
    out.append(_TEXT.format("note", 12, HEIGHT - 24, "start", note))
    if frame:
        note = "frame: nobody has less than alone; at a corner all the gain is that player’s"
        out.append(_TEXT.format("note", 12, HEIGHT - 8, "start", note))
    return Markup("").join(out)


def _fit(flat: NDArray[np.float64]) -> Callable[[NDArray[np.float64]], tuple[float, float]]:
    """Fit points of a plane into the picture."""
    low, high = flat.min(axis=0), flat.max(axis=0)
    span = float(max((high - low).max(), 1e-9))
    unit = min(WIDTH - 260.0, HEIGHT - 150.0) / span
    middle = (low + high) / 2.0

    def place(point: NDArray[np.float64]) -> tuple[float, float]:
        x, y = (point - middle) * unit
        return round(WIDTH * 0.58 + float(x), 1), round(HEIGHT * 0.5 - float(y), 1)

    return place


def _segment(points: Sequence[NDArray[np.float64]]) -> Place:
    """Place the shares of two players on a line: more to the first is further left."""
    flat = np.array([[float(point[1]), 0.0] for point in points])
    place = _fit(flat)
    return lambda share: place(np.array([float(share[1]), 0.0]))


def _triangle(points: Sequence[NDArray[np.float64]]) -> Place:
    """Place the shares of three players in the plane in which they add up to the same."""
    across = np.array([-0.5, 0.5, 0.0])
    up = np.array([-1.0, -1.0, 2.0]) / (2.0 * math.sqrt(3.0))
    flat = np.array([[float(across @ point), float(up @ point)] for point in points])
    place = _fit(flat)
    return lambda share: place(np.array([float(across @ share), float(up @ share)]))
