"""The one visual language: palette, type, spacing and strokes of every page and picture.

Nothing else in the brief names a colour. What it means is told in docs/method/look.md, and that the
colours can be told apart, with or without full colour vision and in grey print, is tested.
"""

from __future__ import annotations

from typing import Any, Final

from markupsafe import Markup

__all__ = [
    "BENEFIT", "CLASSES", "COAST", "COST", "DISPUTED", "EARTH", "EDGE", "FOCUS", "FONT", "GROUND",
    "HAIR", "HARM", "HELD", "HIGHER", "INK", "INSIDE", "KINDS", "LINE", "LINKS", "LOSS", "LOWER",
    "MARK", "MEANT", "MEMBER", "MONEY", "MONO", "MUTE", "NEIGHBOUR", "NODATA", "NOTHING", "OPPOSED",
    "OTHER", "OUTSIDE", "PAPER", "PARTNER", "QUIET", "RAIL", "RIVER", "ROAD", "RULE", "SEA",
    "SEA_INK", "SHEET", "SIZES", "SOFT", "SPACES", "STROKES", "SURE", "WARN", "WARN_EDGE",
    "WARN_WASH", "WASH", "axes", "fade", "ramp", "rgb", "root",
]  # fmt: skip

# Neutrals, dark to light; all warm, so that paper and land belong together
INK: Final = "#1d1d1b"  # text, axes, whiskers
SOFT: Final = "#3c3a36"  # names of states, labels beside marks
QUIET: Final = "#5b5852"  # text of the second order
MUTE: Final = "#8a857d"  # marks without a meaning of their own
EDGE: Final = "#b9b3a8"  # outlines of frames and swatches
RULE: Final = "#ddd8ce"  # rules between rows
HAIR: Final = "#e8e4dc"  # grids of charts
WASH: Final = "#f4f1ea"  # grounds without a value
PAPER: Final = "#fbfaf7"  # the page
SHEET: Final = "#ffffff"  # maps, charts, print

# Roles: one colour for one thing, on every map and chart
INSIDE: Final = "#0072b2"  # what is held; what is averted or gained (Okabe and Ito's blue)
LINE: Final = "#14213d"  # the line
LOSS: Final = "#c4500f"  # losses, attacks, what becomes worse
COST: Final = "#d9a400"  # money spent
PARTNER: Final = "#5aae61"  # the partner, what is opened
OTHER: Final = "#aa3377"  # the plan for another objective, somebody else's line
OUTSIDE: Final = "#9b958a"  # what is not held; before
MARK: Final = "#f5b335"  # what is chosen now, and where the keyboard is
FOCUS: Final = MARK
LOWER: Final = "#005a8f"  # text: fewer, better
HIGHER: Final = "#a84300"  # text: more, worse
LINKS: Final = "#005a8f"
WARN, WARN_EDGE, WARN_WASH = "#8a3b00", "#dd9a55", "#fff1e0"

# The ground of maps
SEA: Final = "#dfe8ec"
SEA_INK: Final = "#3f6d8a"
COAST: Final = "#6d8b9c"
RIVER: Final = "#4f8fb8"
ROAD: Final = "#8c6a4f"
RAIL: Final = "#4b4038"
HELD: Final = "#b9d6ea"  # held land as a plain tint
MEMBER: Final = "#faf5e8"  # land of members
NEIGHBOUR: Final = "#ebe8e1"  # land of others
DISPUTED: Final = "#f3ead2"
NODATA: Final = "#b5b3ae"  # not known, or open water
NOTHING: Final = "#efece5"  # nothing there

# Kinds without an order, in the order in which they are to be taken (after Okabe and Ito)
KINDS: Final = (
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#f0e442", "#5b2d84",
)  # fmt: skip
# More kinds than eyes can tell apart, for layers that name the class under the pointer (after Tol)
CLASSES: Final = (
    "#77aadd", "#ee8866", "#eedd88", "#ffaabb", "#44bb99", "#bbcc33", "#99ddff", "#aaaa00",
    "#cc6677", "#332288", "#ddcc77", "#117733", "#88ccee", "#882255", "#44aa99", "#999933",
    "#aa4499",
)  # fmt: skip
# Classes of the ground whose colour a reader expects: surfaces, roads, climates (Köppen and Geiger)
MEANT: Final = {
    "sea": SEA, "ocean": SEA, "none": WASH, "sand": "#eedd88", "rock": "#a9a29a",
    "soil": "#c0925a", "wetland": "#44bb99", "water": "#4a86c5", "track": "#e69f00",
    "primary": "#d55e00", "trunk": "#882255", "BWh": "#eedd88", "BWk": "#bbcc33",
    "BSh": "#ee8866", "BSk": "#ffaabb", "Aw": "#44bb99", "As": "#77aadd", "Am": "#4a86c5",
    "Csa": "#aaaa00", "Csb": "#999933", "Cwa": "#99ddff",
}  # fmt: skip
GROUND: Final = {name: MEANT[name] for name in ("sand", "soil", "rock", "wetland")}

# Scales, little to much, light to dark: each step is seen in grey print
HARM: Final = ("#fff7d6", "#fee391", "#fec44f", "#f08c2e", "#c4500f", "#7f2704")  # losses, attacks
SURE: Final = (
    "#f3f8fc",
    "#d3e4f3",
    "#a9cbe6",
    "#72a9d6",
    "#3a7fbd",
    "#0f4f8f",
)  # shares
BENEFIT: Final = ("#f7fcf0", "#d4eecd", "#a0d6b4", "#5cb4a6", "#2a84a0", "#0a4f78")  # reach, ease
MONEY: Final = ("#faf7fc", "#e6dcf0", "#cbb8de", "#ab90c8", "#8862ac", "#5b2d84")  # cost, men
EARTH: Final = ("#fbf8ef", "#eadfc4", "#d4bd91", "#b4925c", "#86643a", "#4d351f")  # heights, slopes
OPPOSED: Final = ("#08519c", "#6baed6", "#cbc7be", "#f4a261", "#c4500f")  # fewer, same, more

FONT: Final = "system-ui, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif"
MONO: Final = "ui-monospace, 'DejaVu Sans Mono', monospace"
_BASE, _RATIO, _LEAST = 16.0, 1.125, -3
# Sizes of type in px: a major second apart; the fourth is the text's
SIZES: Final = tuple(round(_BASE * _RATIO**n, 1) for n in range(_LEAST, 7))
SPACES: Final = (2, 4, 6, 8, 12, 16, 24, 32, 48)  # px
# Widths of strokes in px: hair for grids, thin for borders, and so on up to the casing of the line
STROKES: Final = {"hair": 0.6, "thin": 1.0, "mid": 1.6, "bold": 2.4, "line": 3.2, "casing": 6.2}

_PRINT_PT = 10.0  # size of the text on paper; the other sizes keep their ratio


def root() -> Markup:
    """Write the language as CSS properties, the first style of every page.

    Returns
    -------
    Markup
        `:root{--ink:…;--t1:…;--s1:…}`: colours by the names above in lower case, sizes of type t1
        to t10 with t4 the text's, spaces s1 to s9; on paper, sizes in points and a white page. Type
        in drawings is p1 to p5, which paper does not change: their own scale shrinks it.

    Examples
    --------
    >>> root()[:22]
    Markup(':root{--ink:#1d1d1b;--')
    """
    kinds = {f"kind-{n}": colour for n, colour in enumerate(KINDS, start=1)}
    scales = {
        f"{name}-{n}": colour
        for name, scale in (("harm", HARM), ("sure", SURE), ("money", MONEY), ("opposed", OPPOSED))
        for n, colour in enumerate(scale, start=1)
    }
    ground = {f"ground-{name}": colour for name, colour in GROUND.items()}
    colours = "".join(
        f"--{name}:{value};" for name, value in (_named() | kinds | scales | ground).items()
    )
    sizes = "".join(f"--t{n}:{size:g}px;" for n, size in enumerate(SIZES, start=1))
    spaces = "".join(f"--s{n}:{space}px;" for n, space in enumerate(SPACES, start=1))
    drawn = "".join(f"--p{n}:{size:g}px;" for n, size in enumerate(SIZES[:5], start=1))
    paper = "".join(
        f"--t{n}:{_PRINT_PT * size / _BASE:.1f}pt;" for n, size in enumerate(SIZES, start=1)
    )
    return Markup(  # noqa: S704  (our own values)
        f":root{{{colours}{sizes}{drawn}{spaces}--font:{FONT};--mono:{MONO}}}"
        f"@media print{{:root{{{paper}--paper:{SHEET}}}}}\n"
    )


def _named() -> dict[str, str]:
    return {
        "ink": INK, "soft": SOFT, "quiet": QUIET, "mute": MUTE, "edge": EDGE, "rule": RULE,
        "hair": HAIR, "wash": WASH, "paper": PAPER, "sheet": SHEET, "inside": INSIDE, "line": LINE,
        "loss": LOSS, "cost": COST, "partner": PARTNER, "other": OTHER, "outside": OUTSIDE,
        "mark": MARK, "focus": FOCUS, "lower": LOWER, "higher": HIGHER, "links": LINKS,
        "warn": WARN, "warn-edge": WARN_EDGE, "warn-wash": WARN_WASH, "sea": SEA,
        "sea-ink": SEA_INK, "coast": COAST, "river": RIVER, "road": ROAD, "rail": RAIL,
        "held": INSIDE, "held-land": HELD, "member": MEMBER, "neighbour": NEIGHBOUR,
        "disputed": DISPUTED, "nodata": NODATA, "nothing": NOTHING,
        "band": fade(INSIDE, 0.2), "held-wash": fade(INSIDE, 0.08), "loss-wash": fade(LOSS, 0.1),
        "other-wash": fade(OTHER, 0.06), "met": fade(INSIDE, 0.14), "unmet": fade(LOSS, 0.22),
    }  # fmt: skip


def rgb(colour: str) -> tuple[int, int, int]:
    """Split a colour into red, green and blue, 0 to 255.

    Examples
    --------
    >>> rgb("#14213d")
    (20, 33, 61)
    """
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def fade(colour: str, share: float, onto: str = SHEET) -> str:
    """Lay a colour over another, so much of it, and give what is seen.

    Examples
    --------
    >>> fade("#000000", 0.5)
    '#808080'
    """
    parts = zip(rgb(colour), rgb(onto), strict=True)
    return "#" + "".join(f"{round(share * a + (1.0 - share) * b):02x}" for a, b in parts)


def ramp(scale: tuple[str, ...], count: int) -> tuple[str, ...]:
    """Spread a scale over any number of steps, mixing neighbours.

    Examples
    --------
    >>> ramp(("#000000", "#ffffff"), 3)
    ('#000000', '#808080', '#ffffff')
    """
    out = []
    for n in range(count):
        at = n * (len(scale) - 1) / (count - 1)
        low = min(int(at), len(scale) - 2)
        out.append(fade(scale[low + 1], at - low, scale[low]))
    return tuple(out)


def axes(p: Any) -> None:  # noqa: ANN401  (Bokeh has no types)
    """Give a Bokeh chart the language's axes and grid."""
    for axis in (*p.xaxis, *p.yaxis):
        axis.axis_label_text_font = FONT
        axis.axis_label_text_font_style = "normal"
        axis.axis_label_text_font_size = f"{SIZES[1]:g}px"
        axis.axis_label_text_color = INK
        axis.major_label_text_font = FONT
        axis.major_label_text_font_size = f"{SIZES[0]:g}px"
        axis.major_label_text_color = QUIET
        axis.axis_line_color = MUTE
        axis.major_tick_line_color = MUTE
        axis.minor_tick_line_color = None
    p.grid.grid_line_color = HAIR
