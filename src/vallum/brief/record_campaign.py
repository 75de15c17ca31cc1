"""The campaign as plain values for `plan.json`, and as tables."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from vallum.campaign.model import Campaign, Case
    from vallum.plan import Plan

__all__ = [
    "LEAST_KM",
    "WHERE",
    "campaign_table",
    "change_of",
    "changes",
    "leaks_table",
    "neighbours",
    "record_campaign",
    "told_leaks",
]

LEAST_KM = 50.0  # where the line leaks is told by no shorter part
WHERE = ("held", "outside", "neighbours", "all", "deaths")  # what means are compared by
_CHANGE = ("before", "after", "change", "change_low", "change_high")
_TOTALS = ["case", "means", "phase", "what", "mean", "low", "high", "error"]
_LEAKS = ["case", "name", "sectors", "kind", "facing", "length_km", "tried", "through", "leakage",
          "leakage_low", "leakage_high"]  # fmt: skip
_PARTS = ("attacks_yr", "touchable_share", "stopped_share", "displaced_share", "alternatives",
          "leaks", "reinforcement", "published", "phases", "played")  # fmt: skip


def record_campaign(plan: Plan) -> dict[str, Any]:
    """Put the campaign stage into plain values.

    Parameters
    ----------
    plan
        To record.

    Returns
    -------
    dict
        Keys as documented in docs/method/brief.md: those of the first case, `status`, `seed`, and
        all cases by name; None where nothing was played.
    """
    found = plan.campaign
    if found is None:
        return {**dict.fromkeys(_PARTS), "status": "not played", "seed": None, "cases": {}}
    cases = {case.name: _case(case) for case in found.cases}
    first = cases[found.cases[0].name] if found.cases else dict.fromkeys(_PARTS)
    return {**first, "status": found.status, "seed": found.seed, "cases": cases}


def _case(case: Case) -> dict[str, Any]:
    """Put one case into plain values."""
    return {
        "attacks_yr": {what: _attacks(case, what) for what in ("held", "outside",
                                                               *neighbours(case))},
        "touchable_share": _ends(case.touchable),
        "stopped_share": _ends(case.stopped),
        "displaced_share": _ends(case.displaced),
        "alternatives": {
            means: {what: {key: _value(v) for key, v in row.items()} for what, row in by.items()}
            for means, by in changes(case).items()
        },
        "leaks": _rows(told_leaks(case)),
        "reinforcement": _rows(case.exact.reinforcement),
        "published": _rows(case.published),
        "phases": _rows(case.phases),
        "played": {"draws": int(case.played[0]), "asked": int(case.played[1])},
    }  # fmt: skip


def neighbours(case: Case) -> list[str]:
    """Give the neighbours whose attacks are told, by ISO3."""
    mine = case.world.targets
    states = {str(iso3) for iso3 in mine.loc[mine["side"] == "neighbour", "iso3"]}
    return sorted(states & {str(what) for what in case.change["what"]})


def changes(case: Case) -> dict[str, dict[str, dict[str, float]]]:
    """Give by means and what (`WHERE`) the values before and after, and the change with its range.

    What the stage's own table has is taken from it; sums that it has not (of all neighbours) are
    compared draw by draw with what comes of doing nothing.
    """
    order = dict.fromkeys(str(means) for means in case.change["means"])
    out: dict[str, dict[str, dict[str, float]]] = {}
    for means in order:
        by = {what: change_of(case, means, what) or _paired(case, means, what) for what in WHERE}
        out[means] = {what: row for what, row in by.items() if row is not None}
    return out


def change_of(case: Case, means: str, what: str) -> dict[str, float] | None:
    """Give one row of the stage's own table of changes; None where it has none."""
    table = case.change[(case.change["means"] == means) & (case.change["what"] == what)]
    for row in table.to_dict("records"):
        return {key: float(row[key]) for key in _CHANGE}
    return None


def _paired(case: Case, means: str, what: str) -> dict[str, float] | None:
    """Compare a means with nothing, draw by draw; None where the draws do not say."""
    if what not in case.draws:
        return None
    table = case.draws.pivot_table(index="draw", columns="means", values=what)
    if means not in table or "nothing" not in table:
        return None
    pair = table[["nothing", means]].dropna() if means != "nothing" else table[["nothing"]].dropna()
    before, after = pair["nothing"].to_numpy(np.float64), pair[means].to_numpy(np.float64)
    if not len(before) or not before.mean() > 0:
        return None
    each = np.divide(after - before, before, out=np.zeros_like(before), where=before > 0)
    low, high = np.percentile(each, (5.0, 95.0))
    return {
        "before": float(before.mean()),
        "after": float(after.mean()),
        "change": float(after.mean() / before.mean() - 1.0),
        "change_low": float(low),
        "change_high": float(high),
    }


def _attacks(case: Case, what: str) -> dict[str, float | None]:
    """Give attacks a year before and in the last phase under the line."""
    change = case.change[(case.change["means"] == "line") & (case.change["what"] == what)]
    totals = case.totals[(case.totals["means"] == "line") & (case.totals["what"] == what)]
    last = totals[totals["phase"] == totals["phase"].max()]
    if not len(change) or not len(last):
        return dict.fromkeys(("before", "after", "low", "high"))
    return {
        "before": _number(change["before"].iloc[0]),
        "after": _number(change["after"].iloc[0]),
        "low": _number(last["low"].iloc[0]),
        "high": _number(last["high"].iloc[0]),
    }


def told_leaks(case: Case) -> pd.DataFrame:
    """Give the parts whose leaks may be told: those of 50 km and more, the leakiest first."""
    if not len(case.leaks):
        return _empty(_LEAKS[1:])
    long = case.leaks[case.leaks["length_km"].to_numpy(np.float64) >= LEAST_KM]
    return long.sort_values("through", ascending=False, kind="stable").reset_index(drop=True)


def campaign_table(found: Campaign | None) -> pd.DataFrame:
    """Give totals by case, means, phase and what."""
    tables = [case.totals.assign(case=case.name) for case in found.cases] if found else []
    return pd.concat(tables, ignore_index=True)[_TOTALS] if tables else _empty(_TOTALS)


def leaks_table(found: Campaign | None) -> pd.DataFrame:
    """Give leaks by case and part, of parts of 50 km and more."""
    tables = [told_leaks(case).assign(case=case.name) for case in found.cases] if found else []
    return pd.concat(tables, ignore_index=True)[_LEAKS] if tables else _empty(_LEAKS)


def _empty(columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(columns=columns)


def _ends(ends: tuple[float, float, float]) -> dict[str, float | None]:
    return {key: _number(v) for key, v in zip(("low", "mid", "high"), ends, strict=True)}


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): _value(v) for k, v in row.items()} for row in table.to_dict("records")]


def _value(value: object) -> str | bool | int | float | None:
    """Make a value plain: numbers and truths as they are, what is missing as None, else text."""
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return _number(value)
    return None if value is None or value is pd.NaT else str(value)


def _number(value: float | np.floating[Any]) -> float | None:
    return float(value) if math.isfinite(value) else None
