"""The chapters of the brief, in the order of the argument, and the head of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vallum.brief import (
    campaign_head,
    dividend_head,
    forces_head,
    line_head,
    threat_head,
    vital_head,
    window_head,
    works_head,
)
from vallum.brief.language import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from vallum.brief.figures import Reading
    from vallum.brief.head import Head

__all__ = ["CHAPTERS", "Chapter", "titles"]


@dataclass(frozen=True, eq=False)
class Chapter:
    """A chapter.

    Attributes
    ----------
    name
        Anchor in the page.
    head
        Makes its head from the record.
    """

    name: str
    head: Callable[[Reading], Head]


CHAPTERS: tuple[Chapter, ...] = (
    Chapter("vital", vital_head.head),
    Chapter("threat", threat_head.head),
    Chapter("line", line_head.head),
    Chapter("works", works_head.head),
    Chapter("forces", forces_head.head),
    Chapter("campaign", campaign_head.head),
    Chapter("dividend", dividend_head.head),
    Chapter("window", window_head.head),
)


def titles() -> dict[str, str]:
    """Give the question that each chapter answers, by its name."""
    return {
        "vital": say("What is vital?"),
        "threat": say("Who comes, and by which ways?"),
        "line": say("Where would the line go, and is it worth its cost?"),
        "works": say("With what?"),
        "forces": say("Who does what?"),
        "campaign": say("Does it hold?"),
        "dividend": say("What does it buy, who gains, and does the accord last?"),
        "window": say("Is the diplomatic window open?"),
    }
