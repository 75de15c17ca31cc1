"""What background work tells of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from vallum.app.live import Look, View
    from vallum.app.model import StoredPlan
    from vallum.app.sheet import Sheet

__all__ = ["Crew", "Progress"]


@dataclass(frozen=True)
class Progress:
    """How far a plan has come.

    Attributes
    ----------
    stage
        The one that runs (`vallum.plan.STAGES`, then "brief"); None while it waits.
    done, stages
        Stages done, and how many there are.
    seconds
        Since it began to run.
    """

    stage: str | None
    done: int
    stages: int
    seconds: float


class Crew(Protocol):
    """Those who compute: a dask cluster of this machine, or the scheduler that was named."""

    async def view(self, sheet: Sheet, *, who: str = "") -> View:
        """Find a frontier; cancelled where the caller's task is.

        Whoever asks for many things at once waits longer for them than others do, where they are
        told apart by their names.
        """
        ...

    def ahead(self, sheet: Sheet) -> None:
        """Find a frontier while nobody waits for another."""
        ...

    async def look(self, sheet: Sheet, step: int, *, who: str = "") -> Look:
        """Look at the later stages for one step; cancelled where the caller's task is."""
        ...

    def start(self, plan: StoredPlan, ended: Callable[[str], None]) -> None:
        """Make a plan in the background; `ended(id)` is called once the store says how it ended."""
        ...

    def cancel(self, id: str) -> bool:  # noqa: A002
        """Stop a plan at once; whether it waited or ran."""
        ...

    def progress(self, id: str) -> Progress | None:  # noqa: A002
        """Say how far a plan has come; None if it neither waits nor runs.

        By then the store says how it ended, unless it was away for so long that it was given up.
        """
        ...

    def forget(self, id: str) -> None:  # noqa: A002
        """Remove what is kept of a plan to go on from, if it neither waits nor runs."""
        ...

    def close(self) -> None:
        """Stop everything; plans that run are marked interrupted."""
        ...
