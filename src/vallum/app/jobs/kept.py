"""Results of a plan's stages in a folder, so that a plan that was stopped goes on."""

from __future__ import annotations

import contextlib
import copyreg
import hashlib
import logging
import os
import platform
import stat
from importlib.metadata import version
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import cloudpickle

import vallum
from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    from pathlib import Path

    from vallum.settings import Settings
    from vallum.theatre import Theatre

__all__ = ["FolderKept", "mark_of"]

_log = logging.getLogger(__name__)
_PROGRAMS = ("numpy", "pandas", "scipy", "xarray", "geopandas", "shapely")  # whose objects are kept
_DIGEST = 32  # bytes of SHA-256


def mark_of(ground: Theatre, settings: Settings) -> bytes:
    """Name what results of stages depend on: programs, ground as it is now, and settings.

    Parameters
    ----------
    ground
        The theatre, as it was read.
    settings
        Of the plan.

    Returns
    -------
    bytes
        SHA-256.
    """
    programs = {name: version(name) for name in _PROGRAMS}
    programs |= {"python": platform.python_version(), "vallum": vallum.__version__}
    text = f"{sorted(programs.items())}\n{ground.fingerprint}\n{settings.model_dump_json()}"
    return hashlib.sha256(text.encode()).digest()


class FolderKept:
    """Keeps each stage's result in a file of its own (`vallum.plan.Kept`).

    A file holds the mark, the SHA-256 of what follows, and the pickled result; it is written beside
    its place and renamed into it. One that is cut short, altered or of another mark counts as not
    there. Unpickling runs what a file says: so the folder is the server's own, and one that
    others may write to is refused.

    Parameters
    ----------
    folder
        Made with access for its owner alone, if it is not there.
    mark
        From `mark_of`.
    ground
        The theatre that the mark was made of; it is never kept, and given for the first stage.

    Raises
    ------
    InputError
        If the folder belongs to somebody else, or others may write to it.
    """

    def __init__(self, folder: Path, mark: bytes, ground: Theatre) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
        if found.st_uid != os.geteuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            mend = f"give its owner alone access: chmod 700 {folder}"
            raise InputError([Fault(str(folder), "", "others may write to it", mend)])
        self._folder = folder
        self._mark = mark
        self._ground = ground
        self._read: tuple[str, Any] | None = None  # by `has`, for the `get` that follows
        # results are read-only in parts, for which pickle has no rule of its own
        copyreg.pickle(MappingProxyType, _plain_mapping)

    def has(self, stage: str) -> bool:
        """Whether a stage's result is there, whole, and can be read."""
        if stage == "theatre":
            return True
        body = self._body(stage)
        if body is None:
            return False
        try:
            self._read = stage, cloudpickle.loads(body)
        except Exception:  # noqa: BLE001  (what a library made then, and can't read now)
            _log.exception("the stage %s that was kept can't be read", stage)
            return False
        return True

    def get(self, stage: str) -> object:
        """Give it."""
        if stage == "theatre":
            return self._ground
        if (self._read is None or self._read[0] != stage) and not self.has(stage):
            raise KeyError(stage)
        (_, found), self._read = self._read or (stage, None), None
        return found

    def put(self, stage: str, result: object) -> None:
        """Keep it, where the disk can; a plan goes on without."""
        if stage == "theatre":
            return
        path = self._path(stage)
        beside = path.with_suffix(f".{os.getpid()}.part")
        try:
            body = cloudpickle.dumps(result)
            with beside.open("wb") as file:
                file.write(self._mark + hashlib.sha256(body).digest())
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except OSError as error:
            _log.warning("the stage %s can't be kept: %s", stage, error)
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)

    def _path(self, stage: str) -> Path:
        return self._folder / f"{stage}.stage"

    def _body(self, stage: str) -> bytes | None:
        """Read a result's bytes, unless they are not what was written for this plan."""
        try:
            raw = self._path(stage).read_bytes()
        except OSError:
            return None
        mark, digest, body = raw[:_DIGEST], raw[_DIGEST : 2 * _DIGEST], raw[2 * _DIGEST :]
        whole = mark == self._mark and hashlib.sha256(body).digest() == digest
        return body if whole else None


def _plain_mapping(view: MappingProxyType[object, object]) -> tuple[type, tuple[object]]:
    """Say how a read-only mapping is made again."""
    return MappingProxyType, (dict(view),)
