"""What the stored tables must satisfy; every breach is a fault, and all are found at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandera.pandas as pa
import shapely
from pyproj import Transformer

from vallum.errors import Fault, nearest
from vallum.theatre import means
from vallum.theatre.frame import projection
from vallum.theatre.rules import breaches, number, text

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.theatre.store import Stored

__all__ = ["ROLES", "faults"]

ROLES = ("member", "partner", "disputed", "flank")
SITE_KINDS = (
    "airport", "dam", "fishery", "heritage", "industry", "irrigation", "market", "mine", "park",
    "port", "power",
)  # fmt: skip
ROUTE_KINDS = ("road", "rail")
ROUTE_CLASSES = ("track", "primary", "trunk")
OUTSIDE_KM = 10.0  # a point further than this from the state it names is a fault
OFFSHORE_KM = 370.0  # but a site may lie at sea, in its state's economic zone of 200 nautical miles
POINTS = (  # tables of points, and the column that names the state each must lie in or by
    ("settlements", "iso3"),
    ("sites", "state"),
    ("crossings", "state_a"),
    ("crossings", "state_b"),
)


def _schemas() -> dict[str, Any]:
    """Describe every table: its columns, their ranges, what is unique."""
    place = {"lon": number(-180, 180), "lat": number(-90, 90)}
    count = {"events": number(0), "deaths": number(0)}
    shapes = {
        "countries": {
            "iso3": text(unique=True),
            "name": text(unique=True),
            "role": text(among=ROLES),
            "people": number(1),
            "people_source": text(),
            "gdp_usd": number(0, empty=True),
            "urban_share": number(0, 1, empty=True),
        },
        "region_people": {
            "iso3": text(),
            "region": text(),
            "people": number(0),
            "year": number(1900),
            "source": text(),
        },
        "settlements": {
            "geonameid": number(1),
            "name": text(),
            "iso3": text(),
            "region": text(),
            "people": number(1, 1e8),
            "imputed": text(),
            **place,
        },
        "sites": {
            "id": text(unique=True),
            "name": text(),
            "state": text(),
            "kind": text(among=SITE_KINDS),
            "output_usd_yr": number(0, empty=True),
            "coord_source": text(),
            **place,
        },
        "routes": {
            "route_id": text(unique=True),
            "name": text(),
            "kind": text(among=ROUTE_KINDS),
            "class": text(among=ROUTE_CLASSES),
            "states": text(),
            "freight_t_yr": number(0, empty=True),
            "source": text(),
        },
        "route_points": {"route_id": text(), "seq": number(), "place": text(), **place},
        "crossings": {"name": text(), "state_a": text(), "state_b": text(), **place},
        "rivers": {"river": text(), "part": text(), "seq": number(), "source": text(), **place},
        "threat_region_year": {"iso3": text(), "region": text(), "year": number(1900), **count},
        "threat_region_2026_01": {
            "iso3": text(),
            "region": text(),
            "year": number(1900),
            "month": number(1, 12),
            **count,
        },
        "threat_country_year": {"iso3": text(), "year": number(1900), "deaths": number(0)},
        "on_grid": {"iso3": text(unique=True), "rural_on_grid": number(0, 1)},
        "sources": {
            name: text() for name in ("layer", "source", "licence", "address", "date", "treatment")
        },
    }
    unique = {
        "region_people": ["iso3", "region"],
        "settlements": ["geonameid"],
        "route_points": ["route_id", "seq"],
        "rivers": ["river", "part", "seq"],
        "threat_region_year": ["iso3", "region", "year"],
        "threat_country_year": ["iso3", "year"],
    }
    return {
        name: pa.DataFrameSchema(columns, unique=unique.get(name))
        for name, columns in shapes.items()
    }


def faults(stored: Stored) -> list[Fault]:
    """Find everything that is wrong with the tables of a theatre.

    First each table by itself (columns, ranges, empty fields, duplicates); where those hold, what
    the tables say of one another: known states and regions, points within 10 km of the state they
    name (and whether swapping longitude and latitude would mend it), routes of two points and
    more, and totals.
    """
    found = [
        fault
        for name, schema in _schemas().items()
        for fault in breaches(f"{name}.csv", stored.tables[name], schema)
    ]
    if found:
        return found
    found += _roles(stored)
    found += _states_known(stored)
    found += means.faults(stored.tables)
    if found:
        return found
    bases = (("bases", "state"),) if "bases" in stored.tables else ()
    for name, column in (*POINTS, *bases):
        found += _outside(f"{name}.csv", stored, stored.tables[name], column)
    return found + _routes(stored) + _regions_known(stored) + _census(stored)


def _roles(stored: Stored) -> list[Fault]:
    """Check that roles agree with theatre.toml and with one another."""
    role = stored.tables["countries"].set_index("iso3")["role"]
    config = stored.config
    wanted = {
        "member": list(config["members"]),
        "partner": [config["partner"]],
        "disputed": list(config["disputed"]),
    }
    out = []
    for name, states in wanted.items():
        held = [str(iso3) for iso3 in role.index[role == name]]
        if sorted(held) != sorted(states):
            said = f"role {name}: {held}, in theatre.toml {states}"
            out.append(Fault("countries.csv", "role", said, "make the two agree"))
    drawn = [str(name) for name in stored.borders["iso3"]]
    out += [
        Fault("borders.geojson", "iso3", f"no polygon of {iso3}", "rebuild the theatre")
        for iso3 in role.index
        if iso3 not in drawn
    ]
    return out


def _states_known(stored: Stored) -> list[Fault]:
    """Check that every state named anywhere is in countries.csv."""
    known = [str(iso3) for iso3 in stored.tables["countries"]["iso3"]]
    out = []
    columns = [(name, "iso3") for name in stored.tables if name not in {"countries", "sources"}]
    for name, column in (*columns, *POINTS[1:]):
        table = stored.tables[name]
        if column not in table:
            continue
        for value in sorted(set(table[column].astype(str)) - set(known)):
            found = f"unknown state '{value}'"
            out.append(Fault(f"{name}.csv", f"column {column}", found, nearest(value, known)))
    return out


def _outside(where: str, stored: Stored, table: pd.DataFrame, column: str) -> list[Fault]:
    """Find points that lie far outside the state they name."""
    crs = projection(stored.config)
    state = stored.borders.set_index("iso3").to_crs(crs).geometry
    land = shapely.union_all(state.to_numpy())
    shapely.prepare(land)
    to_metres = Transformer.from_crs(4326, crs, always_xy=True)

    def far(rows: pd.DataFrame, lon: str, lat: str) -> NDArray[np.bool_]:
        # as lists: of an array of one point pyproj tries to make a number, and numpy warns
        x, y = map(np.asarray, to_metres.transform(rows[lon].tolist(), rows[lat].tolist()))
        points = gpd.GeoSeries(gpd.points_from_xy(x, y), crs=crs, index=rows.index)
        own = gpd.GeoSeries(state.loc[rows[column]].array, index=rows.index)
        distance = points.distance(own) / 1000
        at_sea = ~points.intersects(land) & (distance <= OFFSHORE_KM) & (column == "state")
        return np.asarray((distance > OUTSIDE_KM) & ~at_sea | points.is_empty)

    bad = table[far(table, "lon", "lat")]
    if bad.empty:
        return []
    swapped = ~far(bad, "lat", "lon")
    out = []
    for (index, row), swap in zip(bad.iterrows(), swapped, strict=True):
        found = f"({row['lon']}, {row['lat']}) is more than {OUTSIDE_KM:g} km outside {row[column]}"
        mend = "lon and lat look swapped: swap them" if swap else "correct lon, lat or the state"
        name = row["place"] if "place" in row else row["name"]
        out.append(Fault(where, f"row {int(str(index)) + 2} ({name})", found, mend))
    return out


def _routes(stored: Stored) -> list[Fault]:
    """Check that every route has points, and every point a route."""
    routes = set(stored.tables["routes"]["route_id"].astype(str))
    count = stored.tables["route_points"]["route_id"].astype(str).value_counts()
    out = [
        Fault("route_points.csv", name, f"{int(count.get(name, 0))} points", "give two or more")
        for name in sorted(routes)
        if count.get(name, 0) < 2
    ]
    return out + [
        Fault("route_points.csv", str(name), "no such route", nearest(str(name), sorted(routes)))
        for name in sorted(set(count.index) - routes)
    ]


def _regions_known(stored: Stored) -> list[Fault]:
    """Check that the regions that events and settlements name are drawn."""
    frame = stored.regions
    drawn = {str(iso3): sorted(part["name"]) for iso3, part in frame.groupby("iso3")}
    out = []
    for name in ("region_people", "threat_region_year", "threat_region_2026_01", "settlements"):
        pairs = stored.tables[name][["iso3", "region"]].drop_duplicates()
        for iso3, region in pairs.itertuples(index=False):
            known = drawn.get(str(iso3), [])
            if region not in known:
                found = f"no region '{region}' of {iso3} in regions.geojson"
                out.append(
                    Fault(f"{name}.csv", "column region", found, nearest(str(region), known))
                )
    return out


def _census(stored: Stored) -> list[Fault]:
    """Check that a state counted by region has every region, someone, and lies on the grid."""
    where, table = "region_people.csv", stored.tables["region_people"]
    part = stored.tables["on_grid"].set_index("iso3")["rural_on_grid"]
    out = []
    for iso3, rows in table.groupby("iso3"):
        drawn = stored.regions.loc[stored.regions["iso3"] == iso3, "name"]
        out += [
            Fault(
                where, "column region", f"no row of {name} in {iso3}", "give every region or none"
            )
            for name in sorted(set(drawn) - set(rows["region"]))
        ]
        if rows["people"].sum() <= 0:
            out.append(Fault(where, f"{iso3}", "nobody in any region", "correct the counts"))
        if part.get(iso3, 0.0) < 1:
            found = f"{iso3} is only partly on the grid"
            out.append(Fault(where, f"{iso3}", found, "leave its rows out"))
    return out
