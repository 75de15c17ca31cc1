"""Figures in prose: each is read from `plan.json`'s record, with its range or marked as exact.

A sentence made of these can't say a number that the record has not, and changes when it does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from vallum.brief.language import say
from vallum.brief.page_text import THIN, amount, area, between, count, percent, plain, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = [
    "AREA",
    "COUNT",
    "DOLLARS",
    "DOLLARS_YEAR",
    "KM",
    "MONTHS",
    "NUMBER",
    "PEOPLE",
    "SHARE",
    "UNKNOWN",
    "YEARS",
    "Reading",
    "Unit",
    "exact",
    "figure",
    "is_nothing",
    "joined",
    "nothing_of",
    "range_of",
    "ranged",
]  # fmt: skip

UNKNOWN = 2 / 3  # a range that holds more than that of all shares tells little
_ENDS = ("low", "mid", "high")


@dataclass(frozen=True, eq=False)
class Reading:
    """A record as `plan.json` has it, read by path.

    Attributes
    ----------
    record
        Plain values.
    noted
        Called with every path that is read, so that a test can see what a sentence rests on.
    """

    record: Mapping[str, Any]
    noted: Callable[[str], object] | None = None

    def at(self, path: str) -> Any:  # noqa: ANN401  (JSON)
        """Read a value.

        Parameters
        ----------
        path
            Keys with slashes between, and places in lists: "dividend/npv_usd/all/mid"; −1 the last.

        Returns
        -------
        object
            None where a key is missing, or the stage was not run.
        """
        if self.noted is not None:
            self.noted(path)
        found: Any = self.record
        for key in path.split("/"):
            if isinstance(found, list | tuple):
                number = key.removeprefix("-").isdigit() and int(key)
                held = number is not False and -len(found) <= number < len(found)
                found = found[int(key)] if held else None
            elif isinstance(found, dict):
                found = found.get(key)
            else:
                return None
        return found

    def number(self, path: str) -> float:
        """Read a number.

        Raises
        ------
        KeyError
            If there is none.
        """
        found = self.at(path)
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise KeyError(path)
        return float(found)

    def has(self, path: str) -> bool:
        """Say whether there is a value."""
        return self.at(path) is not None

    def has_range(self, path: str) -> bool:
        """Say whether there is a value with both of its ends."""
        return all(self.has(f"{path}/{end}") for end in _ENDS)

    def ends(self, path: str) -> tuple[float, float, float]:
        """Read `low`, `mid` and `high` of a value.

        Raises
        ------
        KeyError
            If one is missing.
        """
        low, mid, high = (self.number(f"{path}/{end}") for end in _ENDS)
        return low, mid, high


@dataclass(frozen=True, eq=False)
class Unit:
    """How a figure and its range are written.

    Attributes
    ----------
    one
        Writes a number.
    two
        Writes a range.
    after
        Gives what stands behind the figure, before the range: " km", " USD a year". A function,
        since it depends on the language.
    digits
        Of a range above nothing that is written in the scale of its figure ("990 million (930–1 800
        million)"); None where the range has a scale of its own.
    """

    one: Callable[[float], str]
    two: Callable[[float, float], str]
    after: Callable[[], str] = lambda: ""
    digits: int | None = None


def ranged(reading: Reading, path: str, unit: Unit) -> Markup:
    """Write a figure with its range.

    Parameters
    ----------
    reading
        The record.
    path
        Of a value with `low`, `mid` and `high`.
    unit
        How it is written.

    Returns
    -------
    Markup
        "4.4 million USD a year (1.2–12 million)".

    Raises
    ------
    KeyError
        If a part is missing.
    """
    return range_of(*reading.ends(path), unit)


def range_of(low: float, mid: float, high: float, unit: Unit) -> Markup:
    """Write a figure with its range, from numbers read of the record."""
    least, most = min(low, high), max(low, high)
    alike = unit.digits is not None and least >= 0 and mid >= 1000
    ends = between(least, most, unit.digits or 2, scale=mid) if alike else unit.two(least, most)
    return Markup('<data class="figure" value="{raw:.6g}">{mid}{unit}</data> {ends}').format(
        raw=mid, mid=unit.one(mid), unit=unit.after(), ends=_bracketed(ends)
    )


def _bracketed(ends: str) -> Markup:
    """Write a range in brackets, which no line breaks."""
    return Markup('<span class="ends">({ends})</span>').format(ends=ends)


def nothing_of(low: float, high: float, unit: Unit) -> Markup:
    """Write a figure that is nothing in the middle of its range, with the range."""
    figure_of = Markup('<data class="figure" value="0">{nothing}</data> {ends}')
    ends = _bracketed(f"{unit.two(low, high)}{unit.after()}")
    return figure_of.format(nothing=say("nothing"), ends=ends)


def is_nothing(share: float) -> bool:
    """Whether a share would be printed as nothing."""
    return round(abs(share), 9) == 0  # as `vallum.brief.page_text.percent` rounds


def of_draws(share: float, draws: float) -> str:
    """Say in how many draws something holds: none and all of a sample, and no certainty."""
    all_of = figure(draws, COUNT)
    if share <= 0:
        return say("none of the {draws} draws", draws=all_of)
    if share >= 1:
        return say("all of the {draws} draws", draws=all_of)
    return say("{share} of the {draws} draws", share=figure(share, SHARE), draws=all_of)


def exact(reading: Reading, path: str, unit: Unit) -> Markup:
    """Write a figure that is exact: counted on this plan, chosen by the user, or proved.

    Parameters
    ----------
    reading
        The record.
    path
        Of a number.
    unit
        How it is written.

    Returns
    -------
    Markup
        The figure with a mark, which the page explains and a screen reader reads out.
    """
    return figure(reading.number(path), unit)


def figure(value: float, unit: Unit) -> Markup:
    """Write an exact figure from a number read of the record."""
    mark = Markup('<span class="exact" aria-hidden="true">=</span><span class="sr">{}</span>')
    return Markup('<data class="figure" value="{raw:.6g}">{text}{unit}</data>{mark}').format(
        raw=value, text=unit.one(value), unit=unit.after(), mark=mark.format(say(" (exact)"))
    )


def joined(texts: Sequence[str]) -> str:
    """Join texts that may hold figures with commas and "and"; nothing for none."""
    if len(texts) < 2:
        return texts[0] if texts else ""
    before = texts[0]
    for text in texts[1:-1]:
        before = say("{first}, {next}", first=before, next=text)
    return say("{first} and {last}", first=before, last=texts[-1])


def _signed_between(low: float, high: float) -> str:
    """Write a range whose ends may be below zero."""
    if low >= 0:
        return between(low, high)
    return say("{low} to {high}", low=amount(low), high=amount(high))


def _shares(low: float, high: float) -> str:
    """Write a range of shares."""
    if low < 0 or high < 0.001:
        return say("{low} to {high}", low=percent(low), high=percent(high))
    return f"{between(100 * low, 100 * high)}{THIN}%"


def _plain_between(low: float, high: float) -> str:
    if low >= 0:
        return between(low, high)
    return say("{low} to {high}", low=plain(low), high=plain(high))


def _counts(low: float, high: float) -> str:
    return f"{count(low)}–{count(high)}" if high < 1000 else between(low, high, 3)


AREA = Unit(area, lambda low, high: f"{between(low, high, 3)} km²")
COUNT = Unit(whole, lambda low, high: f"{whole(low)}–{whole(high)}")
DOLLARS = Unit(amount, _signed_between, lambda: say(" USD"), digits=2)
DOLLARS_YEAR = Unit(amount, _signed_between, lambda: say(" USD a year"), digits=2)
KM = Unit(
    lambda value: f"{plain(value, 3)}{THIN}km", lambda low, high: f"{between(low, high, 3)} km"
)
MONTHS = Unit(whole, lambda low, high: f"{whole(low)}–{whole(high)}", lambda: say(" months"))
NUMBER = Unit(plain, _plain_between)
PEOPLE = Unit(count, _counts, digits=3)
SHARE = Unit(percent, _shares)
YEARS = Unit(plain, _plain_between, lambda: say(" years"))
