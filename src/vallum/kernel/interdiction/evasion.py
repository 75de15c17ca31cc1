"""Evasion interdiction: which arcs to reinforce against an evader who picks the best way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import Fault
from vallum.kernel.arrays import frozen
from vallum.kernel.interdiction.door import Door
from vallum.kernel.interdiction.evader import Given, evader
from vallum.kernel.interdiction.model import Interdiction
from vallum.kernel.interdiction.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

__all__ = ["evasion", "evasion_value"]


def evasion(  # noqa: PLR0913, PLR0917 (its arguments are the public contract)
    tail: ArrayLike,
    head: ArrayLike,
    plain: ArrayLike,
    reinforced: ArrayLike,
    candidates: ArrayLike,
    origins: ArrayLike,
    destinations: ArrayLike,
    probability: ArrayLike,
    budget: int,
    *,
    limit: int = 20_000,
    watch: Callable[[float, float, int], bool] | None = None,
) -> Interdiction:
    """Choose the arcs to reinforce so that evasion is least likely.

    `min_y Σ_k p_k max_{P: s_k→t_k} Π_{a∈P} (reinforced_a if y_a else plain_a)`, at most `budget`
    arcs: the maximum-reliability stochastic network interdiction problem (Pan, Charlton and Morton
    2003, "A stochastic program for interdicting smuggled nuclear material"). By ways found as
    needed (Towle and Luedtke 2018, "New solution approaches for the maximum-reliability stochastic
    network interdiction problem") and branch and cut: `docs/method/interdiction.md`.

    The best arcs for a budget need not contain those for a smaller one: see `regret` where a list
    of priorities is shown.

    Parameters
    ----------
    tail, head
        Labels of the nodes that each arc leaves and enters, any integers, shape (arcs,).
    plain, reinforced
        Probability of passing each arc unseen without and with reinforcement, shape (arcs,),
        `0 ≤ reinforced ≤ plain ≤ 1`. Off the candidates `reinforced` is not read.
    candidates
        Indices of the arcs that can be reinforced, each once.
    origins, destinations
        Labels of each pair's nodes, shape (pairs,). A label that no arc has is a node without ways;
        who is where he wants to be evades for certain.
    probability
        Of each pair, summing to 1 within 1e-6, shape (pairs,).
    budget
        Most arcs to reinforce.
    limit
        Most linear programmes to solve.
    watch
        Told the best value, the bound and the programmes solved so far, after each; stops the
        search by returning true. One that looks at a clock makes the answer depend on the machine.

    Returns
    -------
    Interdiction
        Value and bound are expected probabilities of evasion; no arcs are chosen that change
        nothing. They are equal (to 1e-7 of the value) unless the search was stopped.

    Raises
    ------
    InputError
        If the arguments can't be used.

    Examples
    --------
    >>> found = evasion([1, 1], [2, 2], [0.9, 0.8], [0.1, 0.3], [0, 1], [1], [2], [1.0], 2)
    >>> round(found.value, 9), found.chosen.tolist()
    (0.3, [0, 1])
    """
    door = Door()
    given = _given(
        door, tail, head, plain, reinforced, candidates, origins, destinations, probability
    )
    most, programmes = door.budget("budget", budget), door.budget("limit", limit)
    door.close()
    problem = evader(given)
    none = frozen(np.zeros(0, np.int64))
    if problem.arc.size == 0 or most == 0:
        value = given.value(none)
        return Interdiction(value, value, none, 0)
    tree = Tree(problem, min(most, problem.arc.size))
    tree.run(programmes, watch)
    chosen = _needed(given, problem.arc[tree.chosen])
    value = given.value(chosen)
    bound = problem.base + problem.scale * tree.bound
    if tree.bound >= tree.value - tree.slack:
        bound = max(bound, value * (1 - 1e-7))
    return Interdiction(value, min(bound, value), frozen(chosen), tree.work)


def evasion_value(  # noqa: PLR0913, PLR0917 (its arguments are those of `evasion`)
    tail: ArrayLike,
    head: ArrayLike,
    plain: ArrayLike,
    reinforced: ArrayLike,
    chosen: ArrayLike,
    origins: ArrayLike,
    destinations: ArrayLike,
    probability: ArrayLike,
) -> float:
    """Score any plan: the expected probability of evasion with the chosen arcs reinforced.

    Parameters
    ----------
    tail, head, plain, reinforced, origins, destinations, probability
        As `evasion` takes them.
    chosen
        Indices of the arcs reinforced, each once.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    InputError
        If the arguments can't be used.
    """
    door = Door()
    given = _given(door, tail, head, plain, reinforced, chosen, origins, destinations, probability)
    door.close()
    return given.value(given.candidates)


def _given(  # noqa: PLR0913, PLR0917 (it reads them all at one door)
    door: Door,
    tail: ArrayLike,
    head: ArrayLike,
    plain: ArrayLike,
    reinforced: ArrayLike,
    candidates: ArrayLike,
    origins: ArrayLike,
    destinations: ArrayLike,
    probability: ArrayLike,
) -> Given:
    """Check the arguments; faults are left at the door."""
    tails = door.labels("tail", tail)
    heads = door.labels("head", head, tails.size)
    chance = door.amounts("plain", plain, tails.size, most=1.0)
    other = door.numbers("reinforced", reinforced, tails.size)
    at = door.indices("candidates", candidates, tails.size)
    if chance.size == other.size == tails.size:
        wrong = np.zeros(tails.size, bool)
        wrong[at] = ~((other[at] >= 0) & (other[at] <= chance[at]))
        door.where("reinforced", other, wrong, "give 0 to the plain probability on candidates")
    starts = door.labels("origins", origins)
    ends = door.labels("destinations", destinations, starts.size)
    if starts.size == 0 and not any(f.where == "origins" for f in door.faults):
        door.faults.append(Fault("origins", "", "no pairs", "give at least one"))
    weights = door.probabilities("probability", probability, starts.size)
    return Given(tails, heads, chance, other, at, starts, ends, weights)


def _needed(given: Given, chosen: np.ndarray) -> np.ndarray:
    """Leave out arcs that change nothing."""
    value = given.value(chosen)
    for arc in chosen.tolist():
        fewer = chosen[chosen != arc]
        if given.value(fewer) <= value:
            chosen = fewer
    return np.sort(chosen)
