"""The dividend stage: losses and costs by hand, joint draws, and the whole on coarse cells."""

from __future__ import annotations

import ast
import json
import operator
import re
from dataclasses import replace
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from vallum.brief.record import as_json
from vallum.brief.record_dividend import (
    dividend_ranges,
    dividend_table,
    record_dividend,
    write_dividend,
    years_table,
)
from vallum.dividend import DividendSettings, Land, Stream, Timing, annuity, evaluate
from vallum.dividend import joint as together
from vallum.dividend.assess import appraise
from vallum.dividend.costs import outlays
from vallum.dividend.lands import lands
from vallum.dividend.losses import losses
from vallum.dividend.saltelli import Saltelli
from vallum.errors import Fault, InputError
from vallum.kernel.ledger import Assumption
from vallum.plan import until
from vallum.settings import load_settings
from vallum.works.cost import annuity as works_annuity

QUICK = DividendSettings(horizon=4, rate=0.1, draws=500, sobol=64)
OPERATIONS = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.Pow: operator.pow,
}  # fmt: skip


@pytest.fixture(scope="module")
def coarse(stages_once):  # noqa: ARG001
    """All stages on cells of 50 km, few draws."""
    chosen = load_settings(
        assignments=[
            "theatre.cell_km=50", "line.refine=0", "robust.draws=0", "draws=100",
            "campaign.draws=20", "campaign.years=2", "dividend.draws=400", "dividend.sobol=32",
        ]
    )  # fmt: skip
    return {**until("dividend", "sahel", chosen), "settings": chosen}


def assumed(key, value, low, high, unit="multiple"):
    return Assumption(key, value, low, high, unit, "judgement: of a test")


def flat(kind, usd, *assumptions, parties=("A",), horizon=4, counted=True):
    """A stream that pays `usd` to each party each year, times the product of its assumptions."""
    amount = np.array(usd, np.float64)

    def yearly(values):
        return (
            values.prod(axis=1)[:, None, None]
            * amount[:, None]
            * np.ones((len(values), 1, horizon))
        )

    return Stream(kind, kind, parties, assumptions, yearly, counted=counted)


def land(**given):
    """Two states and one neighbour; each draw spares held land one attack more."""
    base = {
        "name": "plan", "step": 1, "held": np.array([[True, False]]),
        "outside": np.array([[False, True]]), "line_km": 10.0, "cost_usd_yr": 1.0,
        "change": pd.DataFrame(
            {
                "held_before": [10.0, 10.0, 10.0], "held_after": [7.0, 9.0, 8.0],
                "outside_before": [4.0, 4.0, 4.0], "outside_after": [5.0, 5.0, 5.0],
                "NNN_before": [6.0, 6.0, 6.0], "NNN_after": [7.0, 7.0, 7.0],
            }
        ),
        "targets": pd.DataFrame(
            {
                "iso3": ["AAA", "BBB", "BBB", "NNN"],
                "side": ["held", "held", "outside", "neighbour"],
                "before": [6.0, 4.0, 4.0, 6.0], "after": [5.0, 3.0, 5.0, 7.0],
                "lost_usd_per_attack": [100.0, 200.0, 200.0, 1000.0],
                "deaths_per_attack": [1.0, 1.0, 1.0, 1.0],
            }
        ),
        "timing": Timing(4, np.array([0.0, 0.5, 1.0, 1.0])),
    } | given  # fmt: skip
    return Land(**base)


def averted(monkeypatch, where):
    monkeypatch.setattr(
        "vallum.dividend.losses.harm",
        lambda *_: (None, (), {"lost_usd": (0.5, 1.0, 2.0)}),
    )
    return losses(SimpleNamespace(members=("AAA", "BBB")), None, where)


def read_sheet(root):
    """Read the cells of the spreadsheet: what each shows, and its formula if it has one."""
    tree = ET.parse(root / "tests/data/dividend_worked.fods")  # noqa: S314  (our own)
    of = {
        name: f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}"
        for name in ("table", "office", "text")
    }
    shown, formulas = {}, {}
    for row, line in enumerate(tree.iter(f"{of['table']}table-row"), start=1):
        for column, cell in enumerate(line.iter(f"{of['table']}table-cell")):
            place = f"{chr(ord('A') + column)}{row}"
            value = cell.get(f"{of['office']}value")
            shown[place] = cell.findtext(f"{of['text']}p") if value is None else float(value)
            formula = cell.get(f"{of['table']}formula")
            if formula:
                formulas[place] = formula.removeprefix("of:=")
    return shown, formulas


def worked_out(formula, shown):
    """Work out a formula of sums, products and powers."""
    text = re.sub(r"\[\.\$?([A-Z])\$?(\d+)\]", lambda m: repr(shown[m[1] + m[2]]), formula)

    def value(node):
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.UnaryOp):
            return -value(node.operand)
        return OPERATIONS[type(node.op)](value(node.left), value(node.right))

    return value(ast.parse(text.replace("^", "**"), mode="eval").body)


def test_the_spreadsheet_agrees_with_its_own_formulas_and_with_the_sheet_by_hand(root):
    shown, formulas = read_sheet(root)
    assert len(formulas) == 33
    for place, formula in formulas.items():
        assert shown[place] == pytest.approx(worked_out(formula, shown), rel=1e-12, abs=1e-9)
    by_hand = pd.read_csv(root / "tests/data/dividend_worked.csv")
    for number, row in enumerate(by_hand.to_dict("records"), start=3):
        assert [shown[f"{c}{number}"] for c in "ABCD"] == [
            row[name] for name in ("party", "kind", "year", "usd")
        ]
        assert shown[f"F{number}"] == pytest.approx(row["present"], rel=1e-9)


def test_the_spreadsheet_says_what_the_stage_says(root):
    shown, _ = read_sheet(root)
    rows = pd.DataFrame(
        [[shown[f"{c}{n}"] for c in "ABCD"] for n in range(3, 13)],
        columns=["party", "kind", "year", "usd"],
    )
    streams = []
    for kind, own in rows.groupby("kind"):
        parties = tuple(sorted(set(own["party"])))
        table = np.zeros((1, len(parties), 4))
        for row in own.to_dict("records"):
            table[0, parties.index(row["party"]), int(row["year"])] = row["usd"]
        streams.append(
            Stream(
                kind, kind, parties, (assumed(f"x.{kind}", 1.0, 0.5, 1.5),),
                lambda v, t=table: v[:, :1, None] * t,
            )
        )  # fmt: skip
    settings = DividendSettings(horizon=4, rate=shown["B1"], draws=100, sobol=0)
    case = appraise(land(), streams, settings, people_left_outside=0.0, seed=1)
    for party, row in (("A", 14), ("B", 15)):
        account = case.evaluation.parties[party]
        assert account.benefit_usd == pytest.approx(shown[f"B{row}"])
        assert account.cost_usd == pytest.approx(shown[f"C{row}"])
        assert account.npv_usd == pytest.approx(shown[f"D{row}"], abs=1e-9)
        assert account.bcr == pytest.approx(shown[f"E{row}"])
    assert case.evaluation.total.npv_usd == pytest.approx(shown["D16"])
    assert case.evaluation.total.bcr == pytest.approx(shown["E16"])
    assert annuity(shown["B1"], int(shown["B17"])) == pytest.approx(shown["C17"], rel=1e-12)


def test_draws_agree_with_the_account_of_each_of_them():
    both = assumed("x.both", 1.0, 0.2, 3.0)
    joint = together.gathered(
        (
            flat("gain", (5.0, -1.0), both, parties=("A", "B")),
            flat("cost", (-4.0,), both, assumed("x.own", 1.0, 0.5, 2.0)),
            flat("beside", (1e6,), both, counted=False),
        ),
        0.1,
        4,
    )
    values = np.vstack([joint.mids, together.drawn(joint, 5, seed=3)])
    sums, worth = together.summed(joint, values), together.npv(joint, values)
    for n, row in enumerate(values):
        made = evaluate(together.rows_at(joint, row), row[0], 4)
        for at, party in enumerate(joint.parties):
            assert sums.benefit[n, at] == pytest.approx(made.parties[party].benefit_usd)
            assert sums.cost[n, at] == pytest.approx(made.parties[party].cost_usd)
        assert sums.benefit[n, -1] == pytest.approx(made.total.benefit_usd)
        assert sums.cost[n, -1] == pytest.approx(made.total.cost_usd)
        assert worth[n] == pytest.approx(made.total.npv_usd)
        years = made.years.groupby("year")["usd"].sum()
        np.testing.assert_allclose(sums.years[n, -1], years)
    assert sums.streams[2][0, 0] > 1e6  # shown beside, and not counted


def test_what_two_streams_rest_on_is_drawn_once():
    same = assumed("x.same", 1.0, 0.0, 5.0)
    joint = together.gathered((flat("up", (7.0,), same), flat("down", (-7.0,), same)), 0.1, 4)
    assert [one.key for one in joint.assumptions] == ["dividend.rate", "x.same"]
    values = together.drawn(joint, 300, seed=0)
    assert np.ptp(values[:, 1]) > 1
    np.testing.assert_allclose(together.npv(joint, values), 0.0, atol=1e-9)


def test_one_more_assumption_leaves_the_other_draws():
    first, more = assumed("x.first", 1.0, 0.0, 2.0), assumed("x.more", 1.0, 0.0, 2.0)
    few = together.drawn(together.gathered((flat("a", (1.0,), first),), 0.1, 4), 50, seed=5)
    many = together.drawn(together.gathered((flat("a", (1.0,), more, first),), 0.1, 4), 50, seed=5)
    np.testing.assert_array_equal(few[:, 1], many[:, 2])
    assert not np.array_equal(many[:, 1], many[:, 2])


def test_two_tales_of_one_assumption_and_two_streams_of_one_kind_are_refused():
    one, other = assumed("x.k", 1.0, 0.0, 2.0), assumed("x.k", 1.5, 0.0, 2.0)
    with pytest.raises(InputError) as caught:
        together.gathered((flat("a", (1.0,), one), flat("a", (1.0,), other)), 0.1, 4)
    assert {fault.place for fault in caught.value.faults} == {"a", "x.k"}


def test_money_that_is_none_is_refused():
    bad = replace(flat("a", (1.0,)), yearly=lambda v: np.full((len(v), 1, 4), np.nan))
    joint = together.gathered((bad,), 0.1, 4)
    with pytest.raises(InputError, match="not finite"):
        together.npv(joint, joint.mids)


def test_a_plan_without_benefits_has_a_ratio_of_0_and_never_pays_back():
    streams = (flat("capital", (-5.0,), assumed("x.c", 1.0, 0.5, 2.0)),)
    case = appraise(land(), streams, QUICK, people_left_outside=3.0, seed=0)
    row = case.ranges.set_index("party").loc["all"]
    assert (row["bcr"], row["bcr_low"], row["bcr_high"], row["pays_share"]) == (0.0, 0.0, 0.0, 0.0)
    assert row["payback_yr"] is None
    assert row["payback_low"] is None


def test_totals_by_party_add_up_to_the_whole():
    streams = (
        flat("gain", (5.0, 2.0), assumed("x.g", 1.0, 0.2, 3.0), parties=("A", "B")),
        flat("cost", (-4.0, -1.0), assumed("x.c", 1.0, 0.5, 2.0), parties=("B", "C")),
    )
    case = appraise(land(), streams, QUICK, people_left_outside=0.0, seed=2)
    parts = case.draws[["A", "B", "C"]]
    np.testing.assert_allclose(parts.sum(axis=1), case.draws["all"])
    npv = case.ranges.set_index("party")["npv_usd"].astype(float)
    assert npv[["A", "B", "C"]].sum() == pytest.approx(npv["all"])
    assert case.streams["npv_usd"].sum() == pytest.approx(npv["all"])
    assert (case.ranges["npv_low"] <= case.ranges["npv_high"]).all()


def test_what_decides_and_how_far_it_must_move():
    streams = (
        flat("gain", (10.0,), assumed("x.strong", 1.0, 0.0, 2.0)),
        flat("cost", (-9.0,), assumed("x.weak", 1.0, 0.9, 1.1)),
    )
    case = appraise(land(), streams, QUICK, people_left_outside=0.0, seed=2)
    assert case.decisive["key"].iloc[0] == "x.strong"
    row = case.decisive.set_index("key").loc["x.strong"]
    assert row["switch"] == pytest.approx(0.9)
    assert row["move"] == pytest.approx(-0.1)
    assert bool(row["within"])
    again = appraise(land(), streams, QUICK, people_left_outside=0.0, seed=2)
    pd.testing.assert_frame_equal(case.decisive, again.decisive)


def test_the_library_finds_the_indices_of_a_sum():
    # variances of uniform draws go as the width squared: 9 to 1 of 10
    method = Saltelli(256, seed=1)
    design = method.sample(np.zeros(2), np.array([3.0, 1.0]))
    assert design.shape == (256 * 4, 2)
    first, total = method.indices(design.sum(axis=1))
    np.testing.assert_allclose(first, [0.9, 0.1], atol=0.03)
    np.testing.assert_allclose(total, [0.9, 0.1], atol=0.03)


def test_losses_by_hand(monkeypatch):
    stream = averted(monkeypatch, land())
    assert stream.parties == ("AAA", "BBB", "NNN")
    # at the middle held land is spared 2 of 10 attacks, one in each state; 1 more strikes outside
    mid = stream.yearly(np.array([[0.5, 1.0]]))[0]
    np.testing.assert_allclose(mid[:, 2], [100.0, 200.0 - 200.0, -1000.0])
    np.testing.assert_allclose(mid[:, 1], mid[:, 2] / 2)
    assert not mid[:, 0].any()
    # at the best draw it is spared one more, shared as losses lie before: 600 and 800 of 10 attacks
    best = stream.yearly(np.array([[1.0, 1.0]]))[0]
    np.testing.assert_allclose(best[:, 2], [160.0, 80.0, -1000.0])
    np.testing.assert_allclose(stream.yearly(np.array([[1.0, 2.0]]))[0], 2 * best)
    assert stream.tables["spared"].set_index("place")["attacks_yr"].to_dict() == {
        "held": 2.0, "outside": -1.0, "NNN": -1.0,
    }  # fmt: skip


def test_members_gain_more_the_better_the_draw(monkeypatch):
    rng = np.random.default_rng(4)
    change = land().change.iloc[np.zeros(40, int)].reset_index(drop=True)
    change["held_after"] = rng.uniform(0, 10, 40)
    stream = averted(monkeypatch, land(change=change))
    q = np.linspace(-0.5, 1.5, 201)
    usd = stream.yearly(np.column_stack([q, np.ones_like(q)]))[:, 0, -1]
    assert (np.diff(usd) >= 0).all()
    # drawn in its triangle the quantile gives the campaign's own draws, each as often
    drawn = rng.triangular(0.0, 0.5, 1.0, 40_000)
    usd = stream.yearly(np.column_stack([drawn, np.ones_like(drawn)]))[:, 0, -1]
    spared = (change["held_before"] - change["held_after"]).to_numpy()
    # the state's own: 1 spared at 100 USD on the mean, 60 USD for each beyond the mean
    own = 100.0 + 60.0 * (spared - spared.mean())
    assert usd.mean() == pytest.approx(own.mean(), abs=3.0)
    np.testing.assert_allclose(
        np.quantile(usd, [0.25, 0.75]), np.quantile(own, [0.25, 0.75]), atol=15.0
    )


def test_what_moves_next_door_follows_what_is_spared_and_not_single_draws(monkeypatch):
    change = land().change.assign(
        NNN_after=[9.0, 6.0, 9.0],  # spared -3, 0, -3 where held land is spared 3, 1, 2
    )
    targets = land().targets.assign(after=[5.0, 3.0, 5.0, 8.0])
    stream = averted(monkeypatch, land(change=change, targets=targets))
    # least squares: mean -2, slope -3/2 for each attack spared
    usd = [stream.yearly(np.array([[q, 1.0]]))[0, 2, -1] for q in (0.0, 0.5, 1.0)]
    np.testing.assert_allclose(usd, [-500.0, -2000.0, -3500.0])


def test_where_nothing_was_played_nothing_is_averted(monkeypatch):
    stream = averted(monkeypatch, land(change=land().change.iloc[:0]))
    assert not stream.yearly(np.array([[0.5, 1.0], [0.1, 2.0]])).any()
    assert "Nothing was played" in " ".join(stream.said)


def test_outlays_by_hand():
    paid, cleared = outlays(100.0, 2.0, np.array([0.5, 0.5, 0.0, 0.0, 0.0]), end=10.0)
    # renewed in years 2 and 3, and 4; what is renewed in year 4 serves one of its two years
    np.testing.assert_allclose(paid, [50, 50, 50, 50, 25])
    np.testing.assert_allclose(cleared, [0, 0, 5, 5, 5])
    once, none = outlays(100.0, 30.0, np.array([0.0, 1.0, 0.0]), end=10.0)
    assert (once.tolist(), none.tolist()) == ([0.0, 100.0, 0.0], [0.0, 0.0, 0.0])


def test_outlays_over_whole_lives_are_worth_the_annuity():
    # a life of 5 over 20 years at 7 %, paid at each year's end from year 1: the same worth
    paid, _ = outlays(100.0, 5.0, np.eye(20)[0])
    worth = paid @ 1.07 ** -np.arange(20)
    assert worth == pytest.approx(100.0 * annuity(0.07, 5) / annuity(0.07, 20))


def test_the_lands_are_those_played(coarse):
    settings = coarse["settings"].dividend
    found = lands(coarse["campaign"], coarse["line"], coarse["forces"], coarse["theatre"], settings)
    for each, case in zip(found, coarse["campaign"].cases, strict=True):
        assert (each.name, each.step) == (case.name, case.step)
        assert not (each.held & each.outside).any()
        assert (each.held | each.outside)[coarse["theatre"].member_mask].all()
        row = coarse["line"].plans.steps.iloc[case.step]
        held_km2 = each.held.sum() * coarse["theatre"].grid.cell_km2
        assert held_km2 == pytest.approx(row["held_km2"])
        held = case.change.set_index(["means", "what"]).loc[("line", "held")]
        assert each.change["held_before"].mean() == pytest.approx(held["before"])
        assert each.change["held_after"].mean() == pytest.approx(held["after"])
        on = each.targets["side"] == "held"
        assert each.targets.loc[on, "after"].sum() == pytest.approx(held["after"])
        spared = [c for c in each.change if c.endswith("_before")]
        neighbours = each.targets.loc[each.targets["side"] == "neighbour", "iso3"]
        assert {c.removesuffix("_before") for c in spared} == {"held", "outside", *neighbours}
        assert (np.diff(each.timing.covered) >= 0).all()
        assert each.timing.covered[-1] == pytest.approx(1.0)
    without = found[-1].timing.covered
    assert without[:4].tolist() == [0.0] * 4  # no programme: covered after the delay of 4 years
    assert without[4] == 1.0


def test_a_full_year_costs_what_the_line_stage_says(coarse):
    how = coarse["settings"].works
    man_usd_yr = how.man_year_usd * how.rotation
    assert len(coarse["dividend"].cases) == 2
    for case, played in zip(coarse["dividend"].cases, coarse["campaign"].cases, strict=True):
        items = case.tables["capital.items"]
        payment = works_annuity(how.discount_rate, items["life_yr"])
        men = items["men"] * man_usd_yr
        works = (items["capital_usd"] * payment + items["upkeep_usd_yr"] + men).sum()
        duty = case.tables["men.on_duty"]
        holding = (duty["for_people_held"] + duty["for_land_held"]).sum() * man_usd_yr
        assert works + holding == pytest.approx(played.cost_usd_yr, rel=1e-6)
        # and the streams of the last year, when all is covered, are its running part
        gate = items["role"] == "gate"
        last = -case.streams.groupby("kind")["usd_yr"].sum()
        assert last["upkeep"] == pytest.approx(items.loc[~gate, "upkeep_usd_yr"].sum())
        assert last["men"] == pytest.approx(men[~gate].sum() + holding)
        running = items.loc[gate, "upkeep_usd_yr"].sum() + men[gate].sum()
        assert last["gates"] >= running * (1 - 1e-9)  # some are renewed in that year


def test_a_switch_is_looked_for_no_further_than_its_stream_can_go():
    def picky(values):
        if (values <= 0).any():
            raise InputError([Fault("x", "", "0", "give more")])
        return np.ones((len(values), 1, 4)) * values[:, :1, None]

    streams = (
        Stream("gain", "gain", ("A",), (assumed("x.e", 2.0, 1.0, 3.0),), picky),
        flat("cost", (-1.0,), assumed("x.c", 1.0, 0.5, 3.0)),
    )
    rows = appraise(land(), streams, QUICK, people_left_outside=0.0, seed=0).decisive
    rows = rows.set_index("key")
    assert rows["looked"].to_dict() == {"x.e": 1.0, "x.c": 10.0, "dividend.rate": 10.0}
    assert rows.loc["x.c", "switch"] == pytest.approx(2.0)


def test_costs_are_costs_and_lie_where_the_line_stands(coarse):
    for case in coarse["dividend"].cases:
        paid = ["capital", "upkeep", "men", "gates", "clearance"]
        table = case.streams[case.streams["kind"].isin(paid)]
        assert (table["npv_usd"] <= 0).all()
        assert (table["npv_high"] <= 0).all()
        assert set(table["party"]) == set(coarse["theatre"].members)
        assert not table.loc[table["kind"] == "clearance", "npv_usd"].any()
        assert any("mines are barred" in text for _, text in case.said)


def test_states_add_up_to_the_whole_on_the_sahel(coarse):
    for case in coarse["dividend"].cases:
        parties = [name for name in case.draws if name != "all"]
        np.testing.assert_allclose(case.draws[parties].sum(axis=1), case.draws["all"])
        people = coarse["worth"].people.sum()
        assert 0 < case.people_left_outside < people
        years = case.years[case.years["party"] == "all"]
        assert (years["low"] <= years["mid"]).all()
        assert (years["mid"] <= years["high"]).all()


def test_the_ledger_says_each_new_assumption_once(coarse):
    keys = [row.key for row in coarse["dividend"].ledger]
    assert len(keys) == len(set(keys))
    assert "dividend.rate" in keys
    assert not {row.key for row in coarse["works"].ledger} & set(keys)
    assert all(row.source for row in coarse["dividend"].ledger)


def test_the_record_is_plain_and_has_what_is_asked_of_it(coarse, tmp_path):
    plan = SimpleNamespace(theatre=coarse["theatre"], dividend=coarse["dividend"])
    record = json.loads(as_json(record_dividend(plan)))
    assert record["status"] == "ok"
    assert set(record["cases"]) == {case.name for case in coarse["dividend"].cases}
    for name in ("npv_usd", "bcr", "payback_yr"):
        assert set(record[name]["all"]) == {"low", "mid", "high"}
        assert set(coarse["theatre"].members) < set(record[name])
    first = coarse["dividend"].cases[0]
    assert record["npv_usd"]["all"]["mid"] == pytest.approx(first.evaluation.total.npv_usd)
    assert record["npv_usd"]["members"]["mid"] == pytest.approx(
        sum(first.evaluation.parties[iso3].npv_usd for iso3 in coarse["theatre"].members)
    )
    assert len(record["decisive"]) == 5
    assert {"total", "sign_total", "switch"} <= set(next(iter(record["decisive"].values())))
    write_dividend(plan, tmp_path)
    streams = pd.read_csv(tmp_path / "dividend.csv")
    assert len(streams) == sum(len(case.streams) for case in coarse["dividend"].cases)
    years = pd.read_csv(tmp_path / "dividend_years.csv")
    assert set(years["year"]) == set(range(coarse["settings"].dividend.horizon))


def test_without_a_dividend_the_record_and_tables_are_empty():
    plan = SimpleNamespace(theatre=None, dividend=None)
    record = record_dividend(plan)
    assert record["npv_usd"] is None
    assert record["cases"] == {}
    for table in (dividend_table(None), years_table(None), dividend_ranges(None)):
        assert not len(table)
        assert "case" in table
