"""What the page's chapters on the threat and on other crossings print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vallum.brief import threat_maps, threat_tables, threat_words
from vallum.brief.page_text import plain

if TYPE_CHECKING:
    from vallum.plan import Plan

__all__ = ["chapters"]

_SEASONS = {"dry": "dry season", "rains": "rains"}


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
    stated = plan.settings.threat.claim
    return {
        "base": threat_maps.base(plan, paper),
        "who": {
            "statement": threat_words.statement(plan),
            "check": threat_words.from_geography(plan),
            "argument": threat_words.argument(plan),
            "record": (claim.sentence, *(f"{_capital(note)}." for note in claim.notes)),
            "stated": claim.stated,
            "claimed": ", ".join(stated.claimed) if claim.stated else "",
            "threat": threat_maps.threat(plan, paper),
            "journeys": threat_maps.journeys(plan, paper),
            "lines": threat_maps.corridors(plan, paper),
            "hours": threat_maps.hours(plan, paper),
            "season": _SEASONS[plan.threat.crossing.season],
            "corridors": threat_tables.corridors(plan),
            "through": threat_tables.through(plan),
            "entering": threat_tables.entering(plan),
            "forecast": threat_tables.forecast(plan),
            "block": _block(plan),
            "solved": None if ways is None else plain(ways.cell_km),
            "depth": plan.settings.depth,
        },
        "other": {
            "kinds": [
                row | {"map": threat_maps.civilians(plan, paper, row["key"])}
                for row in threat_tables.kinds(plan)
            ],
            "borders": threat_tables.borders(plan),
            "shown": threat_tables.SHOWN,
            "assumptions": len(plan.threat.civilians.ledger),
            "block": plain(plan.settings.threat.civilians.block_km),
        },
    }


def _block(plan: Plan) -> str:
    """Give the side of the corridors' blocks in km: whole cells of those that journeys took."""
    ways, asked = plan.threat.ways, plan.settings.threat.passage.block_km
    return plain(asked if ways is None else ways.cell_km * max(1, round(asked / ways.cell_km)))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
