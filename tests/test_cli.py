"""The command line as a user meets it: results, faults, exit codes, nothing half-written."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from shapely.geometry import LineString, Point, box
from tests.plans import Once

from vallum import cli, plan
from vallum.works import load_catalogue

COARSE = [
    "--cell-km",
    "40",
    "--set",
    "draws=200",
    "--set",
    "robust.draws=4",
    "--set",
    "campaign.draws=10",
    "--set",
    "dividend.draws=400",
    "--set",
    "dividend.sobol=32",
]
AT = ["works", "explain", "--cell-km", "40", "--at"]


def vallum(*args):
    """Run in this process; give exit code."""
    try:
        cli.main([str(arg) for arg in args])
    except SystemExit as stop:
        return stop.code or 0
    return 0


RUN = plan.run


@pytest.fixture(autouse=True, scope="module")
def run_once(shelf):
    """Run the stages once for the same settings: what is tested here is what commands make of them.

    Results are frozen, so they can be shared.
    """
    known, once = {}, Once(shelf.folder)

    def remembered(name, settings, **how):
        key = (str(name), settings.model_dump_json(), str(how))
        if name != "sahel":  # a folder's files may change
            yield from RUN(name, settings, **how)
            return
        done, rest = known.setdefault(key, ([], RUN(name, settings, **how)))
        n = 0
        while True:
            if n == len(done):
                try:
                    done.append(next(rest))
                except StopIteration:
                    return
                except BaseException:
                    del known[key]
                    raise
            yield done[n]
            n += 1

    with pytest.MonkeyPatch.context() as patch, once.shared(later=True):
        for room in (plan.stages, plan.asked):
            patch.setattr(room, "run", remembered)
        yield once


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    """One coarse plan, written."""
    out = tmp_path_factory.mktemp("plans") / "sahel"
    assert vallum("plan", "sahel", "--out", out, "-q", *COARSE) == 0
    return out


def test_a_plan_writes_all_its_files_and_they_agree(planned):
    names = {path.name for path in planned.iterdir()}
    assert names == {
        "plan.json", "frontier.csv", "entry.tif", "threat.tif", "civilians.tif", "plan.gpkg",
        "ledger.csv", "brief.html", "bill.csv", "law.csv", "works.tif", "robust.tif",
        "certificate.npz", "forces.csv", "tasks.csv", "programme.csv", "campaign.csv", "leaks.csv",
        "dividend.csv", "dividend_years.csv", "accord.csv", "accord_sectors.csv",
        "accord_tasks.csv", "annex.md", "annex.docx", "dictionary.csv", "tables.xlsx",
        "brief.fr.html",
    }  # fmt: skip
    record = json.loads((planned / "plan.json").read_text("utf-8"))
    frontier = pd.read_csv(planned / "frontier.csv")
    step = frontier.iloc[record["step"]]
    for key in ("held_km2", "people_held", "people_share", "cost_usd_yr", "line_km"):
        assert record[key] == pytest.approx(step[key])
    assert record["benefit_usd_yr"] == pytest.approx(step["benefit"])
    assert record["frontier"][-1]["mu"] == np.inf
    assert len(record["frontier"]) == len(frontier)
    with rasterio.open(planned / "entry.tif") as file:
        entry = file.read(1, masked=True)
        held = ((entry >= 0) & (entry <= record["step"])).sum()
    assert held * 1600.0 == record["held_km2"]
    land = gpd.read_file(planned / "plan.gpkg", layer="territory")
    assert land["area_km2"].sum() == pytest.approx(record["held_km2"])
    line = gpd.read_file(planned / "plan.gpkg", layer="line")
    sectors = gpd.read_file(planned / "plan.gpkg", layer="sectors")
    assert line["length_km"].sum() == pytest.approx(record["line_km"])
    assert sectors["length_km"].sum() == pytest.approx(record["line_km"])
    towns = gpd.read_file(planned / "plan.gpkg", layer="settlements")
    assert set(towns["iso3"]) == {"MRT", "MLI"}
    ledger = pd.read_csv(planned / "ledger.csv")
    assert list(ledger.columns) == ["key", "value", "low", "high", "unit", "source", "matters"]
    assert ledger["source"].notna().all()
    assert ledger["key"].is_unique
    told = set(pd.read_csv(planned / "dictionary.csv", keep_default_na=False)["file"])
    assert told == names, "every file has a row of the dictionary"


def test_a_folder_inside_of_a_file_is_refused_before_any_work(tmp_path, capsys):
    (tmp_path / "notes").write_text("mine", "utf-8")
    for out in (tmp_path / "notes" / "sub", tmp_path / "notes" / "sub" / "deeper"):
        assert vallum("plan", "sahel", "--out", out) != 0
        said = capsys.readouterr().err
        assert f"{tmp_path / 'notes'} is a file" in said
        assert "Mend: give --out another place" in said
    assert (tmp_path / "notes").read_text("utf-8") == "mine"


def test_a_database_that_cannot_be_reached_is_said_in_whole_sentences(planned, capsys):
    pytest.importorskip("geoalchemy2")
    pytest.importorskip("psycopg")
    assert vallum("export", planned, "postgresql://nobody@127.0.0.1:1/none") != 0
    said = capsys.readouterr().err
    assert "Mend: see that the server runs" in said
    assert not re.search(r"[.!?]\.", said)


def ranges_of(content, at="threat"):
    """Find every {low, mid, high} below a part of a record."""
    if isinstance(content, dict):
        if {"low", "mid", "high"} <= set(content):
            yield at, content
        for key, value in content.items():
            yield from ranges_of(value, f"{at}.{key}")
    elif isinstance(content, list):
        for number, value in enumerate(content):
            yield from ranges_of(value, f"{at}[{number}]")


def test_the_record_of_the_threat(planned):
    record = json.loads((planned / "plan.json").read_text("utf-8"))
    threat = record["threat"]
    assert threat["share_from_outside"] == {"low": 0.1, "mid": 0.3, "high": 0.5}
    found = list(ranges_of(threat))
    assert len(found) > 50
    for at, part in found:
        if part["mid"] is not None:  # a zone without pairs has no ratio
            assert part["low"] <= part["mid"] <= part["high"], at
    assert {"MRT", "BFA", "DZA", "NER"} <= set(threat["share_through"])
    for member, shares in threat["share_entering"].items():
        assert sum(part["mid"] for part in shares.values()) == pytest.approx(1, abs=1e-5), member
    models = {"default", "same_as_last_year", "regional_mean", "mean_of_three_years"}
    assert models <= set(threat["forecast_scores"])
    assert threat["claim"]["verdict"] in {"supports", "contradicts", "can't tell"}
    assert set(threat["civilians"]) == {"herders", "traders", "fleeing"}
    corridors = gpd.read_file(planned / "plan.gpkg", layer="corridors")
    assert len(corridors) == len(threat["corridors"]) > 0
    assert corridors["mid"].sum() <= 1 + 1e-9
    with rasterio.open(planned / "threat.tif") as file:
        names = dict(zip(file.descriptions, file.read(), strict=True))
        events = names["events expected, 1/km2/yr"]
        assert np.nansum(events) * 1600 > threat["events_yr"]["mid"]  # neighbours' too
        assert np.nanmin(names["to cross the cell by motorcycle in the dry season, h"]) > 0
    with rasterio.open(planned / "civilians.tif") as file:
        assert file.count == 3


def test_the_record_of_the_works(planned):
    record = json.loads((planned / "plan.json").read_text("utf-8"))
    works = record["works"]
    uncertain = {"capital_usd", "upkeep_usd_yr", "men", "men_per_km", "interruption"}
    assert uncertain | {"bill", "barred"} <= set(works)
    for name in uncertain:
        assert set(works[name]) == {"low", "mid", "high"}, name
    found = list(ranges_of(works, "works"))
    assert len(found) > 30
    for at, part in found:
        assert 0 <= part["low"] <= part["mid"] <= part["high"], at
        assert part["high"] < np.inf, at
    assert works["interruption"]["high"] <= 1
    assert works["line_km"] == pytest.approx(record["line_km"])
    assert works["men_per_km"]["mid"] == pytest.approx(works["men"]["mid"] / works["line_km"])
    closure = record["frontier"][record["step"]]["closure"]
    assert works["cost_usd_yr"]["mid"] == pytest.approx(closure, rel=1e-9)
    assert works["barred"]["mine_ap"] == "mbc_1"
    assert works["barred"]["mine_av"] == "vallum_no_mines"
    bill = works["bill"]
    assert not set(bill) & set(works["barred"])
    items = load_catalogue().items
    for key, row in bill.items():
        assert row["quantity"] > 0, key
        assert row["unit"] == items[key].unit
        assert items[key].role != "mine"
    for name in ("capital_usd", "upkeep_usd_yr", "men"):
        total = sum(row[name]["mid"] for row in bill.values())
        assert works[name]["mid"] == pytest.approx(total)


def test_the_same_plan_is_the_same_bytes(planned, run_once, tmp_path, monkeypatch):
    monkeypatch.setattr(plan.stages, "run", RUN)
    run_once.forget()  # all stages are run again
    again = tmp_path / "again"
    assert vallum("plan", "sahel", "--out", again, "-q", *COARSE) == 0
    for path in planned.iterdir():
        assert path.read_bytes() == (again / path.name).read_bytes(), path.name


def test_json_and_quiet_stand_before_and_after(tmp_path, capsys, monkeypatch):
    for args in (["--json", "theatre", "list"], ["theatre", "list", "--json"]):
        assert vallum(*args) == 0
        assert json.loads(capsys.readouterr().out) == ["sahel"]
    for args in (["-q", "check", "sahel"], ["check", "sahel", "-q"]):
        assert vallum(*args) == 0
        assert capsys.readouterr().out == ""
    monkeypatch.setattr("vallum.brief.page.render", lambda *_given: "")  # it takes longest
    assert vallum("--json", "plan", "sahel", "--out", tmp_path / "plan", *COARSE) == 0
    assert json.loads(capsys.readouterr().out)["theatre"] == "sahel"


@pytest.mark.parametrize(
    "stage", ["theatre", "worth", "threat", "works", "line", "bill", "forces", "ranges", "robust"]
)
def test_every_stage_can_be_shown(stage, capsys):
    assert vallum("stage", stage, "sahel", "--json", *COARSE) == 0
    assert json.loads(capsys.readouterr().out)
    assert vallum("stage", stage, "sahel", *COARSE) == 0
    assert stage in capsys.readouterr().out


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["plan", "sahl"], "did you mean 'sahel'"),
        (["plna", "sahel"], "did you mean 'plan'"),
        (["stage", "lime", "sahel"], "did you mean 'line'"),
        (["plan", "sahel", "--set", "line.muu=1", "--set", "line.step=7"], "did you mean 'mu'"),
        (["plan", "sahel", "--mu", "-1"], "line.mu"),
        (["plan", "sahel", "--depth", "deep"], "full"),
        (["plan", "sahel", "--set", "threat.passage.detuor=1"], "did you mean 'detour'"),
        (["threat", "forecast", "sahel", "--split", "soon"], "--split"),
        (["threat", "forecast", "sahel", "--split", "1990-01-01"], "--split"),
        (["threat", "forecst", "sahel"], "did you mean 'forecast'"),
        (["plan", "sahel", "--mu", "x"], "x"),
        (["plan", "sahel", "--budget", "1", "--cell-km", "40"], "the first step costs"),
        (["plan", "sahel", "--cell-km", "0.5"], "cell_km"),
        (["plan", "sahel", "--config", "/no/such.toml"], "/no/such.toml"),
        (["plan", "sahel", "--out", "/proc/vallum"], "can't be written"),
        (["plan", "sahel", "--set", 'works.include=["mine_ap"]'], "barred by"),
        (["plan", "sahel", "--set", 'line.must_hold=["Dakar"]', "--cell-km", "40"], "Dakar"),
        (["score", "/no/such.gpkg", "--theatre", "sahel", "--cell-km", "40"], "no such file"),
        (["theatre", "show", "atlantis"], "use one of: sahel"),
        (["works", "explain", "atlantis", "--at", "-8,14.5"], "use one of: sahel"),
        (["works", "explain"], "--at"),
        (["works", "explian", "--at", "-8,14.5"], "did you mean 'explain'"),
        ([*AT, "here"], "write lon,lat in degrees"),
        ([*AT, "-8"], "write lon,lat in degrees"),
        ([*AT, "-8,14.5,3"], "write lon,lat in degrees"),
        ([*AT, "nan,14.5"], "write lon,lat in degrees"),
        ([*AT, "-8,914.5"], "write lon,lat in degrees"),
        ([*AT, "14.5,-8.0"], "write lon,lat, in this order"),
        ([*AT, "0,90"], "a point off the theatre"),
        ([*AT, "-180,-90"], "a point off the theatre"),
        ([*AT, "-17.8,19.0"], "give a place on the land of the states shown"),
        ([], "Usage"),
    ],
)
def test_bad_input_ends_in_exit_code_2_and_says_the_mend(args, says, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = vallum(*args)
    said = capsys.readouterr()
    assert says in said.err + said.out
    assert "Traceback" not in said.err
    assert code == 2
    assert list(tmp_path.iterdir()) in ([], [tmp_path / "out"])
    assert not list(tmp_path.glob("out/*"))


def test_two_faults_are_said_at_once(capsys):
    assert vallum("plan", "sahel", "--set", "line.muu=1", "--set", "line.step=7") == 2
    said = capsys.readouterr().err
    assert "line.muu" in said
    assert "line.step" in said


def test_a_folder_of_something_else_is_never_replaced(tmp_path, capsys):
    precious = tmp_path / "mine"
    precious.mkdir()
    (precious / "thesis.txt").write_text("years of work")
    assert vallum("plan", "sahel", "--out", precious, *COARSE) == 2
    assert "no plan of ours" in capsys.readouterr().err
    assert [path.name for path in precious.iterdir()] == ["thesis.txt"]
    file = tmp_path / "file"
    file.write_text("x")
    assert vallum("plan", "sahel", "--out", file, *COARSE) == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_parent_is_said(tmp_path):
    tmp_path.chmod(0o500)
    assert vallum("plan", "sahel", "--out", tmp_path / "x", *COARSE) == 2


def test_a_drawn_territory_and_a_drawn_line_are_scored(tmp_path, capsys):
    south = gpd.GeoDataFrame(geometry=[box(-12, 10.5, -4, 15)], crs="EPSG:4326")
    south.to_file(tmp_path / "land.gpkg", driver="GPKG")
    across = gpd.GeoDataFrame(geometry=[LineString([(-18, 16.5), (5, 16.5)])], crs="EPSG:4326")
    across.to_file(tmp_path / "line.geojson", driver="GeoJSON")
    for name, args in [("land.gpkg", []), ("line.geojson", ["--hold", "-8.0,12.65"])]:
        command = ["score", tmp_path / name, "--theatre", "sahel", "--json", *args, *COARSE]
        assert vallum(*command) == 0
        found = json.loads(capsys.readouterr().out)
        assert 0 < found["share_of_ceiling"] <= 1
        assert not found["above_hull"]
        assert found["people_share"] > 0.3
        assert found["line_km"] > 100
    assert vallum("score", tmp_path / "land.gpkg", "--theatre", "sahel", *COARSE) == 0
    assert "share_of_ceiling" in capsys.readouterr().out


def test_drawings_that_are_none_are_refused(tmp_path, capsys):
    far = gpd.GeoDataFrame(geometry=[box(20, 10, 21, 11)], crs="EPSG:4326")
    far.to_file(tmp_path / "far.gpkg", driver="GPKG")
    points = gpd.GeoDataFrame(geometry=[Point(-8, 12)], crs="EPSG:4326")
    points.to_file(tmp_path / "points.gpkg", driver="GPKG")
    loose = gpd.GeoDataFrame(geometry=[LineString([(-8, 12), (-7, 12.5)])], crs="EPSG:4326")
    loose.to_file(tmp_path / "loose.gpkg", driver="GPKG")
    bare = gpd.GeoDataFrame(geometry=[box(-8, 12, -7, 13)])
    with pytest.warns(UserWarning, match="crs"):
        bare.to_file(tmp_path / "bare.shp")
    (tmp_path / "text.gpkg").write_text("not a database")
    for name, says in [
        ("far.gpkg", "no cell of the members"),
        ("points.gpkg", "no layer of polygons or lines"),
        ("loose.gpkg", "parts nothing"),
        ("bare.shp", "no CRS"),
        ("text.gpkg", "can't be read"),
    ]:
        assert vallum("score", tmp_path / name, "--theatre", "sahel", *COARSE) == 2, name
        assert says in capsys.readouterr().err, name


def test_theatre_show_draws_each_layer_on_a_page(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    show = ["theatre", "show", "sahel", "--cell-km", "50"]
    assert vallum(*show) == 0
    said = capsys.readouterr().out
    page = tmp_path / "out" / "sahel-layers.html"
    assert said.splitlines()[-1] == str(page)
    assert "elevation_m" in said
    assert 'id="map-elevation_m"' in page.read_text("utf-8")
    monkeypatch.setattr("vallum.brief.layers.layers_page", lambda shown: shown.title)
    assert vallum(*show, "-q", "--out", "a.html") == 0
    assert capsys.readouterr().out == f"{tmp_path / 'a.html'}\n"
    page.unlink()
    assert vallum(*show, "--json") == 0
    assert len(json.loads(capsys.readouterr().out)) > 14
    assert not page.exists()
    assert vallum(*show, "--json", "--out", "b.html") == 0
    assert json.loads(capsys.readouterr().out)
    assert (tmp_path / "b.html").is_file()
    assert vallum(*show, "--out", str(tmp_path)) == 2
    assert "it is a folder" in capsys.readouterr().err


def test_theatre_show_and_check_and_help_and_version(capsys):
    for args in (
        ["theatre", "show", "sahel", "--json", "--cell-km", "40"],
        ["check", "sahel"],
        ["check", "sahel", "--json"],
        ["--help"],
        ["plan", "--help"],
        ["theatre", "--help"],
        ["--version"],
    ):
        assert vallum(*args) == 0
        assert capsys.readouterr().out


@pytest.fixture(scope="module")
def explained():
    """What `works explain --json` prints of one place, and the explanation it printed."""
    found = []

    def kept(*args, **kwargs):
        found.append(explain_at(*args, **kwargs))
        return found[-1]

    explain_at, said = plan.explain_at, io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(said):
        patch.setattr(plan, "explain_at", kept)
        assert vallum(*AT, "-8.0,14.5", "--json") == 0
    return json.loads(said.getvalue()), found[0]


def test_why_works_stand_at_a_place_as_json(explained):
    record, found = explained
    assert record["ground"]["surface"] in {"sand", "rock", "soil", "wetland"}
    assert record["chosen"]["composition"] == found.chosen["composition"]
    assert record["candidates"] == found.candidates > 1000
    assert sum(row["chosen"] for row in record["frontier"]) == 1
    assert {row["item"] for row in record["barred"]} == {"mine_ap", "mine_av"}
    assert all(row["rule"] and row["rule_text"] for row in record["barred"])
    assert all(row["why"] for row in record["others"])
    inside = set(record["chosen"]["items"]) | {row["item"] for row in record["others"]}
    roles = {"barrier", "sensor", "track", "fort"}
    assert inside == {k for k, item in load_catalogue().items.items() if item.role in roles}
    assert record["gates"]["cost_usd_km_yr"] > 0
    assert record["at_stake_usd_km_yr"] >= 0


def test_why_works_stand_at_a_place_in_words(explained, capsys, monkeypatch):
    record, found = explained
    monkeypatch.setattr(plan, "explain_at", lambda *_args, **_kwargs: found)
    assert vallum("-q", *AT, "-8.0,14.5") == 0
    brief = capsys.readouterr().out
    assert vallum(*AT, "-8.0,14.5", "-q") == 0
    assert capsys.readouterr().out == brief
    count = f"{record['candidates']:,}".replace(",", "\u202f")
    assert f"Of {count} lawful compositions" in brief
    assert "never placed" in brief
    for row in record["barred"]:
        assert row["rule"] in brief
    assert "━" not in brief
    assert vallum(*AT, "-8.0,14.5") == 0
    whole = capsys.readouterr().out
    assert whole.endswith(brief)
    for title in ("the ground", "cost and effect", "why the others lost", "never placed", "gates"):
        assert title in whole
    for row in record["others"]:
        assert row["item"] in whole
    assert not re.search(r"\de[+-]\d", whole), "no number is a power of ten"
    assert "cost, USD/km/yr" in whole
    assert f"{record['chosen']['cost_usd_km_yr']:,.0f}" in whole


@pytest.mark.parametrize("seconds", [2.0, 5.0])
def test_an_interrupt_leaves_nothing(tmp_path, seconds):
    script = Path(sys.executable).with_name("vallum")
    out = tmp_path / "sahel"
    running = subprocess.Popen(
        [script, "plan", "sahel", "--out", out], stderr=subprocess.PIPE, text=True
    )
    try:
        running.wait(timeout=seconds)  # while libraries load, or later: it must not matter
    except subprocess.TimeoutExpired:
        running.send_signal(2)
    said = running.communicate(timeout=60)[1]
    assert running.returncode == 130
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


class Said(NamedTuple):
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys):
    """Run a command in this process and give what it printed."""

    def command(*args: str) -> Said:
        code = vallum(*args)
        return Said(code, *capsys.readouterr())

    return command


def test_init_writes_a_config_and_never_over_another(run, tmp_path):
    path = tmp_path / "new" / "CONFIG.toml"
    assert run("theatre", "init", str(path)).code == 0
    assert "[population]" in path.read_text("utf-8")
    path.write_text("mine", "utf-8")
    again = run("theatre", "init", str(path))
    assert again.code == 2
    assert "there already" in again.err
    assert path.read_text("utf-8") == "mine"


def test_a_theatre_of_ones_own_from_check_to_stage(run, tiny):
    out = tiny.parent / "theatre"
    assert run("theatre", "check", str(tiny)).out.strip().endswith("no faults")
    built = run("theatre", "build", str(tiny), "--out", str(out))
    assert built.code == 0, built.err
    assert built.out.splitlines()[-1] == str(out)
    assert "population:" in built.out
    assert run("theatre", "check", str(out)).code == 0
    assert run("check", str(out)).code == 0
    stage = run("stage", "threat", str(out), "--json")
    assert stage.code == 0, stage.err
    assert {row["iso3"] for row in json.loads(stage.out)} == {"AAA", "BBB"}
    other = run("stage", "threat", str(out), "--cell-km", "5")
    assert other.code == 2
    assert "built at 10 km" in other.err


def test_faults_of_a_config_are_told_and_nothing_is_left(run, tiny):
    (tiny.parent / "people.tif").write_bytes(b"")
    (tiny.parent / "towns.csv").write_bytes(b"\xff\xfe")
    out = tiny.parent / "theatre"
    for command in (("check", str(tiny)), ("build", str(tiny), "--out", str(out))):
        done = run("theatre", *command)
        assert done.code == 2
        assert "people.tif" in done.err
        assert "towns.csv" in done.err
        assert "Traceback" not in done.err
    assert not out.exists()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["ucdp"], "did you mean 'ucdp-ged'"),
        (["worldpop"], "states"),
        (["worldcover", "--bounds", "1,2,3"], "as -18,9,6,28"),
        (["ucdp-ged"], "token"),
    ],
)
def test_what_a_fetch_lacks_is_said(run, tmp_path, monkeypatch, args, said):
    monkeypatch.delenv("VALLUM_UCDP_TOKEN", raising=False)
    done = run("theatre", "fetch", *args, "--out", str(tmp_path / "data"))
    assert done.code == 2
    assert said in done.err
