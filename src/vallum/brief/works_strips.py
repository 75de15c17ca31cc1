"""The line of every step as a strip: what stands on each kilometre, packed for the page.

Only what the works are is given by kilometre. What they stop is given by sectors of 50 km and more
(`line.settings.sector_km`), and no fort has a place.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.spatial import cKDTree

from vallum.brief.page_text import percent, plain
from vallum.kernel.once import once
from vallum.line import trace
from vallum.line.course import Course, follow

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.plan import Plan

__all__ = ["courses", "strips"]

_LONG_KM = 50.0  # a line that is shorter has no strip of its own, unless it is the longest
_MOST = 4  # strips of their own
_NEAR_KM = 60.0  # a settlement this near names a sector; the largest of them
_FAR_KM = 150.0  # else the nearest up to here
_METRES = 10.0  # lengths are packed in these
_Cut = tuple[int, int, int, float, float, float]  # as `cuts` of `strips`


@dataclass(frozen=True, eq=False)
class _Towns:
    """Settlements that can say where a sector is."""

    names: list[str]
    people: NDArray[np.float64]
    near: cKDTree


@once
def courses(plan: Plan) -> list[Course]:
    """Follow the line of every step.

    Parameters
    ----------
    plan
        To read.

    Returns
    -------
    list
        By step.
    """
    entry, plans = plan.line.plans.entry, plan.line.plans
    return [
        follow(plans.problem, (entry >= 0) & (entry <= step), plans.stakes.flank, plan.theatre.grid)
        for step in range(len(plans.steps))
    ]


def strips(plan: Plan, by_step: list[Course]) -> dict[str, Any]:
    """Pack the lines of all steps.

    Parameters
    ----------
    plan
        To read.
    by_step
        From `courses`.

    Returns
    -------
    dict
        `cuts`, the distinct pieces: composition, state behind, state in front, USD/km/yr with
        its low and high end; `steps`,
        for each its `lines`, the longest first, and `rest`, the shorter ones together (None where
        there are none). A line has `km`, `closed`, `runs` (pairs of a cut's number and a length in
        units of 10 m, int32 in base64) and `sectors`: length in km, the nearest settlement, the
        share stopped as text, and whether that meets the standard.
    """
    towns = _towns(plan)
    cuts: dict[_Cut, int] = {}
    steps = []
    for course in by_step:
        table = _pieces(plan, course.table)
        length = table.groupby("line")["length_km"].sum()
        order = length.sort_values(ascending=False, kind="stable")
        own = [n for n, km in enumerate(order) if n < _MOST and (n == 0 or km >= _LONG_KM)]
        lines = [_strip(plan, table[table["line"] == order.index[n]], cuts, towns) for n in own]
        others = table[~table["line"].isin(order.index[: len(own)])]
        rest = _rest(plan, others, cuts) if len(others) else None
        steps.append({"lines": lines, "rest": rest})
    return {"cuts": [list(cut) for cut in cuts], "steps": steps}


def _pieces(plan: Plan, table: pd.DataFrame) -> pd.DataFrame:
    """Say of each edge what stands there, whose ground it is, what it faces and what it costs."""
    table = table[table["length_km"] > 0]
    cell = table["cell"].to_numpy()
    state = plan.theatre.ground["state"].to_numpy().ravel()
    low, high = _ends(plan, cell)
    price = table["cost_usd_yr"].to_numpy() / table["length_km"].to_numpy()
    return table.assign(
        kind=plan.works.priced_as.ravel()[cell],
        state=state[cell],
        towards=state[table["facing"].to_numpy()],
        price=_rounded(price),
        low=_rounded(price * low),
        high=_rounded(price * high),
    )


def _ends(plan: Plan, cell: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give low and high of the price as multiples of it; works and gates err independently."""
    works, gates = plan.works, plan.works.gates
    table = works.compositions.iloc[works.priced_as.ravel()[cell]]
    mode = table["cost_usd_km_yr"].to_numpy(np.float64)
    price = np.maximum(works.closure_usd_km_yr.ravel()[cell], 1e-9)
    ends = []
    for end in ("low", "high"):
        swing = np.abs(table[f"cost_{end}_usd_km_yr"].to_numpy(np.float64) - mode)
        if gates is not None:
            swing = np.hypot(swing, (getattr(gates, end) - gates.mode).ravel()[cell])
        ends.append(swing / price)
    return np.maximum(1.0 - ends[0], 0.0), 1.0 + ends[1]


def _rounded(values: NDArray[np.float64]) -> list[float]:
    return [float(f"{value:.3g}") for value in values.tolist()]


def _strip(
    plan: Plan,
    table: pd.DataFrame,
    cuts: dict[_Cut, int],
    towns: _Towns,
) -> dict[str, Any]:
    """Pack one line."""
    return {
        "km": round(float(table["length_km"].sum()), 1),
        "closed": bool(table["closed"].iloc[0]),
        "runs": _runs(table, cuts),
        "sectors": _sectors(plan, table, towns),
    }


def _rest(plan: Plan, table: pd.DataFrame, cuts: dict[_Cut, int]) -> dict[str, Any]:
    """Pack the short lines one behind the other; they are too short to be told apart."""
    length = table["length_km"].to_numpy()
    km = float(length.sum())
    return {
        "km": round(km, 1),
        "count": int(table["line"].nunique()),
        "runs": _runs(table.sort_values(["kind", "price", "line"], kind="stable"), cuts),
        "sectors": [[round(km, 1), "", *_stops(_effects(plan), table["kind"].to_numpy(), length)]],
    }


def _runs(table: pd.DataFrame, cuts: dict[_Cut, int]) -> str:
    """Give every piece its number, join equal neighbours, and pack them."""
    columns = (
        table[name].tolist() for name in ("kind", "state", "towards", "price", "low", "high")
    )
    number = np.array([cuts.setdefault(cut, len(cuts)) for cut in zip(*columns, strict=True)])
    ends = np.round(np.cumsum(table["length_km"].to_numpy()) * 1000.0 / _METRES)
    last = np.flatnonzero(np.append(np.diff(number) != 0, True))
    lengths = np.diff(np.concatenate([[0.0], ends[last]]))
    pairs = np.stack([number[last], lengths], axis=1).astype("<i4")
    return base64.b64encode(pairs.tobytes()).decode("ascii")


def _sectors(plan: Plan, table: pd.DataFrame, towns: _Towns) -> list[list[Any]]:
    """Say of each sector where it is and what it stops; none is shorter than 50 km."""
    keys = list(zip(table["state"].astype(str), table["towards"].astype(str), strict=True))
    out = []
    length, cell = table["length_km"].to_numpy(), table["cell"].to_numpy()
    kind, effects = table["kind"].to_numpy(), _effects(plan)
    for first, last in trace.sectors(keys, length, plan.settings.line.sector_km):
        own = slice(first, last)
        km = float(length[own].sum())
        middle = int(cell[first + (last - first) // 2])
        stopped = _stops(effects, kind[own], length[own])
        out.append([round(km, 1), _near(plan, middle, towns), *stopped])
    return out


@once
def _effects(plan: Plan) -> NDArray[np.float64]:
    """Give low, mid and high of what compositions stop, and which meet the standard, as columns."""
    columns = ["p_e_low", "p_e", "p_e_high", "standard_met"]
    return plan.works.compositions[columns].to_numpy(np.float64)


def _stops(
    effects: NDArray[np.float64], kind: NDArray[np.int64], length_km: NDArray[np.float64]
) -> tuple[str, bool]:
    """Give the share of crossings that a stretch stops, and whether most of it meets the standard.

    It is the mean by length, with the means of the ends.
    """
    low, mid, high, met = ((length_km / length_km.sum()) @ effects[kind]).tolist()
    return f"{percent(mid)} ({plain(100 * low)}–{plain(100 * high)})", met > 0.5


def _towns(plan: Plan) -> _Towns:
    table = plan.theatre.settlements.sort_values(
        ["people", "geonameid"], ascending=[False, True]
    ).head(600)
    places = table[["row", "col"]].to_numpy(np.float64).reshape(-1, 2)
    return _Towns(
        [str(name) for name in table["name"]],
        table["people"].to_numpy(np.float64),
        cKDTree(places * plan.theatre.grid.cell_km),
    )


def _near(plan: Plan, cell: int, towns: _Towns) -> str:
    """Name the largest settlement near a cell, or the nearest; nothing where none is near."""
    if not towns.names:
        return ""
    at = np.array(divmod(cell, plan.theatre.grid.cols)) * plan.theatre.grid.cell_km
    found = towns.near.query_ball_point(at, _NEAR_KM)
    if found:
        return towns.names[max(found, key=lambda n: (towns.people[n], -n))]
    away, nearest = towns.near.query(at)
    return towns.names[int(nearest)] if away <= _FAR_KM else ""
