"""Every sharing of small lines tried: the program finds the cheapest, also of raised limits."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from tests.tasks_checker import (
    HELP,
    ROLES,
    World,
    alone,
    bases,
    check,
    forces,
    line,
    offers,
    sharing,
)

from vallum.forces.tasks import share_out
from vallum.forces.tasks_settings import TasksSettings
from vallum.forces.tasks_units import cut

MAN = 10_000.0
NEAR = bases(AAA=(0.0, 14.0), BBB=(1.0, 16.0))
EXACT = {"gap": 0.0, "nodes": 100_000, "men_factors": (), "effects": ()}


def best(world, regime):
    """Try every sharing: the least cost within the limits, else with the price of raising them."""
    slots = [(sector, role) for sector in world.rows for role in ROLES]
    ways = [world.choices(regime, *slot) for slot in slots]
    least = world.spread(world.sums(alone(world))["used"])
    found = (True, np.inf)
    for choice in itertools.product(*ways):
        done = dict(zip(slots, choice, strict=True))
        taught = all(
            not done[s, "guard"][1].startswith("trained") or done[s, "training"][0] == "PPP"
            for s in world.rows
        )
        if not taught:
            continue
        sums = world.sums(done)
        fair = world.spread(sums["used"]) <= max(least, world.s.balance) + 1e-9
        if fair and not sums["barred"]:
            short = sums["relax"] > 1e-3
            found = min(found, (short, sums["cost"] + (sums["relax"] if short else 0.0)))
    return found


CASES = {
    "plenty": ({}, {}),
    "few men of one": ({("AAA", "men"): 480.0}, {}),
    "few companies": ({("AAA", "engineer_companies"): 0.2, ("BBB", "engineer_companies"): 0.7}, {}),
    "nobody has enough": ({("AAA", "men"): 300.0, ("BBB", "men"): 350.0}, {"balance": 1.0}),
    "balance binds": ({("AAA", "men"): 900.0, ("BBB", "men"): 900.0}, {"balance": 0.02}),
    "far from home": ({}, {"reach_km": 150.0}),
}


@pytest.mark.parametrize("name", CASES)
def test_joint_is_the_best_of_all_sharings(name):
    rows, changed = CASES[name]
    settings = TasksSettings(
        joint="none", abroad=("engineering", "supply", "medical", "reaction"), **EXACT, **changed
    )
    sectors = line(("AAA", "BBB"), men_guard=[150.0, 90.0], length_km=[60.0, 45.0])
    tables = (sectors, forces(rows), NEAR, offers({}), settings)
    tasks = share_out(*tables, members=("AAA", "BBB"), man_usd_yr=MAN)
    world = World(*tables, members=("AAA", "BBB"), man=MAN)
    short, total = best(world, "joint")
    joint = tasks.by_regime["joint"]
    check(world, joint)
    assert (joint.status == "short") == short
    assert joint.proven
    assert joint.cost_usd_yr + joint.relax_usd_yr == pytest.approx(total, rel=1e-7)
    assert joint.bound_usd_yr == pytest.approx(total, rel=1e-6)


def test_who_guards_a_joint_sector_is_the_best_of_all():
    settings = TasksSettings(joint="none", joint_sectors=("s1",), abroad=(), **EXACT)
    sectors = line(("AAA", "BBB"), lon=[0.0, 0.1])
    home = bases(AAA=(0.0, 15.0), BBB=(4.0, 15.0))  # BBB's is far: AAA does it all but staffs
    tables = (sectors, forces({}), home, offers({}), settings)
    tasks = share_out(*tables, members=("AAA", "BBB"), man_usd_yr=MAN)
    world = World(*tables, members=("AAA", "BBB"), man=MAN)
    _, cost = best(world, "joint")
    assert tasks.by_regime["joint"].cost_usd_yr == pytest.approx(cost, rel=1e-6)
    assert sharing(tasks.by_regime["joint"])["s1", "guard"][0] == "AAA"
    assert tasks.by_regime["joint"].handovers == 0
    assert tasks.by_regime["alone"].handovers == 1


@pytest.mark.parametrize(
    "rows", [{}, {("AAA", "men"): 260.0}, {("AAA", "trainers"): 1.0, ("AAA", "men"): 200.0}]
)
def test_with_the_partner_is_the_best_of_all_sharings(rows):
    settings = TasksSettings(joint="none", abroad=(), staff_men=1.0, **EXACT)
    tables = (line(("AAA", "AAA")), forces(rows), NEAR, offers(HELP), settings)
    tasks = share_out(*tables, members=("AAA",), man_usd_yr=MAN)
    world = World(*tables, members=("AAA",), man=MAN)
    short, total = best(world, "joint_with_partner")
    helped = tasks.by_regime["joint_with_partner"]
    check(world, helped)
    assert (helped.status == "short") == short
    assert helped.cost_usd_yr + helped.relax_usd_yr == pytest.approx(total, rel=1e-7)


def test_stretches_are_the_fewest_and_the_most_even():
    rng = np.random.default_rng(7)
    for _ in range(60):
        count = int(rng.integers(1, 9))
        men, km = rng.uniform(0.1, 3.0, count), rng.uniform(0.1, 2.0, count)
        ends = cut(men, km, 4.0, 3.0)
        found = (np.inf, np.inf)
        for size in range(count):
            for inner in itertools.combinations(range(1, count), size):
                edges = [0, *inner, count]
                loads = [men[a:b].sum() for a, b in itertools.pairwise(edges)]
                ways = [km[a:b].sum() for a, b in itertools.pairwise(edges)]
                if max(loads) <= 4.0 and max(ways) <= 3.0:
                    found = min(found, (size + 1, sum(load**2 for load in loads)))
        edges = [0, *ends.tolist()]
        loads = [men[a:b].sum() for a, b in itertools.pairwise(edges)]
        assert len(ends) == found[0]
        assert sum(load**2 for load in loads) == pytest.approx(found[1])
