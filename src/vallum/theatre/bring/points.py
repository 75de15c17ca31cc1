"""Reading a user's table of points: a layer, or a CSV with coordinates; checked, not yet placed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
import shapely

from vallum.errors import Fault
from vallum.theatre.bring import fields
from vallum.theatre.bring.csvs import read_csv
from vallum.theatre.bring.provenance import GEOGRAPHIC
from vallum.theatre.bring.vectors import crs_text, read_vector
from vallum.theatre.bring.whose import swapped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.theatre.bring.area import Area
    from vallum.theatre.bring.sections import SettlementsTable, SitesTable

__all__ = ["crs_of", "name_of", "read_points"]

TEXT_FILES = (".csv", ".tsv", ".txt", ".tab")


def read_points(
    table: SettlementsTable | SitesTable, key: str, take: Mapping[str, str], area: Area
) -> tuple[pd.DataFrame | None, list[Fault]]:
    """Read a table or layer of points, and check their coordinates and identifiers.

    Parameters
    ----------
    table
        What the config says of it.
    key
        Its key in the config, for faults.
    take
        Our names of columns to the file's; `people` and `output_usd_yr` are read as numbers.
    area
        The theatre's ground, for coordinates that look swapped.

    Returns
    -------
    rows
        The columns taken, `identifier` (the row's number where the config names no column), lon,
        lat; the index says where, for faults. None where the file can't be read at all.
    faults
        All that are found.
    """
    rows, faults = _read(table, key, take)
    if rows is None:
        return None, faults
    names = {**take, **_lon_lat(table)}
    return rows, faults + _coordinates(rows, area, name_of(table), names)


def _read(
    table: SettlementsTable | SitesTable, key: str, take: Mapping[str, str]
) -> tuple[pd.DataFrame | None, list[Fault]]:
    """Read a table or layer: our columns, `identifier`, lon and lat; the index says where."""
    named = dict(take) | ({"identifier": table.identifier} if table.identifier else {})
    if table.file[0].suffix.lower() in TEXT_FILES:
        raw, faults = _from_csv(table, key, named)
    else:
        raw, faults = _from_layer(table, key, named)
    if raw is None:
        return None, faults
    where, names = name_of(table), {**named, **_lon_lat(table)}
    out = pd.DataFrame(index=raw.index)
    for name in raw:
        ours = str(name)
        if ours in {"people", "output_usd_yr", "lon", "lat"}:
            out[ours], told = fields.numbers(where, names[ours], raw[ours])
            faults += told
            if ours in {"lon", "lat"} and not told:
                faults += fields.empties(where, names[ours], raw[ours])
        elif ours == "identifier" and pd.api.types.is_integer_dtype(raw[ours]):
            out[ours] = raw[ours]
        else:
            text = raw[ours].astype(object).where(raw[ours].notna(), None)
            out[ours] = text.map(lambda value: str(value).strip() or None, na_action="ignore")
    if "identifier" not in out:
        out["identifier"] = np.arange(1, len(out) + 1)
    else:
        faults += _identifiers(out["identifier"], where, named["identifier"])
    return (None, faults) if faults else (out, [])


def _from_csv(
    table: SettlementsTable | SitesTable, key: str, named: Mapping[str, str]
) -> tuple[pd.DataFrame | None, list[Fault]]:
    """Read CSV files; the index is the line, with the file's name where there are several."""
    faults = [
        Fault(
            str(table.file[0]),
            f"{key}.{name}",
            "it is missing",
            f'say {name} = "…": a CSV has columns',
        )
        for name in ("lon", "lat")
        if getattr(table, name) is None
    ]
    if faults:
        return None, faults
    names = {**named, **_lon_lat(table)}
    frames = []
    for path in table.file:
        columns = list(dict.fromkeys(names.values()))
        text, found = read_csv(path, encoding=table.encoding or "utf-8", columns=columns)
        faults += found
        if text is not None:
            ours = pd.DataFrame({name: text[column] for name, column in names.items()})
            if len(table.file) > 1:
                ours.index = pd.Index([f"{path.name}: row {line}" for line in ours.index])
            frames.append(ours)
    return (None, faults) if faults else (pd.concat(frames), [])


def _from_layer(
    table: SettlementsTable | SitesTable, key: str, named: Mapping[str, str]
) -> tuple[pd.DataFrame | None, list[Fault]]:
    """Read a layer of points; of several points in one feature, the middle."""
    columns = tuple(dict.fromkeys(named.values()))
    layer, faults = read_vector(table, key, kinds=("Point", "MultiPoint"), columns=columns)
    if layer is None:
        return None, faults
    middle = shapely.centroid(layer.geometry.to_numpy())
    ours = pd.DataFrame({name: layer[column] for name, column in named.items()}, index=layer.index)
    return ours.assign(lon=shapely.get_x(middle), lat=shapely.get_y(middle)), []


def _lon_lat(table: SettlementsTable | SitesTable) -> dict[str, str]:
    """Name the columns of the coordinates."""
    return {"lon": table.lon or "longitude", "lat": table.lat or "latitude"}


def name_of(table: SettlementsTable | SitesTable) -> str:
    """Name the file for faults; of several files, the rows name theirs."""
    return str(table.file[0]) if len(table.file) == 1 else str(table.file[0].parent)


def crs_of(table: SettlementsTable | SitesTable) -> str:
    """Name the coordinate system that the file is in."""
    if table.file[0].suffix.lower() in TEXT_FILES:
        return GEOGRAPHIC
    return crs_text(table)


def _identifiers(values: pd.Series[Any], where: str, column: str) -> list[Fault]:
    """Say which identifiers are empty or there twice."""
    faults = fields.empties(where, column, values)
    again = values[values.duplicated() & values.notna()]
    cases = [
        (line, f"{fields.quote(value)}: an earlier row has it too") for line, value in again.items()
    ]
    return faults + fields.many(where, column, cases, "give every row its own")


def _coordinates(
    rows: pd.DataFrame, area: Area, where: str, names: Mapping[str, str]
) -> list[Fault]:
    """Check ranges, (0, 0), and whether longitude and latitude are swapped."""
    lon, lat = rows["lon"].to_numpy(), rows["lat"].to_numpy()
    whole, looks = swapped(lon, lat, area)
    if whole:
        found = f"longitude and latitude look swapped in {whole:,} of {len(rows):,} rows"
        place = f"columns {names['lon']}, {names['lat']}"
        return [Fault(where, place, found, "swap the two columns")]
    cases = [
        (line, f"({x:g}, {y:g}): longitude and latitude look swapped")
        for line, x, y in zip(rows.index[looks], lon[looks], lat[looks], strict=True)
    ]
    faults = fields.many(where, "", cases, "swap the two")
    zero = (lon == 0) & (lat == 0)
    nowhere = [(line, "(0, 0): no place") for line in rows.index[zero]]
    faults += fields.many(where, names["lon"], nowhere, "give the place, or take the row out")
    limits = {
        "lon": pa.Column(float, [pa.Check.ge(-180), pa.Check.le(180)]),
        "lat": pa.Column(float, [pa.Check.ge(-90), pa.Check.le(90)]),
    }
    rest = rows[["lon", "lat"]][~looks]
    return faults + fields.breaches(where, rest, pa.DataFrameSchema(limits), names)
