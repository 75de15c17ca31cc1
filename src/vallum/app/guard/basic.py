"""HTTP Basic (RFC 7617) against the users' file, with few failures allowed."""

from __future__ import annotations

import asyncio
import base64
import hmac
import secrets
import time
from collections import OrderedDict, deque
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["UNKNOWN", "Basic", "Tries"]

UNKNOWN = "(unknown)"  # no user can have this name
_KEPT = 256  # credentials found right, so that not every picture costs a hash
_KEPT_S = 300.0
_MOST_KEYS = 10_000
_LONGEST = 1_024  # of a header: what is longer is no password


class Tries:
    """Counts failures: of a name from an address, and of an address.

    Parameters
    ----------
    most_name, most_address
        Failures within `seconds` after which nothing is tried any more. Counting by address too
        keeps one stranger from locking somebody out everywhere.
    seconds
        For how long a failure counts.
    clock
        Tells the time, s.
    """

    def __init__(
        self,
        most_name: int = 5,
        most_address: int = 20,
        seconds: float = 300.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = {True: most_name, False: most_address}
        self._seconds = seconds
        self._clock = clock
        self._failed: OrderedDict[tuple[str, ...], deque[float]] = OrderedDict()

    def wait(self, name: str, address: str) -> float:
        """Say for how many seconds nothing is tried; 0 where it may be."""
        now = self._clock()
        waits = [0.0]
        for key in ((name, address), (address,)):
            failed = self._failed.get(key, deque())
            while failed and failed[0] <= now - self._seconds:
                failed.popleft()
            most = self._most[len(key) > 1]
            if len(failed) >= most:
                waits.append(failed[-most] + self._seconds - now)
        return max(waits)

    def failed(self, name: str, address: str) -> None:
        """Count a failure."""
        for key in ((name, address), (address,)):
            self._failed.setdefault(key, deque(maxlen=100)).append(self._clock())
            self._failed.move_to_end(key)
        while len(self._failed) > _MOST_KEYS:
            self._failed.popitem(last=False)


class Basic:
    """Finds who somebody is.

    Parameters
    ----------
    users
        Gives hash by name, as it is now.
    refused
        Told of each failure: name (`UNKNOWN` where it is no user's) and address. It may write
        to a disk or a database, so it is called in a thread.
    tries
        Counts failures.
    """

    def __init__(
        self,
        users: Callable[[], Mapping[str, str]],
        refused: Callable[[str, str], None],
        tries: Tries | None = None,
    ) -> None:
        self._users = users
        self._refused = refused
        self._tries = tries or Tries()
        self._hasher = PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_hex())  # unknown names take as long
        self._key = secrets.token_bytes(32)
        self._known: OrderedDict[bytes, float] = OrderedDict()
        self._turn = asyncio.Semaphore(2)  # a hash takes 64 MiB

    def wait(self, header: str, address: str) -> float:
        """Say for how many seconds nothing is tried."""
        name, _ = _parts(header) or ("", "")
        return self._tries.wait(name, address)

    async def who(self, header: str, address: str) -> str | None:
        """Give the name; None where name and password are not a user's.

        Parameters
        ----------
        header
            `Authorization`.
        address
            Where it comes from.
        """
        parts = _parts(header)
        if parts is None:
            return None
        # known ones first: others' failures at the same address lock nobody out of open pages
        name, password = parts
        hashed = self._users().get(name)
        mark = hmac.digest(self._key, f"{hashed}\n{header}".encode(), "sha256")
        if self._known.get(mark, 0.0) > time.monotonic():
            return name
        if self._tries.wait(name, address) > 0:
            return None
        async with self._turn:
            if self._tries.wait(name, address) > 0:  # others failed while this one waited
                return None
            right = await asyncio.to_thread(self._right, hashed, password)
            if not right:
                self._tries.failed(name, address)
        if not right:
            # what is no user's name may be a password in the wrong field: it is not kept
            shown = UNKNOWN if hashed is None else name
            await asyncio.to_thread(self._refused, shown, address)
            return None
        self._known[mark] = time.monotonic() + _KEPT_S
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return name

    def mark(self, name: str) -> str | None:
        """Give a mark of a user's password as it is now; None where there is no such user."""
        hashed = self._users().get(name)
        if hashed is None:
            return None
        return hmac.digest(self._key, f"{name}\n{hashed}".encode(), "sha256").hex()

    def _right(self, hashed: str | None, password: str) -> bool:
        try:
            self._hasher.verify(hashed or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return hashed is not None


def _parts(header: str) -> tuple[str, str] | None:
    """Take name and password from a header; None where it is none."""
    kind, _, value = header.partition(" ")
    if kind.lower() != "basic" or len(value) > _LONGEST:
        return None
    try:
        name, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:  # no base64, or no text
        return None
    return (name, password) if colon else None
