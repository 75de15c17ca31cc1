"""The claim tested: pairs by hand, spread found and not invented, and the rule of the verdict."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from vallum.errors import InputError
from vallum.theatre.model import no_events
from vallum.threat.claim.chance import largest, ratio_range
from vallum.threat.claim.counts import traded
from vallum.threat.claim.pairs import Points, episodes, make_frame, pair_tables
from vallum.threat.claim.settings import ClaimSettings, Rival
from vallum.threat.claim.shift import shift_test
from vallum.threat.claim.verdict import as_record, assess_claim, judge
from vallum.threat.claim.zones import ELSEWHERE, INSIDE, find_zones

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from vallum.theatre import Theatre

DAYS = np.arange(np.datetime64("2010-01-01"), np.datetime64("2020-01-01")).astype(np.int64)
FAST = ClaimSettings(permutations=199, simulations=50)
LAND = [np.array([[250.0, 0.0], [200.0, 50.0], [300.0, -50.0]])]


def points(day: NDArray[np.int64], xy: NDArray[np.float64], zone: NDArray[np.int64]) -> Points:
    order = np.lexsort((xy[:, 1], xy[:, 0], day))
    return Points(day[order], xy[order], zone[order])


# by hand


def five() -> tuple[Points, Points]:
    """Two arrivals, at (0, 0) on day 100 and (100, 0) on day 130; three events of a zone."""
    arrivals = Points(
        np.array([100, 130]), np.array([[0.0, 0.0], [100.0, 0.0]]), np.array([-1, -1])
    )
    sources = Points(
        np.array([95, 100, 120]),
        np.array([[30.0, 40.0], [0.0, 50.0], [200.0, 0.0]]),
        np.array([0, 0, 0]),
    )
    return arrivals, sources


def test_all_windows_of_five_events_by_hand():
    arrivals, sources = five()
    # distances: arrival 0 to the three: 50, 50, 200; arrival 1: √(70² + 40²) = 80.6, 111.8, 100
    # lags:      arrival 0: +5, 0, −20;              arrival 1: +35, +30, +10
    before, after = pair_tables(
        arrivals, arrivals.day[:, None], sources, (60, 100, 250), (10, 30, 40)
    )
    assert before[0, 0].tolist() == [1, 1, 1, 1, 1, 1, 1, 1, 1]  # the same day is neither
    assert after[0, 0].tolist() == [0, 0, 0, 0, 0, 0, 0, 1, 1]
    assert before[1, 0].tolist() == [0, 0, 0, 1, 1, 2, 1, 2, 3]
    assert after[1, 0].tolist() == [0] * 9


def test_pairs_on_other_days_are_those_of_an_arrival_that_came_then():
    arrivals, sources = five()
    days = np.array([[96, 95, 90], [121, 94, 200]])
    before, after = pair_tables(arrivals, days, sources, (250,), (30,))
    assert before[:, :, 0].tolist() == [[1, 0, 0], [3, 0, 0]]
    assert after[:, :, 0].tolist() == [[2, 2, 3], [0, 3, 0]]


def test_an_episode_is_linked_by_steps():
    day = np.array([0, 10, 20, 21, 60])
    x = np.array([0.0, 40.0, 80.0, 200.0, 0.0])
    found = episodes(Points(day, np.column_stack([x, 0 * x]), day * 0), km=50, days=14)
    assert found[0] == found[1] == found[2]
    assert len({found[0], found[3], found[4]}) == 3
    assert episodes(Points(day[:0], np.zeros((0, 2)), day[:0]), km=50, days=14).size == 0


def test_arrivals_of_a_year_turn_together_round_its_own_days():
    day = DAYS[[5, 300, 400]]
    frame = make_frame(Points(day, np.zeros((3, 2)), day * 0), DAYS, 50, seed=3)
    moved = np.take_along_axis(frame.days.T, frame.shifts, axis=0)
    years = moved.astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970
    assert (years == [2010, 2010, 2011]).all()
    assert ((frame.shifts[:, 1] - frame.shifts[:, 0]) % 365 == 295).all()
    assert len(np.unique(moved[:, 2])) > 30


def test_arrivals_move_to_observed_days_only():
    holes = np.concatenate([DAYS[:31], DAYS[200:231]])
    day = holes[[3, 40]]
    frame = make_frame(Points(day, np.zeros((2, 2)), day * 0), holes, 200, seed=3)
    moved = np.take_along_axis(frame.days.T, frame.shifts, axis=0)
    assert np.isin(moved, holes).all()
    assert (
        np.take_along_axis(frame.days, frame.place[:, None], axis=1)[:, 0].tolist() == day.tolist()
    )


def test_the_largest_of_several_windows_pays_for_the_choice():
    null = np.array([[0.0, 9.0], [1.0, 0.0], [2.0, 1.0], [1.0, 2.0]])
    assert largest(np.array([9.0, 1.0]), null) == pytest.approx(2 / 5)  # 9 of the other window too
    assert largest(np.array([9.0]), null[:, :1]) == pytest.approx(1 / 5)
    assert largest(np.zeros(2), np.zeros((9, 2))) == 1.0


def test_ratios_have_ranges_and_nothing_expected_has_none():
    generator = np.random.default_rng(0)
    ratio, low, high = ratio_range(np.zeros(5), np.full(5, 0.4), 0.9, generator)
    assert (ratio, low) == (0.0, 0.0)
    assert high == pytest.approx(-np.log(0.05) / 2.0)  # none seen: exp(−m) = 0.05
    assert np.isnan(ratio_range(np.zeros(5), np.zeros(5), 0.9, generator)).all()


def test_traded_marks_reach_every_table_with_the_same_sums_about_as_often():
    active = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 1]], bool)
    copies = traded(active, 4000, np.random.default_rng(0))
    assert (copies.sum(axis=1) == active.sum(axis=0)).all()
    assert (copies.sum(axis=2) == active.sum(axis=1)).all()
    kinds, often = np.unique(copies.reshape(4000, -1), axis=0, return_counts=True)
    # rows of 2, 1, 1 in columns of 2, 1, 1: row 0 takes columns {0,1}, {0,2} or {1,2}; the other
    # rows share what is left in 2, 2 and 1 ways
    assert len(kinds) == 5
    assert often.min() > 0.8 * 4000 / 5


# found, and not invented


def world(  # a zone 250 km away, and arrivals round the origin
    generator: np.random.Generator,
    rate: Callable[[NDArray[np.int64]], NDArray[np.float64]],
    *,
    sources: int,
    bunched: bool = False,
    planted: float = 0.0,
    lag: int = 1,
) -> Points:
    weight = rate(np.arange(len(DAYS), dtype=float))
    weight /= weight.sum()
    arrive = generator.choice(len(DAYS), 60, p=weight)
    origin = generator.choice(len(DAYS), sources, p=weight)
    place, start = generator.normal(0, 80, (60, 2)), generator.normal([250, 0], 80, (sources, 2))
    if bunched:
        arrive = arrive[generator.integers(20, size=60)] + generator.integers(30, size=60)
        origin = origin[generator.integers(-(-sources // 8), size=sources)]
        origin = origin + generator.integers(25, size=sources)
    hit = generator.random(60) < planted
    after = origin[generator.integers(sources, size=60)] + lag * generator.integers(1, 60, 60)
    arrive = np.clip(np.where(hit, after, arrive), 0, len(DAYS) - 1)
    day = DAYS[np.clip(np.concatenate([arrive, origin]), 0, len(DAYS) - 1)]
    zone = np.repeat([-1, 0], [60, sources])
    return points(day, np.concatenate([place, start]), zone)


def p_of(made: Points, seed: int) -> float:
    case = shift_test(made, DAYS, LAND, ["zone"], FAST, seed=seed)
    assert case is not None
    return case.rows[0].p


WORLDS = {
    "steady": (np.ones_like, 60, False),
    "bunched": (np.ones_like, 60, True),
    "growing together": (lambda t: 2.0 ** (t / 365.25), 300, False),
    "falling together": (lambda t: 2.0 ** (-t / 365.25), 300, False),
    "seasons": (lambda t: 1 + 0.7 * np.sin(2 * np.pi * t / 365.25), 300, True),
}


@pytest.mark.parametrize("name", WORLDS)
def test_what_only_happens_together_is_not_mistaken_for_spread(name):
    rate, sources, bunched = WORLDS[name]
    p = np.array([
        p_of(world(np.random.default_rng((run, 7)), rate,
                   sources=sources, bunched=bunched), run)
        for run in range(60)
    ])  # fmt: skip
    print(f"{name}: {np.mean(p <= 0.05):.2f} of 60 below 0.05, mean p {p.mean():.2f}")
    assert (p <= 0.05).sum() <= 8  # 3 are to be expected; more than 8 come by chance in 0.3 %
    assert 0.25 < p.mean() < 0.75


def test_planted_spread_is_found_and_its_reverse_is_not():
    found = [
        p_of(world(np.random.default_rng((run, 8)), np.ones_like, sources=12, planted=0.6), run)
        for run in range(15)
    ]
    assert np.mean(np.array(found) <= 0.05) >= 0.9
    turned = [
        p_of(
            world(np.random.default_rng((run, 8)), np.ones_like, sources=12, planted=0.6, lag=-1),
            run,
        )
        for run in range(15)
    ]
    assert np.mean(np.array(turned) <= 0.05) <= 0.2


def test_power_is_near_one_for_a_strong_plant_and_near_alpha_for_none():
    made = world(np.random.default_rng(1), np.ones_like, sources=5)
    case = shift_test(made, DAYS, LAND, ["zone"], replace_settings(simulations=200), seed=0)
    assert case is not None
    assert case.detect(0, 1.0, np.random.default_rng(0)) >= 0.95
    assert case.detect(0, 0.0, np.random.default_rng(0)) <= 0.1
    levels = [case.detect(0, rate, np.random.default_rng(0)) for rate in (0.05, 0.2, 0.6)]
    assert levels == sorted(levels)


def replace_settings(**more: object) -> ClaimSettings:
    return FAST.model_copy(update=more)


# on a theatre


TOWNS = {  # lon, lat of towns on both sides of the border, and of one further east
    ("MLI", "Kayes"): (-9.6, 15.2),
    ("MLI", "Koulikoro"): (-7.3, 15.2),
    ("MRT", "Hodh el Gharbi"): (-9.6, 16.4),
    ("MRT", "Hodh ech Chargui"): (-7.3, 16.4),
    ("MLI", "Mopti"): (-5.0, 14.8),
}


def through_mauritania() -> pd.DataFrame:
    """Forty arrivals, each three weeks after an event over the border; some of Mopti at random."""
    generator = np.random.default_rng(2)
    first = np.datetime64("2012-02-01")
    rows = []
    for number in range(40):
        date = first + int(generator.integers(3000))
        side = number % 2
        rows.append(("MRT", ("Hodh el Gharbi", "Hodh ech Chargui")[side], date))
        rows.append(("MLI", ("Kayes", "Koulikoro")[side], date + 21))
        rows.append(("MLI", "Mopti", first + int(generator.integers(3000))))
    made = pd.DataFrame(rows, columns=["iso3", "region", "date"])
    made["date"] = pd.to_datetime(made["date"])
    lon, lat = np.array([TOWNS[pair] for pair in zip(made["iso3"], made["region"], strict=True)]).T
    return made.assign(
        event_id=[f"e{n}" for n in range(len(made))], year=made["date"].dt.year,
        month=made["date"].dt.month, lon=lon + generator.normal(0, 0.2, len(made)),
        lat=lat + generator.normal(0, 0.1, len(made)),
    ).reindex(columns=no_events().columns)  # fmt: skip


@pytest.fixture(scope="module")
def arrived(sahel: Theatre) -> Theatre:
    return replace(sahel, events=through_mauritania())


def test_a_record_of_spread_through_mauritania_supports_the_claim(arrived):
    claim = assess_claim(arrived, FAST, seed=0)
    print(claim.sentence, claim.zones.to_string(), sep="\n")
    assert (claim.kind, claim.verdict, claim.stated) == ("located", "supports", True)
    assert claim.zones["zone"].tolist()[0] == "Mauritania"
    assert claim.zones["p"].iloc[0] < 0.05 < claim.zones["p"].iloc[1]
    assert claim.zones["pairs"].iloc[0] >= 40  # each arrival's own, and others
    assert claim.zones["ratio_low"].iloc[0] > 1.0
    assert 35 <= claim.arrivals <= 40  # some fall together
    assert "supports" in claim.sentence
    record = json.loads(json.dumps(as_record(claim), allow_nan=False))
    assert record["zones"][0]["ratio"]["low"] <= record["zones"][0]["ratio"]["mid"]
    assert record["power"][0]["planted_share"] == 0


def test_the_order_of_rows_changes_nothing_and_a_seed_gives_the_same_bytes(arrived):
    mixed = arrived.events.sample(frac=1.0, random_state=4)
    one = assess_claim(arrived, FAST, seed=7)
    two = assess_claim(replace(arrived, events=mixed), FAST, seed=7)
    assert json.dumps(as_record(one)) == json.dumps(as_record(two))
    assert one.ledger == two.ledger


def test_silence_contradicts_only_where_passages_would_have_been_seen(arrived):
    ours = arrived.events[arrived.events["iso3"] != "MRT"]
    quiet = replace(arrived, events=ours)
    seen = {"leaves_low": 1.0, "leaves_event": 1.0, "leaves_high": 1.0}
    kept = {"kept_low": 1.0, "kept_share": 1.0, "kept_high": 1.0}
    sure = ClaimSettings(**seen, **kept, permutations=199, simulations=50, share_of_interest=0.8)
    loud = assess_claim(quiet, sure, seed=0)
    print(loud.power.to_string())
    assert loud.verdict == "contradicts"
    assert loud.zones["power"].iloc[0] >= 0.8
    faint = assess_claim(quiet, FAST, seed=0)
    assert faint.verdict == "can't tell"
    assert any("silence" in note for note in faint.notes)


def test_events_without_a_day_are_left_out_and_told(arrived):
    vague = arrived.events.copy()
    vague.loc[vague.index[:3], "date"] = pd.NaT
    claim = assess_claim(replace(arrived, events=vague), FAST, seed=0)
    assert any(note.startswith("3 of 120 events have no day") for note in claim.notes)


def test_counts_alone_are_tested_by_region_and_year(sahel):
    claim = assess_claim(sahel, FAST, seed=0)
    assert claim.kind == "counts"
    assert claim.verdict == judge(claim.zones, claim.power, FAST)
    known = sahel.events_year
    there = known[
        known["region"].isin(["Kayes", "Koulikoro", "Sikasso"]) & (known["iso3"] == "MLI")
    ]
    assert claim.arrivals == (there["events"] > 0).sum()
    inside = claim.zones.set_index("zone").loc["inside"]
    assert inside["events"] == there["events"].sum()
    assert any("only counts" in note for note in claim.notes)


def test_spread_between_counts_is_found_where_the_record_is_long(sahel):
    """Koulikoro follows Hodh ech Chargui by a year, Kayes follows Assaba; Sikasso is apart."""
    generator = np.random.default_rng(0)
    rows = []
    for target, source in [("Kayes", "Assaba"), ("Koulikoro", "Hodh ech Chargui")]:
        for year in range(1960, 2021):
            if generator.random() < 0.4:
                rows += [("MRT", source, year, 1), ("MLI", target, year + 1, 2)]
    rows += [("MLI", "Sikasso", year, 1) for year in range(1960, 2022, 3)]
    rows += [("MLI", "Kidal", year, 0) for year in range(1960, 2022)]
    table = pd.DataFrame(rows, columns=["iso3", "region", "year", "events"]).assign(deaths=0.0)
    near = {"windows_km": (50.0, 100.0), "main_km": 50.0, "first_year": 1960}
    settings = replace_settings(**near)
    claim = assess_claim(replace(sahel, events_year=table), settings, seed=0)
    print(claim.zones.to_string())
    assert claim.zones["p"].iloc[0] < 0.05
    assert claim.power["power"].iloc[0] <= 0.15


def test_no_event_in_the_claimed_land_tells_nothing(sahel):
    empty = sahel.events_year.iloc[:0]
    claim = assess_claim(replace(sahel, events_year=empty), FAST, seed=0)
    assert (claim.kind, claim.verdict, len(claim.zones)) == ("none", "can't tell", 0)
    assert "no event there" in claim.sentence
    json.dumps(as_record(claim), allow_nan=False)


def test_a_theatre_that_the_claim_is_not_about_states_none(sahel):
    other = sahel.regions.assign(name=[f"part {n}" for n in range(len(sahel.regions))])
    claim = assess_claim(replace(sahel, regions=other), ClaimSettings(), seed=0)
    assert (claim.stated, claim.verdict, claim.kind) == (False, "not stated", "none")
    assert not claim.ledger


def test_the_users_own_claim_is_held_to_its_names(sahel):
    wrong = ClaimSettings(claimed=("Kays", "Sikaso"), through=("MRX",))
    with pytest.raises(InputError) as refused:
        assess_claim(sahel, wrong, seed=0)
    assert len(refused.value.faults) == 3
    assert "did you mean 'Kayes'?" in str(refused.value)
    with pytest.raises(InputError, match="write the state too"):
        assess_claim(sahel, ClaimSettings(claimed=("Plateau",)), seed=0)


def test_zones_whatever_the_accents_and_each_region_in_one(sahel):
    rivals = (
        Rival(name="a", regions=("SEGOU",), states=("BFA",)),
        Rival(name="b", states=("MLI",)),
    )
    zones = find_zones(sahel, ClaimSettings(claimed=("kayes", "MLI/Mópti"), rivals=rivals))
    assert zones is not None
    named = sahel.regions.assign(zone=zones.of_region).set_index(["iso3", "name"])["zone"]
    assert zones.names == ("Mauritania", "a", "b")
    assert set(zones.claimed) == {"Kayes", "Mopti"}
    assert named["MLI", "Kayes"] == named["MLI", "Mopti"] == INSIDE
    assert (
        named["MLI", "Ségou"] == named["BFA", "Soum" if ("BFA", "Soum") in named else "Balé"] == 1
    )
    assert named["MLI", "Gao"] == 2
    assert named["NER", "Agadez"] == ELSEWHERE
    assert named["MRT", "Adrar"] == 0


# the rule


def judged(p: float, ratio: float, rival: float, power: float) -> str:
    settings = ClaimSettings(rivals=(Rival(name="r", states=("BFA",)),))
    zones = pd.DataFrame({"zone": ["t", "r"], "p": [p, 0.5], "ratio": [ratio, rival]})
    table = pd.DataFrame({"zone": ["t", "t"], "planted_share": [0.25] * 2, "power": [1.0, power]})
    return judge(zones, table, settings)


@pytest.mark.parametrize(
    ("p", "ratio", "rival", "power", "verdict"),
    [
        (0.01, 3.0, 1.2, 0.1, "supports"),
        (0.01, 1.1, 1.2, 0.9, "can't tell"),  # the rival's is larger
        (0.01, 0.9, 0.5, 0.9, "can't tell"),  # fewer than chance gives, in the main window
        (0.01, float("nan"), 0.5, 0.9, "can't tell"),
        (0.01, 3.0, float("nan"), 0.1, "supports"),
        (0.05, 3.0, 1.2, 0.79, "can't tell"),
        (0.05, 3.0, 1.2, 0.8, "contradicts"),
    ],
)
def test_the_rule_of_the_verdict(p, ratio, rival, power, verdict):
    assert judged(p, ratio, rival, power) == verdict


@pytest.mark.parametrize(
    "wrong",
    [
        {"leaves_event": 0.9},
        {"kept_share": 0.1},
        {"main_km": 200.0},
        {"main_days": 45},
        {"windows_km": (-1.0, 300.0)},
        {"planted": (0.0,)},
        {"rivals": ({"name": "inside", "states": ("BFA",)},)},
        {"rivals": ({"name": "nowhere"},)},
        {"rivals": ({"name": "x", "region": ("Mopti",)},)},
        {"window_km": (300.0,)},
    ],
)
def test_settings_that_contradict_themselves_are_refused(wrong):
    with pytest.raises(ValueError, match="ClaimSettings"):
        ClaimSettings(**wrong)
