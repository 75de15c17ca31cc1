"""What must hold of every sharing of tasks: roles once, limits, ground, and no regime dearer."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tasks_checker import HELP, World, bases, check, forces, line, offers

from vallum.forces.tasks import share_out
from vallum.forces.tasks_settings import TasksSettings

MEMBERS = ("AAA", "BBB")
NEAR = bases(AAA=(0.0, 14.0), BBB=(2.0, 16.0))


@st.composite
def cases(draw):
    count = draw(st.integers(1, 5))
    amount = st.floats(0.0, 300.0).map(lambda value: round(value, 1))
    sectors = line(
        draw(st.lists(st.sampled_from(MEMBERS), min_size=count, max_size=count)),
        men_guard=[draw(amount) for _ in range(count)],
        length_km=[5.0 + draw(amount) / 3 for _ in range(count)],
        company_days=[5 * draw(amount) for _ in range(count)],
        reaction_bases=[draw(st.integers(0, 2)) for _ in range(count)],
    )
    if draw(st.booleans()):  # a closed line
        sectors.loc[0, "previous"] = sectors["sector"].iloc[-1]
        sectors.loc[count - 1, "next"] = sectors["sector"].iloc[0]
    rows = {
        ("AAA", "men"): draw(st.floats(100, 4000)),
        ("BBB", "men"): draw(st.floats(100, 4000)),
        ("AAA", "line_share"): draw(st.floats(0.2, 1.0)),
        ("AAA", "engineer_companies"): draw(st.floats(0.1, 3.0)),
        ("BBB", "trainers"): draw(st.floats(0.5, 30.0)),
    }
    kept = {key: value for key, value in rows.items() if draw(st.booleans())}
    offer = offers(HELP if draw(st.booleans()) else {})
    chosen = TasksSettings(
        joint=draw(st.sampled_from(("none", "border", "all"))),
        balance=draw(st.sampled_from((0.0, 0.25, 1.0))),
        reach_km=draw(st.sampled_from((100.0, 500.0))),
        men_factors=draw(st.sampled_from(((), (0.7,)))),
        effects=(),
        nodes=draw(st.sampled_from((1, 200))),
    )
    return sectors, forces(kept), NEAR, offer, chosen


def whole_line_in_units(tasks, case):
    """Units hold the whole line, in stretches that one unit can hold."""
    sectors, *_, chosen = case
    guards = tasks.by_regime["joint_with_partner"].table.query("role == 'guard'")
    who = guards.set_index("sector")["state"]
    units = tasks.units
    assert abs(units["length_km"].sum() - sectors["length_km"].sum()) < 1e-6
    assert abs(units["men"].sum() - guards["men"].sum()) < 1e-6
    assert (units["men"] <= chosen.unit_men * (1 + 1e-6)).all()
    assert (units["length_km"] <= chosen.unit_km * (1 + 1e-6)).all()
    order = sectors["sector"].tolist()
    for _, unit in units.iterrows():
        first, last = order.index(unit["from_sector"]), order.index(unit["to_sector"])
        within = [*order[first:], *order[: last + 1]] if last < first else order[first : last + 1]
        assert {who[name] for name in within} == {unit["state"]}


@settings(max_examples=15, deadline=None)
@given(cases())
def test_every_regime_holds_and_none_is_dearer_than_the_one_before(case):
    tasks = share_out(*case, members=MEMBERS, man_usd_yr=9_000.0)
    world = World(*case, members=MEMBERS, man=9_000.0)
    before = None
    for regime in tasks.by_regime.values():
        check(world, regime)
        if before is not None:
            total, least = (r.cost_usd_yr + r.relax_usd_yr for r in (regime, before))
            assert total <= least * (1 + 1e-9)
            if before.status != "short":  # the same line and standard
                assert regime.status != "short"
                assert regime.cost_usd_yr <= before.cost_usd_yr * (1 + 1e-9)
        before = regime
    whole_line_in_units(tasks, case)
    again = share_out(*case, members=MEMBERS, man_usd_yr=9_000.0)
    pd.testing.assert_frame_equal(tasks.table, again.table, check_exact=True)
    pd.testing.assert_frame_equal(tasks.regimes, again.regimes, check_exact=True)
