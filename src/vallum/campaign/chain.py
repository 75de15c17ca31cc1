"""What to expect when nothing is learnt and no strength is lost: absorbing Markov chains, exactly.

A band at a base is ready, tries for the first to the fourth time, or is ready again a quarter
later; it is absorbed where it arrives, at a fort, at home, or when it drops its plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.campaign.model import Played
from vallum.campaign.play import Ready, arrivals_a_quarter, chances, covered, ready
from vallum.errors import CertificateError
from vallum.kernel.arrays import frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.campaign.model import Chosen, Means, World

__all__ = ["expected", "expected_over"]

_TRIES = 4  # the first, and three more
_EXACT = 1e-9


@dataclass(frozen=True, eq=False)
class _Try:
    """What can become of one try from each base, as chances."""

    stay: NDArray[np.float64]  # (S,): of those who are ready
    arrive: NDArray[np.float64]  # (S, T)
    fort: NDArray[np.float64]  # (S, K)
    at: NDArray[np.float64]  # (S, K): comes to an entry
    stopped_at: NDArray[np.float64]  # (S, K)
    stopped: NDArray[np.float64]  # (S,): anywhere


def expected(world: World, means: Means, chosen: Chosen, *, phase: int) -> Played:
    """Give what to expect in a year of a phase, once it has settled.

    Parameters
    ----------
    world
        Places and ways.
    means
        What is done.
    chosen
        How the other side chooses; they believe what they hear and learn nothing, and losses do not
        tell.
    phase
        Number of the phase: it says which entries are covered.

    Returns
    -------
    Played
        Of one phase.

    Raises
    ------
    CertificateError
        If bands are not conserved.
    """
    made = ready(world, chosen)
    new = 4.0 * arrivals_a_quarter(made.gravity.origin, means, chosen)
    one = _one_try(made, world, means, chosen, phase)
    rate = new / (1.0 - chosen.persist * one.stay)
    return _stacked([_tally(made, means, chosen, one, rate)])


def expected_over(world: World, means: Means, chosen: Chosen, *, years: tuple[int, ...]) -> Played:
    """Give what to expect in phases that follow what was before anything was built.

    Parameters
    ----------
    world, means, chosen
        As in `expected`.
    years
        Of each phase.

    Returns
    -------
    Played
        Per year of each phase; those who wait from one phase to the next are counted.

    Raises
    ------
    CertificateError
        If bands are not conserved.
    """
    made = ready(world, chosen)
    new = arrivals_a_quarter(made.gravity.origin, means, chosen)
    still = chosen.persist * chosen.still
    wait = new * still / (1.0 - still)
    rows = []
    for phase, lasts in enumerate(years):
        one = _one_try(made, world, means, chosen, phase)
        there = np.zeros(new.size)
        for _ in range(4 * lasts):
            there += new + wait
            wait = chosen.persist * one.stay * (new + wait)
        rows.append(_tally(made, means, chosen, one, there / lasts))
    return _stacked(rows)


def _one_try(made: Ready, world: World, means: Means, chosen: Chosen, phase: int) -> _Try:
    """Give the chances of one try."""
    there = covered(means, phase)
    ease = np.where(there, (1.0 - chosen.hearsay) ** chosen.risk, 1.0)
    door = made.ways.share * ease[None, :, None] ** (chosen.range_h * world.theta)
    total = door.sum(axis=1)
    by_entry = made.ways.by_entry
    door = np.divide(door, total[:, None, :], out=np.zeros(door.shape), where=door > 0)
    flat = 1.0 / (chosen.range_h * world.theta)
    origin = made.gravity.origin[:, None]
    pull = np.divide(made.gravity.journeys, origin, out=np.zeros(total.shape), where=origin > 0)
    pull = pull * np.where(by_entry, total, 1.0) ** flat
    forts = np.where(there, means.forts, 0.0) / max(float(means.forts.sum()), 1e-300)
    fort = chosen.fort_pull * made.fort_reach * forts
    going = pull.sum(axis=1) + fort.sum(axis=1)
    stay = chosen.still / (1.0 - chosen.still)
    some = np.where(going > 0, going, 1.0)
    pull, fort = pull / some[:, None], fort / some[:, None]
    stop = np.where(there, chances(world, means, chosen), 0.0)
    past = (1.0 - stop)[:, None] * (1.0 - means.stop_way)
    way = np.where(by_entry, np.einsum("skt,kt->st", door, past), 1.0)
    arrive = pull * way * (1.0 - means.stop_target)
    at = np.einsum("st,skt->sk", pull, door)
    stopped = pull.sum(axis=1) - arrive.sum(axis=1)
    return _Try(stay / (going + stay), arrive, fort, at, at * stop, stopped)


def _tally(
    made: Ready, means: Means, chosen: Chosen, one: _Try, rate: NDArray[np.float64]
) -> dict[str, NDArray[np.float64] | float]:
    """Give what becomes of those who are ready at each base, so many a year."""
    sources = rate.size
    moves = np.zeros((sources, _TRIES, _TRIES))
    for number in range(_TRIES - 1):
        moves[:, number, number + 1] = chosen.again * one.stopped
    start = np.zeros((sources, _TRIES))
    start[:, 0] = rate * (1.0 - one.stay)
    left = np.eye(_TRIES) - moves.transpose(0, 2, 1)
    visits = np.linalg.solve(left, start[:, :, None])[:, :, 0]
    tries = visits.sum(axis=1)
    home = one.stopped * (tries * (1.0 - chosen.again) + visits[:, -1] * chosen.again)
    arrived, forts = tries @ one.arrive, tries @ one.fort
    tried, stopped = tries @ one.at, tries @ one.stopped_at
    set_out = float(start.sum())
    if abs(set_out - arrived.sum() - forts.sum() - home.sum()) > _EXACT * max(set_out, 1.0):
        raise CertificateError("more or fewer bands end somewhere than set out")
    return {
        "arrived": arrived,
        "resident": made.gravity.resident * means.resident_factor,
        "tried": tried,
        "stopped": stopped,
        "through": tried - stopped,
        "forts_attacked": forts,
        "set_out": set_out,
        "waited": float((rate * one.stay).sum()),
        "ended": max(0.0, float(home.sum())),
        "strength": 1.0,
    }


def _stacked(rows: list[dict[str, NDArray[np.float64] | float]]) -> Played:
    """Give phases as one."""
    return Played(**{name: frozen(np.array([row[name] for row in rows])) for name in rows[0]})
