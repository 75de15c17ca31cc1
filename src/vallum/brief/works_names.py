"""Names of what the catalogue lists, in the language of the block.

The catalogue is English. Its texts are looked up one by one (`of_stage`), so that a description is
put together from translated parts; a user's own catalogue stays as it is written.
"""

from __future__ import annotations

import re

from vallum.brief.language import of_stage, say
from vallum.brief.page_text import plain

__all__ = [
    "brief_name", "composed", "in_words", "of_surface", "roles", "serving", "short", "surface",
    "with_article",
]  # fmt: skip

_SIZES = re.compile(r",|\(| (?=\d)")
_EVERY = re.compile(r"(.+) every (\d+(?:\.\d+)?) km")


def short(key: str) -> str:
    """Name an item briefly: its id as words.

    Examples
    --------
    >>> short("sand_wall")
    'sand wall'
    """
    return of_stage(key.replace("_", " "))


def brief_name(text: str) -> str:
    """Name a thing by what stands before the first comma of its text.

    Examples
    --------
    >>> brief_name("ditch, 2.5 m deep"), brief_name("anti-personnel mines, a marked belt")
    ('ditch', 'anti-personnel mines')
    """
    return of_stage(text.split(",", maxsplit=1)[0])


def with_article(text: str) -> str:
    """Name a thing without its sizes, with its article.

    Examples
    --------
    >>> with_article("ditch, 2.5 m deep"), with_article("coils of wire")
    ('a ditch', 'coils of wire')
    """
    name = _bare(text)
    first = name.split(" ", 1)[0]
    if first.endswith("s") or first in {"two", "three", "four"}:
        return of_stage(name)
    return of_stage(f"an {name}" if name[:1] in "aeiou" else f"a {name}")


def in_words(description: str) -> str:
    """Give a composition's description (`vallum.works.Composition.describe`), item by item.

    Examples
    --------
    >>> in_words("ditch, 2.5 m deep; platoon post every 2.5 km")
    'ditch, 2.5 m deep; platoon post every 2.5 km'
    """
    return say("; ").join(_spaced(part) for part in description.split("; "))


def composed(code: str) -> str:
    """Write the id of a composition out, in brief names.

    Examples
    --------
    >>> composed("sand_wall+fort_company@20")
    'sand wall + fort company every 20 km'
    """
    parts = []
    for part in code.split("+"):
        key, _, km = part.partition("@")
        parts.append(_every(short(key), km) if km else short(key))
    return " + ".join(parts)


def surface(name: str) -> str:
    """Name a surface: sand, soil, rock, wetland."""
    known = {
        "sand": say("sand"), "soil": say("soil"), "rock": say("rock"), "wetland": say("wetland"),
    }  # fmt: skip
    return known.get(name, name)


def of_surface(name: str) -> str:
    """Name a surface of which a part is told."""
    known = {
        "sand": say("of the sand"),
        "soil": say("of the soil"),
        "rock": say("of the rock"),
        "wetland": say("of the wetland"),
    }
    return known.get(name, say("of {surface}", surface=name))


def roles() -> dict[str, str]:
    """Give the parts of a bill by the role of an item, in their order."""
    return {
        "barrier": say("Barriers"),
        "track": say("Track"),
        "sensor": say("Watching"),
        "fort": say("Forts"),
        "fitting": say("At wadis"),
        "gate": say("Gates"),
    }


def serving() -> dict[str, str]:
    """Give the kinds of people that gates are for, in their order."""
    return {
        "road": say("on roads"),
        "herders": say("herders"),
        "traders": say("traders off the roads"),
        "fleeing": say("people fleeing"),
    }


def _bare(text: str) -> str:
    return _SIZES.split(text)[0].strip()


def _spaced(part: str) -> str:
    found = _EVERY.fullmatch(part)
    return of_stage(part) if found is None else _every(of_stage(found.group(1)), found.group(2))


def _every(name: str, km: str) -> str:
    return say("{thing} every {km} km", thing=name, km=plain(float(km), len(km.replace(".", ""))))
