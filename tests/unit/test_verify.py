"""A plan's folder is checked from its files alone; whatever was changed in them is found."""

from __future__ import annotations

import json
import shutil
import zipfile
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import rasterio
from affine import Affine
from click.testing import CliRunner

from vallum.brief import NOT_CHECKED, as_json, files, record, verify
from vallum.brief.certificate import digest, read_certificate, write_certificate
from vallum.cli import cli, main
from vallum.errors import InputError
from vallum.kernel.chain import Chain, exact_chain
from vallum.kernel.cut import solve
from vallum.kernel.ladder import ladder
from vallum.kernel.stored import problem_arrays, problem_from
from vallum.kernel.territory import instance

OPTIMUM = "every exact step is an optimum, and none is left out"
FILES = "files are as they were written"


def world(must=()):
    """Hills of benefit, a road that pays whole, ground where no line may stand, a sea."""
    y, x = np.mgrid[:18, :20].astype(float)
    benefit = 40 * np.exp(-((y - 5) ** 2 + (x - 6) ** 2) / 12) + 25 * np.exp(
        -((y - 12) ** 2 + (x - 14) ** 2) / 18
    )
    benefit[:2] = benefit[-2:] = benefit[:, :2] = benefit[:, -2:] = np.nan
    closure = 4.0 + np.add.outer(np.arange(18.0), np.arange(20.0)) / 4.0
    closure[9, 9:12] = np.inf
    flank = np.ones((18, 20))
    flank[:2] = 0.0
    hold = np.zeros((18, 20), bool)
    hold.ravel()[list(must)] = True
    road = [(60.0, 20 * np.arange(5, 13) + np.arange(6, 14))]
    return instance(
        benefit, np.full((18, 20), 1.5), closure,
        cell_km=2.0, flank=flank, projects=road, must_hold=hold,
    )  # fmt: skip


def between(problem, chain):
    """Put a step between the two that lie furthest apart: the eastern half of what enters there."""
    last = int(chain.steps["cells"].diff().argmax())
    entry = np.where(chain.entry >= last, chain.entry + 1, chain.entry)
    east = (chain.entry == last) & (np.arange(20) >= 13)
    assert east.any()
    entry[east] = last
    cells = entry.ravel()[problem.cells]
    count = len(chain.steps) + 1
    steps = ladder(problem, cells.astype(np.int32), np.full(count, np.nan))
    exact = np.arange(count) != last
    steps.loc[exact, "mu"] = chain.steps["mu"].to_numpy()
    steps["kind"] = np.where(exact, "exact", "refined")
    return Chain(entry.astype(np.int32), steps)


def store(folder, problem, *, solver="vallum", objective="output", refine=False, budget=None):
    """Write the files of a plan that are checked."""
    found = solve(problem, solver=solver)
    chain = between(problem, exact_chain(found)) if refine else exact_chain(found)
    steps = chain.steps.copy()
    steps["cost_usd_yr"] = steps["holding"] + steps["closure"]
    steps["ceiling"] = np.maximum(
        [found.ceiling(cost) for cost in steps["cost_usd_yr"]], steps["benefit"]
    )
    steps["bound"] = steps["ceiling"]
    steps["regret"] = steps["bound"] - steps["benefit"]
    steps["held_km2"] = steps["cells"] * problem.cell_km**2
    worth = steps["benefit"] - steps["cost_usd_yr"]
    step = int(worth.argmax())
    if budget is not None:
        step = int(np.flatnonzero(steps["cost_usd_yr"] <= budget)[-1])
    steps = steps.reset_index(names="step")
    row = steps.iloc[step]
    rows = [{**values, "step": int(values["step"])} for values in steps.to_dict("records")]
    content = {
        "objective": objective, "theatre": "hills", "fingerprint": "f" * 64, "cell_km": 2.0,
        "status": "ok", "mu": None if budget else 1.0, "budget_usd_yr": budget, "step": step,
        "held_km2": row["held_km2"], "line_km": row["line_km"], "cost_usd_yr": row["cost_usd_yr"],
        "holding_usd_yr": row["holding"], "closure_usd_yr": row["closure"],
        "benefit_usd_yr": None if objective == "people" else row["benefit"],
        "settings": {"line": {"solver": solver, "step": 0.01}}, "frontier": rows,
    }  # fmt: skip
    folder.mkdir(exist_ok=True)
    (folder / "plan.json").write_text(as_json(content), "utf-8")
    steps.to_csv(folder / "frontier.csv", index=False)
    entry = np.where(np.isin(np.arange(360), problem.cells), chain.entry.ravel(), -1)
    raster(folder, entry.reshape(18, 20))
    plans = SimpleNamespace(
        objective=objective, frontier=found, problem=problem, entry=chain.entry, steps=steps
    )
    write_certificate(
        SimpleNamespace(
            line=SimpleNamespace(plans=plans),
            settings=SimpleNamespace(line=SimpleNamespace(solver=solver)),
            theatre=SimpleNamespace(name="hills", fingerprint="f" * 64),
        ),
        folder,
    )
    return folder


def raster(folder, entry):
    """Write entry.tif as a plan does."""
    with rasterio.open(
        folder / "entry.tif", "w", driver="GTiff", height=18, width=20, count=1, dtype="int16",
        crs="EPSG:6933", transform=Affine(2000.0, 0, 0, 0, -2000.0, 0), nodata=-32768,
    ) as file:  # fmt: skip
        file.write(entry.astype(np.int16), 1)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Give a folder with one refined step."""
    return store(tmp_path_factory.mktemp("made") / "plan", world(), refine=True)


@pytest.fixture
def copy(made, tmp_path):
    """Give a copy to spoil."""
    return shutil.copytree(made, tmp_path / "copy")


def failing(folder):
    """Name the checks that fail."""
    return {check.name: check.found for check in verify(folder).checks if not check.ok}


def sealed(folder, **arrays):
    """Change arrays of the certificate, and seal every file as it now is."""
    with np.load(folder / "certificate.npz") as stored:
        content = {**stored, **arrays}
    about = json.loads(content["about"].tobytes())
    about["files"] = {name: digest(folder / name) for name in about["files"]}
    content["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    np.savez(folder / "certificate.npz", **content)


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"refine": True},
        {"objective": "people"},
        {"budget": 800.0},
        {"refine": True, "budget": 800.0},
    ],
)
def test_an_honest_plan_is_verified(tmp_path, how):
    assert failing(store(tmp_path / "plan", world(), **how)) == {}


def test_an_honest_plan_with_land_that_must_be_held(tmp_path):
    assert failing(store(tmp_path / "plan", world(must=[20 * 14 + 4]))) == {}


def test_a_real_plan_is_verified(sahel_plan, tmp_path):
    (tmp_path / "plan.json").write_text(as_json(record(sahel_plan)), "utf-8")
    files.write_tables(sahel_plan, tmp_path)
    files.write_rasters(sahel_plan, tmp_path)
    write_certificate(sahel_plan, tmp_path)
    assert failing(tmp_path) == {}
    # what is stored is a small part of what was promised: 1 GB for 2.4 million cells
    cells = sahel_plan.line.plans.problem.cells.size
    assert (tmp_path / "certificate.npz").stat().st_size / cells < 1e9 / 2.4e6


def test_the_same_plan_gives_the_same_certificate(made, tmp_path):
    again = store(tmp_path / "plan", world(), refine=True)
    assert digest(again / "certificate.npz") == digest(made / "certificate.npz")


def test_a_problem_comes_back_from_its_arrays():
    problem = world(must=[20 * 14 + 4])
    again = problem_from(problem_arrays(problem))
    for name, value in vars(problem).items():
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(getattr(again, name), value)
    assert again.shape == problem.shape
    assert [value for value, _ in again.projects] == [60.0]
    np.testing.assert_array_equal(again.projects[0][1], problem.projects[0][1])


@pytest.mark.parametrize(
    ("name", "change", "place"),
    [
        ("shape", lambda a: a * 0, "shape"),
        ("shape", lambda a: a * 2**20, "shape"),
        ("cells", lambda a: a[::-1], "cells"),
        ("cells", lambda a: a + 400, "cells"),
        ("benefit", lambda a: -a, "benefit"),
        ("holding", lambda a: a * np.nan, "holding"),
        ("closure", lambda a: a[1:], "closure"),
        ("must", lambda a: a.astype(int), "must"),
        ("cell_km", lambda a: a * 0, "cell_km"),
        ("project_size", lambda a: a + 1, "project_size"),
        ("project_size", lambda a: a - 8, "project_size"),
        ("project_cells", lambda a: a + 10_000, "project_cells"),
    ],
)
def test_arrays_that_are_no_problem(name, change, place):
    arrays = problem_arrays(world())
    with pytest.raises(InputError) as caught:
        problem_from({**arrays, name: change(arrays[name])})
    assert place in {fault.place for fault in caught.value.faults}
    with pytest.raises(InputError, match="is missing"):
        problem_from({key: value for key, value in arrays.items() if key != name})


def test_ortools_leaves_no_proof_and_verify_says_so(tmp_path):
    found = failing(store(tmp_path / "plan", world(), solver="ortools"))
    words = "no certificate in this plan: made by OR-Tools"
    assert found == {OPTIMUM: words, "steps are nested": words}


@pytest.mark.parametrize("name", ["plan.json", "frontier.csv", "entry.tif"])
def test_a_file_that_was_changed_or_is_missing(copy, name):
    text = (copy / name).read_bytes()
    (copy / name).write_bytes(text + b"\n")
    assert f"{name} was changed" in failing(copy)[FILES]
    if name != "plan.json":
        (copy / name).unlink()
        assert f"{name} is missing" in failing(copy)[FILES]


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (lambda plan: plan["frontier"][2].update(benefit=1e9), "every number of a step is right"),
        (lambda plan: plan["frontier"][2].update(mu=1e9), OPTIMUM),
        (lambda plan: plan["frontier"][2].update(mu=None), OPTIMUM),
        (lambda plan: plan["frontier"][2].update(kind="refined"), OPTIMUM),
        (lambda plan: plan["frontier"][2].update(kind="best"), "plan.json can be read"),
        (lambda plan: plan["frontier"][2].pop("cells"), "every number of a step is right"),
        (lambda plan: plan["frontier"].pop(), OPTIMUM),
        (lambda plan: plan.update(frontier=[]), "plan.json can be read"),
        (lambda plan: plan.update(frontier={"a": 1}), "plan.json can be read"),
        (
            lambda plan: plan["frontier"][1].update(ceiling=plan["frontier"][1]["benefit"] * 0.9),
            "ceilings follow from the proof",
        ),
        (
            lambda plan: plan["frontier"][1].update(ceiling=plan["frontier"][1]["ceiling"] * 1.1),
            "ceilings follow from the proof",
        ),
        (lambda plan: plan["frontier"][1].update(regret=-1.0), "ceilings follow from the proof"),
        (lambda plan: plan.update(step=0), "the chosen step is the best asked for"),
        (lambda plan: plan.update(step=10_000), "the chosen step is the best asked for"),
        (lambda plan: plan.update(step="a"), "the chosen step is the best asked for"),
        (lambda plan: plan.update(mu=0.001), "the chosen step is the best asked for"),
        (lambda plan: plan.update(line_km=1.0), "the chosen step is the best asked for"),
        (lambda plan: plan.update(budget_usd_yr=1.0), "the chosen step is the best asked for"),
        (lambda plan: plan.update(budget_usd_yr=1e12), "the chosen step is the best asked for"),
        (lambda plan: plan.update(status="nothing"), "the chosen step is the best asked for"),
        (lambda plan: plan.update(fingerprint="0"), "certificate and plan are of one another"),
        (lambda plan: plan.update(cell_km=3.0), "certificate and plan are of one another"),
        (lambda plan: plan.pop("settings"), "certificate and plan are of one another"),
    ],
)
def test_an_edited_plan_is_found_even_if_all_is_sealed_anew(copy, change, check):
    plan = json.loads((copy / "plan.json").read_text("utf-8"))
    change(plan)
    (copy / "plan.json").write_text(as_json(plan), "utf-8")
    if isinstance(plan["frontier"], list) and plan["frontier"]:
        pd.DataFrame(plan["frontier"]).to_csv(copy / "frontier.csv", index=False)
    sealed(copy)
    found = failing(copy)
    assert check in found
    assert FILES not in found


def test_an_edited_raster_or_table_is_found(copy):
    with rasterio.open(copy / "entry.tif") as file:
        entry = file.read(1)
    entry[9, 5] += 1
    raster(copy, entry)
    table = pd.DataFrame(json.loads((copy / "plan.json").read_text("utf-8"))["frontier"])
    table.assign(line_km=table["line_km"] + 1e-6).to_csv(copy / "frontier.csv", index=False)
    sealed(copy)
    found = failing(copy)
    assert found["entry.tif is what is proved"] == "1 cells differ"
    assert found["frontier.csv is the table of plan.json"] == "column line_km differs"


@pytest.mark.parametrize(
    ("name", "change", "check"),
    [
        ("proof_flow", lambda a: a * 0, OPTIMUM),
        ("proof_flow", lambda a: a * 1000, OPTIMUM),
        ("proof_unit", lambda a: a * 2, OPTIMUM),
        ("proof_entry", lambda a: a[::-1].copy(), OPTIMUM),
        ("chain", lambda a: np.roll(a, 1), "steps are nested"),
        ("chain", lambda a: a * 0, "every number of a step is right"),
        ("problem_benefit", lambda a: a * 2, "every number of a step is right"),
        ("problem_border", lambda a: a + 1, "every number of a step is right"),
        ("mu", lambda a: a - 1e9, "the certificate can be read"),
        ("mu", lambda a: a[:0], "ceilings follow from the proof"),
        ("chain", lambda a: a[1:], "the certificate can be read"),
        ("problem_cells", lambda a: a[::-1].copy(), "the certificate can be read"),
        ("proof_flow", lambda a: a.astype(float), "the certificate can be read"),
    ],
)
def test_a_certificate_that_was_changed_is_found(copy, name, change, check):
    with np.load(copy / "certificate.npz") as stored:
        array = stored[name]
    sealed(copy, **{name: change(array)})
    assert check in failing(copy)


def test_flipped_bits_are_refused_or_change_nothing(copy):
    """Some bytes of a zip's records (its versions, its attributes) mean nothing to a reader."""
    path = copy / "certificate.npz"
    whole = path.read_bytes()
    honest = read_certificate(path)
    rng = np.random.default_rng(3)
    refused = 0
    for at in [*rng.integers(0, len(whole), 150), *range(len(whole) - 30, len(whole))]:
        spoilt = bytearray(whole)
        spoilt[at] ^= 1 << int(rng.integers(8))
        path.write_bytes(spoilt)
        try:
            read = read_certificate(path)
        except InputError:
            refused += 1
            continue
        np.testing.assert_array_equal(read.proof.flow, honest.proof.flow)
        np.testing.assert_array_equal(read.problem.benefit, honest.problem.benefit)
        np.testing.assert_array_equal(read.entry, honest.entry)
        assert read.about == honest.about
    assert refused > 100


def test_damaged_files_end_in_a_report(copy):
    rng = np.random.default_rng(4)
    for name in ("plan.json", "frontier.csv", "entry.tif", "certificate.npz"):
        whole = (copy / name).read_bytes()
        spoilt = [whole[: int(cut)] for cut in rng.integers(0, len(whole), 3)]
        for _ in range(8):
            text = bytearray(whole)
            for at in rng.integers(0, len(whole), 3):
                text[at] ^= 1 << int(rng.integers(8))
            spoilt.append(bytes(text))
        for content in spoilt:
            (copy / name).write_bytes(content)
            assert failing(copy)
        (copy / name).write_bytes(whole)
    assert failing(copy) == {}


def test_a_zip_that_is_no_certificate(copy):
    with zipfile.ZipFile(copy / "certificate.npz", "w") as file:
        file.writestr("about.npy", b"no array")
    assert "can't be read" in failing(copy)["the certificate can be read"]
    (copy / "certificate.npz").unlink()
    assert "No such file" in failing(copy)["the certificate can be read"]


def test_the_command(made, copy, tmp_path, capsys):
    done = CliRunner().invoke(cli, ["verify", str(made), "--json"])
    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert told["ok"]
    assert told["not_checked"] == list(NOT_CHECKED)
    (copy / "entry.tif").write_bytes(b"")
    with pytest.raises(SystemExit) as stop:
        main(["verify", str(copy)])
    assert stop.value.code == 3
    out, err = capsys.readouterr()
    assert "FAIL  files are as they were written: entry.tif was changed" in out
    assert "NOT verified, 2 of 11 checks fail" in err
    with pytest.raises(SystemExit) as stop:
        main(["verify", str(tmp_path / "nowhere")])
    assert stop.value.code == 2
    assert "no plan in it" in capsys.readouterr().err
