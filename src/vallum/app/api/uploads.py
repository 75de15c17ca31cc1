"""Files that people bring, over HTTP: the body is the file; nothing of it is kept."""

from __future__ import annotations

import asyncio
import functools
import math
import time
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Query, Request
from starlette.requests import ClientDisconnect

from vallum import theatre as theatres
from vallum.app.api.forms import Asker
from vallum.app.pace import Pace
from vallum.app.sheet import write
from vallum.app.uploads import door
from vallum.errors import BusyError, Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vallum.app.model import User
    from vallum.app.settings import Quotas
    from vallum.kernel.grid import Grid

__all__ = ["body_of", "uploads"]

AT_ONCE = 2  # files that are read at the same time; others wait
_OF_ONE, _OF_ALL = 4, 8  # files held meanwhile, of one person and of all
BODY_S = 300.0  # for the whole of a file to come
_HEARD = 4  # times the largest size: so much is let go by, so that the answer is heard
_BINARY = {"schema": {"type": "string", "format": "binary", "minLength": 1}}
_BODY = {
    "requestBody": {
        "required": True,
        "description": "The file itself",
        "content": {"application/octet-stream": _BINARY},
    }
}
Name = Annotated[str, Query(min_length=1, max_length=200, examples=["line.gpkg"])]
Tried = Annotated[
    Literal["drawn", "places", "scenario"] | None,
    Query(description="Read it as this too: what is found is given, or why it can't be used"),
]
Made = TypeVar("Made")


def uploads(theatre: str, quotas: Quotas, grid: Callable[[], Grid] | None = None) -> APIRouter:
    """Give the routes of files that are brought.

    Parameters
    ----------
    theatre
        In which drawings and places must lie; of a scenario that names none.
    quotas
        Largest file, most places, and how often a person may have one read.
    grid
        Gives the theatre's grid; where it isn't given the theatre is loaded for the first file.

    Returns
    -------
    APIRouter
        Under /api/uploads.
    """
    routes = APIRouter(prefix="/api/uploads", tags=["uploads"])
    read = _reader(quotas)
    make = _makers(theatre, quotas, grid or functools.cache(lambda: theatres.load(theatre).grid))

    async def made(use: str, user: User, request: Request, name: str) -> dict[str, Any]:
        found: dict[str, Any] = await read(user.name, request, lambda data: make[use](name, data))
        return found

    @routes.post("/check", summary="Say what a file is, and whether it may be used",
                 openapi_extra=_BODY)  # fmt: skip
    async def checked(
        user: Asker, request: Request, filename: Name, use: Tried = None
    ) -> dict[str, Any]:
        def check(data: bytes) -> dict[str, Any]:
            brought = door.check(filename, data, quotas.upload_bytes)
            return _tried(brought, use and (lambda: make[use](filename, data)))

        found: dict[str, Any] = await read(user.name, request, check)
        return found

    @routes.post("/drawn", summary="Read a line or area: GeoJSON or GeoPackage",
                 openapi_extra=_BODY)  # fmt: skip
    async def drawn(user: Asker, request: Request, filename: Name) -> dict[str, Any]:
        return await made("drawn", user, request, filename)

    @routes.post("/places", summary="Read places that must be held: points",
                 openapi_extra=_BODY)  # fmt: skip
    async def places(user: Asker, request: Request, filename: Name) -> dict[str, Any]:
        return await made("places", user, request, filename)

    @routes.post("/scenario", summary="Read a scenario: TOML", openapi_extra=_BODY)
    async def scenario(user: Asker, request: Request, filename: Name) -> dict[str, Any]:
        return await made("scenario", user, request, filename)

    return routes


def _makers(
    theatre: str, quotas: Quotas, grid: Callable[[], Grid]
) -> Mapping[str, Callable[[str, bytes], dict[str, Any]]]:
    """Give what makes an answer of a file, by its use."""

    def drawn(name: str, data: bytes) -> dict[str, Any]:
        found = door.drawn(name, data, quotas, grid)
        points = [list(at) for at in found.points]
        ring = {"type": "Polygon", "coordinates": [[*points, points[0]]]}
        return {"drawn": ring if found.closed else {"type": "LineString", "coordinates": points}}

    def places(name: str, data: bytes) -> dict[str, Any]:
        return {"places": list(door.places(name, data, quotas, grid))}

    def scenario(name: str, data: bytes) -> dict[str, Any]:
        return {"text": write(door.scenario(name, data, quotas, theatre))}

    return {"drawn": drawn, "places": places, "scenario": scenario}


def _tried(brought: door.Brought, make: Callable[[], dict[str, Any]] | None) -> dict[str, Any]:
    """Say what a file is; and what is found in it, where that is asked for and can be read."""
    faults, found = brought.faults, None
    if make is not None:
        try:
            found = make()
        except InputError as error:
            faults = error.faults
    return {
        "kind": brought.kind.name,
        "said": brought.kind.said,
        "uses": [] if brought.faults else list(brought.kind.uses),
        "faults": [asdict(one) for one in faults],
        "found": found,
    }


def _reader(quotas: Quotas) -> Callable[[str, Request, Callable[[bytes], Made]], Any]:
    """Make what receives a file and has it read: few at once, and none too often.

    Who may not bring one is told before any of it is held.
    """
    pace = Pace(quotas.changes_per_minute)
    room = asyncio.Semaphore(AT_ONCE)
    held: Counter[str] = Counter()

    async def read(who: str, request: Request, work: Callable[[bytes], Made]) -> Made:
        wait = pace.wait(who, time.monotonic())
        if wait > 0:
            raise BusyError(
                f"{quotas.changes_per_minute:,} files were brought within a minute "
                f"(quota changes_per_minute): bring the next in {math.ceil(wait)} s"
            )
        if held[who] >= _OF_ONE or held.total() >= _OF_ALL:
            raise BusyError("other files are being read: bring this one again in a while")
        held[who] += 1
        try:
            data = await body_of(request, quotas.upload_bytes)
            async with room:
                return await asyncio.to_thread(work, data)
        finally:
            held[who] -= 1
            if not held[who]:
                del held[who]

    return read


async def body_of(request: Request, most: int) -> bytes:
    """Receive a file, counting as it comes; of what is too large nothing is held."""
    pieces, size = bytearray(), 0
    try:
        async with asyncio.timeout(BODY_S):
            async for piece in request.stream():
                size += len(piece)
                if size <= most:
                    pieces += piece
                elif size > _HEARD * most:
                    break
    except TimeoutError:
        found, mend = f"not all of it came within {BODY_S:g} s", "bring a smaller file"
        raise InputError([Fault("upload", "", found, mend)]) from None
    except ClientDisconnect:
        raise InputError([Fault("upload", "", "it was cut off", "bring it again")]) from None
    if size > most:
        raise InputError([door.too_large("upload", most)])
    mend = "send the file itself as the body (curl --data-binary @FILE)"
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        raise InputError([Fault("upload", "", "a form", mend)])
    if not pieces:
        raise InputError([Fault("upload", "", "an empty file", mend)])
    return bytes(pieces)
