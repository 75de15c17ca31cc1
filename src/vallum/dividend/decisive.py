"""Which assumptions decide the answer: Sobol indices, and how far each must move to turn it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from vallum.kernel.ledger import Assumption

    Floats = NDArray[np.float64]
    # net present values (n,), USD, of rows of assumptions' values (n, k)
    Answer = Callable[[Floats], Floats]

__all__ = ["Sobol", "sobol_indices", "switch_values"]

REACH = 10.0
LOOKS = 64


class Sobol(Protocol):
    """A design of draws and the estimator that goes with it, as a library brings them.

    Draws are uniform between each assumption's low and high, and independent.
    """

    def sample(self, lows: Floats, highs: Floats) -> Floats:
        """Give the design: shape (n, k)."""

    def indices(self, values: Floats) -> tuple[Floats, Floats]:
        """Give first-order and total indices, each of shape (k,), of values (n,) on the design."""


def sobol_indices(answer: Answer, assumptions: Sequence[Assumption], method: Sobol) -> pd.DataFrame:
    """Say what share of the answer's variance each assumption brings, alone and in all.

    Parameters
    ----------
    answer
        Net present value, USD: of shape (n,) for values of shape (n, k), in the order of the
        assumptions.
    assumptions
        Each with a value and a range.
    method
        Where the draws and the estimator come from.

    Returns
    -------
    indices
        `key`, `first` and `total` (of the net present value), `sign_first` and `sign_total` (of
        whether it is above 0: what decides the sign); the greatest `sign_total` first, then the
        greatest `total`. All are 0 where nothing varies. `attrs["pays_share"]` is the share of
        the design's draws above 0.

    Raises
    ------
    InputError
        If an assumption has no range, or the answer is not a number somewhere.
    """
    _, lows, highs = _ranges(assumptions)
    draws = method.sample(lows, highs)
    values = _asked(answer, draws)
    pays = (values > 0).astype(np.float64)
    first, total = _indices(method, values, len(lows))
    sign_first, sign_total = _indices(method, pays, len(lows))
    table = pd.DataFrame(
        {
            "key": [one.key for one in assumptions],
            "first": first,
            "total": total,
            "sign_first": sign_first,
            "sign_total": sign_total,
        }
    ).sort_values(["sign_total", "total", "key"], ascending=[False, False, True], ignore_index=True)
    table.attrs["pays_share"] = float(pays.mean())
    return table


def switch_values(
    answer: Answer, assumptions: Sequence[Assumption], *, reach: float = REACH
) -> pd.DataFrame:
    """Say how far each assumption must move, alone, for the net present value to change sign.

    Parameters
    ----------
    answer, assumptions
        As in `sobol_indices`.
    reach
        How far to look: this many times the distance from the value to each end of its range. A
        range that is wholly 0 or more is not left below 0.

    Returns
    -------
    switches
        `key`, `value`, `low`, `high`; `switch`, the value nearest to `value` (as a share of the
        distance to that end of its range) where the sign changes, None where it does not within
        reach; `move`, that share, below 0 towards the low end (1 is the end itself), or None; and
        `within`, whether the switch lies in the assumption's own range.

    Raises
    ------
    InputError
        If an assumption has no range, or the answer is not a number somewhere.

    Notes
    -----
    Each side is looked at in 64 even steps, and the step where the sign changes is narrowed by
    Brent's method. A sign that changes twice within one step is not seen.
    """
    values, lows, highs = _ranges(assumptions)
    if not reach > 0:
        raise InputError([Fault("reach", "", f"{reach}", "give a number above 0")])
    rows = []
    for n, one in enumerate(assumptions):
        moves = [
            found
            for end in (lows[n], highs[n])
            if (found := _switch(answer, values, n, float(end), reach)) is not None
        ]
        share, switch = min(moves, key=lambda found: abs(found[0]), default=(None, None))
        within = switch is not None and bool(lows[n] <= switch <= highs[n])
        rows.append((one.key, values[n], lows[n], highs[n], switch, share, within))
    names = ["key", "value", "low", "high", "switch", "move", "within"]
    table = pd.DataFrame(rows, columns=names)
    for name in ("switch", "move"):
        filled = table[name].astype(object)
        table[name] = filled.where(filled.notna(), None)
    return table


def _switch(
    answer: Answer, values: Floats, place: int, end: float, reach: float
) -> tuple[float, float] | None:
    """Find the nearest change of sign towards one end: signed share of the way, and the value."""
    start = float(values[place])
    way = end - start
    if way == 0:
        return None
    far = reach
    if way < 0 <= end:  # a range of 0 or more: 0 is the end of the world
        far = min(reach, start / -way)
    shares = np.linspace(0.0, far, LOOKS + 1)

    def at(share: float) -> float:
        return float(_asked(answer, _moved(values, place, np.array([start + share * way])))[0])

    nets = _asked(answer, _moved(values, place, start + shares * way))
    turned = np.flatnonzero((nets > 0) != (nets[0] > 0))
    if not len(turned):
        return None
    last = int(turned[0])
    low, high = float(shares[last - 1]), float(shares[last])
    if nets[last] == 0:
        share = high
    elif nets[last - 1] == 0:
        share = low
    else:
        share = float(brentq(at, low, high, xtol=1e-12, rtol=1e-14))
    return float(np.sign(way)) * share, start + share * way


def _moved(values: Floats, place: int, to: Floats) -> Floats:
    """Repeat the central values with one of them moved: shape (n, k)."""
    rows = np.tile(values, (len(to), 1))
    rows[:, place] = to
    return rows


def _indices(method: Sobol, values: Floats, count: int) -> tuple[Floats, Floats]:
    """Ask for the indices, unless nothing varies: then no assumption decides."""
    if np.ptp(values) == 0:
        return np.zeros(count), np.zeros(count)
    first, total = method.indices(values)
    return np.asarray(first, np.float64), np.asarray(total, np.float64)


def _asked(answer: Answer, draws: Floats) -> Floats:
    """Ask for the net present values, and refuse what is not one finite number a row."""
    values = np.asarray(answer(draws), np.float64)
    if values.shape != (len(draws),) or not np.isfinite(values).all():
        raise InputError(
            [
                Fault(
                    "answer",
                    "",
                    f"shape {values.shape} for {len(draws)} rows, or not finite",
                    "give one net present value for each row of assumptions",
                )
            ]
        )
    return values


def _ranges(assumptions: Sequence[Assumption]) -> tuple[Floats, Floats, Floats]:
    """Read values, lows and highs; say of all that lack them, or are out of order."""
    faults = [] if assumptions else [Fault("assumptions", "", "none", "give at least one")]
    for one in assumptions:
        if one.value is None or one.low is None or one.high is None:
            faults.append(Fault("assumptions", one.key, "no value or range", "leave it out"))
        elif not (one.low <= one.value <= one.high and one.low < one.high):
            found = f"{one.low} to {one.high} round {one.value}"
            faults.append(Fault("assumptions", one.key, found, "give low <= value <= high"))
    if faults:
        raise InputError(faults)
    table = np.array([[one.value, one.low, one.high] for one in assumptions], np.float64)
    return table[:, 0], table[:, 1], table[:, 2]
