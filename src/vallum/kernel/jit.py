"""Numba's compiler with one set of options, typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["compiled"]

Function = TypeVar("Function", bound="Callable[..., Any]")


def compiled(function: Function) -> Function:
    """Compile a function at its first call, and keep the machine code for the next process.

    The order of floating-point operations stays as written (no `fastmath`), so that results are
    the same bytes on every run; the interpreter's lock is released while it runs.

    Parameters
    ----------
    function
        Of numbers and arrays only.

    Returns
    -------
    function
        The same, compiled.
    """
    try:
        made = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # no folder where the machine code could be kept
        made = numba.njit(nogil=True)(function)
    return cast("Function", made)
