"""The brief in a real Chromium: slider, map and numbers agree with the plan, and no network."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest

from vallum import plan as plan_module
from vallum.brief import page, works_bill
from vallum.line import trace
from vallum.line.course import follow

pytestmark = pytest.mark.browser
_spec = importlib.util.spec_from_file_location("driver", Path(__file__).parent / "driver.py")
driver = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(driver)


@pytest.fixture(scope="module")
def plan(sahel_plan):
    return sahel_plan


@pytest.fixture(scope="module")
def brief(plan, tmp_path_factory):
    path = tmp_path_factory.mktemp("brief") / "brief.html"
    path.write_text(page.render(plan), "utf-8")
    return path


@pytest.fixture(scope="module")
def chrome(tmp_path_factory):
    if driver.missing():
        if os.environ.get("VALLUM_REQUIRE_BROWSER") == "1":
            pytest.fail(driver.missing())
        pytest.skip(driver.missing())
    started = driver.start(tmp_path_factory.mktemp("profile"))
    yield started
    started.quit()


@pytest.fixture
def desk(chrome, brief):
    """Open the page at a desk's size; whatever the test does, it ends in silence."""
    driver.console(chrome)
    driver.requests(chrome)
    driver.size(chrome, 1280, 1500)
    driver.load(chrome, brief)
    yield chrome
    assert driver.console(chrome) == []
    asked = driver.requests(chrome)
    assert asked, "the log of requests is empty: it would not show one to the network either"
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


def positions(plan):
    """Give three steps: the one shown first, the first with half of the people, the last."""
    shares = plan.line.plans.steps["people_share"].to_numpy()
    return [plan.line.step, int(np.argmax(shares >= 0.5)), len(shares) - 1]


def text_of(chrome, field):
    return chrome.execute_script(
        f"return document.querySelector('.panel [data-field={field}]').textContent"
    )


def source_of(chrome, name):
    script = (
        "for (const d of Bokeh.documents) { const m = d.get_model_by_name(arguments[0]);"
        "if (m) return [[...(m.data.xs ?? m.data.x)].map((p) => Array.from(p.length ? p : [p])),"
        "[...(m.data.ys ?? m.data.y)].map((p) => Array.from(p.length ? p : [p]))]; }"
    )
    return chrome.execute_script(script, name)


def test_the_first_view_is_the_plans_own_step(desk, plan):
    state = desk.execute_script("return window.vallum.state")
    assert state["step"] == plan.line.step
    assert state["heldCells"] == int(plan.line.held.sum())
    heading = desk.execute_script("return document.querySelector('h1').textContent")
    if plan.line.status != "ok":
        assert "no territory" in heading
        assert "illustration" in heading
        assert desk.execute_script("return document.querySelectorAll('.badge').length") >= 5


def test_map_and_numbers_follow_the_slider(desk, plan, root):
    entry = plan.line.plans.entry
    fenced = plan.line.plans.stakes.flank > 0
    seen = []
    for name, step in zip(("1-first", "2-half", "3-all"), positions(plan), strict=True):
        state = driver.slide(desk, step)
        held = (entry >= 0) & (entry <= step)
        row = plan.line.plans.steps.iloc[step]
        assert state["step"] == step
        assert state["heldCells"] == int(held.sum()) == int(row["cells"])
        # the cut's length, computed anew in the browser from the raster
        assert state["lineKm"] == pytest.approx(row["line_km"], rel=1e-9)
        # the line drawn is the line that `trace` draws
        runs = trace.chains(held, fenced)
        xs, ys = source_of(desk, "line")
        assert len(xs) == len(runs)
        for run, x, y in zip(runs, xs, ys, strict=True):
            path = trace.smooth(run, plan.theatre.grid) / 1000.0
            np.testing.assert_allclose(np.stack([x, y], axis=1), path, atol=1e-6)
        data = desk.execute_script(
            "return JSON.parse(document.getElementById('vallum-data').textContent)"
            ".steps[arguments[0]]",
            step,
        )
        assert data["people"] == pytest.approx(row["people_held"])
        for field in ("people", "people_share", "held", "line", "cost", "averted", "outside"):
            assert text_of(desk, field) == data["text"][field]
        seen.append((text_of(desk, "people"), text_of(desk, "cost"), len(str(xs))))
        driver.shoot(desk, root / "screenshots" / f"brief-{name}.png", (0, 0, 1280, 1500))
    assert len(set(seen)) == 3


def test_towns_outside_are_outside(desk, plan):
    step = positions(plan)[1]
    driver.slide(desk, step)
    rows = desk.execute_script(
        "return [...document.querySelectorAll('#towns-outside tr')]"
        ".map((r) => r.cells[0].textContent)"
    )
    entry = plan.line.plans.entry
    table = plan.theatre.settlements
    own = table[table["iso3"].isin(plan.theatre.members)]
    for name in rows:
        towns = own[own["name"] == name]
        at = entry[towns["row"].to_numpy(), towns["col"].to_numpy()]
        assert ((at < 0) | (at > step)).any()


def test_chart_and_slider_are_one(desk, plan):
    wanted = positions(plan)[1]
    desk.execute_script(
        "for (const d of Bokeh.documents) { const m = d.get_model_by_name('steps');"
        "if (m) m.selected.indices = [arguments[0]]; }",
        wanted,
    )
    driver.settle(desk)
    assert desk.execute_script("return window.vallum.state.step") == wanted
    assert desk.execute_script("return Number(document.getElementById('slider').value)") == wanted
    driver.slide(desk, 0)
    chosen = desk.execute_script(
        "for (const d of Bokeh.documents) { const m = d.get_model_by_name('steps');"
        "if (m) return [...m.selected.indices]; }"
    )
    assert chosen == [0]


def test_a_tap_on_the_chart_chooses_a_step(desk):
    from selenium.webdriver.common.action_chains import ActionChains  # noqa: PLC0415

    driver.slide(desk, 0)
    last = desk.execute_script("return document.getElementById('slider').max")
    x, y = desk.execute_script(
        "const v = Bokeh.index.roots.find((r) => r.model.name === 'chart');"
        "const d = v.model.document.get_model_by_name('steps').data;"
        "const box = document.getElementById('chart').getBoundingClientRect();"
        "const n = d.x.length - 1;"
        "document.getElementById('chart').scrollIntoView({ block: 'center', behavior: 'instant' });"
        "return [v.frame.bbox.left + v.frame.x_scale.compute(d.x[n]) - v.frame.bbox.left"
        "        - box.width / 2,"
        "        v.frame.y_scale.compute(d.y[n]) - box.height / 2];"
    )
    element = desk.find_element("id", "chart")
    ActionChains(desk).move_to_element_with_offset(element, round(x), round(y)).click().perform()
    driver.settle(desk)
    assert desk.execute_script("return window.vallum.state.step") == int(last)


def test_the_dividend_shows_one_line_at_a_time_with_its_pictures(desk, root):
    shown = (
        "return [...document.querySelectorAll('#dividend [data-case]')]"
        ".filter((el) => !el.hidden).map((el) => el.dataset.case)"
    )
    tabs = desk.find_elements("css selector", "#dividend [data-case-tab]")
    assert len(tabs) == 2
    for tab in tabs:
        desk.execute_script("arguments[0].click()", tab)
        assert desk.execute_script(shown) == [tab.get_attribute("data-case-tab")]
        pictures = desk.find_elements(
            "css selector", "#dividend [data-case]:not([hidden]) svg.chart"
        )
        assert len(pictures) >= 3  # the members together, one of them at least, what decides
        assert all(picture.rect["height"] > 60 for picture in pictures)
    at = "const r = document.getElementById('dividend').getBoundingClientRect();"
    box = desk.execute_script(f"{at} return [r.left + scrollX, r.top + scrollY, r.width, r.height]")
    driver.shoot(desk, root / "screenshots" / "brief-dividend.png", tuple(box))


def test_the_accord_and_the_window_are_drawn(desk, root):
    assert desk.find_elements("css selector", "#accord svg.chart .share")
    assert desk.find_elements("css selector", "#accord table")
    lines = desk.find_elements("css selector", "#window svg.timeline")
    assert len(lines) >= 5  # the opening, and the pairs that have a climate
    dots = desk.find_elements("css selector", "#window svg.timeline circle.event title")
    assert len(dots) > 50  # an event tells its line on hover
    for chapter in ("accord", "window"):
        at = f"const r = document.getElementById('{chapter}').getBoundingClientRect();"
        box = desk.execute_script(
            f"{at} return [r.left + scrollX, r.top + scrollY, r.width, r.height]"
        )
        driver.shoot(desk, root / "screenshots" / f"brief-{chapter}.png", tuple(box))


def test_the_campaign_shows_one_line_at_a_time_and_steps_its_phases(desk):
    shown = (
        "return [...document.querySelectorAll('#campaign [data-case]')]"
        ".filter((el) => !el.hidden).map((el) => el.dataset.case)"
    )
    tabs = desk.find_elements("css selector", "#campaign [data-case-tab]")
    assert len(tabs) == 2
    for tab in reversed(tabs):
        desk.execute_script("arguments[0].click()", tab)
        assert desk.execute_script(shown) == [tab.get_attribute("data-case-tab")]
        assert tab.get_attribute("aria-pressed") == "true"
    visible = (
        "return [...document.querySelectorAll('#campaign [data-case]:not([hidden]) [data-phase]')]"
        ".filter((el) => !el.hasAttribute('hidden')).map((el) => el.dataset.phase)"
    )
    buttons = desk.find_elements(
        "css selector", "#campaign [data-case]:not([hidden]) .phases input"
    )
    assert len(buttons) >= 2
    for button in buttons:
        desk.execute_script("arguments[0].click()", button)
        assert set(desk.execute_script(visible)) == {button.get_attribute("value")}


def test_the_other_objectives_line_costs_no_more(desk, plan):
    step = positions(plan)[2]
    driver.slide(desk, step)
    desk.execute_script("document.getElementById('other-switch').click()")
    driver.settle(desk)
    k = desk.execute_script("return window.vallum.state.otherStep")
    costs = plan.line.other.steps["cost_usd_yr"].to_numpy()
    limit = plan.line.plans.steps["cost_usd_yr"].iloc[step]
    assert costs[k] <= limit
    assert k == len(costs) - 1 or costs[k + 1] > limit
    assert len(source_of(desk, "other")[0]) > 0


def test_the_maps_kilometres_are_as_long_in_both_directions(desk):
    across, down = desk.execute_script(
        "const v = Bokeh.index.roots.find((r) => r.model.name === 'map');"
        "const m = v.model, f = v.frame.bbox;"
        "return [f.width / (m.x_range.end - m.x_range.start),"
        "        f.height / (m.y_range.end - m.y_range.start)];"
    )
    assert across == pytest.approx(down, rel=0.01)


def test_the_ledger_can_be_filtered(desk):
    desk.execute_script(
        "const f = document.getElementById('ledger-filter'); f.value = 'reach_share';"
        "f.dispatchEvent(new Event('input'));"
    )
    shown = desk.execute_script(
        "return [...document.querySelectorAll('#ledger-rows tr')].filter((r) => !r.hidden).length"
    )
    assert shown == 1


def test_a_phone_shows_all_of_it(desk, brief, plan, root):
    driver.size(desk, 390, 844, scale=2.0)
    driver.load(desk, brief)
    driver.slide(desk, positions(plan)[1])
    assert desk.execute_script("return document.documentElement.scrollWidth") <= 390
    assert desk.execute_script("return document.getElementById('map').clientWidth") > 300
    driver.shoot(desk, root / "screenshots" / "brief-phone.png", (0, 0, 390, 1900))


def test_paper_keeps_the_map(desk, plan):
    driver.slide(desk, positions(plan)[1])
    printed = desk.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    assert len(printed["data"]) > 100_000
    natural = desk.execute_script(
        "return [...document.querySelectorAll('img.on-paper')].map((i) => i.naturalWidth)"
    )
    assert len(natural) == 2
    assert min(natural) > 200


def visible(chrome):
    """Give the way of moving of every picture and legend that is seen."""
    return set(
        chrome.execute_script(
            "return [...document.querySelectorAll('#threat [data-mode]')]"
            ".filter((el) => el.getBoundingClientRect().width > 0).map((el) => el.dataset.mode)"
        )
    )


def test_the_threats_maps_are_seen(desk, plan, root):
    sizes = desk.execute_script(
        "return [...document.querySelectorAll('#threat .sheet svg, #others .sheet svg')].map("
        "(el) => { const b = el.getBoundingClientRect();"
        "const i = el.querySelector('image:not([hidden])').getBoundingClientRect();"
        "return [b.width, b.height, i.width, i.height]; })"
    )
    assert len(sizes) == 4 + len(plan.threat.civilians.cells)
    for width, height, wide, high in sizes:
        assert width > 250
        assert height > 150
        # the picture of the layer covers the map
        assert wide >= width - 3
        assert high >= height - 3
    lines = desk.execute_script("return document.querySelectorAll('#map-corridors .number').length")
    assert lines == len(plan.threat.ways.corridors)
    statement = desk.execute_script("return document.querySelector('.statement').textContent")
    assert "comes from outside" in statement
    top, height = desk.execute_script(
        "const b = document.getElementById('threat').getBoundingClientRect();"
        "return [b.top + scrollY, b.height];"
    )
    driver.shoot(desk, root / "screenshots" / "brief-threat.png", (0, top, 1280, height))


def test_the_radio_changes_both_maps_of_hours(desk):
    assert visible(desk) == {"motorcycle"}
    labels = desk.execute_script(
        "return [...document.querySelectorAll('input[name=mode]')].map((el) => el.labels.length)"
    )
    assert labels == [1, 1, 1]
    for mode, name in (("foot", "foot"), ("four_by_four", "4×4"), ("motorcycle", "motorcycle")):
        desk.execute_script(
            "document.querySelector(`input[name=mode][value=${arguments[0]}]`).click()", mode
        )
        driver.settle(desk)
        assert visible(desk) == {mode}
        named = desk.execute_script(
            "return [...document.querySelectorAll('[data-mode-name]')].map((el) => el.textContent)"
        )
        assert named == [name, name]


def test_the_radio_answers_to_the_keyboard(desk):
    from selenium.webdriver.common.keys import Keys  # noqa: PLC0415

    desk.find_element("css selector", "input[name=mode]").send_keys(Keys.ARROW_RIGHT)
    driver.settle(desk)
    assert visible(desk) == {"foot"}


def test_maps_on_a_phone_are_one_column(desk, brief, root):
    driver.size(desk, 390, 844, scale=2.0)
    driver.load(desk, brief)
    assert desk.execute_script("return document.documentElement.scrollWidth") <= 390
    lefts = desk.execute_script(
        "return [...document.querySelectorAll('#threat .sheet svg')]"
        ".map((el) => Math.round(el.getBoundingClientRect().left))"
    )
    assert len(set(lefts)) == 1
    top = desk.execute_script(
        "return document.getElementById('map-corridors').getBoundingClientRect().top + scrollY"
    )
    driver.shoot(desk, root / "screenshots" / "brief-threat-phone.png", (0, top, 390, 1300))


def strips(chrome):
    """Give the titles of the strips and the kilometres in them."""
    return chrome.execute_script(
        "return [...document.querySelectorAll('#strips figcaption')].map((el) => el.textContent)"
    )


def test_strips_and_bill_follow_the_slider(desk, plan, root):
    seen = []
    for step in positions(plan):
        driver.slide(desk, step)
        titles = strips(desk)
        assert desk.execute_script("return window.vallumWorks.state.step") == step
        assert len(titles) == desk.execute_script("return window.vallumWorks.state.strips")
        # every title ends in its length, and the first line is the longest
        lengths = [
            float(title.split(":")[1].split("km")[0].replace("\u202f", "")) for title in titles
        ]
        row = plan.line.plans.steps.iloc[step]
        assert sum(lengths) == pytest.approx(row["line_km"], rel=0.03)
        bill = plan_module.bill_of(plan.works, plan_lines(plan, step), plan.settings.works)
        wanted = works_bill.rows(bill, works_bill.named([bill])[0])
        shown = desk.execute_script(
            "return [...document.querySelectorAll('#bill-rows tr')]"
            ".map((r) => [r.cells[2].textContent, r.cells[7].textContent.split(' (')[0]])"
        )
        assert sorted(shown) == sorted([r[1], r[6][0]] for r in wanted["items"])
        total = desk.execute_script(
            "return document.querySelector('#bill-total').lastChild.textContent"
        )
        assert total.split(" (")[0] == wanted["total"][-1][0]
        bars = desk.execute_script("return document.querySelectorAll('#bars .bar').length")
        assert bars == len(wanted["bars"])
        seen.append(tuple(titles))
    assert len(set(seen)) == 3
    top, height = desk.execute_script(
        "const b = document.getElementById('works').getBoundingClientRect();"
        "return [b.top + scrollY, b.height];"
    )
    driver.shoot(desk, root / "screenshots" / "brief-works.png", (0, top, 1280, height))


def plan_lines(plan, step):
    """Follow the line of a step."""
    entry, plans = plan.line.plans.entry, plan.line.plans
    held = (entry >= 0) & (entry <= step)
    return follow(plans.problem, held, plans.stakes.flank, plan.theatre.grid)


def test_a_strip_reads_its_kilometres_out(desk, plan):
    from selenium.webdriver.common.keys import Keys  # noqa: PLC0415

    driver.slide(desk, positions(plan)[2])
    strip = desk.find_element("css selector", "#strips .rows")
    read = "return document.querySelector('#strips .readout').textContent"
    assert desk.execute_script(read) == ""
    strip.send_keys(Keys.HOME)
    driver.settle(desk)
    first = desk.execute_script(read)
    assert first.startswith("km 0: ")
    assert "USD per km and year" in first
    strip.send_keys(Keys.END)
    driver.settle(desk)
    last = desk.execute_script(read)
    assert last != first
    strip.send_keys(Keys.ARROW_LEFT)
    driver.settle(desk)
    assert desk.execute_script(read).split(":")[0] != last.split(":")[0]
    cursors = desk.execute_script(
        "return [...document.querySelectorAll('#strips .cursor')]"
        ".filter((el) => el.getAttribute('visibility') === 'visible').length"
    )
    assert cursors == 1


def test_works_fit_a_phone(desk, brief, plan, root):
    driver.size(desk, 390, 844, scale=2.0)
    driver.load(desk, brief)
    driver.slide(desk, positions(plan)[1])
    assert desk.execute_script("return document.documentElement.scrollWidth") <= 390
    width, drawn = desk.execute_script(
        "return [document.getElementById('strips').clientWidth, window.vallumWorks.state.width]"
    )
    assert abs(width - drawn) <= 2
    top = desk.execute_script(
        "return document.getElementById('strips').getBoundingClientRect().top + scrollY"
    )
    driver.shoot(desk, root / "screenshots" / "brief-works-phone.png", (0, top, 390, 1500))
