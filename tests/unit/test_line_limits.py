"""Limits on held land, flanks by part, existing lines, and the cheapest line around places."""

from __future__ import annotations

import itertools
import json
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
from pydantic import ValidationError
from shapely.geometry import LineString, Point, box

from vallum import cli, plan
from vallum.brief import verify_steps
from vallum.brief.certificate import read_certificate, write_certificate
from vallum.errors import InfeasibleError, InputError
from vallum.kernel.chain import exact_chain
from vallum.kernel.cut import solve
from vallum.kernel.grid import Grid
from vallum.kernel.territory import instance, score
from vallum.line import LineSettings, draw
from vallum.line.constraints import Constraints, Wish, problem_of, resolve
from vallum.line.enclose import cheapest
from vallum.line.existing import paid_share
from vallum.line.flanks import openness
from vallum.line.sieve import Mesh, capitals, sieve
from vallum.line.width import disc, widened
from vallum.plan import bill_of, until
from vallum.settings import load_settings
from vallum.works import WorksSettings, explain, plain_ground, price, roads_cut
from vallum.works.assess import standard_by_cell

NONE = np.zeros((1, 1), bool)


def test_discs_by_hand():
    assert disc(0.0, 10.0).tolist() == [[True]]
    assert disc(10.0, 10.0).tolist() == [[True]]
    assert disc(20.0, 10.0).all()
    assert disc(30.0, 10.0).shape == (3, 3)
    four = disc(35.0, 10.0)
    assert four.sum() == 12  # without its corners
    assert not four[0, 0]


def test_land_that_must_be_held_is_widened_the_most_central_way():
    land = np.ones((5, 5), bool)
    must = np.zeros((5, 5), bool)
    must[2, 2] = must[0, 4] = True
    more, narrow = widened(must, land, ~land, 30.0, 10.0)
    assert not narrow.any()
    wanted = np.zeros((5, 5), bool)
    wanted[1:4, 1:4] = wanted[0:3, 2:5] = True
    assert (more == wanted).all()
    land[:, 3:] = False
    more, narrow = widened(must & land, land, ~land & False, 40.0, 10.0)
    assert narrow[2, 2]


@pytest.fixture(scope="module")
def two_islands():
    """Rich cells on either side of poor ones: a strong piece of one cell, a broad one of 12."""
    benefit = np.zeros((7, 12))
    benefit[3, 1] = 40.0
    benefit[2:5, 7:11] = 3.0
    problem = instance(benefit, np.full(benefit.shape, 0.5), np.ones(benefit.shape), cell_km=1.0)
    found = solve(problem, step=0.0)
    return problem, found, exact_chain(found)


def mesh(shape=(7, 12), **asked):
    given = {"people": np.zeros(shape), "calm": np.zeros(shape, bool), **asked}
    return Mesh(**given)


def test_nothing_asked_changes_nothing(two_islands):
    problem, found, chain = two_islands
    assert sieve(problem, found, chain, None) is chain
    assert sieve(problem, found, chain, mesh(least_km2=1.0)) is chain


@pytest.mark.parametrize("asked", ["size", "people", "width", "capital"])
def test_a_small_piece_goes_and_the_broad_one_stays(two_islands, asked):
    problem, found, chain = two_islands
    first = chain.entry == 0
    assert first.sum() == 1
    assert first[3, 1]
    people = np.where(first, 5.0, 1.0)
    seats = np.zeros((7, 12), bool)
    seats[3, 8] = True
    made = sieve(problem, found, chain, {
        "size": mesh(least_km2=2.0),
        "people": mesh(least_people=6.0, people=people),
        "width": mesh(width_km=2.0),
        "capital": mesh(seats=seats),
    }[asked])  # fmt: skip
    start = made.entry == 0
    wanted = np.zeros((7, 12), bool)
    wanted[2:5, 7:11] = True
    assert (start == wanted).all()
    row, again = made.steps.iloc[0], score(problem, start)
    assert row["kind"] == "refined"
    assert np.isnan(row["mu"])
    assert [row["benefit"], row["closure"]] == [again.benefit, again.closure]
    assert row["benefit"] == 36.0
    assert row["bound"] == row["ceiling"] == pytest.approx(found.ceiling(again.cost))
    assert row["regret"] == row["ceiling"] - 36.0
    last = made.steps.iloc[-1]
    assert last["kind"] == "exact"  # all of the land is wide, large and holds the seat
    assert (made.entry >= 0).all()


def test_land_that_must_be_held_is_kept_however_small():
    benefit = np.zeros((7, 12))
    must = np.zeros((7, 12), bool)
    must[3, 1] = True
    problem = instance(benefit, np.ones((7, 12)), np.ones((7, 12)), cell_km=1.0, must_hold=must)
    found = solve(problem, step=0.0)
    made = sieve(problem, found, exact_chain(found), mesh(least_km2=20.0, least_people=9.0))
    assert (made.entry == 0)[must].all()


def test_limits_that_leave_nothing_are_named(two_islands):
    problem, found, chain = two_islands
    with pytest.raises(InfeasibleError, match=r"least_piece_km2 = 85.*min_width_km = 9"):
        sieve(problem, found, chain, mesh(least_km2=85.0, width_km=9.0))
    with pytest.raises(InfeasibleError, match="connected_to_capital"):
        sieve(problem, found, chain, mesh(seats=np.zeros((7, 12), bool)))


def small_world(seed):
    """Grids of 3 × 4 cells with land to hold, as the line stage hands them over."""
    rng = np.random.default_rng(seed)
    shape = (3, 4)
    member = rng.random(shape) < 0.9
    at_stake = SimpleNamespace(
        benefit=np.where(member, rng.random(shape), np.nan),
        holding=rng.exponential(0.3, shape),
        closure=rng.exponential(2.0, shape),
        flank=rng.choice([0.0, 0.5, 1.0], shape),
        projects=(),
    )
    cells = rng.choice(np.flatnonzero(member), 2, replace=False)
    must = np.zeros(shape, bool)
    must.ravel()[cells] = True
    none = np.zeros(shape, bool)
    wishes = (Wish("--hold", "here", cells),)
    return (
        at_stake,
        Constraints(must, none, none, np.ones(shape), wishes),
        Grid("", 0.0, 0.0, 1.0, *shape),
    )


@pytest.mark.parametrize("seed", range(12))
def test_the_cheapest_line_is_that_of_all_territories(seed):
    at_stake, fixed, grid = small_world(seed)
    problem = problem_of(at_stake, fixed, grid, bare=True)
    assert not problem.benefit.any()
    cut = cheapest(problem)
    assert cut.held[fixed.must_hold].all()
    free = [cell for cell in problem.cells if not fixed.must_hold.ravel()[cell]]
    least = np.inf
    for chosen in itertools.product([False, True], repeat=len(free)):
        held = fixed.must_hold.copy()
        held.ravel()[np.array(free)[np.array(chosen)]] = True
        least = min(least, score(problem, held).cost)
    cost = score(problem, cut.held).cost
    assert cost == pytest.approx(least, rel=1e-9)
    assert cut.bound_usd_yr - cut.rounding_usd_yr <= least * (1 + 1e-12)
    assert cost - cut.bound_usd_yr + cut.rounding_usd_yr < 1e-9 * max(cost, 1.0)


def test_places_that_cannot_be_held_are_named():
    at_stake, fixed, grid = small_world(1)
    at_stake.closure[:] = np.inf
    at_stake.flank[:] = 1.0
    at_stake.benefit[0, 0] = np.nan
    with pytest.raises(InfeasibleError, match=r"--hold \[here\].*where none may stand"):
        problem_of(at_stake, fixed, grid)
    at_stake, fixed, grid = small_world(1)
    with pytest.raises(InfeasibleError, match=r"--hold \[here\].*no room for held land 4 km wide"):
        problem_of(at_stake, fixed, grid, width_km=4.0)


def test_flanks_by_part_go_over_those_by_state(sahel):
    region = sahel.regions[sahel.regions["iso3"] == "DZA"]["name"].iloc[0]
    senegal = sahel.state_mask("SEN")
    settings = LineSettings(
        flank={"SEN": 0.25},
        flank_segments=[
            {"state": "SEN", "openness": 0.75, "bounds": (-14.0, 10.0, 0.0, 20.0)},
            {"state": "SEN", "openness": 0.0, "bounds": (-13.0, 10.0, 0.0, 20.0)},
        ],
    )
    flank = openness(sahel, settings)
    assert set(np.unique(flank[senegal])) == {0.0, 0.25, 0.75}
    plain = openness(sahel, LineSettings(flank={"SEN": 0.25}))
    assert (flank[~senegal] == plain[~senegal]).all()
    with pytest.raises(InputError) as raised:
        openness(
            sahel,
            LineSettings(
                flank={"XXX": 1.0},
                flank_segments=[
                    {"state": "MLI", "openness": 1.0},
                    {"state": "SEN", "openness": 1.0, "region": region},
                    {"state": "SEN", "openness": 1.0, "bounds": (5.0, 1.0, 4.0, 2.0)},
                    {"state": "SEN", "openness": 1.0, "bounds": (4.0, 20.0, 5.0, 21.0)},
                ],
            ),
        )
    said = str(raised.value)
    assert len(raised.value.faults) == 5
    for part in ("XXX", "MLI", "no region of SEN", "no box", "no cell of this theatre"):
        assert part in said


def test_existing_lines_by_file_and_points(sahel, tmp_path):
    path = tmp_path / "wall.gpkg"
    gpd.GeoDataFrame(geometry=[LineString([(-8, 14), (-6, 14)])], crs=4326).to_file(path)
    settings = LineSettings(
        existing=[
            {"file": str(path), "share": 0.5},
            {"points": [(-7, 13), (-7, 15)], "share": 0.2},
        ]
    )
    share = paid_share(sahel, settings)
    assert set(np.unique(share)) == {0.2, 0.5, 1.0}
    assert 8 <= (share == 0.5).sum() <= 13  # 216 km of cells of 25 km, less the crossing
    assert 8 <= (share == 0.2).sum() <= 13
    gpd.GeoDataFrame(geometry=[Point(-8, 14)], crs=4326).to_file(tmp_path / "p.gpkg")
    with pytest.raises(InputError) as raised:
        resolve(
            sahel,
            LineSettings(
                must_hold=["Bamko"],
                existing=[
                    {"file": str(tmp_path / "p.gpkg"), "share": 0.5},
                    {"file": "/no/such.gpkg", "share": 0.5},
                    {"points": [(0, 30), (1, 30)], "share": 0.5},
                ],
            ),
        )
    assert len(raised.value.faults) == 4  # the mistyped name too
    for wrong in ({}, {"file": "a", "points": [(0, 1), (1, 1)]}, {"points": [(0, 1)]}):
        with pytest.raises(ValidationError, match="existing line"):
            LineSettings(existing=[{**wrong, "share": 0.5}])


def test_states_and_polygons_are_land_too(sahel, tmp_path):
    path = tmp_path / "land.gpkg"
    gpd.GeoDataFrame(geometry=[box(-8, 12, -6, 14)], crs=4326).to_file(path)
    fixed = resolve(sahel, LineSettings(must_hold=["MLI"], no_build=[f"file:{path}"]))
    assert (fixed.must_hold == sahel.state_mask("MLI")).all()
    assert 60 <= fixed.no_build.sum() <= 90  # 216 × 222 km
    with pytest.raises(InfeasibleError) as raised:
        resolve(
            sahel,
            LineSettings(must_hold=["MLI", "Dakar"], must_leave=["Kidal", f"file:{path}"]),
            ["Bamako"],
        )
    faults = [(fault.where, fault.place) for fault in raised.value.faults]
    assert faults == [
        ("line.must_hold", "MLI"), ("line.must_hold", "MLI"), ("line.must_hold", "Dakar"),
        ("--hold", "Bamako"),
    ]  # fmt: skip
    line = tmp_path / "line.gpkg"
    gpd.GeoDataFrame(geometry=[LineString([(0, 15), (1, 16)])], crs=4326).to_file(line)
    with pytest.raises(InputError, match="draw polygons"):
        resolve(sahel, LineSettings(no_build=[f"file:{line}"]))


def test_the_largest_settlements_stand_for_the_capitals(sahel):
    seats = capitals(sahel)
    towns = sahel.settlements.set_index("name")
    for name in ("Bamako", "Nouakchott"):
        assert seats[towns.loc[name, "row"], towns.loc[name, "col"]]
    assert seats.sum() == 2


@pytest.fixture(scope="module")
def early(stages_once):  # noqa: ARG001
    return until("works", "sahel", load_settings(None, ["theatre.cell_km=50"]))


def drawn(early, *assignments):
    settings = load_settings(None, ["theatre.cell_km=50", "line.refine=0", *assignments])
    parts = [early[stage] for stage in ("theatre", "worth", "threat", "works")]
    man_usd_yr = settings.works.man_year_usd * settings.works.rotation
    return draw(*parts, settings.line, man_usd_yr=man_usd_yr), settings


def test_the_bill_of_a_line_that_is_there_in_part_adds_up(early):
    wall = "line.existing=[{points=[[-12, 12.65], [0, 12.65]], share=0.25}]"
    hold = 'line.must_hold=["Bamako"]'
    plain, _ = drawn(early, "line.mu=2", hold)
    line, settings = drawn(early, "line.mu=2", hold, wall)
    cut = roads_cut(line.line.geometry, early["theatre"].routes)
    bill = bill_of(early["works"], line.course, settings.works, roads=cut)
    assert bill.totals["cost_usd_yr"][1] == pytest.approx(line.score.closure, rel=1e-9)
    assert bill.built_km < 0.99 * bill.line_km
    value = 2 * line.score.benefit - line.score.cost
    assert value >= (2 * plain.score.benefit - plain.score.cost) * (1 - 1e-9)
    assert {"line.existing.0"} <= {row.key for row in line.ledger}


def test_limits_reach_the_chosen_plan(early):
    line, _ = drawn(
        early, "line.mu=3", "line.least_piece_km2=5000", "line.min_width_km=80",
        "line.connected_to_capital=true",
    )  # fmt: skip
    assert (line.territory["area_km2"] >= 5000).all()
    seats = capitals(early["theatre"])
    assert (line.held & seats).any()
    steps = line.plans.steps
    assert line.score.benefit == pytest.approx(steps["benefit"].iloc[line.step])
    value = 3 * steps["benefit"] - steps["cost_usd_yr"]
    assert line.step == int(value.to_numpy().argmax())
    assert (steps["benefit"] <= steps["bound"]).all()
    assert line.bound_gap >= 0


def vallum(*args):
    """Run in this process; give exit code."""
    try:
        cli.main([str(arg) for arg in args])
    except SystemExit as stop:
        return stop.code or 0
    return 0


@pytest.fixture
def quick(early, monkeypatch):
    """The stages before the line are those that were run already."""
    monkeypatch.setattr(plan.asked, "run", lambda _name, _settings: iter(early.items()))
    return early


@pytest.mark.usefixtures("quick")
def test_the_cheapest_line_is_said_and_written(capsys, tmp_path):
    out = tmp_path / "line.gpkg"
    hold = ["--hold", "Kayes,Bamako", "--hold", "Sikasso", "--hold", "-4.2,14.5"]
    assert vallum("line", *hold, "--json", "--out", out) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["hold"] == ["Kayes", "Bamako", "Sikasso", "-4.2,14.5"]
    assert found["cost_usd_yr"] == pytest.approx(found["holding_usd_yr"] + found["closure_usd_yr"])
    proof = found["proof"]
    assert proof["flow"] > 0
    assert proof["bound_usd_yr"] == pytest.approx(found["cost_usd_yr"], rel=1e-9)
    assert proof["rounding_usd_yr"] < 1.0
    assert sum(state["held_km2"] for state in found["states"]) == found["held_km2"]
    assert sum(state["people"] for state in found["states"]) == pytest.approx(found["people_held"])
    left = [town["name"] for town in found["largest_outside"]]
    assert left[0] == "Nouakchott"
    assert not {"Kayes", "Bamako", "Sikasso"} & set(left)
    land = gpd.read_file(out, layer="territory")
    line = gpd.read_file(out, layer="line")
    assert land["area_km2"].sum() == pytest.approx(found["held_km2"])
    assert len(land) == found["pieces"]
    assert line["length_km"].sum() == pytest.approx(found["line_km"])
    assert line["cost_usd_yr"].sum() == pytest.approx(found["closure_usd_yr"])
    before = out.read_bytes()
    assert vallum("line", "sahel", *hold, "--out", out) == 0
    said = capsys.readouterr().out
    for part in ("Proof: the flow equals the cut", "Fenced piece by piece", str(out)):
        assert part in said
    assert out.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["line.gpkg"]
    assert vallum("line", *hold, "--out", tmp_path) == 2
    assert "it is a folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--hold", "Kayes,Bamko"], "did you mean 'Bamako'"),
        (["--hold", "Dakar"], "lie outside the member states"),
        (["--hold", "Bamako", "--set", 'line.must_leave=["Bamako"]'], "must be left too"),
        (["--hold", ","], "no place to hold"),
        (["--hold", "x,1"], "no such settlement, region or state"),
        (["--hold", "1,80"], "a point off the theatre"),
        (["--hold", "file:/no/such.gpkg"], "no such file"),
        (["--hold", "Kayes", "--set", "line.existing=[{share=1}]"], "give an existing line"),
        ([], "--hold"),
    ],
)
@pytest.mark.usefixtures("quick")
def test_places_that_are_none_are_refused(capsys, args, says):
    assert vallum("line", *args) == 2
    said = capsys.readouterr().err
    assert says in said
    assert "Traceback" not in said


def test_a_standard_by_part_prices_each_part_by_its_own():
    land = plain_ground(np.array([[1, 1, 3, 3], [1, 1, 3, 3]]))
    states = ["MLI", "MRT"]
    weak, strong = 0.3, 0.5
    standard = np.array([[weak, strong, weak, strong]] * 2)
    base = WorksSettings(standard=weak)
    mixed = price(land, settings=base, states=states, standard=standard)
    alone = {
        level: price(land, settings=WorksSettings(standard=level), states=states)
        for level in (weak, strong)
    }
    for level, works in alone.items():
        here = standard == level
        for name in ("closure_usd_km_yr", "effectiveness", "standard_met", "buildable"):
            assert (getattr(mixed, name)[here] == getattr(works, name)[here]).all(), name
        assert (mixed.effectiveness[here] >= level).all()
    assert mixed.effect[1] == alone[weak].effect[1] < alone[strong].effect[1]
    assert mixed.effect[1] == mixed.effectiveness.min()
    same = price(land, settings=base, states=states, standard=np.full((2, 4), weak))
    assert same.compositions.equals(alone[weak].compositions)
    told = explain(mixed, 0, 1, base, states=states)
    assert told.chosen["p_e"] >= strong


def test_where_one_part_asks_too_much_no_line_stands_there():
    land = plain_ground(np.array([[1, 1]]))
    asked = np.array([[0.3, 0.999999]])
    works = price(land, settings=WorksSettings(standard=0.3), states=["MLI"], standard=asked)
    assert works.buildable.tolist() == [[True, False]]
    assert works.effect[1] == works.effectiveness[0, 0]


def test_parts_of_the_land_and_their_standards(sahel):
    settings = WorksSettings(
        standards=[{"standard": 0.5, "state": "MLI"}, {"standard": 0.8, "bounds": (-9, 12, -7, 13)}]
    )
    standard = standard_by_cell(sahel, settings)
    assert set(np.unique(standard)) == {0.5, 0.67, 0.8}
    assert standard_by_cell(sahel, WorksSettings()) is None
    with pytest.raises(InputError, match="did you mean 'MLI'"):
        standard_by_cell(sahel, WorksSettings(standards=[{"standard": 0.5, "state": "MLL"}]))
    with pytest.raises(ValidationError, match="name a state, region or bounds"):
        WorksSettings(standards=[{"standard": 0.5}])
    with pytest.raises(ValidationError, match="need rule 'one'"):
        WorksSettings(rule="least_cost", standards=[{"standard": 0.5, "state": "MLI"}])


@pytest.mark.parametrize("asked", ["line.least_piece_km2=15000", "line.min_width_km=150"])
def test_a_plan_under_limits_is_verified_and_a_step_that_was_changed_is_not_called_exact(
    early, asked, tmp_path
):
    """What stands beside the steps is not asked about here, so empty tables stand for it."""
    line, chosen = drawn(early, asked)
    kinds = line.plans.steps["kind"]
    assert (kinds == "refined").any()
    table = line.plans.steps.reset_index(names="step")
    stored = stored_of(line, chosen, tmp_path)
    assert verify_steps.limited(stored)
    _, prices = verify_steps.optimal(stored, table, chosen.line.step)
    verify_steps.ceilings(stored, table, prices)
    verify_steps.nested(stored, table)
    verify_steps.counted(stored, table)
    changed = kinds.eq("refined").to_numpy().argmax()
    table.loc[changed, "kind"] = "exact"
    with pytest.raises(verify_steps.Failed, match="is none that is proved"):
        verify_steps.nested(stored, table)


def stored_of(line, chosen, folder):
    """Write the certificate of a line and read it back."""
    ground = SimpleNamespace(name="sahel", fingerprint=line.fingerprint)
    write_certificate(SimpleNamespace(line=line, settings=chosen, theatre=ground), folder)
    return read_certificate(folder / "certificate.npz")
