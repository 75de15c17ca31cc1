"""The service's desk: rights, quotas and the audit trail, in front of the store and the crew."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import replace
from threading import RLock
from typing import TYPE_CHECKING
from uuid import uuid4

from vallum import theatre as theatres
from vallum.app.access import as_seen, may_audit, may_read
from vallum.app.limits import refused
from vallum.app.model import ENDED, LOCAL, Scenario, StoredPlan
from vallum.app.pace import Pace
from vallum.app.rights import Rights, none_such
from vallum.app.sheet import read, write
from vallum.app.trail import Trail, utc_now
from vallum.errors import (
    BusyError,
    Fault,
    InputError,
    OutputError,
    VallumError,
    nearest,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from vallum.app.jobs.model import Crew, Progress
    from vallum.app.live import Look, View
    from vallum.app.model import Audit, Status, User
    from vallum.app.settings import AppSettings
    from vallum.app.sheet import Sheet
    from vallum.app.store import Store

__all__ = ["Desk"]

LANGUAGES = ("en", "fr")
MOST_AUDIT = 10_000
_OPEN: frozenset[Status] = frozenset({"queued", "running"})
_RESUMED: frozenset[Status] = frozenset({"interrupted", "cancelled", "failed"})
_STOPPED = "The service was stopped while this plan waited or ran. Resume it to go on."
_LOST = (
    "The store was away when this plan began or ended, and nobody makes it any more. Resume it to "
    "go on."
)
_UNSTARTED = "The plan could not be handed on to be made. Resume it to try again."


class Desk:
    """Does what `vallum.app.desk.Asked` lists.

    Parameters
    ----------
    store
        Where things are kept.
    crew
        Who computes.
    settings
        Of the service.
    clock
        Tells the time, in UTC.
    new_id
        Makes ids of 32 hexadecimal digits.
    """

    def __init__(
        self,
        store: Store,
        crew: Crew,
        settings: AppSettings,
        *,
        clock: Callable[[], datetime] = utc_now,
        new_id: Callable[[], str] = lambda: uuid4().hex,
    ) -> None:
        self._store = store
        self._crew = crew
        self._settings = settings
        self._quotas = settings.quotas
        self._clock = clock
        self._new_id = new_id
        self._turn = RLock()  # so that nobody slips through between a check and what it allows
        self._trail = Trail(store, clock)
        self._rights = Rights(store, self._trail)
        self._views = Pace(self._quotas.changes_per_minute)
        self._looks = Pace(self._quotas.changes_per_minute)

    def recover(self) -> tuple[str, ...]:
        """Mark plans interrupted that the store has as waiting or running, and nobody makes.

        Returns
        -------
        tuple of str
            Their ids.
        """
        why = "the service was stopped"
        return tuple(
            plan.id for plan in self._store.plans() if self._interrupted(plan, _STOPPED, why)
        )

    def save(
        self,
        user: User,
        sheet: Sheet,
        *,
        id: str | None = None,  # noqa: A002
        seen: int | None = None,
    ) -> Scenario:
        """Keep a scenario, or its next version; `seen` is the version that was changed."""
        self._check(sheet)
        with self._turn:
            if id is None:
                self._room(user, "bytes_kept", "scenarios")
                latest = None
            else:
                self._room(user, "bytes_kept")
                latest = self._rights.own_scenario(user, id)
                _unchanged(latest, seen)
                self._version_room(latest)
            return self._next(
                user,
                Scenario(
                    id=latest.id if latest else self._new_id(),
                    owner=latest.owner if latest else user.name,
                    name=sheet.name,
                    theatre=sheet.theatre,
                    text=write(sheet),
                    shared=latest.shared if latest else False,
                    version=latest.version + 1 if latest else 1,
                    changed="",
                    changed_by=user.name,
                ),
                "scenario.save",
                sheet.name,
            )

    def scenario(self, user: User, id: str, version: int | None = None) -> Scenario:  # noqa: A002
        """Give one. Others than its owner see the versions that were shared."""
        latest = self._rights.readable_scenario(user, id)
        found = latest if version in {None, latest.version} else self._store.scenario(id, version)
        if found is None or not may_read(user, found):
            raise none_such("scenario")
        return found

    def scenarios(self, user: User) -> tuple[Scenario, ...]:
        """Give the latest versions of the own and the shared ones."""
        return self._store.scenarios(readable_by=user.name)

    def versions(self, user: User, id: str) -> tuple[Scenario, ...]:  # noqa: A002
        """Give a scenario's history, oldest first; to others what of it was shared."""
        self._rights.readable_scenario(user, id)
        return tuple(one for one in self._store.versions(id) if may_read(user, one))

    def share(self, user: User, id: str, *, shared: bool) -> Scenario:  # noqa: A002
        """Let others read a scenario, or no longer: a new version."""
        with self._turn:
            latest = self._rights.own_scenario(user, id)
            if latest.shared == shared:
                return latest
            if shared:  # to take it back is never refused
                self._version_room(latest)
            changed = replace(
                latest, shared=shared, version=latest.version + 1, changed_by=user.name
            )
            said = "shared" if shared else "private"
            return self._next(user, changed, "scenario.share", said)

    def delete(self, user: User, id: str) -> None:  # noqa: A002
        """Delete a scenario."""
        with self._turn:
            latest = self._rights.own_scenario(user, id)
            if not self._store.delete_scenario(id):
                raise none_such("scenario")
            self._trail.log(user.name, "scenario.delete", id, latest.name)

    def submit(
        self,
        user: User,
        sheet: Sheet,
        *,
        language: str = "en",
        scenario: Scenario | None = None,
    ) -> StoredPlan:
        """Ask for a plan."""
        faults = []
        if language not in LANGUAGES:
            faults.append(Fault("language", "", repr(language), nearest(language, LANGUAGES)))
        self._check(sheet, faults)
        if scenario is not None:  # it must be there still, and the asker's to read
            scenario = self.scenario(user, scenario.id, scenario.version)
        plan = StoredPlan(
            id=self._new_id(),
            owner=user.name,
            theatre=sheet.theatre,
            shared=False,
            scenario=scenario.id if scenario else None,
            scenario_version=scenario.version if scenario else None,
            text=write(sheet),
            language=language,
            status="queued",
            stage=None,
            asked=self._trail.second(),
            ended=None,
            said=None,
            files=(),
        )
        with self._turn:
            self._room(user, "plans_at_once", "plans_kept", "bytes_kept")
            self._store.add_plan(plan)
            self._trail.log(user.name, "plan.submit", plan.id, sheet.name)
            self._start(plan)
        return plan

    def plan(self, user: User, id: str) -> StoredPlan:  # noqa: A002
        """Give one."""
        return self._shown(user, self._rights.readable_plan(user, id))

    def plans(self, user: User) -> tuple[StoredPlan, ...]:
        """Give the own and the shared ones, newest first."""
        found = self._store.plans(readable_by=user.name)
        return tuple(self._shown(user, one) for one in found)

    def progress(self, user: User, id: str) -> Progress | None:  # noqa: A002
        """Say how far it has come."""
        return self._crew.progress(self._rights.readable_plan(user, id).id)

    def cancel(self, user: User, id: str) -> StoredPlan:  # noqa: A002
        """Stop a plan that waits or runs; one that has ended stays as it is."""
        with self._turn:
            self._rights.own_plan(user, id)
            # the store first: what the crew ends in this moment can't be marked done any more
            stopped = self._end(id, "cancelled", "")
            # or it was before, and the store was lost before it could say so
            if stopped or self._rights.own_plan(user, id).status == "cancelled":
                self._crew.cancel(id)
            if stopped:
                self._trail.log(user.name, "plan.cancel", id, "")
            return self._rights.own_plan(user, id)

    def resume(self, user: User, id: str) -> StoredPlan:  # noqa: A002
        """Go on with a plan that was interrupted, cancelled or failed."""
        with self._turn:
            plan = self._settled(self._rights.own_plan(user, id))
            self._check(read(plan.text, theatre=plan.theatre))
            if plan.status in _RESUMED:
                self._room(user, "plans_at_once")
            if not self._store.set_plan(
                id, status="queued", stage="", ended="", said="", expected=_RESUMED
            ):
                mend = "resume a plan that was interrupted, cancelled or failed"
                raise InputError([Fault("plan", id, f"it is {plan.status}", mend)])
            self._trail.log(user.name, "plan.resume", id, f"it was {plan.status}")
            # not read again: what is kept as waiting is handed on, whether or not the store is
            # still there
            again = replace(plan, status="queued", stage=None, ended=None, said=None)
            self._start(again)
            return again

    def share_plan(self, user: User, id: str, *, shared: bool) -> StoredPlan:  # noqa: A002
        """Let others read a plan, or no longer."""
        with self._turn:
            plan = self._rights.own_plan(user, id)
            if plan.shared != shared:
                self._store.set_plan(id, shared=shared)
                self._trail.log(user.name, "plan.share", id, "shared" if shared else "private")
            return self._rights.own_plan(user, id)

    def delete_plan(self, user: User, id: str) -> None:  # noqa: A002
        """Delete a plan that has ended, with its files."""
        with self._turn:
            plan = self._settled(self._rights.own_plan(user, id))
            if plan.status not in ENDED:
                raise InputError([Fault("plan", id, f"it is {plan.status}", "cancel it first")])
            if not self._store.delete_plan(id):
                raise none_such("plan")
            self._trail.log(user.name, "plan.delete", id, f"it was {plan.status}")
        self._crew.forget(id)  # workers may take their time: others needn't wait for them

    def file(self, user: User, id: str, name: str) -> bytes:  # noqa: A002
        """Give a file of a finished plan."""
        plan = self.plan(user, id)
        if name not in {one.name for one in plan.files}:
            raise none_such("file")
        data = self._store.file(id, name)
        if data is None:
            raise none_such("file")
        return data

    def audit(self, user: User, most: int = 1000) -> tuple[Audit, ...]:
        """Give the own trail; all of it to an admin."""
        self._trail.catch_up()
        who = None if may_audit(user) else user.name
        return tuple(self._store.audit(who=who, most=min(most, MOST_AUDIT)))

    def refused_login(self, name: str, address: str) -> None:
        """Say in the trail that somebody was not let in; names are cut, they come from outside."""
        said = f"from {address or 'an unknown address'}"
        self._trail.log(name[:80] or "unknown", "login.refused", "", said)

    async def view(self, user: User, sheet: Sheet) -> View:
        """Find a frontier."""
        self._check(sheet)
        self._slowly(user, self._views, "new frontiers")
        return await self._crew.view(sheet, who=_told(user))

    async def look(self, user: User, sheet: Sheet, step: int) -> Look:
        """Look at the later stages for one step."""
        self._check(sheet)
        self._slowly(user, self._looks, "looks at later stages")
        return await self._crew.look(sheet, step, who=_told(user))

    # what is allowed

    def _check(self, sheet: Sheet, faults: list[Fault] | None = None) -> None:
        """Raise everything that a sheet asks for and is not given."""
        found = list(faults or ())
        valid = tuple(dict.fromkeys((*theatres.names(), self._settings.theatre)))
        if sheet.theatre not in valid:
            mend = nearest(sheet.theatre, valid)
            found.append(Fault("scenario", "scenario.theatre", repr(sheet.theatre), mend))
        found += refused(sheet.settings, self._settings)
        if found:
            raise InputError(found)

    def _room(self, user: User, *quotas: str) -> None:
        """Raise `BusyError` where a quota of what is kept is used up."""
        if "plans_at_once" in quotas:
            self.plans(user)  # after which those that nobody makes any more count no more
        usage = self._store.usage(user.name)
        for quota in quotas:
            used, most = usage[quota], getattr(self._quotas, quota)
            if used >= most:
                raise BusyError(f"{used:,} of {most:,} are used (quota {quota}): {_ROOM[quota]}")

    def _version_room(self, latest: Scenario) -> None:
        """Raise `BusyError` where a scenario has all the versions that it may have."""
        if latest.version >= self._quotas.versions:
            raise BusyError(
                f"{latest.version:,} versions of one scenario are kept "
                "(quota versions): save it as a new one"
            )

    def _slowly(self, user: User, pace: Pace, what: str) -> None:
        """Raise `BusyError` where somebody asks too often."""
        wait = pace.wait(user.name, self._clock().timestamp())
        if wait > 0:
            raise BusyError(
                f"{self._quotas.changes_per_minute:,} {what} were asked for within a minute "
                f"(quota changes_per_minute): ask again in {math.ceil(wait)} s"
            )

    # what is done

    def _next(self, user: User, scenario: Scenario, what: str, said: str) -> Scenario:
        """Keep a version, and say so in the trail."""
        kept = replace(scenario, changed=self._trail.second())
        self._store.save_scenario(kept)
        self._trail.log(user.name, what, kept.id, f"version {kept.version}: {said}")
        return kept

    def _start(self, plan: StoredPlan) -> None:
        """Hand a plan to the crew; where that fails it says so, and can be resumed."""
        try:
            self._crew.start(plan, self._ended)
        except VallumError:
            self._end(plan.id, "interrupted", _UNSTARTED)
            self._trail.log(plan.owner, "plan.interrupted", plan.id, "it could not be started")
            raise

    def _shown(self, user: User, plan: StoredPlan) -> StoredPlan:
        """Give a plan as somebody may see it."""
        with suppress(OutputError):  # the disk is full: it is shown as the store has it
            plan = self._settled(plan)
        return as_seen(user, plan)

    def _settled(self, plan: StoredPlan) -> StoredPlan:
        """Give a plan as it is: interrupted, where it is open for the store and not for the crew.

        So it is where the store was away when it was to be told that a plan had ended, or had been
        away when it was asked to keep one.
        """
        if not self._left(plan):
            return plan
        with self._turn:  # by then one that is just being handed on is the crew's
            self._interrupted(plan, _LOST, "the store was away when it began or ended")
            return self._store.plan(plan.id) or plan

    def _left(self, plan: StoredPlan) -> bool:
        """Whether a plan waits or runs for the store, and nobody makes it."""
        return plan.status in _OPEN and self._crew.progress(plan.id) is None

    def _interrupted(self, plan: StoredPlan, said: str, why: str) -> bool:
        """Mark a plan interrupted that was left.

        The crew is asked before the store is told: it lets go of a plan only once its end is kept,
        or can't be.
        """
        if not (self._left(plan) and self._end(plan.id, "interrupted", said)):
            return False
        self._trail.log(plan.owner, "plan.interrupted", plan.id, why)
        return True

    def _end(self, id: str, status: Status, said: str) -> bool:  # noqa: A002
        """Mark a plan ended, unless it has ended."""
        return self._store.set_plan(
            id, status=status, ended=self._trail.second(), said=said, expected=_OPEN
        )

    def _ended(self, id: str) -> None:  # noqa: A002
        """Say in the trail how a plan ended; called by the crew."""
        try:
            plan = self._store.plan(id)
        except OutputError:
            return  # where it does not say so itself, `_settled` does
        # who cancelled it was said by `cancel`
        if plan is not None and plan.status in ENDED - {"cancelled"}:
            self._trail.log(plan.owner, f"plan.{plan.status}", id, plan.said or "")


_ROOM = {  # what makes some, by quota
    "plans_at_once": "wait until one of yours has ended, or cancel one",
    "plans_kept": "delete one that is not needed",
    "bytes_kept": "delete a plan or a scenario that is not needed",
    "scenarios": "delete one that is not needed",
}


def _told(user: User) -> str:
    """Name who asks to those who compute; nobody is told apart where nobody logs in."""
    return "" if user == LOCAL else user.name


def _unchanged(latest: Scenario, seen: int | None) -> None:
    """Refuse a change of a version that isn't the latest any more."""
    if seen is not None and seen != latest.version:
        found = (
            f"this is of version {seen}, and {latest.changed_by} has kept {latest.version} since"
        )
        mend = "open the latest and change that, or save this as a new one"
        raise InputError([Fault("scenario", "version", found, mend)])
