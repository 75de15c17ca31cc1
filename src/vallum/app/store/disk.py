"""Writing that a power cut can't halve: beside its place, synced, then renamed into it."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO
from uuid import uuid4

from vallum.errors import Fault, InputError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["copy_folder", "hold", "make_folder", "remove_folder", "sync", "told", "write"]

_PRIVATE = 0o700


@contextmanager
def told(where: Path) -> Iterator[None]:
    """Say in words what the disk would not do."""
    try:
        yield
    except OSError as error:
        found = error.strerror or str(error)
        mend = "free space on the disk, or mend the rights of the folder, and ask again"
        raise OutputError(str(Fault(str(where), "", found, mend))) from None


def sync(path: Path) -> None:
    """Bring a folder's entries to the disk."""
    if sys.platform == "win32":  # it has no such call for folders
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(path: Path) -> None:
    """Make a folder for its owner alone, where it isn't there."""
    if not path.is_dir():
        path.mkdir(mode=_PRIVATE)
        sync(path.parent)


def write(path: Path, data: bytes, spare: Path) -> None:
    """Write a file whole, or not at all.

    Parameters
    ----------
    path
        Its place; what is there is replaced.
    data
        All of it.
    spare
        A folder on the same disk for what isn't whole yet.
    """
    part = spare / uuid4().hex
    try:
        with _private(part) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    sync(path.parent)


def copy_folder(source: Path, target: Path, names: list[str]) -> None:
    """Copy files of a folder into one that isn't there yet, and bring all of it to the disk."""
    make_folder(target)
    for name in names:
        place = target / name
        place.parent.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        with (source / name).open("rb") as old, _private(place) as new:
            shutil.copyfileobj(old, new, 1 << 20)
            new.flush()
            os.fsync(new.fileno())
    for folder in [*(one for one in target.rglob("*") if one.is_dir()), target]:
        sync(folder)


def remove_folder(path: Path, spare: Path) -> None:
    """Delete a folder in one step: it is gone from its place before its files are."""
    part = spare / uuid4().hex
    path.rename(part)
    sync(path.parent)
    shutil.rmtree(part, ignore_errors=True)  # what stays is swept when the store is opened


def hold(path: Path) -> BinaryIO:
    """Hold a file for this process alone, until it is closed or the process ends.

    Parameters
    ----------
    path
        Of the lock file.

    Returns
    -------
    BinaryIO
        To be closed.

    Raises
    ------
    InputError
        If another process holds it.
    """
    file = _private(path)
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        mend = "stop that one, or give this one another --store"
        raise InputError(
            [Fault("--store", str(path.parent), "another server holds it", mend)]
        ) from None
    return file


def _private(path: Path) -> BinaryIO:
    """Open a file to write, for its owner alone."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags, 0o600), "r+b")
