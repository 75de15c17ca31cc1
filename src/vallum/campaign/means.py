"""What the same money would do otherwise: five ways to spend what the line costs in a year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.campaign.model import Means
from vallum.errors import Fault, InputError
from vallum.kernel.arrays import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from vallum.campaign.means_figures import MeansFigures
    from vallum.campaign.model import World

__all__ = ["Bought", "alternatives", "bought", "guarded", "met"]


@dataclass(frozen=True)
class Bought:
    """What one way to spend the money buys.

    Attributes
    ----------
    means
        "reserves", "policing", "towns" or "development".
    what
        What is bought, in words.
    number
        How much of it.
    price_usd_yr
        What one costs, USD/yr; `number · price_usd_yr` is the money.
    """

    means: str
    what: str
    number: float
    price_usd_yr: float


def bought(cost_usd_yr: float, man_usd_yr: float, figures: MeansFigures) -> Mapping[str, Bought]:
    """Say what the money buys in each way: `number = cost / price`.

    Parameters
    ----------
    cost_usd_yr
        Of the line, USD/yr.
    man_usd_yr
        One man always there, rotation included, USD/yr.
    figures
        Men in a patrol and what they cost.

    Returns
    -------
    bought
        By name of the means.
    """
    patrol = figures.patrol_men * man_usd_yr * figures.patrol_price
    rows = (
        ("reserves", "patrols", patrol),
        ("policing", "men inside held land", man_usd_yr),
        ("towns", "men in garrisons of towns", man_usd_yr),
        ("development", "USD a year", 1.0),
    )
    return {name: Bought(name, what, cost_usd_yr / one, one) for name, what, one in rows}


def alternatives(  # noqa: PLR0913  (the parts of one comparison, all named)
    world: World,
    *,
    cost_usd_yr: float,
    held_km2: float,
    man_usd_yr: float,
    men_now_per_1000: float,
    line_stop: NDArray[np.float64],
    line_phase: NDArray[np.int64],
    phases: int,
    figures: MeansFigures,
) -> tuple[Means, ...]:
    """Give six ways to spend: nothing, and five at the same yearly cost.

    Parameters
    ----------
    world
        Places, bases and ways in.
    cost_usd_yr
        Of the line, USD/yr.
    held_km2
        A: area of the held land, km².
    man_usd_yr
        One man always there, rotation included, USD/yr.
    men_now_per_1000
        Soldiers per 1,000 people that the members have already.
    line_stop
        Chance that who crosses at an entry is stopped there once it is covered, shape (K,).
    line_phase
        First phase in which each entry is covered, shape (K,).
    phases
        Number of phases; an entry that is never covered has this number.
    figures
        What the alternatives rest on: one draw, or the mids.

    Returns
    -------
    means
        "nothing", "line", "reserves", "policing", "towns", "development", in this order. All but
        the line are taken to work from the first phase on.

    Raises
    ------
    InputError
        If a figure is out of its range or an array has another length; all faults at once.
    """
    _check(
        world,
        {"held_km2": held_km2, "man_usd_yr": man_usd_yr, "men_now_per_1000": men_now_per_1000},
        cost_usd_yr=cost_usd_yr,
        phases=phases,
        arrays={"line_stop": line_stop, "line_phase": line_phase},
    )
    buys = bought(cost_usd_yr, man_usd_yr, figures)
    forts = world.entries["forts"].to_numpy(np.float64, copy=True)
    return (
        _means("nothing", world, phases),
        _means(
            "line", world, phases, stop_entry=np.array(line_stop, np.float64),
            covered_phase=np.array(line_phase, np.int64), forts=forts,
        ),
        _reserves(world, phases, buys["reserves"].number, held_km2, figures),
        _policing(world, phases, buys["policing"].number, men_now_per_1000, figures),
        _towns(world, phases, buys["towns"].number, figures),
        _development(world, phases, buys["development"].number, figures),
    )  # fmt: skip


def met(
    patrols: float, hours: NDArray[np.float64], held_km2: float, figures: MeansFigures
) -> NDArray[np.float64]:
    """Give the chance that patrols meet who is on the move: `1 − exp(−n W v t / A)` (Koopman).

    Parameters
    ----------
    patrols
        On the ground; `n` of them, the share `patrol_moving`, are on the move at a time.
    hours
        t, any shape; no one who can't come (inf) is met.
    held_km2
        A, km².
    figures
        W, v and the share on the move.

    Returns
    -------
    chance
        Of the shape of `hours`.
    """
    n = patrols * figures.patrol_moving
    rate = n * figures.sweep_km * figures.patrol_kmh / held_km2
    return -np.expm1(-rate * np.where(np.isfinite(hours), hours, 0.0))


def guarded(people: NDArray[np.float64], men: float, figures: MeansFigures) -> NDArray[np.float64]:
    """Share the men among towns: a garrison each, the largest first, then a second round.

    Parameters
    ----------
    people
        Of each town, shape (N,).
    men
        In all.
    figures
        `garrison_men + garrison_per_1000 · people / 1000` men are a garrison.

    Returns
    -------
    garrisons
        By town, shape (N,), parts of one included; times the men of each they add up to `men`.
    """
    size = figures.garrison_men + figures.garrison_per_1000 * people / 1000.0
    if len(size) == 0 or men <= 0:
        return np.zeros(len(size))
    rounds, left = divmod(men, float(size.sum()))
    order = np.argsort(-people, kind="stable")
    before = np.concatenate(([0.0], np.cumsum(size[order])[:-1]))
    last = np.clip((left - before) / size[order], 0.0, 1.0)
    out = np.full(len(size), rounds)
    out[order] += last
    return out


def _reserves(
    world: World, phases: int, patrols: float, held_km2: float, figures: MeansFigures
) -> Means:
    """Patrols on held land, and no line."""
    odds = min(1.0, figures.patrol_odds * _wins(world, figures))
    resident = odds * float(met(patrols, np.array(figures.resident_h), held_km2, figures))
    return _means(
        "reserves",
        world,
        phases,
        stop_way=odds * met(patrols, world.into, held_km2, figures),
        resident_factor=np.where(_held(world), 1.0 - resident, 1.0),
    )


def _policing(world: World, phases: int, men: float, now: float, figures: MeansFigures) -> Means:
    """More men inside held land: violence changes as `(1 + added / now)^−ε`, to a limit."""
    held = _held(world)
    people = float(world.targets["people"].to_numpy(np.float64)[held].sum())
    added = 1000.0 * men / people if people > 0 else 0.0
    # no study says what still more would do
    factor = min(1.0 + added / now, figures.police_most) ** -figures.police_elasticity
    return _means(
        "policing",
        world,
        phases,
        resident_factor=np.where(held, factor, 1.0),
        stop_target=np.where(held, figures.police_outside * (1.0 - factor), 0.0),
    )


def _towns(world: World, phases: int, men: float, figures: MeansFigures) -> Means:
    """Garrisons at held targets, those with most people first."""
    held = _held(world)
    people = world.targets["people"].to_numpy(np.float64)
    odds = min(1.0, figures.garrison_odds * _wins(world, figures))
    stop = np.zeros(len(people))
    # a second garrison fights again where the first has lost
    stop[held] = figures.town_share * (1.0 - (1.0 - odds) ** guarded(people[held], men, figures))
    return _means(
        "towns", world, phases, stop_target=stop,
        resident_factor=np.where(held, 1.0 - stop, 1.0),
    )  # fmt: skip


def _development(world: World, phases: int, usd_yr: float, figures: MeansFigures) -> Means:
    """Money for people on held land, as far as a model can say: `(1 + g)^−η`, g limited."""
    held = _held(world)
    output = float(world.targets["output_usd_yr"].to_numpy(np.float64)[held].sum())
    growth = figures.development_reaches * usd_yr / output if output > 0 else 0.0
    # no study says what more than that would do
    factor = (1.0 + min(growth, figures.development_most)) ** -figures.development_elasticity
    inside = world.bases["inside"].to_numpy(np.bool_)
    members = set(world.targets.loc[world.targets["side"] != "neighbour", "iso3"])
    own = world.bases["iso3"].isin(members).to_numpy(np.bool_)
    apart = 1.0 + figures.development_origin * (factor - 1.0)
    return _means(
        "development",
        world,
        phases,
        resident_factor=np.where(held, factor, 1.0),
        origin_factor=np.where(inside, factor, np.where(own, apart, 1.0)),
    )


def _held(world: World) -> NDArray[np.bool_]:
    """Mark the targets on held land, shape (T,)."""
    return np.asarray(world.targets["side"].to_numpy() == "held", np.bool_)


def _wins(world: World, figures: MeansFigures) -> float:
    """P_N of the line's responses, mean by length; `wins` where there are none."""
    line = world.entries.loc[world.entries["kind"] == "line"]
    won, length = (line[name].to_numpy(np.float64) for name in ("p_n", "length_km"))
    known = np.isfinite(won) & (length > 0)
    if not known.any():
        return figures.wins
    return float(np.average(won[known], weights=length[known]))


def _means(name: str, world: World, phases: int, **what: NDArray[np.generic]) -> Means:
    """Make a means that does nothing but what is given."""
    s, t, k = len(world.bases), len(world.targets), len(world.entries)
    parts: dict[str, NDArray[np.generic]] = {
        "stop_entry": np.zeros(k),
        "covered_phase": np.full(k, phases, np.int64),
        "stop_way": np.zeros((k, t)),
        "stop_target": np.zeros(t),
        "resident_factor": np.ones(t),
        "origin_factor": np.ones(s),
        "forts": np.zeros(k),
    }
    parts.update(what)
    return Means(name, **{key: frozen(one) for key, one in parts.items()})  # type: ignore[arg-type]


def _check(
    world: World,
    above: Mapping[str, float],
    *,
    cost_usd_yr: float,
    phases: int,
    arrays: Mapping[str, NDArray[np.generic]],
) -> None:
    """Refuse what can't be compared, all faults at once."""
    place = "the campaign's alternatives"
    faults = [
        Fault(place, name, f"{value:g}", "give a figure above 0")
        for name, value in above.items()
        if not (np.isfinite(value) and value > 0)
    ]
    if not (np.isfinite(cost_usd_yr) and cost_usd_yr >= 0):
        faults.append(Fault(place, "cost_usd_yr", f"{cost_usd_yr:g}", "give a figure of 0 or more"))
    if phases < 1:
        faults.append(Fault(place, "phases", str(phases), "give at least 1"))
    shape = (len(world.entries),)
    faults += [
        Fault(place, name, f"shape {array.shape}", f"give one value per entry, shape {shape}")
        for name, array in arrays.items()
        if array.shape != shape
    ]
    if faults:
        raise InputError(faults)
