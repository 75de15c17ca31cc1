"""One minimum cut by OR-Tools, with its certificate: a feasible flow equal to the cut."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from ortools.graph.python import max_flow

from vallum.errors import CertificateError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Cut", "Network", "minimum_cut"]

# Capacities are integers whose sum out of the source is at most 2^52: so every partial sum is
# exact in float64 too, and the certificate can be summed with numpy.
_CAPACITY_BITS = 52


@dataclass(frozen=True, eq=False)
class Network:
    """A closure-type cut problem: choose nodes T to maximise `Σ_T gain − Σ_{i∈T, j∉T} price`.

    Attributes
    ----------
    gain
        What choosing a node brings, of any sign, shape (nodes,).
    tail, head
        Arcs, as node numbers, shape (arcs,).
    price
        Price of an arc that leaves the chosen set, ≥ 0 or inf (never cut), shape (arcs,).
    """

    gain: NDArray[np.float64]
    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    price: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Cut:
    """An optimum of a `Network`.

    Attributes
    ----------
    chosen
        The smallest optimal set of nodes, shape (nodes,), bool.
    flow
        Value of the maximum flow = of the minimum cut, in units of capacity.
    unit
        One unit of capacity in the unit of `gain`.
    rounding
        Bound on what rounding to integers can cost, in the unit of `gain`: no set is worth more
        than the chosen one by more than this.
    """

    chosen: NDArray[np.bool_]
    flow: int
    unit: float
    rounding: float


def minimum_cut(network: Network) -> Cut:
    """Solve a network exactly on integer capacities and check the optimum.

    The check runs on every call: the flow respects every capacity, is conserved at every node,
    and equals the capacity of the cut, in integers.

    Parameters
    ----------
    network
        The problem; gains must be finite.

    Returns
    -------
    Cut
        The smallest optimal set (unique: what the source still reaches once the flow is maximal).

    Raises
    ------
    CertificateError
        If the solver fails or its answer does not pass the check.
    """
    nodes = network.gain.size
    positive = np.flatnonzero(network.gain > 0)
    if positive.size == 0:
        return Cut(np.zeros(nodes, bool), 0, 1.0, 0.0)
    total = math.fsum(network.gain[positive].tolist())
    unit = total / 2.0**_CAPACITY_BITS
    negative = np.flatnonzero(network.gain < 0)
    source, sink = nodes, nodes + 1
    # an arc of nothing from source to sink: the solver must know the sink even if nobody costs
    tail = np.concatenate([[source], np.full(positive.size, source), negative, network.tail])
    head = np.concatenate([[sink], positive, np.full(negative.size, sink), network.head])
    # nothing above the total can bind, and `total` itself is never worth cutting twice
    wanted = np.concatenate([[0.0], network.gain[positive], -network.gain[negative], network.price])
    capacity = np.rint(np.minimum(wanted, 2 * total) / unit).astype(np.int64)

    solver = max_flow.SimpleMaxFlow()
    solver.add_arcs_with_capacity(tail, head, capacity)
    status = solver.solve(source, sink)
    if status != solver.OPTIMAL:
        raise CertificateError(f"the maximum-flow solver stopped with status {status}")
    chosen = np.zeros(nodes + 2, bool)
    chosen[solver.get_source_side_min_cut()] = True
    flow = np.asarray(solver.flows(np.arange(tail.size)), dtype=np.int64)
    _check(tail, head, capacity, flow, chosen, value=int(solver.optimal_flow()))
    # each capacity is off by half a unit at most; a set and its complement read each arc once
    rounding = (0.5 * tail.size + 16.0) * unit
    return Cut(chosen[:nodes], int(solver.optimal_flow()), unit, rounding)


def _check(
    tail: NDArray[np.int64],
    head: NDArray[np.int64],
    capacity: NDArray[np.int64],
    flow: NDArray[np.int64],
    chosen: NDArray[np.bool_],
    *,
    value: int,
) -> None:
    """Raise unless the flow is feasible and equals the cut, in integers."""
    source, sink = chosen.size - 2, chosen.size - 1
    net = np.bincount(tail, flow, chosen.size) - np.bincount(head, flow, chosen.size)
    cut = int(capacity[chosen[tail] & ~chosen[head]].sum())
    faults = [
        text
        for wrong, text in [
            (bool((flow < 0).any() or (flow > capacity).any()), "a capacity is broken"),
            (bool(net[:source].any()), "flow is not conserved"),
            (int(net[source]) != value or int(net[sink]) != -value, "the flow's value is off"),
            (not chosen[source] or bool(chosen[sink]), "the cut does not part source and sink"),
            (cut != value, f"flow {value} is not the cut {cut}"),
        ]
        if wrong
    ]
    if faults:
        raise CertificateError("the minimum cut failed its check: " + "; ".join(faults))
