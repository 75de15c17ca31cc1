"""Verdicts on land that the line does not hold: what strikes elsewhere, and who suffers it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from vallum.brief.campaign_names import change_range, shares, signed
from vallum.brief.campaign_verdict import Verdict, change_figures, sentences
from vallum.brief.language import named, say, say_n
from vallum.brief.page_text import listed, percent, whole
from vallum.brief.record_campaign import EVEN, change_of, moved, neighbours

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.brief.campaign_verdict import Change
    from vallum.campaign.model import Case

__all__ = ["abroad", "elsewhere", "outside"]

MUCH_MOVED = 0.1  # of the attacks spared: so many strike elsewhere that it is called a failure


def elsewhere(case: Case) -> Verdict:
    """Say what share of the attacks that held land is spared strikes elsewhere."""
    low, mid, high = case.displaced
    head = say("What strikes elsewhere instead")
    if not math.isfinite(mid):
        text = say(
            "The land it holds is spared no attacks, so that none strikes elsewhere instead."
        )
        return Verdict("elsewhere", head, "open", "–", text)
    if low < 0 < high and mid < MUCH_MOVED:
        text = say(
            "No shift of attacks to other land stands out from chance: as a share of the attacks "
            "that held land is spared, those elsewhere change by {change} ({range}).",
            change=signed(mid),
            range=change_range(low, high),
        )
    elif high < 0:
        text = say(
            "Attacks elsewhere fall too, by {share} of those that held land is spared ({range}).",
            share=percent(-mid),
            range=shares(-high, -low),
        )
    else:
        text = say(
            "Of the attacks that held land is spared, {share} strike elsewhere ({range}): on "
            "members’ land outside, or in neighbouring states.",
            share=percent(mid),
            range=shares(low, high),
        )
    kind = "works" if high < MUCH_MOVED else "fails" if mid >= MUCH_MOVED else "open"
    return Verdict("elsewhere", head, kind, percent(mid) if mid >= 0 else signed(mid), text)


def outside(row: Change) -> Verdict:
    """Say how attacks on members' other land change."""
    way, figures, more = moved(row), change_figures(row), []
    if way < 0:
        text = say(
            "Attacks on the members’ other land fall from {before} to {after} a year: {change} "
            "({range}).",
            **figures,
        )
    elif way > 0:
        text = say(
            "Attacks on the members’ other land rise from {before} to {after} a year: {change} "
            "({range}).",
            **figures,
        )
        more = [
            say("Those left outside pay for those inside.")
            if row["change_low"] > 0
            else say("On the mean those left outside pay for those inside; not in every draw.")
        ]
    else:
        text = say(
            "Attacks on the members’ other land hardly change, from {before} to {after} a year: "
            "{change} ({range}).",
            **figures,
        )
    kind = "fails" if way > 0 else "works" if row["change_high"] <= EVEN else "open"
    head = say("Members’ land left outside")
    return Verdict("outside", head, kind, signed(row["change"]), sentences(text, *more))


def abroad(case: Case, names: Mapping[str, str]) -> list[Verdict]:
    """Say which neighbours gain or suffer, beyond the chance that drawing leaves."""
    rows = [
        (named(names.get(iso3, iso3)), row)
        for iso3 in neighbours(case)
        if (row := change_of(case, "line", iso3)) is not None
    ]
    if not rows:
        return []
    way = {name: moved(row, len(rows)) for name, row in rows}
    worse = [name for name in way if way[name] > 0]
    better = [name for name in way if way[name] < 0]
    said = []
    if worse:
        said.append(
            say_n(
                "{names} suffers more attacks than before.",
                "{names} suffer more attacks than before.",
                len(worse),
                names=listed(worse, most=20),
            )
        )
    if better:
        said.append(
            say_n(
                "{names} suffers fewer attacks than before.",
                "{names} suffer fewer attacks than before.",
                len(better),
                names=listed(better, most=20),
            )
        )
    sure = [name for name, row in rows if way[name] > 0 and row["change_low"] > 0]
    if sure:
        said.append(say("More in nearly every draw: {names}.", names=listed(sure, most=20)))
    said += [
        say(
            "{name} {before} → {after} a year ({change}; {range}).",
            name=name,
            **change_figures(row),
        )
        for name, row in rows
        if way[name]
    ]
    if not worse and not better:
        said.append(
            say("No neighbour’s attacks change by more than half a per cent and beyond chance.")
        )
    figure = say("{count} of {all} worse off", count=whole(len(worse)), all=whole(len(rows)))
    kind = "fails" if worse else "works"
    return [Verdict("abroad", say("Neighbours"), kind, figure, " ".join(said))]
