"""The one door for a user's vector files: GeoPackage, Shapefile, GeoJSON, FlatGeobuf, TopoJSON."""

from __future__ import annotations

import re
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj.exceptions import ProjError

from vallum.errors import Fault, InputError, nearest
from vallum.theatre.bring.provenance import GEOGRAPHIC

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from vallum.theatre.bring.sections import VectorLayer

__all__ = ["POLYGONS", "crs_text", "read_vector"]

POLYGONS = ("Polygon", "MultiPolygon")
Bounds = tuple[float, float, float, float]
UNREADABLE = (
    DataSourceError,
    DataLayerError,
    ProjError,
    OSError,
    ValueError,
    shapely.GEOSException,
)
DEGREES: Bounds = (-360.0, -90.000001, 360.0, 90.000001)
# two bytes of UTF-8 read as two letters of Latin-1, and the sign for a byte that could not be read
MOJIBAKE = re.compile("[ÂÃ][\u0080-\u00bf]|\ufffd")


def read_vector(
    layer: VectorLayer,
    key: str,
    *,
    kinds: Sequence[str],
    columns: Sequence[str] = (),
    bounds: Bounds | None = None,
) -> tuple[gpd.GeoDataFrame | None, list[Fault]]:
    """Read a layer of points, lines or polygons in longitude and latitude.

    Invalid polygons are made valid; heights are dropped. What GDAL warns of is a fault, since it
    means that something was not read as it stands.

    Parameters
    ----------
    layer
        What the config says of it; several files are read one after the other.
    key
        The config's key, for faults that concern it.
    kinds
        Geometry types that are wanted, such as ("Polygon", "MultiPolygon").
    columns
        Columns that are read; all must be there.
    bounds
        West, south, east, north in degrees: only features whose own bounds touch these.

    Returns
    -------
    frame, faults
        EPSG:4326; the index is `file name: feature N`, from 1. None where there is a fault.
    """
    frames: list[gpd.GeoDataFrame] = []
    faults: list[Fault] = []
    for path in layer.file:
        try:
            frames.append(_read(layer, path, key, tuple(kinds), tuple(columns), bounds))
        except InputError as error:
            faults += error.faults
    if faults:
        return None, faults
    whole = pd.concat(frames) if len(frames) > 1 else frames[0]
    return gpd.GeoDataFrame(whole, crs=GEOGRAPHIC), []


def crs_text(layer: VectorLayer) -> str:
    """Name the coordinate system of a layer's first file, for its record."""
    return str(layer.crs or _info(layer, layer.file[0], "", ())["crs"])


def _read(
    layer: VectorLayer,
    path: Path,
    key: str,
    kinds: tuple[str, ...],
    columns: tuple[str, ...],
    bounds: Bounds | None,
) -> gpd.GeoDataFrame:
    """Read one file, or raise its faults."""
    info = _info(layer, path, key, kinds)
    known = [str(name) for name in info["fields"]]
    _raise_any(
        Fault(str(path), f"column {name}", "there is no such column", nearest(name, known))
        for name in dict.fromkeys(columns)
        if name not in known
    )
    crs = _crs(layer, path, key, info)
    box = _box(path, crs, info, bounds)
    with _gdal(path):
        frame = pyogrio.read_dataframe(
            path,
            layer=info["layer_name"],
            columns=list(dict.fromkeys(columns)),
            bbox=box,
            encoding=layer.encoding,
            fid_as_index=True,
            force_2d=True,
        )
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError([Fault(str(path), "", "it has no geometry", "give a layer with geometry")])
    frame = frame.set_crs(crs, allow_override=True)
    frame = frame.set_geometry(_from_collections(frame.geometry, kinds))
    # GDAL counts the features of some formats from 0
    first = 0 if info["driver"] in {"ESRI Shapefile", "GeoJSON", "FlatGeobuf", "TopoJSON"} else 1
    frame.index = pd.Index(frame.index.to_numpy() + 1 - first)
    frame = frame.sort_index()  # an index of boxes gives them in its own order
    _raise_any(_geometry_faults(path, frame, kinds) + _text_faults(path, frame, key))
    return _to_degrees(path, frame, kinds)


def _raise_any(faults: Iterable[Fault]) -> None:
    """Raise faults where there are some."""
    held = tuple(faults)
    if held:
        raise InputError(held)


@contextmanager
def _gdal(path: Path) -> Iterator[None]:
    """Turn what GDAL raises and warns of into faults."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            yield
        except InputError:
            raise
        except UNREADABLE as error:
            raise InputError([_unreadable(path, error)]) from None
    mend = "mend the file, or open it in QGIS and save it anew as a GeoPackage"
    texts = dict.fromkeys(str(warning.message).splitlines()[0] for warning in said)
    _raise_any(Fault(str(path), "", f"GDAL warns: {text}", mend) for text in texts)


def _info(layer: VectorLayer, path: Path, key: str, kinds: tuple[str, ...]) -> dict[str, Any]:
    """Find the layer to read and what it holds."""
    with _gdal(path):
        held = [(str(name), str(kind)) for name, kind in pyogrio.list_layers(path)]
        name = _choose(layer, path, key, held, kinds)
        info = pyogrio.read_info(path, layer=name, encoding=layer.encoding, force_total_bounds=True)
    return {**info, "layer_name": name}


def _choose(
    layer: VectorLayer,
    path: Path,
    key: str,
    held: list[tuple[str, str]],
    kinds: tuple[str, ...],
) -> str:
    """Choose the layer: the one that is named, or the only one of the kind."""
    names = [name for name, _ in held]
    if layer.layer in names:
        return str(layer.layer)
    fitting = [name for name, kind in held if not kinds or _fits(kind, kinds)]
    if layer.layer is None and (len(names) == 1 or len(fitting) == 1):
        return names[0] if len(names) == 1 else fitting[0]
    if not names:
        raise InputError([Fault(str(path), "", "it has no layer", "give a file with one")])
    if layer.layer is not None:
        mend = nearest(layer.layer, names)
        place = f"layer {layer.layer}"
        raise InputError([Fault(str(path), place, "there is no such layer", mend)])
    found = f"{len(names)} layers: {', '.join(names[:8])}"
    raise InputError([Fault(str(path), "", found, f'say layer = "…" in [{key}]')])


def _fits(kind: str, kinds: tuple[str, ...]) -> bool:
    """Whether a layer's declared type may hold what is wanted; `Unknown` may hold anything."""
    return kind.split(" ", maxsplit=1)[0] in {"Unknown", *kinds}


def _crs(layer: VectorLayer, path: Path, key: str, info: dict[str, Any]) -> pyproj.CRS:
    """Settle the coordinate system: the file's, or the config's where the file names none."""
    named: list[pyproj.CRS] = []
    for text in (info["crs"], layer.crs):
        if not text:
            continue
        try:
            named.append(pyproj.CRS.from_user_input(text))
        except ProjError:
            mend = 'write a code, as crs = "EPSG:4326"'
            fault = Fault(str(path), f"{key}.crs", f"'{text}' is no CRS", mend)
            raise InputError([fault]) from None
    if not named:
        mend = f'say crs = "EPSG:4326" (or what it is) in [{key}]'
        raise InputError([Fault(str(path), "", "it names no CRS", mend)])
    if len(named) > 1 and not named[0].equals(named[1], ignore_axis_order=True):
        found = f"the file says {named[0].name}, [{key}] says {named[1].name}"
        mend = "leave crs out, or mend the file"
        raise InputError([Fault(str(path), f"{key}.crs", found, mend)])
    return named[0]


def _box(path: Path, crs: pyproj.CRS, info: dict[str, Any], bounds: Bounds | None) -> Bounds | None:
    """Bring the bounds into the file's coordinates; say so when nothing lies within them."""
    held = _extent(path, info)
    west, south, east, north = held
    if crs.is_geographic and not _inside(held, DEGREES):
        found = f"coordinates {west:g}…{east:g}, {south:g}…{north:g} are no degrees"
        swapped = _inside((south, west, north, east), DEGREES)
        mend = "longitude and latitude look swapped: swap them" if swapped else "mend its CRS"
        raise InputError([Fault(str(path), "", found, mend)])
    if bounds is None:
        return None
    with _gdal(path):
        change = pyproj.Transformer.from_crs(GEOGRAPHIC, crs, always_xy=True)
        box: Bounds = change.transform_bounds(*bounds, densify_pts=21)
    if not np.isfinite(box).all():  # the theatre lies where this projection can't reach
        fault = Fault(str(path), "", "its CRS doesn't reach the theatre", "mend its CRS")
        raise InputError([fault])
    if not _touch(held, box):
        found = f"its extent {west:g}…{east:g}, {south:g}…{north:g} lies off the theatre"
        swapped = _touch((south, west, north, east), box)
        mend = "longitude and latitude look swapped, here or in the borders: swap them there"
        raise InputError(
            [Fault(str(path), "", found, mend if swapped else "give data of this region")]
        )
    return box


def _extent(path: Path, info: dict[str, Any]) -> Bounds:
    """Give the extent of a layer's features in its own coordinates."""
    extent = info["total_bounds"]
    if info["features"] == 0 or extent is None:
        fault = Fault(str(path), "", "it has no features", "give a layer with features")
        raise InputError([fault])
    west, south, east, north = (float(value) for value in extent)
    if not np.isfinite([west, south, east, north]).all():
        fault = Fault(str(path), "", "its extent can't be told", "save it again from QGIS")
        raise InputError([fault])
    return west, south, east, north


def _inside(a: Bounds, b: Bounds) -> bool:
    return b[0] <= a[0] and a[2] <= b[2] and b[1] <= a[1] and a[3] <= b[3]


def _touch(a: Bounds, b: Bounds) -> bool:
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def _geometry_faults(path: Path, frame: gpd.GeoDataFrame, kinds: tuple[str, ...]) -> list[Fault]:
    """Say which features have no geometry, another one than wanted, or coordinates without end."""
    shapes = frame.geometry
    none = shapes.isna() | shapes.is_empty
    other = ~none & ~shapes.geom_type.isin(kinds)
    x = shapes[~none].bounds.to_numpy()
    endless = pd.Series(~np.isfinite(x).all(axis=1), index=shapes[~none].index)
    cases = [
        (none, "no geometry", "delete these features, or draw them"),
        (other, "another geometry than " + " or ".join(kinds), "give a layer of these"),
        (endless, "coordinates that are no numbers", "delete or redraw these features"),
    ]
    return [
        _many(path, mark.index[mark.to_numpy()], found, mend)
        for mark, found, mend in cases
        if mark.any()
    ]


def _text_faults(path: Path, frame: gpd.GeoDataFrame, key: str) -> list[Fault]:
    """Say where letters were read by the wrong encoding."""
    faults = []
    for name in frame.columns.drop(frame.geometry.name):
        texts = frame[name].dropna()
        if texts.dtype.kind not in "OUT" and not isinstance(texts.dtype, pd.StringDtype):
            continue
        bad = texts.astype(str).str.contains(MOJIBAKE)
        if bad.any():
            mend = f'say encoding = "cp1252" (or what it is) in [{key}]'
            found = f"{texts[bad].iloc[0]!r}: letters read by the wrong encoding"
            faults.append(_many(path, texts.index[bad.to_numpy()], found, mend, str(name)))
    return faults


def _many(path: Path, rows: pd.Index[Any], found: str, mend: str, column: str = "") -> Fault:
    """Tell one fault of many features: how many, and the first of them."""
    first = ", ".join(str(row) for row in rows[:5]) + ("…" if len(rows) > 5 else "")
    place = (f"column {column}, " if column else "") + f"feature {first}"
    return Fault(str(path), place, f"{found} ({len(rows)} in all)", mend)


def _to_degrees(path: Path, frame: gpd.GeoDataFrame, kinds: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Bring it to longitude and latitude, and make its polygons valid."""
    with _gdal(path):
        moved = frame.to_crs(GEOGRAPHIC)
        shapes = moved.geometry.to_numpy()
        broken = ~shapely.is_valid(shapes)
        if "Polygon" in kinds and broken.any():
            shapes = shapes.copy()
            shapes[broken] = [_area_of(shape) for shape in shapely.make_valid(shapes[broken])]
            moved = moved.set_geometry(gpd.GeoSeries(shapes, index=moved.index, crs=GEOGRAPHIC))
    moved.index = pd.Index([f"{path.name}: feature {row}" for row in moved.index])
    if len(moved) and not np.isfinite(moved.geometry.bounds.to_numpy()).all():
        found = "features that its CRS can't place on the earth"
        raise InputError([Fault(str(path), "", found, "mend its CRS")])
    return moved


def _from_collections(shapes: gpd.GeoSeries, kinds: tuple[str, ...]) -> gpd.GeoSeries:
    """Take the parts that are wanted out of geometry collections."""
    out = shapes.copy()
    for index in shapes.index[shapes.geom_type == "GeometryCollection"]:
        parts = [part for part in shapely.get_parts(shapes[index]) if part.geom_type in kinds]
        if parts:
            out[index] = shapely.union_all(parts)
    return out


def _area_of(shape: shapely.Geometry) -> shapely.Geometry:
    """Keep the polygons of what mending made of a shape."""
    parts = [part for part in shapely.get_parts(shape) if shapely.get_dimensions(part) == 2]
    return shapely.union_all(parts) if parts else shapely.Polygon()


def _unreadable(path: Path, error: Exception) -> Fault:
    text = (str(error).splitlines() or [type(error).__name__])[0]
    mend = "give a vector file that QGIS opens (GeoPackage, Shapefile, GeoJSON, FlatGeobuf)"
    return Fault(str(path), "", f"it can't be read ({text})", mend)
