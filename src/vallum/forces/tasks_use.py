"""What a choice of options uses and costs, added up without the program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.forces.roles import NEEDS
from vallum.forces.tasks_options import BROUGHT, HUBS
from vallum.forces.tasks_program import prices
from vallum.forces.tasks_settings import ROLES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.forces.tasks_means import Means
    from vallum.forces.tasks_options import Options
    from vallum.forces.tasks_program import Model

__all__ = ["Use", "evaluate", "spread", "vector"]


@dataclass(frozen=True, eq=False)
class Use:
    """What a choice of options uses and costs, added up without the program.

    Attributes
    ----------
    cost_usd_yr
        Of options, staffs and handovers.
    partner_usd_yr
        The part of it that the partner brings.
    used
        Of (state, need).
    raised
        Of (state, need): what is used beyond the limit.
    relax_usd_yr
        Price of that, and of men beyond reach.
    handovers
        Pairs of neighbours whose guards are of two states.
    """

    cost_usd_yr: float
    partner_usd_yr: float
    used: dict[tuple[str, str], float]
    raised: dict[tuple[str, str], float]
    relax_usd_yr: float
    handovers: int


def evaluate(model: Model, chosen: NDArray[np.bool_], means: Means) -> Use:
    """Add up what a choice of options uses and costs.

    Parameters
    ----------
    model
        The program.
    chosen
        Options chosen, shape (options,).
    means
        What there is.
    """
    options, settings = model.options, model.settings
    table = options.table[chosen]
    staffs = {(s, r) for s, r in zip(table["state"], table["role"], strict=True) if r in HUBS}
    posts = _posts(options, chosen)
    theirs = table["state"].eq(means.partner)
    sums = table.groupby("state")[list(NEEDS)].sum().reindex(list(means.members), fill_value=0.0)
    used = {
        (state, need): float(amount)
        for state, row in zip(means.members, sums.to_numpy(float), strict=True)
        for need, amount in zip(NEEDS, row, strict=True)
    }
    for state in means.members:
        own = sum(s == state for s, _ in staffs)
        used[state, "men"] += settings.staff_men * own
        used[state, "men"] += settings.rotation * settings.handover_men * posts[state]
    if means.partner:
        for role, item in BROUGHT.items():
            there = theirs & table["role"].eq(role)
            used[means.partner, item] = float(table.loc[there, item].sum())
        used[means.partner, "sensors"] = float(table["sensors_km"].sum())
    handed = settings.rotation * settings.handover_men * model.man_usd_yr
    staff = settings.staff_men * model.man_usd_yr
    cost = float(table["cost_usd_yr"].sum()) + staff * len(staffs) + handed * sum(posts.values())
    sensors = means.offer.get(("sensors", "cost_usd_yr"), 0.0) * float(table["sensors_km"].sum())
    brought = float(table.loc[theirs, "cost_usd_yr"].sum()) + sensors
    brought += staff * sum(s == means.partner for s, _ in staffs)
    raised = {}
    each = prices(settings, model.man_usd_yr)
    relax = float(model.raising[: len(chosen)][chosen].sum())
    for state, need, most in model.limits:
        over = used[state, need] - most
        if over > 1e-6 * max(most, 1.0):
            raised[state, need] = over
            relax += over * each.get(need, np.inf)
    return Use(cost, brought, used, raised, relax, int(sum(posts.values()) // 2))


def _posts(options: Options, chosen: NDArray[np.bool_]) -> dict[str, int]:
    """Count the handover posts of each state."""
    guard = chosen & (options.role == ROLES.index("guard"))
    by = np.full(len(options.owner), -1)
    by[options.sector[guard]] = options.state[guard]
    out = dict.fromkeys(options.states, 0)
    for one, two in options.pairs:
        if by[one] != by[two]:
            out[options.states[by[one]]] += 1
            out[options.states[by[two]]] += 1
    return out


def spread(use: Use, means: Means) -> float:
    """Give the largest difference of the members' used shares of their men; 0 if unlimited."""
    shares = [
        use.used[state, "men"] / means.limits[state, "men"]
        for state in means.members
        if np.isfinite(means.limits[state, "men"]) and means.limits[state, "men"] > 0
    ]
    return max(shares) - min(shares) if len(shares) > 1 else 0.0


def vector(model: Model, chosen: NDArray[np.bool_], means: Means) -> NDArray[np.float64]:
    """Write a choice of options as columns of the program, to start from."""
    options, members = model.options, len(means.members)
    x = np.zeros(len(model.program.cost))
    count = len(options.table)
    x[:count] = chosen
    for option in np.flatnonzero(chosen):
        role = ROLES[options.role[option]]
        if role in HUBS:
            x[count + int(options.state[option]) * len(HUBS) + HUBS.index(role)] = 1.0
    first_h = count + len(options.states) * len(HUBS)
    guard = chosen & (options.role == ROLES.index("guard"))
    by = np.full(len(options.owner), -1)
    by[options.sector[guard]] = options.state[guard]
    for pair, (one, two) in enumerate(options.pairs):
        if by[one] != by[two]:
            for state in (by[one], by[two]):
                x[first_h + pair * members + state] = 1.0
    raised = evaluate(model, chosen, means).raised
    first_r = len(x) - len(model.limits)
    for number, (state, need, _) in enumerate(model.limits):
        x[first_r + number] = raised.get((state, need), 0.0)
    return x
