"""Maximum-flow interdiction: which arcs to close so that the least gets through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import CertificateError, Fault
from vallum.kernel.arrays import frozen
from vallum.kernel.interdiction.door import Door
from vallum.kernel.interdiction.model import Interdiction
from vallum.kernel.interdiction.network import numbered
from vallum.kernel.interdiction.program import Program, solve

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["maximum_flow"]


def maximum_flow(
    tail: ArrayLike,
    head: ArrayLike,
    capacity: ArrayLike,
    source: int,
    target: int,
    budget: int,
    *,
    limit: int = 1_000_000,
) -> Interdiction:
    """Choose the arcs to close so that the greatest flow from source to target is least.

    A cut whose `budget` dearest arcs are closed (Wood 1993, "Deterministic network interdiction"):

        min Σ capacity_a β_a,  α_s = 0, α_t = 1,  β_a + γ_a ≥ α_j − α_i for each arc a from i to j,
        Σ γ ≤ budget,  α and γ in {0, 1},  β ≥ 0

    Parameters
    ----------
    tail, head
        Labels of the nodes that each arc leaves and enters, any integers, shape (arcs,).
    capacity
        Most that an arc carries, ≥ 0, inf for no limit, in any one unit, shape (arcs,).
    source, target
        Labels of two nodes. A label that no arc has is a node without ways.
    budget
        Most arcs to close.
    limit
        Most nodes of branch and bound.

    Returns
    -------
    Interdiction
        Its value is the greatest flow left; inf where a way without limit is.

    Raises
    ------
    InputError
        If the arguments can't be used.

    Examples
    --------
    >>> maximum_flow([1, 1, 2], [2, 3, 3], [5, 2, 4], 1, 3, 1).value
    2.0
    """
    door = Door()
    tails = door.labels("tail", tail)
    heads = door.labels("head", head, tails.size)
    room = door.amounts("capacity", capacity, tails.size)
    first, last = door.label("source", source), door.label("target", target)
    if not door.faults and first == last:
        door.faults.append(Fault("target", "", f"{last}, as the source", "give another node"))
    most, nodes_most = door.budget("budget", budget), door.budget("limit", limit)
    door.close()
    (near, far, start, end), nodes = numbered(tails, heads, first, last)
    real = np.flatnonzero((near != far) & (room > 0))
    none = frozen(np.zeros(0, np.int64))
    if not real.size:
        return Interdiction(0.0, 0.0, none, 0)
    ends = int(start[0]), int(end[0]), nodes
    finite = float(room[real][np.isfinite(room[real])].sum())
    unit = max(finite, 1.0)
    held = np.where(np.isinf(room[real]), 2.0, room[real] / unit)
    cut = solve(_cut(near[real], far[real], held, ends, most), nodes=nodes_most)
    if cut.x is None:
        raise CertificateError("HiGHS finds no cut, but there always is one")
    chosen = real[cut.x[nodes + real.size :] > 0.5]
    left = np.setdiff1d(real, chosen)
    value = unit * _flow(near[left], far[left], held[np.isin(real, left)], ends)
    bound = min(unit * max(cut.bound, 0.0), value)
    value, bound = (np.inf if v > 1.5 * unit else v for v in (value, bound))
    return Interdiction(value, bound, frozen(chosen), cut.nodes + 2)


def _cut(
    tail: NDArray[np.int64],
    head: NDArray[np.int64],
    room: NDArray[np.float64],
    ends: tuple[int, int, int],
    budget: int,
) -> Program:
    """Write the programme: sides of the nodes, then arcs cut and arcs closed."""
    source, target, nodes = ends
    count = tail.size
    number = np.arange(count)
    columns = nodes + 2 * count
    upper = np.ones(columns)
    lower = np.zeros(columns)
    upper[source], lower[target] = 0.0, 1.0
    whole = np.ones(columns, bool)
    whole[nodes : nodes + count] = False
    ones = np.ones(count)
    return Program(
        cost=np.concatenate([np.zeros(nodes), room, np.zeros(count)]),
        lower=lower,
        upper=upper,
        whole=whole,
        row=np.concatenate([number, number, number, number, np.full(count, count)]),
        column=np.concatenate(
            [nodes + number, nodes + count + number, head, tail, nodes + count + number]
        ),
        entry=np.concatenate([ones, ones, -ones, ones, ones]),
        row_lower=np.append(np.zeros(count), -np.inf),
        row_upper=np.append(np.full(count, np.inf), float(budget)),
    )


def _flow(
    tail: NDArray[np.int64],
    head: NDArray[np.int64],
    room: NDArray[np.float64],
    ends: tuple[int, int, int],
) -> float:
    """Find the greatest flow: the last column is what returns from target to source."""
    source, target, nodes = ends
    count = tail.size
    number = np.arange(count + 1)
    near, far = np.append(tail, target), np.append(head, source)
    cost = np.zeros(count + 1)
    cost[-1] = -1.0
    solved = solve(
        Program(
            cost=cost,
            lower=np.zeros(count + 1),
            upper=np.append(room, np.inf),
            whole=np.zeros(count + 1, bool),
            row=np.concatenate([near, far]),
            column=np.concatenate([number, number]),
            entry=np.concatenate([np.ones(count + 1), -np.ones(count + 1)]),
            row_lower=np.zeros(nodes),
            row_upper=np.zeros(nodes),
        )
    )
    return abs(solved.value)  # no −0
