"""The page: one file, the same bytes, no text that runs, numbers that are the plan's."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pytest

import vallum
from vallum.brief import (
    appendix,
    law_rows,
    map_places,
    page,
    page_bundle,
    page_steps,
    works_tables,
)
from vallum.brief.map_borders import View, borders, view
from vallum.brief.record import assumptions, matters


@pytest.fixture(scope="module")
def plan(shelf):
    chosen = vallum.load_settings(
        assignments=[
            "theatre.cell_km=40",
            "robust.draws=3",
            "campaign.draws=10",
            "dividend.draws=400",
            "dividend.sobol=32",
        ]
    )
    return shelf.plan(chosen)


@pytest.fixture(scope="module")
def html(plan):
    return page.render(plan)


def data_of(html):
    found = re.search(r'<script type="application/json" id="vallum-data">(.*?)</script>', html)
    return json.loads(found[1])


def unpack(text):
    runs = np.frombuffer(base64.b64decode(text), "<i4").reshape(-1, 2)
    return np.repeat(runs[:, 0], runs[:, 1])


class _Tags(HTMLParser):
    """Collects tags and their attributes."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def tags_of(html):
    parser = _Tags()
    parser.feed(html)
    return parser.found


def test_the_same_plan_is_the_same_bytes(plan, html):
    assert page.render(plan) == html
    assert len(html.encode()) < 8e6


def test_nothing_is_loaded_from_elsewhere(html):
    for tag, attributes in tags_of(html):
        if tag != "a":
            for name in ("src", "href", "srcset", "data"):
                assert not (attributes.get(name) or "").startswith(("http", "//"))
    policy = next(a for t, a in tags_of(html) if t == "meta" and "http-equiv" in a)
    assert "default-src 'none'" in policy["content"]


def test_headings_go_down_one_level_at_a_time(html):
    levels = [int(tag[1]) for tag, _ in tags_of(html) if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_rasters_are_carried_whole(plan, html):
    data = data_of(html)
    assert (unpack(data["entry"]) == plan.line.plans.entry.ravel()).all()
    assert (unpack(data["other"]["entry"]) == plan.line.other.entry.ravel()).all()
    assert (unpack(data["fenced"]) == (plan.line.plans.stakes.flank > 0).ravel()).all()


def test_numbers_of_every_step_are_the_plans(plan, html):
    table = plan.line.plans.steps
    steps = data_of(html)["steps"]
    assert [s["cells"] for s in steps] == table["cells"].tolist()
    np.testing.assert_allclose([s["cost"] for s in steps], table["cost_usd_yr"])
    np.testing.assert_allclose([s["people"] for s in steps], table["people_held"])


def test_the_boundary_by_neighbour_adds_up_to_the_line(plan):
    names, table = page_steps.facing_km(plan)
    flank, code = plan.line.plans.stakes.flank, plan.theatre.ground["state"].to_numpy()
    fenced = [
        n
        for n, name in enumerate(names)
        if name == "own" or (name != "sea" and flank[code == plan.theatre.code(name)].max() > 0)
    ]
    np.testing.assert_allclose(table[:, fenced].sum(axis=1), plan.line.plans.steps["line_km"])


def test_people_inside_add_up_over_regions(plan):
    inside = page_steps.regions_inside(plan).sum(axis=0)
    # land without a region of its own is not in the table
    assert (inside <= plan.line.plans.steps["people_held"].to_numpy() * (1 + 1e-9)).all()
    np.testing.assert_allclose(inside, plan.line.plans.steps["people_held"], rtol=0.02)


def test_equal_cost_is_the_dearest_that_costs_no_more(plan):
    other = plan.line.other.steps["cost_usd_yr"].to_numpy()
    found = page_steps.at_equal_cost(plan.line.plans, plan.line.other)
    for cost, k in zip(plan.line.plans.steps["cost_usd_yr"], found, strict=True):
        assert k == -1 or other[k] <= cost
        assert k == len(other) - 1 or other[k + 1] > cost


def test_text_from_a_plan_never_runs(plan, html):
    evil = '</script><script>alert(1)</script><img src=x onerror="alert(2)">'
    settlements = plan.theatre.settlements.assign(name=evil)
    source = dataclasses.replace(
        plan.theatre.sources[0], source=evil, address="javascript:alert(3)"
    )
    theatre = dataclasses.replace(
        plan.theatre, title=evil, settlements=settlements, sources=(source,)
    )
    row = dataclasses.replace(plan.threat.ledger[0], source=evil + " javascript:alert(4)")
    threat = dataclasses.replace(plan.threat, ledger=(row, *plan.threat.ledger[1:]))
    clean, html = html, page.render(dataclasses.replace(plan, theatre=theatre, threat=threat))
    assert sum(tag == "script" for tag, _ in tags_of(html)) == sum(
        tag == "script" for tag, _ in tags_of(clean)
    )
    assert not [a for _, a in tags_of(html) if "onerror" in a]
    assert not [a for _, a in tags_of(html) if (a.get("href") or "").startswith("javascript")]


def test_ledger_and_sources_are_all_there(plan, html):
    rows = appendix.ledger(plan)
    appended = html[html.index('<section id="ledger"') : html.index('<section id="method"')]
    row_heads = appended.count('<th scope="row"><code translate="no">')
    assert row_heads == len(rows) + len(plan.theatre.sources)
    for row in rows:
        assert row["key"] in html


def test_what_matters_most_stands_first(plan):
    weights = [row["matters"] for row in appendix.ledger(plan)]
    known = matters(plan)
    assert known
    assert all(weights[: sum(row.key in known for row in assumptions(plan))])
    first = appendix.ledger(plan)[0]["key"]
    assert known[first] == max(known[row.key] for row in assumptions(plan) if row.key in known)


def test_mines_are_on_the_legal_page_and_in_no_works(plan, html):
    assert len(law_rows.barred(plan)) == len(plan.works.barred)
    assert not [row for row in works_tables.every(plan) if "mine" in row["what"]]
    assert "mines are never placed" in html


@pytest.mark.parametrize("width", map_places.WIDTHS)
def test_no_two_names_touch(plan, width):
    frame = view(plan.theatre)
    scale = width / (frame.east - frame.west)
    taken = []
    shown = map_places.labels(plan.theatre, frame, width, taken, most=40)
    assert len(shown) >= 8
    # names and dots come in pairs, and a name may stand beside its own dot
    for n, box in enumerate(taken):
        for m, other in enumerate(taken[:n]):
            assert n // 2 == m // 2 or not box.meets(other)
    assert all(frame.west < s.x < frame.east for s in shown)
    assert scale > 0


def test_a_place_without_room_is_left_out():
    frame = View(0.0, 0.0, 100.0, 100.0)
    twice = [(True, 9, "A long name", 50.0, 50.0), (True, 8, "Another", 50.5, 50.0)]
    assert [s.name for s in map_places.place(twice, frame, 3.0, [], most=9)] == ["A long name"]


def test_the_disputed_border_is_dashed_and_no_member_of_the_settled(plan):
    settled, disputed, coast = borders(plan.theatre)
    assert disputed.xs
    assert settled.xs
    assert coast.xs


def test_ids_do_not_depend_on_what_was_drawn_before():
    from bokeh.plotting import figure  # noqa: PLC0415

    def one():
        p = figure(width=100, height=100)
        p.line([1, 2], [3, 4])
        return json.dumps(page_bundle.figure_json(p, "x"))

    assert one() == one()
