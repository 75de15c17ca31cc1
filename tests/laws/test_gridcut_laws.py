"""Our own solver on the grid: the same steps as OR-Tools', each proved by one stored flow."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vallum.errors import CertificateError, InfeasibleError
from vallum.kernel.cut import solve, verify
from vallum.kernel.gridcut import advance, capacity, earning, fresh, lay
from vallum.kernel.gridflow import maximise, reach
from vallum.kernel.gridpiece import prove
from vallum.kernel.gridproof import Certificate
from vallum.kernel.maxflow import Network, minimum_cut
from vallum.kernel.territory import instance


def theatre(seed, most=60, *, extreme=-1):
    """Make a random theatre: hills, sea, foreign land, towns, roads, fixed land, old lines.

    Of the extremes, 0 is a few huge prices, 1 and 2 amounts of very different size, 3 much for
    nothing.
    """
    rng = np.random.default_rng(seed)
    rows, cols = rng.integers(3, most + 1, 2)
    y, x = np.mgrid[:rows, :cols]
    benefit = np.zeros((rows, cols))
    for _ in range(rng.integers(1, 12)):
        r, c, wide = rng.uniform(0, rows), rng.uniform(0, cols), rng.uniform(0.5, 12)
        benefit += rng.lognormal(11, 2) * np.exp(-((y - r) ** 2 + (x - c) ** 2) / (2 * wide**2))
    benefit[rng.random((rows, cols)) < rng.choice([0.0, 0.5])] = 0.0
    outside = rng.random((rows, cols)) < rng.choice([0.0, 0.02, 0.2])
    outside |= np.hypot(y - rows / 2, x - cols / 2) > rng.uniform(0.3, 1.0) * max(rows, cols)
    benefit[outside] = np.nan
    closure = rng.lognormal(11, rng.uniform(0, 2), (rows, cols))
    closure[rng.random((rows, cols)) < rng.choice([0.0, 0.0, 0.03])] = np.inf
    member = np.flatnonzero(~outside)
    projects = []
    for _ in range(rng.integers(0, 8) if member.size else 0):
        start = int(rng.integers(member.size))
        along = member[start : start + int(rng.integers(1, 25))]
        projects.append((float(rng.choice([0.0, rng.lognormal(13, 2)])), along))
    must = np.zeros((rows, cols), bool)
    if member.size and rng.random() < 0.4:
        must.ravel()[rng.choice(member, min(member.size, 3))] = True
    holding = rng.lognormal(8, 1.5, (rows, cols))
    if extreme == 0:
        closure[rng.random((rows, cols)) < 0.05] = 1e15
    elif extreme == 1:
        benefit *= 10.0 ** rng.uniform(-14, 6, (rows, cols))
    elif extreme == 2:
        closure *= 10.0 ** rng.uniform(-9, 9, (rows, cols))
    elif extreme == 3:
        holding *= 0.0
        closure[rng.random((rows, cols)) < 0.5] = 0.0
    if rng.random() < 0.5:  # a line that is there already: on its cells a share of the price is due
        turn, share = rng.uniform(0, np.pi), rng.uniform(0, 1)
        across = np.cos(turn) * (y - rows / 2) + np.sin(turn) * (x - cols / 2)
        there = (np.abs(across) < 1) & np.isfinite(closure)
        closure[there] *= share
    grids = {
        "benefit": benefit,
        "holding": holding,
        "closure": closure,
        "flank": rng.choice([0.0, 0.25, 1.0], (rows, cols)),
        "cell_km": float(rng.choice([1.0, 10.0])),
        "projects": projects,
        "must_hold": must,
    }
    step = float(rng.choice([0.0, 0.01, 0.1])) if rows * cols < 900 else 0.01
    return grids, step, sorted(rng.lognormal(0, 2, rng.integers(0, 3)).tolist())


def compare(seed, most):
    """Solve a theatre both ways; return how many steps agreed, or −1 if it has no answer."""
    grids, step, at = theatre(seed, most)
    try:
        problem = instance(**grids)
    except InfeasibleError:
        return -1
    ours, theirs = (solve(problem, step=step, at=at, solver=name) for name in ("vallum", "ortools"))
    assert (ours.entry == theirs.entry).all()
    columns = ["benefit", "holding", "closure", "line_km", "cells"]
    assert ours.steps[columns].equals(theirs.steps[columns])
    np.testing.assert_allclose(ours.steps["mu"], theirs.steps["mu"], rtol=1e-12)
    np.testing.assert_allclose(ours.certificate["mu"], theirs.certificate["mu"], rtol=1e-12)
    slack = ours.certificate["rounding_usd_yr"] + theirs.certificate["rounding_usd_yr"]
    off = (ours.certificate["value"] - theirs.certificate["value"]).abs()
    assert (off <= slack + 1e-12 * ours.certificate["value"].abs()).all()
    if problem.cells.size:
        stored = Certificate.from_arrays(ours.proof.as_arrays())
        checked = verify(stored, problem, mu=ours.certificate["mu"])
        assert checked.steps.equals(ours.steps.drop(columns="mu"))
    return len(ours.steps)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_every_step_is_that_of_ortools_and_is_proved(seed):
    compare(seed, 24)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 3))
def test_extreme_amounts_give_as_good_steps_as_ortools_and_a_proof(seed, extreme):
    """Which of two territories that tie up to rounding is a step may differ; its value may not."""
    grids, step, at = theatre(seed, 16, extreme=extreme)
    try:
        problem = instance(**grids)
    except InfeasibleError:
        return
    ours, theirs = (solve(problem, step=step, at=at, solver=name) for name in ("vallum", "ortools"))
    if not problem.cells.size:
        return
    proved = verify(ours.proof, problem, mu=ours.certificate["mu"]).prices
    for price, row in zip(ours.certificate["mu"], proved.itertuples(), strict=True):
        steps = theirs.steps
        best = (price * steps["benefit"] - steps["holding"] - steps["closure"]).max()
        slack = row.rounding + ours.rounding_usd_yr + theirs.rounding_usd_yr
        assert best <= row.bound + slack + 1e-12 * abs(best)
        assert row.value >= best - slack - 1e-12 * abs(best)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(-3, 4), st.floats(-3, 4))
@example(seed=1, first=0.0, second=4.0)
def test_a_cut_is_ortools_cut_to_the_unit_of_capacity_whatever_flows_before(seed, first, second):
    grids, _, _ = theatre(seed, 20)
    grids["must_hold"] = None
    problem = instance(**grids)
    state, nodes = lay(problem)
    prices = (10.0**first, 10.0**second)
    # the oracle counts in float64, which holds integers up to 2**53
    most = max(prices[1] * problem.benefit.sum(), 1.0) + sum(v for v, _ in problem.projects) * max(
        prices[1], 1.0
    )
    unit = max(2.0**-12, 2.0 ** np.ceil(np.log2(most / 2.0**51)))
    fresh(state, nodes, prices[0], unit)
    maximise(state, nodes)
    advance(state, nodes, prices[0], prices[1], unit)
    maximise(state, nodes)
    marked = reach(state, nodes)
    fault, flow, _ = prove(state, nodes, prices[1], unit)
    assert fault == 0
    count = problem.cells.size
    units = [earning(b, c, prices[1], unit) for b, c in zip(state.benefit, state.cost, strict=True)]
    owner = [np.full(cells.size, count + n) for n, (_, cells) in enumerate(problem.projects)]
    none = np.zeros(0, int)
    owned = [cells for _, cells in problem.projects]
    gain = np.array(units, float)[nodes]
    price = np.array([capacity(price, unit) for price in problem.price], float)
    total = gain[gain > 0].sum()
    padded = np.append(gain, 2.0**52 - total)  # so that OR-Tools' unit is ours
    assert total < 2.0**52
    cut = minimum_cut(
        Network(
            gain=padded,
            tail=np.concatenate([problem.tail, *owner, none]),
            head=np.concatenate([problem.head, *owned, none]),
            price=np.concatenate([price, np.full(sum(map(len, owned)), np.inf)]),
        )
    )
    assert cut.unit == 1.0
    assert cut.flow == flow  # what is padded is chosen for nothing: it flows nowhere
    assert (cut.chosen[:-1] == (state.side[nodes] == 1)).all()
    assert marked == cut.chosen[:-1].sum()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.data())
def test_a_certificate_that_was_changed_proves_less_or_is_refused(seed, data):
    grids, _, _ = theatre(seed, 14)
    grids["must_hold"] = None
    problem = instance(**grids)
    ours = solve(problem, step=0.05)
    if not problem.cells.size or not ours.certificate["value"].max() > 0:
        return
    mu = ours.certificate["mu"]
    honest = verify(ours.proof, problem, mu=mu)
    arrays = {name: array.copy() for name, array in ours.proof.as_arrays().items()}
    cell = data.draw(st.integers(0, problem.cells.size - 1))
    arrays["flow"][cell, data.draw(st.integers(0, 7))] += 1 << 45
    try:
        changed = verify(Certificate.from_arrays(arrays), problem, mu=mu)
    except CertificateError:
        return
    assert (changed.prices["bound"] >= changed.prices["value"] - honest.prices["rounding"]).all()


def test_a_raster_that_is_not_the_best_is_refused():
    grids, _, _ = theatre(5, 20)
    problem = instance(**grids)
    ours = solve(problem)
    arrays = {name: array.copy() for name, array in ours.proof.as_arrays().items()}
    arrays["entry"] = arrays["entry"].max() - arrays["entry"]
    with pytest.raises(CertificateError):
        verify(Certificate.from_arrays(arrays), problem, mu=ours.certificate["mu"])


@given(st.integers(0, 2**32), st.sampled_from([3, 20, 60, 99]))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_certificates_of_absurd_problems_are_verified(seed, span):
    """Amounts from 10^-span to 10^span side by side, zeros, walls, land that must be held."""
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(1, 9, 2))

    def amount(zero):
        return np.where(rng.random(shape) < zero, 0.0, 10.0 ** rng.uniform(-span, span, shape))

    benefit, closure = amount(0.3), amount(0.1)
    closure[rng.random(shape) < 0.05] = np.inf
    benefit[rng.random(shape) < 0.2] = np.nan
    benefit.flat[0] = 1.0
    try:
        problem = instance(
            benefit,
            amount(0.3),
            closure,
            cell_km=float(10.0 ** rng.uniform(-3, 3)),
            flank=rng.random(shape),
            projects=[(float(10.0 ** rng.uniform(-span, span)), [0])],
            must_hold=(rng.random(shape) < 0.05) & ~np.isnan(benefit),
        )
    except InfeasibleError:
        return
    found = solve(problem, step=0.0)
    if found.proof is not None:
        assert (found.steps["mu"] >= 0).all()
        verify(found.proof, problem, mu=found.certificate["mu"])
