"""Figures with their ends and their source, and reading them from a TOML table, checked.

A table of figures is data that a planner can put another in the place of. Each figure is
`{ low, mode, high, source }`; every fault of a file is found before one error is raised.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from vallum.errors import Fault, InputError, nearest

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Entry", "Range", "figure", "figure_faults", "is_number", "missing", "read_toml",
           "unknown"]  # fmt: skip

Entry = dict[str, object]


@dataclass(frozen=True)
class Range:
    """A figure with its ends; where a distribution is needed it is the triangle on them.

    Attributes
    ----------
    low, mode, high
        Least, likeliest and greatest value, low ≤ mode ≤ high.
    source
        Where it was read, or "judgement: " and the reason.

    Examples
    --------
    >>> Range(1.0, 2.0, 6.0).mean
    3.0
    """

    low: float
    mode: float
    high: float
    source: str = ""

    @property
    def mean(self) -> float:
        """Mean of the triangle."""
        return (self.low + self.mode + self.high) / 3

    @property
    def sd(self) -> float:
        """Standard deviation of the triangle."""
        a, c, b = self.low, self.mode, self.high
        return math.sqrt(max(0.0, ((b - a) ** 2 + (c - a) * (c - b)) / 18))

    def share_at_least(self, value: float) -> float:
        """Probability that a draw from the triangle is at least `value`."""
        a, c, b = self.low, self.mode, self.high
        if value <= a:
            return 1.0
        if value > b:
            return 0.0
        if value <= c:
            return 1 - (value - a) ** 2 / ((b - a) * (c - a))
        return (b - value) ** 2 / ((b - a) * (b - c))


def read_toml(path: Path) -> Entry:
    """Read a TOML file.

    Raises
    ------
    InputError
        When it is absent, unreadable or not TOML.
    """
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except OSError as error:
        fault = Fault(str(path), "", error.strerror or str(error), "name a file that can be read")
        raise InputError([fault]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        fault = Fault(str(path), "", f"not TOML: {error}", "mend the file at that place")
        raise InputError([fault]) from error


def figure(raw: object) -> Range:
    """Make a range of a figure that `figure_faults` found without fault."""
    entry = cast("Entry", raw)
    low, mode, high = (float(cast("float", entry[end])) for end in ("low", "mode", "high"))
    return Range(low, mode, high, str(entry["source"]))


def figure_faults(
    where: str, place: str, raw: object, *, positive: bool = False, share: bool = False
) -> list[Fault]:
    """Find what is wrong with a figure.

    Parameters
    ----------
    where, place
        The file, and the figure's dotted key.
    raw
        As the file has it.
    positive
        Whether 0 is refused too; less than 0 always is.
    share
        Whether more than 1 is refused.

    Returns
    -------
    faults
        Empty where there are none.
    """
    ends = ("low", "mode", "high")
    if not isinstance(raw, dict):
        mend = "give { low = , mode = , high = , source = }"
        return [Fault(where, place, repr(raw), mend)]
    entry = cast("Entry", raw)
    known = (*ends, "source")
    faults = unknown(where, place, entry, known) + missing(where, place, entry, known)
    numbers = [entry[end] for end in ends if is_number(entry.get(end))]
    faults += [
        Fault(where, f"{place}.{end}", repr(entry[end]), "give a finite number")
        for end in ends
        if end in entry and not is_number(entry[end])
    ]
    if "source" in entry and not _is_source(entry["source"]):
        mend = "give an address (https://...), 'facts.md' and its entry, or 'judgement: ' and why"
        faults.append(Fault(where, f"{place}.source", repr(entry["source"]), mend))
    if len(numbers) < len(ends):
        return faults
    low, mode, high = (float(cast("float", number)) for number in numbers)
    found = f"low {low:g}, mode {mode:g}, high {high:g}"
    if not low <= mode <= high:
        faults.append(Fault(where, place, found, "order them: low ≤ mode ≤ high"))
    if low < 0 or (low == 0 and positive):
        faults.append(Fault(where, place, found, "give figures above 0"))
    if high > 1 and share:
        faults.append(Fault(where, place, found, "give probabilities up to 1"))
    return faults


def is_number(value: object) -> bool:
    """Tell whether a value of a file is a finite number."""
    real = isinstance(value, (int, float)) and not isinstance(value, bool)
    return real and math.isfinite(cast("float", value))


def _is_source(value: object) -> bool:
    if not isinstance(value, str):
        return False
    if value.startswith("judgement:"):
        return len(value.removeprefix("judgement:").strip()) > 0
    return any(sign in value for sign in ("https://", "http://", "facts.md", "[D]"))


def unknown(where: str, place: str, entry: Entry, known: tuple[str, ...]) -> list[Fault]:
    """Find keys that are not known, each with the nearest that is."""
    dot = f"{place}." if place else ""
    return [
        Fault(where, f"{dot}{key}", "unknown key", nearest(key, list(known)))
        for key in entry
        if key not in known
    ]


def missing(where: str, place: str, entry: Entry, needed: tuple[str, ...]) -> list[Fault]:
    """Find keys that are needed and not there."""
    dot = f"{place}." if place else ""
    return [
        Fault(where, f"{dot}{key}", "missing", f"add {key}") for key in needed if key not in entry
    ]
