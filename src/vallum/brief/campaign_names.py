"""What things of the campaign are called, and how its numbers are written."""

from __future__ import annotations

import math
import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from vallum.brief.figures import SHARE, Unit
from vallum.brief.language import named, of_stage, say
from vallum.brief.page_text import THIN, percent, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CASES", "CHANGE", "PER_YEAR", "case_name", "change_range", "kind_of", "land_name",
    "means_name", "part_name", "parts_names", "shares", "signed", "yearly",
]  # fmt: skip

CASES = MappingProxyType(
    {"plan": "the plan’s line", "half": "a line that holds half of the output"}
)
_SECTORS = re.compile(r"sectors? (?P<number>[\d–, ]+)")
_FLANK = re.compile(r"flank facing (?P<land>.+)")
_MORE = re.compile(r"(?P<names>.*) and (?P<more>\d+) more as much")


def case_name(name: str, *, illustration: bool = False) -> str:
    """Name a case's line, to stand within a sentence."""
    if name == "plan" and illustration:
        return say("the illustration’s line")
    return of_stage(CASES.get(name, name))


def means_name(means: str) -> str:
    """Name what money is spent on, to stand within a sentence."""
    names = {
        "nothing": say("nothing", context="means"),
        "line": say("the line", context="means"),
        "reserves": say("mobile reserves"),
        "policing": say("policing"),
        "towns": say("defended towns"),
        "development": say("development"),
    }
    return names.get(means, means)


def kind_of(kind: object) -> str:
    """Name a kind of entry."""
    names = {
        "line": say("the line", context="entry"),
        "gate": say("gate on a road"),
        "flank": say("no line", context="entry"),
    }
    return names.get(str(kind), str(kind))


def land_name(facing: object, names: Mapping[str, str]) -> str:
    """Name what lies in front, by ISO3 or "sea"; several are joined by commas."""
    each = str(facing).split(", ")
    return ", ".join(say("the sea") if one == "sea" else named(names.get(one, one)) for one in each)


def part_name(name: str, names: Mapping[str, str]) -> str:
    """Name a part of the boundary as the stage calls it.

    Examples
    --------
    >>> part_name("sectors 0–2", {}), part_name("flank facing NER", {"NER": "Niger"})
    ('sectors 0–2', 'flank facing Niger')
    """
    if found := _SECTORS.fullmatch(name):
        if name.startswith("sectors"):
            return say("sectors {numbers}", numbers=found["number"])
        return say("sector {number}", number=found["number"])
    if found := _FLANK.fullmatch(name):
        land = "sea" if found["land"] == "the sea" else found["land"]
        return say("flank facing {land}", land=land_name(land, names))
    return of_stage(name)


def parts_names(parts: str, names: Mapping[str, str]) -> str:
    """Name several parts that are joined by commas; none as a dash."""
    if not parts:
        return "–"
    found = _MORE.fullmatch(parts)
    each = (found["names"] if found else parts).split(", ")
    said = ", ".join(part_name(one, names) for one in each)
    if found:
        return say("{parts} and {more} more as much", parts=said, more=found["more"])
    return said


def yearly(value: float) -> str:
    """Write a number a year, three digits of it; very small ones as such.

    Examples
    --------
    >>> yearly(123.4), yearly(0.02), yearly(0.0), yearly(float("nan"))
    ('123', 'under 0.1', '0', '–')
    """
    if not math.isfinite(value):
        return "–"
    if 0 < value < 0.1:
        return say("under {least}", least=plain(0.1, 1))
    return plain(value, 3 if value >= 10 else 2)


def _yearly_range(low: float, high: float) -> str:
    """Write a range of numbers a year."""
    if 0 < high < 0.1:
        return yearly(high)
    return f"{plain(low, 3 if low >= 10 else 2)}–{plain(high, 3 if high >= 10 else 2)}"


def signed(share: float) -> str:
    """Write a change in per cent with its sign.

    Examples
    --------
    >>> [signed(x).replace(THIN, " ") for x in (-0.331, 0.0572, 0.0, -0.0004)]
    ['−33 %', '+5.7 %', '0 %', 'under ±0.1 %']
    """
    if not math.isfinite(share):
        return "–"
    if 0 < abs(share) < 0.001:
        return say("under {least}", least=f"±{plain(0.1, 1)}{THIN}%")
    if share == 0:
        return f"0{THIN}%"
    return f"{'−' if share < 0 else '+'}{percent(abs(share))}"


def change_range(low: float, high: float) -> str:
    """Write the range of a change in per cent.

    Examples
    --------
    >>> [change_range(*x).replace(THIN, " ") for x in ((-0.45, 0.062), (-0.0004, 0.0003))]
    ['−45 to +6.2 %', 'under ±0.1 %']
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return say("no range")
    if max(abs(low), abs(high)) < 0.001:
        return signed(high) if high else signed(low)
    ends = [
        "0" if abs(end) < 0.001 else f"{'−' if end < 0 else '+'}{plain(100.0 * abs(end))}"
        for end in (low, high)
    ]
    return say("{low} to {high}", low=ends[0], high=f"{ends[1]}{THIN}%")


def shares(low: float, high: float) -> str:
    """Write a range of shares in per cent.

    Examples
    --------
    >>> [shares(*x).replace(THIN, " ") for x in ((0.12, 0.35), (-0.58, 0.39), (0.0, 0.0))]
    ['12–35 %', '−58 % to 39 %', 'in all draws']
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return say("no range")
    if high - low < 1e-9:
        return say("in all draws")
    return SHARE.two(low, high)


CHANGE = Unit(signed, change_range)
PER_YEAR = Unit(yearly, _yearly_range, lambda: say(" a year"))
