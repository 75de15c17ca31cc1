"""Settings of the line stage."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = ["ExistingLine", "FlankSegment", "LineSettings"]

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Amount = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]


Degrees = tuple[float, float, float, float]
LonLat = tuple[
    Annotated[float, Field(ge=-180.0, le=180.0)], Annotated[float, Field(ge=-90.0, le=90.0)]
]


class FlankSegment(BaseModel):
    """How open a part of a neighbour is.

    Attributes
    ----------
    state
        Its ISO3.
    openness
        Trusted 0, watched between, open 1.
    region, bounds
        Of its first administrative level; or west, south, east and north, degrees. Both: what lies
        in both. None: all of the state.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: str
    openness: Share
    region: str | None = None
    bounds: Degrees | None = None


class ExistingLine(BaseModel):
    """A line, wall or obstacle that is there already.

    Attributes
    ----------
    file, points
        Vector file of lines; or (lon, lat) of its corners, in order. One of the two.
    share
        What of the price of a kilometre is still to be paid on the cells that it touches, from 0
        to 1.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str | None = None
    points: tuple[LonLat, ...] = ()
    share: Share

    @model_validator(mode="after")
    def _one(self) -> ExistingLine:
        """Refuse a line that is given twice or not at all."""
        if (self.file is None) == (not self.points):
            raise ValueError("give an existing line by file or by points, one of the two")
        if len(self.points) == 1:
            raise ValueError("an existing line needs at least two points")
        return self


class LineSettings(BaseModel):
    """What is optimised, at which price, and within which limits.

    Attributes
    ----------
    objective
        `output`: losses averted in USD/yr. `people`: people held; its μ is USD per person and year,
        and has no break-even and no default. `mix`: output plus `usd_per_person_yr` per person.
    usd_per_person_yr
        What holding one person for a year is taken to be worth; only ever stated by the user.
    mu
        Price of effort: USD that a plan may cost per USD (or person) and year. For output and mix,
        1 is the plan whose last dollar buys a dollar, and the default.
    budget_usd_yr
        Instead of a price: the most that the plan may cost.
    step
        Resolution of the frontier, as a share of the total benefit.
    refine
        Neighbouring plans of the chain are to differ by at most this share of what holding
        everything costs: plans are searched for between exact steps that lie further apart. 0: the
        chain is the exact steps alone, and so it is beyond 300,000 cells.
    solver
        What finds the frontier: `vallum`, our own, which leaves a proof that `vallum verify` checks
        from the plan's files; or `ortools`, which finds the same plans and leaves none.
    flank
        How open a neighbour is, by ISO3: trusted 0, watched between, open 1.
    flank_partner, flank_disputed, flank_other
        The same by role, for states that `flank` does not name. Judgements: a partner guards its
        side, a disputed strip is watched from one side, any other neighbour counts as open.
    flank_segments
        How open parts of neighbours are (`FlankSegment`), over `flank` and the roles; of several
        that meet, the last counts.
    standoff_km
        Ground around a town from which it can be raided or shelled: it pays only if that is held
        too. 8 km is the range of a 107 mm rocket (https://m.strategypage.com/qnd/iraq/articles/20010711.aspx);
        2 km a light mortar's, 20 km a 122 mm rocket's.
    development_share
        Output unlocked per year inside the line, as a share of the output there, beside losses
        averted. 0: claimed by the proposal, not yet shown by evidence.
    men_per_1000_people
        Forces added inside to hold the land, per thousand people. Judgement: Mali has 1.8 per
        thousand under arms today, peaceful countries 1 to 4 police, 2.3 in the United States
        (Quinlivan, http://www.rand.org/pubs/periodicals/rand-review/issues/summer2003/burden.html);
        0.5 closes that gap, 2.2 reaches 4.
    men_per_1000_km2
        Forces added to patrol held land. Judgement; high: Algeria's 50,000 men on about two
        million km² of desert.
    road_t_yr
        Freight by road class (track, primary, trunk), t/yr, of a road whose own is not known
        (`routes.freight_t_yr`). Trunk: Mali's corridors carried 3.5 million t, 40 % by Dakar and
        30 % by Abidjan (2009,
        https://www.jeuneafrique.com/193386/archives-thematique/transrail-des-corridors-concurrents/);
        the rest over five other corridors is 210,000 t each. Primary a quarter of it, track a tenth
        of that: judgements.
    freight_usd_tkm
        Road freight, USD per tonne-km: 0.05 in southern to 0.13 in central Africa (AICD,
        https://infrastructureafrica.org/files/nd-inefficient-until_rpfopikz8rv5zbo7zxgy2e).
    insecurity_increase
        Rise of freight cost on a road at the reference loss rate. 1: convoys on Lomé–Niamey raised
        it by over 100 % (OECD 2024).
    insecurity_loss_rate
        The loss rate at which that rise is reached; below it the rise is in proportion. 0.0875: the
        mean yearly loss over five years of intense conflict (see `threat.lost_per_event`).
    must_hold, must_leave, no_build
        Names of settlements or regions, ISO3 of states, `lon,lat` points, or `file:` and the path
        of polygons: land that every plan holds, none holds, or where no line may stand.
    existing
        Lines that are there already (`ExistingLine`): on the cells that they touch a share of the
        price is paid. Where several meet, the least share counts.
    least_piece_km2, least_piece_people
        Smallest connected piece of held land, and fewest people in it; smaller ones are left out
        of every plan. 0: none is. Judgement for a user: 200 km² is the ground of one town with a
        standoff of 8 km. Off by default: the frontier then shows what its numbers say.
    min_width_km
        Least width of held land: a disc of it must fit wherever land is held; coast and borders
        from which nothing comes count as no edge. 0: any.
    connected_to_capital
        Whether every piece of held land must hold a member's largest settlement, which stands for
        its capital (the theatre names none), or land that must be held.
    sector_km
        Shortest and longest sector, km. Nothing is published at a finer grain than 50 km.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    objective: Literal["output", "people", "mix"] = "output"
    usd_per_person_yr: float | None = Field(default=None, ge=0.0, allow_inf_nan=False)
    mu: float | None = Field(default=None, gt=0.0, allow_inf_nan=False)
    budget_usd_yr: float | None = Field(default=None, gt=0.0, allow_inf_nan=False)
    step: float = Field(default=0.01, ge=0.0, lt=1.0)
    refine: Share = 0.05
    solver: Literal["vallum", "ortools"] = "vallum"
    flank: dict[str, Share] = Field(default_factory=dict)
    flank_partner: Share = 0.0
    flank_disputed: Share = 0.5
    flank_other: Share = 1.0
    flank_segments: tuple[FlankSegment, ...] = ()
    standoff_km: float = Field(default=8.0, ge=0.0, le=100.0)
    development_share: Share = 0.0
    men_per_1000_people: Amount = 0.5
    men_per_1000_km2: Amount = 5.0
    road_t_yr: tuple[Amount, Amount, Amount] = (5_000.0, 50_000.0, 210_000.0)
    freight_usd_tkm: Amount = 0.08
    insecurity_increase: Amount = 1.0
    insecurity_loss_rate: float = Field(default=0.0875, gt=0.0, le=1.0)
    must_hold: tuple[str, ...] = ()
    must_leave: tuple[str, ...] = ()
    no_build: tuple[str, ...] = ()
    existing: tuple[ExistingLine, ...] = ()
    least_piece_km2: Amount = 0.0
    least_piece_people: Amount = 0.0
    min_width_km: float = Field(default=0.0, ge=0.0, le=500.0)
    connected_to_capital: bool = False
    sector_km: tuple[
        Annotated[float, Field(ge=50.0, le=1000.0)], Annotated[float, Field(ge=100.0, le=5000.0)]
    ] = (50.0, 200.0)

    @model_validator(mode="after")
    def _consistent(self) -> LineSettings:
        """Refuse settings that contradict each other."""
        if self.mu is not None and self.budget_usd_yr is not None:
            raise ValueError("give mu or budget_usd_yr, not both")
        if self.objective == "mix" and self.usd_per_person_yr is None:
            raise ValueError("objective 'mix' needs usd_per_person_yr, the rate you state")
        if self.objective == "people" and self.mu is None and self.budget_usd_yr is None:
            raise ValueError(
                "objective 'people' has no break-even price: give mu (USD per person and year) "
                "or budget_usd_yr"
            )
        if self.sector_km[1] < 2 * self.sector_km[0]:
            raise ValueError("the longest sector must be at least twice the shortest")
        return self
