"""Does the bargain hold: every sentence, cell and mark is the result's number."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from vallum.accord.model import Accord, AccordGame
from vallum.accord.payments import Leaving
from vallum.accord.settle import settle
from vallum.brief import accord_page, accord_words
from vallum.brief.accord_chart import HEIGHT, WIDTH, core_picture
from vallum.brief.page_bundle import assets
from vallum.brief.page_text import THIN

A, B, P = frozenset({"A"}), frozenset({"B"}), frozenset({"P"})
NAMES = {"A": "Aland", "B": "Bland", "P": "Pland"}
# together the two save 8 million of 20; the partner's help costs 2 million more than it saves
VALUE = {A: -10e6, B: -10e6, A | B: -12e6, P: 0.0, A | P: -11e6, B | P: -11e6, A | B | P: -14e6}
OWN = {"A": -5e6, "B": -4e6, "P": -5e6}
COST = {"A": 8e6, "B": 7e6, "P": 6e6}


def coalitions(**changes):
    rows = {
        "coalition": ["A", "B", "A+B"],
        "how": ["its own best line"] * 3,
        "feasible": [False, True, True],
        "why": ["programme: companies: needs 1,568 company-months, there is 1,440", "", ""],
        "benefit_usd_yr": [5e6, 5e6, 10e6],
        "joint_usd_yr": [0.0, 0.0, 1e6],
        "cost_usd_yr": [15e6, 15e6, 23e6],
        "cost_low": [12e6, 12e6, 18e6],
        "cost_high": [22e6, 22e6, 34e6],
        "helped_usd_yr": [14e6, 14e6, 19e6],
        "partner_usd_yr": [2e6, 2e6, 6e6],
        "line_km": [110.0, 120.0, 199.0],
        "men": [1100.0, 1200.0, 1900.0],
        "held_km2": [500.0, 500.0, 1000.0],
        "people": [7e6, 8e6, 15e6],
    }
    return pd.DataFrame(rows | changes)


def shifted(value, by):
    return {one: None if amount is None else amount + by for one, amount in value.items()}


def made(value=None, name="aim", **changes):
    value = VALUE if value is None else value
    among = {one: amount for one, amount in value.items() if "P" not in one}
    near = {"own": OWN, "gains": {k: OWN[k] + COST[k] for k in OWN}, "owed": COST}
    given = near if value is VALUE else {}
    saved = pd.DataFrame(
        [("line_km", "km", 230.0, 199.0, 31.0), ("men", "men", 2300.0, 1900.0, 400.0),
         ("cost_usd_yr", "USD/yr", 30e6, 23e6, 7e6)],
        columns=["what", "unit", "alone", "joint", "saved"],
    )  # fmt: skip
    gains = pd.DataFrame(
        [("trade", -1e3, 2e5, 3e5, "the dividend: trade"), ("security", 4e5, 5e5, 6e5, "losses"),
         ("influence", 0.0, 0.0, 0.0, "judgement: not priced"), ("cost", 5e6, 6e6, 9e6, "tasks")],
        columns=["part", "low", "mid", "high", "source"],
    )  # fmt: skip
    found = AccordGame(
        name=name, title="A title of the game", joint_held=np.ones((1, 1), bool),
        coalitions=coalitions(), value=value, value_low=shifted(value, -5e6),
        value_high=shifted(value, 3e6), settlement=settle(value, **given),
        settlement_low=settle(value, **given), settlement_high=settle(value, **given), own=OWN,
        cost=COST, gains=gains, saved=saved, needed_usd_yr=5.3e6, needed_paid_usd_yr=1.3e6,
        members=settle(among),
    )  # fmt: skip
    return replace(found, **changes)


def plan(*, told="aim", best=None, annex=None, leaving=(), **changes):
    nothing = dict.fromkeys(VALUE, 0.0)
    games = (made(best or nothing, "best"), made(**changes))
    found = Accord(games=games, told=told, joint=None, rule="shapley", leaving=leaving, annex=annex,
                   said=(), seed=0, ledger=(), fingerprint="")  # fmt: skip
    countries = pd.DataFrame(
        {"name": NAMES, "role": {"A": "member", "B": "member", "P": "partner"}}
    )
    return SimpleNamespace(accord=found, theatre=SimpleNamespace(countries=countries))


def page(shown):
    """Render the chapter as the page does, as text without thin spaces."""
    env, _ = assets()
    text = '{% from "accord.html.j2" import who_should_pay %}{{ who_should_pay(found, true) }}'
    return env.from_string(text).render(found=shown).replace(THIN, " ")


def said(plan_):
    return page(accord_page.chapter(plan_))


# --- sentences follow the numbers -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "before", "after"),
    [
        ({"needed_usd_yr": 7.7e6}, "have to be worth 5.3 million", "have to be worth 7.7 million"),
        ({"needed_paid_usd_yr": 2.9e6}, "; 1.3 million if the members", "; 2.9 million if the"),
        ({"own": OWN | {"A": -4.44e6}}, "−5.00", "−4.44"),
        ({"coalitions": coalitions(line_km=[111.1, 2.0, 3.0])}, ">110.0<", ">111.1<"),
        ({"coalitions": coalitions(cost_usd_yr=[17e6, 2.0, 3.0])}, ">15.00<", ">17.00<"),
        ({"coalitions": coalitions(men=[1234.0, 2.0, 3.0])}, ">1 100<", ">1 234<"),
        ({"value_low": dict.fromkeys(VALUE, -77e6)}, "−15.0 to −7.00", "−77.0 to −7.00"),
    ],
)  # fmt: skip
def test_a_changed_value_changes_what_is_said(changes, before, after):
    old, new = said(plan()), said(plan(**changes))
    assert before in old
    assert after not in old
    assert after in new


def test_what_joint_drawing_saves_is_told_with_its_sign():
    found = plan()
    text = accord_words.findings(found.accord, NAMES)[1].replace(THIN, " ")
    assert "199 km long and takes 1 900 men" in text
    assert "230 km and 2 300 men" in text
    assert "spares 31.0 km, 400 men and 7.0 million USD a year (23 % of the cost)" in text
    saved = made().saved.assign(saved=[-31.0, 400.0, -7e6])
    text = accord_words.findings(plan(saved=saved).accord, NAMES)[1].replace(THIN, " ")
    assert (
        "spares 400 men, and takes 31.0 km and 7.0 million USD a year (23 % of the cost) more"
        in text
    )


def test_who_can_not_do_it_is_told_with_what_is_short():
    text = said(plan())
    assert (
        "Aland by itself can’t do it with the means there are: needs 1 568 company-months" in text
    )
    assert text.count("not feasible with its means") == 1


def test_that_nobody_gains_is_said_first_and_who_gains_by_name():
    assert (
        "no coalition gains by holding anything" in accord_words.findings(plan().accord, NAMES)[0]
    )
    best = dict.fromkeys(VALUE, 0.0) | {A | B: 3e6, A | B | P: 3e6}
    text = accord_words.findings(plan(best=best, told="best").accord, NAMES)[0].replace(THIN, " ")
    assert text == "The most is to be had by Aland and Bland: 3.00 million USD a year."


# --- does it hold ---------------------------------------------------------------------------------


def test_the_members_hold_together_where_the_partner_breaks_it():
    found = made()
    text = accord_words.of_members(found, NAMES).replace(THIN, " ")
    assert "Aland and Bland, bound to that aim, hold together: they have 8.0 million" in text
    text = accord_words.of_core(found, NAMES).replace(THIN, " ")
    assert text.startswith(
        "No shares keep everybody in. That is so at both ends of the ranges too."
    )
    assert "Pland by itself; Aland and Bland by themselves" in text
    assert "add 2.0 million USD a year" in text
    assert "forgo 1.0 million USD" in text


def test_a_core_that_is_empty_at_one_end_only_is_said():
    glad = {k: v + (4e6 if k == A | B | P else 0.0) for k, v in VALUE.items()}
    found = made(settlement_high=settle(glad))
    assert "That is not so at the high end of the ranges." in accord_words.of_core(found, NAMES)
    full = made(settlement=settle(glad))
    text = accord_words.of_core(full, NAMES)
    assert text.startswith("Some shares keep everybody in")
    assert "That is not so at the ends of the ranges." in text


def test_members_who_have_less_together_do_not_hold_either():
    worse = VALUE | {A | B: -25e6}
    text = accord_words.of_members(made(worse), NAMES).replace(THIN, " ")
    assert "do not hold together either: they would need 5.0 million USD" in text
    even = VALUE | {A | B: -20e6}
    assert "nothing binds them" in accord_words.of_members(made(even), NAMES)


def test_all_together_without_a_plan_share_nothing():
    found = made(VALUE | {A | B | P: None})
    assert "nothing to share" in accord_words.of_core(found, NAMES)
    assert core_picture(found.settlement, NAMES) is None
    shown = accord_page.chapter(plan(value=VALUE | {A | B | P: None}))
    assert shown["values"][-1]["value"] == "no plan"
    assert shown["values"][-1]["range"] == "–"
    assert not shown["rules"]


def test_weights_are_told_where_the_proof_has_some():
    three = {frozenset(k): 0.0 for k in "ABC"} | {
        frozenset(k): 8.0 for k in ("AB", "AC", "BC")
    } | {frozenset("ABC"): 9.0}  # fmt: skip
    text = accord_words.of_core(made(three), NAMES)
    assert "Aland and Bland (0.50)" in text


def test_the_partner_that_gains_anyway_and_one_that_the_members_can_pay():
    text = " ".join(accord_words.of_partner(made(needed_usd_yr=0.0, needed_paid_usd_yr=0.0), NAMES))
    assert text.endswith("It gains by helping whatever its standing is worth.")
    text = " ".join(accord_words.of_partner(made(needed_paid_usd_yr=0.0), NAMES))
    assert "would be enough to pay it" in text
    assert not accord_words.of_partner(made(needed_usd_yr=None), NAMES)
    priced = made().gains.assign(mid=[2e5, 5e5, 9e5, 6e6])
    text = " ".join(accord_words.of_partner(made(gains=priced), NAMES)).replace(THIN, " ")
    assert "standing is put at 900 000" in text


def test_who_leaves_is_told_with_what_they_gain_and_how_many_more():
    rule = made().settlement.rule("use")
    told = accord_words.leaves(rule, NAMES)
    first = rule.leave[0]
    assert accord_words.millions(first.gain) in told
    assert NAMES[min(first.coalition)] in told
    assert accord_words.leaves(replace(rule, leave=()), NAMES) == "nobody"
    many = replace(rule, leave=(first,) * 5)
    assert accord_words.leaves(many, NAMES).endswith("; and 2 more")


# --- the tables and the pictures ------------------------------------------------------------------


def test_every_rule_shows_every_players_share_with_its_range():
    shown = accord_page.chapter(plan())
    assert [row["name"][:3] for row in shown["rules"]] == ["Sha", "Nuc", "Bar", "By "][
        : len(shown["rules"])
    ]
    for row, rule in zip(shown["rules"], made().settlement.rules, strict=True):
        assert [share for share, _ in row["shares"]] == [
            accord_words.millions(rule.shares[player]) for player in ("A", "B", "P")
        ]
        assert row["holds"] == rule.in_core
    bare = accord_page.chapter(plan(settlement_low=settle(VALUE | {A | B | P: None})))
    assert {ends for row in bare["rules"] for _, ends in row["shares"]} == {"no range"}


def test_the_partners_gain_is_split_with_ranges_and_sources():
    rows = {row["name"]: row for row in accord_page.chapter(plan())["parts"]}
    assert len(rows) == 4
    assert rows["Trade"]["mid"] == "0.200"
    assert rows["Trade"]["range"] == "−0.00100 to 0.300"
    assert rows["Influence: its standing"]["range"] == "none"
    assert all(row["source"] for row in rows.values())


def test_the_members_are_a_segment_and_all_three_a_triangle():
    pictures = [str(picture) for _, picture in accord_page.chapter(plan())["pictures"]]
    assert ["core-2" in pictures[0], "core-3" in pictures[1]] == [True, True]
    for picture in pictures:
        assert 'role="img"' in picture
        assert "NaN" not in picture
        assert "nan" not in picture
    assert "Aland −6.00 million" in pictures[0].replace(THIN, " ")
    assert "The core is not empty" in pictures[0]
    assert "The core is empty" in pictures[1]


def test_more_to_the_first_player_is_further_left():
    def at(value):
        picture = str(core_picture(settle(value), NAMES))
        mark = re.search(r'translate\(([\d.]+) [\d.]+\)" fill="#0072b2"', picture)
        return float(mark.group(1))

    even = {A: 0.0, B: 0.0, A | B: 10.0}
    assert at(even) == WIDTH / 2
    # what is seen is fitted to the frame; so a share is compared with the frame's ends
    frame = re.search(
        r'class="frame" d="M([\d.]+) [\d.]+L([\d.]+)', str(core_picture(settle(even), NAMES))
    )
    assert float(frame.group(1)) < at(even) < float(frame.group(2))
    far = settle(even, own={"A": 30.0, "B": -20.0}, gains={"A": 30.0, "B": -20.0},
                 owed={"A": 0.0, "B": 0.0})  # fmt: skip
    use = re.search(r'translate\(([\d.]+) [\d.]+\)" fill="#cc79a7"', str(core_picture(far, NAMES)))
    assert float(use.group(1)) == 16.0  # to A, beyond the left edge
    assert "beyond the edge" in str(core_picture(far, NAMES))


def test_marks_and_names_stay_within_the_picture():
    for made_ in (made().settlement, made().members):
        picture = str(core_picture(made_, NAMES))
        spots = re.findall(
            r'translate\((-?[\d.]+) (-?[\d.]+)\)|x="(-?[\d.]+)" y="(-?[\d.]+)"', picture
        )
        high = HEIGHT[len(made_.players)]
        for x, y in ((float(a or c), float(b or d)) for a, b, c, d in spots if (a or c) != "-5"):
            assert 0 <= x <= WIDTH
            assert 0 <= y <= high


def test_the_annex_is_linked_or_its_lack_is_said():
    assert "No task annex could be drafted" in said(plan())
    linked = said(plan(annex=object()))
    assert 'href="annex.md"' in linked
    assert 'href="annex.docx"' in linked


def test_without_a_stage_that_is_said():
    bare = SimpleNamespace(accord=None)
    assert page(accord_page.chapter(bare)).count("The accord was not reckoned.") == 1


def test_who_leaves_in_which_year_is_told_with_its_worth():
    assert "no member would leave" in said(plan())
    assert "may do nothing instead" not in said(plan())
    text = said(plan(leaving=(Leaving(A, 0, 3.3e6), Leaving(B, 4, 1.1e6))))
    assert "Aland at once (worth 3.3 million USD to it then)" in text
    assert "Bland in year 4 (worth 1.1 million USD to it then)" in text
