"""Texts of stages with names in them: each form has its French, and none is left English."""

from __future__ import annotations

import re

import pytest

from vallum.brief.accord_words import RULES
from vallum.brief.dividend_words import KINDS
from vallum.brief.language import current, speaking
from vallum.brief.page_text import THIN
from vallum.brief.retold import FORMS, item_names, retold

NAMES = {"MLI": "Mali", "DZA": "Algeria"}


def test_every_form_and_name_has_its_french_with_the_same_values():
    with speaking("fr"):
        known = current().texts
        for text in (*FORMS, *KINDS.values(), *RULES.values()):
            assert text in known, text
            fields = [sorted(re.findall(r"\{\w+\}", one)) for one in (text, known[text])]
            assert fields[0] == fields[1], text


def test_parts_are_said_in_the_language():
    text = "the cheapest relaxation: 1 more company (USD 60,000,000 in all)"
    assert retold("12,345 of 20,000 people in DZA are left outside.", NAMES) == (
        f"12{THIN}300 of 20{THIN}000 people in Algeria are left outside."
    )
    with speaking("fr"):
        assert retold(text, {}).endswith(f"1 compagnie de plus (60{THIN}M USD en tout)")
        assert retold("Algeria absorbed by its own troubles", {}).startswith("Algérie")
        assert retold("a user's own words, of MLI", NAMES) == "a user's own words, of MLI"


def test_a_name_with_a_comma_stays_one():
    listed = "Ouadane, ancient ksar (World Heritage 750), Terjit oasis"
    with speaking("fr"):
        assert item_names(listed).endswith("(patrimoine mondial 750), Oasis de Terjit")
    assert item_names(listed) == listed


@pytest.mark.parametrize("code", ["fr"])
def test_no_text_of_the_stages_is_left_english(code, coarse_plan):
    texts = [text for case in coarse_plan.dividend.cases for _, text in case.said]
    texts += [str(text) for text in coarse_plan.window.scenarios["said"]]
    with speaking(code):
        left = [text for text in texts if retold(text, NAMES) == text]
    assert texts
    assert not left
