"""Results of a plan's stages in a folder, so that a plan that was stopped goes on."""

from __future__ import annotations

import copyreg
import hashlib
import os
import stat
from types import MappingProxyType
from typing import TYPE_CHECKING

import cloudpickle

import vallum
from vallum import plan
from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    from pathlib import Path

    from vallum.settings import Settings

__all__ = ["FolderKept", "mark_of"]

_DIGEST = 32  # bytes of SHA-256


def mark_of(theatre: str, settings: Settings) -> bytes:
    """Name what results of stages depend on: program, ground as it is now, and settings.

    Parameters
    ----------
    theatre
        Built-in name or folder.
    settings
        Of the plan.

    Returns
    -------
    bytes
        SHA-256.

    Raises
    ------
    InputError
        If the theatre can't be read.
    """
    ground = plan.ground_of(theatre, settings)
    text = f"{vallum.__version__}\n{ground.fingerprint}\n{settings.model_dump_json()}"
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

    Raises
    ------
    InputError
        If the folder belongs to somebody else, or others may write to it.
    """

    def __init__(self, folder: Path, mark: bytes) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
        if found.st_uid != os.geteuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            mend = f"give its owner alone access: chmod 700 {folder}"
            raise InputError([Fault(str(folder), "", "others may write to it", mend)])
        self._folder = folder
        self._mark = mark
        # results are read-only in parts, for which pickle has no rule of its own
        copyreg.pickle(MappingProxyType, _plain_mapping)

    def has(self, stage: str) -> bool:
        """Whether a stage's result is there, whole."""
        return self._body(stage) is not None

    def get(self, stage: str) -> object:
        """Give it."""
        body = self._body(stage)
        if body is None:
            raise KeyError(stage)
        return cloudpickle.loads(body)

    def put(self, stage: str, result: object) -> None:
        """Keep it; the theatre is not kept, since it is read anew each time."""
        if stage == "theatre":
            return
        body = cloudpickle.dumps(result)
        path, beside = self._path(stage), self._path(stage).with_suffix(".part")
        with beside.open("wb") as file:
            file.write(self._mark + hashlib.sha256(body).digest())
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)

    def _path(self, stage: str) -> Path:
        return self._folder / f"{stage}.stage"

    def _body(self, stage: str) -> bytes | None:
        """Read a result's bytes, unless they are not what was written for this plan."""
        try:
            raw = self._path(stage).read_bytes()
        except FileNotFoundError:
            return None
        mark, digest, body = raw[:_DIGEST], raw[_DIGEST : 2 * _DIGEST], raw[2 * _DIGEST :]
        whole = mark == self._mark and hashlib.sha256(body).digest() == digest
        return body if whole else None


def _plain_mapping(view: MappingProxyType[object, object]) -> tuple[type, tuple[object]]:
    """Say how a read-only mapping is made again."""
    return MappingProxyType, (dict(view),)
