"""What the accord stage found, in sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vallum.brief.dividend_words import money, span
from vallum.brief.page_text import amount, listed, percent, plain, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.accord.model import Accord, AccordGame
    from vallum.accord.settle import Rule
    from vallum.plan import Plan

__all__ = [
    "CLAIM",
    "RULES",
    "clashes",
    "findings",
    "leaves",
    "named",
    "nothing",
    "of_core",
    "of_leaving",
    "of_partner",
    "short",
]

CLAIM = (
    "The proposal says: share out the tasks, so that one joint effort does what two cannot, with "
    "the partner bringing the experience of its armed forces."
)
RULES = {
    "shapley": "Shapley: what each adds, over all orders of joining",
    "nucleolus": "Nucleolus: the greatest complaint made least",
    "bargain": "Bargain from what each has alone",
    "use": "By use: each km paid by those whom it serves",
}
_PART = re.compile(r"\b(?:programme|forts|tasks): (?:\w+: )?")


def nothing(plan: Plan) -> str:
    """Say why there is no accord; no text where there is one."""
    return "The accord was not reckoned." if plan.accord is None else ""


def short(plan: Plan) -> tuple[str, tuple[str, ...]]:
    """Answer in one sentence, and what stands behind it."""
    found = plan.accord
    if found is None:
        return nothing(plan), ()
    names = {str(k): str(v) for k, v in plan.theatre.countries["name"].items()}
    game = found.game(found.told)
    saved = findings(found, names)[1:2] if len(game.saved) else []
    return of_core(game, names), (_worth(found), *saved)


def named(coalition: str, names: Mapping[str, str]) -> str:
    """Write a coalition, its members' names joined.

    Examples
    --------
    >>> named("MLI+MRT", {"MLI": "Mali", "MRT": "Mauritania"})
    'Mali and Mauritania'
    """
    return listed([names.get(one, one) for one in coalition.split("+")], most=12)


def findings(found: Accord, names: Mapping[str, str]) -> list[str]:
    """Say what joint drawing saves, who can't do it alone, and whether anybody gains.

    Parameters
    ----------
    found
        The stage's result.
    names
        Of states by ISO3.
    """
    game = found.game(found.told)
    said = [_worth(found)]
    table = {str(row["what"]): row for row in game.saved.to_dict("records")}
    if table:
        km, men, usd = (table[what] for what in ("line_km", "men", "cost_usd_yr"))
        share = float(usd["saved"]) / float(usd["alone"]) if float(usd["alone"]) else 0.0
        said.append(
            f"Drawn jointly the line for that land is {plain(float(km['joint']), 4)} km long and "
            f"takes {whole(float(men['joint']))} men; each alone would need "
            f"{plain(float(km['alone']), 4)} km and {whole(float(men['alone']))} men together. "
            f"Joint drawing takes {plain(float(km['saved']), 2)} km, {whole(float(men['saved']))} "
            f"men and {money(float(usd['saved']))} USD a year less: {percent(share)} of the cost."
        )
    short = game.coalitions[~game.coalitions["feasible"].astype(bool)]
    for row in short.to_dict("records"):
        said.append(  # noqa: PERF401 - each is a sentence of its own
            f"{named(str(row['coalition']), names)} can’t do it with the means there are: "
            f"{_plainly(str(row['why']))}."
        )
    return said


def _worth(found: Accord) -> str:
    """Say whether any coalition gains by holding anything."""
    best = found.game("best")
    values = {one: amount or 0.0 for one, amount in best.value.items()}
    top = max(values, key=lambda one: (values[one], sorted(one)), default=frozenset())
    if not values or values[top] <= 0.0:
        return (
            "At the plan’s prices no coalition gains by holding anything, alone or jointly: each "
            "does best by doing nothing, and there is no gain to share. What follows shares out "
            "what the proposal’s aim would cost if it were done all the same."
        )
    return f"The most is to be had by {' and '.join(sorted(top))}: {money(values[top])} USD a year."


def _plainly(why: str) -> str:
    """Leave out of what is short the names of parts and settings.

    Examples
    --------
    >>> _plainly("programme: horizon_years: not all is covered; forts: none can be placed")
    'not all is covered; none can be placed'
    """
    return _PART.sub("", why)


def clashes(game: AccordGame, names: Mapping[str, str]) -> list[str]:
    """Say where two have less together than apart, and who only loses."""
    made = game.settlement
    said = [
        f"{named('+'.join(sorted(one.first)), names)}, joined by "
        f"{named('+'.join(sorted(one.second)), names)}, have {money(one.lost)} USD a year less "
        "together than apart."
        for one in made.clashes
    ]
    return said + [
        f"{names.get(one, one)} only loses: no coalition gains by having it." for one in made.losers
    ]


def of_core(game: AccordGame, names: Mapping[str, str]) -> str:
    """Say whether any shares keep everybody in, and what it would take."""
    core = game.settlement.core
    if core is None:
        return "All together have no plan that can be carried out: there is nothing to share."
    if not core.empty:
        return "Some shares keep everybody in: no coalition could do better by leaving."
    leave = {
        named("+".join(sorted(one.coalition)), names)
        for rule in game.settlement.rules
        for one in rule.leave
    }
    return (
        "No shares keep everybody in: under every rule somebody does better by leaving "
        f"({'; '.join(sorted(leave))}). An outsider would have to add {money(core.subsidy)} USD a "
        "year."
    )


def of_leaving(found: Accord, names: Mapping[str, str]) -> str:
    """Say who would leave the joint plan, and in which year."""
    if not found.leaving:
        return "By the money of each year no member would leave the joint plan once it is in it."
    told = [
        f"{named('+'.join(sorted(one.coalition)), names)} "
        f"{'at once' if one.year == 0 else f'in year {one.year}'} (worth "
        f"{money(one.gain)} USD to it then)"
        for one in found.leaving
    ]
    return f"By the money of each year, payments of the rule among it, would leave: {listed(told)}."


def of_partner(game: AccordGame, names: Mapping[str, str]) -> str:
    """Say what the partner's help costs it, what it gains, and what its standing must be worth."""
    if game.needed_usd_yr is None or not len(game.gains):
        return ""
    parts = {str(row["part"]): row for row in game.gains.to_dict("records")}
    told = [
        f"{part} {money(float(parts[part]['mid']))} "
        f"({span(float(parts[part]['low']), float(parts[part]['high']))})"
        for part in ("trade", "security", "influence")
    ]
    name = next((names.get(one, one) for one in game.own if one not in _members(game)), "")
    text = (
        f"{name}’s help costs it {money(float(parts['cost']['mid']))} USD a year. It gains "
        f"{listed(told)} USD a year; nobody has priced its standing, which is taken as nothing."
    )
    if game.needed_usd_yr > 0:
        text += (
            f" For it not to lose, influence would have to be worth {money(game.needed_usd_yr)} "
            "USD a year to it."
        )
    return text


def _members(game: AccordGame) -> set[str]:
    """Name the members: those of the coalitions drawn."""
    return {one for row in game.coalitions["coalition"] for one in str(row).split("+")}


def leaves(rule: Rule, names: Mapping[str, str]) -> str:
    """Say who would leave under a rule."""
    if not rule.leave:
        return "nobody"
    return "; ".join(
        f"{named('+'.join(sorted(one.coalition)), names)} ({amount(one.gain)} more)"
        for one in rule.leave[:2]
    )
