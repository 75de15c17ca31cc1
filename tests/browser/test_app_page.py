"""The explorer in a real Chromium, as an analyst uses it: one server, one browser."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.browser import explorer
from tests.browser.explorer import PHONE, WIDE

from vallum.app import sheet as sheets
from vallum.app.page.fields import fields
from vallum.settings import Settings
from vallum.theatre import load

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("app-page")]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Start the server, and end it."""
    folder = tmp_path_factory.mktemp("app")
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            [sys.executable, "-m", "tests.browser.app_world", str(folder)],
            cwd=ROOT, env=os.environ | {"PYTHONPATH": paths}, stdout=subprocess.PIPE, stderr=log,
            text=True,
        ) as server,
    ):  # fmt: skip
        try:
            where = server.stdout.readline().strip()
            assert where, (folder / "log").read_text()
            yield where
        finally:
            server.terminate()
            server.wait(60)


@pytest.fixture(scope="module")
def opened(chrome, address):
    """Give a function that opens the page in a window of its own."""
    with explorer.opening(chrome, address) as open_at:
        yield open_at


@pytest.fixture(scope="module")
def window(opened):
    return opened(WIDE)


@pytest.fixture
def desk(window, address):
    """Give the page as it is first opened; nothing may be complained of or asked outside."""
    window.page.goto(address)
    window.until("() => window.vallum && window.vallum.state.ready", 60)
    yield window
    explorer.quiet(window, address)


def test_a_move_of_the_budget_redraws_at_once_and_asks_nobody(desk):
    page = desk.page
    page.locator("#slider").focus()
    first = desk.text("#budget-said")
    desk.until("() => window.vallum.state.looked >= 0")
    desk.sent.clear()
    for _ in range(12):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(60)
    asked = [one for one in desk.sent if "do" in one and "cancel" not in one]
    assert asked == []
    desk.until("() => window.vallumTimings.length >= 12")
    took = page.evaluate("() => window.vallumTimings")
    # told and not held: machines are noisy, and no test is timed
    print(f"\nredrawn in {median(took):.0f} ms (median), {max(took):.0f} ms (worst) of {len(took)}")
    assert len(took) == 12
    assert desk.text("#budget-said") != first
    drawn = page.evaluate(
        "() => ({ reach: vallumPage.map.named('entry-reach').high,"
        " paths: vallumPage.map.named('line').data.xs.length,"
        " at: vallumPage.chart.named('now').data.x[0], step: vallumPage.state.step,"
        " cost: vallumPage.state.view.steps[vallumPage.state.step].cost,"
        " unit: vallumPage.chart.units[0] })"
    )
    assert drawn["reach"] == drawn["step"] + 0.5
    assert drawn["paths"] > 0
    assert drawn["at"] == pytest.approx(drawn["cost"] / drawn["unit"])
    page.fill("#mu", "4")  # the price chooses a plan too: where 4 times benefit less cost is most
    best = page.evaluate(
        "() => { const s = vallumPage.state.view.steps.map((x) => 4 * x.benefit - x.cost);"
        " return s.indexOf(Math.max(...s)); }"
    )
    assert page.evaluate("() => vallumPage.state.step") == best
    # land that is too small to be seen is offered to be zoomed to, and other land is not
    assert page.locator("#zoom-held").is_hidden()
    seen = page.evaluate(
        "() => { const map = vallumPage.map; const before = vallumPage.tiny(map);"
        " map.held = [-100, -92, 40, 46]; const { x_range: x, y_range: y } = map.root;"
        " vallumPage.zoomHeld(map); return [before, vallumPage.tiny(map),"
        " (x.end - x.start) / (y.end - y.start) / (map.home[1] - map.home[0])"
        " * (map.home[3] - map.home[2]), x.start, x.end, y.start, y.end]; }"
    )
    assert seen[:2] == [False, True]
    assert seen[2] == pytest.approx(1.0)
    assert seen[3] < -100
    assert -92 < seen[4] < 0
    assert 0 < seen[5] < 40
    assert seen[6] > 46


def test_every_assumption_changes_the_figures_and_reaches_the_scenario(desk):
    asked = fields(load("sahel", cell_km=50.0))
    put = {}
    for field in sorted(asked, key=lambda one: one.key == "line.objective"):
        if field.kind in {"places", "members"} or field.key == "line.usd_per_person_yr":
            continue
        value = "people" if field.key == "line.objective" else explorer.another(field)
        before = desk.page.evaluate("() => vallumPage.state.view.steps[0].cost")
        desk.found(lambda f=field, v=value: explorer.put(desk, f, v))
        assert desk.page.evaluate("() => vallumPage.state.view.steps[0].cost") != before, field.key
        assert desk.page.locator(f'[data-field-row="{field.key}"].changed').count() == 1
        put[field.key] = value
    place = desk.page.locator('[data-key="line.must_hold"] input')
    place.fill("Gao")
    desk.found(lambda: place.press("Enter"))
    member = desk.page.locator('[data-key="theatre.coalition"] input[value=MRT]')
    desk.found(member.uncheck)
    assert desk.text("#changed-count") == f"{len(put) + 2} assumptions changed."
    assert desk.text("#gain-name") == "People held, the aim"

    written = sheets.read(desk.toml()).settings
    for key, value in put.items():
        assert explorer.read(written, key) == value, key
    assert written.line.must_hold == ("Gao",)
    assert written.theatre.coalition == ("MLI",)
    assert written.threat.lost_low <= written.threat.lost_per_event <= written.threat.lost_high
    assert written.theatre.cell_km == 50.0  # what the page doesn't show is kept

    desk.tab("Assumptions")
    desk.found(lambda: desk.press("Reset to defaults"))
    assert desk.text("#changed-count") == "All as by default."
    plain = Settings()
    assert sheets.read(desk.toml()).settings.line == plain.line


def test_a_fault_stands_beside_its_field_and_a_change_can_be_cancelled(desk):
    field = '[data-key="works.haul_usd_tkm"]'
    said = '[data-faults="works.haul_usd_tkm"]'
    for value, words in (("8", "Nobody can carry that. Ask for less."), ("-1", "greater than")):
        desk.page.fill(field, value)
        desk.page.keyboard.press("Tab")
        desk.page.wait_for_selector(f"{said}:visible")
        desk.until("() => !window.vallum.state.busy")
        assert words in desk.text(said)
        assert desk.page.locator(field).get_attribute("aria-invalid") == "true"
    desk.page.select_option('[data-key="line.objective"]', "mix")  # and what is missing beside it
    desk.page.wait_for_selector('[data-faults="line.usd_per_person_yr"]:visible')
    desk.found(lambda: desk.press("Reset to defaults"))

    before = desk.page.evaluate("() => vallumPage.state.view.steps[0].cost")
    desk.page.fill(field, "9")  # takes very long
    desk.page.keyboard.press("Tab")
    desk.page.wait_for_selector("#cancel:visible")
    assert desk.text("#status").startswith("Finding the frontier")
    desk.page.locator("#slider").focus()
    desk.page.keyboard.press("ArrowRight")  # the page is not held up by it
    assert desk.page.evaluate("() => window.vallumTimings.length >= 0")
    desk.press("Cancel")
    desk.until("() => !window.vallum.state.busy")
    assert desk.text("#status").startswith("Cancelled")
    assert desk.page.evaluate("() => vallumPage.state.view.steps[0].cost") == before
    # the look that made room comes after all, and the same can be asked again
    step = desk.page.evaluate("() => { vallum.state.looked = -1; return vallumPage.state.step; }")
    desk.until(f"() => vallum.state.looked === {step}")
    desk.press("Find it again")
    desk.page.wait_for_selector("#cancel:visible")
    desk.found(lambda: desk.press("Reset to defaults"))


def test_what_is_no_value_is_said_and_faults_have_their_place(desk):
    field = '[data-key="works.standard"]'
    desk.found(lambda: explorer.put_number(desk, "works.standard", "0.55"))
    desk.page.fill(field, "")  # nothing is the default, and seen to be
    desk.found(lambda: desk.page.keyboard.press("Tab"))
    assert desk.page.input_value(field) == "0.67"
    assert desk.text("#changed-count") == "All as by default."
    views = desk.state("views")
    desk.page.locator(field).click()
    desk.page.keyboard.type("1e")
    desk.page.keyboard.press("Tab")
    assert "no number" in desk.text('[data-faults="works.standard"]')
    assert desk.state("views") == views
    told = [
        ("works", "standard", "works.standard", ""),
        ("works.standard", "", "works.standard", ""),
        ("line.must_hold", "Nowhere", "line.must_hold", "Nowhere: "),
        ("scenario", "note", "page", "note: "),
    ]
    for where, name, home, named in told:
        desk.page.evaluate(
            "([where, place]) => { vallumPage.clearFaults(); vallumPage.receive(JSON.stringify({"
            " is: 'faults', of: 'change', n: -1, lang: null,"
            " faults: [{where, place, found: 'it is wrong', mend: 'mend it'}]})); }",
            [where, name],
        )
        place = "#faults-page" if home == "page" else f'[data-faults="{home}"]'
        assert desk.text(place) == f"{named}It is wrong. Mend it."
    desk.page.evaluate("() => vallumPage.send('points', { text: 'x'.repeat(600000) })")
    assert "at most 500\u202f000 signs" in desk.page.text_content('[data-faults="drawn"]')
    for wrong in ("0", ""):
        desk.page.fill("#budget", wrong)
        assert desk.page.get_attribute("#budget", "aria-invalid") == "true"
    desk.page.fill("#budget", "0.001")  # million: it buys nothing
    assert desk.page.get_attribute("#budget", "aria-invalid") is None
    assert "buys no plan" in desk.text("#illustration")
    desk.page.fill("#budget", "3000")
    assert desk.page.locator("#illustration").is_hidden()


def test_a_page_that_lost_its_server_goes_on_when_it_is_loaded_again(desk, address):
    desk.found(lambda: explorer.put_number(desk, "works.standard", "0.55"))
    desk.page.evaluate("() => window.vallumLost()")
    desk.tab("Scenarios")
    desk.press("Save")
    desk.page.wait_for_selector("#faults-page:visible")
    assert "Load the page again" in desk.text("#faults-page")
    desk.page.goto(address)
    desk.until("() => window.vallum && window.vallum.state.ready", 60)
    assert desk.page.input_value('[data-key="works.standard"]') == "0.55"
    desk.page.goto(address)
    desk.until("() => window.vallum && window.vallum.state.ready", 60)
    assert desk.page.input_value('[data-key="works.standard"]') == "0.67"


def test_two_pages_of_one_scenario_do_not_overwrite_each_other(desk, opened, address):
    desk.tab("Scenarios")
    desk.page.fill("#name", "Ours\tand theirs")  # pasted from a table
    desk.press("Save")
    desk.page.get_by_text("Kept as version 1.").wait_for()
    other = opened(explorer.WIDE)
    other.page.goto(address)
    other.until("() => window.vallum && window.vallum.state.ready", 60)
    other.tab("Scenarios")
    other.found(lambda: other.press("Open Ours and theirs"))
    other.tab("Assumptions")
    other.found(lambda: explorer.put_number(other, "works.standard", "0.55"))
    other.tab("Scenarios")
    assert other.text("#kept-said").startswith("Changed since version 1")
    other.press("Save")
    other.page.get_by_text("Kept as version 2.").wait_for()
    other.page.context.close()

    desk.press("Share Ours and theirs")
    desk.page.get_by_role("button", name="Keep private Ours and theirs").wait_for()
    desk.press("Save")
    desk.page.wait_for_selector('[data-faults="scenario"]:visible')
    assert "has kept 3 since" in desk.text('[data-faults="scenario"]')
    desk.found(lambda: desk.press("Open Ours and theirs"))
    assert desk.page.input_value('[data-key="works.standard"]') == "0.55"
    sure = desk.page.get_by_role("button", name="Delete Ours and theirs")
    sure.click()
    assert sure.get_attribute("aria-label") == "Delete Ours and theirs: delete for good?"
    sure.click()
    desk.page.locator("#scenarios").get_by_text("None yet.").wait_for()


def test_what_is_drawn_is_scored_and_a_place_must_be_held(desk):
    desk.tab("Draw")
    desk.press("Draw an area")
    for at in ((0.35, 0.6), (0.6, 0.6), (0.6, 0.8), (0.3, 0.85)):
        desk.click_map(*at)
    desk.press("Undo")
    assert desk.text("#draw-said") == "3 points."
    desk.click_map(0.4, 0.8)
    assert desk.text("#draw-said") == "4 points."
    desk.found(lambda: desk.press("Finish"))
    assert "50\u202f% of the most" in desk.text("#scored-said")
    assert "900\u202fmillion USD a year" in desk.text("#scored-rows")
    assert desk.page.evaluate("() => vallumPage.chart.named('hand').data.x.length") == 1
    desk.page.get_by_text("Type coordinates instead").click()
    desk.page.fill("#points", "-4.2 14.49")
    desk.press("Put on the map")
    desk.page.wait_for_selector('[data-faults="drawn"]:visible')
    assert "Line 1" in desk.text('[data-faults="drawn"]')
    desk.page.fill("#points", "-4.2, 14.49\n-0.04, 16.27\n-2.0, 13.5")
    desk.page.check("#points-closed")
    desk.found(lambda: desk.press("Put on the map"))
    desk.press("Put a place that must be held")
    desk.found(lambda: desk.click_map(0.55, 0.62))
    written = sheets.read(desk.toml())
    assert [one.closed for one in written.drawn] == [True, True]
    assert len(written.drawn[0].points) == 4
    assert written.drawn[1].points[1] == pytest.approx((-0.04, 16.27), abs=2e-4)
    (place,) = written.settings.line.must_hold
    lon, lat = (float(part) for part in place.split(","))
    assert -12.0 < lon < 4.0
    assert 10.0 < lat < 25.0
    desk.tab("Draw")
    desk.press("Draw a line")
    for at in ((0.3, 0.8), (0.6, 0.6)):
        desk.click_map(*at)
    desk.found(lambda: desk.press("Finish"))  # lines and areas are scored apart
    (line,) = sheets.read(desk.toml()).drawn
    assert (line.closed, line.holding) == (False, ())
    desk.tab("Draw")
    assert "largest town" in desk.text("#drawn-list")
    desk.press("Choose its side: drawing 1")
    desk.click_map(0.5, 0.85)
    assert desk.page.evaluate("() => vallumPage.map.named('sides').data.x.length") == 1
    desk.found(lambda: desk.press("Finish"))
    assert "holds the side that you marked" in desk.text("#drawn-list")
    (line,) = sheets.read(desk.toml()).drawn
    ((lon, lat),) = line.holding
    assert -12.0 < lon < 4.0
    assert 10.0 < lat < 25.0


def test_a_scenario_is_kept_opened_again_and_loaded_from_a_file(desk, address, tmp_path):
    desk.found(lambda: explorer.put_number(desk, "works.standard", "0.55"))
    desk.tab("Scenarios")
    desk.page.fill("#name", "A lower standard")
    desk.page.fill("#note", "Asked by the minister")
    desk.press("Save")
    desk.page.get_by_text("Kept as version 1.").wait_for()
    text = desk.toml()
    desk.press("Save")
    desk.page.get_by_text("Kept as version 2.").wait_for()

    desk.page.goto(address)
    desk.until("() => window.vallum && window.vallum.state.ready", 60)
    assert desk.page.input_value('[data-key="works.standard"]') == "0.67"
    desk.tab("Scenarios")
    desk.press("History A lower standard")
    desk.page.get_by_text(re.compile(r"Version 1, .* by local")).wait_for()
    desk.found(lambda: desk.press("Open A lower standard"))
    assert desk.page.input_value('[data-key="works.standard"]') == "0.55"
    assert desk.page.input_value("#note") == "Asked by the minister"
    desk.press("Share A lower standard")
    desk.page.get_by_role("button", name="Keep private A lower standard").wait_for()

    for name, content, words in (
        ("bad.toml", "[works]\nstandrad = 0.5\n", "standard"),
        ("large.toml", "#" * 10_000, "At most"),
    ):
        (tmp_path / name).write_text(content)
        desk.page.set_input_files("#upload", tmp_path / name)
        desk.page.wait_for_selector('[data-faults="scenario"]:visible')
        assert words in desk.text('[data-faults="scenario"]')
    (tmp_path / "good.toml").write_text(text.replace("0.55", "0.45"))
    desk.found(lambda: desk.page.set_input_files("#upload", tmp_path / "good.toml"))
    assert desk.page.input_value('[data-key="works.standard"]') == "0.45"
    assert desk.text("#kept-said") == "Not kept yet."
    desk.press("Delete A lower standard")
    desk.page.get_by_text("delete for good?").click()
    desk.page.locator("#scenarios").get_by_text("None yet.").wait_for()


def test_two_scenarios_side_by_side(desk):
    desk.tab("Scenarios")
    desk.page.fill("#name", "As it is")
    desk.press("Save")
    desk.page.get_by_text("Kept as version 1.").wait_for()
    desk.tab("Assumptions")
    desk.found(lambda: explorer.put_number(desk, "works.man_year_usd", "25000"))
    desk.tab("Compare")
    desk.page.wait_for_function("() => document.querySelector('#right').options.length > 1")
    desk.page.select_option("#right", index=1)
    desk.press("Compare")
    desk.until("() => window.vallum.state.compared")
    assert "25\u202f000" in desk.text("#compare-differing")
    assert "17\u202f136" in desk.text("#compare-differing")
    rows = desk.text("#compare-table")
    assert "As it is, as it was on the page" in rows
    assert "Difference" in rows
    budget = desk.text("#compare-budget")
    desk.page.locator("#compare-slider").fill("800")
    assert desk.text("#compare-budget") != budget
    ranges = desk.page.evaluate(
        "() => { const [a, b] = vallumPage.pairOf; vallumPage.zoom(a, 0.5);"
        " return [a, b].map((m) => [m.root.x_range.start, m.root.y_range.end]); }"
    )
    assert ranges[0] == ranges[1]
    held = desk.page.evaluate(
        "() => vallumPage.pairOf.map("
        "(m) => m.view.steps[Math.round(m.named('entry-reach').high - 0.5)].cost)"
    )
    most = desk.page.evaluate("() => vallumPage.comparePlace(0.8)")
    assert all(0 < cost <= most + 1 for cost in held)


def test_quick_looks_say_what_they_leave_out(desk):
    desk.until("() => window.vallum.state.looked >= 0")
    step = desk.page.evaluate("() => vallumPage.state.step")
    assert desk.state("looked") == step
    assert f"{(step + 1) * 1000:,}".replace(",", "\u202f") in desk.text("#look-forces")
    assert "Mali and Mauritania" in desk.text("#look-accord")
    assert "A quick look" in desk.text("#look-said")
    helped = desk.text("#look-partner")
    assert "Costs it\n3.0\u202fmillion (3.0–5.0\u202fmillion)" in helped
    assert "Left to it\n−2.8\u202fmillion (−4.9\u202fmillion to −2.7\u202fmillion)" in helped
    assert "would have to be worth\n2.8\u202fmillion" in helped
    assert desk.text("#look h2 .badge") == "not a plan"


def test_a_full_plan_is_made_and_its_brief_fetched(desk):
    desk.tab("Plans")
    desk.page.select_option("#language", "fr")
    with desk.page.expect_download() as download:
        desk.press("Export the brief")
        desk.page.get_by_text("works, 3 of 12 stages").wait_for()
    assert download.value.suggested_filename == "brief.html"
    assert Path(download.value.path()).read_text() == "<p>fr</p>"
    files = desk.page.locator("#plans .files a").all_inner_texts()
    assert files == ["brief.html"]  # and nothing that is restricted, which the plan has too
    desk.press("Make the full plan")
    desk.page.get_by_role("button", name="Cancel plan of").click()
    desk.page.get_by_role("button", name="Resume plan of").click()
    desk.page.get_by_role("button", name="Cancel plan of").click()
    desk.page.locator('li[data-status="cancelled"]').wait_for()


_ENGLISH = re.compile(
    r"\b(the|of|and|with|which|is|are|what|were|from|to|all|none|by)\b", re.IGNORECASE
)
# text of the page, what is shown to screen readers too, but for what is marked as being English
_SAID = """() => {
  const own = (el) => !el.closest("body [lang=en], [translate=no], script, style, textarea");
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const out = [];
  while (walk.nextNode()) if (own(walk.currentNode.parentElement)) out.push(walk.currentNode.data);
  for (const el of document.querySelectorAll("[aria-label], [placeholder]"))
    if (own(el)) out.push(el.getAttribute("aria-label") || el.placeholder);
  return out;
}"""


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_the_page_fits_and_is_open_to_all_in_both_languages(opened, address, size):
    desk = opened(size)
    for language in ("en", "fr"):
        if language == "fr":
            desk.page.goto(f"{address}?lang=fr")
            desk.until("() => window.vallum && window.vallum.state.ready", 60)
        assert desk.page.evaluate("() => document.documentElement.lang") == language
        desk.until("() => window.vallum.state.looked >= 0")
        desk.page.evaluate(
            "() => document.querySelectorAll('[role=tabpanel], details')"
            ".forEach((el) => { el.hidden = false; el.open = true; })"
        )
        width = desk.page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
        assert width[0] <= width[1], language
        found = Axe().run(desk.page, options={"runOnly": ["wcag2a", "wcag2aa"]})
        wrong = [(one["id"], one["nodes"][0]["html"]) for one in found.response["violations"]]
        assert wrong == [], language
        ticks = desk.page.evaluate(
            "() => vallumPage.chart.named('cost-axis').formatter.doFormat([0.5, 1250], {loc: 0})"
        )
        assert ticks == [{"en": "0.5", "fr": "0,5"}[language], "1\u202f250"]
        said = desk.page.evaluate(_SAID)
        english = [text for text in said if _ENGLISH.search(text)]
        assert (len(english) > 20) if language == "en" else (english == [])
    assert desk.said == []


def test_another_language_keeps_what_stands_on_the_page(desk, address):
    desk.found(lambda: explorer.put_number(desk, "works.standard", "0.55"))
    desk.tab("Scenarios")
    desk.page.fill("#name", "Kayes d’abord")
    desk.press("Save")
    desk.page.get_by_text("Kept as version 1.").wait_for()
    desk.tab("Assumptions")
    desk.found(lambda: explorer.put_number(desk, "works.rotation", "2.5"))
    desk.page.fill("#budget", "3000")
    desk.page.get_by_role("link", name="Français").click()
    desk.page.wait_for_url("**/?lang=fr")
    desk.until("() => window.vallum && window.vallum.state.ready", 60)
    assert desk.page.input_value("#name") == "Kayes d’abord"
    assert desk.page.input_value('[data-key="works.standard"]') == "0.55"
    assert desk.page.input_value('[data-key="works.rotation"]') == "2.5"
    assert desk.text("#changed-count") == "2 hypothèses modifiées."
    assert desk.text("#kept-said").startswith("Modifié depuis l’enregistrement de la version 1.")
    assert "\u202fMd USD par an" in desk.text("#budget-said")
    assert desk.page.evaluate("() => vallumPage.state.choice.budget") == 3e9
    assert "0,67" in desk.text('[data-field-row="works.standard"]')  # the default, with a comma
    explorer.put_number(desk, "works.haul_usd_tkm", "8")
    fault = desk.page.locator('[data-faults="works.haul_usd_tkm"] p')
    fault.wait_for()
    assert fault.get_attribute("lang") == "en"  # what the desk says is English, and said to be
    desk.tab("Tracer")
    desk.page.get_by_text("Saisir plutôt des coordonnées").click()
    desk.page.fill("#points", "-4.2 14.49")
    desk.press("Mettre sur la carte")
    own = desk.page.locator('[data-faults="drawn"] p')
    own.wait_for()
    assert own.get_attribute("lang") is None
    assert own.inner_text().startswith("Ligne 1\u202f:")
    desk.page.goto(f"{address}?lang=xx")  # none that it speaks
    desk.until("() => window.vallum && window.vallum.state.ready", 60)
    assert desk.page.evaluate("() => document.documentElement.lang") == "en"


def test_a_french_browser_has_french_and_its_link_leads_to_english(opened):
    desk = opened(WIDE, "fr-FR")
    assert desk.page.evaluate("() => document.documentElement.lang") == "fr"
    for name, code in (("English", "en"), ("Français", "fr")):
        desk.page.get_by_role("link", name=name).click()
        desk.page.wait_for_url(f"**/?lang={code}")
        desk.until("() => window.vallum && window.vallum.state.ready", 60)
        assert desk.page.evaluate("() => document.documentElement.lang") == code
    assert desk.said == []


# what the issue asks to be changed, and the setting that each is
_ASKED = {
    "works.standard": "Share of crossings that works must stop, p*",
    "line.flank.DZA": "Algeria",
    "works.man_year_usd": "One soldier for a year",
    "works.haul_usd_tkm": "Carrying a tonne over a kilometre",
    "works.discount_rate": "Discount rate",
    "threat.reach_share": "Share of losses that comes from outside",
    "theatre.coalition": "States of the coalition",
    "forces.builders": "Who builds",
    "accord.influence_usd_yr": "What standing is worth to the partner",
    "line.must_hold": "Places that every plan holds",
}


def test_each_assumption_of_the_issue_is_seen_at_once_by_a_plain_name(desk):
    for key, label in _ASKED.items():
        row = desk.page.locator(f'[data-field-row="{key}"]')
        assert row.is_visible(), key  # in the tab that is open first: nothing to press
        assert row.locator("label, .label").first.inner_text().startswith(label)
    partner = desk.page.locator('[data-key="forces.builders"] option').all_inner_texts()
    assert "all states, with the partner’s help" in partner
    desk.tab("Draw")
    for name in ("Draw a line", "Draw an area", "Put a place that must be held"):
        assert desk.page.get_by_role("button", name=name).is_visible()
