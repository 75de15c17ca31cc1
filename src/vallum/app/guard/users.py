"""The file of users: a line for each, `NAME:HASH`, hashed by Argon2 (RFC 9106)."""

from __future__ import annotations

import logging
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from argon2 import PasswordHasher

from vallum.errors import Fault, InputError, OutputError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LEAST", "Users", "read_users", "set_user"]

_log = logging.getLogger(__name__)

LEAST = 12  # characters of a password: a judgement
_NAME = re.compile(r"[\w.@+-]{1,80}")
_MEND = "add people with `vallum serve-user NAME --users FILE`"


def read_users(path: Path) -> Mapping[str, str]:
    """Read the hashes of all users.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Mapping
        Hash by name.

    Raises
    ------
    InputError
        If it can't be read, others than its owner may read it, or a line is none.
    """
    try:
        mode = path.stat().st_mode
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError([Fault("--users", str(path), f"can't be read: {error}", _MEND)]) from None
    faults = []
    if os.name == "posix" and mode & 0o077:
        faults.append(
            Fault("--users", str(path), "others may read or change it", f"chmod 600 {path}")
        )
    users: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        name, _, hashed = line.partition(":")
        if not line.strip() or line.startswith("#"):
            continue
        if not _NAME.fullmatch(name) or not hashed.startswith("$argon2"):
            faults.append(Fault(str(path), f"line {number}", "it is not NAME:HASH", _MEND))
        if name in users:
            mend = "keep one line of each name"
            faults.append(Fault(str(path), f"line {number}", "a name comes twice", mend))
        users[name] = hashed
    if not users:
        faults.append(Fault("--users", str(path), "nobody is in it", _MEND))
    if faults:
        raise InputError(faults)
    return users


class Users:
    """Knows who may log in, as the file says now: who is taken out of it is out at once.

    Parameters
    ----------
    path
        The file. `InputError` is raised as by `read_users`; later, a file that can't be read is
        written to the log, and what it said before still holds.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mark = _mark(path)
        self._users = read_users(path)

    def __call__(self) -> Mapping[str, str]:
        """Give hash by name."""
        mark = _mark(self._path)
        if mark != self._mark:
            self._mark = mark
            try:
                self._users = read_users(self._path)
            except InputError as error:
                _log.error("the users' file is as it was before: %s", error)
        return self._users


def set_user(path: Path, name: str, password: str) -> None:
    """Add a user, or change a password; the file is its owner's alone (0600).

    Parameters
    ----------
    path
        The file; made where there is none.
    name
        1 to 80 letters, digits and `. @ + - _`.
    password
        At least `LEAST` characters.

    Raises
    ------
    InputError
        If the name or the password won't do, or the file holds something else.
    OutputError
        If it can't be written; it is left as it was.
    """
    faults = []
    if not _NAME.fullmatch(name):
        mend = "1 to 80 letters, digits and . @ + - _"
        faults.append(Fault("NAME", "", repr(name), mend))
    if len(password) < LEAST:
        found = f"{len(password)} characters"
        faults.append(Fault("password", "", found, f"take at least {LEAST}"))
    if faults:
        raise InputError(faults)
    users = dict(read_users(path)) if path.exists() else {}
    users[name] = PasswordHasher().hash(password)
    text = "".join(f"{one}:{hashed}\n" for one, hashed in sorted(users.items()))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, made = tempfile.mkstemp(dir=path.parent, prefix=".users")  # 0600 from the start
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(made).replace(path)
    except OSError as error:
        raise OutputError(f"{path}: can't be written: {error}") from None


def _mark(path: Path) -> tuple[int, ...]:
    """Tell one state of a file from another."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino, found.st_mode
