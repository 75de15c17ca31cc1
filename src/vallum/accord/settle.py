"""The whole account of a game: every rule, who pays whom, who would leave, all said in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vallum.accord.bargain import bargain
from vallum.accord.game import Shares, joined, read, told
from vallum.accord.nucleoli import nucleolus
from vallum.accord.payments import transfers
from vallum.accord.stability import core, objections
from vallum.accord.values import burdens, clashes, shapley
from vallum.errors import Fault, InfeasibleError, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.accord.game import Game, Values
    from vallum.accord.payments import Transfers
    from vallum.accord.stability import Core, Objection
    from vallum.accord.values import Clash

__all__ = ["Rule", "Settlement", "settle"]


@dataclass(frozen=True, eq=False)
class Rule:
    """What one rule gives.

    Attributes
    ----------
    name
        Of the rule.
    shares
        What each has in the end.
    transfers
        Who pays whom for it; None if it was not said what falls to each before.
    leave
        Coalitions that have more by leaving, the greatest gain first.
    in_core
        Whether the shares lie in the core.
    """

    name: str
    shares: Shares
    transfers: Transfers | None
    leave: tuple[Objection, ...]
    in_core: bool


@dataclass(frozen=True, eq=False)
class Settlement:
    """The account of a game.

    Attributes
    ----------
    players
        Names, sorted.
    value
        Coalition and amount, by size and name; None where it has no feasible plan.
    infeasible
        Coalitions without a plan.
    clashes
        Where two coalitions have less together than apart.
    losers
        Players who only lose: no coalition gains by them, and some loses.
    core
        None if all together have no plan.
    rules
        By rule; none if all together have no plan. A rule that gives no shares is left out, and
        `said` says why.
    said
        Sentences: all that a reader must not miss.
    """

    players: tuple[str, ...]
    value: tuple[tuple[frozenset[str], float | None], ...]
    infeasible: tuple[frozenset[str], ...]
    clashes: tuple[Clash, ...]
    losers: tuple[str, ...]
    core: Core | None
    rules: tuple[Rule, ...]
    said: tuple[str, ...]

    def rule(self, name: str) -> Rule:
        """Give a rule by name: "shapley", "nucleolus", "bargain" or "use"."""
        return next(rule for rule in self.rules if rule.name == name)


def settle(
    value: Values,
    *,
    own: Mapping[str, float] | None = None,
    gains: Mapping[str, float] | None = None,
    owed: Mapping[str, float] | None = None,
    fallback: Mapping[str, float] | None = None,
) -> Settlement:
    """Try every rule on a game.

    Parameters
    ----------
    value
        Amount by coalition; None or −inf where a coalition has no feasible plan.
    own
        What falls to each player by the joint plan before anybody pays; sums to what all have
        together. Without it no transfers are found.
    gains, owed
        Each player's gain by the joint plan before costs, and its costs shared by use of the
        stretches (`vallum.accord.airport.by_use`). Both or neither; together they make the rule
        "use", whose shares `gains − owed` must sum to what all have together.
    fallback
        What each has while there is no accord, for the bargain; by default what it has alone.

    Returns
    -------
    Settlement
        Nothing is hidden: infeasible coalitions, losers, an empty core and rules that fail are
        said in `said`.

    Raises
    ------
    InputError
        If an argument is at fault.
    """
    game = read(value)
    _whole(game, own, gains, owed)
    order = sorted((k for k in value if k), key=lambda k: (len(k), joined(k)))
    listed = tuple((k, None if k in game.infeasible else value[k]) for k in order)
    lost, losers = clashes(value), burdens(game)
    said = list(game.said) + _plain(game, lost, losers, own)
    found, rules = None, []
    if not math.isnan(game.worth[-1]):
        found = core(value)
        said += [sentence for sentence in found.said if sentence not in game.said]
        tried = [shapley(value), nucleolus(value)]
        try:
            tried.append(bargain(value, fallback=fallback))
        except InfeasibleError as error:
            said.append(f"no bargain: {error.faults[0].found}")
        if gains is not None and owed is not None:
            pairs = tuple((name, gains[name] - owed[name]) for name in game.players)
            tried.append(Shares("use", pairs))
        rules = [_rule(value, shares, own, found) for shares in tried]
        for rule in rules:
            said += [s for s in rule.shares.said if s not in said] + _who_loses(rule)
    return Settlement(
        game.players, listed, game.infeasible, lost, losers, found, tuple(rules), tuple(said)
    )


def _rule(value: Values, shares: Shares, own: Mapping[str, float] | None, among: Core) -> Rule:
    """Find what follows from a rule's shares."""
    leave = objections(value, shares)
    paid = None if own is None else transfers(shares, own)
    return Rule(shares.rule, shares, paid, leave, shares in among)


def _who_loses(rule: Rule) -> list[str]:
    """Say who loses against the status quo, and who would leave, under a rule."""
    near = 1e-9 * max(abs(amount) for amount in rule.shares.values())
    return [
        f"under the rule {rule.name}, {name} loses {told(-amount)} against having no accord"
        for name, amount in rule.shares.items()
        if amount < -near
    ] + [
        f"under the rule {rule.name}, {joined(one.coalition)} would leave: by itself it has "
        f"{told(one.gain)} more"
        for one in rule.leave
    ]


def _plain(
    game: Game, lost: tuple[Clash, ...], losers: tuple[str, ...], own: Mapping[str, float] | None
) -> list[str]:
    """Say what the values show before any rule."""
    said = [
        f"not superadditive: {joined(one.first)} and {joined(one.second)} have {told(one.lost)} "
        "less together than apart"
        for one in lost
    ]
    said += [f"{name} only loses: no coalition gains by having it" for name in losers]
    said += [
        f"before payments {name} has {told(own[name])} by the joint plan, less than the "
        f"{told(game.alone(i))} that it has alone"
        for i, name in enumerate(game.players)
        if own is not None and own[name] < game.alone(i) - game.near
    ]
    return said


def _whole(
    game: Game,
    own: Mapping[str, float] | None,
    gains: Mapping[str, float] | None,
    owed: Mapping[str, float] | None,
) -> None:
    """Check that amounts by player are whole and add up."""
    faults = []
    if (gains is None) != (owed is None):
        faults.append(Fault("gains, owed", "", "one without the other", "give both or neither"))
    for where, given in (("own", own), ("gains", gains), ("owed", owed)):
        if given is not None and set(given) != set(game.players):
            found, mend = f"players {', '.join(sorted(given))}", ", ".join(game.players)
            faults.append(Fault(where, "", found, f"exactly these: {mend}"))
    if not faults and not math.isnan(game.worth[-1]):
        total = game.together()
        sums = {"own": None if own is None else math.fsum(own.values())}
        if gains is not None and owed is not None:
            sums["gains, owed"] = math.fsum(gains.values()) - math.fsum(owed.values())
        for where, amount in sums.items():
            if amount is not None and not abs(amount - total) <= max(game.near, 1e-9 * abs(total)):
                found = f"adds up to {told(amount)}"
                mend = f"what all have together: {told(total)}"
                faults.append(Fault(where, "", found, mend))
    if faults:
        raise InputError(faults)
