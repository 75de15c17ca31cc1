"""The exact answers of the campaign: worked by hand, and against every choice there is."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.exact_world import INF, small_world

from vallum.campaign import exact_net
from vallum.campaign.exact import exact
from vallum.campaign.exact_parts import merged, parts_of
from vallum.errors import InputError
from vallum.kernel.interdiction import evasion_value


def line(*stops, km=60.0, facing="MLI"):
    return [("line", n, facing, km, stop) for n, stop in enumerate(stops)]


def drawn(seed, parts=5):
    """Draw a world of five parts, where not everyone can use every part."""
    rng = np.random.default_rng(seed)
    entries = line(*rng.uniform(0, 1, parts).tolist())
    entries += [("gate", int(rng.integers(parts)), "MLI", 0.0, float(rng.uniform(0, 1)))]
    if rng.random() < 0.2:
        entries += [("flank", -1, "NER", 80.0, 0.0)]
    ways, first, last = len(entries), int(rng.integers(1, 6)), int(rng.integers(1, 5))
    out = np.where(rng.random((first, ways)) < 0.6, rng.uniform(1, 40, (first, ways)), INF)
    into = np.where(rng.random((ways, last)) < 0.6, rng.uniform(1, 40, (ways, last)), INF)
    names = rng.choice(["AAA", "BBB"], first)
    bases = [(str(n), float(w), False) for n, w in zip(names, rng.random(first), strict=True)]
    held = rng.uniform(0, 9, last).tolist()
    return small_world(entries, bases=bases, out=out, into=into, held=held, p_n=rng.random(ways))


# parts


def test_short_sectors_are_merged_in_their_order():
    world = small_world(
        [
            ("line", 0, "MLI", 30.0, 0.5),
            ("line", 1, "NER", 40.0, 0.5),
            ("line", 2, "NER", 55.0, 0.5),
            ("line", 3, "NER", 10.0, 0.5),
            ("gate", 1, "NER", 0.0, 0.5),
            ("flank", -1, "NER", 9.0, 0.0),
            ("flank", -1, "sea", 9.0, 0.0),
            ("flank", -1, "NER", 3.0, 0.0),
        ]
    )
    found = parts_of(world)
    assert found["part"].tolist() == [
        "sectors 0–1",
        "sectors 0–1",
        "sectors 2–3",
        "sectors 2–3",
        "sectors 0–1",
        "flank facing NER",
        "flank facing the sea",
        "flank facing NER",
    ]
    assert found["length_km"].tolist() == [70, 70, 65, 65, 70, 12, 9, 12]
    assert found["facing"].tolist() == ["NER"] * 6 + ["sea", "NER"]
    assert found["kind"].tolist() == ["line"] * 5 + ["flank"] * 3
    assert found["sectors"].tolist()[5:] == [""] * 3


def test_a_short_line_is_told_no_finer():
    found = parts_of(small_world(line(0.1, 0.9, km=20.0)))
    assert set(found["part"]) == {"the whole line"}
    assert found["length_km"].tolist() == [40.0, 40.0]


@given(st.lists(st.floats(0.0, 120.0), max_size=30))
def test_no_part_is_short_unless_it_is_all(lengths):
    runs = merged(lengths)
    assert [at for run in runs for at in run] == list(range(len(lengths)))
    assert len(runs) <= 1 or all(sum(lengths[at] for at in run) >= 50 - 1e-6 for run in runs)


# worked by hand


def test_the_likeliest_way_is_the_weakest_that_the_state_can_use():
    world = small_world(
        [*line(0.9, 0.4), ("gate", 0, "MLI", 0.0, 0.8)],
        bases=[("AAA", 0.5, False), ("BBB", 0.5, False), ("CCC", 0.9, True)],
        out=[[1, INF, 1], [1, 1, 1], [1, 1, 1]],
    )
    ways = exact(world, gates_bought=0.5).ways
    assert ways["iso3"].tolist() == ["AAA", "BBB"]  # who is inside already needs no way in
    assert ways["evades"].tolist() == pytest.approx([1 - 0.8 * 0.5, 0.6])
    assert ways["part"].tolist() == ["sector 0", "sector 1"]
    assert ways["kind"].tolist() == ["gate", "line"]
    assert ways["sector"].tolist() == [0, 1]


def test_of_equal_ways_the_quicker_is_named():
    ways = exact(small_world(line(0.5, 0.5), out=[[9, 2]]), gates_bought=0.0).ways
    assert ways["sector"].tolist() == [1]


def test_best_sets_are_not_nested_and_the_table_says_so():
    # 0.4 of the journeys can only use part 0; 0.6 use parts 1 and 2, as weak as each other
    world = small_world(
        line(0.1, 0.1, 0.1),
        bases=[("AAA", 0.4, False), ("BBB", 0.6, False)],
        out=[[1, INF, INF], [INF, 1, 1]],
    )
    found = exact(world, budgets=(1, 2, 3), gates_bought=0.0).reinforcement
    assert found["parts"].tolist() == ["sector 0", "sector 1, sector 2",
                                       "sector 0, sector 1, sector 2"]  # fmt: skip
    assert found["nested"].tolist() == [True, False, True]
    assert found["evades"].tolist() == pytest.approx([0.4 * 0.81 + 0.6 * 0.9, 0.4 * 0.9
                                                      + 0.6 * 0.81, 0.81])  # fmt: skip
    assert found["by_list"].tolist() == pytest.approx([0.864, 0.864, 0.81])
    assert found["regret"].tolist() == pytest.approx([0.0, 0.018, 0.0], abs=1e-7)


def test_a_gate_reinforced_still_lets_through_who_pays():
    world = small_world([("gate", 0, "MLI", 60.0, 0.6)])
    found = exact(world, budgets=(0, 1), gates_bought=0.25).reinforcement
    assert found["evades"].tolist() == pytest.approx([1 - 0.75 * 0.6, 1 - 0.75 * 0.84])


def test_past_an_open_flank_nothing_helps():
    world = small_world([*line(0.9, 0.8), ("flank", -1, "NER", 30.0, 0.0)])
    found = exact(world, gates_bought=0.1)
    for table in (found.reinforcement, found.patrols):
        assert (table["evades"] == 1).all()
        assert (table["bound"] == 1).all()
    assert (found.reinforcement["parts"] == "").all()
    assert found.commitment["value"].tolist() == pytest.approx([1.0, 1.0])
    assert found.ways[["sector", "facing", "kind"]].to_numpy().tolist() == [[-1, "NER", "flank"]]


def test_patrols_make_all_ways_alike():
    # 0.9 (1 − 0.5 x) = 0.6 (1 − 0.5 (1 − x))  →  x = 0.8, 0.54
    found = exact(small_world(line(0.1, 0.4), p_n=0.5), patrols=(0, 1, 2), gates_bought=0.0).patrols
    assert found["evades"].tolist() == pytest.approx([0.9, 0.54, 0.45])
    assert found["bound"].tolist() == pytest.approx([0.9, 0.54, 0.45])
    assert found["uniform"].tolist() == pytest.approx([0.9, 0.9 * 0.75, 0.45])
    assert found["parts"].tolist()[1] == "sector 0, sector 1"


def test_parts_watched_alike_are_counted_where_they_are_too_many_to_name():
    found = exact(small_world(line(*[0.1] * 5)), patrols=(1,), gates_bought=0.0).patrols
    assert found["parts"].tolist() == ["sector 0, sector 1, sector 2 and 2 more as much"]


def test_to_be_seen_by_those_who_fear_is_worth_something():
    found = exact(small_world(line(0.1, 0.4), p_n=0.5), gates_bought=0.0).commitment
    # seen: 0.9 (1 − x) = 0.6 x, x = 0.6; of the two they then try where it costs us less:
    # 0.9 (1 − 0.3) = 0.63 or 0.6 (1 − 0.2) = 0.48. Any less there and they try the other.
    assert found["case"].tolist() == ["seen", "not seen"]
    assert found["value"].tolist() == pytest.approx([0.48, 0.54])
    assert found["bound"].tolist() == pytest.approx([0.48, 0.54])


def test_delays_send_them_the_second_quickest_way():
    world = small_world(line(0.5, 0.5, 0.5), out=[[1, 5, 30]], into=[2, 2, 2])
    found = exact(world, budgets=(0, 1, 2), gates_bought=0.0).delay
    assert found["hours"].tolist() == pytest.approx([3, 7, 15])
    assert found["bound"].tolist() == pytest.approx([3, 7, 15])


@pytest.mark.parametrize("case", ["no bases", "no entries", "none held", "no way", "all inside"])
def test_where_there_is_nothing_to_answer_tables_are_empty(case):
    world = small_world(line(0.5, 0.5))
    full = exact(world, gates_bought=0.1)
    if case == "no bases":
        world = replace(world, bases=world.bases[:0], out=world.out[:0], direct=world.direct[:0])
    elif case == "no entries":
        world = replace(world, entries=world.entries[:0], out=world.out[:, :0], into=world.into[:0])
    elif case == "none held":
        world = replace(world, targets=world.targets.assign(side="outside"))
    elif case == "no way":
        world = replace(world, out=np.full(world.out.shape, INF))
    else:
        world = replace(world, bases=world.bases.assign(inside=True))
    assert len(parts_of(world)) == len(world.entries)
    found = exact(world, gates_bought=0.1)
    for name in ("ways", "reinforcement", "patrols", "commitment", "delay"):
        table = getattr(found, name)
        assert len(table) == 0
        assert table.dtypes.to_dict() == getattr(full, name).dtypes.to_dict()


def test_only_the_parts_named_are_reinforced():
    found = exact(small_world(line(0.2, 0.5)), sectors=["sector 1"], gates_bought=0.0)
    assert found.reinforcement["evades"].tolist() == pytest.approx([0.8] * 4)
    assert (found.reinforcement["parts"] == "").all()


def test_what_cannot_be_used_is_refused_at_once():
    with pytest.raises(InputError) as caught:
        exact(small_world(line(0.2, 0.5)), sectors=["sector 7"], budgets=(-1,), gates_bought=2.0)
    assert len(caught.value.faults) == 3


# against every choice, and laws


@pytest.mark.parametrize("seed", range(15))
def test_no_choice_of_parts_is_better(seed):
    world = drawn(seed)
    net = exact_net.net_of(world, 0.2)
    found = exact(world, budgets=(1, 2, 3), gates_bought=0.2)
    if net is None:
        assert found.reinforcement.empty
        return
    parts = parts_of(world)
    entries = world.entries
    met = np.where(entries["kind"] == "gate", 0.8, 1.0)
    may = sorted(set(parts.loc[parts["kind"] == "line", "part"]))

    def chance(chosen):
        """Work it out from bases and targets, one by one, without the network."""
        again = parts["part"].isin(chosen).to_numpy()
        stop = np.where(again, 1 - (1 - entries["stop"]) ** 2, entries["stop"])
        evades = 1 - stop * met
        total = weight = 0.0
        live = np.isfinite(world.out).any(axis=0) & np.isfinite(world.into).any(axis=1)
        for s, base in enumerate(world.bases["weight"]):
            for t, attacks in enumerate(world.targets["attacks_yr"]):
                goes = set(parts["part"][live & np.isfinite(world.out[s])])
                comes = set(parts["part"][live & np.isfinite(world.into[:, t])])
                ways = parts["part"].isin(goes & comes).to_numpy() & live
                if ways.any():
                    total += base * attacks * evades[ways].max()
                    weight += base * attacks
        return total / weight

    for row in found.reinforcement.itertuples():
        best = min(chance(c) for c in combinations(may, min(row.budget, len(may))))
        assert row.evades == pytest.approx(best, abs=1e-7)
        assert chance(row.parts.split(", ")) == pytest.approx(row.evades, abs=1e-9)
        assert row.bound <= row.evades
        assert row.gap <= 1e-6


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 31), st.integers(0, 4))
def test_reinforcing_never_helps_who_answers_best(seed, chosen, more):
    net = exact_net.net_of(drawn(seed), 0.2)
    if net is None:
        return
    may = np.flatnonzero(net.is_line)
    few = [int(at) for n, at in enumerate(may) if chosen >> n & 1]
    many = sorted({*few, *may[more : more + 1].tolist()})
    arcs = (net.tail, net.head, net.plain, net.stronger)
    pairs = (net.origins, net.destinations, net.probability)
    assert evasion_value(*arcs, many, *pairs) <= evasion_value(*arcs, few, *pairs) + 1e-12


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_more_never_hurts_and_bounds_bound(seed):
    found = exact(drawn(seed), budgets=(0, 1, 2, 4), patrols=(0, 1, 2, 3), gates_bought=0.2)
    for table in (found.reinforcement, found.patrols):
        assert (table["evades"].diff().dropna() <= 1e-9).all()
        assert (table["bound"] <= table["evades"] + 1e-9).all()
    assert (found.reinforcement["by_list"] >= found.reinforcement["bound"] - 1e-9).all()
    assert (found.patrols["uniform"] >= found.patrols["bound"] - 1e-9).all()
    assert (found.delay["hours"].diff().dropna() >= -1e-9).all()
    if len(found.commitment):
        seen, unseen = found.commitment["value"]
        assert seen <= unseen + 1e-9  # to be seen by those who fear it can only help
