"""Names of states within sentences, with the article that French wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.brief.language import CONTEXT, WITH_ARTICLE, current, named
from vallum.brief.page_text import listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vallum.brief.figures import Reading

__all__ = ["state", "states", "the"]


def the(name: str) -> str:
    """Give a state's name as it stands within a sentence.

    Parameters
    ----------
    name
        English.

    Returns
    -------
    str
        With its article where the language has one and a file of texts knows it.

    Examples
    --------
    >>> from vallum.brief.language import speaking
    >>> the("Mali")
    'Mali'
    >>> with speaking("fr"):
    ...     the("Mali"), the("Algeria"), the("Ruritania")
    ('le Mali', 'l’Algérie', 'Ruritania')
    """
    return current().texts.get(f"{WITH_ARTICLE}{CONTEXT}{name}") or named(name)


def state(reading: Reading, iso3: str) -> str:
    """Name a state within a sentence by its code; "sea" is the sea.

    Parameters
    ----------
    reading
        The record: `names` has them.
    iso3
        Its code; one that the record lacks stays as it is.
    """
    return the(str(reading.at(f"names/{iso3}") or iso3))


def states(reading: Reading, codes: Iterable[str]) -> str:
    """Name several states within a sentence."""
    return listed([state(reading, iso3) for iso3 in codes])
