"""The head of the chapter "threat"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.brief.head import Head
from vallum.brief.language import say

if TYPE_CHECKING:
    from vallum.brief.figures import Reading

__all__ = ["head"]


def head(reading: Reading) -> Head:
    """Make the head.

    Parameters
    ----------
    reading
        The record.

    Returns
    -------
    Head
        Texts of the language of the block.
    """
    del reading
    return Head(say("to be written"), (), (), ())
