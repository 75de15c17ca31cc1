"""Runs the migrations on the connection that `vallum.app.store.migrate` hands over."""

# ruff: noqa: INP001  (Alembic runs it by its path)

from __future__ import annotations

from alembic import context

from vallum.app.store.tables import METADATA, REVISION, SCHEMA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=REVISION,
    version_table_schema=SCHEMA,
    include_schemas=True,
)
context.run_migrations()
