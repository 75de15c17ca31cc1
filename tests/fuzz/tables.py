"""Damaged tables: whatever is done to a small valid CSV, the readers find faults or right totals.

`fuzz_tables(n, seed)` damages n files and reads each. What the readers accept is added up again by
Python's own csv module, and a total that differs is an error. Run by hand:

    python tests/fuzz/tables.py 10000 1
"""

from __future__ import annotations

import collections
import csv
import datetime as dt
import io
import random
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
from shapely.geometry import box

from vallum.kernel.grid import Grid
from vallum.theatre import states
from vallum.theatre.bring.area import Area
from vallum.theatre.bring.event_schemas import UCDP_COLUMNS
from vallum.theatre.bring.events import read_events
from vallum.theatre.bring.figures import read_deaths, read_figures
from vallum.theatre.bring.places import read_settlements, read_sites
from vallum.theatre.bring.sections import (
    DeathsTable,
    EventsTable,
    FiguresTable,
    SettlementsTable,
    SitesTable,
)

if TYPE_CHECKING:
    from collections.abc import Callable

CRS = "+proj=laea +lat_0=15 +lon_0=0 +datum=WGS84 +units=m +no_defs"
LAYER = {"source": "made by hand", "licence": "CC0", "address": "here", "date": "2024"}
NAMES = {"AAA": "Aland", "BBB": "Béland"}
SLOWEST_S = 20.0  # of one file: more is a hang
LOST = re.compile(r"([0-9,]+) of ([0-9,]+) \w+.*?with ([0-9,]+) of ([0-9,]+)")


def area(cell_km: float = 20.0) -> Area:
    """Two states side by side, other land south of them, and sea around: 12 to 18 degrees north."""
    shapes = [box(-4, 12, 0, 18), box(0, 12, 4, 18), box(-4, 8, 4, 12)]
    named = {"iso3": ["AAA", "BBB", ""], "name": [*NAMES.values(), "Other"]}
    borders = gpd.GeoDataFrame(named, geometry=shapes, crs=4326)
    parts = [box(-4, 15, 0, 18), box(-4, 12, 0, 15), box(0, 12, 4, 18)]
    owners = {"iso3": ["AAA", "AAA", "BBB"], "name": ["North", "South", "East"]}
    regions = gpd.GeoDataFrame(owners, geometry=parts, crs=4326)
    size = (int(900 / cell_km), int(1200 / cell_km))
    grid = Grid(CRS, -600e3, 450e3, cell_km, *size)
    state = states.states(borders[:2].to_crs(CRS), grid)
    region = states.regions(regions.to_crs(CRS), ("AAA", "BBB"), state, grid)
    bounds = (-6.0, 10.5, 6.0, 19.5)
    order = ("AAA", "BBB")
    return Area(
        grid, bounds, order, ("AAA",), borders, state, regions, region, dt.date(2024, 6, 30)
    )


def ucdp_row(number: int, **change: Any) -> dict[str, str]:
    """Make one event of UCDP GED, in state AAA unless said."""
    lon, lat = change.get("lon", -2.25), change.get("lat", 14.25)
    row = dict.fromkeys(UCDP_COLUMNS, "")
    cell = int((lat + 90) * 2 // 1 * 720 + (lon + 180) * 2 // 1 + 1)
    day = change.get("day", "2020-03-0" + str(1 + number % 9))
    row |= {
        "id": str(number), "relid": f"AAA-2020-1-{number}", "year": day[:4], "active_year": "1",
        "code_status": "Clear", "type_of_violence": str(change.get("kind", 1 + number % 3)),
        "dyad_name": "Government of Aland - Group", "side_a": "Government of Aland",
        "side_b": "Group", "number_of_sources": "1", "source_article": 'Paper, "a title", 2020',
        "where_prec": str(change.get("prec", 1 + number % 5)), "where_coordinates": "Town",
        "where_description": "near Town,\non the road", "latitude": str(lat), "longitude": str(lon),
        "geom_wkt": f"POINT ({lon} {lat})", "priogrid_gid": str(cell), "country": "Aland",
        "country_id": "1", "region": "Africa", "event_clarity": "1",
        "date_prec": str(change.get("date_prec", 1)), "date_start": f"{day} 00:00:00.000",
        "date_end": f"{day} 00:00:00.000", "deaths_a": "0", "deaths_b": "1",
        "deaths_civilians": "0", "deaths_unknown": "0", "best": str(change.get("best", number % 7)),
        "high": str(change.get("high", number % 7 + 2)), "low": str(change.get("low", 0)),
        "gwnoa": "432.0", "gwnob": "",
    }  # fmt: skip
    return row


def acled_row(number: int, **change: Any) -> dict[str, str]:
    """Make one event as ACLED exports them, in state BBB unless said."""
    row = {
        "event_id_cnty": f"BBB{number}", "event_date": f"{1 + number % 28} March 2021",
        "year": "2021", "time_precision": "1", "disorder_type": "Political violence",
        "event_type": "Battles", "sub_event_type": "Armed clash", "actor1": "Group",
        "assoc_actor_1": "", "inter1": "2", "actor2": "Military Forces of Béland",
        "assoc_actor_2": "", "inter2": "1", "interaction": "12", "civilian_targeting": "",
        "iso": "999", "region": "Western Africa", "country": "Béland", "admin1": "East",
        "admin2": "", "admin3": "", "location": "Ville", "latitude": "13.5",
        "longitude": f"{1 + number % 20 / 10:.2f}", "geo_precision": str(1 + number % 3),
        "source": "Paper", "source_scale": "National", "notes": "A note, with commas",
        "fatalities": str(number % 5), "tags": "", "timestamp": "1700000000",
    }  # fmt: skip
    return row | {key: str(value) for key, value in change.items()}


def write(rows: list[dict[str, str]], delimiter: str = ",") -> bytes:
    """Write rows as a CSV."""
    stream = io.StringIO()
    table = csv.DictWriter(stream, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return stream.getvalue().encode()


def _events(path: Path, form: str, columns: dict[str, str] | None = None) -> Any:
    table = EventsTable(file=(path,), format=form, columns=columns or {}, **LAYER)
    made, faults = read_events((table,), area())
    if made is None:
        return faults
    return len(made.frame), float(made.frame["deaths"].sum()), made.sources[0].lost


def _settlements(path: Path) -> Any:
    table = SettlementsTable(
        file=(path,), name="name", people="people", lon="lon", lat="lat", identifier="id", **LAYER
    )
    frame, source, faults = read_settlements(table, area())
    if frame is None or source is None:
        return faults
    return len(frame), float(frame["people"].sum()), source.lost


def _sites(path: Path) -> Any:
    table = SitesTable(
        file=(path,), name="name", kind="mine", lon="lon", lat="lat", output_usd_yr="usd", **LAYER
    )
    frame, sources, faults = read_sites((table,), area())
    if faults:
        return faults
    return len(frame), float(frame["output_usd_yr"].sum()), sources[0].lost


def _deaths(path: Path) -> Any:
    table = DeathsTable(file=(path,), state="state", year="year", deaths="deaths", **LAYER)
    frame, source, faults = read_deaths(table, NAMES)
    if frame is None or source is None:
        return faults
    return len(frame), float(frame["deaths"].sum()), source.lost


def _figures(path: Path) -> Any:
    table = FiguresTable(
        file=(path,), state="state", figure="people", value="deaths", year="year", **LAYER
    )
    frame, _, faults = read_figures((table,), {}, NAMES)
    if faults:
        return faults
    return int(frame["people"].notna().sum()), float(frame["people"].sum()), "newest"


MAPPING = {"id": "id", "date": "day", "lon": "lon", "lat": "lat", "deaths": "dead", "kind": "what"}
BARE = {"year": "year", "lon": "lon", "lat": "lat", "deaths": "dead"}


def cases() -> dict[str, tuple[bytes, Callable[[Path], Any], tuple[str, str, str]]]:
    """Give the small valid tables: bytes, reader, and the columns of amount, lon and lat."""
    spots = [(-2.25, 14.25), (-1.5, 16.75), (1.25, 13.5), (3.0, 17.0), (0.5, 9.5), (-3.1, 12.6)]
    ucdp = [ucdp_row(n, lon=spots[n % 6][0], lat=spots[n % 6][1]) for n in range(1, 15)]
    ucdp.append(ucdp_row(90, prec=6))
    acled = [acled_row(n) for n in range(1, 12)] + [
        acled_row(50, event_type="Protests", sub_event_type="Peaceful protest", fatalities=0)
    ]
    plain, towns, sites, figures = [], [], [], []
    for n in range(1, 13):
        lon, lat = spots[n % 6]
        place = {"lon": str(lon), "lat": str(lat)}
        day = {"id": f"e{n}", "day": f"2019-0{1 + n % 9}-1{n % 10}", "year": str(2000 + n)}
        plain.append({**day, **place, "dead": str(n % 4), "what": "raid, by night"})
        towns.append({"id": str(n), "name": f"Ville é {n}", **place, "people": str(n * 1000)})
        sites.append({"name": f"Mine {n}", **place, "usd": str(n * 10**6)})
        state = ("AAA", "Béland", "Elsewhere")[n % 3]
        figures.append({"state": state, "year": str(2000 + n), "deaths": str(n * 11)})
    ways = {
        "ucdp": (write(ucdp), lambda p: _events(p, "ucdp-ged"), ("best", "longitude", "latitude")),
        "acled": (
            write(acled),
            lambda p: _events(p, "acled"),
            ("fatalities", "longitude", "latitude"),
        ),
        "csv": (write(plain, ";"), lambda p: _events(p, "csv", MAPPING), ("dead", "lon", "lat")),
        "bare": (write(plain, "\t"), lambda p: _events(p, "csv", BARE), ("dead", "lon", "lat")),
        "towns": (write(towns), _settlements, ("people", "lon", "lat")),
        "sites": (write(sites), _sites, ("usd", "lon", "lat")),
        "deaths": (write(figures), _deaths, ("deaths", "", "")),
        "figures": (write(figures, ";"), _figures, ("deaths", "", "")),
    }
    return dict(ways)


def damage(data: bytes, draw: random.Random) -> bytes:
    """Damage a file in one of many ways."""
    lines = data.split(b"\n")
    at, other = draw.randrange(len(data)), draw.randrange(len(lines))
    first, second = draw.randrange(len(lines)), draw.randrange(len(lines))
    way = draw.randrange(20)
    digits = [place for place, byte in enumerate(data) if chr(byte).isdigit()]
    place = draw.choice(digits)
    texts: dict[int, Callable[[], bytes]] = {
        0: lambda: data[:at] + bytes([data[at] ^ (1 << draw.randrange(8))]) + data[at + 1 :],
        1: lambda: data[:at],
        2: lambda: data[at:],
        3: lambda: data[:at] + b'"' + data[at:],
        4: lambda: data.replace(b'"', b"", draw.randrange(1, 5)),
        5: lambda: data.replace(b",", draw.choice([b";", b"\t", b"|"]), draw.choice([1, 5, -1])),
        6: lambda: data.decode("utf-8", "replace").encode(
            draw.choice(["cp1252", "utf-16", "utf-8-sig", "cp850"]), "replace"
        ),
        7: lambda: b"\n".join(lines[:other] + lines[other + 1 :]),
        8: lambda: b"\n".join(lines[:other] + [lines[other]] * 2 + lines[other + 1 :]),
        9: lambda: data[:at] + b"\0" * draw.randrange(1, 4) + data[at:],
        10: lambda: data[:at] + b"x" * draw.choice([10, 200_000]) + data[at:],
        11: lambda: (
            data[:place]
            + draw.choice([b"9", b"-", b"1e", b",", b".", b"nan", b" "])
            + data[place + 1 :]
        ),
        12: lambda: data[:place] + str(draw.randrange(10)).encode() + data[place:],
        13: lambda: data.replace(b"\n", draw.choice([b"\r\n", b"\r", b"\n\n"])),
        14: lambda: data.decode("cp1252", "replace").encode(),
        15: lambda: _swap_columns(data, draw),
        16: lambda: b"\n".join(_swapped(lines, first, second)),
        17: lambda: data[:at] + data[at + draw.randrange(1, 30) :],
        18: lambda: data[:at] + data[draw.randrange(len(data)) :],
        19: lambda: data + draw.choice([b"\n", b"\n\n", b",,,", b'"', b"\x1a", b"total,1,2\n"]),
    }
    return texts[way]()


def _swapped(lines: list[bytes], first: int, second: int) -> list[bytes]:
    """Exchange two lines."""
    out = list(lines)
    out[first], out[second] = out[second], out[first]
    return out


def _swap_columns(data: bytes, draw: random.Random) -> bytes:
    """Exchange two names in the header."""
    head, _, rest = data.partition(b"\n")
    sign = next((sign for sign in (b"\t", b";", b",") if sign in head), b",")
    names = _swapped(
        head.split(sign), *(draw.randrange(min(len(head.split(sign)), 3)) for _ in "ab")
    )
    return sign.join(names) + b"\n" + rest


def parse(data: bytes, wanted: tuple[str, str, str]) -> list[dict[str, str]] | None:
    """Read the damaged file with Python's csv module; None where that can't be."""
    text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n").lstrip("\n")
    csv.field_size_limit(1 << 30)
    for sign in ",;\t":
        try:
            rows = list(csv.DictReader(io.StringIO(text), delimiter=sign, strict=True))
        except csv.Error:
            continue
        if rows and {name for name in wanted if name} <= {name.strip() for name in rows[0] if name}:
            return [{(k or "").strip(): v for k, v in row.items()} for row in rows]
    return None


def check(name: str, data: bytes, result: Any, wanted: tuple[str, str, str]) -> None:
    """Compare what a reader accepted with the independent sum."""
    kept, amount, lost = result
    rows = parse(data, wanted)
    assert rows is not None, "accepted what csv can't read"
    values = [float(row[wanted[0]] or 0) for row in rows]
    if name == "figures":
        newest: dict[str, tuple[float, float]] = {}
        codes = {**{v: k for k, v in NAMES.items()}, **{k: k for k in NAMES}}
        for row, value in zip(rows, values, strict=True):
            iso3 = codes.get(row["state"].strip())
            if iso3 is not None and row["deaths"]:
                newest[iso3] = max(newest.get(iso3, (0.0, 0.0)), (float(row["year"]), value))
        assert kept == len(newest)
        assert abs(amount - sum(value for _, value in newest.values())) < 1e-6
        return
    out, gone = 0, 0.0
    if lost.startswith("nothing") or (found := LOST.search(lost)) is None:
        assert "of" not in lost.split(";", maxsplit=1)[0] or name == "deaths", lost
        if name == "deaths" and lost != "nothing":
            out = int(lost.split(" of ")[0])
            gone = float(lost.split("with ")[1].split(" of ")[0].replace(",", ""))
    else:
        out, gone = int(found[1].replace(",", "")), float(found[3].replace(",", ""))
        assert int(found[2].replace(",", "")) == len(rows)
    assert kept + out == len(rows), f"{kept} + {out} of {len(rows)}"
    assert abs(amount + gone - sum(values)) <= 0.51 + 1e-9 * abs(sum(values)), "the total changed"
    if wanted[1]:
        _where(rows, values, kept, amount, wanted, judged=name in {"ucdp", "acled", "towns"})


def _where(
    rows: list[dict[str, str]],
    values: list[float],
    kept: int,
    amount: float,
    wanted: tuple[str, str, str],
    *,
    judged: bool,
) -> None:
    """Count again what lies in the two states: clearly inside, and at most near them."""
    sure, perhaps, least, most = 0, 0, 0.0, 0.0
    for row, value in zip(rows, values, strict=True):
        lon, lat = float(row[wanted[1]]), float(row[wanted[2]])
        if -3.9 < lon < 3.9 and 12.2 < lat < 17.8:
            sure, least = sure + 1, least + value
        if -5.6 < lon < 5.6 and 11.8 < lat < 19.2:
            perhaps, most = perhaps + 1, most + value
    if judged:  # some are left out for other reasons
        sure, least = 0, 0.0
    assert sure <= kept <= perhaps, f"{kept} kept, {sure} to {perhaps} lie inside"
    assert least - 1e-6 <= amount <= most + 1e-6


def fuzz_tables(n: int, seed: int) -> dict[str, int]:
    """Damage n files, read each, and tally what came of it.

    Raises
    ------
    AssertionError
        At the first traceback, hang, or total that changed unsaid; the file is kept and named.
    """
    draw = random.Random(seed)  # noqa: S311 - no secret
    tally: collections.Counter[str] = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        tables = cases()
        for _ in range(n):
            name = draw.choice(sorted(tables))
            good, reader, wanted = tables[name]
            data = damage(good, draw)
            if draw.random() < 0.2 and data.count(b"\n") > 2 and any(48 <= b < 58 for b in data):
                data = damage(data, draw)
            path.write_bytes(data)
            begun = time.monotonic()
            try:
                result = reader(path)
                if isinstance(result, list):
                    assert result, "neither a result nor a fault"
                    tally["faults"] += 1
                else:
                    check(name, data, result, wanted)
                    tally["the same file" if data == good else "right totals"] += 1
                assert time.monotonic() - begun < SLOWEST_S, "it hangs"
            except Exception as error:
                kept = Path(tempfile.gettempdir()) / f"fuzz_{name}_{seed}.csv"
                kept.write_bytes(data)
                raise AssertionError(f"{name}: {error!r}; the file is {kept}") from error
    return dict(tally)


if __name__ == "__main__":
    print(fuzz_tables(int(sys.argv[1]), int(sys.argv[2])))
