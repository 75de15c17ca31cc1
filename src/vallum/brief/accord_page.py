"""The page's chapter on the accord: who gains, who should pay, and whether it holds together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vallum.brief import accord_words
from vallum.brief.accord_chart import core_picture
from vallum.brief.accord_words import (
    coalition_name,
    in_turn,
    leaves,
    millions,
    rule_name,
    unit_ends,
)
from vallum.brief.language import named, of_stage, say
from vallum.brief.page_text import count, plain, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from markupsafe import Markup

    from vallum.accord.model import AccordGame
    from vallum.plan import Plan

__all__ = ["chapter"]


def chapter(plan: Plan) -> dict[str, Any]:
    """Gather what the chapter prints.

    Parameters
    ----------
    plan
        To show.

    Returns
    -------
    dict
        `nothing` (a sentence, or no text), `game` (its title), `findings`, `members` and
        `core` (do they hold together), `partner`, `pictures` (title and SVG), the tables
        `coalitions`, `values`, `rules` (columns: `players`; before payments: `own`) and `parts`,
        `clashes`, `losers`, `annex` (whether there is a draft) and `rule` (by which it pays).
    """
    found = plan.accord
    if found is None:
        return {"nothing": accord_words.nothing(plan)}
    names = {str(k): named(str(v)) for k, v in plan.theatre.countries["name"].items()}
    game = found.game(found.told)
    return {
        "nothing": "",
        "game": of_stage(game.title),
        "findings": accord_words.findings(found, names),
        "members": accord_words.of_members(game, names),
        "core": accord_words.of_core(game, names),
        "leaving": accord_words.of_leaving(found, names),
        "partner": accord_words.of_partner(game, names),
        "pictures": _pictures(game, names),
        "coalitions": _coalitions(game, names),
        "values": _values(game, names),
        "rules": _rules(game, names),
        "players": [names.get(player, player) for player in game.settlement.players],
        "own": [millions(game.own[player]) for player in game.settlement.players],
        "parts": _parts(game),
        "clashes": accord_words.clashes(game, names),
        "losers": accord_words.losers(game, names),
        "annex": found.annex is not None,
        "rule": rule_name(found.rule),
    }


def _pictures(game: AccordGame, names: Mapping[str, str]) -> list[tuple[str, Markup]]:
    """Draw the core of the game, and that of the members alone where a partner is in it."""
    tried = [] if game.members is None else [game.members]
    tried.append(game.settlement)
    out = []
    for made in tried:
        picture = core_picture(made, names)
        if picture is not None:
            who = coalition_name("+".join(made.players), names)
            title = say("How {who} could share: the core, and where each rule lies", who=who)
            out.append((title, picture))
    return out


def _coalitions(game: AccordGame, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Give a row per coalition of members."""
    return [
        {
            "name": coalition_name(str(row["coalition"]), names),
            "how": of_stage(str(row["how"])),
            "feasible": bool(row["feasible"]),
            "cells": _cells(row) if row["how"] != "no line" else ["–"] * 7,
        }
        for row in game.coalitions.to_dict("records")
    ]


def _cells(row: Mapping[Any, Any]) -> list[str]:
    """Write the numbers of a coalition's row."""
    return [
        plain(float(row["line_km"]), 4),
        whole(float(row["men"])),
        count(float(row["people"])),
        millions(float(row["benefit_usd_yr"]) + float(row["joint_usd_yr"])),
        millions(float(row["cost_usd_yr"]), 4),
        unit_ends(float(row["cost_low"]), float(row["cost_high"])),
        millions(float(row["helped_usd_yr"]), 4),
    ]


def _values(game: AccordGame, names: Mapping[str, str]) -> list[dict[str, str]]:
    """Give the value of every coalition, the partner's too, with its range."""
    order = sorted((one for one in game.value if one), key=lambda one: (len(one), sorted(one)))
    out = []
    for one in order:
        ends = [game.value_low[one], game.value[one], game.value_high[one]]
        known = [float(end) for end in ends if end is not None]
        value = game.value[one]
        out.append(
            {
                "name": coalition_name("+".join(sorted(one)), names),
                "value": say("no plan") if value is None else millions(value, 4),
                "range": unit_ends(*known) if len(known) == len(ends) else "–",
            }
        )
    return out


def _rules(game: AccordGame, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Give a row per rule: what each has in the end, who pays whom, who would leave."""
    ends = (game.settlement_low, game.settlement_high)
    out = []
    for rule in game.settlement.rules:
        others = [
            one.shares for end in ends for one in end.rules if one.name == rule.name
        ]  # a rule may give no shares at an end: there is then no range
        paid = () if rule.transfers is None else rule.transfers.payments
        told = [
            say(
                "{payer} pays {receiver} {amount}",
                payer=names.get(one.payer, one.payer),
                receiver=names.get(one.receiver, one.receiver),
                amount=millions(one.amount),
            )
            for one in paid
        ]
        out.append(
            {
                "name": rule_name(rule.name),
                "shares": [
                    (
                        millions(rule.shares[player]),
                        unit_ends(rule.shares[player], *(other[player] for other in others))
                        if len(others) == len(ends)
                        else say("no range"),
                    )
                    for player in game.settlement.players
                ],
                "paid": in_turn(told) or say("nobody pays"),
                "leave": leaves(rule, names),
                "holds": rule.in_core,
            }
        )
    return out


def _parts(game: AccordGame) -> list[dict[str, str]]:
    """Give a row per part of the partner's gain, and one of its cost."""
    parts = {
        "trade": say("Trade"),
        "security": say("Security: losses it is spared itself"),
        "influence": say("Influence: its standing"),
        "cost": say("Cost of its help"),
    }
    return [
        {
            "name": parts.get(str(row["part"]), str(row["part"])),
            "mid": millions(float(row["mid"])),
            "range": unit_ends(float(row["low"]), float(row["high"]))
            if float(row["low"]) < float(row["high"])
            else say("none"),
            "source": of_stage(str(row["source"])),
        }
        for row in game.gains.to_dict("records")
    ]
