"""Both kinds of store keep the same things in the same way, and lose nothing that they took."""

from __future__ import annotations

import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from tests.app_store_world import (
    DictStore,
    an_id,
    database,
    entry,
    fill,
    plan,
    reach,
    run,
    scenario,
)

from vallum.app.store import checks, open_store
from vallum.errors import InputError, OutputError

KINDS = ("files", "postgres")
BAD_IDS = ("", "..", "../x", "a" * 31, "A" * 32, "a" * 33, "a" * 31 + "/", "a" * 31 + "\n", "\0")
BAD_NAMES = ("", ".", "..", "/etc/passwd", "../plan.json", "a/../../plan.json", "a\\b", "C:x",
             "a//b", "a/", "a\0", "a\n", "x" * 300)  # fmt: skip


@pytest.fixture(params=KINDS)
def where(request, tmp_path):
    """Give the address of a store that isn't there yet."""
    with ExitStack() as stack:
        yield (
            str(tmp_path / "store") if request.param == "files" else stack.enter_context(database())
        )


@pytest.fixture
def store(where):
    opened = open_store(where)
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture
def empty():
    """Give an empty database."""
    with database() as address:
        yield address


# the same on both


def test_what_is_kept_is_given_back_after_reopening(where, tmp_path):
    store = open_store(where)
    first, second = scenario(), scenario(version=2, text="é\n\n\t“q”", shared=True, owner="Å b")
    store.save_scenario(first)
    store.save_scenario(second)
    store.add_plan(plan(2, scenario=first.id, scenario_version=1, said="a\nb"))
    big = np.random.default_rng(0).bytes(2 * checks.PIECE + 1)  # three pieces
    files = {"brief.html": b"\0\xff", "in/side.csv": b"", "big.tif": big}
    store.put_files(an_id(2), fill(tmp_path / "plan", files), ended="now")
    store.log(entry(1))
    store.log(entry(2, said="two\nlines, é"))
    store.close()
    again = open_store(where)
    try:
        assert again.versions(first.id) == (first, second)
        assert again.scenario(first.id) == second
        assert again.scenario(first.id, 1) == first
        assert again.scenario(first.id, 3) is None
        kept = again.plan(an_id(2))
        assert (kept.status, kept.ended, kept.said) == ("done", "now", "a\nb")
        assert [file.name for file in kept.files] == ["big.tif", "brief.html", "in/side.csv"]
        assert {file.name: again.file(an_id(2), file.name) for file in kept.files} == files
        assert list(again.audit()) == [entry(2, said="two\nlines, é"), entry(1)]
        assert list(again.audit(who="nobody")) == []
        assert list(again.audit(most=1)) == [entry(2, said="two\nlines, é")]
    finally:
        again.close()


def test_the_faster_of_two_versions_stays(store):
    store.save_scenario(scenario())
    one, other = scenario(version=2, text="one"), scenario(version=2, text="other")
    store.save_scenario(one)
    with pytest.raises(InputError, match="someone was faster"):
        store.save_scenario(other)
    store.delete_scenario(one.id)
    with pytest.raises(
        InputError, match="someone was faster"
    ):  # it doesn't come back from the dead
        store.save_scenario(scenario(version=3))
    assert store.scenarios() == ()


def test_of_many_at_once_one_wins(store):
    store.add_plan(plan())

    def save(number):
        try:
            store.save_scenario(scenario(text=str(number)))
        except InputError:
            return False
        return True

    def take(_):
        return store.set_plan(an_id(1), status="running", expected=frozenset({"queued"}))

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(save, range(16))) == 1
        assert sum(threads.map(take, range(16))) == 1
        list(threads.map(lambda number: store.log(entry(number)), range(40)))
    assert sorted(store.audit(), key=lambda one: one.at) == [entry(number) for number in range(40)]


def test_files_are_kept_whole_or_not_at_all(store, tmp_path):
    folder = fill(tmp_path / "plan", {"a": b"a"})
    with pytest.raises(InputError, match="there is none"):
        store.put_files(an_id(1), folder)
    store.add_plan(plan(status="cancelled"))
    with pytest.raises(InputError, match="cancelled already"):
        store.put_files(an_id(1), folder)
    store.set_plan(an_id(1), status="running")
    (folder / "link").symlink_to("/etc/passwd")
    (folder / "back\\slash").write_bytes(b"")
    with pytest.raises(InputError) as refused:
        store.put_files(an_id(1), folder)
    assert {fault.place for fault in refused.value.faults} == {"link", "back\\slash"}
    with pytest.raises(InputError, match="no folder"):
        store.put_files(an_id(1), tmp_path / "absent")
    assert store.plan(an_id(1)) == plan(status="running")
    assert store.file(an_id(1), "a") is None


def test_a_plan_cancelled_while_its_files_are_sent_stays_cancelled(store, tmp_path, monkeypatch):
    store.add_plan(plan(status="running"))
    known = checks.kept_files

    def slow(folder):
        store.set_plan(an_id(1), status="cancelled")
        return known(folder)

    monkeypatch.setattr(checks, "kept_files", slow)
    with pytest.raises(InputError, match="already"):
        store.put_files(an_id(1), fill(tmp_path / "plan", {"a": b"a"}))
    assert store.plan(an_id(1)) == plan(status="cancelled")
    assert store.file(an_id(1), "a") is None


def test_no_id_and_no_name_leads_elsewhere(store, tmp_path):
    store.add_plan(plan())
    store.put_files(an_id(1), fill(tmp_path / "plan", {"a": b"a"}))
    for bad in BAD_IDS:
        assert store.scenario(bad) is None
        assert store.versions(bad) == ()
        assert store.plan(bad) is None
        assert store.file(bad, "a") is None
        assert not store.delete_scenario(bad)
        assert not store.delete_plan(bad)
        assert not store.set_plan(bad, status="done")
        for save in (lambda bad=bad: store.save_scenario(scenario(id=bad)),
                     lambda bad=bad: store.add_plan(plan(id=bad)),
                     lambda bad=bad: store.put_files(bad, tmp_path / "plan")):  # fmt: skip
            with pytest.raises(InputError):
                save()
    for bad in BAD_NAMES:
        assert store.file(an_id(1), bad) is None
        assert not checks.is_name(bad)


def test_what_no_store_can_keep_is_refused_with_its_place(store):
    with pytest.raises(InputError) as refused:
        store.save_scenario(scenario(name="a\0", text="\ud800", version=0))
    assert {fault.place for fault in refused.value.faults} == {"name", "text", "version"}
    store.add_plan(plan())
    with pytest.raises(InputError):
        store.add_plan(plan())
    with pytest.raises(InputError):
        store.set_plan(an_id(1), said="\0")
    store.log(entry(who="x\0\ud800"))  # the trail loses no entry for a character
    assert next(store.audit()).who == "x\ufffd\ufffd"


def test_one_server_at_a_time(where):
    store = open_store(where)
    with pytest.raises(InputError, match="another server holds it"):
        open_store(where)
    store.close()
    open_store(where).close()


class Machine(RuleBasedStateMachine):
    """Does anything in any order, to a store and to a dict."""

    place = ""
    ids = st.integers(1, 3).map(an_id)
    people = st.sampled_from(["ana", "Ben", "éa"])
    states = st.sampled_from(["queued", "running", "done", "failed", "cancelled", "interrupted"])
    words = st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)
    times = st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"])

    def __init__(self):
        super().__init__()
        self.stack = ExitStack()
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        if self.place:
            run(reach(self.place), "DROP SCHEMA IF EXISTS vallum CASCADE")
        self.address = self.place or str(self.folder / "store")
        self.store, self.model = open_store(self.address), DictStore()

    def teardown(self):
        self.store.close()
        self.stack.close()

    def told(self, call, *args, **kwargs):
        try:
            call(*args, **kwargs)
        except InputError:
            return False
        return True

    @rule(id_=ids, ahead=st.sampled_from([0, 1, 1, 1, 2]), who=people, shared=st.booleans(),
          changed=times, text=words)  # fmt: skip
    def save(self, id_, ahead, who, shared, changed, text):
        version = len(self.model.versions(id_)) + ahead
        one = scenario(id=id_, version=version, owner=who, shared=shared, changed=changed,
                       text=text or "")  # fmt: skip
        assert self.told(self.store.save_scenario, one) == self.model.save_scenario(one)

    @rule(id_=ids)
    def forget(self, id_):
        assert self.store.delete_scenario(id_) == self.model.delete_scenario(id_)

    @rule(id_=ids, who=people, shared=st.booleans(), asked=times, status=states)
    def ask(self, id_, who, shared, asked, status):
        one = plan(id=id_, owner=who, shared=shared, asked=asked, status=status)
        assert self.told(self.store.add_plan, one) == self.model.add_plan(one)

    @rule(id_=ids, status=st.none() | states, stage=words, ended=words, said=words,
          shared=st.none() | st.booleans(), expected=st.none() | st.frozensets(states))  # fmt: skip
    def change(self, id_, expected, **changes):
        done = self.store.set_plan(id_, expected=expected, **changes)
        assert done == self.model.set_plan(id_, expected=expected, **changes)

    @rule(id_=ids, files=st.dictionaries(st.sampled_from(["a", "B/c", "é.txt"]),
                                         st.binary(max_size=9)))  # fmt: skip
    def finish(self, id_, files):
        with tempfile.TemporaryDirectory() as folder:
            done = self.told(self.store.put_files, id_, fill(Path(folder), files))
        assert done == self.model.put_files(id_, files)

    @rule(id_=ids)
    def drop(self, id_):
        assert self.store.delete_plan(id_) == self.model.delete_plan(id_)

    @rule(who=people, said=words)
    def log(self, who, said):
        one = entry(who=who, said=said or "")
        self.store.log(one)
        self.model.trail.insert(0, one)

    @rule()
    def reopen(self):
        self.store.close()
        self.store = open_store(self.address)

    @invariant()
    def same(self):
        for by in (None, "ana", "éa"):
            assert self.store.scenarios(readable_by=by) == self.model.scenarios(by)
            assert self.store.plans(readable_by=by) == self.model.plans(by)
            mine = [one for one in self.model.trail if by in {None, one.who}]
            assert list(self.store.audit(who=by)) == mine
        for id_ in map(an_id, (1, 2, 3)):
            assert self.store.versions(id_) == self.model.versions(id_)
            assert self.store.scenario(id_) == self.model.scenario(id_)
            assert self.store.plan(id_) == self.model.made.get(id_)
            for name in ("a", "B/c", "é.txt"):
                assert self.store.file(id_, name) == self.model.data.get((id_, name))
        assert self.store.usage("ana") == self.model.usage("ana")


@pytest.mark.parametrize("kind", KINDS)
def test_any_doings_leave_what_a_dict_would_hold(kind):
    with ExitStack() as stack:
        place = "" if kind == "files" else stack.enter_context(database())
        run_state_machine_as_test(
            type("Placed", (Machine,), {"place": place}),
            settings=settings(
                max_examples=20 if kind == "files" else 5,
                stateful_step_count=20, deadline=None, derandomize=True,
                suppress_health_check=list(HealthCheck), database=None,
            ),
        )  # fmt: skip


SAVER = """
import sys
from pathlib import Path
from tests.app_store_world import an_id, entry, fill, plan, scenario
from vallum.app.store import open_store

store, begin, folder = open_store(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
fill(folder, {"a": b"a" * 100_000, "b": b"b"})
print("begun", flush=True)
for number in range(begin, begin + 10_000):
    store.save_scenario(scenario(number))
    print("scenario", number, flush=True)
    store.save_scenario(scenario(number, version=2, text="x" * 9_000))
    print("second", number, flush=True)
    store.add_plan(plan(number, status="running"))
    print("plan", number, flush=True)
    store.put_files(an_id(number), folder)
    print("files", number, flush=True)
    store.log(entry(said=str(number)))
    print("log", number, flush=True)
    if number % 3 == 0:
        store.delete_plan(an_id(number))
        print("deleted", number, flush=True)
"""


def test_a_killed_server_loses_nothing_and_shows_nothing_half_done(where, tmp_path, root):
    chance, told = np.random.default_rng(1), []
    for turn in range(4):
        args = [sys.executable, "-c", SAVER, where, str(1 + turn * 10_000), str(tmp_path / "plan")]
        child = subprocess.Popen(args, stdout=subprocess.PIPE, text=True, cwd=root)
        assert child.stdout.readline() == "begun\n"
        # counted, for a slow machine writes less in a time; the first deletion is the 16th at most
        lines = [child.stdout.readline() for _ in range(chance.integers(16, 60))]
        time.sleep(chance.uniform(0, 0.02))
        child.send_signal(signal.SIGKILL)
        out, _ = child.communicate()
        lines += out[: out.rfind("\n") + 1].splitlines()  # told, and not begun to be told
        told += [(word, int(number)) for word, number in map(str.split, lines)]
        store = open_store(where)
        try:
            assert_kept(store, told)
        finally:
            store.close()
    assert len(told) > 20
    assert len({word for word, _ in told}) == 6


def assert_kept(store, told):
    numbers = {word: {number for its, number in told if its == word} for word, _ in told}
    logged = {int(one.said) for one in store.audit(most=100_000)}
    assert numbers.get("log", set()) <= logged
    for number in numbers.get("scenario", ()):
        assert store.scenario(an_id(number), 1) == scenario(number)
    for number in numbers.get("second", ()):
        assert len(store.versions(an_id(number))) == 2
    for number in numbers.get("plan", ()):
        assert store.plan(an_id(number)) or number % 3 == 0  # which it was about to delete
    for number in numbers.get("files", ()):
        there = store.plan(an_id(number))
        assert there.status == "done" if there else number % 3 == 0
    for number in numbers.get("deleted", ()):
        assert store.plan(an_id(number)) is None
    for one in store.scenarios():  # and what nobody was told of is whole, or not there
        assert one.text == ("draws = 200\r\n" if one.version == 1 else "x" * 9_000)
    for one in store.plans():
        names = [file.name for file in one.files]
        assert names == (["a", "b"] if one.status == "done" else [])
        for file in one.files:
            assert len(store.file(one.id, file.name)) == file.size


# a folder


def test_a_folder_is_its_owners_alone_and_can_be_read(tmp_path):
    store = open_store(str(tmp_path / "deep" / "store"))
    store.save_scenario(scenario())
    store.add_plan(plan(2))
    store.put_files(an_id(2), fill(tmp_path / "plan", {"in/a": b"a"}))
    store.log(entry())
    store.close()
    home = tmp_path / "deep" / "store"
    assert (home / "scenarios" / an_id(1) / "1.toml").read_bytes() == b"draws = 200\r\n"
    assert (home / "plans" / an_id(2) / "files" / "in" / "a").read_bytes() == b"a"
    for path in [home, *home.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


EACH_STEP = """
import os, shutil, sys
from pathlib import Path
from tests.app_store_world import an_id, entry, fill, plan, scenario
from vallum.app.store import open_store

home = Path(sys.argv[1])
files = fill(home / "plan", {"a": b"a" * 9, "in/b": b"b"})
os.fsync = lambda _: None  # a killed process loses nothing that it handed over; a disk may
STEPS = {"__exit__", "close", "copyfileobj", "flush", "mkdir", "open", "rename", "replace",
         "rmdir", "truncate", "unlink", "write"}
DOINGS = {
    "nothing": lambda store: None,
    "save": lambda store: store.save_scenario(scenario(1, version=2)),
    "first": lambda store: store.save_scenario(scenario(7)),
    "forget": lambda store: store.delete_scenario(an_id(1)),
    "ask": lambda store: store.add_plan(plan(7)),
    "set": lambda store: store.set_plan(an_id(1), status="failed", said="x" * 9_000),
    "finish": lambda store: store.put_files(an_id(1), files),
    "drop": lambda store: store.delete_plan(an_id(2)),
    "log": lambda store: store.log(entry(said="x" * 9_000)),
}

def begin(folder):
    store = open_store(str(folder))
    store.save_scenario(scenario(1))
    store.add_plan(plan(1, status="running"))
    store.add_plan(plan(2, status="running"))
    store.put_files(an_id(2), files)
    store.log(entry())
    store.close()

def seen(folder):
    store = open_store(str(folder))
    plans = store.plans()
    kept = {(one.id, name): store.file(one.id, name) for one in plans for name in ("a", "in/b")}
    found = (store.versions(an_id(1)), store.scenarios(), plans, kept, list(store.audit()))
    store.close()
    return found

def killed_at(number, doing, folder):
    left = number
    def step(frame, kind, called):
        nonlocal left
        if kind == "c_call" and called.__name__ in STEPS:
            left -= 1
            if left < 0:
                os._exit(9)
    child = os.fork()
    if child == 0:
        sys.setprofile(step)
        doing(open_store(str(folder)))
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9

begin(home / "base")
before = seen(home / "base")
opening = 0
for name, doing in DOINGS.items():
    shutil.copytree(home / "base", home / name)
    store = open_store(str(home / name))
    doing(store)
    store.close()
    after = seen(home / name)
    number, turned = opening, False
    while True:
        shutil.rmtree(home / name)
        shutil.copytree(home / "base", home / name)
        died = killed_at(number, doing, home / name)
        found = seen(home / name)
        assert found in (before, after), (name, number, found)
        assert found == after or not turned, (name, number)
        turned = found == after
        assert len(list((home / name / "spare").iterdir())) == 0
        number += 1
        if not died:
            break
    assert turned
    print(name, number - opening)
    opening = opening or number - 1
"""


def test_killed_at_any_step_a_folder_holds_what_was_or_what_is_to_be(tmp_path, root):
    args = [sys.executable, "-c", EACH_STEP, str(tmp_path)]
    done = subprocess.run(args, capture_output=True, text=True, cwd=root, check=False)
    assert done.returncode == 0, done.stderr
    steps = {name: int(number) for name, number in map(str.split, done.stdout.splitlines())}
    assert len(steps) == 9
    assert all(number > 4 for number in steps.values()), steps


def test_a_line_that_was_cut_off_is_taken_off_the_trail(tmp_path):
    folder = tmp_path / "store"
    store = open_store(str(folder))
    long = entry(said="é" * 100_000)  # longer than a block that is read at once
    for one in (entry(1), long, entry(2)):
        store.log(one)
    store.close()
    whole = (folder / "audit.jsonl").read_bytes()
    for cut in (whole + b'{"at": "20', whole[:-1], whole[: len(entry(1).at) + 5]):
        (folder / "audit.jsonl").write_bytes(cut)
        store = open_store(str(folder))
        kept = list(store.audit())
        store.log(entry(3))
        assert list(store.audit()) == [entry(3), *kept]
        assert kept == [entry(2), long, entry(1)][3 - cut.count(b"\n") :]
        store.close()


def test_folders_that_are_something_else_are_refused(tmp_path):
    fill(tmp_path / "other", {"letter.txt": b""})
    with pytest.raises(InputError, match="something else"):
        open_store(str(tmp_path / "other"))
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["letter.txt"]
    folder = tmp_path / "store"
    open_store(str(folder)).close()
    mark = (folder / "store.json").read_text()
    (folder / "store.json").write_text(mark.replace('"form": 1', '"form": 2'))
    with pytest.raises(InputError, match="a newer Vallum made it"):
        open_store(str(folder))
    (folder / "store.json").write_text(mark)
    store = open_store(str(folder))
    store.save_scenario(scenario())
    store.save_scenario(scenario(version=2))
    store.add_plan(plan())
    store.close()
    (folder / "scenarios" / an_id(1) / "1.json").unlink()
    (folder / "plans" / an_id(1) / "plan.json").write_text("[]")
    with pytest.raises(InputError) as refused:
        open_store(str(folder))
    assert len(refused.value.faults) == 2


def test_a_full_disk_is_said_and_leaves_what_was_there(tmp_path, monkeypatch):
    store = open_store(str(tmp_path / "store"))
    store.save_scenario(scenario())

    def full(_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("vallum.app.store.disk.os.fsync", full)
        patched.setattr("vallum.app.store.trail.os.fsync", full)
        for call in (lambda: store.save_scenario(scenario(version=2)),
                     lambda: store.add_plan(plan()), lambda: store.log(entry())):  # fmt: skip
            with pytest.raises(OutputError, match=r"No space left.*Mend"):
                call()
    assert store.versions(an_id(1)) == (scenario(),)
    assert store.plans() == ()
    assert list(store.audit()) == []
    store.save_scenario(scenario(version=2))
    store.close()


@pytest.mark.parametrize("bad", ["", " ", "a\0b", "mysql://host/x", "s3://bucket"])
def test_addresses_that_are_no_store_are_refused(bad):
    with pytest.raises(InputError):
        open_store(bad)


# a database


def test_migrations_go_up_and_down_and_make_the_tables_that_are_used(empty):
    import sqlalchemy as sa  # noqa: PLC0415
    from alembic import command  # noqa: PLC0415
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415
    from alembic.migration import MigrationContext  # noqa: PLC0415

    from vallum.app.store import migrate, tables  # noqa: PLC0415

    run(reach(empty), "CREATE SCHEMA vallum", "CREATE TABLE vallum.plan (mine int)")
    open_store(empty).close()
    # a user may be named as the schema, which Alembic would then take for the default one
    how = {"options": "-c search_path=public"}
    engine = sa.create_engine(reach(empty), poolclass=sa.pool.NullPool, connect_args=how)

    def names(at):
        return set(sa.inspect(at).get_table_names("vallum"))

    with engine.begin() as at:
        opts = {"version_table": tables.REVISION, "version_table_schema": "vallum",
                "include_schemas": True, "compare_type": True,
                "include_name": lambda *at: at[:2] != ("plan", "table")}  # fmt: skip
        context = MigrationContext.configure(at, opts=opts)
        found = compare_metadata(context, tables.METADATA)
        assert found == []
        ours = {table.name for table in tables.METADATA.tables.values()}
        assert names(at) == ours | {"plan", tables.REVISION}
        command.downgrade(migrate.config(at), "base")
        assert names(at) == {"plan", tables.REVISION}
        assert migrate.revision(at) is None
        command.upgrade(migrate.config(at), "head")
        assert names(at) == ours | {"plan", tables.REVISION}
    engine.dispose()
    open_store(empty).close()
    run(reach(empty), f"UPDATE vallum.{tables.REVISION} SET version_num = '9999'")  # noqa: S608
    with pytest.raises(InputError, match=r"a newer Vallum made its tables \(revision 9999\)"):
        open_store(empty)


def test_no_hand_changes_the_trail_in_a_database(empty):
    import sqlalchemy as sa  # noqa: PLC0415

    store = open_store(empty)
    store.log(entry())
    for statement in ("DELETE FROM vallum.service_audit", "TRUNCATE vallum.service_audit",
                      "UPDATE vallum.service_audit SET who = 'x'"):  # fmt: skip
        with pytest.raises(sa.exc.DBAPIError, match="only ever added to"):
            run(reach(empty), statement)
    assert list(store.audit()) == [entry()]
    store.close()


def test_a_lost_line_is_read_over_again_and_not_written_twice(empty):
    import sqlalchemy as sa  # noqa: PLC0415

    store = open_store(empty)
    asked = []

    def dies(at):
        asked.append(1)
        if len(asked) == 1:
            at.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return "read"

    assert store._line.read(dies) == "read"  # noqa: SLF001  (there is no other way to die in it)
    assert len(asked) == 2
    asked.clear()
    with pytest.raises(OutputError, match="look whether it was kept"):
        store._line.write(dies)  # noqa: SLF001
    assert len(asked) == 1
    run(
        reach(empty),
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    store.save_scenario(scenario())  # found out before anything is written
    with pytest.raises(InputError, match="another server holds it"):  # held again
        open_store(empty)
    store.close()


class Wire:
    """Stands between a store and its database, and can be cut."""

    def __init__(self, host, port):
        self.there = (host, port)
        self.pairs, self.threads = [], []
        self.port = 0
        self.plug()

    def plug(self):
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self.listener.getsockname()[1]
        self.begin(self.accept, self.listener)

    def begin(self, what, *args):
        self.threads.append(threading.Thread(target=what, args=args))
        self.threads[-1].start()

    def accept(self, listener):
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(self.there)
                self.pairs.append((near, far))
                self.begin(self.pump, near, far)
                self.begin(self.pump, far, near)

    def pump(self, one, other):
        with suppress(OSError):
            while data := one.recv(1 << 16):
                other.sendall(data)

    def cut(self, *, silently):
        """Cut the line; silently: the database isn't told, and believes that it is there still."""
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for near, far in self.pairs:
            for end in (near,) if silently else (near, far):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.cut(silently=False)
        for thread in self.threads:
            thread.join()
        for pair in self.pairs:
            for end in pair:
                end.close()


@pytest.mark.parametrize("silently", [False, True])
def test_a_database_that_went_away_is_said_and_used_again_when_it_is_back(empty, silently):
    url = reach(empty)
    wire = Wire(url.host, url.port)
    through = url.set(drivername="postgresql", host="127.0.0.1", port=wire.port)
    address = through.render_as_string(hide_password=False)
    with closing(wire):
        assert_used_again(address, wire, silently=silently)


def assert_used_again(address, wire, *, silently):
    store = open_store(address)
    store.save_scenario(scenario())
    wire.cut(silently=silently)
    for call in (store.scenarios, lambda: store.save_scenario(scenario(version=2))):
        with pytest.raises(OutputError, match="Mend: start the database") as said:
            call()
        assert address.split("@")[0] not in str(said.value)  # where its password is
    wire.plug()
    assert store.scenarios() == (scenario(),)
    store.save_scenario(scenario(version=2))
    wire.cut(silently=silently)
    store.close()
    with pytest.raises(OutputError, match="Mend: start the database"):
        open_store(address)


def test_a_scenario_is_whose_its_latest_version_is(store):
    """Versions of one scenario always have one owner; a store keeps to its word all the same."""
    store.save_scenario(scenario(1, owner="ben", text="xé"))
    assert store.usage("ben")["bytes_kept"] == 3
    store.save_scenario(scenario(1, version=2, owner="ana", text="y"))
    assert [store.usage(who)["bytes_kept"] for who in ("ana", "ben")] == [4, 0]
    assert [store.usage(who)["scenarios"] for who in ("ana", "ben")] == [1, 0]
