"""The desk: who may do what, how much, and what the trail says of it."""

from __future__ import annotations

import asyncio
import inspect
import re
import threading
import typing
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import BaseModel
from tests.app_fakes import FakeClock, FakeCrew
from tests.app_store_world import an_id, entry, fill

from vallum.app import limits
from vallum.app.desk_room import Desk
from vallum.app.model import LOCAL, User
from vallum.app.settings import AppSettings, Quotas
from vallum.app.sheet import Sheet, read
from vallum.app.store import open_store
from vallum.errors import BusyError, InputError, NotFoundError, OutputError, RefusedError
from vallum.settings import Settings, settings_from

if typing.TYPE_CHECKING:
    from vallum.app.desk import Asked

ANA, BEN, ADA = User("ana"), User("ben"), User("ada", admin=True)
SHEET = Sheet("Kayes first", "sahel", Settings())


class World:
    """A desk over a folder, with a crew and a clock that do as they are told."""

    def __init__(self, folder, **settings):
        self.store = open_store(str(folder / "store"))
        self.crew, self.clock, self.folder = FakeCrew(), FakeClock(), folder
        self.open(**settings)

    def open(self, *, quotas=None, auth="basic", theatre="sahel"):
        chosen = AppSettings(auth=auth, theatre=theatre, quotas=Quotas(**quotas or {}))
        self.desk: Asked = Desk(self.store, self.crew, chosen, clock=self.clock)

    def trail(self, who=None):
        return [(one.who, one.what, one.id) for one in self.store.audit(who=who)]

    def finish(self, plan, files=("brief.html",)):
        folder = self.folder / plan.id
        self.store.put_files(plan.id, fill(folder, {name: name.encode() for name in files}))
        self.crew.let_go(plan.id)(plan.id)


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.store.close()


def sheet(**tables):
    return replace(SHEET, settings=settings_from(tables))


# rights


def asks(desk, kept, plan):
    """List what can be asked of a scenario and a plan: first what reads, then what changes."""
    reads = {
        "scenario": lambda user: desk.scenario(user, kept.id),
        "versions": lambda user: desk.versions(user, kept.id),
        "submit": lambda user: desk.submit(user, SHEET, scenario=kept),
        "plan": lambda user: desk.plan(user, plan.id),
        "progress": lambda user: desk.progress(user, plan.id),
        "file": lambda user: desk.file(user, plan.id, "brief.html"),
    }
    changes = {
        "save": lambda user: desk.save(user, SHEET, id=kept.id),
        "share": lambda user: desk.share(user, kept.id, shared=True),
        "unshare": lambda user: desk.share(user, kept.id, shared=False),
        "delete": lambda user: desk.delete(user, kept.id),
        "cancel": lambda user: desk.cancel(user, plan.id),
        "resume": lambda user: desk.resume(user, plan.id),
        "share_plan": lambda user: desk.share_plan(user, plan.id, shared=False),
        "delete_plan": lambda user: desk.delete_plan(user, plan.id),
    }
    return reads, changes


def test_what_is_private_is_not_there_for_others(world):
    desk = world.desk
    kept, plan = desk.save(ANA, SHEET), desk.submit(ANA, SHEET)
    world.finish(plan)
    reads, changes = asks(desk, kept, plan)
    before = len(world.trail())
    for user in (BEN, ADA):  # an admin reads the trail, and nobody's papers
        assert desk.scenarios(user) == ()
        assert desk.plans(user) == ()
        for ask in (reads | changes).values():
            with pytest.raises(NotFoundError) as refused:
                ask(user)
        for absent in (lambda: desk.plan(user, an_id(9)), lambda: desk.plan(user, "../x")):  # noqa: B023
            with pytest.raises(NotFoundError) as none:
                absent()
        assert str(none.value) == str(refused.value)  # not to be told apart
    assert len(world.trail()) == before + 2 * len(reads | changes)
    assert {what for _, what, _ in world.trail()[:-before]} == {
        "scenario.refused", "plan.refused"
    }  # fmt: skip
    assert desk.scenario(ANA, kept.id) == kept
    assert desk.plan(ANA, plan.id).status == "done"


def test_what_is_shared_is_read_by_others_and_changed_by_its_owner(world):
    desk = world.desk
    kept = desk.share(ANA, desk.save(ANA, SHEET).id, shared=True)
    plan = desk.submit(ANA, SHEET)
    world.finish(plan)
    plan = desk.share_plan(ANA, plan.id, shared=True)
    reads, changes = asks(desk, kept, plan)
    for ask in reads.values():
        ask(BEN)
    before = len(world.trail())
    for ask in changes.values():
        with pytest.raises(RefusedError, match="only its owner"):
            ask(BEN)
    assert len(world.trail()) == before + len(changes)
    assert desk.scenarios(BEN) == (kept,)
    assert {one.owner for one in desk.plans(BEN)} == {"ana", "ben"}
    assert desk.scenario(ANA, kept.id) == kept


def test_others_see_of_a_history_what_was_shared(world):
    desk = world.desk
    first = desk.save(ANA, replace(SHEET, note="secret"))
    second = desk.save(ANA, SHEET, id=first.id, seen=1)
    shared = desk.share(ANA, first.id, shared=True)
    assert desk.versions(ANA, first.id) == (first, second, shared)
    assert desk.versions(BEN, first.id) == (shared,)
    for hidden in (1, 2, 4):
        with pytest.raises(NotFoundError):
            desk.scenario(BEN, first.id, hidden)
        with pytest.raises(NotFoundError):
            desk.submit(BEN, SHEET, scenario=replace(shared, version=hidden))
    desk.share(ANA, first.id, shared=False)
    with pytest.raises(NotFoundError):
        desk.scenario(BEN, first.id, 3)


def test_restricted_files_are_their_owners_even_of_a_shared_plan(world):
    plan = world.desk.submit(ANA, SHEET)
    names = ("brief.html", "forts.RESTRICTED.gpkg")
    world.finish(plan, names)
    world.desk.share_plan(ANA, plan.id, shared=True)
    assert tuple(one.name for one in world.desk.plan(ANA, plan.id).files) == names
    assert world.desk.file(ANA, plan.id, names[1]) == names[1].encode()
    assert [one.name for one in world.desk.plan(BEN, plan.id).files] == ["brief.html"]
    assert [[one.name for one in p.files] for p in world.desk.plans(BEN)] == [["brief.html"]]
    for name in (names[1], "../plan.json", ""):
        with pytest.raises(NotFoundError):
            world.desk.file(BEN, plan.id, name)


def test_the_trail_has_each_change_and_is_ones_own(world):
    desk = world.desk
    kept = desk.save(ANA, SHEET)
    desk.save(ANA, SHEET, id=kept.id, seen=1)
    desk.share(ANA, kept.id, shared=True)
    desk.share(ANA, kept.id, shared=True)  # no change
    desk.delete(ANA, kept.id)
    plan = desk.submit(ANA, SHEET)
    desk.cancel(ANA, plan.id)
    desk.cancel(ANA, plan.id)  # it has ended
    desk.resume(ANA, plan.id)
    world.finish(plan)
    desk.share_plan(ANA, plan.id, shared=True)
    desk.delete_plan(ANA, plan.id)
    desk.save(BEN, replace(SHEET, name="two\nlines"))
    words = ["scenario.save", "scenario.save", "scenario.share", "scenario.delete", "plan.submit",
             "plan.cancel", "plan.resume", "plan.done", "plan.share", "plan.delete"]  # fmt: skip
    mine = desk.audit(ANA)
    assert [one.what for one in reversed(mine)] == words
    assert {one.id for one in mine} == {kept.id, plan.id}
    assert mine[0].at == "2026-11-01T12:00:00.000Z"
    assert [one.said for one in desk.audit(BEN)] == ["version 1: two lines"]
    assert len(desk.audit(ADA)) == len(words) + 1
    assert len(desk.audit(ADA, most=3)) == 3


# scenarios


def test_a_scenario_is_kept_as_it_was_written(world):
    given = replace(sheet(line={"mu": 0.25}, draws=200), note="a note")
    kept = world.desk.save(ANA, given)
    assert (kept.version, kept.owner, kept.shared) == (1, "ana", False)
    assert kept.changed == "2026-11-01T12:00:00Z"
    assert read(kept.text) == given
    world.clock.go_on(1)
    other = world.desk.save(ANA, SHEET, id=kept.id, seen=1)
    assert (other.version, other.changed) == (2, "2026-11-01T12:00:01Z")
    assert world.desk.scenario(ANA, kept.id, 1) == kept


def test_who_changed_an_old_version_is_told(world):
    kept = world.desk.save(ANA, SHEET)
    world.desk.save(ANA, SHEET, id=kept.id, seen=1)
    with pytest.raises(InputError, match="version 1, and ana has kept 2 since"):
        world.desk.save(ANA, SHEET, id=kept.id, seen=1)
    assert len(world.desk.versions(ANA, kept.id)) == 2


# plans


def test_a_plan_goes_its_way(world):
    desk = world.desk
    kept = desk.save(ANA, SHEET)
    plan = desk.submit(ANA, SHEET, language="fr", scenario=kept)
    assert (plan.status, plan.language, plan.scenario) == ("queued", "fr", kept.id)
    assert world.crew.begun.keys() == {plan.id}
    assert desk.progress(ANA, plan.id).stages == 11
    with pytest.raises(InputError, match="cancel it first"):
        desk.delete_plan(ANA, plan.id)
    with pytest.raises(InputError, match="it is queued"):
        desk.resume(ANA, plan.id)
    stopped = desk.cancel(ANA, plan.id)
    assert (stopped.status, stopped.ended) == ("cancelled", "2026-11-01T12:00:00Z")
    assert not world.crew.begun
    again = desk.resume(ANA, plan.id)
    assert (again.status, again.ended, again.said) == ("queued", None, None)
    world.finish(plan)
    for ask in (desk.cancel, desk.plan):
        assert ask(ANA, plan.id).status == "done"
    with pytest.raises(InputError, match="it is done"):
        desk.resume(ANA, plan.id)
    desk.delete_plan(ANA, plan.id)
    with pytest.raises(NotFoundError):
        desk.plan(ANA, plan.id)


def test_a_plan_cancelled_as_it_ends_is_one_or_the_other(world):
    plan = world.desk.submit(ANA, SHEET)
    world.crew.cancel = lambda id_: world.finish(world.store.plan(id_))
    with pytest.raises(InputError, match="cancelled already"):  # the crew comes too late
        world.desk.cancel(ANA, plan.id)
    assert world.desk.plan(ANA, plan.id).status == "cancelled"


def test_what_nobody_makes_any_more_is_interrupted_at_the_start(world):
    lost, alive, done = (world.desk.submit(user, SHEET) for user in (ANA, BEN, ADA))
    world.store.set_plan(lost.id, status="running")
    world.finish(done)
    world.crew.let_go(lost.id)
    world.open()
    assert world.desk.recover() == (lost.id,)
    assert world.desk.recover() == ()
    told = world.desk.plan(ANA, lost.id)
    assert (told.status, told.ended) == ("interrupted", "2026-11-01T12:00:00Z")
    assert told.said.endswith("Resume it to go on.")
    assert world.desk.plan(BEN, alive.id).status == "queued"
    assert world.trail("ana")[0] == ("ana", "plan.interrupted", lost.id)
    assert world.desk.resume(ANA, lost.id).said is None


def lost(world, user=ANA):
    """Give a plan whose end the crew could not keep: it has let go of it."""
    plan = world.desk.submit(user, SHEET)
    world.store.set_plan(plan.id, status="running")
    world.crew.let_go(plan.id)
    return plan


def test_a_plan_whose_end_could_not_be_kept_is_interrupted_for_whoever_looks(world):
    world.open(quotas={"plans_at_once": 1})
    desk = world.desk
    first = lost(world)
    assert desk.resume(ANA, first.id).status == "queued"
    world.crew.let_go(first.id)
    second = desk.submit(ANA, SHEET)  # for the first uses the quota no more
    assert world.trail("ana")[:2] == [
        ("ana", "plan.submit", second.id), ("ana", "plan.interrupted", first.id)
    ]  # fmt: skip
    world.crew.let_go(second.id)
    assert {one.status for one in desk.plans(ANA)} == {"interrupted"}
    for found in (desk.plan(ANA, second.id), world.store.plan(first.id)):
        assert (found.status, found.ended) == ("interrupted", "2026-11-01T12:00:00Z")
        assert found.said.endswith("Resume it to go on.")
    third = lost(world)
    desk.delete_plan(ANA, third.id)
    assert desk.cancel(ANA, lost(world).id).status == "cancelled"


def test_a_plan_is_not_taken_for_lost_while_it_is_handed_on_or_ends(world):
    start, listed = world.crew.start, []

    def slowly(plan, ended):
        other = threading.Thread(target=lambda: listed.extend(world.desk.plans(ANA)))
        other.start()
        other.join(0.2)
        start(plan, ended)
        world.others.append(other)

    world.others, world.crew.start = [], slowly
    plan = world.desk.submit(ANA, SHEET)
    world.others[0].join()
    assert [one.status for one in listed] == ["queued"]
    assert world.desk.plan(ANA, plan.id).status == "queued"
    progress = world.crew.progress

    def ends(id_):  # between the look at the store and the look at the crew
        world.crew.progress = progress
        world.finish(plan)
        return progress(id_)

    world.crew.progress = ends
    assert world.desk.plan(ANA, plan.id).status == "done"
    assert "plan.interrupted" not in {what for _, what, _ in world.trail()}


def test_a_lost_plan_is_shown_though_it_can_not_be_marked(world, monkeypatch):
    plan = lost(world)
    with monkeypatch.context() as patched:
        patched.setattr(world.store, "set_plan", away)
        assert [one.id for one in world.desk.plans(ANA)] == [plan.id]
    assert world.desk.plan(ANA, plan.id).status == "interrupted"


def test_a_plan_that_can_not_be_handed_on_says_so(world):
    world.crew.fails = OutputError("no scheduler")
    with pytest.raises(OutputError, match="no scheduler"):
        world.desk.submit(ANA, SHEET)
    (plan,) = world.desk.plans(ANA)
    assert plan.status == "interrupted"
    world.crew.fails = None
    assert world.desk.resume(ANA, plan.id).status == "queued"


def away(*_, **__):
    raise OutputError("the store is away")


def test_what_the_trail_could_not_take_is_told_later_and_in_order(world, monkeypatch, caplog):
    desk, plan = world.desk, world.desk.submit(ANA, SHEET)
    with monkeypatch.context() as patched:
        patched.setattr(world.store, "log", away)
        world.finish(plan)
        kept = desk.save(ANA, SHEET)  # what was kept is not told as if it had failed
        desk.share(ANA, kept.id, shared=True)
        desk.share_plan(ANA, plan.id, shared=True)
        with pytest.raises(RefusedError):
            desk.delete(BEN, kept.id)
        desk.delete(ANA, kept.id)
        assert [what for _, what, _ in world.trail()] == ["plan.submit"]
    assert "entries that wait: 6," in caplog.text
    assert all(f"{what} {kept.id}" in caplog.text for what in ("scenario.share", "scenario.delete"))
    words = ["plan.submit", "plan.done", "scenario.save", "scenario.share", "plan.share",
             "scenario.refused", "scenario.delete"]  # fmt: skip
    assert [one.what for one in reversed(desk.audit(ADA))] == words  # who reads it sees all of it
    desk.save(BEN, SHEET)
    assert [what for _, what, _ in world.trail()] == ["scenario.save", *reversed(words)]


def test_a_plan_is_made_and_stopped_though_the_trail_can_not_be_written(world, monkeypatch):
    monkeypatch.setattr(world.store, "log", away)
    plan = world.desk.submit(ANA, SHEET)
    assert world.crew.begun.keys() == {plan.id}
    assert world.desk.cancel(ANA, plan.id).status == "cancelled"
    assert not world.crew.begun
    assert world.desk.resume(ANA, plan.id).status == "queued"
    assert world.crew.begun.keys() == {plan.id}


def test_entries_wait_up_to_a_number_and_then_are_in_the_log_alone(world, monkeypatch, caplog):
    monkeypatch.setattr("vallum.app.trail.MOST_WAITING", 2)
    with monkeypatch.context() as patched:
        patched.setattr(world.store, "log", away)
        kept = [world.desk.save(ANA, replace(SHEET, name=name)) for name in "abc"]
    world.desk.save(ANA, replace(SHEET, name="d"))
    told = [one.said for one in world.desk.audit(ANA)]
    assert told == ["version 1: d", "version 1: b", "version 1: a"]
    (lost,) = [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]
    assert f"ana scenario.save {kept[2].id} version 1: c" in lost


def test_a_plan_whose_cancelling_was_not_answered_is_stopped_by_the_next(world, monkeypatch):
    plan = world.desk.submit(ANA, SHEET)

    def cut_off(*given, **changes):
        assert type(world.store).set_plan(world.store, *given, **changes)
        away()

    with monkeypatch.context() as patched:
        patched.setattr(world.store, "set_plan", cut_off)
        with pytest.raises(OutputError):
            world.desk.cancel(ANA, plan.id)
    assert world.crew.begun
    assert world.desk.cancel(ANA, plan.id).status == "cancelled"
    assert not world.crew.begun


# quotas


def test_each_quota_says_which_it_is_and_what_to_do(world):
    world.open(quotas={"scenarios": 1, "versions": 2, "plans_at_once": 1, "plans_kept": 2})
    desk = world.desk
    kept = desk.save(ANA, SHEET)
    with pytest.raises(BusyError, match=r"1 of 1 .*quota scenarios.*delete one"):
        desk.save(ANA, SHEET)
    desk.save(ANA, SHEET, id=kept.id)
    with pytest.raises(BusyError, match="quota versions"):
        desk.save(ANA, SHEET, id=kept.id)
    first = desk.submit(ANA, SHEET)
    with pytest.raises(BusyError, match=r"quota plans_at_once.*cancel one"):
        desk.submit(ANA, SHEET)
    desk.submit(BEN, SHEET)  # each has their own
    desk.cancel(ANA, first.id)
    second = desk.submit(ANA, SHEET)
    with pytest.raises(BusyError, match="quota plans_at_once"):
        desk.resume(ANA, first.id)
    desk.cancel(ANA, second.id)
    with pytest.raises(BusyError, match=r"2 of 2 .*quota plans_kept"):
        desk.submit(ANA, SHEET)
    desk.delete_plan(ANA, second.id)
    third = desk.submit(ANA, SHEET)
    world.finish(third, ["x" * 200])
    world.open(quotas={"bytes_kept": 1_000_000})
    big = world.desk.submit(ANA, SHEET)
    left = 1_000_000 - world.store.usage("ana")["bytes_kept"]
    world.store.put_files(big.id, fill(world.folder / "big", {"a": bytes(left)}))
    with pytest.raises(BusyError, match=r"1,000,000 of 1,000,000 .*quota bytes_kept"):
        world.desk.submit(ANA, SHEET)


def test_texts_of_scenarios_take_room_too(world):
    """Every version does, for it is kept: a long note many times is as much as a plan."""
    world.open(quotas={"bytes_kept": 1_000_000})
    long = replace(SHEET, note="x" * 180_000)
    kept = world.desk.save(ANA, long)
    for _ in range(5):
        world.desk.save(ANA, long, id=kept.id)
    for ask in (lambda: world.desk.save(ANA, SHEET),
                lambda: world.desk.save(ANA, SHEET, id=kept.id),
                lambda: world.desk.submit(ANA, SHEET)):  # fmt: skip
        with pytest.raises(BusyError, match=r"quota bytes_kept.*delete a plan or a scenario"):
            ask()
    world.desk.save(BEN, SHEET)
    world.desk.delete(ANA, kept.id)
    world.desk.save(ANA, SHEET)


def test_sharing_makes_versions_too_and_making_private_is_never_refused(world):
    world.open(quotas={"versions": 2})
    kept = world.desk.save(ANA, SHEET)
    assert world.desk.share(ANA, kept.id, shared=True).version == 2
    assert world.desk.share(ANA, kept.id, shared=True).version == 2  # no change
    assert world.desk.share(ANA, kept.id, shared=False).version == 3
    for more in (
        lambda: world.desk.share(ANA, kept.id, shared=True),
        lambda: world.desk.save(ANA, SHEET, id=kept.id),
    ):
        with pytest.raises(BusyError, match=r"quota versions.*save it as a new one"):
            more()
    assert len(world.desk.versions(ANA, kept.id)) == 3


def test_of_a_plan_that_is_deleted_nothing_is_left_with_the_crew(world):
    plan = world.desk.submit(ANA, SHEET)
    world.desk.cancel(ANA, plan.id)
    assert world.crew.forgotten == []  # it can be resumed
    world.desk.delete_plan(ANA, plan.id)
    assert world.crew.forgotten == [plan.id]


def test_frontiers_are_paced_by_a_minute_that_slides(world):
    world.open(quotas={"changes_per_minute": 2})

    def view(user):
        return asyncio.run(world.desk.view(user, SHEET))

    assert view(ANA) == "a view"
    world.clock.go_on(50)
    view(ANA)
    with pytest.raises(BusyError, match=r"quota changes_per_minute.*again in 10 s"):
        view(ANA)
    view(BEN)
    assert asyncio.run(world.desk.look(ANA, SHEET, 3)) == "a look"
    world.clock.go_on(9.5)
    with pytest.raises(BusyError, match="again in 1 s"):
        view(ANA)
    world.clock.go_on(0.5)
    view(ANA)
    with pytest.raises(BusyError, match="again in 50 s"):
        view(ANA)
    world.clock.go_on(-3600)  # a clock that was set back locks nobody out
    view(ANA)
    assert sum(kind == "view" for kind, *_ in world.crew.seen) == 5


def test_those_who_compute_hear_who_asks_where_people_log_in(world):
    for user in (ANA, LOCAL):
        asyncio.run(world.desk.view(user, SHEET))
        asyncio.run(world.desk.look(user, SHEET, 3))
    assert world.crew.told == ["ana", "ana", "", ""]


# what a scenario may ask for


GREEDY = {
    "theatre": {"cell_km": 4.9}, "draws": 10_001, "depth": "full",
    "robust": {"draws": 201, "workers": 3}, "campaign": {"draws": 2_001, "workers": 64},
    "line": {"step": 0.0, "must_hold": ["Kayes"] * 201}, "forces": {"forts": {"piece_km": 0.1}},
    "threat": {"passage": {"most_cells": 300_000}},
    "works": {"fort_spacings_km": [*range(5, 55, 5), 60]}, "window": {"ahead": [6, 49]},
}  # fmt: skip
TOO_MUCH = {
    "theatre.cell_km", "draws", "depth", "robust.draws", "robust.workers", "campaign.draws",
    "campaign.workers", "line.step", "line.must_hold", "forces.forts.piece_km",
    "threat.passage.most_cells", "works.fort_spacings_km", "window.ahead",
}  # fmt: skip
ENOUGH = {
    "theatre": {"cell_km": 5.0}, "draws": 10_000, "robust": {"draws": 200, "workers": 2},
    "campaign": {"draws": 2_000, "workers": 0, "reinforce": [10]}, "line": {"refine": 0.0},
    "works": {"fort_spacings_km": [*range(5, 55, 5)], "sensor_spacings_km": []},
    "window": {"ahead": [48]},
}  # fmt: skip
FILES = {
    "works": {"catalogue": "/etc/passwd"},
    "threat": {"movement": {"table": "a.toml"}, "civilians": {"table": "b.toml"}},
    "line": {
        "must_hold": ["Kayes", " FILE:/etc/passwd"],
        "must_leave": ["file:b"], "no_build": ["file:c"],
        "existing": [
            {"points": [[0, 12], [1, 13]], "share": 0.5},
            {"file": "d.gpkg", "share": 0.5},
        ],
    },
    "window": {"events": "e.csv", "ideal_points": "f.csv", "panel": "g.csv"},
}  # fmt: skip
NAMED = {
    "works.catalogue", "threat.movement.table", "threat.civilians.table", "line.must_hold.1",
    "line.must_leave.0", "line.no_build.0", "line.existing.1.file", "window.events",
    "window.ideal_points", "window.panel",
}  # fmt: skip


def test_too_much_is_told_all_at_once():
    faults = limits.too_much(settings_from(GREEDY), Quotas())
    assert {fault.place for fault in faults} == TOO_MUCH
    assert all(fault.mend.startswith("give ") for fault in faults)
    assert limits.too_much(Settings(), Quotas()) == []
    assert limits.too_much(settings_from(ENOUGH), Quotas()) == []
    assert limits.too_much(settings_from({"depth": "full"}), Quotas(full_depth=True)) == []


def test_each_way_in_refuses_all_of_it_where_people_log_in(world):
    desk = world.desk
    bad = replace(sheet(**FILES, draws=10_001), theatre="sahl")
    kept = desk.save(ANA, SHEET)
    before = world.trail()
    for ask in (lambda: desk.save(ANA, bad), lambda: desk.save(ANA, bad, id=kept.id),
                lambda: desk.submit(ANA, bad, language="de"),
                lambda: asyncio.run(desk.view(ANA, bad)),
                lambda: asyncio.run(desk.look(ANA, bad, 1))):  # fmt: skip
        with pytest.raises(InputError) as refused:
            ask()
        places = {fault.place for fault in refused.value.faults}
        assert places >= NAMED | {"draws", "scenario.theatre"}
    assert world.trail() == before
    assert world.crew.seen == []
    assert "/etc" not in str(refused.value)


def test_ones_own_machine_may_be_asked_for_anything(world):
    world.open(auth="none", theatre="/home/ana/mine")
    world.desk.save(ANA, sheet(**FILES))
    world.desk.save(ANA, sheet(**GREEDY))
    world.desk.save(ANA, replace(SHEET, theatre="/home/ana/mine"))
    for other in ("/home/ana/other", "../sahel", "/home/ana/mine/", ""):
        with pytest.raises(InputError, match=r"scenario\.theatre"):
            world.desk.save(ANA, replace(SHEET, theatre=other))


def test_a_plan_that_asks_for_files_is_not_resumed_where_people_log_in(world):
    world.open(auth="none")
    plan = world.desk.submit(ANA, sheet(works={"catalogue": "mine.toml"}))
    world.desk.cancel(ANA, plan.id)
    world.open(auth="basic")
    with pytest.raises(InputError, match=r"works\.catalogue"):
        world.desk.resume(ANA, plan.id)


def leaves(model=Settings, place=""):
    """Give each setting with its place, types and description, into lists and tables."""
    for name, field in model.model_fields.items():
        inside = f"{place}.{name}" if place else name
        kinds = set(parts(field.annotation))
        models = {kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)}
        for each in models:
            yield from leaves(each, inside)
        if not models:
            yield inside, kinds, model.__doc__ or ""


def parts(kind):
    """Give all types within a type."""
    inner = [one for one in typing.get_args(kind) if one is not Ellipsis]
    if typing.get_origin(kind) is typing.Literal:
        return
    if typing.get_origin(kind) is typing.Annotated:
        inner = inner[:1]
    if not inner:
        yield kind
    for one in inner:
        yield from parts(one)


# Settings of free text that name no file: what they name is looked up in tables of the theatre or
# the catalogue. Read how a new one is used before you write it here; else it goes into
# `vallum.app.limits.PATHS`.
NO_FILES = {
    "forces.forts.base", "forces.money_usd_yr", "forces.programme.rains",
    "forces.tasks.joint_sectors", "forces.tasks.means", "forces.tasks.offer", "line.flank",
    "line.flank_segments.region", "line.flank_segments.state", "theatre.coalition",
    "threat.claim.claimed", "threat.claim.rivals.name", "threat.claim.rivals.regions",
    "threat.claim.rivals.states", "threat.claim.through", "threat.passage.sanctuaries.name",
    "works.closed", "works.exclude", "works.include", "works.standards.region",
    "works.standards.state",
}  # fmt: skip
# Places, of which those that begin with `file:` are files.
PLACES = {"line.must_hold", "line.must_leave", "line.no_build"}


def test_no_setting_that_names_a_file_is_forgotten():
    free = {place for place, kinds, _ in leaves() if str in kinds and place not in limits.PATHS}
    assert set(limits.PATHS) <= {place for place, kinds, _ in leaves() if str in kinds}
    assert free == NO_FILES | PLACES
    typed = {place for place, kinds, _ in leaves() if Path in kinds}
    assert typed == {"works.catalogue", "threat.movement.table", "threat.civilians.table"}
    found = limits.files_named(settings_from(FILES))
    assert {fault.place for fault in found} == NAMED
    assert typed | set(limits.PATHS) | PLACES <= {re.sub(r"\.\d+", "", one.place) for one in found}
    assert limits.files_named(Settings()) == []


# Settings that look like work and are none, or little: read before you write one here.
NO_WORK = {"forces.forts.most_supply_h", "line.least_piece_km2", "threat.intensity.least_splits"}
WORK = (
    "draws|most|least_splits|resamples|permutations|simulations|sobol|workers|nodes|rounds"
    "|tries|pieces|years|horizon|corridors|(piece|block|step|cell)_km|step|refine"
)


def test_no_setting_that_makes_work_is_forgotten():
    looks = {
        place
        for place, kinds, _ in leaves()
        if kinds & {int, float} and re.search(WORK, place.rsplit(".", 1)[-1])
    }
    known = {*limits.CAPPED, *limits.GROWN, *limits.COARSENED, "theatre.cell_km"}
    assert looks - known == NO_WORK
    assert known <= {place for place, kinds, _ in leaves() if kinds & {int, float}}


def test_no_list_that_makes_work_is_forgotten():
    """Of numbers, that is; those that are left out always have as many."""
    usual = Settings()
    lists = {
        place
        for place, *_ in leaves()
        if isinstance(found := _at(usual, place), tuple)
        and any(isinstance(one, int | float) for one in found)
    }
    assert lists - set(limits.LISTED) == {"line.road_t_yr", "accord.influence_usd_yr"}
    assert set(limits.LISTED) <= lists
    for place in ("line.road_t_yr", "accord.influence_usd_yr"):
        longer = {place.split(".")[0]: {place.split(".")[1]: [*_at(usual, place), 1.0]}}
        with pytest.raises(InputError):
            settings_from(longer)


def _at(settings, place):
    """Give a setting's value; None within lists and tables."""
    for part in place.split("."):
        settings = getattr(settings, part, None)
    return settings


def test_the_desk_does_all_that_may_be_asked():
    from vallum.app.desk import Asked  # noqa: PLC0415

    for name in vars(Asked):
        if not name.startswith("_"):
            asked, done = (inspect.signature(getattr(one, name)) for one in (Asked, Desk))
            assert asked == done, name


def test_entries_of_others_do_not_count(world):
    world.store.log(entry(who="ben"))
    assert world.desk.audit(ANA) == ()
