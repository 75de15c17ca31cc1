"""The ledger of assumptions and the table of sources speak French."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import vallum.brief
from vallum.brief.language import mask, of_stage, speaking
from vallum.brief.record import assumptions

HOME = Path(str(vallum.brief.__file__)).parent / "locale" / "fr"
_ADDRESS = re.compile(r"https?://[^\s;,)]+")
_ENGLISH = re.compile(
    r"\b(the|of|and|with|which|is|are|was|were|from|by|to|on|in|for|at|not|no|as|a|an|than|"
    r"judgement|between|low|high|ends)\b"
)
# A row of the default grain; the coarse plan of the tests has no such cell.
_FINER = "judgement: the site lies on the border of Senegal and Mali, "
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def _theirs(plan):
    """Give the units, the treatments and the sources that the appendix shows."""
    rows = assumptions(plan)
    layers = plan.theatre.sources
    done = {text for one in layers for text in (one.treatment, one.resampling, one.lost) if text}
    return {row.unit for row in rows}, done, {row.source for row in rows}


def _prose(text):
    return bool(_ENGLISH.search(_ADDRESS.sub("", text)))


@pytest.fixture(scope="module")
def own():
    with (HOME / "ledger.po").open("rb") as file:
        return {m.id: m.string for m in read_po(file, locale="fr") if m.id}


def test_what_was_done_to_every_layer_has_its_french(coarse_plan):
    _, done, _ = _theirs(coarse_plan)
    with speaking("fr"):
        assert not sorted(text for text in done if _prose(text) and of_stage(text) == text)


def test_every_unit_has_its_french(coarse_plan):
    units, _, _ = _theirs(coarse_plan)
    with speaking("fr") as french:
        known = {unit for unit in units if unit in french.texts or mask(unit) in french.texts}
    assert not sorted(units - known)


def test_every_source_that_is_prose_has_its_french(coarse_plan):
    sources = {r.source for r in assumptions(coarse_plan)}
    with speaking("fr"):
        lacking = sorted(text for text in sources if _prose(text) and of_stage(text) == text)
    assert not lacking, f"{len(lacking)} sources without French:\n" + "\n".join(lacking)


def test_addresses_marks_and_numbers_stay(own):
    wrong = []
    for english, french in own.items():
        if _ADDRESS.findall(english) != _ADDRESS.findall(french):
            wrong.append(f"addresses: {english}")
        if any(english.count(mark) != french.count(mark) for mark in ("[R]", "[D]")):
            wrong.append(f"marks: {english}")
        plain = re.sub(r"(?<=\d),(?=\d{3}\b)", "", _ADDRESS.sub("", english))
        said = re.sub(r"(?<=\d)\u202f(?=\d{3}\b)", "", _ADDRESS.sub("", french))
        said = re.sub(r"(?<=\d),(?=\d)", ".", said)
        if sorted(_NUMBER.findall(plain)) != sorted(_NUMBER.findall(said)):
            wrong.append(f"numbers: {english} / {french}")
    assert not wrong, "\n".join(wrong)


def test_a_judgement_stays_one(own):
    wrong = [
        english
        for english, french in own.items()
        if english.lower().count("judgement")
        != len(re.findall(r"jugements? d’expert", french.lower()))
    ]
    assert not wrong, "\n".join(wrong)


def test_no_text_is_of_no_plan(coarse_plan, own):
    units, done, sources = _theirs(coarse_plan)
    unknown = set(own) - units - done - sources
    assert not sorted(text for text in unknown if not text.startswith(_FINER))
