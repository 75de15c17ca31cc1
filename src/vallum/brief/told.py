"""A short answer with what it rests on, as the page sets it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Answer"]


@dataclass(frozen=True)
class Answer:
    """A question and what the plan says to it.

    Attributes
    ----------
    question
        As the reader would ask it.
    short
        The answer in one sentence.
    more
        What it rests on.
    """

    question: str
    short: str
    more: tuple[str, ...] = ()
