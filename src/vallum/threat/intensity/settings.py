"""Settings of the intensity and of its forecasts."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = ["IntensitySettings"]


class IntensitySettings(BaseModel):
    """How counts are foretold and scored, and how located events are smoothed.

    All are judgements. Those of the counts' model were chosen on the years to 2012 of the UCDP
    sample alone; the years from 2013 test them (docs/method/threat-intensity.md).

    Attributes
    ----------
    spread
        Standard deviation of the weak prior of each fitted parameter, on the scale of its logit or
        log: a steadier fit while the past is short. Larger: closer to plain maximum likelihood.
    gap_km
        How far apart two regions may lie and still be neighbours: two drawings of one border
        seldom agree to the metre.
    first_train_yr
        Complete years before the first split that is scored.
    least_splits
        A model is chosen by its own past only if it was scored on this many splits; before that
        it is the shrinkage.
    resamples
        Of the bootstrap behind the intervals of scores and densities.
    seed
        Of that bootstrap.
    bandwidths_km
        Tried for the kernel, the best by held-out likelihood is used.
    half_life_yr
        An event this old counts half in the recent density.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    spread: float = Field(default=1.0, gt=0.0, le=100.0)
    gap_km: float = Field(default=1.0, ge=0.0, le=100.0)
    first_train_yr: int = Field(default=5, ge=4, le=50)
    least_splits: int = Field(default=5, ge=1, le=50)
    resamples: int = Field(default=1000, ge=100, le=100_000)
    seed: int = Field(default=0, ge=0)
    bandwidths_km: tuple[float, ...] = (10.0, 15.0, 20.0, 30.0, 45.0, 65.0, 100.0, 150.0, 225.0)
    half_life_yr: float = Field(default=3.0, gt=0.0, le=100.0)

    @model_validator(mode="after")
    def _positive(self) -> IntensitySettings:
        """Refuse bandwidths that are none."""
        widths = self.bandwidths_km
        if not widths or min(widths) <= 0 or list(widths) != sorted(set(widths)):
            raise ValueError(f"bandwidths_km={list(widths)} must be positive and rising")
        return self
