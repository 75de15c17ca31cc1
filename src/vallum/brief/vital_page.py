"""The page's chapter on what is vital: two maps, and how closely people and output are gathered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vallum.brief import look, threat_maps
from vallum.brief.figures import SHARE
from vallum.brief.language import named, say
from vallum.brief.page_text import amount, count, percent
from vallum.brief.threat_sheet import half_decades, layer
from vallum.brief.threat_sheet import named as named_classes
from vallum.worth.vital import ALL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from vallum.brief.threat_sheet import Sheet
    from vallum.plan import Plan

__all__ = ["chapter"]


def chapter(plan: Plan, found: Mapping[str, Any]) -> dict[str, Any]:
    """Gather what the chapter prints.

    Parameters
    ----------
    plan
        To show.
    found
        What is vital, as the record has it (`vallum.brief.record_worth`).

    Returns
    -------
    dict
        `sheets` (maps with their title, unit and classes), `rows`, `shares`, `caption`.
    """
    paper = threat_maps.on(plan)
    km2 = plan.theatre.grid.cell_km2
    people = _sheet(
        plan, plan.worth.people / km2, paper, look.SURE,
        (say("Where people live"), say("People per km²"),
         say("Map of people per km² on the members’ land.")),
    )  # fmt: skip
    output = _sheet(
        plan, plan.worth.output / km2 / 1000.0, paper, look.BENEFIT,
        (say("Where output is made, as modelled"), say("Thousand USD a year per km²"),
         say("Map of output in thousand USD a year per km² on the members’ land.")),
    )  # fmt: skip
    return {
        "sheets": [people, output],
        "rows": _rows(plan, found),
        "shares": [percent(share) for share in found["shares"].values()],
        "caption": say("The smallest share of the land that holds a share of people and output"),
    }


def _sheet(
    plan: Plan,
    values: NDArray[np.float64],
    paper: Sheet,
    colours: tuple[str, ...],
    texts: tuple[str, str, str],
) -> dict[str, Any]:
    """Draw one map: classes about three times each other; other states' land has a tint only."""
    own = values[plan.theatre.member_mask]
    # a few towns hold most: classes up to their level would leave the country blank
    top = 2.0 * float(np.quantile(own[own > 0], 0.95)) if (own > 0).any() else 2.0
    bounds = half_decades(top)
    beyond = np.where(plan.theatre.member_mask, values, -1.0)
    scale = ((-0.5, *bounds), (look.NEIGHBOUR, *colours))
    title, unit, label = texts
    return {
        "layer": layer(beyond, scale, paper, plan.theatre),
        "classes": list(zip(colours, named_classes(bounds), strict=True)),
        "title": title,
        "unit": unit,
        "label": label,
    }


def _rows(plan: Plan, found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give a row per state and what is counted."""
    names = plan.theatre.countries["name"]
    out = []
    for state, own in found["states"].items():
        whose = say("together") if state == ALL else named(str(names[state]))
        people, output = own["people"], own["output_usd_yr"]
        out += [
            {
                "state": whose,
                "what": say("people"),
                "total": count(people),
                "cells": [_land(land) for land in own["people_land"].values()],
            },
            {
                "state": whose,
                "what": say("output"),
                "total": f"{amount(output)}{say(' USD a year')}",
                "cells": [_land(land) for land in own["output_land"].values()],
            },
        ]
    return out


def _land(share: Mapping[str, float]) -> str:
    """Write a share of the land, with its range where it has one."""
    if share["low"] == share["high"]:
        return percent(share["mid"])
    return f"{percent(share['mid'])} ({SHARE.two(share['low'], share['high'])})"
