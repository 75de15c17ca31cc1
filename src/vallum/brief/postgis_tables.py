"""Tables in a database with PostGIS, made in one transaction. Needs the extra `postgis`."""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pandas as pd
import sqlalchemy as sa
from geoalchemy2 import Geometry
from geoalchemy2.shape import from_shape
from sqlalchemy import exc
from sqlalchemy.dialects.postgresql import JSONB

from vallum.brief.postgis import SRID, fault
from vallum.errors import Fault, InputError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vallum.brief.dictionary import Entry
    from vallum.brief.postgis import Sheet

__all__ = ["write"]

_WAIT_S = 10  # for a server that does not answer
_LOCK = "30s"  # for somebody else who holds a table
_KEY = "fid"
_TYPES: dict[str, Any] = {
    "integer": sa.BigInteger, "number": sa.Double, "true or false": sa.Boolean, "date": sa.Date,
}  # fmt: skip
_REFUSED, _DEPENDENT, _LOCKED = "42501", "2BP01", "55P03"
_ASK = "ask whoever keeps the database for"


def write(
    sheets: Sequence[Sheet], url: str, schema: str, *, replace: bool, known: frozenset[str]
) -> str:
    """Write tables into a schema, all or none.

    Parameters
    ----------
    sheets
        To write.
    url
        Of the database.
    schema
        Made where it isn't there.
    replace
        Whether tables of these names may be replaced; those of `known` that are not written anew
        are taken away then, so that nothing of an older plan stays beside this one.
    known
        Names that a plan may write.

    Returns
    -------
    str
        The address without its password.

    Raises
    ------
    InputError
        If the address is none, or tables are there and `replace` is not set.
    OutputError
        If the database can't be reached or written.
    """
    address = _address(url)
    shown = address.set(drivername="postgresql", query={}).render_as_string(hide_password=True)
    engine = sa.create_engine(
        address,
        poolclass=sa.pool.NullPool,
        connect_args={"connect_timeout": _WAIT_S},
        json_serializer=str,  # the record is JSON already, with numbers that Python would not write
    )
    with _in_words(shown, address), engine.connect() as connection, connection.begin():
        _ready(connection, shown)
        there = _there(connection, schema) & known
        if there and not replace:
            mend = "give --replace, or another --schema"
            found = f"it holds {', '.join(sorted(there))} already"
            raise InputError([Fault(shown, f"schema {schema}", found, mend)])
        if not sa.inspect(connection).has_schema(schema):
            connection.execute(sa.schema.CreateSchema(schema))
        for sheet in sheets:
            _table(connection, sheet, schema, old=sheet.name in there)
        for name in sorted(there - {sheet.name for sheet in sheets}):
            _drop(connection, schema, name)
    return shown


def _address(url: str) -> sa.URL:
    """Read an address."""
    mend = "give postgresql://USER@HOST/DATABASE"
    try:
        address = sa.make_url(url)
    except (exc.ArgumentError, ValueError):
        raise InputError([Fault("database", "", "an address that is none", mend)]) from None
    if not address.database:
        raise InputError([Fault("database", "", "an address without a database", mend)])
    return address.set(drivername="postgresql+psycopg")


def _ready(connection: sa.Connection, shown: str) -> None:
    """See that PostGIS is there, and let its names be found wherever it was put."""
    home = connection.scalar(
        sa.text(
            "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace "
            "WHERE e.extname = 'postgis'"
        )
    )
    if home is None:
        mend = f"{_ASK} CREATE EXTENSION postgis"
        raise fault(shown, "the database has no PostGIS", mend)
    quoted = connection.dialect.identifier_preparer.quote(str(home))
    connection.execute(
        sa.select(sa.func.set_config("search_path", quoted, True)),  # noqa: FBT003  (of SQL)
    )
    connection.execute(sa.select(sa.func.set_config("lock_timeout", _LOCK, True)))  # noqa: FBT003


def _there(connection: sa.Connection, schema: str) -> set[str]:
    """Name the tables and views of a schema."""
    look = sa.inspect(connection)
    return {*look.get_table_names(schema), *look.get_view_names(schema)}


def _drop(connection: sa.Connection, schema: str, name: str) -> None:
    sa.Table(name, sa.MetaData(), schema=schema).drop(connection)


def _table(connection: sa.Connection, sheet: Sheet, schema: str, *, old: bool) -> None:
    """Make one table with its comments, its rows and, where it has places, a spatial index."""
    if old:
        _drop(connection, schema, sheet.name)
    names = [str(name) for name in sheet.rows]
    table = sa.Table(
        sheet.name,
        sa.MetaData(),
        sa.Column(_KEY, sa.Integer, primary_key=True, comment="Number of the row, from 1"),
        *(_column(name, sheet) for name in names),
        schema=schema,
        comment=sheet.about,
    )
    table.create(connection)
    rows = [
        {_KEY: number, **dict(zip(names, map(_value, row), strict=True))}
        for number, row in enumerate(sheet.rows.itertuples(index=False, name=None), start=1)
    ]
    if rows:
        connection.execute(table.insert(), rows)


def _column(name: str, sheet: Sheet) -> sa.Column[Any]:
    """Make a column of the dictionary's type, with what the dictionary says of it as comment."""
    entry = sheet.columns.get(name)
    about = _about(entry)
    if name == "geometry":
        about = f"{about} Here in longitude and latitude, WGS 84 (EPSG:{SRID})."
        return sa.Column(name, Geometry(sheet.geometry, SRID), comment=about)
    if name == "record":
        return sa.Column(name, JSONB, comment="All of plan.json")
    return sa.Column(name, _TYPES.get(entry.type if entry else "", sa.Text), comment=about)


def _about(entry: Entry | None) -> str:
    """Say what a column means in one line."""
    if entry is None:
        return ""
    unit = f" Unit: {entry.unit}." if entry.unit else ""
    when = f" Only {entry.when}." if entry.when else ""
    return f"{entry.meaning}.{unit} Range: {entry.range}.{when}"


def _value(value: Any) -> Any:  # noqa: ANN401  (whatever a table holds)
    """Give a value as the database takes it."""
    if hasattr(value, "geom_type"):
        return from_shape(value, SRID, extended=True)
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, float) and math.isnan(value):
        return None
    return value.item() if hasattr(value, "item") else value


@contextmanager
def _in_words(shown: str, address: sa.URL) -> Iterator[None]:
    """Say in words what a database would not do; never its password."""
    try:
        yield
    except (exc.DBAPIError, exc.NoSuchModuleError) as error:
        raise _said(error, shown, address) from None


def _said(error: exc.SQLAlchemyError, shown: str, address: sa.URL) -> OutputError:
    """Put an error of the database into words."""
    orig = getattr(error, "orig", None)
    state = getattr(orig, "sqlstate", None)
    text = " ".join(str(orig or error).split())
    text = text.rstrip(".!?")  # a full stop follows
    if address.password:
        text = text.replace(str(address.password), "***")
    by_state = {
        _REFUSED: f"{_ASK} GRANT CREATE on the database, or on the schema given",
        _DEPENDENT: "take away what was built on the old tables, or give another --schema",
        _LOCKED: "wait until whoever reads the tables is done, or give another --schema",
    }
    if state in by_state:
        return fault(shown, text, by_state[state])
    by_text = {
        "password": "give the right password: in ~/.pgpass, in PGPASSWORD, or in the address",
        "authentication": "give a user who may connect",
        'role "': "give a user whom the server knows",
        'database "': "give a database that is there, or make it: createdb",
    }
    for word, mend in by_text.items():
        if state is None and word in text:
            return fault(shown, text, mend)
    if isinstance(error, exc.OperationalError):
        return fault(shown, text, "see that the server runs and can be reached")
    return fault(shown, text, "nothing was written; mend what the database says, and try again")
