"""Where the works meet the standard: a part of the head of the chapter on works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.brief.figures import SHARE, exact, joined
from vallum.brief.language import say
from vallum.brief.works_names import of_surface

if TYPE_CHECKING:
    from vallum.brief.figures import Reading

__all__ = ["standard_met"]

_LAND = "works/land"


def standard_met(reading: Reading) -> str:
    """Say where the standard is met, and what is stopped where it isn't.

    Parameters
    ----------
    reading
        The record; its `works/land` is there.

    Returns
    -------
    str
        Of the head of the chapter.
    """
    if reading.at("works/rule") != "one":
        return say(
            "The planner asked for the works that cost least together with the losses that come "
            "through: no one standard is asked for."
        )
    met = exact(reading, f"{_LAND}/standard_met_share", SHARE)
    if reading.at("settings/works/standards"):
        return say("Each part’s own standard is met on {met} of the land.", met=met)
    standard = exact(reading, "works/standard", SHARE)
    short = _short(reading)
    if not short:
        return say(
            "The standard asked for, {standard} stopped, is met on {met} of the land.",
            standard=standard,
            met=met,
        )
    values = {"standard": standard, "met": met, "where": joined(short)}
    if reading.at("settings/works/where_short") == "avoid":
        return say(
            "The standard asked for, {standard} stopped, is met on {met} of the land. No lawful "
            "works meet it on {where}, and no line stands there.",
            **values,
        )
    return say(
        "The standard asked for, {standard} stopped, is met on {met} of the land. No lawful works "
        "meet it on {where}; there those that stop most are used, and the line is no stronger "
        "than they are.",
        **values,
    )


def _short(reading: Reading) -> list[str]:
    """Name the surfaces on which the standard is not met, with the part of each."""
    out = []
    for name in reading.at(f"{_LAND}/surfaces"):
        path = f"{_LAND}/surfaces/{name}"
        if not reading.at(f"{path}/short_share"):
            continue
        part = exact(reading, f"{path}/short_share", SHARE)
        if reading.has(f"{path}/stops"):
            least = exact(reading, f"{path}/stops/low", SHARE)
            out.append(
                say(
                    "{part} {surface} (they stop as little as {least})",
                    part=part,
                    surface=of_surface(name),
                    least=least,
                )
            )
        else:
            out.append(say("{part} {surface}", part=part, surface=of_surface(name)))
    return out
