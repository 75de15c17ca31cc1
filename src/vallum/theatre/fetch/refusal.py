"""Say that an answer can't be used."""

from __future__ import annotations

from typing import NoReturn

from vallum.errors import Fault, FetchError

__all__ = ["refuse"]


def refuse(address: str, place: str, found: str, mend: str) -> NoReturn:
    """Raise the error for an address.

    Raises
    ------
    FetchError
        Always.
    """
    raise FetchError(Fault(address, place, found, mend))
