"""Tables of events: three shapes, their faults, clipping, and the counts made of them."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from vallum.theatre.bring.counts import counts
from vallum.theatre.bring.event_schemas import UCDP_COLUMNS
from vallum.theatre.bring.events import Events, read_events
from vallum.theatre.bring.sections import EventsTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from vallum.theatre.bring.area import Area

    Save = Callable[..., EventsTable]

HELP = runpy.run_path(str(Path(__file__).parents[1] / "fuzz" / "tables.py"))
LAYER, ucdp, acled, write = HELP["LAYER"], HELP["ucdp_row"], HELP["acled_row"], HELP["write"]
COLUMNS = {"id": "id", "date": "day", "lon": "lon", "lat": "lat", "deaths": "dead"}


@pytest.fixture(scope="module")
def area() -> Area:
    return HELP["area"]()


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def to_table(
        rows: list[dict[str, str]] | str, form: str = "ucdp-ged", name: str = "e", **more: Any
    ) -> EventsTable:
        path = tmp_path / f"{name}.csv"
        path.write_bytes(rows.encode() if isinstance(rows, str) else write(rows))
        if form == "csv":
            more.setdefault("columns", COLUMNS)
        return EventsTable(file=(path,), format=form, **LAYER, **more)

    return to_table


def told(faults: list[Any]) -> str:
    return "\n".join(str(fault) for fault in faults)


def good(tables: tuple[EventsTable, ...], area: Area) -> Events:
    events, faults = read_events(tables, area)
    assert faults == []
    assert events is not None
    return events


def bad(tables: tuple[EventsTable, ...], area: Area) -> str:
    events, faults = read_events(tables, area)
    assert events is None
    assert all(fault.mend for fault in faults)
    return told(faults)


def test_ucdp(save: Save, area: Area) -> None:
    rows = [
        ucdp(1, day="2020-03-04", best=3, high=9, low=1, kind=1, prec=2),
        ucdp(2, lon=1.25, day="2019-12-31", kind=3, prec=1, best=1, date_prec=4),
        ucdp(3, lat=16.75, day="2020-07-01", kind=2, prec=5, best=0, high=0, date_prec=5),
    ]
    events = good((save(rows),), area)
    frame = events.frame
    assert frame["event_id"].tolist() == ["2", "1", "3"]
    assert frame["date"].dtype == "datetime64[s]"
    assert frame["date"].isna().tolist() == [True, False, True]
    assert frame["date"][1] == pd.Timestamp("2020-03-04")
    assert frame["year"].tolist() == [2019, 2020, 2020]
    assert frame["month"].isna().tolist() == [False, False, True]
    assert frame["iso3"].tolist() == ["BBB", "AAA", "AAA"]
    assert frame["region"].tolist() == ["East", "South", "North"]
    assert frame["kind"].tolist() == ["one-sided", "state-based", "non-state"]
    assert frame["dyad"].tolist() == ["Government of Aland - Group"] * 3
    assert frame["deaths"].tolist() == [1.0, 3.0, 0.0]
    assert frame["high"].tolist()[1] == 9.0
    assert events.covers == (("2019-12", "2020-07"),)
    assert events.sources[0].lost.startswith("1 more are in no count")
    assert len(events.sources[0].sha256) == 64
    row, col = int(frame["row"][1]), int(frame["col"][1])
    assert area.state[row, col] == 0


def test_no_person_note_or_source_is_kept(save: Save, area: Area) -> None:
    events = good((save([ucdp(1)]), save([acled(1)], "acled", "b")), area)
    text = events.frame.to_csv() + str(events.sources)
    for word in ("Paper", "near Town", "A note", "Town"):
        assert word not in text


def test_columns_of_ucdp_in_any_order_and_dates_of_older_releases(save: Save, area: Area) -> None:
    row = ucdp(1, day="2020-03-04")
    row |= {"date_start": "3/4/2020", "active_year": "True", "gwnoa": "432", "id": "1.0"}
    mixed = {name: row[name] for name in sorted(UCDP_COLUMNS)}
    events = good((save([mixed]),), area)
    assert events.frame["date"][0] == pd.Timestamp("2020-03-04")
    assert events.frame["event_id"][0] == "1"


def test_a_table_with_other_columns_is_no_ged(save: Save, area: Area) -> None:
    row = ucdp(1)
    row["Best"] = row.pop("best")
    del row["gwnob"]
    text = bad((save([row]),), area)
    assert "[column best]: a column of UCDP GED is missing. Mend: did you mean 'Best'?" in text
    assert "[column gwnob]: a column of UCDP GED is missing" in text
    assert 'format = "csv"' in text
    assert "[column Best]: not a column of UCDP GED" in text


def test_a_release_whose_low_and_high_are_out_of_order_is_kept_as_it_is(
    save: Save, area: Area
) -> None:
    events = good((save([ucdp(1, low=5, best=3), ucdp(2, best=5, high=3)]),), area)
    assert events.frame["deaths"].tolist() == [3.0, 5.0]
    assert events.frame["low"][0] == 5.0


FAULTS = {
    "negative": ({"best": -1}, "'-1': too small"),
    "kind": ({"kind": 4}, "'4': not one of the values allowed"),
    "where": ({"prec": 8}, "'8': too large"),
    "half": ({"prec": 2.5}, "'2.5': not a whole number"),
    "when": ({"date_prec": 0}, "'0': too small"),
    "future": ({"day": "2024-07-01"}, "2024-07-01: after 2024-06-30"),
    "no day": ({"day": "2020-02-30"}, "no such day"),
    "nowhere": ({"lon": 0, "lat": 0}, "(0, 0): no place"),
    "north": ({"lon": 14.0, "lat": 195.0}, "'195': too large"),
    "comma": ({"lat": "14,5", "lon": "-2,5"}, "'14,5': a decimal comma"),
    "empty": ({"best": ""}, "column best, row 4]: nothing: the field is empty"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults_of_an_event(save: Save, area: Area, name: str) -> None:
    change, found = FAULTS[name]
    fine = {
        key: value for key, value in change.items() if not isinstance(value, str) or key == "day"
    }
    row = ucdp(2, **fine)
    named = {"lat": "latitude", "lon": "longitude"}
    row |= {named.get(key, key): value for key, value in change.items() if key not in fine}
    text = bad((save([ucdp(1), row, *(ucdp(n) for n in range(3, 9))]),), area)
    assert found in text
    assert "row 4" in text  # of each event a field holds a newline


def test_all_faults_at_once(save: Save, area: Area) -> None:
    rows = [ucdp(1), ucdp(1), ucdp(2, best=-4), ucdp(3, day="1850-01-01"), ucdp(4)]
    rows[4]["year"] = "2019"
    text = bad((save(rows), save("x,y\n1,2\n", "csv", "other")), area)
    assert "[column id, row 4]: '1': an earlier row has it too" in text
    assert "[column best, row 6]" in text
    assert "row 8]: '1850': too small" in text
    assert "row 10]: year 2019, and the date says 2020" in text
    assert "other.csv [column day]: no such column (for date)" in text


def test_swapped_coordinates_of_a_table_and_of_a_row(save: Save, area: Area) -> None:
    rows = [ucdp(n, lon=-2.0, lat=14.0 + n / 10) for n in range(1, 8)]
    rows = [{**row, "latitude": row["longitude"], "longitude": row["latitude"]} for row in rows]
    rows.append(ucdp(9))
    text = bad((save(rows),), area)
    assert "look swapped in 7 of 8 rows" in text
    assert text.count("\n") == 0
    turned = save(rows[:7], crs_swapped=True)
    assert len(good((turned,), area).frame) == 7
    rows = [ucdp(n) for n in range(1, 30)] + [ucdp(30, lon=14.25, lat=-2.25)]
    text = bad((save(rows),), area)
    assert "[row 60]: (14.25, -2.25): longitude and latitude look swapped" in text


def test_a_world_wide_table_is_not_called_swapped(save: Save, area: Area) -> None:
    rows = [ucdp(n) for n in range(1, 6)] + [ucdp(n, lon=14.0, lat=-2.0) for n in range(6, 9)]
    rows += [ucdp(n, lon=40.0, lat=35.0) for n in range(9, 15)]
    events = good((save(rows),), area)
    assert len(events.frame) == 5
    row = ucdp(20, lon=-100.25, lat=20.25)
    row |= {
        "longitude": "20.25",
        "latitude": "-89.25",
        "priogrid_gid": ucdp(1, lon=-89.25, lat=20.25)["priogrid_gid"],
    }
    assert "(20.25, -89.25)" in bad((save([*rows, row]),), area)


def test_what_is_left_out_is_counted(save: Save, area: Area) -> None:
    rows = [
        ucdp(1, best=1, prec=1), ucdp(2, best=2, prec=6, high=9), ucdp(3, lon=30.0, best=3, prec=1),
        ucdp(4, lon=-2.0, lat=11.5, best=4, prec=1, high=9), ucdp(5, lon=4.05, best=5, prec=1),
        ucdp(6, lon=5.0, best=6, prec=1, high=9), ucdp(7, lon=-2.0, lat=18.05, best=0, prec=1),
        ucdp(8, lon=-2.0, lat=11.99, best=1, prec=1),
    ]  # fmt: skip
    events = good((save(rows),), area)
    assert sorted(events.frame["event_id"]) == ["1", "5", "7"]
    near = events.frame.set_index("event_id")
    assert (near["iso3"]["5"], near["region"]["5"]) == ("BBB", "East")
    assert (near["iso3"]["7"], near["region"]["7"]) == ("AAA", "North")
    assert events.sources[0].lost.startswith(
        "5 of 8 events (62 %), with 16 of 22 deaths: 1 are located less well than 5, "
        "1 lie outside the theatre's grid, 3 lie in no state shown"
    )
    wide = good((save(rows, max_where_precision=6),), area)
    assert len(wide.frame) == 4


def test_acled(save: Save, area: Area) -> None:
    rows = [
        acled(1, event_date="2 January 2024", year=2024),
        acled(2, event_date="2024-01-03", year=2024, time_precision=3),
        acled(3, event_type="Protests", sub_event_type="Peaceful protest", fatalities=0),
        acled(4, event_type="Protests", sub_event_type="Excessive force against protesters"),
        acled(
            5, event_type="Strategic developments", sub_event_type="Looting/property destruction"
        ),
        acled(6, event_type="Strategic developments", sub_event_type="Arrests", fatalities=0),
        acled(7, event_type="Riots", sub_event_type="Mob violence", actor2=""),
        acled(8, event_type="Violence Against Civilians", sub_event_type="Attack"),
        acled(9, event_type="Explosions/Remote violence", sub_event_type="Grenade"),
    ]
    events = good((save(rows, "acled"),), area)
    frame = events.frame.set_index("event_id")
    assert sorted(frame.index) == [f"BBB{n}" for n in (1, 2, 4, 5, 7, 8, 9)]
    assert pd.isna(frame["date"]["BBB2"])
    assert frame["month"]["BBB2"] == 1
    assert frame["kind"]["BBB7"] == "Riots"
    assert frame["dyad"]["BBB7"] == "Group"
    assert frame["dyad"]["BBB1"] == "Group - Military Forces of Béland"
    assert frame["low"].isna().all()
    assert "2 are no violence against life or property" in events.sources[0].lost


def test_faults_of_acled(save: Save, area: Area) -> None:
    row = acled(2, event_type="Battle-No change of territory", geo_precision=4)
    row["event_date"] = "13/02/2021"
    text = bad((save([acled(1), row], "acled"),), area)
    assert "'Battle-No change of territory': not one of the values allowed" in text
    assert "[column geo_precision, row 3]: '4': too large" in text
    assert "'13/02/2021': day or month first?" in text
    fewer = acled(1)
    fewer["Fatalities"] = fewer.pop("fatalities")
    assert "did you mean 'Fatalities'?" in bad((save([fewer], "acled"),), area)


def test_csv_with_columns_named(save: Save, area: Area) -> None:
    text = "y;m;x;n;d\n2001;5;-2;14;3\n2001;;-2;15;\n2002;12;1;13;2\n"
    columns = {"year": "y", "month": "m", "lon": "x", "lat": "n", "deaths": "d"}
    events = good((save(text, "csv", columns=columns),), area)
    assert events.frame["month"].isna().tolist() == [False, True, False]
    assert events.frame["deaths"].isna().tolist() == [False, True, False]
    assert events.covers == (("2001-01", "2002-12"),)
    assert events.frame["event_id"].is_unique


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ({"lon": "x", "lat": "n"}, "columns.date]: it is missing"),
        ({"lon": "x", "year": "y"}, "columns.lat]: it is missing"),
        ({"lon": "x", "lat": "n", "year": "y", "day": "m"}, "columns.month]: it is missing"),
        ({"lon": "x", "lat": "n", "year": "y", "death": "d"}, "did you mean 'deaths'?"),
        ({"lon": "x", "lat": "n", "year": "Y"}, "[column Y]: no such column (for year)"),
    ],
)
def test_columns_that_do_not_fit(
    save: Save, area: Area, columns: dict[str, str], found: str
) -> None:
    assert found in bad((save("x,n,y,m,d\n1,13,2001,1,1\n", "csv", columns=columns),), area)


def test_columns_are_for_csv(save: Save, area: Area) -> None:
    assert "columns are given" in bad((save([ucdp(1)], columns={"lon": "x"}),), area)


def test_the_same_event_twice(save: Save, area: Area) -> None:
    bare = {"date": "d", "lon": "x", "lat": "y", "deaths": "n"}
    text = "d,x,y,n\n2001-01-01,1,13,2\n2001-01-01,1,13,3\n2001-01-01,1.0,13,2\n"
    assert "row 4]: the same event as row 2" in bad((save(text, "csv", columns=bare),), area)


def test_one_event_in_two_tables_counts_once(save: Save, area: Area) -> None:
    first = save([ucdp(1, best=1), ucdp(2, best=2)], name="a")
    second = save([ucdp(2, best=5, high=9), ucdp(3, best=3)], name="b")
    events = good((first, second), area)
    assert events.frame.set_index("event_id")["deaths"].to_dict() == {"1": 1, "2": 2, "3": 3}
    assert [source.layer for source in events.sources] == ["events[1]", "events[2]"]
    assert events.sources[0].lost == "nothing" or "no count" in events.sources[0].lost
    assert "1 of 2 events" in events.sources[1].lost
    assert "1 are in an earlier table or file" in events.sources[1].lost


def test_one_id_for_two_events(save: Save, area: Area) -> None:
    first = save([ucdp(1)], name="a")
    second = save([ucdp(1, lon=3.0, lat=17.0, day="2011-01-01")], name="b")
    assert "id 1 is another event in an earlier table" in bad((first, second), area)


def test_tables_that_cover_the_same_months(save: Save, area: Area) -> None:
    bare = {"date": "d", "lon": "x", "lat": "y"}
    first = save("d,x,y\n2001-01-01,1,13\n2001-03-01,1,13\n", "csv", "a", columns=bare)
    second = save("d,x,y\n2001-02-01,1,14\n", "csv", "b", columns=bare)
    assert "2001-02 to 2001-02 is covered by" in bad((first, second), area)
    ged, other = (
        save([ucdp(1)], name="c"),
        save([acled(1, event_date="2020-03-02", year=2020)], "acled", "d"),
    )
    assert "is covered by" in bad((ged, other), area)


def test_covers(save: Save, area: Area) -> None:
    rows = [ucdp(1, day="2020-03-04")]
    text = bad((save(rows, covers=("2020-04", "2020-12")),), area)
    assert "row 2]: 2020-03: outside covers" in text
    assert "no span" not in text
    for span in (("2020-5", "2020-12"), ("2020-12", "2020-01"), ("2020-13", "2021-01")):
        assert "write first and last month" in bad((save(rows, covers=span),), area)
    assert "ends after 2024-06-30" in bad((save(rows, covers=("2020-01", "2024-07")),), area)


def test_counts_of_complete_years_and_fresh_months(save: Save, area: Area) -> None:
    days = ["2018-05-01", "2019-02-01", "2019-03-01", "2021-01-05", "2021-02-05"]
    rows = [ucdp(n, day=day, best=n, high=9, prec=1) for n, day in enumerate(days, 1)]
    rows.append(ucdp(9, day="2021-02-07", best=1, prec=1, date_prec=5))
    events = good((save(rows, covers=("2018-03", "2021-03")),), area)
    yearly, monthly, deaths = counts(events, area, None)
    assert yearly.to_numpy().tolist() == [
        ["AAA", "North", 2020, 0, 0.0],
        ["AAA", "South", 2019, 2, 5.0],
    ]
    assert monthly.to_numpy().tolist() == [
        ["AAA", "North", 2021, 3, 0, 0.0],
        ["AAA", "South", 2021, 1, 1, 4.0],
        ["AAA", "South", 2021, 2, 1, 5.0],
    ]
    assert deaths.to_numpy().tolist() == [
        ["AAA", 2019, 5.0], ["AAA", 2020, 0.0], ["BBB", 2019, 0.0], ["BBB", 2020, 0.0],
    ]  # fmt: skip
    assert events.sources[0].lost == (
        "2 more are in no count: of years observed in part, or of no known month"
    )
    given = pd.DataFrame({"iso3": ["BBB", "CCC"], "year": [2001, 2001], "deaths": [7, 8]})
    assert counts(events, area, given)[2].to_numpy().tolist() == [["BBB", 2001, 7.0]]


def test_counts_have_the_same_types_when_empty(save: Save, area: Area) -> None:
    full = counts(good((save([ucdp(1)], covers=("2020-01", "2021-02")),), area), area, None)
    far = good((save([ucdp(1, lon=40.0)], covers=("2020-02", "2020-04")),), area)
    assert len(far.frame) == 0
    empty = counts(far, area, None)
    for one, other in zip(full, empty, strict=True):
        assert one.dtypes.to_dict() == other.dtypes.to_dict()
    assert len(empty[0]) == 0
    assert empty[1]["events"].tolist() == [0, 0, 0]
    assert list(full[0]) == ["iso3", "region", "year", "events", "deaths"]
    assert list(full[1]) == ["iso3", "region", "year", "month", "events", "deaths"]
    assert list(full[2]) == ["iso3", "year", "deaths"]


def test_several_files_of_one_table_and_progress(save: Save, area: Area) -> None:
    first, second = save([ucdp(1)], name="a"), save([ucdp(2)], name="b")
    both = first.model_copy(update={"file": (*first.file, *second.file)})
    heard: list[str] = []
    events, _ = read_events((both,), area, progress=heard.append)
    assert events is not None
    assert len(events.frame) == 2
    assert heard == ["reading a.csv", "reading b.csv", "placing events"]


def test_one_event_without_an_id_in_two_files(save: Save, area: Area) -> None:
    bare = {"date": "d", "lon": "x", "lat": "y"}
    first = save("d,x,y\n2001-01-01,1,13\n2001-03-01,1,13\n", "csv", "a", columns=bare)
    second = save("d,x,y\n2001-03-01,1,13\n2001-03-02,1,13\n", "csv", "b", columns=bare)
    both = first.model_copy(update={"file": (*first.file, *second.file)})
    events = good((both,), area)
    assert len(events.frame) == 3
    assert "1 are in an earlier table or file" in events.sources[0].lost
