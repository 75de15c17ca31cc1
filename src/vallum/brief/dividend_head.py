"""The head of the chapter on the dividend and the accord: what it buys, who gains, who stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.brief import accord_head, dividend_evidence
from vallum.brief.dividend_words import SURE, line_name
from vallum.brief.figures import COUNT, DOLLARS, YEARS, exact, joined, ranged
from vallum.brief.head import Head
from vallum.brief.language import named, say

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        "The protected land pays: safe tourism, trade and shared economic plans. Tasks are shared "
        "out, so that one joint effort does what two states can’t do apart."
    )
    case = next((name for name in ("half", "plan") if _has(reading, name)), "")
    if not case:
        texts = (
            say("What the line buys was not worked out for this plan."),
            *accord_head.lasts(reading),
        )
        return Head(
            claim,
            (" ".join(texts), *accord_head.found(reading)),
            (say("Nothing is known of it: no draws were made."), *accord_head.sure(reading)),
            (say("A run with the dividend would answer it."), *accord_head.change(reading)),
            unlike=accord_head.UNLIKE,
        )
    at = f"dividend/cases/{case}"
    return Head(
        claim,
        (_answer(reading, case), _brings(reading, at), _who(reading, at),
         *accord_head.found(reading)),
        (*dividend_evidence.sure(reading, at), *accord_head.sure(reading)),
        (*dividend_evidence.change(reading, at), *accord_head.change(reading)),
        unlike=accord_head.UNLIKE,
    )  # fmt: skip


def _has(reading: Reading, case: str) -> bool:
    return isinstance(reading.at(f"dividend/cases/{case}/npv_usd/members"), dict)


def _answer(reading: Reading, case: str) -> str:
    """Answer what it buys its members, and whether an accord lasts."""
    at = f"dividend/cases/{case}"
    figures = {
        "line": line_name(case, illustration=bool(reading.at("illustration"))),
        "npv": ranged(reading, f"{at}/npv_usd/members", DOLLARS),
        "years": exact(reading, "settings/dividend/horizon", YEARS),
    }
    mid = reading.number(f"{at}/npv_usd/members/mid")
    pays = reading.number(f"{at}/pays_share/members")
    if mid > 0 and pays >= SURE:
        text = say(
            "It brings its members more than it costs them: over {years} {line} is worth {npv} to "
            "them.",
            **figures,
        )
    elif mid <= 0 and pays <= 1 - SURE:
        text = say(
            "It costs its members more than it brings: over {years} {line} is worth {npv} to them.",
            **figures,
        )
    else:
        text = say(
            "Whether it pays its members can’t be told: over {years} {line} is worth {npv} to "
            "them.",
            **figures,
        )
    return accord_head.together(text, *accord_head.lasts(reading))


def _brings(reading: Reading, at: str) -> str:
    """Say what each stream brings or takes."""
    money = f"{at}/money"
    figures = {
        name: ranged(reading, f"{money}/{name}", DOLLARS)
        for name in ("losses", "trade", "projects", "tourism", "spent", "harm")
    }
    if any(reading.number(f"{money}/tourism/{end}") for end in ("low", "mid", "high")):
        text = say(
            "It brings them {losses} of losses averted, {trade} by trade, {projects} by joint "
            "projects and {tourism} by visitors. Building, keeping, men and gates take {spent}; "
            "herders cut off and people left outside lose {harm}.",
            **figures,
        )
    else:
        text = say(
            "It brings them {losses} of losses averted, {trade} by trade, {projects} by joint "
            "projects and nothing by visitors. Building, keeping, men and gates take {spent}; "
            "herders cut off and people left outside lose {harm}.",
            **{name: text for name, text in figures.items() if name != "tourism"},
        )
    if not reading.has(f"{at}/sites"):
        return text
    sites = say(
        "Of {all} heritage sites and parks {before} can be reached safely today, and {after} with "
        "the line.",
        **{
            name: exact(reading, f"{at}/sites/{name}", COUNT) for name in ("all", "before", "after")
        },
    )
    return accord_head.together(text, sites)


def _who(reading: Reading, at: str) -> str:
    """Say what it is worth to each member, and which others gain or lose in nearly every draw."""
    members = reading.at("members")
    told = _worths(reading, at, [one for one in members if reading.has(f"{at}/npv_usd/{one}/mid")])
    texts = [say("By member: {list}.", list=told)] if told else []
    shares = reading.at(f"{at}/pays_share") or {}
    money = reading.at(f"{at}/npv_usd") or {}
    others = [
        one
        for one in shares
        if one not in (*members, "all", "members") and (money[one]["low"] or money[one]["high"])
    ]
    gain = [one for one in others if money[one]["low"] > 0 and shares[one] >= SURE]
    lose = [one for one in others if money[one]["high"] < 0 and shares[one] <= 1 - SURE]
    if gain:
        texts.append(
            say(
                "Gain in nearly every draw, without paying: {states}.",
                states=_worths(reading, at, gain),
            )
        )
    if lose:
        texts.append(say("Lose in nearly every draw: {states}.", states=_worths(reading, at, lose)))
    if others and not gain and not lose:
        texts.append(say("No other state gains or loses in nearly every draw."))
    return accord_head.together(*texts)


def _worths(reading: Reading, at: str, states: Sequence[str]) -> str:
    """Name states, each with what it is worth to it."""
    names = reading.at("names") or {}
    return joined(
        [
            say(
                "{state} {npv}",
                state=named(str(names.get(one, one))),
                npv=ranged(reading, f"{at}/npv_usd/{one}", DOLLARS),
            )
            for one in states
        ]
    )
