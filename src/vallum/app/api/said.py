"""What the API answers with, where it isn't what is kept."""

from __future__ import annotations

from typing import TypeAlias

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Drawing", "Frontier", "Looked", "Score", "Sector"]

Row: TypeAlias = dict[str, float | int | str | bool | None]


class _Said(BaseModel):
    """An answer; null is what is not finite or not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sector(_Said):
    """How much of a square the chosen step holds."""

    left: float = Field(description="Western edge, m in the frontier's CRS")
    top: float = Field(description="Northern edge, m")
    side_m: float = Field(ge=50_000.0, description="Side of the square, m")
    land_km2: float = Field(description="Land of the members in it")
    held_km2: float = Field(description="Of that, held")


class Drawing(_Said):
    """What a line or area drawn by hand is worth, by the frontier's own yardstick."""

    benefit: float | None = Field(description="A year, in the unit of the objective")
    ceiling: float | None = Field(description="The most that its cost could earn")
    cost_usd_yr: float | None = Field(description="Null where part of its line may not stand")
    line_km: float | None
    barred_km: float | None = Field(description="Of the line, where none may stand")
    buildable_usd_yr: float | None = Field(description="Cost without that part")
    people: float | None
    people_share: float | None
    output_share: float | None


class Frontier(_Said):
    """Every plan that is best for some price of effort, cheapest first."""

    crs: str
    objective: str = Field(description="output or mix (USD a year), or people")
    steps: list[Row] = Field(
        description="A plan each: cost_usd_yr, benefit, mu (a price at which it is best, the "
        "lowest that was proved; null for the last), line_km, held_km2, people_held, "
        "people_share, output_share, averted_usd_yr; and 5 and 95 % of joint draws: "
        "averted_low, averted_high, cost_low, cost_high"
    )
    step: int = Field(description="The chosen one's place in steps")
    status: str
    mu: float | None
    effect: list[float | None] = Field(
        description="Share of crossings that the line stops: low, value, high"
    )
    works: list[Row] = Field(description="What the chosen line is made of")
    sectors: list[Sector]
    scored: Drawing | None
    said: list[str] = Field(description="What belongs beside the figures")
    exact: bool = Field(description="Whether every step carries its certificate")
    fingerprint: str = Field(description="Of theatre, settings and what was drawn")
    seconds: float


class Score(_Said):
    """What was drawn, scored on the frontier of its scenario."""

    scored: Drawing | None
    fingerprint: str = Field(description="Of theatre, settings and what was drawn")


class Looked(_Said):
    """A quick look at the later stages, with few draws; a plan says it in full."""

    step: int
    forces: dict[str, object] = Field(
        description="Men, forts and cost by regime, and who lacks what"
    )
    campaign: dict[str, list[float | None]] = Field(description="Low, value, high")
    accord: list[Row] = Field(description="A coalition each: cost, benefit, line, men, why not")
    shares: list[Row] = Field(description="What each party has in the end, by rule")
    partner: list[Row] = Field(description="What the partner’s help costs it and brings it")
    said: list[str] = Field(description="What the look leaves out")
    draws: int
    seconds: float
