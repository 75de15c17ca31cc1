"""GeoJSON: its geometries and nothing else."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from vallum.app.uploads.reader.parts import (
    AS_LONLAT,
    EXPORT,
    LONLAT,
    MOST_ROWS,
    ONE,
    BadError,
    Parts,
    too_many,
)  # fmt: skip

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["geojson"]


def geojson(data: bytes, most: int) -> Parts:
    """Read GeoJSON: its geometries and nothing else."""
    try:
        tree = json.loads(data.decode("utf-8-sig"), parse_constant=_no_number)
    except ValueError as error:
        raise BadError("", f"no JSON: {error}"[:200], EXPORT) from None
    if not isinstance(tree, dict):
        raise BadError("", "no GeoJSON object", EXPORT)
    parts = Parts(code=_named_crs(tree.get("crs")))
    left = [most]
    for place, geometry in _geometries(tree):
        _put(parts, place, geometry, left)
    return parts


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number of JSON")


def _named_crs(crs: Any) -> int:  # noqa: ANN401  (JSON)
    """Find the EPSG code of the member `crs`, which files older than RFC 7946 have."""
    if crs is None:
        return LONLAT
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if isinstance(name, str):
        if re.fullmatch(r"urn:ogc:def:crs:OGC:(1\.3)?:CRS84|OGC:CRS84", name):
            return LONLAT
        if found := re.fullmatch(r"(?:urn:ogc:def:crs:)?EPSG:[0-9.]{0,9}:?(\d{4,6})", name):
            return int(found[1])
    raise BadError("crs", f"no CRS that is known here: {name!r}"[:120], AS_LONLAT)


def _geometries(tree: dict[str, Any]) -> list[tuple[str, Any]]:
    """List the geometries of a collection, a feature or a bare geometry, with their places."""
    if tree.get("type") == "FeatureCollection":
        features = tree.get("features")
        if not isinstance(features, list):
            raise BadError("features", "no list", EXPORT)
        if len(features) > MOST_ROWS:
            raise BadError("features", f"{len(features):,} features", ONE)
        if not all(isinstance(one, dict) for one in features):
            raise BadError("features", "something else than features", EXPORT)
        found = [(f"features.{n}", one.get("geometry")) for n, one in enumerate(features)]
    elif tree.get("type") == "Feature":
        found = [("geometry", tree.get("geometry"))]
    else:
        found = [("", tree)]
    return [(place, one) for place, one in found if one is not None]


def _put(parts: Parts, place: str, geometry: Any, left: list[int]) -> None:  # noqa: ANN401  (JSON)
    """Add a geometry of GeoJSON; `left` counts the points that may still come."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    told = geometry.get("coordinates") if isinstance(geometry, dict) else None

    def row(given: Any) -> NDArray[np.float64]:  # noqa: ANN401  (JSON)
        return _row(given, place, left)

    def rings(given: Any) -> list[NDArray[np.float64]]:  # noqa: ANN401  (JSON)
        return [row(one) for one in _list(given, place)]

    if kind == "Point":
        parts.points.append(row([told]))
    elif kind == "MultiPoint":
        parts.points.append(row(told))
    elif kind == "LineString":
        parts.lines.append(row(told))
    elif kind == "MultiLineString":
        parts.lines += rings(told)
    elif kind == "Polygon":
        parts.areas.append(rings(told))
    elif kind == "MultiPolygon":
        parts.areas += [rings(one) for one in _list(told, place)]
    else:
        raise BadError(place, f"a geometry of type {kind!r}"[:80], ONE)


def _list(given: Any, place: str) -> list[Any]:  # noqa: ANN401  (JSON)
    if not isinstance(given, list):
        raise BadError(place, "coordinates that are no list", EXPORT)
    return given


def _row(given: Any, place: str, left: list[int]) -> NDArray[np.float64]:  # noqa: ANN401  (JSON)
    """Read positions; heights are left out, since what is drawn has none."""
    points = _list(given, place)
    left[0] -= len(points)
    if left[0] < 0:
        raise too_many()
    for at in points:
        right = isinstance(at, list) and 2 <= len(at) <= 4
        if not right or not all(type(one) in (int, float) for one in at):
            raise BadError(place, f"no position: {at!r}"[:80], EXPORT)
    try:
        return np.array([at[:2] for at in points], np.float64).reshape(-1, 2)
    except OverflowError:
        raise BadError(place, "a number too large", EXPORT) from None
