"""When a series changed its level: exact segments, a penalty that holds false alarms, intervals.

Months without events are left out, so a change between two months with events is dated by an
interval that holds every month in which it can have come.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import logsumexp

from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Months = NDArray[np.datetime64]

__all__ = ["Change", "Changes", "Rule", "calibrate", "changes", "gains"]

FEWEST = 8  # months with events, below which nothing is sought
BATCH = 2_000_000  # entries of the segments' costs held at once: some 16 MB


@dataclass(frozen=True)
class Rule:
    """How changes are sought.

    Attributes
    ----------
    alarm
        Chance that a series without change is given any.
    most
        Changes of a series, at most.
    segment
        Months with events that a level must last, at least.
    share
        Of the belief that a date's interval holds.
    draws
        Series without change that the penalty is taken from.
    """

    alarm: float = 0.05
    most: int = 5
    segment: int = 3
    share: float = 0.9
    draws: int = 999


class Change(NamedTuple):
    """One change of level.

    Attributes
    ----------
    month
        The first month with events of the new level.
    low, high
        First and last month in which the change may have come.
    before, after
        Mean weight of the events of the two segments.
    """

    month: np.datetime64
    low: np.datetime64
    high: np.datetime64
    before: float
    after: float


@dataclass(frozen=True, eq=False)
class Changes:
    """What was found in a series.

    Attributes
    ----------
    found
        In order of time; empty where there is none.
    p
        Chance of as strong a sign of change in a series without any; NaN without data.
    penalty
        What a change must gain, in log likelihood twice over; NaN without data.
    event_variance
        Of one event about its segment's level, from differences of neighbours.
    status
        Empty, or `no data` and why.
    """

    found: tuple[Change, ...]
    p: float
    penalty: float
    event_variance: float
    status: str


def _costs(means: Floats, counts: Floats, segment: int) -> Floats:
    """Give the weighted squares of each segment about its own mean; too short ones cost ∞.

    Parameters
    ----------
    means
        Shape (series, months).
    counts
        Shape (months,), above 0.
    segment
        Months of a segment, at least.

    Returns
    -------
    costs
        Shape (series, months, months + 1), of the segment from the second index to before the
        third.
    """
    size = len(counts)
    centred = means - np.average(means, axis=1, weights=counts)[:, None]  # or squares cancel

    def until(values: Floats) -> Floats:
        return np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)

    mass = until(counts[None])[0]
    first, second = until(counts * centred), until(counts * centred**2)
    held = mass[None, :] - mass[:-1, None]
    short = np.arange(size + 1)[None, :] - np.arange(size)[:, None] < segment
    apart = first[:, None, :] - first[:, :-1, None]
    squares = second[:, None, :] - second[:, :-1, None]
    costs = squares - apart**2 / np.where(short, 1.0, held)
    return np.where(short, np.inf, np.maximum(costs, 0.0))


def _segments(costs: Floats, most: int) -> tuple[Floats, list[NDArray[np.intp]]]:
    """Give the least cost of 0 to `most` changes, and where each last one comes, exactly.

    Returns
    -------
    best
        Shape (changes + 1, series, months + 1): of the months before the last index.
    came
        For each number of changes, from 1, where the last segment begins.
    """
    best, came = [costs[:, 0, :]], []
    for _ in range(most):
        through = best[-1][:, :-1, None] + costs
        came.append(through.argmin(axis=1))
        best.append(np.take_along_axis(through, came[-1][:, None, :], axis=1)[:, 0, :])
    return np.stack(best), came


def _noise(means: Floats, counts: Floats) -> Floats:
    """Estimate an event's variance from differences of neighbours, which few changes disturb."""
    spread = 1 / counts[1:] + 1 / counts[:-1]
    return np.asarray(np.mean(np.diff(means, axis=1) ** 2 / spread, axis=1), np.float64)


def gains(means: Floats, counts: Floats, rule: Rule) -> Floats:
    """Say what a change gains at best: the most, over k, of (C₀ − C_k) / (k s²).

    A penalty below it finds a change, and one above it finds none.

    Parameters
    ----------
    means
        Shape (series, months), all with events.
    counts
        Shape (months,).
    rule
        Has the most changes and the shortest segment.

    Returns
    -------
    gains
        Shape (series,).
    """
    step = max(1, BATCH // (len(counts) * (len(counts) + 1)))
    out = []
    for start in range(0, len(means), step):
        some = means[start : start + step]
        total = _segments(_costs(some, counts, rule.segment), rule.most)[0][:, :, -1]
        number = np.arange(1, rule.most + 1)[:, None]
        out.append(((total[0] - total[1:]) / number).max(axis=0) / _noise(some, counts))
    return np.concatenate(out)


def calibrate(counts: Floats, rule: Rule, rng: np.random.Generator) -> Floats:
    """Draw what a change gains at best in series that have none.

    Parameters
    ----------
    counts
        Events of each month that has any; the drawn series have the same.
    rule
        Has how many to draw.
    rng
        For the series.

    Returns
    -------
    gains
        Shape (draws,), rising.
    """
    drawn = rng.standard_normal((rule.draws, len(counts))) / np.sqrt(counts)
    return np.sort(gains(drawn, counts, rule))


def changes(
    months: Months,
    means: Floats,
    counts: Floats,
    rng: np.random.Generator,
    rule: Rule | None = None,
) -> Changes:
    """Find the changes of a series' level.

    Parameters
    ----------
    months
        Datetime64[M], shape (months,), rising.
    means, counts
        As `climate.Climate.series` gives them; months without events are left out.
    rng
        For the penalty's series.
    rule
        How changes are sought.

    Raises
    ------
    InputError
        If the rule can't be kept: so few draws that the rate of alarms lies beyond them.
    """
    rule = Rule() if rule is None else rule
    kept = round((1 - rule.alarm) * (rule.draws + 1))  # the (draws + 1)th is the series itself
    if not 1 <= kept <= rule.draws:
        asked = f"a rate of {rule.alarm:g} from {rule.draws} draws"
        raise InputError([Fault("changes", "draws", asked, "draw more, or allow more alarms")])
    at = np.flatnonzero(counts > 0)
    if len(at) < max(FEWEST, 2 * rule.segment):
        few = f"no data: {len(at)} months with events of {max(FEWEST, 2 * rule.segment)}"
        return Changes((), np.nan, np.nan, np.nan, few)
    seen, held = means[at], counts[at]
    noise = float(_noise(seen[None], held)[0])
    if noise == 0:
        return Changes((), np.nan, np.nan, 0.0, "no data: all months have one weight")
    without = calibrate(held, rule, rng)
    penalty = float(without[kept - 1])
    own = float(gains(seen[None], held, rule)[0])
    p = (1 + int((without >= own).sum())) / (rule.draws + 1)
    starts = _best(seen, held, rule, penalty * noise)
    found = _dated(months[at], seen, held, starts, rule, noise)
    return Changes(found, p, penalty, noise, "")


def _best(means: Floats, counts: Floats, rule: Rule, penalty: float) -> list[int]:
    """Give where segments begin, but the first, at the least cost with penalties."""
    best, came = _segments(_costs(means[None], counts, rule.segment), rule.most)
    number = int(np.argmin(best[:, 0, -1] + penalty * np.arange(rule.most + 1)))
    end, starts = len(counts), []
    for k in range(number, 0, -1):
        end = int(came[k - 1][0, end])
        starts.append(end)
    return starts[::-1]


def _dated(
    months: Months, means: Floats, counts: Floats, starts: list[int], rule: Rule, noise: float
) -> tuple[Change, ...]:
    """Give each change its interval: the likeliest dates between its neighbours, to the share."""
    ends = [0, *starts, len(counts)]
    out = []
    for left, at, right in zip(ends, starts, ends[2:], strict=False):
        belief = _belief(means[left:right], counts[left:right], noise)
        order = np.argsort(-belief, kind="stable")
        enough = int(np.searchsorted(np.cumsum(belief[order]), rule.share)) + 1
        kept = left + 1 + order[:enough]
        out.append(
            Change(
                months[at], months[min(kept.min(), at) - 1] + 1, months[max(kept.max(), at)],
                float(np.average(means[left:at], weights=counts[left:at])),
                float(np.average(means[at:right], weights=counts[at:right])),
            )
        )  # fmt: skip
    return tuple(out)


def _belief(means: Floats, counts: Floats, noise: float) -> Floats:
    """Weigh each place of one change, whatever the two levels; shape (months − 1,)."""
    mass, first = np.cumsum(counts), np.cumsum(counts * means)
    left, right = mass[:-1], mass[-1] - mass[:-1]
    fitted = first[:-1] ** 2 / left + (first[-1] - first[:-1]) ** 2 / right
    log = 0.5 * fitted / noise - 0.5 * np.log(left * right)
    return np.asarray(np.exp(log - logsumexp(log)), np.float64)
