"""Who does what: needs and costs by hand, what is refused, what is short, and what is unknown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from tests.tasks_checker import HELP, World, alone, bases, check, forces, line, offers

from vallum.errors import InfeasibleError, InputError
from vallum.forces.roles import demands
from vallum.forces.tasks import share_out
from vallum.forces.tasks_means import resolve
from vallum.forces.tasks_settings import ROLES, TasksSettings, assumptions
from vallum.theatre import means as tables

MAN = 10_000.0
TWO = ("AAA", "BBB")
NEAR = bases(AAA=(0.0, 15.0), BBB=(1.0, 15.0))
EMPTY = (tables.no_forces(), tables.no_bases(), tables.no_offer())


def shared(sectors, rows=None, home=NEAR, brought=None, members=TWO, **changed):
    settings = TasksSettings(**{"men_factors": (), "effects": (), **changed})
    given = (sectors, forces(rows or {}), home, offers(brought or {}), settings)
    return share_out(*given, members=members, man_usd_yr=MAN), World(
        *given, members=members, man=MAN
    )


def test_needs_by_hand():
    sectors = line(("AAA",), length_km=100.0, men_guard=400.0, company_days=2100.0, gates=2.0)
    settings = TasksSettings(
        rotation=1.5, reaction_men=50, company_men=100, company_days_yr=210, build_yr=5,
        train_every_yr=2, men_per_trainer=10, air_km=50, air_men=10, supply_men=0.5,
        medics_per_man=0.02, liaison_men=4, gate_men=25,
    )  # fmt: skip
    found = demands(sectors, settings).loc["s0"]
    # armed: 400 guards, 50 who react, 50 at two gates
    assert list(found.index) == list(ROLES)
    wanted = {
        "guard": 600, "reaction": 75, "engineering": 1.5 * 2 * 100, "training": 1.5 * 450 / 20,
        "intelligence": 1.5 * 2 * 10, "supply": 1.5 * 500 * 0.5, "medical": 1.5 * 500 * 0.02,
        "liaison": 6, "gates": 75,
    }  # fmt: skip
    assert found["men"].to_dict() == pytest.approx(wanted)
    assert found.loc["engineering", ["engineer_companies", "plant_sets"]].tolist() == [2, 2]
    assert found.loc["intelligence", "air_sets"] == 2
    assert found.loc["medical", "medics"] == found.loc["medical", "men"]
    assert found["engineer_companies"].sum() == 2


def test_alone_costs_what_the_hand_says():
    tasks, _ = shared(line(("AAA",), lon=0.0), home=bases(AAA=(0.0, 15.0)), members=("AAA",))
    only = tasks.by_regime["alone"]
    settings = TasksSettings()
    men = demands(line(("AAA",)), settings)["men"].sum() + 5 * settings.staff_men
    assert only.men == pytest.approx(men)
    assert only.cost_usd_yr == pytest.approx(men * MAN)  # at its base: nothing to haul
    assert only.status == "optimal"
    assert only.gap == 0


def test_distance_costs_its_haul():
    here, _ = shared(line(("AAA",)), home=bases(AAA=(0.0, 15.0)), members=("AAA",))
    there, _ = shared(line(("AAA",)), home=bases(AAA=(0.0, 16.0)), members=("AAA",))
    settings = TasksSettings()
    men = here.by_regime["alone"].table["men"].sum()
    km = np.pi / 180 * 6371.0
    more = there.by_regime["alone"].cost_usd_yr - here.by_regime["alone"].cost_usd_yr
    assert more == pytest.approx(men * km * settings.usd_man_km)
    assert settings.usd_man_km == pytest.approx(20 * 365 / 1000 * 0.13)


def test_nobody_guards_anothers_ground_unless_it_is_joint():
    sectors = line(("AAA", "AAA", "BBB", "BBB"))
    rows = {("AAA", "men"): 200.0}
    far = bases(AAA=(0.0, 17.0), BBB=(1.0, 15.0))
    apart, world = shared(sectors, rows, far, joint="none", balance=1.0)
    check(world, apart.by_regime["joint"])
    guards = apart.by_regime["joint"].table.query("role == 'guard'").set_index("sector")
    assert guards["state"].tolist() == ["AAA", "AAA", "BBB", "BBB"]
    met, world = shared(sectors, rows, far, joint="border", balance=1.0)
    check(world, met.by_regime["joint"])
    guards = met.by_regime["joint"].table.query("role == 'guard'").set_index("sector")
    assert guards["state"]["s0"] == "AAA"
    assert guards["state"]["s1"] == "BBB"
    assert met.by_regime["joint"].relax_usd_yr < apart.by_regime["joint"].relax_usd_yr


def test_one_school_serves_two_states():
    tasks, _ = shared(line(TWO), joint="none", abroad=("training",), handover_men=0)
    apart, joint = tasks.by_regime["alone"], tasks.by_regime["joint"]
    trainers = joint.table.query("role == 'training'")
    assert len(set(trainers["state"])) == 1
    saved = apart.cost_usd_yr - joint.cost_usd_yr
    assert 0.9 * 60 * MAN < saved <= 60 * MAN  # a staff of 60, less the haul


def test_what_is_short_is_said_with_the_price_of_raising_it():
    rows = {("AAA", "men"): 300.0, ("AAA", "engineer_companies"): 0.25}
    tasks, world = shared(line(("AAA",)), rows, members=("AAA",))
    only = tasks.by_regime["alone"]
    check(world, only)
    assert only.status == "short"
    short = only.shortages.set_index("need")
    needs = world.sums({("s0", role): ("AAA", "plain") for role in ROLES})["used"]
    assert short["short"]["men"] == pytest.approx(needs["AAA", "men"] - 300)
    assert short["short"]["engineer_companies"] == pytest.approx(500 / 1050 - 0.25)
    assert short["usd_yr"].sum() == pytest.approx(only.relax_usd_yr)
    assert short["usd_yr"]["men"] == pytest.approx(short["short"]["men"] * MAN * 1.5)
    with pytest.raises(InfeasibleError, match=r"men: .* are needed and 300.0 are there: .* short"):
        only.refuse()
    enough, _ = shared(line(("AAA",)), {}, members=("AAA",))
    enough.by_regime["alone"].refuse()


def test_a_line_out_of_reach_asks_for_a_base():
    tasks, world = shared(line(("AAA",)), home=bases(AAA=(0.0, 25.0)), members=("AAA",))
    only = tasks.by_regime["alone"]
    check(world, only)
    (row,) = only.shortages.to_dict("records")
    assert row["need"] == "base"
    assert row["short"] == pytest.approx(10 * np.pi / 180 * 6371 - 500)


def test_the_partner_makes_up_what_is_short():
    rows = {("AAA", "trainers"): 0.0, ("AAA", "air_sets"): 0.0}
    tasks, world = shared(line(("AAA",)), rows, brought=HELP, members=("AAA",))
    helped = tasks.by_regime["joint_with_partner"]
    check(world, helped)
    assert tasks.by_regime["joint"].status == "short"
    assert helped.status == "optimal"
    by_role = helped.table.set_index("role")["state"]
    assert by_role["training"] == by_role["intelligence"] == "PPP"
    assert helped.partner_usd_yr > 0
    row = tasks.regimes.set_index("regime").loc["joint_with_partner"]
    assert row["members_usd_yr"] + row["partner_usd_yr"] == pytest.approx(row["cost_usd_yr"])


def test_help_that_costs_more_than_it_saves_is_left():
    dear = {key: value * 1000 if key[1] == "cost_usd_yr" else value for key, value in HELP.items()}
    tasks, _ = shared(line(("AAA",)), brought=dear, members=("AAA",))
    helped = tasks.by_regime["joint_with_partner"]
    assert helped.partner_usd_yr == 0
    assert helped.cost_usd_yr == tasks.by_regime["joint"].cost_usd_yr


def test_the_build_rate_counts_the_partners_companies():
    rows = {("AAA", "engineer_companies"): 4.0}
    tasks, _ = shared(line(("AAA",)), rows, brought=HELP, members=("AAA",))
    assert tasks.regimes["build_rate"].tolist() == [1.0, 1.0, 1.25]


def test_fewer_men_are_shown():
    _, world = shared(line(TWO))
    men = world.sums(alone(world))["used"]["AAA", "men"] * 1.1
    tasks, _ = shared(line(TWO), {("AAA", "men"): men}, men_factors=(0.7, 1.3), joint="none")
    table = tasks.sensitivity
    assert table["men_factor"].tolist() == [1.0] * 3 + [0.7] * 3 + [1.3] * 3
    by = table[table["regime"] == "alone"].set_index("men_factor")
    assert by["status"].to_dict() == {0.7: "short", 1.0: "optimal", 1.3: "optimal"}
    assert "AAA men" in by["short"][0.7]
    assert len(set(by["cost_usd_yr"])) == 1


def test_without_tables_nothing_is_limited_and_that_is_said():
    tasks = share_out(line(TWO), *EMPTY, TasksSettings(), members=TWO, man_usd_yr=MAN)
    assert (tasks.regimes["status"] == "optimal").all()
    said = " ".join(tasks.unknown)
    for text in ("AAA: no figure for men", "BBB: no home bases known", "no offer of a partner"):
        assert text in said


def test_figures_are_overridden_and_in_the_ledger():
    rows = forces({("AAA", "men"): 1000.0, ("AAA", "line_share"): 0.5})
    settings = TasksSettings(means={"AAA.men": 3000}, offer={"trainers.number": 0})
    found = resolve(("AAA",), rows, offers(HELP), settings)
    assert found.limits["AAA", "men"] == 1500
    assert ("trainers", "number") not in found.offer
    assert ("sensors", "number") in found.offer
    ledger = {row.key: row.value for row in found.ledger}
    assert ledger["tasks.means.AAA.men"] == 3000
    assert ledger["tasks.offer.trainers.number"] == 0
    assert all(row.low <= row.value <= row.high for row in assumptions(TasksSettings()))


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"means": {"AAA.mne": 1}}, "did you mean 'AAA.men'"),
        ({"means": {"ZZZ.men": 1}}, "no figure 'ZZZ.men'"),
        ({"offer": {"trainers.numbr": 1}}, "did you mean 'trainers.number'"),
        ({"joint_sectors": ("s9",)}, "no sector 's9'"),
    ],
)
def test_settings_that_name_nothing_are_refused(changed, found):
    with pytest.raises(InputError, match=found):
        shared(line(TWO), **changed)


@pytest.mark.parametrize("role", ["guard", "reaction", "gates"])
def test_the_partner_never_stands_on_the_line(role):
    with pytest.raises(ValidationError, match="does not stand on the line"):
        TasksSettings(partner_roles=(role,))


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"state": ["AAA", "CCC"]}, "'CCC' is no member"),
        ({"sector": ["s0", "s0"]}, "more than one row"),
        ({"men_guard": [1.0, -1.0]}, "not a number from 0 up"),
        ({"length_km": [1.0, np.nan]}, "not a number from 0 up"),
        ({"gates": [1.0, np.inf]}, "not a number from 0 up"),
        ({"next": ["s7", None]}, "no sector 's7'"),
        ({"next": [None, None]}, "does not name it back"),
        ({"lat": [15.0, 95.0]}, "no place"),
    ],
)
def test_sectors_are_checked(change, found):
    with pytest.raises(InputError, match=found):
        shared(line(TWO).assign(**change))
    with pytest.raises(InputError, match="the column is missing"):
        shared(line(TWO).drop(columns="men_guard"))
    with pytest.raises(InputError, match="no sectors"):
        shared(line(TWO).iloc[:0])


def test_units_of_a_ring_and_of_two_lines():
    ring = line(("AAA",) * 3, men_guard=400.0)
    ring.loc[0, "previous"], ring.loc[2, "next"] = "s2", "s0"
    other = line(("BBB",), men_guard=100.0).assign(sector="t0", line=1)
    tasks, _ = shared(pd.concat([ring, other], ignore_index=True), unit_men=700.0)
    # 1,800 paid men in a ring of 150 km: three units of 600; 150 men of the other line: one
    assert tasks.units["men"].tolist() == pytest.approx([600, 600, 600, 150])
    assert tasks.units["line"].tolist() == [0, 0, 0, 1]
    assert tasks.units["unit"].tolist() == [1, 2, 3, 4]


def test_the_sahels_tables_are_shared_out(sahel):
    owners = ["MRT"] * 4 + ["MLI"] * 6
    sectors = line(owners, lon=np.linspace(-11.5, -4.5, 10), lat=15.2, men_guard=200.0)
    given = (sectors, sahel.forces, sahel.bases, sahel.offer, TasksSettings())
    tasks = share_out(*given, members=sahel.members, man_usd_yr=17_136.0)
    world = World(*given, members=sahel.members, man=17_136.0)
    for regime in tasks.by_regime.values():
        check(world, regime)
    assert tasks.unknown == ()
    assert tasks.regimes["cost_usd_yr"].is_monotonic_decreasing
    assert tasks.sensitivity["men_factor"].nunique() == 3
    assert tasks.sensitivity["effects"].tolist() == ["mode"] * 9 + ["low", "high"]
    low, high = tasks.sensitivity["cost_usd_yr"].tolist()[-2:]
    assert high < tasks.by_regime["joint_with_partner"].cost_usd_yr <= low
    assert low <= tasks.by_regime["joint"].cost_usd_yr
    assert set(tasks.table["regime"]) == set(tasks.by_regime)


def test_sectors_may_be_numbers():
    names = line(TWO)
    numbers = names.assign(sector=[0, 1], previous=[np.nan, 0.0], next=[1.0, np.nan])
    one, _ = shared(names)
    two, _ = shared(numbers)
    assert set(two.table["sector"]) == {"0", "1"}
    assert two.regimes["cost_usd_yr"].tolist() == one.regimes["cost_usd_yr"].tolist()


def test_effects_set_by_hand_have_no_range():
    changed = {"offer": {"trainers.effect": 0.15}, "effects": ("low", "high")}
    wide = {**HELP, ("sensors", "number"): 0.0}
    tasks, _ = shared(line(("AAA",)), brought=wide, members=("AAA",), **changed)
    assert len(set(tasks.sensitivity["cost_usd_yr"].tolist()[-2:])) == 1
