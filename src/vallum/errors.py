"""What can go wrong, each kind saying when; and the tables to exit codes and HTTP status.

Every fault of an input is a `Fault`; the door that reads the input collects them all and raises
one `InputError`, so a user mends everything in one go.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "EXIT_CODES",
    "HTTP_STATUS",
    "MOST_TOLD",
    "BarredError",
    "BusyError",
    "CertificateError",
    "Fault",
    "FetchError",
    "InfeasibleError",
    "InputError",
    "NotFoundError",
    "OutputError",
    "RefusedError",
    "VallumError",
    "exit_code",
    "few",
    "http_status",
    "nearest",
]


MOST_TOLD = 50  # faults of one text or request


@dataclass(frozen=True)
class Fault:
    """One thing wrong with one input.

    Attributes
    ----------
    where
        The file, setting or option that is at fault.
    place
        The place inside it: a column, a row, a key; empty when it is the whole of it.
    found
        What was found there.
    mend
        What the user can do about it.
    """

    where: str
    place: str
    found: str
    mend: str

    def __str__(self) -> str:
        place = f" [{self.place}]" if self.place else ""
        return f"{self.where}{place}: {self.found}. Mend: {self.mend}"


class VallumError(Exception):
    """The root of all errors that a user may meet; its text needs no traceback."""


class InputError(VallumError, ValueError):
    """Raised when settings, options, files or arguments can't be used; holds every fault found.

    Parameters
    ----------
    faults
        All the faults, at least one.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        if not self.faults:
            raise AssertionError("an InputError needs at least one fault")
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Fault, ...]]]:
        """Give what it is made again from, in the process that asked another to do the work."""
        return type(self), (self.faults,)


class InfeasibleError(InputError):
    """Raised when constraints contradict the ground or one another; names which."""


class BarredError(InputError):
    """Raised when something barred by law is asked for; names the rule."""


class OutputError(VallumError):
    """Raised when results can't be written; nothing half-written is left behind."""


class FetchError(VallumError):
    """Raised when a source can't be fetched whole and right; nothing corrupt is kept.

    Parameters
    ----------
    fault
        The address, what it answered, and what the user can do.
    """

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(str(fault))

    def __reduce__(self) -> tuple[type[FetchError], tuple[Fault]]:
        """Give what it is made again from, as `InputError` does."""
        return type(self), (self.fault,)


class NotFoundError(VallumError):
    """Raised by the service for what isn’t there or isn’t the asker’s to see, alike."""


class RefusedError(VallumError):
    """Raised by the service for what the asker may see and not do."""


class BusyError(VallumError):
    """Raised by the service when a quota is used up; says which, and when to ask again."""


class CertificateError(VallumError):
    """Raised when a proof does not hold: our fault (flow = cut), or a plan's files were changed."""


EXIT_CODES: dict[type[VallumError], int] = {
    InputError: 2,
    OutputError: 2,
    CertificateError: 3,
    FetchError: 4,
    VallumError: 1,
}


HTTP_STATUS: dict[type[VallumError], int] = {
    InputError: 422,
    NotFoundError: 404,
    RefusedError: 403,
    BusyError: 429,
    OutputError: 503,
    FetchError: 502,
    VallumError: 500,
}


def few(faults: Sequence[Fault], most: int = MOST_TOLD, *, of: int | None = None) -> list[Fault]:
    """Give the first faults, and one that says how many more there are.

    Parameters
    ----------
    faults
        Found.
    most
        So many are told: who has more mends the same mistake many times.
    of
        How many there are in all, where `faults` are but the first of them.

    Returns
    -------
    list of Fault
        At most one more than `most`.
    """
    more = (len(faults) if of is None else of) - most
    told = list(faults[:most])
    if more > 0:
        told.append(Fault(faults[0].where, "", f"{more:,} more faults", "mend these first"))
    return told


def http_status(error: VallumError) -> int:
    """HTTP status of an error: that of its nearest ancestor in `HTTP_STATUS`."""
    return next(HTTP_STATUS[kind] for kind in type(error).__mro__ if kind in HTTP_STATUS)


def exit_code(error: VallumError) -> int:
    """Exit code of an error: that of its nearest ancestor in `EXIT_CODES`."""
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)


def nearest(name: str, valid: Sequence[str]) -> str:
    """Say the nearest valid name, for the `mend` of a fault.

    Examples
    --------
    >>> nearest("sahl", ["sahel"])
    "did you mean 'sahel'?"
    >>> nearest("x", ["sahel"])
    'use one of: sahel'
    """
    close = difflib.get_close_matches(name, valid, n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else "use one of: " + ", ".join(valid)
