"""A finished plan in a database with PostGIS: `vallum export`.

Here is what is asked of the folder and the address, and what goes wrong in words; the tables are
made in `vallum.brief.postgis_tables`, which needs the extra `postgis`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pyogrio

from vallum.brief import dictionary
from vallum.brief.certificate import NAME, digest, read_certificate
from vallum.brief.gpkg_styles import TABLE as STYLES
from vallum.errors import Fault, InputError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vallum.brief.dictionary import Entry

__all__ = ["SRID", "Exported", "Sheet", "export"]

SRID = 4326  # the plan's grid has no number that a database knows
_RECORD, _LAYERS = "plan.json", "plan.gpkg"
_HIDDEN = ".RESTRICTED."
_LONGEST = 63  # bytes of a name in PostgreSQL
_MEND_FOLDER = "give the folder of a plan, as `vallum plan` wrote it"
_MEND_URL = "give postgresql://USER@HOST/DATABASE"


@dataclass(frozen=True, eq=False)
class Sheet:
    """One table to write.

    Attributes
    ----------
    name
        In the database.
    about
        Its comment.
    columns
        By name, what the dictionary says of it; None for what it does not know.
    rows
        The values; a GeoDataFrame in longitude and latitude where it has places.
    geometry
        "POLYGON", "LINESTRING", "POINT"; empty where it has none.
    """

    name: str
    about: str
    columns: Mapping[str, Entry | None]
    rows: pd.DataFrame
    geometry: str = ""


@dataclass(frozen=True)
class Exported:
    """What was written: where (without a password), the schema, and rows by table."""

    where: str
    schema: str
    tables: dict[str, int]


def export(
    folder: Path | str,
    url: str,
    *,
    schema: str = "vallum",
    replace: bool = False,
    restricted: bool = False,
) -> Exported:
    """Write a plan's layers and tables into a database with PostGIS, all of it or nothing.

    Parameters
    ----------
    folder
        Of a finished plan; what was changed since it was written is refused.
    url
        `postgresql://USER@HOST/DATABASE`. The password is best left to `~/.pgpass` or `PGPASSWORD`.
    schema
        Made where it isn't there.
    replace
        Whether tables of a plan that are in the schema already may be replaced.
    restricted
        Whether single forts and single ways in are written too.

    Returns
    -------
    Exported
        What was written.

    Raises
    ------
    InputError
        For a folder that holds no plan or one that was changed, an address or name that is none,
        and if the extra `postgis` is not installed.
    OutputError
        If the database can't be reached or written; nothing half-written is left.
    """
    if not schema or schema.startswith("pg_") or len(schema.encode()) > _LONGEST:
        mend = "give a name of 1 to 63 bytes that does not begin with pg_"
        raise InputError([Fault("--schema", "", repr(schema), mend)])
    if not url.startswith(("postgresql://", "postgres://")):
        raise InputError([Fault("database", "", "no address of PostgreSQL", _MEND_URL)])
    record = _checked(Path(folder), restricted=restricted)
    try:
        from vallum.brief import postgis_tables as tables  # noqa: PLC0415  (an extra)
    except ImportError as error:
        mend = "pip install 'vallum[postgis]'"
        raise InputError([Fault("export", "", f"{error.name} is not installed", mend)]) from None
    sheets = list(_sheets(Path(folder), record, restricted=restricted))
    where = tables.write(sheets, url, schema, replace=replace, known=_known())
    return Exported(where, schema, {sheet.name: len(sheet.rows) for sheet in sheets})


def table_name(file: str, layer: str = "") -> str:
    """Name the table of a file or layer.

    Examples
    --------
    >>> table_name("bill.csv"), table_name("forts.RESTRICTED.gpkg", "forts")
    ('bill', 'forts_restricted')
    """
    return (layer or Path(file).stem) + ("_restricted" if _HIDDEN in file else "")


def _known() -> frozenset[str]:
    """Name every table that any plan may write: what --replace may take away."""
    places = {
        (row.file, row.layer)
        for row in dictionary.dictionary()
        if row.layer != STYLES and Path(row.file).suffix in {".csv", ".gpkg"}
    }
    return frozenset({"plan", *(table_name(*place) for place in places)})


def _checked(folder: Path, *, restricted: bool) -> dict[str, Any]:
    """Refuse a folder that is no plan, or whose files are not as they were written."""
    if not (folder / _RECORD).is_file() or not (folder / NAME).is_file():
        raise InputError([Fault(str(folder), "", "no plan in it", _MEND_FOLDER)])
    written: dict[str, str] = read_certificate(folder / NAME).about["files"]
    mend = "make the plan again, or take a copy that is whole"
    faults = []
    for name, expected in written.items():
        if _HIDDEN in name and not restricted:
            continue  # they may have been taken out before the folder was passed on
        path = folder / Path(name).name
        if not path.is_file():
            faults.append(Fault(str(path), "", "it is missing", mend))
        elif digest(path) != expected:
            faults.append(Fault(str(path), "", "it was changed since the plan was made", mend))
    if restricted and not any(_HIDDEN in name for name in written):
        mend = "make the plan with --restricted, or leave --restricted out here"
        faults.append(Fault(str(folder), "", "no restricted files in it", mend))
    if faults:
        raise InputError(faults)
    record: dict[str, Any] = json.loads((folder / _RECORD).read_text("utf-8"))
    return record | {"_files": sorted(written)}


def _sheets(folder: Path, record: dict[str, Any], *, restricted: bool) -> Iterator[Sheet]:
    """Read every table of a folder: its record, its layers, then tables that are no layer."""
    names = record.pop("_files")
    told = f"Vallum, {record['title']}"
    yield _plan(record, folder)
    done = set()
    for file in names:
        if not file.endswith(".gpkg") or (_HIDDEN in file and not restricted):
            continue
        for layer, kind in pyogrio.list_layers(folder / file):
            if layer == STYLES:
                continue
            name = table_name(file, str(layer))
            done.add(name)
            yield _layer(folder / file, str(layer), str(kind), f"{told}: layer {layer} of {file}")
    for file in names:
        if file.endswith(".csv") and _HIDDEN not in file and table_name(file) not in done:
            columns = dictionary.columns_of(file)
            rows = _typed(pd.read_csv(folder / file, dtype=str, keep_default_na=False), columns)
            about = f"{told}: {file}"
            known = {str(name): columns.get(str(name)) for name in rows}
            yield Sheet(table_name(file), about, known, rows)


def _plan(record: Mapping[str, Any], folder: Path) -> Sheet:
    """Give the table of one row that says which plan this is, with all of `plan.json`."""
    short = ("theatre", "title", "status", "step", "depth", "seed", "fingerprint")
    row = {key: record[key] for key in short}
    row["record"] = (folder / _RECORD).read_text("utf-8")
    by = {entry.name: entry for entry in dictionary.dictionary() if entry.file == _RECORD}
    columns = {key: by.get(key) for key in row}
    return Sheet("plan", f"Vallum, {record['title']}: which plan this is", columns,
                 pd.DataFrame([row]))  # fmt: skip


def _layer(path: Path, layer: str, kind: str, about: str) -> Sheet:
    """Read a layer, in longitude and latitude."""
    columns = dictionary.columns_of(path.name, layer)
    read = gpd.read_file(path, layer=layer, engine="pyogrio")
    rows = read.set_crs(SRID) if read.crs is None else read.to_crs(SRID)
    known = {str(name): columns.get(str(name)) for name in rows}
    return Sheet(table_name(path.name, layer), about, known, rows, kind.upper())


def _typed(rows: pd.DataFrame, columns: Mapping[str, Entry]) -> pd.DataFrame:
    """Read values as what the dictionary says they are; what is empty is missing."""
    makers: dict[str, Any] = {
        "integer": int, "number": float, "true or false": lambda text: text == "True",
    }  # fmt: skip
    out = {}
    for name in rows:
        entry = columns.get(str(name))
        make = makers.get(entry.type if entry else "text", str)
        values = [None if text == "" else make(text) for text in rows[name]]
        out[name] = pd.Series(values, dtype=object)
    return pd.DataFrame(out, columns=rows.columns)


def fault(where: str, found: str, mend: str) -> OutputError:
    """Say what a database would not do."""
    return OutputError(str(Fault(where, "", found, mend)))
