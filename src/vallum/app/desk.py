"""What a person may ask of the service: the one way in, for the page and the API alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from vallum.app.jobs.model import Progress
    from vallum.app.live import Look, View
    from vallum.app.model import Audit, Scenario, StoredPlan, User
    from vallum.app.sheet import Sheet

__all__ = ["Asked"]


class Asked(Protocol):
    """Every request with who asks it: rights, quotas and the audit trail are kept in one place.

    What isn't there, and what somebody may not see, raise the same `vallum.errors.NotFoundError`.
    What may be seen and not changed raises `RefusedError`; a quota `BusyError`.
    """

    def save(
        self,
        user: User,
        sheet: Sheet,
        *,
        id: str | None = None,  # noqa: A002
        seen: int | None = None,
    ) -> Scenario:
        """Keep a scenario, or its next version; `seen` is the version that was changed."""
        ...

    def scenario(self, user: User, id: str, version: int | None = None) -> Scenario:  # noqa: A002
        """Give one."""
        ...

    def scenarios(self, user: User) -> tuple[Scenario, ...]:
        """Give the latest versions of the own and the shared ones."""
        ...

    def versions(self, user: User, id: str) -> tuple[Scenario, ...]:  # noqa: A002
        """Give a scenario's history, oldest first."""
        ...

    def share(self, user: User, id: str, *, shared: bool) -> Scenario:  # noqa: A002
        """Let others read a scenario, or no longer: a new version."""
        ...

    def delete(self, user: User, id: str) -> None:  # noqa: A002
        """Delete a scenario."""
        ...

    def submit(
        self,
        user: User,
        sheet: Sheet,
        *,
        language: str = "en",
        scenario: Scenario | None = None,
    ) -> StoredPlan:
        """Ask for a plan."""
        ...

    def plan(self, user: User, id: str) -> StoredPlan:  # noqa: A002
        """Give one."""
        ...

    def plans(self, user: User) -> tuple[StoredPlan, ...]:
        """Give the own and the shared ones, newest first."""
        ...

    def progress(self, user: User, id: str) -> Progress | None:  # noqa: A002
        """Say how far it has come."""
        ...

    def cancel(self, user: User, id: str) -> StoredPlan:  # noqa: A002
        """Stop a plan that waits or runs."""
        ...

    def resume(self, user: User, id: str) -> StoredPlan:  # noqa: A002
        """Go on with a plan that was interrupted, cancelled or failed."""
        ...

    def share_plan(self, user: User, id: str, *, shared: bool) -> StoredPlan:  # noqa: A002
        """Let others read a plan, or no longer."""
        ...

    def delete_plan(self, user: User, id: str) -> None:  # noqa: A002
        """Delete a plan that has ended, with its files."""
        ...

    def file(self, user: User, id: str, name: str) -> bytes:  # noqa: A002
        """Give a file of a finished plan."""
        ...

    def audit(self, user: User, most: int = 1000) -> tuple[Audit, ...]:
        """Give the own trail; all of it to an admin."""
        ...

    async def view(self, user: User, sheet: Sheet) -> View:
        """Find a frontier."""
        ...

    async def look(self, user: User, sheet: Sheet, step: int) -> Look:
        """Look at the later stages for one step."""
        ...
