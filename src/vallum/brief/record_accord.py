"""The accord as plain values for `plan.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vallum.accord.game import joined
from vallum.brief.record_plain import plain_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.accord.model import AccordGame
    from vallum.accord.settle import Rule, Settlement
    from vallum.plan import Plan

__all__ = ["gain_together", "record_accord"]

_PARTS = (
    "value", "shapley", "nucleolus", "core_empty", "transfers", "coalitions", "rules", "saved",
    "saved_share", "partner", "said",
)  # fmt: skip


def record_accord(plan: Plan) -> dict[str, Any]:
    """Put the accord stage into plain values.

    Parameters
    ----------
    plan
        To record.

    Returns
    -------
    dict
        Keys as documented in docs/method/brief.md: those of the game told first, its name, and both
        games by name; None where no accord was reckoned.
    """
    found = plan.accord
    if found is None:
        none = dict.fromkeys(_PARTS)
        return {**none, "leaving": None, "game": None, "rule": None, "step": None, "games": {}}
    games = {game.name: _game(game) for game in found.games}
    first = games[found.told]
    return {
        **first,
        "said": [*found.said, *first["said"]],
        "leaving": [
            {"coalition": joined(one.coalition), "year": one.year, "gain_usd": one.gain}
            for one in found.leaving
        ],
        "game": found.told,
        "rule": found.rule,
        "step": _aim(plan),
        "games": games,
    }


def _aim(plan: Plan) -> int:
    """Give the step whose land the coalitions aim at: that of the campaign's last case."""
    cases = () if plan.campaign is None else plan.campaign.cases
    return cases[-1].step if cases else plan.line.step


def _game(game: AccordGame) -> dict[str, Any]:
    """Put one game into plain values."""
    made = game.settlement
    ends = (game.settlement_low, game.settlement_high)
    return {
        "title": game.title,
        "value": _named(game.value),
        "value_low": _named(game.value_low),
        "value_high": _named(game.value_high),
        "shapley": _shares(made, "shapley"),
        "nucleolus": _shares(made, "nucleolus"),
        "core_empty": None if made.core is None else made.core.empty,
        "least_core_usd_yr": None if made.core is None else made.core.least,
        "subsidy_usd_yr": None if made.core is None else made.core.subsidy,
        "superadditive": not made.clashes,
        "transfers": {rule.name: _paid(rule) for rule in made.rules},
        "rules": {rule.name: _rule(rule, ends) for rule in made.rules},
        "own": dict(game.own),
        "coalitions": plain_rows(game.coalitions),
        "saved": plain_rows(game.saved),
        "saved_share": _saved_share(game),
        "partner": {
            "parts": plain_rows(game.gains),
            "needed_usd_yr": game.needed_usd_yr,
            "needed_paid_usd_yr": game.needed_paid_usd_yr,
        },
        "members": (
            None
            if game.members is None
            else {**_members(game.members), "gain_usd_yr": gain_together(game)}
        ),
        "said": list(made.said),
    }


def _saved_share(game: AccordGame) -> float | None:
    """Give what drawing jointly saves, as a share of what each alone would cost together."""
    cost = game.saved[game.saved["what"] == "cost_usd_yr"] if len(game.saved) else game.saved
    if not len(cost) or not float(cost["alone"].iloc[0]):
        return None
    return float(cost["saved"].iloc[0]) / float(cost["alone"].iloc[0])


def gain_together(game: AccordGame) -> float | None:
    """Give what the members have together more than apart, USD/yr; None where that is unknown."""
    core = None if game.members is None else game.members.core
    if core is None:
        return None
    total = game.value[frozenset(core.players)]
    if total is None:
        return None
    return total - sum(game.value[frozenset({one})] or 0.0 for one in core.players)


def _members(made: Settlement) -> dict[str, Any]:
    """Put the game of the members alone into plain values."""
    return {
        "core_empty": None if made.core is None else made.core.empty,
        "subsidy_usd_yr": None if made.core is None else made.core.subsidy,
        "shares": {rule.name: dict(rule.shares) for rule in made.rules},
        "transfers": {rule.name: _paid(rule) for rule in made.rules},
    }


def _named(value: Mapping[frozenset[str], float | None]) -> dict[str, float | None]:
    """Give values by name: the coalition's names, sorted and joined by "+"."""
    order = sorted((one for one in value if one), key=lambda one: (len(one), joined(one)))
    return {joined(one): value[one] for one in order}


def _shares(made: Settlement, rule: str) -> dict[str, float] | None:
    """Give the shares of a rule, where it gives any."""
    for one in made.rules:
        if one.name == rule:
            return dict(one.shares)
    return None


def _paid(rule: Rule) -> list[dict[str, Any]]:
    """List who pays whom under a rule."""
    if rule.transfers is None:
        return []
    return [
        {"payer": one.payer, "receiver": one.receiver, "usd_yr": one.amount}
        for one in rule.transfers.payments
    ]


def _rule(rule: Rule, ends: tuple[Settlement, Settlement]) -> dict[str, Any]:
    """Put one rule into plain values, with its shares at the ends of the ranges."""
    low, high = (_shares(end, rule.name) for end in ends)
    return {
        "shares": dict(rule.shares),
        "shares_low": low,
        "shares_high": high,
        "in_core": rule.in_core,
        "leave": [
            {"coalition": joined(one.coalition), "gain_usd_yr": one.gain} for one in rule.leave
        ],
    }
