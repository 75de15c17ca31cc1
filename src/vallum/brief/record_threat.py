"""The threat as a part of the plan's record: each uncertain number as low, mid and high."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vallum.threat.claim.verdict import as_record as claim_record
from vallum.threat.intensity.forecast import summary

if TYPE_CHECKING:
    import pandas as pd

    from vallum.plan import Plan
    from vallum.threat.civilians import Civilians
    from vallum.threat.ways import Ways

__all__ = ["record_threat"]

_DIGITS = 6  # shares below a millionth are noise of the solution


def record_threat(plan: Plan) -> dict[str, Any]:
    """Record what the threat stage found.

    Parameters
    ----------
    plan
        To record.

    Returns
    -------
    dict
        Keys as documented in docs/method/brief.md. Where there are no ways, what they give is None
        and the tables are empty.
    """
    threat = plan.threat
    events = threat.regions[["events_low", "events_yr", "events_high"]].sum()
    return {
        "share_from_outside": _range(*threat.reach),
        "events_yr": _range(*events),
        **_ways(threat.ways, plan.settings.threat.passage.block_km),
        "forecast_scores": None if threat.forecast is None else summary(threat.forecast),
        "claim": claim_record(threat.claim),
        "civilians": _civilians(threat.civilians),
        "season": threat.crossing.season,
        "depth": plan.settings.depth,
    }


def _ways(ways: Ways | None, block_km: float) -> dict[str, Any]:
    """Record by which ways they come."""
    if ways is None:
        return {
            "share_from_outside_modelled": None, "journeys_yr": None, "share_through": {},
            "share_through_claimed": {}, "share_entering": {}, "corridors": [],
        }  # fmt: skip
    entering: dict[str, dict[str, Any]] = {}
    for row in ways.entering.to_dict("records"):
        share = _range(row["low"], row["mid"], row["high"])
        entering.setdefault(str(row["member"]), {})[str(row["neighbour"])] = share
    return {
        "share_from_outside_modelled": _range(*ways.from_outside),
        "journeys_yr": _range(*ways.journeys_yr),
        "share_through": _by_state(ways.through),
        "share_through_claimed": _by_state(ways.claimed),
        "share_entering": entering,
        "corridors": [
            {
                "rank": int(row["rank"]),
                "begins": row["begins"],
                "ends": row["ends"],
                "via": str(row["via"]).split(" → "),
                "share": _range(row["low"], row["mid"], row["high"]),
                "hours": _range(row["hours_low"], row["hours"], row["hours_high"]),
                "length_km": float(row["length_km"]),
            }
            for row in ways.corridors.drop(columns="geometry").to_dict("records")
        ],
        "solved_on_km": ways.cell_km,
        "drawn_on_km": ways.cell_km * max(1, round(block_km / ways.cell_km)),
        "draws": ways.draws,
    }


def _by_state(table: pd.DataFrame) -> dict[str, Any]:
    """Give shares by state."""
    return {
        str(row["iso3"]): _range(row["low"], row["mid"], row["high"])
        for row in table.to_dict("records")
    }


def _civilians(found: Civilians) -> dict[str, Any]:
    """Record who else crosses; journeys across borders that make one a year at least."""
    table = found.crossings_of_borders
    return {
        kind: {
            "what": demand.what,
            "unit": demand.unit,
            "journeys_yr": _range(
                *(float(demand.journeys.sum()) * part for part in (demand.low, 1.0, demand.high))
            ),
            "left_out_yr": float(found.left_out[kind]),
            "borders": [
                {"from": row["from"], "to": row["to"],
                 "journeys_yr": _range(row["low"], row["mid"], row["high"])}
                for row in table[(table["kind"] == kind) & (table["mid"] >= 1)].to_dict("records")
            ],
        }
        for kind, demand in found.demands.items()
    }  # fmt: skip


def _range(low: float, mid: float, high: float) -> dict[str, float]:
    """Give the ends of a range and its mid, without the noise of the solution."""
    ends = zip(("low", "mid", "high"), (low, mid, high), strict=True)
    return {name: round(float(value), _DIGITS) for name, value in ends}
