"""Brings a database to the tables that this Vallum knows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from vallum.app.store.tables import REVISION, SCHEMA
from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MIGRATING", "config", "revision", "upgrade"]

MIGRATING = 0x76616C6C756D01  # "vallum", 1: the advisory lock


def config(connection: sa.Connection) -> Config:
    """Set Alembic up to work on a connection."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    made.attributes["connection"] = connection
    return made


def revision(connection: sa.Connection) -> str | None:
    """Say at which revision a database is; None where it has no tables of ours."""
    context = MigrationContext.configure(
        connection, opts={"version_table": REVISION, "version_table_schema": SCHEMA}
    )
    return context.get_current_revision()


def upgrade(connection: sa.Connection, where: str) -> None:
    """Make the tables, or bring them up to date: all of it, or nothing.

    Parameters
    ----------
    connection
        In a transaction; servers that start at once wait for each other until it ends.
    where
        The database, for messages.

    Raises
    ------
    InputError
        If a newer Vallum made its tables.
    """
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATING)))
    at = revision(connection)
    script = ScriptDirectory.from_config(config(connection))
    if at is not None and at not in set(_known(script)):
        found = f"a newer Vallum made its tables (revision {at})"
        raise InputError([Fault("--store", where, found, "install that Vallum")])
    if at == script.get_current_head():
        return
    if not sa.inspect(connection).has_schema(SCHEMA):
        connection.execute(sa.schema.CreateSchema(SCHEMA))
    try:
        command.upgrade(config(connection), "head")
    except CommandError as error:
        raise InputError([Fault("--store", where, str(error), "tell us")]) from None


def _known(script: ScriptDirectory) -> Iterator[str]:
    """List the revisions that this Vallum has."""
    return (one.revision for one in script.walk_revisions())
