"""Sentences of the forces stage that are put together from parts, in the language of the block."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vallum.brief.language import current, named, of_stage, say
from vallum.brief.page_text import listed

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["of_parts"]

_SIGNS = ("; ", ": ", ", ")
_LEFT_OUT = re.compile(r"(?P<item>\w+) without (?P<lack>.+), so it is left out")
_COMPANIES = re.compile(r"nothing says how many engineer companies (?P<states>[A-Z, ]+) ha(?:s|ve)")
_GIVE = re.compile(r"give forces\.tasks\.means, as (?P<example>.+)")
_SECTORS = re.compile(r"sectors (?P<numbers>[\d, ]+) \((?P<state>\w+)\)")
_MONTHS = re.compile(
    r"open in months (?P<open>\[.*?\]), and companies are there in (?P<there>\[.*?\])"
)


def of_parts(text: str, names: Mapping[str, str]) -> str:
    """Say a text of the stage that is put together from parts: what, where, and what would mend it.

    Parts stand behind semicolons, colons and commas. Each is said by itself where the whole is not
    known; a part that no file of texts knows stays English.

    Parameters
    ----------
    text
        As the stage gives it.
    names
        Of states by ISO3.

    Returns
    -------
    str
        In the language of the block.
    """
    if current().code == "en":
        return text
    said = of_stage(text)
    if said == text:
        said = named(names[text]) if text in names else _with_values(text, names)
    return said or _split(text, names)


def _split(text: str, names: Mapping[str, str]) -> str:
    """Say both sides of the first sign that there is; the text as it is where there is none."""
    sign = next((one for one in _SIGNS if one in text), "")
    if not sign:
        return text
    first, then = (of_parts(part, names) for part in text.split(sign, 1))
    if sign == "; ":
        return say("{first}; {then}", first=first, then=then)
    if sign == ": ":
        return say("{first}: {then}", first=first, then=then)
    return say("{first}, {then}", first=first, then=then)


def _with_values(text: str, names: Mapping[str, str]) -> str:
    """Say a text with names and keys within it; no text where it is none of these."""
    if found := _LEFT_OUT.fullmatch(text):
        return say("{item} without {lack}, so it is left out", **found.groupdict())
    if found := _COMPANIES.fullmatch(text):
        states = [named(names.get(iso3, iso3)) for iso3 in found["states"].split(", ")]
        return say("nothing says how many engineer companies there are ({states})",
                   states=listed(states))  # fmt: skip
    if found := _GIVE.fullmatch(text):
        return say("give forces.tasks.means, as {example}", example=found["example"])
    if found := _SECTORS.fullmatch(text):
        state = named(names.get(found["state"], found["state"]))
        return say("sectors {numbers} ({state})", numbers=found["numbers"], state=state)
    if found := _MONTHS.fullmatch(text):
        return say("open in months {open}, and companies are there in {there}", **found.groupdict())
    return ""
