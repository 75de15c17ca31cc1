"""The door of the interdiction problems: every fault of the arguments, raised at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Door"]


class Door:
    """Reads arguments, and notes what is wrong with them.

    Attributes
    ----------
    faults
        Those found so far; `close` raises them.
    """

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def close(self) -> None:
        """Raise an `InputError` of all the faults, if any."""
        if self.faults:
            raise InputError(self.faults)

    def labels(self, name: str, given: object, size: int | None = None) -> NDArray[np.int64]:
        """Read integers of any value: labels of nodes, or indices."""
        array = self._line(name, given, size)
        if array is None:
            return np.zeros(size or 0, np.int64)
        if array.size == 0:
            return np.zeros(0, np.int64)
        if array.dtype.kind not in "iu" or (array.dtype.kind == "u" and array.max() >= 2**63):
            self._add(name, "", f"numbers of the kind {array.dtype}", "give integers of 64 bits")
            return np.zeros(array.size, np.int64)
        return array.astype(np.int64)

    def label(self, name: str, given: object) -> int:
        """Read one integer of any value."""
        whole = isinstance(given, (int, np.integer)) and not isinstance(given, bool)
        if whole and -(2**63) <= int(given) < 2**63:  # type: ignore[call-overload]
            return int(given)  # type: ignore[call-overload,no-any-return]
        self._add(name, "", repr(given), "give the label of a node, an integer of 64 bits")
        return 0

    def amounts(
        self, name: str, given: object, size: int | None, *, most: float = np.inf
    ) -> NDArray[np.float64]:
        """Read numbers from 0 to `most`; infinity is one of them where `most` is infinite."""
        array = self.numbers(name, given, size)
        self.where(name, array, ~((array >= 0) & (array <= most)), f"give 0 to {most:g}")
        return array

    def numbers(self, name: str, given: object, size: int | None) -> NDArray[np.float64]:
        """Read numbers of any value, NaN among them."""
        array = self._line(name, given, size)
        if array is None or (array.size and array.dtype.kind not in "fiu"):
            if array is not None:
                self._add(name, "", f"values of the kind {array.dtype}", "give real numbers")
            return np.zeros(size or 0)
        return array.astype(np.float64)

    def table(self, name: str, given: object) -> NDArray[np.float64]:
        """Read a table of finite numbers with at least one row and column."""
        try:
            array = np.asarray(given, np.float64)
        except (TypeError, ValueError):
            self._add(name, "", "no table of numbers", "give rows of numbers, all of one length")
            return np.zeros((1, 1))
        if array.ndim != 2 or not array.size:
            self._add(name, "", f"an array of shape {array.shape}", "give rows and columns")
            return np.zeros((1, 1))
        self.where(name, array.ravel(), ~np.isfinite(array.ravel()), "give finite numbers")
        return array

    def budget(self, name: str, given: object) -> int:
        """Read a whole number of 0 or more."""
        if isinstance(given, (int, float, np.integer, np.floating)) and not isinstance(given, bool):
            number = float(given)
            if number >= 0 and number.is_integer():
                return int(number)
        self._add(name, "", repr(given), "give a whole number of 0 or more")
        return 0

    def indices(self, name: str, given: object, count: int) -> NDArray[np.int64]:
        """Read indices of arcs, each once; return them rising."""
        array = self.labels(name, given)
        outside = (array < 0) | (array >= count)
        self.where(name, array, outside, f"give indices of arcs, 0 to {count - 1}")
        found, times = np.unique(array[~outside], return_counts=True)
        if (times > 1).any():
            first = int(found[times > 1][0])
            self._add(name, f"arc {first}", "named more than once", "name each arc once")
        return found

    def probabilities(self, name: str, given: object, size: int | None) -> NDArray[np.float64]:
        """Read probabilities that sum to 1 within 1e-6; return them scaled to 1."""
        before = len(self.faults)
        array = self.amounts(name, given, size, most=1.0)
        if len(self.faults) > before:
            return array
        total = float(array.sum())
        if not abs(total - 1) <= 1e-6:
            self._add(name, "", f"a sum of {total:.9g}", "scale them to sum to 1")
            return array
        return array / total

    def where(
        self, name: str, array: NDArray[np.generic], wrong: NDArray[np.bool_], mend: str
    ) -> None:
        """Note the places at which an array is wrong, if any."""
        if wrong.any():
            at = int(wrong.argmax())
            place = f"{int(wrong.sum())} of {wrong.size}, the first at index {at}"
            self._add(name, place, str(array[at]), mend)

    def _line(self, name: str, given: object, size: int | None) -> NDArray[np.generic] | None:
        """Read an array of one dimension; None, and a fault, where it is none."""
        try:
            array = np.asarray(given)
        except ValueError:
            self._add(name, "", "no line of numbers", "give an array of one dimension")
            return None
        if array.ndim != 1 or (size is not None and array.size != size):
            wanted = "one dimension" if size is None else f"shape ({size},)"
            self._add(name, "", f"an array of shape {array.shape}", f"give {wanted}")
            return None
        return array

    def _add(self, name: str, place: str, found: str, mend: str) -> None:
        self.faults.append(Fault(name, place, found, mend))
