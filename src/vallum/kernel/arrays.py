"""Small things that all stages do with arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["frozen", "sum_by"]

Scalar = TypeVar("Scalar", bound=np.generic)


def sum_by(
    labels: ArrayLike, amounts: ArrayLike, count: int, *, ordered: bool = False
) -> NDArray[np.float64]:
    """Sum amounts by label.

    Parameters
    ----------
    labels
        Integers from 0 to below `count`, any shape.
    amounts
        Of the same shape.
    count
        Number of labels.
    ordered
        Add each label's amounts from the smallest up, so that the order given does not matter.

    Returns
    -------
    sums
        Shape (count,).

    Examples
    --------
    >>> sum_by([0, 2, 2], [1.0, 2.0, 3.0], 3)
    array([1., 0., 5.])
    """
    flat, values = np.asarray(labels, np.int64).ravel(), np.asarray(amounts, np.float64).ravel()
    if ordered:
        order = np.lexsort((values, flat))
        flat, values = flat[order], values[order]
    return np.bincount(flat, values, count).astype(np.float64)


def frozen(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """Return the array itself, made read-only."""
    array.setflags(write=False)
    return array
