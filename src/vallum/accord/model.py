"""What the accord stage finds: what each coalition can do, the games on it, and the draft annex."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vallum.accord.card import accord_card
from vallum.kernel.card import Shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.accord.annex_blocks import Annex
    from vallum.accord.payments import Leaving
    from vallum.accord.settle import Settlement
    from vallum.forces import Forces
    from vallum.kernel.card import Card
    from vallum.kernel.ledger import Assumption
    from vallum.line import Line

__all__ = ["Accord", "AccordGame", "Redrawn"]


@dataclass(frozen=True, eq=False)
class Redrawn:
    """The line of one coalition, drawn again for it alone.

    Attributes
    ----------
    line
        On a theatre whose only members are the coalition's: every other border is open.
    part_cost_usd_yr, part_km
        To hold the land asked for that is the coalition's own, enclosed by itself.
    forces
        Of the line drawn; None where they weren't asked for.
    part_benefit_usd_yr
        Of the same land as `part_cost_usd_yr`; None takes that of the line.
    enough
        Whether the line holds as much output as the land asked for; else only that land enclosed by
        itself counts.
    """

    line: Line
    part_cost_usd_yr: float
    part_km: float
    forces: Forces | None
    part_benefit_usd_yr: float | None = None
    enough: bool = True


@dataclass(frozen=True, eq=False)
class AccordGame:
    """One game between the members and the partner.

    Attributes
    ----------
    name
        "best": each coalition does what is best for it, or nothing, with the partner's help or
        without. "aim": each holds at least as much output as the joint plan holds on its own land,
        whatever that brings, and the partner helps whom it joins.
    title
        For people.
    joint_held
        Land that all members together hold, shape (rows, cols).
    coalitions
        A row per coalition of members: `coalition` (names joined by "+"), `how` (in words),
        `feasible`, `why` (what is short), `benefit_usd_yr`, `joint_usd_yr` (trade, tourism and
        projects, which come only to all together), `cost_usd_yr` with `cost_low`, `cost_high`,
        `helped_usd_yr` (what it costs the members with the partner's help, for what they would hold
        with it), `partner_usd_yr` (what that costs the partner), `line_km`, `men` (paid),
        `held_km2`, `people`.
    value
        USD/yr by coalition at the assumptions' own values; None where it has no feasible plan.
    value_low, value_high
        The same at the low and high ends.
    settlement, settlement_low, settlement_high
        Every rule tried on each.
    own
        What falls to each by the joint plan before anybody pays, USD/yr: gain less cost.
    cost
        That cost: the line and holding on its own land, or its help.
    gains
        The partner's gain split: `part` (trade, security, influence), `low`, `mid`, `high`, USD/yr,
        `source`.
    saved
        What joint drawing saves against each alone: `what`, `unit`, `alone`, `joint`, `saved`.
    needed_usd_yr
        What the partner's standing would have to be worth to it for its help not to cost it more
        than it gains, if nobody pays it; 0 where it gains already; None where there is no partner.
    needed_paid_usd_yr
        The same if the members pay it all that its help brings them; None where there is no
        partner, or all together have no plan.
    members
        The game of the members alone, every rule tried on it; None where there is no partner, since
        it is then the game itself.
    """

    name: str
    title: str
    joint_held: NDArray[np.bool_]
    coalitions: pd.DataFrame
    value: Mapping[frozenset[str], float | None]
    value_low: Mapping[frozenset[str], float | None]
    value_high: Mapping[frozenset[str], float | None]
    settlement: Settlement
    settlement_low: Settlement
    settlement_high: Settlement
    own: Mapping[str, float]
    cost: Mapping[str, float]
    gains: pd.DataFrame
    saved: pd.DataFrame
    needed_usd_yr: float | None
    needed_paid_usd_yr: float | None = None
    members: Settlement | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Accord(Shown):
    """What the accord stage finds.

    Attributes
    ----------
    games
        "best" and "aim".
    told
        Which of the two is told first: "best" where anything is worth holding to anybody, else
        "aim".
    joint
        Line and forces of all members together, for the land aimed at; None where there is none.
    rule
        By which the annex pays.
    leaving
        Which member would leave the joint plan for the land aimed at, and in which year: its net
        money of the dividend by year, with the payments of the rule, against the better of its own
        line and nothing.
    annex
        The draft; None where it can't be drawn up (`said` says why).
    said
        What a reader must not miss.
    seed
        Of the plan.
    ledger, fingerprint
        Assumptions; the theatre's mark.
    """

    games: tuple[AccordGame, ...]
    told: str
    joint: Redrawn | None
    rule: str
    leaving: tuple[Leaving, ...]
    annex: Annex | None
    said: tuple[str, ...]
    seed: int
    ledger: tuple[Assumption, ...]
    fingerprint: str

    def card(self) -> Card:
        """Say it in short, for notebooks and consoles."""
        return accord_card(self)

    def game(self, name: str) -> AccordGame:
        """Give a game by name: "best" or "aim"."""
        return next(game for game in self.games if game.name == name)
