"""Which store an address means."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from vallum.app.store.files import FileStore
from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    from vallum.app.store.base import Store

__all__ = ["open_store"]

_MEND = "give a folder, or postgresql://USER@HOST/DATABASE"


def open_store(where: str) -> Store:
    """Open a store, making it where there is none; one server at a time holds it.

    Parameters
    ----------
    where
        Path of a folder, or `postgresql://USER@HOST/DATABASE`. The password is best left to
        `~/.pgpass` or `PGPASSWORD`.

    Returns
    -------
    Store
        Open; to be closed.

    Raises
    ------
    InputError
        If another server holds it, if it isn't a store, if a newer Vallum made it, and if what a
        database needs isn't installed.
    OutputError
        If it can't be reached or made.
    """
    scheme = re.match(r"([a-zA-Z][\w+.-]*)://", where)
    if scheme is None:
        if not where.strip() or "\0" in where:
            raise InputError([Fault("--store", "", repr(where), _MEND)])
        return FileStore(Path(where))
    if scheme[1].lower() not in {"postgresql", "postgres"}:
        raise InputError([Fault("--store", "", f"{scheme[1]}:// is no store", _MEND)])
    try:
        from vallum.app.store.database import DatabaseStore  # noqa: PLC0415  (an extra)
    except ImportError as error:
        mend = "pip install 'vallum[app]'"
        raise InputError([Fault("--store", "", f"{error.name} is not installed", mend)]) from None
    return DatabaseStore(where)
