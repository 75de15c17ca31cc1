"""Who does what on the line that the proposal aims at, where the plan shown is an illustration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.brief.accord_head import together
from vallum.brief.figures import DOLLARS_YEAR, KM, SHARE, exact
from vallum.brief.language import named, say
from vallum.brief.page_text import listed

if TYPE_CHECKING:
    from vallum.brief.figures import Reading

__all__ = ["aimed"]

_GAME = "accord/games/aim"


def aimed(reading: Reading) -> str:
    """Say what sharing does on the line that holds half of the output.

    Parameters
    ----------
    reading
        The record.

    Returns
    -------
    str
        Empty where the plan shown is no illustration, or no accord was reckoned with forces.
    """
    rows = reading.at(f"{_GAME}/coalitions") or []
    members = [str(one) for one in reading.at("members") or []]
    by_name = {frozenset(str(row["coalition"]).split("+")): row for row in rows}
    whole = by_name.get(frozenset(members))
    if not reading.at("illustration") or whole is None or len(members) < 2:
        return ""
    if not reading.at("settings/accord/forces"):  # nobody's men were counted
        return ""
    short = [
        one
        for one in members
        if (row := by_name.get(frozenset({one}))) is not None and not row["feasible"]
    ]
    texts = (_can(reading, whole, short, by_name), *_saved(reading))
    return together(*texts)


def _can(
    reading: Reading,
    whole: dict[str, object],
    short: list[str],
    by_name: dict[frozenset[str], dict[str, object]],
) -> str:
    """Say who can hold that line, and who can't alone."""
    if not whole["feasible"]:
        return say(
            "Not even together do the states have what a line around half of the output takes."
        )
    if not short:
        return say(
            "Each state can hold its part of a line around half of the output with what it has, as "
            "far as that is known."
        )
    names = reading.at("names") or {}
    states = listed([named(str(names.get(one, one))) for one in short])
    lacks = {_lack(str(by_name[frozenset({one})]["why"])) for one in short}
    if lacks == {"engineers"}:
        return say(
            "Together the states can man and build a line around half of the output; {states} "
            "alone can’t, for want of engineers to build it in time.",
            states=states,
        )
    if lacks == {"men"}:
        return say(
            "Together the states can man and build a line around half of the output; {states} "
            "alone can’t, for want of men or means to man it.",
            states=states,
        )
    return say(
        "Together the states can man and build a line around half of the output; {states} alone "
        "can’t, for want of men, means or engineers.",
        states=states,
    )


def _lack(why: str) -> str:
    """Tell what a coalition lacks by the part that refused: building it, or manning it."""
    parts = {part.split(":", 1)[0].strip() for part in why.split(";") if ":" in part}
    if parts & {"forts", "tasks"}:
        return "both" if "programme" in parts else "men"
    return "engineers"


def _saved(reading: Reading) -> tuple[str, ...]:
    """Say what doing it jointly saves against each by itself."""
    rows = reading.at(f"{_GAME}/saved") or []
    at = {str(row["what"]): n for n, row in enumerate(rows) if row["saved"] is not None}
    if not {"cost_usd_yr", "line_km"} <= set(at) or not reading.has(f"{_GAME}/saved_share"):
        return ()
    if not reading.number(f"{_GAME}/saved/{at['cost_usd_yr']}/saved") > 0:
        return (say("It costs them no less than each by itself."),)
    return (
        say(
            "Doing it jointly saves {usd}, {share} of what each by itself would spend, and {km} of "
            "line.",
            usd=exact(reading, f"{_GAME}/saved/{at['cost_usd_yr']}/saved", DOLLARS_YEAR),
            share=exact(reading, f"{_GAME}/saved_share", SHARE),
            km=exact(reading, f"{_GAME}/saved/{at['line_km']}/saved", KM),
        ),
    )
