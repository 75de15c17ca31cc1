"""Settings of the civilian journeys."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  (pydantic reads it at run time)

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["CiviliansSettings"]


class CiviliansSettings(BaseModel):
    """How civilian journeys are laid on the grid; none of it enters the threat.

    Attributes
    ----------
    block_km
        Side of the blocks that journeys start and end in, km. Judgement: a day's drive of detail
        that national figures do not have is not invented below it.
    most_blocks
        At most so many blocks to start from and so many to end in, by kind of journey; the rest is
        carried by them, and the ledger says its share. A matter of time to compute.
    sharpness, sharpness_traders
        How strongly journeys keep to the quickest way: a way longer by one cell of the likeliest
        ground is taken `exp(sharpness)` times less often. Judgement: people know their country.
        Traders in vehicles less by the cell, since a cell costs them half an hour and not half a
        day; more would also take ten times as long to compute over the long ways that they go.
    sharpness_low, sharpness_high
        The ends of their range, a judgement too.
    move_km
        How far a start or an end that can't be reached may be moved to ground that can, km;
        beyond, its journeys are left out and reported. Judgement: half a block.
    margin_km
        Ground farther than this from all starts and ends is not travelled, km. Judgement.
    table
        A table of figures laid out like the built-in `civilians.toml`, to use in its place.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    block_km: float = Field(default=100.0, ge=10.0, le=500.0)
    most_blocks: int = Field(default=40, ge=2, le=200)
    sharpness: float = Field(default=2.0, gt=0.0, le=20.0)
    sharpness_traders: float = Field(default=1.0, gt=0.0, le=20.0)
    sharpness_low: float = Field(default=0.5, gt=0.0, le=20.0)
    sharpness_high: float = Field(default=6.0, gt=0.0, le=20.0)
    move_km: float = Field(default=50.0, ge=0.0, le=500.0)
    margin_km: float = Field(default=200.0, ge=0.0, le=5000.0)
    table: Path | None = None
