"""The files of a plan without its pages, for tests that look at files alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.brief import as_json, files, record
from vallum.brief.accord_files import write_accord
from vallum.brief.certificate import write_certificate
from vallum.brief.dictionary import write_dictionary
from vallum.brief.record_dividend import write_dividend
from vallum.brief.workbook import write_workbook

if TYPE_CHECKING:
    from pathlib import Path

    from vallum.plan import Plan

__all__ = ["write_files"]


def write_files(plan: Plan, folder: Path) -> Path:
    """Write them into a new folder, restricted ones too."""
    folder.mkdir()
    content = record(plan)
    (folder / "plan.json").write_text(as_json(content), "utf-8")
    files.write_tables(plan, folder)
    write_dividend(plan, folder)
    write_accord(plan, folder)
    files.write_rasters(plan, folder)
    files.write_geopackage(plan, folder)
    files.write_restricted(plan, folder)
    write_dictionary(folder)
    write_workbook(content, folder)
    write_certificate(plan, folder)
    return folder
