"""The claim on real events of the shared folder: computed, printed, and judged by its own rule."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist

from vallum.theatre.model import no_events
from vallum.threat.claim.settings import ClaimSettings
from vallum.threat.claim.verdict import as_record, assess_claim, judge

if TYPE_CHECKING:
    from pathlib import Path

    from vallum.theatre import Theatre

pytestmark = pytest.mark.shared

FILES = ("ucdp_ged211_sample_aoi.csv", "ucdp_ged_candidate_26_0_1_jan2026_aoi.csv")
CLAIMED = ("Kayes", "Koulikoro", "Sikasso")


@pytest.fixture(scope="module")
def recorded(shared: Path, sahel: Theatre) -> Theatre:
    """Lay the events over the built-in theatre's regions, by plain geopandas."""
    read = [pd.read_csv(shared / "data" / name) for name in FILES]
    read[1]["day"] = pd.to_datetime(read[1]["date_start"]).dt.day
    read[1]["month"] = pd.to_datetime(read[1]["date_start"]).dt.month
    kept = ["id", "year", "month", "day", "longitude", "latitude"]
    raw = pd.concat([table[kept] for table in read], ignore_index=True)
    place = gpd.points_from_xy(raw["longitude"], raw["latitude"], crs=4326)
    shapes = sahel.regions[["iso3", "name", "geometry"]]
    joined = gpd.GeoDataFrame(raw, geometry=place).to_crs(sahel.grid.crs).sjoin(shapes)
    joined = joined.drop_duplicates("id").reset_index(drop=True)
    events = pd.DataFrame({
        "event_id": joined["id"].astype(str),
        "date": pd.to_datetime(joined[["year", "month", "day"]]),
        "year": joined["year"], "month": joined["month"], "iso3": joined["iso3"],
        "region": joined["name"], "lon": joined["longitude"], "lat": joined["latitude"],
    }).reindex(columns=no_events().columns)  # fmt: skip
    whole = pd.DataFrame({"year": range(1989, 2021)}).assign(
        iso3="MLI", region="Kidal", events=0, deaths=0.0
    )
    month = pd.DataFrame({"year": [2026], "month": [1]}).assign(
        iso3="MLI", region="Kidal", events=0, deaths=0.0
    )
    return replace(sahel, events=events, events_year=whole, events_month=month)


def test_the_verdict_on_dated_events_follows_the_rule(recorded: Theatre) -> None:
    settings = ClaimSettings()
    claim = assess_claim(recorded, settings, seed=0)
    print(claim.sentence, claim.zones.to_string(), claim.power.to_string(), *claim.notes, sep="\n")
    assert claim.kind == "located"
    assert claim.verdict == judge(claim.zones, claim.power, settings)
    assert claim.power["power"].iloc[0] <= 0.1  # false alarms
    json.dumps(as_record(claim), allow_nan=False)


def test_pairs_are_those_of_a_plain_count(recorded: Theatre) -> None:
    """Count again without our code: no episodes, the main window, all distances at once."""
    settings = ClaimSettings(episode_km=0.0, episode_days=0)
    claim = assess_claim(recorded, settings, seed=0)
    events = recorded.events[recorded.events["year"] >= settings.first_year]
    place = gpd.GeoSeries(gpd.points_from_xy(events["lon"], events["lat"], crs=4326)).to_crs(
        recorded.grid.crs
    )
    xy = np.column_stack([place.x, place.y]) / 1000.0
    day = (events["date"] - pd.Timestamp("1970-01-01")).dt.days.to_numpy()
    inside = (events["region"].isin(CLAIMED) & (events["iso3"] == "MLI")).to_numpy()
    unique = np.unique(np.column_stack([day, xy])[inside], axis=0)  # same day and place: one
    gap = cdist(unique[:, 1:], xy)
    lag = unique[:, :1] - day
    near = (gap <= 300.0) & (lag > 0) & (lag <= 90)
    south = events["iso3"].isin(["BFA", "CIV", "GIN", "SEN"]).to_numpy()
    central = ((events["iso3"] == "MLI") & events["region"].isin(
        ["Mopti", "Ségou", "Timbuktu", "Gao", "Kidal"])).to_numpy()  # fmt: skip
    zones = claim.zones.set_index("zone")
    assert claim.arrivals == len(unique)
    assert zones.loc["Mauritania", "pairs"] == near[:, (events["iso3"] == "MRT").to_numpy()].sum()
    assert zones.loc["the south", "pairs"] == near[:, south].sum()
    assert zones.loc["central and northern Mali", "pairs"] == near[:, central].sum()


def test_the_verdict_on_counts_follows_the_rule(shared: Path, sahel: Theatre) -> None:
    assert shared.is_dir()
    settings = ClaimSettings()
    claim = assess_claim(sahel, settings, seed=0)
    print(claim.sentence, *claim.notes, sep="\n")
    assert claim.kind == "counts"
    assert claim.verdict == judge(claim.zones, claim.power, settings)
