"""What every store does; the same tests hold all of them to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from vallum.app.model import Audit, Scenario, Status, StoredPlan

__all__ = ["Store"]


class Store(Protocol):
    """Scenarios, plans and the audit trail. Every call is durable when it returns.

    Who may do what is decided elsewhere (`vallum.app.access`): a store knows owners and keeps
    them. Methods may be called from several threads at once. A store that can't be reached raises
    `vallum.errors.OutputError` with what can be done, and works again when it is back.
    """

    def save_scenario(self, scenario: Scenario) -> None:
        """Keep a version; `InputError` if it isn't the next one (someone was faster).

        A version that is there already is never replaced, and none follows a scenario that was
        deleted meanwhile.
        """
        ...

    def scenario(self, id: str, version: int | None = None) -> Scenario | None:  # noqa: A002
        """Give a version, the latest if not said; None if there is none."""
        ...

    def versions(self, id: str) -> tuple[Scenario, ...]:  # noqa: A002
        """Give all versions of a scenario, oldest first."""
        ...

    def scenarios(self, *, readable_by: str | None = None) -> tuple[Scenario, ...]:
        """Give the latest versions: of all, or the own and the shared ones; newest first."""
        ...

    def delete_scenario(self, id: str) -> bool:  # noqa: A002
        """Delete all versions; whether there was one."""
        ...

    def add_plan(self, plan: StoredPlan) -> None:
        """Keep a plan that was asked for."""
        ...

    def plan(self, id: str) -> StoredPlan | None:  # noqa: A002
        """Give a plan; None if there is none."""
        ...

    def plans(self, *, readable_by: str | None = None) -> tuple[StoredPlan, ...]:
        """Give plans: all, or the own and the shared ones; newest first."""
        ...

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
        """Change what is given, in one step; False (and nothing changed) if the plan is gone.

        It is refused too where its status is none of `expected`, so that two who act at once can't
        both believe that they were first. An empty `stage`, `ended` or `said` takes away what was
        there.
        """
        ...

    def put_files(
        self,
        id: str,  # noqa: A002
        folder: Path,
        *,
        ended: str | None = None,
    ) -> None:
        """Keep a finished plan's folder, and mark it done: all of it, or nothing.

        `InputError` if it neither waits nor runs: it was cancelled or deleted meanwhile.
        """
        ...

    def file(self, id: str, name: str) -> bytes | None:  # noqa: A002
        """Give a file of a plan; None if there is none of that very name."""
        ...

    def delete_plan(self, id: str) -> bool:  # noqa: A002
        """Delete a plan and its files; whether there was one."""
        ...

    def log(self, entry: Audit) -> None:
        """Add to the audit trail; nothing ever changes or deletes it."""
        ...

    def audit(self, *, who: str | None = None, most: int = 1000) -> Iterator[Audit]:
        """Give the trail, newest first: of all, or of one user."""
        ...

    def usage(self, owner: str) -> Mapping[str, int]:
        """Count a person's `plans_at_once`, `plans_kept`, `bytes_kept` and `scenarios`.

        Plans that failed or were stopped are kept too, and count. `bytes_kept` is the size of their
        files, and of the texts of all versions of scenarios.
        """
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
