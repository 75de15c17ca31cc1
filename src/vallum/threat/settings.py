"""Settings of the threat stage."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator

from vallum.threat.civilians.settings import CiviliansSettings
from vallum.threat.claim.settings import ClaimSettings
from vallum.threat.intensity.settings import IntensitySettings
from vallum.threat.movement.settings import MovementSettings
from vallum.threat.ways.settings import PassageSettings

__all__ = ["ThreatSettings"]


class ThreatSettings(BaseModel):
    """What is assumed of violence and its cost.

    Attributes
    ----------
    reach_share, reach_low, reach_high
        Share of the loss that comes from outside the land under study (*reach*); the rest starts
        inside (*resident*), and no line can touch it. No source gives this share: a judgement.
        Low: 7 % of Mali's events of January 2026 lie within 20 km of a border; high: 46 % of the
        events of Burkina Faso, Mali and Niger lie within 50 km of their shared borders (OECD/SWAC
        2022, https://issuu.com/swac-oecd/docs/2022-borders-conflict-north-west-africa-brochure-w);
        both rounded.
    lost_per_event, lost_low, lost_high
        Output lost per event, in person-years of the state's mean output. Conflict lowers output
        per head by 15 to 20 % over five years (IMF, Regional Economic Outlook Sub-Saharan Africa,
        April 2019, chapter 2), on average 8.75 % while it builds up evenly; Mali's 24.6 million
        people and 672 events a year (UCDP candidate release, January 2026, times twelve) make that
        0.0875 · 24.6e6 / 672 = 3,200 person-years per event. Low: 2.5 % (one year's loss of
        growth, IMF WP/20/221) over 873 events; high: 20 % over 508.
    uniform_loss_rate
        Share of output lost per year everywhere, instead of the estimate; for what-if.
    coverage
        The share of a state's recorded deaths that its region table must hold for the table to
        enter the fit of the prior.
    interval
        Probability inside the printed ranges.
    intensity
        How counts are foretold and scored, and located events smoothed.
    movement
        How people move.
    passage
        By which ways armed groups are taken to come.
    civilians
        How civilian journeys are laid on the grid.
    claim
        Through which state violence is said to have come, and how that is tested.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    reach_share: float = Field(default=0.3, ge=0.0, le=1.0)
    reach_low: float = Field(default=0.1, ge=0.0, le=1.0)
    reach_high: float = Field(default=0.5, ge=0.0, le=1.0)
    lost_per_event: float = Field(default=3200.0, ge=0.0)
    lost_low: float = Field(default=700.0, ge=0.0)
    lost_high: float = Field(default=9700.0, ge=0.0)
    uniform_loss_rate: float | None = Field(default=None, ge=0.0, le=1.0)
    coverage: float = Field(default=0.8, gt=0.0, le=1.0)
    interval: float = Field(default=0.9, gt=0.0, lt=1.0)
    intensity: IntensitySettings = Field(default_factory=IntensitySettings)
    movement: MovementSettings = Field(default_factory=MovementSettings)
    passage: PassageSettings = Field(default_factory=PassageSettings)
    civilians: CiviliansSettings = Field(default_factory=CiviliansSettings)
    claim: ClaimSettings = Field(default_factory=ClaimSettings)

    @model_validator(mode="after")
    def _ordered(self) -> ThreatSettings:
        """Refuse ranges that do not hold their own value."""
        for name, low, value, high in [
            ("reach_share", self.reach_low, self.reach_share, self.reach_high),
            ("lost_per_event", self.lost_low, self.lost_per_event, self.lost_high),
        ]:
            if not low <= value <= high:
                raise ValueError(f"{name}={value} lies outside its range {low} to {high}")
        return self
