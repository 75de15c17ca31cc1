"""Write a plan's folder: all of it or nothing."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vallum.brief import files, page
from vallum.brief.accord_files import write_accord
from vallum.brief.certificate import write_certificate
from vallum.brief.dictionary import write_dictionary
from vallum.brief.language import LANGUAGES, speaking
from vallum.brief.onefile import refuse_file_above
from vallum.brief.record import as_json, record
from vallum.brief.record_dividend import write_dividend
from vallum.brief.workbook import write_workbook
from vallum.errors import OutputError

if TYPE_CHECKING:
    from vallum.plan import Plan

__all__ = ["check_folder", "write"]

_MARK = "plan.json"


def write(plan: Plan, out: Path | str, *, restricted: bool = False, language: str = "en") -> Path:
    """Write the files of a plan into a folder, replacing an older plan there.

    The page is written in every language, each leading to the other; `brief.html` is in the
    language asked for. Files of data are in English.

    Everything is written beside the folder first and renamed into place at the end, so nothing
    half-written is ever left.

    Parameters
    ----------
    plan
        To write.
    out
        The folder.
    restricted
        Whether to write the files of single forts and single ways in too, marked as restricted.
    language
        Of `brief.html`: a code of `vallum.brief.LANGUAGES`.

    Returns
    -------
    Path
        The brief's page in it.

    Raises
    ------
    OutputError
        If the folder can't be written, or holds something else than a plan.
    """
    folder = check_folder(out)
    scratch = None
    try:
        scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        fresh = scratch / "plan"
        fresh.mkdir()
        content = record(plan)
        (fresh / _MARK).write_text(as_json(content), "utf-8")
        files.write_tables(plan, fresh)
        write_dividend(plan, fresh)
        write_accord(plan, fresh)
        files.write_rasters(plan, fresh)
        files.write_geopackage(plan, fresh)
        if restricted:
            files.write_restricted(plan, fresh)
        write_dictionary(fresh, _pages(language).values())
        write_workbook(content, fresh)
        _write_pages(plan, content, fresh, language)
        write_certificate(plan, fresh)  # last: it names the digests of all the others
        if folder.exists():
            folder.rename(scratch / "old")
        fresh.rename(folder)
    except OSError as error:
        raise OutputError(_text(folder, error)) from None
    finally:
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)
    return folder / "brief.html"


def _write_pages(plan: Plan, content: dict[str, Any], folder: Path, language: str) -> None:
    """Write the page in each language; the one asked for is `brief.html`."""
    names = _pages(language)
    for code, name in names.items():
        other = next(one for one in LANGUAGES if one != code)
        link = {"file": names[other], "code": other, "name": LANGUAGES[other]}
        with speaking(code):
            (folder / name).write_text(page.render(plan, content, link), "utf-8")


def _pages(language: str) -> dict[str, str]:
    """Name the page of each language; the one asked for is `brief.html`."""
    return {code: f"brief.{code}.html" for code in LANGUAGES} | {language: "brief.html"}


def check_folder(out: Path | str) -> Path:
    """Check, before any work is done, that a plan can be written to a folder.

    Parameters
    ----------
    out
        The folder; it and its parents are made where they are missing.

    Returns
    -------
    Path
        Absolute.

    Raises
    ------
    OutputError
        If it is a file, holds something else than a plan, or can't be written.
    """
    folder = Path(out).absolute()
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder}: it is a file. Mend: give --out another folder")
    refuse_file_above(folder)
    if folder.is_dir() and any(folder.iterdir()) and not (folder / _MARK).is_file():
        raise OutputError(
            f"{folder}: it holds files that are no plan of ours, and a plan replaces the whole "
            "folder. Mend: give --out a new or empty folder"
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent):
            pass
    except OSError as error:
        raise OutputError(_text(folder, error)) from None
    return folder


def _text(folder: Path, error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{folder}: it can't be written ({reason}). Mend: give --out a folder you may write to"
