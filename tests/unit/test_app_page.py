"""The explorer's page without a browser: what a session answers, and what is sent."""

from __future__ import annotations

import asyncio
import base64
import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from vallum.app import sheet as sheets
from vallum.app.coalitions import other_coalitions
from vallum.app.live import base_key
from vallum.app.live.model import View
from vallum.app.model import LOCAL
from vallum.app.page import compare, encode, frontier, ground, plans, scenarios, session
from vallum.app.page.fields import changed, fields, others, values
from vallum.app.settings import AppSettings
from vallum.app.sheet import Drawn, Sheet
from vallum.errors import InputError, NotFoundError
from vallum.settings import Settings
from vallum.theatre import load


@pytest.fixture(scope="module")
def theatre():
    return load("sahel", cell_km=50.0)


@pytest.fixture(scope="module")
def asked(theatre):
    return fields(theatre)


def test_each_field_says_its_default_and_what_it_means(theatre, asked):
    said = values(Settings(), asked)
    assert {one.key: one.default for one in asked} == said
    assert all(one.help for one in asked)
    assert {"line.flank.DZA", "line.flank.SEN", "theatre.coalition"} <= set(said)
    disputed = theatre.countries.index[theatre.countries["role"] == "disputed"]
    watched = [said[f"line.flank.{iso3}"] for iso3 in disputed if f"line.flank.{iso3}" in said]
    assert watched == [Settings().line.flank_disputed]


def test_what_the_page_says_becomes_settings_and_back(asked):
    base = Settings.model_validate({"theatre": {"cell_km": 50.0}, "line": {"mu": 2.0}})
    put = {"works.standard": 0.5, "line.flank.DZA": 0.25, "threat.reach_share": 0.8,
           "threat.lost_per_event": 200.0, "accord.influence_usd_yr": 5e6,
           "line.must_hold": ["Gao"]}  # fmt: skip
    found = changed(base, put, asked)
    assert {key: values(found, asked)[key] for key in put} == put
    assert found.theatre.cell_km == 50.0
    assert found.line.mu == 2.0
    assert (found.threat.reach_high, found.threat.lost_low) == (0.8, 200.0)
    assert changed(found, dict.fromkeys(put), asked) == base  # put back, nothing of it is left


def test_what_the_page_only_repeats_keeps_its_range(asked):
    base = Settings.model_validate({
        "accord": {"influence_usd_yr": [0.0, 0.0, 5e7]},
        "threat": {"reach_share": 0.3, "reach_low": 0.25, "reach_high": 0.35},
        "line": {"flank_other": 0.5},
    })  # fmt: skip
    said = values(base, asked)
    assert said["line.flank.BFA"] == 0.5  # nothing is said of it: what holds for all others
    assert changed(base, said, asked) == base
    found = changed(base, said | {"threat.reach_share": 0.5, "line.flank.BFA": 1.0}, asked).threat
    assert (found.reach_low, found.reach_share, found.reach_high) == (0.25, 0.5, 0.5)
    open_ = changed(base, said | {"line.flank.BFA": 1.0}, asked)
    assert open_.line.flank == {"BFA": 1.0}
    assert changed(open_, said, asked) == base
    worth = changed(base, said | {"accord.influence_usd_yr": 6e7}, asked).accord.influence_usd_yr
    assert worth == (0.0, 6e7, 6e7)
    # what was widened for one value is not kept for the next
    wide = changed(Settings(), {"threat.reach_share": 0.9}, asked)
    again = changed(wide, {"threat.reach_share": 0.4}, asked).threat
    assert (again.reach_low, again.reach_high) == (
        Settings().threat.reach_low, Settings().threat.reach_high,
    )  # fmt: skip


def test_settings_that_the_page_does_not_ask_for_are_named(asked):
    chosen = Settings.model_validate({
        "theatre": {"cell_km": 50.0}, "line": {"standoff_km": 20.0, "mu": 2.0},
        "works": {"standard": 0.6}, "threat": {"reach_share": 0.9, "reach_high": 0.9},
    })  # fmt: skip
    assert others(chosen, asked) == ["line.standoff_km", "theatre.cell_km"]
    assert others(Settings(), asked) == []


@pytest.mark.parametrize(
    ("put", "place"),
    [
        ({"campaign.draws": 10**9}, "campaign.draws"),  # no field of the page
        ({"works.standard": 2.0}, "works.standard"),
        ({"works.rotation": "many"}, "works.rotation"),
        ({"line.flank.DZA": [1]}, "line.flank.DZA"),
    ],
)
def test_what_no_field_can_hold_is_refused_with_its_place(asked, put, place):
    with pytest.raises(InputError) as caught:
        changed(Settings(), put, asked)
    assert place in [one.place for one in caught.value.faults]


def test_points_come_back_from_degrees(theatre):
    km = [(-300.0, 120.0), (410.5, -90.25)]
    back = ground.km_of(theatre, ground.lonlat_of(theatre, km))
    assert np.abs(np.array(back) - km).max() < 0.02


def test_a_view_is_sent_whole():
    rng = np.random.default_rng(0)
    lines = tuple(
        tuple((rng.normal(size=n) * 1e5, rng.normal(size=n) * 1e5) for n in count)
        for count in ((), (3,), (2, 5))
    )
    number = dict.fromkeys(("benefit", "line_km", "held_km2", "people_held", "cost_low",
                            "cost_high", "averted_usd_yr", "averted_low", "averted_high"),
                           1.0)  # fmt: skip
    steps = pd.DataFrame([{**number, "mu": np.nan, "cost_usd_yr": 2e6, "people_share": 0.1,
                           "output_share": 0.1, "kind": "exact"}] * 3)  # fmt: skip
    entry = np.arange(6, dtype=np.int16).reshape(2, 3)
    works = pd.DataFrame({"description": ["a wall"], "line_km": [1.0]})
    sent = encode.view(
        View("", 0.0, 0.0, 1e4, entry, steps, lines, 0, "ok", 1.0, "output", (0.1, 0.2, 0.3),
             works, None, (), True, "0" * 64, 1.0),
        {},
    )  # fmt: skip
    json.dumps(sent, allow_nan=False)
    x = np.frombuffer(base64.b64decode(sent["x"]), "<f4")
    cells = np.frombuffer(base64.b64decode(sent["entry"]), "<i2").reshape(2, 3)
    assert np.array_equal(cells, entry[::-1])
    assert (sent["ends"], sent["steps_end"]) == ([3, 5, 10], [0, 1, 3])
    assert np.allclose(x[5:10], lines[2][1][0] / 1000.0, rtol=1e-6)


def test_a_budget_chooses_a_step_and_asks_for_no_other_frontier():
    line = {"budget_usd_yr": 5e8}
    sheet = Sheet("x", "sahel", Settings.model_validate({"line": line}))
    assert frontier.without_budget(sheet).settings == Settings()
    people = Sheet("x", "sahel", Settings.model_validate({"line": line | {"objective": "people"}}))
    # a budget that buys no step of the frontier must not keep the frontier from being seen
    assert frontier.without_budget(people).settings.line.budget_usd_yr >= 1e12
    bare = people.settings.line.model_copy(update={"budget_usd_yr": None, "mu": 200.0})
    settings = people.settings.model_copy(update={"line": bare})
    priced = Sheet("x", "sahel", settings)
    assert frontier.without_budget(priced) is priced


@pytest.mark.parametrize("holding", [(), ((-4.2, 14.49), (-8.0, 12.65))])
def test_what_a_line_holds_is_written_and_read(holding):
    line = Drawn(((-9.0, 8.0), (-7.0, 27.0)), closed=False, holding=holding)
    text = sheets.write(Sheet("x", "sahel", Settings(), (line,)))
    assert sheets.read(text).drawn == (line,)
    assert ("holding" in text) == bool(holding)
    if holding:
        with pytest.raises(InputError, match="leave holding out"):
            sheets.read(text.replace("closed = false", "closed = true"))
        with pytest.raises(InputError):
            sheets.read(text.replace("14.49", "140.49"))


def test_what_a_page_draws_keeps_the_sides_that_it_marks(theatre):
    page, _ = _open({})
    page.facts.theatre, page.facts.asked = theatre, ()
    drawn = [{"km": [[-300.0, 120.0], [410.5, -90.25]], "closed": False, "holding": [[10.0, 20.0]]}]
    (line,) = frontier.sheet_of(page, {"drawn": drawn}).drawn
    assert ground.km_of(theatre, line.holding) == [pytest.approx((10.0, 20.0), abs=0.02)]
    for wrong in ("x", [3], [{"km": 5}], [{"km": [[1, 2], [3, 4]], "holding": [["a", 1]]}]):
        with pytest.raises(InputError):
            frontier.sheet_of(page, {"drawn": wrong})


def _open(verbs, language="en"):
    sent, sheet = [], Sheet("x", "sahel", Settings())
    page = session.Session(
        desk=None, settings=AppSettings(), user=LOCAL, facts=SimpleNamespace(), send=sent.append,
        verbs=verbs, sheet=sheet, shown=sheet, language=language,
    )  # fmt: skip
    return page, sent


def test_the_last_change_wins_and_all_ends_with_the_page():
    async def slow(page, message):
        await asyncio.sleep(message["for"])
        page.send({"is": "view", "n": message["n"]})

    async def play():
        page, sent = _open({"change": slow})
        tasks = [
            session.hear(page, json.dumps({"do": "change", "n": n, "for": wait}))
            for n, wait in ((1, 30.0), (2, 0.0), (3, 30.0))
        ]
        await asyncio.sleep(0.02)
        assert [one["n"] for one in sent if one["is"] == "ended"] == []  # never begun
        session.hear(page, json.dumps({"do": "cancel", "what": "view"}))
        await asyncio.wait(tasks, timeout=5)
        assert all(task.cancelled() for task in tasks)
        assert sent == [{"is": "ended", "of": "change", "n": 3}]
        last = session.hear(page, json.dumps({"do": "change", "n": 4, "for": 30.0}))
        await asyncio.sleep(0)
        session.leave(page)
        await asyncio.wait([last], timeout=5)
        assert page.running == {}

    asyncio.run(play())


def test_no_traceback_and_no_nonsense_gets_through():
    async def broken(_page, _message):
        raise ZeroDivisionError("secret")

    async def play():
        page, sent = _open({"look": broken})
        for text in ("no json", "[]", '{"do": 3}'):
            assert session.hear(page, text) is None
        for text in ('{"do": "look"}', '{"do": "nothing"}'):
            await session.hear(page, text)
        assert [one["is"] for one in sent] == ["trouble", "faults"]
        assert "secret" not in json.dumps(sent)
        page, sent = _open({"look": broken}, "fr")
        await session.hear(page, '{"do": "look"}')
        assert sent[0]["said"].startswith("une erreur s’est produite")
        assert sent[0]["lang"] is None

    asyncio.run(play())


class Kept:
    """A desk that has one scenario, or none, and one plan."""

    def __init__(self, text="", theatre="sahel", gone=False):
        self.text, self.theatre, self.gone = text, theatre, gone
        self.given = None

    def scenario(self, _user, id, _version=None):  # noqa: A002
        if self.gone:
            raise NotFoundError("it is not there")
        return SimpleNamespace(id=id, text=self.text, theatre=self.theatre, version=3, owner="x")

    def plan(self, _user, id):  # noqa: A002
        return SimpleNamespace(
            id=id, text=self.text, theatre=self.theatre, asked="2026-11-01T12:00:00Z"
        )

    def submit(self, _user, _sheet, *, language, scenario):
        self.given = (language, scenario)
        return SimpleNamespace(id="p")

    def plans(self, _user):
        return ()


@pytest.mark.parametrize(
    "message",
    [
        {"do": "open", "id": "a" * 32},
        {"do": "compare", "left": "a" * 32, "right": "now"},
        {"do": "compare", "left": "now", "right": "plan:" + "a" * 32},
        {"do": "load", "text": '[scenario]\ntheatre = "elsewhere"\n'},
        {"do": "hello", "text": '[scenario]\ntheatre = "elsewhere"\n'},
    ],
)
def test_the_land_of_another_theatre_is_not_painted_on_this_map(message, monkeypatch):
    async def no_frontier(*_given):
        pass

    async def play():
        page, sent = _open(frontier.VERBS | scenarios.VERBS | compare.VERBS)
        page.desk = Kept(theatre="elsewhere")
        page.facts = SimpleNamespace(asked=(), towns=())
        monkeypatch.setattr(frontier, "show", no_frontier)
        before = page.sheet
        await session.hear(page, json.dumps(message))
        (said,) = (one for one in sent if one["is"] == "faults")
        assert said["faults"][0]["place"] == "scenario.theatre"
        assert page.sheet == before
        assert "sheet" not in {one["is"] for one in sent}

    asyncio.run(play())


def test_a_page_in_another_language_keeps_its_sheet_where_its_scenario_is_gone(monkeypatch):
    async def no_frontier(*_given):
        pass

    async def play():
        page, sent = _open(frontier.VERBS)
        page.desk = Kept(gone=True)
        page.facts = SimpleNamespace(asked=(), towns=())
        monkeypatch.setattr(frontier, "show", no_frontier)
        text = "[works]\nstandard = 0.5\n"
        kept = {"id": "a" * 32, "version": 2}
        await session.hear(page, json.dumps({"do": "hello", "text": text, "scenario": kept}))
        assert [one["is"] for one in sent] == ["start", "sheet"]
        assert sent[1]["sheet"]["scenario"] is None
        assert page.sheet.settings.works.standard == 0.5

    asyncio.run(play())


def test_the_other_coalitions_are_found_ahead(theatre):
    opened = Settings.model_validate({"works": {"standard": 0.5}})
    facts = SimpleNamespace(theatre=theatre, opened=opened)
    found = other_coalitions(AppSettings(), facts)
    assert [one.settings.theatre.coalition for one in found] == [("MRT",), ("MLI",)]
    assert all(one.settings.works.standard == 0.5 for one in found)
    alone = SimpleNamespace(theatre=theatre, opened=found[0].settings)
    found = other_coalitions(AppSettings(), alone)
    assert [one.settings.theatre.coalition for one in found] == [None, ("MLI",)]
    # what a page asks for when its field is changed is the same
    page = changed(opened, {"theatre.coalition": ["MLI"]}, fields(theatre))
    assert base_key("sahel", page) == base_key("sahel", found[1].settings)


@pytest.mark.parametrize("budget", [None, 5e8])
def test_a_plan_is_said_to_be_of_a_scenario_only_where_it_is(budget):
    async def play():
        page, _ = _open(plans.VERBS)
        page.facts = SimpleNamespace(asked=())
        page.desk = Kept(sheets.write(page.sheet))
        page.scenario = page.desk.scenario(LOCAL, "a" * 32)
        choice = {"mu": None, "budget": budget}
        await session.hear(page, json.dumps({"do": "submit", "choice": choice, "name": "x"}))
        language, scenario = page.desk.given
        assert language == "en"
        assert scenario is (page.scenario if budget is None else None)

    asyncio.run(play())


def test_a_plan_is_compared_by_its_settings(monkeypatch):
    async def play():
        page, sent = _open(compare.VERBS)
        page.desk = Kept('[scenario]\nname = "Kayes"\n[works]\nstandard = 0.5\n')
        page.desk.view = found
        page.facts = SimpleNamespace(asked=(), theatre=load("sahel", cell_km=50.0))
        monkeypatch.setattr(encode, "view", lambda one, _names: one)
        await session.hear(page, json.dumps({"do": "compare", "left": "plan:b", "right": "now"}))
        assert [one["is"] for one in sent] == ["comparing", "compared"]
        assert sent[1]["names"] == [
            "Kayes, plan of 1 Nov 2026, 12:00 UTC",
            "x, as it was on the page",
        ]
        assert sent[1]["views"] == [0.5, Settings().works.standard]

    async def found(_user, sheet):
        return sheet.settings.works.standard

    asyncio.run(play())
