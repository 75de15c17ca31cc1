"""The page's chapter on the accord: who gains, who should pay, and whether it holds together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vallum.brief import accord_words
from vallum.brief.accord_chart import core_picture
from vallum.brief.accord_words import RULES, leaves, named
from vallum.brief.dividend_words import money, span
from vallum.brief.page_text import count, plain, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        `nothing` (a sentence, or no text), `claim`, `findings`, `core`, `partner`, `picture`,
        `coalitions`, `values`, `rules`, `parts`, `own`, `annex` (whether there is a draft), `said`.
    """
    found = plan.accord
    if found is None:
        return {"nothing": accord_words.nothing(plan)}
    names = {str(k): str(v) for k, v in plan.theatre.countries["name"].items()}
    game = found.game(found.told)
    return {
        "nothing": "",
        "claim": accord_words.CLAIM,
        "game": game.title,
        "findings": accord_words.findings(found, names),
        "core": accord_words.of_core(game, names),
        "leaving": accord_words.of_leaving(found, names),
        "partner": accord_words.of_partner(game, names),
        "picture": core_picture(game, names),
        "coalitions": _coalitions(game, names),
        "values": _values(game, names),
        "rules": _rules(game, names),
        "players": [names.get(player, player) for player in game.settlement.players],
        "own": [
            (names.get(player, player), money(game.own[player], 3), money(game.cost[player], 3))
            for player in game.settlement.players
        ],
        "annex": found.annex is not None,
        "rule": RULES[found.rule],
        "said": accord_words.clashes(game, names),
    }


def _coalitions(game: AccordGame, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Give a row per coalition of members."""
    out = []
    for row in game.coalitions.to_dict("records"):
        drawn = row["how"] != "no line"
        out.append(
            {
                "name": named(str(row["coalition"]), names),
                "how": str(row["how"]),
                "feasible": bool(row["feasible"]),
                "km": plain(float(row["line_km"]), 4) if drawn else "–",
                "men": whole(float(row["men"])) if drawn else "–",
                "people": count(float(row["people"])) if drawn else "–",
                "benefit": money(float(row["benefit_usd_yr"]) + float(row["joint_usd_yr"]))
                if drawn
                else "–",
                "cost": money(float(row["cost_usd_yr"])) if drawn else "–",
                "range": span(float(row["cost_low"]), float(row["cost_high"])) if drawn else "–",
                "helped": money(float(row["helped_usd_yr"])) if drawn else "–",
            }
        )
    return out


def _values(game: AccordGame, names: Mapping[str, str]) -> list[dict[str, str]]:
    """Give the value of every coalition, the partner's too, with its range."""
    order = sorted((one for one in game.value if one), key=lambda one: (len(one), sorted(one)))
    return [
        {
            "name": named("+".join(sorted(one)), names),
            "value": _money(game.value[one]),
            "range": "–"
            if game.value_low[one] is None or game.value_high[one] is None
            else span(game.value_low[one] or 0.0, game.value_high[one] or 0.0),
        }
        for one in order
    ]


def _span(*amounts: float) -> str:
    """Write the range of some amounts: the ends of the assumptions need not be those of a share."""
    return span(min(amounts), max(amounts))


def _money(value: float | None) -> str:
    """Write an amount, or that there is no plan."""
    return "no plan" if value is None else money(value, 3)


def _rules(game: AccordGame, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Give a row per rule: what each has in the end, who pays whom, who would leave."""
    ends = (game.settlement_low, game.settlement_high)
    out = []
    for rule in game.settlement.rules:
        low, high = (
            next((one.shares for one in end.rules if one.name == rule.name), None) for end in ends
        )
        paid = () if rule.transfers is None else rule.transfers.payments
        out.append(
            {
                "name": RULES.get(rule.name, rule.name),
                "shares": [
                    (
                        money(rule.shares[player], 3),
                        ""
                        if low is None or high is None
                        else _span(low[player], rule.shares[player], high[player]),
                    )
                    for player in game.settlement.players
                ],
                "paid": "; ".join(
                    f"{names.get(one.payer, one.payer)} pays "
                    f"{names.get(one.receiver, one.receiver)} {money(one.amount, 3)}"
                    for one in paid
                )
                or "nobody pays",
                "leave": leaves(rule, names),
                "holds": rule.in_core,
            }
        )
    return out
