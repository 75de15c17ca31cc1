"""The first screen: the question, the answer in three sentences, the terminal's answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.brief import frontier_figures as step_of
from vallum.brief.accord_head import together
from vallum.brief.figures import (
    COUNT,
    DOLLARS,
    DOLLARS_YEAR,
    NUMBER,
    PEOPLE,
    YEARS,
    exact,
    of_draws,
    ranged,
)
from vallum.brief.forces_sure_head import underpriced
from vallum.brief.language import named, say
from vallum.brief.page_text import listed

if TYPE_CHECKING:
    from markupsafe import Markup

from vallum.brief.figures import Reading

__all__ = ["answer", "members", "question"]

_MORE = 1.001  # of the losses averted: from there on more counts as benefit


def members(reading: Reading) -> str:
    """Name the members, in the language of the block."""
    names = reading.at("names")
    return listed([named(str(names[iso3])) for iso3 in reading.at("members")])


def question(reading: Reading) -> str:
    """Ask what the brief answers."""
    return say(
        "Should {members} protect their vital land with a joint defensive line?",
        members=members(reading),
    )


def answer(reading: Reading) -> tuple[str, ...]:
    """Answer in three sentences: does it pay, what a line of use would take, what else counts.

    Parameters
    ----------
    reading
        The record.

    Returns
    -------
    tuple of str
        At most three.
    """
    texts = (together(_pays(reading), *_manned(reading)), _useful(reading), _all_counted(reading))
    return tuple(text for text in texts if text)


def _pays(reading: Reading) -> str:
    step = int(reading.number("step"))
    figures = _figures(reading, step)
    if reading.at("objective") == "people":
        return say(
            "Not answered in dollars: the line is drawn for people, and what a life is worth is "
            "not for a model to say; the plan shown holds {people} people on {land} behind {line} "
            "of line, for {cost}.",
            **figures,
        )
    figures["averted"] = step_of.averted(reading, step)
    if reading.at("illustration") and (reading.at("mu") or 1.0) < 1.0:
        return say(
            "Not at the price asked for (μ = {mu}): no territory averts so much for its cost; even "
            "the best for its money, {land} with {people} people behind {line} of line, costs "
            "{cost} and averts {averted}.",
            mu=exact(reading, "mu", NUMBER),
            **figures,
        )
    if reading.at("illustration"):
        return say(
            "Not for the losses averted alone: on these assumptions no territory averts as much as "
            "holding it costs; even the best for its money, {land} with {people} people behind "
            "{line} of line, costs {cost} and averts {averted}.",
            **figures,
        )
    if reading.number("benefit_usd_yr") < reading.number("cost_usd_yr"):
        return say(
            "The plan asked for does not pay for itself, on these assumptions: it holds {land} "
            "with {people} people behind {line} of line, costs {cost} and averts {averted} of "
            "losses.",
            **figures,
        )
    if reading.number("benefit_usd_yr") > _MORE * reading.number("averted_usd_yr"):
        return say(
            "On these assumptions, yes, but not for the losses averted alone: {land} with {people} "
            "people behind {line} of line would cost {cost} and avert {averted} of losses; with "
            "what else is counted it brings {benefit}.",
            benefit=exact(reading, "benefit_usd_yr", DOLLARS_YEAR),
            **figures,
        )
    return say(
        "On these assumptions, yes: {land} with {people} people behind {line} of line would cost "
        "{cost} and avert {averted} of losses.",
        **figures,
    )


def _manned(reading: Reading) -> tuple[str, ...]:
    """Say it where the men that the forces take are more than the line’s price counts."""
    if not underpriced(reading) or not reading.has("forces/regimes/joint/cost_usd_yr"):
        return ()
    return (
        say(
            "To man it as the chapter on forces finds takes more than that price counts: {cost} "
            "with {men} men, {forts} of them at the forts, for which the price counts {priced}.",
            men=exact(reading, "forces/regimes/joint/men", COUNT),
            forts=exact(reading, "forces/men", COUNT),
            priced=ranged(reading, "works/men_paid", PEOPLE),
            cost=exact(reading, "forces/regimes/joint/cost_usd_yr", DOLLARS_YEAR),
        ),
    )


def _useful(reading: Reading) -> str:
    """Say what a line that holds half of the people takes."""
    step = reading.at("marks/half_people/step")
    if step is None or step == reading.at("step"):
        return ""
    figures = _figures(reading, step)
    if reading.at("objective") == "people":
        return say(
            "To hold half of the people takes {line} of line around {land}, for {cost}.",
            **figures,
        )
    return say(
        "To hold half of the people ({people}) takes {line} of line around {land}, which costs "
        "{cost}, averts {averted} of losses, and pays for itself in {pays} of the assumptions.",
        averted=step_of.averted(reading, step),
        pays=step_of.pays(reading, step),
        **figures,
    )


def _figures(reading: Reading, step: int) -> dict[str, Markup]:
    """Write what a step holds and costs."""
    return {
        "land": step_of.land(reading, step),
        "people": step_of.people(reading, step),
        "line": step_of.line(reading, step),
        "cost": step_of.cost(reading, step),
    }


def _all_counted(reading: Reading) -> str:
    """Say what the later stages add: all that is counted, how the line holds, the window."""
    case = "half" if reading.has("dividend/cases/half/npv_usd/members") else "plan"
    worth, pays = (f"dividend/cases/{case}/{key}/members" for key in ("npv_usd", "pays_share"))
    if not reading.has(f"{worth}/mid") or reading.at("objective") == "people":
        return ""
    figures: dict[str, str] = {
        "npv": ranged(reading, worth, DOLLARS),
        "years": exact(reading, "settings/dividend/horizon", YEARS),
        "pays": of_draws(reading.number(pays), reading.number("dividend/draws")),
    }
    whose = (
        say("a line that holds half of the output") if case == "half" else say("the plan’s line")
    )
    if not reading.has("window/opening/index/mid"):
        return say(
            "With trade, visitors and joint projects counted too, {whose} is worth {npv} to its "
            "members over {years} and pays for itself in {pays}.",
            whose=whose, **figures,
        )  # fmt: skip
    return say(
        "With trade, visitors and joint projects counted too, {whose} is worth {npv} to its "
        "members over {years} and pays for itself in {pays}; the diplomatic "
        "opening stands at {index} between 0, closed, and 1, open.",
        whose=whose,
        index=ranged(reading, "window/opening/index", NUMBER),
        **figures,
    )
