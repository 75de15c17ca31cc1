"""Judging land that somebody drew: what it earns and costs by the frontier's yardstick."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.border import standing
from vallum.kernel.card import Shown
from vallum.kernel.territory import Score, score, total
from vallum.line.card import judgement_card

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from vallum.kernel.card import Card
    from vallum.line.draw import Plans

__all__ = ["Judgement", "judge"]


@dataclass(frozen=True, eq=False, repr=False)
class Judgement(Shown):
    """What somebody's territory is worth by the frontier's yardstick.

    Attributes
    ----------
    score
        What it earns and costs; the cost is infinite where `barred_km` is above 0.
    ceiling
        The most that any territory of that cost could earn; NaN where it leaves out land that every
        plan must hold, since what is proved is proved of territories that hold it.
    barred_km
        Length of its line that would stand where none may.
    buildable_usd_yr
        What it costs without that part; all of it where there is none.
    """

    score: Score
    ceiling: float
    barred_km: float
    buildable_usd_yr: float

    def card(self) -> Card:
        """Say it in short, for notebooks and consoles."""
        return judgement_card(self)


def judge(plans: Plans, held: ArrayLike) -> Judgement:
    """Score a territory that someone drew, by the yardstick of the frontier.

    Parameters
    ----------
    plans
        The frontier to compare with.
    held
        Bool, shape (rows, cols), on member land only. Cells that no plan can hold, since their line
        would stand where nothing lawful is enough, are left out; where another part of the line
        would, its cost is infinite.

    Returns
    -------
    Judgement
        What it earns and costs, and the most that any territory of that cost could earn.
    """
    problem = plans.problem
    holdable = np.zeros(problem.shape, bool)
    holdable.ravel()[problem.cells] = True
    mask = np.asarray(held, bool)
    if mask.shape == holdable.shape:  # `score` says what is wrong with others
        mask = mask & (holdable | np.isnan(plans.stakes.benefit))
    drawn = score(problem, mask)
    length, price = standing(problem, mask.ravel()[problem.cells])
    barred = np.isinf(price)
    barred_km = total(length[barred])
    buildable = drawn.holding + total(price[~barred])
    leaves = bool((problem.must & ~mask.ravel()[problem.cells]).any())
    ceiling = math.nan if leaves else plans.frontier.ceiling(drawn.cost)
    return Judgement(drawn, ceiling, barred_km, buildable)
