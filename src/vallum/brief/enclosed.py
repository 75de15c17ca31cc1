"""The cheapest line around places: in words, as a record, and as a GeoPackage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vallum.brief.geopackage import write_layers
from vallum.brief.onefile import write_one

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
    km2 = float(found.states["held_km2"].sum())
    count = len(found.territory)
    pieces = "one piece" if count == 1 else f"{count} pieces"
    short = score.cost - found.bound_usd_yr + found.rounding_usd_yr
    states = "; ".join(
        f"{row.iso3} {row.held_km2:,.0f} km², {row.people:,.0f} people"
        for row in found.states.itertuples()
    )
    said = (
        f"The cheapest line around {', '.join(found.places)}: {score.line_km:,.0f} km, for "
        f"{score.cost / 1e6:,.2f} million USD a year ({score.holding / 1e6:,.2f} to hold the land, "
        f"{score.closure / 1e6:,.2f} for the line).\n"
        f"It holds {km2:,.0f} km² in {pieces} and {found.people:,.0f} people "
        f"({found.people_share:.1%}): {states}.\n"
        f"Proof: the flow equals the cut ({found.flow:,} units of capacity), so no territory that "
        f"holds them costs less by more than {max(short, 0.0):.3g} USD a year. What the land "
        "brings in is not asked here."
    )
    if count > 1:
        said += (
            "\nFenced piece by piece they cost no more than by one line around all. For wider land "
            "set line.min_width_km, or name a region."
        )
    if len(found.outside):
        towns = ", ".join(
            f"{row.name} ({row.people:,.0f})"
            for row in found.outside.head(MOST_TOWNS).itertuples(index=False)
        )
        said += f"\nLargest of the {len(found.outside):,} settlements left outside: {towns}."
    return said


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
