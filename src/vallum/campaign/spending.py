"""The means that are played, made for each draw: their figures are uncertain too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.campaign.means import alternatives
from vallum.campaign.means_figures import figures_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.campaign.model import Means, World

__all__ = ["Spending", "phases_of"]


@dataclass(frozen=True, eq=False)
class Spending:
    """What there is to spend, and on what land.

    Attributes
    ----------
    world
        Places and ways in.
    cost_usd_yr
        Of the line, and so of every other means.
    held_km2
        Land that is held.
    man_usd_yr
        Cost of one man on duty, rotation included.
    men_now_per_1000
        Men under arms for each 1,000 people of the members, before.
    others
        Whether the same money spent otherwise is played too.
    seed
        A draw's own is (seed, its number).
    """

    world: World
    cost_usd_yr: float
    held_km2: float
    man_usd_yr: float
    men_now_per_1000: float
    others: bool
    seed: int

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the means, in order."""
        return tuple(one.name for one in self.at(None))

    def at(self, number: int | None) -> tuple[Means, ...]:
        """Give the means of a draw, or at the mids of all figures."""
        phase = phases_of(self.world)
        every = alternatives(
            self.world,
            cost_usd_yr=self.cost_usd_yr,
            held_km2=self.held_km2,
            man_usd_yr=self.man_usd_yr,
            men_now_per_1000=self.men_now_per_1000,
            line_stop=self.world.entries["stop"].to_numpy(np.float64),
            line_phase=phase,
            phases=len(self.world.months) + 1,
            figures=figures_at(self.seed, number),
        )
        return every if self.others else every[:2]


def phases_of(world: World) -> NDArray[np.int64]:
    """Give the phase in which each entry is covered: 0 where no programme is known.

    Examples
    --------
    With phases that end in months 6 and 12 an entry covered in month 5 counts from the second on,
    one covered in month 12 from the third.
    """
    if not world.months:
        return np.zeros(len(world.entries), np.int64)
    covered = world.entries["covered_month"].to_numpy(np.float64)
    return np.asarray(np.searchsorted(np.array(world.months), covered, side="left") + 1)
