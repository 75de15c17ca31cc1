"""The sources by name, and the one verb that fetches from them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pooch  # type: ignore[import-untyped]

from vallum.errors import Fault, InputError, nearest
from vallum.theatre.fetch import geoboundaries, natural_earth, tiles, ucdp, worldpop
from vallum.theatre.fetch.asking import Policy
from vallum.theatre.fetch.cache import Shop, deliver
from vallum.theatre.fetch.gathered import Gathered, snippet
from vallum.theatre.fetch.model import Fetched, Progress, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["SOURCES", "fetch", "gather"]


@dataclass(frozen=True)
class _Source:
    """A source: what a request lacks for it, and how it is fetched."""

    needs: Callable[[Request], list[Fault]]
    gather: Callable[[Request, Shop], Gathered]


CLIENTS: Mapping[str, _Source] = {
    "natural-earth": _Source(natural_earth.needs, natural_earth.gather),
    "geoboundaries": _Source(geoboundaries.needs, geoboundaries.gather),
    "worldpop": _Source(worldpop.needs, worldpop.gather),
    "copernicus-dem": _Source(tiles.needs_dem, tiles.gather_dem),
    "worldcover": _Source(tiles.needs_cover, tiles.gather_cover),
    "ucdp-ged": _Source(ucdp.needs, ucdp.gather),
}
SOURCES: tuple[str, ...] = tuple(CLIENTS)


def fetch(
    name: str,
    request: Request,
    out: Path,
    *,
    cache: Path | None = None,
    base_url: str | None = None,
    progress: Progress | None = None,
) -> Fetched:
    """Fetch open data from its publisher into a folder, by way of a cache.

    Parameters
    ----------
    name
        One of `SOURCES`.
    request
        What to ask for; each source says on docs/method/fetch.md which fields it looks at.
    out
        Folder for the files: linked from the cache where that can be, else copied.
    cache
        Folder that keeps what came; by default the system's own for `vallum`.
    base_url
        Scheme and host of a mirror, in place of those of every address.
    progress
        Called with a file's name, the bytes that are there, and its length if known.

    Returns
    -------
    Fetched
        The files with their checksums, and TOML for CONFIG.toml.

    Raises
    ------
    InputError
        With every fault of the request; also where all of the bounds is sea.
    FetchError
        If a source can't be had whole and right. What came so far is kept apart, and the next run
        goes on from there.
    OutputError
        If the cache or the folder can't be written, or holds another file of the name.
    """
    return gather(name, request, out, cache=cache, base_url=base_url, progress=progress)


def gather(
    name: str,
    request: Request,
    out: Path,
    *,
    cache: Path | None = None,
    base_url: str | None = None,
    progress: Progress | None = None,
    policy: Policy | None = None,
) -> Fetched:
    """Do as `fetch` does, as patiently as `policy` says."""
    if name not in CLIENTS:
        raise InputError([Fault("fetch", "NAME", f"no source '{name}'", nearest(name, SOURCES))])
    faults = CLIENTS[name].needs(request) + _mirror_faults(base_url)
    faults += [
        Fault("fetch", place, f"{folder} is no folder", "name a folder, there or not")
        for place, folder in (("out", out), ("cache", cache))
        if folder is not None and folder.exists() and not folder.is_dir()
    ]
    if faults:
        raise InputError(faults)
    folder = Path(pooch.os_cache("vallum")) if cache is None else cache
    shop = Shop(folder / name, base_url, policy or Policy(), progress)
    gathered = CLIENTS[name].gather(request, shop)
    files = deliver(gathered.kept, out)
    return Fetched(files, gathered.licence, gathered.source, gathered.date, snippet(gathered))


def _mirror_faults(base_url: str | None) -> list[Fault]:
    """Say what is wrong with the address of a mirror."""
    if base_url is None:
        return []
    try:
        split = urlsplit(base_url)
        port = split.port or 1
        right = split.scheme in ("http", "https") and bool(split.hostname) and not split.query
        right = right and port > 0
    except ValueError:
        right = False
    mend = "give scheme and host, as https://mirror.example.org"
    if right and "@" in split.netloc:
        return [Fault("fetch", "base_url", "the address holds a name or password", mend)]
    return [] if right else [Fault("fetch", "base_url", f"no address: {base_url!r}", mend)]
