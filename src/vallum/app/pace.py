"""How often a person may ask within a minute."""

from __future__ import annotations

from collections import deque
from threading import Lock

__all__ = ["MINUTE_S", "Pace"]

MINUTE_S = 60.0


class Pace:
    """Counts what each person asked for in the last minute.

    Parameters
    ----------
    most
        Times per minute and person.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._asked: dict[str, deque[float]] = {}
        self._turn = Lock()

    def wait(self, who: str, now: float) -> float:
        """Count a wish, or say how long to wait before it would be heard.

        Parameters
        ----------
        who
            The person.
        now
            Seconds, from any start.

        Returns
        -------
        float
            Seconds to wait; 0 where the wish was counted.
        """
        with self._turn:
            self._forget(now)
            asked = self._asked.setdefault(who, deque())
            if len(asked) >= self._most:
                return asked[0] + MINUTE_S - now
            asked.append(now)
            return 0.0

    def _forget(self, now: float) -> None:
        """Let go of what is older than a minute, and of what a clock that was set back left."""
        for who, asked in list(self._asked.items()):
            while asked and not now - MINUTE_S < asked[0] <= now:
                asked.popleft()
            if not asked:
                del self._asked[who]
