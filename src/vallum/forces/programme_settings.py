"""Settings of the programme of building."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from vallum.kernel.ledger import Assumption

__all__ = ["ProgrammeSettings", "ledger"]

Amount = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
Month = Annotated[int, Field(ge=1, le=12)]


class ProgrammeSettings(BaseModel):
    """When building begins, at which pace, and how hard the best order is searched for.

    Attributes
    ----------
    start
        First day of the first month. Judgement: a date to count from; nothing else hangs on it but
        how far off the first rains are.
    horizon_years
        Within which everything must be covered. Judgement: a generation; what takes longer is no
        programme.
    days_per_month
        Days that a company works in a month. Judgement: six days a week.
    sector_companies
        The most companies that can work on one sector at once. Judgement: two from each end.
    stage_months
        The longest piece of work that the most companies are sent out for; a sector that takes
        longer is built in several stages, between which they may be moved. Judgement: a month, so
        that no month of a dry season is lost; 2 or more where moving plant takes long.
    cover_months
        From built to covered: until men, sensors and radios are in place. Judgement; that the two
        dates differ is on record: in June 1982 a section of the Moroccan wall was announced
        complete that lacked 15 km of earthwork and all radar, wire and posts
        (history.state.gov, FRUS 1981-88 v24 d402).
    flood_share
        Share of a sector's length on ground that floods from which the whole sector is closed in
        the rains. Judgement: a quarter; companies work around less.
    rains
        Rainy months (1 to 12) by Köppen class, over the table of `vallum.forces.calendar.RAINS`.
    company_usd_yr
        What one company more costs a year, by which the cheapest relaxation is told when a
        programme can't be carried out. Judgement: 100 men at USD 10,000 and plant for as much.
    inner_lines
        How many smaller plans of the frontier are tried as an inner line built first; 0: none.
    work
        How long the order is searched for, in deterministic seconds of CP-SAT for each arrangement
        that is tried: a count of the solver's steps, the same on every machine. No clock limits it.
    tries
        How often the rules shake the order before CP-SAT takes over.
    seed
        Of what is drawn in either.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: date = date(2027, 1, 1)
    horizon_years: int = Field(default=30, ge=1, le=60)
    days_per_month: float = Field(default=26.0, gt=0.0, le=31.0)
    sector_companies: int = Field(default=4, ge=1, le=100)
    stage_months: int = Field(default=1, ge=1, le=12)
    cover_months: int = Field(default=3, ge=0, le=60)
    flood_share: float = Field(default=0.25, gt=0.0, le=1.0)
    rains: dict[str, tuple[Month, ...]] = Field(default_factory=dict)
    company_usd_yr: Amount = 2e6
    inner_lines: int = Field(default=1, ge=0, le=5)
    work: float = Field(default=0.2, gt=0.0, le=10_000.0)
    tries: int = Field(default=100, ge=0, le=1_000_000)
    seed: int = Field(default=0, ge=0)

    @field_validator("start")
    @classmethod
    def _first_of_month(cls, start: date) -> date:
        """Refuse a start within a month: the programme is told by months."""
        if start.day != 1:
            raise ValueError("give the first day of a month")
        return start

    @property
    def months(self) -> int:
        """Months within which everything must be covered."""
        return 12 * self.horizon_years


def ledger(settings: ProgrammeSettings) -> tuple[Assumption, ...]:
    """Give the assumptions of the programme."""
    rows = (
        ("days_per_month", settings.days_per_month, 20.0, 30.0, "days", "six days a week"),
        ("sector_companies", settings.sector_companies, 2.0, 8.0, "companies",
         "two from each end of a sector"),
        ("stage_months", settings.stage_months, 1.0, 6.0, "months",
         "a month, so that none of a dry season is lost"),
        ("cover_months", settings.cover_months, 1.0, 12.0, "months",
         "until men, sensors and radios are in place"),
        ("flood_share", settings.flood_share, 0.1, 0.5, "1", "companies work around less"),
        ("company_usd_yr", settings.company_usd_yr, 1e6, 5e6, "USD/yr",
         "100 men at USD 10,000 and plant for as much"),
    )  # fmt: skip
    return tuple(
        Assumption(f"forces.programme.{key}", float(value), low, high, unit, f"judgement: {why}")
        for key, value, low, high, unit, why in rows
    )
