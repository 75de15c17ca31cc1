"""The window stage: the opening, influence and stability by hand, and the built-in record."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from vallum.accord.model import AccordGame
from vallum.brief import window_page, window_words
from vallum.brief.page_text import plain
from vallum.brief.record import as_json
from vallum.brief.record_window import record_window
from vallum.cli import cli
from vallum.errors import InputError
from vallum.theatre import load
from vallum.window import WindowSettings, assess, events_table
from vallum.window.climate import climate
from vallum.window.influence import influence
from vallum.window.opening import Load, Sought, open_through, opening, score
from vallum.window.readers.ideal import distances, read_ideal_points
from vallum.window.settings import assumptions
from vallum.window.stability import (
    Scenario,
    changed,
    listed,
    patience,
    ranged,
    scenarios,
    stability,
)

LEVELS = st.floats(-30.0, 30.0)


@given(LEVELS, LEVELS, st.booleans())
def test_a_score_lies_in_0_to_1_and_rises_with_the_level_or_falls(one, two, hostile):
    first, second = (float(score(level, hostile=hostile)) for level in (one, two))
    assert 0.0 <= first <= 1.0
    low, high = (first, second) if one <= two else (second, first)
    assert low >= high if hostile else low <= high
    assert float(score(one, hostile=True)) == pytest.approx(1.0 - float(score(one, hostile=False)))


def made_climate(level: float, *, pairs=("AAA-BBB",), months=40):
    rng = np.random.default_rng(3)
    rows = [
        (pair, np.datetime64("2020-01", "M") + n, 3, level + 0.1 * rng.standard_normal())
        for pair in pairs
        for n in range(months)
    ]
    table = pd.DataFrame(rows, columns=["pair", "month", "events", "goldstein_mean"])
    table["month"] = table["month"].astype("datetime64[s]")
    return climate(table)


def opened(level: float, *, load=None, months=12, seed=1):
    weights = dict.fromkeys(("drift", "lean", "members", "partner", "load"), (0.0, 1.0, 2.0))
    return opening(
        made_climate(level), [Sought("members", "AAA-BBB", "A and B")],
        Load("trouble", "made by the test", load, None), weights,
        open_at=(0.4, 0.5, 0.6), months=months, draws=400, rng=np.random.default_rng(seed),
    )  # fmt: skip


def test_the_index_follows_its_parts_and_hides_none():
    friendly, hostile = opened(6.0), opened(-6.0)
    assert friendly.index[1] == pytest.approx(0.8, abs=0.02)
    assert hostile.index[1] == pytest.approx(0.2, abs=0.02)
    assert friendly.p_open_now > 0.95
    assert hostile.p_open_now < 0.05
    assert friendly.p_open_through <= friendly.p_open_now
    assert [part.name for part in friendly.parts] == ["members", "load"]
    assert friendly.parts[1].score is None
    assert friendly.parts[1].status.startswith("no data")
    both = opened(6.0, load=0.0)
    assert both.index[1] == pytest.approx(0.4, abs=0.02)
    assert both.by_month["mid"].iloc[-1] == pytest.approx(both.index[1], abs=1e-9)


def test_the_longer_the_programme_the_less_it_stays_open():
    short, long = opened(0.5, months=6), opened(0.5, months=60)
    assert long.p_open_through <= short.p_open_through


def test_a_month_ahead_is_hardly_less_open_than_now():
    # a draw's next month is its own level and one small step: were both drawn apart, a draw open
    # now would be closed next month by no more than our not knowing the level
    soon = opened(0.0, months=1)
    assert 0.3 < soon.p_open_now < 0.7
    assert soon.p_open_through > 0.8 * soon.p_open_now


def test_the_same_seed_gives_the_same_opening():
    assert opened(1.0, seed=5).index == opened(1.0, seed=5).index
    assert opened(1.0, seed=5).p_open_through == opened(1.0, seed=5).p_open_through


def test_open_through_counts_paths_that_never_fall_below():
    index = np.array([[0.6, 0.7], [0.6, 0.4], [0.3, 0.9]])
    assert open_through(index, np.full(3, 0.5)) == pytest.approx(1 / 3)


def test_patience_by_hand():
    # 6 at once and 1 for ever after, against 4 for ever: 4 >= 6 (1 - d) + 1 d from d = 0.4 on
    assert patience(4.0, 6.0, 1.0) == pytest.approx(0.4)
    assert patience(4.0, 4.0, 1.0) == 0.0
    assert math.isnan(patience(-1.0, 5.0, 0.0))


@given(st.floats(-100, 100), st.floats(-100, 100), st.floats(-100, 100), st.floats(0, 0.999))
@settings(max_examples=200)
def test_with_that_patience_it_pays_to_stay(stays, reneges, leaves, factor):
    least = patience(stays, reneges, leaves)
    stay = stays
    leave = (1 - factor) * reneges + factor * leaves
    if math.isnan(least):
        assert leaves >= stays
    elif factor >= least:
        assert stay >= leave - 1e-9 * max(abs(reneges), abs(leaves), 1.0)


def game(one, two, both) -> AccordGame:
    """Make a game of two members, each (benefit, joint, cost)."""
    rows = [
        (name, *amounts) for name, amounts in (("A", one), ("B", two), ("A+B", both))
    ]  # fmt: skip
    table = pd.DataFrame(
        rows, columns=["coalition", "benefit_usd_yr", "joint_usd_yr", "cost_usd_yr"]
    )
    nothing = pd.DataFrame()
    return AccordGame(
        "aim", "", np.ones((1, 1), bool), table, {}, {}, {}, None, None, None, {}, # type: ignore[arg-type]
        {"A": 4.0, "B": 4.0}, nothing, nothing, None,
    )  # fmt: skip


def test_scenarios_by_hand():
    # alone each has 10 - 8 = 2; together 20 + 6 - 12 = 14: joining saves 4 and brings 6
    made = game((10.0, 0.0, 8.0), (10.0, 0.0, 8.0), (20.0, 6.0, 12.0))
    both = frozenset({"A", "B"})
    assert changed(made, Scenario("", ""))[both] == 14.0
    assert changed(made, Scenario("", "", joint=0.5))[both] == 11.0
    assert changed(made, Scenario("", "", joint=0.0, saving=0.0))[both] == 4.0
    assert changed(made, Scenario("", "", gone=True))[both] == 4.0
    assert changed(made, Scenario("", "", benefit=0.5))[both] == 4.0
    table = scenarios(made, listed(0.75, 0.0, 0.25)).set_index("scenario")
    assert table.loc["as it is", "holds"]
    assert table.loc["as it is", "apart_usd_yr"] == 4.0
    assert (table["subsidy_usd_yr"] >= 0).all()
    own = stability(made, (Scenario("as it is", ""),), "shapley").set_index("state")
    assert own.loc["A", "stays"] == pytest.approx(7.0)  # Shapley: half each
    assert own.loc["A", "leaves"] == 2.0
    assert own.loc["A", "reneges"] == pytest.approx(11.0)
    assert own.loc["A", "patience"] == pytest.approx(4.0 / 9.0)


def test_a_member_that_cannot_by_itself_leaves_the_joint_cost_as_it_is():
    made = game((math.nan, math.nan, math.nan), (10.0, 0.0, 8.0), (20.0, 6.0, 12.0))
    value = changed(made, Scenario("", "", saving=0.0))
    assert value[frozenset({"A"})] is None
    assert value[frozenset({"A", "B"})] == 14.0
    table = scenarios(made, listed(0.75, 0.0, 0.25))
    assert table["subsidy_usd_yr"].notna().sum() >= 4  # after a coup nothing is known


def test_an_accord_that_loses_holds_in_no_climate_and_says_what_it_lacks():
    made = game((1.0, 0.0, 8.0), (1.0, 0.0, 8.0), (2.0, 0.0, 12.0))
    table = scenarios(made, listed(0.75, 0.0, 0.25))
    assert not table["holds"].any()
    assert table["subsidy_usd_yr"].iloc[0] == pytest.approx(10.0)  # doing nothing has 0
    own = stability(made, (Scenario("as it is", ""),), "shapley")
    assert own["patience"].isna().all()
    assert not own["keeps"].any()


def test_after_a_coup_nothing_holds_though_nothing_is_lacking():
    made = game((10.0, 0.0, 8.0), (10.0, 0.0, 8.0), (20.0, 6.0, 12.0))
    coup = scenarios(made, listed(0.75, 0.0, 0.25)).set_index("scenario").loc["coup"]
    assert coup["together_usd_yr"] == coup["apart_usd_yr"] == 4.0
    assert coup["subsidy_usd_yr"] == 0.0
    assert not coup["holds"]
    assert coup["clause"]


def test_ends_of_what_a_scenario_leaves_by_hand():
    # mediation leaves 20 b + 6 - 12 together and nothing or 10 b - 8 each apart: at 0.5, 4 and 0;
    # with no joint gains 20 b - 12 lacks 2 at 0.5, and has 3 at 0.75, 8 at 1 against 4 apart
    made = game((10.0, 0.0, 8.0), (10.0, 0.0, 8.0), (20.0, 0.0, 12.0))
    least, mid, most = (listed(left, 0.0, 1.0) for left in (0.5, 0.75, 1.0))
    row = ranged(made, mid, (least, most)).set_index("scenario").loc["mediation"]
    assert row["subsidy_usd_yr"] == 0.0
    assert (row["subsidy_low"], row["subsidy_high"]) == (0.0, pytest.approx(2.0))
    assert row["holds"]
    assert row["holds_high"]
    assert not row["holds_low"]


def test_words_of_stability_name_who_is_kept_and_who_is_not(found):
    from dataclasses import replace  # noqa: PLC0415 - only here

    made = game((10.0, 0.0, 8.0), (10.0, 0.0, 8.0), (20.0, 6.0, 12.0))
    table = scenarios(made, listed(0.75, 0.0, 0.25))
    own = stability(made, (Scenario("as it is", ""),), "shapley")
    own.loc[own["state"] == "B", ["patience", "keeps"]] = [math.nan, False]
    said = window_words.of_stability(replace(found, scenarios=table, stability=own), {})
    assert "A from 0.44" in said
    assert "No patience keeps B" in said
    assert "coup" not in said.split(".")[0]


@pytest.fixture(scope="module")
def sahel():
    return load("sahel", cell_km=50)


@pytest.fixture(scope="module")
def found(sahel):
    return assess(sahel, None, WindowSettings(draws=300), programme_months=48, seed=0)


def test_on_the_built_in_record_all_parts_are_shown(found, sahel):
    names = [part.name for part in found.opening.parts]
    assert names == ["drift", "lean", "members", "partner", "load"]
    assert found.opening.parts[0].series == "DZA-MLI"
    assert found.opening.parts[1].series == "MAR-MRT"
    low, mid, high = found.opening.index
    assert 0.0 <= low <= mid <= high <= 1.0
    assert 0.0 <= found.opening.p_open_through <= found.opening.p_open_now <= 1.0
    assert set(found.latest) >= {"DZA-MLI", "MAR-MRT", "MLI-MRT", "MAR-MLI"}
    turned = found.changes[found.changes["pair"] == "DZA-MLI"]
    assert "2023-12" in set(turned["month"])
    keys = [row.key for row in assumptions(WindowSettings())]
    assert {f"window.{name}" for name in names} <= set(keys)
    assert found.fingerprint == sahel.fingerprint


def test_influence_is_shares(found):
    table = found.influence[found.influence["part"] != "index"]
    sums = table.groupby(["member", "part"])["before"].sum(min_count=1).dropna()
    assert (sums[sums.index.get_level_values("part") != "transit"] <= 1.0 + 1e-9).all()
    security = table[table["part"] == "security"]
    assert security["after"].isna().all()  # no accord was given: no data
    index = found.influence[found.influence["part"] == "index"].dropna()
    assert (index["after_low"] <= index["after"] + 1e-9).all()
    assert (index["after"] <= index["after_high"] + 1e-9).all()


def test_influence_by_hand(sahel):
    events = pd.DataFrame(
        {"actor": ["MLI", "DZA", "MLI"], "target": ["MAR", "MLI", "MAR"],
         "kind": ["agreement", "commission", "statement"]}
    )  # fmt: skip
    rng = np.random.default_rng(1)
    table = influence(sahel, events, {"MLI": {"MAR": 0.25}}, draws=50, rng=rng)
    by = table[table["member"] == "MLI"].set_index(["state", "part"])
    assert by.loc[("MAR", "agreements"), "before"] == 0.5
    assert by.loc[("DZA", "agreements"), "before"] == 0.5
    assert by.loc[("MAR", "security"), "before"] == 0.0
    assert by.loc[("MAR", "security"), "after"] == 0.25
    assert np.isnan(by.loc[("DZA", "trade"), "before"])  # no row of Mali and Algeria: not 0
    assert by.loc[("DZA", "index"), "before"] == pytest.approx(
        by.loc[[("DZA", "agreements"), ("DZA", "transit"), ("DZA", "security")], "before"].mean()
    )
    assert by.loc[("MAR", "index"), "after"] > by.loc[("MAR", "index"), "before"]


def parts_of(found):
    """Give the rows of the opening's parts as the chapter has them."""
    return window_page._parts(found, {"MRT": "Mauritania"})  # noqa: SLF001


def test_states_without_events_have_no_data_and_say_so(sahel):
    alone = sahel.countries.drop(
        index=[i for i in sahel.countries.index if i not in {"MRT", "BEN"}]
    )
    from dataclasses import replace  # noqa: PLC0415 - only here

    countries = alone.assign(role=["member" if i == "MRT" else "flank" for i in alone.index])
    bare = replace(sahel, countries=countries)
    made = assess(bare, None, WindowSettings(draws=100), programme_months=12, seed=0)
    assert made.climate is None
    assert made.opening.index is None
    assert made.opening.p_open_through is None
    assert made.status.startswith("no data")
    assert {part["score"] for part in parts_of(made)} == {"no data"}
    assert "no data" in {part["says"] for part in parts_of(made)}


def test_a_users_events_are_read_and_a_missing_file_is_said(sahel, tmp_path):
    with pytest.raises(InputError, match="no such file"):
        assess(sahel, None, WindowSettings(events=str(tmp_path / "no.csv")),
               programme_months=12, seed=0)  # fmt: skip


def test_the_record_is_a_table_with_sources():
    table = events_table()
    assert len(table) >= 120
    assert table["source"].str.startswith("http").all()
    assert table["date"].is_monotonic_increasing
    count = table["event"].nunique()
    assert count < len(table)  # some are among several states
    told = CliRunner().invoke(cli, ["window", "events"])
    assert told.exit_code == 0
    assert f"{count} public events" in told.output


def test_the_chapter_and_the_record_say_the_results_numbers(found, sahel):
    from types import SimpleNamespace  # noqa: PLC0415 - only here

    plan = SimpleNamespace(window=found, theatre=sahel)
    record = json.loads(as_json(record_window(plan)))
    assert set(record["climate"]["DZA-MLI"]) == {"low", "mid", "high"}
    assert record["p_open_through_programme"] == found.opening.p_open_through
    assert set(record["opening"]["parts"]) == {p.name for p in found.opening.parts}
    shown = window_page.chapter(plan)
    assert len(shown["parts"]) == 5
    ahead = shown["outlook"]
    assert ahead["months"] == [6, 12, 18, 24]
    assert len(ahead["rows"]) == len(found.latest)
    assert {row["name"] for row in shown["sources"]} == {row["name"] for row in ahead["rows"]}
    assert len(record["one_left_out"]) == len(found.one_left_out)
    assert shown["apart"] == ""
    assert shown["parts"][0]["series"] == "Algeria–Mali"
    assert f"among {len(found.latest)} pairs" in shown["alarms"]
    scored = [part for part in found.opening.parts if part.score is not None]
    assert [row["score"] for row in shown["parts"]] == [plain(p.score[1]) for p in scored]
    low, _, high = scored[0].score
    assert shown["parts"][0]["says"] == (
        "bears it out" if low > 0.5 else "the opposite" if high < 0.5
        else "can’t tell it from neutral"
    )  # fmt: skip


def test_ideal_points_are_read_and_kept_apart(tmp_path, sahel):
    path = tmp_path / "points.csv"
    path.write_text(
        "iso3c,year,IdealPointAll\nMLI,2012,-0.5\nDZA,2012,-1.0\nDZA,2013,\n,2012,1\n", "utf-8"
    )
    points = read_ideal_points(path, ["MLI", "DZA"])
    assert len(points) == 2
    table = distances(points, ["DZA-MLI", "MAR-MRT"])
    assert table.to_dict("records") == [{"pair": "DZA-MLI", "year": 2012, "distance": 0.5}]
    made = assess(sahel, None, WindowSettings(draws=100, ideal_points=str(path)),
                  programme_months=12, seed=0)  # fmt: skip
    assert made.background["distance"].tolist() == [0.5]
    assert "DZA–MLI 0.50 in 2012" in window_words.apart(made, {})
    path.write_text("iso3c,year,IdealPointAll\nMLI,2012,much\nMLI,2012,1\n", "utf-8")
    with pytest.raises(InputError) as raised:
        read_ideal_points(path, ["MLI"])
    assert len(raised.value.faults) == 2


def test_published_ideal_points_give_the_distances_that_were_read():
    shared = Path(__file__).resolve().parents[2].parent / "shared"
    path = shared / "data" / "un_ideal_points_1946_2023.csv"
    if not path.is_file():
        pytest.skip("../shared is absent: no published ideal points")
    table = distances(read_ideal_points(path, ["DZA", "MLI", "MRT"]), ["MLI-MRT", "DZA-MLI"])
    with path.open(encoding="utf-8", newline="") as file:
        rows = {(row["iso3c"], row["year"]): row["IdealPointAll"] for row in csv.DictReader(file)}
    of_2012 = table[table["year"] == 2012].set_index("pair")["distance"]
    for one, two in (("MLI", "MRT"), ("DZA", "MLI")):
        gap = abs(float(rows[one, "2012"]) - float(rows[two, "2012"]))
        assert of_2012[f"{one}-{two}"] == pytest.approx(gap)
    # an older release has 0.171 and 0.484: points of a year move from release to release
    assert of_2012["MLI-MRT"] == pytest.approx(0.171, abs=0.01)


def test_a_panel_takes_the_place_of_deaths(tmp_path, sahel):
    path = tmp_path / "panel.csv"
    counts = "gdelt_conflict_event_count,gdelt_protest_event_count,gdelt_goldstein_mean"
    head = f"country_iso3,year_month,{counts}"
    rows = [f"DZA,{2022 + n // 12}-{n % 12 + 1:02d},{10 if n < 12 else 5},0,-1" for n in range(24)]
    path.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    made = assess(sahel, None, WindowSettings(draws=100, panel=str(path)),
                  programme_months=12, seed=0)  # fmt: skip
    assert made.opening.parts[-1].score == (0.5, 0.5, 0.5)
    assert "panel.csv" in made.opening.parts[-1].series
