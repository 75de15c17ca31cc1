"""Evasion on 783 nodes, 2,586 arcs, 320 candidates and 456 pairs, against the plain programme.

Two networks of that shape, each with weak and strong reinforcement and 30 sensors:

- `random`: arcs between nodes drawn at random, pairs drawn at random;
- `border`: a planar network, half the candidates across two lines, 24 origins on one side and 19
  destinations on the other.

The peer is the formulation of method.md as it stands (one potential per node and destination, ψ as
the big M), solved by the same HiGHS. Both are stopped by the clock after 120 s, so their gaps
depend on the machine. That the weaker half is proven within 30 s is checked.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import highspy
import numpy as np
from highspy._core import _Highs
from scipy import sparse
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import Delaunay

from vallum.kernel.interdiction import evasion

if TYPE_CHECKING:
    from numpy.typing import NDArray

NODES, ARCS, CANDIDATES, ORIGINS, DESTINATIONS, BUDGET = 783, 2586, 320, 24, 19, 30
SECONDS, PROMISED = 120.0, 30.0
RATIOS = {"weak": 0.9, "half": 0.5, "strong": 0.1, "closed": 0.0}
Instance = dict[str, "NDArray"]


def random_network(seed: int) -> Instance:
    """Draw arcs and pairs at random; a ring keeps the network in one piece."""
    rng = np.random.default_rng(seed)
    ring = rng.permutation(NODES)
    more = rng.integers(NODES, size=(2, ARCS - NODES))
    more[1] = np.where(more[0] == more[1], (more[1] + 1) % NODES, more[1])
    pairs = rng.integers(NODES, size=(2, ORIGINS * DESTINATIONS))
    return {
        "tail": np.concatenate([ring, more[0]]),
        "head": np.concatenate([np.roll(ring, -1), more[1]]),
        "plain": rng.uniform(0.3, 0.9, ARCS),
        "candidates": np.sort(rng.choice(ARCS, CANDIDATES, replace=False)),
        "origins": pairs[0],
        "destinations": pairs[1],
        "probability": rng.dirichlet(np.ones(pairs.shape[1])),
    }


def border_network(seed: int) -> Instance:
    """Draw a planar network with two borders across it; all arcs across them are candidates."""
    rng = np.random.default_rng(seed)
    place = rng.random((NODES, 2))
    corners = Delaunay(place).simplices
    sides = np.sort(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]))
    sides = np.unique(sides, axis=0).astype(np.int64)
    length = np.hypot(*(place[sides[:, 0]] - place[sides[:, 1]]).T)
    graph = sparse.csr_matrix((length, sides.T), (NODES, NODES))
    tree = {tuple(e) for e in np.sort(np.argwhere(sparse.csgraph.minimum_spanning_tree(graph)))}
    order = sorted(range(len(sides)), key=lambda e: (tuple(sides[e]) not in tree, length[e]))
    kept = sides[order[: ARCS // 2]]
    tail, head = np.concatenate([kept, kept[:, ::-1]]).T
    far = np.hypot(*(place[tail] - place[head]).T)
    x = place[:, 0]
    across = np.flatnonzero(sum((x[tail] < at) != (x[head] < at) for at in (0.3, 0.5)))
    rest = np.setdiff1d(np.arange(ARCS), across)
    chance = np.exp(-3 * far * rng.uniform(0.5, 1.5, ARCS))
    chance[across] *= rng.uniform(0.3, 0.6, across.size)
    more = rng.choice(rest, CANDIDATES - across.size, replace=False)
    origin = rng.choice(np.flatnonzero(x < 0.25), ORIGINS, replace=False)
    destination = rng.choice(np.flatnonzero(x > 0.6), DESTINATIONS, replace=False)
    return {
        "tail": tail,
        "head": head,
        "plain": chance,
        "candidates": np.sort(np.concatenate([across, more])),
        "origins": np.repeat(origin, DESTINATIONS),
        "destinations": np.tile(destination, ORIGINS),
        "probability": rng.dirichlet(np.ones(ORIGINS * DESTINATIONS)),
    }


def reinforced(instance: Instance, ratio: float) -> Instance:
    """Give the candidates their probability with a sensor; off them there is none."""
    other = np.full(ARCS, np.nan)
    at = instance["candidates"]
    other[at] = ratio * instance["plain"][at]
    return {**instance, "reinforced": other}


def plain_programme(
    instance: Instance, budget: int, seconds: float
) -> tuple[float, float, np.ndarray]:
    """Solve method.md's formulation; return value, bound, and the arcs reinforced."""
    names, number = np.unique(np.concatenate([instance["tail"], instance["head"],
        instance["origins"], instance["destinations"]]), return_inverse=True)  # fmt: skip
    arcs, pairs, nodes = instance["tail"].size, instance["origins"].size, names.size
    tail, head, start, end = np.split(number, np.cumsum([arcs, arcs, pairs]))
    at, r = instance["candidates"], instance["plain"]
    q = instance["reinforced"]
    goals, goal = np.unique(end, return_inverse=True)
    order = np.argsort(r)  # of parallel arcs the last one written is the best
    backward = sparse.lil_matrix((nodes, nodes))
    backward[head[order], tail[order]] = np.maximum(-np.log(r[order]), 1e-15)
    psi = np.exp(-dijkstra(backward.tocsr(), indices=goals))
    rows: list[sparse.spmatrix] = []
    right = []
    other = np.setdiff1d(np.arange(arcs), at)
    eye = sparse.identity(nodes, format="csr")
    for g, t in enumerate(goals):
        blank = sparse.csr_matrix((1, at.size))
        for kind, chance, minus in (
            (other, r[other], None),
            (at, r[at], (r[at] - q[at]) * psi[g][head[at]]),
            (at, q[at], None),
        ):
            x = eye[tail[kind]] - sparse.diags(chance) @ eye[head[kind]]
            y = sparse.vstack([blank] * kind.size) if minus is None else sparse.diags(minus)
            rows.append(sparse.hstack([y, *_placed(x, g, goals.size, nodes)]))
            right.append(np.zeros(kind.size))
        rows.append(sparse.hstack([blank, *_placed(eye[[t]], g, goals.size, nodes)]))
        right.append(np.ones(1))
    matrix = sparse.vstack(rows).tocsr()
    columns = at.size + goals.size * nodes
    cost = np.zeros(columns)
    np.add.at(cost, at.size + goal * nodes + start, instance["probability"])
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = columns, matrix.shape[0] + 1
    model.col_cost_, model.col_lower_, model.col_upper_ = cost, np.zeros(columns), np.ones(columns)
    model.row_lower_ = np.append(np.concatenate(right), -np.inf)
    model.row_upper_ = np.append(np.full(matrix.shape[0], np.inf), float(budget))
    last = np.arange(at.size)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.append(matrix.indptr, matrix.nnz + at.size)
    model.a_matrix_.index_ = np.concatenate([matrix.indices, last])
    model.a_matrix_.value_ = np.concatenate([matrix.data, np.ones(at.size)])
    kinds = highspy.HighsVarType
    model.integrality_ = [kinds.kInteger] * at.size + [kinds.kContinuous] * (columns - at.size)
    solver = _Highs()
    options = {"threads": 1, "time_limit": seconds, "mip_rel_gap": 0.0, "mip_abs_gap": 0.0}
    for name, value in {"output_flag": False, **options}.items():
        solver.setOptionValue(name, value)
    solver.passModel(model)
    solver.run()
    info, x = solver.getInfo(), np.array(solver.getSolution().col_value)
    found = x.size > 0 and np.isfinite(info.objective_function_value)
    chosen = at[x[: at.size] > 0.5] if found else at[:0]
    bound = info.mip_dual_bound if np.isfinite(info.mip_dual_bound) else 0.0
    return float(info.objective_function_value), float(bound), chosen


def _placed(block: sparse.spmatrix, at: int, count: int, width: int) -> list[sparse.spmatrix]:
    """Put a block in its place among `count` of one width."""
    height = block.shape[0]
    return [
        sparse.csr_matrix((height, at * width)),
        block,
        sparse.csr_matrix((height, (count - 1 - at) * width)),
    ]


def main() -> None:
    """Print one row per network and strength."""
    tiny = {"tail": [0], "head": [1], "plain": [0.5], "reinforced": [0.1], "candidates": [0]}
    evasion(**tiny, origins=[0], destinations=[1], probability=[1.0], budget=1)  # compiles
    print("network  strength      value        gap       s   programmes | plain: gap        s")
    late = False
    for name, make in (("random", random_network), ("border", border_network)):
        for strength, ratio in RATIOS.items():
            instance = reinforced(make(0), ratio)
            begin = time.perf_counter()
            stop = begin + SECONDS
            found = evasion(
                **instance, budget=BUDGET, watch=lambda *_, at=stop: time.perf_counter() > at
            )
            ours = time.perf_counter() - begin
            late |= strength in {"weak", "half"} and not (
                ours < PROMISED and found.gap <= 2e-7 * found.value
            )
            begin = time.perf_counter()
            value, bound, _ = plain_programme(instance, BUDGET, SECONDS)
            peer = time.perf_counter() - begin
            print(
                f"{name:8s} {strength:8s} {found.value:11.4e} "
                f"{_gap(found.value, found.bound):9.1e} "
                f"{ours:8.1f} {found.work:8d}     | {_gap(value, bound):9.1e} {peer:8.1f}",
                flush=True,
            )
    if late:
        raise SystemExit("not proven in the time promised")


def _gap(value: float, bound: float) -> float:
    """Relative gap; inf where no plan was found."""
    if not np.isfinite(value):
        return np.inf
    return 0.0 if value <= bound else (value - bound) / value


if __name__ == "__main__":
    main()
