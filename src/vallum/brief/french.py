"""What French asks of a value within a sentence: articles of places, and "de" after a million.

A French text asks for it after a colon: `{state:du}`, `{people:d’}habitants`. English asks none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["shaped"]

_ASKED = re.compile(r"\{(\w+):(le|Le|du|au|de|d’)\}")
_JOINTS = re.compile(r"(, | et )")
_HAS = re.compile(r"le |la |les |l’")  # of a place that brings its article
_TAG = re.compile(r"<[^>]*>")
_SCALED = re.compile(r"\u202f(?:M|Md|millions?|milliards?)\b")
_VOWELS = "aàâeéèêiîoôuAÀÂEÉÈÊIÎOÔU"


def shaped(
    text: str, values: Mapping[str, object], articles: Mapping[str, str]
) -> tuple[str, dict[str, object]]:
    """Give each value the shape that a French text asks for.

    Parameters
    ----------
    text
        With names of values in braces. After a colon: `le` or `Le` for a place with its article,
        `du` with "de", `au` with "à"; in a list each place has its own. `de` or `d’` for an amount
        before what it counts: it is written after a million or a milliard only.
    values
        By name.
    articles
        French names of places, each with its article.

    Returns
    -------
    tuple[str, dict[str, object]]
        The text without what it asked for, and its values.

    Examples
    --------
    >>> known = {"Mali": "le Mali", "Mauritanie": "la Mauritanie"}
    >>> text, values = shaped("loin {who:du}", {"who": "Mali et Mauritanie"}, known)
    >>> text.format(**values)
    'loin du Mali et de la Mauritanie'
    >>> text, values = shaped("{n:d’}habitants", {"n": "5\u202f440"}, known)
    >>> text.format(**values)
    '5\u202f440 habitants'
    """
    found = dict(values)

    def plain(match: re.Match[str]) -> str:
        name, form = match.groups()
        key = f"{name} {form}"
        found[key] = _written(values[name], form, articles)
        return f"{{{key}}}"

    return _ASKED.sub(plain, text), found


def _written(value: object, form: str, articles: Mapping[str, str]) -> str:
    text = str(value)
    if form in {"de", "d’"}:
        scaled = _SCALED.search(_TAG.sub("", text))
        said = f"{text} {form}{' ' if form == 'de' else ''}" if scaled else f"{text} "
    else:
        put = _FORMS[form.lower()]
        said = "".join(
            put(articles.get(part, part)) if not n or part in articles or _HAS.match(part) else part
            for n, part in enumerate(_JOINTS.split(text))
        )
        said = said[:1].upper() + said[1:] if form == "Le" else said
    return Markup(said) if isinstance(value, Markup) else said  # noqa: S704  (it was markup)


def _of(name: str) -> str:
    """Write "de" before a name, drawn together with its article."""
    for article, drawn in (("le ", "du "), ("les ", "des ")):
        if name.startswith(article):
            return f"{drawn}{name.removeprefix(article)}"
    return f"d’{name}" if name[:1] in _VOWELS else f"de {name}"


def _to(name: str) -> str:
    """Write "à" before a name, drawn together with its article."""
    for article, drawn in (("le ", "au "), ("les ", "aux ")):
        if name.startswith(article):
            return f"{drawn}{name.removeprefix(article)}"
    return f"à {name}"


def _same(name: str) -> str:
    return name


_FORMS: dict[str, Callable[[str], str]] = {"le": _same, "du": _of, "au": _to}
