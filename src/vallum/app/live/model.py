"""What a change of an assumption gives back: small enough to be sent to a browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vallum.app.live.card import look_card, view_card
from vallum.kernel.card import Shown

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.kernel.card import Card

__all__ = ["Look", "Scored", "View"]


@dataclass(frozen=True, eq=False)
class Scored:
    """A line or area drawn by hand, by the frontier's own yardstick.

    Attributes
    ----------
    held
        Its cells, shape (rows, cols), bool.
    benefit, ceiling
        What it earns, and the most that its cost could earn; in the unit of the objective, a year.
    cost_usd_yr
        Infinite where part of its line may not stand.
    line_km, barred_km
        Length of its line, and of that part.
    buildable_usd_yr
        Cost without that part.
    people, people_share, output_share
        Held.
    """

    held: NDArray[np.bool_]
    benefit: float
    ceiling: float
    cost_usd_yr: float
    line_km: float
    barred_km: float
    buildable_usd_yr: float
    people: float
    people_share: float
    output_share: float


@dataclass(frozen=True, eq=False, repr=False)
class View(Shown):
    """The frontier for one scenario: everything that a map with a slider shows.

    Attributes
    ----------
    crs
        Of all coordinates: that of the grid, in metres.
    left, top, cell_m
        Corner of the grid in the north-west, and side of a cell.
    entry
        Step of the chain at which a cell enters, shape (rows, cols), row 0 in the north; −1 never,
        −2 no member's land.
    steps
        A row per step, as `vallum.line.Plans.steps`: `cost_usd_yr`, `benefit` (USD a year or
        people, as the objective), `mu` (a price at which the step is best, the lowest that was
        proved; infinite for the last), `line_km`, `held_km2`, `people_held`, `people_share`,
        `output_share`; `averted_usd_yr` (losses averted); and, for these and the cost, 5 to 95 %
        of joint draws: `averted_low`, `averted_high`, `cost_low`, `cost_high`, `pays_share`.
    lines
        For each step the paths of its line: (x, y) arrays of one length each, metres.
    step, status, mu
        The chosen step, as in `vallum.line.Line`.
    objective
        As set.
    effect
        Share of crossings that the line stops: low, value, high.
    works
        What the chosen step's line is made of: `composition`, `description`, `surface`, `line_km`,
        `cost_usd_km_yr`.
    scored
        What was drawn by hand; None where nothing was.
    said
        Sentences that belong beside the map: what is left out, what is an illustration.
    exact
        Whether every step carries its certificate; steps between exact ones are found by the plan.
    fingerprint
        Of theatre and settings.
    seconds
        Time that the frontier took, and what comes before it where that had to be made anew.
    """

    crs: str
    left: float
    top: float
    cell_m: float
    entry: NDArray[np.int16]
    steps: pd.DataFrame
    lines: tuple[tuple[tuple[NDArray[np.float64], NDArray[np.float64]], ...], ...]
    step: int
    status: str
    mu: float | None
    objective: str
    effect: tuple[float, float, float]
    works: pd.DataFrame
    scored: Scored | None
    said: tuple[str, ...]
    exact: bool
    fingerprint: str
    seconds: float

    def card(self) -> Card:
        """Say it in short, for notebooks and consoles."""
        return view_card(self)


@dataclass(frozen=True, eq=False, repr=False)
class Look(Shown):
    """A quick look at what the later stages say of one step; a plan says it in full.

    Attributes
    ----------
    step
        Of the frontier.
    forces
        `forts`: their number, or None; `refused`: sentences of who lacks what; `regimes`: by name
        `men`, `cost_usd_yr` (USD/yr) and `status`, where tasks were shared out.
    campaign
        `touchable`, `stopped`, `held_change`, `held_arrived_change`, `outside_change`,
        `all_change`: (low, value, high) over `draws` draws, of the land of this step.
    accord
        A row per coalition that is to hold its part of this step's land, as
        `vallum.accord.model.AccordGame.coalitions` has it.
    shares
        What each party has in the end by each rule: `rule`, `party`, `usd_yr`.
    partner
        What the partner's help costs it and what it would gain by it, USD/yr: `part` (cost, trade,
        security, influence), `low`, `value`, `high`; nothing where there is no partner.
    said
        Sentences of what this look leaves out.
    draws
        Number of draws.
    seconds
        Time it took.
    """

    step: int
    forces: dict[str, object]
    campaign: dict[str, tuple[float, float, float]]
    accord: pd.DataFrame
    shares: pd.DataFrame
    partner: pd.DataFrame
    said: tuple[str, ...]
    draws: int
    seconds: float

    def card(self) -> Card:
        """Say it in short, for notebooks and consoles."""
        return look_card(self)
