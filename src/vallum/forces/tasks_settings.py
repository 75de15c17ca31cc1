"""Settings of the tasks: who may do what where, and what a task takes."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from vallum.kernel.ledger import Assumption

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ROLES", "Role", "TasksSettings", "assumptions"]

Role = Literal[
    "guard", "reaction", "engineering", "training", "intelligence", "supply", "medical",
    "liaison", "gates",
]  # fmt: skip
ROLES: tuple[Role, ...] = (
    "guard", "reaction", "engineering", "training", "intelligence", "supply", "medical",
    "liaison", "gates",
)  # fmt: skip
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]
Factor = Annotated[float, Field(gt=0, le=10)]


class TasksSettings(BaseModel):
    """Settings of the tasks.

    Attributes
    ----------
    level
        Which end of the theatre's ranges is used: "low", "mode" or "high".
    means
        Figures in place of the theatre's, as `{"MLI.men": 30000}`.
    offer
        Figures in place of the theatre's offer, as `{"trainers.number": 80}`; 0 takes an item out.
    joint
        In which sectors either state may stand with all roles: "border", those with a neighbour of
        another state; "all"; "none". A judgement of what can be agreed.
    joint_sectors
        Sectors that are joint besides.
    abroad
        Roles that one member may do on another's ground outside joint sectors. Pursuit of 50 km
        across the border was agreed in the joint force of the Sahel
        (https://www.rfi.fr/afrique/20181126-bataillon-mauritanie-g5-sahel).
    partner_roles
        Roles that the partner may do; it never guards, reacts or keeps gates.
    rotation
        Men paid for each man on duty; as in the works.
    reaction_men
        On duty at a reaction base.
    company_men
        In an engineer company; the companies work `company_days_yr` days a year, for `build_yr`.
    train_every_yr, men_per_trainer
        Each guard is trained once in so many years; men that a trainer trains in a year.
    air_km, air_men
        Line that an aircraft watches, and the men on duty that it takes.
    supply_men
        On duty for supply, for each man on duty with arms.
    medics_per_man
        Medics for each man on duty with arms.
    liaison_men
        On duty in each sector; `handover_men` more of either state where guards change states.
    gate_km, gate_men
        Line to a gate, where the sectors say nothing of gates; men on duty at one.
    staff_men
        That a state needs once to do a role at all: a school, a depot, an operations room.
    kg_man_day, haul_usd_tkm
        Water, food and fuel of a man, and the price of bringing it from his home base.
    reach_km
        Furthest from a home base that a task may be.
    balance
        Most by which the members' used shares of their men may differ, where they plan together;
        never less than the difference when each is alone.
    unit_men, unit_km
        What one unit can hold: paid men, and length.
    recruit, skilled, plant_usd_yr, air_usd_yr, forward_usd_man_km
        Prices of the cheapest relaxation: a man more in terms of a man's year; a trainer or medic
        in terms of a man; a set of plant and an aircraft for a year; a man posted a kilometre
        beyond reach.
    men_factors, effects
        Factors on the members' men, and ends of the ranges of what the partner's help brings, at
        which all is solved again.
    gap, nodes
        Relative gap at which a search ends, and the most nodes that it opens.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: Literal["low", "mode", "high"] = "mode"
    means: dict[str, Amount] = Field(default_factory=dict)
    offer: dict[str, Amount] = Field(default_factory=dict)
    joint: Literal["none", "border", "all"] = "border"
    joint_sectors: tuple[str, ...] = ()
    abroad: tuple[Role, ...] = (
        "reaction", "engineering", "training", "intelligence", "supply", "medical",
    )  # fmt: skip
    partner_roles: tuple[Role, ...] = ("engineering", "training", "intelligence")
    rotation: float = Field(default=1.5, ge=1, le=10)
    reaction_men: Amount = 100.0
    company_men: Amount = 120.0
    company_days_yr: float = Field(default=210.0, gt=0, le=366)
    build_yr: float = Field(default=5.0, gt=0, le=100)
    train_every_yr: Positive = 4.0
    men_per_trainer: Positive = 10.8
    air_km: Positive = 200.0
    air_men: Amount = 20.0
    supply_men: Amount = 0.27
    medics_per_man: float = Field(default=0.021, ge=0, le=1)
    liaison_men: Amount = 6.0
    handover_men: Amount = 12.0
    gate_km: Positive = 50.0
    gate_men: Amount = 10.0
    staff_men: Amount = 60.0
    kg_man_day: Amount = 20.0
    haul_usd_tkm: Amount = 0.13
    reach_km: Positive = 500.0
    balance: float = Field(default=0.25, ge=0, le=1)
    unit_men: Positive = 700.0
    unit_km: Positive = 150.0
    recruit: Positive = 1.5
    skilled: Positive = 3.0
    plant_usd_yr: float = Field(default=1e6, gt=0, allow_inf_nan=False)
    air_usd_yr: float = Field(default=1_752_000.0, gt=0, allow_inf_nan=False)
    forward_usd_man_km: Positive = 5.0
    men_factors: tuple[Factor, ...] = (0.7, 1.3)
    effects: tuple[Literal["low", "high"], ...] = ("low", "high")
    gap: float = Field(default=1e-3, ge=0, le=1)
    nodes: int = Field(default=100, ge=1, le=1_000_000)

    @model_validator(mode="after")
    def _lawful(self) -> TasksSettings:
        """Refuse to let the partner stand on the line."""
        barred = sorted({"guard", "reaction", "gates"} & set(self.partner_roles))
        if barred:
            raise ValueError(
                f"partner_roles: {', '.join(barred)}: the partner brings experience, it does not "
                "stand on the line"
            )
        return self

    @property
    def usd_man_km(self) -> float:
        """Yearly price of a man's supplies over a kilometre, USD."""
        return self.kg_man_day * 365.0 / 1000.0 * self.haul_usd_tkm


@dataclass(frozen=True)
class _Ranged:
    low: float
    high: float
    unit: str
    source: str


_GSI = "https://it.frwiki.wiki/wiki/Groupement_sp%C3%A9cial_d%27intervention"
_DARFUR = "https://unamid.unmissions.org/126-egyptian-military-engineers-arrive-darfur"
_TRAINED = "https://www.eubusiness.com/news-eu/mali-conflict.mhs/"
_CHAD = (
    "https://www.forsvarsmakten.se/en/news/2008/03/"
    "sandstorms-few-navigable-roads-and-a-shortage-of-water/"
)
_NBEIKET = (
    "https://lemamouth.blogspot.com/2018/11/a-nbeket-laouach-face-au-mali.html (a doctor and ten "
    "nurses) and https://information.tv5monde.com/afrique/"
    "face-au-mali-les-soldats-mauritaniens-de-la-force-du-g5-sahel-veillent-273406 (520 men)"
)
_WATER = "https://rohaut.blogspot.com/2013/03/curiosidades-logisticas.html?m=1"
_BATTALION = "https://www.bruxelles2.eu/2013/10/un-et-deux-et-trois/"

_RANGES: Mapping[str, _Ranged] = MappingProxyType(
    {
        "rotation": _Ranged(1.25, 2.5, "men/man", "judgement: as in the works, `works.rotation`"),
        "reaction_men": _Ranged(
            50, 200, "men", f"judgement: half of a special intervention group; high: {_GSI}"
        ),
        "company_men": _Ranged(
            100, 335, "men", f"judgement: three platoons and a staff; high: {_DARFUR}"
        ),
        "company_days_yr": _Ranged(
            150, 300, "d/yr", "judgement: the dry seven months; high: six days a week"
        ),
        "build_yr": _Ranged(
            2, 10, "yr", "judgement: a few dry seasons; the programme works out the dates"
        ),
        "train_every_yr": _Ranged(
            2, 6, "yr", "judgement: a man serves a few years and is trained once in each turn"
        ),
        "men_per_trainer": _Ranged(
            10.8, 20.2, "men/yr", f"{_TRAINED} (200 trainers, 2,700 men in 15 months)"
        ),
        "air_km": _Ranged(
            100, 400, "km", "judgement: one of several aircraft is up at a time, at 200 km/h"
        ),
        "air_men": _Ranged(10, 40, "men", "judgement: crew, mechanics, and those who read it"),
        "supply_men": _Ranged(0.1, 1.0, "men/man", f"{_CHAD} (42 of 200); ends: judgement"),
        "medics_per_man": _Ranged(0.01, 0.04, "men/man", f"{_NBEIKET}; ends: judgement"),
        "liaison_men": _Ranged(2, 12, "men", "judgement: two men at all hours"),
        "handover_men": _Ranged(4, 30, "men", "judgement: a joint post at all hours"),
        "gate_km": _Ranged(20, 100, "km", "judgement: the works say it better where they do"),
        "gate_men": _Ranged(4, 20, "men", "judgement: a post at all hours"),
        "staff_men": _Ranged(20, 150, "men", "judgement: the staff of a small school or depot"),
        "kg_man_day": _Ranged(
            10, 40, "kg/d", f"judgement: 7 to 10 litres of water ({_WATER}), and as much again"
        ),
        "haul_usd_tkm": _Ranged(
            0.05, 0.40, "USD/t/km", "judgement: as in the works, `works.haul_usd_tkm`"
        ),
        "reach_km": _Ranged(300, 1000, "km", "judgement: a day's drive on a track"),
        "balance": _Ranged(0.1, 1.0, "share", "judgement: what a partner would call fair"),
        "unit_men": _Ranged(500, 1000, "men", f"{_BATTALION} (a battalion of 700)"),
        "unit_km": _Ranged(50, 300, "km", "judgement: a commander's day there and back"),
        "recruit": _Ranged(1.0, 3.0, "1", "judgement: pay, and half of it for raising a man"),
        "skilled": _Ranged(1.5, 6.0, "1", "judgement: as the offer prices a trainer"),
        "plant_usd_yr": _Ranged(
            3e5, 3e6, "USD/yr", "judgement: ten machines, over ten years, with their fuel"
        ),
        "air_usd_yr": _Ranged(
            876_000,
            2_628_000,
            "USD/yr",
            "judgement: 70 million USD for 13 drones (https://military.africa/2021/04/"
            "morocco-orders-13-bayraktar-tb2-uav) over ten years at 10 %, and as much to fly them",
        ),
        "forward_usd_man_km": _Ranged(
            1, 20, "USD/man/km", "judgement: five times the haul, for a base of one's own"
        ),
    }
)


def assumptions(settings: TasksSettings) -> tuple[Assumption, ...]:
    """List the assumptions of the tasks, with their ranges widened to hold the value set."""
    out = []
    for name, ranged in _RANGES.items():
        value = float(getattr(settings, name))
        default = value == TasksSettings.model_fields[name].default
        source = ranged.source if default else "set by the user; range: " + ranged.source
        low, high = min(ranged.low, value), max(ranged.high, value)
        out.append(Assumption(f"tasks.{name}", value, low, high, ranged.unit, source))
    return tuple(out)
