"""The page of layers in a real Chromium: every map is drawn, nothing is asked of the network."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.browser import driver

import vallum
from vallum.brief import write_layers

pytestmark = pytest.mark.browser
HOSTILE = '<img src=x onerror="window.fooled = 1"><b>Town</b>'


@pytest.fixture(scope="module")
def theatre():
    made = vallum.load_theatre("sahel", cell_km=25.0)
    towns = made.settlements.copy()
    towns.loc[towns["people"].idxmax(), "name"] = HOSTILE
    return replace(made, settlements=towns)


@pytest.fixture(scope="module")
def page(theatre, tmp_path_factory):
    return write_layers(theatre, tmp_path_factory.mktemp("layers") / "layers.html")


@pytest.fixture(scope="module")
def desk(chrome, page):
    """Open the page at a desk's size; whatever the tests do, it ends in silence."""
    driver.size(chrome, 1280, 1000)
    driver.load(chrome, page)
    yield chrome
    assert driver.console(chrome) == []
    asked = driver.requests(chrome)
    assert asked, "no request is known: one to the network would not be either"
    assert driver.outside(asked) == []


def colours(chrome, identity):
    """Count the colours of one map as it is drawn."""
    return chrome.page.evaluate(
        "(id) => { const el = document.getElementById(id);"
        "const view = Bokeh.index.roots.find((v) => el.contains(v.el));"
        "const canvas = view.export('auto', true).canvas;"
        "const { width, height } = canvas;"
        "const pixels = canvas.getContext('2d').getImageData(0, 0, width, height).data;"
        "const seen = new Set();"
        "for (let n = 0; n < pixels.length; n += 4 * 7)"
        "  seen.add(pixels[n] << 16 | pixels[n + 1] << 8 | pixels[n + 2]);"
        "return seen.size; }",
        identity,
    )


def test_every_layer_is_drawn(desk, theatre, root):
    maps = driver.state(desk)["maps"]
    tables = ("settlements", "sites", "routes", "rivers", "crossings", "events_year")
    wanted = {f"map-{name}" for name in (*map(str, theatre.ground.data_vars), *tables)}
    assert wanted <= set(maps)
    for identity in maps:
        _, _, width, height = driver.box(desk, f"#{identity}")
        assert width > 400, identity
        assert height > 200, identity
        assert colours(desk, identity) > 8, identity
    driver.shoot(desk, root / "screenshots" / "layers.png", (0, 0, 1280, 2000))


def test_the_borders_are_on_every_map(desk):
    counts = desk.page.evaluate(
        "() => Bokeh.documents.flatMap((d) => ['members', 'settled', 'coast', 'degrees']"
        ".map((n) => { const s = d.get_model_by_name(n);"
        " return s ? (s.data.xs || s.data.x).length : 0; }))"
    )
    assert counts
    assert min(counts) > 0


def test_the_pointer_reads_a_cell(desk):
    map_of_states = desk.page.locator("#map-state")
    inside = map_of_states.bounding_box()
    at = {"x": 0.68 * inside["width"], "y": 0.5 * inside["height"]}
    map_of_states.hover(position=at)
    card = desk.page.locator(".card", has=map_of_states)
    assert card.locator("[data-readout]").text_content() == "Under the pointer: Mali"


def test_a_name_from_the_data_stays_text(desk):
    x, y = desk.page.evaluate(
        "() => { const el = document.getElementById('map-settlements');"
        "const view = Bokeh.index.roots.find((v) => el.contains(v.el));"
        "const dots = view.model.renderers.find((r) => r.name === 'points').data_source.data;"
        "const n = dots.name.findIndex((name) => name.startsWith('<img'));"
        "const b = el.getBoundingClientRect();"
        "const { x_range: h, y_range: v } = view.model;"
        "return [(dots.x[n] - h.start) / (h.end - h.start) * b.width,"
        "        (v.end - dots.y[n]) / (v.end - v.start) * b.height]; }"
    )
    desk.page.locator("#map-settlements").hover(position={"x": x, "y": y})
    driver.settle(desk)
    shown = desk.page.evaluate(
        "() => { const texts = [];"
        "const walk = (node) => { texts.push(node.textContent);"
        " node.querySelectorAll('*').forEach((e) => { if (e.shadowRoot) walk(e.shadowRoot); }); };"
        "walk(document.body); return texts.join(' '); }"
    )
    assert "<b>Town</b>" in shown
    assert desk.page.evaluate("() => window.fooled") is None


def test_paper_keeps_the_maps(desk):
    printed = desk.page.pdf(format="A4", print_background=True)
    assert len(printed) > 150_000
    natural = desk.page.eval_on_selector_all(
        "img.on-paper", "(all) => all.map((i) => i.naturalWidth)"
    )
    assert len(natural) == len(driver.state(desk)["maps"])
    assert min(natural) > 200


def test_a_phone_shows_all_of_it(desk, page, root):
    driver.size(desk, 390, 844, scale=2.0)
    driver.load(desk, page)
    assert desk.page.evaluate("() => document.documentElement.scrollWidth") <= 390
    assert desk.page.locator("#map-people").bounding_box()["width"] > 330
    driver.shoot(desk, root / "screenshots" / "layers-phone.png", (0, 0, 390, 2400))
