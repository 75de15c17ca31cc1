"""Writes the audit trail: who changed what, and when."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING

from vallum.app.model import Audit
from vallum.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from vallum.app.store import Store

__all__ = ["Trail", "utc_now"]


def utc_now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


class Trail:
    """Adds entries to a store's audit trail.

    Parameters
    ----------
    store
        Where it is kept.
    clock
        Tells the time, in UTC.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._turn = Lock()
        self._unsaid: list[Audit] = []  # entries for which the store could not be reached

    def log(self, who: str, what: str, id: str, said: str) -> None:  # noqa: A002
        """Add an entry; `OutputError` where the store can't be reached."""
        self._catch_up()
        self._store.log(self._entry(who, what, id, said))

    def log_later(self, who: str, what: str, id: str, said: str) -> None:  # noqa: A002
        """Add an entry now, or as soon as the store can be reached again: nobody waits for it."""
        with self._turn:
            self._unsaid.append(self._entry(who, what, id, said))
        self._catch_up()

    def second(self) -> str:
        """Tell the time to the second, in UTC and ISO 8601."""
        return self._clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _catch_up(self) -> None:
        """Add what could not be added before."""
        with self._turn:
            while self._unsaid:
                try:
                    self._store.log(self._unsaid[0])
                except OutputError:
                    return
                del self._unsaid[0]

    def _entry(self, who: str, what: str, id: str, said: str) -> Audit:  # noqa: A002
        """Make an entry: one line, to the millisecond."""
        now = self._clock().astimezone(UTC)
        at = now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"
        return Audit(at, who, what, id, " ".join(said.split()))
