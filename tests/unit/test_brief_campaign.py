"""Does it hold: sentences are the frames' numbers, and nothing under 50 km is told."""

from __future__ import annotations

import dataclasses
import json
import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from vallum.brief import (
    campaign_chart,
    campaign_head,
    campaign_map,
    campaign_names,
    campaign_page,
    campaign_words,
)
from vallum.brief.figures import Reading
from vallum.brief.language import speaking
from vallum.brief.page_bundle import assets
from vallum.brief.page_text import THIN
from vallum.brief.record import as_json
from vallum.brief.record_campaign import (
    best_otherwise,
    campaign_table,
    changes,
    leaks_table,
    moved,
    record_campaign,
    told_leaks,
)
from vallum.campaign.model import Campaign, Case, Exact, World

NEIGHBOURS = ("DZA", "NER", "BFA")
BEFORE = {"held": 100.0, "held_arrived": 30.0, "outside": 200.0, "neighbours": 100.0,
          "all": 400.0, "deaths": 600.0,
          "DZA": 10.0, "NER": 40.0, "BFA": 50.0}  # fmt: skip
AFTER = {
    "nothing": BEFORE,
    "line": BEFORE
    | {
        "held": 71.0,
        "held_arrived": 6.0,
        "outside": 206.0,
        "neighbours": 103.0,
        "deaths": 570.0,
        "NER": 44.0,
        "BFA": 49.0,
    },
    "policing": BEFORE | {"held": 63.0, "outside": 190.0, "all": 360.0, "deaths": 500.0},
}
HALF_RANGE = 0.08


def frame(columns, rows):
    return pd.DataFrame(rows, columns=columns.split())


def targets(theatre):
    """Give a target of each side: held, outside and one in each neighbour."""
    state = theatre.ground["state"].to_numpy()
    names = list(theatre.countries.index)
    rows = []
    for side, iso3, attacks in (
        ("held", "MLI", 100.0), ("outside", "MRT", 200.0),
        *(("neighbour", iso3, BEFORE[iso3]) for iso3 in NEIGHBOURS),
    ):  # fmt: skip
        row, col = np.argwhere(state == names.index(iso3))[0]
        rows.append((iso3, iso3, side, int(row), int(col), attacks))
    return frame("name iso3 side row col attacks_yr", rows)


def tables():
    """Give totals, changes and draws of two phases."""
    totals, change, draws = [], [], []
    for means, after in AFTER.items():
        for what, before in BEFORE.items():
            full = after[what]
            for phase, value in ((0, (before + full) / 2.0), (1, full)):
                totals.append((means, phase, what, value, 0.5 * value, 1.5 * value, 0.1))
            part = full / before - 1.0
            spread = 0.0 if means == "nothing" else HALF_RANGE
            row = (means, what, before, full, part, part - spread, part + spread, 0.01)
            change.append(row)
        for draw in range(20):
            factor = 1.0 + 0.02 * draw
            row = [factor * after[what] for what in ("held", "outside", "all", "deaths")]
            around = factor * sum(after[iso3] for iso3 in NEIGHBOURS)
            draws.append((means, draw, row[0], row[1], around, row[2], row[3]))
    return (
        frame("means phase what mean low high error", totals),
        frame("means what before after change change_low change_high error", change),
        frame("means draw held outside neighbours all deaths", draws),
    )


def leaks():
    return frame(
        "name sectors kind facing length_km tried through leakage leakage_low leakage_high",
        [
            ("part A", "1", "line", "BFA", 80.0, 20.0, 7.7, 0.385, 0.2, 0.5),
            ("part B", "2, 3", "line", "NER", 60.0, 10.0, 3.3, 0.33, 0.2, 0.5),
            ("short part", "4", "line", "NER", 49.9, 90.0, 88.8, 0.987, 0.9, 1.0),
            ("flank N", "", "flank", "NER", 150.0, 12.3, 12.3, 1.0, 1.0, 1.0),
            ("short flank", "", "flank", "DZA", 20.0, 66.6, 66.6, 1.0, 1.0, 1.0),
        ],
    )


def exact():
    return Exact(
        ways=pd.DataFrame(),
        reinforcement=frame(
            "budget evades bound gap parts nested by_list regret",
            [
                (1, 0.31, 0.31, 0.0, "part A", True, 0.31, 0.0),
                (2, 0.27, 0.27, 0.0, "part B, part C", False, 0.29, 0.02),
            ],
        ),
        patrols=frame("patrols evades bound uniform parts", [(1, 0.3, 0.3, 0.35, "part A")]),
        commitment=pd.DataFrame(),
        delay=pd.DataFrame(),
    )


def make_case(theatre, name="plan"):
    totals, change, draws = tables()
    places = targets(theatre)
    moved = [
        ("line", phase, n, attacks * (1.0 - 0.2 * phase * (side == "held")))
        for phase in (0, 1)
        for n, (side, attacks) in enumerate(zip(places["side"], places["attacks_yr"], strict=True))
    ]
    none = np.zeros((0, 0))
    return Case(
        name=name,
        step=1,
        line_km=1234.0,
        cost_usd_yr=5.6e8,
        world=World(pd.DataFrame(), places, pd.DataFrame(), none, none, none, 1.0, (24,)),
        phases=frame(
            "phase name begins years covered_km",
            [(0, "half of it", None, 2.0, 600.0), (1, "all", "2035-03-01", 5.0, 1234.0)],
        ),
        totals=totals,
        change=change,
        targets=frame("means phase target attacks_yr", moved),
        entries=pd.DataFrame(),
        leaks=leaks(),
        draws=draws,
        touchable=(0.11, 0.17, 0.23),
        stopped=(0.41, 0.53, 0.67),
        displaced=(0.12, 0.36, 0.48),
        exact=exact(),
        published=frame(
            "study says measure published low mid high consistent why",
            [
                ("Study One", "walls work", "change", -0.67, -0.4, -0.29, -0.1, False, "ends"),
                ("Study Two", "some move", "moved", 0.3, 0.12, 0.36, 0.48, True, ""),
            ],
        ),
        played=(180, 200),
    )


@pytest.fixture(scope="module")
def plan(sahel):
    """Give what the chapter needs of a plan."""
    entry = np.where(sahel.member_mask, 2, -1)
    row, col = np.argwhere(sahel.ground["state"].to_numpy() == list(sahel.countries.index).index(
        "MLI"))[0]  # fmt: skip
    entry[row : row + 3, col : col + 3] = 1
    cases = (make_case(sahel), dataclasses.replace(make_case(sahel, "half"), line_km=2345.0))
    return SimpleNamespace(
        theatre=sahel,
        line=SimpleNamespace(plans=SimpleNamespace(entry=entry), status="ok"),
        threat=SimpleNamespace(
            ways=None, regions=frame("iso3 region", [("MLI", "Gao"), ("MRT", "Adrar")])
        ),
        campaign=Campaign(cases, "ok", 7, (), sahel.fingerprint),
    )


@pytest.fixture
def case(sahel):
    return make_case(sahel)


NAMES = {"DZA": "Algeria", "NER": "Niger", "BFA": "Burkina Faso"}


def said(case):
    return {v.head: v for v in campaign_words.verdicts(case, NAMES)}


def words(case):
    return " ".join(v.text for v in campaign_words.verdicts(case, NAMES)).replace(THIN, " ")


def content_of(plan, *, illustration=False):
    """Give what the head reads of the record."""
    return {
        "campaign": json.loads(as_json(record_campaign(plan))),
        "illustration": illustration,
        "names": NAMES,
        "threat": {"share_from_outside": {"low": 0.1, "mid": 0.3, "high": 0.5}},
    }


def head_of(plan, **changed):
    return campaign_head.head(Reading(content_of(plan, **changed)))


def plain(texts):
    """Give texts without marks."""
    text = " ".join(re.sub(r'<span class="sr">[^<]*</span>|<[^>]+>', "", str(t)) for t in texts)
    return text.replace(THIN, " ")


def html_of(plan):
    """Render the chapter alone."""
    templates, _ = assets()
    chapter = {"name": "campaign", "title": "Does it hold?", "number": 6, "head": head_of(plan)}
    source = '{% from "campaign.html.j2" import does_it_hold %}{{ does_it_hold(h, c, false) }}'
    return templates.from_string(source).render(h=chapter, c=campaign_page.chapter(plan))


def test_words_hold_the_frames_numbers(case):
    text = words(case)
    for number in ("17 % of the attacks", "11–23 %", "other 83 %", "53 % are stopped", "41–67 %",
                   "from 100 to 71", "−29 % (−37 to −21 %)", "36 % strike elsewhere", "12–48 %",
                   "from 200 to 206", "Niger 40.0 → 44.0 a year (+10 %; +2.0 to +18 %)",
                   "part A (in front: Burkina Faso)", "7.7 a year", "Round it", "Niger 12.3",
                   "1 of 2 published", "Study One"):  # fmt: skip
        assert number in text, number


def test_a_changed_value_changes_its_sentence_and_no_other(case):
    before = said(case)
    for field, value, head in (
        ("touchable", (0.11, 0.19, 0.23), "What a line can touch"),
        ("stopped", (0.41, 0.59, 0.67), "What it stops"),
        ("displaced", (0.12, 0.39, 0.48), "What strikes elsewhere instead"),
    ):
        after = said(dataclasses.replace(case, **{field: value}))
        assert [name for name in before if before[name] != after[name]] == [head]


def test_a_changed_row_changes_the_neighbours_sentence(case):
    change = case.change.copy()
    mine = (change["means"] == "line") & (change["what"] == "NER")
    change.loc[mine, ["after", "change", "change_low", "change_high"]] = (30.0, -0.25, -0.3, -0.2)
    moved = said(dataclasses.replace(case, change=change))["Neighbours"]
    assert said(case)["Neighbours"].kind == "fails"
    assert moved.kind == "works"
    assert "Niger 40.0 → 30.0" in moved.text
    assert "Burkina Faso and Niger suffer fewer" in moved.text


def test_attacks_on_the_forts_are_told(case):
    assert "forts are" not in said(case)["What it stops"].text
    forts = pd.DataFrame([("line", 1, "forts", 3.4, 1.2, 6.1, 0.1)], columns=case.totals.columns)
    told = said(dataclasses.replace(case, totals=pd.concat([case.totals, forts])))
    assert "forts are attacked 3.4 times a year (1.2–6.1)" in told["What it stops"].text


def test_failure_is_said_as_such(case):
    change = case.change.copy()
    mine = (change["means"] == "line") & (change["what"] == "held")
    change.loc[mine, ["after", "change", "change_low", "change_high"]] = (104.0, 0.04, -0.1, 0.2)
    verdict = said(dataclasses.replace(case, change=change))["Attacks on the land it holds"]
    assert verdict.kind == "fails"
    assert "rise from 100 to 104" in verdict.text
    assert "can’t be relied on" in verdict.text
    assert said(case)["Attacks on the land it holds"].kind == "works"
    money = said(case)["The same money otherwise"]
    assert money.kind == "fails"
    assert "policing" in money.text


def test_nothing_shorter_than_50_km_is_told(plan, case):
    html = html_of(plan)
    record = as_json(record_campaign(plan))
    table = leaks_table(plan.campaign, NAMES)
    for text in (html, record, words(case), table.to_csv()):
        assert "part A" in text
        for hidden in ("short part", "short flank", "88.8", "66.6"):
            assert hidden not in text
    assert list(table["case"]) == ["plan"] * 3 + ["half"] * 3
    assert (table["length_km"] >= 50.0).all()


def test_a_case_without_long_parts_says_so(case):
    bare = dataclasses.replace(case, leaks=case.leaks[case.leaks["length_km"] < 50.0])
    assert "not told" in said(bare)["Where it leaks"].text


def test_tables_that_are_empty_break_nothing(plan, case):
    none = dataclasses.replace(case.exact, reinforcement=pd.DataFrame(), patrols=pd.DataFrame())
    bare = dataclasses.replace(case, leaks=pd.DataFrame(), published=pd.DataFrame(), exact=none)
    found = dataclasses.replace(plan.campaign, cases=(bare,))
    html = html_of(SimpleNamespace(**{**vars(plan), "campaign": found}))
    assert "Where more would help" not in html
    assert "No part is 50" in html
    assert leaks_table(found, NAMES).empty


def test_the_record_is_the_frames_and_goes_through_json(plan):
    record = record_campaign(plan)
    assert json.loads(as_json(record)) == record
    assert record["attacks_yr"]["held"] == {
        "before": 100.0, "after": 71.0, "low": 35.5, "high": 106.5,
    }  # fmt: skip
    assert set(record["attacks_yr"]) == {"held", "outside", *NEIGHBOURS}
    assert record["stopped_share"] == {"low": 0.41, "mid": 0.53, "high": 0.67}
    assert record["alternatives"]["policing"]["held"]["change"] == pytest.approx(-0.37)
    assert [row["name"] for row in record["leaks"]] == ["flank facing Niger", "part A", "part B"]
    assert record["reinforcement"][1]["nested"] is False
    assert record["played"] == {"draws": 180, "asked": 200}
    assert list(record["cases"]) == ["plan", "half"]
    assert (record["status"], record["seed"]) == ("ok", 7)


def test_neighbours_together_are_the_stages_own_row(case):
    row = changes(case)["line"]["neighbours"]
    assert (row["before"], row["after"]) == (100.0, 103.0)
    assert row["change"] == pytest.approx(0.03)
    assert row["change_low"] == pytest.approx(0.03 - HALF_RANGE)
    without = dataclasses.replace(case, change=case.change[case.change["what"] != "neighbours"])
    assert "neighbours" not in changes(without)["line"]  # nothing else is taken for it


def test_flanks_are_named_by_country_and_the_short_ones_told_together(case):
    names = told_leaks(case, NAMES)["name"].tolist()
    assert names == ["flank facing Niger", "part A", "part B"]  # 20 km facing Algeria: not told
    assert "Flanks of 20 km are too short to be told." in words(case)
    more = case.leaks.iloc[[-1]].assign(facing="sea", length_km=40.0, tried=6.0, through=5.0)
    both = dataclasses.replace(case, leaks=pd.concat([case.leaks, more], ignore_index=True))
    first = told_leaks(both, NAMES).iloc[0]
    assert first["name"] == "shorter flanks together"
    assert first["facing"] == "DZA, sea"
    assert first["length_km"] == 60.0
    assert first["through"] == pytest.approx(71.6)
    assert "too short" not in words(both)
    assert "Algeria, the sea" in words(both)


def test_missing_shares_are_null_and_said(case, plan):
    none = (np.nan,) * 3
    bare = dataclasses.replace(case, stopped=none, displaced=none)
    assert said(bare)["What it stops"].kind == "open"
    assert "spared no attacks" in said(bare)["What strikes elsewhere instead"].text
    found = dataclasses.replace(plan.campaign, cases=(bare,))
    record = record_campaign(SimpleNamespace(**{**vars(plan), "campaign": found}))
    assert record["stopped_share"] == {"low": None, "mid": None, "high": None}
    assert json.loads(as_json(record)) == record


@pytest.mark.parametrize("status", [None, "no line stands"])
def test_without_a_campaign_one_sentence_says_so(plan, status):
    found = None if status is None else Campaign((), status, 7, (), "x")
    bare = SimpleNamespace(**{**vars(plan), "campaign": found})
    html = html_of(bare)
    assert "Does it hold?" in html
    assert "data-case" not in html
    told = plain(head_of(bare).found)
    assert (status or "was not played") in told
    assert head_of(bare).sure
    assert head_of(bare).change
    record = record_campaign(bare)
    assert record["cases"] == {}
    assert record["leaks"] is None
    assert record["status"] == (status or "not played")
    assert set(record) == set(record_campaign(plan))
    assert list(campaign_table(found).columns) == list(campaign_table(plan.campaign).columns)
    assert list(leaks_table(found, NAMES).columns) == list(
        leaks_table(plan.campaign, NAMES).columns
    )


def test_blocks_keep_all_attacks_and_no_place(plan, case):
    table, after = campaign_map.blocks(plan, case)
    assert table["before"].sum() == pytest.approx(case.world.targets["attacks_yr"].sum())
    assert after[1].sum() == pytest.approx(400.0 - 20.0)
    assert (table[["x", "y"]] % 10.0 == 0.0).all(axis=None)


def test_the_last_phase_shows_without_a_script(plan):
    html = html_of(plan)
    shown = re.findall(r'<g data-phase="(\d)"( hidden)?>', html)
    assert shown == [("0", " hidden"), ("1", ""), ("0", " hidden"), ("1", "")]
    assert html.count('data-case="') == 2
    assert "Best sets are not nested" in html


def test_colours_tell_fewer_from_more(plan, case):
    maps = campaign_map.draw(plan, case)
    assert {spot.colour for spot in maps["before"]} == {campaign_map.GREY}
    first = {spot.text: spot.colour for spot in maps["after"][1]}
    fewer = next(text for text in first if text.startswith("100"))
    assert first[fewer] == campaign_map.classes()[1][0]
    assert set(first.values()) == {campaign_map.classes()[1][0], campaign_map.classes()[2][0]}


def test_the_histogram_counts_every_draw(case):
    chart = str(campaign_chart.spread(case))
    # a bar's title tells its draws: 20 with the line, and 20 changes of −29 %
    counts = [int(n) for n in re.findall(rf"<title>(\d+){THIN}draws?:", chart)]
    assert sum(counts) == 40
    assert "more attacks in 0 of 20" in chart.replace(THIN, " ")
    one = dataclasses.replace(case, draws=case.draws[case.draws["draw"] == 0])
    assert campaign_chart.spread(one) is None


def test_the_head_of_a_plan(plan):
    head = head_of(plan)
    found, sure, change = plain(head.found), plain(head.sure), plain(head.change)
    for text in (
        "all attacks behind it fall by 29 % (21–37 %)", "from outside fall by 80 % (72–88 %)",
        "53 % (41–67 %) are stopped", "outside change by +3.0 % (−5.0 to +11 %)",
        "more strike: Niger", "2 340 km= long",
    ):  # fmt: skip
        assert text in found, text
    assert "180= draws" in sure
    assert "by the programme from March 2035=" in sure
    assert "Of 2= published effects of real lines 1= lie" in sure
    # half of all is to go, and of those from outside eight in ten do: 0.5 / 0.8
    assert "30 % (10–50 %)" in change
    assert "have to be 62 % (57–69 %)" in change
    assert "spent on policing, attacks on the same land would change by −37 %" in change
    assert "(in front: Niger)" in change  # most of all go round that end


def test_the_head_of_an_illustration_is_of_the_line_that_is_asked_about(plan):
    head = head_of(plan, illustration=True)
    assert "A line around half of the output" in str(head.found[0])
    assert "1 230 km= long, attacks change by −29 %" in plain(head.found[-1:])


@pytest.mark.parametrize(
    ("after", "part", "low", "high", "said"),
    [
        (104.0, 0.04, -0.1, 0.2, "can’t be relied on"),
        (71.0, -0.29, -0.4, 0.0, "can’t be relied on"),
        (71.0, -0.29, -0.4, -0.1, "keeps out many"),
    ],
)
def test_the_answer_follows_the_range(plan, after, part, low, high, said):
    content = content_of(plan)
    row = content["campaign"]["cases"]["plan"]["alternatives"]["line"]["held"]
    row |= {"after": after, "change": part, "change_low": low, "change_high": high}
    assert said in str(campaign_head.head(Reading(content)).found[0])


def test_where_most_come_from_outside_the_answer_is_another(plan):
    content = content_of(plan)
    content["threat"]["share_from_outside"]["mid"] = 0.7
    assert "safer, not safe" in str(campaign_head.head(Reading(content)).found[0])


def test_a_land_that_nobody_attacks_is_not_said_to_hold(plan):
    content = content_of(plan)
    content["campaign"]["cases"]["plan"]["alternatives"]["line"]["held"]["before"] = 0.05
    assert "Too few attacks" in str(campaign_head.head(Reading(content)).found[0])


def test_no_share_from_outside_is_enough_where_the_line_does_too_little(case):
    change = case.change.copy()
    mine = (change["means"] == "line") & (change["what"] == "held_arrived")
    change.loc[mine, ["after", "change", "change_low", "change_high"]] = (18.0, -0.4, -0.5, -0.3)
    bare = dataclasses.replace(case, change=change)
    record = record_campaign(SimpleNamespace(
        campaign=Campaign((bare,), "ok", 7, (), "x"),
        theatre=SimpleNamespace(countries=pd.DataFrame({"name": NAMES})),
    ))  # fmt: skip
    halve = record["outside_share_to_halve"]
    assert halve == {"low": 1.0, "mid": 1.25, "high": pytest.approx(0.5 / 0.3)}
    content = {
        "campaign": record, "names": NAMES,
        "threat": {"share_from_outside": {"low": 0.1, "mid": 0.3, "high": 0.5}},
    }  # fmt: skip
    assert "it can’t" in plain(campaign_head.head(Reading(content)).change)
    change.loc[mine, "change_high"] = 0.01
    none = record_campaign(SimpleNamespace(
        campaign=Campaign((dataclasses.replace(case, change=change),), "ok", 7, (), "x"),
        theatre=SimpleNamespace(countries=pd.DataFrame({"name": NAMES})),
    ))  # fmt: skip
    assert none["outside_share_to_halve"] is None
    assert "no share would" in plain(
        campaign_head.head(Reading(content | {"campaign": none})).change
    )


def test_chance_is_not_taken_for_a_shift():
    row = {"change": 0.03, "error": 0.025}
    assert moved(row) == 1
    assert moved(row, among=15) == 0  # of fifteen one in twenty stands out by chance
    assert moved({"change": -0.03, "error": 0.001}, among=15) == -1
    assert moved({"change": 0.004, "error": 0.0}) == 0
    assert moved({"change": float("nan"), "error": float("nan")}) == 0


def test_the_best_other_means_is_the_one_that_leaves_fewest(case):
    best = best_otherwise(case, "held")
    assert (best["means"], best["more"]) == ("policing", True)
    only = dataclasses.replace(case, change=case.change[case.change["means"] != "policing"])
    assert best_otherwise(only, "held") is None


def test_a_shift_below_nothing_is_told_with_its_sign(case):
    verdict = said(dataclasses.replace(case, displaced=(-0.58, -0.01, 0.39)))
    elsewhere = verdict["What strikes elsewhere instead"]
    assert elsewhere.kind == "open"
    assert "−58 to +39 %" in elsewhere.text.replace(THIN, " ")
    fallen = said(dataclasses.replace(case, displaced=(-0.58, -0.3, -0.1)))
    text = fallen["What strikes elsewhere instead"].text.replace(THIN, " ")
    assert "fall too, by 30 %" in text
    assert "10–58 %" in text


def test_land_without_attacks_is_no_failure(case):
    change = case.change.copy()
    held = (change["what"] == "held").to_numpy()
    change.loc[held, ["before", "after", "change", "change_low", "change_high"]] = 0.0
    verdict = said(dataclasses.replace(case, change=change))
    assert verdict["Attacks on the land it holds"].kind == "open"


def test_one_part_leaves_nothing_to_choose(plan, case):
    whole = frame(
        "budget evades bound gap parts nested by_list regret",
        [(1, 0.7, 0.7, 0.0, "the whole line", True, 0.7, 0.0)],
    )
    bare = dataclasses.replace(case, exact=dataclasses.replace(case.exact, reinforcement=whole))
    found = dataclasses.replace(plan.campaign, cases=(bare,))
    html = html_of(SimpleNamespace(**{**vars(plan), "campaign": found}))
    assert "Where more would help" not in html


def test_a_reinforcement_that_brings_nothing_is_said_to(plan, case):
    same = case.exact.reinforcement.assign(evades=0.31)
    bare = dataclasses.replace(case, exact=dataclasses.replace(case.exact, reinforcement=same))
    found = dataclasses.replace(plan.campaign, cases=(bare,))
    html = html_of(SimpleNamespace(**{**vars(plan), "campaign": found}))
    assert "does not help" in html
    assert "not nested" not in html


def test_parts_are_named_in_the_language_of_the_page():
    with speaking("fr"):
        assert campaign_names.parts_names("sectors 0–2, sector 5 and 7 more as much", {}) == (
            "secteurs 0–2, secteur 5 et 7 autres autant"
        )
        assert campaign_names.part_name("flank facing the sea", {}) == (
            f"flanc (en face{THIN}: la mer)"
        )
        assert campaign_names.part_name("flank facing DZA", NAMES).endswith("Algérie)")


ENGLISH = re.compile(r"\b(the|of|and|with|which|is|are|from|by|a year)\b")


def test_no_english_is_left_in_french(plan):
    with speaking("fr"):
        html = html_of(plan)
    html = re.sub(
        r"<svg.*?</svg>|<span lang=.en.>.*?</span>|<code.*?</code>", "", html, flags=re.DOTALL
    )
    html = re.sub(r"<th scope=.row. lang=.en.>.*?</th>", "", html)
    kept = ("walls work", "some move", "ends", "half of it", "change")  # of the test's own tables
    left = [
        text
        for text in re.findall(r">([^<]+)<", html)
        if ENGLISH.search(text) and not text.strip().startswith(kept)
    ]
    left = [text for text in left if not re.fullmatch(r"(fewer|more|changed) by .*", text)]
    assert not left, left
    assert not re.findall(r'aria-label="[^"]*\b(?:the|of|and)\b', html)
