"""Who comes, on the page: the plan's own numbers, ordered ranges, and what is said without them."""

from __future__ import annotations

import base64
import dataclasses
import re
import struct
import zlib
from html import unescape

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vallum.brief import (
    map_borders,
    threat_claim,
    threat_forecast,
    threat_head,
    threat_maps,
    threat_page,
    threat_sheet,
    threat_tables,
)
from vallum.brief import threat_words as said
from vallum.brief.figures import Reading
from vallum.brief.heads import titles
from vallum.brief.language import of_stage, speaking
from vallum.brief.page_bundle import assets
from vallum.brief.page_text import THIN, percent, plain
from vallum.brief.record import record
from vallum.brief.states import the


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


@pytest.fixture(scope="module")
def content(plan):
    return record(plan)


def head(content, **threat):
    """Make the head from a record of which some of the threat is changed."""
    return threat_head.head(Reading(content | {"threat": content["threat"] | threat}))


def bare(texts):
    """Take marks and thin spaces off texts."""
    joined = texts if isinstance(texts, str) else " ".join(str(text) for text in texts)
    return unescape(re.sub(r"<[^>]+>", "", str(joined))).replace(THIN, " ").replace("= (exact)", "")


def shown(plan, content=None):
    """Render both chapters alone."""
    templates, _ = assets()
    parts = threat_page.chapters(plan)
    made = threat_head.head(Reading(record(plan) if content is None else content))
    chapter = {"number": 2, "name": "threat", "title": titles()["threat"], "head": made}
    text = (
        '{% from "threat.html.j2" import who_comes, who_else %}'
        "{{ who_comes(chapter, who, base) }}{{ who_else(other, base) }}"
    )
    return templates.from_string(text).render(chapter=chapter, **parts)


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


def test_the_answer_has_the_records_numbers(plan, content):
    found = content["threat"]["share_through"]
    mine, top = found["MRT"], found["BFA"]
    text = bare(head(content).found[0])
    assert said.shares(mine["low"], mine["mid"], mine["high"]).replace(THIN, " ") in text
    assert said.shares(top["low"], top["mid"], top["high"]).replace(THIN, " ") in text
    assert len(text.split()) <= 35
    assert said.statement(plan).replace(THIN, " ") == text


@pytest.mark.parametrize(
    ("low", "mid", "high", "words"),
    [
        (0.1, 0.2, 0.3, "Mostly not by way of Mauritania"),
        (0.3, 0.45, 0.6, "By way of Mauritania come"),
        (0.8, 0.9, 0.95, "By way of Mauritania come"),
    ],
)
def test_the_claim_is_answered_by_the_range(content, low, mid, high, words):
    through = content["threat"]["share_through"]
    changed = {
        **through,
        "BFA": {"low": 0.5, "mid": 0.6, "high": 0.7},
        "MRT": {"low": low, "mid": mid, "high": high},
    }
    text = head(content, share_through=changed).found[0]
    assert bare(text).startswith(words)


def test_the_claimed_state_alone_is_told_without_another(content):
    mine = {"MRT": {"low": 0.8, "mid": 0.9, "high": 0.95}}
    text = bare(head(content, share_through=mine).found[0])
    assert text.startswith("More by way of Mauritania than of any other state: 90 % (80–95 %)")
    few = {"MRT": {"low": 0.1, "mid": 0.2, "high": 0.3}}
    assert bare(head(content, share_through=few).found[0]).startswith("Mostly not by way of Maur")


@pytest.mark.parametrize("verdict", ["supports", "contradicts", "can't tell"])
def test_the_verdict_is_the_claims_own(plan, content, verdict):
    claim = content["threat"]["claim"] | {"verdict": verdict}
    power = [{**row, "power": 0.9} for row in claim["power"]]
    zones = [{**row, "ratio": {"low": 1.2, "mid": 2.0, "high": 3.0}} for row in claim["zones"]]
    text = bare(head(content, claim=claim | {"power": power, "zones": zones}).found)
    words = verdict.replace("'", "’")
    assert f"The record of events {words}" in text
    assert ("2.0 (1.2–3.0)" in text) == (verdict == "supports")
    assert ("90 %" in text) == (verdict != "supports")
    own = dataclasses.replace(plan.threat.claim, verdict=verdict)
    assert words in threat_claim.record(with_threat(plan, claim=own))["sentence"]


def test_a_test_that_can_see_nothing_says_so(content):
    claim = content["threat"]["claim"] | {"verdict": "can't tell"}
    blind = claim | {"power": [{**row, "power": 0.0} for row in claim["power"]]}
    assert "could not have seen it" in bare(head(content, claim=blind).found)


def test_without_a_claim_the_largest_neighbour_is_named(plan, content, unstated):
    table = plan.threat.ways.through
    foreign = table[~table["iso3"].isin(plan.theatre.members)]
    first = plan.theatre.countries.loc[foreign["iso3"].iloc[0], "name"]
    found = content["threat"]["claim"] | {"stated": False, "verdict": "not stated"}
    made = head(content, claim=found)
    assert f"{percent(foreign['mid'].iloc[0])}".replace(THIN, " ") in bare(made.found[0])
    assert first in made.found[0]
    assert "Mauritania" not in bare((made.claim, *made.found, *made.sure))
    assert "record" not in bare(made.found)
    html = shown(unstated)
    assert ">to Kayes" not in html
    assert "No claim on the ways" in html


def test_without_ways_the_page_says_why(nowhere):
    html = shown(nowhere)
    assert "By which ways armed groups come can’t be said" in html
    assert 'id="corridors"' not in html
    assert "No sanctuary is known" in html
    assert "No journeys to show" in html


def test_a_state_that_no_journey_is_asked_of_has_no_share(content):
    rest = {k: v for k, v in content["threat"]["share_through"].items() if k != "MRT"}
    text = head(content, share_through=rest).found[0]
    assert text == "How many of the journeys to vital land cross Mauritania can’t be said."


@pytest.mark.parametrize(
    ("own", "word"),
    [
        ({"low": 0.2, "mid": 0.3, "high": 0.4}, "agrees with it"),
        ({"low": 0.6, "mid": 0.8, "high": 0.9}, "above the range"),
        ({"low": 0.0, "mid": 0.01, "high": 0.02}, "below the range"),
    ],
)
def test_the_models_own_geography_is_no_measurement(content, own, word):
    text = bare(head(content, share_from_outside_modelled=own).sure)
    assert word in text
    assert "not measured" in text


def test_the_order_is_sure_only_where_ranges_are_apart(content):
    def sure(high):
        shares = {
            "BFA": {"low": 0.5, "mid": 0.6, "high": 0.7},
            "MRT": {"low": 0.1, "mid": 0.2, "high": high},
        }
        return bare(head(content, share_through=shares).sure)

    assert "the order is sure" in sure(0.4)
    assert "The order is not sure" in sure(0.55)


@pytest.mark.parametrize(("cost", "words"), [(2.0, "60 % or more"), (4.0, "avert 0.83 times")])
def test_the_share_from_which_on_it_pays_is_in_proportion(content, cost, words):
    # 30 % from outside avert 1 a year, so 60 % avert 2, and all of it 3.33
    outside = {"low": 0.1, "mid": 0.3, "high": 0.5}
    changed = content | {"averted_usd_yr": 1.0, "cost_usd_yr": cost, "objective": "output"}
    assert words in bare(head(changed, share_from_outside=outside).change)
    people = head(changed | {"objective": "people"}, share_from_outside=outside)
    assert "pays by losses averted" not in bare(people.change)


def test_the_back_test_names_the_best_simple_forecast(content):
    scores = content["threat"]["forecast_scores"]
    text = bare(head(content).sure)
    best = min(
        ("same_as_last_year", "regional_mean", "mean_of_three_years"),
        key=lambda key: scores[key]["crps"]["mid"],
    )
    assert plain(scores[best]["crps"]["mid"]) in text
    assert ("does not beat" in text) == (not scores["beats_all"])
    assert "too few years" in bare(head(content, forecast_scores=None).sure)


def test_every_note_of_the_test_has_its_french(plan):
    name = "central and northern Mali"
    claim = plan.threat.claim
    assert claim.notes
    with speaking("fr"):
        told = threat_claim.record(plan)
        assert of_stage(name) == "le centre et le nord du Mali"
        assert the("Burkina Faso") == "le Burkina Faso"
    for english, french in zip(threat_claim.record(plan)["notes"], told["notes"], strict=True):
        assert english != french
        assert re.findall(r"\d+", english) == re.findall(r"\d+", french)
        assert "⟦" not in english + french


def test_the_chapter_in_french_has_no_english_left(plan, content):
    with speaking("fr"):
        html = shown(plan, content)
    text = bare(re.sub(r"<code.*?</code>", "", html, flags=re.DOTALL))
    labels = re.findall(r'aria-label="([^"]*)"', html)
    left = re.findall(r"\b(?:the|of|and|with|which|is|are|from|by)\b", " ".join((text, *labels)))
    assert not left


def test_tables_are_the_plans(plan):
    ways = plan.threat.ways
    html = shown(plan).replace("&#39;", "'")
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
    told = threat_forecast.forecast(plan)
    assert told["rows"][0]["crps"] == plain(means["crps"]["default"])
    assert len(told["rows"]) == 4


def test_without_a_forecast_the_page_says_so(plan):
    assert threat_forecast.forecast(with_threat(plan, forecast=None)) is None
    assert "Not scored" in shown(with_threat(plan, forecast=None))


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
    html = shown(plan)
    section = html[html.index('<section id="others"') :]
    assert "never mixed with the threat" in section
    assert html.index('id="threat"') < html.index('<section id="others"')
    assert [row["key"] for row in threat_tables.kinds(plan)] == ["herders", "traders", "fleeing"]


def test_a_kind_that_is_not_modelled_has_no_map(plan):
    cells = dict(plan.threat.civilians.cells)
    cells["fleeing"] = np.zeros_like(cells["fleeing"])
    civilians = dataclasses.replace(plan.threat.civilians, cells=cells)
    changed = with_threat(plan, civilians=civilians)
    assert threat_maps.civilians(changed, threat_maps.on(changed), "fleeing") is None
    assert "Not modelled here" in shown(changed)


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
    html = shown(with_threat(plan, ways=changed))
    assert "<script>alert" not in html
    assert "<img src=x" not in html
