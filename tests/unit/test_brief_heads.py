"""The heads of the chapters: every number is the record's, with its range or marked exact."""

from __future__ import annotations

import copy
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.texts import HOME

from vallum.brief.figures import Reading
from vallum.brief.heads import CHAPTERS, titles
from vallum.brief.language import speaking
from vallum.brief.record import as_json, record

if TYPE_CHECKING:
    from vallum.brief.head import Head

NAMES = [chapter.name for chapter in CHAPTERS]
_FIGURE = re.compile(
    r'<data class="figure"[^>]*>.*?</data>(?: <span class="ends">\([^)]*\)|<span class="exact")'
)
_TAG = re.compile(r"<[^>]+>")


@pytest.fixture(scope="module")
def content(coarse_plan) -> dict[str, Any]:
    return json.loads(as_json(record(coarse_plan)))


def _texts(head: Head) -> str:
    return "\n".join((head.claim, *head.found, *head.sure, *head.change))


def _made(name: str, content: dict[str, Any], noted: list[str] | None = None) -> Head:
    chapter = next(one for one in CHAPTERS if one.name == name)
    return chapter.head(Reading(content, None if noted is None else noted.append))


def _numbers(content: dict[str, Any], paths: list[str]) -> list[str]:
    """Give the paths that lead to a number."""
    out = []
    for path in dict.fromkeys(paths):
        found: Any = content
        for key in path.split("/"):
            found = found[int(key)] if isinstance(found, list) else (found or {}).get(key)
        if isinstance(found, int | float) and not isinstance(found, bool):
            out.append(path)
    return out


def _changed(content: dict[str, Any], path: str, times: float, plus: float) -> dict[str, Any]:
    new = copy.deepcopy(content)
    at: Any = new
    *keys, last = path.split("/")
    for key in keys:
        at = at[int(key)] if isinstance(at, list) else at[key]
    key = int(last) if isinstance(at, list) else last
    at[key] = at[key] * times + plus
    return new


@pytest.mark.parametrize("name", NAMES)
def test_a_changed_value_changes_the_sentence(name, content):
    noted: list[str] = []
    head = _made(name, content, noted)
    was = _texts(head)
    numbers = [path for path in _numbers(content, noted) if path not in head.unlike]
    assert numbers or name == "vital", f"{name}: no number is read of the record"
    still = [
        path
        for path in numbers
        if all(
            _texts(_made(name, _changed(content, path, times, plus))) == was
            for times, plus in ((1.37, 0.0), (0.4, 0.0), (1.0, 0.21), (1.0, 3.0))
        )
    ]
    assert not still, f"{name}: changed in plan.json, not in the sentence: {still}"


@pytest.mark.parametrize("code", ["en", "fr"])
@pytest.mark.parametrize("name", NAMES)
def test_every_figure_has_its_range_or_is_exact(name, code, content):
    with speaking(code):
        head = _made(name, content)
    for text in (*head.found, *head.sure, *head.change):
        rest = _TAG.sub("", _FIGURE.sub("", str(text)))
        loose = re.findall(r"(?<![\w–-])\d[\d\u202f.,]*", rest)
        assert not loose or all(one.strip(".,") in ALLOWED for one in loose), (name, loose, text)


ALLOWED = {"0", "1", "0.5", "0,5"}  # ends and middle of a scale that the sentence itself explains


@pytest.mark.parametrize("name", NAMES)
def test_a_head_says_all_four(name, content):
    head = _made(name, content)
    assert head.claim
    assert head.found
    assert head.sure
    assert head.change


@pytest.mark.parametrize("name", NAMES)
def test_a_stage_that_was_not_run_is_said_to_be_so(name, content):
    bare = {
        key: None if key in ("forces", "robust", "campaign", "dividend", "accord", "window") else v
        for key, v in content.items()
    }
    head = _made(name, bare)
    assert head.found[0]


def test_both_languages_show_the_same_figures(content):
    for name in NAMES:
        shown = []
        for code in ("en", "fr"):
            with speaking(code):
                shown.append(re.findall(r'value="([^"]+)"', _texts(_made(name, content))))
        assert shown[0] == shown[1], name


def test_texts_of_heads_have_no_figures_written_in():
    for path in sorted(HOME.glob("*_head.py")):
        for text in re.findall(r'"([^"\n]*)"', path.read_text("utf-8")):
            bare = re.sub(r"[a-z_{}]+(?:/[\w+{}-]+)+|\{[^}]*\}", "", text)
            found = [
                one for one in re.findall(r"\d[\d.,]*", bare) if one.strip(".,") not in ALLOWED
            ]
            assert not found, (path.name, text)


def test_a_title_for_every_chapter():
    assert list(titles()) == NAMES


def test_what_stands_in_most_draws_is_that_of_the_step_spoken_of(content):
    step = content["marks"]["half_people"]["step"]
    row = {"step": step, "core_km2": 120_000.0, "core_people": 3.21e6}
    other = {"step": step + 1, "core_km2": 555_000.0, "core_people": 9.87e6}
    robust = {"draws": 7, "share": 0.9, "steps": [row, other]}
    text = _texts(_made("line", content | {"robust": robust}))
    assert 'value="120000"' in text
    assert 'value="3.21e+06"' in text
    assert 'value="555000"' not in text
    # where that step was not asked about, nothing is said of it
    text = _texts(_made("line", content | {"robust": robust | {"steps": [other]}}))
    assert 'value="555000"' not in text


def test_a_place_beyond_a_list_is_no_value():
    reading = Reading({"rows": [1.0]})
    assert reading.at("rows/0") == 1.0
    assert reading.at("rows/1") is None
    assert reading.at("rows/x") is None
    with pytest.raises(KeyError):
        reading.number("rows/1")
