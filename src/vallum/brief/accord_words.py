"""What the accord stage found, in sentences: every number is the result's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vallum.brief.dividend_words import money, span
from vallum.brief.page_text import THIN, listed, percent, plain, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.accord.model import Accord, AccordGame
    from vallum.accord.settle import Rule
    from vallum.accord.stability import Core
    from vallum.plan import Plan

__all__ = [
    "CLAIM",
    "RULES",
    "clashes",
    "findings",
    "leaves",
    "losers",
    "millions",
    "named",
    "nothing",
    "of_core",
    "of_leaving",
    "of_members",
    "of_partner",
    "short",
    "unit_ends",
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
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
_NEAR = 1e-9  # of the largest amount: less is rounding


def nothing(plan: Plan) -> str:
    """Say why there is no accord; no text where there is one."""
    return "The accord was not reckoned." if plan.accord is None else ""


def short(plan: Plan) -> tuple[str, tuple[str, ...]]:
    """Give the short answer and the rest, for the answers of the page.

    Parameters
    ----------
    plan
        To speak of.
    """
    found = plan.accord
    if found is None:
        return nothing(plan), ()
    names = {str(k): str(v) for k, v in plan.theatre.countries["name"].items()}
    game = found.game(found.told)
    told = [of_members(game, names), of_core(game, names), *findings(found, names)[1:2]]
    return findings(found, names)[0], tuple(text for text in told if text)


def named(coalition: str, names: Mapping[str, str]) -> str:
    """Write a coalition, its members' names joined.

    Examples
    --------
    >>> named("MLI+MRT", {"MLI": "Mali", "MRT": "Mauritania"})
    'Mali and Mauritania'
    """
    return listed([names.get(one, one) for one in coalition.split("+")], most=12)


def _of(coalition: frozenset[str], names: Mapping[str, str]) -> str:
    return named("+".join(sorted(coalition)), names)


def millions(usd: float, digits: int = 3) -> str:
    """Write dollars in millions, for tables whose head says so.

    Examples
    --------
    >>> millions(-980_520_619.5), millions(0.0), millions(1.19769e9, 4).replace(THIN, " ")
    ('−981', '0', '1 198')
    """
    return plain(usd / 1e6, digits)


def unit_ends(*amounts: float) -> str:
    """Write the range of some amounts in millions: a share need not be least at the low end.

    Examples
    --------
    >>> unit_ends(-2e9, 1e6).replace(THIN, " ")
    '−2 000 to 1.00'
    """
    if min(amounts) == max(amounts):
        return millions(amounts[0])
    return f"{millions(min(amounts))} to {millions(max(amounts))}"


def findings(found: Accord, names: Mapping[str, str]) -> list[str]:
    """Say whether anybody gains, what joint drawing saves, and who can't do it alone.

    Parameters
    ----------
    found
        The stage's result.
    names
        Of states by ISO3.
    """
    game = found.game(found.told)
    aim = found.game("aim")
    said = [_worth(found, names), *_saves(aim)]
    rows = game.coalitions[~game.coalitions["feasible"].astype(bool)].to_dict("records")
    for row in rows:
        one = frozenset(str(row["coalition"]).split("+"))
        why = _plainly(str(row["why"]))
        said.append(
            f"{_of(one, names)} by {_self(one)} can’t do it with the means there are: {why}."
        )
    return said


def _worth(found: Accord, names: Mapping[str, str]) -> str:
    """Say whether any coalition gains by holding anything."""
    best = found.game("best")
    values = {one: amount or 0.0 for one, amount in best.value.items() if one}
    top = max(values.values(), default=0.0)
    if top <= 0.0:
        return (
            "At the plan’s prices no coalition gains by holding anything, alone or jointly: each "
            "does best by doing nothing, and there is no gain to share. What follows shares out "
            "what the proposal’s aim would cost if it were done all the same."
        )
    near = [one for one, amount in values.items() if amount >= top * (1.0 - _NEAR)]
    who = min(near, key=lambda one: (len(one), sorted(one)))
    return f"The most is to be had by {_of(who, names)}: {money(top, 3)} USD a year."


def _saves(aim: AccordGame) -> list[str]:
    """Say what drawing jointly saves, or costs, against each alone."""
    table = {str(row["what"]): row for row in aim.saved.to_dict("records")}
    if not table:
        return []
    km, men, usd = (table[what] for what in ("line_km", "men", "cost_usd_yr"))
    share = float(usd["saved"]) / float(usd["alone"]) if float(usd["alone"]) else 0.0
    parts = [
        (float(km["saved"]), f"{plain(abs(float(km['saved'])), 2)}{THIN}km"),
        (float(men["saved"]), f"{whole(abs(float(men['saved'])))} men"),
        (
            float(usd["saved"]),
            f"{money(abs(float(usd['saved'])))} USD a year ({percent(abs(share))} of the cost)",
        ),
    ]
    less = [text for amount, text in parts if amount >= 0.0]
    more = [text for amount, text in parts if amount < 0.0]
    told = f"spares {listed(less)}" if less else f"takes {listed(more)} more"
    told += f", and takes {listed(more)} more" if less and more else ""
    text = (
        f"Drawn jointly the line for the land that the proposal aims at is "
        f"{plain(float(km['joint']), 4)}{THIN}km long and takes {whole(float(men['joint']))} men. "
        f"If each drew its own, it would be {plain(float(km['alone']), 4)}{THIN}km and "
        f"{whole(float(men['alone']))} men. Joint drawing {told}."
    )
    return [text]


def _plainly(why: str) -> str:
    """Leave out of what is short the names of parts and settings.

    Examples
    --------
    >>> _plainly("programme: horizon_years: not all is covered; forts: none can be placed")
    'not all is covered; none can be placed'
    >>> _plainly("programme: companies: needs 1,568 company-months").replace(THIN, " ")
    'needs 1 568 company-months'
    """
    return _THOUSANDS.sub(THIN, _PART.sub("", why)).replace("1 more companies", "1 more company")


def clashes(game: AccordGame, names: Mapping[str, str]) -> list[str]:
    """Say where two have less together than apart."""
    return [
        f"{_of(one.first, names)}, joined by {_of(one.second, names)}: {money(one.lost)} USD a "
        "year less together than apart."
        for one in game.settlement.clashes
    ]


def losers(game: AccordGame, names: Mapping[str, str]) -> list[str]:
    """Say who only loses."""
    return [
        f"{names.get(one, one)} only loses: in every coalition it costs more than it brings."
        for one in game.settlement.losers
    ]


def of_members(game: AccordGame, names: Mapping[str, str]) -> str:
    """Say whether the members hold together without the partner; no text where there is none."""
    core = None if game.members is None else game.members.core
    if core is None:
        return ""
    everyone = frozenset(core.players)
    apart = sum(game.value[frozenset({one})] or 0.0 for one in core.players)
    total = game.value[everyone]
    if total is None:
        return ""
    who = _of(everyone, names) + (", bound to that aim," if game.name == "aim" else "")
    if core.empty:
        return (
            f"Without the partner, {who} do not hold together either: they would need "
            f"{money(core.subsidy)} USD a year from outside."
        )
    gain = total - apart
    if gain <= _NEAR * max(abs(total), abs(apart)):
        return f"Without the partner, {who} have as much apart as together: nothing binds them."
    return (
        f"Without the partner, {who} hold together: they have {money(gain)} USD a year more "
        "together than apart, and can share that so that none does better by leaving the others."
    )


def of_core(game: AccordGame, names: Mapping[str, str]) -> str:
    """Say whether any shares keep everybody in, why not, and what it would take."""
    core = game.settlement.core
    if core is None:
        return "All together have no plan that can be carried out: there is nothing to share."
    if not core.empty:
        return (
            "Some shares keep everybody in: no coalition could do better by leaving"
            f"{_at_ends(game, empty=False)}."
        )
    return (
        f"No shares keep everybody in{_at_ends(game, empty=True)}. {_because(core, names)} "
        f"To keep all in, an outsider would have to add {money(core.subsidy)} USD a year; without "
        f"that, each coalition would have to forgo {money(core.least)} USD of what it could have "
        "by leaving."
    )


def _because(core: Core, names: Mapping[str, str]) -> str:
    """Say why the core is empty: coalitions that have more, weighted, than all together."""
    parts = sorted(core.proof, key=lambda pair: (len(pair[0]), sorted(pair[0])))
    if all(abs(weight - 1.0) < _NEAR for _, weight in parts):
        who = "; ".join(f"{_of(one, names)} by {_self(one)}" for one, _ in parts)
        return f"Apart they have more than all together: {who}."
    who = "; ".join(f"{_of(one, names)} ({plain(weight)})" for one, weight in parts)
    return f"These coalitions, weighted, have more than all together: {who}."


def _self(coalition: frozenset[str]) -> str:
    return "itself" if len(coalition) == 1 else "themselves"


def _at_ends(game: AccordGame, *, empty: bool) -> str:
    """Say whether that is so at the ends of the ranges too."""
    found = {"low": game.settlement_low.core, "high": game.settlement_high.core}
    other = [end for end, core in found.items() if core is None or core.empty != empty]
    if not other:
        return ", nor at either end of the ranges" if empty else ", at both ends of the ranges too"
    where = "the low end" if other == ["low"] else "the high end"
    where = "the ends" if len(other) > 1 else where
    return f" (not so at {where} of the ranges)"


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
    return (
        "Where each may do nothing instead, these would leave by the money of each year, payments "
        f"of the rule among it: {listed(told)}."
    )


def of_partner(game: AccordGame, names: Mapping[str, str]) -> str:
    """Say what the partner's help costs it, what it gains, and what its standing must be worth."""
    if game.needed_usd_yr is None or not len(game.gains):
        return ""
    parts = {str(row["part"]): row for row in game.gains.to_dict("records")}

    def ends(part: str) -> str:
        low, high = float(parts[part]["low"]), float(parts[part]["high"])
        return f"{money(float(parts[part]['mid']))} ({span(low, high)})"

    name = names.get(_partner(game), _partner(game))
    text = (
        f"{name}’s help costs it {ends('cost')} USD a year. It gains {ends('trade')} by trade and "
        f"{ends('security')} by losses that it is spared itself."
    )
    if not any(float(parts["influence"][end]) for end in ("low", "mid", "high")):
        text += " Nobody has priced its standing, and it is taken as nothing."
    else:
        text += f" Its standing is put at {ends('influence')}."
    if game.needed_usd_yr <= 0.0:
        return f"{text} It gains by helping whatever its standing is worth."
    text += (
        f" For it to join unpaid, its standing would have to be worth {money(game.needed_usd_yr)} "
        "USD a year to it"
    )
    if game.needed_paid_usd_yr is None:
        return f"{text}."
    if game.needed_paid_usd_yr <= 0.0:
        return f"{text}; what its help saves the members would be enough to pay it for the rest."
    return (
        f"{text}; {money(game.needed_paid_usd_yr)} if the members paid it all that its help saves "
        "them."
    )


def _partner(game: AccordGame) -> str:
    """Give the player who is no member; no text where there is none."""
    members = {one for row in game.coalitions["coalition"] for one in str(row).split("+")}
    return next((one for one in game.own if one not in members), "")


def leaves(rule: Rule, names: Mapping[str, str]) -> str:
    """Say who would leave under a rule, and what they would gain, in millions of dollars."""
    if not rule.leave:
        return "nobody"
    told = [f"{_of(one.coalition, names)} (+{millions(one.gain)})" for one in rule.leave[:3]]
    more = len(rule.leave) - len(told)
    return "; ".join(told) + (f"; and {whole(more)} more" if more else "")
