"""What is vital as plain values for `plan.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vallum.worth.vital import PREMIUMS, SHARES, gathered

if TYPE_CHECKING:
    from vallum.plan import Plan

__all__ = ["record_worth", "share_key"]


def share_key(share: float) -> str:
    """Give the key of a share: "50" for a half."""
    return f"{100 * share:g}"


def record_worth(plan: Plan) -> dict[str, Any]:
    """Put what is vital into plain values.

    Parameters
    ----------
    plan
        To record.

    Returns
    -------
    dict
        `states`: by iso3 and "all", `people`, `output_usd_yr`, `km2`, and for people and output
        the smallest share of the land with 50, 80 and 95 % of them (`low`, `mid`, `high`; a
        range over the premium of townsmen for output). `shares`, `premium`.
    """
    table = gathered(plan.theatre, plan.settings.worth, plan.worth)
    states: dict[str, Any] = {}
    for row in table.to_dict("records"):
        own = states.setdefault(
            str(row["state"]), {"km2": float(row["km2"]), "people_land": {}, "output_land": {}}
        )
        what = str(row["what"])
        own["people" if what == "people" else "output_usd_yr"] = float(row["total"])
        own[f"{what}_land"][share_key(float(row["share"]))] = {
            "low": float(row["low"]), "mid": float(row["land"]), "high": float(row["high"]),
        }  # fmt: skip
    premium = next(row for row in plan.worth.ledger if row.key == PREMIUMS)
    return {
        "states": states,
        "shares": {share_key(share): share for share in SHARES},
        "premium": {"low": premium.low, "mid": premium.value, "high": premium.high},
    }
