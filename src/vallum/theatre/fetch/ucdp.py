"""UCDP GED: events of organised violence, page by page from the API, with the user's token.

Address: `https://ucdpapi.pcr.uu.se/api/gedevents/26.1?pagesize=1000&page=0`, header
`x-ucdp-access-token`; the answer has `TotalCount`, `TotalPages`, `NextPageUrl`, `Result`. A version
must be named, and always gives the same data. A token is asked of the maintainer; 5,000 requests a
day, errors counted. Read 2026-11-24: https://ucdp.uu.se/apidocs/ , and the API's OpenAPI
description at https://github.com/api-evangelist/uppsala (openapi/_original/uppsala-ucdp.yaml). That
pages count from 0 is the example of the same project (examples/uppsala-gedevents-example.json);
whether it holds, `TotalCount` shows.
Licence: CC BY 4.0 (https://ucdp.uu.se/downloads/ , as quoted in public records, read 2026-11-24).
"""

from __future__ import annotations

import csv
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

from vallum.errors import Fault
from vallum.theatre.bring.event_schemas import UCDP_COLUMNS as COLUMNS
from vallum.theatre.fetch.asking import rebase
from vallum.theatre.fetch.cache import Job, Kept, drop, keep, place, sha256_of
from vallum.theatre.fetch.checks import RefusedError, as_json
from vallum.theatre.fetch.gathered import Gathered, Layer
from vallum.theatre.fetch.refusal import refuse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from vallum.theatre.fetch.cache import Shop
    from vallum.theatre.fetch.model import Request

__all__ = ["COLUMNS", "TOKEN_VARIABLE", "gather", "needs"]

API = "https://ucdpapi.pcr.uu.se/api/gedevents/"
VERSION = "26.1"  # the newest yearly release that was found named, 2026-11-24
PAGE_SIZE = 1000
FIRST_YEAR = 1989
TOKEN_VARIABLE = "VALLUM_UCDP_TOKEN"  # noqa: S105  (its name, not a token)
HEADER = "x-ucdp-access-token"
ASK = f"ask UCDP for one (https://ucdp.uu.se/apidocs/), and give it as {TOKEN_VARIABLE}"
AGAIN = "run it again: pages that came are kept, and it goes on at the missing one"
ANEW = "run it again: it begins anew, for its pages were thrown away"
LICENCE = "CC BY 4.0 (UCDP)"


def needs(request: Request) -> list[Fault]:
    """Say what a request lacks: a token; the version has a default, a year may narrow it."""
    faults = []
    token = _token(request)
    if not token:
        faults.append(Fault("fetch", "token", "no token is given", ASK))
    elif not (token.isascii() and token.isprintable() and " " not in token):
        found = "the token has signs that none can have"
        faults.append(Fault("fetch", "token", found, "copy it anew, without quotes and spaces"))
    version = request.version
    if version is not None and not all(part.isdecimal() for part in version.split(".")):
        mend = f"give a release, as {VERSION}, or a candidate, as 26.0.1"
        faults.append(Fault("fetch", "version", f"no version: {version!r}", mend))
    if request.year is not None and request.year < FIRST_YEAR:
        found = f"UCDP GED has no year {request.year}"
        faults.append(Fault("fetch", "year", found, f"give {FIRST_YEAR} or later"))
    return faults


def gather(request: Request, shop: Shop) -> Gathered:
    """Fetch all pages of a version (and year), and write their rows into one table.

    Raises
    ------
    FetchError
        If a page can't be had, pages don't agree with one another, or the rows are not as many as
        the API says, each with an `id` of its own. In the last two cases the pages are thrown away.
    """
    version = request.version or VERSION
    query = f"pagesize={PAGE_SIZE}&page=0"
    if request.year is not None:
        query += f"&StartDate={request.year}-01-01&EndDate={request.year}-12-31"
    first = f"{API}{version}?{query}"
    pages = _pages(first, version, _token(request), shop)
    stem = f"ged-{version}" + ("" if request.year is None else f"-{request.year}")
    table = _assembled(pages, first, f"{stem}.csv", shop)
    source = f"UCDP Georeferenced Event Dataset (GED) Global {version}, by its API"
    date = f"version {version}" + ("" if request.year is None else f", {request.year}")
    keys: dict[str, str | list[str]] = {"format": "ucdp-ged"}
    layer = Layer("[events]", (table.name,), table.address, LICENCE, date, keys)
    return Gathered((table,), LICENCE, source, date, (layer,))


def _token(request: Request) -> str:
    """Give the user's token, from the request or the environment."""
    return (request.token or os.environ.get(TOKEN_VARIABLE) or "").strip()


def _pages(first: str, version: str, token: str, shop: Shop) -> list[Kept]:
    """Fetch one page after another, from the cache where it is there already."""
    address, total = first, None
    pages: list[Kept] = []
    while True:
        number = len(pages)
        stem = f"ged-{version}-{PAGE_SIZE}-page-{number:04d}.json"
        job = Job(address, stem, _check_page, secret={HEADER: token}, denied=f"the token: {ASK}")
        page = keep(job, shop)
        pages.append(page)
        said = as_json(page.path)
        counts = (said["TotalCount"], said["TotalPages"])
        if total not in (None, counts):
            found = f"page {number} is of {counts[0]:,} events, the first of {total[0]:,}"
            _discard(pages, f"the version changed between pages: {found}")
        total = counts
        if not counts[0]:
            _discard(pages, f"the API has no events for version {version} and this year")
        if len(pages) >= counts[1]:
            return pages
        address = _next(said["NextPageUrl"], page, number + 1, version)


def _next(link: object, page: Kept, number: int, version: str) -> str:
    """Read the address of the next page; it may not lead to another thing, or the token astray."""
    split = urlsplit(str(link or ""))
    asked = parse_qs(split.query).get("page", [])
    path = urlsplit(API).path + version
    if not split.path.lower().endswith(path.lower()) or asked != [str(number)]:
        found = f"page {number} is missing: the page before it doesn't lead there"
        refuse(page.address, page.name, found, AGAIN)
    scheme, host = urlsplit(API)[:2]
    return urlunsplit((scheme, host, path, split.query, ""))


def _check_page(path: Path) -> str:
    """Check a page: its envelope, and that every row is an event with the 49 columns."""
    said = as_json(path)
    if not all(isinstance(said.get(key), int) for key in ("TotalCount", "TotalPages")):
        raise RefusedError("it is no page of the API: no TotalCount and TotalPages")
    rows = said.get("Result")
    if not isinstance(rows, list):
        raise RefusedError("it is no page of the API: no Result")
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("id"), int):
            raise RefusedError("an event without an id")
        missing = [column for column in COLUMNS if column not in row]
        if missing:
            raise RefusedError(f"event {row['id']} lacks {', '.join(missing)}")
    return f"{len(rows):,} events"


def _assembled(pages: list[Kept], first: str, name: str, shop: Shop) -> Kept:
    """Write the rows of all pages into one table, which appears only if none is lost or double."""
    target = place(first, name, shop)
    half = target.with_name(target.name + ".part")
    seen: set[int] = set()
    count = 0
    try:
        with half.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            for row in _rows(pages):
                writer.writerow(["" if row[key] is None else row[key] for key in COLUMNS])
                seen.add(row["id"])
                count += 1
        total = as_json(pages[0].path)["TotalCount"]
        if len(seen) != count:
            _discard(pages, f"{count - len(seen):,} events came twice")
        if count != total:
            _discard(pages, f"{count:,} events came of {total:,}")
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)
    address = rebase(first.replace("&page=0", ""), shop.base_url)
    return Kept(
        target, name, address, sha256_of(target), target.stat().st_size,
        all(page.from_cache for page in pages), f"{count:,} events, as the API counts; ids unique",
    )  # fmt: skip


def _rows(pages: list[Kept]) -> Iterator[Mapping[str, Any]]:
    """Give the events of one page after another."""
    for page in pages:
        yield from as_json(page.path, as_written=True)["Result"]


def _discard(pages: list[Kept], found: str) -> None:
    """Throw pages away that don't belong together, and say so."""
    for page in pages:
        drop(page.path)
    refuse(pages[-1].address, pages[-1].name, found, ANEW)
