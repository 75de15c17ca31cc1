"""What stages say in English, in the language of the page as far as it is known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vallum.brief.accord_words import coalition_name
from vallum.brief.forces_parts import of_parts
from vallum.brief.language import current, say
from vallum.brief.page_text import THIN, capital, listed, trimmed
from vallum.brief.retold import retold
from vallum.brief.works_names import surface

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Spoken", "spoken"]

Spoken = tuple[str, str | None]  # a text, and its language where that isn't the page's

_PART = re.compile(r"\b(?:programme|forts|tasks): (?:\w+: )?")  # of a stage: names of its parts
_STATES = re.compile(r"([A-Z]{3}(?:(?:\+| and )[A-Z]{3})*): (.+)", re.DOTALL)
_SHARE = r"(?P<bound>under |over )?(?P<share>[\d.]+) %"
_SHORT = re.compile(
    rf"no lawful composition stops (?P<asked>[\d.]+) of crossings on {_SHARE} of the land, "
    r"on parts of: (?P<where>.+)"
)
_STEEP = re.compile(rf"on {_SHARE} of the land no post can stand, and no line")
_STOPS = re.compile(r"(\w+) \(stops ([\d.]+)\)")


def spoken(text: str, names: Mapping[str, str]) -> Spoken:
    """Say a stage's text, sentence part by sentence part.

    Parameters
    ----------
    text
        English.
    names
        Of states by ISO3; English.

    Returns
    -------
    text, lang
        `lang` is "en" where a part has no translation, and None where all is in the page's
        language.

    Examples
    --------
    >>> spoken("MLI: programme: companies: needs 1,488 men, there is 1,440", {"MLI": "Mali"})[0]
    'Mali: needs 1\u202f488 men, there is 1\u202f440'
    """
    bare = _PART.sub("", text).replace("1 more companies", "1 more company")
    found = _STATES.fullmatch(bare)
    if found is not None and set(re.split(r"\+| and ", found[1])) <= set(names):
        who = coalition_name(found[1].replace(" and ", "+"), names)
        rest, lang = _joined(found[2], names)
        return say("{who}: {what}", who=who, what=rest), lang
    said, lang = _joined(bare, names)
    return capital(said), lang


def _joined(text: str, names: Mapping[str, str]) -> Spoken:
    """Say a text whole if it is known so, and else what stands between its semicolons."""
    whole = retold(text, names)
    if whole != text or "; " not in text:
        parts = [(text, _part(text, names))]
    else:
        parts = [(one, _part(one, names)) for one in text.split("; ")]
    said = parts[0][1]
    for _, one in parts[1:]:
        said = say("{first}; {next}", first=said, next=one)
    strange = any(own == english and re.search(r"[a-z]{2}", own) for english, own in parts)
    return said, "en" if strange and current().code != "en" else None


def _part(text: str, names: Mapping[str, str]) -> str:
    if steep := _STEEP.fullmatch(text):
        return say("on {share} of the land no post can stand, and no line", share=_share(steep))
    found = _SHORT.fullmatch(text)
    if found is None:
        again = retold(text, names)
        return of_parts(text, names) if again == text else again
    stops = [
        say("{surface} (stops {share})", surface=surface(name), share=trimmed(float(share)))
        for name, share in _STOPS.findall(found["where"])
    ]
    return say(
        "no lawful composition stops {asked} of crossings on {share} of the land, on parts of: "
        "{where}",
        asked=trimmed(float(found["asked"])), share=_share(found),
        where=listed(stops),
    )  # fmt: skip


def _share(found: re.Match[str]) -> str:
    """Write a share as the works' stage does: with two digits, or as being under or over one."""
    share = f"{trimmed(float(found['share']))}{THIN}%"
    if found["bound"] == "under ":
        return say("under {least}", least=share)
    return say("over {most}", most=share) if found["bound"] else share
