"""All chapters of the brief in both languages: numbers, map and charts follow the slider."""

from __future__ import annotations

import json
import re

import pytest
from tests.browser import driver

pytestmark = pytest.mark.browser
CHAPTERS = (
    "explore", "fails", "vital", "threat", "others", "line", "works", "forces", "campaign",
    "dividend", "accord", "window", "law", "ledger", "sources", "method",
)  # fmt: skip
PAGES = {"en": "brief.html", "fr": "brief.fr.html"}
SCALE = {"million": 1e6, "billion": 1e9, "Md": 1e9, "M": 1e6}
HEAVY = 8_000_000  # bytes


@pytest.fixture(scope="module")
def plan_json(folder):
    return json.loads((folder / "plan.json").read_text("utf-8"))


@pytest.fixture(scope="module", params=PAGES)
def opened(request, chrome, folder):
    """Open each language's page once at a desk's size; all tests of it end in silence."""
    driver.console(chrome)
    driver.requests(chrome)
    driver.size(chrome, 1280, 900)
    driver.load(chrome, folder / PAGES[request.param])
    yield request.param, chrome
    assert driver.console(chrome) == []
    asked = driver.requests(chrome)
    assert asked
    assert driver.outside(asked) == []


def read(text, language):
    """Read a printed number: its value and half of the unit of its last digit."""
    mark = "," if language == "fr" else "."
    found = re.search(rf"(\d[\d\u202f\u00a0 ]*(?:{re.escape(mark)}\d+)?)", text)
    assert found, text
    digits = re.sub(r"[\u202f\u00a0 ]", "", found[1]).replace(mark, ".")
    after = text[found.end() :].strip("\u202f\u00a0 ")
    scale = next((v for word, v in SCALE.items() if after.startswith(word)), 1.0)
    scale = 0.01 if after.startswith("%") else scale
    places = len(digits.partition(".")[2])
    ends = len(digits) - len(digits.rstrip("0")) if not places else 0  # 1 450: to the ten
    return float(digits) * scale, 0.5 * scale * 10.0 ** (ends - places)


def fields(chrome, name):
    """Give what every place on the page shows for a number of the step; they must agree."""
    texts = set(chrome.page.locator(f"[data-field={name}]").all_text_contents())
    assert len(texts) == 1, (name, texts)
    return texts.pop()


def test_a_page_is_light_enough_to_send(folder):
    for name in PAGES.values():
        assert 500_000 < (folder / name).stat().st_size < HEAVY


def test_every_chapter_is_there_in_order(opened):
    _, chrome = opened
    ids = chrome.page.eval_on_selector_all("main section[id]", "(all) => all.map((el) => el.id)")
    assert [name for name in ids if name in CHAPTERS] == list(CHAPTERS)
    for name in CHAPTERS:
        section = chrome.page.locator(f"#{name}")
        section.scroll_into_view_if_needed()
        assert len(section.locator("h2, h3").first.text_content().strip()) > 2
        assert section.bounding_box()["height"] > 100


def test_every_link_within_the_page_leads_somewhere(opened):
    _, chrome = opened
    dead = chrome.page.eval_on_selector_all(
        "a[href^='#']",
        "(all) => all.map((a) => a.getAttribute('href'))"
        ".filter((href) => !document.getElementById(href.slice(1)))",
    )
    assert dead == []


def test_numbers_map_and_charts_follow_the_slider(opened, plan_json):
    language, chrome = opened
    frontier, seen = plan_json["frontier"], []
    last = len(frontier) - 1
    assert int(chrome.page.locator("#slider").get_attribute("max")) == last
    for step in (last // 2, 0, last):
        state, row = driver.slide(chrome, step), frontier[step]
        assert (state["step"], state["heldCells"]) == (step, row["cells"])
        assert state["lineKm"] == pytest.approx(row["line_km"], rel=1e-9)
        for name, value in (
            ("people", row["people_held"]),
            ("line", row["line_km"]),
            ("cost", row["cost_usd_yr"]),
            ("averted_usd", row["averted_usd_yr"]),
            ("held", row["held_km2"]),
            ("output_share", row["output_share"]),
        ):
            shown, half = read(fields(chrome, name), language)
            # what is nearly all is written as no more than it is
            near = 2.002 if name == "output_share" and value >= 0.995 else 1.001
            assert shown == pytest.approx(value, abs=near * half), name
        assert set(chrome.page.locator("[data-step]").all_text_contents()) == {str(step)}
        # linked: the point in the chart, what the works are, the robust step nearest
        point, works = chrome.page.evaluate(
            "() => { const m = (name) => Bokeh.documents.map((d) => d.get_model_by_name(name))"
            ".find((found) => found); const s = m('steps');"
            "const n = s.selected.indices; return [[n, m('current').data.x[0] === s.data.x[n[0]],"
            "m('line').data.xs.length], window.vallumWorks.state.step]; }"
        )
        assert point[:2] == [[step], True]
        assert works == step
        assert chrome.page.locator("#robust [data-robust]:not([hidden])").count() >= 1
        # drawings carry the step's own: a picture of the map and the strips' titles
        seen.append(
            (
                chrome.page.locator("#map").screenshot(),
                tuple(chrome.page.locator("#strips figcaption").all_text_contents()),
                tuple(chrome.page.locator("[data-member]").all_text_contents()),
                tuple(chrome.page.locator("[data-facing]").all_text_contents()),
                tuple(chrome.page.locator("[data-region]").all_text_contents()),
            )
        )
    assert [len(set(one)) for one in zip(*seen, strict=True)] == [3] * 5


def test_a_click_on_a_point_of_the_chart_chooses_its_step(opened):
    _, chrome = opened
    last = int(chrome.page.locator("#slider").get_attribute("max"))
    for step in (last, 0):
        driver.slide(chrome, last // 2)
        x, y = chrome.page.evaluate(
            "(n) => {"
            "const v = Bokeh.index.roots.find((r) => r.model.name === 'chart');"
            "const d = v.model.document.get_model_by_name('steps').data;"
            "return [v.frame.x_scale.compute(d.x[n]), v.frame.y_scale.compute(d.y[n])]; }",
            step,
        )
        chrome.page.locator("#chart").click(position={"x": x, "y": y})
        driver.settle(chrome)
        assert driver.state(chrome)["step"] == step


def test_marks_and_tabs_answer_to_keys(opened):
    _, chrome = opened
    for mark in chrome.page.locator("button[data-mark]").all():
        mark.press("Enter")
        assert driver.state(chrome)["step"] == int(mark.get_attribute("data-mark"))
        assert mark.get_attribute("aria-pressed") == "true"
    for chapter in ("campaign", "dividend"):
        tabs = chrome.page.locator(f"#{chapter} [data-case-tab]").all()
        assert len(tabs) == 2
        for tab, key in ((tabs[1], "Space"), (tabs[0], "Enter")):
            tab.press(key)
            cases = chrome.page.eval_on_selector_all(
                f"#{chapter} [data-case]",
                "(all) => all.filter((el) => el.checkVisibility()).map((el) => el.dataset.case)",
            )
            assert set(cases) == {tab.get_attribute("data-case-tab")}
            pressed = [one.get_attribute("aria-pressed") for one in tabs]
            assert pressed.count("true") == 1
    summary = chrome.page.locator("#method summary")
    summary.press("Enter")
    assert chrome.page.locator("#method details").get_attribute("open") is not None


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("en", 390), ("fr", 390)])
def test_pictures_of_every_chapter_are_kept(chrome, folder, root, language, width):
    driver.size(chrome, width, 900)
    driver.load(chrome, folder / PAGES[language])
    driver.shoot(chrome, root / "screenshots" / f"{language}-{width}-00-first.jpg")
    sizes = []
    for number, name in enumerate(CHAPTERS, start=1):
        to = root / "screenshots" / f"{language}-{width}-{number:02}-{name}.jpg"
        x, y, wide, high = driver.box(chrome, f"#{name}")
        driver.shoot(chrome, to, (x, y, wide, min(high, 9000)))
        sizes.append(to.stat().st_size)
    assert min(sizes) > 4000
    assert sum(sizes) < 12_000_000
