"""Copernicus DEM (90 m) and ESA WorldCover (10 m): tiles in degrees, on Amazon S3.

Copernicus DEM GLO-90: `https://copernicus-dem-90m.s3.amazonaws.com/NAME/NAME.tif`, with
`tileList.txt`; tiles of 1° named by their south-west corner, none over the ocean, where height is
0. Read 2026-11-24: https://copernicus-dem-30m.s3.amazonaws.com/readme.html (both instances) and
https://karttur.github.io/geoimagine03-proj-copdem/copdem/demproj-COPDEM03-awsCopDEM90_download
Licence: that of the Copernicus WorldDEM-90, free of charge, with a notice; articles 4 to 6, as
public records quote them (read 2026-11-24) from
https://dataspace.copernicus.eu/sites/default/files/media/files/2025-06/copernicus_contributing_mission_data_access_v2_cop_dem_licenses.pdf

ESA WorldCover: `https://esa-worldcover.s3.eu-central-1.amazonaws.com/v200/2021/map/
ESA_WorldCover_10m_2021_v200_N15W012_Map.tif`, tiles of 3° named by their south-west corner, listed
in `esa_worldcover_grid.geojson` (property `ll_tile`). Read 2026-11-24:
https://worldcover2021.esa.int/download and https://esa-worldcover.s3.amazonaws.com/readme.html ;
the list's address, in public code that follows ESA's example. Licence: CC BY 4.0 (first page).

The tag (`ETag`) that S3 gives an object put in one piece is its MD5
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html , as quoted
at https://zatoima.github.io/en/aws-s3-object-md5-etag , read 2026-11-24).
"""

from __future__ import annotations

import math
import re
from functools import partial
from typing import TYPE_CHECKING

from vallum.errors import Fault, InputError
from vallum.theatre.fetch.asking import rebase
from vallum.theatre.fetch.cache import Job, keep
from vallum.theatre.fetch.checks import RefusedError, features, raster
from vallum.theatre.fetch.gathered import Gathered, Layer
from vallum.theatre.fetch.model import bounds_faults

if TYPE_CHECKING:
    from pathlib import Path

    from vallum.theatre.fetch.cache import Kept, Shop
    from vallum.theatre.fetch.model import Request

__all__ = ["corners", "gather_cover", "gather_dem", "needs_cover", "needs_dem", "tile_name"]

DEM = "https://copernicus-dem-90m.s3.amazonaws.com/"
DEM_TILE = re.compile(r"Copernicus_DSM_COG_30_([NS]\d\d)_00_([EW]\d\d\d)_00_DEM")
DEM_LICENCE = (
    "Licence for the use of the Copernicus WorldDEM-90: free of charge; notice: produced using "
    "Copernicus WorldDEM™-90 © DLR e.V. 2010-2014 and © Airbus Defence and Space GmbH 2014-2018 "
    "provided under COPERNICUS by the European Union and ESA; all rights reserved"
)
COVER = "https://esa-worldcover.s3.eu-central-1.amazonaws.com/"
COVERS = {2020: "v100", 2021: "v200"}
COVER_LICENCE = (
    "CC BY 4.0; attribution: © ESA WorldCover project / Contains modified Copernicus Sentinel data "
    "({year}) processed by ESA WorldCover consortium"
)
COVER_STEP = 3  # degrees
SEVERAL = 8  # names of sea tiles that are shown


def corners(
    bounds: tuple[float, float, float, float], step: int = 1
) -> tuple[tuple[int, int], ...]:
    """List the south-west corners of the tiles that bounds touch, north first, then west first.

    Parameters
    ----------
    bounds
        West, south, east, north, degrees.
    step
        Side of a tile, degrees; corners are its multiples.

    Returns
    -------
    tuple
        Latitude and longitude, degrees. A tile that only shares an edge is left out.

    Examples
    --------
    >>> corners((-12.5, 15.0, -11.0, 16.0))
    ((15, -13), (15, -12))
    """
    west, south, east, north = bounds
    rows = range(math.floor(south / step) * step, math.ceil(north / step) * step, step)
    columns = range(math.floor(west / step) * step, math.ceil(east / step) * step, step)
    return tuple((row, column) for row in reversed(rows) for column in columns)


def tile_name(lat: int, lon: int) -> tuple[str, str]:
    """Name a tile's south-west corner, in degrees.

    Examples
    --------
    >>> tile_name(-1, 0)
    ('S01', 'E000')
    """
    return f"{'NS'[lat < 0]}{abs(lat):02d}", f"{'EW'[lon < 0]}{abs(lon):03d}"


def needs_dem(request: Request) -> list[Fault]:
    """Say what a request lacks: bounds."""
    return bounds_faults(request)


def needs_cover(request: Request) -> list[Fault]:
    """Say what a request lacks: bounds; the year has a default."""
    faults = bounds_faults(request)
    if request.year is not None and request.year not in COVERS:
        found = f"WorldCover has no year {request.year}"
        faults.append(Fault("fetch", "year", found, "give 2020 or 2021"))
    return faults


def gather_dem(request: Request, shop: Shop) -> Gathered:
    """Fetch the tiles of heights, metres; a tile that the publisher's list hasn't is sea.

    Raises
    ------
    InputError
        If all of the bounds is sea.
    FetchError
        If a tile that is listed can't be had.
    """
    listing = keep(Job(f"{DEM}tileList.txt", "tileList.txt", _dem_list, length_needed=True), shop)
    listed = set(listing.path.read_text("utf-8-sig").split())
    wanted = {}
    for lat, lon in _corners(request, 1):
        row, column = tile_name(lat, lon)
        wanted[f"Copernicus_DSM_COG_30_{row}_00_{column}_00_DEM"] = (lon, lat, lon + 1, lat + 1)
    land = _land(wanted, listed, "Copernicus DEM")
    kept = tuple(
        keep(
            Job(f"{DEM}{name}/{name}.tif", f"{name}.tif", partial(raster, near=wanted[name])), shop
        )
        for name in land
    )
    date = "acquired 2011 to 2015"
    layer = Layer("elevation", _names(kept), rebase(DEM, shop.base_url), DEM_LICENCE, date, {})
    notes = _sea([name for name in wanted if name not in listed], "height 0 m")
    return Gathered(kept, DEM_LICENCE, "Copernicus DEM GLO-90", date, (layer,), notes)


def gather_cover(request: Request, shop: Shop) -> Gathered:
    """Fetch the tiles of land cover classes; a tile that the publisher's grid hasn't is sea.

    Raises
    ------
    InputError
        If all of the bounds is sea.
    FetchError
        If a tile that is listed can't be had.
    """
    year = request.year or max(COVERS)
    version = COVERS[year]
    name = "esa_worldcover_grid.geojson"
    listing = keep(Job(COVER + name, name, _cover_list, length_needed=True), shop)
    listed = {str(each["ll_tile"]) for each in features(listing.path, ("ll_tile",))}
    wanted = {
        "".join(tile_name(lat, lon)): (lon, lat, lon + COVER_STEP, lat + COVER_STEP)
        for lat, lon in _corners(request, COVER_STEP)
    }
    folder = f"{COVER}{version}/{year}/map/"
    kept = []
    for tile in _land(wanted, listed, "ESA WorldCover"):
        file = f"ESA_WorldCover_10m_{year}_{version}_{tile}_Map.tif"
        kept.append(keep(Job(folder + file, file, partial(raster, near=wanted[tile])), shop))
    licence = COVER_LICENCE.format(year=year)
    legend: dict[str, str | list[str]] = {"legend": "worldcover"}
    layer = Layer(
        "landcover", _names(kept), rebase(folder, shop.base_url), licence, str(year), legend
    )
    source = f"ESA WorldCover 10 m {year} {version}"
    notes = _sea([tile for tile in wanted if tile not in listed], "no land cover")
    return Gathered(tuple(kept), licence, source, str(year), (layer,), notes)


def _corners(request: Request, step: int) -> tuple[tuple[int, int], ...]:
    """List the corners of what is asked for, which has bounds."""
    if request.bounds is None:
        raise AssertionError("bounds were asked for before")
    return corners(request.bounds, step)


def _land(wanted: dict[str, tuple[int, int, int, int]], listed: set[str], whose: str) -> list[str]:
    """Pick the tiles that there are."""
    land = [name for name in wanted if name in listed]
    if not land:
        found = f"{whose} has no tile there: all of it is sea"
        raise InputError([Fault("fetch", "bounds", found, "give bounds that hold land")])
    return land


def _names(kept: tuple[Kept, ...] | list[Kept]) -> tuple[str, ...]:
    """Give the names of files."""
    return tuple(each.name for each in kept)


def _sea(names: list[str], meaning: str) -> tuple[str, ...]:
    """Say which tiles are sea."""
    if not names:
        return ()
    more = f" and {len(names) - SEVERAL} more" if len(names) > SEVERAL else ""
    shown = ", ".join(names[:SEVERAL]) + more
    return (f"{len(names)} tiles are not in the publisher's list, so sea ({meaning}): {shown}",)


def _dem_list(path: Path) -> str:
    """Check the list of tiles: its lines name tiles (but for a heading, should it have one)."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise RefusedError("it is no list of tiles") from None
    tiles = [line for line in lines if DEM_TILE.fullmatch(line.strip())]
    if not tiles or len(lines) - len(tiles) > 1:
        raise RefusedError("it is no list of tiles")
    return f"{len(tiles):,} tiles listed"


def _cover_list(path: Path) -> str:
    """Check the grid of tiles: every feature names one."""
    tiles = [str(each["ll_tile"]) for each in features(path, ("ll_tile",))]
    if not all(re.fullmatch(r"[NS]\d\d[EW]\d\d\d", tile) for tile in tiles):
        raise RefusedError("it is no grid of tiles")
    return f"{len(tiles):,} tiles listed"
