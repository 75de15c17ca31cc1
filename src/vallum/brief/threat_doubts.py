"""Who comes: how sure the answer is, and what would change it; for the chapter's head."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vallum.brief.figures import COUNT, NUMBER, SHARE, Reading, exact, figure, range_of, ranged
from vallum.brief.language import of_stage, say
from vallum.brief.states import state
from vallum.threat.intensity.counts import MODELS
from vallum.threat.intensity.forecast import BASELINES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from markupsafe import Markup

__all__ = ["THROUGH", "change", "mine", "number", "sure", "through", "top"]

THROUGH = "settings/threat/claim/through"
_LEAST = 0.001  # shares below are as good as none


def sure(reading: Reading) -> tuple[str, ...]:
    """Say how sure it is: what the ranges hold, what is assumed, what the back-test gave."""
    return (_draws(reading), _geography(reading), _foretold(reading))


def change(reading: Reading) -> tuple[str, ...]:
    """Say what would change it: unseen bases, the share from outside, a better record."""
    return (*_bases(reading), *_pays(reading), *_events(reading))


def _draws(reading: Reading) -> str:
    """Say what the ranges hold, and whether the order of the states is sure."""
    if reading.at("threat/journeys_yr") is None:
        return say("No ways were found, so there is nothing to be sure of.")
    values = {
        "inside": exact(reading, "settings/threat/interval", SHARE),
        "draws": exact(reading, "threat/draws", COUNT),
    }
    ranges = say(
        "Ranges of ways hold {inside} of {draws} joint draws of the assumptions, which are "
        "judgements themselves.",
        **values,
    )
    found, most = reading.at("threat/share_through"), top(reading)
    way = mine(reading, found) if reading.at("threat/claim/stated") else None
    if way is None or most is None or way == most:
        return ranges
    pair = {"first": state(reading, most), "second": state(reading, way)}
    if found[most]["low"] > found[way]["high"]:
        order = say(
            "On them the order is sure: the range of {first} lies wholly above that of {second}.",
            **pair,
        )
    else:
        order = say("The order is not sure: the ranges of {first} and {second} overlap.", **pair)
    return say("{first} {second}", first=ranges, second=order)


def _geography(reading: Reading) -> str:
    """Set the model's own share from outside beside the one assumed."""
    if reading.at("threat/share_from_outside_modelled") is None:
        return say("The share from outside is an assumption with its range, not a measurement.")
    own = ranged(reading, "threat/share_from_outside_modelled", SHARE)
    mid = reading.number("threat/share_from_outside_modelled/mid")
    if mid > reading.number("threat/share_from_outside/high"):
        return say(
            "The share from outside is assumed, not measured. The model’s own geography would "
            "give {own}, above the range assumed: if so, a line could touch more than this page "
            "counts.",
            own=own,
        )
    if mid < reading.number("threat/share_from_outside/low"):
        return say(
            "The share from outside is assumed, not measured. The model’s own geography would "
            "give {own}, below the range assumed: if so, a line could touch less than this page "
            "counts.",
            own=own,
        )
    return say(
        "The share from outside is assumed, not measured. The model’s own geography would give "
        "{own}, which agrees with it; that is no measurement either.",
        own=own,
    )


def _foretold(reading: Reading) -> str:
    """Say how well the counts foretell the year after."""
    if reading.at("threat/forecast_scores") is None:
        return say("The counts of events cover too few years to test a forecast on them.")
    scores = {
        key: reading.at(f"threat/forecast_scores/{key}/crps/mid")
        for key in BASELINES
        if reading.has(f"threat/forecast_scores/{key}/crps/mid")
    }
    rival = min(scores, key=lambda key: (float(scores[key]), key))
    values = {
        "years": exact(reading, "threat/forecast_scores/splits", COUNT),
        "own": number(reading, "threat/forecast_scores/default/crps"),
        "name": of_stage(MODELS[rival].name),
        "rival": number(reading, f"threat/forecast_scores/{rival}/crps"),
    }
    if reading.at("threat/forecast_scores/beats_all"):
        return say(
            "Back-test: over {years} years foretold, the estimate of events used here errs least, "
            "by {own} events a region (CRPS); the best simple forecast, “{name}”, by {rival}.",
            **values,
        )
    return say(
        "Back-test: over {years} years foretold, the estimate of events used here does not beat "
        "every simple forecast. It errs by {own} events a region (CRPS), “{name}” by {rival}.",
        **values,
    )


def _bases(reading: Reading) -> tuple[str, ...]:
    if reading.at("settings/threat/passage/sanctuaries"):
        return (say("The sanctuaries are the user’s own: others would give other ways."),)
    at = "settings/threat/passage/unseen"
    ends = (reading.number(f"{at}_low"), reading.number(at), reading.number(f"{at}_high"))
    return (
        say(
            "Bases that the record of events does not show: {share} of origins are taken to be "
            "unseen, spread over thinly peopled ground. Evidence of more would raise the share of "
            "the states that such ground leads through.",
            share=range_of(*ends, SHARE),
        ),
    )


def _pays(reading: Reading) -> tuple[str, ...]:
    """Say from which share from outside on the step shown pays: what it averts is in proportion."""
    if reading.at("objective") == "people" or not reading.has("averted_usd_yr"):
        return ()
    share, averted, cost = (
        reading.number(path)
        for path in ("threat/share_from_outside/mid", "averted_usd_yr", "cost_usd_yr")
    )
    if not (averted > 0 and cost > 0):
        return ()
    needed = share * cost / averted
    if needed > 1:
        return (
            say(
                "Not the share from outside alone: if all losses came from outside, the step "
                "shown would avert {ratio} times what it costs.",
                ratio=figure(averted / share / cost, NUMBER),
            ),
        )
    return (
        say(
            "The share from outside: the step shown pays by losses averted where it is {needed} "
            "or more, all else as assumed.",
            needed=figure(needed, SHARE),
        ),
    )


def _events(reading: Reading) -> tuple[str, ...]:
    if reading.at("threat/claim/kind") == "located":
        return ()
    return (
        say(
            "Events with day and place, which this record lacks: a test on counts by region and "
            "year sees little, and its silence says little."
        ),
    )


def number(reading: Reading, path: str) -> Markup:
    """Write a number with its range, or as exact where it has none."""
    if reading.has_range(path):
        return ranged(reading, path, NUMBER)
    return exact(reading, f"{path}/mid", NUMBER)


def top(reading: Reading) -> str | None:
    """Give the state that is no member and that most journeys cross."""
    found: Mapping[str, Any] = reading.at("threat/share_through") or {}
    members = reading.at("members") or []
    foreign = [iso3 for iso3 in found if iso3 not in members and found[iso3]["mid"] >= _LEAST]
    return max(foreign, key=lambda iso3: found[iso3]["mid"]) if foreign else None


def mine(reading: Reading, found: Mapping[str, Any]) -> str | None:
    """Give the state of the claim that most journeys cross; None where no share is known."""
    stated = [iso3 for iso3 in reading.at(THROUGH) if iso3 in found]
    return max(stated, key=lambda iso3: found[iso3]["mid"]) if stated else None


def through(reading: Reading, iso3: str) -> Markup:
    """Write the share of the journeys to vital land that cross a state."""
    return ranged(reading, f"threat/share_through/{iso3}", SHARE)
