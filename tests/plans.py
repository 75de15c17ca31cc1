"""Plans of the built-in theatre that many files look at: made once per run."""

from __future__ import annotations

import contextlib
import copyreg
import functools
import hashlib
import io
import pickle
import re
import sys
import threading
from dataclasses import fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel

import vallum
from vallum import campaign, dividend, forces, line, theatre, threat, works, worth
from vallum.plan import coalitions, stages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from vallum.plan import Plan
    from vallum.settings import Settings

__all__ = ["Once", "Shelf", "alone"]

_WITHIN: set[tuple[Path, int]] = set()  # locks held by threads of this process
FILE = re.compile(r"\.\w{3,7}\"")  # a setting that ends as the name of a file does


class Once:
    """Stages, run once for what they are given: results are frozen, and can be shared.

    Plans that differ in their campaign alone share the ground, the threat, the works, the line and
    its men. A stage is shared if all that it is given is known: the built-in theatre by its name,
    settings by their values, results by the stage and settings that they came of. Anything else (a
    theatre in a folder, settings that name a file, a result that a test altered) is worked out anew
    each time.

    Parameters
    ----------
    folder
        Where results lie for the other processes of the run; kept in this process only if None.

    Attributes
    ----------
    folder
        As given.
    known
        What came of what was given.
    names
        What each result is called, by identity; `known` keeps it, so that no other object comes to
        its place.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.known: dict[str, Any] = {}
        self.names: dict[int, str] = {}

    def forget(self) -> None:
        """Let everything be worked out again, and in this process."""
        self.folder = None
        self.known.clear()
        self.names.clear()

    @contextlib.contextmanager
    def shared(self, *, later: bool = False) -> Iterator[None]:
        """Share stages while within; what is shared already stays as it is.

        Parameters
        ----------
        later
            Whether those behind the forces are shared too: for tests of what is made of plans,
            and not for those that run such a stage twice to see that it does the same.
        """
        shared = [
            (theatre, "load"), (worth, "value"), (threat, "assess"), (works, "assess"),
            (line, "draw"), (forces, "deploy"),
        ]  # fmt: skip
        if later:
            shared += [
                (stages, "ranges"), (stages, "robust"), (campaign, "campaign"),
                (dividend, "assess"), (coalitions, "agreed"),
            ]  # fmt: skip
        with pytest.MonkeyPatch.context() as patch:
            for home, name in shared:
                stage = getattr(home, name)
                # one that asks itself would wait for its own lock
                if not hasattr(stage, "remembers"):
                    patch.setattr(home, name, self.remembering(stage))
            yield

    def remembering(self, stage: Callable[..., Any]) -> Callable[..., Any]:
        """Give a stage that remembers."""

        @functools.wraps(stage)
        def remembered(*args: Any, **how: Any) -> Any:
            try:
                given = [
                    *map(self._told, args),
                    *(f"{k}={self._told(how[k])}" for k in sorted(how)),
                ]
            except LookupError:
                return stage(*args, **how)
            text = "\n".join([stage.__module__, stage.__name__, *given])
            key = hashlib.sha256(text.encode()).hexdigest()
            if key not in self.known:
                self.known[key] = self._made(key, lambda: stage(*args, **how))
                self.names[id(self.known[key])] = key
            return self.known[key]

        remembered.remembers = True  # type: ignore[attr-defined]
        return remembered

    def _made(self, key: str, make: Callable[[], Any]) -> Any:
        """Give a result that another process has made, or make it."""
        if self.folder is None:
            return make()
        return _one(self.folder / f"stage-{key}.pickle", make)

    def _told(self, given: object) -> str:
        """Tell what a stage is given from anything else, whatever the process."""
        if id(given) in self.names:
            return self.names[id(given)]
        if isinstance(given, BaseModel):
            text = given.model_dump_json()
            if FILE.search(text) is None:
                return f"{type(given).__name__} {text}"
        elif (
            given is None
            or isinstance(given, bool | int | float)
            or (isinstance(given, list | tuple) and all(isinstance(each, str) for each in given))
        ):
            return repr(given)
        elif isinstance(given, str) and given == "sahel":
            return given
        elif isinstance(given, coalitions.Found):
            return " ".join(self._told(getattr(given, one.name)) for one in fields(given))
        raise LookupError


class Shelf:
    """Plans of the Sahel on disk, for the processes of one run of the tests.

    The folder is the run's own, so every plan in it is of this code and this data.

    Attributes
    ----------
    folder
        Where the plans lie.
    known
        Those that this process has made or read, by settings.
    once
        The stages of those that it makes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known: dict[str, Plan] = {}
        self.once = Once(folder)

    def plan(self, settings: Settings) -> Plan:
        """Give the plan with these settings; make it if nobody has yet."""
        key = hashlib.sha256(settings.model_dump_json().encode()).hexdigest()
        if key not in self.known:
            self.known[key] = _one(self.folder / f"{key}.pickle", lambda: self._made(settings))
        return self.known[key]

    def _made(self, settings: Settings) -> Plan:
        """Make a plan, sharing its stages."""
        with self.once.shared(later=True):
            return vallum.make_plan("sahel", settings)


def _one(path: Path, make: Callable[[], Any]) -> Any:
    """Read what some process of this run has made; make it if none has yet."""
    with alone(path.with_suffix(".lock")):
        if not path.exists():
            _write(path, make())
    # whoever made it reads it too: no test depends on who was first
    return _read(path)


def frozen(items: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    """Give a mapping that nobody can write to."""
    return MappingProxyType(items)


def _taken_apart(mapping: MappingProxyType[Any, Any]) -> tuple[Any, ...]:
    """Say how such a mapping is made again: pickle has no way of its own."""
    return frozen, (dict(mapping),)


class _Pickler(pickle.Pickler):
    """Pickles results of stages."""

    dispatch_table = {**copyreg.dispatch_table, MappingProxyType: _taken_apart}  # noqa: RUF012


def _write(path: Path, made: object) -> None:
    """Write a result, the bytes of its arrays apart; nobody finds half of one."""
    buffers: list[pickle.PickleBuffer] = []
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        # what the arrays stand on comes first, to be there when they are read
        rest = _pickled(made, buffers)
        pickle.dump([(raw.readonly, raw.tobytes()) for raw in (b.raw() for b in buffers)], file)
        file.write(rest)
    part.rename(path)


def _pickled(made: object, buffers: list[pickle.PickleBuffer]) -> bytes:
    """Pickle a result; the bytes of its arrays are gathered, not copied."""
    out = io.BytesIO()
    _Pickler(out, protocol=5, buffer_callback=buffers.append).dump(made)
    return out.getvalue()


def _read(path: Path) -> Any:
    """Read a result: what was read-only is so again."""
    with path.open("rb") as file:
        held = pickle.load(file)  # noqa: S301  (written by this run)
        buffers = [data if readonly else bytearray(data) for readonly, data in held]
        return pickle.load(file, buffers=buffers)  # noqa: S301


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Wait until no other process is within; the lock of one that died is let go by the system.

    Raises
    ------
    RuntimeError
        Whoever is within comes again: it would wait for itself.
    """
    me = (path, threading.get_ident())
    if me in _WITHIN:
        raise RuntimeError(f"{path.name}: held here already")
    with path.open("ab") as held:
        if sys.platform != "win32":
            import fcntl  # noqa: PLC0415

            fcntl.flock(held, fcntl.LOCK_EX)
        _WITHIN.add(me)
        try:
            yield
        finally:
            _WITHIN.discard(me)
