"""What is worked out of an object once, while the object lives."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

__all__ = ["once"]

Thing = TypeVar("Thing")
More = ParamSpec("More")
Result = TypeVar("Result")


def once(
    function: Callable[Concatenate[Thing, More], Result],
) -> Callable[Concatenate[Thing, More], Result]:
    """Remember what a function gave for an object, and give it again.

    Parameters
    ----------
    function
        Of a frozen result, told apart by identity and kept by nobody here, and of values that can
        be hashed. What it gives doesn't hold the object, and whoever gets it leaves it as it is.

    Returns
    -------
    function
        The same.
    """
    known: WeakKeyDictionary[Thing, dict[Hashable, Result]] = WeakKeyDictionary()

    @functools.wraps(function)
    def remembered(thing: Thing, /, *args: More.args, **kwargs: More.kwargs) -> Result:
        try:
            mine = known.setdefault(thing, {})
        except TypeError:  # nothing can tell when it is gone: it is worked out each time
            return function(thing, *args, **kwargs)
        key = (args, tuple(sorted(kwargs.items())))
        if key not in mine:
            mine[key] = function(thing, *args, **kwargs)
        return mine[key]

    return remembered
