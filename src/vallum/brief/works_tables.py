"""The chapter's tables: what stands on which surface, and every class of ground."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vallum.brief.page_text import amount, between, percent, plain
from vallum.brief.works_kinds import on_member_land
from vallum.brief.works_names import in_words, surface

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.plan import Plan

__all__ = ["by_surface", "every", "tells_places"]


def tells_places(plan: Plan) -> bool:
    """Tell whether what single works stop would say where a line is weak.

    Where one standard holds everywhere, all works stop about as much. Where the standard varies,
    or isn't met, what they stop by composition would tell it by kilometre, for the strips give the
    composition of each: it is then left to the sectors.
    """
    works = plan.settings.works
    return works.rule != "one" or works.where_short == "use"


def by_surface(plan: Plan) -> list[dict[str, Any]]:
    """List for each surface what would stand on most of the members' land of it.

    Parameters
    ----------
    plan
        To read.

    Returns
    -------
    list of dict
        The commonest surface first: `surface`, `share` of the members' land, `what` stands on most
        of it and on how much (`part`), cost, men, share stopped with their ranges, delays by way of
        movement and spacing of forts of what stands on most of it, `met`: on how much of it the
        standard is. What is stopped is left out where it `tells_places`.
    """
    table, share = plan.works.compositions, on_member_land(plan)
    out: list[tuple[float, dict[str, Any]]] = []
    for kind in dict.fromkeys(table["surface"]):
        here = (table["surface"] == kind).to_numpy() & (share > 0)
        if not here.any():
            continue
        land = float(share[here].sum())
        rows, weight = table[here], share[here] / land
        name, part = _commonest(rows, weight)
        most = rows[rows["composition"] == name]
        first = most.iloc[int(np.argmax(weight[(rows["composition"] == name).to_numpy()]))]
        told = {"surface": surface(str(kind)), "share": percent(land), "part": percent(part)}
        out.append((land, _row(plan, rows, weight, first) | told))
    return [row for _, row in sorted(out, key=lambda each: -each[0])]


def _commonest(rows: pd.DataFrame, weight: NDArray[np.float64]) -> tuple[str, float]:
    """Name the composition on most of the land, whatever its class of ground; and its part."""
    total: dict[str, float] = {}
    for name, part in zip(rows["composition"], weight.tolist(), strict=True):
        total[str(name)] = total.get(str(name), 0.0) + part
    name = max(total, key=lambda key: (total[key], key))
    return name, total[name]


def _row(
    plan: Plan, rows: pd.DataFrame, weight: NDArray[np.float64], first: pd.Series[Any]
) -> dict[str, Any]:
    """Write one surface."""

    def mean(column: str) -> float:
        return float(weight @ rows[column].to_numpy(np.float64))

    row = {
        "what": in_words(str(first["description"])),
        "cost": amount(mean("cost_usd_km_yr")),
        "cost_range": between(mean("cost_low_usd_km_yr"), mean("cost_high_usd_km_yr")),
        "men": plain(mean("men_per_km")),
        "paid": plain(mean("men_paid_per_km")),
        "delays": [
            _minutes(float(first[f"delay_s_{mode}"])) for mode in plan.works.catalogue.modes
        ],
        "forts": plain(float(first["fort_spacing_km"])),
    }
    if tells_places(plan):
        return row
    p_e = [100 * mean(f"p_e{end}") for end in ("_low", "", "_high")]
    return row | {
        "stops": percent(p_e[1] / 100),
        "stops_range": between(p_e[0], p_e[2]),
        "met": percent(mean("standard_met")),
    }


def every(plan: Plan) -> list[dict[str, str]]:
    """List every composition on every class of the members' ground, the commonest first.

    Without what each stops: beside the strips that would say it by kilometre, and it is given by
    sectors of 50 km and more only.
    """
    table, share = plan.works.compositions, on_member_land(plan)
    return [
        {
            "surface": surface(str(row["surface"])),
            "what": in_words(str(row["description"])),
            "share": percent(float(share[n])),
            "cost": amount(row["cost_usd_km_yr"]),
            "cost_range": between(row["cost_low_usd_km_yr"], row["cost_high_usd_km_yr"]),
            "men": plain(row["men_per_km"]),
            "paid": plain(row["men_paid_per_km"]),
        }
        for n in np.argsort(-share, kind="stable").tolist()
        if share[n] > 0
        for row in [table.iloc[n].to_dict()]
    ]


def _minutes(seconds: float) -> str:
    return plain(seconds / 60.0) if seconds > 0 else "0"
