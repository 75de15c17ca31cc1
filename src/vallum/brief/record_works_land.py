"""What works would be on the members' land, wherever a line ran: a part of the plan's record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vallum.brief.works_kinds import commonest, on_member_land
from vallum.works.cost import price_items
from vallum.works.doubt import effect_range
from vallum.works.effect import sensitivities
from vallum.works.opponent import covered_pace
from vallum.works.tasks import Scene

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from vallum.plan import Plan
    from vallum.works.compose import Composition

__all__ = ["record_land"]

_STANDARDS = (0.5, 0.8)  # what else the planner may ask for
_CLAIMED = {"sand": "earth", "rock": "stone"}  # surface: of what the claim would build there
_ENDS = ("low", "mid", "high")


def record_land(plan: Plan) -> dict[str, Any] | None:
    """Record what a kilometre would be made of, cost and stop, over the members' land.

    Parameters
    ----------
    plan
        To record.

    Returns
    -------
    dict or None
        Keys as documented in docs/method/brief.md; None where no works can stand on that land.
    """
    share = on_member_land(plan)
    if share.sum() <= 0:
        return None
    table = plan.works.compositions
    forts = table["fort_spacing_km"].to_numpy(np.float64)
    met = table["standard_met"].to_numpy(np.float64)
    return {
        "cost_usd_km_yr": _mean(
            plan, share, ("cost_low_usd_km_yr", "cost_usd_km_yr", "cost_high_usd_km_yr")
        ),
        "men_paid_per_km": _men(plan, share),
        "effect": _mean(plan, share, ("p_e_low", "p_e", "p_e_high")),
        "standard_met_share": float(share @ met) if plan.settings.works.rule == "one" else None,
        "fort_spacing_km": _middle(forts, share),
        "sensors_share": float(share @ [bool(one.sensors) for one in plan.works.choices]),
        "barriers": _barriers(plan, share),
        "surfaces": _surfaces(plan, share),
        **_commonest(plan, share),
    }


def _mean(plan: Plan, share: NDArray[np.float64], columns: tuple[str, ...]) -> dict[str, float]:
    """Give the means of the ends of a figure."""
    table = plan.works.compositions
    ends = (float(share @ table[name].to_numpy(np.float64)) for name in columns)
    return dict(zip(_ENDS, ends, strict=True))


def _men(plan: Plan, share: NDArray[np.float64]) -> dict[str, float]:
    """Give the men paid per km, swings as the root of the sum of squares."""
    items, rotation = plan.works.catalogue.items, plan.settings.works.rotation
    ends = np.zeros((len(plan.works.choices), 3))
    for n, choice in enumerate(plan.works.choices):
        each = np.array(
            [
                (items[k].men.low * q, items[k].men.mode * q, items[k].men.high * q)
                for k, q in choice.quantities.items()
            ]
        )
        mid = each[:, 1].sum()
        down, up = (float(np.hypot.reduce(each[:, e] - each[:, 1])) for e in (0, 2))
        ends[n] = max(mid - down, 0.0), mid, mid + up
    return dict(zip(_ENDS, (float(v) for v in rotation * (share @ ends)), strict=True))


def _middle(values: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    """Give the median by weight."""
    order = np.argsort(values, kind="stable")
    at = int(np.searchsorted(np.cumsum(weight[order]), 0.5 * weight.sum()))
    return float(values[order][min(at, len(order) - 1)])


def _barriers(plan: Plan, share: NDArray[np.float64]) -> list[dict[str, Any]]:
    """List the barriers that stand together, those on most of the land first."""
    items = plan.works.catalogue.items
    found: dict[tuple[str, ...], float] = {}
    for choice, part in zip(plan.works.choices, share.tolist(), strict=True):
        found[choice.barriers] = found.get(choice.barriers, 0.0) + part
    return [
        {"items": list(keys), "texts": [items[key].text for key in keys], "share": found[keys]}
        for keys in sorted(found, key=lambda keys: (-found[keys], keys))
        if found[keys] > 0
    ]


def _surfaces(plan: Plan, share: NDArray[np.float64]) -> dict[str, Any]:
    """Record by surface whether it gets what the claim would build, and where works fall short.

    What is stopped where they fall short is left out where a line stands there all the same: by
    surface it would tell where it is weak.
    """
    table, items = plan.works.compositions, plan.works.catalogue.items
    met, p_e = table["standard_met"].to_numpy(np.bool_), table["p_e"].to_numpy(np.float64)
    asked = plan.settings.works.rule == "one"
    out: dict[str, Any] = {}
    for surface in dict.fromkeys(table["surface"]):
        here = (table["surface"] == surface).to_numpy() & (share > 0)
        land = float(share[here].sum())
        if land <= 0:
            continue
        row: dict[str, Any] = {
            "share": land,
            "as_claimed": None,
            "short_share": None,
            "stops": None,
        }
        if surface in _CLAIMED:
            of = [
                any(
                    items[k].role == "barrier" and _CLAIMED[surface] in items[k].material
                    for k in keys
                )
                for keys in table["items"]
            ]
            row["as_claimed"] = float(share[here & np.array(of)].sum()) / land
        short = here & ~met
        if asked:
            row["short_share"] = float(share[short].sum()) / land
            if short.any() and plan.settings.works.where_short == "avoid":
                row["stops"] = {"low": float(p_e[short].min()), "high": float(p_e[short].max())}
        out[str(surface)] = row
    return out


def _commonest(plan: Plan, share: NDArray[np.float64]) -> dict[str, Any]:
    """Record what other standards cost on the commonest ground, and what its works rest on."""
    of = commonest(plan)
    works = plan.works
    rows = [n for n, ground in enumerate(works.ground_row) if ground == of]
    row = max(rows, key=lambda n: share[n])
    choice = works.choices[row]
    scene = Scene(
        works.ground.classes[of], works.catalogue, plan.settings.works, works.threat,
        works.ground.cover, covered_pace(plan.settings.works),
    )  # fmt: skip
    first = max(sensitivities(choice, scene), key=lambda each: abs(each.high - each.low))
    return {
        "commonest": {
            "surface": scene.ground.surface,
            "share": float(share[rows].sum()),
            "cost_usd_km_yr": _priced(plan, choice, scene),
        },
        "other_standards": [_standard(plan, asked, of, scene) for asked in _STANDARDS],
        "hangs_on": {
            "figure": first.figure,
            "low": min(first.low, first.high),
            "mid": float(works.compositions["p_e"].iloc[row]),
            "high": max(first.low, first.high),
        },
    }


def _standard(plan: Plan, asked: float, of: int, scene: Scene) -> dict[str, Any]:
    """Record what another standard would cost; where it can't be had, what stops most."""
    front = plan.works.frontiers
    pick = front.closure(asked, of)
    choice = front.classes[of].compositions[int(pick.point)]
    doubt = effect_range(choice, scene, plan.works.ground.cover_ends)
    return {
        "standard": asked,
        "met": bool(pick.met),
        "cost_usd_km_yr": _priced(plan, choice, scene),
        "effect": {"low": doubt.p_e_low, "mid": float(pick.p_e), "high": doubt.p_e_high},
    }


def _priced(plan: Plan, choice: Composition, scene: Scene) -> dict[str, float]:
    """Price a composition, with its range."""
    quantities: Mapping[str, float] = choice.quantities
    cost = price_items(
        [plan.works.catalogue.items[key] for key in quantities],
        np.array([[*quantities.values()]]),
        plan.settings.works,
        ground=scene.ground,
        catalogue=plan.works.catalogue,
    )
    return {
        "low": float(cost.low[0]), "mid": float(cost.mode[0]), "high": float(cost.high[0]),
    }  # fmt: skip
