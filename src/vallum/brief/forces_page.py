"""The page's chapter on forces: forts and men, who does what, what is built when."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vallum.brief.forces_chart import timeline
from vallum.brief.forces_parts import of_parts
from vallum.brief.forces_words import (
    ROLES,
    by_whom,
    programme_words,
    regime_name,
    role_name,
    short_words,
)
from vallum.brief.language import dated, named, say
from vallum.brief.page_text import THIN, amount, capital, percent, plain, whole
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
        `status` (what did not come out, or no text), `refused`, `unknown`, `regimes`,
        `sensitivity`, `sectors`, `roles`, `stops`, `programme` (a sentence, or no text),
        `timeline` (an SVG, or None), `more` (sectors not shown).
    """
    found = plan.forces
    names = {str(k): str(v) for k, v in plan.theatre.countries["name"].items()}
    sectors = forces_table(found)
    return {
        "status": _status(found, names),
        "refused": [of_parts(text, names) for text in found.refused],
        "unknown": [] if found.tasks is None else [of_parts(t, names) for t in found.tasks.unknown],
        "regimes": _regimes(found, names),
        "sensitivity": _sensitivity(found),
        "sectors": [_sector(row, names) for row in sectors.head(_MOST).to_dict("records")],
        "more": max(len(sectors) - _MOST, 0),
        "roles": _roles(found, names),
        "stops": _stops(found),
        "programme": programme_words(found.programme),
        "timeline": timeline(found, {iso3: named(name) for iso3, name in names.items()}),
    }


def _status(found: Forces, names: dict[str, str]) -> str:
    """Give what did not come out of the placement; no text where all did."""
    if found.forts is None or found.forts.status in ("ok", "no line"):
        return ""
    # how much less forts could cost is the gap that the head tells
    parts = [one for one in found.forts.status.split("; ") if not one.startswith("forts could")]
    return of_parts("; ".join(parts), names)


def _regimes(found: Forces, names: dict[str, str]) -> list[dict[str, str]]:
    """Give a row per regime."""
    if found.tasks is None:
        return []
    return [
        {
            "name": capital(regime_name(str(row["regime"]))),
            "cost": amount(float(row["cost_usd_yr"]), 3),
            "partner": amount(float(row["partner_usd_yr"])) if row["partner_usd_yr"] else "–",
            "men": whole(float(row["men"])),
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
        if factor != 1.0:
            case = say("The members have {share} of the men", share=percent(factor))
        elif row["effects"] == "low":
            case = say("The partner’s help does the least of its range")
        else:
            case = say("The partner’s help does the most of its range")
        rows.append(
            {
                "case": case,
                "regime": capital(regime_name(str(row["regime"]))),
                "cost": amount(float(row["cost_usd_yr"]), 3),
                "men": whole(float(row["men"])),
                "relax": amount(float(row["relax_usd_yr"])) if row["relax_usd_yr"] > 1 else "–",
            }
        )
    return rows


def _sector(row: dict[Any, Any], names: dict[str, str]) -> dict[str, str]:
    """Give a sector's row."""
    return {
        "sector": str(row["sector"]),
        "state": named(names.get(str(row["state"]), str(row["state"]))),
        "km": plain(float(row["length_km"]), 3),
        "forts": _number(row.get("forts")),
        "bases": _number(row.get("bases")),
        "men": _number(row.get("men_on_duty")),
        "response": _minutes(row.get("response_s_assumed"), row.get("response_s_found")),
        "guard": by_whom(row.get("guard"), names),
        "reaction": by_whom(row.get("reaction"), names),
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


def _month(value: object) -> str:
    if value is None or pd.isna(pd.Timestamp(str(value))):
        return "–"
    return dated(pd.Timestamp(str(value)), "MMM y").replace(" ", THIN)


def _roles(found: Forces, names: dict[str, str]) -> dict[str, Any] | None:
    """Give men by role and state, under the states together."""
    if found.tasks is None:
        return None
    joint = found.tasks.by_regime["joint"]
    table, loads = joint.table, joint.loads
    men = table.pivot_table(index="role", columns="state", values="men", aggfunc="sum")
    states = [str(state) for state in men.columns]
    rows = [
        (capital(role_name(role)), [_number(men.loc[role, state]) for state in states])
        for role in ROLES
        if role in men.index and np.nansum(men.loc[role].to_numpy(np.float64)) > 0
    ]
    # the schools, depots and handovers of a state have men of their own
    paid = loads[loads["need"] == "men"].set_index("state")["used"].reindex(states).fillna(0.0)
    besides = (paid - men.sum()).clip(lower=0.0)
    if (besides > 0.5).any():
        rows.append((say("Staffs and handovers"), [_number(value) for value in besides]))
    return {
        "states": [named(names.get(state, state)) for state in states],
        "rows": rows,
        "sum": [_number(value) for value in paid],
    }


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
            amount(float(row["idle_usd"]))
            if row["idle_usd"] > 0
            else say("nothing", context="money"),
        )
        for row in table.to_dict("records")
    ]
