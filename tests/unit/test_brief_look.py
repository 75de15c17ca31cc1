"""The look: colours that everybody can tell apart, text to be read, no colour from elsewhere."""

import ast
import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import vallum.brief
from vallum.brief import look

HOME = Path(vallum.brief.__file__).parent
# Machado, Oliveira & Fernandes 2009 (doi:10.1109/TVCG.2009.113), severity 1, on linear sRGB; as
# printed in the R package prismatic (github.com/EmilHvitfeldt/prismatic, R/color-blindness.R)
SIGHTS = {
    "all": np.eye(3),
    "no red": np.array([
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]),
    "no green": np.array([
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]),
    "no blue": np.array([
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ]),
}  # fmt: skip
ROLES = ("INSIDE", "LINE", "LOSS", "COST", "PARTNER", "OTHER", "OUTSIDE")
SCALES = ("HARM", "SURE", "BENEFIT", "MONEY", "EARTH")
TEXTS = ("INK", "SOFT", "QUIET", "LOWER", "HIGHER", "LINKS", "WARN")
GROUNDS = ("PAPER", "SHEET", "WASH", "MEMBER", "NEIGHBOUR", "SEA", "DISPUTED", "WARN_WASH")
colours = st.tuples(*[st.integers(0, 255)] * 3).map(lambda c: "#{:02x}{:02x}{:02x}".format(*c))


def linear(colour):
    parts = np.array(look.rgb(colour)) / 255.0
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    """As WCAG 2.2 defines it."""
    return float(np.dot([0.2126, 0.7152, 0.0722], linear(colour)))


def contrast(one, two):
    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


def lab(rgb):
    """CIELAB of linear sRGB, white D65."""
    to_xyz = np.array([
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ])  # fmt: skip
    t = to_xyz @ np.clip(rgb, 0.0, 1.0) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def closest(names, sight):
    seen = {name: lab(SIGHTS[sight] @ linear(colour)) for name, colour in names.items()}
    return min(
        (float(np.linalg.norm(seen[a] - seen[b])), a, b) for a, b in itertools.combinations(seen, 2)
    )


def test_lab_of_white_black_and_middle_grey():
    assert lab(linear("#ffffff")) == pytest.approx([100, 0, 0], abs=0.01)
    assert lab(linear("#000000")) == pytest.approx([0, 0, 0], abs=0.01)
    assert lab(linear("#777777"))[0] == pytest.approx(50.03, abs=0.02)


def test_contrast_of_black_on_white_is_twenty_one():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)


@pytest.mark.parametrize("sight", SIGHTS)
def test_roles_are_told_apart_by_everybody(sight):
    distance, one, two = closest({name: getattr(look, name) for name in ROLES}, sight)
    assert distance >= 19.0, (one, two)


@pytest.mark.parametrize("sight", SIGHTS)
def test_kinds_are_told_apart_by_everybody(sight):
    kinds = dict(enumerate(look.KINDS))
    distance, one, two = closest(kinds, sight)
    assert distance >= 15.0, (one, two)


@pytest.mark.parametrize("name", SCALES)
def test_scales_darken_in_steps_that_grey_print_shows(name):
    scale = [lab(linear(colour))[0] for colour in getattr(look, name)]
    steps = -np.diff(scale)
    assert steps.min() >= 5.0
    assert scale[0] > 95.0
    assert scale[-1] < 35.0


def test_opposed_scale_is_lightest_in_its_middle_and_its_ends_differ_for_everybody():
    light = [lab(linear(colour))[0] for colour in look.OPPOSED]
    assert light[0] < light[1] < light[2]
    assert light[2] > light[3] > light[4]
    for sight in SIGHTS:
        assert closest({0: look.OPPOSED[0], 1: look.OPPOSED[-1]}, sight)[0] > 40.0


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_can_be_read_on_every_ground(text, ground):
    assert contrast(getattr(look, text), getattr(look, ground)) >= 4.5


@pytest.mark.parametrize("text", ["INK", "SOFT", "QUIET"])
def test_names_can_be_read_on_held_land(text):
    assert contrast(getattr(look, text), look.HELD) >= 4.5


def test_sizes_of_type_are_a_major_second_apart_and_sixteen_is_the_text():
    assert look.SIZES[3] == 16.0
    ratios = np.array(look.SIZES[1:]) / np.array(look.SIZES[:-1])
    assert ratios == pytest.approx(np.full(len(ratios), 1.125), rel=0.01)


@given(colours, colours, st.floats(0.0, 1.0))
def test_a_faded_colour_lies_between(colour, onto, share):
    for a, b, c in zip(look.rgb(colour), look.rgb(onto), look.rgb(look.fade(colour, share, onto)),
                       strict=True):  # fmt: skip
        assert min(a, b) <= c <= max(a, b)


@given(st.lists(colours, min_size=2, max_size=6), st.integers(2, 40))
def test_a_ramp_begins_and_ends_as_its_scale(scale, count):
    ramp = look.ramp(tuple(scale), count)
    assert len(ramp) == count
    assert (ramp[0], ramp[-1]) == (scale[0], scale[-1])


def test_every_property_that_a_style_reads_is_written():
    written = set(re.findall(r"(--[\w-]+):", look.root()))
    for path in sorted((HOME / "assets").iterdir()):
        text = path.read_text(encoding="utf-8")
        own = set(re.findall(r"(--[\w-]+):", text))
        read = set(re.findall(r"var\((--[\w-]+)", text))
        assert read <= written | own, path.name


def test_properties_are_the_same_for_every_page():
    assert look.root() == look.root()
    assert look.root().count("{") == look.root().count("}")


def written(path):
    """Give a file's text; of a module its strings, without docstrings and their examples."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return text
    tree = ast.parse(text)
    told = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and isinstance(node.body[0], ast.Expr)
    }
    return "\n".join(
        repr(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
    )


@pytest.mark.parametrize(
    "path",
    sorted(p for p in HOME.rglob("*") if p.suffix in (".py", ".css", ".js", ".j2")),
    ids=lambda path: path.name,
)
def test_no_colour_is_named_outside_the_look(path):
    if path.name == "look.py":
        pytest.skip("the one place")
    text = re.sub(r"&#\w+;", "", written(path))
    assert not re.findall(r"#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3})(?![\w-])", text)
    assert not re.findall(r"\b(?:rgba?|hsla?)\(\s*\d", text)
    assert not re.findall(
        r"(?:color|fill|stroke|background)\"?'?\s*[:=]\s*\"?'?(?:white|black|red|gr[ae]y)\b", text
    )


def test_a_figure_is_the_same_beside_libraries_that_bring_models_of_their_own():
    from bokeh.core.properties import Int  # noqa: PLC0415
    from bokeh.model import DataModel  # noqa: PLC0415
    from bokeh.plotting import figure  # noqa: PLC0415

    from vallum.brief.page_bundle import figure_json  # noqa: PLC0415

    def told():
        return figure_json(figure(width=100, height=100), "a")

    before = told()
    type("Foreign", (DataModel,), {"__module__": __name__, "number": Int(default=1)})
    assert told() == before
