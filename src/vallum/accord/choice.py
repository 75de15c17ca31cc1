"""What a coalition does in each of the two games, by itself and with the partner's help."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from vallum.accord.coalitions import best

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from vallum.accord.coalitions import Able, Ends
    from vallum.accord.model import Redrawn
    from vallum.accord.partner import End, Partner

__all__ = ["ENDS", "NOTHING", "Does", "Joint", "Triple", "alone", "apart", "helped"]

Triple: TypeAlias = tuple[float, float, float]
ENDS: tuple[End, End, End] = ("low", "mid", "high")
NOTHING = "nothing"
APART = "what its members do each by itself"
AMOUNTS = (
    "benefit", "joint", "cost", "saved", "paid", "part", "km", "men", "km2", "people"
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Joint:
    """What all members have together by the joint plan, and whose it is.

    Attributes
    ----------
    held
        Shape (rows, cols).
    own
        By member: benefit and cost, USD/yr, and km of line.
    extras
        By member: trade, tourism and projects, low, mid and high, USD/yr.
    use
        Cost by member if each km is paid by those whom it serves, USD/yr.
    ends
        Of the ranges of benefit and cost.
    helper
        The partner, if there is one.
    """

    held: NDArray[np.bool_]
    own: Mapping[str, Triple]
    extras: Mapping[str, Triple]
    use: Mapping[str, float]
    ends: Ends
    helper: Partner | None

    def factors(self, end: End) -> tuple[float, float]:
        """Give the multiples of benefit and cost at one end: low takes the dearest."""
        ends = self.ends
        place = ENDS.index(end)
        gain = (ends.benefit_low, 1.0, ends.benefit_high)[place]
        return gain, (ends.cost_high, 1.0, ends.cost_low)[place]


@dataclass(frozen=True)
class Does:
    """What one coalition does at one end of the ranges, USD/yr.

    Attributes
    ----------
    how
        In words.
    benefit, joint, cost
        Losses averted; trade, tourism and projects; line and holding.
    saved, paid
        Of the cost, by the partner's help; what that costs the partner.
    part
        Of the joint help, in [0, 1]: by it the partner's gain comes about.
    km, men, km2, people
        Length of line, men paid, land and people held.
    """

    how: str
    benefit: float
    joint: float
    cost: float
    saved: float
    paid: float
    part: float
    km: float
    men: float
    km2: float
    people: float

    @property
    def alone(self) -> float:
        """Benefit less cost, without the partner's help."""
        return self.benefit + self.joint - self.cost

    def with_help(self, gain: float) -> float:
        """Benefit less cost with the partner's help; `gain` is the partner's from all of it."""
        return self.alone + self.saved + self.part * gain - self.paid


def alone(
    name: str, made: Redrawn, able: Able, joint: Joint, end: End, *, whole: float | None
) -> Does:
    """Say what a coalition does at one end by itself.

    Parameters
    ----------
    name
        Of the game.
    made, able
        Its line drawn again, and what it takes to hold its part.
    joint
        What all have together.
    end
        Of the ranges.
    whole
        What the help to all members costs the partner, USD/yr, if this is not all members; None if
        it is: what comes to all together only is then counted.
    """
    aim = _aim(able, joint, end, whole=whole)
    if name == "aim":
        return aim
    ends = joint.factors(end)
    top, step = best(made.line, ends)
    if aim.alone > top:
        return aim
    return _nothing() if step < 0 else _at(made, able, aim, ends, step)


def helped(
    name: str, made: Redrawn, able: Able, joint: Joint, end: End, *, whole: float | None
) -> Does:
    """Say what a coalition does at one end with the partner in it.

    Parameters
    ----------
    name, made, able, joint, end, whole
        As for `alone`.

    Returns
    -------
    Does
        In "aim" the partner helps whom it joins. In "best" they do together what is best for them
        all; where help costs more than it brings it is not given, and `saved` and `paid` are 0.
    """
    aim = _aim(able, joint, end, whole=whole)
    if name == "aim" or joint.helper is None:
        return aim
    ends = joint.factors(end)
    gain = joint.helper.gain(end)
    cost = made.line.plans.steps["cost_usd_yr"].to_numpy(np.float64)
    rate = _share(cost, able.cost_usd_yr)
    _, step = best(made.line, ends, rate * (aim.saved - aim.paid + aim.part * gain))
    tried = [aim] if step < 0 else [aim, _at(made, able, aim, ends, step)]
    most = max(tried, key=lambda one: one.with_help(gain))
    without = alone(name, made, able, joint, end, whole=whole)
    if most.with_help(gain) > max(without.alone, 0.0):
        return most
    return replace(without, saved=0.0, paid=0.0, part=0.0)


def apart(one: Does, other: Does) -> Does:
    """Put together what two coalitions do each for itself."""
    both = (one, other)

    def total(name: str) -> float:
        return math.fsum(float(getattr(each, name)) for each in both)

    return Does(
        how=APART if one.how != NOTHING or other.how != NOTHING else NOTHING,
        **{name: total(name) for name in AMOUNTS if name != "part"},
        part=min(total("part"), 1.0),
    )


def _aim(able: Able, joint: Joint, end: End, *, whole: float | None) -> Does:
    """Hold as much as the joint plan holds of its own."""
    gain, dear = joint.factors(end)
    place = ENDS.index(end)
    paid = able.partner_usd_yr
    full = paid if whole is None else whole
    return Does(
        how=able.how,
        benefit=able.benefit_usd_yr * gain,
        joint=math.fsum(each[place] for each in joint.extras.values()) if whole is None else 0.0,
        cost=able.cost_usd_yr * dear,
        saved=able.saved_usd_yr * dear,
        paid=paid * dear,
        part=min(paid / full, 1.0) if full > 0.0 else 0.0,
        km=able.line_km,
        men=able.men,
        km2=able.held_km2,
        people=able.people,
    )


def _at(made: Redrawn, able: Able, aim: Does, ends: tuple[float, float], step: int) -> Does:
    """Hold what a step of its own chain holds; men and help go with the cost."""
    row = made.line.plans.steps.iloc[step]
    gain, dear = ends
    cost = float(row["cost_usd_yr"])
    rate = float(_share(np.array([cost]), able.cost_usd_yr)[0])
    return Does(
        how="its own best line",
        benefit=float(row["benefit"]) * gain,
        joint=0.0,  # the dividend is reckoned for the joint line alone
        cost=cost * dear,
        saved=aim.saved * rate,
        paid=aim.paid * rate,
        part=aim.part * rate,
        km=float(row["line_km"]),
        men=able.men * cost / able.cost_usd_yr if able.cost_usd_yr > 0.0 else 0.0,
        km2=float(row["held_km2"]),
        people=float(row["people_held"]),
    )


def _share(cost: NDArray[np.float64], whole: float) -> NDArray[np.float64]:
    """Give the parts of a whole cost, at most 1: no more help is known of."""
    return np.minimum(cost / whole, 1.0) if whole > 0.0 else np.zeros_like(cost)


def _nothing() -> Does:
    """Hold nothing."""
    return Does(NOTHING, *(0.0,) * 10)
