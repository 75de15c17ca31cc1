"""Tables of who comes and who else crosses: corridors, shares by state, borders."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from vallum.brief.language import named, of_stage, say
from vallum.brief.page_text import THIN, amount, between, percent, plain
from vallum.brief.threat_words import shares

if TYPE_CHECKING:
    from vallum.plan import Plan

__all__ = ["SHOWN", "borders", "corridors", "entering", "kinds", "through"]

SHOWN = 12  # border crossings before the rest is folded
_LEAST_JOURNEYS = 1.0  # a year: rarer ones are not listed


def corridors(plan: Plan) -> list[dict[str, str]]:
    """List the corridors, the strongest first; empty where there are no ways."""
    ways = plan.threat.ways
    if ways is None:
        return []
    return [
        {
            "rank": str(row["rank"]),
            "begins": named(str(row["begins"])),
            "ends": named(str(row["ends"])),
            "via": " → ".join(_name(plan, iso3) for iso3 in str(row["via"]).split(" → ")),
            "share": percent(row["mid"]),
            "share_range": _ends(row["low"], row["high"]),
            "hours": plain(row["hours"]),
            "hours_range": between(row["hours_low"], row["hours_high"]),
            "length": plain(row["length_km"], 2),
        }
        for row in ways.corridors.drop(columns="geometry").to_dict("records")
    ]


def through(plan: Plan) -> list[dict[str, str]]:
    """List the states whose ground journeys touch, to all vital land and to the claimed regions."""
    ways = plan.threat.ways
    if ways is None:
        return []
    claimed = {
        str(row["iso3"]): shares(row["low"], row["mid"], row["high"])
        for row in ways.claimed.to_dict("records")
    }
    return [
        {
            "state": _name(plan, row["iso3"]),
            "share": shares(row["low"], row["mid"], row["high"]),
            "claimed": claimed.get(row["iso3"], "–"),
        }
        for row in ways.through.to_dict("records")
    ]


def entering(plan: Plan) -> list[dict[str, str]]:
    """List by member the neighbours from which journeys first enter it."""
    ways = plan.threat.ways
    if ways is None:
        return []
    return [
        {
            "member": _name(plan, row["member"]),
            "neighbour": _name(plan, row["neighbour"]),
            "share": shares(row["low"], row["mid"], row["high"]),
        }
        for row in ways.entering.to_dict("records")
    ]


def borders(plan: Plan) -> list[dict[str, str]]:
    """List civilian crossings of borders, most first; those of less than one a year are left out.

    Parameters
    ----------
    plan
        To read.

    Returns
    -------
    list of dict
        border, kind, number, range; one row for both ways where they are the same.
    """
    table = plan.threat.civilians.crossings_of_borders
    rows = [row for row in table.to_dict("records") if row["mid"] >= _LEAST_JOURNEYS]
    rows.sort(key=lambda row: (-row["mid"], row["kind"], row["from"], row["to"]))
    mids = {(row["kind"], row["from"], row["to"]): row["mid"] for row in rows}
    out, told = [], set()
    for row in rows:
        kind, one, other = str(row["kind"]), str(row["from"]), str(row["to"])
        if (kind, one, other) in told:
            continue
        back = mids.get((kind, other, one))
        same = back is not None and math.isclose(back, row["mid"], rel_tol=1e-6)
        if same:
            told.add((kind, other, one))
        out.append(
            {
                "border": f"{_name(plan, one)} {'⇄' if same else '→'} {_name(plan, other)}",
                "kind": _who(kind),
                "number": amount(row["mid"]),
                "range": between(row["low"], row["high"]),
            }
        )
    return out


def kinds(plan: Plan) -> list[dict[str, str]]:
    """Say of each kind of civilian journeys what is counted, how many there are, how they go."""
    moving = plan.threat.civilians
    out = []
    for kind, demand in moving.demands.items():
        total = float(demand.journeys.sum()) if demand.journeys.size else 0.0
        left = moving.left_out[kind]
        out.append(
            {
                "key": kind,
                "name": _kind(kind),
                "label": _label(kind),
                "what": of_stage(demand.what),
                "unit": _unit(demand.unit),
                "count": say(
                    "{number} journeys a year ({range}), {how}, {when}.",
                    number=amount(total),
                    range=between(total * demand.low, total * demand.high),
                    how=_how(demand.mode),
                    when=_when(demand.season),
                ),
                "left": (
                    say("{number} of them could not be laid.", number=amount(left))
                    if left >= 1
                    else ""
                ),
            }
        )
    return out


def _kind(kind: str) -> str:
    """Name who crosses."""
    names = {
        "herders": say("Herders"), "traders": say("Traders"), "fleeing": say("People fleeing"),
    }  # fmt: skip
    return names.get(kind, kind)


def _who(kind: str) -> str:
    """Name who crosses within a row."""
    names = {
        "herders": say("herders"), "traders": say("traders"), "fleeing": say("people fleeing"),
    }  # fmt: skip
    return names.get(kind, kind)


def _label(kind: str) -> str:
    """Say what the map of a kind shows, to those who can't see it."""
    texts = {
        "herders": say("Map of the journeys of herders a year, in six classes."),
        "traders": say("Map of the journeys of traders a year, in six classes."),
        "fleeing": say("Map of the journeys of people fleeing a year, in six classes."),
    }
    return texts.get(kind, say("Map of journeys a year, in six classes."))


def _unit(unit: str) -> str:
    """Say what the legend of a map counts."""
    texts = {
        "herd": say("Journeys (each of one herd) a year across 10 km of ground"),
        "vehicle": say("Journeys (each of one vehicle) a year across 10 km of ground"),
        "person": say("Journeys (each of one person) a year across 10 km of ground"),
    }
    return texts.get(unit, say("Journeys a year across 10 km of ground"))


def _how(mode: str) -> str:
    texts = {
        "foot": say("on foot"), "motorcycle": say("by motorcycle"),
        "four_by_four": say("by vehicle"),
    }  # fmt: skip
    return texts[mode]


def _when(season: str) -> str:
    return {"dry": say("in the dry season"), "rains": say("in the rains")}[season]


def _name(plan: Plan, iso3: str) -> str:
    names = plan.theatre.countries["name"]
    return named(str(names[iso3])) if iso3 in names.index else iso3


def _ends(low: float, high: float) -> str:
    """Write the ends of a range of shares."""
    return f"{percent(low).removesuffix(f'{THIN}%')}–{percent(high)}"
