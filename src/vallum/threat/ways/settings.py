"""Settings of the ways by which armed groups are taken to come."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = ["PassageSettings", "Sanctuary"]


class Sanctuary(BaseModel):
    """An area from which armed groups are taken to set out.

    Attributes
    ----------
    name
        For tables and maps.
    lon, lat
        Its centre, degrees.
    radius_km
        Its reach around that.
    weight
        Its share of all journeys, relative to the other areas'.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    lon: float = Field(ge=-180.0, le=180.0)
    lat: float = Field(ge=-90.0, le=90.0)
    radius_km: float = Field(default=50.0, gt=0.0, le=1000.0)
    weight: float = Field(default=1.0, gt=0.0)


class PassageSettings(BaseModel):
    """How journeys from sanctuaries to vital land are modelled.

    Attributes
    ----------
    vital_share, vital_low, vital_high
        Vital land is the members' regions that, taken by output per km² from the densest down,
        first make up this share of the members' output. Judgement: the mid leaves out the desert
        regions; low and high also leave out, or take in, the regions at the margin.
    detour, detour_low, detour_high
        How much longer than the quickest way journeys take, as a share of it; the inverse
        temperature θ is found from it. Judgement: people know their country (low), and avoid,
        wait and stray (high).
    range_h, range_low, range_high
        A target that is one such time farther off, in hours by motorcycle, draws journeys e times
        less. Judgement: a day's ride, half of one, and three.
    people_mix
        Share of the pull of targets that follows people and not output, at the mid; in the draws it
        is anything from 0 to 1.
    sanctuaries
        The user's own areas, instead of those that events and empty ground give.
    unseen, unseen_low, unseen_high
        Share of journeys' origins that the record of events does not show: groups rest where they
        do not fight. It is spread evenly over thinly peopled ground of the members and their
        neighbours. Judgement: no source gives it; the claim of empty desert as a base needs it.
    empty_per_km2
        Ground with fewer people per km² is thinly peopled. Judgement: about the density of the
        steppe south of the Sahara.
    block_km
        Side of the blocks in which events and worth are gathered into sanctuaries and targets, and
        of the blocks of which corridors are made: at least 50 km, since nothing finer is published.
    most_sources, most_targets
        At most so many of each: the largest block of every region, then the largest. What a
        region's other blocks hold is given to those; a ledger row says what share is held. Empty
        ground is gathered in blocks of twice the side, at most half as many. The user's areas share
        `most_sources` evenly.
    most_cells, most_cells_full
        The most cells on which journeys are solved (at `--depth full`); a finer grid is joined to
        larger cells.
    draws
        Joint draws of the assumptions behind the ranges.
    corridors
        The most corridors that are told apart.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    vital_share: float = Field(default=0.8, gt=0.0, le=1.0)
    vital_low: float = Field(default=0.65, gt=0.0, le=1.0)
    vital_high: float = Field(default=0.9, gt=0.0, le=1.0)
    detour: float = Field(default=0.25, gt=0.0, le=5.0)
    detour_low: float = Field(default=0.1, gt=0.0, le=5.0)
    detour_high: float = Field(default=0.6, gt=0.0, le=5.0)
    range_h: float = Field(default=24.0, ge=1.0)
    range_low: float = Field(default=12.0, ge=1.0)
    range_high: float = Field(default=72.0, ge=1.0)
    people_mix: float = Field(default=0.0, ge=0.0, le=1.0)
    unseen: float = Field(default=0.2, ge=0.0, lt=1.0)
    unseen_low: float = Field(default=0.0, ge=0.0, lt=1.0)
    unseen_high: float = Field(default=0.6, ge=0.0, lt=1.0)
    empty_per_km2: float = Field(default=5.0, ge=0.0)
    sanctuaries: tuple[Sanctuary, ...] = ()
    block_km: float = Field(default=100.0, ge=50.0, le=500.0)
    most_sources: int = Field(default=80, ge=1, le=400)
    most_targets: int = Field(default=40, ge=1, le=400)
    most_cells: int = Field(default=6_000, ge=1_000, le=300_000)
    most_cells_full: int = Field(default=13_000, ge=1_000, le=300_000)
    draws: int = Field(default=1000, ge=100, le=100_000)
    corridors: int = Field(default=8, ge=1, le=30)

    @model_validator(mode="after")
    def _ordered(self) -> PassageSettings:
        """Refuse ranges that do not hold their own value."""
        for name, low, value, high in [
            ("vital_share", self.vital_low, self.vital_share, self.vital_high),
            ("detour", self.detour_low, self.detour, self.detour_high),
            ("unseen", self.unseen_low, self.unseen, self.unseen_high),
            ("range_h", self.range_low, self.range_h, self.range_high),
        ]:
            if not low <= value <= high:
                raise ValueError(f"{name}={value} lies outside its range {low} to {high}")
        return self
