"""Cards: what results say of themselves in notebooks and consoles."""

from __future__ import annotations

import dataclasses
import importlib
import math
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import vallum
from vallum.app.live.model import Look, Scored, View
from vallum.brief import look as palette
from vallum.brief.heads import titles
from vallum.brief.record import record
from vallum.kernel.card import Card, Picture, Row, Shown, Table, gathered, ranged
from vallum.kernel.card_figures import THIN, between, written
from vallum.kernel.card_html import COLOURS, html
from vallum.kernel.card_picture import coarse, runs
from vallum.kernel.card_text import line, text
from vallum.line import judge
from vallum.line.card import line_card
from vallum.worth.card import least_cells

STAGES = (
    "theatre", "worth", "threat", "works", "line", "bill", "forces", "ranges", "campaign",
    "dividend", "accord", "window",
)  # fmt: skip
VOID = {"br", "rect", "path"}
ALLOWED = {
    "div", "style", "b", "p", "code", "table", "tbody", "thead", "caption", "tr", "th", "td",
    "small", "data", "span", "svg", "defs", "pattern", "figure", "figcaption", *VOID,
}  # fmt: skip


class Read(HTMLParser):
    """A card as a browser takes it: its rows, its figures and all of its text."""

    def __init__(self, page):
        super().__init__()
        self.open, self.rows, self.text, self.attributes = [], [], [], []
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        assert tag in ALLOWED
        given = dict(attrs)
        self.attributes += given.items()
        if tag == "tr":
            self.rows.append({"label": "", "values": [], "ends": [], "text": "", "how": ""})
        if tag == "data":
            self.rows[-1]["values"].append(float(given["value"]))
        if "data-low" in given:
            self.rows[-1]["ends"].append((float(given["data-low"]), float(given["data-high"])))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in VOID
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" in self.open:
            return
        self.text.append(data)
        if "tr" in self.open:
            into = "how" if "small" in self.open else "label" if "th" in self.open else "text"
            self.rows[-1][into] += data

    def row(self, label, nth=0):
        found = [row for row in self.rows if row["label"] == label]
        assert len(found) > nth, f"no row {label}"
        return found[nth]


@pytest.fixture(scope="module")
def view(coarse_plan):
    drawn, sure = coarse_plan.line, coarse_plan.ranges.steps
    member = coarse_plan.theatre.member_mask
    scored = Scored(drawn.held, 1.0, 2.0, math.inf, 3.0, 0.5, 4.0, 5.0, 0.25, 0.125)
    extra = sure.drop(columns=[c for c in sure if c in drawn.plans.steps])
    return View(
        "EPSG:8857", 0.0, 0.0, 40e3, np.where(member, drawn.plans.entry, -2).astype(np.int16),
        drawn.plans.steps.join(extra), (), drawn.step, drawn.status, 1.0, "output",
        coarse_plan.works.effect, pd.DataFrame(), scored, ("Exact steps only.",),
        exact=True, fingerprint="", seconds=1.0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def peek(coarse_plan):
    live = importlib.import_module("vallum.app.live.look")
    table, shares, gains = live._accord(coarse_plan.accord)  # noqa: SLF001  (a look takes seconds)
    forces = live._forces(coarse_plan.forces)  # noqa: SLF001
    played = live._campaign(coarse_plan.campaign)  # noqa: SLF001
    step, said = coarse_plan.line.step, ("a part is left out",)
    ends = importlib.import_module("vallum.accord.coalitions").Ends(1.0, 1.0, 0.9, 1.5)
    partner = live._partner(gains, coarse_plan.forces, ends)  # noqa: SLF001
    return Look(step, forces, played, table, shares, partner, said, draws=10, seconds=1.0)


@pytest.fixture(scope="module")
def shown(coarse_plan, view, peek):
    """Give every result that has a card, by name."""
    found = {name: getattr(coarse_plan, name) for name in STAGES}
    drawn = coarse_plan.line
    return found | {
        "plans": drawn.plans, "opening": coarse_plan.window.opening, "view": view, "look": peek,
        "judgement": judge(drawn.plans, drawn.held),
    }  # fmt: skip


def test_every_result_has_a_card_that_a_notebook_takes_as_it_is(shown):
    for name, result in shown.items():
        page = result._repr_html_()
        assert page == result._repr_html_()
        assert len(page.encode()) < 20_000, name
        for told in ("<script", "http:", "https:", "src=", "@import"):
            assert told not in page, (name, told)
        assert page.count("url(") == page.count("url(#vallum-hatch")
        read = Read(page)
        assert not [key for key, _ in read.attributes if key.startswith("on") or key == "href"]
        assert sum(len(row["values"]) for row in read.rows) >= 4
        assert "nan" not in " ".join(read.text).lower().split()


def test_a_name_is_one_line_and_a_print_is_a_page_without_arrays(shown):
    for name, result in shown.items():
        assert isinstance(result, Shown)
        named, printed = repr(result), str(result)
        assert len(named) < 400, name
        assert "\n" not in named
        assert named.startswith(f"<{type(result).__name__} “")
        assert len(printed) < 6_000
        assert max(map(len, printed.splitlines())) <= 100
        assert "array(" not in named + printed
        for row in result.card().rows:
            assert row.label in printed


def test_every_part_of_a_plan_has_one(coarse_plan):
    parts = [
        getattr(coarse_plan, field.name)
        for field in dataclasses.fields(coarse_plan)
        if field.name != "settings"
    ]
    assert all(isinstance(part, Shown) for part in (coarse_plan, *parts) if part is not None)


def test_figures_are_those_of_the_results(coarse_plan, shown):
    plan, read = coarse_plan, {name: Read(found._repr_html_()) for name, found in shown.items()}
    case, bought, game = plan.campaign.cases[0], plan.dividend.cases, plan.accord
    change = case.change[case.change["means"] == "line"].set_index("what").loc["held"]
    all_in = bought[0].ranges.set_index("party").loc["all"]
    joint = plan.forces.tasks.regimes.set_index("regime").loc["joint"]
    expected = {
        ("theatre", "Settlements"): len(plan.theatre.settlements),
        ("theatre", "Members’ people"): plan.theatre.countries["people_on_grid"][
            list(plan.theatre.members)
        ].sum(),
        ("worth", "Output"): sum(plan.worth.gdp.values()),
        ("worth", "People"): plan.worth.people.sum(),
        ("works", "Crossings that a line stops"): plan.works.effect,
        ("works", "Barred by law: listed and priced, never placed"): len(plan.works.barred),
        ("bill", "To build it"): plan.bill.totals["capital_usd"],
        ("bill", "Men on duty"): plan.bill.totals["men"],
        ("line", "Cost"): plan.line.score.cost,
        ("line", "Losses averted"): plan.line.score.benefit,
        ("line", "Another plan of that cost could have more, at most"): plan.line.bound_gap,
        ("plans", "Steps"): len(plan.line.plans.steps),
        ("forces", "Forts and bases"): len(plan.forces.forts.table),
        ("forces", "Cost of forts and garrisons"): plan.forces.forts.cost_usd_yr,
        ("campaign", "Stopped of those who cross"): case.stopped,
        ("campaign", "Change of attacks on held land"): tuple(
            change[["change_low", "change", "change_high"]]
        ),
        ("dividend", "Net present value, neighbours too"): tuple(
            all_in[["npv_low", "npv_usd", "npv_high"]]
        ),
        ("dividend", "Members’ people left outside"): bought[0].people_left_outside,
        ("accord", "Partner’s standing would have to be worth"): game.game(game.told).needed_usd_yr,
        ("window", "The opening"): plan.window.opening.index,
        ("opening", "Chance that it is open now"): plan.window.opening.p_open_now,
        ("look", "Men paid"): joint["men"],
        ("look", "Stopped of those who cross"): case.stopped,
        ("view", "It costs"): 4.0,
    }
    for (name, label), value in expected.items():
        row = read[name].row(label)
        low, mid, high = value if isinstance(value, tuple) else (None, value, None)
        assert row["values"] == [pytest.approx(mid, rel=1e-12)], (name, label)
        assert row["ends"] == ([] if low is None else [(low, high)]), (name, label)
        assert row["how"]


def test_figures_are_those_of_the_written_plan(coarse_plan):
    told = record(coarse_plan)  # what plan.json holds is put together by other hands
    line_read = Read(html(line_card(coarse_plan.line, coarse_plan.ranges)))
    for label, key in (("Losses averted", "averted_usd_yr"), ("Cost", "cost_usd_yr")):
        ends = told["ranges"][key]
        row = line_read.row(label)
        assert (row["values"], row["ends"]) == ([ends["mid"]], [(ends["low"], ends["high"])])
    for label, key in (
        ("Length of the line", "line_km"), ("Land held", "held_km2"),
        ("People held", "people_share"), ("Output held", "output_share"),
    ):  # fmt: skip
        assert line_read.row(label)["values"] == [told[key]]
    threat = Read(coarse_plan.threat._repr_html_())
    for label, key in (
        ("Attacks expected in the members’ land", "events_yr"),
        ("Share that comes from outside, as used", "share_from_outside"),
    ):
        row, ends = threat.row(label), told["threat"][key]
        assert row["values"] == [pytest.approx(ends["mid"], abs=1e-6)]
        assert row["ends"][0] == pytest.approx((ends["low"], ends["high"]), abs=1e-6)


def test_what_is_restricted_is_not_even_read(coarse_plan):
    forces, campaign = coarse_plan.forces, coarse_plan.campaign
    bare = forces.forts.table.drop(columns=["row", "col", "lon", "lat", "km", "sector", "line"])
    without = dataclasses.replace(forces, forts=dataclasses.replace(forces.forts, table=bare))
    assert without._repr_html_() == forces._repr_html_()
    cases = tuple(
        dataclasses.replace(case, exact=None, world=None, leaks=None, entries=None)
        for case in campaign.cases
    )
    assert dataclasses.replace(campaign, cases=cases)._repr_html_() == campaign._repr_html_()
    blind = dataclasses.replace(coarse_plan.line, line=None, sectors=None, posts=None)
    assert blind._repr_html_() == coarse_plan.line._repr_html_()


def test_titles_are_text_whatever_they_hold(coarse_plan):
    evil = "<script>alert(\"1\")</script> & <b>'bold'</b> `<i>`"
    ground = dataclasses.replace(coarse_plan.theatre, title=evil)
    page = ground._repr_html_()
    assert "<script" not in page
    assert "<i>" not in page
    assert evil.replace("`", "") in "".join(Read(page).text).replace("`", "")
    everywhere = Card(
        evil, evil, (Row(evil, evil, how=evil, under=evil), Row(evil, 1.0, evil, 0.5, 2.0, evil)),
        (evil,), Table(evil, ((evil, evil), (evil, evil)), ((evil, 1.0), (evil, (0.0, 1.0, 2.0)))),
        Picture(evil, np.zeros((2, 2), np.int8), ((evil, "held"),)), (evil,),
    )  # fmt: skip
    told = Read(html(everywhere))
    assert set(dict(told.attributes)) <= {
        "class", "scope", "colspan", "value", "data-low", "data-high", "width", "height", "viewbox",
        "role", "aria-label", "aria-hidden", "fill", "fill-opacity", "d", "stroke", "stroke-width",
        "x", "y", "id", "patternunits", "patterntransform", "shape-rendering",
    }  # fmt: skip


def test_colours_are_the_briefs():
    named = [value for name, value in vars(palette).items() if name.isupper()]
    scales = [value for value in named if isinstance(value, tuple)]
    known = {value for value in named if isinstance(value, str)}.union(*scales)
    assert set(COLOURS.values()) <= known
    kinds = [COLOURS[f"kind-{n}"] for n in range(1, 9)]
    assert tuple(kinds) == palette.KINDS


def test_questions_are_the_briefs(coarse_plan):
    asked = titles()
    for name, chapter in (
        ("worth", "vital"), ("threat", "threat"), ("line", "line"), ("works", "works"),
        ("bill", "works"), ("forces", "forces"), ("campaign", "campaign"), ("window", "window"),
    ):  # fmt: skip
        assert getattr(coarse_plan, name).card().title == asked[chapter]


def test_what_is_missing_is_said(coarse_plan):
    plan = coarse_plan
    none = dataclasses.replace(plan.forces, forts=None, tasks=None, programme=None,
                               refused=("no fort reaches it",))  # fmt: skip
    assert "Not done: no fort reaches it" in none._repr_html_()
    assert "not known" in Read(none._repr_html_()).row("Forts")["text"]
    for found in (plan.campaign, plan.dividend):
        empty = dataclasses.replace(found, cases=(), status="no sanctuary is known")
        assert "no sanctuary is known" in empty._repr_html_()
    closed = dataclasses.replace(plan.window.opening, index=None, p_open_now=None)
    shut = dataclasses.replace(plan.window, opening=closed, climate=None, status="no data")
    assert "Not known: no data" in str(shut)
    assert Read(shut._repr_html_()).row("The opening")["text"] == "not known"
    blind = dataclasses.replace(plan.threat, ways=None, forecast=None)
    assert Read(blind._repr_html_()).row("Journeys of armed groups")["text"] == "not known"


def test_illustrations_say_so(coarse_plan, view):
    assert coarse_plan.line.status != "ok"
    for found in (coarse_plan.line, view):
        assert found.card().warnings[0].startswith("Illustration:")
        sure = dataclasses.replace(found, status="ok")
        assert not sure.card().warnings


def test_gathered_cards_keep_what_is_main(coarse_plan):
    cards = [getattr(coarse_plan, name).card() for name in STAGES[1:]]
    together = gathered("Plan", "<T>", [*cards, *cards], picture=cards[3].picture)
    kept = [row for card in cards for row in card.rows if row.main]
    assert [row.label for row in together.rows] == [row.label for row in kept] * 2
    assert len(together.warnings) == len(set(together.warnings)) >= 1
    assert len(html(together).encode()) < 60_000
    assert len(line(together)) < 400
    assert "\n  What is vital?\n" in text(together)


def test_a_plan_is_its_stages_in_short(coarse_plan, judged_as_held):
    page = coarse_plan._repr_html_()
    assert len(page.encode()) < 60_000
    read = Read(page)
    stages = [name for name in STAGES if name not in {"theatre", "ranges"}]
    for name in stages:
        for row in getattr(coarse_plan, name).card().rows:
            if row.main and not isinstance(row.value, str | None):
                values = [each["values"] for each in read.rows if each["label"] == row.label]
                assert [pytest.approx(row.value)] in values
    assert read.row("Cost")["ends"]  # with the range that the line by itself has not
    assert repr(coarse_plan).startswith("<Plan “Mauritania and Mali”; Output: ")
    assert len(str(coarse_plan)) < 8_000
    judged = Read(judged_as_held._repr_html_())
    assert judged.row("It has of that")["values"] == [pytest.approx(1.0, abs=1e-6)]
    share = coarse_plan.line.plans.steps["people_share"].iloc[coarse_plan.line.step]
    assert judged.row("People held")["values"] == [pytest.approx(share)]


@pytest.fixture
def judged_as_held(coarse_plan):
    drawn, ground = coarse_plan.line, coarse_plan.theatre
    found = judge(drawn.plans, drawn.held)
    settings = coarse_plan.settings.line
    return vallum.Judged(found, drawn.held, ground, drawn.plans, coarse_plan.worth, settings)


def test_settings_show_what_differs():
    changed = vallum.load_settings(assignments=["line.mu=0.5", "threat.reach_share=0.4"])
    rows = {row.label: (row.value, row.how) for row in changed.card().rows}
    assert rows == {
        "line.mu": ("0.5", "by default null"), "threat.reach_share": ("0.4", "by default 0.3"),
    }  # fmt: skip
    assert not vallum.Settings().card().rows
    assert "line.mu" in changed._repr_html_()


def test_the_package_says_that_it_is_typed():
    assert Path(vallum.__file__).with_name("py.typed").exists()


def read_back(said):
    """Read a written figure, as a person would."""
    scales = {"trillion": 1e12, "billion": 1e9, "million": 1e6}
    words = said.replace("−", "-").split(THIN)
    scale = scales.get(words[-1].split(" ")[0], 1.0)
    return float("".join(word for word in words if word not in scales).split(" ")[0]) * scale


@given(st.floats(1e-3, 1e15) | st.floats(-1e15, -1e-3))
def test_figures_keep_three_digits(value):
    assert read_back(written(value, "km").removesuffix(" km")) == pytest.approx(value, rel=5.01e-3)


@given(st.floats(0.0, 1.0))
def test_shares_are_never_rounded_to_all_or_nothing(share):
    said = written(share, "share")
    assert (said == f"0{THIN}%") == (round(share, 9) == 0)
    assert (said == f"100{THIN}%") == (round(share, 9) == 1)


@given(st.floats(-1e12, 1e12), st.floats(0.0, 1e12))
def test_ranges_have_both_ends_in_one_scale(low, more):
    first, last = between(low, low + more, "USD").split(" to ")
    words = ("trillion", "billion", "million")
    assert not any(word in first for word in words)
    scale = {"trillion": 1e12, "billion": 1e9, "million": 1e6}.get(last.split(THIN)[-1], 1.0)
    given_low = read_back(first) * scale
    assert given_low == pytest.approx(low, rel=5.01e-3, abs=1e-300)
    assert read_back(last) == pytest.approx(low + more, rel=5.01e-3, abs=1e-300)


grids = arrays(np.int8, st.tuples(st.integers(1, 12), st.integers(1, 12)),
               elements=st.integers(-1, 3))  # fmt: skip


@given(grids)
def test_runs_paint_the_cells_of_a_class(codes):
    painted = np.zeros(codes.shape, int)
    for part in runs(codes, 1).split("M")[1:]:
        at, after = part.split("h", 1)
        col, row = map(int, at.split())
        painted[row, col : col + int(after.split("v")[0])] += 1
    assert (painted == (codes == 1)).all()


@given(grids, st.integers(1, 12))
def test_fewer_cells_keep_the_highest_class_where_it_is(codes, most):
    small = coarse(codes, most)
    assert max(small.shape) <= most
    assert (small.max() if small.size else -1) == codes.max()
    if most == 12 and small.size:
        rows, cols = (np.flatnonzero((codes >= 0).any(axis=axis)) for axis in (1, 0))
        inner = codes[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
        assert (small == inner).all()


amounts = st.integers(0, 10**9).map(float)  # of dollars or people; most cells hold few or none


@given(arrays(np.float64, (3, 4), elements=amounts), st.floats(0.01, 0.99))
def test_the_fewest_cells_hold_the_share(amount, share):
    held = least_cells(amount, share)
    total = amount.sum()
    if total == 0:
        assert not held.any()
        return
    assert amount[held].sum() >= share * total * (1 - 1e-9)
    lesser = np.sort(amount[held])[1:].sum()  # without the smallest of them it would not be enough
    assert lesser < share * total * (1 + 1e-9)


def test_ranges_that_are_not_known_are_not_drawn():
    assert ranged("a", None).value is None
    assert ranged("a", (math.nan, 1.0, 2.0)).low is None
    page = html(Card("A", "b", (Row("c", 1.0, "km", 0.0, math.inf), Row("d", 0.0, "km", 0.0, 0.0))))
    assert "svg" not in page.partition("</style>")[2]
    assert "0 to ∞" in page


def test_land_is_drawn_by_the_step_at_which_it_enters(coarse_plan):
    plans = coarse_plan.line.plans
    picture = plans.card().picture
    last = len(plans.steps) - 1
    for code, (name, _) in enumerate(picture.classes[1:], start=1):
        entered = plans.entry[picture.codes == code]
        assert entered.size
        assert entered.min() >= 0
        assert entered.max() <= int(name.removeprefix("by step ")) <= last
    assert (picture.codes == 0).sum() == (
        (plans.entry < 0) & np.isfinite(plans.stakes.benefit)
    ).sum()
