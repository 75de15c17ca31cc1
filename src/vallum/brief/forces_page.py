"""The page's chapter on forces: forts and men, who does what, what is built when."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vallum.brief.forces_chart import timeline
from vallum.brief.forces_words import REGIMES, ROLES, short_words, statements
from vallum.brief.page_text import THIN, amount, count, percent, plain, whole
from vallum.brief.record_forces import forces_table

if TYPE_CHECKING:
    from vallum.forces import Forces
    from vallum.plan import Plan

__all__ = ["chapter"]

_MOST = 60  # rows of a table on the page; the files have all


def chapter(plan: Plan) -> dict[str, Any]:
    """Gather what the chapter prints.

    Parameters
    ----------
    plan
        To show.

    Returns
    -------
    dict
        `statements`, `refused`, `unknown`, `regimes`, `sensitivity`, `sectors`, `roles`, `stops`,
        `timeline` (an SVG, or None), `more` (sectors not shown).
    """
    found = plan.forces
    names = {str(k): str(v) for k, v in plan.theatre.countries["name"].items()}
    sectors = forces_table(found)
    return {
        "statements": statements(plan),
        "refused": found.refused,
        "unknown": () if found.tasks is None else found.tasks.unknown,
        "regimes": _regimes(found, names),
        "sensitivity": _sensitivity(found),
        "sectors": [_sector(row, names) for row in sectors.head(_MOST).to_dict("records")],
        "more": max(len(sectors) - _MOST, 0),
        "roles": _roles(found, names),
        "stops": _stops(found),
        "timeline": timeline(found, names),
    }


def _regimes(found: Forces, names: dict[str, str]) -> list[dict[str, str]]:
    """Give a row per regime."""
    if found.tasks is None:
        return []
    return [
        {
            "name": REGIMES[str(row["regime"])],
            "cost": amount(float(row["cost_usd_yr"]), 3),
            "partner": amount(float(row["partner_usd_yr"])) if row["partner_usd_yr"] else "–",
            "men": count(float(row["men"])),
            "handovers": whole(float(row["handovers"])),
            "abroad": whole(float(row["abroad"])),
            "relax": amount(float(row["relax_usd_yr"])) if row["relax_usd_yr"] > 1 else "–",
            "short": short_words(found.tasks.by_regime[str(row["regime"])].shortages, names),
            "gap": percent(float(row["gap"])),
        }
        for row in found.tasks.regimes.to_dict("records")
    ]


def _sensitivity(found: Forces) -> list[dict[str, str]]:
    """Give a row per other number of men, and per end of what the partner's help brings."""
    if found.tasks is None:
        return []
    table = found.tasks.sensitivity
    base = (table["men_factor"] == 1.0) & ~table["effects"].isin(["low", "high"])
    rows = []
    for row in table[~base].to_dict("records"):
        factor = float(row["men_factor"])
        case = (
            f"the members have {percent(factor)} of the men"
            if factor != 1.0
            else f"the partner's help brings the {row['effects']} end of its range"
        )
        rows.append(
            {
                "case": case,
                "regime": REGIMES[str(row["regime"])],
                "cost": amount(float(row["cost_usd_yr"]), 3),
                "men": count(float(row["men"])),
                "relax": amount(float(row["relax_usd_yr"])) if row["relax_usd_yr"] > 1 else "–",
            }
        )
    return rows


def _sector(row: dict[Any, Any], names: dict[str, str]) -> dict[str, str]:
    """Give a sector's row."""
    return {
        "sector": str(row["sector"]),
        "state": names.get(str(row["state"]), str(row["state"])),
        "km": plain(float(row["length_km"]), 3),
        "forts": _number(row.get("forts")),
        "bases": _number(row.get("bases")),
        "men": _number(row.get("men_on_duty")),
        "response": _minutes(row.get("response_s_assumed"), row.get("response_s_found")),
        "guard": _who(row.get("guard"), names),
        "reaction": _who(row.get("reaction"), names),
        "built": _month(row.get("built")),
        "covered": _month(row.get("covered")),
    }


def _number(value: object) -> str:
    """Write a count; none as a dash."""
    number = math.nan if value is None else float(str(value))
    return "–" if math.isnan(number) else whole(number)


def _minutes(assumed: object, found: object) -> str:
    """Give response times, rounded; none for sectors too short to tell."""
    ends = [math.nan if value is None else float(str(value)) / 60 for value in (assumed, found)]
    if any(math.isnan(end) for end in ends):
        return "–"
    return f"{plain(ends[0])} → {plain(ends[1])}"


def _who(value: object, names: dict[str, str]) -> str:
    if not isinstance(value, str):
        return "–"
    return " and ".join(names.get(state, state) for state in value.split("+"))


def _month(value: object) -> str:
    if value is None or pd.isna(pd.Timestamp(str(value))):
        return "–"
    return f"{pd.Timestamp(str(value)):%b %Y}".replace(" ", THIN)


def _roles(found: Forces, names: dict[str, str]) -> dict[str, Any] | None:
    """Give men by role and state, under the states together."""
    if found.tasks is None:
        return None
    table = found.tasks.by_regime["joint"].table
    men = table.pivot_table(index="role", columns="state", values="men", aggfunc="sum")
    states = [str(state) for state in men.columns]
    rows = [
        (ROLES[role], [_number(men.loc[role, state]) for state in states])
        for role in ROLES
        if role in men.index and np.nansum(men.loc[role].to_numpy(np.float64)) > 0
    ]
    return {"states": [names.get(state, state) for state in states], "rows": rows}


def _stops(found: Forces) -> list[tuple[str, str, str, str]]:
    """Give the dates at which building can stop and something is held."""
    if found.programme is None:
        return []
    table = found.programme.stops.merge(
        found.programme.protected, on="date", how="left", suffixes=("", "_all")
    )
    return [
        (
            _month(row["date"]),
            percent(float(row["share"])),
            amount(float(row["spent_usd"])),
            amount(float(row["idle_usd"])) if row["idle_usd"] > 0 else "nothing",
        )
        for row in table.to_dict("records")
    ]
