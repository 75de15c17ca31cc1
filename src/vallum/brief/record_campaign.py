"""The campaign as plain values for `plan.json`, and as tables."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vallum.brief.record_judged import judged
from vallum.brief.record_plain import plain_rows, plain_value
from vallum.kernel.once import once

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.campaign.model import Campaign, Case
    from vallum.plan import Plan

__all__ = [
    "EVEN",
    "LEAST_KM",
    "WHERE",
    "best_otherwise",
    "campaign_table",
    "change_of",
    "changes",
    "country_names",
    "facing_name",
    "leaks_table",
    "moved",
    "neighbours",
    "record_campaign",
    "told_leaks",
    "untold_km",
]

LEAST_KM = 50.0  # where the line leaks is told by no shorter part
EVEN = 0.005  # of before: a smaller change is none that a reader would call one
WHERE = ("held", "outside", "neighbours", "all", "deaths")  # what means are compared by
_CHANGE = ("before", "after", "change", "change_low", "change_high", "error")
_TOTALS = ["case", "means", "phase", "what", "mean", "low", "high", "error"]
_LEAKS = ["case", "name", "sectors", "kind", "facing", "length_km", "tried", "through", "leakage",
          "leakage_low", "leakage_high"]  # fmt: skip
_PARTS = ("attacks_yr", "touchable_share", "stopped_share", "displaced_share", "alternatives",
          "leaks", "reinforcement", "published", "phases", "played", "line_km", "cost_usd_yr",
          "from_outside", "outside_share_to_halve", "best_otherwise", "worse", "better",
          "agree", "forts_attacked_yr")  # fmt: skip


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
        return {
            **dict.fromkeys(_PARTS),
            "status": "not played", "seed": None, "assumptions": None, "cases": {},
        }  # fmt: skip
    names = country_names(plan)
    cases = {case.name: _case(case, names) for case in found.cases}
    first = cases[found.cases[0].name] if found.cases else dict.fromkeys(_PARTS)
    return {
        **first,
        "status": found.status,
        "seed": found.seed,
        "assumptions": judged(found.ledger),
        "cases": cases,
    }


def _case(case: Case, names: Mapping[str, str]) -> dict[str, Any]:
    """Put one case into plain values."""
    return {
        "attacks_yr": {what: _attacks(case, what) for what in ("held", "outside",
                                                               *neighbours(case))},
        "touchable_share": _ends(case.touchable),
        "stopped_share": _ends(case.stopped),
        "displaced_share": _ends(case.displaced),
        "alternatives": {
            means: {what: {k: plain_value(v) for k, v in row.items()} for what, row in by.items()}
            for means, by in changes(case).items()
        },
        "leaks": plain_rows(told_leaks(case, names)),
        "reinforcement": plain_rows(case.exact.reinforcement),
        "published": plain_rows(case.published),
        "phases": plain_rows(case.phases),
        "played": {"draws": int(case.played[0]), "asked": int(case.played[1])},
        "line_km": case.line_km,
        "cost_usd_yr": case.cost_usd_yr,
        "from_outside": _plainly(change_of(case, "line", "held_arrived")),
        "outside_share_to_halve": _to_halve(change_of(case, "line", "held_arrived")),
        "best_otherwise": {what: _plainly(best_otherwise(case, what)) for what in ("held", "all")},
        "worse": _moved_states(case, 1),
        "better": _moved_states(case, -1),
        "forts_attacked_yr": _forts(case),
        "agree": {
            "of": len(case.published),
            "count": int(case.published["consistent"].sum()) if len(case.published) else 0,
        },
    }  # fmt: skip


def _forts(case: Case) -> dict[str, float | None] | None:
    """Give how often the line's own forts are attacked a year, last phase; None without any."""
    table = case.totals[(case.totals["means"] == "line") & (case.totals["what"] == "forts")]
    if not len(table):
        return None
    row = table.sort_values("phase").iloc[-1]
    return _ends((float(row["low"]), float(row["mean"]), float(row["high"])))


def _moved_states(case: Case, way: int) -> list[str]:
    """List the neighbours whose attacks move one way, by ISO3."""
    rows = [(iso3, change_of(case, "line", iso3)) for iso3 in neighbours(case)]
    return [iso3 for iso3, row in rows if row is not None and moved(row, len(rows)) == way]


def _plainly(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if row is None else {key: plain_value(value) for key, value in row.items()}


def moved(row: Mapping[str, float], among: int = 1) -> int:
    """Say which way attacks move: −1 fewer, 1 more, 0 by too little or no more than chance.

    Too little is half a per cent; chance is what drawing leaves of the mean, 95 %.

    Parameters
    ----------
    row
        As `change_of` gives it.
    among
        How many are looked at: of many one stands out by chance, so each has to stand out more
        (Bonferroni's bound).
    """
    error = row["error"] if math.isfinite(row["error"]) else 0.0
    if among > 1:
        error *= NormalDist().inv_cdf(1 - 0.025 / among) / NormalDist().inv_cdf(0.975)
    if not abs(row["change"]) > max(EVEN, error):  # neither where there was nothing before
        return 0
    return 1 if row["change"] > 0 else -1


def best_otherwise(case: Case, what: str) -> dict[str, Any] | None:
    """Give the means, other than the line, that leaves the fewest attacks for the same money.

    Parameters
    ----------
    case
        To look at.
    what
        Where attacks are counted, one of `WHERE`.

    Returns
    -------
    dict or None
        `means`, the keys of `change_of`, and `more` (whether it leaves fewer than the line); None
        where nothing else was played.
    """
    found = changes(case)
    line = found.get("line", {}).get(what)
    rows = {
        means: by[what]
        for means, by in found.items()
        if means not in ("nothing", "line") and what in by
    }
    if not rows or line is None:
        return None
    means = min(rows, key=lambda name: rows[name]["change"])
    return {"means": means, **rows[means], "more": rows[means]["change"] < line["change"]}


def _to_halve(row: Mapping[str, float] | None) -> dict[str, float] | None:
    """Give the share of attacks that would have to come from outside for the line to halve all.

    None where some draws have no fall of them: then no share would do.
    """
    if row is None or not row["change_high"] < 0:
        return None
    ends = zip(("low", "mid", "high"), ("change_low", "change", "change_high"), strict=True)
    return {name: -0.5 / row[change] for name, change in ends}


def neighbours(case: Case) -> list[str]:
    """Give the neighbours whose attacks are told, by ISO3."""
    mine = case.world.targets
    states = {str(iso3) for iso3 in mine.loc[mine["side"] == "neighbour", "iso3"]}
    return sorted(states & {str(what) for what in case.change["what"]})


@once
def changes(case: Case) -> dict[str, dict[str, dict[str, float]]]:
    """Give by means and what (`WHERE`) the values before and after, and the change with its range.

    From the stage's own table, which has all of them.
    """
    order = dict.fromkeys(str(means) for means in case.change["means"])
    out: dict[str, dict[str, dict[str, float]]] = {}
    for means in order:
        by = {what: change_of(case, means, what) for what in WHERE}
        out[means] = {what: row for what, row in by.items() if row is not None}
    return out


def change_of(case: Case, means: str, what: str) -> dict[str, float] | None:
    """Give one row of the stage's own table of changes; None where it has none."""
    table = case.change[(case.change["means"] == means) & (case.change["what"] == what)]
    for row in table.to_dict("records"):
        return {key: float(row[key]) for key in _CHANGE}
    return None


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


def country_names(plan: Plan) -> dict[str, str]:
    """Give the countries' names by ISO3."""
    return {str(k): str(v) for k, v in plan.theatre.countries["name"].items()}


def facing_name(facing: object, names: Mapping[str, str]) -> str:
    """Name what lies in front, by ISO3 or "sea"; several are joined by commas."""
    each = str(facing).split(", ")
    return ", ".join("the sea" if one == "sea" else names.get(one, one) for one in each)


def told_leaks(case: Case, names: Mapping[str, str]) -> pd.DataFrame:
    """Give the parts whose leaks may be told: those of 50 km and more, the leakiest first.

    Flanks too short for that are one row together, where together they are long enough; the ends
    of its range are those of its parts by how many try there, which is no narrower than its own.

    Parameters
    ----------
    case
        Of which the leaks are told.
    names
        Of countries, by ISO3.
    """
    if not len(case.leaks):
        return _empty(_LEAKS[1:])
    flank = (case.leaks["kind"] == "flank").to_numpy(np.bool_)
    land = [facing_name(facing, names) for facing in case.leaks["facing"]]
    called = np.where(flank, [f"flank facing {each}" for each in land], case.leaks["name"])
    table = case.leaks.assign(name=called)
    long = table["length_km"].to_numpy(np.float64) >= LEAST_KM
    rest = table[flank & ~long]
    told = table[long]
    if rest["length_km"].sum() >= LEAST_KM:
        told = pd.concat([told, _together(rest)], ignore_index=True)
    return told.sort_values("through", ascending=False, kind="stable").reset_index(drop=True)


def _together(flanks: pd.DataFrame) -> pd.DataFrame:
    """Make one row of several flanks."""
    tried, through = (float(flanks[name].sum()) for name in ("tried", "through"))
    weight = flanks["tried"].to_numpy(np.float64)
    share = {
        name: float((weight * flanks[name].fillna(0.0)).sum() / tried) if tried > 0 else math.nan
        for name in ("leakage", "leakage_low", "leakage_high")
    }
    row = {
        "name": "shorter flanks together", "sectors": "", "kind": "flank",
        "facing": ", ".join(sorted({str(facing) for facing in flanks["facing"]})),
        "length_km": float(flanks["length_km"].sum()), "tried": tried, "through": through, **share,
    }  # fmt: skip
    return pd.DataFrame([row])


def untold_km(case: Case) -> float:
    """Give the length of flanks too short to be told even together, km; 0 where there are none."""
    if not len(case.leaks):
        return 0.0
    length = case.leaks["length_km"].to_numpy(np.float64)
    flank = (case.leaks["kind"] == "flank").to_numpy(np.bool_)
    rest = float(length[flank & (length < LEAST_KM)].sum())
    return rest if rest < LEAST_KM else 0.0


def campaign_table(found: Campaign | None) -> pd.DataFrame:
    """Give totals by case, means, phase and what."""
    tables = [case.totals.assign(case=case.name) for case in found.cases] if found else []
    return pd.concat(tables, ignore_index=True)[_TOTALS] if tables else _empty(_TOTALS)


def leaks_table(found: Campaign | None, names: Mapping[str, str]) -> pd.DataFrame:
    """Give leaks by case and part, of parts of 50 km and more."""
    cases = found.cases if found else ()
    tables = [told_leaks(case, names).assign(case=case.name) for case in cases]
    return pd.concat(tables, ignore_index=True)[_LEAKS] if tables else _empty(_LEAKS)


def _empty(columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(columns=columns)


def _ends(ends: tuple[float, float, float]) -> dict[str, float | None]:
    return {key: _number(v) for key, v in zip(("low", "mid", "high"), ends, strict=True)}


def _number(value: float | np.floating[Any]) -> float | None:
    return float(value) if math.isfinite(value) else None
