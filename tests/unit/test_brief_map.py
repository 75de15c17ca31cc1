"""The map: names that do not touch, a true scale, north that is north, relief that is lit."""

import base64
import io
import itertools
import math

import numpy as np
import pytest
import shapely
from bokeh.models import Label, Text
from bokeh.models.annotations import ScaleBar
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFont
from pyproj import CRS, Geod, Proj, Transformer

from vallum.brief import (
    look,
    map_borders,
    map_graticule,
    map_ground,
    map_names,
    map_places,
    map_rim,
)
from vallum.brief import map as brief_map
from vallum.brief.language import speaking
from vallum.brief.map_borders import Lines, View
from vallum.brief.page_bundle import as_data, figure_json
from vallum.brief.png import indexed

FRAME = View(0.0, 0.0, 500.0, 400.0)
GEOD = Geod(ellps="WGS84")
MAPS = (  # projections of other theatres, and what they show
    ("+proj=laea +lat_0=18.5 +lon_0=-6.5 +datum=WGS84 +units=m", View(-1100, -900, 1100, 900)),
    ("+proj=laea +lat_0=49 +lon_0=32 +datum=WGS84 +units=m", View(-700, -500, 700, 500)),
    ("+proj=utm +zone=37 +south +datum=WGS84 +units=m", View(200, 8000, 800, 8600)),
    (
        "+proj=lcc +lat_1=-30 +lat_2=-10 +lat_0=-20 +lon_0=25 +datum=WGS84",
        View(-600, -400, 600, 400),
    ),
)
points = st.lists(
    st.tuples(
        st.booleans(),
        st.integers(1, 5_000_000),
        st.text("abcdefghilmnoMW -'", min_size=1, max_size=14),
        st.floats(0.0, 500.0),
        st.floats(0.0, 400.0),
    ),
    max_size=40,
)


def nothing(figure):
    """Draw nothing more."""


@pytest.fixture(scope="module")
def drawn(sahel):
    return brief_map.ground(sahel, nothing, nothing)


# ---- names -------------------------------------------------------------------------------------


@given(points, st.floats(0.3, 2.0), st.integers(0, 30))
def test_no_two_names_touch_and_none_leaves_the_map(places, scale, most):
    taken = [map_places.Box(0, 0, 60, 30)]
    found = map_places.place(places, FRAME, scale, list(taken), most=most)
    assert len(found) <= most
    for one, two in itertools.combinations([label.box for label in found], 2):
        assert not one.meets(two)
    for label in found:
        assert not label.box.meets(taken[0])
        assert label.box.left >= 0
        assert label.box.top >= 0
        assert label.box.right <= 500.0 * scale
        assert label.box.bottom <= 400.0 * scale


@given(points)
def test_no_name_covers_the_dot_of_another(places):
    found = map_places.place(places, FRAME, 1.0, [], most=40)
    for one, two in itertools.permutations(found, 2):
        x, y = two.x, 400.0 - two.y
        assert not one.box.meets(map_places.Box(x - 2, y - 2, x + 2, y + 2))


@given(points)
def test_who_comes_first_is_named_first(places):
    found = map_places.place(places, FRAME, 1.0, [], most=3)
    alone = map_places.place(places[:1], FRAME, 1.0, [], most=3)
    assert found[: len(alone)] == alone


@pytest.mark.parametrize(
    ("line", "align"),
    [
        ([(150, 0), (150, 0.1)], "left"),
        ([(215, 0), (215, 400)], "right"),
        ([(185, 0), (185, 400)], "left"),
    ],
)
def test_a_name_stands_clear_of_the_line_where_it_can(line, align):
    town = [(True, 200_000, "Gao", 200.0, 200.0)]
    (found,) = map_places.place(town, FRAME, 1.0, [], most=1, avoid=shapely.LineString(line))
    assert found.align == align
    seen = shapely.box(found.box.left, found.box.top, found.box.right, found.box.bottom)
    assert not seen.intersects(shapely.LineString([(x, 400 - y) for x, y in line]))


def test_a_name_that_cannot_avoid_the_line_is_written_all_the_same():
    everywhere = shapely.MultiLineString([[(0, y), (500, y)] for y in range(0, 400, 2)])
    town = [(True, 200_000, "Gao", 200.0, 200.0)]
    assert len(map_places.place(town, FRAME, 1.0, [], most=1, avoid=everywhere)) == 1


def true_width(text, size):
    """Width of a text in px in DejaVu Sans, the widest of the fonts that the page names."""
    data = pytest.importorskip("matplotlib").get_data_path()
    font = ImageFont.truetype(f"{data}/fonts/ttf/DejaVuSans.ttf", 100)
    return font.getlength(text) * size / 100.0


@pytest.mark.parametrize(
    "text", ["Nouakchott", "MAURITANIA", "El Ayoûn", "I-n-Tillit", "Ouagadougou", "WWW", "Dioïla"]
)
def test_the_room_of_a_name_is_on_the_safe_side(text):
    assert true_width(text, 12.0) <= map_places.reach(text, 12.0) <= 1.45 * true_width(text, 12.0)


def boxes(figure, frame, width):
    """Rectangles of all names at a width, measured anew from what is handed to the drawing."""
    scale = width / (frame.east - frame.west)
    for renderer in figure.renderers:
        if renderer.name != f"names-{width}" or not isinstance(renderer.glyph, Text):
            continue
        if renderer.glyph.text_alpha != 1.0:  # the halo
            continue
        data = renderer.data_source.data
        for n, text in enumerate(data["text"]):
            lines, size = text.split("\n"), float(data["size"][n].removesuffix("px"))
            wide, tall = max(true_width(part, size) for part in lines), size * len(lines)
            x = (data["x"][n] - frame.west) * scale + data["dx"][n]
            y = (frame.north - data["y"][n]) * scale + data["dy"][n]
            left = x - {"left": 0.0, "right": wide, "center": wide / 2}[data["align"][n]]
            top = y - {"middle": tall / 2, "bottom": tall, "top": 0.0}[data["base"][n]]
            box = shapely.box(left, top, left + wide, top + tall)
            yield text, shapely.affinity.rotate(box, -data["angle"][n], (x, y), use_radians=True)


@pytest.mark.parametrize("width", map_places.WIDTHS)
def test_names_on_the_built_in_map_touch_neither_each_other_nor_the_rim(drawn, sahel, width):
    frame = map_borders.view(sahel)
    names = list(boxes(drawn, frame, width))
    scale = width / (frame.east - frame.west)
    inside = shapely.box(0, 0, width, (frame.north - frame.south) * scale)
    for text, box in names:
        assert inside.covers(box), text
    for (a, one), (b, two) in itertools.combinations(names, 2):
        assert not one.intersects(two), (a, b)
    assert len(names) >= 10


def test_phones_get_fewer_names_and_the_largest_town_of_each_member(drawn, sahel):
    frame = map_borders.view(sahel)
    count = {width: len(list(boxes(drawn, frame, width))) for width in map_places.WIDTHS}
    assert count[340] < count[520] < count[660]
    for width in map_places.WIDTHS:
        names = {text for text, _ in boxes(drawn, frame, width)}
        assert {"Bamako", "Nouakchott", map_names.spaced("Mali")} <= names


def test_names_are_said_in_french(sahel):
    with speaking("fr"):
        figure = brief_map.ground(sahel, nothing, nothing)
    names = {text for text, _ in boxes(figure, map_borders.view(sahel), 660)}
    assert map_names.spaced("Mauritanie") in names
    assert "Mer" in names


# ---- scale and north ---------------------------------------------------------------------------


@pytest.mark.parametrize(("crs", "frame"), MAPS)
def test_north_is_where_the_meridian_leads(crs, frame):
    back = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    for x, y in ((frame.west, frame.south), (frame.east, frame.north), (frame.west, frame.north)):
        lon, lat = back.transform(1000 * x, 1000 * y)
        # the angle from grid north to true north is minus the convergence
        factors = Proj(crs).get_factors(lon, lat)
        assert map_graticule.north(crs, x, y) == pytest.approx(
            -factors.meridian_convergence, abs=0.15
        )


def test_north_is_upright_on_the_middle_meridian():
    assert map_graticule.north(MAPS[0][0], 0.0, 500.0) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(("crs", "frame"), MAPS)
def test_what_is_said_of_lengths_holds_over_the_map(crs, frame):
    back = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    said = map_graticule.untrue(crs, frame)
    rng = np.random.default_rng(7)
    for x, y, turn in zip(
        rng.uniform(frame.west, frame.east, 40), rng.uniform(frame.south, frame.north, 40),
        rng.integers(0, 2, 40), strict=True,
    ):  # fmt: skip
        dx, dy = ((5.0, 0.0), (0.0, 5.0))[turn]
        ends = [back.transform(1000 * (x + s * dx), 1000 * (y + s * dy)) for s in (-0.5, 0.5)]
        length = GEOD.inv(*ends[0], *ends[1])[2] / 5000.0
        assert abs(1.0 / length - 1.0) <= said * 1.05 + 1e-4


def test_the_scale_bar_is_true_to_one_per_cent_where_it_stands(drawn, sahel):
    (bar,) = [part for part in drawn.center if isinstance(part, ScaleBar)]
    assert (str(bar.unit), bar.range) == ("km", drawn.x_range)
    frame = map_borders.view(sahel)
    back = Transformer.from_crs(sahel.grid.crs, "EPSG:4326", always_xy=True)
    for km in (100.0, 200.0, 500.0):
        west, south = 1000 * (frame.west + 20), 1000 * (frame.south + 20)
        ends = back.transform([west, west + 1000 * km], [south, south])
        length = GEOD.inv(ends[0][0], ends[1][0], ends[0][1], ends[1][1])[2] / 1000.0
        assert length == pytest.approx(km, rel=0.01)


def test_the_arrow_points_north_where_it_stands(drawn, sahel):
    turn = map_rim.north_of(sahel, map_borders.view(sahel))
    arrows = [part for part in drawn.center if isinstance(part, Label)]
    assert [part.text for part in arrows] == ["▲", "N"]
    # Bokeh turns against the clock
    assert [part.angle for part in arrows] == pytest.approx([-math.radians(turn)] * 2)


@pytest.mark.parametrize(("crs", "frame"), MAPS)
def test_meridians_and_parallels_lie_on_their_degrees(crs, frame):
    lines, marks = map_graticule.graticule(crs, frame)
    assert len(lines.xs) >= 4
    back = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    for xs, ys in zip(lines.xs, lines.ys, strict=True):
        lon, lat = back.transform(1000 * np.array(xs), 1000 * np.array(ys))
        assert min(np.ptp(lon), np.ptp(lat)) < 0.01  # straight on the globe
    for mark in marks:
        lon, lat = back.transform(1000 * mark.x, 1000 * mark.y)
        value, side = mark.text.rstrip("EWNS").split("°")[0], mark.text[-1]
        at = lon if mark.meridian else lat
        assert abs(at) == pytest.approx(float(value), abs=0.01)
        if float(value):
            assert side == (("E", "W") if mark.meridian else ("N", "S"))[at < 0]
        assert (mark.y if mark.meridian else mark.x) == pytest.approx(
            frame.south if mark.meridian else frame.west, abs=0.1
        )


def test_a_map_over_the_pole_has_no_degrees():
    crs = "+proj=laea +lat_0=90 +lon_0=0 +datum=WGS84 +units=m"
    assert map_graticule.graticule(crs, View(-500, -500, 500, 500)) == (Lines([], []), [])


def test_the_margin_names_projection_north_and_sources(sahel):
    note = map_rim.note(sahel)
    assert CRS(sahel.grid.crs).coordinate_operation.method_name in note
    assert "18.5° N 6.5° W".replace(" N", "\u202fN").replace(" W", "\u202fW") in note
    assert "Natural Earth" in note
    assert "GeoNames" in note
    with speaking("fr"):
        french = map_rim.note(sahel)
    assert "18,5°" in french
    assert "azimutale équivalente de Lambert" in french


def test_the_signs_are_those_that_the_map_draws(drawn):
    signs = map_rim.signs()
    assert look.ROAD in signs
    assert look.RIVER in signs
    colours = {getattr(r.glyph, "line_color", None) for r in drawn.renderers}
    assert {look.ROAD, look.RIVER, look.RAIL, look.COAST} <= colours


# ---- ground ------------------------------------------------------------------------------------


def picture(url):
    return Image.open(io.BytesIO(base64.b64decode(url.removeprefix("data:image/png;base64,"))))


def test_a_slope_to_the_north_west_is_lit_and_one_to_the_south_east_in_shadow():
    row, col = np.mgrid[0:40, 0:40].astype(float)
    toward_south_east = map_ground.shade(2000.0 - 20.0 * (row + col), 3000.0)  # falls south-east
    toward_north_west = map_ground.shade(20.0 * (row + col), 3000.0)
    level = map_ground.shade(np.full((40, 40), 700.0), 3000.0)
    assert toward_south_east[20, 20] < level[20, 20] < toward_north_west[20, 20]
    assert level == pytest.approx(np.full((40, 40), math.sqrt(0.5)))


def test_no_side_of_a_hill_is_black():
    row, col = np.mgrid[-20:21, -20:21].astype(float)
    hill = 600.0 * np.exp(-(row**2 + col**2) / 60.0)
    light = map_ground.shade(hill, 3000.0)
    assert light.min() > 0.05
    assert light.max() <= 1.0


def test_relief_is_clear_over_the_sea_and_tints_are_opaque(sahel):
    veil = np.asarray(picture(map_ground.relief(sahel)).convert("RGBA"))
    tint = picture(map_ground.tints(sahel))
    assert tint.size == (veil.shape[1], veil.shape[0])
    assert "transparency" not in tint.info
    sea = sahel.ground["state"].to_numpy() < 0
    factor = veil.shape[0] // sea.shape[0]
    wide = np.kron(sea, np.ones((factor, factor))).astype(bool)
    corner = (slice(0, 10), slice(0, 10))  # the Atlantic
    assert wide[corner].all()
    assert (veil[corner][..., 3] == 0).all()
    assert veil[..., 3].max() > 60  # mountains are seen


def test_a_picture_with_a_veil_reads_back():
    index = np.array([[0, 1], [2, 1]], np.uint8)
    palette = [(10, 20, 30, 0), (40, 50, 60, 128), (70, 80, 90, 255)]
    back = np.asarray(picture(indexed(index, palette)).convert("RGBA"))
    assert back.tolist() == [[list(palette[0]), list(palette[1])],
                             [list(palette[2]), list(palette[1])]]  # fmt: skip


def test_the_map_is_small_and_always_the_same(drawn, sahel):
    again = brief_map.ground(sahel, nothing, nothing)
    one, two = (str(as_data(figure_json(figure, "map"))) for figure in (drawn, again))
    assert one == two
    assert len(one) < 1_000_000
