"""The crew: each thing is found once, nobody waits for what nobody wants, and workers may die."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from distributed import Scheduler, SpecCluster, Worker
from tests.app_crew_work import MAKE, asked, kit, until
from tests.app_store_world import an_id, fill
from tests.app_store_world import plan as stored

from vallum.app.desk_room import Desk
from vallum.app.jobs.asks import Asks
from vallum.app.jobs.crew import open_crew, sweep, work_folder
from vallum.app.jobs.making import Makers
from vallum.app.jobs.worker import Answer, Room
from vallum.app.model import User
from vallum.app.settings import AppSettings
from vallum.app.store import open_store
from vallum.errors import InfeasibleError, InputError, OutputError, VallumError


class World:
    """A crew with small stages over a store in a folder."""

    def __init__(self, folder, **how):
        self.work = folder / ".cache" / "vallum" / "work"
        self.here = folder / "store" / "work"
        self.settings = AppSettings(store=str(folder / "store"), workers=2, **how)
        self.store = open_store(self.settings.store)
        self.crew = open_crew(
            self.settings, self.store, kit=kit, warm=False,
            command=(sys.executable, "-c", MAKE),
        )  # fmt: skip
        self.ended = {}
        self.number = 0

    def submit(self, text, **changes):
        """Keep a plan and start it; give its id and an event of its end."""
        self.number += 1
        made = stored(self.number, text=text, **changes)
        self.store.add_plan(made)
        self.ended[made.id] = threading.Event()
        self.crew.start(made, self.told)
        return made.id

    def told(self, id):  # noqa: A002
        self.ended[id].set()

    def end_of(self, id):  # noqa: A002
        assert self.ended[id].wait(30)
        return self.store.plan(id)

    def pids(self, id, count=2):  # noqa: A002
        path = self.work / id / "pids"
        until(lambda: path.exists() and len(path.read_text().split()) >= count)
        return [int(one) for one in path.read_text().split()]

    def close(self):
        self.crew.close()
        self.store.close()


def gone(pid):
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie"


@contextmanager
def scheduler(*declared):
    """Give the address of a scheduler with workers in threads of this process."""
    here = {"host": "127.0.0.1", "protocol": "tcp", "dashboard": False}
    workers = {
        number: {"cls": Worker, "options": {**here, "nthreads": 2, "resources": one}}
        for number, one in enumerate(declared)
    }
    told = {**here, "port": 0, "dashboard_address": "127.0.0.1:0"}
    with SpecCluster(
        workers=workers, scheduler={"cls": Scheduler, "options": told}
    ) as cluster:  # fmt: skip
        yield cluster.scheduler_address


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Give a crew whose workers are threads; test_app_kills has those that are processes."""
    folder = tmp_path_factory.mktemp("crew")
    with (
        pytest.MonkeyPatch.context() as patch,
        scheduler({"live": 1}, {"live": 1}, {"plan": 1}) as address,
    ):
        patch.setenv("HOME", str(folder))  # of the machine where workers are
        with closing(World(folder, scheduler=address)) as made:
            yield made


def test_a_frontier_is_found_in_a_worker_once_for_all_who_ask(world, tmp_path):
    path = tmp_path / "count"

    async def ask():
        one = asked(f"count {path}", seed=11)
        both = await asyncio.gather(*(world.crew.view(one) for _ in range(5)))
        return [*both, await world.crew.view(one)]

    found = asyncio.run(ask())
    assert len(set(found)) == 1
    assert path.read_text() == "11\n"
    assert asyncio.run(world.crew.look(asked(seed=11), 3))[1:] == (11, 3)


def test_errors_come_as_themselves_and_ours_in_words(world, caplog):
    with pytest.raises(InfeasibleError, match="mend it") as caught:
        asyncio.run(world.crew.view(asked("fault", seed=21)))
    assert caught.value.faults[0].place == "there"
    with pytest.raises(VallumError) as ours:
        asyncio.run(world.crew.view(asked("broken secret", seed=22)))
    assert "secret" not in str(ours.value)
    assert "ZeroDivisionError: secret" in caplog.text


def test_what_nobody_waits_for_is_not_begun(world, tmp_path):
    path = tmp_path / "count"

    async def ask():
        busy = [asyncio.create_task(world.crew.view(asked("sleep 1", seed=30 + n))) for n in (0, 1)]
        await asyncio.sleep(0.2)
        stale = [
            asyncio.create_task(world.crew.view(asked(f"count {path}", seed=40 + n)))
            for n in range(5)
        ]
        shared = asyncio.create_task(world.crew.view(asked(f"count {path}", seed=40)))
        await asyncio.sleep(0.1)
        for task in stale:
            task.cancel()
        done = await asyncio.gather(*stale, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in done)
        await asyncio.gather(shared, *busy)

    asyncio.run(ask())
    assert path.read_text() == "40\n"  # that which somebody else waited for too


def test_looks_leave_a_worker_to_frontiers(world):
    async def ask():
        looks = [
            asyncio.create_task(world.crew.look(asked("sleep 1", seed=50 + n), 1)) for n in (0, 1)
        ]
        await asyncio.sleep(0.1)
        began = time.monotonic()
        await world.crew.view(asked(seed=59))
        took = time.monotonic() - began
        await asyncio.gather(*looks)
        return took

    assert asyncio.run(ask()) < 0.9


def test_what_is_found_ahead_is_there_once_it_is_asked_for(world, tmp_path):
    path = tmp_path / "count"

    async def ask():
        busy = [asyncio.create_task(world.crew.view(asked("sleep 1", seed=60 + n))) for n in (0, 1)]
        await asyncio.sleep(0.2)
        for seed in (62, 63, 64):  # others come first, and who asks for one of them waits for it
            world.crew.ahead(asked(f"count {path}", seed=seed))
        await asyncio.sleep(0.1)
        wanted = [asyncio.create_task(world.crew.view(asked(f"count {path}", seed=n)))
                  for n in (65, 64)]  # fmt: skip
        await asyncio.gather(*busy, *wanted)
        until(lambda: len(path.read_text().split()) == 4)
        await world.crew.view(asked(f"count {path}", seed=62))
        world.crew.ahead(asked("fault", seed=66))
        with pytest.raises(InfeasibleError):
            await world.crew.view(asked("fault", seed=66))

    asyncio.run(ask())
    order = [int(one) for one in path.read_text().split()]
    assert set(order[:2]) == {64, 65}
    assert order[2:] == [62, 63]


def test_a_plan_is_made_and_kept(world):
    first = world.submit("wait 0.3")
    second = world.submit("quick", language="fr")
    waits = world.crew.progress(second)
    assert (waits.stage, waits.done, waits.stages) == (None, 0, 14)
    assert world.store.plan(second).status == "queued"
    until(lambda: world.crew.progress(first).stage == "line")
    assert world.crew.progress(first).done == 4
    done = world.end_of(first)
    assert (done.status, done.stage) == ("done", "brief")
    assert world.end_of(second).status == "done"
    assert world.store.file(second, "brief.html") == b"fr"
    assert world.crew.progress(second) is None
    assert not (world.work / first).exists()


@pytest.mark.parametrize(("text", "said"), [("failed", "the fault, in words"), ("broken", "ours")])
def test_a_plan_that_fails_says_so_in_words(world, text, said, caplog):
    failed = world.end_of(world.submit(text))
    assert failed.status == "failed"
    assert said in failed.said
    assert "secret" not in failed.said
    assert ("secret" in caplog.text) == (text == "broken")


def test_a_plan_is_stopped_at_once_with_all_it_started(world):
    running, waiting = world.submit("wait"), world.submit("wait")
    pids = world.pids(running)
    for one in (waiting, running):
        world.store.set_plan(one, status="cancelled")
        began = time.monotonic()
        assert world.crew.cancel(one)
        assert time.monotonic() - began < 0.1
        assert world.crew.progress(one) is None
        assert not world.crew.cancel(one)
    until(lambda: all(gone(pid) for pid in pids), 3.0)
    assert world.end_of(world.submit("quick")).status == "done"  # the next goes on
    assert [world.store.plan(one).status for one in (running, waiting)] == ["cancelled"] * 2
    assert not world.ended[running].is_set()


def test_of_a_plan_that_is_forgotten_nothing_is_left_where_it_was_made(world):
    running, waiting = world.submit("wait"), world.submit("wait")
    world.pids(running)
    fill(world.here / running, {"out/brief.html": b"1"})
    for one in (running, waiting):
        world.crew.forget(one)  # nothing happens: it waits or runs
    assert (world.work / running).exists()
    for one in (waiting, running):
        world.store.set_plan(one, status="cancelled")
        world.crew.cancel(one)
        world.crew.forget(one)
    until(lambda: not (world.work / running).exists())
    assert not (world.here / running).exists()
    failed = world.submit("failed")
    world.end_of(failed)
    assert (world.work / failed).exists()
    world.crew.forget(failed)
    assert not (world.work / failed).exists()


def test_a_plan_is_forgotten_once_its_process_has_ended(tmp_path):
    made, told, may_end = threading.Event(), [], threading.Event()

    class Slow:
        def make(self, asked, _token, _said):
            fill(Path(asked["work"]), {"kept/line.stage": b"1"})
            made.set()

        def end(self, _token):
            assert may_end.wait(30)
            told.append((tmp_path / an_id(1)).exists())

    with closing(open_store(str(tmp_path / "store"))) as store:
        plan = stored(1)
        store.add_plan(plan)
        makers = Makers(
            store, Slow(), tmp_path, 1, far=False, now=lambda: "2026-11-01T00:00:00Z",
            kept=str(tmp_path),
        )  # fmt: skip
        makers.start(plan, told.append)
        assert made.wait(30)
        makers.cancel(plan.id)
        store.delete_plan(plan.id)
        makers.forget(plan.id)
        may_end.set()
        until(lambda: not (tmp_path / plan.id).exists())
        makers.close(10)
    assert told == [True]


def test_a_plan_that_takes_too_long_is_stopped_and_says_so(tmp_path):
    """Its stages stay, so that it can be resumed; the next is made."""
    stopped, ended = [], threading.Event()

    class Stuck:
        def make(self, asked, _token, said):
            fill(Path(asked["work"]), {"kept/line.stage": b"1"})
            said({"stage": "line"})
            if not asked["work"].endswith(an_id(1)):
                said({"over": {"failed": "for another reason"}})

        def end(self, token):
            stopped.append(token)

    with closing(open_store(str(tmp_path / "store"))) as store:
        for number in (1, 2):
            store.add_plan(stored(number))
        makers = Makers(
            store, Stuck(), tmp_path, 1, far=False, now=lambda: "2026-11-01T00:00:00Z",
            kept=str(tmp_path), hours=0.5 / 3600,
        )  # fmt: skip
        for number in (1, 2):
            makers.start(stored(number), lambda id_: id_ == an_id(2) and ended.set())
        assert ended.wait(30)
        makers.close(10)
        first, second = (store.plan(an_id(number)) for number in (1, 2))
    assert first.status == second.status == "failed"
    assert "quota plan_hours" in first.said
    assert "stage line" in first.said
    assert second.said == "for another reason"
    assert len(stopped) == 1
    assert (tmp_path / an_id(1) / "kept/line.stage").exists()


def test_a_plan_whose_process_dies_is_tried_again_and_given_up_in_words(world):
    assert world.end_of(world.submit("die 2")).status == "done"
    lost = world.end_of(world.submit("die 9"))
    assert lost.status == "interrupted"
    assert "stage works" in lost.said


def test_a_plan_whose_end_could_not_be_kept_is_resumed(world, monkeypatch, caplog):
    def away(*_, **__):
        raise OutputError("the store is away")

    desk = Desk(world.store, world.crew, world.settings)
    with monkeypatch.context() as patched:
        patched.setattr("vallum.app.jobs.making.BACKOFF_S", (0.01,))
        patched.setattr(world.store, "put_files", away)
        id = world.submit('[scenario]\nname = "quick"\n')  # noqa: A001
        assert world.end_of(id).status == "running"
    assert "it can be resumed" in caplog.text
    owner = User(world.store.plan(id).owner)
    assert desk.resume(owner, id).status == "queued"
    until(lambda: desk.plan(owner, id).status == "done")


def test_a_base_is_made_once_in_a_worker_and_none_where_plans_are_made(tmp_path):
    def room_in(**declared):
        room = Room("r", kit, ("seed = 5", str(tmp_path)), own=False)
        room.setup(SimpleNamespace(state=SimpleNamespace(total_resources=declared)))
        return room

    room = room_in(live=1)
    one = asked(seed=5, theatre=str(tmp_path))
    assert room.view(one).value[1] == 5  # while it warms up
    assert room.look(one, 2).value[2] == 2
    assert room.view(asked("fault", seed=5, theatre=str(tmp_path))).fault.faults[0].found == "wrong"
    assert len(list(tmp_path.iterdir())) == 1
    room_in(plan=1)
    time.sleep(0.2)
    assert len(list(tmp_path.iterdir())) == 1


def test_workers_that_declare_nothing_do_all(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    with scheduler({}) as address, closing(World(tmp_path, scheduler=address)) as world:
        assert asyncio.run(world.crew.view(asked(seed=3)))[1] == 3
        assert world.end_of(world.submit("quick")).status == "done"


def test_what_is_open_is_left_and_swept_by_the_next(tmp_path):
    store = open_store(str(tmp_path / "store"))
    work = tmp_path / "store" / "work"
    for number, status in enumerate(("interrupted", "done"), 1):
        store.add_plan(stored(number, status=status))
        fill(work / an_id(number), {"kept/line.stage": b"1"})
    fill(work, {"notes.txt": b"mine"})
    fill(work / an_id(3), {"kept/line.stage": b"1"})
    settings = AppSettings(store=str(tmp_path / "store"), opened="[lime]")
    with pytest.raises(InputError, match="lime"):
        open_crew(settings, store)
    sweep(work, store)
    assert sorted(one.name for one in work.iterdir()) == [an_id(1), "notes.txt"]
    database = AppSettings(store="postgresql://ana:secret@localhost/v")
    assert "secret" not in str(work_folder(database))
    store.close()


class Future:
    """What dask gives for a call, as far as it is used."""

    def __init__(self, found):
        self.over = asyncio.ensure_future(found)

    def __await__(self):
        return self.over.__await__()

    def release(self):
        pass


def test_a_worker_that_has_the_base_is_taken(monkeypatch):
    async def ask():
        given = []

        async def found(hand):
            given.append(hand)
            await asyncio.sleep(0.01)
            return Answer(value=hand)

        asks = Asks(lambda hand, _call: Future(found(hand)), ("a", "b"))
        both = (asks.ask(f"{n}", (f"base {n}", "p"), (), long=False) for n in (1, 2))
        one, two = await asyncio.gather(*both)
        assert {one, two} == {"a", "b"}
        for n in (3, 4, 5):
            assert await asks.ask(f"{n}", ("base 2", f"{n}"), (), long=False) == two
            assert await asks.ask(f"{n} too", ("base 1", f"{n}"), (), long=False) == one
        assert await asks.ask("5", ("base 2", "5"), (), long=False) == two
        assert len(given) == 8
        # who asks for a base that a worker has waits for that worker, though another is idle
        own = [asks.ask(f"own {n}", ("base 1", f"{n}"), (), long=False) for n in range(3)]
        assert set(await asyncio.gather(*own)) == {one}
        # but not for long
        monkeypatch.setattr("vallum.app.jobs.asks._PATIENCE_S", 0.0)
        late = [asks.ask(f"late {n}", ("base 1", f"{n}"), (), long=False) for n in range(3)]
        assert set(await asyncio.gather(*late)) == {one, two}

    asyncio.run(ask())


def one_worker():
    """What is asked for where one worker does all, and what it was given so far."""
    order = []

    async def found(name):
        order.append(name)
        await asyncio.sleep(0.01)
        return Answer(value=name)

    return Asks(lambda _hand, call: Future(found(*call)), ("a",)), order


@pytest.mark.parametrize("long", [False, True])
def test_who_asks_for_many_things_keeps_nobody_else_waiting(long, monkeypatch):
    monkeypatch.setattr("vallum.app.jobs.asks._FREELY", 0)

    async def ask():
        asks, order = one_worker()

        def wish(name, who):
            asked = asks.ask(name, ("base", name), (name,), long=long, who=who)
            return asyncio.ensure_future(asked)

        wishes = [wish(f"ana {n}", "ana") for n in range(5)]
        await asyncio.sleep(0)  # the first is given to the worker
        wishes += [wish("ben 0", "ben"), wish("cyd 0", "cyd"), wish("ana 3", "cyd")]
        left = wish("ana 2", "ana")
        await asyncio.sleep(0)
        wishes.append(wish("ben 1", "ben"))
        left.cancel()
        await asyncio.gather(*wishes)
        # cyd was given one that ana had asked for before
        assert order[:5] == ["ana 0", "ana 3", "ben 0", "cyd 0", "ben 1"]
        assert order[5:] == ["ana 1", "ana 2", "ana 4"]

    asyncio.run(ask())


@pytest.mark.parametrize("who", ["", "ana"])
def test_who_asks_for_little_is_answered_in_order(who):
    async def ask():
        asks, order = one_worker()
        names = [f"{n}" for n in range(10)]
        wishes = [
            asks.ask(name, ("base", name), (name,), long=False, who=whose)
            for name, whose in [*((name, who) for name in names), ("late", "ben")]
        ]
        await asyncio.gather(*wishes)
        # six others within a minute don't count; nobody is told apart where nobody logs in
        expected = [*names, "late"] if not who else [*names[:7], "late", *names[7:]]
        assert order == expected

    asyncio.run(ask())
