"""Who does what: the head follows the record, and what the stage says is said in both languages."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vallum.brief import forces_head, forces_page, forces_words
from vallum.brief.figures import Reading
from vallum.brief.forces_parts import of_parts
from vallum.brief.language import of_stage, speaking
from vallum.brief.page_bundle import assets
from vallum.brief.page_text import THIN
from vallum.brief.record import as_json
from vallum.brief.record_forces import record_forces
from vallum.brief.record_judged import judged
from vallum.forces.roles import NEEDS
from vallum.kernel.ledger import Assumption

NAMES = {"MLI": "Mali", "MRT": "Mauritania", "MAR": "Morocco"}
ENGLISH = re.compile(r"\b(the|of|and|with|which|is|are|from|by|a year|or|to)\b")


def content(**changed):
    """Give what the head reads of a record: each state can do it, and sharing saves nothing."""
    regime = {
        "cost_usd_yr": 2e7, "men": 1160.0, "status": "optimal", "relax_usd_yr": 0.0, "gap": 0.001,
        "partner_usd_yr": 0.0, "handovers": 0,
    }  # fmt: skip
    nothing = {"low": 0.0, "mid": 0.0, "high": 0.0}
    names = ("alone", "joint", "joint_with_partner")
    forces = {
        "forts": 4, "bases": 1, "men": 200.0, "men_on_duty": 150.0, "forts_gap": 0.02,
        "status": "ok", "regimes": dict.fromkeys(names, regime),
        "programme": {
            "first_covered": "2028-06-01", "all_covered": "2031-02-01", "gap": 0.05,
        },
        "saved_usd_yr": nothing, "helped_usd_yr": {"low": 0.0, "mid": 1e6, "high": 2e6},
        "raise_usd_yr": nothing,
        "men_tried": {"low": 0.7, "high": 1.3, "cases": 3, "short": dict.fromkeys(names, 0)},
        "men_by_state": {"MLI": 1160.0}, "shortages": {name: [] for name in names},
        "assumptions": {"all": 70, "judgement": 60}, "refused": [], "unknown": [],
    }  # fmt: skip
    return {
        "forces": forces | changed, "names": NAMES, "partners": ["MAR"], "line_km": 83.4,
        "illustration": False, "works": {"men_paid": {"low": 150.0, "mid": 180.0, "high": 250.0}},
        "ranges": {"cost_usd_yr": {"low": 6e6, "mid": 7e6, "high": 1e7}}, "members": ["MRT", "MLI"],
    }  # fmt: skip


def short(*needs):
    return [
        {"state": "MLI", "need": n, "short": 2.0, "usd_yr": 1e6 - k} for k, n in enumerate(needs)
    ]


def plain(texts):
    """Give texts without marks."""
    text = " ".join(re.sub(r'<span class="sr">[^<]*</span>|<[^>]+>', "", str(t)) for t in texts)
    return text.replace(THIN, " ")


def head(**changed):
    return forces_head.head(Reading(content(**changed)))


SAVED = {"low": 1e6, "mid": 3e6, "high": 4e6}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "Sharing the tasks gains nothing on this line"),
        ({"saved_usd_yr": SAVED}, "saves 3.0 million USD a year (1.0–4.0 million), though"),
        (
            {"shortages": {"alone": short("men", "trainers"), "joint": []}},
            "each alone can’t, and lacks: men and trainers.",
        ),
        (
            {"shortages": {"alone": short("men"), "joint": short("trainers")},
             "saved_usd_yr": SAVED},
            "come nearer to holding the line than each alone, and still lack what it takes: tra",
        ),
        (
            {"shortages": {"alone": short("men"), "joint": short("men")}},
            "Neither alone nor together do the states have what the line takes; they lack: men.",
        ),
        ({"regimes": {}, "forts": None, "refused": []}, "There is no line to man."),
        ({"regimes": {}, "refused": ["forts: too far; go nearer"]}, "can’t be manned"),
    ],
)  # fmt: skip
def test_the_answer_is_what_the_record_shows(changed, said):
    assert said in plain(head(**changed).found[:1])


def test_the_rest_of_the_head():
    found, sure = plain(head().found), plain(head().sure)
    assert "4= forts, 1= of them bases" in found
    assert "pay 1 160= men: Mali 1 160=." in found
    assert "Morocco) saves 1.0 million USD a year (0–2.0 million)" in found
    assert "from June 2028=, and all of it from February 2031=." in found
    assert "forts cost within 2.0 %= of the least, sharing costs within 0.10 %=" in sure
    assert "no forts cost less, sharing costs" in plain(head(forts_gap=0.0).sure)
    assert "Morocco) saves nothing (0–2.0 million USD a year)" in plain(
        head(helped_usd_yr={"low": 0.0, "mid": 0.0, "high": 2e6}).found
    )
    assert "alone falls short in none of them, together in none" in plain(head().change)
    assert "60= of them are judgements" in sure
    assert "check against the price holds" in sure
    assert "check against the price fails" in plain(head(men=251.0).sure)
    assert "costs 20 million USD a year=; 251= of the men are those of the forts" in plain(
        head(men=251.0).found
    )
    assert "own price" not in found
    assert "To raise what is short" not in plain(head().change)
    assert "would take 3.0 million" in plain(head(raise_usd_yr=SAVED).change)


def aim(*rows, saved=2.2e7):
    """Give what the head reads of the line aimed at, where a small one is shown."""
    coalitions = [{"coalition": who, "feasible": why == "", "why": why} for who, why in rows]
    costs = [
        {"what": "line_km", "saved": 60.2}, {"what": "cost_usd_yr", "saved": saved, "alone": 1.1e9},
    ]  # fmt: skip
    game = {"coalitions": coalitions, "saved": costs, "saved_share": 0.019}
    return content() | {
        "illustration": True, "accord": {"games": {"aim": game}},
        "settings": {"accord": {"forces": True}},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("mali", "both", "words"),
    [
        ("programme: companies: short", "", "Mali alone can’t, for want of engineers"),
        ("tasks: guard: short", "", "Mali alone can’t, for want of men or means"),
        ("tasks: x; programme: y", "", "for want of men, means or engineers"),
        ("", "", "Each state can hold its part"),
        ("", "tasks: guard", "Not even together"),
    ],
)
def test_an_illustration_is_answered_for_the_line_aimed_at(mali, both, words):
    told = aim(("MRT", ""), ("MLI", mali), ("MLI+MRT", both))
    found = forces_head.head(Reading(told)).found
    assert words in plain(found[:1])
    assert "saves 22 million USD a year=, 1.9 %= of what each" in plain(found[:1])
    assert "small line shown, an illustration of 83.4 km=" in plain(found[1:2])
    told = aim(("MRT", ""), ("MLI", mali), ("MLI+MRT", both), saved=-1.0)
    assert "costs them no less" in plain(forces_head.head(Reading(told)).found[:1])


def test_a_line_that_cannot_be_built_is_said_to_be_so():
    said = plain(head(programme=None, refused=["programme: too slow; give more years"]).found)
    assert "It can’t be built so: programme: too slow; give more years." in said
    assert "covered from" not in said


def test_the_record_goes_through_json_and_its_savings_are_ranges(manned_tasks):
    told = json.loads(as_json(record_forces(SimpleNamespace(forces=manned_tasks))))
    # alone 10 + 5 of relaxation, joint 12: 3; with fewer men 9, with more 1
    assert told["saved_usd_yr"] == {"low": 1.0, "mid": 3.0, "high": 9.0}
    # joint 12, helped 11; fewer men 13 and 12.5; more 9 and 9; help at its ends 11.5 and 8 of 12
    assert told["helped_usd_yr"] == {"low": 0.0, "mid": 1.0, "high": 4.0}
    assert told["raise_usd_yr"] == {"low": 0.0, "mid": 0.0, "high": 3.0}
    assert told["men_tried"]["short"] == {"alone": 2, "joint": 1, "joint_with_partner": 0}
    assert told["men_tried"]["cases"] == 3
    assert told["men_by_state"] == {"MLI": 90.0}
    assert told["assumptions"] == {"all": 2, "judgement": 1}


@pytest.fixture
def manned_tasks():
    """Give a stage's result with sensitivities that can be added up by hand."""
    names = ("alone", "joint", "joint_with_partner")
    rows = [
        (1.0, "mode", "alone", "short", 10.0, 5.0), (1.0, "mode", "joint", "optimal", 12.0, 0.0),
        (1.0, "mode", "joint_with_partner", "optimal", 11.0, 0.0),
        (0.7, "mode", "alone", "short", 10.0, 12.0), (0.7, "mode", "joint", "short", 10.0, 3.0),
        (0.7, "mode", "joint_with_partner", "optimal", 12.5, 0.0),
        (1.3, "mode", "alone", "optimal", 10.0, 0.0), (1.3, "mode", "joint", "optimal", 9.0, 0.0),
        (1.3, "mode", "joint_with_partner", "optimal", 9.0, 0.0),
        (1.0, "low", "joint_with_partner", "optimal", 11.5, 0.0),
        (1.0, "high", "joint_with_partner", "optimal", 8.0, 0.0),
    ]  # fmt: skip
    table = pd.DataFrame(
        rows, columns=["men_factor", "effects", "regime", "status", "cost_usd_yr", "relax_usd_yr"]
    )
    table = table.assign(gap=0.0, men=90.0, partner_usd_yr=0.0, handovers=0, short="", abroad=0)
    loads = pd.DataFrame(
        [("MLI", "men", 90.0), ("MRT", "men", 0.0), ("MLI", "trainers", 3.0)],
        columns=["state", "need", "used"],
    )
    posted = pd.DataFrame([("0", "guard", "MLI", 60.0)], columns=["sector", "role", "state", "men"])
    shortages = pd.DataFrame(short("men"), columns=["state", "need", "short", "usd_yr"])
    regimes = {
        name: SimpleNamespace(
            shortages=shortages, loads=loads, table=posted,
            relax_usd_yr=float(table["relax_usd_yr"].iloc[k]),
        )
        for k, name in enumerate(names)
    }  # fmt: skip
    tasks = SimpleNamespace(
        regimes=table.head(3), sensitivity=table, by_regime=regimes,
        unknown=("MLI: no figure for men, so it is not limited; give one in tasks.means",),
    )  # fmt: skip
    sectors = pd.DataFrame(
        {"sector": [0], "state": ["MLI"], "length_km": [60.0], "guard": ["MLI+MRT"],
         "built": ["2028-03-01"], "covered": ["2028-06-01"]}
    )  # fmt: skip
    ledger = (
        Assumption("a", 1.0, 0.5, 2.0, "", "judgement: so"),
        Assumption("b", 1.0, None, None, "", "https://example.org"),
    )
    return SimpleNamespace(
        forts=None, tasks=tasks, programme=None, sectors=sectors, builders="joint", ledger=ledger,
        refused=(("forts: supply: no settlement to supply from; give the theatre a settlement of a "
                 "member on ground that can be driven over"),),
    )  # fmt: skip


def html_of(found, code):
    """Render the chapter alone."""
    plan = SimpleNamespace(
        forces=found, theatre=SimpleNamespace(countries=pd.DataFrame({"name": NAMES}))
    )
    templates, _ = assets()
    with speaking(code):
        chapter = {"name": "forces", "title": "?", "number": 5, "head": head()}
        source = '{% from "forces.html.j2" import by_whom %}{{ by_whom(h, f, false) }}'
        return templates.from_string(source).render(h=chapter, f=forces_page.chapter(plan))


def test_no_english_is_left_in_french(manned_tasks):
    html = re.sub(r"<code.*?</code>", "", html_of(manned_tasks, "fr"))
    left = [text for text in re.findall(r">([^<]+)<", html) if ENGLISH.search(text)]
    assert not left, left
    assert "Mali et Mauritanie" in html
    assert "juin 2028" in html.replace(THIN, " ")
    assert "pas de chiffre pour les hommes" in html
    assert "aucune localité d’où ravitailler" in html


def test_men_by_role_add_up_to_all(manned_tasks):
    rows = forces_page.chapter(
        SimpleNamespace(
            forces=manned_tasks, theatre=SimpleNamespace(countries=pd.DataFrame({"name": NAMES}))
        )
    )["roles"]
    assert rows["states"] == ["Mali"]
    assert [(name, men) for name, men in rows["rows"]] == [
        ("Guard", ["60"]), ("Staffs and handovers", ["30"]),
    ]  # fmt: skip
    assert rows["sum"] == ["90"]


def test_every_need_and_role_has_a_name():
    with speaking("fr"):
        for need in (*NEEDS, "base"):
            assert forces_words.need_name(need) != need
        for role in forces_words.ROLES:
            assert forces_words.role_name(role)
    assert forces_words.need_name("camels") == "camels"  # what is not known stays as it is


@pytest.mark.parametrize(
    "text",
    [
        "MLI: no figure for engineer_companies, so it is not limited; give one in tasks.means",
        "offer: trainers without cost_usd_yr, men_each, so it is left out",
        (
            "programme: nothing says how many engineer companies MLI, MRT have; give "
            'forces.tasks.means, as {"MLI.engineer_companies" = 4}'
        ),
        (
            "forts: forts: no fort reaches in time: line 0 at km 12, line 1 at km 40 and 3 "
            "more; allow other forts in the works, or shorten forces.forts.piece_km"
        ),
        (
            "programme: sectors 1, 2 (MLI): 2,000 company-days to do and no company that may "
            "work there; short by one company: USD 2,000,000 a year is the cheapest relaxation"
        ),
        (
            "programme: sectors 1 (MRT): open in months [1, 2], and companies are there in [7, "
            "8]; short by 200 company-days of the dry season: keep one company in month 3, USD "
            "2,000,000 a year, is the cheapest relaxation"
        ),
        (
            "programme: purse all: USD 1 a year; its dearest package takes 500; short by USD "
            "499 a year: give 500, the cheapest relaxation"
        ),
        (
            "programme: horizon_years: not all is covered within 15 years, as far as the rules "
            "and the search can tell; the cheapest relaxation: 3 more companies (USD 90,000,000"
            " in all); or 2 more years (USD 99,000,000 in all)"
        ),
        (
            "programme: companies: needs 400 company-months, there is 100; short by 300 "
            "company-months"
        ),
        (
            "response and interruption did not agree in 5 rounds: they differ by up to 12 s; "
            "P_E falls short of what the works assumed by up to 0.031; no base could reach 7% "
            "of the line in time"
        ),
        "MRT: no home bases known, so distance costs it nothing",
    ],
)
def test_what_the_stage_refuses_is_said_in_french(text):
    with speaking("fr"):
        said = of_parts(text, NAMES)
    bare = re.sub(r"\{.*?\}|\w+\.\w+(?:\.\w+)*", "", said)
    assert not ENGLISH.search(bare), said
    assert of_parts(text, NAMES) == text  # and in English as the stage says it


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=60))
def test_a_text_that_nobody_knows_keeps_its_words(text):
    with speaking("fr"):
        assume(all(of_stage(part) == part for part in (text, *re.split(r"[;:,]\s*", text))))
        said = of_parts(text, {})
    if not re.search(r"\d", text) and said != text:
        assert re.sub(r"[\s\u202f]+", "", said) == re.sub(r"\s+", "", text)


def test_judgements_are_counted_in_whole_or_in_part():
    sources = ("judgement: a guess", "half read, half judgement: https://example.org", "https://x")
    ledger = [Assumption(str(n), 0.0, None, None, "", text) for n, text in enumerate(sources)]
    assert judged(ledger) == {"all": 3, "judgement": 2}
    assert judged(()) == {"all": 0, "judgement": 0}
    assert np.isfinite(judged(ledger)["all"])
