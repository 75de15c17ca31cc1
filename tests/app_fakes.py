"""Stand-ins for rooms of the service, for tests of the others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from vallum.app.jobs.model import Progress


class FakeCrew:
    """Computes nothing; what it was given is in `begun` until it is cancelled or `let_go`."""

    def __init__(self) -> None:
        self.begun = {}
        self.forgotten = []
        self.seen = []
        self.told = []  # who asked
        self.fails = None

    async def view(self, sheet, *, who=""):
        self.told.append(who)
        self.seen.append(("view", sheet))
        return "a view"

    def ahead(self, sheet):
        self.seen.append(("ahead", sheet))

    async def look(self, sheet, step, *, who=""):
        self.told.append(who)
        self.seen.append(("look", sheet, step))
        return "a look"

    def start(self, plan, ended):
        if self.fails is not None:
            raise self.fails
        self.begun[plan.id] = ended

    def cancel(self, id):  # noqa: A002
        return self.let_go(id) is not None

    def progress(self, id):  # noqa: A002
        return Progress(None, 0, 11, 0.0) if id in self.begun else None

    def forget(self, id):  # noqa: A002
        self.forgotten.append(id)

    def let_go(self, id):  # noqa: A002
        return self.begun.pop(id, None)

    def close(self):
        self.begun.clear()


class FakeClock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
