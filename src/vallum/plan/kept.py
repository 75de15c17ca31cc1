"""Results of stages that are kept while a plan is made."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Kept"]


class Kept(Protocol):
    """Where results of stages are kept, so that a run that was stopped can go on."""

    def has(self, stage: str) -> bool:
        """Whether a stage's result is there, whole."""
        ...

    def get(self, stage: str) -> object:
        """Give it."""
        ...

    def put(self, stage: str, result: object) -> None:
        """Keep it."""
        ...
