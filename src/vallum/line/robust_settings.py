"""Settings of the robust stage."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["RobustSettings"]

DRAWS = 100
MOST_CELLS = 60_000


class RobustSettings(BaseModel):
    """How often the frontier is found again, and what counts as sure.

    Attributes
    ----------
    draws
        Number of draws of the assumptions, each with a frontier of its own; 0: none. Where it isn't
        given, 100 for at most 60,000 cells of the members (6 km in the built-in theatre), and none
        for more, since each draw takes as long as the frontier.
    share
        Share of the draws from which on a stretch is called no-regret, and a cell core.
        Judgement: nine in ten.
    workers
        Processes of this machine to draw in; 0: in this process; where it isn't given, two, or
        none where that is faster. The result is the same bytes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    draws: int | None = Field(default=None, ge=0, le=100_000)
    share: float = Field(default=0.9, gt=0.5, le=1.0)
    workers: int | None = Field(default=None, ge=0, le=256)

    def draws_at(self, cells: int) -> int:
        """Say how many draws there are for a theatre with so many cells of members."""
        if self.draws is not None:
            return self.draws
        return DRAWS if cells <= MOST_CELLS else 0
