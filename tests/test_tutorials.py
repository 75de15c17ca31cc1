"""The tutorials run as they stand, from the first block to the last."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.doc_blocks import ROOT, Block, blocks, name, run_python
from tests.one_process import Commands

from vallum.brief import page as brief_page

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("plans_once")  # whichever command or block asks
TUTORIALS = sorted((ROOT / "docs").glob("tutorial*.md"))


@pytest.fixture
def commands() -> Iterator[Commands]:
    """Run `vallum` within this process; a socket's address must be short."""
    with tempfile.TemporaryDirectory(prefix="vallum") as folder:
        found = Commands(Path(folder))
        yield found
        found.close()


def run_bash(commands: Commands, block: Block, page: Path, folder: Path) -> None:
    """Run a block of commands as a reader would."""
    done = commands.bash(block.text, folder)
    assert done.returncode == 0, f"{name(page)}, line {block.line}:\n{done.stdout}{done.stderr}"


@pytest.fixture
def pages_of_one_plan(monkeypatch):
    """Draw the pages of the first plan, in each language; those of later ones take long too."""
    drawn, draw = [], brief_page.render

    def render(plan, *given):
        drawn.append(plan)
        return draw(plan, *given) if plan is drawn[0] else ""

    monkeypatch.setattr(brief_page, "render", render)
    return drawn


@pytest.mark.parametrize("page", TUTORIALS, ids=name)
def test_the_tutorials_run(page, pages_of_one_plan, commands, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {"__name__": "tutorial"}
    ran = {"bash": 0, "python": 0}
    for block in blocks(page):
        if block.language == "bash":
            run_bash(commands, block, page, tmp_path)
        elif block.language == "python":
            run_python(block, page, namespace)
        else:
            continue
        ran[block.language] += 1
    assert min(ran.values()) >= 5
    assert len(commands.ran) >= 4
    assert pages_of_one_plan[0] is pages_of_one_plan[1], "in two languages"
    assert "nan" not in capsys.readouterr().out.lower().split()


def test_a_command_in_a_shell_keeps_its_streams_folder_and_code(commands, tmp_path):
    (tmp_path / "sub").mkdir()
    text = (
        "cd sub; vallum theatre list --json > list.json; vallum theatre lisst 2> said || code=$?\n"
        'echo "ended in ${code}"; vallum --version | cat; vallum theatre init a.toml > /dev/null\n'
    )
    done = commands.bash(text, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "sahel" in (tmp_path / "sub" / "list.json").read_text("utf-8")
    assert "did you mean 'list'" in (tmp_path / "sub" / "said").read_text("utf-8")
    assert done.stdout.startswith("ended in 2\n")
    assert "vallum" in done.stdout
    assert (tmp_path / "sub" / "a.toml").is_file()
    assert len(commands.ran) == 4
    failed = commands.bash("vallum theatre lisst", tmp_path)
    assert failed.returncode == 2
    assert "did you mean 'list'" in failed.stderr
