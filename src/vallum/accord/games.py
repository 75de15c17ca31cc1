"""One game: its values at three ends, every rule tried on it, and what joint drawing saves."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from vallum.accord.choice import ENDS, NOTHING, Joint, alone, helped
from vallum.accord.coalitions import coalitions_of
from vallum.accord.game import joined
from vallum.accord.model import AccordGame, Redrawn
from vallum.accord.partner import with_partner
from vallum.accord.settle import settle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.accord.choice import Does
    from vallum.accord.coalitions import Able
    from vallum.accord.partner import End, Partner
    from vallum.accord.settle import Settlement

__all__ = ["Joint", "game"]

TITLES = {
    "best": "Each coalition does what is best for it, or nothing",
    "aim": "Each holds as much as the joint line holds of its own land, whatever that brings",
}
COLUMNS = (
    "coalition", "how", "feasible", "why", "benefit_usd_yr", "joint_usd_yr", "cost_usd_yr",
    "cost_low", "cost_high", "helped_usd_yr", "partner_usd_yr", "line_km", "men", "held_km2",
    "people",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class _End:
    """A game at one end of the ranges."""

    alone: Mapping[frozenset[str], Does | None]
    helped: Mapping[frozenset[str], Does | None]
    value: Mapping[frozenset[str], float | None]
    cost: Mapping[str, float]
    gained: Mapping[str, float]
    settlement: Settlement

    @property
    def own(self) -> dict[str, float]:
        """What falls to each before anybody pays."""
        return {party: self.gained[party] - self.cost[party] for party in self.cost}


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
    low, mid, high = (_at_end(name, members, made, able, joint, end) for end in ENDS)
    among = None
    if helper is not None:
        among = _at_end(name, members, made, able, replace(joint, helper=None), "mid").settlement
    rows = [
        _row(one, mid.alone[one], mid.helped[one], able.get(one), made[one], joint)
        for one in mid.alone
    ]
    lacks = None
    if helper is not None:
        lacks = helper.cost.mid - helper.trade.mid - helper.security.mid
    repaid = None if lacks is None or everyone not in able else lacks - able[everyone].saved_usd_yr
    return AccordGame(
        name=name,
        title=TITLES[name],
        joint_held=joint.held,
        coalitions=pd.DataFrame(rows, columns=list(COLUMNS)),
        value=mid.value,
        value_low=low.value,
        value_high=high.value,
        settlement=mid.settlement,
        settlement_low=low.settlement,
        settlement_high=high.settlement,
        own=mid.own,
        cost=mid.cost,
        gains=_gains(helper),
        saved=_saved(members, able),
        needed_usd_yr=None if lacks is None else max(lacks, 0.0),
        needed_paid_usd_yr=None if repaid is None else max(repaid, 0.0),
        members=among,
    )


def _at_end(
    name: str,
    members: tuple[str, ...],
    made: Mapping[frozenset[str], Redrawn | str],
    able: Mapping[frozenset[str], Able],
    joint: Joint,
    end: End,
) -> _End:
    """Play a game at one end of the ranges."""
    everyone = frozenset(members)
    full = able[everyone].partner_usd_yr if everyone in able else 0.0
    by_itself: dict[frozenset[str], Does | None] = {}
    with_help: dict[frozenset[str], Does | None] = {}
    for one in coalitions_of(members):
        again, can = made[one], able.get(one)
        by_itself[one] = with_help[one] = None
        if not isinstance(again, str) and can is not None:
            whole = None if one == everyone else full
            by_itself[one] = alone(name, again, can, joint, end, whole=whole)
            with_help[one] = helped(name, again, can, joint, end, whole=whole)
    value = {one: None if each is None else each.alone for one, each in by_itself.items()}
    does = by_itself[everyone]
    if joint.helper is not None:
        does = with_help[everyone]
        value = _with(value, with_help, joint.helper, end)
    cost = _borne(members, does, joint)
    gained = _gained(members, does, joint, end)
    own = {party: gained[party] - cost[party] for party in cost}
    made_of = settle(value, own=own, gains=gained, owed=_owed(members, cost, joint))
    return _End(by_itself, with_help, value, cost, gained, made_of)


def _with(
    value: Mapping[frozenset[str], float | None],
    does: Mapping[frozenset[str], Does | None],
    helper: Partner,
    end: End,
) -> dict[frozenset[str], float | None]:
    """Make the partner a player."""
    return with_partner(
        value,
        {one: None if each is None else each.alone + each.saved for one, each in does.items()},
        helper,
        {one: 0.0 if each is None else each.part for one, each in does.items()},
        end,
        paid={one: 0.0 if each is None else each.paid for one, each in does.items()},
    )


def _borne(members: tuple[str, ...], whole: Does | None, joint: Joint) -> dict[str, float]:
    """Say what each bears by the joint plan: the line and holding on its own land, or its help."""
    helper = joint.helper
    names = (*members, *(() if helper is None else (helper.name,)))
    if whole is None or whole.how == NOTHING:
        return dict.fromkeys(names, 0.0)
    cost = math.fsum(joint.own[state][1] for state in members)
    net = whole.cost - (whole.saved if helper is not None else 0.0)
    out = {state: net * _part(joint.own[state][1], cost, len(members)) for state in members}
    if helper is not None:
        out[helper.name] = whole.paid
    return out


def _gained(
    members: tuple[str, ...], whole: Does | None, joint: Joint, end: End
) -> dict[str, float]:
    """Say what each gains by the joint plan, before costs."""
    helper = joint.helper
    names = (*members, *(() if helper is None else (helper.name,)))
    if whole is None or whole.how == NOTHING:
        return dict.fromkeys(names, 0.0)
    place = ENDS.index(end)
    gain = math.fsum(joint.own[state][0] for state in members)
    out = {
        state: whole.benefit * _part(joint.own[state][0], gain, len(members))
        + (joint.extras[state][place] if whole.joint else 0.0)
        for state in members
    }
    if helper is not None:
        out[helper.name] = whole.part * helper.gain(end)
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
    does: Does | None,
    with_help: Does | None,
    able: Able | None,
    made: Redrawn | str,
    joint: Joint,
) -> tuple[object, ...]:
    """Set a row of the table of coalitions."""
    if does is None or with_help is None or able is None:
        why = made if isinstance(made, str) else ""
        return (joined(one), "no line", False, why, *(float("nan"),) * 11)
    ends = joint.ends
    why = able.why if does.cost > 0.0 else ""  # who does nothing lacks nothing
    return (
        joined(one), does.how, not why, why, does.benefit, does.joint, does.cost,
        does.cost * ends.cost_low, does.cost * ends.cost_high, with_help.cost - with_help.saved,
        with_help.paid, does.km, does.men, does.km2, does.people,
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
