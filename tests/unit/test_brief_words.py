"""Words and numbers: few digits, true ranges, and no sentence that claims more than the plan."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import vallum
from vallum.brief import first, page
from vallum.brief.figures import Reading
from vallum.brief.page_text import THIN, amount, between, count, linked, listed, percent, plain
from vallum.brief.record import record


@pytest.fixture(scope="module")
def make(shelf):
    """Give a coarse plan with settings of one's own."""

    def made(*assignments):
        coarse = [
            "theatre.cell_km=40", "robust.draws=0", "campaign.draws=10", "line.refine=0",
            "accord.forces=false", "dividend.draws=400", "dividend.sobol=32",
        ]  # fmt: skip
        return shelf.plan(vallum.load_settings(assignments=[*coarse, *assignments]))

    return made


@pytest.fixture(scope="module")
def idle(make):
    return make()


@pytest.fixture(scope="module")
def people(make):
    return make("line.objective=people", "line.mu=100")


def said(plan):
    reading = Reading(record(plan))
    text = " ".join((first.question(reading), *first.answer(reading)))
    return _TAG.sub("", text).replace(THIN, " ").replace("= (exact)", "")


_TAG = re.compile(r"<[^>]+>")


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.0, 2, "0"),
        (9.96, 2, "10"),
        (999_999.0, 3, "1 000 000"),
        (-12.3, 2, "−12"),
        (float("inf"), 2, "∞"),
        (float("nan"), 2, "–"),
        (0.00123, 2, "0.0012"),
    ],
)
def test_plain_by_hand(value, digits, text):
    assert plain(value, digits).replace(THIN, " ") == text


@given(st.floats(1e-3, 1e12))
def test_an_amount_is_within_its_rounding(value):
    text = amount(value).replace(THIN, " ")
    scale = {"million": 1e6, "billion": 1e9}
    number, _, word = (
        text.replace(" million", "|million").replace(" billion", "|billion").partition("|")
    )
    read = float(number.replace(" ", "")) * scale.get(word, 1.0)
    assert read == pytest.approx(value, rel=0.051)


def test_ranges_and_shares_by_hand():
    assert between(0.6e9, 1.2e9).replace(THIN, " ") == "0.60–1.2 billion"
    assert between(1e-22, 2.1) == "0–2.1"
    assert percent(0.9996).replace(THIN, " ") == "99.9 %"
    assert percent(0.0004).replace(THIN, " ") == "under 0.1 %"
    assert percent(3.7e-12) == f"0{THIN}%"
    assert percent(1.0 - 3.7e-12) == f"100{THIN}%"
    assert percent(0.0) == f"0{THIN}%"
    assert count(17_684_100).replace(THIN, " ") == "17.7 million"
    assert listed(list("abcdefgh"), most=3) == "a, b and c"


def test_only_web_addresses_become_links():
    pieces = linked("low: https://a.org/b_(c), javascript:alert(1) ; http://d.org.")
    assert [p.address for p in pieces if p.address] == ["https://a.org/b_(c)", "http://d.org"]
    assert "".join(p.address or p.text for p in pieces) == (
        "low: https://a.org/b_(c), javascript:alert(1) ; http://d.org."
    )


def test_the_first_sentence_says_that_nothing_is_worth_holding(idle):
    text = said(idle)
    assert idle.line.status == "nothing worth holding"
    assert text.startswith("Should Mauritania and Mali protect their vital land with a joint")
    assert "Not for the losses averted alone: on these assumptions no territory" in text
    assert "yes:" not in text


def test_the_answer_is_three_sentences(idle):
    answer = first.answer(Reading(record(idle)))
    assert len(answer) == 3
    assert [str(text).count(". ") for text in answer] == [0, 0, 0]
    assert "over 30 years" in said(idle)
    assert "between 0, closed, and 1, open" in said(idle)


def test_people_are_never_dollars(people):
    text = said(people)
    assert "losses" not in text
    assert "Not answered in dollars" in text
    html = page.render(people)
    assert "no benefit in dollars is given" in html
    assert 'data-field="averted"' not in html
    assert 'data-field="stated"' not in html


def test_a_stated_rate_is_said_to_be_the_readers_own(make):
    html = page.render(make("line.objective=people", "line.mu=100", "line.usd_per_person_yr=30"))
    assert 'data-field="stated"' in html
    assert "Benefit at the rate you state" in html


def test_a_plan_that_was_asked_for_and_does_not_pay_says_so(make):
    plan = make("line.mu=30")
    assert plan.line.status == "ok"
    assert "does not pay for itself" in said(plan)


def test_a_plan_that_pays_says_what_it_averts(make):
    plan = make("threat.uniform_loss_rate=0.6")
    assert plan.line.status == "ok"
    assert "On these assumptions, yes: " in said(plan)
