"""Forces as plain values for `plan.json`, and as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from vallum.forces import Forces
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
        "refused": list(found.refused),
        "unknown": [] if tasks is None else list(tasks.unknown),
    }  # fmt: skip


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
