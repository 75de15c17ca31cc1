"""One flow that proves every step of a frontier, and how anyone checks it.

Weak duality: whatever flows between cells within their capacities, no territory is worth more at
a price than the sum of what each cell then has left, where that is positive. The flow of a
`Certificate` reaches that bound at every price of the frontier, so checking it takes one pass for
the flow and one for each price, and no solver.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vallum.errors import CertificateError, Fault, InputError
from vallum.kernel.arrays import frozen
from vallum.kernel.gridcut import NEVER, capacity, earning, lay, settled
from vallum.kernel.gridpiece import sums
from vallum.kernel.jit import compiled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from vallum.kernel.gridcut import State
    from vallum.kernel.territory import Instance

__all__ = ["Certificate", "Checked", "gather", "verify_flow"]

LARGEST = 1 << 58  # units in one arc: 16 of them, and what a node earns, can be added in int64
HALF = 8  # of the 16 directions, the last 8 are the first 8 backwards
_NAMES = ("entry", "flow", "project_flow", "unit")


@dataclass(frozen=True, eq=False)
class Certificate:
    """A flow within every step's own land.

    Between the land of two steps nothing is stored: every arc from the lower to the higher is
    full, and every arc back is empty. Land that must be held counts as below all.

    Attributes
    ----------
    entry
        The step at which a member cell enters, shape (cells,), int32.
    flow
        Net flow from a cell to its neighbours in the directions 8 to 15 of
        `vallum.kernel.crofton.OFFSETS`, in units of the step, shape (cells, 8), int64.
    project_flow
        Flow from a project to each of its cells, in the order of `Instance.projects`, int64.
    unit
        USD/yr that one unit is, a power of two, shape (steps,).
    """

    entry: NDArray[np.int32]
    flow: NDArray[np.int64]
    project_flow: NDArray[np.int64]
    unit: NDArray[np.float64]

    def as_arrays(self) -> dict[str, NDArray[Any]]:
        """Give the arrays by name, as `numpy.savez` takes them."""
        return {name: getattr(self, name) for name in _NAMES}

    @staticmethod
    def from_arrays(arrays: Mapping[str, ArrayLike]) -> Certificate:
        """Make a certificate of stored arrays.

        Parameters
        ----------
        arrays
            As `as_arrays` gives them; other names are ignored.

        Raises
        ------
        InputError
            If an array is missing or has another kind or number of dimensions.
        """
        kinds = {"entry": ("i", 1), "flow": ("i", 2), "project_flow": ("i", 1), "unit": ("f", 1)}
        faults = []
        for name, (kind, dimensions) in kinds.items():
            if name not in arrays:
                faults.append(Fault("certificate", name, "is missing", "store every array"))
                continue
            array = np.asarray(arrays[name])
            if array.dtype.kind != kind or array.ndim != dimensions:
                found = f"{array.dtype} of {array.ndim} dimensions"
                faults.append(Fault("certificate", name, found, "store what `as_arrays` gives"))
        if faults:
            raise InputError(faults)
        return Certificate(
            entry=frozen(np.array(arrays["entry"], np.int32)),
            flow=frozen(np.array(arrays["flow"], np.int64)),
            project_flow=frozen(np.array(arrays["project_flow"], np.int64)),
            unit=frozen(np.array(arrays["unit"], np.float64)),
        )


@dataclass(frozen=True, eq=False)
class Checked:
    """What a certificate proves.

    Attributes
    ----------
    mu
        The prices asked about, shape (prices,).
    bound
        No territory is worth more than this at the price, USD/yr, shape (prices,).
    rounding
        What rounding to integers can have hidden in each bound, USD/yr, shape (prices,).
    """

    mu: NDArray[np.float64]
    bound: NDArray[np.float64]
    rounding: NDArray[np.float64]


def gather(
    state: State,
    order: NDArray[np.int32],
    entry: NDArray[np.int32],
    unit: NDArray[np.float64],
    must: NDArray[np.bool_],
) -> Certificate:
    """Read the certificate off a network that is cut through.

    Parameters
    ----------
    state
        With a label for every step.
    order
        Its nodes, cells first, as `vallum.kernel.gridcut.lay` gives them.
    entry
        The step of each, shape (nodes,).
    unit
        By step.
    must
        Cells among which nothing needs to flow, shape (cells,).
    """
    cells = order[: must.size]
    flow = np.zeros((cells.size, HALF), np.int64)
    _read(state, cells, unit[entry[: cells.size]], must, flow)
    inside = state.label[state.owner] == state.label[state.part]
    return Certificate(
        entry=frozen(entry[: cells.size].copy()),
        flow=frozen(flow),
        project_flow=frozen(np.where(inside, state.flow, 0)),
        unit=frozen(unit),
    )


@compiled
def _read(
    state: State,
    cells: NDArray[np.int32],
    unit: NDArray[np.float64],
    must: NDArray[np.bool_],
    flow: NDArray[np.int64],
) -> None:
    """Read net flows within pieces off the residual capacities."""
    for i in range(cells.size):
        node = cells[i]
        if must[i]:
            continue
        for d in range(8, 16):
            if state.label[node + state.offset[d]] == state.label[node]:
                price = state.closure[node] * state.weight[d]
                flow[i, d - 8] = capacity(price, unit[i]) - state.residual[node, d]


def verify_flow(problem: Instance, certificate: Certificate, mu: ArrayLike) -> Checked:
    """Check a certificate's flow, and say what it proves at prices.

    Parameters
    ----------
    problem
        From `vallum.kernel.territory.instance`.
    certificate
        Of its frontier.
    mu
        Prices, shape (prices,).

    Returns
    -------
    Checked
        An upper bound on the value of any territory, by price.

    Raises
    ------
    CertificateError
        If the certificate does not fit the problem, or a flow breaks a capacity.
    """
    entry, prices = certificate.entry, np.asarray(mu, float)
    state, nodes = lay(problem)
    count = problem.cells.size
    steps = certificate.unit.size
    if (
        entry.shape != (count,)
        or certificate.flow.shape != (count, HALF)
        or certificate.project_flow.shape != state.owner.shape
        or not np.array_equal(np.unique(entry), np.arange(steps))
        or not ((certificate.unit > 0) & np.isfinite(certificate.unit)).all()
    ):
        raise CertificateError("the certificate is not of this problem")
    entries = [int(entry[cells].max()) for _, cells in problem.projects]
    level = np.concatenate([entry, np.array(entries, np.int32)])
    whole = [bool(problem.must[cells].all()) for _, cells in problem.projects]
    must = np.concatenate([problem.must, np.array(whole, bool)])
    state.label[nodes] = np.where(must, 0, level + 1)
    unit = certificate.unit[level]
    away = np.zeros(nodes.size, np.int64)
    flat = np.concatenate([certificate.flow, np.zeros((len(whole), HALF), np.int64)])
    fault = _leave(state, nodes, unit, flat, certificate.project_flow, must, away)
    if fault >= 0:
        raise CertificateError(f"the certificate breaks a capacity at node {fault}")

    free = np.flatnonzero(~must)
    earned, spent, size, _ = sums(state, nodes[must])
    bound = np.zeros(prices.size)
    for k, price in enumerate(prices.tolist()):
        left = np.zeros(steps)
        _bound(state, nodes[free], away[free], level[free], unit[free], price, left)
        bound[k] = price * earned - spent + float((left * certificate.unit).sum())
    # a capacity, and what a node earns, is off by half a unit at most
    coarse = float(np.bincount(level, minlength=steps) @ certificate.unit)
    total = sums(state, nodes)[2] + 2 * float(np.abs(size))
    floating = 2.0**-50 * (total + prices * float(state.benefit.sum()))
    return Checked(frozen(prices), frozen(bound), frozen(9.0 * coarse + floating))


@compiled
def _leave(
    state: State,
    nodes: NDArray[np.int32],
    unit: NDArray[np.float64],
    flow: NDArray[np.int64],
    project_flow: NDArray[np.int64],
    must: NDArray[np.bool_],
    away: NDArray[np.int64],
) -> int:
    """Sum what flows out of every node; return a node whose flow breaks a capacity, or −1."""
    number = state.queue
    for i in range(nodes.size):
        number[nodes[i]] = i
    for i in range(nodes.size):
        node = nodes[i]
        if must[i] or node >= state.first.size:
            continue
        if _spared(state, node, unit[i]) >= LARGEST:
            return i
        away[i] += settled(state, node, unit[i])
        for d in range(8, 16):
            other, amount = node + state.offset[d], flow[i, d - 8]
            if amount == 0:
                continue
            if not _fits(state, node, other, amount, unit[i], state.weight[d]):
                return i
            away[i] += amount
            away[number[other]] -= amount
    for k in range(project_flow.size):
        i, j = int(number[state.owner[k]]), number[state.part[k]]
        amount = project_flow[k]
        if not 0 <= amount < LARGEST or (
            amount > 0 and state.label[nodes[i]] != state.label[nodes[j]]
        ):
            return i
        away[i] += amount
        away[j] -= amount
    return -1


@compiled
def _spared(state: State, node: int, unit: float) -> float:
    """Sum the line that a cell spares the land below it, in units; large if one part is."""
    spared = 0.0
    for d in range(16):
        other = node + state.offset[d]
        if 0 <= state.label[other] < state.label[node]:
            spared += state.closure[other] * state.weight[d] / unit
    return spared


@compiled
def _fits(state: State, node: int, other: int, amount: int, unit: float, weight: float) -> bool:
    """Say whether a net flow stays within its arc, in either direction, inside one step."""
    return (
        abs(amount) < LARGEST
        and state.label[other] == state.label[node]
        and amount <= capacity(state.closure[node] * weight, unit)
        and -amount <= capacity(state.closure[other] * weight, unit)
    )


@compiled
def _bound(
    state: State,
    nodes: NDArray[np.int32],
    away: NDArray[np.int64],
    level: NDArray[np.int32],
    unit: NDArray[np.float64],
    mu: float,
    left: NDArray[np.float64],
) -> None:
    """Sum by step what nodes have left at a price, where that is positive, in units."""
    for i in range(nodes.size):
        node = nodes[i]
        earns = earning(state.benefit[node], state.cost[node], mu, unit[i])
        if earns == NEVER:  # at a price far above the step's own, more than an integer holds
            units = (mu * state.benefit[node] - state.cost[node]) / unit[i]
            left[level[i]] += max(units - away[i], 0.0)
        elif earns > away[i]:
            left[level[i]] += earns - away[i]
