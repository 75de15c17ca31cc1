"""A page in one file: all of it or nothing, and refused before any work is done."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from vallum.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["write_page"]


def write_page(path: Path | str, page: Callable[[], str]) -> Path:
    """Write a page into a file.

    Parameters
    ----------
    path
        The file; an older one there is replaced, at the end and at once.
    page
        Makes the page; called once the file is known to be writable.

    Returns
    -------
    Path
        The same, absolute.

    Raises
    ------
    OutputError
        If the file can't be written.
    """
    out = Path(path).absolute()
    if out.is_dir():
        raise OutputError(f"{out}: it is a folder. Mend: give --out the name of a file")
    scratch = None
    try:
        scratch = _beside(out)
        _fill(scratch, page(), out)
    finally:
        if scratch is not None:
            scratch.unlink(missing_ok=True)
    return out


def _beside(out: Path) -> Path:
    """Make an empty file beside the one to be written, before any work is done."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.parent)
    except OSError as error:
        raise OutputError(_text(out, error)) from None
    os.close(handle)
    return Path(name)


def _fill(scratch: Path, page: str, out: Path) -> None:
    """Write the page and put it in its place."""
    try:
        scratch.write_text(page, "utf-8")
        scratch.chmod(0o644)  # a scratch file is its maker's alone
        scratch.replace(out)
    except OSError as error:
        raise OutputError(_text(out, error)) from None


def _text(out: Path, error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{out}: it can't be written ({reason}). Mend: give --out a file you may write"
