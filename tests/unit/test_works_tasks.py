"""Tasks of a crossing, by hand."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

from vallum.errors import InfeasibleError, InputError
from vallum.works import Opponent, WorksSettings
from vallum.works.catalogue import Catalogue, Item, Mode, Range
from vallum.works.compose import Composition, compositions, options
from vallum.works.effect import effects, p_e_ends, sensitivities
from vallum.works.ground.model import GroundClass
from vallum.works.sight.model import Cover
from vallum.works.tasks import Path, Scene, crossing, paths, response_s, sight

NONE = Range(0, 0, 0)


def sure(value):
    return Range(value, value, value)


def made(key, role, **more):
    base = Item(
        id=key, text=key, role=role, unit="km", ground=frozenset({"sand"}),
        capital_usd=sure(10), life_yr=sure(10), upkeep_usd_yr=NONE, men=NONE,
    )  # fmt: skip
    return replace(base, **more)


SEEN = {"foot": sure(5.0), "4x4": sure(13.0)}
ITEMS = [
    made("wall", "barrier", delay_s={"foot": sure(60.0), "4x4": sure(900.0)}),
    made("ditch", "barrier", delay_s={"foot": sure(30.0), "4x4": Range(0, 300, 600)}),
    made("tower", "sensor", slot="tower", detection=sure(0.8), sight_km=SEEN, height_m=sure(20)),
    made("wire", "sensor", slot="line", detection=sure(0.5)),
    made("balloon", "sensor", slot="air", detection=sure(0.9), sight_km=SEEN, spacing_km=(24.0,)),
    made("track", "track", detection=sure(0.3), speed_kmh=sure(60.0)),
    made(
        "post", "fort", detection=sure(0.6), sight_km={"foot": sure(1.0), "4x4": sure(3.0)},
        muster_s=sure(600.0), neutralisation=sure(0.75), rides="4x4",
    ),
]  # fmt: skip
CATALOGUE = Catalogue(
    MappingProxyType({item.id: item for item in ITEMS}),
    MappingProxyType({
        "foot": Mode("foot", "on foot", {"sand": sure(3.6)}),
        "4x4": Mode("4x4", "by 4x4", {"sand": sure(36.0)}),
    }),
)  # fmt: skip
CHOSEN = WorksSettings(
    depth_km=2, fort_spacings_km=(20,), sensor_spacings_km=(10,), communication=1, max_barriers=2
)
ALL = Composition(
    ("wall",), (("tower", 10.0), ("wire", 0.0), ("balloon", 24.0)), "track", "post", 20
)
SCENE = Scene(GroundClass("sand"), CATALOGUE, CHOSEN, Opponent(modes=("foot", "4x4")))


def test_the_tasks_of_a_drive_across_everything():
    """Balloon: 12 km away of 13, 5 km ahead. Tower: 5 of 13, 12 km ahead. Post: 10 of 3, blind."""
    found = crossing(ALL, Path("4x4", False, "4x4", "4x4"), SCENE)
    assert found == [
        (0.8, pytest.approx(350.0), 0.0, "begin"),  # seen 6 km ahead; 3.5 km at 10 m/s to the next
        (0.9, pytest.approx(250.0), 0.0, "begin"),  # 2.5 km ahead
        (0.0, 0.0, 0.0, "begin"),
        (0.5, 0.0, 0.0, "begin"),
        (0.0, 900.0, 0.0, "begin"),
        (0.3, 0.0, 0.0, "end"),
        (0.0, pytest.approx(200.0), 0.0, "begin"),
    ]


def test_who_leaves_the_vehicle_breaches_and_runs_on_foot():
    found = crossing(ALL, Path("4x4", False, "foot", "foot"), SCENE)
    assert found[0][1] == pytest.approx(350.0)
    assert found[4] == (0.0, 60.0, 0.0, "begin")
    assert found[-1][1] == pytest.approx(2000.0)  # 2 km at 1 m/s


def test_covered_ways_are_slower_and_seen_less():
    cover = Cover(
        np.array([20.0]), np.array([1.0]), np.full((1, 1, 1), 0.5), np.full((1, 1, 1), 0.25)
    )
    scene = replace(SCENE, cover=cover, pace=sure(0.5))
    openly = crossing(ALL, Path("4x4", False, "4x4", "4x4"), scene)
    hidden = crossing(ALL, Path("4x4", True, "4x4", "4x4"), scene)
    assert openly[0][:2] == (pytest.approx(0.4), pytest.approx(350.0))
    assert hidden[0][:2] == (pytest.approx(0.2), pytest.approx(700.0))
    assert hidden[1][0] == 0.9  # it has no height: it looks over everything
    assert hidden[-1] == openly[-1]


def test_the_share_in_sight_is_its_mean_along_the_approach():
    """Sight that falls off as 1 − km/13 from a tower beside the line: its mean over 13 km is ½."""
    km = np.linspace(0, 13, 14)
    cover = Cover(np.array([20.0]), km, (1 - km / 13)[None, None], np.zeros((1, 1, 14)))
    scene = replace(SCENE, cover=cover)
    seen = sight(CATALOGUE.items["tower"], [1e-9], ["4x4"], scene, covered=False)
    assert seen.reach_km[0, 0] == pytest.approx(13)
    assert seen.probability[0, 0] == pytest.approx(0.4)


def test_the_response_rides_the_track_and_follows_across_country():
    assert response_s(ALL, SCENE) == (pytest.approx(600 + 600 + 200), 0.0)
    without = replace(ALL, track="")
    assert response_s(without, SCENE)[0] == pytest.approx(600 + 1000 + 200)


def test_paths_are_all_that_can_be_combined():
    threat = Opponent(modes=("foot", "4x4"), covered=False, met_inside=True)
    assert paths(threat, CATALOGUE) == (
        Path("foot", False, "foot", "foot"),
        Path("foot", False, "foot", "4x4"),
        Path("4x4", False, "4x4", "4x4"),
        Path("4x4", False, "foot", "foot"),
        Path("4x4", False, "foot", "4x4"),
    )
    assert len(paths(replace(threat, covered=True), CATALOGUE)) == 10
    assert len(paths(Opponent(modes=("4x4",), covered=False), CATALOGUE)) == 2


def test_paths_in_words():
    path = Path("4x4", True, "foot", "4x4")
    assert path.describe(CATALOGUE) == "by 4x4, by covered ways, over the line on foot, away by 4x4"
    assert Path("foot", False, "foot", "foot").describe(CATALOGUE) == "on foot"


def test_an_unknown_way_of_moving_is_refused():
    with pytest.raises(InputError, match="camel"):
        paths(Opponent(modes=("camel",)), CATALOGUE)
    with pytest.raises(InputError, match="at least one way"):
        paths(Opponent(modes=()), CATALOGUE)


def test_effects_and_what_only_stands():
    """On foot: the tower sees 5 km away of 5 with reach 0; found at the latest by the track."""
    found = effects([ALL], SCENE)
    assert found.modes == ("foot", "4x4")
    assert found.delay_s.tolist() == [[60.0, 900.0]]
    # by 4x4: in time (F = 1400) only for whom the tower sees: ½·700 + 500 + 900 + 200 = 1950
    # or the balloon ½·500 + 900 + 200 = 1350 < 1400, and nobody else
    by_car = found.paths.index(Path("4x4", False, "4x4", "4x4"))
    assert found.p_i[0, by_car] == pytest.approx(0.8)
    # leaving the car: run 2000 on foot; every detection is in time, the track's too
    left = found.paths.index(Path("4x4", False, "foot", "foot"))
    assert found.p_i[0, left] == pytest.approx(1 - 0.2 * 0.1 * 0.5 * 0.7)
    assert found.p_e[0] == pytest.approx(found.p_i[0].min() * 0.75)
    bare = effects([ALL], SCENE, covered=False)
    assert not bare.p_i.any()
    assert bare.delay_s.tolist() == [[60.0, 900.0]]


def test_the_covered_way_is_chosen_where_it_pays():
    """At half the pace there is more time; but where the cover hides all, nobody is seen."""
    cover = Cover(np.array([20.0]), np.array([1.0]), np.ones((1, 1, 1)), np.zeros((1, 1, 1)))
    only_tower = Composition((), (("tower", 10.0),), "", "post", 20)
    found = effects([only_tower], replace(SCENE, cover=cover))
    assert found.paths[found.worst[0]].covered
    assert found.p_e[0] == 0


def test_sensitivities_by_hand():
    """Only the response and the neutralisation decide whether 0.8 of drivers are stopped."""
    scene = replace(SCENE, threat=Opponent(modes=("4x4",), covered=False))
    items = {**CATALOGUE.items, "post": replace(ITEMS[-1], neutralisation=Range(0.5, 0.75, 0.8))}
    catalogue = replace(CATALOGUE, items=MappingProxyType(items))
    rows = {row.figure: row for row in sensitivities(ALL, replace(scene, catalogue=catalogue))}
    assert rows["neutralisation"].low == pytest.approx(0.8 * 0.5)
    assert rows["neutralisation"].high == pytest.approx(0.8 * 0.8)
    assert rows["neutralisation"].per_percent == pytest.approx(0.8 * 0.75 * 0.01)
    assert rows["detection"].per_percent == pytest.approx(0.8 * 0.01 * 0.75)
    assert rows["communication"].low == pytest.approx(0.85 * 0.8 * 0.75)
    assert rows["delay"].per_percent == pytest.approx(0)


def test_ends_alone_are_those_of_the_rows():
    scene = replace(SCENE, threat=Opponent(modes=("4x4", "foot"), covered=True))
    rows = {row.figure: (row.low, row.high) for row in sensitivities(ALL, scene)}
    assert p_e_ends(ALL, scene, [*rows]) == rows
    some = ("depth_km", "detection", "neutralisation")
    assert p_e_ends(ALL, scene, some) == {name: rows[name] for name in some}


def test_compositions_and_their_names():
    every = compositions(CATALOGUE, CHOSEN, GroundClass("sand"), [])
    assert len(every) == 4 * 2 * 2 * 2 * 2
    assert every[0].id == "post@20"
    names = [works.id for works in every]
    assert len(set(names)) == len(names)
    assert "wall+ditch+tower@10+wire+balloon@24+track+post@20" in names
    assert ALL.quantities == {
        "wall": 1, "tower": 0.1, "wire": 1, "balloon": 1 / 24, "track": 1, "post": 0.05
    }  # fmt: skip
    assert ALL.describe(CATALOGUE) == (
        "wall; tower every 10 km; wire; balloon every 24 km; track; post every 20 km"
    )


def test_steep_ground_bears_what_its_mode_allows():
    steep = replace(ITEMS[0], slope_max=Range(0.1, 0.2, 0.3))
    every = options([steep, ITEMS[-1]], GroundClass("sand", slope=0.2), CHOSEN)
    assert every.barriers == ((), ("wall",))
    every = options([steep, ITEMS[-1]], GroundClass("sand", slope=0.21), CHOSEN)
    assert every.barriers == ((),)


def test_ground_without_a_fort_is_refused():
    with pytest.raises(InfeasibleError, match="no fort"):
        compositions(CATALOGUE, CHOSEN, GroundClass("rock"), [])


@pytest.mark.parametrize(("muster", "expected"), [(799.0, 0.5), (800.0, 0.25), (801.0, 0.0)])
def test_timely_detection_decides(muster, expected):
    """Time left at the line 900 + 200 s; the response needs its muster, 100 s along, 200 behind."""
    works = Composition(("wall",), (("wire", 0.0),), "", "post", 2)
    fort = replace(ITEMS[-1], muster_s=sure(muster), detection=sure(0.0))
    items = MappingProxyType({**CATALOGUE.items, "post": fort})
    scene = replace(SCENE, catalogue=replace(CATALOGUE, items=items))
    found = effects([works], scene)
    assert found.p_i[0, found.paths.index(Path("4x4", False, "4x4", "4x4"))] == expected


def test_a_watcher_that_sees_nothing_changes_nothing():
    """Neither that it is there nor how far it reaches, though speeds are random."""
    speed = Range(20.0, 36.0, 60.0)
    modes = {"4x4": Mode("4x4", "by 4x4", {"sand": speed})}
    blind = replace(CATALOGUE.items["balloon"], detection=sure(0.0))
    threat = Opponent(modes=("4x4",), covered=False)
    without = replace(ALL, sensors=ALL.sensors[:2])
    for reach in (5.0, 13.0, 60.0):
        items = {**CATALOGUE.items, "balloon": replace(blind, sight_km={"4x4": sure(reach)})}
        scene = Scene(
            GroundClass("sand"), Catalogue(MappingProxyType(items), modes), CHOSEN, threat
        )
        there, gone = (effects([works], scene).p_i[0, 0] for works in (ALL, without))
        assert there == pytest.approx(gone, abs=1e-12)


@pytest.mark.parametrize("share", [0.7, 0.9, 1.0, 1.3, 2.0])
def test_sight_that_reaches_further_never_stops_less_where_speeds_are_sure(share):
    items = dict(CATALOGUE.items)
    base = effects([ALL], SCENE).p_i
    for key in ("tower", "balloon"):
        item = items[key]
        seen = {mode: sure(share * figure.mean) for mode, figure in item.sight_km.items()}
        changed = MappingProxyType({**items, key: replace(item, sight_km=seen)})
        scene = replace(SCENE, catalogue=replace(CATALOGUE, items=changed))
        found = effects([ALL], scene).p_i
        assert (found >= base - 1e-12).all() if share >= 1 else (found <= base + 1e-12).all()
