"""Effective resistance between nodes of a circuit: the walk at θ = 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from vallum.errors import Fault, InputError
from vallum.kernel.arrays import frozen
from vallum.kernel.paths.chances import factorised

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["resistance"]


def resistance(
    tail: ArrayLike, head: ArrayLike, conductance: ArrayLike, pairs: ArrayLike
) -> NDArray[np.float64]:
    """Effective resistance between pairs of nodes of an undirected network.

    The walk of `vallum.kernel.paths.walk` at θ = 0, ended at one node g of each component: with
    `Z = (I − P)⁻¹` and degree d, `Z_ij / d_j` is the voltage at i for a unit of current from j to
    g, and `R_ij` follows from four voltages.

    Parameters
    ----------
    tail, head
        Nodes at the ends of each edge, any whole numbers from 0; each edge once, in either
        direction. Parallel edges add; an edge from a node to itself carries nothing.
    conductance
        Of each edge, one over ohm, not negative.
    pairs
        Nodes, shape (n, 2).

    Returns
    -------
    resistance
        In ohm, shape (n,); infinite between nodes that are not connected, 0 from a node to itself.

    Raises
    ------
    InputError
        With every fault of the arguments.

    Examples
    --------
    Two resistances of 1 in a row, beside one of 2:

    >>> resistance([0, 1, 0], [1, 2, 2], [1.0, 1.0, 0.5], [(0, 2)])
    array([1.])
    """
    ends = [np.atleast_1d(np.asarray(part)) for part in (tail, head)]
    drawn, asked = np.atleast_1d(np.asarray(conductance, float)), np.atleast_2d(np.asarray(pairs))
    faults = _faults(ends, drawn, asked)
    if faults:
        raise InputError(faults)
    names, number = np.unique(np.concatenate([*ends, asked.ravel()]), return_inverse=True)
    size, count = names.size, drawn.size
    ends = [number[:count], number[count : 2 * count]]
    asked = number[2 * count :].reshape(asked.shape)
    used = (drawn > 0) & (ends[0] != ends[1])
    one, other, drawn = ends[0][used], ends[1][used], drawn[used]
    links = sparse.csr_matrix((drawn, (one, other)), shape=(size, size))
    links = links + links.T
    degree = np.asarray(links.sum(axis=1)).ravel()
    _, part = csgraph.connected_components(links, directed=False)
    _, ground = np.unique(part, return_index=True)
    at = np.ones(size)
    at[ground] = 0.0  # walks end there
    chance = sparse.diags(at / np.where(degree > 0, degree, 1.0)) @ links
    focal, place = np.unique(asked, return_inverse=True)
    place = place.reshape(asked.shape)
    units = np.zeros((size, focal.size))
    units[focal, np.arange(focal.size)] = at[focal]
    to = factorised(sparse.csc_matrix(chance)).solve(units)[focal]  # Z between the focal nodes
    volts = to / np.where(degree[focal] > 0, degree[focal], 1.0)
    i, j = place[:, 0], place[:, 1]
    out = volts[i, i] + volts[j, j] - volts[i, j] - volts[j, i]
    apart = part[focal[i]] != part[focal[j]]
    return frozen(np.where(i == j, 0.0, np.where(apart, np.inf, out)))


def _faults(
    ends: list[NDArray[np.generic]], conductance: NDArray[np.float64], pairs: NDArray[np.generic]
) -> list[Fault]:
    """Refuse what is no network."""
    out = []
    where = "resistance"
    for name, part in (("tail", ends[0]), ("head", ends[1]), ("pairs", pairs)):
        numbers = np.asarray(part, float)
        if not (np.isfinite(numbers) & (numbers == np.floor(numbers)) & (numbers >= 0)).all():
            mend = "number nodes by whole numbers from 0"
            out.append(Fault(where, name, "holds no whole number, or one below 0", mend))
    if not ends[0].shape == ends[1].shape == conductance.shape:
        found = f"shapes {ends[0].shape}, {ends[1].shape}, {conductance.shape}"
        out.append(Fault(where, "edges", found, "give tail, head and conductance of each edge"))
    if not (np.isfinite(conductance).all() and (conductance >= 0).all()):
        out.append(Fault(where, "conductance", "below 0 or no number", "give numbers from 0"))
    if pairs.ndim != 2 or pairs.shape[-1] != 2:
        out.append(Fault(where, "pairs", f"shape {pairs.shape}", "give (n, 2) nodes"))
    return out
