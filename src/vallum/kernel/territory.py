"""The problem of the line: what holding cells earns and costs, read from grids.

An `Instance` is the checked, flattened form of the grids that `vallum.kernel.cut.frontier` takes.
It also scores any territory, so a plan drawn by hand is judged by the same numbers.

Sums are taken such that their order does not matter (exactly, or over sorted amounts), so turned
or mirrored grids give the same bytes, however far apart the amounts are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from vallum.errors import Fault, InfeasibleError, InputError
from vallum.kernel.arrays import frozen
from vallum.kernel.border import borders
from vallum.kernel.crofton import edges
from vallum.kernel.ladder import ladder
from vallum.kernel.rigid import holdable, spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["Instance", "Project", "Score", "instance", "score"]

Project = tuple[float, "Sequence[int] | NDArray[np.integer]"]

_WHERE = "frontier"
_NOTHING = 1e-100  # USD/yr; less than this is nothing, and would leave the range of float64


@dataclass(frozen=True, eq=False)
class Instance:
    """Cells of the members numbered 0..n-1, with everything that a line costs.

    Attributes
    ----------
    shape
        Rows and columns of the grid.
    cells
        Flat grid index of each member cell, shape (n,).
    benefit, holding
        USD/yr per cell, shape (n,).
    border, border_km
        Price (USD/yr) and length (km) of the boundary that a cell has with land outside the
        members when it is held: fixed, whatever else is held. Shape (n,).
    closure
        USD/km/yr of a line that stands on a cell, shape (n,); inf where none may.
    cell_km
        Side of a cell.
    projects
        (value in USD/yr, member cells) of each project that can be earned.
    unearnable
        Numbers of the projects that need land that can't be held, and so never pay.
    must
        Cells that every territory holds, shape (n,), bool.
    """

    shape: tuple[int, int]
    cells: NDArray[np.int64]
    benefit: NDArray[np.float64]
    holding: NDArray[np.float64]
    border: NDArray[np.float64]
    border_km: NDArray[np.float64]
    closure: NDArray[np.float64]
    cell_km: float
    projects: tuple[tuple[float, NDArray[np.int64]], ...]
    unearnable: tuple[int, ...]
    must: NDArray[np.bool_]

    @cached_property
    def _arcs(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Ordered pairs of neighbouring member cells, and km between them: made when asked for."""
        number = np.full(math.prod(self.shape), -1)
        number[self.cells] = np.arange(self.cells.size)
        pairs = [
            (here[both], there[both], np.full(int(both.sum()), weight))
            for here, there, weight in edges(number.reshape(self.shape), self.cell_km)
            for both in [(here >= 0) & (there >= 0)]
        ]
        tail, head, length_km = (frozen(np.concatenate(part)) for part in zip(*pairs, strict=True))
        return tail, head, length_km

    @property
    def tail(self) -> NDArray[np.int64]:
        """First of each ordered pair of neighbouring member cells, shape (arcs,)."""
        return self._arcs[0]

    @property
    def head(self) -> NDArray[np.int64]:
        """Second of each pair, shape (arcs,)."""
        return self._arcs[1]

    @property
    def length_km(self) -> NDArray[np.float64]:
        """Length of the boundary between a pair, km, shape (arcs,)."""
        return self._arcs[2]

    @cached_property
    def price(self) -> NDArray[np.float64]:
        """Price of that boundary when tail is held and head is not, USD/yr, shape (arcs,)."""
        return frozen(self.closure[self.tail] * self.length_km)


@dataclass(frozen=True)
class Score:
    """What one territory earns and costs.

    Attributes
    ----------
    benefit, holding, closure
        USD/yr; projects are in the benefit if they are earned.
    line_km
        Length of the boundary that is not flank 0.
    cells
        Number of cells held.
    """

    benefit: float
    holding: float
    closure: float
    line_km: float
    cells: int

    @property
    def cost(self) -> float:
        """Holding and closure together, USD/yr."""
        return self.holding + self.closure


def instance(
    benefit: ArrayLike,
    holding: ArrayLike,
    closure: ArrayLike,
    *,
    cell_km: float,
    flank: ArrayLike | None = None,
    projects: Sequence[Project] = (),
    must_hold: ArrayLike | None = None,
) -> Instance:
    """Check the grids of a problem and flatten them.

    Parameters
    ----------
    benefit, holding
        USD/yr per cell, shape (rows, cols); NaN benefit marks land outside the members.
    closure
        USD/km/yr per cell: the price of a kilometre of line that stands on it; inf where no line
        may stand. A cell that could be held only by a line where none may stand is left out.
    cell_km
        Side of a cell.
    flank
        How open an outside cell is, in [0, 1]; 1 where not given.
    projects
        (value in USD/yr, flat cell indices); each is earned only if all its cells are held.
    must_hold
        Cells that every territory holds, bool, shape (rows, cols).

    Returns
    -------
    Instance
        The problem, its cells numbered in reading order.

    Raises
    ------
    InputError
        With every fault of the arguments.
    InfeasibleError
        If a cell that must be held can't be.
    """
    grids = {
        "benefit": np.asarray(benefit, float),
        "holding": np.asarray(holding, float),
        "closure": np.asarray(closure, float),
    }
    shape = grids["benefit"].shape
    grids["flank"] = np.ones(shape) if flank is None else np.asarray(flank, float)
    must = np.zeros(shape, bool) if must_hold is None else np.asarray(must_hold, bool)
    faults = _grid_faults(grids, cell_km) or _project_faults(projects, math.prod(shape))
    if must.shape != shape:
        faults.append(Fault(_WHERE, "must_hold", f"shape {must.shape}", f"give shape {shape}"))
    if faults:
        raise InputError(faults)

    for name in ("benefit", "holding", "closure"):  # NaN stays
        grids[name] = np.where(grids[name] < _NOTHING, 0.0, grids[name])
    member = _holdable(grids)
    if (must & ~member).any():
        row, col = np.argwhere(must & ~member)[0]
        found = f"{int((must & ~member).sum())} cells that can't be held must be"
        mend = "hold member land only, and not behind a line where none may be built"
        raise InfeasibleError([Fault(_WHERE, f"must_hold, row {row}, col {col}", found, mend)])
    cells = np.flatnonzero(member)
    number = np.full(member.size, -1)
    number[cells] = np.arange(cells.size)
    openness = np.where(np.isnan(grids["benefit"]), grids["flank"], 1.0).ravel()
    cost = grids["closure"].ravel()
    inside = member.ravel()
    border, border_km = borders(cells, member, openness.reshape(shape), grids["closure"], cell_km)

    whole = [
        (float(value) if value >= _NOTHING else 0.0, np.unique(np.asarray(idx, np.int64)))
        for value, idx in projects
    ]
    earnable = [bool(inside[idx].all()) for _, idx in whole]
    values = [value for (value, _), ok in zip(whole, earnable, strict=True) if ok]
    owned = [number[idx] for (_, idx), ok in zip(whole, earnable, strict=True) if ok]
    problem = Instance(
        shape=(shape[0], shape[1]),
        cells=cells,
        benefit=grids["benefit"].ravel()[cells],
        holding=grids["holding"].ravel()[cells],
        border=border,
        border_km=border_km,
        closure=cost[cells],
        cell_km=float(cell_km),
        projects=tuple(zip(values, owned, strict=True)),
        unearnable=tuple(n for n, ok in enumerate(earnable) if not ok),
        must=must.ravel()[cells],
    )
    if problem.must.any():
        drawn = spread(problem.shape, problem.cells, np.isinf(problem.closure), problem.must)
        problem = replace(problem, must=drawn)
    for array in vars(problem).values():
        if isinstance(array, np.ndarray):
            array.setflags(write=False)
    return problem


def _holdable(grids: dict[str, NDArray[np.float64]]) -> NDArray[np.bool_]:
    """Mark the cells that can be held: members whose line never has to stand where none may."""
    member = ~np.isnan(grids["benefit"])
    barred = member & np.isinf(np.where(member, grids["closure"], 0.0))
    if not barred.any():
        return member
    return holdable(member, barred, np.where(member, 1.0, grids["flank"]))


def score(problem: Instance, held: ArrayLike) -> Score:
    """Score any territory by the yardstick of the frontier.

    Parameters
    ----------
    problem
        From `instance`.
    held
        Bool, shape (rows, cols); must be False outside the members.

    Returns
    -------
    Score
        Its benefit, costs and length.

    Raises
    ------
    InputError
        If the shape is wrong or land outside the members is held.
    """
    mask = np.asarray(held, bool)
    if mask.shape != problem.shape:
        raise InputError(
            [Fault("score", "held", f"shape {mask.shape}", f"give shape {problem.shape}")]
        )
    chosen = mask.ravel()[problem.cells]
    if int(chosen.sum()) != int(mask.sum()):
        stray = int(mask.sum()) - int(chosen.sum())
        raise InputError(
            [Fault("score", "held", f"{stray} cells outside the members", "hold member land only")]
        )
    only = ladder(problem, np.where(chosen, 0, 1).astype(np.int32), np.array([math.nan])).iloc[0]
    return Score(
        benefit=float(only["benefit"]),
        holding=float(only["holding"]),
        closure=float(only["closure"]),
        line_km=float(only["line_km"]),
        cells=int(only["cells"]),
    )


def total(*parts: ArrayLike) -> float:
    """Sum amounts exactly, rounded once: the same in any order."""
    amounts = [np.asarray(part, float).ravel() for part in parts]
    return math.fsum(np.concatenate([*amounts, ()]).tolist())


def _grid_faults(grids: dict[str, NDArray[np.float64]], cell_km: float) -> list[Fault]:
    """Everything wrong with the grids and the cell size."""
    shape = grids["benefit"].shape
    faults = [
        Fault(_WHERE, name, f"shape {grid.shape}", f"give a 2-D array of benefit's shape, {shape}")
        for name, grid in grids.items()
        if grid.ndim != 2 or grid.shape != shape
    ]
    if grids["benefit"].size == 0:
        faults.append(Fault(_WHERE, "benefit", "no cells", "give at least one cell"))
    if not (np.isfinite(cell_km) and cell_km > 0):
        faults.append(Fault(_WHERE, "cell_km", f"{cell_km}", "give a positive length in km"))
    if faults:
        return faults
    member = ~np.isnan(grids["benefit"])
    for name, grid in grids.items():
        read = ~member if name == "flank" else member  # only these cells of a grid are read
        limit = 1.0 if name == "flank" else np.inf
        for wrong, found, mend in [
            (read & np.isnan(grid), "NaN", "fill it, or mark the cell outside by NaN benefit"),
            (
                read & np.isinf(grid) & (name != "closure"),
                "an infinite value",
                "give a finite number",
            ),
            (read & (grid < 0), "a negative value", "give a value of at least 0"),
            (read & (grid > limit) & np.isfinite(grid), "a value over 1", "give 0 to 1"),
        ]:
            if wrong.any():
                row, col = np.argwhere(wrong)[0]
                place = f"{name}, row {row}, col {col}"
                faults.append(Fault(_WHERE, place, f"{found} ({int(wrong.sum())} cells)", mend))
    return faults


def _project_faults(projects: Sequence[Any], size: int) -> list[Fault]:
    """Everything wrong with the projects."""
    faults: list[Fault] = []
    for n, project in enumerate(projects):
        place = f"projects[{n}]"
        if not (isinstance(project, tuple | list) and len(project) == 2):
            mend = "give (value in USD/yr, flat cell indices)"
            faults.append(Fault(_WHERE, place, f"{project!r} is no pair", mend))
            continue
        value, cells = project
        index = np.asarray(cells)
        if not (np.isfinite(value) and value >= 0):
            faults.append(
                Fault(_WHERE, place, f"value {value}", "give a finite value of at least 0")
            )
        if index.ndim != 1 or index.size == 0 or not np.issubdtype(index.dtype, np.integer):
            faults.append(Fault(_WHERE, place, "no list of cells", "give flat integer indices"))
        elif index.min() < 0 or index.max() >= size:
            faults.append(Fault(_WHERE, place, "a cell off the grid", f"give 0 to {size - 1}"))
    return faults
