"""Who comes, on the page: the plan's own numbers, ordered ranges, and what is said without them."""

from __future__ import annotations

import base64
import dataclasses
import re
import struct
import zlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vallum.brief import map_borders, page, threat_maps, threat_sheet, threat_tables, words
from vallum.brief import threat_words as said
from vallum.brief.page_text import THIN, percent, plain


@pytest.fixture(scope="module")
def plan(coarse_plan):
    return coarse_plan


def with_threat(plan, **changes):
    return dataclasses.replace(plan, threat=dataclasses.replace(plan.threat, **changes))


@pytest.fixture
def nowhere(plan):
    """Give the plan as it is where no sanctuary lies outside: no ways, no hours from one."""
    crossing = plan.threat.crossing
    never = {mode: np.full(h.shape, np.inf) for mode, h in crossing.hours_from.items()}
    return with_threat(plan, ways=None, crossing=dataclasses.replace(crossing, hours_from=never))


@pytest.fixture
def unstated(plan):
    claim = dataclasses.replace(plan.threat.claim, stated=False, verdict="not stated", notes=())
    return with_threat(plan, claim=claim)


def mauritania(plan):
    table = plan.threat.ways.through
    return table[table["iso3"] == "MRT"].iloc[0]


def pixels(address):
    """Read a PNG as `indexed` writes it: no filters, one byte per pixel, all in one chunk."""
    data = base64.b64decode(address.removeprefix("data:image/png;base64,"))
    cols, rows = struct.unpack(">II", data[16:24])
    at = data.index(b"IDAT")
    (size,) = struct.unpack(">I", data[at - 4 : at])
    raw = np.frombuffer(zlib.decompress(data[at + 4 : at + 4 + size]), np.uint8)
    return raw.reshape(rows, cols + 1)[:, 1:]


@given(st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3))
def test_shares_hold_their_ends_in_order(values):
    low, mid, high = sorted(values)
    text = said.shares(low, mid, high).replace(THIN, " ")
    if high < 0.001:
        assert text == "under 0.1 %"
        return
    if "(" not in text:  # a range too narrow to be written
        assert percent(low) == percent(mid) == percent(high)
        return
    found = re.fullmatch(r"(under )?([\d.]+) % \((under )?([\d.]+)–([\d.]+) %\)", text)
    middle, first, last = (float(found[n]) for n in (2, 4, 5))
    assert first <= middle + 0.051 * middle
    assert middle <= last + 0.051 * last
    assert last == pytest.approx(100 * high, rel=0.051)


def test_the_statement_has_the_plans_numbers(plan):
    low, mid, high = plan.threat.reach
    row = mauritania(plan)
    text = said.statement(plan)
    start = f"Of the threat to vital land, {said.shares(low, mid, high)} comes from outside; "
    assert text.startswith(start)
    share = said.shares(row["low"], row["mid"], row["high"])
    assert f"on the model's assumptions {share} of that passes Mauritania; " in text
    assert row["low"] <= row["mid"] <= row["high"]
    assert text.endswith(f"the record of events {plan.threat.claim.verdict}.")


@pytest.mark.parametrize("verdict", ["supports", "contradicts"])
def test_the_verdict_is_the_claims_own(plan, verdict):
    claim = dataclasses.replace(plan.threat.claim, verdict=verdict)
    text = said.statement(with_threat(plan, claim=claim))
    assert text.endswith(f"; the record of events {verdict} the claim.")


def test_without_a_claim_the_largest_neighbours_are_named(plan, unstated):
    table = plan.threat.ways.through
    foreign = table[~table["iso3"].isin(plan.theatre.members)]
    first = plan.theatre.countries.loc[foreign["iso3"].iloc[0], "name"]
    text = said.statement(unstated)
    assert f"{percent(foreign['mid'].iloc[0])} " in text
    assert f"passes {first}" in text
    assert "Mauritania" not in text
    assert "record" not in text
    assert "The claim" not in dict(said.argument(unstated))
    assert ">to Kayes" not in page.render(unstated)


def test_without_ways_the_page_says_why(nowhere):
    text = said.statement(nowhere)
    assert "by which ways can't be said" in text
    assert "no sanctuary" in " ".join(dict(said.argument(nowhere))["What we find"])
    html = page.render(nowhere)
    assert 'id="corridors"' not in html
    assert "No sanctuary is known" in html
    assert "can&#39;t be said: no sanctuary" in html


def test_a_state_that_no_journey_is_asked_of_has_no_share(plan):
    ways = plan.threat.ways
    rest = ways.through[ways.through["iso3"] != "MRT"]
    text = said.statement(with_threat(plan, ways=dataclasses.replace(ways, through=rest)))
    assert "how much of that passes Mauritania can't be said" in text


@pytest.mark.parametrize(
    ("own", "word"),
    [((0.2, 0.3, 0.4), "The two agree"), ((0.6, 0.8, 0.9), "above"), ((0.0, 0.01, 0.02), "below")],
)
def test_the_models_own_geography_is_a_check_and_no_measurement(plan, own, word):
    ways = dataclasses.replace(plan.threat.ways, from_outside=own)
    assert plan.threat.reach[0] > 0.02
    text = said.from_geography(with_threat(plan, ways=ways))
    assert said.shares(*own) in text
    assert word in text
    assert "no measurement either" in text


def test_the_order_is_sure_only_where_ranges_are_apart(plan):
    ways = plan.threat.ways
    rows = [("BFA", 0.5, 0.6, 0.7), ("MRT", 0.1, 0.2, 0.4)]
    table = pd.DataFrame(rows, columns=["iso3", "low", "mid", "high"])

    def sure(through):
        changed = with_threat(plan, ways=dataclasses.replace(ways, through=through))
        return " ".join(dict(said.argument(changed))["How sure"])

    assert "The order is sure" in sure(table)
    assert "The order is not sure" in sure(table.assign(high=[0.7, 0.55]))


def test_the_short_answer_is_the_statement(plan):
    found = {a.question: a.short for a in words.answers(plan)}
    assert found["Who comes, and by which ways?"] == said.statement(plan)


def test_tables_are_the_plans(plan):
    ways = plan.threat.ways
    html = page.render(plan).replace("&#39;", "'")
    assert [row["share"] for row in threat_tables.through(plan)] == [
        said.shares(*row) for row in ways.through[["low", "mid", "high"]].itertuples(index=False)
    ]
    assert len(threat_tables.entering(plan)) == len(ways.entering)
    told = threat_tables.corridors(plan)
    assert [row["rank"] for row in told] == [str(n) for n in ways.corridors["rank"]]
    assert [row["hours"] for row in told] == [plain(h) for h in ways.corridors["hours"]]
    for row in (*told, *threat_tables.through(plan)):
        assert row.get("begins", row.get("state")) in html
    means = plan.threat.forecast.means.set_index("model")
    shown = threat_tables.forecast(plan)
    assert shown["rows"][0]["crps"] == plain(means["crps"]["default"])
    assert len(shown["rows"]) == 4
    assert "*" not in shown["verdict"]


def test_without_a_forecast_the_page_says_so(plan):
    assert threat_tables.forecast(with_threat(plan, forecast=None)) is None
    assert "Not scored" in page.render(with_threat(plan, forecast=None))


def test_borders_are_folded_only_where_both_ways_are_alike(plan):
    columns = ["from", "to", "kind", "low", "mid", "high", "gross"]
    table = pd.DataFrame(
        [
            ("MLI", "MRT", "fleeing", 5.0, 10.0, 20.0, 12.0),
            ("MRT", "MLI", "fleeing", 1.0, 2.0, 4.0, 12.0),
            ("MLI", "SEN", "traders", 50.0, 70.0, 90.0, 80.0),
            ("SEN", "MLI", "traders", 50.0, 70.0, 90.0, 80.0),
            ("MLI", "NER", "fleeing", 0.1, 0.9, 1.2, 2.0),
        ],
        columns=columns,
    )
    civilians = dataclasses.replace(plan.threat.civilians, crossings_of_borders=table)
    rows = threat_tables.borders(with_threat(plan, civilians=civilians))
    assert [row["border"] for row in rows] == [
        "Mali ⇄ Senegal", "Mali → Mauritania", "Mauritania → Mali",
    ]  # fmt: skip
    assert rows[0]["number"] == "70"


def test_civilians_are_told_apart_from_the_threat(plan):
    html = page.render(plan)
    section = html[html.index('<section id="others"') :]
    assert "never mixed with the threat" in section
    assert html.index('id="threat"') < html.index('<section id="others"')
    assert [row["key"] for row in threat_tables.kinds(plan)] == ["herders", "traders", "fleeing"]
    assert "are counted" in html


def test_a_kind_that_is_not_modelled_has_no_map(plan):
    cells = dict(plan.threat.civilians.cells)
    cells["fleeing"] = np.zeros_like(cells["fleeing"])
    civilians = dataclasses.replace(plan.threat.civilians, cells=cells)
    changed = with_threat(plan, civilians=civilians)
    assert threat_maps.civilians(changed, threat_maps.on(changed), "fleeing") is None
    assert "Not modelled here" in page.render(changed)


def test_a_layer_shows_each_cell_in_its_class(plan):
    theatre = plan.theatre
    grid = theatre.grid
    west, south, east, north = (part / 1000.0 for part in grid.bounds)
    whole = threat_sheet.Sheet(map_borders.View(west, south, east, north))
    land = theatre.ground["state"].to_numpy() >= 0
    values = np.full(grid.shape, 5.0)
    row, col = np.argwhere(land)[0]
    values[row, col], values[tuple(np.argwhere(land)[1])] = np.inf, 0.5
    scale = ((1.0, 10.0), ("#000001", "#000002", "#000003"))
    drawn = threat_sheet.layer(values, scale, whole, theatre)
    seen = pixels(drawn.picture)
    assert seen.shape == grid.shape
    assert (seen[~land] == 0).all()
    assert seen[row, col] == 1
    assert seen[tuple(np.argwhere(land)[1])] == 2
    assert (seen[land] == 3).sum() == land.sum() - 2
    assert drawn.blank
    assert drawn.place[:2] == (0.0, 0.0)
    assert drawn.place[2] == pytest.approx(whole.width, abs=0.1)
    assert drawn.place[3] == pytest.approx(whole.height, abs=0.2)


def test_fine_grids_are_joined_by_their_mean():
    values = np.array([[1.0, 3.0, np.inf], [5.0, 7.0, np.inf], [2.0, 2.0, 9.0]])
    land = np.array([[True, True, True], [True, True, False], [True, False, True]])
    mean, seen = threat_sheet._coarser(values, land, 2)  # noqa: SLF001  (only finer grids meet it)
    np.testing.assert_array_equal(mean, [[4.0, np.nan], [2.0, 9.0]])
    np.testing.assert_array_equal(seen, [[True, False], [False, False]])


@given(st.floats(1e-6, 1e9))
def test_round_bounds_reach_up_to_half_of_the_top(top):
    bounds = threat_sheet.half_decades(top)
    assert list(bounds) == sorted(set(bounds))
    assert bounds[-1] <= top / 2.0 * (1 + 1e-9) < 3.4 * bounds[-1]


def test_lines_lie_apart_and_within_their_blocks(plan):
    paper = threat_maps.on(plan)
    drawn = threat_maps.corridors(plan, paper)
    assert sorted(row["rank"] for row in drawn) == plan.threat.ways.corridors["rank"].tolist()
    aside = 0.5 * plan.settings.threat.passage.block_km * paper.scale
    for row in drawn:
        own = plan.threat.ways.corridors.set_index("rank").geometry[row["rank"]]
        x, y = own.coords[0]
        there = paper.at(x / 1000.0, y / 1000.0)
        assert np.hypot(row["start"][0] - there[0], row["start"][1] - there[1]) <= aside
    widths = {row["rank"]: row["wide"] for row in drawn}
    assert widths[1] == max(widths.values())


def test_names_from_data_never_run(plan):
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
    ways = plan.threat.ways
    changed = dataclasses.replace(ways, corridors=ways.corridors.assign(begins=evil, ends=evil))
    html = page.render(with_threat(plan, ways=changed))
    assert "<script>alert" not in html
    assert "<img src=x" not in html
