"""Texts of stages that have names in them, said again in the language of the block.

`vallum.brief.language.of_stage` says texts that are fixed but for their numbers. These have names
of states, sites and projects too: each is recognised by its form, taken apart, and said again with
its parts in the language. A text of no known form stays as it is.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from vallum.brief.language import current, named, of_stage
from vallum.brief.page_text import THIN, amount, count, listed

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FORMS", "item_names", "retold", "state_names"]

FORMS = (
    # dividend: losses, trade
    "No more than chance in the draws: the change in {states}.",
    (
        "Real incomes come from a stand-in for the whole model of trade, a polynomial in costs "
        "and elasticity. Over its assumptions' ranges it is off by {n_off} of the greatest gain at "
        "most."
    ),
    # visitors
    (
        "{n_before} of {n_all} heritage sites and parks can be reached safely today, and {n_after} "
        "with the line, where {n_borne} attacks a year within {n_near} km of {n_way} km of way are "
        "borne."
    ),
    (
        "It opens none: attacks on held land fall by {n_fall}, and even near the way to {item} "
        "they would have to fall by {n_needed}."
    ),
    "It opens {items}.",
    "Attacks that move away from the line close {items}.",
    "Not counted, as visitors can come already: {items}.",
    "Without a documented peak, and so worth nothing here: {items}.",
    (
        "If there were no attacks at all near the ways to {items}, visitors would bring {n_usd} "
        "million USD a year in the end; no benefit is taken from this."
    ),
    # joint projects
    "{item}: {n_share} of its way is held.",
    "{item} does not count: {why}.",
    "not joined by {states}",
    "no figure of {words}",
    # herders, people left outside
    (
        "Herds cross the line {n_times} times a year on the side of {state}, {n_head} million "
        "head, each pass counted."
    ),
    (
        "Herds cross the line {n_times} times a year on the side of {state}, {n_head} head, "
        "each pass counted."
    ),
    "Next to no herds cross the line on the side of {state}.",
    "{n_outside} of {n_people} people in {state} are left outside.",
    "No documented spending on services, so no money: {states}.",
    # what an accord is short of
    "not all is covered within {n_years} years",
    "not all is covered within {n_years} years, as far as the rules and the search can tell",
    "needs {n_need} {unit}, there is {n_there}",
    "short by {n_by} {unit}",
    "the cheapest relaxation: {way}",
    "or {way}",
    "{n_more} more company (USD {n_usd} in all)",
    "{n_more} more companies (USD {n_usd} in all)",
    "{n_more} more years (USD {n_usd} in all)",
    "USD {n_yr} more a year (USD {n_usd} in all)",
    # window: parts of the opening and what they are measured by
    "{state} and {other} drifting apart",
    "{state} leaning to {other}",
    "{state} and {other} with one another",
    "{state} absorbed by its own troubles",
    "deaths by organised violence in {state} in {n_plain}, of the most in {n_of} years (UCDP)",
    "conflict events in the year to {month}, of the most in {n_of} years ({file})",
    "conflict events of {file}",
)
_FIELD = re.compile(r"\\\{(\w+)\\\}")
_LARGE = 1000.0  # from here on as many digits as the page's other figures have
_NUMBER = r"[-−+]?[\d.,]+(?:e[-+]?\d+)?%?"
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")


def retold(text: str, names: Mapping[str, str]) -> str:
    """Say a stage's text again.

    Parameters
    ----------
    text
        English.
    names
        Of states by ISO3; English.

    Returns
    -------
    str
        In the language of the block, states by their names.

    Examples
    --------
    >>> retold("12 of 20 people in MLI are left outside.", {"MLI": "Mali"})
    '12 of 20 people in Mali are left outside.'
    >>> retold("a user's own words", {})
    "a user's own words"
    """
    if text in current().texts:
        return current().texts[text]
    for form, pattern in _patterns():
        found = pattern.fullmatch(text)
        if found is not None:
            parts = {field: _part(field, part, names) for field, part in found.groupdict().items()}
            return (current().texts.get(form) or form).format(**parts)
    return of_stage(text)


def state_names(text: str, names: Mapping[str, str]) -> str:
    """Write states that are listed by ISO3 or by name."""
    return listed([named(names.get(one, one)) for one in text.split(", ")], most=99)


def item_names(text: str) -> str:
    """Write names that are listed with commas, each in the language where it is known.

    A name may have a comma in it: the longest run of parts that is known is one name.
    """
    known, parts, out = current().texts, text.split(", "), []
    while parts:
        most = next((end for end in range(len(parts), 1, -1) if ", ".join(parts[:end]) in known), 1)
        one = ", ".join(parts[:most])
        out.append(known.get(one, one))
        parts = parts[most:]
    return ", ".join(out)


def _part(field: str, text: str, names: Mapping[str, str]) -> str:
    """Say a part of a text, by what kind its field's name tells."""
    if field in ("n_outside", "n_people", "n_usd") and (number := _read(text)) >= _LARGE:
        return count(number) if field != "n_usd" else amount(number)
    if field.startswith("n_") and field != "n_plain":  # a year is plain
        written = _THOUSANDS.sub(THIN, text).replace(".", current().decimal)
        return written.replace("%", f"{THIN}%")
    if field in ("n_plain", "file", "month"):
        return text
    if field in ("state", "other", "states"):
        return state_names(text, names)
    if field in ("item", "items"):
        return item_names(text)
    return retold(text, names)


def _read(text: str) -> float:
    """Read a number of an English text."""
    return float(text.replace(",", "").replace("%", ""))


@functools.cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Make a pattern of each form."""
    return tuple((form, re.compile(_FIELD.sub(_group, re.escape(form)))) for form in FORMS)


def _group(field: re.Match[str]) -> str:
    name = field.group(1)
    return f"(?P<{name}>{_NUMBER if name.startswith('n_') else '.+?'})"
