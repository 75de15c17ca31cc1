"""What holds for every frontier: optimal, nested, blind to how the map is turned."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from vallum.errors import InfeasibleError, InputError
from vallum.kernel.crofton import edge_weights
from vallum.kernel.cut import frontier
from vallum.kernel.territory import instance, score

amounts = st.one_of(
    st.integers(0, 6).map(float), st.floats(0, 100, allow_subnormal=False), st.just(0.0)
)


@st.composite
def problems(draw, most=4):
    """Draw a whole problem: grids with land outside, flanks, projects."""
    shape = (draw(st.integers(1, most)), draw(st.integers(1, most)))
    benefit = draw(hnp.arrays(float, shape, elements=st.one_of(amounts, st.just(np.nan))))
    holding = draw(hnp.arrays(float, shape, elements=amounts))
    closure = draw(hnp.arrays(float, shape, elements=amounts))
    flank = draw(hnp.arrays(float, shape, elements=st.sampled_from([0.0, 0.25, 1.0])))
    member = np.flatnonzero(~np.isnan(benefit))
    projects = []
    if member.size:
        for _ in range(draw(st.integers(0, 3))):
            cells = draw(st.lists(st.sampled_from(member.tolist()), min_size=1, max_size=4))
            projects.append((draw(amounts), cells))
    return {
        "benefit": benefit,
        "holding": holding,
        "closure": closure,
        "cell_km": draw(st.sampled_from([1.0, 10.0])),
        "flank": flank,
        "projects": projects,
    }


def brute_force(problem):
    """Benefit and cost of every territory, from its definition; shares no code with the kernel."""
    benefit, flank = problem["benefit"], problem["flank"]
    rows, cols = benefit.shape
    member = [(r, c) for r in range(rows) for c in range(cols) if not np.isnan(benefit[r, c])]
    knight = math.atan(0.5)
    weight = {  # half the mean of the two angular gaps over the edge's length, by squared length
        1: knight / 2,
        2: (math.pi / 4 - knight) / math.sqrt(8),
        5: (math.pi / 8) / math.sqrt(20),
    }
    shifts = [
        (dy, dx, weight[dy * dy + dx * dx] * problem["cell_km"])
        for dy in range(-2, 3)
        for dx in range(-2, 3)
        if dy * dy + dx * dx in (1, 2, 5)
    ]
    every = list(itertools.product([False, True], repeat=len(member)))
    held = np.array(every, bool).reshape(2 ** len(member), len(member)).T
    gain, cost = np.zeros(2 ** len(member)), np.zeros(2 ** len(member))
    which = dict(zip(member, held, strict=True))
    for (r, c), mine in which.items():
        gain += mine * benefit[r, c]
        cost += mine * problem["holding"][r, c]
        for dy, dx, weight in shifts:
            other = (r + dy, c + dx)
            if 0 <= other[0] < rows and 0 <= other[1] < cols:
                openness = flank[other] if np.isnan(benefit[other]) else 1.0
                crossed = mine & ~which.get(other, np.zeros_like(mine))
                price = problem["closure"][r, c] * weight * openness if openness else 0.0
                cost[crossed] += price
    for value, cells in problem["projects"]:
        gain += value * np.logical_and.reduce([which[i // cols, i % cols] for i in cells])
    return np.stack([gain, cost], axis=1)


@settings(max_examples=40, deadline=None)
@given(problems(most=3))
def test_the_frontier_is_brute_force_at_every_price(problem):
    plan = frontier(**problem, step=0.0)
    everything = brute_force(problem)
    steps = plan.steps
    cost = (steps["holding"] + steps["closure"]).to_numpy()
    for mu in [0.0, *steps["mu"][:-1], 0.01, 0.3, 1.0, 3.0, 30.0]:
        best = (mu * everything[:, 0] - everything[:, 1]).max()
        ours = max(0.0, (mu * steps["benefit"].to_numpy() - cost).max(initial=0.0))
        assert ours == pytest.approx(best, rel=1e-9, abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(problems(most=4))
def test_on_grids_up_to_four_by_four(problem):
    plan = frontier(**problem, step=0.0)
    everything = brute_force(problem)
    cost = (plan.steps["holding"] + plan.steps["closure"]).to_numpy()
    for mu in [*plan.steps["mu"][:-1], 1.0]:
        best = (mu * everything[:, 0] - everything[:, 1]).max()
        ours = (mu * plan.steps["benefit"].to_numpy() - cost).max(initial=0.0)
        assert ours == pytest.approx(best, rel=1e-9, abs=1e-6)


@settings(max_examples=150, deadline=None)
@given(problems(), st.sampled_from([0.0, 0.01, 0.2]))
def test_steps_are_nested_optima_at_their_own_price(problem, step):
    plan = frontier(**problem, step=step)
    steps, problem_ = plan.steps, instance(**problem)
    members = int((~np.isnan(problem["benefit"])).sum())
    assert ((plan.entry >= 0) == ~np.isnan(problem["benefit"])).all()
    if not members:
        assert steps.empty
        return
    assert steps["mu"].iloc[-1] == np.inf
    assert steps["cells"].iloc[-1] == members
    assert (np.diff(steps["mu"]) >= 0).all()
    assert (np.diff(steps["cells"]) > 0).all()
    proof = plan.certificate.set_index("mu")["value"]
    for k, row in steps.iterrows():
        held = (plan.entry >= 0) & (plan.entry <= k)
        mine = score(problem_, held)
        assert (mine.benefit, mine.holding, mine.closure, mine.line_km, mine.cells) == (
            row["benefit"],
            row["holding"],
            row["closure"],
            row["line_km"],
            row["cells"],
        )
        if np.isfinite(row["mu"]):
            best = proof.loc[[row["mu"]]].iloc[0]
            value = row["mu"] * row["benefit"] - row["holding"] - row["closure"]
            assert value == pytest.approx(best, abs=plan.rounding_usd_yr + 1e-9 * abs(best))


@settings(max_examples=60, deadline=None)
@given(problems(), st.integers(0, 3), st.booleans())
def test_turned_and_mirrored_problems_give_turned_and_mirrored_answers(problem, turns, mirror):
    def turn(grid):
        return np.rot90(grid[:, ::-1] if mirror else grid, turns)

    where = turn(np.arange(problem["benefit"].size).reshape(problem["benefit"].shape)).ravel()
    back = np.argsort(where)
    turned = {
        **{name: turn(problem[name]) for name in ("benefit", "holding", "closure", "flank")},
        "cell_km": problem["cell_km"],
        "projects": [(value, back[np.array(cells)]) for value, cells in problem["projects"]],
    }
    ours, other = frontier(**problem), frontier(**turned)
    assert (turn(ours.entry) == other.entry).all()
    assert ours.steps.equals(other.steps)


@settings(max_examples=60, deadline=None)
@given(problems(), st.floats(0.01, 50))
def test_a_price_asked_for_is_among_the_steps(problem, mu):
    plan = frontier(**problem, step=0.5, at=[mu])
    steps = plan.steps
    value = mu * steps["benefit"] - steps["holding"] - steps["closure"]
    fine = frontier(**problem, step=0.0).steps
    best = mu * fine["benefit"] - fine["holding"] - fine["closure"]
    assert max(0, value.max()) == pytest.approx(max(0, best.max()), rel=1e-9, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(problems(most=3), st.floats(0, 2000))
def test_no_territory_lies_above_the_ceiling(problem, cost):
    plan = frontier(**problem)
    everything = brute_force(problem)
    within = everything[everything[:, 1] <= cost]
    assert within[:, 0].max() <= plan.ceiling(cost) * (1 + 1e-9) + 1e-6


@pytest.mark.parametrize("radius", [10, 14, 20, 31.5])
@pytest.mark.parametrize("shift", [(0.13, 0.41), (0.3, 0.1), (0.5, 0.5)])
def test_circles_are_as_long_as_they_are(radius, shift):
    size = int(2 * radius) + 12
    y, x = np.mgrid[:size, :size] - size / 2
    inside = np.hypot(y + shift[0], x + shift[1]) <= radius
    plan = frontier(np.where(inside, 1.0, np.nan), np.zeros(y.shape), np.ones(y.shape), cell_km=2.0)
    assert plan.steps["line_km"].iloc[-1] == pytest.approx(2 * np.pi * radius * 2.0, rel=0.015)


def test_straight_lines_are_as_long_as_they_are():
    """Lines of 60 cells away from the grid's edge, counted edge by edge along their middle."""
    errors = []
    size = 161
    y, x = (np.mgrid[:size, :size] - size // 2).astype(float)
    for angle in np.linspace(0, np.pi, 181):
        along = x * np.cos(angle) + y * np.sin(angle)
        across = -x * np.sin(angle) + y * np.cos(angle)
        held = across < 0.2
        length = 0.0
        for (dy, dx), weight in edge_weights(1.0).items():
            there = np.roll(held, (-dy, -dx), (0, 1))
            middle = np.abs(along + (dy * np.sin(angle) + dx * np.cos(angle)) / 2) <= 30
            near = np.abs(across) < 5
            length += weight * (held & ~there & middle & near).sum()
        errors.append(length / 60 - 1)
    print(f"straight lines: mean {np.mean(np.abs(errors)):.4f}, worst {np.max(np.abs(errors)):.4f}")
    assert np.mean(np.abs(errors)) < 0.01
    assert abs(np.mean(errors)) < 0.01
    assert np.max(np.abs(errors)) < 0.025


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"benefit": np.array([[-1.0, 2.0]])}, ["benefit, row 0, col 0"]),
        (
            {"holding": np.array([[np.nan, -2.0]])},
            ["holding, row 0, col 0", "holding, row 0, col 1"],
        ),
        ({"closure": np.array([[1.0, np.nan]])}, ["closure, row 0, col 1"]),
        ({"holding": np.array([[1.0, np.inf]])}, ["holding, row 0, col 1"]),
        ({"closure": np.ones((2, 2))}, ["closure"]),
        ({"flank": np.array([[1.0, 2.0]]), "benefit": np.array([[1.0, np.nan]])}, ["flank"]),
        ({"cell_km": 0.0}, ["cell_km"]),
        ({"projects": [(-1.0, [0]), (1.0, []), (1.0, [7])]}, ["[0]", "[1]", "[2]"]),
        ({"step": 1.5, "at": [-1.0]}, ["step", "at"]),
    ],
)
def test_what_is_not_a_problem_is_refused_with_every_fault(change, names):
    fine = {
        "benefit": np.ones((1, 2)),
        "holding": np.ones((1, 2)),
        "closure": np.ones((1, 2)),
        "cell_km": 1.0,
    }
    with pytest.raises(InputError) as caught:
        frontier(**{**fine, **change})
    for name in names:
        assert any(name in fault.place for fault in caught.value.faults)


def test_faults_outside_the_members_do_not_matter():
    plan = frontier(
        np.array([[np.nan, 5.0]]),
        np.array([[np.nan, 0.0]]),
        np.array([[-3.0, 1.0]]),
        cell_km=1,
        flank=np.array([[0.0, np.nan]]),
        projects=[(3.0, [0, 1])],
    )
    assert plan.entry.tolist() == [[-1, 0]]
    assert plan.steps["line_km"].iloc[-1] == 0
    assert plan.unearnable == (0,)


@settings(max_examples=80, deadline=None)
@given(problems(most=3), st.data())
def test_constraints_are_kept_and_the_rest_is_still_optimal(problem, data):
    shape = problem["benefit"].shape
    barred = data.draw(hnp.arrays(bool, shape))
    must = data.draw(hnp.arrays(bool, shape, elements=st.sampled_from([False, False, True])))
    problem["closure"] = np.where(barred, np.inf, problem["closure"])
    finite = brute_force_masks(problem)
    allowed = [
        (gain, cost) for held, gain, cost in finite if np.isfinite(cost) and held[must].all()
    ]
    if (must & np.isnan(problem["benefit"])).any() or not allowed:
        with pytest.raises(InfeasibleError):
            frontier(**problem, must_hold=must)
        return
    plan = frontier(**problem, must_hold=must, step=0.0)
    cost = (plan.steps["holding"] + plan.steps["closure"]).to_numpy()
    everything = np.array(allowed)
    for mu in [0.0, 0.5, 2.0, 20.0]:
        best = (mu * everything[:, 0] - everything[:, 1]).max()
        values = (mu * plan.steps["benefit"].to_numpy() - cost).tolist()
        ours = max(values + ([] if must.any() else [0.0]))
        assert ours == pytest.approx(best, rel=1e-9, abs=1e-6)
    assert np.isfinite(cost).all()
    if must.any():
        assert (plan.entry[must] == 0).all()


def brute_force_masks(problem):
    """Every territory as a mask with its benefit and cost."""
    member = ~np.isnan(problem["benefit"])
    amounts_ = brute_force(problem)
    every = itertools.product([False, True], repeat=int(member.sum()))
    out = []
    for chosen, (gain, cost) in zip(every, amounts_, strict=True):
        held = np.zeros(member.shape, bool)
        held[member] = chosen
        out.append((held, gain, cost))
    return out


@settings(max_examples=60, deadline=None)
@given(problems(), st.sampled_from([0.01, 0.1, 0.4]))
def test_neighbouring_steps_are_close_or_nothing_lies_between(problem, step):
    coarse, fine = frontier(**problem, step=step), frontier(**problem, step=0.0)
    total = coarse.total_benefit
    cells = coarse.steps["cells"].tolist()
    benefit = [0.0, *coarse.steps["benefit"]]
    for k, (low, high) in enumerate(itertools.pairwise([0, *cells])):
        if benefit[k + 1] - benefit[k] > step * total * (1 + 1e-12):
            between = fine.steps[(fine.steps["cells"] > low) & (fine.steps["cells"] < high)]
            assert between.empty


@pytest.mark.parametrize("degrees", [15, 30, 45, 77])
def test_turning_a_smooth_field_by_any_angle_changes_little(degrees):
    rng = np.random.default_rng(3)
    size = 90
    y, x = (np.mgrid[:size, :size] - (size - 1) / 2).astype(float)
    inside = np.hypot(y, x) < size / 2 - 4  # members: a disc, so that every angle sees the same
    centres, heights = rng.uniform(-24, 24, (12, 2)), rng.uniform(2, 9, 12)
    widths = rng.uniform(5, 9, 12)

    def values(angle):
        u = x * np.cos(angle) - y * np.sin(angle)
        v = x * np.sin(angle) + y * np.cos(angle)
        benefit = sum(
            h * np.exp(-((u - cx) ** 2 + (v - cy) ** 2) / (2 * w * w))
            for (cx, cy), h, w in zip(centres, heights, widths, strict=True)
        )
        grids = (np.where(inside, benefit, np.nan), np.full(x.shape, 1.0), np.full(x.shape, 8.0))
        steps = frontier(*grids, cell_km=1.0, step=0.5, at=prices).steps
        cost = steps["holding"] + steps["closure"]
        best = [max(0.0, (mu * steps["benefit"] - cost).max()) for mu in prices]
        return np.array(best), benefit[inside].sum()

    prices = [0.4, 0.7, 1.0, 2.0]
    straight, total = values(0.0)
    turned, _ = values(np.radians(degrees))
    assert straight[-1] > 0
    assert (np.abs(turned - straight) <= 0.01 * np.array(prices) * total).all()


@pytest.mark.parametrize("huge", [1e9, 1e12, 1e15, 1e18])
def test_one_huge_price_does_not_blur_the_others(huge):
    benefit = np.full((5, 5), np.nan)
    benefit[1:4, 1:4] = [[50, 3, 8], [21, 40, 5], [1, 13, 30]]
    closure = np.ones((5, 5))
    closure[3, 1] = huge
    problem = {"benefit": benefit, "holding": np.ones((5, 5)), "closure": closure, "cell_km": 1.0}
    everything = brute_force({**problem, "flank": np.ones((5, 5)), "projects": []})
    plan = frontier(**problem, step=0.0)
    cost = (plan.steps["holding"] + plan.steps["closure"]).to_numpy()
    for mu in [*plan.steps["mu"][:-1], 0.05, 0.2, 1.0, 5.0]:
        best = (mu * everything[:, 0] - everything[:, 1]).max()
        ours = (mu * plan.steps["benefit"].to_numpy() - cost).max(initial=0.0)
        assert ours == pytest.approx(best, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("wrong", [{"benefit": np.zeros((0, 0))}, {"projects": [5]}])
def test_what_has_no_shape_is_refused(wrong):
    shape = wrong.get("benefit", np.ones((1, 2))).shape
    fine = {"benefit": np.ones(shape), "holding": np.ones(shape), "closure": np.ones(shape)}
    with pytest.raises(InputError):
        frontier(**{**fine, "cell_km": 1.0, **wrong})
