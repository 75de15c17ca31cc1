"""Journeys and corridors against programs that share no code with ours: simulation, brute force."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest

from vallum.kernel.paths.chances import Entrances
from vallum.kernel.paths.edges import edges_of
from vallum.kernel.paths.walk import walk
from vallum.threat.ways.corridors import Streams, chains


def paths(out, start, end, most):
    """Enumerate all walks of at most so many steps that end when they first meet `end`."""
    done, open_ = [], [(start,)]
    for _ in range(most):
        longer = []
        for path in open_:
            for node in out[path[-1]]:
                (done if node == end else longer).append((*path, node))
        open_ = longer
    return done


@pytest.mark.parametrize("theta", [1.5, 4.0])
def test_shares_are_those_of_all_walks_one_by_one(theta):
    # six nodes with one-way streets; walks of 16 steps and more weigh less than e^(−16θ·0.5)
    links = {
        (0, 1): 0.7, (1, 0): 0.9, (0, 2): 1.1, (2, 0): 0.5, (1, 3): 0.8, (2, 3): 0.6, (3, 1): 0.7,
        (3, 4): 0.9, (2, 4): 1.6, (4, 5): 0.5, (1, 5): 2.4, (5, 4): 0.8,
    }  # fmt: skip
    tail, head = np.array(list(links)).T
    edges = edges_of(tail, head, list(links.values()), nodes=6)
    out = {n: [b for a, b in links if a == n] for n in range(6)}
    degree = {n: sum(1 / links[n, b] for b in out[n]) for n in range(6)}
    every = paths(out, 0, 5, 15)
    weight = np.array([
        np.prod([np.exp(-theta * links[s]) / links[s] / degree[s[0]] for s in pairwise(path)])
        for path in every
    ])  # fmt: skip
    chance = weight / weight.sum()
    zone = np.array([False, False, True, False, False, False])
    inside = np.array([False, False, False, False, True, True])
    gate = Entrances(inside, np.arange(6), 6)
    found = walk(
        edges, np.array([0]), np.array([5]), np.ones((1, 1)), theta=theta, zones=zone[None],
        entrances=(gate,),
    )  # fmt: skip
    for n, step in enumerate(links):
        times = sum(p * list(pairwise(path)).count(step) for p, path in zip(chance, every))  # noqa: B905
        assert found.flow[n] == pytest.approx(times, abs=1e-4)
    touched = sum(p for p, path in zip(chance, every, strict=True) if 2 in path)
    assert found.passing[0, 0, 0] == pytest.approx(touched, abs=1e-4)
    first = np.zeros(6)
    for p, path in zip(chance, every, strict=True):
        first[next(a for a, b in pairwise(path) if inside[b])] += p
    assert found.entering[0][:, 0, 0] == pytest.approx(first, abs=1e-4)
    cost = sum(p * sum(links[s] for s in pairwise(path)) for p, path in zip(chance, every))  # noqa: B905
    assert found.cost[0, 0] == pytest.approx(cost, rel=1e-3)


def widest(net, supply, demand):
    """Try every simple path."""
    size, best = len(supply), 0.0
    for count in range(2, size + 1):
        for path in permutations(range(size), count):
            steps = [net.get(step, 0.0) for step in pairwise(path)]
            best = max(best, min(supply[path[0]], demand[path[-1]], *steps))
    return best


@pytest.mark.parametrize("seed", range(12))
def test_the_first_corridor_is_the_widest_of_all_paths(seed):
    rng = np.random.default_rng(seed)
    net = {
        (a, b): float(rng.integers(1, 9))
        for a in range(6) for b in range(6) if a < b and rng.random() < 0.6
    }  # fmt: skip
    net[4, 1] = 3.0  # a ring
    net.pop((1, 4), None)
    born = np.zeros(6)
    for (a, b), amount in net.items():
        born[a] += amount
        born[b] -= amount
    given = Streams(net, np.maximum(born, 0), np.maximum(-born, 0), 6)
    found = chains(given, 30)
    assert found[0].journeys == pytest.approx(widest(net, given.supply, given.demand))
    assert sum(chain.journeys for chain in found) <= given.supply.sum() * (1 + 1e-12)
    for step in {step for chain in found for step in pairwise(chain.blocks)}:
        used = sum(chain.journeys for chain in found if step in set(pairwise(chain.blocks)))
        assert used <= net[step] * (1 + 1e-12)
