"""Plans that nobody would build are sieved out: small pieces, narrow land, land cut off.

What is kept of a territory is never less for a larger one, so a nested chain stays nested. A step
that loses land is no optimum at a price any more; what is kept is scored anew from the raster and
bounded like any other plan: no territory of its cost earns more than the frontier's ceiling.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from vallum.errors import Fault, InfeasibleError
from vallum.kernel.arrays import frozen
from vallum.kernel.chain import Chain
from vallum.kernel.crofton import OFFSETS
from vallum.kernel.ladder import ladder
from vallum.line.constraints import calm
from vallum.line.width import opened

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.kernel.cut import Frontier
    from vallum.kernel.territory import Instance
    from vallum.line.constraints import Constraints
    from vallum.line.settings import LineSettings
    from vallum.line.stakes import Stakes
    from vallum.theatre import Theatre

__all__ = ["Mesh", "capitals", "kept", "mesh_of", "sieve"]


@dataclass(frozen=True, eq=False)
class Mesh:
    """What held land must be.

    Attributes
    ----------
    people
        By cell, shape (rows, cols).
    calm
        Where nothing comes from, same shape.
    least_km2, least_people
        Smallest piece of connected land (by the sides of cells), and people that it holds.
    width_km
        Least width.
    seats
        Cells one of which a piece must hold, same shape; None if it need not.
    """

    people: NDArray[np.float64]
    calm: NDArray[np.bool_]
    least_km2: float = 0.0
    least_people: float = 0.0
    width_km: float = 0.0
    seats: NDArray[np.bool_] | None = None


def mesh_of(
    theatre: Theatre,
    people: NDArray[np.float64],
    at_stake: Stakes,
    fixed: Constraints,
    settings: LineSettings,
) -> Mesh | None:
    """Read what is asked for from the settings; None if nothing is."""
    asked = (settings.least_piece_km2, settings.least_piece_people, settings.min_width_km)
    if not any(asked) and not settings.connected_to_capital:
        return None
    return Mesh(
        people=people,
        calm=calm(at_stake, fixed),
        least_km2=settings.least_piece_km2,
        least_people=settings.least_piece_people,
        width_km=settings.min_width_km,
        seats=capitals(theatre) if settings.connected_to_capital else None,
    )


def capitals(theatre: Theatre) -> NDArray[np.bool_]:
    """Mark each member's largest settlement, which stands for its capital; shape (rows, cols)."""
    mask = np.zeros(theatre.grid.shape, bool)
    towns = theatre.settlements
    own = towns[towns["iso3"].isin(theatre.members)].sort_values("people", kind="stable")
    largest = own.groupby("iso3").tail(1)
    mask[largest["row"].to_numpy(int), largest["col"].to_numpy(int)] = True
    return mask


def sieve(problem: Instance, found: Frontier, chain: Chain, mesh: Mesh | None) -> Chain:
    """Keep of every step of a chain what is wide, large and connected enough.

    Parameters
    ----------
    problem, found, chain
        The problem, its exact frontier, and the nested plans.
    mesh
        What held land must be; None for no limits. Land that must be held is kept whatever it is.

    Returns
    -------
    Chain
        The chain itself if nothing is asked. Else nested plans; a step that lost land is "refined",
        its `mu` NaN, and its `bound` the frontier's ceiling. Steps of which nothing is left, that
        became alike, or that cost no less than a later one are left out.

    Raises
    ------
    InfeasibleError
        If nothing is left of all that can be held.
    """
    if mesh is None or chain.steps.empty:
        return chain
    must = np.zeros(problem.shape, bool)
    must.ravel()[problem.cells] = problem.must
    steps = len(chain.steps)
    entry = np.full(problem.shape, -1, np.int32)
    whole = np.zeros(steps, bool)
    for k in reversed(range(steps)):
        before = (chain.entry >= 0) & (chain.entry <= k)
        after = kept(problem, before, must, mesh)
        whole[k] = bool((before == after).all())
        entry[after] = k
    if not (entry >= 0).any():
        raise InfeasibleError([_nothing_left(mesh)])
    if whole.all():
        return chain
    return _anew(problem, found, chain, entry, whole)


def kept(
    problem: Instance, held: NDArray[np.bool_], must: NDArray[np.bool_], mesh: Mesh
) -> NDArray[np.bool_]:
    """Give the largest part of a territory that is as the mesh asks.

    Parameters
    ----------
    problem
        For the cell size, and where no line may stand.
    held, must
        The territory, and the part of it that must be held; shape (rows, cols), bool.
    mesh
        What it must be.

    Returns
    -------
    kept
        Same shape. It is an increasing function of `held`: what is kept of a part is kept of the
        whole.
    """
    while True:
        now = opened(held, mesh.calm, mesh.width_km, problem.cell_km) | must
        now = _pieces(now, must, mesh, problem.cell_km)
        now = _buildable(problem, now)
        if (now == held).all():
            return now
        held = now


def _pieces(
    held: NDArray[np.bool_], must: NDArray[np.bool_], mesh: Mesh, cell_km: float
) -> NDArray[np.bool_]:
    """Keep connected pieces that are large enough and hold a seat, or land that must be held."""
    label, count = ndimage.label(held)
    number = np.arange(1, count + 1)
    fine = np.asarray(ndimage.sum_labels(held, label, number)) * cell_km**2 >= mesh.least_km2
    if mesh.least_people > 0:
        fine &= np.asarray(ndimage.sum_labels(mesh.people, label, number)) >= mesh.least_people
    if mesh.seats is not None:
        fine &= np.isin(number, label[mesh.seats])
    fine |= np.isin(number, label[must])
    return np.asarray(np.concatenate([[False], fine])[label])


def _buildable(problem: Instance, held: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Give up cells on which a line would have to stand where none may, and so on."""
    rigid = np.isinf(problem.closure)
    if not rigid.any():
        return held
    rows, cols = problem.shape
    barred, land, now = (np.zeros((rows + 4, cols + 4), bool) for _ in range(3))
    inner = (slice(2, -2), slice(2, -2))
    flat = np.zeros(rows * cols, bool)
    flat[problem.cells] = rigid
    barred[inner] = flat.reshape(problem.shape)
    flat[problem.cells] = True
    land[inner] = flat.reshape(problem.shape)
    now[inner] = held
    while True:
        open_land = land & ~now
        exposed = np.zeros(problem.shape, bool)
        for down, right in OFFSETS:
            exposed |= open_land[2 + down : 2 + down + rows, 2 + right : 2 + right + cols]
        lost = now[inner] & barred[inner] & exposed
        if not lost.any():
            return now[inner].copy()
        now[inner] &= ~lost


def _anew(
    problem: Instance,
    found: Frontier,
    chain: Chain,
    entry: NDArray[np.int32],
    whole: NDArray[np.bool_],
) -> Chain:
    """Score what is kept from the raster alone, and leave out steps that became alike."""
    present = np.unique(entry[entry >= 0])  # the first of steps that are alike brings its cells
    table = _scored(problem, entry, present)
    cost = (table["holding"] + table["closure"]).to_numpy(float)
    exact = whole[present] & (chain.steps["kind"].to_numpy()[present] == "exact")
    least = np.minimum.accumulate(np.append(cost[1:], math.inf)[::-1])[::-1]
    chosen = present[exact | (cost < least)]
    table = _scored(problem, entry, chosen)
    cost = (table["holding"] + table["closure"]).to_numpy(float)
    benefit = table["benefit"].to_numpy(float)
    old = chain.steps.iloc[chosen]
    same = whole[chosen]
    ceiling = np.array([found.ceiling(spent) for spent in cost.tolist()], float)
    ceiling = np.maximum(ceiling, benefit)  # rounding
    bound = np.where(same, np.maximum(old["bound"].to_numpy(float), benefit), ceiling)
    table = table.assign(
        mu=np.where(same, old["mu"].to_numpy(float), math.nan),
        kind=np.where(same, old["kind"].to_numpy(), "refined"),
        ceiling=ceiling,
        bound=bound,
        regret=bound - benefit,
    )
    if "beyond" in chain.steps:
        table["beyond"] = ""
    return Chain(frozen(_renumbered(entry, chosen)), table)


def _renumbered(entry: NDArray[np.int32], chosen: NDArray[np.int32]) -> NDArray[np.int32]:
    """Count chosen steps from 0; a cell that enters at another enters at the next chosen one."""
    at = np.searchsorted(chosen, entry)
    return np.where((entry >= 0) & (at < chosen.size), at, -1).astype(np.int32)


def _scored(problem: Instance, entry: NDArray[np.int32], chosen: NDArray[np.int32]) -> pd.DataFrame:
    """Count the chosen steps from the raster."""
    level = _renumbered(entry, chosen).ravel()[problem.cells]
    level = np.where(level < 0, chosen.size, level).astype(np.int32)  # after the last: never
    return ladder(problem, level, np.full(chosen.size, math.nan))


def _nothing_left(mesh: Mesh) -> Fault:
    """Say which limits leave nothing of all that can be held."""
    asked = {
        "line.least_piece_km2": mesh.least_km2,
        "line.least_piece_people": mesh.least_people,
        "line.min_width_km": mesh.width_km,
    }
    said = [f"{key} = {value:g}" for key, value in asked.items() if value]
    said += ["line.connected_to_capital"] if mesh.seats is not None else []
    found = "of all the land that can be held nothing is left by " + ", ".join(said)
    return Fault("line", "", found, "ask for less, or let more land be held")
