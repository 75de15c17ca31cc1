"""How sure the chapter on works is, and what would change it: the second half of its head."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.brief.figures import DOLLARS_YEAR, SHARE, exact, ranged
from vallum.brief.language import say
from vallum.brief.works_names import surface

if TYPE_CHECKING:
    from vallum.brief.figures import Reading

__all__ = ["change", "sure"]

_LAND = "works/land"


def sure() -> tuple[str, ...]:
    """Say how sure it is."""
    return (
        say(
            "What is stopped is computed, not measured. Most figures of detection and delay are "
            "judgements, named in the ledger; nothing was tuned to lines that were built."
        ),
        say(
            "Ranges move every figure of every item from its low to its high end alone, and "
            "combine the swings as if they erred independently. If they err together, the ranges "
            "are wider."
        ),
        say(
            "The order of the choices is less sure than their price: several compositions cost "
            "nearly the same, and another may come first when a price moves."
        ),
    )


def change(reading: Reading) -> tuple[str, ...]:
    """Say what would change it.

    Parameters
    ----------
    reading
        The record.

    Returns
    -------
    tuple of str
        Other standards, the figure that decides most, and what no one has measured.
    """
    missing = say(
        "A record of who crossed a built line and who was stopped: none was found. With one, "
        "detection and delay could be measured instead of judged."
    )
    if not reading.has(_LAND):
        return (missing,)
    return _others(reading), _hangs(reading), missing


def _others(reading: Reading) -> str:
    """Say what other standards would cost."""
    texts = []
    for n in range(len(reading.at(f"{_LAND}/other_standards"))):
        path = f"{_LAND}/other_standards/{n}"
        values = {
            "standard": exact(reading, f"{path}/standard", SHARE),
            "cost": ranged(reading, f"{path}/cost_usd_km_yr", DOLLARS_YEAR),
        }
        if reading.at(f"{path}/met"):
            texts.append(say("to stop {standard} would cost {cost}", **values))
        else:
            most = ranged(reading, f"{path}/effect", SHARE)
            texts.append(
                say("{standard} can’t be had, at most {most} for {cost}", most=most, **values)
            )
    before = texts[0]
    for text in texts[1:]:
        before = say("{before}; {next}", before=before, next=text)
    return say(
        "Another standard: on the commonest ground ({surface}), where the works chosen cost {now} "
        "a kilometre, {list}.",
        surface=surface(str(reading.at(f"{_LAND}/commonest/surface"))),
        now=ranged(reading, f"{_LAND}/commonest/cost_usd_km_yr", DOLLARS_YEAR),
        list=before,
    )


def _hangs(reading: Reading) -> str:
    """Say which figure moves what is stopped most."""
    figures = {
        "detection": say("how often sensors and patrols see who crosses"),
        "delay": say("how long barriers hold them up"),
        "response": say("how fast the response comes"),
        "communication": say("how often an alarm gets through"),
        "depth_km": say("how far they must run to be safe"),
        "neutralisation": say("how the fight ends"),
    }
    figure = str(reading.at(f"{_LAND}/hangs_on/figure"))
    return say(
        "What is stopped hangs most on {figure}: {stops} on the commonest ground, from one end of "
        "that figure’s range to the other.",
        figure=figures.get(figure, figure),
        stops=ranged(reading, f"{_LAND}/hangs_on", SHARE),
    )
