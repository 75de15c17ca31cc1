"""Interruption by EASI: whether a crossing is seen early enough for the response to arrive.

The Estimate of Adversary Sequence Interruption (Bennett, Sandia, 1977; Garcia, "The Design and
Evaluation of Physical Protection Systems", 2001, Part B). Symbols are those of the method page:

    T_i = g_i t_i + Σ_{k>i} t_k      time left when task i gives the intruder away
    V_i = g_i² s_i² + Σ_{k>i} s_k²   its variance
    R_i = Φ((T_i − F) / √(V_i + σ²))  the response arrives within it
    P_I = C Σ_i D_i Π_{j<i}(1 − D_j) R_i

A miss is 1 − D, not 1 − C·D: communication is one link for the whole crossing, so it scales the sum
once. Where V_i + σ² = 0 nothing is random and R_i is the limit of Φ: 1 for T_i > F, 0 for T_i < F,
and one half for T_i = F.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import ndtr

from vallum.errors import Fault, InputError, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["AFTER_DETECTION", "Task", "Where", "interruption", "interruption_array"]

Where = Literal["begin", "middle", "end"]
Task = tuple[float, float, float, Where]

# g: the share of a task's own delay that is left when the task gives the intruder away
AFTER_DETECTION: dict[str, float] = {"begin": 1.0, "middle": 0.5, "end": 0.0}

_PLACE = "interruption"


def interruption(
    tasks: Sequence[Task], *, communication: float, response_s: float, response_sd_s: float
) -> float:
    """Probability that the response meets an intruder before the last task is done.

    Parameters
    ----------
    tasks
        The crossing in order: (detection probability, mean delay in s, its standard deviation in s,
        where in the task detection falls: "begin", "middle" or "end"). Empty gives 0.
    communication
        Probability that an alarm reaches the response, in [0, 1].
    response_s
        Mean time from alarm to arrival, s.
    response_sd_s
        Its standard deviation, s.

    Returns
    -------
    float
        P_I in [0, communication].

    Raises
    ------
    InputError
        With every fault: a probability outside [0, 1], a negative or infinite time, NaN, an unknown
        `where`, a task that is not four values.

    Examples
    --------
    >>> tasks = [(0.9, 90.0, 27.0, "begin"), (0.0, 120.0, 36.0, "begin")]
    >>> round(interruption(tasks, communication=0.95, response_s=150.0, response_sd_s=30.0), 4)
    0.7407
    """
    faults = [
        *_probability("communication", communication),
        *_time("response_s", response_s),
        *_time("response_sd_s", response_sd_s),
        *(fault for number, task in enumerate(tasks) for fault in _task(number, task)),
    ]
    if faults:
        raise InputError(faults)
    if not tasks:
        return 0.0
    detection, delay, deviation = (np.array([task[k] for task in tasks], float) for k in range(3))
    after = np.array([AFTER_DETECTION[task[3]] for task in tasks])
    return float(
        interruption_array(
            detection,
            delay,
            deviation,
            after,
            communication=np.float64(communication),
            response_s=np.float64(response_s),
            response_sd_s=np.float64(response_sd_s),
        )
    )


def interruption_array(
    detection: NDArray[np.float64],
    delay_s: NDArray[np.float64],
    delay_sd_s: NDArray[np.float64],
    after: NDArray[np.float64],
    *,
    communication: NDArray[np.float64] | np.float64,
    response_s: NDArray[np.float64] | np.float64,
    response_sd_s: NDArray[np.float64] | np.float64,
) -> NDArray[np.float64]:
    """Give `interruption` of many crossings at once; inputs are not checked.

    Parameters
    ----------
    detection, delay_s, delay_sd_s, after
        D, t (s), s (s) and g by task, shape (..., tasks). A task of zeros changes nothing, so
        shorter crossings are padded with them.
    communication, response_s, response_sd_s
        C, F (s) and σ (s), shape (...) or a number.

    Returns
    -------
    ndarray
        P_I, shape (...).
    """
    later_s = _sum_after(delay_s)
    left_s = after * delay_s + later_s
    variance = (after * delay_sd_s) ** 2 + _sum_after(delay_sd_s**2)
    margin = left_s - np.asarray(response_s)[..., None]
    spread = np.sqrt(variance + np.asarray(response_sd_s)[..., None] ** 2)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.where(spread > 0, margin / spread, np.sign(margin) * np.inf)
    arrives = np.where((spread > 0) | (margin != 0), ndtr(ratio), 0.5)
    unseen = np.cumprod(1 - detection, axis=-1)
    before = np.concatenate([np.ones_like(unseen[..., :1]), unseen[..., :-1]], axis=-1)
    total = np.sum(detection * before * arrives, axis=-1)
    return np.asarray(communication * np.minimum(total, 1.0), dtype=np.float64)


def _sum_after(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of the tasks that come after each task."""
    reversed_sum = np.cumsum(values[..., ::-1], axis=-1)[..., ::-1]
    return np.concatenate([reversed_sum[..., 1:], np.zeros_like(values[..., :1])], axis=-1)


def _task(number: int, task: object) -> list[Fault]:
    place = f"tasks[{number}]"
    if not isinstance(task, (tuple, list)) or len(task) != 4:
        mend = "give (detection, delay_s, delay_sd_s, where)"
        return [Fault(_PLACE, place, repr(task), mend)]
    detection, delay, deviation, where = task
    faults = [
        *_probability(f"{place}.detection", detection),
        *_time(f"{place}.delay_s", delay),
        *_time(f"{place}.delay_sd_s", deviation),
    ]
    if where not in AFTER_DETECTION:
        mend = nearest(str(where), list(AFTER_DETECTION))
        faults.append(Fault(_PLACE, f"{place}.where", repr(where), mend))
    return faults


def _probability(place: str, value: object) -> list[Fault]:
    number = _number(value)
    if number is not None and 0 <= number <= 1:
        return []
    return [Fault(_PLACE, place, repr(value), "give a probability from 0 to 1")]


def _time(place: str, value: object) -> list[Fault]:
    number = _number(value)
    if number is not None and 0 <= number < math.inf:
        return []
    return [Fault(_PLACE, place, repr(value), "give seconds, from 0 up")]


def _number(value: object) -> float | None:
    """Give a real number that is not NaN, else None; True and False are not numbers here."""
    real = isinstance(value, (int, float, np.integer, np.floating))
    if not real or isinstance(value, bool):
        return None
    number = float(value)  # type: ignore[arg-type]
    return None if math.isnan(number) else number
