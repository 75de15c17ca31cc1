"""The verb: share out the roles of all sectors among the states, under three regimes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd

from vallum.errors import Fault, InputError, nearest
from vallum.forces.regimes import REGIMES, Regime, regimes
from vallum.forces.roles import check_sectors
from vallum.forces.tasks_means import Means, resolve
from vallum.forces.tasks_options import options
from vallum.forces.tasks_settings import assumptions
from vallum.forces.tasks_units import units

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.forces.tasks_settings import TasksSettings
    from vallum.kernel.ledger import Assumption

__all__ = ["Tasks", "share_out"]

ROUGHER = 5.0  # the gap of the sensitivity in terms of the plan's, and the nodes the other way


@dataclass(frozen=True, eq=False)
class Tasks:
    """Who does what.

    Attributes
    ----------
    by_regime
        The three regimes by name: alone, joint, joint_with_partner.
    regimes
        One row per regime: regime, status, cost_usd_yr, relax_usd_yr, bound_usd_yr (of the two
        together), gap, members_usd_yr, partner_usd_yr, men, handovers, abroad (roles on another's
        ground), trained and watched (sectors), build_rate (engineer companies there are, in terms
        of the members').
    units
        Stretches of one unit each, of the last regime: unit, line, state, from_sector, to_sector,
        length_km, men.
    sensitivity
        First the regimes as they are; then with the members' men times each of `men_factors`,
        and the last with the effects of the partner's help at the ends of their ranges, to five
        times the gap: men_factor, effects, regime, status, cost_usd_yr, gap, relax_usd_yr, men,
        short (in words).
    unknown
        What no table says, so that nothing was limited by it.
    ledger
        Every assumption, with its range and source.
    """

    by_regime: Mapping[str, Regime]
    regimes: pd.DataFrame
    units: pd.DataFrame
    sensitivity: pd.DataFrame
    unknown: tuple[str, ...]
    ledger: tuple[Assumption, ...]

    @property
    def table(self) -> pd.DataFrame:
        """The tasks of all three regimes: regime, then the columns of `Regime.table`."""
        parts = [one.table.assign(regime=name) for name, one in self.by_regime.items()]
        whole = pd.concat(parts, ignore_index=True)
        return whole[["regime", *(name for name in whole if name != "regime")]]


def share_out(
    sectors: pd.DataFrame,
    states: pd.DataFrame,
    bases: pd.DataFrame,
    offer: pd.DataFrame,
    settings: TasksSettings,
    *,
    members: tuple[str, ...],
    man_usd_yr: float,
) -> Tasks:
    """Share out the roles of all sectors among the states.

    Parameters
    ----------
    sectors
        One row per sector: sector, line, state (whose ground it is), length_km, men_guard (on
        duty), reaction_bases, company_days, previous, next, lon, lat, and `gates` where known.
    states, bases, offer
        `Theatre.forces`, `Theatre.bases`, `Theatre.offer`; any may be empty: then nothing is
        limited by it, which `Tasks.unknown` says.
    settings
        Who may do what where, what roles take, and figures in place of the tables'.
    members
        Member states.
    man_usd_yr
        A paid man, USD a year.

    Returns
    -------
    tasks
        The same for the same input, always. A regime whose limits can't be met is there as the
        cheapest relaxation, and says what is short.

    Raises
    ------
    InputError
        With every fault of the sectors and settings.
    """
    sectors = check_sectors(sectors, members)
    known = sectors["sector"].tolist()
    strange = [name for name in settings.joint_sectors if name not in known]
    if strange:
        raise InputError(
            [
                Fault("tasks", "joint_sectors", f"no sector '{name}'", nearest(name, known))
                for name in strange
            ]
        )
    means = resolve(members, states, offer, settings)
    choice = options(sectors, bases, means, settings, man_usd_yr)
    found = regimes(choice, means, settings, man_usd_yr)
    guards = found["joint_with_partner"].table.query("role == 'guard'").set_index("sector")
    again: list[tuple[tuple[float, str], dict[str, Regime]]] = [((1.0, settings.level), found)]
    rough = settings.model_copy(
        update={"gap": settings.gap * ROUGHER, "nodes": max(int(settings.nodes / ROUGHER), 1)}
    )
    for factor in settings.men_factors:
        varied = regimes(choice, _scaled(means, factor), rough, man_usd_yr)
        again.append(((factor, settings.level), varied))
    for end in settings.effects if means.offer else ():
        other = _with_effects(means, offer, end)
        choice_then = options(sectors, bases, other, settings, man_usd_yr)
        varied = regimes(choice_then, other, rough, man_usd_yr)
        again.append(((1.0, end), {REGIMES[-1]: varied[REGIMES[-1]]}))
    return Tasks(
        by_regime=MappingProxyType(found),
        regimes=pd.DataFrame([_row(found[name], means) for name in REGIMES]),
        units=units(sectors, guards, settings),
        sensitivity=_sensitivity(again),
        unknown=(*means.unknown, *choice.unknown),
        ledger=(*assumptions(settings), *means.ledger),
    )


def _scaled(means: Means, factor: float) -> Means:
    """Give the members more or fewer men."""
    limits = {
        (state, need): most * (factor if need == "men" and state in means.members else 1.0)
        for (state, need), most in means.limits.items()
    }
    return replace(means, limits=limits)


def _with_effects(means: Means, offer: pd.DataFrame, end: str) -> Means:
    """Take the effects of the partner's help at an end of their range; not those set by hand."""
    ends = {
        (str(row["item"]), "effect"): float(row[end])
        for _, row in offer[offer["figure"] == "effect"].iterrows()
        if (str(row["item"]), "effect") in means.offer
    }
    set_by_hand = {row.key for row in means.ledger if row.source == "set"}
    kept = {
        key: value
        for key, value in ends.items()
        if f"tasks.offer.{key[0]}.effect" not in set_by_hand
    }
    return replace(means, offer={**means.offer, **kept})


def _row(regime: Regime, means: Means) -> dict[str, object]:
    """Sum up a regime."""
    guards = regime.table[regime.table["role"] == "guard"]
    own = sum(means.limits[state, "engineer_companies"] for state in means.members)
    brought = means.offer.get(("engineer_companies", "number"), 0.0)
    helped = regime.name == "joint_with_partner"
    return {
        "regime": regime.name,
        "status": regime.status,
        "cost_usd_yr": regime.cost_usd_yr,
        "bound_usd_yr": regime.bound_usd_yr,
        "gap": regime.gap,
        "members_usd_yr": regime.cost_usd_yr - regime.partner_usd_yr,
        "partner_usd_yr": regime.partner_usd_yr,
        "relax_usd_yr": regime.relax_usd_yr,
        "men": regime.men,
        "handovers": regime.handovers,
        "abroad": int(regime.table["abroad"].sum()),
        "trained": int(guards["mode"].str.startswith("trained").sum()),
        "watched": int(guards["mode"].str.contains("watched").sum()),
        "build_rate": (own + brought) / own if helped and own > 0 else 1.0,
    }


def _sensitivity(
    found: list[tuple[tuple[float, str], dict[str, Regime]]],
) -> pd.DataFrame:
    """List the regimes at each factor on the members' men, and at the ends of the effects."""
    rows = [
        {
            "men_factor": factor,
            "effects": end,
            "regime": name,
            "status": one.status,
            "cost_usd_yr": one.cost_usd_yr,
            "gap": one.gap,
            "relax_usd_yr": one.relax_usd_yr,
            "men": one.men,
            "short": "; ".join(f"{r['state']} {r['found']}" for _, r in one.shortages.iterrows()),
        }
        for (factor, end), regime in found
        for name, one in regime.items()
    ]
    return pd.DataFrame(rows)
