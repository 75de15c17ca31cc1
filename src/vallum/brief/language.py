"""The language that the brief speaks, and the one place where texts change it.

English texts are the keys, as gettext has it; the French of each stands in `locale/fr/*.po`. The
language is set for a block, by `speaking`, and read by `say` and by the formats of numbers
(`vallum.brief.page_text`): handing it through every function that writes a word would double the
parameters of a hundred functions and change no result. Files of data are written outside any block,
in English. Why so: docs/decisions/0053-one-language-for-a-block.md.
"""

from __future__ import annotations

import functools
import re
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from babel import Locale
from babel.dates import format_date
from babel.messages.pofile import read_po
from markupsafe import Markup

from vallum.brief.french import shaped

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

__all__ = [
    "LANGUAGES", "Language", "current", "dated", "gettext", "named", "ngettext", "of_stage", "say",
    "say_n", "speaking",
]  # fmt: skip

LANGUAGES: Final = MappingProxyType({"en": "English", "fr": "Français"})  # code: its own name

_CENT = re.compile(r"(?<=\d)%(?!\w)")  # the page's figures have a narrow space there
_NUMBER = re.compile(r"(?<![\w.{])[-−]?\d+(?:[,\u202f]\d{3})*(?:\.\d+)?")


@dataclass(frozen=True, eq=False)
class Language:
    """What a language needs to be spoken.

    Attributes
    ----------
    code
        As HTML's `lang` has it.
    texts
        English text to its translation; empty for English. A text that depends on its context has
        the context before it, with `CONTEXT` between, as gettext's files have it.
    plurals
        English singular to its forms, one and many.
    decimal
        Sign between units and tenths.
    articles
        Names of states in the language, each with its article; empty for English.
    """

    code: str
    texts: Mapping[str, str]
    plurals: Mapping[str, tuple[str, str]]
    decimal: str
    articles: Mapping[str, str]


CONTEXT: Final = "\x04"
WITH_ARTICLE: Final = "with article"  # context of names of states within a sentence


def say(text: str, /, *, context: str = "", **values: object) -> str:
    """Say a text in the language of the block.

    Parameters
    ----------
    text
        English, with the names of values in braces; written out where it is called, so that it can
        be gathered for translation.
    context
        Tells apart two texts that are the same in English only.
    values
        By name. Where one is markup the text is too, and the others are escaped.

    Returns
    -------
    str
        `markupsafe.Markup` where a value is.

    Examples
    --------
    >>> say("{count} forts of {all}", count=3, all=5)
    '3 forts of 5'
    >>> with speaking("fr"):
    ...     say("none", context="towns")
    'aucune'
    """
    return _filled(_translated(text, context), values)


def say_n(one: str, many: str, count: float, /, **values: object) -> str:
    """Say a text that depends on a number.

    Parameters
    ----------
    one, many
        English, for one and for any other number.
    count
        Decides; it is not printed unless it is among the values.
    values
        By name.

    Returns
    -------
    str
        As `say`.

    Examples
    --------
    >>> say_n("{n} fort", "{n} forts", 1, n=1), say_n("{n} fort", "{n} forts", 2, n=2)
    ('1 fort', '2 forts')
    """
    return _filled(_plural(one, many, count), values)


def of_stage(text: str) -> str:
    """Say a text that comes from a stage or from a table, where it is English.

    It is looked up as it stands, then with its numbers taken out: the key of "4 of 5 draws fail" is
    "{0} of {1} draws fail". What no file of texts knows stays as it is: a user's own table may be
    in any language.

    Parameters
    ----------
    text
        To say.

    Returns
    -------
    str
        In the language of the block.

    Examples
    --------
    >>> of_stage("4 of 5 draws fail")
    '4 of 5 draws fail'
    """
    now = current()
    if now.code == "en" or not text.strip():
        return _CENT.sub("\u202f%", text)
    if text in now.texts:
        return now.texts[text]
    numbers = [found.group() for found in _NUMBER.finditer(text)]
    key = mask(text)
    if numbers and key in now.texts:
        return now.texts[key].format(*(_localised(number) for number in numbers))
    return text


def mask(text: str) -> str:
    """Take the numbers out of a text: the key under which `of_stage` looks it up.

    Examples
    --------
    >>> mask("stops 0.67 of crossings on 18 km")
    'stops {0} of crossings on {1} km'
    """
    at = iter(range(len(text)))
    return _NUMBER.sub(lambda _: f"{{{next(at)}}}", text)


def named(name: str) -> str:
    """Give a state's or a region's name in the language of the block, where it is known.

    Examples
    --------
    >>> with speaking("fr"):
    ...     named("Algeria"), named("Mopti")
    ('Algérie', 'Mopti')
    """
    now = current()
    known = now.texts.get(name) or _territories(now.code).get(name)
    return known or (name.replace("'", "’") if now.code == "fr" else name)


def dated(day: dt.date, pattern: str = "d MMMM y") -> str:
    """Write a date.

    Parameters
    ----------
    day
        To write.
    pattern
        As CLDR has it: "d MMMM y", "MMMM y", "MMM y".

    Examples
    --------
    >>> import datetime as dt
    >>> dated(dt.date(2027, 7, 1)), dated(dt.date(2027, 7, 1), "MMMM y")
    ('1 July 2027', 'July 2027')
    """
    return str(format_date(day, pattern, locale=current().code))


def current() -> Language:
    """Give the language of the block; English outside any."""
    return _language(_CODE.get())


@contextmanager
def speaking(code: str) -> Iterator[Language]:
    """Speak a language within a block.

    Parameters
    ----------
    code
        One of `LANGUAGES`.

    Raises
    ------
    KeyError
        If it is none of them.
    """
    if code not in LANGUAGES:
        raise KeyError(code)
    before = _CODE.set(code)
    try:
        yield current()
    finally:
        _CODE.reset(before)


def gettext(text: str) -> str:
    """Translate a template's text; for Jinja, which puts the values in itself."""
    return _translated(text, "")


def ngettext(one: str, many: str, count: float) -> str:
    """Translate a template's text that depends on a number; for Jinja."""
    return _plural(one, many, count)


_CODE: ContextVar[str] = ContextVar("vallum_brief_language", default="en")


def _filled(text: str, values: Mapping[str, object]) -> str:
    """Put the values into a text of ours, each in the shape that its language wants."""
    if not values:
        return text
    now = current()
    if now.code == "fr":
        text, values = shaped(text, values, now.articles)
    if any(isinstance(value, Markup) for value in values.values()):
        return Markup(text).format(**values)  # noqa: S704  (the pattern is our own text)
    return text.format(**values)


def _translated(text: str, context: str) -> str:
    key = f"{context}{CONTEXT}{text}" if context else text
    return current().texts.get(key) or text


def _plural(one: str, many: str, count: float) -> str:
    now = current()
    if now.code == "fr":  # in French none and one and a half are singular
        forms = now.plurals.get(one)
        return (forms or (one, many))[0 if abs(count) < 2 else 1]
    return one if count == 1 else many


def _localised(number: str) -> str:
    """Write a number of an English text as the language of the block does."""
    return number.replace(",", "\u202f").replace(".", current().decimal)


@functools.cache
def _language(code: str) -> Language:
    texts: dict[str, str] = {}
    plurals: dict[str, tuple[str, str]] = {}
    folder = files("vallum.brief").joinpath("locale", code)
    parts = sorted(folder.iterdir(), key=lambda part: part.name) if folder.is_dir() else []
    for part in (one for one in parts if one.name.endswith(".po")):
        with part.open("rb") as file:
            for message in read_po(file, locale=code):
                if not message.id or message.fuzzy:
                    continue
                if isinstance(message.id, tuple | list) and isinstance(message.string, tuple):
                    one, many = message.string
                    plurals[str(message.id[0])] = (str(one), str(many))
                else:
                    key = f"{message.context}{CONTEXT}" if message.context else ""
                    texts[f"{key}{message.id}"] = str(message.string)
    before = f"{WITH_ARTICLE}{CONTEXT}"
    english = [key.removeprefix(before) for key in texts if key.startswith(before)]
    articles = {
        texts.get(name) or _territories(code).get(name, name): texts[f"{before}{name}"]
        for name in english
    }
    return Language(
        code,
        MappingProxyType(texts),
        MappingProxyType(plurals),
        "," if code == "fr" else ".",
        MappingProxyType(articles),
    )


@functools.cache
def _territories(code: str) -> Mapping[str, str]:
    """Give the names of territories by their English ones."""
    english, own = Locale("en").territories, Locale(code).territories
    return MappingProxyType({str(english[key]): str(own[key]) for key in english if key in own})
