"""Where the proposal fails, in sentences read from the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vallum.brief.figures import (
    PEOPLE,
    SHARE,
    UNKNOWN,
    Reading,
    Unit,
    exact,
    figure,
    range_of,
    ranged,
)
from vallum.brief.language import say
from vallum.brief.page_text import THIN, listed, percent, plain
from vallum.brief.record import record
from vallum.brief.states import state, the
from vallum.brief.told import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup

    from vallum.plan import Plan

__all__ = ["fails"]


def fails(plan: Plan, content: Mapping[str, Any] | None = None) -> tuple[Answer, ...]:
    """Say where the proposal fails.

    Parameters
    ----------
    plan
        To speak of.
    content
        Its record, where it is at hand.

    Returns
    -------
    tuple of Answer
        Inside, around, outside.
    """
    reading = Reading(record(plan) if content is None else content)
    case = _case(reading)
    return (_inside(reading, case), _around(plan, reading, case), _outside(reading, case))


def _case(reading: Reading) -> str:
    """Give the path of the land to speak of: the larger one where two were played."""
    for name in ("half", "plan"):
        if reading.has(f"campaign/cases/{name}"):
            return f"campaign/cases/{name}"
    return ""


def _line(case: str) -> str:
    """Name the line that was played."""
    if case.endswith("half"):
        return say("a line that holds half of the output")
    return say("the line shown")


def _inside(reading: Reading, case: str) -> Answer:
    """Say what starts inside, where no line reaches."""
    low, mid, high = reading.ends("threat/share_from_outside")
    more = []
    if reading.has_range("works/effect"):
        weak, effect, strong = reading.ends("works/effect")
        more.append(
            say(
                "Of the rest the works stop {effect} where the line stands, so that it averts "
                "about {both} of the losses on the land it holds. How losses split between inside "
                "and outside is a judgement, not a measurement.",
                effect=range_of(weak, effect, strong, SHARE),
                both=range_of(low * weak, mid * effect, high * strong, SHARE),
            )
        )
    if reading.has_range(f"{case}/touchable_share"):
        more.append(
            say(
                "Played out for {line}: {touch} of the attacks on the members’ land come by ways "
                "that cross it. All others start inside, strike land that it does not hold, or "
                "come where no line stands.",
                line=_line(case),
                touch=ranged(reading, f"{case}/touchable_share", SHARE),
            )
        )
    return Answer(
        say("Attacks that start inside"),
        say(
            "{share} of the losses on the land held are taken to start inside it, and no line can "
            "touch them.",
            share=range_of(1.0 - high, 1.0 - mid, 1.0 - low, SHARE),
        ),
        tuple(more),
    )


def _around(plan: Plan, reading: Reading, case: str) -> Answer:
    """Say whether attackers go round, and by whose ground."""
    rows: Sequence[Mapping[str, Any]] = (reading.at(f"{case}/leaks") or []) if case else []
    more = [*_worst(reading, case, rows), *_neighbours(reading, case), _taken(plan)]
    return Answer(say("Attackers who go round"), _round(reading, case, rows), tuple(more))


def _round(reading: Reading, case: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Say whether more go round the line or through it, as the campaign has it."""
    if not case:
        return say(
            "Whether attackers go round was not played out: losses averted take it that they do "
            "not."
        )
    if not rows:
        return say(
            "Played out for {line}: it is too short for it to be told where attackers go round it "
            "or through it.",
            line=_line(case),
        )
    open_: dict[str, float] = {}
    for row in rows:
        if row["kind"] == "flank":
            open_[str(row["facing"])] = open_.get(str(row["facing"]), 0.0) + row["through"]
    through = sum(row["through"] for row in rows if row["kind"] != "flank")
    if not sum(open_.values()) > 0:
        return say(
            "Played out for {line}: it leaves no long flank open, so that those who get in go "
            "through it.",
            line=_line(case),
        )
    facing = max(open_, key=lambda key: (open_[key], key))
    values = {"line": _line(case), "facing": _facing(reading, facing)}
    if sum(open_.values()) > through:
        return say(
            "Played out for {line}: more attackers go round it, where no line stands, than "
            "through it; most of them by the side that faces {facing}.",
            **values,
        )
    return say(
        "Played out for {line}: fewer attackers go round it, where no line stands, than through "
        "it; most of those who do, by the side that faces {facing}.",
        **values,
    )


def _worst(reading: Reading, case: str, rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Name the part of the line where most get through."""
    lines = [n for n, row in enumerate(rows) if row["kind"] != "flank" and row["sectors"]]
    if not lines:
        return ()
    worst = max(lines, key=lambda n: (rows[n]["through"], -n))
    at = f"{case}/leaks/{worst}"
    ends = tuple(f"{at}/{name}" for name in ("leakage_low", "leakage", "leakage_high"))
    if not rows[worst]["facing"] or not all(reading.has(end) for end in ends):
        return ()
    sectors = str(rows[worst]["sectors"])
    named = say("sector {n}", n=sectors) if sectors.isdigit() else say("sectors {n}", n=sectors)
    low, mid, high = (reading.number(end) for end in ends)
    if high - low > UNKNOWN:
        return (
            say(
                "Most get through at {sector}, which faces {facing}; what share of those who try "
                "there is all but unknown: {share}.",
                sector=named,
                facing=_facing(reading, str(rows[worst]["facing"])),
                share=range_of(low, mid, high, SHARE),
            ),
        )
    return (
        say(
            "Most get through at {sector}, which faces {facing}: {share} of those who try there.",
            sector=named,
            facing=_facing(reading, str(rows[worst]["facing"])),
            share=range_of(low, mid, high, SHARE),
        ),
    )


def _neighbours(reading: Reading, case: str) -> tuple[str, ...]:
    """Say how attacks in neighbouring states change."""
    at = f"{case}/alternatives/line/neighbours"
    if not case or not reading.has(f"{at}/change"):
        return ()
    change = _change(reading, at)
    if _either(reading, at):
        return (say("Attacks in neighbouring states may rise or fall: {change}.", change=change),)
    said = say("Attacks in neighbouring states change by {change}.", change=change)
    return (_doubted(said, reading, at),)


def _taken(plan: Plan) -> str:
    """Say which neighbours are taken to be open, watched or trusted."""
    flank = plan.line.plans.stakes.flank
    code = plan.theatre.ground["state"].to_numpy()
    trusted: list[str] = [say("the sea")]
    watched: list[str] = []
    for n, iso3 in enumerate(plan.theatre.countries.index):
        if iso3 in plan.theatre.members or not (code == n).any():
            continue
        value = float(np.median(flank[code == n]))
        name = the(str(plan.theatre.countries.loc[iso3, "name"]))
        if value < 1:
            (trusted if value <= 0 else watched).append(name)
    return say(
        "Assumed to be guarded, so that no line faces them: {trusted}. Assumed to be watched, and "
        "priced in part: {watched}. All other neighbours count as open.",
        trusted=listed(trusted),
        watched=listed(watched),
    )


def _outside(reading: Reading, case: str) -> Answer:
    """Say how many are left outside, and whether attacks move to them."""
    more = []
    at = f"{case}/alternatives/line/outside"
    if case and reading.has(f"{at}/change"):
        told = {"line": _line(case), "change": _change(reading, at)}
        if _either(reading, at):
            more.append(
                say(
                    "Played out for {line}: attacks on the members’ land outside it may rise or "
                    "fall: {change}.",
                    **told,
                )
            )
        else:
            said = say(
                "Played out for {line}: attacks on the members’ land outside it change by "
                "{change}.",
                **told,
            )
            more.append(_doubted(said, reading, at))
        more.append(_moved(reading, case))
    elif not case:
        more.append(say("Whether attacks move to them was not played out."))
    if reading.at("dividend") is not None:
        more.append(
            say(
                "Services withdrawn from them count as a cost in the chapter on what it buys. "
                "Where they would go is not modelled."
            )
        )
    else:
        more.append(say("Where they would go, and what it costs them, is not modelled here."))
    return Answer(
        say("People left outside"),
        say(
            "In the step shown first, {people} people live outside the line: {share} of the "
            "members’ people.",
            people=exact(reading, "people_left_outside", PEOPLE),
            share=figure(1.0 - reading.number("people_share"), SHARE),
        ),
        tuple(more),
    )


def _moved(reading: Reading, case: str) -> str:
    """Say how many of the attacks spared strike elsewhere."""
    at = f"{case}/displaced_share"
    if not reading.has_range(at):
        return say(
            "The land it holds is spared too few attacks for it to be told whether they strike "
            "elsewhere."
        )
    low, mid, high = reading.ends(at)
    if low <= 0 <= high:
        return say(
            "Whether the attacks that held land is spared strike elsewhere can’t be told: attacks "
            "elsewhere may rise or fall, by {share} of the number spared.",
            share=range_of(low, mid, high, CHANGE),
        )
    if low > 0:
        return say(
            "Of the attacks that held land is spared, {share} strike elsewhere.",
            share=range_of(low, mid, high, SHARE),
        )
    return say(
        "Attacks elsewhere fall too, by {share} of those that held land is spared.",
        share=range_of(-high, -mid, -low, SHARE),
    )


def _change(reading: Reading, at: str) -> Markup:
    low, mid, high = (
        reading.number(f"{at}/{name}") for name in ("change_low", "change", "change_high")
    )
    return range_of(low, mid, high, CHANGE)


def _either(reading: Reading, at: str) -> bool:
    """Whether a range holds both more attacks and fewer."""
    return reading.number(f"{at}/change_low") <= 0 <= reading.number(f"{at}/change_high")


def _doubted(text: str, reading: Reading, at: str) -> str:
    """Add what a range above nothing means."""
    if reading.number(f"{at}/change_low") <= 0:
        return text
    more = say("Those outside pay for those inside.")
    return say("{first} {second}", first=text, second=more)


def _facing(reading: Reading, facing: str) -> str:
    """Name what lies in front of a part of the boundary."""
    codes = [code.strip() for code in facing.split(",")]
    members = reading.at("members") or []
    named = []
    for code in codes:
        if code == "sea":
            named.append(say("the sea"))
        elif code in members:
            named.append(say("{state}, where it is not held", state=state(reading, code)))
        else:
            named.append(state(reading, code))
    return listed(named)


def _signed(share: float) -> str:
    """Write a change with its sign."""
    if abs(share) < 0.001:  # "under 0.1 %" takes no sign
        return percent(abs(share))
    return f"{'−' if share < 0 else '+'}{percent(abs(share))}"


def _signed_ends(low: float, high: float) -> str:
    """Write a range of changes."""
    ends = [
        "0" if abs(end) < 0.0005 else f"{'−' if end < 0 else '+'}{plain(100.0 * abs(end))}"
        for end in (low, high)
    ]
    return say("{low} to {high}", low=ends[0], high=f"{ends[1]}{THIN}%")


CHANGE = Unit(_signed, _signed_ends)
