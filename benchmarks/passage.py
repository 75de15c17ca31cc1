"""Journeys between 50 sources and 50 targets on 100,000 cells, against solving pair by pair.

The peers are what one would write first: for every pair, the two linear systems of the randomized
shortest path (to the target, from the source) with the target as the place where walks end, solved
by SuperLU (`scipy.sparse.linalg.spsolve`) or by pyamg's algebraic multigrid. They are timed on two
pairs and multiplied, as all 2,500 would take hours; the flows of those pairs are compared.
Multigrid stops at a residual relative to the largest number, and the chances of far cells are far
smaller than that: its time is shown, and how far off its flows are.
"""

from __future__ import annotations

import resource
import time
import warnings

import numpy as np
import pyamg
from scipy import ndimage, sparse
from scipy.sparse.linalg import spsolve

from vallum.kernel.paths import passage
from vallum.kernel.paths.edges import grid_edges

SIZE, PAIRS, SAMPLE, THETA = 325, 50, 2, 0.05


def ground(seed: int) -> np.ndarray:
    """Make a smooth rough cost with a lake."""
    rng = np.random.default_rng(seed)
    cost = np.exp(ndimage.gaussian_filter(rng.normal(size=(SIZE, SIZE)), 3) * 4)
    cost[140:170, 60:200] = np.inf
    return cost


def places(cost: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw passable cells."""
    open_ = np.argwhere(np.isfinite(cost))
    return open_[rng.choice(len(open_), PAIRS, replace=False)]


def pair_by_pair(cost: np.ndarray, start: int, end: int, solver: str) -> np.ndarray:
    """Solve one pair as one would write it first; returns the flow along each edge."""
    edges = grid_edges(cost)
    degree = np.bincount(edges.tail, edges.conductance, edges.nodes)
    weight = edges.conductance / degree[edges.tail] * np.exp(-THETA * edges.cost)
    weight[edges.tail == end] = 0.0
    shape = (edges.nodes, edges.nodes)
    matrix = sparse.identity(edges.nodes) - sparse.csr_matrix(
        (weight, (edges.tail, edges.head)), shape
    )
    unit = np.zeros((2, edges.nodes))
    unit[0, end] = unit[1, start] = 1.0
    if solver == "SuperLU":
        to_end = spsolve(matrix.tocsc(), unit[0])
        from_start = spsolve(matrix.T.tocsc(), unit[1])
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            to_end, from_start = (
                pyamg.ruge_stuben_solver(m.tocsr()).solve(unit[n], tol=1e-12, accel="gmres")
                for n, m in enumerate((matrix, matrix.T))
            )
    return from_start[edges.tail] * weight * to_end[edges.head] / to_end[start]


def main() -> None:
    """Print one row per peer."""
    cost, rng = ground(0), np.random.default_rng(1)
    sources, targets = places(cost, rng), places(cost, rng)
    begin = time.perf_counter()
    found = passage(cost, sources, targets, theta=THETA)
    ours = time.perf_counter() - begin
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{int(np.isfinite(cost).sum()):,} cells, {PAIRS} × {PAIRS} pairs: {ours:.1f} s, "
        f"{memory:.2f} GB, {found.factorisations} factorisation(s), imbalance {found.imbalance:.0e}"
    )
    print("peer        s a pair   s all pairs   ours/peer   largest difference of a flow")
    cells = [
        tuple(int(c[0] * SIZE + c[1]) for c in pair) for pair in zip(sources, targets, strict=True)
    ]
    for solver in ("SuperLU", "pyamg"):
        gaps, begin = [], time.perf_counter()
        flows = [pair_by_pair(cost, *cells[n], solver) for n in range(SAMPLE)]
        each = (time.perf_counter() - begin) / SAMPLE
        for n, flow in enumerate(flows):
            alone = passage(cost, sources[n], targets[n], theta=THETA)
            gaps.append(np.abs(alone.flow - flow).max())
        peer = each * PAIRS * PAIRS
        print(f"{solver:10s} {each:9.2f} {peer:13.0f} {ours / peer:11.5f} {max(gaps):12.1e}")
    if found.imbalance > 1e-9:
        raise SystemExit("journeys are not conserved")


if __name__ == "__main__":
    main()
