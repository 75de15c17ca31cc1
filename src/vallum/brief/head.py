"""The head of a chapter: what the proposal claims, what we find, how sure, what would change it."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Head"]


@dataclass(frozen=True, eq=False)
class Head:
    """The head of a chapter.

    Attributes
    ----------
    claim
        What the proposal claims, in its own terms.
    found
        What we find: the first sentence is the chapter's answer and stands alone (the page's list
        of questions has it); the others say what it rests on.
    sure
        How sure that is: ranges over draws, proofs, tests passed and failed, what is a judgement.
    change
        What would change the answer: the assumptions that decide, switch values, missing data.
    unlike
        Paths of the record that are read to choose words, whose value need not show.
    """

    claim: str
    found: tuple[str, ...]
    sure: tuple[str, ...]
    change: tuple[str, ...]
    unlike: tuple[str, ...] = field(default=())
