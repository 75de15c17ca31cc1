"""What the page's chapters on the threat and on other crossings print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vallum.brief import threat_claim, threat_forecast, threat_maps, threat_tables
from vallum.brief.language import named, say, say_n
from vallum.brief.page_text import listed, percent, plain, whole

if TYPE_CHECKING:
    from vallum.plan import Plan

__all__ = ["chapters"]


def chapters(plan: Plan) -> dict[str, Any]:
    """Gather texts, tables and maps of both chapters.

    Parameters
    ----------
    plan
        To show.

    Returns
    -------
    dict
        `who`, who comes; `else`, who else crosses; `base`, what lies over every small map.
    """
    paper = threat_maps.on(plan)
    claim, ways = plan.threat.claim, plan.threat.ways
    lines, borders = threat_maps.corridors(plan, paper), threat_tables.borders(plan)
    return {
        "base": threat_maps.base(plan, paper),
        "who": {
            "record": threat_claim.record(plan),
            "claimed": _claimed(plan) if claim.stated else "",
            "threat": threat_maps.threat(plan, paper),
            "journeys": threat_maps.journeys(plan, paper),
            "lines": lines,
            "lines_label": _lines_label(len(lines)),
            "hours": [row | _moving(plan, row["key"]) for row in threat_maps.hours(plan, paper)],
            "corridors": threat_tables.corridors(plan),
            "through": threat_tables.through(plan),
            "touching": say(
                "A journey may touch several states, so that shares add up to more than {all}. A "
                "member’s row counts journeys to vital land of the others only; to begin in a "
                "state is to touch it.",
                all=percent(1.0),
            ),
            "entering": threat_tables.entering(plan),
            "forecast": threat_forecast.forecast(plan),
            "drawn": say(
                "The lines are drawn through blocks of about {block} km and are no routes; nothing "
                "finer than 50 km is told apart.",
                block=_block(plan),
            ),
            "solved": (
                None
                if ways is None
                else say("Journeys were solved on cells of {cell} km.", cell=plain(ways.cell_km))
            ),
        },
        "other": {
            "kinds": [
                row | {"map": threat_maps.civilians(plan, paper, row["key"])}
                for row in threat_tables.kinds(plan)
            ],
            "borders": borders,
            "shown": threat_tables.SHOWN,
            "rest": whole(max(0, len(borders) - threat_tables.SHOWN)),
            "assumptions": whole(len(plan.threat.civilians.ledger)),
            "block": plain(plan.settings.threat.civilians.block_km),
        },
    }


def _claimed(plan: Plan) -> str:
    """Head the column of journeys to the claimed regions alone."""
    regions = listed([named(name) for name in plan.settings.threat.claim.claimed])
    return say("to {regions}", regions=regions)


def _lines_label(count: int) -> str:
    """Say what the map of corridors shows, to those who can't see it."""
    return say_n(
        "Map of armed groups’ journeys a year, with the strongest corridor as a numbered line; "
        "the table below names it.",
        "Map of armed groups’ journeys a year, with the {n} strongest corridors as numbered "
        "lines; the table below names them.",
        count,
        n=whole(count),
    )


def _moving(plan: Plan, mode: str) -> dict[str, str]:
    """Name a way of moving, and say with it what the two maps of hours show."""
    if plan.threat.crossing.season == "rains":
        by = {
            "motorcycle": say("by motorcycle, in the rains"),
            "foot": say("on foot, in the rains"),
            "four_by_four": say("by vehicle, in the rains"),
        }
    else:
        by = {
            "motorcycle": say("by motorcycle, in the dry season"),
            "foot": say("on foot, in the dry season"),
            "four_by_four": say("by vehicle, in the dry season"),
        }
    names = {
        "motorcycle": say("motorcycle"), "foot": say("foot"), "four_by_four": say("4×4 vehicle"),
    }  # fmt: skip
    return {"name": names[mode], "by": by[mode]}


def _block(plan: Plan) -> str:
    """Give the side of the corridors' blocks in km: whole cells of those that journeys took."""
    ways, asked = plan.threat.ways, plan.settings.threat.passage.block_km
    return plain(asked if ways is None else ways.cell_km * max(1, round(asked / ways.cell_km)))
