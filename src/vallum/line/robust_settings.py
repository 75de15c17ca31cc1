"""Settings of the robust stage."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["RobustSettings"]


class RobustSettings(BaseModel):
    """How often the frontier is found again, and what counts as sure.

    Attributes
    ----------
    draws
        Number of draws of the assumptions, each with a frontier of its own; 0: none.
    share
        Share of the draws from which on a stretch is called no-regret, and a cell core.
        Judgement: nine in ten.
    workers
        Processes of this machine to draw in; 0: in this process; where it isn't given, two, or
        none where that is faster. The result is the same bytes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    draws: int = Field(default=100, ge=0, le=100_000)
    share: float = Field(default=0.9, gt=0.5, le=1.0)
    workers: int | None = Field(default=None, ge=0, le=256)
