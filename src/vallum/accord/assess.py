"""The verb: the games between the members and the partner, and how the joint plan is shared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.accord.airport import by_use
from vallum.accord.choice import Joint
from vallum.accord.coalitions import aimed, coalitions_of, split
from vallum.accord.game import joined
from vallum.accord.games import game
from vallum.accord.model import Accord, Redrawn
from vallum.accord.partner import Partner, Ranged
from vallum.accord.payments import leaving
from vallum.accord.served import users_of
from vallum.kernel.ledger import Assumption
from vallum.line.course import carried
from vallum.works.cost import annuity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.accord.choice import Triple
    from vallum.accord.coalitions import Able, Ends, Redraw
    from vallum.accord.model import AccordGame
    from vallum.accord.payments import Leaving
    from vallum.accord.settings import AccordSettings
    from vallum.dividend.model import Dividend, DividendCase
    from vallum.theatre import Theatre
    from vallum.worth import Worth

__all__ = ["assess"]

JOINT = ("trade", "tourism", "projects")  # streams that come only to all members together


def assess(  # noqa: PLR0913  (the stages' results, and how to draw again)
    theatre: Theatre,
    worth: Worth,
    dividend: Dividend,
    settings: AccordSettings,
    *,
    redraw: Redraw,
    held: NDArray[np.bool_],
    ends: Ends,
    man_usd_yr: float,
    seed: int,
) -> Accord:
    """Find what each coalition is worth, share it, and say who would leave.

    Parameters
    ----------
    theatre, worth, dividend
        Results of the earlier stages.
    settings
        By which rule payments are told, and what the partner's standing is worth to it.
    redraw
        Draws line and forces again for a coalition that is to hold at least as much output as its
        part of some land; a sentence where it can't.
    held
        Land that the joint plan aims at, shape (rows, cols).
    ends
        Of the ranges of benefit and cost of that plan.
    man_usd_yr
        A man on duty, his relief included.
    seed
        Of the plan.

    Returns
    -------
    Accord
        Without the annex, which the plan adds.

    Raises
    ------
    CertificateError
        If a share, a core or a sum is not proven.
    """
    members = tuple(sorted(theatre.members))
    everyone = frozenset(members)
    made: dict[frozenset[str], Redrawn | str] = {}
    able: dict[frozenset[str], Able] = {}
    for one in coalitions_of(members):
        part = held & np.logical_or.reduce([theatre.state_mask(state) for state in one])
        again = made[one] = redraw(one, part)
        if not isinstance(again, str):
            km2 = float(part.sum()) * theatre.grid.cell_km2
            people = float(worth.people[part].sum())
            able[one] = aimed(one, again, held_km2=km2, people=people, man_usd_yr=man_usd_yr)
    whole = made[everyone]
    joint = _joint(theatre, whole, able.get(everyone), dividend, ends, settings)
    games = tuple(game(name, members, made, able, joint) for name in ("best", "aim"))
    worth_it = any((amount or 0.0) > 0.0 for amount in games[0].value.values())
    said = [f"{one.name.replace('+', ' and ')}: {one.why}" for one in able.values() if one.why]
    said += [f"{joined(one)}: {again}" for one, again in made.items() if isinstance(again, str)]
    if not worth_it:
        said.append(
            "no coalition gains by holding anything at the prices of the plan, so each does best "
            "by doing nothing; the second game shares out what the proposal would cost"
        )
    return Accord(
        games=games,
        told="best" if worth_it else "aim",
        joint=None if isinstance(whole, str) else whole,
        rule=settings.rule,
        leaving=_leaving(games[1], members, dividend, settings),
        annex=None,
        said=tuple(said),
        seed=seed,
        ledger=_ledger(settings, joint.helper),
        fingerprint=theatre.fingerprint,
    )


def _leaving(
    aim: AccordGame, members: tuple[str, ...], dividend: Dividend, settings: AccordSettings
) -> tuple[Leaving, ...]:
    """Say who would leave in which year, by the dividend's money of each year."""
    if not dividend.cases:
        return ()
    case = dividend.cases[-1]
    rule = next((one for one in aim.settlement.rules if one.name == settings.rule), None)
    paid = {} if rule is None or rule.transfers is None else dict(rule.transfers.net)
    stay, alone = {}, {}
    for state in members:
        own = case.years[case.years["party"] == state].sort_values("year")
        if not len(own):
            continue
        stay[state] = [float(mid) + paid.get(state, 0.0) for mid in own["mid"]]
        best = max(aim.value.get(frozenset({state})) or 0.0, 0.0)
        alone[frozenset({state})] = [best] * len(own)
    return leaving(alone, stay, case.evaluation.rate) if stay else ()


def _joint(
    theatre: Theatre,
    made: Redrawn | str,
    able: Able | None,
    dividend: Dividend,
    ends: Ends,
    settings: AccordSettings,
) -> Joint:
    """Say what falls to whom by the joint plan."""
    case = dividend.cases[-1] if dividend.cases else None
    members = sorted(theatre.members)
    extras = {state: _streams(case, JOINT, state) for state in members}
    role = theatre.countries["role"]
    helper = None
    for iso3 in theatre.countries.index[role == "partner"][:1]:
        helper = _partner(str(iso3), able, case, settings, ends)
    if isinstance(made, str):
        empty = np.zeros(theatre.grid.shape, np.bool_)
        zero = dict.fromkeys(members, (0.0, 0.0, 0.0))
        return Joint(empty, zero, extras, dict.fromkeys(members, 0.0), ends, helper)
    line = made.line
    rim = carried(line.plans.problem, line.held)
    states = {state: theatre.state_mask(state) for state in members}
    costs, users = users_of(line.held, rim.cost_usd_yr, states)
    owed = dict(by_use(costs, users)) if costs else {}
    holding = line.plans.stakes.holding
    return Joint(
        held=line.held,
        own=split(line, line.held, states, rim.length_km, rim.cost_usd_yr),
        extras=extras,
        use={
            state: owed.get(state, 0.0) + float(holding[line.held & cells].sum())
            for state, cells in states.items()
        },
        ends=ends,
        helper=helper,
    )


def _streams(case: DividendCase | None, kinds: tuple[str, ...], party: str) -> Triple:
    """Add up streams of the dividend for one party, as an even payment a year."""
    if case is None:
        return 0.0, 0.0, 0.0
    table = case.streams
    rows = table[table["kind"].isin(kinds) & (table["party"] == party) & table["counted"]]
    even = float(annuity(case.evaluation.rate, case.evaluation.horizon))
    low, mid, high = (float(rows[name].sum()) * even for name in ("npv_low", "npv_usd", "npv_high"))
    return min(low, mid), mid, max(mid, high)


def _partner(
    name: str,
    able: Able | None,
    case: DividendCase | None,
    settings: AccordSettings,
    ends: Ends,
) -> Partner:
    """Put together what the partner's help costs it and what it gains."""

    def gain(kinds: tuple[str, ...], said: str) -> Ranged:
        return Ranged(*_streams(case, kinds, name), source=said)

    cost = 0.0 if able is None else able.partner_usd_yr
    low, mid, high = settings.influence_usd_yr
    return Partner(
        name=name,
        cost=Ranged(
            cost * ends.cost_low,
            cost,
            cost * ends.cost_high,
            source="the tasks: its men, companies and sensors; range as the line's cost has it",
        ),
        trade=gain(("trade",), "the dividend: its own gain from trade"),
        security=gain(("losses",), "the dividend: losses that it is spared itself"),
        influence=Ranged(low, mid, high, source="judgement: nobody has priced its standing"),
    )


def _ledger(settings: AccordSettings, helper: Partner | None) -> tuple[Assumption, ...]:
    """List what the games rest on beside the earlier stages."""
    if helper is None:
        return ()
    low, mid, high = settings.influence_usd_yr
    said = "judgement: nobody has priced the partner's standing; what it would need is told"
    return (Assumption("accord.influence_usd_yr", mid, low, high, "USD/yr", said),)
