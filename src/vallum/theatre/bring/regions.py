"""Polygons by name: joined, moved between states; and the regions of the states shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import shapely

from vallum.errors import Fault
from vallum.theatre.bring.provenance import GEOGRAPHIC
from vallum.theatre.bring.vectors import POLYGONS, read_vector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vallum.theatre.bring.sections import Config, Move, RegionsLayer

__all__ = ["all_regions", "joined", "moved", "read_regions", "unmatched"]


def joined(frame: gpd.GeoDataFrame, keys: list[str]) -> gpd.GeoDataFrame:
    """Join the polygons of one key, in the order in which the keys come."""
    rows = []
    for _, part in frame.groupby(keys, sort=False):
        row = part.iloc[0].copy()
        if len(part) > 1:
            row["geometry"] = shapely.union_all(part.geometry.to_numpy())
        rows.append(row)
    return gpd.GeoDataFrame(pd.DataFrame(rows).reset_index(drop=True), crs=GEOGRAPHIC)


def moved(frame: gpd.GeoDataFrame, moves: Sequence[Move]) -> gpd.GeoDataFrame:
    """Give parts of states to other states, as the config says."""
    out = frame.copy()
    for move in moves:
        box = shapely.box(
            -360.0 if move.east_of is None else move.east_of,
            -90.0 if move.north_of is None else move.north_of,
            360.0 if move.west_of is None else move.west_of,
            90.0 if move.south_of is None else move.south_of,
        )
        box = shapely.segmentize(box, 1.0)
        giver, taker = out["iso3"] == move.from_state, out["iso3"] == move.to_state
        for index in out.index[giver]:
            whole = out.geometry[index]
            part = shapely.intersection(whole, box)
            if part.is_empty:
                continue
            out.loc[[index], "geometry"] = [shapely.difference(whole, box)]
            if taker.any():
                home = out.index[taker][0]
                out.loc[[home], "geometry"] = [shapely.union(out.geometry[home], part)]
            else:
                row = {"iso3": move.to_state, "name": move.to_state, "geometry": part}
                added = gpd.GeoDataFrame([row], geometry="geometry", crs=GEOGRAPHIC)
                out = gpd.GeoDataFrame(pd.concat([out, added], ignore_index=True))
    return gpd.GeoDataFrame(out[~out.geometry.is_empty].reset_index(drop=True))


def unmatched(config: Config, frame: gpd.GeoDataFrame | None) -> list[Fault]:
    """Say which members have no region in a layer of regions."""
    if frame is None or config.regions is None:
        return []
    held = sorted(set(frame["iso3"].astype(str)) - {""})
    return [
        Fault(
            str(config.regions.file[0]),
            f"column {config.regions.iso3}",
            f"no region of {iso3}; it has {', '.join(held[:8])}",
            "name the column of the codes that [borders] has, or give its regions",
        )
        for iso3 in config.members
        if iso3 not in held
    ]


def read_regions(
    config: Config, bounds: tuple[float, float, float, float] | None
) -> tuple[gpd.GeoDataFrame | None, list[Fault]]:
    """Read the regions; those without a name have an empty one."""
    layer: RegionsLayer | None = config.regions
    if layer is None:
        return None, []
    frame, faults = read_vector(
        layer, "regions", kinds=POLYGONS, columns=(layer.iso3, layer.name), bounds=bounds
    )
    if frame is None:
        return None, faults
    text = {
        name: frame[column].astype("string").fillna("").str.strip().astype(object)
        for name, column in (("iso3", layer.iso3), ("name", layer.name))
    }
    named = gpd.GeoDataFrame(text, geometry=frame.geometry.to_numpy(), crs=GEOGRAPHIC)
    return _moved_regions(named, layer.move), []


def _moved_regions(frame: gpd.GeoDataFrame, moves: Sequence[Move]) -> gpd.GeoDataFrame:
    """Move regions as the states were moved: each part keeps its name."""
    rows = [frame]
    rest = frame
    for move in moves:
        own = rest["iso3"] == move.from_state
        parts = [moved(rest[own].iloc[[n]], [move]) for n in range(int(own.sum()))]
        named = [
            part.assign(name=name) for part, name in zip(parts, rest.loc[own, "name"], strict=True)
        ]
        rows = [rest[~own], *named]
        rest = gpd.GeoDataFrame(pd.concat(rows).reset_index(drop=True), crs=GEOGRAPHIC)
    return rest


def all_regions(
    frame: gpd.GeoDataFrame | None, land: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, int]:
    """Give every state shown its regions; one that has none is a region of its own name.

    Returns
    -------
    regions
        iso3, name, geometry; in the order of the states, then of the names.
    unnamed
        Number of polygons without a name, which are left out.
    """
    unnamed, parts = 0, []
    for iso3, name, shape in zip(land["iso3"], land["name"], land.geometry, strict=True):
        own = frame[frame["iso3"] == iso3] if frame is not None else None
        known = own[own["name"] != ""] if own is not None else None
        if own is None or known is None or known.empty:
            whole = {"iso3": [iso3], "name": [name]}
            parts.append(gpd.GeoDataFrame(whole, geometry=[shape], crs=GEOGRAPHIC))
            continue
        unnamed += len(own) - len(known)
        parts.append(joined(known, ["iso3", "name"]).sort_values("name", kind="stable"))
    whole = gpd.GeoDataFrame(pd.concat(parts).reset_index(drop=True), crs=GEOGRAPHIC)
    return whole[["iso3", "name", "geometry"]], unnamed
