"""A table of 400,000 events in the shape of UCDP GED: read, checked and clipped, every one counted.

The time is printed and not judged: machines differ.
"""

from __future__ import annotations

import runpy
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from vallum.theatre.bring.counts import counts
from vallum.theatre.bring.event_schemas import UCDP_COLUMNS
from vallum.theatre.bring.events import read_events
from vallum.theatre.bring.sections import EventsTable

if TYPE_CHECKING:
    from vallum.theatre.bring.area import Area

HELP = runpy.run_path(str(Path(__file__).parent / "fuzz" / "tables.py"))
ROWS, BLOCK = 400_000, 1000
TEXT = 'A paper, and a second one; "a title in quotes", de l\'été 2019. '


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a block of 1,000 rows again and again, with other identifiers."""
    spots = [(-2.25, 14.25), (-1.5, 16.75), (1.25, 13.5), (3.0, 17.0), (30.0, -1.0)]
    rows = []
    for number in range(BLOCK):
        lon, lat = spots[number % 5]
        lon, lat = lon + number / 10000, lat + number / 20000
        day = f"{2000 + number % 20}-{1 + number % 12:02d}-{1 + number % 28:02d}"
        prec = 6 if number % 100 == 0 else 1 + number % 5
        row = HELP["ucdp_row"](0, lon=lon, lat=lat, day=day, prec=prec, best=number % 4, high=9)
        row["source_article"] = TEXT * (2 + number % 4)
        row["source_headline"] = TEXT
        rows.append(row | {"id": "@", "relid": "@"})
    block = HELP["write"](rows).split(b"\n", 1)[1]
    parts = block.split(b"@,@")
    path = tmp_path_factory.mktemp("big") / "GEDEvent.csv"
    with path.open("wb") as stream:
        stream.write(",".join(UCDP_COLUMNS).encode() + b"\n")
        for start in range(0, ROWS, BLOCK):
            pieces = [parts[0]]
            for number, part in enumerate(parts[1:], start):
                pieces += [b"%d,%d" % (number, number), part]
            stream.write(b"".join(pieces))
    return path


@pytest.mark.slow
def test_four_hundred_thousand_events(big: Path) -> None:
    area: Area = HELP["area"]()
    table = EventsTable(
        file=(big,), format="ucdp-ged", covers=("2000-01", "2019-12"), **HELP["LAYER"]
    )
    wall, work = time.perf_counter(), time.process_time()
    events, faults = read_events((table,), area)
    wall, work = time.perf_counter() - wall, time.process_time() - work
    size = big.stat().st_size / 1e6
    print(f"{ROWS:,} rows, {size:.0f} MB: {wall:.1f} s, of which {work:.1f} s of one processor")
    assert faults == []
    assert events is not None
    frame = events.frame
    # of each 1,000: 200 at each of five places, the last outside; 10 at the first too rough
    blocks = ROWS // BLOCK
    assert frame["iso3"].value_counts().to_dict() == {"AAA": 390 * blocks, "BBB": 400 * blocks}
    assert frame["region"].value_counts().to_dict() == {
        "East": 400 * blocks, "North": 200 * blocks, "South": 190 * blocks,
    }  # fmt: skip
    kept = [n for n in range(BLOCK) if n % 5 != 4 and n % 100 != 0]
    assert frame["deaths"].sum() == blocks * sum(n % 4 for n in kept)
    assert events.sources[0].lost.startswith(f"{ROWS - len(frame):,} of {ROWS:,} events (21 %)")
    yearly, monthly, deaths = counts(events, area, None)
    assert yearly["events"].sum() == len(frame)
    assert len(monthly) == 0
    assert deaths["deaths"].sum() == frame["deaths"].sum()
    by_year = yearly.groupby("year")["events"].sum()
    for year in range(2000, 2020):
        assert by_year[year] == blocks * sum(1 for n in kept if 2000 + n % 20 == year)
