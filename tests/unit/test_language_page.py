"""The explorer's and the guard's two languages: every text of code and scripts has its French."""

from __future__ import annotations

import importlib
import re
import string
from pathlib import Path

import pandas as pd
import pytest
from babel.messages.pofile import read_po
from tests.texts import CONTEXT, gathered

from vallum.app.guard import __file__ as guard_file
from vallum.app.page import __file__ as page_file
from vallum.app.page.fields import fields
from vallum.app.page.stage_words import spoken
from vallum.app.page.texts import of_scripts
from vallum.app.page.when import told
from vallum.brief import __file__ as brief_file
from vallum.brief.language import mask, speaking
from vallum.brief.page_text import THIN
from vallum.theatre import load
from vallum.works import WorksSettings
from vallum.works.table import status

HOME, GUARD = Path(page_file).parent, Path(guard_file).parent
FOLDER = Path(brief_file).parent / "locale" / "fr"
NAMES = {"MLI": "Mali", "MRT": "Mauritania"}
_LEFT = re.compile(r"\b(the|of|and|with|which|is|are|was|from|for|than|not|what|be)\b")


@pytest.fixture(scope="module")
def texts():
    return gathered(HOME)


@pytest.fixture(scope="module")
def own():
    return _own("explorer.po")


@pytest.fixture(scope="module")
def asked():
    theatre = load("sahel", cell_km=50.0)
    with speaking("fr"):
        french = fields(theatre)
    return fields(theatre), french


def _own(name):
    with (FOLDER / name).open("rb") as file:
        return {
            (f"{one.context}{CONTEXT}" if one.context else "")
            + (one.id if isinstance(one.id, str) else one.id[0]): one.string
            for one in read_po(file, locale="fr")
            if one.id
        }


def _stages():
    """Give what the live stages say in English, as it is looked up."""
    view, look = (importlib.import_module(f"vallum.app.live.{name}") for name in ("view", "look"))
    return [mask(one) for one in (*view.SAID, *look.LEFT_OUT)]


@pytest.mark.parametrize(("home", "least"), [(HOME, 200), (GUARD, 40)])
def test_every_text_that_people_see_has_its_french_with_the_same_values(home, least):
    texts = gathered(home)
    assert len(texts) > least
    with speaking("fr") as french:
        for text in texts:
            known = french.plurals if text.many else french.texts
            assert text.key in known, f"{text.place}: {text.key!r}"
            both = known[text.key] if text.many else (known[text.key],)
            for one in both:
                assert _values(text.key.split(CONTEXT)[-1]) == _values(one), text.place


def _values(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_no_french_text_of_the_page_is_dead(texts, own, asked):
    english, _ = asked
    helps = {re.sub(r" Its range in a plan: .*", "", one.help) for one in english}
    source = "".join(
        Path(importlib.import_module(f"vallum.{name}").__file__).read_text("utf-8")
        for name in ("app.live.view", "works.table", "accord.assess")
    )
    source = re.sub(r'"\n\s*f?"', "", source)  # texts over several lines
    said = {text.key for text in texts} | helps | set(_stages())
    dead = [key for key in own if key not in said and key not in source]
    assert dead == []


def test_no_french_text_of_the_guard_is_dead():
    assert set(_own("guard.po")) == {text.key for text in gathered(GUARD)}


def test_scripts_ask_for_texts_that_are_there_and_for_all_of_them():
    english = of_scripts()
    with speaking("fr"):
        french = of_scripts()
    script = "".join(one.read_text("utf-8") for one in (HOME / "assets").glob("*.js"))
    whole = re.findall(r'V\.say(?:Nodes)?\("([\w.]+)"', script)
    many = re.findall(r'V\.sayMany\("([\w.]+)"', script)
    stems = tuple(re.findall(r"`([a-z]\w*\.(?:\w+\.)*)\$\{", script))
    asked = {*whole, *(f"{key}.{end}" for key in many for end in ("one", "many"))}
    assert asked - set(english) == set()
    for stem in stems:
        assert any(key.startswith(stem) for key in english), stem
    dead = [
        key
        for key in english
        if key not in asked and f'"{key}"' not in script and not key.startswith(stems)
    ]
    assert dead == []
    assert set(french) == set(english)
    assert (english["decimal"], french["decimal"]) == (".", ",")
    for key, text in french.items():
        assert _values(text) == _values(english[key]), key
        assert text == english[key] or not _LEFT.search(text), text


def test_no_script_and_no_template_has_words_of_its_own():
    template = (HOME / "assets" / "page.html.j2").read_text("utf-8")
    body = re.sub(r"<style>.*?</style>|<script.*?</script>", "", template, flags=re.DOTALL)
    bare = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", body)
    assert re.findall(r">[^<]*[A-Za-z]{2}[^<]*<", bare) == []
    assert re.findall(r'(?:aria-label|title|alt)="[^"]*[A-Za-z]{2}', bare) == []
    for path in (HOME / "assets").glob("*.js"):
        script = re.sub(r"//.*", "", path.read_text("utf-8"))
        script = script.replace('"use strict"', "")
        words = re.findall(r'"([A-Z][a-z]+(?: [a-z]+)+[^"]*|[a-z]+(?: [a-z]+){2,})"', script)
        assert words == [], path.name


def test_assumptions_are_asked_in_french_with_the_same_keys_and_bounds(asked):
    english, french = asked
    for one, other in zip(english, french, strict=True):
        same = ("key", "kind", "default", "least", "most", "step")
        assert [getattr(one, name) for name in same] == [getattr(other, name) for name in same]
        assert [value for value, _ in one.choices] == [value for value, _ in other.choices]
        assert (one.lang, other.lang) == ("", "")
        assert other.group != one.group
        assert other.help != one.help
    names = {one.key: one.label for one in french}
    assert names["line.flank.DZA"] == "Algérie"
    assert "0,5 à 0,8" in next(one.help for one in french if one.key == "works.standard")


def test_what_stages_say_is_french_or_marked_as_english():
    short = (
        "no lawful composition stops 0.67 of crossings on 0.18 % of the land, on parts of: "
        "wetland (stops 0.54), sand (stops 0.6); no line stands there; "
        "on under 0.1 % of the land no post can stand, and no line"
    )
    assert spoken(short, NAMES)[0].startswith("No lawful composition stops 0.67 of crossings on")
    with speaking("fr"):
        said, lang = spoken(short, NAMES)
        assert lang is None
        assert "0,67 des passages" in said
        assert f"moins de 0,1{THIN}%" in said
        assert f"zone humide (arrête 0,54) et sable (arrête 0,6){THIN};" in said
        assert not _LEFT.search(said)
        why = "MLI: programme: companies: needs 1,488 company-months, there is 1,440"
        told_so, lang = spoken(why, NAMES)
        assert (told_so[:6], lang) == (f"Mali{THIN}:", None)
        assert spoken("a user’s own words", NAMES) == ("A user’s own words.", "en")
    assert spoken("a user’s own words", NAMES)[1] is None


def test_works_that_fall_short_are_said_as_the_stage_writes_them():
    made = pd.DataFrame(
        {"standard_met": [False, True], "cells": [1, 9000], "p_e": [0.54, 0.7],
         "surface": ["wetland", "sand"]}
    )  # fmt: skip
    with speaking("fr"):
        for barren in (0, 7000):
            said, lang = spoken(status(made, WorksSettings(), barren), NAMES)
            assert lang is None, said
            assert not _LEFT.search(said), said


def test_times_are_told_in_the_language():
    assert told("2027-03-04T05:06:07Z") == "4 Mar 2027, 05:06 UTC"
    with speaking("fr"):
        assert told("2027-03-04T05:06:07+00:00") == "4 mars 2027, 05:06 UTC"
    assert told("once") == "once"
