"""The first tables of the service.

They are written out here, and not taken from `vallum.app.store.tables`: what a migration does
stays as it is when those change.
"""

# ruff: noqa: INP001  (Alembic runs it by its path)

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = (
    """
    CREATE TABLE vallum.service_scenario (
        id text COLLATE "C" NOT NULL,
        version integer NOT NULL CHECK (version >= 1),
        owner text COLLATE "C" NOT NULL,
        name text COLLATE "C" NOT NULL,
        theatre text COLLATE "C" NOT NULL,
        text text COLLATE "C" NOT NULL,
        shared boolean NOT NULL,
        changed text COLLATE "C" NOT NULL,
        changed_by text COLLATE "C" NOT NULL,
        PRIMARY KEY (id, version)
    )
    """,
    """
    CREATE TABLE vallum.service_plan (
        id text COLLATE "C" PRIMARY KEY,
        owner text COLLATE "C" NOT NULL,
        theatre text COLLATE "C" NOT NULL,
        shared boolean NOT NULL,
        scenario text COLLATE "C",
        scenario_version integer,
        text text COLLATE "C" NOT NULL,
        language text COLLATE "C" NOT NULL,
        status text COLLATE "C" NOT NULL,
        stage text COLLATE "C",
        asked text COLLATE "C" NOT NULL,
        ended text COLLATE "C",
        said text COLLATE "C"
    )
    """,
    """
    CREATE TABLE vallum.service_file (
        plan text COLLATE "C" NOT NULL REFERENCES vallum.service_plan (id) ON DELETE CASCADE,
        name text COLLATE "C" NOT NULL,
        size bigint NOT NULL,
        sha256 text COLLATE "C" NOT NULL,
        PRIMARY KEY (plan, name)
    )
    """,
    """
    CREATE TABLE vallum.service_piece (
        plan text COLLATE "C" NOT NULL,
        name text COLLATE "C" NOT NULL,
        number integer NOT NULL,
        data bytea NOT NULL,
        PRIMARY KEY (plan, name, number),
        CONSTRAINT service_piece_of FOREIGN KEY (plan, name)
            REFERENCES vallum.service_file (plan, name) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE vallum.service_audit (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at text COLLATE "C" NOT NULL,
        who text COLLATE "C" NOT NULL,
        what text COLLATE "C" NOT NULL,
        id text COLLATE "C" NOT NULL,
        said text COLLATE "C" NOT NULL
    )
    """,
    """
    COMMENT ON TABLE vallum.service_scenario
    IS 'Versions of scenarios; a row is never changed'
    """,
    "COMMENT ON TABLE vallum.service_plan IS 'Plans that were asked for'",
    "COMMENT ON TABLE vallum.service_file IS 'Files of finished plans'",
    """
    COMMENT ON TABLE vallum.service_piece
    IS 'What is in the files, in pieces of at most 8 MB, in order'
    """,
    """
    COMMENT ON TABLE vallum.service_audit
    IS 'Who changed what; rows are only ever added'
    """,
    # files are compressed already where that helps
    "ALTER TABLE vallum.service_piece ALTER COLUMN data SET STORAGE EXTERNAL",
    """
    CREATE FUNCTION vallum.service_audit_stays() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'the audit trail is only ever added to'; END $$
    """,
    """
    CREATE TRIGGER service_audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE
    ON vallum.service_audit FOR EACH STATEMENT EXECUTE FUNCTION vallum.service_audit_stays()
    """,
)


def upgrade() -> None:
    """Make them."""
    for statement in _TABLES:
        op.execute(statement)


def downgrade() -> None:
    """Take them away, with all that is in them."""
    for name in ("audit", "piece", "file", "plan", "scenario"):
        op.execute(f"DROP TABLE vallum.service_{name}")
    op.execute("DROP FUNCTION vallum.service_audit_stays()")
