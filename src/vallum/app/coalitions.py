"""Frontiers that are found before anybody asks: those of the other coalitions."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from vallum.app.jobs.worker import BASES
from vallum.app.sheet import Sheet

if TYPE_CHECKING:
    from vallum.app.page.facts import Facts
    from vallum.app.settings import AppSettings

__all__ = ["other_coalitions"]


def other_coalitions(settings: AppSettings, facts: Facts) -> tuple[Sheet, ...]:
    """List scenarios that differ from the opened one in who takes part.

    Where the line is sought along other borders, the threat's ways are found anew, which takes
    longer than any other change of the page: so it is done while nobody waits.

    Parameters
    ----------
    settings
        Of the service.
    facts
        Of the theatre that is opened.

    Returns
    -------
    tuple of Sheet
        Larger coalitions first; no more than a worker keeps beside the opened one.
    """
    members, opened = facts.theatre.members, facts.opened
    own = frozenset(opened.theatre.coalition or members)
    every = [
        chosen
        for size in range(len(members), 0, -1)
        for chosen in combinations(members, size)
        if frozenset(chosen) != own
    ]
    out = []
    for chosen in every[: BASES - 1]:
        who = None if len(chosen) == len(members) else chosen
        theatre = opened.theatre.model_copy(update={"coalition": who})
        out.append(Sheet("x", settings.theatre, opened.model_copy(update={"theatre": theatre})))
    return tuple(out)
