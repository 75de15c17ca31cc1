"""What holds for every frontier of works, every opponent and every fight."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vallum.errors import BarredError, InfeasibleError
from vallum.works import Opponent, WorksSettings, frontier, interruption, load_catalogue
from vallum.works.catalogue import SURFACES, Range
from vallum.works.clash import LAWS, fort_neutralisation, neutralisation, neutralisation_range
from vallum.works.compose import compositions, options
from vallum.works.effect import effects, sensitivities
from vallum.works.ground.model import GroundClass
from vallum.works.law import barred
from vallum.works.sight.model import Cover
from vallum.works.tasks import Scene, crossing, paths, response_s

CATALOGUE = load_catalogue()
MINES = {item.id for item in CATALOGUE.items.values() if item.role == "mine"}
CHOSEN = {"barrier", "sensor", "track", "fort"}
LAWFUL = sorted(key for key, item in CATALOGUE.items.items() if item.role in CHOSEN)
SLACK = 1e-9

probability = st.one_of(st.sampled_from([0.0, 1.0, 0.5]), st.floats(0, 1))
codes = st.lists(st.sampled_from(["MLI", "MRT", "MAR", "DZA", "USA", "XXX"]), max_size=4)
grounds = st.builds(
    GroundClass, surface=st.sampled_from(sorted(SURFACES.values())), slope=st.floats(0, 1)
)


@st.composite
def works_settings(draw):
    """Any settings, over any part of the catalogue."""
    few = st.lists(st.sampled_from(LAWFUL), unique=True, min_size=4, max_size=10)
    spacing = st.sampled_from([5.0, 10.0, 20.0, 40.0])
    return WorksSettings(
        discount_rate=draw(st.floats(0, 0.3)),
        man_year_usd=draw(st.floats(0, 1e5)),
        rotation=draw(st.floats(1, 4)),
        communication=draw(probability),
        neutralisation=draw(st.none() | probability),
        depth_km=draw(st.floats(0, 50)),
        fort_spacings_km=draw(st.lists(spacing, min_size=1, max_size=2, unique=True).map(tuple)),
        sensor_spacings_km=draw(st.lists(spacing, max_size=1).map(tuple)),
        max_barriers=draw(st.integers(0, 2)),
        include=draw(st.none() | few.map(tuple)),
        exclude=draw(st.lists(st.sampled_from([*LAWFUL, *MINES]), max_size=2).map(tuple)),
    )


@st.composite
def opponents(draw):
    modes = st.lists(st.sampled_from(["foot", "motorcycle", "4x4"]), min_size=1, unique=True)
    return Opponent(
        modes=tuple(draw(modes)), covered=draw(st.booleans()), met_inside=draw(st.booleans())
    )


@st.composite
def covers(draw):
    part = st.lists(st.integers(0, 8), min_size=6, max_size=6)
    seen = np.array(draw(part)).reshape(1, 2, 3) / 8
    hidden = seen * np.array(draw(part)).reshape(1, 2, 3) / 8
    return Cover(np.array([2.0, 30.0]), np.array([1.0, 5.0, 15.0]), seen, hidden)


@st.composite
def scenes(draw):
    return Scene(
        draw(grounds), CATALOGUE, draw(works_settings()), draw(opponents()), draw(covers())
    )


def solved(ground, chosen, threat, catalogue=CATALOGUE, states=("MLI",)):
    try:
        return frontier(catalogue, [ground], threat, settings=chosen, states=states)
    except InfeasibleError:
        assume(condition=False)


def one_of(scene, data):
    try:
        every = options(
            [CATALOGUE.items[key] for key in LAWFUL if key not in scene.settings.exclude],
            scene.ground, scene.settings,
        )  # fmt: skip
    except InfeasibleError:
        assume(condition=False)
    return every.composition(data.draw(st.integers(0, every.count - 1)))


@settings(deadline=None, max_examples=60)
@given(works_settings(), grounds, opponents(), codes)
def test_nothing_barred_is_on_any_frontier_nor_among_what_there_was(chosen, ground, threat, states):
    try:
        found = frontier(CATALOGUE, [ground], threat, settings=chosen, states=states).classes[0]
    except InfeasibleError:
        return
    parts = found.options
    used = {key for some in parts.barriers for key in some} | set(parts.tracks)
    used |= {key for some in (parts.towers, parts.lines, parts.airs, parts.forts)
             for key, _ in some}  # fmt: skip
    assert {key for works in found.compositions for key in works.quantities} <= used
    for key in used - {""}:
        item = CATALOGUE.items[key]
        assert barred(item, states) is None
        assert item.role in CHOSEN
        assert ground.surface in item.ground
        assert item.slope_max is None or ground.slope <= item.slope_max.mode
        assert chosen.include is None or key in chosen.include
        assert key not in chosen.exclude


@settings(deadline=None, max_examples=40)
@given(works_settings(), grounds, codes, st.sampled_from(sorted(MINES)), st.booleans())
def test_asking_a_frontier_for_a_mine_is_refused_with_the_rule(
    chosen, ground, states, mine, renamed
):
    """Under any role: what the law knows a weapon by stays with it."""
    item = CATALOGUE.items[mine]
    if renamed:
        item = replace(item, role="barrier")
    catalogue = replace(CATALOGUE, items=MappingProxyType({**CATALOGUE.items, mine: item}))
    asked = chosen.model_copy(update={"include": (*(chosen.include or ()), mine)})
    with pytest.raises(BarredError, match=r"mbc_1|vallum_no_mines"):
        frontier(catalogue, [ground], Opponent(), settings=asked, states=states)
    quiet = chosen.model_copy(update={"max_barriers": 1})
    try:
        every = compositions(catalogue, quiet, ground, states)
    except InfeasibleError:
        return
    assert not any(mine in works.quantities for works in every)


@settings(deadline=None, max_examples=40)
@given(works_settings(), grounds, opponents())
def test_a_higher_standard_is_never_cheaper(chosen, ground, threat):
    found = solved(ground, chosen, threat)
    asked = np.linspace(0, 1, 41)
    picked = found.closure(asked, np.zeros(41, int))
    met = picked.met
    assert (np.diff(met.astype(int)) <= 0).all()
    assert (np.diff(picked.cost_usd_km_yr[met]) >= 0).all()
    assert (picked.p_e[met] >= asked[met] - 1e-12).all()
    assert (picked.p_e[~met] == found.classes[0].p_e[-1]).all()


@settings(deadline=None, max_examples=40)
@given(works_settings(), grounds, opponents(), st.floats(0, 1e7), st.floats(0, 1e7))
def test_a_greater_loss_never_stops_less(chosen, ground, threat, one, other):
    found = solved(ground, chosen, threat)
    little, much = (found.least(loss) for loss in sorted([one, other]))
    assert much.p_e[0] >= little.p_e[0]
    assert much.cost_usd_km_yr[0] >= little.cost_usd_km_yr[0]


@settings(deadline=None, max_examples=40)
@given(works_settings(), grounds, st.sampled_from(LAWFUL), st.floats(0, 1), probability)
def test_a_cheaper_item_never_makes_a_dearer_line(chosen, ground, key, share, asked):
    item = CATALOGUE.items[key]
    less = Range(*(share * v for v in (item.capital_usd.low, item.capital_usd.mode,
                                       item.capital_usd.high)))  # fmt: skip
    items = MappingProxyType({**CATALOGUE.items, key: replace(item, capital_usd=less)})
    before = solved(ground, chosen, Opponent()).closure(asked)
    after = solved(ground, chosen, Opponent(), replace(CATALOGUE, items=items)).closure(asked)
    assert after.met[0] == before.met[0]
    assert after.cost_usd_km_yr[0] <= before.cost_usd_km_yr[0] + 1e-4


@settings(deadline=None, max_examples=40)
@given(scenes(), st.data())
def test_an_opponent_with_more_ways_is_never_stopped_more(scene, data):
    works = one_of(scene, data)
    fewer = scene.threat
    more = [replace(fewer, covered=True), replace(fewer, met_inside=True),
            replace(fewer, modes=("foot", "motorcycle", "4x4"))]  # fmt: skip
    was = effects([works], scene).p_e[0]
    for threat in more:
        assert set(paths(fewer, CATALOGUE)) <= set(paths(threat, CATALOGUE))
        assert effects([works], replace(scene, threat=threat)).p_e[0] <= was


@settings(deadline=None, max_examples=40)
@given(scenes(), st.data())
def test_effects_are_the_worst_of_interruptions(scene, data):
    works = one_of(scene, data)
    found = effects([works], scene)
    mean, deviation = response_s(works, scene)
    each = [
        interruption(
            crossing(works, path, scene),
            communication=scene.settings.communication,
            response_s=mean,
            response_sd_s=deviation,
        )
        for path in found.paths
    ]
    p_n = fort_neutralisation(CATALOGUE.items[works.fort], scene.threat, scene.settings)
    assert found.p_i[0] == pytest.approx(each, abs=1e-12)
    assert found.worst[0] == int(np.argmin(found.p_i[0]))
    assert found.p_e[0] == pytest.approx(min(each) * p_n, abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(scenes(), st.data())
def test_the_sweep_says_of_its_points_what_effects_says(scene, data):
    del data
    try:
        found = frontier(
            CATALOGUE, [scene.ground], scene.threat, settings=scene.settings, states=["MLI"]
        )
    except InfeasibleError:
        return
    one = found.classes[0]
    bare = replace(scene, cover=Cover(*(np.ones(1),) * 2, *(np.ones((1, 1, 1)),) * 2))
    said = effects(one.compositions, bare)
    assert one.p_i == pytest.approx(said.p_i.min(axis=1), abs=1e-12)
    assert one.p_e == pytest.approx(said.p_e, abs=1e-12)
    # its path is as bad as the worst, to rounding
    rows = np.arange(len(one.compositions))
    assert said.p_i[rows, one.worst] == pytest.approx(said.p_i.min(axis=1), abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(scenes(), st.data(), st.floats(1, 3))
def test_more_delay_and_a_faster_response_never_stop_less(scene, data, factor):
    """More delay with the deviation as it is; a response that musters sooner."""
    works = one_of(scene, data)
    was = effects([works], scene).p_e[0]
    fort = CATALOGUE.items[works.fort]
    m = fort.muster_s
    sooner = Range(*(v - (1 - 1 / factor) * m.low for v in (m.low, m.mode, m.high)))
    changed = {works.fort: replace(fort, muster_s=sooner)}
    for key in works.barriers:
        item = CATALOGUE.items[key]
        longer = {mode: Range(*(v + 300 * (factor - 1) for v in (d.low, d.mode, d.high)))
                  for mode, d in item.delay_s.items()}  # fmt: skip
        changed[key] = replace(item, delay_s=longer)
    for key, item in changed.items():
        items = MappingProxyType({**CATALOGUE.items, key: item})
        other = replace(scene, catalogue=replace(CATALOGUE, items=items))
        assert effects([works], other).p_e[0] >= was - SLACK


@settings(deadline=None, max_examples=40)
@given(scenes(), st.data(), probability)
def test_more_detection_never_stops_less_where_times_are_sure(scene, data, better):
    works = one_of(scene, data)
    sure = MappingProxyType({
        key: replace(item, delay_s={m: Range(d.mode, d.mode, d.mode)
                                    for m, d in item.delay_s.items()})
        for key, item in CATALOGUE.items.items()
    })  # fmt: skip
    modes = MappingProxyType({
        key: replace(mode, speed_kmh={s: Range(v.mode, v.mode, v.mode)
                                      for s, v in mode.speed_kmh.items()})
        for key, mode in CATALOGUE.modes.items()
    })  # fmt: skip
    catalogue = replace(CATALOGUE, items=sure, modes=modes)
    scene = replace(scene, catalogue=catalogue, pace=Range(0.7, 0.7, 0.7))
    was = effects([works], scene).p_e[0]
    key = data.draw(st.sampled_from([k for k in works.quantities if sure[k].detection is not None]))
    value = max(better, sure[key].detection.mode)
    more = replace(sure[key], detection=Range(value, value, value))
    other = replace(catalogue, items=MappingProxyType({**sure, key: more}))
    assert effects([works], replace(scene, catalogue=other)).p_e[0] >= was - SLACK


@settings(deadline=None, max_examples=40)
@given(scenes(), st.data())
def test_works_that_only_stand_delay_and_interrupt_nobody(scene, data):
    works = one_of(scene, data)
    manned, bare = effects([works], scene), effects([works], scene, covered=False)
    assert not bare.p_i.any()
    assert not bare.p_e.any()
    assert (bare.delay_s == manned.delay_s).all()
    assert manned.covered
    assert not bare.covered


@settings(deadline=None, max_examples=20)
@given(scenes(), st.data())
def test_sensitivities_move_the_way_they_must(scene, data):
    works = one_of(scene, data)
    middle = effects([works], scene).p_e[0]
    rows = {row.figure: row for row in sensitivities(works, scene)}
    assert set(rows) == {
        "detection", "delay", "response", "communication", "depth_km", "neutralisation"
    }  # fmt: skip
    for name in ("communication", "neutralisation"):
        assert rows[name].low <= middle + SLACK
        assert rows[name].high >= middle - SLACK
        assert rows[name].per_percent >= -SLACK
    assert rows["response"].per_percent <= SLACK
    assert rows["response"].low >= rows["response"].high - SLACK
    for row in rows.values():
        assert 0 <= row.low <= 1
        assert 0 <= row.high <= 1


fights = st.fixed_dictionaries(
    {
        "exchange": st.floats(0.1, 10),
        "breaks_at": st.floats(0.05, 1),
        "law": st.sampled_from(sorted(LAWS)),
    }
)
men = st.one_of(st.integers(1, 40).map(float), st.floats(1, 40))


@given(men, men, fights, st.floats(0, 10))
def test_more_of_ours_never_win_less_and_more_of_theirs_never_lose_more(ours, theirs, fight, more):
    was = neutralisation(ours, theirs, **fight)
    assert 0 <= was <= 1
    assert neutralisation(ours + more, theirs, **fight) >= was - 1e-12
    assert neutralisation(ours, theirs + more, **fight) <= was + 1e-12


@given(men, men, fights, st.floats(1, 5))
def test_better_fire_never_wins_less(ours, theirs, fight, factor):
    better = {**fight, "exchange": factor * fight["exchange"]}
    was = neutralisation(ours, theirs, **fight)
    assert neutralisation(ours, theirs, **better) >= was - 1e-12


@given(men, men, fights)
def test_either_side_wins(ours, theirs, fight):
    """What one wins the other loses, seen from there."""
    turned = {**fight, "exchange": 1 / fight["exchange"]}
    total = neutralisation(ours, theirs, **fight) + neutralisation(theirs, ours, **turned)
    assert total == pytest.approx(1, abs=1e-9)


@settings(deadline=None)
@given(men, men, st.none() | probability)
def test_the_range_of_neutralisation_holds_it(ours, theirs, fixed):
    key = next(key for key in LAWFUL if CATALOGUE.items[key].role == "fort")
    around = Range(0.5 * ours, ours, 2 * ours)
    fort = replace(CATALOGUE.items[key], responders=around)
    threat = Opponent(men=Range(max(1.0, 0.5 * theirs), theirs, 3 * theirs))
    chosen = WorksSettings(neutralisation=fixed)
    found = neutralisation_range(fort, threat, chosen)
    assert found.mode == fort_neutralisation(fort, threat, chosen)
    assert 0 <= found.low <= found.mode <= found.high <= 1
