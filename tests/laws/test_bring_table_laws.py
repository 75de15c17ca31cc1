"""What must hold of any table of events: order doesn't matter, and nothing is lost uncounted."""

from __future__ import annotations

import re
import runpy
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from vallum.theatre.bring.counts import counts
from vallum.theatre.bring.csvs import read_csv
from vallum.theatre.bring.events import read_events
from vallum.theatre.bring.places import read_settlements
from vallum.theatre.bring.sections import EventsTable, SettlementsTable

HELP = runpy.run_path(str(Path(__file__).parents[1] / "fuzz" / "tables.py"))
LAYER, AREA, write = HELP["LAYER"], HELP["area"](), HELP["write"]
COLUMNS = {"date": "day", "lon": "lon", "lat": "lat", "deaths": "dead", "where_precision": "prec"}
COVERS = ("2015-01", "2020-12")

place = st.tuples(
    st.integers(-70, 70).map(lambda tenths: tenths / 10),
    st.integers(100, 200).map(lambda tenths: tenths / 10),
)
event = st.builds(
    lambda where, day, dead, prec: {
        "day": day.isoformat(), "lon": str(where[0]), "lat": str(where[1]), "dead": str(dead),
        "prec": str(prec),
    },
    place,
    st.dates(pd.Timestamp("2015-01-01").date(), pd.Timestamp("2020-12-31").date()),
    st.integers(0, 50),
    st.integers(1, 7),
)  # fmt: skip
tables = st.lists(event, min_size=1, max_size=25)
LAWS = settings(max_examples=40, deadline=None, derandomize=True)


def read(rows: list[dict[str, str]], **more: Any) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "e.csv"
        path.write_bytes(write(rows))
        table = EventsTable(
            file=(path,), format="csv", covers=COVERS, max_where_precision=5, **LAYER, **more
        )
        return read_events((table,), AREA)


def numbered(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{"id": str(number), **row} for number, row in enumerate(rows)]


@LAWS
@given(rows=tables, order=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows: list[dict[str, str]], order: Any) -> None:
    rows = list({tuple(row.values())[:4]: row for row in rows}.values())  # no event twice
    shuffled = list(rows)
    order.shuffle(shuffled)
    one, faults = read(rows, columns=COLUMNS)
    other, others = read(shuffled, columns=COLUMNS)
    if one is None:
        assert [_without_rows(fault) for fault in faults] == [_without_rows(f) for f in others]
        return
    pd.testing.assert_frame_equal(one.frame, other.frame)
    assert one.sources[0].lost == other.sources[0].lost
    assert one.covers == other.covers


def _without_rows(fault: Any) -> tuple[str, str]:
    return re.sub(r"row [0-9]+", "row", fault.place), re.sub(r"\(.*\)", "", fault.found)


@LAWS
@given(rows=tables)
def test_kept_and_lost_are_all_that_was_read(rows: list[dict[str, str]]) -> None:
    events, faults = read(numbered(rows), columns={"id": "id", **COLUMNS})
    if events is None:
        assert all("swapped" in fault.found for fault in faults)
        return
    lost, dead = 0, 0
    if (text := events.sources[0].lost) != "nothing":
        found = re.match(r"(\d+) of (\d+) events .*?, with (\d+) of (\d+) deaths: (.*)", text)
        assert found is not None
        lost, dead = int(found[1]), int(found[3])
        assert int(found[2]) == len(rows)
        assert int(found[4]) == sum(int(row["dead"]) for row in rows)
        parts = [int(part.split(" ", 1)[0]) for part in found[5].split(", ")]
        assert sum(parts) == lost
    assert len(events.frame) + lost == len(rows)
    assert events.frame["deaths"].sum() + dead == sum(int(row["dead"]) for row in rows)


@LAWS
@given(rows=tables)
def test_counts_add_up_to_the_events_kept(rows: list[dict[str, str]]) -> None:
    events, _ = read(numbered(rows), columns={"id": "id", **COLUMNS})
    if events is None:
        return
    yearly, monthly, deaths = counts(events, AREA, None)
    assert len(monthly) == 0
    assert yearly["events"].sum() == len(events.frame)
    assert yearly["deaths"].sum() == events.frame["deaths"].sum() == deaths["deaths"].sum()
    assert set(yearly["year"]) == set(range(2015, 2021))
    assert not yearly.duplicated(["iso3", "region", "year"]).any()
    names = set(zip(AREA.regions["iso3"], AREA.regions["name"], strict=True))
    assert set(zip(yearly["iso3"], yearly["region"], strict=True)) <= names


@LAWS
@given(rows=tables)
def test_settlements_lose_no_people_uncounted(rows: list[dict[str, str]]) -> None:
    towns = [{"name": f"T{n}", **row} for n, row in enumerate(rows)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_bytes(write(towns))
        columns = {"name": "name", "people": "dead", "lon": "lon", "lat": "lat"}
        frame, source, faults = read_settlements(
            SettlementsTable(file=(path,), **columns, **LAYER), AREA
        )
    if frame is None or source is None:
        assert all("swapped" in fault.found for fault in faults)
        return
    found = re.match(r"(\d+) of (\d+) settlements, with (\d+) of (\d+) people", source.lost)
    lost, people = (int(found[1]), int(found[3])) if found else (0, 0)
    assert len(frame) + lost == len(rows)
    assert frame["people"].sum() + people == sum(int(row["dead"]) for row in rows)


fields = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=8
)


@LAWS
@given(rows=st.lists(st.tuples(fields, fields, fields), min_size=1, max_size=12))
def test_any_text_comes_back_as_it_was_written(rows: list[tuple[str, str, str]]) -> None:
    written = [{"a": one, "b": two, "c": three} for one, two, three in rows]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_bytes(write(written))
        frame, faults = read_csv(path, columns=None)
    if frame is None:
        return
    assert all("spoilt" in fault.found for fault in faults)
    again = frame.astype(object).where(frame.notna(), "").to_numpy().tolist()
    assert again == [list(row) for row in rows]
    line = 2
    for index, row in zip(frame.index, rows, strict=True):
        assert index == line
        line += 1 + sum(field.count("\n") for field in row)
