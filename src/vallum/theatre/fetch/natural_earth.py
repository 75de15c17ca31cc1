"""Natural Earth: states, regions, rivers, lakes and coast of the world, 1:10 million.

Addresses: `https://naturalearth.s3.amazonaws.com/10m_cultural/ne_10m_admin_0_countries.zip`, the
template of cartopy's `NEShpDownloader`
(https://scitools.org.uk/cartopy/docs/latest/reference/generated/cartopy.io.shapereader.NEShpDownloader.html,
read 2026-11-24); the same files lie under `https://naciscdn.org/naturalearth/10m/cultural/`
(https://rdrr.io/cran/rnaturalearth/src/R/datasets.R, read 2026-11-24).
Licence: public domain (https://www.naturalearthdata.com/forums/topic/licensing-naturalearth-pd-vs-gadm-license/
and the project's README at https://github.com/nvkelso/natural-earth-vector, read 2026-11-24).
"""

from __future__ import annotations

import email.utils
from functools import partial
from typing import TYPE_CHECKING

from vallum.errors import Fault
from vallum.theatre.fetch.cache import Job, drop, keep
from vallum.theatre.fetch.checks import shapes
from vallum.theatre.fetch.gathered import Gathered, Layer
from vallum.theatre.fetch.refusal import refuse

if TYPE_CHECKING:
    from pathlib import Path

    from vallum.theatre.fetch.cache import Kept, Shop
    from vallum.theatre.fetch.model import Request

__all__ = ["gather", "needs"]

ADDRESS = "https://naturalearth.s3.amazonaws.com/10m_{theme}/ne_10m_{name}.zip"
THEMES: dict[str, tuple[str, str, dict[str, str | list[str]]]] = {
    # table of CONFIG.toml: theme, name, and its columns
    "borders": ("cultural", "admin_0_countries", {"iso3": "ADM0_A3", "name": "NAME"}),
    "regions": ("cultural", "admin_1_states_provinces", {"iso3": "adm0_a3", "name": "name"}),
    "rivers": ("physical", "rivers_lake_centerlines", {"name": ["name"]}),
    "lakes": ("physical", "lakes", {}),
    "coast": ("physical", "coastline", {}),
}
LEVELS = {0: ("borders",), 1: ("regions",), None: tuple(THEMES)}
LICENCE = "public domain (Natural Earth)"


def needs(request: Request) -> list[Fault]:
    """Say what a request lacks: nothing; `level` 0 or 1 asks for borders or regions alone."""
    if request.level in LEVELS:
        return []
    found = f"Natural Earth has no level {request.level}"
    return [Fault("fetch", "level", found, "give 0 (states), 1 (regions), or none for all")]


def gather(request: Request, shop: Shop) -> Gathered:
    """Fetch the archives, as they are: GDAL reads them in place.

    Each must hold its shapefile, and agree with its own CRCs and with the MD5 that S3 gives. The
    version is read from the file VERSION in each; where `version` is asked for, another is refused.
    """
    kept, layers = [], []
    for table in LEVELS[request.level]:
        theme, name, keys = THEMES[table]
        address = ADDRESS.format(theme=theme, name=name)
        job = Job(address, f"ne_10m_{name}.zip", partial(_check, f"ne_10m_{name}"))
        each = keep(job, shop)
        version = shapes(each.path, f"ne_10m_{name}")[1]
        if request.version and version != request.version:
            drop(each.path)
            found = f"it is version {version or 'unknown'}, not {request.version}"
            refuse(each.address, each.name, found, "leave the version out to take what there is")
        kept.append(each)
        layers.append(Layer(table, (each.name,), each.address, LICENCE, _date(version, each), keys))
    dates = sorted({layer.date for layer in layers})
    return Gathered(
        tuple(kept), LICENCE, "Natural Earth, 1:10m", "; ".join(dates), tuple(layers),
        notes=(
            "Natural Earth draws who holds the land; for land in dispute see [[borders.move]]",
        ),
    )  # fmt: skip


def _check(stem: str, path: Path) -> str:
    """Check an archive."""
    return shapes(path, stem)[0]


def _date(version: str | None, kept: Kept) -> str:
    """Say which edition it is: its version, else the day that the server gives."""
    if version:
        return f"version {version}"
    try:
        return email.utils.parsedate_to_datetime(kept.modified or "").date().isoformat()
    except ValueError:
        return "unknown"
