"""Where the proposal fails: what the record has, and nothing that was not played out."""

from __future__ import annotations

import copy
import dataclasses
import json
import re

import pytest

from vallum.brief.language import speaking
from vallum.brief.page_fails import fails
from vallum.brief.page_text import THIN, count, percent
from vallum.brief.record import as_json, record


@pytest.fixture(scope="module")
def content(coarse_plan):
    return json.loads(as_json(record(coarse_plan)))


def bare(answer):
    text = " ".join(str(part) for part in (answer.question, answer.short, *answer.more))
    return re.sub(r"<[^>]+>", "", text).replace(THIN, " ").replace("= (exact)", "")


def case(content, **parts):
    """Give the record with one land played, of which some parts are changed."""
    new = copy.deepcopy(content)
    (name,) = [n for n in ("half", "plan") if n in new["campaign"]["cases"]][:1]
    new["campaign"]["cases"] = {name: new["campaign"]["cases"][name] | parts}
    return new


def leak(kind, facing, through, sectors=""):
    return {
        "name": "", "sectors": sectors, "kind": kind, "facing": facing, "length_km": 80.0,
        "tried": 10.0, "through": through, "leakage": 0.4, "leakage_low": 0.2, "leakage_high": 0.6,
    }  # fmt: skip


def test_a_line_touches_only_what_comes_from_outside(coarse_plan, content):
    content = copy.deepcopy(content)
    content["threat"]["share_from_outside"] = {"low": 0.1, "mid": 0.3, "high": 0.5}
    content["works"]["effect"] = {"low": 0.4, "mid": 0.5, "high": 0.8}
    text = bare(fails(coarse_plan, content)[0])
    assert "70 % (50–90 %) of the losses on the land held are taken to start inside it" in text
    assert "stop 50 % (40–80 %)" in text
    assert "averts about 15 % (4.0–40 %)" in text  # 0.3 × 0.5, 0.1 × 0.4, 0.5 × 0.8


def test_people_outside_are_those_of_the_record(coarse_plan, content):
    text = bare(fails(coarse_plan, content)[2])
    assert count(content["people_left_outside"]).replace(THIN, " ") in text
    assert percent(1.0 - content["people_share"]).replace(THIN, " ") in text


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "too short"),
        ([leak("line", "MLI", 3.0, "4")], "leaves no long flank open"),
        ([leak("flank", "SEN", 5.0), leak("line", "DZA", 3.0, "4")], "more attackers go round it"),
        ([leak("flank", "SEN", 2.0), leak("line", "DZA", 3.0, "4")], "fewer attackers go round it"),
    ],
)
def test_whether_they_go_round_is_the_campaigns(coarse_plan, content, rows, words):
    text = bare(fails(coarse_plan, case(content, leaks=rows))[1])
    assert words in text
    assert ("faces Senegal" in text) == any(row["kind"] == "flank" for row in rows)
    assert ("sector 4" in text and "40 % (20–60 %)" in text) == bool(rows)


def test_members_ground_that_is_not_held_is_said_to_be_so(coarse_plan, content):
    rows = [leak("line", "MLI, sea", 3.0, "4–6")]
    text = bare(fails(coarse_plan, case(content, leaks=rows))[1])
    assert "sectors 4–6, which faces Mali, where it is not held and the sea" in text


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ((0.1, 0.2, 0.3), "spared, 20 % (10–30 %) strike elsewhere."),
        ((-0.3, -0.2, -0.1), "fall too, by 20 % (10–30 %) of those"),
        ((-0.1, 0.2, 0.3), "strike elsewhere can’t be told"),
        ((None, None, None), "spared too few attacks"),
    ],
)
def test_what_strikes_elsewhere_is_the_campaigns(coarse_plan, content, ends, words):
    share = dict(zip(("low", "mid", "high"), ends, strict=True))
    assert words in bare(fails(coarse_plan, case(content, displaced_share=share))[2])


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.1, 0.3, "Those outside pay"), (-0.1, 0.3, "may rise or fall: "), (-0.3, -0.1, "")],
)
def test_attacks_outside_are_told_with_their_doubt(coarse_plan, content, low, high, words):
    row = {"change": (low + high) / 2, "change_low": low, "change_high": high}
    text = bare(fails(coarse_plan, case(content, alternatives={"line": {"outside": row}}))[2])
    changed = "attacks on the members’ land outside it change by" in text
    assert changed == (low > 0 or high < 0)
    text = text.split("Whether the attacks")[0]  # of which another sentence says the same
    for one in ("Those outside pay", "may rise or fall: "):
        assert (one in text) == (one == words)


def test_what_was_not_played_out_is_said_to_be_so(coarse_plan, content):
    inside, around, outside = fails(coarse_plan, content | {"campaign": None, "dividend": None})
    assert "Played out" not in bare(inside)
    assert "was not played out" in bare(around)
    assert "was not played out" in bare(outside)
    assert "not modelled here" in bare(outside)


def test_no_neighbour_need_be_trusted(coarse_plan, content):
    line = coarse_plan.line
    stakes = dataclasses.replace(line.plans.stakes, flank=line.plans.stakes.flank * 0 + 1.0)
    plans = dataclasses.replace(line.plans, stakes=stakes)
    plan = dataclasses.replace(coarse_plan, line=dataclasses.replace(line, plans=plans))
    text = bare(fails(plan, content)[1])
    assert "no line faces them: the sea. " in text
    assert "priced in part: none. " in text


def test_both_languages_have_the_same_figures(coarse_plan, content):
    shown = []
    for code in ("en", "fr"):
        with speaking(code):
            texts = " ".join(
                str(a.short) + " ".join(map(str, a.more)) for a in fails(coarse_plan, content)
            )
        shown.append(re.findall(r'value="([^"]+)"', texts))
    assert shown[0] == shown[1]
    assert len(shown[0]) > 5
