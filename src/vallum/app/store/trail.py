"""The audit trail in a file: a line of JSON each, only ever added to."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING

from vallum.app.model import Audit
from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["add", "backwards", "mend"]

_BLOCK = 1 << 16


def mend(path: Path) -> None:
    """Take off a last line that was cut off while it was written: nobody was told of it."""
    if not path.exists():
        path.touch(mode=0o600)
        return
    size = path.stat().st_size
    with path.open("r+b") as file:
        whole = size
        while whole:
            start = max(0, whole - _BLOCK)
            file.seek(start)
            newline = file.read(whole - start).rfind(b"\n")
            if newline >= 0:
                whole = start + newline + 1
                break
            whole = start
        if whole != size:
            file.truncate(whole)
            file.flush()
            os.fsync(file.fileno())


def add(path: Path, entry: Audit) -> None:
    """Add a line and bring it to the disk; a line that did not fit is taken off again."""
    line = json.dumps(asdict(entry), ensure_ascii=False).encode() + b"\n"
    with path.open("ab", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[file.write(rest) :]
            os.fsync(file.fileno())
        except OSError:
            file.truncate(size)
            raise


def backwards(path: Path) -> Iterator[Audit]:
    """Give the entries, newest first, as they were when the reading began."""
    with path.open("rb") as file:
        at = file.seek(0, os.SEEK_END)
        rest = b""
        while at:
            start = max(0, at - _BLOCK)
            file.seek(start)
            lines = (file.read(at - start) + rest).split(b"\n")
            at, rest = start, lines[0]
            for line in reversed(lines[1:]):
                if line:
                    yield _entry(line, path)
        if rest:
            yield _entry(rest, path)


def _entry(line: bytes, path: Path) -> Audit:
    """Read one line."""
    try:
        return Audit(**json.loads(line))
    except (ValueError, TypeError):
        shown = line[:60].decode("utf-8", "replace")
        raise InputError(
            [Fault(str(path), shown, "no entry of the trail", "mend that line")]
        ) from None
