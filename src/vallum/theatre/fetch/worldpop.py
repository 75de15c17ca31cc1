"""WorldPop: people per pixel, by state and year, 2000 to 2020.

Addresses: `https://data.worldpop.org/GIS/Population/Global_2000_2020_1km_UNadj/2020/MRT/
mrt_ppp_2020_1km_Aggregated_UNadj.tif` and its like, as WorldPop's own REST records list them
(`https://hub.worldpop.org/rest/data/pop/wpgp?iso3=MRT`, described at
https://www.worldpop.org/sdi/introapi/; read, in public code that quotes them, 2026-11-24).
Licence: CC BY 4.0, https://hub.worldpop.org/data/licence.txt (named by every record; the terms as
https://developers.google.com/earth-engine/datasets/catalog/WorldPop_POP quotes them, read
2026-11-24). WorldPop publishes no checksums that could be found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.errors import Fault, nearest
from vallum.theatre.fetch.asking import rebase
from vallum.theatre.fetch.cache import Job, keep
from vallum.theatre.fetch.checks import raster
from vallum.theatre.fetch.gathered import Gathered, Layer
from vallum.theatre.fetch.model import state_faults

if TYPE_CHECKING:
    from vallum.theatre.fetch.cache import Shop
    from vallum.theatre.fetch.model import Request

__all__ = ["gather", "needs"]

FOLDER = "https://data.worldpop.org/GIS/Population/"
VERSIONS = {
    # folder, ending, words
    "1km-unadj": (
        "Global_2000_2020_1km_UNadj",
        "_1km_Aggregated_UNadj",
        "1 km, totals of the United Nations",
    ),
    "1km": ("Global_2000_2020_1km", "_1km_Aggregated", "1 km"),
    "100m": ("Global_2000_2020", "", "100 m"),
}
FIRST, LAST = 2000, 2020
LICENCE = "CC BY 4.0 (WorldPop)"


def needs(request: Request) -> list[Fault]:
    """Say what a request lacks: states; year and version have defaults."""
    faults = state_faults(request)
    if request.year is not None and not FIRST <= request.year <= LAST:
        found = f"WorldPop's series has no year {request.year}"
        faults.append(Fault("fetch", "year", found, f"give {FIRST} to {LAST}"))
    if request.version is not None and request.version not in VERSIONS:
        mend = nearest(request.version, list(VERSIONS))
        faults.append(Fault("fetch", "version", f"no version '{request.version}'", mend))
    return faults


def gather(request: Request, shop: Shop) -> Gathered:
    """Fetch a raster per state: counts per pixel, from the unconstrained top-down series."""
    year = request.year or LAST
    folder, ending, words = VERSIONS[request.version or "1km-unadj"]
    folder = f"{FOLDER}{folder}/{year}/"
    kept = []
    for state in dict.fromkeys(request.states):
        name = f"{state.lower()}_ppp_{year}{ending}.tif"
        kept.append(keep(Job(f"{folder}{state}/{name}", name, raster), shop))
    files, address = tuple(each.name for each in kept), rebase(folder, shop.base_url)
    layer = Layer("population", files, address, LICENCE, str(year), {"values": "count"})
    source = f"WorldPop, unconstrained population counts, {words}"
    return Gathered(tuple(kept), LICENCE, source, str(year), (layer,))
