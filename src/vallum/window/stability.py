"""Whether the coalition stays together when the climate turns, and what keeps it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.accord.settle import settle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.accord.model import AccordGame

__all__ = ["Scenario", "changed", "listed", "patience", "ranged", "scenarios", "stability"]

NEAR = 1e-9


@dataclass(frozen=True)
class Scenario:
    """A turn of the climate, as it changes what coalitions have.

    Attributes
    ----------
    name, said
        Short, and for people.
    benefit
        What is left of losses averted.
    joint
        What is left of trade, visitors and projects, which come only to all together.
    saving
        What is left of what all together save against each alone.
    gone
        A member that is no longer there, if any ("one of them": the worst for the others).
    clause
        What keeps the coalition, where payments can't.
    """

    name: str
    said: str
    benefit: float = 1.0
    joint: float = 1.0
    saving: float = 1.0
    gone: bool = False
    clause: str = ""


def listed(mediation: float, closed: float, sanctioned: float) -> tuple[Scenario, ...]:
    """List the scenarios, with what each leaves.

    Parameters
    ----------
    mediation, closed, sanctioned
        As in `vallum.window.settings.WindowSettings`.
    """
    return (
        Scenario(
            "as it is", "the climate stays as it is",
            clause="a transfer from outside of what is lacking",
        ),
        Scenario(
            "sanctions", "sanctions on a member: trade, visitors and joint projects fall away",
            joint=sanctioned, clause="tasks and payments that do not hang on trade",
        ),
        Scenario(
            "closed borders", "the border between the members closes: nothing is saved by joint "
            "drawing, and nothing is gained jointly", joint=0.0, saving=closed,
            clause="a line that each can hold by itself until it opens",
        ),
        Scenario(
            "coup", "a coup: one member leaves, and the other stands alone", gone=True,
            clause="handover points and stocks on each side, and a year's notice",
        ),
        Scenario(
            "mediation", "Algerian mediation returns and spares a part of the attacks: there is "
            "less for a line to avert", benefit=mediation,
            clause="sectors built in the order in which each pays by itself",
        ),
    )  # fmt: skip


def changed(game: AccordGame, scenario: Scenario) -> dict[frozenset[str], float | None]:
    """Give the values of the members' coalitions under a scenario, the partner left out.

    Parameters
    ----------
    game
        With its table of coalitions.
    scenario
        What is left of what.

    Returns
    -------
    value
        `b · benefit + J · joint − c'`, where all together pay
        `c' = Σ c_alone − saving (Σ c_alone − c)`. None where a coalition has no line.
    """
    rows = {str(row["coalition"]): row for row in game.coalitions.to_dict("records")}
    out: dict[frozenset[str], float | None] = {}
    for name, row in rows.items():
        cost = float(row["cost_usd_yr"])
        if math.isnan(cost):
            out[frozenset(name.split("+"))] = None
            continue
        parts = name.split("+")
        if len(parts) > 1:
            apart = math.fsum(float(rows[one]["cost_usd_yr"]) for one in parts)
            if not math.isnan(apart):  # a member that can't by itself saves nothing that is known
                cost = apart - scenario.saving * (apart - cost)
        value = float(row["benefit_usd_yr"]) * scenario.benefit
        value += float(row["joint_usd_yr"]) * scenario.joint
        out[frozenset(parts)] = value - cost
    if scenario.gone:
        for one in [key for key in out if len(key) > 1]:
            split = [out[frozenset({state})] for state in one]
            out[one] = None if None in split else math.fsum(v for v in split if v is not None)
    return out


def patience(stays: float, reneges: float, leaves: float) -> float:
    """Give the least discount factor at which a state does not renege.

    Parameters
    ----------
    stays, reneges, leaves
        What it has in a year if it keeps to the accord; in the year in which it takes the gain and
        does not pay; in each year after, by itself. USD.

    Returns
    -------
    factor
        `(reneges − stays) / (reneges − leaves)`, from 0 to 1: with more patience than this, what is
        lost later outweighs what is gained at once (grim trigger). 0 where reneging gains nothing;
        NaN where leaving is no worse than staying, so that no patience is enough.

    Examples
    --------
    >>> patience(4.0, 6.0, 1.0)
    0.4
    >>> patience(4.0, 3.0, 1.0)
    0.0
    """
    if reneges <= stays:
        return 0.0 if leaves < stays else math.nan
    if leaves >= stays:
        return math.nan
    return (reneges - stays) / (reneges - leaves)


def scenarios(game: AccordGame, every: tuple[Scenario, ...]) -> pd.DataFrame:
    """Say of each scenario what all together have, and whether it holds.

    Parameters
    ----------
    game
        Of the accord.
    every
        The scenarios.

    Returns
    -------
    table
        scenario, said, together_usd_yr, apart_usd_yr (best that the members have apart, doing
        nothing among it), holds (whether together is no worse, and all are there), subsidy_usd_yr,
        clause.
    """
    rows = []
    for one in every:
        value = changed(game, one)
        whole = max(value, key=len)
        together, apart = value[whole], _apart(value, whole)
        short = math.nan if together is None else max(apart - together, 0.0)
        holds = together is not None and short <= NEAR * abs(apart) and not one.gone
        rows.append((one.name, one.said, math.nan if together is None else together, apart, holds,
                     short, "" if holds else one.clause))  # fmt: skip
    return pd.DataFrame(
        rows,
        columns=["scenario", "said", "together_usd_yr", "apart_usd_yr", "holds", "subsidy_usd_yr",
                 "clause"],
    )  # fmt: skip


def ranged(
    game: AccordGame,
    every: tuple[Scenario, ...],
    ends: tuple[tuple[Scenario, ...], tuple[Scenario, ...]],
) -> pd.DataFrame:
    """Say the same with what scenarios leave at the ends of its range.

    Parameters
    ----------
    game
        Of the accord.
    every
        The scenarios, as set.
    ends
        The same, with the least and the most that they may leave.

    Returns
    -------
    table
        As `scenarios`, and subsidy_low, subsidy_high (USD/yr) over both ends and what is set;
        holds_low, holds_high: whether it holds at all of them, and at any.
    """
    table = scenarios(game, every)
    all_of = [table, *(scenarios(game, end) for end in ends)]
    lacks = np.array([one["subsidy_usd_yr"].to_numpy(np.float64) for one in all_of])
    holds = np.array([one["holds"].to_numpy(bool) for one in all_of])
    return table.assign(
        subsidy_low=lacks.min(axis=0),
        subsidy_high=lacks.max(axis=0),
        holds_low=np.asarray(holds.all(axis=0)),
        holds_high=np.asarray(holds.any(axis=0)),
    )


def _apart(value: Mapping[frozenset[str], float | None], whole: frozenset[str]) -> float:
    """Give the most that the members have without all being together; each may do nothing."""
    best = math.fsum(max(value.get(frozenset({one})) or 0.0, 0.0) for one in whole)
    for size in range(2, len(whole)):
        for some in combinations(sorted(whole), size):
            rest = whole - set(some)
            own = value.get(frozenset(some)) or 0.0
            others = math.fsum(max(value.get(frozenset({one})) or 0.0, 0.0) for one in rest)
            best = max(best, own + others)
    return best


def stability(game: AccordGame, every: tuple[Scenario, ...], rule: str) -> pd.DataFrame:
    """Say of each scenario and member whether it stays, and how patient it must be.

    Parameters
    ----------
    game
        Of the accord.
    every
        The scenarios.
    rule
        By which all together share.

    Returns
    -------
    table
        scenario, state, stays, reneges, leaves (USD/yr), patience, keeps. A state that reneges has
        its gain for a year without bearing its cost; one that leaves does the better of its own
        line and nothing.
    """
    rows = []
    for one in every:
        value = changed(game, one)
        whole = max(value, key=len)
        if value[whole] is None:
            continue
        made = settle(value)
        shares = next((r.shares for r in made.rules if r.name == rule), None)
        if shares is None:
            shares = made.rules[0].shares
        for state in sorted(whole):
            stays = float(shares[state])
            leaves = max(value.get(frozenset({state})) or 0.0, 0.0)
            reneges = stays + game.cost.get(state, 0.0)
            least = patience(stays, reneges, leaves)
            rows.append((one.name, state, stays, reneges, leaves, least, not math.isnan(least)))
    return pd.DataFrame(
        rows, columns=["scenario", "state", "stays", "reneges", "leaves", "patience", "keeps"]
    ).astype({"patience": np.float64})
