"""Looks up what somebody may read or change; what is refused goes into the audit trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.app.access import may_change, may_read
from vallum.errors import NotFoundError, RefusedError

if TYPE_CHECKING:
    from vallum.app.model import Scenario, StoredPlan, User
    from vallum.app.store import Store
    from vallum.app.trail import Trail

__all__ = ["Rights", "none_such"]


class Rights:
    """Gives things of a store to those who may have them.

    Parameters
    ----------
    store
        Where things are kept.
    trail
        Where refusals are written.
    """

    def __init__(self, store: Store, trail: Trail) -> None:
        self._store = store
        self._trail = trail

    def readable_scenario(self, user: User, id: str) -> Scenario:  # noqa: A002
        """Give the latest version that somebody may read."""
        latest = self._store.scenario(id)
        if latest is None:
            raise none_such("scenario")
        if not may_read(user, latest):
            self._trail.log(user.name, "scenario.refused", id, "read")
            raise none_such("scenario")
        return latest

    def own_scenario(self, user: User, id: str) -> Scenario:  # noqa: A002
        """Give the latest version that somebody may change."""
        latest = self.readable_scenario(user, id)
        if not may_change(user, latest):
            self._trail.log(user.name, "scenario.refused", id, "change")
            raise RefusedError("only its owner may change this scenario: save a copy of your own")
        return latest

    def readable_plan(self, user: User, id: str) -> StoredPlan:  # noqa: A002
        """Give a plan that somebody may read."""
        plan = self._store.plan(id)
        if plan is None:
            raise none_such("plan")
        if not may_read(user, plan):
            self._trail.log(user.name, "plan.refused", id, "read")
            raise none_such("plan")
        return plan

    def own_plan(self, user: User, id: str) -> StoredPlan:  # noqa: A002
        """Give a plan that somebody may change."""
        plan = self.readable_plan(user, id)
        if not may_change(user, plan):
            self._trail.log(user.name, "plan.refused", id, "change")
            raise RefusedError("only its owner may change this plan: ask for one of your own")
        return plan


def none_such(kind: str) -> NotFoundError:
    """Say that there is none, or that it isn't the asker's to see: alike."""
    return NotFoundError(f"there is no such {kind}, or it is not yours to see")
