"""What holds for every crossing, every price and every setting."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vallum.errors import BarredError, InfeasibleError
from vallum.works import WorksSettings, bill_of, interruption, load_catalogue, plain_ground, price
from vallum.works.cost import annuity, price_items, sinking
from vallum.works.easi import AFTER_DETECTION, interruption_array
from vallum.works.law import barred

CATALOGUE = load_catalogue()
MINES = {item.id for item in CATALOGUE.items.values() if item.role == "mine"}
LAWFUL = sorted(set(CATALOGUE.items) - MINES)
# what may be excluded: fittings come with the items that need them
CHOSEN = [key for key in LAWFUL if CATALOGUE.items[key].role != "fitting"]
SLACK = 1e-9

probability = st.one_of(st.sampled_from([0.0, 1.0, 0.5]), st.floats(0, 1))
seconds = st.one_of(st.integers(0, 600).map(float), st.floats(0, 1e4, allow_subnormal=False))
where = st.sampled_from(sorted(AFTER_DETECTION))
task = st.tuples(probability, seconds, seconds, where)
crossing = st.lists(task, min_size=1, max_size=6)
response = st.fixed_dictionaries(
    {"communication": probability, "response_s": seconds, "response_sd_s": seconds}
)
codes = st.lists(st.sampled_from(["MLI", "MRT", "MAR", "DZA", "USA", "XXX"]), max_size=4)


@given(crossing, response)
def test_it_is_a_probability_no_greater_than_communication(tasks, case):
    assert 0 <= interruption(tasks, **case) <= case["communication"]


@given(crossing, response, seconds)
def test_faster_response_never_interrupts_less(tasks, case, gain):
    faster = {**case, "response_s": max(0.0, case["response_s"] - gain)}
    assert interruption(tasks, **faster) >= interruption(tasks, **case) - SLACK


@given(crossing, response, probability)
def test_better_communication_never_interrupts_less(tasks, case, other):
    low, high = sorted([case["communication"], other])
    worse = interruption(tasks, **{**case, "communication": low})
    assert interruption(tasks, **{**case, "communication": high}) >= worse - SLACK


@given(crossing, response, st.data(), seconds)
def test_more_delay_never_interrupts_less(tasks, case, data, gain):
    """Of any task, detected or not, with the deviations as they are."""
    n = data.draw(st.integers(0, len(tasks) - 1))
    d, t, s, g = tasks[n]
    slower = [*tasks[:n], (d, t + gain, s, g), *tasks[n + 1 :]]
    assert interruption(slower, **case) >= interruption(tasks, **case) - SLACK


def standing(tasks, case):
    """z of every task: how many deviations the response has in hand."""
    out = []
    for n, (_, t, s, g) in enumerate(tasks):
        share = AFTER_DETECTION[g]
        left = share * t + sum(later[1] for later in tasks[n + 1 :])
        spread = math.sqrt(
            (share * s) ** 2
            + sum(later[2] ** 2 for later in tasks[n + 1 :])
            + case["response_sd_s"] ** 2
        )
        margin = left - case["response_s"]
        out.append(margin / spread if spread else math.copysign(math.inf, margin) if margin else 0)
    return out


@given(crossing, response, st.data(), probability)
def test_more_detection_never_interrupts_less_where_it_comes_no_later(tasks, case, data, other):
    """For a task that no later detection stands better than: z_i ≥ z_j for j > i with D_j > 0."""
    n = data.draw(st.integers(0, len(tasks) - 1))
    d, t, s, g = tasks[n]
    z = standing(tasks, case)
    assume(all(z[n] >= z[j] for j in range(n + 1, len(tasks)) if tasks[j][0] > 0))
    low, high = sorted([d, other])
    less = interruption([*tasks[:n], (low, t, s, g), *tasks[n + 1 :]], **case)
    more = interruption([*tasks[:n], (high, t, s, g), *tasks[n + 1 :]], **case)
    assert more >= less - SLACK


@given(crossing, response, st.data(), probability)
def test_so_it_holds_always_where_delays_are_sure(tasks, case, data, other):
    sure = [(d, t, 0.0, g) for d, t, _, g in tasks]
    n = data.draw(st.integers(0, len(sure) - 1))
    d, t, s, g = sure[n]
    low, high = sorted([d, other])
    less = interruption([*sure[:n], (low, t, s, g), *sure[n + 1 :]], **case)
    more = interruption([*sure[:n], (high, t, s, g), *sure[n + 1 :]], **case)
    assert more >= less - SLACK


@given(st.lists(crossing, min_size=1, max_size=4), response)
def test_many_at_once_equal_one_by_one(crossings, case):
    most = max(len(tasks) for tasks in crossings)
    arrays = np.zeros((4, len(crossings), most))
    for n, tasks in enumerate(crossings):
        for k, (d, t, s, g) in enumerate(tasks):
            arrays[:, n, k] = d, t, s, AFTER_DETECTION[g]
    got = interruption_array(*arrays, **{key: np.float64(value) for key, value in case.items()})
    assert got == pytest.approx([interruption(tasks, **case) for tasks in crossings], abs=1e-12)


@given(st.floats(1e-6, 1), st.floats(0.5, 100))
def test_annuity_pays_back_the_capital_and_the_interest(rate, life):
    assert annuity(rate, life) == pytest.approx(float(sinking(rate, life)) + rate, rel=1e-6)
    assert float(annuity(rate, life)) >= 1 / life - SLACK


@st.composite
def works_settings(draw):
    """Any settings, over any part of the catalogue."""
    include = draw(st.none() | st.lists(st.sampled_from(LAWFUL), unique=True).map(tuple))
    spacing = st.sampled_from([5.0, 10.0, 20.0, 40.0])
    return WorksSettings(
        standard=draw(st.floats(0.05, 0.95)),
        where_short=draw(st.sampled_from(["avoid", "use"])),
        discount_rate=draw(st.floats(0, 0.3)),
        man_year_usd=draw(st.floats(0, 1e5)),
        haul_usd_tkm=draw(st.floats(0, 2)),
        rotation=draw(st.floats(1, 4)),
        communication=draw(probability),
        neutralisation=draw(st.none() | probability),
        band_men=draw(st.floats(1, 60)),
        covered=draw(st.booleans()),
        met_inside=draw(st.booleans()),
        depth_km=draw(st.floats(0, 50)),
        fort_spacings_km=draw(st.lists(spacing, min_size=1, max_size=2, unique=True).map(tuple)),
        sensor_spacings_km=draw(st.lists(spacing, max_size=1).map(tuple)),
        max_barriers=draw(st.integers(0, 3)),
        include=include,
        exclude=draw(st.lists(st.sampled_from([*CHOSEN, *MINES]), max_size=2).map(tuple)),
    )


def priced(chosen, surface, states, catalogue=CATALOGUE):
    """The works, or None where the settings leave none."""
    try:
        ground = plain_ground([[surface]])
        return price(ground, settings=chosen, states=states, catalogue=catalogue)
    except InfeasibleError:
        return None


surfaces = st.sampled_from([1, 2, 3, 4])


@settings(deadline=None, max_examples=30)
@given(works_settings(), surfaces, codes, st.floats(0, 1))
def test_nothing_barred_is_ever_in_the_works_nor_in_their_bill(chosen, surface, states, share):
    works = priced(chosen, surface, states)
    if works is None:
        return
    bill = bill_of(works, chosen, length_km=np.array([7.0]), built_km=np.array([7.0 * share]))
    used = {key for each in works.choices for key in each.quantities}
    fittings = {CATALOGUE.items[key].wadi for key in used}
    assert set(bill.items.index) <= used | fittings
    assert not (used | fittings) & MINES
    for key in used:
        assert barred(CATALOGUE.items[key], states) is None
        assert works.compositions["surface"].iloc[0] in CATALOGUE.items[key].ground
        assert chosen.include is None or key in chosen.include
        assert key not in chosen.exclude
    assert set(works.barred.index) >= MINES
    assert works.barred["rule"].isin(["mbc_1", "vallum_no_mines"]).all()


@settings(deadline=None, max_examples=30)
@given(works_settings(), codes, st.sampled_from(sorted(MINES)))
def test_asking_for_a_mine_is_always_refused(chosen, states, mine):
    asked = chosen.model_copy(update={"include": (*(chosen.include or ()), mine)})
    with pytest.raises(BarredError, match=r"mbc_1|vallum_no_mines"):
        price(plain_ground([[3]]), settings=asked, states=states)


@settings(deadline=None, max_examples=15)
@given(works_settings(), surfaces, st.floats(0.05, 0.95))
def test_a_higher_standard_is_never_cheaper(chosen, surface, other):
    low, high = sorted([chosen.standard, other])
    use = chosen.model_copy(update={"where_short": "use"})
    lax, strict = (
        priced(use.model_copy(update={"standard": p}), surface, ["MLI"]) for p in (low, high)
    )
    if lax is None or strict is None:
        assert lax is strict
        return
    assert strict.closure_usd_km_yr[0, 0] >= lax.closure_usd_km_yr[0, 0] - 1e-6
    assert strict.effectiveness[0, 0] >= lax.effectiveness[0, 0] - SLACK
    if strict.standard_met[0, 0]:
        assert lax.standard_met[0, 0]
        assert strict.effectiveness[0, 0] >= high - SLACK


@settings(deadline=None, max_examples=15)
@given(works_settings(), surfaces, st.sampled_from(LAWFUL), st.floats(0, 1))
def test_a_cheaper_item_never_makes_a_dearer_line(chosen, surface, key, share):
    item = CATALOGUE.items[key]
    capital = item.capital_usd
    less = replace(
        capital, low=share * capital.low, mode=share * capital.mode, high=share * capital.high
    )
    items = MappingProxyType({**CATALOGUE.items, key: replace(item, capital_usd=less)})
    before = priced(chosen, surface, ["MLI"])
    after = priced(chosen, surface, ["MLI"], replace(CATALOGUE, items=items))
    if before is None or after is None:
        assert before is after
        return
    assert after.closure_usd_km_yr[0, 0] <= before.closure_usd_km_yr[0, 0] * (1 + 1e-9) + 1e-6


@settings(deadline=None, max_examples=10)
@given(works_settings(), surfaces)
def test_the_ends_of_a_composition_hold_what_is_between_them(chosen, surface):
    works = priced(chosen, surface, ["MLI"])
    if works is None:
        return
    row = works.compositions.iloc[0]
    for low, mid, high in (
        ("cost_low_usd_km_yr", "cost_usd_km_yr", "cost_high_usd_km_yr"),
        ("p_i_low", "p_i", "p_i_high"),
        ("p_e_low", "p_e", "p_e_high"),
    ):
        assert 0 <= row[low] <= row[mid] + SLACK
        assert row[mid] <= row[high] + SLACK
    assert row["p_i_high"] <= 1
    assert row["p_e_high"] <= 1
    assert 0 <= row["seen"] <= chosen.communication


@settings(deadline=None, max_examples=40)
@given(works_settings())
def test_the_range_holds_the_price(chosen):
    items = [CATALOGUE.items[key] for key in [*LAWFUL, *sorted(MINES)]]
    cost = price_items(items, np.eye(len(items)), chosen)
    assert (cost.low >= 0).all()
    assert (cost.low <= cost.mode + 1e-9).all()
    assert (cost.mode <= cost.high + 1e-9).all()
