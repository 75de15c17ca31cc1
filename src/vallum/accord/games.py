"""One game: its values at three ends, every rule tried on it, and what joint drawing saves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import pandas as pd

from vallum.accord.coalitions import best, coalitions_of
from vallum.accord.game import joined
from vallum.accord.model import AccordGame, Redrawn
from vallum.accord.partner import with_partner
from vallum.accord.settle import settle

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from vallum.accord.coalitions import Able, Ends
    from vallum.accord.partner import End, Partner

__all__ = ["Joint", "Triple", "game"]

Triple: TypeAlias = tuple[float, float, float]
TITLES = {
    "best": "Each coalition does what is best for it, or nothing",
    "aim": "Each holds what the joint line holds of its own land, whatever that brings",
}
ENDS: tuple[End, End, End] = ("low", "mid", "high")
COLUMNS = (
    "coalition", "how", "feasible", "why", "benefit_usd_yr", "joint_usd_yr", "cost_usd_yr",
    "cost_low", "cost_high", "helped_usd_yr", "partner_usd_yr", "line_km", "men", "held_km2",
    "people",
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


@dataclass(frozen=True)
class _Does:
    """What one coalition does at one end of the ranges, USD/yr."""

    how: str
    benefit: float
    joint: float
    cost: float
    saved: float  # of the cost, by the partner's help
    paid: float  # by the partner
    km: float
    men: float
    km2: float
    people: float

    @property
    def alone(self) -> float:
        """Benefit less cost, without the partner's help."""
        return self.benefit + self.joint - self.cost


def game(
    name: str,
    members: tuple[str, ...],
    made: Mapping[frozenset[str], Redrawn | str],
    able: Mapping[frozenset[str], Able],
    joint: Joint,
) -> AccordGame:
    """Put one game together, at the three ends of its ranges.

    Parameters
    ----------
    name
        "best" or "aim".
    members
        Sorted.
    made, able
        By coalition of members: its line drawn again (or why it can't be), and what it takes to
        hold its part.
    joint
        What all have together.
    """
    everyone = frozenset(members)
    helper = joint.helper
    values: dict[End, dict[frozenset[str], float | None]] = {}
    does: dict[frozenset[str], _Does | None] = {}
    for end in ENDS:
        found = {
            one: _does(name, made[one], able.get(one), joint, end, whole=one == everyone)
            for one in coalitions_of(members)
        }
        does = found if end == "mid" else does
        values[end] = _values(found, everyone, helper, end)
    cost = _borne(members, does[everyone], joint)
    gained = _gained(members, does[everyone], joint)
    own = {party: gained[party] - cost[party] for party in cost}
    owed = _owed(members, cost, joint)
    rows = [_row(one, each, able.get(one), made[one], joint) for one, each in does.items()]
    return AccordGame(
        name=name,
        title=TITLES[name],
        joint_held=joint.held,
        coalitions=pd.DataFrame(rows, columns=list(COLUMNS)),
        value=values["mid"],
        value_low=values["low"],
        value_high=values["high"],
        settlement=settle(values["mid"], own=own, gains=gained, owed=owed),
        settlement_low=settle(values["low"]),
        settlement_high=settle(values["high"]),
        own=own,
        cost=cost,
        gains=_gains(helper),
        saved=_saved(members, able),
        needed_usd_yr=None if helper is None else max(helper.cost.mid - helper.gain("mid"), 0.0),
    )


def _does(
    name: str, made: Redrawn | str, able: Able | None, joint: Joint, end: End, *, whole: bool
) -> _Does | None:
    """Say what a coalition does at one end; None where its line can't be drawn."""
    if isinstance(made, str) or able is None:
        return None
    place = ENDS.index(end)
    gain = (joint.ends.benefit_low, 1.0, joint.ends.benefit_high)[place]
    dear = (joint.ends.cost_high, 1.0, joint.ends.cost_low)[place]
    extra = math.fsum(each[place] for each in joint.extras.values()) if whole else 0.0
    aim = _Does(
        how=able.how,
        benefit=able.benefit_usd_yr * gain,
        joint=extra,
        cost=able.cost_usd_yr * dear,
        saved=able.saved_usd_yr,
        paid=able.partner_usd_yr,
        km=able.line_km,
        men=able.men,
        km2=able.held_km2,
        people=able.people,
    )
    if name == "aim":
        return aim
    _, step = best(made.line, (gain, dear))
    if aim.alone > 0.0 and (step < 0 or aim.alone > best(made.line, (gain, dear))[0]):
        return aim
    if step < 0:
        return _Does("nothing", 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    row = made.line.plans.steps.iloc[step]
    part = float(row["cost_usd_yr"]) / able.cost_usd_yr if able.cost_usd_yr > 0 else 0.0
    return _Does(
        how="its own best line",
        benefit=float(row["benefit"]) * gain,
        joint=0.0,  # the dividend is reckoned for the joint line alone
        cost=float(row["cost_usd_yr"]) * dear,
        saved=able.saved_usd_yr * min(part, 1.0),
        paid=able.partner_usd_yr * min(part, 1.0),
        km=float(row["line_km"]),
        men=able.men * part,
        km2=float(row["held_km2"]),
        people=float(row["people_held"]),
    )


def _values(
    does: Mapping[frozenset[str], _Does | None],
    everyone: frozenset[str],
    helper: Partner | None,
    end: End,
) -> dict[frozenset[str], float | None]:
    """Make the game of what coalitions do, with the partner as a player where there is one."""
    alone = {one: None if each is None else each.alone for one, each in does.items()}
    if helper is None:
        return alone
    helped = {one: None if each is None else each.alone + each.saved for one, each in does.items()}
    whole = does[everyone]
    paid = whole.paid if whole is not None else 0.0
    part = {
        one: 0.0 if each is None or paid <= 0.0 else min(each.paid / paid, 1.0)
        for one, each in does.items()
    }
    return with_partner(alone, helped, helper, part, end)


def _borne(members: tuple[str, ...], whole: _Does | None, joint: Joint) -> dict[str, float]:
    """Say what each bears by the joint plan: the line and holding on its own land, or its help."""
    helper = joint.helper
    names = (*members, *(() if helper is None else (helper.name,)))
    if whole is None or not whole.cost:
        return dict.fromkeys(names, 0.0)
    cost = math.fsum(joint.own[state][1] for state in members)
    net = whole.cost - (whole.saved if helper is not None else 0.0)
    out = {state: net * _part(joint.own[state][1], cost, len(members)) for state in members}
    if helper is not None:
        out[helper.name] = helper.cost.mid if whole.paid > 0.0 else 0.0
    return out


def _gained(members: tuple[str, ...], whole: _Does | None, joint: Joint) -> dict[str, float]:
    """Say what each gains by the joint plan, before costs."""
    helper = joint.helper
    names = (*members, *(() if helper is None else (helper.name,)))
    if whole is None or not whole.cost:
        return dict.fromkeys(names, 0.0)
    gain = math.fsum(joint.own[state][0] for state in members)
    out = {
        state: whole.benefit * _part(joint.own[state][0], gain, len(members))
        + (joint.extras[state][1] if whole.joint else 0.0)
        for state in members
    }
    if helper is not None:
        out[helper.name] = helper.gain("mid") if whole.paid > 0.0 else 0.0
    return out


def _owed(members: tuple[str, ...], cost: Mapping[str, float], joint: Joint) -> dict[str, float]:
    """Share the members' cost out by use: each km paid by those whom it serves."""
    net = math.fsum(cost[state] for state in members)
    total = math.fsum(joint.use.values())
    out = {state: net * _part(joint.use[state], total, len(members)) for state in members}
    return {**out, **{name: paid for name, paid in cost.items() if name not in out}}


def _part(amount: float, whole: float, count: int) -> float:
    """Give a share of a whole; an even one where there is nothing to share."""
    return amount / whole if whole > 0.0 else 1.0 / count


def _row(
    one: frozenset[str],
    does: _Does | None,
    able: Able | None,
    made: Redrawn | str,
    joint: Joint,
) -> tuple[object, ...]:
    """Set a row of the table of coalitions."""
    if does is None or able is None:
        why = made if isinstance(made, str) else ""
        return (joined(one), "no line", False, why, *(float("nan"),) * 11)
    ends = joint.ends
    why = able.why if does.cost > 0.0 else ""  # who does nothing lacks nothing
    return (
        joined(one), does.how, not why, why, does.benefit, does.joint, does.cost,
        does.cost * ends.cost_low, does.cost * ends.cost_high, does.cost - does.saved, does.paid,
        does.km, does.men, does.km2, does.people,
    )  # fmt: skip


def _gains(helper: Partner | None) -> pd.DataFrame:
    """Set the partner's gain and cost, part by part."""
    columns = ["part", "low", "mid", "high", "source"]
    if helper is None:
        return pd.DataFrame(columns=columns)
    rows = [
        (part, ranged.low, ranged.mid, ranged.high, ranged.source)
        for part, ranged in (
            ("trade", helper.trade),
            ("security", helper.security),
            ("influence", helper.influence),
            ("cost", helper.cost),
        )
    ]
    return pd.DataFrame(rows, columns=columns)


def _saved(members: tuple[str, ...], able: Mapping[frozenset[str], Able]) -> pd.DataFrame:
    """Say what the joint line saves against each member's own."""
    rows = []
    whole = able.get(frozenset(members))
    singles = [able.get(frozenset({state})) for state in members]
    for what, unit in (("line_km", "km"), ("men", "men"), ("cost_usd_yr", "USD/yr")):
        if whole is None or any(one is None for one in singles):
            continue
        alone = math.fsum(float(getattr(one, what)) for one in singles)
        joint = float(getattr(whole, what))
        rows.append((what, unit, alone, joint, alone - joint))
    return pd.DataFrame(rows, columns=["what", "unit", "alone", "joint", "saved"])
