"""A store in PostgreSQL: the tables of `vallum.app.store.tables`, in a schema of its own."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from vallum.app.model import ENDED, Audit, KeptFile, Scenario, StoredPlan
from vallum.app.store import checks
from vallum.app.store.disk import told
from vallum.app.store.line import Line
from vallum.app.store.tables import AUDIT, FILES, PIECES, PLANS, SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from vallum.app.model import Status

__all__ = ["DatabaseStore"]

T = TypeVar("T")
_LAST = (
    sa.select(SCENARIOS.c.id, sa.func.max(SCENARIOS.c.version).label("version"))
    .group_by(SCENARIOS.c.id)
    .subquery("last")
)
_LATEST = (
    sa.select(SCENARIOS)
    .join(_LAST, (_LAST.c.id == SCENARIOS.c.id) & (_LAST.c.version == SCENARIOS.c.version))
    .subquery("latest")
)


class DatabaseStore:
    """PostgreSQL. Each call is one transaction.

    What only reads is asked once more where the connection was lost. What writes is not: nobody
    can know whether it was kept.

    Parameters
    ----------
    where
        `postgresql://USER@HOST/DATABASE`.
    """

    def __init__(self, where: str) -> None:
        self._line = Line(where)

    def save_scenario(self, scenario: Scenario) -> None:
        """Keep a version; `InputError` if it isn't the next one."""
        checks.check_scenario(scenario)

        def work(at: sa.Connection) -> None:
            _alone(at, scenario.id)
            ask = sa.select(sa.func.max(SCENARIOS.c.version)).where(SCENARIOS.c.id == scenario.id)
            latest = at.execute(ask).scalar() or 0
            if scenario.version != latest + 1:
                raise checks.late(scenario, latest)
            at.execute(SCENARIOS.insert().values(**asdict(scenario)))

        self._line.write(work)

    def scenario(self, id: str, version: int | None = None) -> Scenario | None:  # noqa: A002
        """Give a version, the latest if not said; None if there is none."""
        if not checks.is_id(id) or not checks.is_version(version):
            return None
        ask = sa.select(SCENARIOS).where(SCENARIOS.c.id == id)
        if version is not None:
            ask = ask.where(SCENARIOS.c.version == version)
        found = self._ask(ask.order_by(SCENARIOS.c.version.desc()).limit(1))
        return Scenario(**found[0]) if found else None

    def versions(self, id: str) -> tuple[Scenario, ...]:  # noqa: A002
        """Give all versions of a scenario, oldest first."""
        if not checks.is_id(id):
            return ()
        ask = sa.select(SCENARIOS).where(SCENARIOS.c.id == id).order_by(SCENARIOS.c.version)
        return tuple(Scenario(**row) for row in self._ask(ask))

    def scenarios(self, *, readable_by: str | None = None) -> tuple[Scenario, ...]:
        """Give the latest versions: of all, or the own and the shared ones; newest first."""
        ask = sa.select(_LATEST).order_by(_LATEST.c.changed.desc(), _LATEST.c.id.desc())
        if readable_by is not None:
            ask = ask.where(_LATEST.c.shared | (_LATEST.c.owner == readable_by))
        return tuple(Scenario(**row) for row in self._ask(ask))

    def delete_scenario(self, id: str) -> bool:  # noqa: A002
        """Delete all versions; whether there was one."""
        if not checks.is_id(id):
            return False

        def work(at: sa.Connection) -> bool:
            _alone(at, id)
            return at.execute(SCENARIOS.delete().where(SCENARIOS.c.id == id)).rowcount > 0

        return self._line.write(work)

    def add_plan(self, plan: StoredPlan) -> None:
        """Keep a plan that was asked for."""
        checks.check_plan(plan)
        row = asdict(plan)
        del row["files"]

        def work(at: sa.Connection) -> None:
            _alone(at, plan.id)
            if at.execute(sa.select(PLANS.c.id).where(PLANS.c.id == plan.id)).first():
                raise checks.twice(plan.id)
            at.execute(PLANS.insert().values(**row))

        self._line.write(work)

    def plan(self, id: str) -> StoredPlan | None:  # noqa: A002
        """Give a plan; None if there is none."""
        found = self._plans(PLANS.c.id == id) if checks.is_id(id) else ()
        return found[0] if found else None

    def plans(self, *, readable_by: str | None = None) -> tuple[StoredPlan, ...]:
        """Give plans: all, or the own and the shared ones; newest first."""
        if readable_by is None:
            return self._plans(sa.true())
        return self._plans(PLANS.c.shared | (PLANS.c.owner == readable_by))

    def set_plan(
        self,
        id: str,  # noqa: A002
        *,
        status: Status | None = None,
        stage: str | None = None,
        ended: str | None = None,
        said: str | None = None,
        shared: bool | None = None,
        expected: frozenset[Status] | None = None,
    ) -> bool:
        """Change what is given, in one step; False if the plan is gone, or not as `expected`."""
        checks.check_texts(stage=stage, ended=ended, said=said)
        if not checks.is_id(id):
            return False
        texts = {"stage": stage, "ended": ended, "said": said}
        changes: dict[str, Any] = {k: v or None for k, v in texts.items() if v is not None}
        changes |= {} if status is None else {"status": status}
        changes |= {} if shared is None else {"shared": shared}
        which = PLANS.c.id == id
        if expected is not None:
            which &= PLANS.c.status.in_(sorted(expected))
        change = PLANS.update().where(which).values(**(changes or {"id": id}))
        return self._line.write(lambda at: at.execute(change).rowcount > 0)

    def put_files(
        self,
        id: str,  # noqa: A002
        folder: Path,
        *,
        ended: str | None = None,
    ) -> None:
        """Keep a finished plan's folder, and mark it done: all of it, or nothing."""
        checks.check_texts(ended=ended)
        plan = self.plan(id)
        if plan is None:
            raise checks.not_there(id)
        if plan.status in ENDED:
            raise checks.over(id, plan.status)
        with told(folder):
            files = checks.kept_files(folder)

        def work(at: sa.Connection) -> None:
            for file in files:
                at.execute(FILES.insert().values(plan=id, **asdict(file)))
                for number, data in enumerate(checks.pieces(folder / file.name)):
                    row = {"plan": id, "name": file.name, "number": number, "data": data}
                    at.execute(PIECES.insert(), row)
            # last, so that a plan can be cancelled while its files are sent
            which = (PLANS.c.id == id) & PLANS.c.status.not_in(sorted(ENDED))
            change = {"status": "done"} | ({"ended": ended} if ended else {})
            if not at.execute(PLANS.update().where(which).values(**change)).rowcount:
                raise checks.over(id, "ended")

        with told(folder):
            self._line.write(work)

    def file(self, id: str, name: str) -> bytes | None:  # noqa: A002
        """Give a file of a plan; None if there is none of that very name."""
        if not checks.is_id(id) or not checks.is_name(name):
            return None

        def work(at: sa.Connection) -> bytes | None:
            mine = (FILES.c.plan == id) & (FILES.c.name == name)
            if at.execute(sa.select(FILES.c.size).where(mine)).first() is None:
                return None
            ask = sa.select(PIECES.c.data).where((PIECES.c.plan == id) & (PIECES.c.name == name))
            return b"".join(at.execute(ask.order_by(PIECES.c.number)).scalars())

        return self._line.read(work)

    def delete_plan(self, id: str) -> bool:  # noqa: A002
        """Delete a plan and its files; whether there was one."""
        if not checks.is_id(id):
            return False
        gone = PLANS.delete().where(PLANS.c.id == id)
        return self._line.write(lambda at: at.execute(gone).rowcount > 0)

    def log(self, entry: Audit) -> None:
        """Add to the audit trail."""
        row = asdict(checks.one_entry(entry))
        add = AUDIT.insert().values(**row).returning(AUDIT.c.number)
        self._line.write(lambda at: at.execute(add).scalar_one())

    def audit(self, *, who: str | None = None, most: int = 1000) -> Iterator[Audit]:
        """Give the trail, newest first: of all, or of one user."""
        ask = sa.select(*(AUDIT.c[one.name] for one in fields(Audit)))
        if who is not None:
            ask = ask.where(AUDIT.c.who == who)
        found = self._ask(ask.order_by(AUDIT.c.number.desc()).limit(max(0, most)))
        return iter([Audit(**row) for row in found])

    def usage(self, owner: str) -> Mapping[str, int]:
        """Count a person's `plans_at_once`, `plans_kept`, `bytes_kept` and `scenarios`."""
        ended = PLANS.c.status.in_(sorted(ENDED))
        count = sa.func.count()
        plans = sa.select(count.filter(~ended), count.filter(ended)).where(PLANS.c.owner == owner)
        size = sa.func.coalesce(sa.func.sum(FILES.c.size), 0)
        sizes = (
            sa.select(size).join(PLANS, PLANS.c.id == FILES.c.plan).where(PLANS.c.owner == owner)
        )
        words = sa.func.coalesce(sa.func.sum(sa.func.octet_length(SCENARIOS.c.text)), 0)
        theirs = _LATEST.c.owner == owner  # a scenario is whose its latest version is
        texts = sa.select(words).join(_LATEST, _LATEST.c.id == SCENARIOS.c.id).where(theirs)
        own = sa.select(count).select_from(_LATEST).where(theirs)

        def work(at: sa.Connection) -> dict[str, int]:
            at_once, kept = at.execute(plans).one()
            return {
                "plans_at_once": at_once,
                "plans_kept": kept,
                "bytes_kept": sum(int(at.execute(one).scalar_one()) for one in (sizes, texts)),
                "scenarios": at.execute(own).scalar_one(),
            }

        return self._line.read(work)

    def close(self) -> None:
        """Let go of the connections."""
        self._line.close()

    def _ask(self, ask: sa.Select[Any]) -> Sequence[Mapping[str, Any]]:
        """Read rows."""
        return self._line.read(lambda at: [dict(row) for row in at.execute(ask).mappings()])

    def _plans(self, which: sa.ColumnElement[bool]) -> tuple[StoredPlan, ...]:
        """Read plans with the names of their files."""
        ask = sa.select(PLANS).where(which).order_by(PLANS.c.asked.desc(), PLANS.c.id.desc())
        names = sa.select(FILES).join(PLANS, PLANS.c.id == FILES.c.plan).where(which)

        def work(at: sa.Connection) -> tuple[StoredPlan, ...]:
            rows = [dict(row) for row in at.execute(ask).mappings()]
            files = _by_plan(at.execute(names.order_by(FILES.c.name)).mappings())
            return tuple(StoredPlan(**row, files=tuple(files.get(row["id"], ()))) for row in rows)

        return self._line.read(work)


def _alone(at: sa.Connection, id: str) -> None:  # noqa: A002
    """Let nobody else change the thing of an id until the transaction ends."""
    key = int(id[:16], 16) - 2**63  # as the database counts
    at.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))


def _by_plan(rows: Iterable[Mapping[Any, Any]]) -> dict[str, list[KeptFile]]:
    """Sort files to their plans."""
    files: dict[str, list[KeptFile]] = {}
    for row in rows:
        one = KeptFile(row["name"], row["size"], row["sha256"])
        files.setdefault(row["plan"], []).append(one)
    return files
