"""The solver on the grid by hand: one cell, two cells, a project, a certificate."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vallum.errors import CertificateError, InputError
from vallum.kernel import exact
from vallum.kernel.crofton import edge_weights
from vallum.kernel.cut import frontier, solve, verify
from vallum.kernel.gridproof import Certificate
from vallum.kernel.territory import instance, score

SIDE = edge_weights(1.0)[0, 1]  # km of line that an edge between two neighbours stands for


def pair(benefit, closure, **more):
    """Make a grid of two cells side by side, with nothing around and nothing to hold them for."""
    shape = (1, len(benefit))
    return instance(
        np.array([benefit], float),
        np.array([more.pop("holding", [0.0] * len(benefit))], float).reshape(shape),
        np.array([closure], float),
        cell_km=1.0,
        **more,
    )


def test_two_cells_by_hand():
    """The rich cell earns 4 and costs 1, the poor one 1 and 3; SIDE is 0.23 km.

    At 10 USD/km the rich one alone pays from (1 + 2.3) / 4 = 0.83, both from (1 + 3) / 5 = 0.8: so
    both enter at once. At 1 USD/km the rich one pays from (1 + 0.23) / 4 = 0.31, long before.
    """
    together = solve(pair([4, 1], [10, 10], holding=[1, 3]), step=0.0)
    assert together.entry.tolist() == [[0, 0]]
    assert together.certificate["mu"].tolist() == [0.8]
    apart = solve(pair([4, 1], [1, 1], holding=[1, 3]), step=0.0)
    assert apart.entry.tolist() == [[0, 1]]
    assert apart.steps["mu"].tolist() == [pytest.approx((1 + SIDE) / 4), math.inf]
    assert apart.steps["closure"].tolist() == [SIDE, 0.0]


def test_what_flows_between_two_cells_is_the_proof():
    """Both pay at 0.8: the rich one has 0.8 · 4 − 1 = 2.2 too much, the poor one lacks 2.2."""
    problem = pair([4, 1], [10, 10], holding=[1, 3])
    proof = solve(problem, step=0.0).proof
    flows = proof.flow[0] * proof.unit[0]
    assert sorted(np.abs(flows)) == pytest.approx([0] * 7 + [2.2])
    assert (proof.flow[1] == 0).all()
    checked = verify(proof, problem, mu=[0.0, 0.5, 0.8, 2.0])
    assert checked.prices["bound"].to_numpy() == pytest.approx([0, 0, 0, 2.0 * 5 - 4], abs=1e-9)
    assert 0 <= checked.gap_usd_yr < 1e-9
    assert checked.steps["benefit"].tolist() == [5.0]


def test_a_project_pays_whole_or_not_at_all():
    """10 per price for both cells, which cost 2 and 3 to hold: both enter at 5 / 10."""
    problem = pair([0, 0], [0, 0], holding=[2, 3], projects=[(10.0, [0, 1])])
    found = solve(problem, step=0.0)
    assert found.entry.tolist() == [[0, 0]]
    assert found.certificate["mu"].tolist() == [0.5]
    assert (found.proof.project_flow * found.proof.unit[0]).tolist() == pytest.approx([2, 3])


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("flow", lambda flow: flow + (1 << 60), "breaks a capacity"),
        ("flow", lambda flow: flow * 0, "the certificate allows"),
        ("entry", lambda entry: entry[:1], "not of this problem"),
        ("entry", lambda entry: entry + 1, "not of this problem"),
        ("unit", lambda unit: -unit, "not of this problem"),
        ("flow", lambda flow: flow[:, :4], "not of this problem"),
        ("unit", lambda unit: unit * 1e-40, "the certificate allows"),  # what flows is nothing then
        ("unit", lambda unit: unit * 1e9, "breaks a capacity"),
        ("flow", lambda flow: flow * 0 + (1 << 59), "breaks a capacity"),
    ],
)
def test_a_certificate_that_proves_nothing_is_refused(name, change, words):
    problem = pair([4, 1], [10, 10], holding=[1, 3])
    arrays = solve(problem, step=0.0).proof.as_arrays()
    arrays[name] = change(arrays[name])
    with pytest.raises(CertificateError, match=words):
        verify(Certificate.from_arrays(arrays), problem, mu=[0.8])


@pytest.mark.parametrize(("bits", "enough"), [(8, True), (40, False)])
def test_a_coarser_certificate_proves_as_much_as_its_units_tell(bits, enough):
    problem = pair([4, 1], [10, 10], holding=[1, 3])
    arrays = solve(problem, step=0.0).proof.as_arrays()
    flow = np.rint(arrays["flow"] / 2.0**bits).astype(np.int64)
    coarse = Certificate.from_arrays({**arrays, "flow": flow, "unit": arrays["unit"] * 2.0**bits})
    if enough:
        assert verify(coarse, problem, mu=[0.8]).gap_usd_yr < 1e-9
    else:
        with pytest.raises(CertificateError, match="the certificate allows"):
            verify(coarse, problem, mu=[0.8])


def test_stored_arrays_of_the_wrong_kind_are_all_named():
    with pytest.raises(InputError) as caught:
        Certificate.from_arrays({"entry": [0.5], "flow": [1], "unit": [1.0]})
    assert [fault.place for fault in caught.value.faults] == ["entry", "flow", "project_flow"]


def test_a_certificate_comes_back_from_a_file(tmp_path):
    problem = pair([4, 1], [10, 10], holding=[1, 3])
    found = solve(problem)
    np.savez_compressed(tmp_path / "certificate.npz", **found.proof.as_arrays())
    with np.load(tmp_path / "certificate.npz") as stored:
        back = Certificate.from_arrays(stored)
    for name, array in found.proof.as_arrays().items():
        assert (getattr(back, name) == array).all()
    assert verify(back, problem, mu=found.certificate["mu"]).gap_usd_yr < 1e-9


def test_the_same_bytes_twice():
    rng = np.random.default_rng(2)
    grids = rng.lognormal(0, 1, (3, 30, 30))
    first, second = (frontier(*grids, cell_km=1.0) for _ in range(2))
    for name, array in first.proof.as_arrays().items():
        assert array.tobytes() == second.proof.as_arrays()[name].tobytes()
    assert first.certificate.equals(second.certificate)


def test_an_unknown_solver_is_refused():
    with pytest.raises(InputError, match="solver"):
        solve(pair([4, 1], [1, 1]), solver="magic")


@pytest.mark.parametrize("scale", [1e-90, 1e-9, 1.0, 1e12, 1e200])
def test_any_currency_gives_the_same_plan(scale):
    """Powers of two would give the same bytes; others move a price in its last places."""
    grids = np.random.default_rng(4).lognormal(0, 1, (3, 9, 9))
    plain, scaled = frontier(*grids, cell_km=1.0), frontier(*(grids * scale), cell_km=1.0)
    assert (plain.entry == scaled.entry).all()
    assert scaled.steps["closure"].to_numpy() == pytest.approx(plain.steps["closure"] * scale)


def test_a_piece_begun_anew_in_finer_units_is_still_proved():
    """One cell as dear as 2^70 others: the rest is searched in units of its own."""
    benefit = np.full((5, 5), np.nan)
    benefit[1:4, 1:4] = [[50, 3, 8], [21, 40, 5], [1, 13, 30]]
    closure = np.ones((5, 5))
    closure[3, 1] = 1e21
    problem = instance(benefit, np.ones((5, 5)), closure, cell_km=1.0)
    found = solve(problem, step=0.0)
    assert len(set(found.proof.unit.tolist())) > 1
    fine = found.certificate[found.certificate["mu"] < 100]
    checked = verify(found.proof, problem, mu=fine["mu"])
    assert (checked.prices["bound"] - checked.prices["value"]).max() < 1e-6


def test_sums_are_those_of_fsum_in_any_order():
    rng = np.random.default_rng(0)
    for _ in range(50):
        amounts = rng.normal(size=40) * 10.0 ** rng.integers(-300, 300, 40)
        amounts = np.concatenate([amounts, -amounts[:20], [5e-324]])
        sums = exact.zero(2)
        for amount, again in zip(amounts, rng.permutation(amounts), strict=True):
            exact.add(sums[0], amount)
            exact.add(sums[1], again)
        for row in sums:
            exact.carry(row)
            assert exact.rounded(row) == math.fsum(amounts.tolist())


@pytest.mark.parametrize("base", [-1074, -300, 0, 900])
@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("far", [2, 35, 70, 150])
def test_a_sum_is_rounded_once_ties_to_even(base, sign, far):
    """Half a unit in the last place of odd and even numbers, and a little to either side of it."""
    for odd in (2.0**53 - 1, 2.0**53 - 2, 2.0**52 + 1, 2.0**52):
        for half in (0.5, -0.5):
            for little in (0.0, 2.0**-far, -(2.0**-far)):
                terms = [odd, half, little]
                if base < -1000:  # below the smallest there is nothing
                    terms = [odd * 2.0**far, half * 2.0**far, little * 2.0**far]
                terms = [math.ldexp(sign * term, base) for term in terms]
                sums = exact.zero()
                for term in terms:
                    exact.add(sums[0], term)
                assert exact.rounded(sums[0]) == math.fsum(terms)


def test_nothing_is_nothing_and_too_much_is_said():
    sums = exact.zero()
    assert exact.rounded(sums[0]) == 0.0
    for _ in range(3):
        exact.add(sums[0], -1.7e308)
    with pytest.raises(OverflowError):
        exact.rounded(sums[0])
    exact.add(sums[0], 1.7e308)
    exact.add(sums[0], 1.7e308)
    assert exact.rounded(sums[0]) == -1.7e308


def test_a_line_where_none_may_stand_costs_infinity():
    """Two cells of three held: the line would stand on the middle one, which bears none."""
    problem = instance(
        np.ones((1, 3)), np.zeros((1, 3)), np.array([[1.0, np.inf, 1.0]]), cell_km=1.0
    )
    drawn = score(problem, np.array([[True, True, False]]))
    assert drawn.closure == np.inf
    assert drawn.line_km == pytest.approx(SIDE)
    assert score(problem, np.array([[True, False, False]])).closure == pytest.approx(SIDE)
    assert score(problem, np.ones((1, 3), bool)).closure == 0.0


def test_what_must_be_held_draws_along_what_no_line_parts_from_it():
    """The middle cell bears no line, so whoever holds it holds both of its neighbours."""
    closure = np.array([[1.0, 1.0, np.inf, 1.0, 1.0]])
    must = np.array([[False, False, True, False, False]])
    problem = instance(np.ones((1, 5)), np.ones((1, 5)), closure, cell_km=1.0, must_hold=must)
    # an edge reaches one cell along a row: the longer ones lead off it
    assert problem.must.tolist() == [False, True, True, True, False]
