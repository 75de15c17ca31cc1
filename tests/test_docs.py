"""The docs say what the code does: commands and blocks run, names and links lead somewhere."""

from __future__ import annotations

import contextlib
import doctest
import importlib
import json
import pkgutil
import re
import shlex
import shutil
from typing import TYPE_CHECKING

import click
import geopandas as gpd
import pytest
from shapely.geometry import box
from tests.doc_blocks import ROOT, Block, blocks, name, run_python
from tests.works_rows import plain_rows, real_rows, sahel_rows

import vallum
from vallum.brief import write
from vallum.brief.threat_words import shares, statement
from vallum.cli import cli, main

if TYPE_CHECKING:
    from pathlib import Path

    from vallum.plan import Plan

pytestmark = pytest.mark.usefixtures("plans_once")  # whichever command or block asks
README = ROOT / "README.md"
PAGES = sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md"))
METHOD = sorted((ROOT / "docs/method").glob("*.md"))
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(vallum.__path__, "vallum.")
    if not module.name.endswith("__main__")
)
HOW_TOS = sorted((ROOT / "docs/how-to").glob("*.md"))
NOTEBOOKS = sorted((ROOT / "docs").glob("*.ipynb"))
# they read from public registries and publishers, or wait for people: each has its own tests
NOT_RUN = {"vallum theatre rebuild", "vallum theatre fetch", "vallum serve"}


def readme_commands() -> list[str]:
    """Give the `vallum` commands of the README."""
    lines = [
        line
        for block in blocks(README)
        if block.language == "bash"
        for line in block.text.replace("\\\n", " ").splitlines()
    ]
    return [line.partition(" #")[0] for line in lines if line.startswith("vallum ")]


def parse(command: str) -> None:
    """Let click read a command, without running it."""
    found: click.Command = cli
    context, args = None, shlex.split(command)[1:]
    while isinstance(found, click.Group) and args and not args[0].startswith("-"):
        below = found.get_command(click.Context(found), args[0])
        assert below is not None, f"no such command: {command}"
        found, args = below, args[1:]
    if isinstance(found, click.Group) or {"-h", "--help"} & set(args):
        return
    context = found.make_context(found.name, args)
    assert context.params is not None


@pytest.mark.parametrize("page", METHOD, ids=name)
def test_python_blocks_of_the_method_pages_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {"__name__": page.stem}
    for block in blocks(page):
        if block.language == "python":
            run_python(block, page, namespace)


@pytest.fixture(scope="module")
def plan_folder(coarse_plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a plan, as a reader of the how-tos has it."""
    return write(coarse_plan, tmp_path_factory.mktemp("out") / "sahel").parent


def run_commands(block: Block) -> None:
    """Run a block that holds commands of `vallum` only, within this process: stages are shared."""
    for line in block.text.replace("\\\n", " ").splitlines():
        command = line.partition(" #")[0].strip()
        assert command.startswith("vallum "), f"line {block.line}: {command}"
        with contextlib.suppress(click.exceptions.Exit):
            main(shlex.split(command)[1:])


@pytest.mark.parametrize("page", HOW_TOS, ids=name)
def test_the_how_tos_run(page, request, tiny, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tiny.parent.rename("mine")  # the reader's own files, and CONFIG.toml
    if "out/sahel" in page.read_text("utf-8"):
        shutil.copytree(request.getfixturevalue("plan_folder"), "out/sahel")
    namespace: dict[str, object] = {"__name__": page.stem}
    for block in blocks(page):
        if block.language == "bash":
            run_commands(block)
        elif block.language == "python":
            run_python(block, page, namespace)
        elif block.language == "sh":  # it needs what a test has not: a cluster, a database
            for line in block.text.replace("\\\n", " ").splitlines():
                if line.startswith("vallum "):
                    parse(line.partition(" #")[0])


def test_the_how_tos_have_blocks():
    found = [block for page in HOW_TOS for block in blocks(page)]
    assert sum(block.language == "bash" for block in found) >= 6
    assert sum(block.language == "python" for block in found) >= 12


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=name)
def test_the_notebooks_run(notebook, coarse_plan, tmp_path, monkeypatch):
    # its plan is the one that other tests look at: made once, if its settings are the same
    def make(theatre: str, settings: vallum.Settings) -> Plan:
        assert (theatre, settings) == ("sahel", coarse_plan.settings)
        return coarse_plan

    import matplotlib as mpl  # noqa: PLC0415  (the extra `docs`)

    mpl.use("agg")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(vallum, "make_plan", make, raising=False)
    namespace: dict[str, object] = {"__name__": notebook.stem}
    for number, cell in enumerate(json.loads(notebook.read_text("utf-8"))["cells"]):
        assert not cell.get("outputs"), "the notebook is kept without what it prints"
        if cell["cell_type"] == "code":
            run_python(Block("python", "".join(cell["source"]), number), notebook, namespace)
    assert (tmp_path / "entry.png").stat().st_size > 10_000


@pytest.mark.parametrize("command", readme_commands())
def test_commands_of_the_readme(command, tiny, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tiny.parent.rename("mine")  # the reader's own files, and CONFIG.toml
    parse(command)
    if any(command.startswith(start) for start in NOT_RUN):
        return
    south = box(-12.0, 10.5, -5.0, 14.5)  # stands for what the reader drew
    gpd.GeoDataFrame({"name": ["box"]}, geometry=[south], crs="EPSG:4326").to_file("mine.gpkg")
    args = shlex.split(command)[1:]
    if args != ["plan", "sahel"]:  # the page, which takes longest, is written once
        monkeypatch.setattr("vallum.brief.page.render", lambda *_given: "")
    own = "mine" in command and "mine.gpkg" not in command
    if (
        {"plan", "stage", "score", "show", "line", "campaign"} & set(args[:2])
        and not own
        and "--cell-km" not in args
    ):
        args += ["--cell-km", "50"]  # fewer cells: what is tested is that the command is right
        if args[0] != "show" and args[1] != "show":
            # and fewer draws; test_cli.py refines the frontier of the first command
            args += ["--set", "robust.draws=10", "--set", "campaign.draws=10"]
            few = ["--set", "line.refine=0", "--set", "accord.forces=false"]
            few += ["--set", "dividend.draws=400", "--set", "dividend.sobol=32"]
            args += few
        if args[0] == "campaign":
            args += ["--draws", "10"]
    with contextlib.suppress(click.exceptions.Exit):
        main(args)  # a fault of the command would end in SystemExit, which fails the test


def test_the_readme_has_commands():
    assert len(readme_commands()) >= 5


@pytest.mark.slow
def test_the_numbers_of_the_readme_are_the_programs(sahel_plan):
    table = answer_table(sahel_plan)
    assert table in README.read_text("utf-8"), f"put this into README.md:\n{table}"


@pytest.mark.slow
def test_the_tables_of_works_are_the_programs(sahel_plan):
    text = (ROOT / "docs/method/works.md").read_text("utf-8").splitlines()
    land = sahel_plan.theatre.member_mask
    for row in (*plain_rows(), *sahel_rows(sahel_plan.works, land), *real_rows()):
        assert row in text, f"put this into docs/method/works.md:\n{row}"


@pytest.mark.slow
def test_the_sentence_of_the_readme_on_the_threat_is_the_pages(sahel_plan):
    said = " ".join(statement(sahel_plan).replace("\u202f", " ").split())
    text = " ".join(README.read_text("utf-8").split())
    assert said in text, f"put this into README.md:\n{said}"
    burkina = sahel_plan.threat.ways.through.set_index("iso3").loc["BFA"]
    share = shares(burkina["low"], burkina["mid"], burkina["high"]).replace("\u202f", " ")
    assert f"{share} touch Burkina Faso's ground" in text


def answer_table(plan: vallum.Plan) -> str:
    """Write the README's table: five steps of the frontier, to two digits."""
    steps = plan.line.plans.steps.join(plan.ranges.steps)
    exact = steps.index[steps["kind"] == "exact"]
    after = int(steps.loc[exact, "line_km"].diff().iloc[:-1].argmax())
    chosen = {
        "most benefit per dollar": plan.line.step,
        "before the first long line": exact[after - 1],
        "the first long line": exact[after],
        "over 80 % of the people": int((steps["people_share"] > 0.8).to_numpy().argmax()),
        "everything": len(steps) - 1,
    }
    rows = [
        "| what is held | land, km² | people | line, km | million USD/yr: cost | averted | pays |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for what, number in chosen.items():
        row = steps.iloc[number]
        cost, low, averted, high = (
            two_digits(row[key] / 1e6)
            for key in ("cost_usd_yr", "averted_low", "averted_usd_yr", "averted_high")
        )
        rows.append(
            f"| {what} | {two_digits(row['held_km2'])} | {row['people_share']:.1%} | "
            f"{two_digits(row['line_km'])} | {cost} | {averted} ({low}–{high}) | "
            f"{row['pays_share']:.0%} |"
        )
    return "\n".join(rows)


def two_digits(number: float) -> str:
    """Round to two digits that count."""
    return f"{float(f'{number:.2g}'):,g}" if number < 1e6 else f"{float(f'{number:.2g}'):,.0f}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_to_files(page):
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    links = [
        link
        for link in re.findall(r"\]\(([^)\s#]+)(?:#[^)\s]*)?\)", text)
        if not re.match(r"[a-z]+:", link)
    ]
    missing = [link for link in links if not (page.parent / link).exists()]
    assert not missing


@pytest.mark.parametrize("page", [*METHOD, ROOT / "docs/convention.md"], ids=name)
def test_names_in_the_method_pages_exist(page):
    unknown = [
        path
        for path in re.findall(r"`(vallum(?:\.\w+)+)", page.read_text("utf-8"))
        if not _exists(path)
    ]
    assert not unknown


def _exists(path: str) -> bool:
    """Whether a dotted name can be imported: modules as far as they go, then attributes."""
    parts = path.split(".")
    for count in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:count]))
        except ModuleNotFoundError:
            continue
        for part in parts[count:]:
            if part in getattr(found, "model_fields", {}) or part in _fields(found):
                return True
            if not hasattr(found, part):
                break
            found = getattr(found, part)
        else:
            return True
    return False


def _fields(found: object) -> set[str]:
    """Names of a dataclass's fields, which have no attribute on the class."""
    return set(getattr(found, "__dataclass_fields__", {}))


@pytest.mark.parametrize("page", [README, ROOT / "CONTRIBUTING.md"], ids=name)
def test_make_targets_exist(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    text = page.read_text("utf-8")
    said = re.findall(r"(?:`|^)make((?: [a-z-]+)+)", text, re.MULTILINE)
    wanted = {target for line in said for target in line.split()}
    assert wanted
    assert wanted <= targets


@pytest.mark.parametrize("module", MODULES)
def test_doctests(module):
    found = doctest.testmod(importlib.import_module(module))
    assert found.failed == 0


def test_doctests_are_found():
    finder = doctest.DocTestFinder(exclude_empty=True)
    tests = [test for module in MODULES for test in finder.find(importlib.import_module(module))]
    assert sum(bool(test.examples) for test in tests) >= 4
