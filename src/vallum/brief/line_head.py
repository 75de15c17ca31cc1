"""The head of the chapter on the line: where it goes, and whether it is worth its cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.brief import frontier_figures as step_of
from vallum.brief.accord_head import together
from vallum.brief.figures import (
    AREA,
    COUNT,
    KM,
    NUMBER,
    PEOPLE,
    SHARE,
    exact,
    figure,
    joined,
)
from vallum.brief.head import Head
from vallum.brief.language import named, say
from vallum.brief.page_text import listed

if TYPE_CHECKING:
    from vallum.brief.figures import Reading

__all__ = ["head", "objective"]


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
        "Build defensive lines around the vital land: one joint line does what two states can’t do "
        "apart."
    )
    mark = "half_people" if reading.has("marks/half_people") else "plan"
    step = int(reading.number(f"marks/{mark}/step"))
    return Head(
        claim,
        _found(reading, mark, step),
        _sure(reading, step),
        _change(reading, step),
        unlike=("marks/half_people/step", "marks/half_output/step", "marks/plan/step"),
    )


def _found(reading: Reading, mark: str, step: int) -> tuple[str, ...]:
    dollars = reading.at("objective") != "people"
    texts = [_answer(reading, mark, step)]
    inside, outside = (
        listed([named(str(name)) for name in reading.at(f"marks/{mark}/towns_{side}")])
        for side in ("inside", "outside")
    )
    texts.append(
        say(
            "That line runs around {land} and has inside: {inside}. The largest towns that it "
            "leaves outside: {outside}.",
            land=step_of.land(reading, step),
            inside=inside,
            outside=outside,
        )
    )
    texts += _other(reading, mark, step)
    if dollars and reading.number(f"frontier/{step}/break_even_growth") > 0:
        texts.append(
            say(
                "For it to pay, the output inside would have to be {growth} higher than without a "
                "line, every year, at the assumptions’ own values.",
                growth=exact(reading, f"frontier/{step}/break_even_growth", SHARE),
            )
        )
    texts.append(_facing(reading, mark))
    return tuple(texts)


def _answer(reading: Reading, mark: str, step: int) -> str:
    figures = {"line": step_of.line(reading, step), "cost": step_of.cost(reading, step)}
    if reading.at("objective") == "people":
        return say(
            "To hold {share} of the people takes {line} of line, for {cost}; whether that is "
            "worth it is not answered in dollars.",
            share=exact(reading, f"frontier/{step}/people_share", SHARE),
            **figures,
        )
    figures |= {
        "averted": step_of.averted(reading, step),
        "share": exact(reading, f"frontier/{step}/people_share", SHARE),
    }
    averted, cost = (
        reading.number(f"frontier/{step}/{name}") for name in ("averted_usd_yr", "cost_usd_yr")
    )
    if mark == "plan":  # no step holds half of the people
        text = say(
            "The plan’s line, around {share} of the people, is {line} long: it averts {averted} of "
            "losses for {cost}.",
            **figures,
        )
        return text if averted >= cost else together(text, say("That is more than it averts."))
    if averted < cost:
        return say(
            "The first plan of the frontier with half of the people or more ({share}) has a line "
            "of {line}: it averts {averted} of losses and costs {cost}, which is more.",
            **figures,
        )
    return say(
        "The first plan of the frontier with half of the people or more ({share}) has a line of "
        "{line}: it averts {averted} of losses for {cost}.",
        **figures,
    )


def _other(reading: Reading, mark: str, step: int) -> tuple[str, ...]:
    """Tell it apart from the line around half of the output, of which other chapters speak."""
    other = reading.at("marks/half_output/step")
    if mark != "half_people" or other is None or other == step:
        return ()
    if not (reading.at("illustration") and reading.at("campaign/cases/half")):
        return ()  # the other chapters speak of the plan's own
    return (
        say(
            "It is not the line around half of the output, of which the chapters on forces, "
            "attacks, worth and the accord speak: that one is {line} long, costs {cost} and has "
            "{output} of the output and {people} of the people inside, where this one has {own} of "
            "the output.",
            line=step_of.line(reading, other),
            cost=step_of.cost(reading, other),
            output=exact(reading, f"frontier/{other}/output_share", SHARE),
            people=exact(reading, f"frontier/{other}/people_share", SHARE),
            own=exact(reading, f"frontier/{step}/output_share", SHARE),
        ),
    )


def _facing(reading: Reading, mark: str) -> str:
    """Say what most of the boundary faces."""
    facing = reading.at(f"marks/{mark}/facing_km")
    names = reading.at("names")
    first = sorted(facing, key=lambda key: -facing[key])[:3]
    said = {"own": say("the members’ own land, not held"), "sea": say("the sea")}
    rows = [
        say(
            "{what} ({km})",
            what=said.get(key) or named(str(names.get(key, key))),
            km=figure(reading.number(f"marks/{mark}/facing_km/{key}"), KM),
        )
        for key in first
    ]
    return say("Most of its boundary faces {list}.", list=joined(rows) or say("none"))


def _sure(reading: Reading, step: int) -> tuple[str, ...]:
    texts = [
        _proved(reading, step),
        say(
            "That is sure of the arithmetic and not of the assumptions: ranges are over {draws} "
            "joint draws of them, with the territory kept.",
            draws=step_of.draws(reading),
        ),
    ]
    rows = reading.at("robust/steps") or []
    # not every step was asked about: the rows are found by their step, not by their place
    at = next((n for n, row in enumerate(rows) if row["step"] == step), None)
    if at is not None:
        texts.append(
            say(
                "Drawn anew for each of {draws} draws of their own, the best territories for this "
                "money have {core} in common in at least {share} of the draws, with {people} "
                "people.",
                draws=exact(reading, "robust/draws", COUNT),
                core=exact(reading, f"robust/steps/{at}/core_km2", AREA),
                share=exact(reading, "robust/share", SHARE),
                people=exact(reading, f"robust/steps/{at}/core_people", PEOPLE),
            )
        )
    return tuple(texts)


def _proved(reading: Reading, step: int) -> str:
    """Say what is proved of the steps, and how closely of the one that is told."""
    text = say(
        "Exact steps are proved: on these assumptions no territory of their cost averts more. "
        "Flow is held against cut on every plan, and “vallum verify” does it again from the "
        "files."
    )
    if str(reading.at(f"frontier/{step}/kind")) == "exact":
        return text
    earned = reading.number(f"frontier/{step}/benefit")
    bound = reading.number(f"frontier/{step}/bound")
    more = say(
        "The line told here is of a plan found between two of them: another of its cost could "
        "have at most {more} more.",
        more=figure(max(bound - earned, 0.0) / max(earned, 1e-300), SHARE),
    )
    return together(text, more)


def _change(reading: Reading, step: int) -> tuple[str, ...]:
    texts = []
    if reading.at("objective") != "people":
        averted = reading.number(f"frontier/{step}/averted_usd_yr")
        cost = reading.number(f"frontier/{step}/cost_usd_yr")
        if 0 < averted < cost:
            texts.append(
                say(
                    "Losses averted {times} times those estimated, or a cost that much lower, "
                    "would make that line pay. What one event costs, and the share of attacks "
                    "that come from outside, decide; both are judgements with wide ranges.",
                    times=figure(cost / averted, NUMBER),
                )
            )
    texts.append(
        say(
            "A neighbour that is trusted needs no line on its side, one that is open needs all of "
            "it: the table below has what each side faces, and “line.flank” sets it."
        )
    )
    # it is found for the money of the plan's own step
    if reading.has("at_equal_cost/people_share") and step == reading.at("step"):
        texts.append(
            say(
                "Drawn for {other} instead and for no more money, the plan would hold {people} of "
                "the people and {output} of the output.",
                other=objective(str(reading.at("at_equal_cost/objective"))),
                people=exact(reading, "at_equal_cost/people_share", SHARE),
                output=exact(reading, "at_equal_cost/output_share", SHARE),
            )
        )
    return tuple(texts)


def objective(name: str) -> str:
    """Name what a line is drawn for, in the language of the block."""
    return {
        "people": say("people"), "output": say("output"), "mix": say("output and people"),
    }[name]  # fmt: skip
