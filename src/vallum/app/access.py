"""Who may do what: the owner all, others read what is shared, admins read the audit trail."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vallum.app.model import Scenario, StoredPlan, User

__all__ = ["as_seen", "may_audit", "may_change", "may_read"]

_HIDDEN = ".RESTRICTED."  # in the names of files that single forts and ways in are in


def may_read(user: User, thing: Scenario | StoredPlan) -> bool:
    """Whether somebody may read a version of a scenario, or a plan.

    An admin has no more rights here than others: what is private is its owner's.
    """
    return thing.shared or may_change(user, thing)


def may_change(user: User, thing: Scenario | StoredPlan) -> bool:
    """Whether somebody may change, share, stop or delete it: its owner alone."""
    return thing.owner == user.name


def may_audit(user: User) -> bool:
    """Whether somebody may read what others did."""
    return user.admin


def as_seen(user: User, plan: StoredPlan) -> StoredPlan:
    """Give a plan as somebody may see it: restricted files are its owner's, shared or not."""
    if may_change(user, plan):
        return plan
    return replace(plan, files=tuple(one for one in plan.files if _HIDDEN not in one.name))
