"""The one door through which a user's rasters come in: every fault of a file before it is read."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import shapely
from rasterio.enums import MaskFlags

from vallum.errors import Fault
from vallum.theatre.bring.provenance import GEOGRAPHIC
from vallum.theatre.bring.raster_tiles import (
    CACHE_MB,
    Tile,
    UnreadableError,
    at,
    guarded,
    opened,
)

if TYPE_CHECKING:
    from pathlib import Path

    from affine import Affine
    from numpy.typing import NDArray

    from vallum.theatre.bring.area import Area
    from vallum.theatre.bring.sections import RasterLayer

__all__ = ["open_tiles", "outline", "raster_faults"]

BLOCK_BYTES = CACHE_MB << 20  # GDAL holds whole blocks of the file: no larger one is read
PIXELS_PER_BYTE = 30_000  # a file that claims more is broken: sparse and zipped ones stay below
FAR, TINY = 1e12, 1e-16  # no raster has larger numbers in its transform, or smaller pixels
MESH = 41  # points each way over the theatre, to find the window of a raster that covers it


def raster_faults(layer: RasterLayer, key: str, area: Area) -> list[Fault]:
    """Say what is wrong with the rasters of a layer, without reading their pixels.

    Parameters
    ----------
    layer
        What the config says of them.
    key
        The layer's key in the config.
    area
        The theatre's ground.

    Returns
    -------
    faults
        Files that can't be read, have no such band, no or another coordinate system, no place, a
        value for nothing that they can't hold, or sizes that can't be; files none of which meets
        the theatre.
    """
    return open_tiles(layer, key, area)[1]


def open_tiles(layer: RasterLayer, key: str, area: Area) -> tuple[tuple[Tile, ...], list[Fault]]:
    """Check the rasters of a layer; those that meet the theatre, in the order given."""
    tiles: list[Tile] = []
    faults: list[Fault] = []
    for path in layer.file:
        try:
            with opened(path, key) as data, guarded(path, key):
                tile, wrong = _inspect(data, path, layer, key, area)
        except UnreadableError as error:
            tile, wrong = None, [error.fault]
        faults += wrong
        if tile is not None:
            tiles.append(tile)
    meeting = tuple(tile for tile in tiles if not tile.empty)
    if tiles and not meeting and not faults:
        faults += [_no_overlap(tiles[0], key, area)]
    return meeting, faults


def _inspect(
    data: Any,  # noqa: ANN401 - rasterio has no types
    path: Path,
    layer: RasterLayer,
    key: str,
    area: Area,
) -> tuple[Tile | None, list[Fault]]:
    """Check one open file."""
    where = str(path)
    if not 1 <= layer.band <= data.count:
        found = f"no band {layer.band}: it has {data.count}"
        mend = f"{key}.band = a number from 1 to {data.count}" if data.count else "give a raster"
        return None, [Fault(where, f"{key}.band", found, mend)]
    kind = str(data.dtypes[layer.band - 1])
    if kind.startswith("complex"):
        mend = "give a raster of real numbers"
        return None, [Fault(where, key, f"its numbers are complex ({kind})", mend)]
    crs, faults = _crs(data, layer, where, key)
    faults += _place_faults(data, where, key, crs)
    nothing, wrong = _nothing(data, layer, kind, where, key)
    faults += wrong + _size_faults(data, layer.band, kind, where, key)
    if crs is None or faults:
        return None, faults
    flags = data.mask_flag_enums[layer.band - 1]
    transform, shape = data.transform, (int(data.height), int(data.width))
    tile = Tile(
        path=path,
        band=layer.band,
        crs=crs,
        transform=transform,
        shape=shape,
        nothing=nothing,
        masked=MaskFlags.per_dataset in flags or MaskFlags.alpha in flags,
        scale=float(data.scales[layer.band - 1]),
        offset=float(data.offsets[layer.band - 1]),
        window=_window(crs, transform, shape, area),
        block=data.block_shapes[layer.band - 1],
    )
    return tile, _claim_faults(tile, data.driver, key)


def _crs(
    data: Any,  # noqa: ANN401 - rasterio has no types
    layer: RasterLayer,
    where: str,
    key: str,
) -> tuple[pyproj.CRS | None, list[Fault]]:
    """Find the coordinate system: the file's, or the config's where the file names none."""
    place = f"{key}.crs"
    given, own = None, None
    if layer.crs is not None:
        try:
            given = pyproj.CRS.from_user_input(layer.crs)
        except pyproj.exceptions.CRSError:
            found, mend = f"'{layer.crs}' is no coordinate system", f'{place} = "EPSG:4326", or so'
            return None, [Fault(where, place, found, mend)]
    if data.crs:
        try:
            own = pyproj.CRS.from_wkt(data.crs.to_wkt())
        except pyproj.exceptions.CRSError:
            found = "the coordinate system that the file names can't be read"
            return None, [Fault(where, place, found, "write the right one into the file")]
    if given is None and own is None:
        found = "the file names no coordinate system"
        return None, [Fault(where, place, found, f'say which, as {place} = "EPSG:4326"')]
    if given is not None and own is not None and not given.equals(own, ignore_axis_order=True):
        found = f"the file is in {own.name}, the config says {given.name}"
        return None, [Fault(where, place, found, f"leave {place} out, or mend the file")]
    crs = own or given
    if crs is not None and crs.is_compound:
        crs = crs.sub_crs_list[0]
    if crs is None or not (crs.is_geographic or crs.is_projected):
        found = f"'{crs.name if crs else ''}' is not a coordinate system of the earth"
        return None, [Fault(where, place, found, "write the right one into the file")]
    return crs, []


def _place_faults(
    data: Any,  # noqa: ANN401 - rasterio has no types
    where: str,
    key: str,
    crs: pyproj.CRS | None,
) -> list[Fault]:
    """Say whether the file says where on the earth it lies."""
    place = data.transform
    det = place.a * place.e - place.b * place.d
    mend = "warp it with gdalwarp first, so that it says where it lies"
    if place.is_identity:
        kind = "control points only" if data.gcps[0] or data.rpcs else "no geotransform"
        return [Fault(where, key, f"it has {kind}", mend)]
    if not all(abs(part) < FAR for part in place[:6]) or not abs(det) > TINY:
        return [Fault(where, key, f"its geotransform {tuple(place[:6])} is degenerate", mend)]
    if crs is None or not crs.is_geographic:
        return []
    x, y = _corners(place, (data.height, data.width))
    degree = crs.axis_info[0].unit_conversion_factor * 180.0 / math.pi
    lon, lat = x * degree, y * degree
    # rasters of the globe registered at pixel centres reach beyond it by half a pixel
    slack = max(abs(place.a), abs(place.b), abs(place.d), abs(place.e)) * degree
    if np.abs(lon).max() > 180 + slack or np.abs(lat).max() > 90 + slack:
        found = (
            f"it is said to be in degrees ({crs.name}) and reaches from {lon.min():g}, "
            f"{lat.min():g} to {lon.max():g}, {lat.max():g}"
        )
        mend = "name the right coordinate system; turn longitudes of 0 to 360 into −180 to 180"
        return [Fault(where, f"{key}.crs", found, mend)]
    return []


def _corners(
    transform: Affine, shape: tuple[int, int]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give x and y of a raster's corners."""
    rows, cols = shape
    return at(transform, np.array([0.0, cols, cols, 0.0]), np.array([0.0, 0.0, rows, rows]))


def _nothing(
    data: Any,  # noqa: ANN401 - rasterio has no types
    layer: RasterLayer,
    kind: str,
    where: str,
    key: str,
) -> tuple[tuple[float, ...], list[Fault]]:
    """Find the values that stand for nothing: the file's own and the config's."""
    own = data.nodatavals[layer.band - 1]
    place = f"{key}.nodata"
    if layer.nodata is not None and not _holds(kind, layer.nodata):
        found = f"{layer.nodata:g} can't stand in a file of {kind}"
        return (), [Fault(where, place, found, f"give a number that a {kind} can be")]
    if own is not None and not _holds(kind, own):
        if layer.nodata is None:
            found = f"the file calls {own:g} nothing, which a {kind} can't be"
            return (), [Fault(where, place, found, f"say which value is nothing, as {place} = 0")]
        own = None
    values = [float(value) for value in (own, layer.nodata) if value is not None]
    return tuple(dict.fromkeys(values)), []


def _holds(kind: str, value: float) -> bool:
    """Say whether a number can stand in a raster of a type; floats lose digits, not range."""
    if kind.startswith("float"):
        return True
    limits = np.iinfo(kind)
    return float(value).is_integer() and limits.min <= value <= limits.max


def _size_faults(
    data: Any,  # noqa: ANN401 - rasterio has no types
    band: int,
    kind: str,
    where: str,
    key: str,
) -> list[Fault]:
    """Refuse blocks too large to hold, before any memory is asked for."""
    rows, cols = data.block_shapes[band - 1]
    size = rows * cols * np.dtype(kind).itemsize
    if data.interleaving is not None and data.interleaving.name == "pixel":
        size *= data.count
    if size <= BLOCK_BYTES:
        return []
    found = f"it is laid out in blocks of {rows} × {cols}, {size / 2**20:,.0f} MB each"
    mend = "write it in tiles: gdal_translate -co TILED=YES -co COMPRESS=DEFLATE"
    return [Fault(where, key, found, mend)]


def _claim_faults(tile: Tile, driver: str, key: str) -> list[Fault]:
    """Refuse a header that claims more than its file can hold, before any of it is read."""
    if driver != "GTiff" or not tile.path.is_file() or tile.empty:
        return []
    top, bottom, left, right = tile.window
    pixels = (bottom - top) * (right - left)
    held = tile.path.stat().st_size
    if pixels <= max(held, 1000) * PIXELS_PER_BYTE:
        return []
    found = f"{held:,} bytes claim to hold {pixels:,} pixels over the theatre"
    return [Fault(str(tile.path), key, found, "its header is broken: fetch it anew")]


def _window(
    crs: pyproj.CRS, transform: Affine, shape: tuple[int, int], area: Area
) -> tuple[int, int, int, int]:
    """Find the pixels that cover the theatre; all of them where its edge can't be projected."""
    west, south, east, north = area.bounds
    lon, lat = np.meshgrid(np.linspace(west, east, MESH), np.linspace(south, north, MESH))
    to_file = pyproj.Transformer.from_crs(GEOGRAPHIC, crs, always_xy=True)
    x, y = to_file.transform(lon.ravel(), lat.ravel())
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        return (0, 0, 0, 0)
    col, row = at(~transform, x[known], y[known])
    rows, cols = shape
    if not known.all():
        return (0, rows, 0, cols)
    spans = []
    for place, size in ((row, rows), (col, cols)):
        low, high = float(place.min()), float(place.max())
        pad = 1.0 + (high - low) / (MESH - 1)  # what the edge can bulge between two points
        spans += [
            math.floor(min(max(low - pad, 0), size)),
            math.ceil(max(min(high + pad, size), 0)),
        ]
    return (spans[0], spans[1], spans[2], spans[3])


def _no_overlap(tile: Tile, key: str, area: Area) -> Fault:
    """Say that no raster meets the theatre, and whether its axes are swapped."""
    to_earth = pyproj.Transformer.from_crs(tile.crs, GEOGRAPHIC, always_xy=True)
    lon, lat = to_earth.transform(*_corners(tile.transform, tile.shape))
    west, south, east, north = area.bounds
    ground = shapely.box(west, south, east, north)
    found = "it does not meet the theatre"
    mend = f"give one that covers {west:.1f} to {east:.1f}°E, {south:.1f} to {north:.1f}°N"
    if np.isfinite([*lon, *lat]).all():
        found += (
            f": it covers {min(lon):.1f} to {max(lon):.1f}°E, {min(lat):.1f} to {max(lat):.1f}°N"
        )
        if ground.intersects(shapely.box(min(lat), min(lon), max(lat), max(lon))):
            mend = "swap its longitudes and latitudes: the other way round it would meet it"
    return Fault(str(tile.path), key, found, mend)


def outline(tile: Tile) -> shapely.Geometry:
    """Draw a file's edge in longitude and latitude."""
    edge = shapely.Polygon(np.column_stack(_corners(tile.transform, tile.shape)))
    to_earth = pyproj.Transformer.from_crs(tile.crs, GEOGRAPHIC, always_xy=True)
    dense = edge if tile.crs.is_geographic else shapely.segmentize(edge, edge.length / 400)
    return shapely.make_valid(
        shapely.transform(dense, lambda xy: np.column_stack(to_earth.transform(*xy.T)))
    )
