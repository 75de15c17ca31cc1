"""The tables of forts: one by one, by sector, by state, and what they do for each piece of line."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pyproj import Transformer

from vallum.forces.response import responders_needed

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from vallum.forces.forts import Found
    from vallum.forces.sites_choice import Choice
    from vallum.theatre import Theatre
    from vallum.works import Works

__all__ = ["COLUMNS", "fort_table", "piece_table", "sector_table", "state_table"]

COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "forts": (
            "fort", "sector", "line", "km", "state", "row", "col", "lon", "lat", "fort_class",
            "base", "behind", "men_on_duty", "men_paid", "capital_usd", "upkeep_usd_yr",
            "built_usd_yr", "men_usd_yr", "water_usd_yr", "fuel_usd_yr", "food_usd_yr",
            "cost_usd_yr", "supply_h", "responders", "responders_needed", "served_km",
            "response_s",
        ),
        "sectors": (
            "sector", "line", "state", "length_km", "forts_assumed", "forts", "bases",
            "men_on_duty", "men_paid", "response_s_assumed", "response_s_found",
            "response_s_worst", "p_e_assumed", "p_e_found", "p_e_short", "capital_usd",
            "cost_usd_yr",
        ),
        "states": (
            "state", "forts", "bases", "men_on_duty", "men_paid", "capital_usd", "cost_usd_yr",
        ),
        "pieces": (
            "line", "sector", "row", "cell", "first", "last", "length_km", "fort",
            "response_s_assumed", "response_s", "response_sd_s", "p_e_assumed", "p_e",
            "p_n_assumed", "fort_km_assumed", "reaction_h",
        ),
        "history": (
            "round", "solved", "forts", "cost_usd_yr", "bound_usd_yr", "response_gap_s",
            "p_e_short",
        ),
    }
)  # fmt: skip

_MONEY = ("built_usd_yr", "men_usd_yr", "water_usd_yr", "fuel_usd_yr", "food_usd_yr", "cost_usd_yr")


def piece_table(choice: Choice, chosen: NDArray[np.int64], found: Found) -> pd.DataFrame:
    """Say of each piece of line who reaches it, how soon, and what that stops.

    Parameters
    ----------
    choice, chosen
        What there was to choose from, and the rows of its `sites` that were.
    found
        What they do.

    Returns
    -------
    DataFrame
        As `Forts.pieces` says; `fort` counts the forts in the order of `fort_table`.
    """
    sites, expected = choice.sites.iloc[chosen], choice.expected
    rank = np.empty(chosen.size, np.int64)
    rank[_order(choice, chosen)] = np.arange(chosen.size)
    base = sites["base"].to_numpy(bool)
    kind = sites["kind"].to_numpy()
    hours = choice.hours[sites["site"].to_numpy()] + choice.classes.muster_s[kind][:, None] / 3600
    return choice.pieces.table.assign(
        fort=rank[found.fort],
        response_s_assumed=expected["response_s"].to_numpy(),
        response_s=found.response_s,
        response_sd_s=found.response_sd_s,
        p_e_assumed=expected["p_e"].to_numpy(),
        p_e=found.p_e,
        p_n_assumed=expected["p_n"].to_numpy(),
        fort_km_assumed=expected["fort_km"].to_numpy(),
        reaction_h=hours[base].min(axis=0, initial=np.inf),
    )


def fort_table(
    choice: Choice,
    chosen: NDArray[np.int64],
    pieces: pd.DataFrame,
    theatre: Theatre,
    works: Works,
) -> pd.DataFrame:
    """List the forts, in order along the lines.

    Parameters
    ----------
    choice, chosen
        What there was to choose from, and the rows of its `sites` that were.
    pieces
        From `piece_table`.
    theatre, works
        For places, and for who crosses.

    Returns
    -------
    DataFrame
        As `Forts.table` says.
    """
    order = _order(choice, chosen)
    sites = choice.sites.iloc[chosen[order]].reset_index(drop=True)
    classes, grid = choice.classes, theatre.grid
    kind, cell = sites["kind"].to_numpy(), sites["cell"].to_numpy(np.int64)
    land, row, col = sites["land"].to_numpy(), *np.divmod(cell, grid.cols)
    meets = _meets(choice, chosen)[order]
    nodes = choice.pieces.nodes
    behind = (sites["node"] < 0).to_numpy()
    x = np.where(behind, grid.x[col], nodes["x"].to_numpy()[meets])
    y = np.where(behind, grid.y[row], nodes["y"].to_numpy()[meets])
    lon, lat = Transformer.from_crs(grid.crs, 4326, always_xy=True).transform(x, y)
    iso3 = theatre.countries.index.to_numpy()
    served = pieces.groupby("fort")
    every = pd.RangeIndex(len(sites))
    asked = served["p_n_assumed"].max().reindex(every, fill_value=0.0)
    return pd.DataFrame(
        {
            "fort": np.arange(len(sites)),
            "sector": nodes["sector"].to_numpy()[meets],
            "line": nodes["line"].to_numpy()[meets],
            "km": nodes["km"].to_numpy()[meets],
            "state": iso3[theatre.ground["state"].to_numpy().ravel()[cell]],
            "row": row,
            "col": col,
            "lon": lon,
            "lat": lat,
            "fort_class": [classes.names[n] for n in kind],
            "base": sites["base"].to_numpy(),
            "behind": behind,
            "men_on_duty": sites["men_on_duty"].to_numpy(),
            "men_paid": sites["men_paid"].to_numpy(),
            "capital_usd": classes.capital_usd[land, kind],
            "upkeep_usd_yr": classes.upkeep_usd_yr[land, kind],
            **{name: sites[name].to_numpy() for name in _MONEY},
            "supply_h": choice.supply.town_h.ravel()[cell],
            "responders": [_responders(choice, n) for n in kind],
            "responders_needed": [responders_needed(p, works.threat) for p in asked],
            "served_km": served["length_km"].sum().reindex(every, fill_value=0.0).to_numpy(),
            "response_s": served["response_s"].max().reindex(every).to_numpy(),
        }
    )


def sector_table(
    table: pd.DataFrame, pieces: pd.DataFrame, sectors: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Add up forts by sector, and say what they do for its line.

    Parameters
    ----------
    table, pieces
        From `fort_table` and `piece_table`.
    sectors
        `Line.sectors`.

    Returns
    -------
    DataFrame
        As `Forts.by_sector` says.
    """
    out = pd.DataFrame(sectors[["sector", "line", "state", "length_km"]]).set_index("sector")
    weight = pieces["length_km"]
    by = pieces.assign(
        forts_assumed=weight / pieces["fort_km_assumed"],
        short=np.maximum(pieces["p_e_assumed"] - pieces["p_e"], 0.0),
    ).groupby("sector")
    own = table.groupby("sector")

    def mean(name: str) -> pd.Series[float]:
        product = (pieces[name] * weight).groupby(pieces["sector"]).sum()
        return product / weight.groupby(pieces["sector"]).sum()

    def total(name: str) -> pd.Series[float]:
        return own[name].sum().reindex(out.index, fill_value=0)

    out["forts_assumed"] = by["forts_assumed"].sum()
    out["forts"] = own.size().reindex(out.index, fill_value=0)
    out["bases"] = total("base").astype(int)
    out["men_on_duty"], out["men_paid"] = total("men_on_duty"), total("men_paid")
    out["response_s_assumed"], out["response_s_found"] = (
        mean(name) for name in ("response_s_assumed", "response_s")
    )
    out["response_s_worst"] = by["response_s"].max()
    out["p_e_assumed"], out["p_e_found"] = mean("p_e_assumed"), mean("p_e")
    out["p_e_short"] = by["short"].max()
    out["capital_usd"], out["cost_usd_yr"] = total("capital_usd"), total("cost_usd_yr")
    return out.reset_index()


def state_table(table: pd.DataFrame) -> pd.DataFrame:
    """Add up forts by the state on whose ground they stand, as `Forts.by_state` says."""
    own = table.groupby("state", sort=True)
    sums = own[["men_on_duty", "men_paid", "capital_usd", "cost_usd_yr"]].sum()
    sums.insert(0, "forts", own.size())
    sums.insert(1, "bases", own["base"].sum().astype(int))
    return sums.reset_index()


def _meets(choice: Choice, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    """Find the node of each fort, or the one where a base behind first meets the line."""
    sites = choice.sites.iloc[chosen]
    node = sites["node"].to_numpy(np.int64)
    first = choice.pieces.table["first"].to_numpy(np.int64)
    nearest = first[choice.hours[sites["site"].to_numpy()].argmin(axis=1)]
    return np.where(node >= 0, node, nearest)


def _order(choice: Choice, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    """Order along the lines, those behind after the fort that they stand behind."""
    behind = (choice.sites["node"].to_numpy()[chosen] < 0).astype(int)
    return np.lexsort((chosen, behind, _meets(choice, chosen)))


def _responders(choice: Choice, kind: int) -> float:
    """Men who ride out; NaN where the catalogue gives P_N instead."""
    men = choice.classes.items[kind].responders
    return float("nan") if men is None else men.mode
