"""The page of layers in a real Chromium: every map is drawn, nothing is asked of the network."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import replace
from pathlib import Path

import pytest

import vallum
from vallum.brief import write_layers

pytestmark = pytest.mark.browser
_spec = importlib.util.spec_from_file_location("driver", Path(__file__).parent / "driver.py")
driver = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(driver)
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
def chrome(tmp_path_factory):
    if driver.missing():
        if os.environ.get("VALLUM_REQUIRE_BROWSER") == "1":
            pytest.fail(driver.missing())
        pytest.skip(driver.missing())
    started = driver.start(tmp_path_factory.mktemp("profile"))
    yield started
    started.quit()


@pytest.fixture(scope="module")
def desk(chrome, page):
    """Open the page at a desk's size; whatever the tests do, it ends in silence."""
    chrome.get("about:blank")
    driver.console(chrome)
    driver.requests(chrome)
    driver.size(chrome, 1280, 1000)
    driver.load(chrome, page)
    yield chrome
    assert driver.console(chrome) == []
    asked = driver.requests(chrome)
    assert asked, "the log of requests is empty: it would not show one to the network either"
    ours = [url for url in asked if not url.startswith(("chrome:", "about:"))]
    assert [url for url in ours if not url.startswith(("file:", "data:", "blob:"))] == []


def colours(chrome, identity):
    """Count the colours of one map as it is drawn."""
    return chrome.execute_script(
        "const el = document.getElementById(arguments[0]);"
        "const view = Bokeh.index.roots.find((v) => el.contains(v.el));"
        "const canvas = view.export('auto', true).canvas;"
        "const { width, height } = canvas;"
        "const pixels = canvas.getContext('2d').getImageData(0, 0, width, height).data;"
        "const seen = new Set();"
        "for (let n = 0; n < pixels.length; n += 4 * 7)"
        "  seen.add(pixels[n] << 16 | pixels[n + 1] << 8 | pixels[n + 2]);"
        "return seen.size;",
        identity,
    )


def test_every_layer_is_drawn(desk, theatre, root):
    maps = desk.execute_script("return window.vallum.state.maps")
    tables = ("settlements", "sites", "routes", "rivers", "crossings", "events_year")
    wanted = {f"map-{name}" for name in (*map(str, theatre.ground.data_vars), *tables)}
    assert wanted <= set(maps)
    for identity in maps:
        width, height = desk.execute_script(
            "const b = document.getElementById(arguments[0]).getBoundingClientRect();"
            "return [b.width, b.height];",
            identity,
        )
        assert width > 400, identity
        assert height > 200, identity
        assert colours(desk, identity) > 8, identity
    driver.shoot(desk, root / "screenshots" / "layers.png", (0, 0, 1280, 2000))


def test_the_borders_are_on_every_map(desk):
    counts = desk.execute_script(
        "return Bokeh.documents.flatMap((d) => ['members', 'settled', 'coast', 'degrees']"
        ".map((n) => { const s = d.get_model_by_name(n);"
        " return s ? (s.data.xs || s.data.x).length : 0; }));"
    )
    assert counts
    assert min(counts) > 0


def test_the_pointer_reads_a_cell(desk):
    said = desk.execute_script(
        "const el = document.getElementById('map-state');"
        "el.scrollIntoView({ block: 'center', behavior: 'instant' });"
        "const b = el.getBoundingClientRect();"
        "el.dispatchEvent(new PointerEvent('pointermove', { bubbles: true,"
        " clientX: b.left + 0.68 * b.width, clientY: b.top + 0.5 * b.height }));"
        "return el.closest('.card').querySelector('[data-readout]').textContent;"
    )
    assert said == "Under the pointer: Mali"


def test_a_name_from_the_data_stays_text(desk):
    from selenium.webdriver.common.action_chains import ActionChains  # noqa: PLC0415

    x, y = desk.execute_script(
        "const el = document.getElementById('map-settlements');"
        "el.scrollIntoView({ block: 'center', behavior: 'instant' });"
        "const view = Bokeh.index.roots.find((v) => el.contains(v.el));"
        "const dots = view.model.renderers.find((r) => r.name === 'points').data_source.data;"
        "const n = dots.name.findIndex((name) => name.startsWith('<img'));"
        "const b = el.getBoundingClientRect();"
        "const { x_range: h, y_range: v } = view.model;"
        "return [(dots.x[n] - h.start) / (h.end - h.start) * b.width - b.width / 2,"
        "        (v.end - dots.y[n]) / (v.end - v.start) * b.height - b.height / 2];"
    )
    element = desk.find_element("id", "map-settlements")
    ActionChains(desk).move_to_element_with_offset(element, round(x), round(y)).perform()
    driver.settle(desk)
    shown = desk.execute_script(
        "const texts = [];"
        "const walk = (node) => { texts.push(node.textContent);"
        " node.querySelectorAll('*').forEach((e) => { if (e.shadowRoot) walk(e.shadowRoot); }); };"
        "walk(document.body); return texts.join(' ');"
    )
    assert "<b>Town</b>" in shown
    assert desk.execute_script("return window.fooled") is None


def test_paper_keeps_the_maps(desk):
    printed = desk.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    assert len(printed["data"]) > 200_000
    natural = desk.execute_script(
        "return [...document.querySelectorAll('img.on-paper')].map((i) => i.naturalWidth)"
    )
    assert len(natural) == len(desk.execute_script("return window.vallum.state.maps"))
    assert min(natural) > 200


def test_a_phone_shows_all_of_it(desk, page, root):
    driver.size(desk, 390, 844, scale=2.0)
    driver.load(desk, page)
    assert desk.execute_script("return document.documentElement.scrollWidth") <= 390
    assert desk.execute_script("return document.getElementById('map-people').clientWidth") > 330
    driver.shoot(desk, root / "screenshots" / "layers-phone.png", (0, 0, 390, 2400))
