"""What the stored tables must satisfy; every breach is a fault, and all are found at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa
import shapely
from pandera.errors import SchemaErrors
from pyproj import Transformer

from vallum.errors import Fault, nearest
from vallum.theatre.frame import projection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from vallum.theatre.store import Stored

__all__ = ["ROLES", "faults"]

ROLES = ("member", "partner", "disputed", "flank")
MOST = 1e16  # of people, dollars, tonnes
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
RULES = {
    "coerce_dtype": "not a number",
    "not_nullable": "the field is empty",
    "field_uniqueness": "more than one row has it",
    "multiple_fields_uniqueness": "more than one row has it",
    "greater_than_or_equal_to": "too small",
    "less_than_or_equal_to": "too large",
    "isin": "not one of the values allowed",
}
MANY = 5  # faults of one kind in one column that are told one by one


def _number(low: float | None = None, high: float = MOST, *, empty: bool = False) -> Any:  # noqa: ANN401
    """Describe a column of numbers, finite and none larger than anything we count."""
    checks = [pa.Check.ge(-MOST if low is None else low), pa.Check.le(high)]
    return pa.Column(float, checks, nullable=empty, coerce=True)


def _text(*, unique: bool = False, among: tuple[str, ...] = ()) -> Any:  # noqa: ANN401
    """Describe a column of text that is never empty."""
    checks = [pa.Check.isin(among)] if among else []
    return pa.Column(None, checks, nullable=False, unique=unique)


def _schemas() -> dict[str, Any]:
    """Describe every table: its columns, their ranges, what is unique."""
    place = {"lon": _number(-180, 180), "lat": _number(-90, 90)}
    count = {"events": _number(0), "deaths": _number(0)}
    shapes = {
        "countries": {
            "iso3": _text(unique=True),
            "name": _text(unique=True),
            "role": _text(among=ROLES),
            "people": _number(1),
            "people_source": _text(),
            "gdp_usd": _number(0, empty=True),
            "urban_share": _number(0, 1, empty=True),
        },
        "region_people": {
            "iso3": _text(),
            "region": _text(),
            "people": _number(0),
            "year": _number(1900),
            "source": _text(),
        },
        "settlements": {
            "geonameid": _number(1),
            "name": _text(),
            "iso3": _text(),
            "region": _text(),
            "people": _number(1, 1e8),
            "imputed": _text(),
            **place,
        },
        "sites": {
            "id": _text(unique=True),
            "name": _text(),
            "state": _text(),
            "kind": _text(among=SITE_KINDS),
            "output_usd_yr": _number(0, empty=True),
            "coord_source": _text(),
            **place,
        },
        "routes": {
            "route_id": _text(unique=True),
            "name": _text(),
            "kind": _text(among=ROUTE_KINDS),
            "class": _text(among=ROUTE_CLASSES),
            "states": _text(),
            "freight_t_yr": _number(0, empty=True),
            "source": _text(),
        },
        "route_points": {"route_id": _text(), "seq": _number(), "place": _text(), **place},
        "crossings": {"name": _text(), "state_a": _text(), "state_b": _text(), **place},
        "rivers": {"river": _text(), "part": _text(), "seq": _number(), "source": _text(), **place},
        "threat_region_year": {"iso3": _text(), "region": _text(), "year": _number(1900), **count},
        "threat_region_2026_01": {
            "iso3": _text(),
            "region": _text(),
            "year": _number(1900),
            "month": _number(1, 12),
            **count,
        },
        "threat_country_year": {"iso3": _text(), "year": _number(1900), "deaths": _number(0)},
        "on_grid": {"iso3": _text(unique=True), "rural_on_grid": _number(0, 1)},
        "sources": {
            name: _text() for name in ("layer", "source", "licence", "address", "date", "treatment")
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
        for fault in _breaches(f"{name}.csv", stored.tables[name], schema)
    ]
    if found:
        return found
    found += _roles(stored)
    found += _states_known(stored)
    if found:
        return found
    for name, column in POINTS:
        found += _outside(f"{name}.csv", stored, stored.tables[name], column)
    return found + _routes(stored) + _regions_known(stored) + _census(stored)


def _breaches(where: str, table: pd.DataFrame, schema: Any) -> Iterator[Fault]:  # noqa: ANN401
    """Check one table by its schema; the row named is that of the file, its header being row 1."""
    try:
        schema.validate(table, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
    else:
        return
    kind = cases["check"].astype(str)
    for name in cases.loc[kind == "column_in_dataframe", "failure_case"]:
        yield Fault(where, str(name), "the column is missing", f"add a column '{name}'")
    words = cases["column"][kind.str.startswith("coerce")]
    later = cases["column"].isin(words) & ~kind.str.startswith("coerce")  # follow from the first
    cases = cases[(kind != "column_in_dataframe") & ~later]
    cases = cases.drop_duplicates(["column", "check", "index"])
    for (column, check), group in cases.groupby(["column", "check"], dropna=False, sort=False):
        rule = RULES.get(str(check).split("(", maxsplit=1)[0], str(check))
        for _, case in group.head(MANY).iterrows():
            row, value = case["index"], case["failure_case"]
            place = f"column {column}" + ("" if pd.isna(row) else f", row {int(row) + 2}")
            text = "nothing" if pd.isna(value) else repr(value)
            yield Fault(where, place, f"{text}: {rule}", "correct the value")
        if len(group) > MANY:
            rest = f"and {len(group) - MANY} more like these"
            yield Fault(where, f"column {column}", rest, "correct the values")


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
            text = f"role {name}: {held}, in theatre.toml {states}"
            out.append(Fault("countries.csv", "role", text, "make the two agree"))
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
        out.append(Fault(where, f"row {int(str(index)) + 2} ({row['name']})", found, mend))
    return out


def _routes(stored: Stored) -> list[Fault]:
    """Check that every route has points, and every point a route."""
    routes = set(stored.tables["routes"]["route_id"].astype(str))
    number = stored.tables["route_points"]["route_id"].astype(str).value_counts()
    out = [
        Fault("route_points.csv", name, f"{int(number.get(name, 0))} points", "give two or more")
        for name in sorted(routes)
        if number.get(name, 0) < 2
    ]
    return out + [
        Fault("route_points.csv", str(name), "no such route", nearest(str(name), sorted(routes)))
        for name in sorted(set(number.index) - routes)
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
