"""The tables of a store in PostgreSQL, as the newest migration leaves them.

Their names begin with `service_`: `vallum export` writes a plan's own tables into a schema that
may be the same.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA

__all__ = ["AUDIT", "FILES", "METADATA", "PIECES", "PLANS", "REVISION", "SCENARIOS", "SCHEMA"]

SCHEMA = "vallum"
REVISION = "service_revision"  # Alembic's own table
METADATA = sa.MetaData(schema=SCHEMA)


def _text(name: str, *, empty: bool = False, key: bool = False) -> sa.Column[str]:
    """Make a column of text that sorts by code point, as in Python, whatever the database's own."""
    return sa.Column(name, sa.Text(collation="C"), nullable=empty, primary_key=key)


SCENARIOS = sa.Table(
    "service_scenario",
    METADATA,
    _text("id", key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    _text("owner"),
    _text("name"),
    _text("theatre"),
    _text("text"),
    sa.Column("shared", sa.Boolean, nullable=False),
    _text("changed"),
    _text("changed_by"),
    comment="Versions of scenarios; a row is never changed",
)

PLANS = sa.Table(
    "service_plan",
    METADATA,
    _text("id", key=True),
    _text("owner"),
    _text("theatre"),
    sa.Column("shared", sa.Boolean, nullable=False),
    _text("scenario", empty=True),
    sa.Column("scenario_version", sa.Integer),
    _text("text"),
    _text("language"),
    _text("status"),
    _text("stage", empty=True),
    _text("asked"),
    _text("ended", empty=True),
    _text("said", empty=True),
    comment="Plans that were asked for",
)

FILES = sa.Table(
    "service_file",
    METADATA,
    sa.Column(
        "plan",
        sa.Text(collation="C"),
        sa.ForeignKey(PLANS.c.id, ondelete="CASCADE"),
        primary_key=True,
    ),
    _text("name", key=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    _text("sha256"),
    comment="Files of finished plans",
)

PIECES = sa.Table(
    "service_piece",
    METADATA,
    _text("plan", key=True),
    _text("name", key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("data", BYTEA, nullable=False),
    sa.ForeignKeyConstraint(
        ["plan", "name"], [FILES.c.plan, FILES.c.name], ondelete="CASCADE", name="service_piece_of"
    ),
    comment="What is in the files, in pieces of at most 8 MB, in order",
)

AUDIT = sa.Table(
    "service_audit",
    METADATA,
    sa.Column("number", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    _text("at"),
    _text("who"),
    _text("what"),
    _text("id"),
    _text("said"),
    comment="Who changed what; rows are only ever added",
)
