"""The settings of forts and garrisons, with where their defaults come from."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from vallum.kernel.ledger import Assumption

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FortsSettings", "assumptions"]


class FortsSettings(BaseModel):
    """How forts are placed, manned and supplied.

    Attributes
    ----------
    piece_km
        The line is cut into pieces no longer than this, and forts may stand at their ends, km.
        Where forts were assumed to be close, pieces are an eighth of their spacing.
    most_pieces
        Where there would be more, they are longer. A limit of time and memory.
    reaction_h
        Hours within which a reaction base must reach every kilometre, muster included; None asks
        for no bases. A judgement.
    base
        The fort of the catalogue that counts as a reaction base; where it has none by that name,
        none are placed.
    base_behind_km
        How far behind the line a base may stand, km. A judgement.
    base_step_km
        Behind the line one place for a base is looked at in each square of this side, km.
    leave_days_yr, sick_share, relief
        Of the men: days of leave a year, the share who are sick, and men in training, in hospital
        or on the way for each one with his unit. Paid men for each man on duty are
        relief / ((1 − leave/365) (1 − sick)); with the defaults 1.50, the works' own rotation.
    water_l_man_day
        Litres of water for a man and day. 30: 7.9 US gallons, the sustaining rate in hot arid land.
    water_carried
        Share of it that is brought, where the water is not within the fort's own cell: wells are
        part of a fort's capital, and many are dry or salt. A judgement.
    food_kg_man_day
        Weight of a man's food for a day with its packing; what it costs is part of the man-year.
        3.4: two packed meals and one cooked.
    fuel_l_man_day
        Litres of fuel for a man and day, vehicles and generators. A judgement.
    fuel_usd_l
        Price of a litre at the pump. 1.25: 750 CFA francs in Mali since October 2024, at 600 to
        the dollar.
    carriage_usd_th
        Cost of bringing a tonne for an hour on the road, return and escort in it. 10: the works'
        0.13 USD/t/km at 40 km/h, twice for the escort.
    town_people
        Supplies come from towns of members with at least so many people, and water also from them.
    most_supply_h
        Hours by road that are counted at most; what is further is reached by air. A judgement.
    rounds
        How often the response that comes out replaces the assumed one, at most.
    most_nodes
        Of branch and bound, for each part of the line that needs it.
    branch_pieces
        Up to so many pieces of line, forts and bases are sought together by branch and bound.
        Beyond, bases come first and forts for what they leave, each exactly, beside a bound for
        both together: that costs a few percent, and a hundredth of the time.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    piece_km: float = Field(default=2.5, gt=0, le=50, allow_inf_nan=False)
    most_pieces: int = Field(default=3_000, ge=10, le=50_000)
    reaction_h: float | None = Field(default=2.0, gt=0, le=48, allow_inf_nan=False)
    base: str = "reaction_base"
    base_behind_km: float = Field(default=40.0, ge=0, le=300, allow_inf_nan=False)
    base_step_km: float = Field(default=20.0, gt=0, le=300, allow_inf_nan=False)
    leave_days_yr: float = Field(default=45.0, ge=0, le=300)
    sick_share: float = Field(default=0.05, ge=0, le=0.5)
    relief: float = Field(default=1.25, ge=1, le=5)
    water_l_man_day: float = Field(default=30.0, ge=0, le=500)
    water_carried: float = Field(default=0.5, ge=0, le=1)
    food_kg_man_day: float = Field(default=3.4, ge=0, le=50)
    fuel_l_man_day: float = Field(default=3.0, ge=0, le=200)
    fuel_usd_l: float = Field(default=1.25, ge=0, le=100)
    carriage_usd_th: float = Field(default=10.0, ge=0, le=1_000)
    town_people: float = Field(default=10_000.0, ge=0, allow_inf_nan=False)
    most_supply_h: float = Field(default=48.0, gt=0, le=1_000)
    rounds: int = Field(default=5, ge=1, le=50)
    most_nodes: int = Field(default=100, ge=0, le=100_000)
    branch_pieces: int = Field(default=400, ge=0, le=50_000)

    @property
    def paid_per_man(self) -> float:
        """Men paid for each man on duty."""
        return self.relief / ((1 - self.leave_days_yr / 365) * (1 - self.sick_share))


class _Ranged(NamedTuple):
    """What is said of a setting beside its value."""

    low: float
    high: float
    unit: str
    source: str


_WATER = (
    "7.9 gallons a man and day sustaining, 5.2 minimum, in hot arid land; high, with units' own "
    "construction and medical care 8.9 [R] https://armyquartermaster.tpub.com/QM4923/"
    "Table-1-1-Conventional-Theater-Planning-By-Army-Force-Echelon-Command-Level-9.htm"
)
_FOOD = (
    "5.5 lb a day of packed meals only (low), 7.41 with one cooked, 9.39 with two (high) [R] "
    "https://www.nsnlookup.com/equipment-intelligence/land/himars-m142/technical-document/"
    "atp-4-90/133"
)
_FUEL = (
    "gasoil 750 FCFA at the pump from 11 October 2024 [R] https://24heures.bf/?p=17461, at 600 "
    "to the dollar; low: judgement; high: 1,500 FCFA at Gao [R] https://maliactu.net/"
    "le-carburant-cher-presque-introuvable-et-en-promotion-par-endroits-studio-tamani/"
)
_SICK = (
    "judgement; malaria alone fell on 2 to 36 of 1,000 French soldiers a month in Ivory Coast "
    "[R] http://www.ncbi.nlm.nih.gov/pubmed/14579467"
)

_RANGES: Mapping[str, _Ranged] = MappingProxyType(
    {
        "reaction_h": _Ranged(
            1.0, 4.0, "h", "judgement: a post that is attacked holds for so long by itself"
        ),
        "base_behind_km": _Ranged(
            4.0, 80.0, "km", "judgement: on the Moroccan wall 4 km behind (facts.md), elsewhere "
            "where a road and water are"
        ),
        "leave_days_yr": _Ranged(
            30.0, 90.0, "days/yr", "judgement: a month and a half, the way home in it"
        ),
        "sick_share": _Ranged(0.02, 0.10, "share of men", _SICK),
        "relief": _Ranged(
            1.05, 2.0, "men/man", "judgement: a fifth in schools, in hospital and on the way"
        ),
        "water_l_man_day": _Ranged(20.0, 34.0, "l/man/day", _WATER),
        "water_carried": _Ranged(
            0.0, 1.0, "share", "judgement: half of the wells give what is needed"
        ),
        "food_kg_man_day": _Ranged(2.5, 4.3, "kg/man/day", _FOOD),
        "fuel_l_man_day": _Ranged(
            1.0, 8.0, "l/man/day",
            "judgement: for ten men one pick-up, 100 km a day at 15 l, and a generator's 15 l"
        ),
        "fuel_usd_l": _Ranged(0.9, 2.5, "USD/l", _FUEL),
        "carriage_usd_th": _Ranged(
            4.0, 25.0, "USD/t/h",
            "works.haul_usd_tkm at 40 km/h, twice for an escort [D]; the doubling: judgement"
        ),
        "town_people": _Ranged(
            2_000.0, 50_000.0, "people", "judgement: a market, a depot and a pumped well"
        ),
    }
)  # fmt: skip


def assumptions(settings: FortsSettings) -> tuple[Assumption, ...]:
    """List the settings that are assumptions about the world, each with range and source.

    Parameters
    ----------
    settings
        Whose values.
    """
    return tuple(
        Assumption(
            f"forces.forts.{name}",
            value,
            row.low if value is None else min(row.low, value),
            row.high if value is None else max(row.high, value),
            row.unit,
            row.source,
        )
        for name, row in _RANGES.items()
        for value in (getattr(settings, name),)
    )
