"""Land that a user fixes: must hold, must leave, no building; and the problem it makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import Fault, InfeasibleError, InputError
from vallum.kernel.arrays import frozen
from vallum.kernel.territory import instance
from vallum.line.existing import paid_share
from vallum.line.flanks import openness
from vallum.line.width import widened
from vallum.theatre.named import named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.kernel.grid import Grid
    from vallum.kernel.territory import Instance
    from vallum.line.settings import LineSettings
    from vallum.line.stakes import Stakes
    from vallum.theatre import Theatre

__all__ = ["Constraints", "Wish", "calm", "problem_of", "resolve"]

_KEYS = ("must_hold", "must_leave", "no_build")


@dataclass(frozen=True, eq=False)
class Wish:
    """Land that one name fixes: `key` of the settings, the `name`, its `cells` (flat indices)."""

    key: str
    name: str
    cells: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Constraints:
    """Masks of fixed land, each of shape (rows, cols).

    Attributes
    ----------
    must_hold, must_leave, no_build
        Bool.
    paid
        What of the price of a kilometre is still to be paid, where lines are there already.
    wishes
        The names that they were made of, to tell which can't be met.
    """

    must_hold: NDArray[np.bool_]
    must_leave: NDArray[np.bool_]
    no_build: NDArray[np.bool_]
    paid: NDArray[np.float64]
    wishes: tuple[Wish, ...] = ()


def resolve(theatre: Theatre, settings: LineSettings, hold: Sequence[str] = ()) -> Constraints:
    """Find the land that names, points and polygons mean.

    Parameters
    ----------
    theatre
        Where they are looked up (`vallum.theatre.named.named`).
    settings
        The three lists.
    hold
        More places to hold, from the option `--hold`.

    Returns
    -------
    Constraints
        Masks.

    Raises
    ------
    InputError
        For names that are not in the theatre and points off it, here and in the settings of flanks
        and existing lines, all at once.
    InfeasibleError
        For land that must be held but lies outside the members, or must also be left; names all
        such wishes.
    """
    asked = [(f"line.{key}", name) for key in _KEYS for name in getattr(settings, key)]
    asked += [("--hold", name) for name in hold]
    faults: list[Fault] = []
    wishes = []
    try:
        openness(theatre, settings)  # all faults of limits are said at once
    except InputError as error:
        faults += error.faults
    paid = np.ones(theatre.grid.shape)
    try:
        paid = paid_share(theatre, settings)
    except InputError as error:
        faults += error.faults
    for where, name in asked:
        try:
            wishes.append(Wish(where, name, np.flatnonzero(named(theatre, name, where))))
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    masks = {key: np.zeros(theatre.grid.shape, bool) for key in _KEYS}
    for wish in wishes:
        key = wish.key.removeprefix("line.") if wish.key != "--hold" else "must_hold"
        masks[key].ravel()[wish.cells] = True
    fixed = Constraints(
        **{key: frozen(mask) for key, mask in masks.items()}, paid=paid, wishes=tuple(wishes)
    )
    faults = _contradictions(theatre, fixed)
    if faults:
        raise InfeasibleError(faults)
    return fixed


def _contradictions(theatre: Theatre, fixed: Constraints) -> list[Fault]:
    """Say of each place to hold what of it lies outside, and which other names leave it."""
    faults = []
    member = theatre.member_mask.ravel()
    for wish in fixed.wishes:
        if wish.key not in ("line.must_hold", "--hold"):
            continue
        outside = int((~member[wish.cells]).sum())
        if outside:
            found = f"{outside} of {wish.cells.size} cells lie outside the member states"
            mend = "hold land of " + " or ".join(theatre.members) + " only"
            faults.append(Fault(wish.key, wish.name, found, mend))
        for other in fixed.wishes:
            both = np.intersect1d(wish.cells, other.cells) if other.key == "line.must_leave" else ()
            if len(both):
                found = f"{len(both)} cells must be left too, by '{other.name}'"
                mend = f"take it out of {wish.key} or line.must_leave"
                faults.append(Fault(wish.key, wish.name, found, mend))
    return faults


def problem_of(
    at_stake: Stakes,
    fixed: Constraints,
    grid: Grid,
    *,
    width_km: float = 0.0,
    bare: bool = False,
) -> Instance:
    """Put what is at stake and what is fixed into the problem of the frontier.

    Parameters
    ----------
    at_stake, fixed
        The grids, and the land that is fixed.
    grid
        Of the theatre.
    width_km
        Land that must be held is widened to it (`line.min_width_km`).
    bare
        Whether holding earns nothing, so that the only question is what it costs.

    Returns
    -------
    Instance
        Checked.

    Raises
    ------
    InfeasibleError
        For land that must be held and can't be, named: no line may stand where it would have to,
        or there is not land enough around it.
    """
    benefit = np.where(np.isnan(at_stake.benefit), np.nan, 0.0) if bare else at_stake.benefit
    barred = fixed.no_build | np.isinf(at_stake.closure)
    grids = (
        np.where(fixed.must_leave, np.nan, benefit),
        at_stake.holding,
        np.where(barred, np.inf, np.where(barred, 0.0, at_stake.closure) * fixed.paid),
    )
    flank = np.where(fixed.must_leave, 1.0, at_stake.flank)
    projects = [] if bare else [(one.value, one.cells) for one in at_stake.projects]
    free = instance(*grids, cell_km=grid.cell_km, flank=flank, projects=projects)
    if not fixed.must_hold.any():
        return free
    holdable = np.zeros(grid.shape, bool)
    holdable.ravel()[free.cells] = True
    _refuse(fixed, ~holdable, "it could be held only by a line where none may stand")
    must, narrow = widened(fixed.must_hold, holdable, calm(at_stake, fixed), width_km, grid.cell_km)
    _refuse(fixed, narrow, f"there is no room for held land {width_km:g} km wide around it")
    return instance(*grids, cell_km=grid.cell_km, flank=flank, projects=projects, must_hold=must)


def calm(at_stake: Stakes, fixed: Constraints) -> NDArray[np.bool_]:
    """Cells outside the members from which nothing comes: no line stands towards them."""
    outside = np.isnan(at_stake.benefit) & ~fixed.must_leave
    return np.asarray(outside & (at_stake.flank == 0.0))


def _refuse(fixed: Constraints, impossible: NDArray[np.bool_], why: str) -> None:
    """Name every wish that asks to hold what can't be held."""
    faults = []
    for wish in fixed.wishes:
        if wish.key not in ("line.must_hold", "--hold"):
            continue
        count = int(impossible.ravel()[wish.cells].sum())
        if count:
            found = f"{count} of {wish.cells.size} cells can't be held: {why}"
            near = [one.name for one in fixed.wishes if one.key == "line.no_build"]
            mend = "hold more or other land, or allow a line there (works.where_short=use)"
            if near:
                mend = "allow a line at " + ", ".join(near)
            faults.append(Fault(wish.key, wish.name, found, mend))
    if faults:
        raise InfeasibleError(faults)
