"""The head of the chapter on the window: is it open, does it last, whose gain is it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.brief import window_evidence
from vallum.brief.accord_head import together
from vallum.brief.figures import COUNT, MONTHS, NUMBER, SHARE, exact, figure, joined, ranged
from vallum.brief.head import Head
from vallum.brief.language import named, say
from vallum.brief.window_words import NEUTRAL, titled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.brief.figures import Reading

__all__ = ["head"]

_THROUGH = "window/p_open_through_programme"


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
    if not reading.has("window/opening/index/mid"):
        return Head(
            _claim(reading),
            (
                say(
                    "How open the window is can’t be said: no dated event between these states is "
                    "known, or the stage was not run."
                ),
            ),
            (say("Nothing is known of it: no data."),),
            (say("A record of dated events between these states would answer it."),),
        )
    found = [
        _answer(reading),
        _lasts(reading),
        _parts(reading),
        window_evidence.gain(reading),
        _holds(reading),
    ]
    return Head(
        _claim(reading),
        tuple(text for text in found if text),
        window_evidence.sure(reading),
        window_evidence.change(reading),
    )


def _names(reading: Reading) -> Mapping[str, str]:
    return {key: named(str(name)) for key, name in (reading.at("names") or {}).items()}


def _claim(reading: Reading) -> str:
    """Give the proposal's claim on timing, with the states that the parts of the opening are of."""
    names, members = _names(reading), reading.at("members") or []
    pairs = {
        name: str(reading.at(f"window/opening/parts/{name}/series") or "").split("-")
        for name in ("drift", "lean")
    }
    sides = {
        name: (
            next((one for one in pair if one in members), ""),
            next((one for one in pair if one not in members), ""),
        )
        for name, pair in pairs.items()
    }
    if not all(one for pair in sides.values() for one in pair):
        return say(
            "Relations in the region have turned: the moment is now, and influence and stability "
            "are the partner’s gain."
        )
    (first, rival), (second, partner) = (
        [names.get(one, one) for one in sides[name]] for name in ("drift", "lean")
    )
    return say(
        "Relations between {first} and {rival} decline while {second} draws closer to {partner}: "
        "the moment is now, and influence and stability are {partner}’s gain.",
        first=first,
        rival=rival,
        second=second,
        partner=partner,
    )


def _answer(reading: Reading) -> str:
    index = ranged(reading, "window/opening/index", NUMBER)
    low, high = (reading.number(f"window/opening/index/{end}") for end in ("low", "high"))
    if low > NEUTRAL:
        return say(
            "It is open: on a scale from 0, closed, to 1, open, the opening stands at {index}.",
            index=index,
        )
    if high < NEUTRAL:
        return say(
            "It is closed: on a scale from 0, closed, to 1, open, the opening stands at {index}.",
            index=index,
        )
    return say(
        "The record can’t tell whether it is open: on a scale from 0, closed, to 1, open, the "
        "opening stands at {index}, and 0.5 is neutral.",
        index=index,
    )


def _lasts(reading: Reading) -> str:
    if not (reading.has("window/opening/p_open_now") and reading.has(_THROUGH)):
        return ""
    return say(
        "It is open now in {now} of the draws, and stays so through the {months} until the line of "
        "all members stands in {through}.",
        now=exact(reading, "window/opening/p_open_now", SHARE),
        months=exact(reading, "window/opening/months", MONTHS),
        through=exact(reading, _THROUGH, SHARE),
    )


def _parts(reading: Reading) -> str:
    """Hold each part of the claim against its score."""
    names = _names(reading)
    borne: list[str] = []
    against: list[str] = []
    unclear: list[str] = []
    alone: list[str] = []
    for name in reading.at("window/opening/parts") or {}:
        at = f"window/opening/parts/{name}"
        if not reading.has(f"{at}/score/mid"):
            continue
        low, high = (reading.number(f"{at}/score/{end}") for end in ("low", "high"))
        score = (
            figure(reading.number(f"{at}/score/mid"), NUMBER)
            if low == high
            else ranged(reading, f"{at}/score", NUMBER)
        )
        text = say(
            "“{part}” at {score}", part=titled(str(reading.at(f"{at}/title")), names), score=score
        )
        if name == "load":
            alone.append(text)
        else:
            (borne if low > NEUTRAL else against if high < NEUTRAL else unclear).append(text)
    texts = []
    if borne:
        texts.append(say("The record bears out {list}.", list=joined(borne)))
    if unclear:
        texts.append(say("It leaves open {list}.", list=joined(unclear)))
    if against:
        texts.append(say("It says the opposite of {list}.", list=joined(against)))
    if alone:
        texts.append(say("By one series alone: {list}.", list=joined(alone)))
    return together(*texts)


def _holds(reading: Reading) -> str:
    """Say in how many climates the accord would hold by what it brings."""
    rows = reading.at("window/scenarios") or []
    if not rows:
        return ""
    holds, tried = sum(bool(row["holds"]) for row in rows), figure(float(len(rows)), COUNT)
    if not holds:
        return say(
            "By what it brings, the accord would hold in none of the {all} climates that were "
            "tried.",
            all=tried,
        )
    return say(
        "By what it brings, the accord would hold in {holds} of {all} climates that were tried.",
        holds=figure(float(holds), COUNT),
        all=tried,
    )
