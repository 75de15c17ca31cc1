"""What always holds of law and people: nothing barred enters, nobody fleeing is shut out."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vallum.errors import BarredError
from vallum.kernel.figures import Range
from vallum.works import WorksSettings, load_catalogue
from vallum.works.catalogue import Catalogue, Item
from vallum.works.compose import lawful
from vallum.works.duties import KINDS, bound_duties, refuse_closing
from vallum.works.law import WEAPONS, barred, legal_status, load_law, refuse
from vallum.works.people import crossed, gate_density, load_people, people_at_line

BUILT_IN = load_catalogue()
LAW = load_law()
FIGURES = load_people()
STATES = [*LAW.status, "USA", "XXX"]
SLACK = 1e-9

codes = st.lists(st.sampled_from(STATES), max_size=4, unique=True)
shut = st.sets(st.sampled_from(["road", "herders", "traders"]))
many = st.one_of(st.just(0.0), st.floats(1e-6, 1e6))


@st.composite
def ranges(draw, least=0.0, most=1e6):
    low, mode, high = sorted(draw(st.tuples(*[st.floats(least, most)] * 3)))
    return Range(low, mode, high, "judgement: a test")


@st.composite
def catalogues(draw):
    """Gates that together serve everybody, as many and as mixed as may be."""
    items = {}
    for n in range(draw(st.integers(1, 4))):
        serves = draw(st.sets(st.sampled_from(KINDS), min_size=1)) if n else set(KINDS)
        items[f"gate_{n}"] = Item(
            id=f"gate_{n}", text="", role="gate", unit="site", ground=frozenset({"sand"}),
            capital_usd=draw(ranges()), life_yr=draw(ranges(1, 50)),
            upkeep_usd_yr=draw(ranges()), men=draw(ranges(0, 50)), serves=frozenset(serves),
            journeys_yr=draw(ranges(1, 1e6)), search=draw(ranges(0, 1)),
        )  # fmt: skip
    return Catalogue(MappingProxyType(items), MappingProxyType({}))


@st.composite
def scenes(draw):
    """Journeys and roads on two cells, and how far the journeys are known."""
    kinds = draw(st.sets(st.sampled_from(["herders", "traders", "fleeing"])))
    journeys = {k: np.array([[draw(many), draw(many)]]) for k in sorted(kinds)}
    roads = {c: np.array([[draw(st.floats(0, 1)), 0.0]]) for c in (1, 2, 3)}
    ends = {k: (draw(st.floats(0.1, 1)), draw(st.floats(1, 10))) for k in sorted(kinds)}
    return journeys, roads, ends


def line(scene, catalogue, closed=(), seen=0.5):
    journeys, roads, ends = scene
    over = crossed(journeys, roads, 5.0, ends=ends)
    gates = gate_density(over, catalogue, FIGURES, WorksSettings(), closed=sorted(closed))
    length, rate = np.array([[5.0, 2.0]]), np.full((1, 2), seen)
    return gates, people_at_line(length, gates, rate, FIGURES, p_e=rate)


@given(
    st.sampled_from([*BUILT_IN.items.values()]),
    st.sampled_from([*WEAPONS, "acid"]),
    codes,
    st.sampled_from(["barrier", "sensor", "track", "fort", "fitting", "gate", "mine"]),
)
def test_no_scenario_contains_a_barred_item(item, weapon, states, role):
    """Whatever it is called, whoever asks, however cheap."""
    free = Range(0.0, 0.0, 0.0, "judgement: a test")
    armed = replace(item, id="gravel", weapon=weapon, role=role, capital_usd=free, men=free)
    book = replace(BUILT_IN, items=MappingProxyType({**BUILT_IN.items, "gravel": armed}))
    assert not any(each.weapon or each.role == "mine" for each in lawful(book, states))
    assert barred(armed, states) is not None
    assert set(legal_status([armed], states)["status"]) <= {"barred"}
    with pytest.raises(BarredError):
        refuse([armed], states, where="include")


@given(codes, shut)
def test_nobody_fleeing_is_shut_out(states, closed):
    refuse_closing(sorted(closed), LAW.duties, states)
    with pytest.raises(BarredError, match="fleeing"):
        refuse_closing([*sorted(closed), "fleeing"], LAW.duties, states)
    assert bound_duties(LAW.duties, states, serves="fleeing")


@settings(max_examples=60, deadline=None)
@given(scenes(), catalogues(), shut)
def test_where_anyone_flees_a_gate_is_open_to_them_in_every_plan(scene, catalogue, closed):
    gates, found = line(scene, catalogue, closed)
    flee = gates.crossed.journeys["fleeing"]
    assert (gates.of_kind("fleeing")[flee > 0] > 0).all()
    assert not found.table.loc["fleeing", "closed"]
    assert found.table.loc["fleeing", "cut_off_high"] == 0


@settings(max_examples=60, deadline=None)
@given(scenes(), catalogues(), shut, st.sampled_from(["road", "herders", "traders"]))
def test_closing_a_gate_never_lowers_who_is_cut_off_nor_adds_gates(scene, catalogue, closed, kind):
    before, opened = line(scene, catalogue, closed)
    after, closer = line(scene, catalogue, closed | {kind})
    for name in ("cut_off_low", "people_cut_off_mid", "people_cut_off_high", "challenges_mid"):
        assert (closer.table[name] >= opened.table[name] * (1 - SLACK)).all()
    for key, counts in after.per_km.items():
        assert (counts <= before.per_km[key] * (1 + SLACK)).all()
    assert closer.cost_usd_yr[1] <= opened.cost_usd_yr[1] * (1 + SLACK) + SLACK


@settings(max_examples=60, deadline=None)
@given(scenes(), catalogues(), st.sampled_from(["herders", "traders", "fleeing"]), many)
def test_more_journeys_never_fewer_gates_nor_less_harm(scene, catalogue, kind, gain):
    journeys, roads, ends = scene
    grown = {**journeys, kind: journeys.get(kind, np.zeros((1, 2))) + gain}
    before, some = line(scene, catalogue)
    after, more = line((grown, roads, ends), catalogue)
    for key, counts in before.per_km.items():
        assert (after.per_km[key] >= counts * (1 - SLACK)).all()
    for name in ("gates", "challenges_mid", "harmed_mid", "people_mid"):
        assert (more.table[name] >= some.table[name] * (1 - SLACK)).all()


@settings(max_examples=60, deadline=None)
@given(scenes(), catalogues(), shut, st.floats(0, 1), st.floats(0, 1))
def test_ends_enclose_the_mid_and_who_sees_more_challenges_more(scene, catalogue, closed, a, b):
    less, more = (line(scene, catalogue, closed, seen)[1] for seen in sorted((a, b)))
    for name in ("journeys", "people", "cut_off", "people_cut_off", "challenges", "harmed"):
        ends = more.table[[f"{name}_{end}" for end in ("low", "mid", "high")]].to_numpy(float)
        assert (np.diff(ends, axis=1) >= -SLACK * (1 + ends[:, 1:])).all()
    assert list(np.sort(more.cost_usd_yr)) == list(more.cost_usd_yr)
    assert (more.table["challenges_mid"] >= less.table["challenges_mid"]).all()
    share = more.gates["weakest_share"].dropna()
    assert ((share >= 0) & (share <= 1 + SLACK)).all()


@settings(max_examples=30, deadline=None)
@given(scenes(), catalogues(), shut)
def test_the_same_again_gives_the_same_bytes(scene, catalogue, closed):
    first, second = (line(scene, catalogue, closed)[1] for _ in range(2))
    assert first.table.equals(second.table)
    assert first.cost_usd_yr == second.cost_usd_yr
