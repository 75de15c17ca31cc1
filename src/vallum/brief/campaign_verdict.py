"""A verdict on the line, and how its sentences are put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from markupsafe import Markup

from vallum.brief.campaign_names import change_range, signed, yearly

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Change", "Verdict", "change_figures", "ranged_change", "sentences"]

Change: TypeAlias = "Mapping[str, float]"


@dataclass(frozen=True)
class Verdict:
    """One finding.

    Attributes
    ----------
    name
        Of the question: the same in every language.
    head
        What it is about, in a few words.
    kind
        "works", "fails" or "open": for the mark beside it.
    figure
        The number that stands out.
    text
        Sentences.
    """

    name: str
    head: str
    kind: str
    figure: str
    text: str


def sentences(*said: str) -> str:
    """Put sentences one behind the other; markup among them stays."""
    return (
        Markup(" ").join(said) if any(isinstance(one, Markup) for one in said) else " ".join(said)
    )


def change_figures(row: Change) -> dict[str, str]:
    """Write a change: before, after, as a share of before, and its range."""
    return {
        "before": yearly(row["before"]),
        "after": yearly(row["after"]),
        "change": signed(row["change"]),
        "range": ranged_change(row),
    }


def ranged_change(row: Change) -> str:
    """Write the range of a change."""
    return change_range(row["change_low"], row["change_high"])
