"""Every number in the prose of the chapters is in the record, to the digits that are printed.

The heads, the first screen and "Where the proposal fails" are made from the record alone (other
tests hold that). The bodies of the chapters are made from the plan's own objects: here the page is
read as a reader gets it, and each number looked for in the chapter's part of `plan.json`.

A number alone may be there by chance, since the record holds many. A figure with its range may not:
its three numbers have to stand together, in one part of the record.
"""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from dataclasses import dataclass, field
from html.parser import HTMLParser
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from vallum.brief import as_json, record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# The chapters whose bodies are read, and the keys of the record that each may take its figures from
OF: Mapping[str, tuple[str, ...]] = {
    "explore": ("frontier", "dividend", "window", "threat", "at_equal_cost"),
    "fails": ("threat", "campaign", "works", "marks"),
    "threat": ("threat",),
    "others": ("threat",),
    "line": ("frontier", "robust", "works"),
    "works": ("works",),
    "forces": ("forces",),
    "campaign": ("campaign",),
    "dividend": ("dividend",),
    "accord": ("accord",),
    "window": ("window",),
}
ALWAYS = (
    "ranges", "step", "held_km2", "held_share", "people_held", "people_share", "output_share",
    "line_km", "cost_usd_yr", "averted_usd_yr", "benefit_usd_yr", "mu", "people_left_outside",
    "people_left_outside_share",
)  # fmt: skip
# Numbers that no plan changes: they say how something is told, and are no findings
SAID: Mapping[str, Mapping[str, str]] = {
    "explore": {
        "150": "towns that the map may name: the largest of the members'",
        "4.1": "the version of a source that is named",
    },
    "threat": {
        "50": "km: the shortest part of a line that is told of (docs/method/line.md)",
    },
    "line": {"150": "towns that are looked for: the largest of the members'"},
    "campaign": {
        "50": "km: the shortest part of a line that is told of (docs/method/line.md)",
        "95": "per cent: of what drawing leaves of a mean",
    },
    "window": {"90": "per cent: the ranges of the page"},
    "works": {"50": "km: the shortest part of a line that is told of (docs/method/line.md)"},
}
# Texts that are quoted: of real lines and of the law, from the package's own tables, which name
# their sources; the numbers in them are looked for in these tables, and not in the plan
QUOTED = {"works": ("real_lines.toml", "law.toml", "catalogue.toml")}

_PROSE = frozenset({"p", "li"})
_OTHER = frozenset({"table", "svg", "script", "style", "nav", "code", "pre", "select", "form",
                    "fieldset", "figure"})  # fmt: skip
_VOID = frozenset({"br", "img", "meta", "link", "input", "hr", "wbr", "col"})
_ONE = r"\d+(?:[\u202f,]\d{3})*(?:\.\d+)?"
_SCALE = r"(?:[\s\u202f]?(%|million|billion|thousand))?"
_NUMBER = re.compile(rf"(?<![\w.])({_ONE})(?=(?:(?:–|\sto\s[+−]?){_ONE})?{_SCALE})(?!\d)")
_FIGURE = re.compile(
    rf"(?<![\w.])({_ONE}){_SCALE}[^\d().;:]{{0,24}}\([+−]?({_ONE})(?:–|\sto\s[+−]?)({_ONE}){_SCALE}\)"
)
_TIMES = {"%": (0.01, 1.0), "million": (1e6, 1.0), "billion": (1e9, 1.0), "thousand": (1e3, 1.0)}


class _Reader(HTMLParser):
    """Gathers paragraphs and items of lists by section: no head, table, drawing or citation."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[list[str]] = []
        self.open: list[tuple[str, bool, str, list[str] | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            return
        given = dict(attrs)
        classes = (given.get("class") or "").split()
        _, left_out, section, text = self.open[-1] if self.open else ("", False, "", None)
        cited = tag != "html" and given.get("lang") == "en"  # what a source is called
        left_out |= tag in _OTHER or cited or "head" in classes or "number" in classes
        left_out |= "map-note" in classes
        if tag == "section" and given.get("id"):
            section = given["id"] or ""
        if tag in _PROSE:
            text = [section, ""]
            self.found.append(text)
        self.open.append((tag, left_out, section, text))

    def handle_endtag(self, tag: str) -> None:
        for n in range(len(self.open) - 1, -1, -1):
            if self.open[n][0] == tag:
                del self.open[n:]
                return

    def handle_data(self, data: str) -> None:
        if self.open and not self.open[-1][1]:
            text = self.open[-1][3]
            if text is not None:
                text[1] += data


@dataclass(frozen=True, eq=False)
class Held:
    """The numbers of a part of the record: all of them, and those that stand together."""

    all: np.ndarray
    parts: list[np.ndarray] = field(default_factory=list)


def _told(value: Any) -> Iterator[float]:
    """Give the numbers of a plain value; those in its sentences too."""
    if isinstance(value, str):
        for text in re.findall(r"\d[\d,]*(?:\.\d+)?", value):
            yield float(text.replace(",", ""))
    elif isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        yield abs(float(value))


def _walk(value: Any) -> Iterator[list[float]]:
    """Give the numbers of each part of a record: of a mapping, its own and its plain values."""
    if isinstance(value, dict):
        yield [number for one in (*value, *value.values()) for number in _told(one)]
        below: Any = value.values()
    elif isinstance(value, list):
        yield [number for one in value for number in _told(one)]
        below = value
    else:
        yield list(_told(value))
        return
    for one in below:
        if isinstance(one, dict | list):
            yield from _walk(one)


def _held(values: Iterator[Any]) -> Held:
    parts = [np.unique(part) for value in values for part in _walk(value) if part]
    return Held(np.unique(np.concatenate(parts)) if parts else np.zeros(0), parts)


def _is_in(numbers: np.ndarray, text: str, scale: str) -> bool:
    """Whether a number that is printed so is among some, to its last digit."""
    plain = text.replace("\u202f", "").replace(",", "")  # a quoted text keeps its commas
    half = 0.5 * 10.0 ** -len(plain.partition(".")[2])
    if "." not in plain and len(plain) > 2:
        half = 0.5 * 10.0 ** (len(plain) - len(plain.rstrip("0")))
    value = float(plain)
    above = 2 * half if scale == "%" and value > 99 else half
    for times in _TIMES.get(scale, (1.0,)):
        ends = [(value - half) * times * (1 - 1e-9), (value + above) * times * (1 + 1e-9)]
        first, last = np.searchsorted(numbers, ends)
        if last > first:
            return True
    return False


def _lost(name: str, texts: list[str], held: Held) -> list[tuple[str, str]]:
    """Give the numbers of texts that are not held, each with what stands around it."""
    said = SAID.get(name, {})
    return [
        (found[1], text[max(0, found.start() - 60) : found.end() + 30])
        for text in texts
        for found in _NUMBER.finditer(text)
        if found[1] not in said and not _is_in(held.all, found[1], found[2] or "")
    ]


def _apart(texts: list[str], held: Held) -> list[str]:
    """Give the figures whose mean and ends do not stand together."""
    return [
        found[0]
        for text in texts
        for found in _FIGURE.finditer(text)
        if not any(
            _is_in(part, found[1], found[2] or "" if found[2] != "%" else "%")
            and _is_in(part, found[3], found[5] or found[2] or "")
            and _is_in(part, found[4], found[5] or found[2] or "")
            for part in held.parts
        )
    ]


@pytest.fixture(scope="module")
def content(coarse_plan) -> dict[str, Any]:
    return json.loads(as_json(record(coarse_plan)))


@pytest.fixture(scope="module")
def prose(coarse_page) -> dict[str, list[str]]:
    """The paragraphs and items of lists of the page, by chapter."""
    reader = _Reader()
    reader.feed(coarse_page)
    out = defaultdict(list)
    for section, text in reader.found:
        if text.strip():
            out[section].append(re.sub(r"[ \n\t]+", " ", text))
    return out


def _of(name: str, content: Mapping[str, Any]) -> Held:
    return _held(content.get(key) for key in (*ALWAYS, *OF[name]))


def _quoted(name: str) -> Held:
    """Give the numbers of the tables that a chapter quotes."""
    home = files("vallum.works")
    texts = [home.joinpath(table).read_text("utf-8") for table in QUOTED.get(name, ())]
    return _held(iter(texts))


@pytest.mark.parametrize("name", OF)
def test_every_number_of_the_prose_is_in_the_record(name, prose, content):
    texts = prose[name]
    assert texts, "the chapter has prose"
    here, quoted = _of(name, content), _quoted(name)
    both = Held(np.unique(np.concatenate([here.all, quoted.all])))
    assert not _lost(name, texts, both)


# made from the record alone, and told as what is left of a share: other tests hold it
@pytest.mark.parametrize("name", [name for name in OF if name != "fails"])
def test_a_figure_and_its_range_stand_together_in_the_record(name, prose, content):
    assert not _apart(prose[name], _of(name, content))


def test_enough_is_read(prose):
    numbers = {name: sum(len(_NUMBER.findall(text)) for text in prose[name]) for name in OF}
    figures = {name: sum(len(_FIGURE.findall(text)) for text in prose[name]) for name in OF}
    print(f"numbers {numbers}; with ranges {figures}")
    assert sum(numbers.values()) > 300
    assert sum(figures.values()) > 20


def test_what_is_not_in_the_record_is_found():
    held = _held(iter([{"cost": {"low": 1.2e6, "mid": 2.25e6, "high": 3.4e6}, "other": 0.315}]))
    right = ["It costs 2.3 million (1.2–3.4 million) USD; 32 % of it is paid, 2\u202f250\u202f000."]
    assert not _lost("vital", right, held)
    assert not _apart(right, held)
    for text in ("2.4 million", "33 %", "2\u202f260\u202f000", "0.9–3.4 million", "2.3 billion"):
        assert len(_lost("vital", [text], held)) == 1, text
    assert _apart(["It costs 1.2 million (1.2–3.5 million) USD."], held)
    strewn = _held(iter([{"a": 2.3e6, "b": {"low": 1.2e6}, "c": {"high": 3.4e6}}]))
    assert _apart(["It costs 2.3 million (1.2–3.4 million) USD."], strewn)
