"""Fetching against a local server that fails in every way: nothing corrupt is ever kept."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import hashlib
import io
import json
import random
import signal
import subprocess
import sys
import threading
import tomllib
import warnings
import zipfile
from collections import deque
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import geopandas as gpd
import numpy as np
import pooch
import pytest
import urllib3
from affine import Affine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasterio.io import MemoryFile
from shapely.geometry import LineString, box

from vallum.errors import FetchError, InputError, OutputError, VallumError, exit_code
from vallum.theatre.bring import sections
from vallum.theatre.fetch import SOURCES, Fetched, Request, fetch, transport
from vallum.theatre.fetch.asking import Policy, Wanted, is_page, rebase
from vallum.theatre.fetch.cache import Job, Kept, Shop, drop, keep, place
from vallum.theatre.fetch.sources import gather
from vallum.theatre.fetch.transport import download
from vallum.theatre.fetch.ucdp import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

S3 = {"x-amz-request-id": "1"}
MOD = "Wed, 21 Oct 2015 07:28:00 GMT"
TOKEN = "geheim-1234"  # noqa: S105
SECTIONS = {
    "borders": sections.BordersLayer,
    "regions": sections.RegionsLayer,
    "rivers": sections.LinesLayer,
    "lakes": sections.PolygonsLayer,
    "coast": sections.LinesLayer,
    "population": sections.AmountLayer,
    "elevation": sections.RasterLayer,
    "landcover": sections.ClassesLayer,
    "events": sections.EventsTable,
}
WORLDPOP = (
    "/GIS/Population/Global_2000_2020_1km_UNadj/2020/MRT/mrt_ppp_2020_1km_Aggregated_UNadj.tif"
)
MRT = Request(states=("MRT",))


@dataclass
class File:
    """What a path of the server holds."""

    body: bytes
    kind: str = "application/octet-stream"
    headers: dict[str, str] = field(default_factory=dict)
    etag: str | None = ""
    modified: str | None = MOD

    @property
    def tag(self) -> str | None:
        """The ETag: the MD5, as on S3, unless another is given."""
        plain = f'"{hashlib.md5(self.body).hexdigest()}"'  # noqa: S324
        return plain if self.etag == "" else self.etag


@dataclass
class Fail:
    """How one answer fails."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None  # bytes of the body after which the connection drops
    ranges: bool = True
    body: bytes | None = None  # instead of the file's own
    kind: str | None = None
    claim: int = 0  # bytes more than there are
    length: bool = True
    before: Callable[[], None] | None = None


class Publisher:
    """A server of files, with a script of faults per path."""

    def __init__(self) -> None:
        self.files: dict[str, File | Callable[[dict[str, list[str]]], File]] = {}
        self.script: dict[str, deque[Fail]] = {}
        self.log: list[tuple[str, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_args: object) -> None:
                pass

            def do_GET(self) -> None:
                outer.answer(self)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # a client that hangs up is what is tested
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def fails(self, path: str, *faults: Fail) -> None:
        self.script[path] = deque(faults)

    def ranges(self, path: str) -> list[str | None]:
        return [headers.get("Range") for asked, headers in self.log if asked == path]

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        self.log.append((request.path, dict(request.headers)))
        split = urlsplit(request.path)
        queue = self.script.get(request.path) or self.script.get(split.path)
        fail = queue.popleft() if queue else Fail()
        if fail.before:
            fail.before()
        held = self.files.get(request.path) or self.files.get(split.path)
        if fail.status is not None or held is None:
            _send(request, fail.status or 404, {"Content-Length": "0", **fail.headers})
            return
        file = held if isinstance(held, File) else held(parse_qs(split.query))
        body = file.body if fail.body is None else fail.body
        status, start, headers = _range(request, file, fail, len(body))
        if status != 416:
            headers |= {
                "Content-Type": fail.kind or file.kind,
                **({"ETag": file.tag} if file.tag else {}),
                **({"Last-Modified": file.modified} if file.modified else {}),
                **file.headers,
                **fail.headers,
            }
            if fail.length:
                headers["Content-Length"] = str(len(body) - start + fail.claim)
            else:
                headers["Connection"] = "close"
        _send(request, status, headers)
        rest = body[start:] if fail.cut is None else body[start : start + fail.cut]
        with contextlib.suppress(OSError):
            request.wfile.write(rest)
        if fail.cut is not None or fail.claim or not fail.length:
            request.close_connection = True


def _range(
    request: BaseHTTPRequestHandler, file: File, fail: Fail, size: int
) -> tuple[int, int, dict[str, str]]:
    """Say with which status, from which byte, and with which headers to answer."""
    asked = request.headers.get("Range")
    fresh = request.headers.get("If-Range") in (file.tag, file.modified)
    if not (asked and fresh and fail.ranges):
        return 200, 0, {}
    start = int(asked.removeprefix("bytes=").removesuffix("-"))
    if start >= size:
        return 416, size, {"Content-Range": f"bytes */{size}", "Content-Length": "0"}
    return 206, start, {"Content-Range": f"bytes {start}-{size - 1}/{size}"}


def _send(request: BaseHTTPRequestHandler, status: int, headers: dict[str, str]) -> None:
    """Send an answer's head."""
    request.send_response(status)
    for key, value in headers.items():
        request.send_header(key, value)
    request.end_headers()


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    made = Publisher()
    yield made
    made.close()


@dataclass
class Desk:
    """A user's folders, and a way to fetch without waiting."""

    publisher: Publisher
    folder: Path
    waits: list[float] = field(default_factory=list)
    parts: list[int] = field(default_factory=list)  # bytes there at each wait

    @property
    def cache(self) -> Path:
        return self.folder / "cache"

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.parts += [
            path.stat().st_size
            for path in self.cache.rglob("*.part")
            if not path.name.endswith(".from.part")
        ]

    def policy(self, **changed: Any) -> Policy:
        now = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
        given = {"tries": 3, "read_s": 5.0, "chunk": 512, "sleep": self.sleep, "now": lambda: now}
        return Policy(**{**given, **changed})

    def fetch(self, name: str, request: Request, **changed: Any) -> Fetched:
        return gather(
            name,
            request,
            self.out,
            cache=self.cache,
            base_url=self.publisher.url,
            policy=self.policy(),
            **changed,
        )

    def shop(self) -> Shop:
        return Shop(self.cache / "worldpop", self.publisher.url)

    def left(self) -> set[str]:
        """Say what lies about besides whole files with their records."""
        return {path.name for path in self.folder.rglob("*") if path.is_file()}

    def only_parts(self) -> bool:
        return all(name.endswith(".part") for name in self.left())


@pytest.fixture
def desk(publisher, tmp_path) -> Desk:
    return Desk(publisher, tmp_path)


def geotiff(bounds: tuple[float, float, float, float], side: int = 60, seed: int = 1) -> bytes:
    """Make a small raster of noise, which no compression shortens."""
    west, south, east, north = bounds
    place = Affine((east - west) / side, 0.0, west, 0.0, (south - north) / side, north)
    values = np.random.default_rng(seed).random((side, side)).astype("float32")
    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff", width=side, height=side, count=1, dtype="float32", crs="EPSG:4326",
            transform=place,
        ) as file:  # fmt: skip
            file.write(values, 1)
        return bytes(memory.read())


@pytest.fixture(scope="session")
def tif() -> bytes:
    return geotiff((-17.0, 14.0, -4.0, 28.0))


def archive(folder: Path, stem: str, version: str | None = "5.1.1\n", line: bool = False) -> bytes:
    """Make a zip with a shapefile, as Natural Earth's are."""
    shape = LineString([(0, 0), (1, 1)]) if line else box(-12, 14, -4, 25)
    frame = gpd.GeoDataFrame({"NAME": ["Mali"]}, geometry=[shape], crs="EPSG:4326")
    folder.mkdir(exist_ok=True)
    frame.to_file(folder / f"{stem}.shp", engine="pyogrio")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(folder.glob(f"{stem}.*")):
            file.write(path, path.name)
        if version is not None:
            file.writestr(f"{stem}.VERSION.txt", version)
    return made.getvalue()


@pytest.fixture(scope="session")
def borders(tmp_path_factory) -> bytes:
    return archive(tmp_path_factory.mktemp("ne"), "ne_10m_admin_0_countries")


def tables(got: Fetched) -> dict[str, Any]:
    """Read a snippet as CONFIG.toml is read, section by section."""
    found = tomllib.loads(got.snippet)
    for name, section in found.items():
        for each in section if isinstance(section, list) else [section]:
            assert (got.files[0].path.parent / each["file"][0]).is_file()
            SECTIONS[name](**each)
    return found


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


# --- one file, every fault -----------------------------------------------------------------------


def test_a_file_comes_whole_and_is_kept(desk, publisher, tif):
    publisher.files[WORLDPOP] = File(tif, "image/tiff")
    seen: list[tuple[str, int, int | None]] = []
    got = desk.fetch("worldpop", MRT, progress=lambda *step: seen.append(step))
    (file,) = got.files
    assert file.path == desk.out / "mrt_ppp_2020_1km_Aggregated_UNadj.tif"
    assert file.path.read_bytes() == tif
    assert file.sha256 == sha256(tif)
    assert (file.bytes, file.from_cache) == (len(tif), False)
    assert file.address == publisher.url + WORLDPOP
    assert file.verified == "length; read as a raster"
    name = "mrt_ppp_2020_1km_Aggregated_UNadj.tif"
    assert seen[0] == (name, 0, len(tif))
    assert seen[-1] == (name, len(tif), len(tif))
    again = desk.fetch("worldpop", MRT)
    assert again.files[0].from_cache
    assert again.files[0].sha256 == file.sha256
    assert len(publisher.log) == 1
    assert not [name for name in desk.left() if name.endswith(".part")]
    assert again.snippet == got.snippet


def test_the_public_verb(desk, publisher, tif, monkeypatch):
    publisher.files[WORLDPOP] = File(tif)
    monkeypatch.setattr("pooch.os_cache", lambda name: desk.folder / "system" / name)
    got = fetch("worldpop", MRT, desk.out, base_url=publisher.url)
    assert isinstance(got, Fetched)
    assert got.files[0].path.read_bytes() == tif
    assert len(list((desk.folder / "system/vallum/worldpop").glob("*.tif"))) == 1
    table = tables(got)["population"]
    assert table == {
        "file": ["mrt_ppp_2020_1km_Aggregated_UNadj.tif"],
        "source": got.source,
        "licence": "CC BY 4.0 (WorldPop)",
        "address": publisher.url + "/GIS/Population/Global_2000_2020_1km_UNadj/2020/",
        "date": "2020",
        "values": "count",
    }


def test_resumed_where_it_broke_off(desk, publisher, tif):
    publisher.files[WORLDPOP] = File(tif)
    publisher.fails(WORLDPOP, Fail(cut=3000), Fail(cut=2000), Fail(cut=1), Fail(cut=4000))
    got = desk.fetch("worldpop", MRT)
    assert got.files[0].path.read_bytes() == tif
    asked = publisher.ranges(WORLDPOP)
    assert asked[0] is None
    assert asked[1:] == [f"bytes={size}-" for size in desk.parts]
    assert desk.parts[0] > 2000
    assert desk.parts == sorted(desk.parts)
    sent = [headers.get("If-Range") for _, headers in publisher.log[1:]]
    assert set(sent) == {publisher.files[WORLDPOP].tag}


def test_stopped_by_hand_and_resumed_by_the_next_run(desk, publisher, tif):
    publisher.files[WORLDPOP] = File(tif)

    def stop(_name: str, done: int, _total: int | None) -> None:
        if done > 5000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.fetch("worldpop", MRT, progress=stop)
    assert desk.only_parts()
    (part,) = [p for p in desk.cache.rglob("*.part") if not p.name.endswith(".from.part")]
    have = part.stat().st_size
    assert part.read_bytes() == tif[:have]
    got = desk.fetch("worldpop", MRT)
    assert publisher.ranges(WORLDPOP) == [None, f"bytes={have}-"]
    assert got.files[0].path.read_bytes() == tif


KILLED = """
import os, signal, sys, types
from pathlib import Path
for name in ("vallum", "vallum.theatre"):  # bare, so that not all of Vallum is imported
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [str(Path(sys.argv[3]) / name.replace(".", "/"))]
from vallum.theatre.fetch import Request, fetch
def kill(name, done, total):
    if done > 5000:
        os.kill(os.getpid(), signal.SIGKILL)
folder = Path(sys.argv[2])
fetch("worldpop", Request(states=("MRT",)), folder / "out", cache=folder / "cache",
      base_url=sys.argv[1], progress=kill)
"""


def test_killed_outright_and_resumed(desk, publisher, root):
    body = geotiff((-17.0, 14.0, -4.0, 28.0), side=300)  # longer than what is written at a time
    publisher.files[WORLDPOP] = File(body)
    source = str(root / "src")
    done = subprocess.run(
        [sys.executable, "-c", KILLED, publisher.url, str(desk.folder), source], check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert not desk.out.exists()
    part = next(p for p in desk.cache.rglob("*.part") if not p.name.endswith(".from.part"))
    have = part.stat().st_size
    assert 5000 < have < len(body)
    assert desk.fetch("worldpop", MRT).files[0].path.read_bytes() == body
    assert publisher.ranges(WORLDPOP) == [None, f"bytes={have}-"]
    assert {path.suffix for path in desk.cache.rglob("*") if path.is_file()} == {".tif", ".json"}


def test_stopped_after_the_last_byte_asks_for_nothing_more(desk, publisher, tif):
    publisher.files[WORLDPOP] = File(tif)

    def stop(_name: str, done: int, total: int | None) -> None:
        if done == total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.fetch("worldpop", MRT, progress=stop)
    assert desk.only_parts()
    assert desk.fetch("worldpop", MRT).files[0].path.read_bytes() == tif
    assert len(publisher.log) == 1


def test_a_server_without_ranges_is_begun_anew(desk, publisher, tif):
    publisher.files[WORLDPOP] = File(tif)
    publisher.fails(WORLDPOP, Fail(cut=3000), Fail(ranges=False))
    assert desk.fetch("worldpop", MRT).files[0].path.read_bytes() == tif
    assert publisher.ranges(WORLDPOP)[1] is not None


def test_a_server_that_dates_nothing_is_begun_anew(desk, publisher, tif):
    publisher.files[WORLDPOP] = File(tif, etag=None, modified=None)
    publisher.fails(WORLDPOP, Fail(cut=3000))
    assert desk.fetch("worldpop", MRT).files[0].path.read_bytes() == tif
    assert publisher.ranges(WORLDPOP) == [None, None]


def test_a_weak_tag_gives_way_to_the_date(desk, publisher, tif):
    publisher.files[WORLDPOP] = File(tif, etag='W/"1"')
    publisher.fails(WORLDPOP, Fail(cut=3000))
    assert desk.fetch("worldpop", MRT).files[0].path.read_bytes() == tif
    assert publisher.log[1][1]["If-Range"] == MOD


def test_a_file_that_changed_between_tries_is_begun_anew(desk, publisher, tif):
    other = geotiff((-17.0, 14.0, -4.0, 28.0), seed=2)
    publisher.files[WORLDPOP] = File(tif)

    def change() -> None:
        publisher.files[WORLDPOP] = File(other)

    publisher.fails(WORLDPOP, Fail(cut=3000), Fail(before=change))
    assert desk.fetch("worldpop", MRT).files[0].path.read_bytes() == other


def test_a_part_of_another_file_is_never_appended(desk, publisher, tif):
    """A server that honours the range but has changed the file, and only the tag tells."""
    other = geotiff((-17.0, 14.0, -4.0, 28.0), seed=2)
    first = File(tif)
    publisher.files[WORLDPOP] = first

    def change() -> None:  # the old tag is still good for If-Range, and the new one is sent
        publisher.files[WORLDPOP] = File(other, etag=first.tag, headers={"ETag": '"new"'})

    def settle() -> None:
        publisher.files[WORLDPOP] = File(other)

    publisher.fails(WORLDPOP, Fail(cut=3000), Fail(before=change), Fail(before=settle))
    assert desk.fetch("worldpop", MRT).files[0].path.read_bytes() == other


def test_stopped_as_a_file_that_changed_is_begun_anew(desk, publisher, tif, monkeypatch):
    """However unlucky the moment, old bytes never pass for the beginning of the new file."""
    other = geotiff((-17.0, 14.0, -4.0, 28.0), seed=2)
    publisher.files[WORLDPOP] = File(tif)
    publisher.fails(WORLDPOP, Fail(cut=3000), *[Fail(status=500)] * 3)
    with pytest.raises(FetchError):
        desk.fetch("worldpop", MRT)
    publisher.files[WORLDPOP] = File(other)

    def stop(_part: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(transport, "_opened", stop)
        with pytest.raises(KeyboardInterrupt):
            desk.fetch("worldpop", MRT)
    assert desk.fetch("worldpop", MRT).files[0].path.read_bytes() == other


def test_a_part_that_begins_elsewhere_is_never_appended(desk, publisher, tif):
    publisher.files[WORLDPOP] = File(tif)
    wrong = {"Content-Range": f"bytes 17-{len(tif) - 1}/{len(tif)}"}
    publisher.fails(WORLDPOP, Fail(cut=3000), Fail(headers=wrong), Fail())
    assert desk.fetch("worldpop", MRT).files[0].path.read_bytes() == tif
    assert publisher.ranges(WORLDPOP)[2] is None


def test_a_short_body_is_seen_though_the_library_lets_it_pass(desk, publisher, tif, monkeypatch):
    """Before version 2, urllib3 takes the end of the connection for the end of the body."""
    lax = property(lambda _: False, lambda *_: None)
    monkeypatch.setattr(urllib3.HTTPResponse, "enforce_content_length", lax, raising=False)
    publisher.files[WORLDPOP] = File(tif)
    publisher.fails(WORLDPOP, Fail(cut=3000))
    assert desk.fetch("worldpop", MRT).files[0].path.read_bytes() == tif
    assert publisher.ranges(WORLDPOP) == [None, "bytes=3000-"]


def test_a_part_of_another_address_is_begun_anew(publisher, tmp_path):
    part, policy = tmp_path / "x.part", Policy(tries=1, chunk=10, sleep=lambda _: None)
    publisher.files["/x"], publisher.files["/y"] = File(b"x" * 99, etag='"1"'), File(b"y" * 99)
    publisher.files["/y"].etag = '"1"'
    publisher.fails("/x", Fail(cut=50), Fail(status=500))
    with pytest.raises(FetchError):
        download(Wanted(publisher.url + "/x", "x"), part, policy, lambda *_: None)
    assert part.stat().st_size == 50
    download(Wanted(publisher.url + "/y", "y"), part, policy, lambda *_: None)
    assert part.read_bytes() == b"y" * 99


def test_a_range_that_is_gone_is_begun_anew(desk, publisher, tif):
    short = geotiff((-17.0, 14.0, -4.0, 28.0), side=20)
    publisher.files[WORLDPOP] = File(tif, etag='"same"')

    def shrink() -> None:
        publisher.files[WORLDPOP] = File(short, etag='"same"')

    publisher.fails(WORLDPOP, Fail(cut=5000), Fail(before=shrink))
    assert desk.fetch("worldpop", MRT).files[0].path.read_bytes() == short
    assert publisher.ranges(WORLDPOP)[2] is None


def test_a_short_file_with_a_longer_length_is_never_kept(desk, publisher, tif):
    publisher.files[WORLDPOP] = File(tif)
    publisher.fails(WORLDPOP, *[Fail(claim=100)] * 200)
    with pytest.raises(FetchError, match="tried 3 times"):
        desk.fetch("worldpop", MRT)
    assert desk.only_parts()
    assert not desk.out.exists()


@pytest.mark.parametrize(
    ("header", "waits"),
    [
        ({"Retry-After": "7"}, [7.0]),
        ({"Retry-After": "Thu, 01 Jan 2026 12:00:09 GMT"}, [9.0]),
        ({"Retry-After": "Thu, 01 Jan 2026 11:00:00 GMT"}, [0.0]),
        ({"Retry-After": "soon"}, [1.0]),
        ({}, [1.0]),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_too_many_requests_waits_as_it_is_told(desk, publisher, tif, status, header, waits):
    publisher.files[WORLDPOP] = File(tif)
    publisher.fails(WORLDPOP, Fail(status=status, headers=header))
    assert desk.fetch("worldpop", MRT).files[0].path.read_bytes() == tif
    assert desk.waits == waits


def test_a_wait_of_hours_is_said_and_not_waited(desk, publisher):
    publisher.fails(WORLDPOP, Fail(status=429, headers={"Retry-After": "86400"}))
    with pytest.raises(FetchError, match="86,400 s") as caught:
        desk.fetch("worldpop", MRT)
    assert exit_code(caught.value) == 4
    assert desk.waits == []
    assert desk.only_parts()


def test_an_error_of_the_server_passes(desk, publisher, tif):
    publisher.files[WORLDPOP] = File(tif)
    publisher.fails(WORLDPOP, Fail(status=500), Fail(status=502))
    assert desk.fetch("worldpop", MRT).files[0].path.read_bytes() == tif
    assert desk.waits == [1.0, 2.0]


def test_an_error_of_the_server_that_stays_is_said(desk, publisher):
    publisher.fails(WORLDPOP, *[Fail(status=500)] * 50)
    with pytest.raises(FetchError, match=r"500 Internal Server Error; tried 3 times.*run it again"):
        desk.fetch("worldpop", MRT)
    assert len(publisher.log) == 3
    assert desk.left() == set()


def test_the_part_outlives_an_error_that_stays(desk, publisher, tif):
    publisher.files[WORLDPOP] = File(tif)
    publisher.fails(WORLDPOP, Fail(cut=6000), *[Fail(status=500)] * 3)
    with pytest.raises(FetchError):
        desk.fetch("worldpop", MRT)
    assert desk.only_parts()
    assert desk.left()
    assert desk.fetch("worldpop", MRT).files[0].path.read_bytes() == tif
    assert publisher.ranges(WORLDPOP)[-1] not in (None, "bytes=0-")


def test_waits_double_up_to_a_bound(publisher, tmp_path):
    publisher.fails("/x", *[Fail(status=500)] * 9)
    waits: list[float] = []
    policy = Policy(tries=9, first_wait_s=1, longest_wait_s=10, sleep=waits.append)
    with pytest.raises(FetchError):
        download(Wanted(publisher.url + "/x", "x"), tmp_path / "x.part", policy, lambda *_: None)
    assert waits == [1, 2, 4, 8, 10, 10, 10, 10]


@pytest.mark.parametrize(
    ("status", "says"),
    [(404, "404 Not Found"), (403, "403 Forbidden"), (401, "401 Unauthorized"), (410, "410 Gone")],
)
def test_a_refusal_is_said_at_once(desk, publisher, status, says):
    publisher.fails(WORLDPOP, Fail(status=status))
    with pytest.raises(FetchError, match=says) as caught:
        desk.fetch("worldpop", MRT)
    assert "Mend: " in str(caught.value)
    assert publisher.url + WORLDPOP in str(caught.value)
    assert len(publisher.log) == 1
    assert desk.left() == set()


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "image/tiff"])
def test_the_page_of_a_portal_is_refused(desk, publisher, kind):
    page = b"\n<!DOCTYPE html><html><body>Sign in to the hotel's network</body></html>"
    publisher.files[WORLDPOP] = File(page, kind)
    with pytest.raises(FetchError, match=r"web page came instead of data.*sign in"):
        desk.fetch("worldpop", MRT)
    assert desk.left() == set()


def test_a_portal_in_mid_file_costs_nothing_that_came(desk, publisher, tif):
    publisher.files[WORLDPOP] = File(tif)
    page = b"<html>Sign in</html>"
    publisher.fails(WORLDPOP, Fail(cut=3000), Fail(body=page, kind="text/html", ranges=False))
    with pytest.raises(FetchError, match="web page"):
        desk.fetch("worldpop", MRT)
    assert desk.only_parts()
    assert desk.fetch("worldpop", MRT).files[0].path.read_bytes() == tif
    assert publisher.ranges(WORLDPOP)[-1] == f"bytes={desk.parts[0]}-"


def test_data_that_is_called_a_page_is_taken(desk, publisher, tif):
    publisher.files[WORLDPOP] = File(tif, "text/html")
    assert desk.fetch("worldpop", MRT).files[0].path.read_bytes() == tif


def test_a_raster_without_a_place_is_refused(desk, publisher):
    with MemoryFile() as memory:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with memory.open(driver="GTiff", width=4, height=4, count=1, dtype="uint8") as file:
                file.write(np.zeros((4, 4), "uint8"), 1)
        publisher.files[WORLDPOP] = File(bytes(memory.read()))
    with pytest.raises(FetchError, match="doesn't say where it lies"):
        desk.fetch("worldpop", MRT)
    assert desk.left() == set()


@pytest.mark.parametrize(
    "body", [b"", b"II*\x00 no tiff", b"version https://git-lfs.github.com/spec/v1\n", b"\x00" * 99]
)
def test_what_is_no_raster_is_refused(desk, publisher, body):
    publisher.files[WORLDPOP] = File(body)
    with pytest.raises(FetchError):
        desk.fetch("worldpop", MRT)
    assert len(publisher.log) == 2  # brought anew once, in case the network did it
    assert desk.left() == set()


def test_a_raster_cut_short_is_refused_though_no_length_is_said(desk, publisher, tif):
    publisher.files[WORLDPOP] = File(tif, etag=None, modified=None)
    publisher.fails(WORLDPOP, *[Fail(length=False, cut=len(tif) - 4000)] * 2)
    with pytest.raises(FetchError, match="no GeoTIFF that can be read"):
        desk.fetch("worldpop", MRT)
    assert desk.left() == set()


def test_a_length_that_is_not_said_is_not_claimed(desk, publisher, tif):
    publisher.files[WORLDPOP] = File(tif)
    publisher.fails(WORLDPOP, Fail(length=False))
    assert desk.fetch("worldpop", MRT).files[0].verified == "read as a raster"


def test_compressed_answers_are_refused(desk, publisher, tif):
    publisher.files[WORLDPOP] = File(tif, headers={"Content-Encoding": "gzip"})
    with pytest.raises(FetchError, match="compressed"):
        desk.fetch("worldpop", MRT)
    assert desk.left() == set()


def test_nobody_there(tmp_path):
    waits: list[float] = []
    with pytest.raises(FetchError, match="connection broke off after 0 bytes"):
        gather(
            "worldpop", MRT, tmp_path / "out", cache=tmp_path / "cache",
            base_url="http://127.0.0.1:9", policy=Policy(tries=2, sleep=waits.append),
        )  # fmt: skip
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=st.binary(min_size=1, max_size=3000).filter(lambda b: not is_page(b)), data=st.data())
def test_wherever_it_is_cut_the_whole_is_the_same(publisher, tmp_path_factory, body, data):
    cuts = data.draw(st.lists(st.integers(0, len(body)), max_size=5))
    ranges = data.draw(st.booleans())
    part = tmp_path_factory.mktemp("cut") / "x.part"
    publisher.files["/x"] = File(body)
    publisher.fails("/x", *[Fail(cut=cut, ranges=ranges) for cut in cuts], Fail(), Fail())
    policy = Policy(tries=9, chunk=data.draw(st.integers(1, 700)), sleep=lambda _: None)
    said = download(Wanted(publisher.url + "/x", "x"), part, policy, lambda *_: None)
    assert part.read_bytes() == body
    assert said.total == len(body)


STOP = "stop by hand"
HAPPENS = st.one_of(
    st.integers(0, 2500).map(lambda cut: Fail(cut=cut)),
    st.integers(0, 2500).map(lambda cut: Fail(cut=cut, ranges=False)),
    st.sampled_from([429, 500, 503]).map(lambda status: Fail(status=status)),
    st.just(Fail(body=b"<html>sign in</html>", kind="text/html", ranges=False)),
    st.just(Fail(claim=50)),
    st.just(Fail(length=False, cut=1000)),
    st.just("corrupt"),
    st.just("new edition"),
    st.just(STOP),
)


def _faults(each: Fail | str, body: bytes, *, tagged: bool) -> list[Fail]:
    """Turn what happens into faults; without a checksum, leave out what nothing could tell."""
    if each == "corrupt" and tagged:
        return [Fail(body=body[:-1] + bytes([body[-1] ^ 1]))]
    if isinstance(each, Fail) and (each.length or tagged):
        return [each]
    return []


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    editions=st.lists(st.integers(1, 250), min_size=1, max_size=3, unique=True),
    happens=st.lists(HAPPENS, max_size=9),
    tagged=st.booleans(),
)
def test_whatever_happens_only_a_published_edition_is_kept(
    publisher, tmp_path_factory, editions, happens, tagged
):
    """Any run of faults; after each, nothing but parts lies about, and in the end all is well."""
    editions = [random.Random(seed).randbytes(1000 + 6 * seed) for seed in editions]  # noqa: S311
    shop = Shop(tmp_path_factory.mktemp("any"), publisher.url, Policy(
        tries=2, chunk=100, sleep=lambda _: None,
    ))  # fmt: skip
    job = Job("https://else.org/any", "any.bin", lambda _: "it came")
    number = 0

    def publish() -> None:
        day = f"Wed, {21 + number} Oct 2015 07:28:00 GMT"
        held = File(editions[number], headers=S3, modified=day)
        publisher.files["/any"] = held if tagged else replace(held, etag='W/"weak"')

    def run(progress: Callable[[str, int, int | None], None] | None = None) -> Kept | None:
        try:
            return keep(job, replace(shop, progress=progress))
        except (FetchError, KeyboardInterrupt):
            assert all(path.name.endswith(".part") for path in shop.folder.iterdir())
            return None

    def stop(_name: str, done: int, _total: int | None) -> None:
        if done > 500:
            raise KeyboardInterrupt

    publish()
    publisher.script.clear()
    for each in happens:
        if each == "new edition":
            number = min(number + 1, len(editions) - 1)
            publish()
        publisher.fails("/any", *_faults(each, editions[number], tagged=tagged))
        kept = run(stop if each == STOP else None)
        if kept:
            assert kept.path.read_bytes() in editions
            drop(kept.path)
    publisher.script.clear()
    kept = run()
    assert kept is not None
    assert kept.path.read_bytes() == editions[number]


# --- checksums and the cache ---------------------------------------------------------------------

BORDERS = "/10m_cultural/ne_10m_admin_0_countries.zip"
STATES = Request(level=0)


def test_the_publishers_md5_is_kept_to(desk, publisher, borders):
    publisher.files[BORDERS] = File(borders, headers=S3)
    got = desk.fetch("natural-earth", STATES)
    assert got.files[0].verified == "publisher's MD5; length; CRC of the archive; 1 shapes"
    assert got.date == "version 5.1.1"
    assert got.licence == "public domain (Natural Earth)"
    table = tables(got)["borders"]
    assert table["file"] == ["ne_10m_admin_0_countries.zip"]
    assert table["iso3"] == "ADM0_A3"
    frame = gpd.read_file(desk.out / table["file"][0])
    assert list(frame["NAME"]) == ["Mali"]


def test_a_wrong_checksum_is_brought_anew_once(desk, publisher, borders):
    publisher.files[BORDERS] = File(borders, headers=S3)
    publisher.fails(BORDERS, Fail(body=borders[:-1] + b"\xff"))
    assert desk.fetch("natural-earth", STATES).files[0].path.read_bytes() == borders
    assert publisher.ranges(BORDERS) == [None, None]


def test_a_wrong_checksum_that_stays_is_refused(desk, publisher, borders):
    publisher.files[BORDERS] = File(borders, headers=S3)
    publisher.fails(BORDERS, *[Fail(body=borders[:-1] + b"\xff")] * 2)
    with pytest.raises(FetchError, match=r"checksum is not the publisher's \(MD5\)"):
        desk.fetch("natural-earth", STATES)
    assert desk.left() == set()


def test_a_tag_that_is_no_md5_is_not_taken_for_one(desk, publisher, borders):
    kms = {**S3, "x-amz-server-side-encryption": "aws:kms"}
    publisher.files[BORDERS] = File(borders, etag=f'"{"0" * 32}"', headers=kms)
    assert "MD5" not in desk.fetch("natural-earth", STATES).files[0].verified


@pytest.mark.parametrize("what", ["altered", "cut", "record lost", "record spoilt"])
def test_a_cached_file_that_no_longer_agrees_is_fetched_again(desk, publisher, tif, what):
    publisher.files[WORLDPOP] = File(tif)
    desk.fetch("worldpop", MRT)
    (cached,) = desk.cache.rglob("*.tif")
    for path in desk.out.iterdir():
        path.unlink()
    record = cached.with_name(cached.name + ".json")
    if what == "altered":
        cached.write_bytes(tif[:-1] + b"\xff")
    elif what == "cut":
        cached.write_bytes(tif[:100])
    elif what == "record lost":
        record.unlink()
    else:
        record.write_text("{", "utf-8")
    got = desk.fetch("worldpop", MRT)
    assert not got.files[0].from_cache
    assert got.files[0].path.read_bytes() == tif
    assert len(publisher.log) == 2


def test_a_mirrors_file_is_not_taken_for_the_publishers(desk, publisher, tif):
    publisher.files[WORLDPOP] = publisher.files["/mirror" + WORLDPOP] = File(tif)
    desk.fetch("worldpop", MRT)
    gather(
        "worldpop", MRT, desk.out, cache=desk.cache, base_url=publisher.url + "/mirror/",
        policy=desk.policy(),
    )  # fmt: skip
    assert [path for path, _ in publisher.log] == [WORLDPOP, "/mirror" + WORLDPOP]


def test_another_file_in_the_folder_is_not_replaced(desk, publisher, tif):
    publisher.files[WORLDPOP] = File(tif)
    desk.out.mkdir()
    mine = desk.out / "mrt_ppp_2020_1km_Aggregated_UNadj.tif"
    mine.write_text("mine", "utf-8")
    with pytest.raises(OutputError, match="another file is there"):
        desk.fetch("worldpop", MRT)
    assert mine.read_text("utf-8") == "mine"


def test_one_file_of_several_that_fails_delivers_none(desk, publisher, tif):
    publisher.files[WORLDPOP] = File(tif)
    with pytest.raises(FetchError, match="404"):
        desk.fetch("worldpop", Request(states=("MRT", "MLI")))
    assert not desk.out.exists()
    assert len(list(desk.cache.rglob("*.tif"))) == 1  # whole, checked: the next run needs it not


def test_two_runs_do_not_write_one_part(desk, publisher, tif):
    publisher.files[WORLDPOP] = File(tif)
    said: list[str] = []

    def second(_name: str, done: int, _total: int | None) -> None:
        if 0 < done < 2000:
            try:
                desk.fetch("worldpop", MRT)
            except FetchError as error:
                said.append(str(error))

    got = desk.fetch("worldpop", MRT, progress=second)
    assert said
    assert all("another run is fetching it" in text for text in said)
    assert got.files[0].path.read_bytes() == tif


def test_a_full_disk_is_no_dropped_connection(desk, publisher, tif):
    publisher.files[WORLDPOP] = File(tif)
    part = place("https://data.worldpop.org" + WORLDPOP, WORLDPOP.rpartition("/")[2], desk.shop())
    part = part.with_name(part.name + ".part")
    part.parent.mkdir(parents=True)
    part.symlink_to("/dev/full")
    with pytest.raises(OutputError, match="No space left"):
        desk.fetch("worldpop", MRT)
    assert len(publisher.log) == 1
    assert desk.only_parts()


def test_a_cache_that_cannot_be_made_is_said(desk, publisher, tif):
    publisher.files[WORLDPOP] = File(tif)
    desk.cache.mkdir()
    (desk.cache / "worldpop").write_text("in the way", "utf-8")
    with pytest.raises(OutputError, match="cache can't be written"):
        desk.fetch("worldpop", MRT)
    assert publisher.log == []


@pytest.mark.parametrize(
    ("member", "says"),
    [("../evil.shp", "leads out"), ("/evil.shp", "leads out"), ("c:evil.shp", "leads out")],
)
def test_an_archive_that_leads_out_of_itself_is_refused(desk, publisher, member, says):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr(member, b"x")
    publisher.files[BORDERS] = File(made.getvalue())
    with pytest.raises(FetchError, match=says):
        desk.fetch("natural-earth", STATES)
    assert desk.left() == set()


def test_an_archive_that_swells_is_refused(desk, publisher):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("ne_10m_admin_0_countries.shp", b"\0" * 10_000_000)
    publisher.files[BORDERS] = File(made.getvalue())
    with pytest.raises(FetchError, match="would swell"):
        desk.fetch("natural-earth", STATES)
    assert desk.left() == set()


def test_an_archive_with_a_flipped_bit_is_refused(desk, publisher, borders):
    middle = len(borders) // 2
    for spoilt in (borders[:middle] + b"\xff\x00\xff" + borders[middle + 3 :], borders[:-30]):
        publisher.files[BORDERS] = File(spoilt)
        with pytest.raises(FetchError, match=r"archive|corrupt"):
            desk.fetch("natural-earth", STATES)
        assert desk.left() == set()


def test_an_archive_whose_crc_differs_is_refused(desk, publisher, borders):
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(borders)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))  # stored plain: only the CRC can tell
    assert made.getvalue().count(b"Mali") == 1
    publisher.files[BORDERS] = File(made.getvalue().replace(b"Mali", b"Bali"))
    with pytest.raises(FetchError, match=r"\.dbf is corrupt"):
        desk.fetch("natural-earth", STATES)
    assert desk.left() == set()


def test_another_version_than_asked_is_refused(desk, publisher, borders):
    publisher.files[BORDERS] = File(borders)
    with pytest.raises(FetchError, match=r"version 5\.1\.1, not 4\.1\.0"):
        desk.fetch("natural-earth", Request(level=0, version="4.1.0"))
    assert desk.left() == set()
    assert desk.fetch("natural-earth", Request(level=0, version="5.1.1")).files


def test_all_of_natural_earth(desk, publisher, tmp_path_factory):
    folder = tmp_path_factory.mktemp("all")
    paths = {
        "cultural": ("admin_0_countries", "admin_1_states_provinces"),
        "physical": ("rivers_lake_centerlines", "lakes", "coastline"),
    }
    for theme, names in paths.items():
        for name in names:
            body = archive(folder, f"ne_10m_{name}", version=None, line="line" in name)
            publisher.files[f"/10m_{theme}/ne_10m_{name}.zip"] = File(body)
    got = desk.fetch("natural-earth", Request())
    assert len(got.files) == 5
    assert set(tables(got)) == {"borders", "regions", "rivers", "lakes", "coast"}
    assert got.date == "2015-10-21"


# --- redirects and the token ---------------------------------------------------------------------


def test_redirects_are_followed_on_the_mirror(desk, publisher, tif):
    publisher.files["/moved.tif"] = File(tif)
    publisher.fails(WORLDPOP, Fail(status=302, headers={"Location": "https://else.org/moved.tif"}))
    assert desk.fetch("worldpop", MRT).files[0].path.read_bytes() == tif


def test_endless_redirects_end(desk, publisher):
    publisher.fails(WORLDPOP, *[Fail(status=301, headers={"Location": WORLDPOP})] * 50)
    with pytest.raises(FetchError, match="sends on more than 5 times"):
        desk.fetch("worldpop", MRT)


def test_the_token_goes_to_no_other_host(publisher, tmp_path):
    other = Publisher()
    try:
        publisher.fails("/x", Fail(status=302, headers={"Location": other.url + "/x"}))
        wanted = Wanted(publisher.url + "/x", "x", {"x-ucdp-access-token": TOKEN})
        with pytest.raises(FetchError, match="token may not go") as caught:
            download(wanted, tmp_path / "x.part", Policy(), lambda *_: None)
        assert other.log == []
        assert TOKEN not in str(caught.value) + repr(wanted)
    finally:
        other.close()


# --- geoBoundaries -------------------------------------------------------------------------------

ABOUT = "/api/current/gbOpen/MRT/ADM1/"
SHAPE = "/wmgeolab/geoBoundaries/raw/9469f09/releaseData/gbOpen/MRT/ADM1/x.geojson"


def about(**changed: object) -> File:
    said = {
        "boundaryID": "MRT-ADM1-1", "boundaryName": "Mauritania", "boundaryISO": "MRT",
        "boundaryYearRepresented": "2020", "boundaryType": "ADM1", "admUnitCount": "2",
        "boundaryLicense": "CC BY 3.0 IGO", "licenseDetail": "nan",
        "gjDownloadURL": f"https://github.com{SHAPE}",
    }  # fmt: skip
    return File(json.dumps({**said, **changed}).encode(), "application/json")


def shape(count: int = 2) -> bytes:
    each = [
        {
            "type": "Feature",
            "properties": {"shapeName": f"Région {i}", "shapeGroup": "MRT"},
            "geometry": box(i, 15, i + 1, 16).__geo_interface__,
        }
        for i in range(count)
    ]
    return json.dumps({"type": "FeatureCollection", "features": each}).encode()


def test_boundaries_come_with_their_licence(desk, publisher):
    publisher.files[ABOUT] = about()
    publisher.files[SHAPE] = File(shape(), "text/plain; charset=utf-8")
    got = desk.fetch("geoboundaries", MRT)
    names = ["geoBoundaries-MRT-ADM1.geojson", "geoBoundaries-MRT-ADM1-metaData.json"]
    assert [file.path.name for file in got.files] == names
    assert got.files[0].verified == "length; 2 units, as the publisher counts (2)"
    assert got.files[0].address == publisher.url + SHAPE
    assert got.licence == "MRT: CC BY 3.0 IGO"
    table = tables(got)["regions"]
    assert (table["iso3"], table["name"]) == ("shapeGroup", "shapeName")
    assert table["date"] == "MRT: 2020"
    assert desk.fetch("geoboundaries", MRT).files[0].from_cache


def test_a_count_that_differs_is_said(desk, publisher):
    publisher.files[ABOUT], publisher.files[SHAPE] = about(admUnitCount="3"), File(shape())
    got = desk.fetch("geoboundaries", MRT)
    assert got.files[0].verified.endswith("2 units, but the publisher counts 3")


@pytest.mark.parametrize("spoilt", [False, True])
def test_a_pointer_is_followed_and_its_checksum_kept_to(desk, publisher, spoilt):
    body = shape()
    oid = sha256(b"other" if spoilt else body)
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(body)}\n"
    publisher.files[ABOUT], publisher.files[SHAPE] = about(), File(pointer.encode())
    publisher.files["/media" + SHAPE.replace("/raw/", "/")] = File(body)
    if spoilt:
        with pytest.raises(FetchError, match="checksum is not the publisher's"):
            desk.fetch("geoboundaries", MRT)
        assert not desk.out.exists()
        assert body not in [path.read_bytes() for path in desk.cache.rglob("*") if path.is_file()]
    else:
        got = desk.fetch("geoboundaries", MRT)
        assert got.files[0].path.read_bytes() == body
        assert got.files[0].verified.startswith("publisher's SHA256; length")
        assert all(file.from_cache for file in desk.fetch("geoboundaries", MRT).files)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (about(boundaryISO="MLI"), "MLI ADM1, not MRT ADM1"),
        (about(gjDownloadURL=""), "lacks gjDownloadURL"),
        (about(boundaryLicense=None), "lacks boundaryLicense"),
        (about(gjDownloadURL="file:///etc/passwd"), "not an address of the web"),
        (File(b"[1, 2]"), "no JSON object"),
        (File(b'{"boundaryISO": '), "no JSON that can be read"),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused(desk, publisher, answer, says):
    publisher.files[ABOUT] = answer
    with pytest.raises(FetchError, match=says):
        desk.fetch("geoboundaries", MRT)
    assert desk.left() == set()


@pytest.mark.parametrize(
    "body", [b'{"type": "FeatureCollection", "features": []}', shape()[:-5], b'{"a": NaN}']
)
def test_boundaries_that_are_none_are_refused(desk, publisher, body):
    publisher.files[ABOUT], publisher.files[SHAPE] = about(), File(body)
    with pytest.raises(FetchError):
        desk.fetch("geoboundaries", MRT)
    assert not list(desk.cache.rglob("*.geojson"))


# --- tiles ---------------------------------------------------------------------------------------

DEM = "Copernicus_DSM_COG_30_N{:02d}_00_W{:03d}_00_DEM"


def dem(publisher: Publisher, lat: int, west: int, where: tuple[float, ...] | None = None) -> None:
    name = DEM.format(lat, west)
    body = geotiff(where or (-west, lat, -west + 1, lat + 1), side=12, seed=west)
    publisher.files[f"/{name}/{name}.tif"] = File(body, headers=S3)


def test_tiles_that_are_not_listed_are_sea(desk, publisher):
    publisher.files["/tileList.txt"] = File(f"{DEM.format(16, 12)}\r\n".encode(), headers=S3)
    dem(publisher, 16, 12)
    got = desk.fetch("copernicus-dem", Request(bounds=(-12.5, 16.2, -11.5, 16.8)))
    assert [file.path.name for file in got.files] == [f"{DEM.format(16, 12)}.tif"]
    assert got.snippet.startswith("# 1 tiles are not in the publisher's list, so sea (height 0 m)")
    assert DEM.format(16, 13) in got.snippet
    assert "Airbus" in tables(got)["elevation"]["licence"]
    assert len(publisher.log) == 2


def test_a_listed_tile_that_is_not_there_is_an_error(desk, publisher):
    listed = f"{DEM.format(16, 12)}\n{DEM.format(16, 13)}\n"
    publisher.files["/tileList.txt"] = File(listed.encode())
    dem(publisher, 16, 12)
    with pytest.raises(FetchError, match="404"):
        desk.fetch("copernicus-dem", Request(bounds=(-12.5, 16.2, -11.5, 16.8)))
    assert not desk.out.exists()


def test_a_tile_of_another_place_is_refused(desk, publisher):
    publisher.files["/tileList.txt"] = File(DEM.format(16, 12).encode())
    dem(publisher, 16, 12, where=(-13, 16, -12, 17))
    with pytest.raises(FetchError, match="covers another place"):
        desk.fetch("copernicus-dem", Request(bounds=(-12, 16, -11, 17)))
    assert not list(desk.cache.rglob("*.tif"))


@pytest.mark.parametrize(
    ("fault", "body"),
    [(Fail(length=False), None), (Fail(), b"not a list\nat all\n"), (Fail(), b"\xff\xfe")],
)
def test_a_list_that_may_be_cut_short_is_refused(desk, publisher, fault, body):
    body = DEM.format(16, 12).encode() if body is None else body
    publisher.files["/tileList.txt"] = File(body)
    publisher.fails("/tileList.txt", fault, fault)
    with pytest.raises(FetchError):
        desk.fetch("copernicus-dem", Request(bounds=(-12, 16, -11, 17)))
    assert desk.left() == set()


def test_bounds_at_sea_are_the_users(desk, publisher):
    publisher.files["/tileList.txt"] = File(DEM.format(16, 12).encode())
    with pytest.raises(InputError, match="all of it is sea"):
        desk.fetch("copernicus-dem", Request(bounds=(-30, 16, -29, 17)))


def test_land_cover(desk, publisher):
    grid = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {"ll_tile": "N15W012"}, "geometry": None}],
    }
    publisher.files["/esa_worldcover_grid.geojson"] = File(json.dumps(grid).encode())
    path = "/v200/2021/map/ESA_WorldCover_10m_2021_v200_N15W012_Map.tif"
    publisher.files[path] = File(geotiff((-12, 15, -9, 18)), headers=S3)
    got = desk.fetch("worldcover", Request(bounds=(-12.0, 15.0, -9.0, 19.0)))
    assert len(got.files) == 1
    assert "sea (no land cover): N18W012" in got.snippet
    table = tables(got)["landcover"]
    assert table["legend"] == "worldcover"
    assert table["address"] == publisher.url + "/v200/2021/map/"


# --- UCDP ----------------------------------------------------------------------------------------

GED = "/api/gedevents/26.1"


def event(number: int) -> dict[str, object]:
    """Make an event; it has what a CSV may stumble over."""
    text = {
        column: f"{column} {number}" for column in COLUMNS if column not in ("id", "year", "gwnob")
    }
    return {
        **text, "id": number, "year": 2020, "active_year": number % 2 == 0, "latitude": 14.2268530,
        "source_headline": 'said "no", then\nyes; Gourma-Rharous, Mali', "gwnob": None,
    }  # fmt: skip


class Api:
    """The UCDP API: pages, a token, and what can go wrong between pages."""

    def __init__(self, publisher: Publisher, total: int, size: int = 3) -> None:
        self.total, self.size, self.host = total, size, "http://ucdpapi.pcr.uu.se"
        self.events = [event(number) for number in range(total)]
        self.version = "26.1"
        self.links: dict[int, str] = {}
        publisher.files[GED] = self.page

    def page(self, query: dict[str, list[str]]) -> File:
        number = int(query["page"][0])
        assert query["pagesize"] == ["1000"]
        pages = -(-len(self.events) // self.size)
        link = f"{self.host}/api/gedevents/{self.version}?pagesize=1000&page={number + 1}"
        said = {
            "TotalCount": self.total,
            "TotalPages": pages,
            "PreviousPageUrl": "",
            "NextPageUrl": self.links.get(number, link if number + 1 < pages else ""),
            "Result": self.events[number * self.size : (number + 1) * self.size],
        }
        return File(json.dumps(said).encode(), "application/json; charset=utf-8", etag=None)


WITH_TOKEN = Request(token=TOKEN)


def pages(publisher: Publisher) -> list[int]:
    return [int(parse_qs(urlsplit(path).query)["page"][0]) for path, _ in publisher.log]


def test_events_are_put_together_from_pages(desk, publisher):
    Api(publisher, 8)
    got = desk.fetch("ucdp-ged", WITH_TOKEN)
    (file,) = got.files
    with file.path.open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    assert tuple(rows[0]) == COLUMNS
    assert len(COLUMNS) == 49
    assert [int(row["id"]) for row in rows] == list(range(8))
    assert rows[1]["source_headline"] == 'said "no", then\nyes; Gourma-Rharous, Mali'
    assert (rows[1]["active_year"], rows[1]["gwnob"]) == ("False", "")
    assert rows[1]["latitude"] == "14.226853"
    assert file.verified == "8 events, as the API counts; ids unique"
    assert file.path.name == "ged-26.1.csv"
    assert pages(publisher) == [0, 1, 2]
    assert {headers["x-ucdp-access-token"] for _, headers in publisher.log} == {TOKEN}
    (table,) = tables(got)["events"]
    assert table["format"] == "ucdp-ged"
    assert table["address"] == f"{publisher.url}{GED}?pagesize=1000"
    again = desk.fetch("ucdp-ged", WITH_TOKEN)
    assert again.files[0].from_cache
    assert again.files[0].sha256 == file.sha256
    assert pages(publisher) == [0, 1, 2]


def test_the_token_is_kept_nowhere(desk, publisher, capfd, caplog, monkeypatch):
    caplog.set_level("DEBUG")
    monkeypatch.setattr(pooch.get_logger(), "handlers", [caplog.handler])  # which has no parent
    Api(publisher, 4)
    desk.fetch("ucdp-ged", WITH_TOKEN)
    for path in desk.folder.rglob("*"):
        assert TOKEN not in path.name
        assert path.is_dir() or TOKEN.encode() not in path.read_bytes()
    assert capfd.readouterr() == ("", "")
    assert TOKEN not in caplog.text
    assert "Downloading" not in caplog.text
    assert TOKEN not in repr(WITH_TOKEN)


def test_the_token_may_come_from_the_environment(desk, publisher, monkeypatch):
    Api(publisher, 1)
    monkeypatch.setenv("VALLUM_UCDP_TOKEN", TOKEN)
    assert desk.fetch("ucdp-ged", Request()).files
    assert publisher.log[0][1]["x-ucdp-access-token"] == TOKEN


def test_a_run_that_broke_off_goes_on_at_the_missing_page(desk, publisher):
    Api(publisher, 11)
    third = f"{GED}?pagesize=1000&page=2"
    publisher.fails(third, *[Fail(status=500)] * 3)
    with pytest.raises(FetchError, match="500"):
        desk.fetch("ucdp-ged", WITH_TOKEN)
    assert not desk.out.exists()
    assert not list(desk.cache.rglob("*.csv"))
    before = len(publisher.log)
    got = desk.fetch("ucdp-ged", WITH_TOKEN)
    assert pages(publisher)[before:] == [2, 3]
    assert not got.files[0].from_cache
    assert len(got.files[0].path.read_text("utf-8").splitlines()) == 1 + 2 * 11  # a break in each


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_is_refused_is_said_with_its_mend(desk, publisher, status):
    publisher.fails(GED, Fail(status=status))
    with pytest.raises(FetchError, match=r"VALLUM_UCDP_TOKEN") as caught:
        desk.fetch("ucdp-ged", WITH_TOKEN)
    assert TOKEN not in str(caught.value)
    assert desk.left() == set()


def test_a_version_that_changes_between_pages_is_an_error(desk, publisher):
    api = Api(publisher, 8)

    def revise() -> None:
        api.total = 9
        api.events.append(event(8))

    publisher.fails(f"{GED}?pagesize=1000&page=1", Fail(before=revise))
    with pytest.raises(FetchError, match="the version changed between pages"):
        desk.fetch("ucdp-ged", WITH_TOKEN)
    assert desk.left() == set()  # pages of two editions are of no use
    assert len(desk.fetch("ucdp-ged", WITH_TOKEN).files) == 1


@pytest.mark.parametrize(
    ("link", "says"),
    [
        ("", "page 1 is missing"),
        ("https://ucdpapi.pcr.uu.se/api/gedevents/26.1?pagesize=1000&page=2", "page 1 is missing"),
        ("https://ucdpapi.pcr.uu.se/api/gedevents/25.1?pagesize=1000&page=1", "page 1 is missing"),
        ("https://evil.example/steal?page=1", "page 1 is missing"),
    ],
)
def test_a_page_that_is_missing_is_an_error(desk, publisher, link, says):
    Api(publisher, 8).links[0] = link
    with pytest.raises(FetchError, match=says):
        desk.fetch("ucdp-ged", WITH_TOKEN)
    assert pages(publisher) == [0]
    assert not desk.out.exists()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda api: api.events.__setitem__(7, event(0)), "1 events came twice"),
        (lambda api: setattr(api, "total", 9), "8 events came of 9"),
        (lambda api: (setattr(api, "total", 0), api.events.clear()), "has no events"),
        (lambda api: api.events[4].pop("best"), "event 4 lacks best"),
        (lambda api: api.events[4].update(id="4"), "without an id"),
        (lambda api: setattr(api, "total", None), "no page of the API"),
    ],
)
def test_rows_that_are_lost_or_double_are_never_delivered(desk, publisher, spoil, says):
    spoil(Api(publisher, 8))
    with pytest.raises(FetchError, match=says):
        desk.fetch("ucdp-ged", WITH_TOKEN)
    assert not desk.out.exists()
    assert not list(desk.cache.rglob("*.csv*"))


def test_a_year_narrows_the_events(desk, publisher):
    Api(publisher, 2)
    got = desk.fetch("ucdp-ged", Request(token=TOKEN, year=2020))
    assert "StartDate=2020-01-01&EndDate=2020-12-31" in publisher.log[0][0]
    assert got.files[0].path.name == "ged-26.1-2020.csv"
    assert got.date == "version 26.1, 2020"


# --- requests ------------------------------------------------------------------------------------


def test_all_faults_at_once(tmp_path, monkeypatch):
    monkeypatch.delenv("VALLUM_UCDP_TOKEN", raising=False)
    (tmp_path / "file").write_text("x", "utf-8")
    with pytest.raises(InputError) as caught:
        fetch("worldpop", Request(year=1999, version="2km"), tmp_path / "file", base_url="mirror")
    assert [fault.place for fault in caught.value.faults] == [
        "states", "year", "version", "base_url", "out",
    ]  # fmt: skip
    assert all(fault.mend for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("name", "request_", "places"),
    [
        ("worldpop", Request(states=("mr", "MRT")), ["states"]),
        ("geoboundaries", Request(level=6), ["states", "level"]),
        ("natural-earth", Request(level=2), ["level"]),
        ("copernicus-dem", Request(), ["bounds"]),
        ("copernicus-dem", Request(bounds=(170, 0, -170, 1)), ["bounds"]),
        ("copernicus-dem", Request(bounds=(0, 1, 1, 1)), ["bounds"]),
        ("copernicus-dem", Request(bounds=(0, 0, float("nan"), 1)), ["bounds"]),
        ("worldcover", Request(bounds=(0, 95, 1, 96), year=2019), ["bounds", "year"]),
        ("ucdp-ged", Request(version="latest", year=1900), ["token", "version", "year"]),
        ("ucdp-ged", Request(token="a\nb"), ["token"]),  # noqa: S106
    ],
)
def test_what_a_request_lacks(tmp_path, monkeypatch, name, request_, places):
    monkeypatch.delenv("VALLUM_UCDP_TOKEN", raising=False)
    with pytest.raises(InputError) as caught:
        fetch(name, request_, tmp_path / "out", cache=tmp_path / "cache")
    assert [fault.place for fault in caught.value.faults] == places
    assert "a\nb" not in str(caught.value)


def test_a_mirror_with_a_password_is_refused_and_not_shown(tmp_path):
    with pytest.raises(InputError) as caught:
        fetch("natural-earth", Request(), tmp_path, base_url="https://me:geheim@mirror.org")
    assert "geheim" not in str(caught.value)


def test_an_unknown_source_comes_with_the_nearest(tmp_path):
    with pytest.raises(InputError, match="did you mean 'worldcover'"):
        fetch("wordcover", Request(), tmp_path)
    assert len(SOURCES) == 6


def test_a_mirror_takes_the_place_of_scheme_and_host():
    assert rebase("https://a.org/x?page=1", None) == "https://a.org/x?page=1"
    assert rebase("https://a.org/x?page=1", "http://m.org/y/") == "http://m.org/y/x?page=1"
    assert rebase("http://m.org/y/x", "http://m.org/y") == "http://m.org/y/x"


def test_errors_are_of_the_house():
    assert issubclass(FetchError, VallumError)
