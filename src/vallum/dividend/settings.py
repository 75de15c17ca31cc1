"""The settings of the dividend stage, with where their defaults come from."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["DividendSettings"]


class DividendSettings(BaseModel):
    """How long is counted, at what rate, and how many draws are made.

    Attributes
    ----------
    horizon
        Years counted from the decision on. 30: the longest life of works in the catalogue.
    rate
        Discount rate, 1/yr, real. Its range is that of development banks' practice.
    draws
        Joint draws of all assumptions through the whole chain.
    sobol
        Base sample of the Sobol design, a power of 2; 0: no indices.
    delay_yr
        Years from the decision until a line that has no programme is covered.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    horizon: int = Field(default=30, ge=1, le=100)
    rate: float = Field(default=0.08, ge=0.0, le=0.5)
    draws: int = Field(default=2000, ge=100, le=1_000_000)
    sobol: int = Field(default=256, ge=0, le=65_536)
    delay_yr: float = Field(default=4.0, ge=0.0, le=30.0)
