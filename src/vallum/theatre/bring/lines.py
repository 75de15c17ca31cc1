"""A user's lines: roads by class, railways, rivers, coast; and where roads cross borders."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from vallum.errors import Fault, nearest
from vallum.theatre import ways
from vallum.theatre.bring.provenance import GEOGRAPHIC, describe, share
from vallum.theatre.bring.vectors import crs_text, read_vector
from vallum.theatre.frame import carried

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vallum.theatre.bring.area import Area
    from vallum.theatre.bring.sections import LinesLayer
    from vallum.theatre.model import Source

__all__ = ["Lines", "crossings", "named_by_ends", "read_lines", "read_roads"]

KINDS = ("LineString", "MultiLineString")
TEXTS = ("route_id", "name", "kind", "states", "source")
END_KM = 30.0  # a day's walk: further off, a town doesn't name a road
CROSSING_KM = 10.0  # two crossings of one border nearer than this are one post
CLASSES = tuple(name for name in ways.ROADS if name != "none")


@dataclass(frozen=True, eq=False)
class Lines:
    """Lines in the grid's projection, with their records and faults.

    Attributes
    ----------
    frame
        The columns that `Theatre` names for them.
    sources
        One per layer.
    faults
        What is wrong with the files.
    """

    frame: gpd.GeoDataFrame
    sources: tuple[Source, ...]
    faults: tuple[Fault, ...]


def read_roads(roads: Sequence[LinesLayer], railways: Sequence[LinesLayer], area: Area) -> Lines:
    """Read roads and railways as routes.

    Pieces of one name and class are joined to one route. Pieces without a name are joined where
    they meet; tracks without a name are drawn on the ground but are one route without freight, so
    that no thousand field tracks each count as a trade road.

    Parameters
    ----------
    roads, railways
        What the config says of them.
    area
        The ground.
    """
    parts, sources, faults = [], [], []
    for kind, layers in (("road", roads), ("railway", railways)):
        for number, layer in enumerate(layers, 1):
            key = f"{kind}s[{number}]"
            part, source, wrong = _read_routes(layer, key, kind, area)
            faults += wrong
            if part is not None and source is not None:
                parts.append(part)
                sources.append(source)
    columns = ["route_id", "name", "kind", "road_class", "states", "freight_t_yr", "source"]
    empty = gpd.GeoDataFrame({name: [] for name in columns}, geometry=[], crs=area.grid.crs)
    frame = pd.concat(parts, ignore_index=True) if parts else empty
    frame["route_id"] = [f"R{number:05d}" for number in range(1, len(frame) + 1)]
    frame = frame.astype(
        {**dict.fromkeys(TEXTS, object), "road_class": np.int8, "freight_t_yr": np.float64}
    )
    whole = gpd.GeoDataFrame(frame[[*columns, "geometry"]], geometry="geometry", crs=area.grid.crs)
    return Lines(whole, tuple(sources), tuple(faults))


def read_lines(layers: Sequence[LinesLayer], name: str, area: Area) -> Lines:
    """Read rivers or a coast: river (the name), part, source, licence, geometry."""
    parts, sources, faults = [], [], []
    for number, layer in enumerate(layers, 1):
        key = f"{name}[{number}]"
        frame, wrong = read_vector(layer, key, kinds=KINDS, columns=layer.name, bounds=area.bounds)
        faults += wrong
        if frame is None:
            continue
        drawn = _clipped(frame, area)
        texts = _names(frame.loc[drawn.index], layer.name)
        parts.append(
            gpd.GeoDataFrame(
                {
                    "river": texts,
                    "part": np.arange(1, len(drawn) + 1),
                    "source": layer.source,
                    "licence": layer.licence,
                },
                geometry=drawn.to_numpy(),
                crs=area.grid.crs,
            )
        )
        sources.append(_source(layer, name, area, "clipped to the grid", "nothing"))
    columns = {"river": object, "part": np.int64, "source": object, "licence": object}
    empty = gpd.GeoDataFrame({key: [] for key in columns}, geometry=[], crs=area.grid.crs)
    frame = pd.concat(parts, ignore_index=True) if parts else empty
    return Lines(
        gpd.GeoDataFrame(frame.astype(columns), geometry="geometry", crs=area.grid.crs),
        tuple(sources),
        tuple(faults),
    )


def named_by_ends(routes: gpd.GeoDataFrame, settlements: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Name the routes without a name of their own after the settlements nearest to their ends.

    A settlement further than 30 km from an end names nothing.
    """
    out = routes.copy()
    if settlements.empty:
        return out
    tree = shapely.STRtree(settlements.geometry.to_numpy())
    towns = settlements["name"].astype(str).to_numpy()
    for index in out.index[out["name"].str.startswith("unnamed ")]:
        points = shapely.get_coordinates(out.geometry[index])
        ends = shapely.points(points[[0, -1]])
        near = tree.query_nearest(ends, max_distance=END_KM * 1000.0, all_matches=False)
        named = list(dict.fromkeys(towns[near[1]].tolist()))
        if len(named) == 2:
            out.loc[index, "name"] = " – ".join(named)
    return out


def crossings(routes: gpd.GeoDataFrame, area: Area) -> gpd.GeoDataFrame:
    """Find where roads go from one shown state to another, one of them a member.

    A route is walked in steps of an eighth of a cell, so a place is known to about a cell. Places
    of one pair of states within 10 km of one another are one.

    Returns
    -------
    frame
        name, state_a (a member), state_b, lon, lat, kind, source, row, col, geometry.
    """
    grid, found = area.grid, []
    order = np.array([*area.order, ""])
    for road in routes[routes["kind"] == "road"].itertuples():
        for piece in shapely.get_parts(road.geometry):
            steps = np.arange(0.0, piece.length, grid.cell_m / 8.0)
            points = shapely.line_interpolate_point(piece, steps)
            row, col, inside = grid.locate(shapely.get_x(points), shapely.get_y(points))
            state = np.where(inside, area.state[row, col], -1)
            held = np.flatnonzero(state >= 0)
            change = held[1:][state[held[1:]] != state[held[:-1]]]
            for index in change:
                before = state[held[np.searchsorted(held, index) - 1]]
                pair = sorted((str(order[before]), str(order[state[index]])), key=area.order.index)
                if pair[0] in area.members:
                    found.append((*pair, str(road.name), points[index]))
    kept: list[tuple[str, str, str, Any]] = []
    for one in found:
        same = [other for other in kept if other[:2] == one[:2]]
        if all(one[3].distance(other[3]) > CROSSING_KM * 1000 for other in same):
            kept.append(one)
    places = gpd.GeoSeries([one[3] for one in kept], crs=grid.crs)
    lon, lat = carried(places.x.to_numpy(), places.y.to_numpy(), grid.crs, GEOGRAPHIC)
    table = pd.DataFrame(
        {
            "name": [f"{name} ({a}–{b})" for a, b, name, _ in kept],
            "state_a": [one[0] for one in kept],
            "state_b": [one[1] for one in kept],
            "lon": lon,
            "lat": lat,
            "kind": "road",
            "source": "where the road layer crosses the border layer, to about a cell",
        }
    )
    row, col, _ = grid.locate(places.x.to_numpy(), places.y.to_numpy())
    return gpd.GeoDataFrame(table.assign(row=row, col=col), geometry=places.array, crs=grid.crs)


def _read_routes(
    layer: LinesLayer, key: str, kind: str, area: Area
) -> tuple[gpd.GeoDataFrame | None, Source | None, list[Fault]]:
    """Read one layer of roads or railways."""
    wrong = []
    if kind == "road" and (layer.highway is None) == (layer.road_class is None):
        mend = 'say highway = "COLUMN" (OpenStreetMap) or road_class = "trunk", "primary", "track"'
        wrong.append(Fault("CONFIG.toml", key, "which class these roads are isn't said", mend))
    asked = [*layer.name, *(one for one in (layer.highway, layer.freight_t_yr) if one)]
    frame, faults = read_vector(layer, key, kinds=KINDS, columns=asked, bounds=area.bounds)
    if frame is None or wrong:
        return None, None, wrong + faults
    road_class, faults = _class_of(layer, frame) if kind == "road" else (_none(frame), [])
    freight, more = _freight(layer, frame)
    if faults or more:
        return None, None, faults + more
    kept = road_class.notna()
    drawn = _clipped(frame[kept], area)
    table = pd.DataFrame(
        {
            "name": _names(frame.loc[drawn.index], layer.name),
            "road_class": road_class.loc[drawn.index].astype(np.int8),
            "freight_t_yr": freight.loc[drawn.index],
        }
    )
    joined = _joined(gpd.GeoDataFrame(table, geometry=drawn, crs=area.grid.crs), kind)
    joined["kind"] = "rail" if kind == "railway" else "road"
    joined["states"] = _states(joined, area)
    joined["source"] = layer.source
    left = int((~kept).sum())
    lost = f"{left} features of other classes ({share(left, len(frame))})" if left else "nothing"
    done = f"clipped to the grid; {len(drawn)} lines, joined by name or ends: {len(joined)} routes"
    return joined, _source(layer, f"{kind}s", area, done, lost), []


def _none(frame: gpd.GeoDataFrame) -> pd.Series[Any]:
    return pd.Series(0, index=frame.index)


def _class_of(layer: LinesLayer, frame: gpd.GeoDataFrame) -> tuple[pd.Series[Any], list[Fault]]:
    """Give each line its class, 1 to 3; NaN for OpenStreetMap's ways that are no roads of ours."""
    if layer.road_class is not None:
        return pd.Series(ways.ROADS.index(layer.road_class), index=frame.index), []
    with resources.files(__package__).joinpath("legends/highway.csv").open("rb") as file:
        legend = pd.read_csv(file, keep_default_na=False)
    classes = dict(zip(legend["value"], legend["road_class"], strict=True))
    column = str(layer.highway)
    texts = frame[column].astype("string").fillna("").str.strip()
    strange = sorted(set(texts) - set(classes))
    if strange:
        count = int(texts.isin(strange).sum())
        found = f"{strange[:5]} in {count} features: no class of OpenStreetMap's highway key"
        mend = nearest(strange[0], sorted(classes)) if strange[0] else "give each line its class"
        return frame[column], [Fault(str(layer.file[0]), f"column {column}", found, mend)]
    numbers = {name: ways.ROADS.index(known) for name, known in classes.items() if known}
    return texts.map(numbers), []


def _freight(layer: LinesLayer, frame: gpd.GeoDataFrame) -> tuple[pd.Series[Any], list[Fault]]:
    """Read freight, t/yr; NaN where it isn't known."""
    if layer.freight_t_yr is None:
        return pd.Series(np.nan, index=frame.index), []
    given = frame[layer.freight_t_yr]
    values = pd.to_numeric(given, errors="coerce")
    wrong = (given.notna() & values.isna()) | (values < 0) | np.isinf(values)
    if not wrong.any():
        return values, []
    found = f"{given[wrong].iloc[0]!r} at {given.index[wrong][0]} ({int(wrong.sum())} in all)"
    mend = "give t/yr as numbers from 0, or nothing where it isn't known"
    return values, [Fault(str(layer.file[0]), f"column {layer.freight_t_yr}", found, mend)]


def _clipped(frame: gpd.GeoDataFrame, area: Area) -> gpd.GeoSeries:
    """Project lines, long straight pieces cut up first, and clip them to the grid.

    Lines without length lead nowhere and are left out.
    """
    long = frame[frame.geometry.is_valid & (shapely.length(frame.geometry.to_numpy()) > 0)]
    dense = shapely.segmentize(long.geometry.to_numpy(), ways.DENSIFY_DEGREES)
    local = gpd.GeoSeries(dense, index=long.index, crs=GEOGRAPHIC).to_crs(area.grid.crs)
    held = local.intersection(shapely.box(*area.grid.bounds))
    mixed = held.geom_type == "GeometryCollection"  # a line that also touches the edge at a point
    held[mixed] = [
        shapely.multilinestrings([p for p in shapely.get_parts(s) if p.geom_type == "LineString"])
        for s in held[mixed]
    ]
    return held[~held.is_empty & held.geom_type.isin(KINDS)]


def _names(frame: gpd.GeoDataFrame, columns: Sequence[str]) -> list[str]:
    """Join the texts of the name's columns by a dash; whole numbers without their point."""
    texts = []
    for column in columns:
        values = frame[column]
        if values.dtype.kind == "f" and (values.dropna() % 1 == 0).all():
            values = values.astype("Int64")
        texts.append(values.astype("string").fillna("").str.strip())
    return [" – ".join(part for part in row if part) for row in zip(*texts, strict=True)] or [
        "" for _ in range(len(frame))
    ]


def _joined(frame: gpd.GeoDataFrame, kind: str) -> gpd.GeoDataFrame:
    """Join lines to routes: by name and class, and where lines without a name meet."""
    rows = []
    keys = ["name", "road_class", "freight_t_yr"]
    columns = [*keys, "geometry"]
    for (name, road_class, freight), part in frame.groupby(keys, sort=True, dropna=False):
        # not united, which would cut lines wherever they cross: joined at their ends
        pieces = shapely.get_parts(part.geometry.to_numpy())
        pieces = pieces[shapely.length(pieces) > 0]
        if not len(pieces):
            continue
        merged = shapely.line_merge(shapely.multilinestrings(pieces))
        label = f"unnamed {ways.ROADS[int(road_class)] if kind == 'road' else kind}"
        whole = bool(name) or (kind == "road" and road_class == 1)
        carried = 0.0 if not name and kind == "road" and road_class == 1 else freight
        rows += [
            {
                "name": name or label,
                "road_class": road_class,
                "freight_t_yr": carried,
                "geometry": s,
            }
            for s in ([merged] if whole else shapely.get_parts(merged))
        ]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs=frame.crs)


def _states(frame: gpd.GeoDataFrame, area: Area) -> list[str]:
    """Name the states that each route touches, in the order of the codes, joined by spaces."""
    out = []
    for shape in frame.geometry:
        points = shapely.get_coordinates(shapely.segmentize(shape, area.grid.cell_m / 2))
        row, col, inside = area.grid.locate(points[:, 0], points[:, 1])
        codes = np.unique(area.state[row[inside], col[inside]])
        out.append(" ".join(area.order[code] for code in codes if code >= 0))
    return out


def _source(layer: LinesLayer, name: str, area: Area, treatment: str, lost: str) -> Source:
    return describe(
        layer,
        name,
        crs_in=crs_text(layer),
        crs_out=area.grid.crs,
        resampling="every cell that a line touches",
        treatment=treatment,
        lost=lost,
    )
