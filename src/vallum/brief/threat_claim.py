"""The claim on the ways of violence, tested on the record of events: what the page says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vallum.brief.figures import SHARE, Reading, exact, range_of
from vallum.brief.language import named, of_stage, say
from vallum.brief.page_text import capital, listed, percent, plain, whole
from vallum.brief.states import the
from vallum.brief.threat_doubts import number

if TYPE_CHECKING:
    from vallum.plan import Plan

__all__ = ["power", "record", "verdict"]

_WAY = "⟦way⟧"  # stands for the name of the way in the keys of notes, which no name is like


def verdict(reading: Reading) -> str:
    """Say in a sentence what the record of events says of the claim.

    Parameters
    ----------
    reading
        The record.

    Returns
    -------
    str
        For the head of the chapter.
    """
    said = reading.at("threat/claim/verdict")
    if not reading.at("threat/claim/zones"):
        return say(
            "The record of events can’t tell whether the claim is true: it holds no event there "
            "that could be tested."
        )
    if said == "supports":
        return say(
            "The record of events supports the claim: events on that way came before violence "
            "{ratio} times as often as chance gives.",
            ratio=number(reading, "threat/claim/zones/0/ratio"),
        )
    low, mid, high = power(reading)
    values = {
        "share": exact(reading, "settings/threat/claim/share_of_interest", SHARE),
        "power": range_of(low, mid, high, SHARE),
    }
    if high < 0.0005:
        return say(
            "The record of events can’t tell whether the claim is true: had {share} of the "
            "violence come that way, the test could not have seen it.",
            share=values["share"],
        )
    if said == "contradicts":
        return say(
            "The record of events contradicts the claim: had {share} of the violence come that "
            "way, the test would have seen it with a chance of {power}, and it did not.",
            **values,
        )
    return say(
        "The record of events can’t tell whether the claim is true: had {share} of the violence "
        "come that way, the test would have seen it with a chance of {power}.",
        **values,
    )


def power(reading: Reading) -> tuple[float, float, float]:
    """Read the chance that the test finds the share of interest on the way of the claim.

    Parameters
    ----------
    reading
        The record.

    Returns
    -------
    low, mid, high
        By how many passages leave an event that is recorded.
    """
    rows = reading.at("threat/claim/power") or []
    share = reading.at("settings/threat/claim/share_of_interest")
    way = reading.at("threat/claim/zones/0/zone")
    found = sorted(
        reading.number(f"threat/claim/power/{n}/power")
        for n, row in enumerate(rows)
        if row["zone"] == way and row["planted_share"] == share
    )
    return (found[0], found[len(found) // 2], found[-1]) if found else (0.0, 0.0, 0.0)


def record(plan: Plan) -> dict[str, Any]:
    """Gather what the page says of the test.

    Parameters
    ----------
    plan
        To speak of.

    Returns
    -------
    dict
        `sentence`; `caption`, `rows` and `seen` of the table, empty where there was no test;
        `notes`, what limits it.
    """
    claim, asked = plan.threat.claim, plan.settings.threat.claim
    out: dict[str, Any] = {"caption": "", "rows": [], "seen": "", "notes": _notes(plan)}
    if not claim.stated:
        text = say("No claim on the ways of violence is stated for this theatre.")
        return out | {"sentence": text}
    regions, way = listed([named(name) for name in asked.claimed]), _way(plan, article=True)
    if claim.zones.empty:
        text = say(
            "The record can’t tell by which way violence came into {regions}: it holds no event "
            "there since {year} that could be tested.",
            regions=regions,
            year=str(asked.first_year),
        )
        return out | {"sentence": text}
    share = percent(asked.share_of_interest)
    return out | {
        "sentence": _sentence(claim.verdict, regions, way),
        "caption": _caption(plan),
        "rows": _rows(plan),
        "seen": say("Chance to see {share} by that way", share=share),
    }


def _sentence(verdict: str, regions: str, way: str) -> str:
    if verdict == "supports":
        return say(
            "The record of events supports the claim that violence came into {regions} by way of "
            "{way}.",
            regions=regions,
            way=way,
        )
    if verdict == "contradicts":
        return say(
            "The record of events contradicts the claim that violence came into {regions} by way "
            "of {way}.",
            regions=regions,
            way=way,
        )
    return say(
        "The record of events can’t tell whether violence came into {regions} by way of {way}.",
        regions=regions,
        way=way,
    )


def _caption(plan: Plan) -> str:
    """Say what the table counts."""
    claim, asked = plan.threat.claim, plan.settings.threat.claim
    values = {
        "n": whole(claim.arrivals),
        "year": str(asked.first_year),
        "km": plain(asked.main_km, 3),
    }
    if claim.kind == "located":
        return say(
            "Events within {km} km and in the {days} days before each of {n} arrivals of violence "
            "since {year}, by where they were",
            days=whole(asked.main_days),
            **values,
        )
    return say(
        "Events within {km} km and in the year before each of {n} region-years with violence "
        "since {year}, by where they were",
        **values,
    )


def _rows(plan: Plan) -> list[dict[str, str]]:
    """Give the way of the claim and its rivals, as the test has them."""
    claim, asked = plan.threat.claim, plan.settings.threat.claim
    shown = claim.zones.iloc[: 1 + len(asked.rivals)].to_dict("records")
    out = []
    for place, row in enumerate(shown):
        mine = claim.power[
            (claim.power["zone"] == row["zone"])
            & (claim.power["planted_share"] == asked.share_of_interest)
        ]["power"]
        ends = (float(mine.min()), float(mine.max())) if len(mine) else (0.0, 0.0)
        out.append(
            {
                "zone": of_stage(str(row["zone"])) if place else _way(plan, article=False),
                "pairs": whole(float(row["pairs"])),
                "expected": plain(float(row["expected"]), 3),
                "p": plain(float(row["p"])),
                "power": percent(float(row["power"])),
                "power_range": _between(*ends) if ends[1] > ends[0] else "",
            }
        )
    return out


def _between(low: float, high: float) -> str:
    return say("{low} to {high}", low=percent(low), high=percent(high))


def _way(plan: Plan, *, article: bool) -> str:
    """Name the states of the claim."""
    names = plan.theatre.countries["name"]
    codes = plan.settings.threat.claim.through
    called = [str(names[iso3]) if iso3 in names.index else str(iso3) for iso3 in codes]
    return listed([the(name) if article else named(name) for name in called])


def _notes(plan: Plan) -> tuple[str, ...]:
    """Say what limits the test: the stage's own notes, with the way's name taken out and put in."""
    zones = plan.threat.claim.zones
    way = str(zones["zone"].iloc[0]) if len(zones) else ""
    out = []
    for note in plan.threat.claim.notes:
        name, colon, what = note.partition(": ")
        if colon and of_stage(what) != what:  # "Kayes: no such region in this theatre"
            text = say("{name}: {what}", name=name, what=of_stage(what))
        else:
            keyed = note.replace(way, _WAY) if way else note
            text = of_stage(keyed).replace(_WAY, _way(plan, article=True))
        out.append(f"{capital(text)}.")
    return tuple(out)
