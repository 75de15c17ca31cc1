"""What a store takes: ids, names of files and texts that both kinds keep alike."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from vallum.app.model import KeptFile
from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from vallum.app.model import Audit, Scenario, StoredPlan

__all__ = [
    "PIECE",
    "check_plan",
    "check_scenario",
    "check_texts",
    "is_id",
    "is_name",
    "is_version",
    "kept_files",
    "late",
    "not_there",
    "one_entry",
    "over",
    "pieces",
    "twice",
]

PIECE = 8_000_000  # bytes of a file in one row of a database
_ID = re.compile(r"[0-9a-f]{32}")
_LONGEST_PART, _LONGEST = 255, 1_000  # bytes
_MOST_VERSIONS = 2**31 - 1


def is_id(text: str) -> bool:
    """Whether it is 32 hexadecimal digits; nothing else ever becomes part of a path."""
    return _ID.fullmatch(text) is not None


def is_name(name: str) -> bool:
    """Whether a file's name stays within its folder, on any system."""
    if not name or "\\" in name or ":" in name or any(ord(one) < 32 for one in name):
        return False
    if not _plain(name) or len(name.encode()) > _LONGEST:
        return False
    parts = name.split("/")
    return all(
        part not in {"", ".", ".."} and len(part.encode()) <= _LONGEST_PART for part in parts
    )


def is_version(number: int | None) -> bool:
    """Whether there can be such a version; None is the latest."""
    return number is None or 1 <= number <= _MOST_VERSIONS


def check_scenario(scenario: Scenario) -> None:
    """Raise `InputError` for a scenario that can't be kept."""
    faults = _id_faults(scenario.id)
    if not is_version(scenario.version):
        faults.append(Fault("scenario", "version", str(scenario.version), "count from 1"))
    texts = {
        "owner": scenario.owner,
        "name": scenario.name,
        "theatre": scenario.theatre,
        "text": scenario.text,
        "changed": scenario.changed,
        "changed_by": scenario.changed_by,
    }
    _raise(faults + _text_faults("scenario", texts))


def check_plan(plan: StoredPlan) -> None:
    """Raise `InputError` for a plan that can't be kept."""
    faults = _id_faults(plan.id)
    if plan.files:
        mend = "leave its files to put_files"
        faults.append(Fault("plan", "files", f"{len(plan.files)} of a new plan", mend))
    texts = {
        "owner": plan.owner,
        "theatre": plan.theatre,
        "scenario": plan.scenario,
        "text": plan.text,
        "language": plan.language,
        "stage": plan.stage,
        "asked": plan.asked,
        "ended": plan.ended,
        "said": plan.said,
    }
    _raise(faults + _text_faults("plan", texts))


def check_texts(**texts: str | None) -> None:
    """Raise `InputError` for texts that can't be kept."""
    _raise(_text_faults("plan", texts))


def late(scenario: Scenario, latest: int) -> InputError:
    """Say that a version isn't the next one."""
    found = f"version {scenario.version}, and the latest is {latest or 'none'}"
    mend = "open it again and change that: someone was faster"
    return InputError([Fault("scenario", "version", found, mend)])


def not_there(id: str) -> InputError:  # noqa: A002
    """Say that there is no such plan."""
    return InputError([Fault("plan", id, "there is none", "it was deleted: ask for it again")])


def twice(id: str) -> InputError:  # noqa: A002
    """Say that there is such a plan already."""
    return InputError([Fault("plan", id, "it is there already", "give a new one another id")])


def over(id: str, status: str) -> InputError:  # noqa: A002
    """Say that a plan has ended already."""
    mend = "resume it, or ask for it again"
    return InputError([Fault("plan", id, f"it is {status} already", mend)])


def kept_files(folder: Path) -> tuple[KeptFile, ...]:
    """List the files of a plan's folder by name, with size and SHA-256.

    Parameters
    ----------
    folder
        Of plain files and folders.

    Returns
    -------
    tuple of KeptFile
        By name.

    Raises
    ------
    InputError
        For links, devices and names that aren't safe, all at once.
    """
    found: list[KeptFile] = []
    faults: list[Fault] = []
    if not folder.is_dir():
        raise InputError([Fault(str(folder), "", "no folder", "make the plan again")])
    for path in sorted(folder.rglob("*")):
        name = PurePosixPath(path.relative_to(folder)).as_posix()
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            continue
        if not stat.S_ISREG(mode):
            faults.append(Fault(str(folder), name, "no plain file", "leave it out"))
        elif not is_name(name):
            faults.append(Fault(str(folder), name, "no safe name", "give it another name"))
        else:
            with path.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
                found.append(KeptFile(name, os.fstat(file.fileno()).st_size, sha256))
    _raise(faults)
    return tuple(sorted(found, key=lambda one: one.name))


def pieces(path: Path) -> Iterator[bytes]:
    """Give a file in pieces that fit one row each."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def one_entry(entry: Audit) -> Audit:
    """Give an entry as it can be kept: the trail must not lose one for a character."""
    return replace(
        entry,
        at=_storable(entry.at),
        who=_storable(entry.who),
        what=_storable(entry.what),
        id=_storable(entry.id),
        said=_storable(entry.said),
    )


def _storable(text: str) -> str:
    """Put U+FFFD for what no store can keep (NUL, halves of characters)."""
    return "".join("\ufffd" if one == "\0" or "\ud800" <= one <= "\udfff" else one for one in text)


def _plain(text: str) -> bool:
    """Whether every store can keep a text."""
    return "\0" not in text and not any("\ud800" <= one <= "\udfff" for one in text)


def _id_faults(id: str) -> list[Fault]:  # noqa: A002
    """Find what is wrong with an id."""
    return [] if is_id(id) else [Fault("store", "id", repr(id[:50]), "32 hexadecimal digits")]


def _text_faults(where: str, texts: Mapping[str, str | None]) -> list[Fault]:
    """Find texts that can't be kept."""
    mend = "take out NUL and halves of characters"
    return [
        Fault(where, key, "characters that can't be kept", mend)
        for key, text in texts.items()
        if text is not None and not _plain(text)
    ]


def _raise(faults: list[Fault]) -> None:
    """Raise what was found, if anything was."""
    if faults:
        raise InputError(faults)
