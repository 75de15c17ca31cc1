"""Settings of movement: season, and how journeys are shared among the ways of moving."""

from __future__ import annotations

import math
from pathlib import Path  # noqa: TC003  (pydantic reads it at run time)
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = ["MovementSettings", "Season"]

Season = Literal["dry", "rains"]


class MovementSettings(BaseModel):
    """How people are taken to move.

    Attributes
    ----------
    season
        The season in which journeys are timed: "dry" or "rains" (July to September here). Dry is
        the default since it lasts nine months of twelve.
    foot_share, motorcycle_share, four_by_four_share
        Share of armed groups' journeys by each way of moving; they add up to 1. Motorcycles are
        "the prevalent form of transport" of the armed groups of the Sahel (GI-TOC,
        https://riskbulletins.globalinitiative.net/wea-obs-007/03-motorbike-trafficking-critical-to-armed-groups-mobility.html),
        and pick-ups are "still important"
        (https://www.theafricareport.com/320831/the-rebels-ride-how-motorbike-trafficking-fuels-conflict-in-west-africa/).
        No source gives numbers: the shares are a judgement.
    foot_low, foot_high, motorcycle_low, motorcycle_high, four_by_four_low, four_by_four_high
        The ends of their ranges, a judgement too.
    table
        A table of speeds laid out like the built-in `movement.toml`, to use in its place.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    season: Season = "dry"
    foot_share: float = Field(default=0.1, ge=0.0, le=1.0)
    foot_low: float = Field(default=0.02, ge=0.0, le=1.0)
    foot_high: float = Field(default=0.25, ge=0.0, le=1.0)
    motorcycle_share: float = Field(default=0.75, ge=0.0, le=1.0)
    motorcycle_low: float = Field(default=0.5, ge=0.0, le=1.0)
    motorcycle_high: float = Field(default=0.9, ge=0.0, le=1.0)
    four_by_four_share: float = Field(default=0.15, ge=0.0, le=1.0)
    four_by_four_low: float = Field(default=0.05, ge=0.0, le=1.0)
    four_by_four_high: float = Field(default=0.35, ge=0.0, le=1.0)
    table: Path | None = None

    @property
    def shares(self) -> dict[str, float]:
        """Share of journeys by mode; they add up to 1."""
        return {
            "foot": self.foot_share,
            "motorcycle": self.motorcycle_share,
            "four_by_four": self.four_by_four_share,
        }

    @property
    def ranges(self) -> dict[str, tuple[float, float, float]]:
        """Low, value and high of the share of journeys by mode."""
        return {
            "foot": (self.foot_low, self.foot_share, self.foot_high),
            "motorcycle": (self.motorcycle_low, self.motorcycle_share, self.motorcycle_high),
            "four_by_four": (
                self.four_by_four_low,
                self.four_by_four_share,
                self.four_by_four_high,
            ),
        }

    @model_validator(mode="after")
    def _consistent(self) -> MovementSettings:
        """Refuse shares that do not add up, and ranges that do not hold their own value."""
        total = sum(self.shares.values())
        if not math.isclose(total, 1.0, abs_tol=1e-9):
            raise ValueError(f"the shares of the modes add up to {total:g}, not to 1")
        for name, low, value, high in [
            ("foot_share", self.foot_low, self.foot_share, self.foot_high),
            (
                "motorcycle_share",
                self.motorcycle_low,
                self.motorcycle_share,
                self.motorcycle_high,
            ),
            (
                "four_by_four_share",
                self.four_by_four_low,
                self.four_by_four_share,
                self.four_by_four_high,
            ),
        ]:
            if not low <= value <= high:
                raise ValueError(f"{name}={value} lies outside its range {low} to {high}")
        return self
