"""The accord as files: coalitions, the joint line's sectors and tasks, and the draft annex."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from vallum.accord.annex import to_docx, to_markdown
from vallum.brief.record_forces import forces_table, tasks_table

if TYPE_CHECKING:
    from pathlib import Path

    from vallum.accord.model import Accord
    from vallum.plan import Plan

__all__ = ["coalitions_table", "write_accord"]


def write_accord(plan: Plan, folder: Path) -> None:
    """Write what the accord stage found; nothing where none was reckoned.

    `accord.csv` has a row per game and coalition; `accord_sectors.csv`, `accord_tasks.csv` are of
    the line that all members draw together, as `forces.csv` and `tasks.csv` are of the plan's own;
    `annex.md` and `annex.docx` are the draft of the task annex, where one could be drawn up.
    """
    found = plan.accord
    if found is None:
        return
    coalitions_table(found).to_csv(folder / "accord.csv", index=False)
    if found.joint is not None and found.joint.forces is not None:
        manned = found.joint.forces
        forces_table(manned).to_csv(folder / "accord_sectors.csv", index=False)
        tasks_table(manned).to_csv(folder / "accord_tasks.csv", index=False)
    if found.annex is not None:
        (folder / "annex.md").write_text(to_markdown(found.annex), "utf-8")
        (folder / "annex.docx").write_bytes(to_docx(found.annex))


def coalitions_table(found: Accord) -> pd.DataFrame:
    """Lay out the coalitions of both games as one table."""
    parts = [game.coalitions.assign(game=game.name) for game in found.games]
    whole: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return whole[["game", *(str(name) for name in whole if name != "game")]]
