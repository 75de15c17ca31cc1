"""The settings of the campaign stage, with where their defaults come from."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from vallum.kernel.ledger import Assumption

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RANGED", "CampaignSettings", "assumptions", "ends"]


class CampaignSettings(BaseModel):
    """How the other side is taken to choose, learn and recover, and how long the play is.

    Each assumption about it has a range in the ledger, over which the draws go; a value that is set
    lies within its range or widens it.

    Attributes
    ----------
    risk
        Weight of the risk of being stopped in `λ log(1 − π)`: at 1 a way is chosen in proportion to
        the chance of getting through.
    still
        Share of those ready to go that stay where they are, before anything is built.
    persist
        Share of those who stayed that are ready again a quarter later.
    hearsay, hearsay_weight
        What the chance of being stopped is taken to be before anyone has tried, and how many
        journeys' experience that is worth.
    memory
        Share of experience kept over a year.
    again
        Share of bands turned back that try again at once.
    bands_per_journey_yr
        Bands there are for each journey a year.
    recruits
        Share of lost strength made good in a year.
    bought
        Share of those who go through a gate that buy their way.
    fort_pull
        What all forts together attract, as a share of what all held targets attract.
    draws
        Joint draws of all assumptions; each is a history of its own.
    years
        Years that the last phase is played; the others last as the programme says.
    entry_km
        Longest part of the boundary that is one way in.
    most_targets, most_bases
        Most places that are told apart.
    precision
        Stop before all draws are made once the mean of attacks on held land is known to this share
        of itself (95 %); 0: never.
    alternatives
        Whether the same money spent otherwise is played too.
    reinforce
        How many parts of the line may be reinforced, in the tables of what that brings.
    workers
        Processes; None: as many as it pays to start.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    risk: float = Field(default=1.0, ge=0.0, le=20.0)
    still: float = Field(default=0.5, gt=0.0, lt=1.0)
    persist: float = Field(default=0.5, ge=0.0, le=1.0)
    hearsay: float = Field(default=0.5, ge=0.0, lt=1.0)
    hearsay_weight: float = Field(default=5.0, gt=0.0, le=1e4)
    memory: float = Field(default=0.7, ge=0.0, le=1.0)
    again: float = Field(default=0.3, ge=0.0, lt=1.0)
    bands_per_journey_yr: float = Field(default=0.25, gt=0.0, le=10.0)
    recruits: float = Field(default=0.5, ge=0.0, le=1.0)
    bought: float = Field(default=0.1, ge=0.0, le=1.0)
    fort_pull: float = Field(default=0.2, ge=0.0, le=10.0)
    draws: int = Field(default=200, ge=10, le=1_000_000)
    years: int = Field(default=5, ge=1, le=100)
    entry_km: float = Field(default=50.0, ge=10.0, le=500.0)
    most_targets: int = Field(default=120, ge=1, le=1000)
    most_bases: int = Field(default=120, ge=1, le=1000)
    precision: float = Field(default=0.0, ge=0.0, lt=1.0)
    alternatives: bool = True
    reinforce: tuple[int, ...] = (1, 2, 3, 5)
    workers: int | None = Field(default=None, ge=0, le=64)


class _Ranged(NamedTuple):
    """What is said of a setting beside its value."""

    low: float
    high: float
    unit: str
    source: str


RANGED: Mapping[str, _Ranged] = MappingProxyType(
    {
        "risk": _Ranged(
            0.5, 4.0, "1", "judgement: from half as wary as the odds to near a best response"
        ),
        "still": _Ranged(0.2, 0.8, "share", "judgement: nobody counts journeys not made"),
        "persist": _Ranged(0.0, 0.9, "share/quarter", "judgement: plans are dropped or kept"),
        "hearsay": _Ranged(0.1, 0.9, "probability", "judgement: works look better or worse"),
        "hearsay_weight": _Ranged(1.0, 20.0, "journeys", "judgement: a few tries settle it"),
        "memory": _Ranged(0.4, 0.95, "share/yr", "judgement: men change, and so does the line"),
        "again": _Ranged(0.0, 0.7, "share", "judgement: a broken band rests, a warned one may not"),
        "bands_per_journey_yr": _Ranged(
            0.08,
            1.0,
            "bands per journey/yr",
            "judgement: a band goes out 1 to 12 times a yr",
        ),
        "recruits": _Ranged(0.2, 1.0, "share/yr", "judgement: made good in 1 to 5 years"),
        "bought": _Ranged(0.0, 0.4, "share", "judgement: guards are poorly paid"),
        "fort_pull": _Ranged(0.0, 1.0, "share", "judgement: forts hold arms and are symbols"),
    }
)


def ends(settings: CampaignSettings) -> dict[str, tuple[float, float, float]]:
    """Low, value and high of each ranged setting, widened to hold the value set."""
    out = {}
    for name, ranged in RANGED.items():
        value = float(getattr(settings, name))
        out[name] = (min(ranged.low, value), value, max(ranged.high, value))
    return out


def assumptions(settings: CampaignSettings) -> tuple[Assumption, ...]:
    """Give the ranged settings as rows of the ledger; a value that was set says so."""
    rows = []
    for name, (low, value, high) in ends(settings).items():
        unit, said = RANGED[name].unit, RANGED[name].source
        default = CampaignSettings.model_fields[name].default
        if value != default:
            said = f"set to {value:g}; default {default:g}: {said}"
        rows.append(Assumption(f"campaign.{name}", value, low, high, unit, said))
    return tuple(rows)
