"""Rows of the tables in docs/method/works.md, from the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.works import WorksSettings, load_catalogue, plain_ground, price
from vallum.works.calibration import calibration

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.works import Works

__all__ = ["plain_rows", "real_rows", "sahel_rows"]

STATES = ["MLI", "MRT", "MAR"]


def plain_rows() -> list[str]:
    """One row per surface, on ground that hides nothing."""
    table = price(plain_ground(np.array([[1, 2, 3, 4]])), states=STATES).compositions
    rows = {
        row.surface: (
            f"| {row.surface} | `{row.composition}` | {row.cost_low_usd_km_yr / 1e3:.0f}k "
            f"| {row.cost_usd_km_yr / 1e3:.0f}k | {row.cost_high_usd_km_yr / 1e3:.0f}k "
            f"| {row.capital_usd_km / 1e3:.0f}k | {row.men_per_km:.1f} "
            f"| {row.men_paid_per_km:.1f} | {row.p_e:.2f} ({row.p_e_low:.2f}–{row.p_e_high:.2f}) |"
        )
        for row in table.itertuples()
    }
    return [rows[surface] for surface in ("sand", "rock", "soil", "wetland")]


def sahel_rows(works: Works, member: NDArray[np.bool_]) -> list[str]:
    """What stands on most of each surface, with the span of its price over that surface."""
    table = works.compositions
    cells = np.bincount(works.priced_as[member & (works.composition >= 0)], minlength=len(table))
    table = table.assign(member=cells)[cells > 0]
    rows = []
    for surface in ("sand", "rock", "soil", "wetland"):
        here = table[table["surface"] == surface]
        most = str(here.groupby("composition")["member"].sum().idxmax())
        own = here[here["composition"] == most]
        low, high = here["cost_usd_km_yr"].min() / 1e3, here["cost_usd_km_yr"].max() / 1e3
        share = 100 * here["member"].sum() / cells.sum()
        rows.append(
            f"| {surface} | {share:.0f} % | `{most}`, on {_share(own, here):.0f} % of it "
            f"| {low:.0f}k–{high:.0f}k | {here['men_per_km'].min():.1f}–"
            f"{here['men_per_km'].max():.1f} | {here['p_e'].min():.2f}–{here['p_e'].max():.2f} "
            f"| {own['worst_path'].iloc[0]} |"
        )
    return rows


def _share(own, here):
    return 100 * own["member"].sum() / here["member"].sum()


def real_rows() -> list[str]:
    """Real lines beside ours."""
    table = calibration(load_catalogue(), WorksSettings())
    return [
        f"| {row['text']} | {_reported(row, 'men_per_km', 1)} | {_ours(row, 'men_per_km', 1)} "
        f"| {_reported(row, 'capital_usd_km', 1e3)} | {_ours(row, 'capital_usd_km', 1e3)} "
        f"| {_reported(row, 'usd_km_yr', 1e3)} | {_ours(row, 'usd_km_yr', 1e3)} |"
        for row in table.to_dict("records")
    ]


def _reported(row, name, unit):
    low, high = row[f"{name}_reported_low"] / unit, row[f"{name}_reported_high"] / unit
    if np.isnan(low):
        return "–"
    return f"{low:.0f}" if low == high else f"{low:.0f}–{high:.0f}"


def _ours(row, name, unit):
    low, mid, high = (row[f"{name}_{end}"] / unit for end in ("low", "mid", "high"))
    digits = 0 if unit > 1 or high >= 10 else 1
    return f"{mid:.{digits}f} ({low:.{digits}f}–{high:.{digits}f})"
