"""A store in a folder that people can read: TOML and JSON, a folder per scenario and plan."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from dataclasses import asdict, replace
from itertools import islice
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from vallum.app.model import ENDED, KeptFile, Scenario, StoredPlan
from vallum.app.store import checks, disk, trail
from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from vallum.app.model import Audit, Status

__all__ = ["FileStore"]

T = TypeVar("T", Scenario, StoredPlan)
_SHORT = 10_000  # characters
FORM = 1  # of the folder's layout
_MARK, _LOCK, _TRAIL = "store.json", "lock", "audit.jsonl"
_SCENARIOS, _PLANS, _SPARE = "scenarios", "plans", "spare"
_PLAN, _FILES = "plan.json", "files"


class FileStore:
    """A folder: `scenarios/ID/VERSION.toml` and `.json`, `plans/ID/`, `audit.jsonl`.

    A version of a scenario counts once its `.json` is there, a plan's files once its `plan.json`
    names them; both are renamed into place. What a killed server left half done lies in `spare/`
    or is named nowhere, and goes when the folder is opened again.

    Parameters
    ----------
    folder
        Made for its owner alone where it isn't there; a folder that holds something else is
        refused.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._turn = RLock()  # one at a time; only files are copied and read beside it
        self._scenarios = folder / _SCENARIOS
        self._plans = folder / _PLANS
        self._spare = folder / _SPARE
        self._trail = folder / _TRAIL
        # what was read: nobody else writes here, and a version never changes
        self._known: dict[Path, Scenario | StoredPlan] = {}
        self._counts: dict[str, int] = {}  # latest versions
        with disk.told(folder):
            _ours(folder)
            self._held = disk.hold(folder / _LOCK)
            try:
                self._open()
            except BaseException:
                self._held.close()
                raise

    def save_scenario(self, scenario: Scenario) -> None:
        """Keep a version; `InputError` if it isn't the next one."""
        checks.check_scenario(scenario)
        with self._turn, disk.told(self._folder):
            latest = self._latest(scenario.id)
            if scenario.version != latest + 1:
                raise checks.late(scenario, latest)
            home = self._scenarios / scenario.id
            disk.make_folder(home)
            meta = asdict(scenario)
            text = meta.pop("text")
            self._counts.pop(scenario.id, None)
            disk.write(home / f"{scenario.version}.toml", text.encode(), self._spare)
            disk.write(home / f"{scenario.version}.json", _json(meta), self._spare)

    def scenario(self, id: str, version: int | None = None) -> Scenario | None:  # noqa: A002
        """Give a version, the latest if not said; None if there is none."""
        with self._turn, disk.told(self._folder):
            latest = self._latest(id)
            number = latest if version is None else version
            return self._version(id, number) if 1 <= number <= latest else None

    def versions(self, id: str) -> tuple[Scenario, ...]:  # noqa: A002
        """Give all versions of a scenario, oldest first."""
        with self._turn, disk.told(self._folder):
            return tuple(self._version(id, number + 1) for number in range(self._latest(id)))

    def scenarios(self, *, readable_by: str | None = None) -> tuple[Scenario, ...]:
        """Give the latest versions: of all, or the own and the shared ones; newest first."""
        with self._turn, disk.told(self._folder):
            latest = [
                self._version(home.name, number)
                for home in _folders(self._scenarios)
                if (number := self._latest(home.name))
            ]
        seen = (one for one in latest if _readable(one, readable_by))
        return tuple(sorted(seen, key=lambda one: (one.changed, one.id), reverse=True))

    def delete_scenario(self, id: str) -> bool:  # noqa: A002
        """Delete all versions; whether there was one."""
        with self._turn, disk.told(self._folder):
            count = self._latest(id)
            if not count:
                return False
            home = self._scenarios / id
            for number in range(1, count + 1):
                self._known.pop(home / f"{number}.json", None)
            del self._counts[id]
            disk.remove_folder(home, self._spare)
            return True

    def add_plan(self, plan: StoredPlan) -> None:
        """Keep a plan that was asked for."""
        checks.check_plan(plan)
        with self._turn, disk.told(self._folder):
            home = self._plans / plan.id
            if (home / _PLAN).exists():
                raise checks.twice(plan.id)
            disk.make_folder(home)
            self._write(plan)

    def plan(self, id: str) -> StoredPlan | None:  # noqa: A002
        """Give a plan; None if there is none."""
        with self._turn, disk.told(self._folder):
            return self._read(id)

    def plans(self, *, readable_by: str | None = None) -> tuple[StoredPlan, ...]:
        """Give plans: all, or the own and the shared ones; newest first."""
        with self._turn, disk.told(self._folder):
            found = [self._read(home.name) for home in _folders(self._plans)]
        seen = (one for one in found if one is not None and _readable(one, readable_by))
        return tuple(sorted(seen, key=lambda one: (one.asked, one.id), reverse=True))

    def set_plan(
        self,
        id: str,  # noqa: A002
        *,
        status: Status | None = None,
        stage: str | None = None,
        ended: str | None = None,
        said: str | None = None,
        shared: bool | None = None,
        expected: frozenset[Status] | None = None,
    ) -> bool:
        """Change what is given, in one step; False if the plan is gone, or not as `expected`."""
        checks.check_texts(stage=stage, ended=ended, said=said)
        with self._turn, disk.told(self._folder):
            plan = self._read(id)
            if plan is None or (expected is not None and plan.status not in expected):
                return False
            texts = {"stage": stage, "ended": ended, "said": said}
            changes: dict[str, Any] = {k: v or None for k, v in texts.items() if v is not None}
            changes |= {} if status is None else {"status": status}
            changes |= {} if shared is None else {"shared": shared}
            self._write(replace(plan, **changes))
            return True

    def put_files(
        self,
        id: str,  # noqa: A002
        folder: Path,
        *,
        ended: str | None = None,
    ) -> None:
        """Keep a finished plan's folder, and mark it done: all of it, or nothing."""
        checks.check_texts(ended=ended)
        part = self._spare / uuid4().hex
        with disk.told(self._folder):
            self._unended(id)
            files = checks.kept_files(folder)
            try:
                disk.copy_folder(folder, part, [one.name for one in files])
                with self._turn:
                    plan = self._unended(id)  # again: it may be cancelled meanwhile
                    place = self._plans / id / _FILES
                    if place.exists():  # of a server that was killed between here and the end
                        disk.remove_folder(place, self._spare)
                    part.rename(place)
                    disk.sync(place.parent)
                    self._write(
                        replace(plan, files=files, status="done", ended=ended or plan.ended)
                    )
            finally:
                shutil.rmtree(part, ignore_errors=True)

    def file(self, id: str, name: str) -> bytes | None:  # noqa: A002
        """Give a file of a plan; None if there is none of that very name."""
        with disk.told(self._folder):
            with self._turn:
                plan = self._read(id)
                if plan is None or name not in {one.name for one in plan.files}:
                    return None
                opened = (self._plans / id / _FILES / name).open("rb")
            with opened:
                return opened.read()

    def delete_plan(self, id: str) -> bool:  # noqa: A002
        """Delete a plan and its files; whether there was one."""
        with self._turn, disk.told(self._folder):
            if self._read(id) is None:
                return False
            self._known.pop(self._plans / id / _PLAN, None)
            disk.remove_folder(self._plans / id, self._spare)
            return True

    def log(self, entry: Audit) -> None:
        """Add to the audit trail."""
        with self._turn, disk.told(self._folder):
            trail.add(self._trail, checks.one_entry(entry))

    def audit(self, *, who: str | None = None, most: int = 1000) -> Iterator[Audit]:
        """Give the trail, newest first: of all, or of one user."""
        with self._turn, disk.told(self._folder):
            entries = trail.backwards(self._trail)
            found = (one for one in entries if who is None or one.who == who)
            return iter(list(islice(found, max(0, most))))

    def usage(self, owner: str) -> Mapping[str, int]:
        """Count a person's `plans_at_once`, `plans_kept`, `bytes_kept` and `scenarios`."""
        plans = [one for one in self.plans() if one.owner == owner]
        ended = [one for one in plans if one.status in ENDED]
        scenarios = [one for one in self.scenarios() if one.owner == owner]
        with self._turn, disk.told(self._folder):
            texts = sum(
                (self._scenarios / one.id / f"{number + 1}.toml").stat().st_size
                for one in scenarios
                for number in range(self._latest(one.id))
            )
        return {
            "plans_at_once": len(plans) - len(ended),
            "plans_kept": len(ended),
            "bytes_kept": sum(file.size for one in plans for file in one.files) + texts,
            "scenarios": len(scenarios),
        }

    def close(self) -> None:
        """Let go of the folder, so that another may hold it."""
        self._held.close()

    def _open(self) -> None:
        """Make what is missing, sweep what was left half done, and look whether all can be read."""
        shutil.rmtree(self._spare, ignore_errors=True)
        for folder in (self._spare, self._scenarios, self._plans):
            disk.make_folder(folder)
        trail.mend(self._trail)
        if not (self._folder / _MARK).exists():
            mark = {"vallum": "store", "form": FORM}
            disk.write(self._folder / _MARK, _json(mark), self._spare)
        faults: list[Fault] = []
        for read in (self.scenarios, self.plans):
            try:
                read()
            except InputError as error:
                faults += error.faults
        if faults:
            raise InputError(faults)

    def _latest(self, id: str) -> int:  # noqa: A002
        """Say which version is the latest that is whole; 0 where there is none."""
        home = self._scenarios / id
        if id not in self._counts and checks.is_id(id) and home.is_dir():
            found = {int(path.stem) for path in home.glob("*.json") if path.stem.isdecimal()}
            if missing := set(range(1, max(found, default=0))) - found:
                mend = "put it back from a copy, or take its folder out of the store"
                raise InputError([Fault(str(home), f"{min(missing)}.json", "is missing", mend)])
            if found:
                self._counts[id] = max(found)
        return self._counts.get(id, 0)

    def _version(self, id: str, number: int) -> Scenario:  # noqa: A002
        """Read a version that is there."""
        path = self._scenarios / id / f"{number}.json"
        known = self._known.get(path)
        if isinstance(known, Scenario):
            return known
        with _readably(path):
            meta = json.loads(path.read_bytes())
            text = path.with_suffix(".toml").read_bytes().decode()
            scenario = Scenario(**meta, text=text)
        return self._learnt(path, scenario)

    def _read(self, id: str) -> StoredPlan | None:  # noqa: A002
        """Read a plan."""
        path = self._plans / id / _PLAN
        known = self._known.get(path)
        if isinstance(known, StoredPlan):
            return known
        if not checks.is_id(id) or not path.exists():
            return None
        with _readably(path):
            meta = json.loads(path.read_bytes())
            files = tuple(KeptFile(**one) for one in meta.pop("files"))
            plan = StoredPlan(**meta, files=files)
        return self._learnt(path, plan)

    def _learnt(self, path: Path, thing: T) -> T:
        """Remember what was read, unless it is long."""
        if len(thing.text) <= _SHORT:
            self._known[path] = thing
        return thing

    def _unended(self, id: str) -> StoredPlan:  # noqa: A002
        """Read a plan that waits or runs."""
        with self._turn:
            plan = self._read(id)
        if plan is None:
            raise checks.not_there(id)
        if plan.status in ENDED:
            raise checks.over(id, plan.status)
        return plan

    def _write(self, plan: StoredPlan) -> None:
        """Write a plan's sheet."""
        path = self._plans / plan.id / _PLAN
        self._known.pop(path, None)
        disk.write(path, _json(asdict(plan)), self._spare)
        self._learnt(path, plan)


@contextmanager
def _readably(path: Path) -> Iterator[None]:
    """Say which file can't be read."""
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        mend = "put it back from a copy, or take its folder out of the store"
        raise InputError([Fault(str(path), "", f"can't be read ({error})", mend)]) from None


def _ours(folder: Path) -> None:
    """Make the folder, or refuse one that holds something else, or what a newer Vallum made."""
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True)
        disk.sync(folder.parent)
        return
    mark = folder / _MARK
    if not mark.exists():
        if strange := {one.name for one in folder.iterdir()} - {
            _LOCK, _TRAIL, _SCENARIOS, _PLANS, _SPARE
        }:  # fmt: skip
            found = f"it holds something else ({min(strange)})"
            raise InputError([Fault("--store", str(folder), found, "give an empty or new folder")])
        return
    with _readably(mark):
        form = int(json.loads(mark.read_bytes())["form"])
    if form > FORM:
        found = f"a newer Vallum made it (form {form}; this one knows {FORM})"
        raise InputError([Fault("--store", str(folder), found, "install that Vallum")])


def _folders(home: Path) -> Iterable[Path]:
    """List the folders of scenarios or plans."""
    return (one for one in home.iterdir() if checks.is_id(one.name))


def _readable(one: Scenario | StoredPlan, by: str | None) -> bool:
    """Whether somebody may read it."""
    return by is None or one.shared or one.owner == by


def _json(tree: Mapping[str, Any]) -> bytes:
    """Write JSON that people can read."""
    return json.dumps(tree, ensure_ascii=False, indent=1).encode() + b"\n"
