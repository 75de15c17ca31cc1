"""Interdiction against every choice tried, every way listed, and the plain programme."""

from __future__ import annotations

import importlib.util
import itertools
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog

from vallum.kernel.interdiction import evasion, maximum_flow, patrol, shortest_path


def ways(tail, head, start, end):
    """List all simple ways, as tuples of arcs."""
    found, open_ = [], [(start, (), {start})]
    while open_:
        node, way, seen = open_.pop()
        if node == end:
            found.append(way)
            continue
        open_ += [
            (head[a], (*way, a), seen | {head[a]})
            for a in range(len(tail))
            if tail[a] == node and head[a] not in seen
        ]
    return found


def choices(candidates, budget):
    """List all sets of no more than so many."""
    sizes = range(min(budget, len(candidates)) + 1)
    return [set(c) for n in sizes for c in itertools.combinations(candidates, n)]


@pytest.mark.parametrize("seed", range(60))
def test_evasion_is_the_best_of_all_choices(seed):
    """Ways with up to five candidates on them, of one ratio or of many, some passed by nobody."""
    rng = np.random.default_rng(seed)
    nodes, arcs, pairs = rng.integers(3, 7), int(rng.integers(4, 12)), int(rng.integers(1, 5))
    names = rng.choice(500, nodes, replace=False) - 250
    tail, head = rng.choice(names, (2, arcs))
    plain = rng.uniform(0.2, 1, arcs)
    ratio = [rng.random(arcs), np.full(arcs, 0.5), rng.choice([0.0, 0.5, 1.0], arcs)][seed % 3]
    at = rng.permutation(arcs)[:8]
    other = np.full(arcs, np.nan)
    other[at] = (plain * ratio)[at]
    start, end = rng.choice(names, (2, pairs))
    chance = rng.dirichlet(np.ones(pairs))
    budget = seed % 5
    known = [ways(tail.tolist(), head.tolist(), s, t) for s, t in zip(start, end, strict=True)]

    def value(chosen):
        now = np.where(np.isin(np.arange(arcs), list(chosen)), other, plain)
        return sum(
            p * max((float(np.prod(now[list(way)])) for way in some), default=0.0)
            for p, some in zip(chance, known, strict=True)
        )

    least = min(value(chosen) for chosen in choices(at.tolist(), budget))
    found = evasion(tail, head, plain, other, at, start, end, chance, budget)
    assert found.value == pytest.approx(least, abs=1e-7)
    assert found.bound == pytest.approx(least, abs=1e-6)
    assert value(found.chosen.tolist()) == pytest.approx(found.value, abs=1e-12)
    assert found.chosen.size <= budget


@pytest.mark.parametrize("seed", range(60))
def test_shortest_path_and_flow_are_the_best_of_all_choices(seed):
    rng = np.random.default_rng(seed)
    nodes, arcs = int(rng.integers(3, 6)), int(rng.integers(3, 11))
    tail, head = rng.integers(nodes, size=(2, arcs))
    cost = rng.integers(0, 6, arcs) * 1.0 if seed % 2 else rng.uniform(0, 10, arcs)
    delay = rng.choice([0.0, 1.0, 3.0, np.inf], arcs)
    known, budget = ways(tail.tolist(), head.tolist(), 0, 1), seed % 4

    def length(chosen):
        now = cost + np.where(np.isin(np.arange(arcs), list(chosen)), delay, 0.0)
        return min((float(now[list(way)].sum()) for way in known), default=np.inf)

    def flow(chosen):  # every cut of the nodes
        left = [a for a in range(arcs) if a not in chosen]
        return min(
            sum(cost[a] for a in left if tail[a] in side and head[a] not in side)
            for n in range(nodes - 1)
            for side in ({0, *more} for more in itertools.combinations(range(2, nodes), n))
        )

    every = choices(range(arcs), budget)
    found = shortest_path(tail, head, cost, delay, 0, 1, budget)
    most = max(length(chosen) for chosen in every)
    assert (found.value, found.bound) == pytest.approx((most, most), abs=1e-6)
    assert length(found.chosen.tolist()) == pytest.approx(found.value, abs=1e-9)
    found = maximum_flow(tail, head, cost, 0, 1, budget)
    least = min(flow(chosen) for chosen in every)
    assert (found.value, found.bound) == pytest.approx((least, least), abs=1e-6)


@pytest.mark.parametrize("seed", range(30))
def test_patrols_against_all_ways_at_once(seed):
    rng = np.random.default_rng(seed)
    nodes, arcs = int(rng.integers(3, 7)), int(rng.integers(3, 12))
    tail, head = rng.integers(nodes, size=(2, arcs))
    cost, hit = rng.uniform(0, 2, arcs), rng.uniform(0, 10, arcs)
    gains, patrols = {1: 10.0, 2: 7.0}, float(rng.choice([0, 1, 1.5, 3]))
    rows, right = [], []
    for goal, gain in gains.items():
        for way in ways(tail.tolist(), head.tolist(), 0, goal):
            rows.append(np.append(-np.where(np.isin(np.arange(arcs), way), hit, 0.0), -1.0))
            right.append(cost[list(way)].sum() - gain)
    rows.append(np.append(np.ones(arcs), 0.0))
    best = linprog(
        np.append(np.zeros(arcs), 1.0),
        A_ub=rows,
        b_ub=[*right, patrols],
        bounds=[(0, 1)] * arcs + [(0, None)],
    )
    found = patrol(tail, head, cost, hit, [0], gains, patrols)
    assert found.value == pytest.approx(best.fun, abs=1e-6)
    assert found.gap <= 1e-6
    assert found.presence.sum() <= patrols + 1e-9


def plain_programme():
    """Load the formulation of method.md that the benchmark solves beside ours."""
    path = Path(__file__).parents[2] / "benchmarks/interdiction.py"
    spec = importlib.util.spec_from_file_location("interdiction_benchmark", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.plain_programme


@pytest.mark.parametrize(("ratio", "seed"), [(0.9, 7), (0.5, 7), (None, 24)])
def test_evasion_equals_the_plain_programme(ratio, seed):
    """Too many choices to try; the last, of many ratios, needs some branching."""
    rng = np.random.default_rng(seed)
    nodes, arcs, every, budget = (40, 120, 3, 6) if ratio else (25, 110, 2, 8)
    tail, head = rng.integers(nodes, size=(2, arcs))
    plain, at = rng.uniform(0.5, 1.0, arcs), np.arange(0, arcs, every)
    other = np.full(arcs, np.nan)
    other[at] = plain[at] * (ratio or rng.uniform(0.2, 0.9, at.size))
    start, end = rng.integers(nodes, size=(2, 30))
    instance = {
        "tail": tail,
        "head": head,
        "plain": plain,
        "reinforced": other,
        "candidates": at,
        "origins": start,
        "destinations": end,
        "probability": np.full(30, 1 / 30),
    }
    value, bound, _ = plain_programme()(instance, budget, 60.0)
    found, again = (evasion(**instance, budget=budget) for _ in range(2))
    assert found.value == pytest.approx(value, abs=1e-6)
    assert found.bound == pytest.approx(bound, abs=1e-6)
    assert (again.value, again.bound, again.work) == (found.value, found.bound, found.work)
    assert again.chosen.tobytes() == found.chosen.tobytes()
    assert ratio or found.work > 50
