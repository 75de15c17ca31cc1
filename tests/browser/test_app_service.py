"""The whole service in a real Chromium: `vallum serve` with its workers, on coarse cells.

What the page does with each answer is tested beside it (`test_app_page`), with frontiers that are
invented; here nothing is.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest
from tests.app_crew_work import until
from tests.browser import explorer

from vallum.app import sheet as sheets
from vallum.app.page.fields import fields
from vallum.theatre import load

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("app-service")]
ROOT = Path(__file__).parents[2]
SMALL = {
    "theatre.cell_km": 50, "line.refine": 0, "robust.draws": 0, "campaign.draws": 10,
    "dividend.draws": 100, "dividend.sobol": 0, "accord.forces": "false",
}  # fmt: skip
OTHER = {
    "works.standard": 0.5, "works.where_short": "use", "works.man_year_usd": 25_000.0,
    "works.haul_usd_tkm": 0.5, "works.discount_rate": 0.05, "works.rotation": 2.0,
    "threat.reach_share": 0.5, "threat.lost_per_event": 6_000.0, "forces.builders": "alone",
    "accord.influence_usd_yr": 2.4e7, "line.objective": "people",
}  # fmt: skip
LATER = {"forces.builders", "accord.influence_usd_yr"}  # what no frontier depends on
STEPS = "() => JSON.stringify(vallumPage.state.view.steps)"
LOOKED = "() => document.querySelector('#looks').innerText"  # without how long it took
WITHIN = 240  # seconds, beside other tests on a machine of two cores


class Service:
    """`vallum serve` as a process of its own, killed and started again."""

    def __init__(self, folder):
        self.folder = folder
        self.port = 0

    def start(self):
        settings = [f"--set={key}={value}" for key, value in SMALL.items()]
        self.log = (self.folder / "log").open("a")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "vallum", "serve", "sahel", "--quiet", f"--port={self.port}",
             f"--store={self.folder / 'store'}", "--workers=1", *settings],
            stdout=subprocess.PIPE, stderr=self.log, text=True, cwd=self.folder,
            env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        )  # fmt: skip
        self.address = self.process.stdout.readline().strip()
        assert self.address, (self.folder / "log").read_text()
        self.port = int(self.address.rstrip("/").rpartition(":")[2])

    def kill(self):
        """End the server as a machine does that fails; give the processes that it had."""
        had = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        self.process.wait(20)
        self.close()
        return had

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        self.close()

    def close(self):
        self.process.stdout.close()
        self.log.close()


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    made = Service(tmp_path_factory.mktemp("service"))
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def opened(chrome, service):
    with explorer.opening(chrome, service.address, WITHIN) as open_at:
        yield open_at


@pytest.fixture(scope="module")
def window(opened):
    return opened(explorer.WIDE)


@pytest.fixture
def desk(window, service):
    """Give the page as it is first opened; nothing may be complained of or asked outside."""
    window.page.goto(service.address)
    window.until("() => window.vallum && window.vallum.state.ready", WITHIN)
    window.until("() => !window.vallum.state.busy", WITHIN)
    yield window
    explorer.quiet(window, service.address)


def found(desk, act):
    """Do something, and wait for the frontier that it asks for; give the steps."""
    before = desk.state("views")
    act()
    desk.until(f"() => vallum.state.views > {before} && !vallum.state.busy", WITHIN)
    assert desk.page.locator(".faults:visible").all_inner_texts() == []
    return json.loads(desk.page.evaluate(STEPS))


def looked(desk):
    """Wait for the look at the plan that is shown."""
    desk.page.wait_for_selector("#looks:not(.stale)", timeout=1000 * WITHIN)
    return desk.page.evaluate(LOOKED)


def test_each_assumption_moves_the_frontier_or_what_follows_from_it(desk):
    theatre = load("sahel", cell_km=50.0)
    first = json.loads(desk.page.evaluate(STEPS))
    assert len(first) > 5
    assert np.all(np.diff([step["cost"] for step in first]) > 0)
    # the aim comes last: for people as the aim no loss of dollars counts
    for field in sorted(fields(theatre), key=lambda one: one.key == "line.objective"):
        if field.kind in {"places", "members"} or field.key == "line.usd_per_person_yr":
            continue
        value = 0.25 if field.kind == "openness" else OTHER[field.key]
        before, was = json.loads(desk.page.evaluate(STEPS)), field.key in LATER and looked(desk)
        after = found(desk, lambda f=field, v=value: explorer.put(desk, f, v))
        if field.key in LATER:
            assert after == before, field.key
            assert looked(desk) != was, field.key
        else:
            assert after != before, field.key
    assert desk.text("#gain-name") == "People held, the aim"
    place = desk.page.locator('[data-key="line.must_hold"] input')
    place.fill("Gao")
    steps = found(desk, lambda: place.press("Enter"))
    assert all(step["cost"] > 0 for step in steps)  # no plan is nothing any more
    member = desk.page.locator('[data-key="theatre.coalition"] input[value=MRT]')
    alone = found(desk, member.uncheck)
    assert max(one["people"] for one in alone) < max(one["people"] for one in steps)
    back = found(desk, lambda: desk.press("Reset to defaults"))
    assert back == first


def test_a_line_is_scored_by_the_frontier_s_own_yardstick(desk):
    desk.tab("Draw")
    desk.page.get_by_text("Type coordinates instead").click()
    # round Bamako, Kayes and Sikasso
    desk.page.fill("#points", "-12.3, 15.2\n-4.0, 14.8\n-4.0, 10.0\n-12.5, 12.0")
    desk.page.check("#points-closed")
    steps = found(desk, lambda: desk.press("Put on the map"))
    said = desk.text("#scored-said")
    share = int(re.search(r"(\d+)\s*% of the most", said)[1])
    assert 0 < share <= 100, said
    assert "USD a year" in desk.text("#scored-rows")
    (x,), (y,) = desk.page.evaluate(
        "() => { const d = vallumPage.chart.named('hand').data; return [[...d.x], [...d.y]]; }"
    )
    units = desk.page.evaluate("() => vallumPage.chart.units")
    costs, gains = ([step[key] for step in steps] for key in ("cost", "benefit"))
    # no line of the hand is above the frontier, which holds the most for its cost
    assert y * units[1] <= np.interp(x * units[0], costs, gains) * 1.001


def test_scenarios_are_kept_and_compared(desk, tmp_path):
    desk.tab("Scenarios")
    desk.page.fill("#name", "As it is")
    desk.press("Save")
    desk.page.get_by_text("Kept as version 1.").wait_for()
    desk.tab("Assumptions")
    found(desk, lambda: explorer.put_number(desk, "works.man_year_usd", "25000"))
    (tmp_path / "dear.toml").write_text(desk.toml())
    desk.tab("Compare")
    desk.until("() => document.querySelector('#right').options.length > 1")
    desk.page.select_option("#right", index=1)
    desk.press("Compare")
    desk.until("() => vallum.state.compared", WITHIN)
    assert "25\u202f000" in desk.text("#compare-differing")
    found(desk, lambda: (desk.tab("Scenarios"), desk.press("Open As it is")))
    assert desk.page.input_value('[data-key="works.man_year_usd"]') == "17136"
    found(desk, lambda: desk.page.set_input_files("#upload", tmp_path / "dear.toml"))
    assert desk.page.input_value('[data-key="works.man_year_usd"]') == "25000"
    assert sheets.read(desk.toml()).settings.works.man_year_usd == 25_000.0


@pytest.mark.timeout(1500)  # a plan gives way to all else that the machine does
def test_a_plan_is_cancelled_outlives_its_server_and_is_made(desk, service):
    desk.tab("Plans")
    desk.press("Make the full plan")
    desk.page.locator('li[data-status="running"]').wait_for(timeout=60_000)
    desk.page.get_by_text(re.compile(r"\d+ of \d+ stages")).wait_for(timeout=120_000)
    desk.page.get_by_role("button", name="Cancel plan of").click()
    desk.page.locator('li[data-status="cancelled"]').wait_for()
    desk.page.get_by_role("button", name="Resume plan of").click()
    desk.page.get_by_text(re.compile(r"[2-9] of \d+ stages")).wait_for(timeout=1000 * WITHIN)

    had = service.kill()
    assert len(had) > 2
    _, left = psutil.wait_procs(had, timeout=60)
    assert left == []  # nothing computes on for nobody
    desk.page.wait_for_selector("#faults-page:visible")
    assert "Load the page again" in desk.text("#faults-page")
    desk.said.clear()  # what the browser says of a line that was lost
    service.start()
    desk.page.goto(service.address)
    desk.until("() => window.vallum && window.vallum.state.ready", WITHIN)
    desk.tab("Scenarios")
    desk.page.get_by_role("button", name="Open As it is").wait_for()
    desk.tab("Plans")
    desk.page.locator('li[data-status="interrupted"]').wait_for()
    desk.page.get_by_role("button", name="Resume plan of").click()
    desk.page.locator('li[data-status="done"]').wait_for(timeout=4000 * WITHIN)
    names = desk.page.locator("#plans .files a").all_text_contents()  # folded ones too
    assert {"brief.html", "plan.json", "ledger.csv"} <= set(names)
    assert not [name for name in names if "restricted" in name]
    with desk.page.expect_download() as download:
        desk.page.locator("#plans .files a", has_text="brief.html").first.click()
    brief = Path(download.value.path()).read_text("utf-8")
    assert "<h1" in brief
    assert len(brief) > 500_000
    work = service.folder / "store" / "work"
    until(lambda: [one.name for one in work.iterdir() if one.name != "dask"] == [], 60.0)  # stages
