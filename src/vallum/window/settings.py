"""The settings of the window stage, with where their defaults come from."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from vallum.kernel.ledger import Assumption

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RANGED", "WindowSettings", "assumptions", "ends"]


class WindowSettings(BaseModel):
    """Which events are read, and how the opening is weighed.

    Attributes
    ----------
    events, form
        A file of events of the user's own in place of the built-in record, and its form: `table`
        (columns date, actor, target, code), `gdelt`, `icews` or `polecat`.
    ideal_points
        A file of UN ideal points, shown as a slow background; none is built in.
    panel
        A monthly panel by state made of GDELT, whose counts of conflict are the rival's troubles in
        place of the theatre's deaths.
    drift, lean, members, partner, load
        Weights of the opening's parts: members and the rival drifting apart, members leaning to the
        partner, members with one another, the other member with the partner, and the rival's own
        troubles.
    open_at
        Opening from which the window is called open, 0 to 1.
    ahead
        Months of the outlook.
    draws
        Paths drawn.
    mediation, closed, sanctioned
        What benefit is left when the rival mediates again; what joint saving is left when borders
        between members close; what joint gains (trade, visitors) are left under sanctions.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    events: str | None = None
    form: Literal["table", "gdelt", "icews", "polecat"] = "table"
    ideal_points: str | None = None
    panel: str | None = None
    drift: float = Field(default=1.0, ge=0.0, le=10.0)
    lean: float = Field(default=1.0, ge=0.0, le=10.0)
    members: float = Field(default=1.0, ge=0.0, le=10.0)
    partner: float = Field(default=0.5, ge=0.0, le=10.0)
    load: float = Field(default=0.5, ge=0.0, le=10.0)
    open_at: float = Field(default=0.5, gt=0.0, lt=1.0)
    ahead: tuple[int, ...] = (6, 12, 18, 24)
    draws: int = Field(default=2000, ge=100, le=1_000_000)
    mediation: float = Field(default=0.75, ge=0.0, le=1.0)
    closed: float = Field(default=0.0, ge=0.0, le=1.0)
    sanctioned: float = Field(default=0.25, ge=0.0, le=1.0)


class _Ranged(NamedTuple):
    """What is said of a setting beside its value."""

    low: float
    high: float
    unit: str
    source: str


_PARTS = "judgement: nothing measures how much each relation matters; from not at all to twice"
RANGED: Mapping[str, _Ranged] = MappingProxyType(
    {
        **{name: _Ranged(0.0, 2.0, "weight", _PARTS) for name in ("drift", "lean", "members")},
        **{name: _Ranged(0.0, 1.0, "weight", _PARTS) for name in ("partner", "load")},
        "open_at": _Ranged(0.4, 0.6, "share", "judgement: half is where all relations are neutral"),
        "mediation": _Ranged(
            0.5, 1.0, "share", "judgement: an accord in the north spares a part of the attacks"
        ),
        "closed": _Ranged(
            0.0, 0.5, "share", "judgement: with the border shut little is guarded jointly"
        ),
        "sanctioned": _Ranged(
            0.0, 0.6, "share", "judgement: trade falls by most of it while sanctions last"
        ),
    }
)


def ends(settings: WindowSettings) -> dict[str, tuple[float, float, float]]:
    """Low, value and high of each ranged setting, widened to hold the value set."""
    out = {}
    for name, ranged in RANGED.items():
        value = float(getattr(settings, name))
        out[name] = (min(ranged.low, value), value, max(ranged.high, value))
    return out


def assumptions(settings: WindowSettings) -> tuple[Assumption, ...]:
    """Give the ranged settings as rows of the ledger; a value that was set says so."""
    rows = []
    for name, (low, value, high) in ends(settings).items():
        said = RANGED[name].source
        default = WindowSettings.model_fields[name].default
        if value != default:
            said = f"set to {value:g}; default {default:g}: {said}"
        rows.append(Assumption(f"window.{name}", value, low, high, RANGED[name].unit, said))
    return tuple(rows)
