"""The forces stage as a whole: what its parts hand on, what it refuses, what is published."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from vallum import brief
from vallum.brief import forces_head, forces_page
from vallum.brief.figures import Reading
from vallum.brief.page_text import THIN
from vallum.brief.record import record
from vallum.brief.record_forces import (
    LEAST_KM,
    forces_table,
    programme_table,
    record_forces,
    tasks_table,
)
from vallum.errors import InputError
from vallum.forces import ForcesSettings, deploy
from vallum.settings import load_settings


@pytest.fixture(scope="module")
def manned(shelf, tmp_path_factory):
    """Give a coarse plan with a line of some hundred km, and its files."""
    chosen = load_settings(
        assignments=[
            "theatre.cell_km=40",
            "line.refine=0",
            "robust.draws=0",
            "campaign.draws=10",
            "draws=100",
            "accord.forces=false",
            "dividend.draws=400",
            "dividend.sobol=32",
        ],
        overrides={"line.budget_usd_yr": 6e8},
    )
    plan = shelf.plan(chosen)
    folder = tmp_path_factory.mktemp("manned") / "plan"
    brief.write(plan, folder, restricted=True)
    return plan, folder


def again(plan, **settings):
    """Run the stage once more with other settings."""
    return deploy(
        plan.theatre, plan.threat, plan.works, plan.line, ForcesSettings(**settings),
        how=plan.settings.works,
    )  # fmt: skip


def test_the_parts_speak_of_the_same_sectors(manned):
    plan, _ = manned
    found = plan.forces
    assert not found.refused
    assert found.sectors["sector"].tolist() == plan.line.sectors["sector"].tolist()
    assert found.sectors["length_km"].sum() == pytest.approx(plan.line.score.line_km)
    assert found.sectors["men_on_duty"].sum() == pytest.approx(found.forts.men_on_duty)
    joint = found.tasks.by_regime["joint"].table
    posted = joint[joint["role"].isin(["guard", "reaction"])]["men"].sum()
    rotation = plan.settings.works.rotation
    assert posted == pytest.approx(found.forts.men_on_duty * rotation)  # and nobody twice
    assert (pd.to_datetime(found.sectors["covered"]) > pd.to_datetime(found.sectors["built"])).all()
    cost = found.tasks.regimes.set_index("regime")[["cost_usd_yr", "relax_usd_yr"]].sum(axis=1)
    assert cost["joint"] <= cost["alone"] * (1 + 1e-9)
    assert cost["joint_with_partner"] <= cost["joint"] * (1 + 2e-3)


def test_what_cannot_be_built_is_said_and_ends_nothing(manned):
    plan, _ = manned
    found = again(plan, tasks={"means": {"MLI.engineer_companies": 0, "MRT.engineer_companies": 0}})
    assert found.programme is None
    assert found.forts is not None
    assert any("programme" in text and "short by" in text for text in found.refused), found.refused
    poor = again(plan, money_usd_yr={"all": 1.0})
    assert poor.programme is None
    assert any("short by USD" in text for text in poor.refused)
    with pytest.raises(InputError, match="money_usd_yr"):
        again(plan, money_usd_yr={"XXX": 1e9, "YYY": 1e9})


def test_without_tables_the_programme_asks_for_companies(manned):
    plan, _ = manned
    empty = plan.theatre.forces.iloc[:0]
    bare = replace(plan.theatre, forces=empty, bases=plan.theatre.bases.iloc[:0])
    found = deploy(
        bare, plan.threat, plan.works, plan.line, ForcesSettings(), how=plan.settings.works
    )
    assert found.programme is None
    assert any("engineer_companies" in text for text in found.refused)
    assert found.tasks.unknown


def test_more_companies_are_not_later(manned):
    plan, _ = manned
    helped = again(plan, builders="joint_with_partner")
    assert helped.programme.bound <= plan.forces.programme.loss_usd * (1 + 1e-9)
    alone = again(plan, builders="alone")
    assert alone.programme.loss_usd >= plan.forces.programme.bound * (1 - 1e-9)


def test_the_record_is_the_result(manned):
    plan, folder = manned
    told = json.loads((folder / "plan.json").read_text("utf-8"))["forces"]
    assert told == json.loads(brief.as_json(record_forces(plan)))
    assert told["forts"] == len(plan.forces.forts.table)
    assert set(told["regimes"]) == {"alone", "joint", "joint_with_partner"}
    assert told["programme"]["first_covered"] <= told["programme"]["all_covered"]
    assert 0 <= told["programme"]["gap"] < 1


def test_the_tables_are_whole(manned):
    plan, folder = manned
    tasks = pd.read_csv(folder / "tasks.csv")
    assert len(tasks) == len(tasks_table(plan.forces))
    programme = pd.read_csv(folder / "programme.csv")
    assert programme["Cost"].sum() == pytest.approx(
        plan.forces.programme.table["money_usd"].sum(), rel=1e-6
    )
    assert (pd.to_datetime(programme["Finish"]) > pd.to_datetime(programme["Start"])).all()
    before = programme["Predecessors"].dropna().astype(int)
    own = programme.set_index("ID")["sector"]
    assert (own[before].to_numpy() == programme.loc[before.index, "sector"].to_numpy()).all()
    assert len(programme_table(plan.forces)) == len(programme)
    layer = gpd.read_file(folder / "plan.gpkg", layer="forces")
    assert layer["sector"].tolist() == plan.forces.sectors["sector"].tolist()


def test_no_fort_is_published_but_in_files_marked_restricted(manned):
    plan, folder = manned
    forts = plan.forces.forts.table
    page = (folder / "brief.html").read_text("utf-8")
    for name in ("forces.csv", "tasks.csv", "programme.csv", "plan.json"):
        text = (folder / name).read_text("utf-8")
        assert '"lon"' not in text.splitlines()[0]
        for lon in forts["lon"].head(20):
            assert f"{lon:.6f}" not in text
    assert not any(f"{lon:.6f}" in page for lon in forts["lon"])
    restricted = pd.read_csv(folder / "forts.RESTRICTED.csv")
    assert restricted["marking"].str.startswith("RESTRICTED").all()
    assert len(restricted) == len(forts)
    table = forces_table(plan.forces)
    short = table["length_km"] < LEAST_KM
    assert table.loc[short, "p_e_found"].isna().all()
    assert table.loc[~short, "p_e_found"].notna().all()


def test_no_single_way_is_published_but_in_files_marked_restricted(manned, tmp_path, monkeypatch):
    plan, folder = manned
    ways = pd.read_csv(folder / "ways.RESTRICTED.csv")
    assert ways["marking"].str.startswith("RESTRICTED").all()
    layer = gpd.read_file(folder / "ways.RESTRICTED.gpkg", layer="ways")
    assert len(layer) == len(ways) == sum(len(case.exact.ways) for case in plan.campaign.cases)
    assert layer["marking"].str.startswith("RESTRICTED").all()
    assert layer.geometry.is_valid.all()
    # what no public figure can be: wherever it shows, a single way has leaked
    cases = tuple(
        dataclasses.replace(case, exact=dataclasses.replace(case.exact, ways=case.exact.ways.assign(
            iso3="QQX-marked", name="bases in QQX-marked", part="part 77417",
            facing="QQX-marked", hours=77417.25, evades=0.774177417,
        )))
        for case in plan.campaign.cases
    )  # fmt: skip
    marked = dataclasses.replace(plan, campaign=dataclasses.replace(plan.campaign, cases=cases))
    for restricted in (False, True):
        out = tmp_path / str(restricted)
        brief.write(marked, out, restricted=restricted)
        # pages know nothing of what is restricted: they are not drawn again for the other folder
        monkeypatch.setattr("vallum.brief.page.render", lambda *_given: "")
        names = {each.name for each in out.iterdir()}
        assert {"ways.RESTRICTED.csv", "ways.RESTRICTED.gpkg"} <= names or not restricted
        assert restricted or not any("RESTRICTED" in name for name in names)
        for name in names:
            content = (out / name).read_bytes()
            leaked = [
                mark for mark in (b"QQX-marked", b"part 77417", b"77417.25") if mark in content
            ]
            assert bool(leaked) == ("RESTRICTED" in name and "ways" in name), (name, leaked)


def test_the_page_tells_what_was_found(manned):
    plan, _ = manned
    shown = forces_page.chapter(plan)
    assert len(shown["regimes"]) == 3
    assert shown["timeline"].count("<rect") > len(plan.forces.programme.stages)
    said = " ".join(_said(plan))
    assert f">{len(plan.forces.forts.table)}</data>" in said
    last = pd.Timestamp(plan.forces.programme.all_covered)
    assert f"{last:%B %Y}" in said
    moved = replace(plan, forces=again(plan, programme={"start": "2031-01-01"}))
    assert _said(moved) != _said(plan)
    roles, joint = shown["roles"], plan.forces.tasks.by_regime["joint"]
    assert sum(int(men.replace(THIN, "")) for men in roles["sum"]) == pytest.approx(
        joint.men, abs=1
    )
    men = np.nansum(plan.forces.sectors["men_on_duty"])
    assert men == plan.forces.forts.men_on_duty


def _said(plan):
    """Give what the chapter's head finds."""
    return [str(text) for text in forces_head.head(Reading(record(plan))).found]
