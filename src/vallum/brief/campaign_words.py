"""What the campaign stage found, in sentences: where it works and where it fails."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from vallum.brief.campaign_elsewhere import abroad, elsewhere, outside
from vallum.brief.campaign_names import (
    PER_YEAR,
    land_name,
    means_name,
    part_name,
    shares,
    signed,
    yearly,
)
from vallum.brief.campaign_verdict import Verdict, change_figures, ranged_change, sentences
from vallum.brief.language import of_stage, say, say_n
from vallum.brief.page_text import THIN, amount, capital, listed, percent, plain, whole
from vallum.brief.record_campaign import (
    best_otherwise,
    changes,
    moved,
    told_leaks,
    untold_km,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.brief.campaign_verdict import Change
    from vallum.campaign.model import Case

__all__ = ["Verdict", "case_words", "verdicts"]


def verdicts(case: Case, names: Mapping[str, str]) -> list[Verdict]:
    """Say of one case what the line can touch, stops, lets through, moves elsewhere and forgoes.

    Parameters
    ----------
    case
        To speak of.
    names
        Of states by ISO3.

    Returns
    -------
    list
        In the order in which they are asked; every number is from the case's tables.
    """
    line = changes(case).get("line", {})
    return [
        _touch(case),
        _stops(case),
        *([_held(line["held"])] if "held" in line else []),
        _leaks(case, names),
        elsewhere(case),
        *([outside(line["outside"])] if "outside" in line else []),
        *abroad(case, names),
        *_money(case),
        *_studies(case),
    ]


def case_words(case: Case) -> str:
    """Say what was played."""
    made, asked = case.played
    figures = {
        "length": f"{plain(case.line_km, 3)}{THIN}km",
        "cost": amount(case.cost_usd_yr),
        "step": whole(case.step),
        "made": whole(made),
    }
    if made < asked:
        said = say(
            "{length} of line, {cost} USD a year, step {step}. {made} of {asked} draws of all "
            "assumptions, each a history of its own; ranges hold nine draws in ten.",
            **figures,
            asked=whole(asked),
        )
    else:
        said = say(
            "{length} of line, {cost} USD a year, step {step}. {made} draws of all assumptions, "
            "each a history of its own; ranges hold nine draws in ten.",
            **figures,
        )
    years = float(case.phases["years"].iloc[-1]) if len(case.phases) else math.nan
    if not math.isfinite(years):
        return said
    last = say_n(
        "The last phase is played for {years} year.",
        "The last phase is played for {years} years.",
        years,
        years=whole(years),
    )
    return f"{said} {last}"


def _touch(case: Case) -> Verdict:
    low, mid, high = case.touchable
    text = say(
        "{share} of the attacks on the members’ land come by ways that cross where the line stands "
        "({range}). The other {rest} start inside, strike land that is not held, or come where no "
        "line stands: no work on the line reaches them.",
        share=capital(percent(mid)),
        range=shares(low, high),
        rest=percent(1.0 - mid),
    )
    kind = "works" if mid >= 0.5 else "fails"
    return Verdict("touch", say("What a line can touch"), kind, percent(mid), text)


def _stops(case: Case) -> Verdict:
    low, mid, high = case.stopped
    head = say("What it stops")
    if not math.isfinite(mid):
        text = say("Nobody crosses where it stands in these draws, so that it stops nobody.")
        return Verdict("stops", head, "open", "–", text)
    text = say(
        "Of those who cross there {share} are stopped in the end ({range}), tries after a first "
        "one included; {rest} get through.",
        share=percent(mid),
        range=shares(low, high),
        rest=percent(1.0 - mid),
    )
    kind = "works" if mid >= 0.5 else "fails"
    return Verdict("stops", head, kind, percent(mid), sentences(text, *_forts(case)))


def _forts(case: Case) -> list[str]:
    """Say how often its own forts are attacked, in the last phase."""
    table = case.totals[(case.totals["means"] == "line") & (case.totals["what"] == "forts")]
    return [
        say(
            "Its own forts are attacked {mean} times a year ({range}).",
            mean=yearly(float(row["mean"])),
            range=PER_YEAR.two(float(row["low"]), float(row["high"])),
        )
        for row in table[table["phase"] == table["phase"].max()].head(1).to_dict("records")
    ]


def _held(row: Change) -> Verdict:
    way, figures = moved(row), change_figures(row)
    if way < 0:
        text = say(
            "Attacks on the land it holds fall from {before} to {after} a year: {change} "
            "({range}).",
            **figures,
        )
    elif way > 0:
        text = say(
            "Attacks on the land it holds rise from {before} to {after} a year: {change} "
            "({range}).",
            **figures,
        )
    else:
        text = say(
            "Attacks on the land it holds hardly change, from {before} to {after} a year: {change} "
            "({range}).",
            **figures,
        )
    doubt = []
    if row["change_low"] < 0 < row["change_high"]:
        doubt = [say("Some draws have more of them than before: it can’t be relied on.")]
    kind = "works" if row["change_high"] < 0 else "open" if way < 0 else "fails"
    if not row["before"] > 0:  # nothing there could have been spared
        kind = "open"
    head = say("Attacks on the land it holds")
    return Verdict("held", head, kind, signed(row["change"]), sentences(text, *doubt))


def _leaks(case: Case, names: Mapping[str, str]) -> Verdict:
    """Say where most get through, and round which ends."""
    table, head = told_leaks(case, names), say("Where it leaks")
    if not len(table):
        text = say(
            "No part of the line or of its flanks is 50 km long: where it leaks is not told."
        )
        return Verdict("leaks", head, "open", "–", text)
    flank = (table["kind"] == "flank").to_numpy(np.bool_)
    total, round_it = float(table["through"].sum()), float(table.loc[flank, "through"].sum())
    said = []
    parts = table[~flank].reset_index(drop=True)
    if len(parts):
        worst = parts.iloc[0]
        low, high = float(worst["leakage_low"]), float(worst["leakage_high"])
        said.append(
            say(
                "Where the line stands most get through at {part}, {length} long: {through} a "
                "year, {share} of those who try there ({range}).",
                part=_facing(str(worst["name"]), worst["facing"], names),
                length=f"{plain(float(worst['length_km']), 3)}{THIN}km",
                through=yearly(float(worst["through"])),
                share=percent(float(worst["leakage"])),
                range=shares(low, high),
            )
        )
    if flank.any():
        by = table[flank].groupby("facing", sort=True)["through"].sum()
        by = by.sort_values(ascending=False, kind="stable")
        ends = [f"{land_name(k, names)} {yearly(float(v))}" for k, v in by.items()]
        said.append(
            say(
                "Round it, where no line stands, pass {through} a year, by the land in front: "
                "{list}.",
                through=yearly(round_it),
                list=listed(ends),
            )
        )
    if untold_km(case) > 0:
        length = f"{plain(untold_km(case), 2)}{THIN}km"
        said.append(say("Flanks of {length} are too short to be told.", length=length))
    share = round_it / total if total > 0 else 0.0
    figure = (
        say("{share} round it", share=percent(share))
        if flank.any()
        else say("{number} a year", number=yearly(total))
    )
    return Verdict("leaks", head, "fails" if total > 0 else "works", figure, " ".join(said))


def _facing(part: str, facing: object, names: Mapping[str, str]) -> str:
    """Name a part, with what lies in front where it is said."""
    name = part_name(part, names)
    if str(facing) in ("", "nan"):
        return name
    return say("{part} (in front: {land})", part=name, land=land_name(facing, names))


def _money(case: Case) -> list[Verdict]:
    """Compare the line with the best of the other means."""
    said, beaten = [], False
    for what in ("held", "all"):
        best, line = best_otherwise(case, what), changes(case).get("line", {}).get(what)
        if best is None or line is None:
            continue
        beaten = beaten or bool(best["more"])
        figures = {
            "means": means_name(str(best["means"])),
            "change": signed(best["change"]),
            "range": ranged_change(best),
            "own": signed(line["change"]),
            "own_range": ranged_change(line),
        }
        said.append(
            say(
                "On the held land the best other use of the money is {means}: {change} ({range}); "
                "the line has {own} ({own_range}).",
                **figures,
            )
            if what == "held"
            else say(
                "Over all land, neighbours included, the best other use of the money is {means}: "
                "{change} ({range}); the line has {own} ({own_range}).",
                **figures,
            )
        )
        said.append(say("The line does less.") if best["more"] else say("The line does no less."))
        if not _apart(best, line):
            said.append(say("The ranges overlap."))
    if not said:
        return []
    figure = say("Others do more") if beaten else say("None does more")
    kind = "fails" if beaten else "works"
    return [Verdict("money", say("The same money otherwise"), kind, figure, " ".join(said))]


def _studies(case: Case) -> list[Verdict]:
    """Count the published effects that ours agree with, and name those it does not."""
    table = case.published
    if not len(table):
        return []
    agree = table["consistent"].to_numpy(np.bool_)
    figures = {"count": whole(int(agree.sum())), "all": whole(len(table))}
    said = [say("{count} of {all} published effects lie in our range.", **figures)]
    against = [
        Markup('<span lang="en">{}</span> ({})').format(row["study"], of_stage(str(row["measure"])))
        for row in table[~agree].to_dict("records")
    ]
    if against:
        said.append(say("Not so: {list}.", list=Markup(" · ").join(against)))
    figure = say("{count} of {all}", **figures)
    kind = "fails" if against else "works"
    head = say("Against published effects")
    return [Verdict("studies", head, kind, figure, sentences(*said))]


def _apart(a: Change, b: Change) -> bool:
    """Whether two ranges do not meet."""
    return a["change_high"] < b["change_low"] or b["change_high"] < a["change_low"]
