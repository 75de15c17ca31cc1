"""Stores for tests: databases that go afterwards, things to keep, and a store that is a dict."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from vallum.app.model import ENDED, Audit, KeptFile, Scenario, StoredPlan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def an_id(number: int) -> str:
    return f"{number:032x}"


def scenario(number: int = 1, version: int = 1, **changes) -> Scenario:
    made = Scenario(
        id=an_id(number), owner="ana", name="Kayes first", theatre="sahel", text="draws = 200\r\n",
        shared=False, version=version, changed=f"2026-11-01T00:00:{version:02d}Z", changed_by="ana",
    )  # fmt: skip
    return replace(made, **changes)


def plan(number: int = 1, **changes) -> StoredPlan:
    made = StoredPlan(
        id=an_id(number), owner="ana", theatre="sahel", shared=False, scenario=None,
        scenario_version=None, text="", language="en", status="queued", stage=None,
        asked="2026-11-01T00:00:00Z", ended=None, said=None, files=(),
    )  # fmt: skip
    return replace(made, **changes)


def entry(number: int = 1, **changes) -> Audit:
    made = Audit(f"2026-11-01T00:00:00.{number:03d}Z", "ana", "scenario.save", an_id(1), "a line")
    return replace(made, **changes)


def fill(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def run(url, *statements):
    """Run statements outside any transaction; give the rows of the last."""
    import sqlalchemy as sa  # noqa: PLC0415  (an extra)

    made = sa.create_engine(url, poolclass=sa.pool.NullPool, isolation_level="AUTOCOMMIT")
    try:
        with made.connect() as connection:
            for statement in statements:
                done = connection.execute(sa.text(statement))
            return done.all() if done.returns_rows else []
    finally:
        made.dispose()


@contextmanager
def database() -> Iterator[str]:
    """Give the address of an empty database that goes afterwards, or skip."""
    address = os.environ.get("VALLUM_POSTGIS_URL")
    if not address:
        if os.environ.get("VALLUM_REQUIRE_POSTGIS") == "1":
            pytest.fail("a PostgreSQL (VALLUM_POSTGIS_URL) is required here and absent")
        pytest.skip("a PostgreSQL (VALLUM_POSTGIS_URL) is absent")
    import sqlalchemy as sa  # noqa: PLC0415

    server = sa.make_url(address).set(drivername="postgresql+psycopg")
    name = f"vallum_store_{os.getpid()}_{time.monotonic_ns()}"
    run(server, f"CREATE DATABASE {name}")
    try:
        yield server.set(drivername="postgresql", database=name).render_as_string(
            hide_password=False
        )
    finally:
        run(server, f"DROP DATABASE {name} WITH (FORCE)")


def reach(address: str):
    """Give an address as `run` takes it."""
    import sqlalchemy as sa  # noqa: PLC0415

    return sa.make_url(address).set(drivername="postgresql+psycopg")


class DictStore:
    """What a store does, in a few lines without any disk: the others are held against it."""

    def __init__(self) -> None:
        self.kept: dict[str, list[Scenario]] = {}
        self.made: dict[str, StoredPlan] = {}
        self.data: dict[tuple[str, str], bytes] = {}
        self.trail: list[Audit] = []

    def save_scenario(self, one: Scenario) -> bool:
        if one.version != len(self.kept.get(one.id, ())) + 1:
            return False
        self.kept.setdefault(one.id, []).append(one)
        return True

    def scenario(self, id, version=None):  # noqa: A002
        return next(
            (o for o in reversed(self.kept.get(id, ())) if version in {None, o.version}), None
        )

    def versions(self, id):  # noqa: A002
        return tuple(self.kept.get(id, ()))

    def scenarios(self, by):
        found = [all_[-1] for all_ in self.kept.values()]
        seen = [one for one in found if by is None or one.shared or one.owner == by]
        return tuple(sorted(seen, key=lambda one: (one.changed, one.id), reverse=True))

    def delete_scenario(self, id) -> bool:  # noqa: A002
        return self.kept.pop(id, None) is not None

    def add_plan(self, one: StoredPlan) -> bool:
        return self.made.setdefault(one.id, one) is one

    def plans(self, by):
        seen = [o for o in self.made.values() if by is None or o.shared or o.owner == by]
        return tuple(sorted(seen, key=lambda one: (one.asked, one.id), reverse=True))

    def set_plan(self, id, *, expected=None, **changes) -> bool:  # noqa: A002
        old = self.made.get(id)
        if old is None or (expected is not None and old.status not in expected):
            return False
        given = {key: value for key, value in changes.items() if value is not None}
        given = {key: None if value == "" else value for key, value in given.items()}
        self.made[id] = replace(old, **given)
        return True

    def put_files(self, id, files) -> bool:  # noqa: A002
        old = self.made.get(id)
        if old is None or old.status in ENDED:
            return False
        names = sorted(files)
        kept = tuple(KeptFile(n, len(files[n]), sha256(files[n]).hexdigest()) for n in names)
        self.made[id] = replace(old, status="done", files=kept)
        self.data |= {(id, name): files[name] for name in names}
        return True

    def delete_plan(self, id) -> bool:  # noqa: A002
        self.data = {key: value for key, value in self.data.items() if key[0] != id}
        return self.made.pop(id, None) is not None

    def usage(self, owner):
        own = [one for one in self.made.values() if one.owner == owner]
        return {
            "plans_at_once": sum(one.status in {"queued", "running"} for one in own),
            "plans_kept": sum(one.status not in {"queued", "running"} for one in own),
            "bytes_kept": sum(len(self.data[o.id, f.name]) for o in own for f in o.files)
            + sum(
                len(version.text.encode())
                for all_ in self.kept.values()
                if all_[-1].owner == owner
                for version in all_
            ),
            "scenarios": sum(all_[-1].owner == owner for all_ in self.kept.values()),
        }
