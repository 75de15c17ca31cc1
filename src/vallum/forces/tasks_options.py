"""Every way to fill every role of every sector: by which state, in which mode, at what cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.forces.roles import NEEDS, demands
from vallum.forces.tasks_means import distances
from vallum.forces.tasks_settings import ROLES
from vallum.kernel.arrays import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from vallum.forces.tasks_means import Means
    from vallum.forces.tasks_settings import TasksSettings

__all__ = ["BROUGHT", "HUBS", "MODES", "Options", "options"]

HUBS = ("engineering", "training", "intelligence", "supply", "medical")  # need a staff of their own
MODES = ("plain", "trained", "watched", "trained and watched")  # of guards
BROUGHT = {  # roles of the partner, and what it brings for them
    "engineering": "engineer_companies", "training": "trainers", "intelligence": "air_sets",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Options:
    """All options, one per row of `table`; the same columns of the program in every regime.

    Attributes
    ----------
    table
        sector, role, state, mode, men, engineer_companies, plant_sets, trainers, medics, air_sets,
        sensors_km, distance_km, beyond_km (of reach), cost_usd_yr.
    sector, role, state
        Their numbers: rows of the sectors, of `ROLES`, and of `states`.
    states
        The members, sorted, and the partner where there is one.
    owner
        State on whose ground each sector lies, number in `states`, shape (sectors,).
    joint
        Sectors in which either state may stand, shape (sectors,).
    pairs
        Neighbouring sectors, shape (pairs, 2).
    alone, together, helped
        Options allowed in each regime; each holds the one before.
    unknown
        What no table says, in words.
    """

    table: pd.DataFrame
    sector: NDArray[np.int64]
    role: NDArray[np.int64]
    state: NDArray[np.int64]
    states: tuple[str, ...]
    owner: NDArray[np.int64]
    joint: NDArray[np.bool_]
    pairs: NDArray[np.int64]
    alone: NDArray[np.bool_]
    together: NDArray[np.bool_]
    helped: NDArray[np.bool_]
    unknown: tuple[str, ...]


def options(
    sectors: pd.DataFrame,
    bases: pd.DataFrame,
    means: Means,
    settings: TasksSettings,
    man_usd_yr: float,
) -> Options:
    """List the options.

    The cost of an option is `men (man_usd_yr + usd_man_km × distance)`; of the partner's, what it
    brings at its price, and the haul. A guard that the partner trains, or watches for, needs fewer
    men for the same standard: `men Π (1 − effect)`.

    Parameters
    ----------
    sectors, bases
        As in `share_out`.
    means
        What there is.
    settings
        Who may do what where.
    man_usd_yr
        A paid man, USD a year.
    """
    km, unknown = distances(sectors, bases, means.members)
    states = (*means.members, *((means.partner,) if means.partner else ()))
    owner = np.array([means.members.index(str(s)) for s in sectors["state"]], np.int64)
    pairs = _pairs(sectors)
    joint = _joint(sectors, owner, pairs, settings)
    need = demands(sectors, settings).to_dict("index")
    rows = [
        row
        for number, name in enumerate(sectors["sector"])
        for role in ROLES
        for row in _of_role(
            (name, role),
            {item: float(need[name, role][item]) for item in NEEDS},
            (float(sectors["length_km"].iloc[number]), km[number], int(owner[number])),
            means,
            settings,
        )
    ]
    table = pd.DataFrame(rows)
    _price(table, means, settings, man_usd_yr)
    place = {str(name): number for number, name in enumerate(sectors["sector"])}
    sector = np.array([place[str(name)] for name in table["sector"]], np.int64)
    role = np.array([ROLES.index(name) for name in table["role"]], np.int64)
    state = np.array([states.index(str(name)) for name in table["state"]], np.int64)
    plain = (table["mode"] == "plain").to_numpy() & (state < len(means.members))
    alone = plain & (state == owner[sector])
    may = np.isin(table["role"], settings.abroad) | joint[sector]
    return Options(
        table,
        frozen(sector),
        frozen(role),
        frozen(state),
        states,
        frozen(owner),
        frozen(joint),
        frozen(pairs),
        frozen(alone),
        frozen(alone | (plain & may)),
        frozen(alone | may | (state >= len(means.members)) | (state == owner[sector])),
        unknown,
    )


def _pairs(sectors: pd.DataFrame) -> NDArray[np.int64]:
    """List neighbouring sectors: each sector with the next."""
    place = {str(name): number for number, name in enumerate(sectors["sector"])}
    found = [
        (place[name], place[after])
        for name, after in zip(sectors["sector"], sectors["next"], strict=True)
        if after is not None and after != name
    ]
    return np.array(found, np.int64).reshape(-1, 2)


def _joint(
    sectors: pd.DataFrame,
    owner: NDArray[np.int64],
    pairs: NDArray[np.int64],
    settings: TasksSettings,
) -> NDArray[np.bool_]:
    """Mark the joint sectors."""
    joint = sectors["sector"].isin(settings.joint_sectors).to_numpy().copy()
    if settings.joint == "all":
        joint[:] = True
    if settings.joint == "border" and len(pairs):
        met = pairs[owner[pairs[:, 0]] != owner[pairs[:, 1]]]
        joint[met.ravel()] = True
    return np.asarray(joint)


def _of_role(
    key: tuple[str, str],
    need: dict[str, float],
    ground: tuple[float, NDArray[np.float64], int],
    means: Means,
    settings: TasksSettings,
) -> Iterator[dict[str, object]]:
    """Give the options of one role in one sector: the members', then the partner's."""
    sector, role = key
    length, km, owner = ground
    base: dict[str, object] = {"sector": sector, "role": role, **need}
    for number, state in enumerate(means.members):
        far = {
            "state": state,
            "distance_km": float(km[number]),
            "beyond_km": max(float(km[number]) - settings.reach_km, 0.0),
        }
        for mode in MODES if role == "guard" else MODES[:1]:
            gain = _gain(mode, means)
            if gain is not None:
                watched = length if "watched" in mode else 0.0
                changed = {"mode": mode, "sensors_km": watched, "men": need["men"] * gain}
                yield {**base, **far, **changed}
    brought = BROUGHT.get(role)
    if means.partner and role in settings.partner_roles and (brought, "number") in means.offer:
        own = {"plant_sets": 0.0, "mode": "plain", "sensors_km": 0.0, "beyond_km": 0.0}
        # its trainers train more or fewer men a year than a trainer of the members does
        rate = settings.men_per_trainer / means.offer.get(("trainers", "men_each"), 1.0)
        taught = {"trainers": need["trainers"] * rate, "men": need["men"]}
        taught["men"] *= rate if role == "training" else 1.0
        yield {**base, "state": means.partner, "distance_km": float(km[owner]), **own, **taught}


def _gain(mode: str, means: Means) -> float | None:
    """Give the share of the guard's men that a mode still needs; None where it is not offered."""
    left = 1.0
    for word, item in (("trained", "trainers"), ("watched", "sensors")):
        if word in mode:
            if (item, "effect") not in means.offer:
                return None
            left *= 1.0 - means.offer[item, "effect"]
    return left


def _price(table: pd.DataFrame, means: Means, settings: TasksSettings, man_usd_yr: float) -> None:
    """Add the cost of each option; what the partner brings is paid at its price."""
    theirs = (
        (table["state"] == means.partner).to_numpy()
        if means.partner
        else np.zeros(len(table), np.bool_)
    )
    haul = table["men"] * table["distance_km"] * settings.usd_man_km
    cost = haul + np.where(theirs, 0.0, table["men"] * man_usd_yr)
    for role, item in BROUGHT.items():
        price = means.offer.get((item, "cost_usd_yr"), 0.0)
        cost = cost + np.where(theirs & (table["role"] == role), table[item] * price, 0.0)
    cost = cost + table["sensors_km"] * means.offer.get(("sensors", "cost_usd_yr"), 0.0)
    table["cost_usd_yr"] = cost
