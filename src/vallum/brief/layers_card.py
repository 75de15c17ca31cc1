"""What the page of layers says beside one map: its card, and the swatches of its legend."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vallum.brief.layers_scale import Bar
    from vallum.brief.page_text import Piece

__all__ = ["MARKERS", "Card", "Swatch", "svg_points"]

# Bokeh's markers in the order in which kinds take them
MARKERS = ("circle", "square", "triangle", "diamond", "inverted_triangle", "star", "hex", "plus")


@dataclass(frozen=True)
class Swatch:
    """One entry of a legend.

    Attributes
    ----------
    colour
        As on the map.
    name
        What it stands for.
    more
        Its share or number, in words.
    shape
        `fill`, `line`, or one of `MARKERS`.
    width
        Of a line, in pixels; diameter of a marker.
    dash
        Of a line, as SVG writes it; empty for a whole line.
    """

    colour: str
    name: str
    more: str = ""
    shape: str = "fill"
    width: float = 11.0
    dash: str = ""

    @property
    def points(self) -> str:
        """The corners of the marker, as SVG writes them."""
        return svg_points(self.shape, self.width / 2.0)


@dataclass(frozen=True, eq=False)
class Card:
    """One map and what stands beside it.

    Attributes
    ----------
    name
        Of the layer or table; part of the map's id.
    title, text
        In words.
    said
        The layer's own long name, as the data say it.
    figure
        The map, of Bokeh.
    swatches, legend_title
        The legend's classes.
    bar
        The colour bar, where the layer holds numbers.
    figures
        A line of figures over the members.
    notes
        What the reader must know: reduced for drawing, all zero, no data.
    source
        Who says so.
    treatments
        File, and what was done to it.
    labels
        What each colour's number means, for the pointer.
    """

    name: str
    title: str
    text: str
    said: str
    figure: Any
    swatches: tuple[Swatch, ...] = ()
    legend_title: str = ""
    bar: Bar | None = None
    figures: str = ""
    notes: tuple[str, ...] = ()
    source: str = ""
    treatments: tuple[tuple[str, list[Piece]], ...] = ()
    labels: tuple[str, ...] = ()


def svg_points(shape: str, half: float) -> str:
    """Give the corners of a marker about (0, 0), as SVG writes them; nothing for a circle.

    Examples
    --------
    >>> svg_points("square", 5.0), svg_points("circle", 5.0)
    ('-5,-5 5,-5 5,5 -5,5', '')
    """
    third = half / 3.0
    corners: dict[str, list[tuple[float, float]]] = {
        "square": [(-half, -half), (half, -half), (half, half), (-half, half)],
        "triangle": [(0, -half), (half, half), (-half, half)],
        "inverted_triangle": [(-half, -half), (half, -half), (0, half)],
        "diamond": [(0, -half), (0.75 * half, 0), (0, half), (-0.75 * half, 0)],
        "hex": [_on_circle(half, n / 6) for n in range(6)],
        "star": [_on_circle(half if n % 2 == 0 else 0.42 * half, n / 10) for n in range(10)],
        "plus": [
            (-third, -half), (third, -half), (third, -third), (half, -third), (half, third),
            (third, third), (third, half), (-third, half), (-third, third), (-half, third),
            (-half, -third), (-third, -third),
        ],
    }  # fmt: skip
    return " ".join(f"{x:.3g},{y:.3g}" for x, y in corners.get(shape, []))


def _on_circle(radius: float, turn: float) -> tuple[float, float]:
    return radius * math.sin(math.tau * turn), -radius * math.cos(math.tau * turn)
