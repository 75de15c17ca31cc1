"""Writes the audit trail: who changed what, and when."""

from __future__ import annotations

import logging
from collections import deque
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING

from vallum.app.model import Audit
from vallum.errors import VallumError

if TYPE_CHECKING:
    from collections.abc import Callable

    from vallum.app.store import Store

__all__ = ["Trail", "utc_now"]

_log = logging.getLogger(__name__)
MOST_WAITING = 1_000  # entries that can't be written yet; more are in the service's log alone


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
        self._waiting: deque[Audit] = deque()  # oldest first; empty as long as the store is there

    def log(self, who: str, what: str, id: str, said: str) -> None:  # noqa: A002
        """Add an entry: now, or as soon as the store takes it.

        What it tells of is done already. So nothing is raised: that would tell whoever did it that
        it had failed, and keep from its work what comes after.
        """
        with self._turn:  # so that entries stand in the order of their times
            entry = self._entry(who, what, id, said)
            self._waiting.append(entry)
            why = self._written()
            if why is None:
                return
            told = f"{entry.at} {entry.who} {entry.what} {entry.id} {entry.said}"
            if len(self._waiting) > MOST_WAITING:
                self._waiting.pop()
                _log.error("the trail can't be written, and lacks this entry: %r (%s)", told, why)
            else:
                count = len(self._waiting)
                _log.warning(
                    "the trail can't be written; entries that wait: %s, the last: %r (%s)",
                    count, told, why,
                )  # fmt: skip

    def catch_up(self) -> None:
        """Add the entries that wait, if the store takes them now."""
        with self._turn:
            self._written()

    def second(self) -> str:
        """Tell the time to the second, in UTC and ISO 8601."""
        return self._clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _written(self) -> VallumError | None:
        """Add what waits, oldest first; give what the store said against it."""
        while self._waiting:
            try:
                self._store.log(self._waiting[0])
            except VallumError as error:
                return error
            self._waiting.popleft()
        return None

    def _entry(self, who: str, what: str, id: str, said: str) -> Audit:  # noqa: A002
        """Make an entry: one line, to the millisecond."""
        now = self._clock().astimezone(UTC)
        at = now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"
        return Audit(at, who, what, id, " ".join(said.split()))
