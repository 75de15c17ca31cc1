"""The head of the chapter on forces: when the line stands, and why it can't be manned or built."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from vallum.brief.figures import Unit, figure
from vallum.brief.forces_parts import of_parts
from vallum.brief.language import dated, say
from vallum.brief.page_text import capital

if TYPE_CHECKING:
    from markupsafe import Markup

    from vallum.brief.figures import Reading

__all__ = ["month", "no_tasks", "programme"]


def no_tasks(reading: Reading) -> tuple[tuple[str, ...], ...]:
    """Say why nothing was shared out."""
    names = reading.at("names") or {}
    refused = reading.at("forces/refused") or ()
    if refused:
        found = (
            say("The line can’t be manned as it was asked for."),
            *(capital(f"{of_parts(str(text), names)}.") for text in refused[:3]),
        )
    elif reading.at("forces") is None:
        found = (say("Who would do what was not worked out for this plan."),)
    else:
        found = (say("There is no line to man."),)
    return (
        found,
        (say("Without forts there is nothing to share out, and nothing is claimed."),),
        (say("Another line, or other forts and response times, would change it."),),
    )


def programme(reading: Reading) -> list[str]:
    """Say when it stands."""
    if not reading.has("forces/programme/all_covered"):
        names = reading.at("names") or {}
        refused = reading.at("forces/refused") or ()
        return [
            say("It can’t be built so: {why}.", why=of_parts(str(text), names))
            for text in refused[:1]
        ]
    first, last = (
        month(str(reading.at(f"forces/programme/{which}_covered"))) for which in ("first", "all")
    )
    if reading.at("forces/programme/first_covered") == reading.at("forces/programme/all_covered"):
        return [
            say(
                "By the programme, with the engineers that there are, all of it is covered from "
                "{last}.",
                last=last,
            )
        ]
    return [
        say(
            "By the programme, with the engineers that there are, the first piece is covered from "
            "{first}, and all of it from {last}.",
            first=first,
            last=last,
        )
    ]


def month(day: str) -> Markup:
    """Write the month of a day of the programme, which is exact as the programme is.

    Parameters
    ----------
    day
        As ISO 8601 has it.
    """
    at = dt.date.fromisoformat(day)
    unit = Unit(lambda _: dated(at, "MMMM y"), lambda *_: "")
    return figure(at.year + (at.month - 1) / 12, unit)
