"""The brief in a real Chromium: slider, map and numbers agree with the plan, and no network."""

from __future__ import annotations

import numpy as np
import pytest
from tests.browser import driver

from vallum import plan as plan_module
from vallum.brief import works_bill
from vallum.line import trace
from vallum.line.course import follow

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def plan(sahel_plan):
    return sahel_plan


@pytest.fixture(scope="module")
def brief(folder):
    return folder / "brief.html"


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
    assert asked, "no request is known: one to the network would not be either"
    assert driver.outside(asked) == []


def positions(plan):
    """Give three steps: the one shown first, the first with half of the people, the last."""
    shares = plan.line.plans.steps["people_share"].to_numpy()
    return [plan.line.step, int(np.argmax(shares >= 0.5)), len(shares) - 1]


def text_of(chrome, field):
    return chrome.page.locator(f"#explore [data-field={field}]").first.text_content()


def source_of(chrome, name):
    script = (
        "(name) => { for (const d of Bokeh.documents) { const m = d.get_model_by_name(name);"
        "if (m) return [[...(m.data.xs ?? m.data.x)].map((p) => Array.from(p.length ? p : [p])),"
        "[...(m.data.ys ?? m.data.y)].map((p) => Array.from(p.length ? p : [p]))]; } }"
    )
    return chrome.page.evaluate(script, name)


def test_the_first_view_is_the_plans_own_step(desk, plan):
    state = driver.state(desk)
    assert state["step"] == plan.line.step
    assert state["heldCells"] == int(plan.line.held.sum())
    assert desk.page.locator("h1").text_content().endswith("?")
    answer = desk.page.locator(".lead").first.text_content()
    if plan.line.status != "ok":
        assert "no territory" in answer
        assert desk.page.locator(".badge").count() >= 5


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
        data = desk.page.evaluate(
            "(step) => JSON.parse(document.getElementById('vallum-data').textContent).steps[step]",
            step,
        )
        assert data["people"] == pytest.approx(row["people_held"])
        for field in ("people", "people_share", "held", "line", "cost", "averted_usd", "outside"):
            assert text_of(desk, field) == data["text"][field]
        seen.append((text_of(desk, "people"), text_of(desk, "cost"), len(str(xs))))
        driver.shoot(desk, root / "screenshots" / f"brief-{name}.png", (0, 0, 1280, 1500))
    assert len(set(seen)) == 3


def test_towns_outside_are_outside(desk, plan):
    step = positions(plan)[1]
    driver.slide(desk, step)
    rows = desk.page.eval_on_selector_all(
        "#towns-outside tr", "(rows) => rows.map((r) => r.cells[0].textContent)"
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
    desk.page.evaluate(
        "(step) => { for (const d of Bokeh.documents) { const m = d.get_model_by_name('steps');"
        "if (m) m.selected.indices = [step]; } }",
        wanted,
    )
    driver.settle(desk)
    assert driver.state(desk)["step"] == wanted
    assert int(desk.page.locator("#slider").input_value()) == wanted
    driver.slide(desk, 0)
    chosen = desk.page.evaluate(
        "() => { for (const d of Bokeh.documents) { const m = d.get_model_by_name('steps');"
        "if (m) return [...m.selected.indices]; } }"
    )
    assert chosen == [0]


def test_a_tap_on_the_chart_chooses_a_step(desk):
    driver.slide(desk, 0)
    last = int(desk.page.locator("#slider").get_attribute("max"))
    x, y = point_of(desk, last)
    desk.page.locator("#chart").click(position={"x": x, "y": y})
    driver.settle(desk)
    assert driver.state(desk)["step"] == last


def point_of(chrome, step):
    """Give where a step's point lies in the chart, in px from its corner."""
    return chrome.page.evaluate(
        "(n) => {"
        "const v = Bokeh.index.roots.find((r) => r.model.name === 'chart');"
        "const d = v.model.document.get_model_by_name('steps').data;"
        "return [v.frame.x_scale.compute(d.x[n]), v.frame.y_scale.compute(d.y[n])]; }",
        step,
    )


def shown(chrome, chapter):
    """Give the cases of a chapter that are seen."""
    return chrome.page.eval_on_selector_all(
        f"{chapter} [data-case]",
        "(all) => all.filter((el) => el.checkVisibility()).map((el) => el.dataset.case)",
    )


def test_the_dividend_shows_one_line_at_a_time_with_its_pictures(desk, root):
    tabs = desk.page.locator("#dividend [data-case-tab]").all()
    assert len(tabs) == 2
    for tab in tabs:
        tab.click()
        assert shown(desk, "#dividend") == [tab.get_attribute("data-case-tab")]
        pictures = desk.page.locator("#dividend [data-case]:not([hidden]) svg.chart").all()
        assert len(pictures) >= 3  # the members together, one of them at least, what decides
        assert all(picture.bounding_box()["height"] > 60 for picture in pictures)
    driver.shoot(desk, root / "screenshots" / "brief-dividend.png", driver.box(desk, "#dividend"))


def test_the_accord_and_the_window_are_drawn(desk, root):
    assert desk.page.locator("#accord svg.chart .share").count()
    assert desk.page.locator("#accord table").count()
    # the opening, and the pairs that have a climate
    assert desk.page.locator("#window svg.timeline").count() >= 5
    # an event tells its line on hover
    assert desk.page.locator("#window svg.timeline circle.event title").count() > 50
    for chapter in ("accord", "window"):
        to = root / "screenshots" / f"brief-{chapter}.png"
        driver.shoot(desk, to, driver.box(desk, f"#{chapter}"))


def test_the_campaign_shows_one_line_at_a_time_and_steps_its_phases(desk):
    tabs = desk.page.locator("#campaign [data-case-tab]").all()
    assert len(tabs) == 2
    for tab in reversed(tabs):
        tab.click()
        assert set(shown(desk, "#campaign")) == {tab.get_attribute("data-case-tab")}
        assert tab.get_attribute("aria-pressed") == "true"
    desk.page.locator('#campaign [data-case-tab="plan"]').click()  # whose programme has phases
    buttons = desk.page.locator("#campaign [data-case]:not([hidden]) .phases input").all()
    assert len(buttons) >= 2
    for button in buttons:
        button.check()
        phases = desk.page.eval_on_selector_all(
            "#campaign [data-case]:not([hidden]) [data-phase]",
            "(all) => all.filter((el) => !el.hasAttribute('hidden')).map((el) => el.dataset.phase)",
        )
        assert set(phases) == {button.get_attribute("value")}


def test_the_other_objectives_line_costs_no_more(desk, plan):
    step = positions(plan)[2]
    driver.slide(desk, step)
    desk.page.locator("#other-switch").check()
    driver.settle(desk)
    k = driver.state(desk)["otherStep"]
    costs = plan.line.other.steps["cost_usd_yr"].to_numpy()
    limit = plan.line.plans.steps["cost_usd_yr"].iloc[step]
    assert costs[k] <= limit
    assert k == len(costs) - 1 or costs[k + 1] > limit
    assert len(source_of(desk, "other")[0]) > 0


def test_the_maps_kilometres_are_as_long_in_both_directions(desk):
    across, down = desk.page.evaluate(
        "() => { const v = Bokeh.index.roots.find((r) => r.model.name === 'map');"
        "const m = v.model, f = v.frame.bbox;"
        "return [f.width / (m.x_range.end - m.x_range.start),"
        "        f.height / (m.y_range.end - m.y_range.start)]; }"
    )
    assert across == pytest.approx(down, rel=0.01)


def test_the_ledger_can_be_filtered(desk):
    desk.page.locator("#ledger-filter").press_sequentially("reach_share")
    assert desk.page.locator("#ledger-rows tr:visible").count() == 1


def test_a_phone_shows_all_of_it(desk, brief, plan, root):
    driver.size(desk, 390, 844, scale=2.0)
    driver.load(desk, brief)
    driver.slide(desk, positions(plan)[1])
    assert desk.page.evaluate("() => document.documentElement.scrollWidth") <= 390
    assert desk.page.locator("#map").bounding_box()["width"] > 300
    driver.shoot(desk, root / "screenshots" / "brief-phone.png", (0, 0, 390, 1900))


def test_paper_keeps_the_map(desk, plan):
    driver.slide(desk, positions(plan)[1])
    printed = desk.page.pdf(format="A4", print_background=True)
    assert len(printed) > 100_000
    natural = desk.page.eval_on_selector_all(
        "img.on-paper", "(all) => all.map((i) => i.naturalWidth)"
    )
    assert len(natural) == 2
    assert min(natural) > 200


def visible(chrome):
    """Give the way of moving of every picture and legend that is seen."""
    return set(
        chrome.page.eval_on_selector_all(
            "#threat [data-mode]",
            "(all) => all.filter((el) => el.getBoundingClientRect().width > 0)"
            ".map((el) => el.dataset.mode)",
        )
    )


def test_the_threats_maps_are_seen(desk, plan, root):
    sizes = desk.page.eval_on_selector_all(
        "#threat .sheet svg, #others .sheet svg",
        "(all) => all.map((el) => { const b = el.getBoundingClientRect();"
        "const i = el.querySelector('image:not([hidden])').getBoundingClientRect();"
        "return [b.width, b.height, i.width, i.height]; })",
    )
    assert len(sizes) == 4 + len(plan.threat.civilians.cells)
    for width, height, wide, high in sizes:
        assert width > 250
        assert height > 150
        # the picture of the layer covers the map
        assert wide >= width - 3
        assert high >= height - 3
    assert desk.page.locator("#map-corridors .number").count() == len(plan.threat.ways.corridors)
    assert "come from outside" in desk.page.locator("#threat .head-found").text_content()
    _, top, _, height = driver.box(desk, "#threat")
    driver.shoot(desk, root / "screenshots" / "brief-threat.png", (0, top, 1280, height))


def test_the_radio_changes_both_maps_of_hours(desk):
    assert visible(desk) == {"motorcycle"}
    labels = desk.page.eval_on_selector_all(
        "input[name=mode]", "(all) => all.map((el) => el.labels.length)"
    )
    assert labels == [1, 1, 1]
    for mode, name in (
        ("foot", "on foot"),
        ("four_by_four", "by vehicle"),
        ("motorcycle", "by motorcycle"),
    ):
        desk.page.locator(f"input[name=mode][value={mode}]").check()
        driver.settle(desk)
        assert visible(desk) == {mode}
        captions = desk.page.locator("#threat figcaption span[data-mode]:visible")
        assert [name in text for text in captions.all_text_contents()] == [True, True]


def test_the_radio_answers_to_the_keyboard(desk):
    desk.page.locator("input[name=mode]").first.press("ArrowRight")
    driver.settle(desk)
    assert visible(desk) == {"foot"}


def test_maps_on_a_phone_are_one_column(desk, brief, root):
    driver.size(desk, 390, 844, scale=2.0)
    driver.load(desk, brief)
    assert desk.page.evaluate("() => document.documentElement.scrollWidth") <= 390
    lefts = desk.page.eval_on_selector_all(
        "#threat .sheet svg",
        "(all) => all.map((el) => Math.round(el.getBoundingClientRect().left))",
    )
    assert len(set(lefts)) == 1
    top = driver.box(desk, "#map-corridors")[1]
    driver.shoot(desk, root / "screenshots" / "brief-threat-phone.png", (0, top, 390, 1300))


def strips(chrome):
    """Give the titles of the strips and the kilometres in them."""
    return chrome.page.locator("#strips figcaption").all_text_contents()


def test_strips_and_bill_follow_the_slider(desk, plan, root):
    seen = []
    for step in positions(plan):
        driver.slide(desk, step)
        titles = strips(desk)
        works = desk.page.evaluate("() => window.vallumWorks.state")
        assert works["step"] == step
        assert len(titles) == works["strips"]
        # every title ends in its length, and the first line is the longest
        lengths = [
            float(title.split(":")[1].split("km")[0].replace("\u202f", "")) for title in titles
        ]
        row = plan.line.plans.steps.iloc[step]
        assert sum(lengths) == pytest.approx(row["line_km"], rel=0.03)
        bill = plan_module.bill_of(plan.works, plan_lines(plan, step), plan.settings.works)
        wanted = works_bill.rows(bill, works_bill.named([bill])[0])
        billed = desk.page.eval_on_selector_all(
            "#bill-rows tr",
            "(rows) => rows.map((r) =>"
            " [r.cells[2].textContent, r.cells[7].textContent.split(' (')[0]])",
        )
        assert sorted(billed) == sorted([r[1], r[6][0]] for r in wanted["items"])
        total = desk.page.locator("#bill-total > :last-child").text_content()
        assert total.split(" (")[0] == wanted["total"][-1][0]
        assert desk.page.locator("#bars .bar").count() == len(wanted["bars"])
        seen.append(tuple(titles))
    assert len(set(seen)) == 3
    _, top, _, height = driver.box(desk, "#works")
    driver.shoot(desk, root / "screenshots" / "brief-works.png", (0, top, 1280, height))


def plan_lines(plan, step):
    """Follow the line of a step."""
    entry, plans = plan.line.plans.entry, plan.line.plans
    held = (entry >= 0) & (entry <= step)
    return follow(plans.problem, held, plans.stakes.flank, plan.theatre.grid)


def test_a_strip_reads_its_kilometres_out(desk, plan):
    driver.slide(desk, positions(plan)[2])
    strip = desk.page.locator("#strips .rows").first
    readout = desk.page.locator("#strips .readout").first
    assert readout.text_content() == ""
    strip.press("Home")
    driver.settle(desk)
    first = readout.text_content()
    assert first.startswith("km 0: ")
    assert "USD per km and year" in first
    strip.press("End")
    driver.settle(desk)
    last = readout.text_content()
    assert last != first
    strip.press("ArrowLeft")
    driver.settle(desk)
    assert readout.text_content().split(":")[0] != last.split(":")[0]
    assert desk.page.locator("#strips .cursor[visibility=visible]").count() == 1


def test_works_fit_a_phone(desk, brief, plan, root):
    driver.size(desk, 390, 844, scale=2.0)
    driver.load(desk, brief)
    driver.slide(desk, positions(plan)[1])
    assert desk.page.evaluate("() => document.documentElement.scrollWidth") <= 390
    width, drawn = desk.page.evaluate(
        "() => [document.getElementById('strips').clientWidth, window.vallumWorks.state.width]"
    )
    assert abs(width - drawn) <= 2
    top = driver.box(desk, "#strips")[1]
    driver.shoot(desk, root / "screenshots" / "brief-works-phone.png", (0, top, 390, 1500))
