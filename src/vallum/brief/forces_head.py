"""The head of the chapter on forces: who does what, with what, and when it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from vallum.brief.accord_head import together
from vallum.brief.figures import (
    COUNT,
    DOLLARS_YEAR,
    KM,
    PEOPLE,
    exact,
    is_nothing,
    nothing_of,
    ranged,
)
from vallum.brief.forces_aim_head import aimed
from vallum.brief.forces_sure_head import change, sure, underpriced
from vallum.brief.forces_when_head import no_tasks, programme
from vallum.brief.forces_words import need_name
from vallum.brief.head import Head
from vallum.brief.language import named, say
from vallum.brief.page_text import listed

if TYPE_CHECKING:
    from vallum.brief.figures import Reading

__all__ = ["head"]

_LITTLE = 0.001  # of the cost: a smaller saving is none that a reader would call one


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
        "The states share out the tasks: one joint line does what they could not afford apart, "
        "with the training and the means that a partner brings."
    )
    if not reading.at("forces/regimes"):
        return Head(claim, *no_tasks(reading))
    answer: tuple[str, ...] = (_answer(reading),)
    if aim := aimed(reading):
        small = say(
            "All that follows is of the small line shown, an illustration of {line}.",
            line=exact(reading, "line_km", KM),
        )
        answer = (aim, together(small, *answer))
    return Head(
        claim,
        (*answer, *_saved(reading), _forts(reading), *_dearer(reading), *programme(reading)),
        sure(reading),
        change(reading),
        unlike=(
            "forces/regimes/joint/cost_usd_yr",  # against which a saving is little or not
            "forces/saved_usd_yr/mid",
            "forces/helped_usd_yr/low",  # far below the upper end it is written as nothing
        ),
    )


def _answer(reading: Reading) -> str:
    """Say whether sharing does what each alone can't."""
    alone, joint = _short(reading, "alone"), _short(reading, "joint")
    if joint:
        if reading.number("forces/saved_usd_yr/mid") > 0:
            return say(
                "Together the states come nearer to holding the line than each alone, and still "
                "lack what it takes: {needs}.",
                needs=_needs(joint),
            )
        return say(
            "Neither alone nor together do the states have what the line takes; they lack: "
            "{needs}.",
            needs=_needs(joint),
        )
    if alone:
        return say(
            "Together the states can hold the line with what they have; each alone can’t, and "
            "lacks: {needs}.",
            needs=_needs(alone),
        )
    if _saves(reading, "saved"):
        return say(
            "Sharing the tasks saves {saved}, though each state could hold its own part alone.",
            saved=ranged(reading, "forces/saved_usd_yr", DOLLARS_YEAR),
        )
    return say(
        "Sharing the tasks gains nothing on this line: each state can hold its own part with what "
        "it has, at the same cost."
    )


def _saved(reading: Reading) -> list[str]:
    """Say what sharing, and the partner's help, take off the cost."""
    said = []
    if _saves(reading, "saved") and (_short(reading, "alone") or _short(reading, "joint")):
        said.append(
            say(
                "Shared, it costs {saved} less than by each alone, the price of raising what is "
                "short included.",
                saved=ranged(reading, "forces/saved_usd_yr", DOLLARS_YEAR),
            )
        )
    figures = {
        "partner": _partner(reading),
        "helped": ranged(reading, "forces/helped_usd_yr", DOLLARS_YEAR),
    }
    if is_nothing(reading.number("forces/helped_usd_yr/mid")):
        low, _, high = reading.ends("forces/helped_usd_yr")
        figures["helped"] = nothing_of(low, high, DOLLARS_YEAR)
    said.append(
        say("The help of the partner ({partner}) saves {helped}.", **figures)
        if _saves(reading, "helped") or is_nothing(reading.number("forces/helped_usd_yr/mid"))
        else say(
            "The help of the partner ({partner}) changes little or nothing: it saves {helped}.",
            **figures,
        )
    )
    return said


def _forts(reading: Reading) -> str:
    """Say what stands there, and whose men."""
    names = reading.at("names") or {}
    states = [
        say(
            "{state} {men}",
            state=named(str(names.get(iso3, iso3))),
            men=exact(reading, f"forces/men_by_state/{iso3}", COUNT),
        )
        for iso3 in reading.at("forces/men_by_state")
    ]
    return say(
        "{forts} forts, {bases} of them bases of a quick reaction, reach all of the line in the "
        "time assumed, with {duty} men on duty. All roles together pay {men} men: {states}.",
        forts=exact(reading, "forces/forts", COUNT),
        bases=exact(reading, "forces/bases", COUNT),
        duty=exact(reading, "forces/men_on_duty", COUNT),
        men=exact(reading, "forces/regimes/joint/men", COUNT),
        states=Markup(", ").join(states),
    )


def _dearer(reading: Reading) -> tuple[str, ...]:
    """Say it where this is more than the line’s price counts."""
    if not underpriced(reading):
        return ()
    return (
        say(
            "That costs {cost}; {forts} of the men are those of the forts, where the line’s own "
            "price, {priced}, counts {men}: for this line the price is too low.",
            forts=exact(reading, "forces/men", COUNT),
            cost=exact(reading, "forces/regimes/joint/cost_usd_yr", DOLLARS_YEAR),
            priced=ranged(reading, "ranges/cost_usd_yr", DOLLARS_YEAR),
            men=ranged(reading, "works/men_paid", PEOPLE),
        ),
    )


def _short(reading: Reading, regime: str) -> list[str]:
    """List what is short, the dearest first."""
    rows = reading.at(f"forces/shortages/{regime}") or ()
    return [str(row["need"]) for row in sorted(rows, key=lambda row: -float(row["usd_yr"]))]


def _needs(needs: list[str]) -> str:
    """Name what is short, each once."""
    return listed([need_name(need) for need in dict.fromkeys(needs)])


def _saves(reading: Reading, what: str) -> bool:
    """Whether a saving is one that a reader would call one."""
    saved = reading.number(f"forces/{what}_usd_yr/mid")
    return saved > _LITTLE * reading.number("forces/regimes/joint/cost_usd_yr")


def _partner(reading: Reading) -> str:
    """Name the partners."""
    names = reading.at("names") or {}
    return listed([named(str(names.get(iso3, iso3))) for iso3 in reading.at("partners") or ()])
