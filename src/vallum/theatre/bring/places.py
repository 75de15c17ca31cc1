"""Settlements and sites from a user's tables: points of a layer, or a CSV with coordinates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa

from vallum.errors import Fault, nearest
from vallum.theatre.bring import fields
from vallum.theatre.bring.points import crs_of, name_of, read_points
from vallum.theatre.bring.provenance import describe, share
from vallum.theatre.bring.whose import BORDER_KM, at_home, believed, locate, project
from vallum.theatre.tables import SITE_KINDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.theatre.bring.area import Area
    from vallum.theatre.bring.sections import SettlementsTable, SitesTable
    from vallum.theatre.model import Source

__all__ = ["read_settlements", "read_sites"]

LARGEST = 1e8  # people of one settlement
MOST = 1e16  # USD a year
OFFSHORE_KM = 370.0  # a state's economic zone of 200 nautical miles
SITE_COLUMNS = (
    "id", "name", "state", "kind", "lon", "lat", "output_usd_yr", "coord_source", "offshore",
    "row", "col",
)  # fmt: skip


def read_settlements(
    table: SettlementsTable, area: Area
) -> tuple[gpd.GeoDataFrame | None, Source | None, list[Fault]]:
    """Read settlements, check them, and place them on the theatre.

    A settlement belongs to the state whose polygon holds it, or to the nearest shown within 10 km
    (towns on a border or a coast); its cell is the nearest of its own state. Those of other
    states, off the grid, or without people are left out, and counted with their people.

    Parameters
    ----------
    table
        What the config says of it.
    area
        The theatre's ground.

    Returns
    -------
    settlements
        Columns of `Theatre.settlements`, geometry in the grid's projection; None for faults.
    source
        With what was lost.
    faults
        All that are found.
    """
    take = {"name": table.name, "people": table.people}
    take |= {"state": table.state} if table.state else {}
    rows, faults = read_points(table, "settlements", take, area)
    if rows is None:
        return None, None, faults
    where = name_of(table)
    faults += fields.breaches(where, rows, _people_schema(), take)
    if faults:
        return None, None, faults
    people = rows["people"].fillna(0.0).to_numpy()
    place = rows["lon"].to_numpy(), rows["lat"].to_numpy()
    there = believed(locate(*place, area), rows.get("state"), *place, area)
    code = there["code"].to_numpy()
    row, col = at_home(there["row"].to_numpy(), there["col"].to_numpy(), code, area)
    reasons = (people <= 0, ~there["on_grid"].to_numpy(), code < 0, row < 0)
    why = np.select(reasons, range(len(reasons)), default=-1)
    kept = why < 0
    moved = kept & ((row != there["row"].to_numpy()) | (col != there["col"].to_numpy()))
    frame = pd.DataFrame(
        {
            "geonameid": _plain(rows["identifier"]),
            "name": rows["name"].astype(object),
            "iso3": pd.Series(np.array(area.order, object)[code], rows.index, dtype=object),
            "region": pd.Series(there["region"].to_numpy(object), rows.index, dtype=object),
            "people": people,
            "imputed": False,
            "lon": rows["lon"],
            "lat": rows["lat"],
            "row": row,
            "col": col,
        }
    )[kept]
    source = describe(
        table,
        "settlements",
        crs_in=crs_of(table),
        crs_out=area.grid.crs,
        resampling="none",
        treatment=(
            f"state and region by coordinates, up to {BORDER_KM:g} km off a state's border or "
            f"coast; {int(moved.sum())} put into the nearest cell of their own state"
        ),
        lost=_lost(why, people, "settlements", "people"),
    )
    order = frame.sort_values(["iso3", "geonameid"], kind="stable", key=_sortable)
    return _points(order.reset_index(drop=True), area), source, []


def read_sites(
    tables: tuple[SitesTable, ...], area: Area
) -> tuple[gpd.GeoDataFrame, tuple[Source, ...], list[Fault]]:
    """Read sites (mines, ports, dams, …), check them, and place them on the theatre.

    A site belongs to the state whose polygon holds it; at sea, to the nearest land within 370 km,
    if that is of a state shown, and more than 10 km out it is `offshore`. Its cell is the nearest
    of its own state.

    Parameters
    ----------
    tables
        What the config says of them.
    area
        The theatre's ground.

    Returns
    -------
    sites
        Columns of `Theatre.sites`, geometry in the grid's projection; empty for faults.
    sources
        One per table, with what was lost.
    faults
        All that are found, of all tables.
    """
    faults: list[Fault] = []
    frames: list[pd.DataFrame] = []
    sources: list[Source] = []
    for number, table in enumerate(tables):
        name = "sites" if len(tables) == 1 else f"sites[{number + 1}]"
        frame, source, found = _sites(table, name, area)
        faults += found
        if frame is not None and source is not None:
            frames.append(frame)
            sources.append(source)
    faults += [] if faults else _same_ids(frames, tables)
    if faults or not frames:
        empty = pd.DataFrame({name: pd.Series(dtype=object) for name in SITE_COLUMNS})
        number_types = dict.fromkeys(("lon", "lat", "output_usd_yr"), float)
        typed = empty.astype({**number_types, "row": int, "col": int, "offshore": bool})
        return _points(typed, area), (), faults
    joined = pd.concat(frames, ignore_index=True)
    return _points(joined, area), tuple(sources), []


def _sites(
    table: SitesTable, layer: str, area: Area
) -> tuple[pd.DataFrame | None, Source | None, list[Fault]]:
    """Read and place one table of sites."""
    take = {"name": table.name}
    take |= {"state": table.state} if table.state else {}
    take |= {"kind": table.kind_column} if table.kind_column else {}
    take |= {"output_usd_yr": table.output_usd_yr} if table.output_usd_yr else {}
    rows, faults = read_points(table, layer, take, area)
    if rows is None:
        return None, None, faults
    where = name_of(table)
    if "output_usd_yr" not in rows:
        rows["output_usd_yr"] = np.nan
    output = pa.Column(float, [pa.Check.ge(0), pa.Check.le(MOST)], nullable=True)
    rules = pa.DataFrameSchema({"name": pa.Column(None, nullable=False), "output_usd_yr": output})
    faults += fields.breaches(where, rows, rules, take)
    kind, told = _kinds(rows, table, where)
    faults += told
    if faults:
        return None, None, faults
    place = rows["lon"].to_numpy(), rows["lat"].to_numpy()
    there = locate(*place, area, reach_km=OFFSHORE_KM)
    there = believed(there, rows.get("state"), *place, area)
    code = there["code"].to_numpy()
    row, col = at_home(there["row"].to_numpy(), there["col"].to_numpy(), code, area)
    reasons = (kind.isna().to_numpy(), ~there["on_grid"].to_numpy(), code < 0, row < 0)
    why = np.select(reasons, [4, 1, 2, 3], default=-1)
    ids = rows["identifier"].astype(object)
    if table.identifier is None:
        ids = pd.Series(
            [f"{table.file[0].stem}_{value}" for value in ids], rows.index, dtype=object
        )
    frame = pd.DataFrame(
        {
            "id": ids.astype(str).astype(object),
            "name": rows["name"].astype(object),
            "state": pd.Series(np.array(area.order, object)[code], rows.index, dtype=object),
            "kind": kind.astype(object),
            "lon": rows["lon"],
            "lat": rows["lat"],
            "output_usd_yr": rows["output_usd_yr"].astype(float),
            "coord_source": table.address,
            "offshore": there["away_km"].to_numpy() > BORDER_KM,
            "row": row,
            "col": col,
        }
    )[why < 0].sort_values("id", kind="stable")
    lost = _lost(why, rows["output_usd_yr"].fillna(0.0).to_numpy(), "sites", "USD/yr")
    if (why == 4).any():
        strange = sorted(rows.loc[why == 4, "kind"].dropna().astype(str).unique())
        lost += f" ({', '.join(strange[:8])}{', …' if len(strange) > 8 else ''})"
    source = describe(
        table,
        layer,
        crs_in=crs_of(table),
        crs_out=area.grid.crs,
        resampling="none",
        treatment=f"state by coordinates; at sea the nearest, up to {OFFSHORE_KM:g} km",
        lost=lost,
    )
    return frame, source, []


def _people_schema() -> Any:  # noqa: ANN401 - pandera ships no types
    """Describe settlements."""
    people = pa.Column(float, [pa.Check.ge(0), pa.Check.le(LARGEST)], nullable=True)
    return pa.DataFrameSchema({"name": pa.Column(None, nullable=False), "people": people})


def _kinds(rows: pd.DataFrame, table: SitesTable, where: str) -> tuple[pd.Series[Any], list[Fault]]:
    """Find what each site is; NaN where the config gives its word no meaning."""
    if table.kind is not None:
        return pd.Series(table.kind, index=rows.index, dtype=object), []
    words = rows["kind"].dropna().astype(str)
    known = sorted(words.unique())
    faults = [
        Fault(
            where,
            f"kinds.{word}",
            f"no row of column {table.kind_column} says so",
            nearest(word, known),
        )
        for word in table.kinds
        if word not in known
    ]
    meanings = {**{word: word for word in SITE_KINDS}, **table.kinds}
    if not set(known) & set(meanings):
        found = f"none of its words is one of ours: {', '.join(known[:8])}"
        mend = f"say what they mean in kinds: {', '.join(SITE_KINDS)}"
        faults.append(Fault(where, f"column {table.kind_column}", found, mend))
    return rows["kind"].map(meanings).astype(object), faults


def _same_ids(frames: list[pd.DataFrame], tables: tuple[SitesTable, ...]) -> list[Fault]:
    """Say which identifiers several tables of sites have."""
    faults: list[Fault] = []
    seen: set[str] = set()
    for frame, table in zip(frames, tables, strict=True):
        again = sorted(set(frame["id"]) & seen)
        seen |= set(frame["id"])
        cases = [(f"id {name}", "an earlier table of sites has it too") for name in again]
        faults += fields.many(name_of(table), "", cases, "leave identifier out, or change it")
    return faults


def _lost(why: NDArray[np.int64], amount: NDArray[np.float64], things: str, unit: str) -> str:
    """Write down how many rows were left out, and why."""
    words = (
        f"have no {unit}", "lie outside the theatre's grid", "lie in no state shown",
        "lie in a state without a cell", "are of kinds without a meaning",
    )  # fmt: skip
    out = why >= 0
    if not out.any():
        return "nothing"
    parts = [
        f"{int((why == n).sum()):,} {text}" for n, text in enumerate(words) if (why == n).any()
    ]
    gone, whole = amount[out].sum(), amount.sum()
    weighed = f", with {gone:,.0f} of {whole:,.0f} {unit} ({share(gone, whole)})"
    if whole == 0 and unit != "people":  # no column of output: nothing to weigh by
        weighed = ""
    return f"{int(out.sum()):,} of {len(why):,} {things}{weighed}: {', '.join(parts)}"


def _plain(values: pd.Series[Any]) -> pd.Series[Any]:
    """Make identifiers numbers where all of them are whole ones that survive it."""
    text = values.astype(str)
    if text.str.fullmatch(r"0|[1-9][0-9]{0,17}").all():
        return text.astype(np.int64)
    return values.astype(object)


def _sortable(values: pd.Series[Any]) -> pd.Series[Any]:
    """Sort numbers as numbers, and anything else as text."""
    return values if pd.api.types.is_numeric_dtype(values) else values.astype(str)


def _points(frame: pd.DataFrame, area: Area) -> gpd.GeoDataFrame:
    """Give rows their point in the grid's projection."""
    x, y = project(frame["lon"].to_numpy(), frame["lat"].to_numpy(), area.grid)
    shapes = gpd.points_from_xy(x, y, crs=area.grid.crs)
    return gpd.GeoDataFrame(frame, geometry=shapes)
