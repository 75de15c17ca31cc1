"""The cheapest line around places: in words, as a record, and as a GeoPackage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vallum.brief.geopackage import write_layers
from vallum.brief.language import current, say, say_n
from vallum.brief.onefile import write_one
from vallum.brief.page_text import THIN, percent, plain, whole

if TYPE_CHECKING:
    from pathlib import Path

    from vallum.line import Enclosed

__all__ = ["enclosed", "enclosed_words", "write_enclosed"]

MOST_TOWNS = 10  # left outside, that are named


def enclosed(found: Enclosed) -> dict[str, Any]:
    """Put the cheapest line around places into plain numbers.

    Parameters
    ----------
    found
        From `vallum.plan.enclose`.

    Returns
    -------
    dict
        Costs in USD/yr. `proof`: no territory that holds the places costs less than `bound_usd_yr`
        less `rounding_usd_yr`; `flow` equals the cut, in units of capacity.
    """
    score, outside = found.score, found.outside
    return {
        "hold": list(found.places),
        "line_km": score.line_km,
        "cost_usd_yr": score.cost,
        "holding_usd_yr": score.holding,
        "closure_usd_yr": score.closure,
        "held_km2": float(found.states["held_km2"].sum()),
        "pieces": len(found.territory),
        "people_held": found.people,
        "people_share": found.people_share,
        "states": found.states.to_dict("records"),
        "proof": {
            "bound_usd_yr": found.bound_usd_yr,
            "rounding_usd_yr": found.rounding_usd_yr,
            "flow": found.flow,
        },
        "settlements_outside": len(outside),
        "largest_outside": outside.head(MOST_TOWNS).to_dict("records"),
    }


def enclosed_words(found: Enclosed) -> str:
    """Say what the cheapest line around places is, in a few plain sentences.

    Parameters
    ----------
    found
        From `vallum.plan.enclose`.

    Returns
    -------
    str
        Several lines.
    """
    score = found.score
    count = len(found.territory)
    short = score.cost - found.bound_usd_yr + found.rounding_usd_yr
    states = [
        say(
            "{state} {km2} km², {people} people",
            state=row["iso3"],
            km2=whole(row["held_km2"]),
            people=whole(row["people"]),
        )
        for row in found.states.to_dict("records")
    ]
    lines = [
        say(
            "The cheapest line around {places}: {km} km, for {cost} million USD a year ({holding} "
            "to hold the land, {closure} for the line).",
            places=", ".join(found.places),
            km=whole(score.line_km),
            cost=_millions(score.cost),
            holding=_millions(score.holding),
            closure=_millions(score.closure),
        ),
        say_n(
            "It holds {km2} km² in one piece and {people} people ({share}): {states}.",
            "It holds {km2} km² in {count} pieces and {people} people ({share}): {states}.",
            count,
            km2=whole(float(found.states["held_km2"].sum())),
            count=whole(count),
            people=whole(found.people),
            share=percent(found.people_share),
            states=say("; ").join(states),
        ),
        say(
            "Proof: the flow equals the cut ({flow} units of capacity), so no territory that holds "
            "them costs less by more than {short} USD a year. What the land brings in is not asked "
            "here.",
            flow=whole(found.flow),
            short=plain(max(short, 0.0)),
        ),
    ]
    if count > 1:
        lines.append(
            say(
                "Fenced piece by piece they cost no more than by one line around all. For wider "
                "land set {setting}, or name a region.",
                setting="line.min_width_km",
            )
        )
    if len(found.outside):
        towns = [
            f"{row['name']} ({whole(row['people'])})"
            for row in found.outside.head(MOST_TOWNS).to_dict("records")
        ]
        lines.append(
            say(
                "Largest of the {count} settlements left outside: {towns}.",
                count=whole(len(found.outside)),
                towns=", ".join(towns),
            )
        )
    return "\n".join(lines)


def _millions(usd: float) -> str:
    """Write millions with two decimals.

    Examples
    --------
    >>> _millions(7_330_718.7)
    '7.33'
    """
    return f"{usd / 1e6:,.2f}".replace(",", THIN).replace(".", current().decimal)


def write_enclosed(found: Enclosed, path: Path | str) -> Path:
    """Write territory and line as layers of a GeoPackage.

    Parameters
    ----------
    found
        From `vallum.plan.enclose`.
    path
        The file; an older one there is replaced, at the end and at once.

    Returns
    -------
    Path
        The same, absolute.

    Raises
    ------
    OutputError
        If it can't be written.
    """
    layers = {"territory": found.territory, "line": found.line}
    kinds = {"territory": "Polygon", "line": "LineString"}
    return write_one(path, lambda scratch: write_layers(scratch, layers, kinds))
