"""Plans of the built-in theatre that many files look at: made once per run."""

from __future__ import annotations

import contextlib
import copyreg
import functools
import hashlib
import io
import pickle
import sys
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel

import vallum
from vallum import forces, line, theatre, threat, works, worth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from vallum.plan import Plan
    from vallum.settings import Settings

__all__ = ["Once", "Shelf", "alone"]


class Once:
    """The first stages, run once for what they are given: results are frozen, and can be shared.

    Plans that differ in their campaign or their draws share the ground, the threat, the works, the
    line and its men. Only what is the very same object, with settings that are the same, is not
    worked out again; a theatre in a folder is always read anew.

    Attributes
    ----------
    known
        What was given (kept, so that no other object can come to its place) and what came of it.
    grounds
        Identities of the theatres among that: what is found of any other ground is not kept.
    """

    def __init__(self) -> None:
        self.known: dict[tuple[Any, ...], tuple[Any, Any]] = {}
        self.grounds: set[int] = set()

    def forget(self) -> None:
        """Let everything be worked out again."""
        self.known.clear()
        self.grounds.clear()

    @contextlib.contextmanager
    def shared(self) -> Iterator[None]:
        """Share these stages while within."""
        with pytest.MonkeyPatch.context() as patch:
            for home, name in (
                (theatre, "load"), (worth, "value"), (threat, "assess"), (works, "assess"),
                (line, "draw"), (forces, "deploy"),
            ):  # fmt: skip
                patch.setattr(home, name, self.remembering(getattr(home, name)))
            yield

    def remembering(self, stage: Callable[..., Any]) -> Callable[..., Any]:
        """Give a stage that remembers."""

        @functools.wraps(stage)
        def remembered(*args: Any, **how: Any) -> Any:
            first = args[0] if args else None
            loads = isinstance(first, str) and first == "sahel"
            if not loads and id(first) not in self.grounds:
                return stage(*args, **how)  # of a folder, whose files may change
            key = (stage.__module__, stage.__name__, *map(_told, args), repr(sorted(how.items())))
            if key not in self.known:
                self.known[key] = (args, stage(*args, **how))
                if loads:
                    self.grounds.add(id(self.known[key][1]))
            return self.known[key][1]

        return remembered


def _told(given: object) -> object:
    """Tell what a stage is given from anything else: settings by value, results by identity."""
    if isinstance(given, BaseModel):
        return given.model_dump_json()
    return given if isinstance(given, str) else id(given)


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
        The first stages of those that it makes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known: dict[str, Plan] = {}
        self.once = Once()

    def plan(self, settings: Settings) -> Plan:
        """Give the plan with these settings; make it if nobody has yet."""
        key = hashlib.sha256(settings.model_dump_json().encode()).hexdigest()
        if key not in self.known:
            path = self.folder / f"{key}.pickle"
            with alone(path.with_suffix(".lock")):
                if not path.exists():
                    with self.once.shared():
                        made = vallum.make_plan("sahel", settings)
                    _write(path, made)
                # whoever made it reads it too: no test depends on who was first
                self.known[key] = _read(path)
        return self.known[key]


def frozen(items: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    """Give a mapping that nobody can write to."""
    return MappingProxyType(items)


def _taken_apart(mapping: MappingProxyType[Any, Any]) -> tuple[Any, ...]:
    """Say how such a mapping is made again: pickle has no way of its own."""
    return frozen, (dict(mapping),)


class _Pickler(pickle.Pickler):
    """Pickles results of stages."""

    dispatch_table = {**copyreg.dispatch_table, MappingProxyType: _taken_apart}  # noqa: RUF012


def _write(path: Path, made: Plan) -> None:
    """Write a plan, the bytes of its arrays apart; nobody finds half of one."""
    buffers: list[pickle.PickleBuffer] = []
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        # what the arrays stand on comes first, to be there when they are read
        rest = _pickled(made, buffers)
        pickle.dump([(raw.readonly, raw.tobytes()) for raw in (b.raw() for b in buffers)], file)
        file.write(rest)
    part.rename(path)


def _pickled(made: Plan, buffers: list[pickle.PickleBuffer]) -> bytes:
    """Pickle a plan; the bytes of its arrays are gathered, not copied."""
    out = io.BytesIO()
    _Pickler(out, protocol=5, buffer_callback=buffers.append).dump(made)
    return out.getvalue()


def _read(path: Path) -> Plan:
    """Read a plan: what was read-only is so again."""
    with path.open("rb") as file:
        held = pickle.load(file)  # noqa: S301  (written by this run)
        buffers = [data if readonly else bytearray(data) for readonly, data in held]
        made: Plan = pickle.load(file, buffers=buffers)  # noqa: S301
    return made


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Wait until no other process is within; the lock of one that died is let go by the system."""
    with path.open("ab") as held:
        if sys.platform != "win32":
            import fcntl  # noqa: PLC0415

            fcntl.flock(held, fcntl.LOCK_EX)
        yield
