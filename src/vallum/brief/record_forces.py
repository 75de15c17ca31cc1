"""Forces as plain values for `plan.json`, and as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vallum.brief.record_judged import judged
from vallum.brief.record_plain import plain_rows

if TYPE_CHECKING:
    from vallum.forces import Forces
    from vallum.forces.tasks import Tasks
    from vallum.plan import Plan

__all__ = ["forces_table", "programme_table", "record_forces", "tasks_table"]

LEAST_KM = 50.0  # what stops attackers is told by no shorter sector
HIDDEN = ["response_s_assumed", "response_s_found", "p_e_assumed", "p_e_found"]


def record_forces(plan: Plan) -> dict[str, Any]:
    """Put the forces stage into plain values.

    Parameters
    ----------
    plan
        To record.

    Returns
    -------
    dict
        Keys as documented in docs/method/brief.md; None where a part could not be done.
    """
    found = plan.forces
    forts, tasks, programme = found.forts, found.tasks, found.programme
    return {
        "forts": None if forts is None else len(forts.table),
        "bases": None if forts is None else int(forts.table["base"].sum()),
        "men": None if forts is None else forts.men_paid,
        "men_on_duty": None if forts is None else forts.men_on_duty,
        "forts_usd_yr": None if forts is None else forts.cost_usd_yr,
        "forts_gap": None if forts is None else forts.gap,
        "status": "no forts" if forts is None else forts.status,
        "regimes": {} if tasks is None else {
            str(row["regime"]): {
                "cost_usd_yr": float(row["cost_usd_yr"]),
                "men": float(row["men"]),
                "status": str(row["status"]),
                "relax_usd_yr": float(row["relax_usd_yr"]),
                "gap": float(row["gap"]),
                "partner_usd_yr": float(row["partner_usd_yr"]),
                "handovers": int(row["handovers"]),
            }
            for row in tasks.regimes.to_dict("records")
        },
        "programme": None if programme is None else {
            "first_covered": _date(programme.first_covered),
            "all_covered": _date(programme.all_covered),
            "gap": programme.gap,
            "status": programme.status,
            "loss_usd": programme.loss_usd,
            "builders": found.builders,
            "inner": programme.inner,
        },
        "saved_usd_yr": None if tasks is None else _saved(tasks, "alone", "joint"),
        "helped_usd_yr": None if tasks is None else _saved(tasks, "joint", "joint_with_partner"),
        "raise_usd_yr": None if tasks is None else _raised(tasks),
        "men_tried": None if tasks is None else _tried(tasks),
        "men_by_state": {} if tasks is None else _by_state(tasks),
        "shortages": {} if tasks is None else {
            name: plain_rows(regime.shortages[["state", "need", "short", "usd_yr"]])
            for name, regime in tasks.by_regime.items()
        },
        "assumptions": judged(found.ledger),
        "refused": list(found.refused),
        "unknown": [] if tasks is None else list(tasks.unknown),
    }  # fmt: skip


def _saved(tasks: Tasks, dearer: str, cheaper: str) -> dict[str, float]:
    """Give what one regime costs less than another, and the ends of that over what was tried.

    The price of raising what is short is counted; men the members have, and what the partner's
    help brings, were each tried at other values. A regime that allows more is no dearer: what a
    solver's gap leaves below nothing is nothing.
    """
    table = tasks.sensitivity.assign(
        usd=tasks.sensitivity["cost_usd_yr"] + tasks.sensitivity["relax_usd_yr"]
    )
    as_it_is = tasks.regimes.set_index("regime")[["cost_usd_yr", "relax_usd_yr"]].sum(axis=1)
    tried = table.pivot_table(
        index=["men_factor", "effects"], columns="regime", values="usd", aggfunc="first"
    )
    # where only the helped regime was tried again the others stand as they are
    tried = tried.reindex(columns=as_it_is.index).fillna(as_it_is)
    saved = (tried[dearer] - tried[cheaper]).clip(lower=0.0)
    mid = max(float(as_it_is[dearer] - as_it_is[cheaper]), 0.0)
    ends = {"low": min(float(saved.min()), mid), "mid": mid}
    return {**ends, "high": max(float(saved.max()), mid)}


def _raised(tasks: Tasks) -> dict[str, float]:
    """Give the price of raising what is short when all share, and its ends over what was tried."""
    table = tasks.sensitivity
    relax = table.loc[table["regime"] == "joint", "relax_usd_yr"]
    mid = float(tasks.by_regime["joint"].relax_usd_yr)
    return {"low": min(float(relax.min()), mid), "mid": mid, "high": max(float(relax.max()), mid)}


def _tried(tasks: Tasks) -> dict[str, Any]:
    """Give the least and most of their men that the members were tried with, and what was short.

    `short` counts, by regime, the numbers of men at which it is short.
    """
    table = tasks.sensitivity
    table = table[~table["effects"].isin(["low", "high"])]
    factors = table["men_factor"]
    short = table[table["status"] == "short"].groupby("regime")["men_factor"].nunique()
    return {
        "low": float(factors.min()),
        "high": float(factors.max()),
        "cases": int(factors.nunique()),
        "short": {str(name): int(short.get(name, 0)) for name in tasks.by_regime},
    }


def _by_state(tasks: Tasks) -> dict[str, float]:
    """Give the men that each state pays when all share, by ISO3; those of handovers included."""
    loads = tasks.by_regime["joint"].loads
    men = loads[loads["need"] == "men"].set_index("state")["used"].sort_index()
    return {str(state): float(value) for state, value in men.items() if value > 0}


def forces_table(found: Forces) -> pd.DataFrame:
    """Give a row per sector, dates as text; no places of forts, nor what short sectors stop."""
    table = found.sectors.copy()
    for name in ("start", "built", "covered"):
        if name in table:
            table[name] = [None if pd.isna(day) else str(day) for day in table[name]]
    short = table["length_km"].to_numpy(np.float64) < LEAST_KM
    for name in HIDDEN:
        if name in table:
            table.loc[short, name] = np.nan
    return table


def tasks_table(found: Forces) -> pd.DataFrame:
    """Give a row per regime, sector and role."""
    if found.tasks is None:
        return pd.DataFrame(columns=["regime", "sector", "role", "state", "men", "cost_usd_yr"])
    return found.tasks.table


def programme_table(found: Forces) -> pd.DataFrame:
    """Give the programme as project tools import it: a row per work package.

    `ID`, `Name`, `Duration` (days), `Start`, `Finish`, `Predecessors`, `Resource Names` and `Cost`,
    then our own columns.
    """
    programme = found.programme
    columns = ["ID", "Name", "Duration", "Start", "Finish", "Predecessors", "Resource Names",
               "Cost", "sector", "stage", "companies"]  # fmt: skip
    if programme is None or not len(programme.stages):
        return pd.DataFrame(columns=columns)
    stages = programme.stages.reset_index(drop=True)
    start, end = pd.to_datetime(stages["start"]), pd.to_datetime(stages["end"])
    last: dict[int, int] = {}
    before = []
    for number, sector in enumerate(stages["sector"].astype(int), start=1):
        before.append(str(last.get(sector, "")))
        last[sector] = number
    return pd.DataFrame(
        {
            "ID": np.arange(1, len(stages) + 1),
            "Name": [f"Sector {a}, stage {b}" for a, b in zip(stages["sector"], stages["stage"],
                                                            strict=True)],
            "Duration": (end - start).dt.days,
            "Start": start.dt.strftime("%Y-%m-%d"),
            "Finish": end.dt.strftime("%Y-%m-%d"),
            "Predecessors": before,
            "Resource Names": [f"{pool} engineers" for pool in stages["pool"]],
            "Cost": stages["money_usd"].round(2),
            "sector": stages["sector"],
            "stage": stages["stage"],
            "companies": stages["companies"],
        },
        columns=columns,
    )  # fmt: skip


def _date(day: object) -> str | None:
    return None if day is None else str(day)
