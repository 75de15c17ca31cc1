"""A result in one file: all of it or nothing, and refused before any work is done."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pyogrio.errors import DataSourceError

from vallum.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["refuse_file_above", "write_one", "write_page"]


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

    def fill(scratch: Path) -> None:
        scratch.write_text(page(), "utf-8")

    return write_one(path, fill)


def write_one(path: Path | str, fill: Callable[[Path], None]) -> Path:
    """Write a file beside its place, and put it there when it is whole.

    Parameters
    ----------
    path
        The file; an older one there is replaced, at the end and at once.
    fill
        Writes a file of the same name elsewhere; called once the place is known to be writable.

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
    refuse_file_above(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as beside:
            scratch = Path(beside) / out.name
            fill(scratch)
            scratch.replace(out)
    except (OSError, DataSourceError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        mend = "give --out a file you may write"
        raise OutputError(f"{out}: it can't be written ({reason}). Mend: {mend}") from None
    return out


def refuse_file_above(path: Path) -> None:
    """Refuse a place that is inside of what is no folder.

    Parameters
    ----------
    path
        Absolute.

    Raises
    ------
    OutputError
        If a part of the way to it is a file.
    """
    above = next(one for one in path.parents if one.exists())
    if not above.is_dir():
        raise OutputError(
            f"{path}: {above} is a file, and a file holds no folder. Mend: give --out another "
            "place, or move that file away"
        )
