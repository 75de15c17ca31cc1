"""The head of the chapter on the window: is it open, does it last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.brief.figures import NUMBER, ranged
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
    claim = say(
        "Relations between Mali and Algeria decline while Mauritania draws closer to Morocco: the "
        "moment is now, and influence and stability are Morocco’s gain."
    )
    if not reading.has("window/opening/index"):
        return Head(
            claim, (say("Not computed: no dated event between these states is known."),), (), ()
        )
    found = say(
        "On a scale from 0, closed, to 1, open, the opening stands at {index}; 0.5 is neutral.",
        index=ranged(reading, "window/opening/index", NUMBER),
    )
    return Head(claim, (found,), (), ())
