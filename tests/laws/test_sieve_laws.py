"""What is sieved stays nested, wide, large and connected; nothing is lost that need not be."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from vallum.kernel.chain import exact_chain
from vallum.kernel.cut import solve
from vallum.kernel.territory import instance, score
from vallum.line.sieve import Mesh, kept, sieve
from vallum.line.width import disc, opened, widened

SHAPE = (9, 10)
masks = arrays(bool, SHAPE)
blotches = arrays(np.uint8, (5, 5), elements=st.integers(0, 3)).map(
    lambda coarse: np.kron(coarse > 0, np.ones((2, 2), bool))[: SHAPE[0], : SHAPE[1]]
)
widths = st.sampled_from([0.0, 15.0, 25.0, 40.0])


@st.composite
def worlds(draw):
    """A problem with barred ground and land to hold, and what is asked of held land."""
    seed = draw(st.integers(0, 10_000))
    rng = np.random.default_rng(seed)
    benefit = rng.exponential(3.0, SHAPE)
    benefit[rng.random(SHAPE) < 0.1] = np.nan
    closure = np.where(rng.random(SHAPE) < draw(st.sampled_from([0.0, 0.15])), np.inf, 1.0)
    problem = instance(benefit, rng.random(SHAPE) * 4, closure, cell_km=10.0)
    must = np.zeros(SHAPE, bool)
    if draw(st.booleans()) and problem.cells.size:
        must.ravel()[problem.cells[rng.integers(problem.cells.size)]] = True
        problem = instance(benefit, problem_holding(problem), closure, cell_km=10.0, must_hold=must)
        must.ravel()[problem.cells] = problem.must
    mesh = Mesh(
        people=rng.exponential(100.0, SHAPE),
        calm=np.isnan(benefit) & (rng.random(SHAPE) < 0.5),
        least_km2=draw(st.sampled_from([0.0, 300.0, 900.0])),
        least_people=draw(st.sampled_from([0.0, 600.0])),
        width_km=draw(widths),
        seats=draw(st.sampled_from([None, rng.random(SHAPE) < 0.05])),
    )
    return problem, must, mesh


def problem_holding(problem):
    """Holding of a problem as a grid."""
    grid = np.zeros(problem.shape)
    grid.ravel()[problem.cells] = problem.holding
    return grid


def holdable(problem):
    mask = np.zeros(problem.shape, bool)
    mask.ravel()[problem.cells] = True
    return mask


def wide(held, calm, width_km):
    """Union of the discs in it, by hand: every place is tried."""
    shape = disc(width_km, 10.0)
    across = shape.shape[0]
    land, found = held | calm, np.zeros(held.shape, bool)
    for row in range(held.shape[0] - across + 1):
        for col in range(held.shape[1] - across + 1):
            part = (slice(row, row + across), slice(col, col + across))
            if land[part][shape].all():
                found[part] |= shape
    return found & held


@given(masks | blotches, masks, widths)
def test_opening_is_the_union_of_the_discs_that_fit(held, calm, width_km):
    calm = calm & ~held
    assert (opened(held, calm, width_km, 10.0) == wide(held, calm, width_km)).all()


@given(masks, blotches, widths)
def test_widened_land_is_wide_and_no_land_is_called_narrow_that_is_not(must, land, width_km):
    must = must & land
    calm = np.zeros(SHAPE, bool)
    more, narrow = widened(must, land, calm, width_km, 10.0)
    assert (must <= more).all()
    assert (more <= land).all()
    fine = wide(land, calm, width_km)
    assert (narrow == (must & ~fine)).all()
    assert (wide(more, calm, width_km) >= must & ~narrow).all()


@settings(max_examples=40)
@given(worlds(), masks | blotches, masks | blotches)
def test_more_land_never_keeps_less(world, one, other):
    problem, must, mesh = world
    small = (one & holdable(problem)) | must
    large = (small | (other & holdable(problem))) | must
    less, more = kept(problem, small, must, mesh), kept(problem, large, must, mesh)
    assert (must <= less).all()
    assert (less <= small).all()
    assert (less <= more).all()
    assert (kept(problem, less, must, mesh) == less).all()


@settings(max_examples=40)
@given(worlds(), blotches)
def test_what_is_kept_is_as_asked(world, blotch):
    problem, must, mesh = world
    held = kept(problem, (blotch & holdable(problem)) | must, must, mesh)
    assert (wide(held, mesh.calm, mesh.width_km) | must >= held).all()
    label, count = ndimage.label(held)
    for piece in range(1, count + 1):
        part = label == piece
        if (part & must).any():
            continue
        assert part.sum() * 100.0 >= mesh.least_km2
        assert mesh.people[part].sum() >= mesh.least_people
        assert mesh.seats is None or (part & mesh.seats).any()
    assert np.isfinite(score(problem, held).cost)


@settings(max_examples=40)
@given(worlds())
def test_a_sieved_chain_is_nested_counted_anew_and_bounded(world):
    problem, must, mesh = world
    if not problem.cells.size:
        return
    found = solve(problem, step=0.05)
    chain = exact_chain(found)
    everything = kept(problem, holdable(problem), must, mesh)
    if not everything.any():
        return
    made = sieve(problem, found, chain, mesh)
    steps = made.steps
    assert made.entry.max() == len(steps) - 1
    assert ((made.entry >= 0) == everything).all()
    for step, row in enumerate(steps.itertuples()):
        held = (made.entry >= 0) & (made.entry <= step)
        again = score(problem, held)
        assert np.isfinite(again.cost)
        assert [row.benefit, row.holding, row.closure, row.line_km, row.cells] == [
            again.benefit, again.holding, again.closure, again.line_km, again.cells,
        ]  # fmt: skip
        assert row.benefit <= row.ceiling
        assert row.benefit <= row.bound <= row.ceiling * (1 + 1e-12)
        assert row.regret == row.bound - row.benefit
        was = [(chain.entry >= 0) & (chain.entry <= k) for k in range(len(chain.steps))]
        if row.kind == "exact":
            assert any((held == before).all() for before in was)
            assert not np.isnan(row.mu)
        else:
            assert any((held == kept(problem, before, must, mesh)).all() for before in was)
            assert np.isnan(row.mu)
    cost = (steps["holding"] + steps["closure"]).to_numpy()
    refined = (steps["kind"] == "refined").to_numpy()
    for step in np.flatnonzero(refined[:-1]):
        assert cost[step] < cost[step + 1 :].min()
