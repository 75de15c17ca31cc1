"""What the accord stage found, in sentences: every number is the result's."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from vallum.brief.dividend_words import money, span
from vallum.brief.language import named, of_stage, say
from vallum.brief.page_text import THIN, count, listed, percent, plain, whole
from vallum.brief.record_accord import gain_together
from vallum.brief.retold import retold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.accord.model import Accord, AccordGame
    from vallum.accord.settle import Rule
    from vallum.accord.stability import Core
    from vallum.plan import Plan

__all__ = [
    "RULES",
    "clashes",
    "coalition_name",
    "findings",
    "in_turn",
    "leaves",
    "losers",
    "millions",
    "nothing",
    "of_core",
    "of_leaving",
    "of_members",
    "of_partner",
    "rule_name",
    "unit_ends",
]

RULES: Mapping[str, str] = MappingProxyType(
    {
        "shapley": "Shapley: what each adds, over all orders of joining",
        "nucleolus": "Nucleolus: the greatest complaint made least",
        "bargain": "Bargain from what each has alone",
        "use": "By use: each km paid by those whom it serves",
    }
)
_PART = re.compile(r"\b(?:programme|forts|tasks): (?:\w+: )?")
_NEAR = 1e-9  # of the largest amount: less is rounding


def nothing(plan: Plan) -> str:
    """Say why there is no accord; no text where there is one."""
    return say("The accord was not reckoned.") if plan.accord is None else ""


def rule_name(rule: str) -> str:
    """Name a rule by which is shared, in the language of the block."""
    return of_stage(RULES.get(rule, rule))


def coalition_name(coalition: str, names: Mapping[str, str]) -> str:
    """Write a coalition, its members' names joined.

    Examples
    --------
    >>> coalition_name("MLI+MRT", {"MLI": "Mali", "MRT": "Mauritania"})
    'Mali and Mauritania'
    """
    return listed([named(names.get(one, one)) for one in coalition.split("+")], most=12)


def _of(coalition: frozenset[str], names: Mapping[str, str]) -> str:
    return coalition_name("+".join(sorted(coalition)), names)


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
    return say("{low} to {high}", low=millions(min(amounts)), high=millions(max(amounts)))


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
        told = {"who": _of(one, names), "why": _plainly(str(row["why"]), names)}
        said.append(
            say("{who} by itself can’t do it with the means there are: {why}.", **told)
            if len(one) == 1
            else say("{who} by themselves can’t do it with the means there are: {why}.", **told)
        )
    return said


def _worth(found: Accord, names: Mapping[str, str]) -> str:
    """Say whether any coalition gains by holding anything."""
    best = found.game("best")
    values = {one: amount or 0.0 for one, amount in best.value.items() if one}
    top = max(values.values(), default=0.0)
    if top <= 0.0:
        return say(
            "At the plan’s prices no coalition gains by holding anything, alone or jointly: each "
            "does best by doing nothing, and there is no gain to share. What follows shares out "
            "what the proposal’s aim would cost if it were done all the same."
        )
    near = [one for one, amount in values.items() if amount >= top * (1.0 - _NEAR)]
    who = min(near, key=lambda one: (len(one), sorted(one)))
    return say(
        "The most is to be had by {who}: {worth} USD a year.",
        who=_of(who, names),
        worth=money(top, 3),
    )


def _saves(aim: AccordGame) -> list[str]:
    """Say what drawing jointly saves, or costs, against each alone."""
    table = {str(row["what"]): row for row in aim.saved.to_dict("records")}
    if not table:
        return []
    km, men, usd = (table[what] for what in ("line_km", "men", "cost_usd_yr"))
    share = float(usd["saved"]) / float(usd["alone"]) if float(usd["alone"]) else 0.0
    parts = [
        (float(km["saved"]), f"{plain(abs(float(km['saved'])), 3)}{THIN}km"),
        (float(men["saved"]), say("{men} men", men=count(abs(float(men["saved"]))))),
        (
            float(usd["saved"]),
            say(
                "{usd} USD a year ({share} of the cost)",
                usd=money(abs(float(usd["saved"]))),
                share=percent(abs(share)),
            ),
        ),
    ]
    less = listed([text for amount, text in parts if amount >= 0.0])
    more = listed([text for amount, text in parts if amount < 0.0])
    drawn = say(
        "Drawn jointly the line for the land that the proposal aims at is {joint_km} km long and "
        "takes {joint_men} men. If each drew its own, it would be {alone_km} km and {alone_men} "
        "men.",
        joint_km=plain(float(km["joint"]), 3),
        joint_men=count(float(men["joint"])),
        alone_km=plain(float(km["alone"]), 3),
        alone_men=count(float(men["alone"])),
    )
    if all(amount >= 0.0 for amount, _ in parts):
        told = say("Joint drawing spares {less}.", less=less)
    elif all(amount < 0.0 for amount, _ in parts):
        told = say("Joint drawing takes {more} more.", more=more)
    else:
        told = say("Joint drawing spares {less}, and takes {more} more.", less=less, more=more)
    return [f"{drawn} {told}"]


def _plainly(why: str, names: Mapping[str, str]) -> str:
    """Say what is short, without the names of parts and settings.

    Examples
    --------
    >>> _plainly("programme: horizon_years: not all is covered; forts: none can be placed", {})
    'not all is covered; none can be placed'
    >>> _plainly("programme: companies: needs 1,568 company-months, there is 1,440", {})
    'needs 1\u202f568 company-months, there is 1\u202f440'
    """
    bare = _PART.sub("", why).replace("1 more companies", "1 more company")
    return in_turn([retold(part, names) for part in bare.split("; ")])


def in_turn(texts: list[str]) -> str:
    """Join texts by semicolons, as the language sets them."""
    before = texts[0] if texts else ""
    for text in texts[1:]:
        before = say("{first}; {next}", first=before, next=text)
    return before


def clashes(game: AccordGame, names: Mapping[str, str]) -> list[str]:
    """Say where two have less together than apart."""
    return [
        say(
            "{first}, joined by {other}: {lost} USD a year less together than apart.",
            first=_of(one.first, names),
            other=_of(one.second, names),
            lost=money(one.lost),
        )
        for one in game.settlement.clashes
    ]


def losers(game: AccordGame, names: Mapping[str, str]) -> list[str]:
    """Say who only loses."""
    return [
        say(
            "{who} only loses: in every coalition it costs more than it brings.",
            who=named(names.get(one, one)),
        )
        for one in game.settlement.losers
    ]


def of_members(game: AccordGame, names: Mapping[str, str]) -> str:
    """Say whether the members hold together without the partner; no text where there is none."""
    core = None if game.members is None else game.members.core
    if core is None:
        return ""
    everyone = frozenset(core.players)
    total, gain = game.value[everyone], gain_together(game)
    if total is None or gain is None:
        return ""
    who = _of(everyone, names)
    if game.name == "aim":
        who = say("{who}, bound to that aim,", who=who)
    if core.empty:
        return say(
            "Without the partner, {who} do not hold together either: they would need {usd} USD a "
            "year from outside.",
            who=who,
            usd=money(core.subsidy),
        )
    if gain <= _NEAR * max(abs(total), abs(total - gain)):
        return say(
            "Without the partner, {who} have as much apart as together: nothing binds them.",
            who=who,
        )
    return say(
        "Without the partner, {who} hold together: they have {usd} USD a year more together than "
        "apart, and can share that so that none does better by leaving the others.",
        who=who,
        usd=money(gain),
    )


def of_core(game: AccordGame, names: Mapping[str, str]) -> str:
    """Say whether any shares keep everybody in, why not, and what it would take."""
    core = game.settlement.core
    if core is None:
        return say("All together have no plan that can be carried out: there is nothing to share.")
    if not core.empty:
        found = say("Some shares keep everybody in: no coalition could do better by leaving.")
        return f"{found} {_at_ends(game, empty=False)}"
    takes = say(
        "To keep all in, an outsider would have to add {usd} USD a year; without that, each "
        "coalition would have to forgo {least} USD of what it could have by leaving.",
        usd=money(core.subsidy),
        least=money(core.least),
    )
    found = say("No shares keep everybody in.")
    return f"{found} {_at_ends(game, empty=True)} {_because(core, names)} {takes}"


def _because(core: Core, names: Mapping[str, str]) -> str:
    """Say why the core is empty: coalitions that have more, weighted, than all together."""
    parts = sorted(core.proof, key=lambda pair: (len(pair[0]), sorted(pair[0])))
    if all(abs(weight - 1.0) < _NEAR for _, weight in parts):
        who = [
            say("{who} by itself", who=_of(one, names))
            if len(one) == 1
            else say("{who} by themselves", who=_of(one, names))
            for one, _ in parts
        ]
        return say("Apart they have more than all together: {list}.", list=in_turn(who))
    who = [f"{_of(one, names)} ({plain(weight)})" for one, weight in parts]
    return say(
        "These coalitions, weighted, have more than all together: {list}.", list=in_turn(who)
    )


def _at_ends(game: AccordGame, *, empty: bool) -> str:
    """Say whether that is so at the ends of the ranges too."""
    found = {"low": game.settlement_low.core, "high": game.settlement_high.core}
    other = [end for end, core in found.items() if core is None or core.empty != empty]
    if not other:
        return say("That is so at both ends of the ranges too.")
    if len(other) > 1:
        return say("That is not so at the ends of the ranges.")
    if other == ["low"]:
        return say("That is not so at the low end of the ranges.")
    return say("That is not so at the high end of the ranges.")


def of_leaving(found: Accord, names: Mapping[str, str]) -> str:
    """Say who would leave the joint plan, and in which year."""
    if not found.leaving:
        return say(
            "By the money of each year no member would leave the joint plan once it is in it."
        )
    told = []
    for one in found.leaving:
        parts = {"who": _of(one.coalition, names), "usd": money(one.gain)}
        told.append(
            say("{who} at once (worth {usd} USD to it then)", **parts)
            if one.year == 0
            else say("{who} in year {year} (worth {usd} USD to it then)", year=one.year, **parts)
        )
    return say(
        "Where each may do nothing instead, these would leave by the money of each year, payments "
        "of the rule among it: {list}.",
        list=listed(told),
    )


def of_partner(game: AccordGame, names: Mapping[str, str]) -> list[str]:
    """Say what the partner's help costs it, what it gains, and what its standing must be worth."""
    if game.needed_usd_yr is None or not len(game.gains):
        return []
    parts = {str(row["part"]): row for row in game.gains.to_dict("records")}

    def ends(part: str) -> str:
        low, high = float(parts[part]["low"]), float(parts[part]["high"])
        return f"{money(float(parts[part]['mid']))} ({span(low, high)})"

    texts = [
        say(
            "Its help costs {partner} {cost} USD a year. By trade it has {trade} USD a year, by "
            "losses that it is spared itself {security}.",
            partner=named(names.get(_partner(game), _partner(game))),
            **{part: ends(part) for part in ("cost", "trade", "security")},
        ),
        say("Its standing is put at {usd} USD a year.", usd=ends("influence"))
        if any(float(parts["influence"][end]) for end in ("low", "mid", "high"))
        else say("Nobody has priced its standing, and it is taken as nothing."),
    ]
    if game.needed_usd_yr <= 0.0:
        return [*texts, say("It gains by helping whatever its standing is worth.")]
    needed = {"usd": money(game.needed_usd_yr)}
    if game.needed_paid_usd_yr is None:
        last = say(
            "For it to join unpaid, its standing would have to be worth {usd} USD a year to it.",
            **needed,
        )
    elif game.needed_paid_usd_yr <= 0.0:
        last = say(
            "For it to join unpaid, its standing would have to be worth {usd} USD a year to it; "
            "what its help saves the members would be enough to pay it for the rest.",
            **needed,
        )
    else:
        last = say(
            "For it to join unpaid, its standing would have to be worth {usd} USD a year to it; "
            "{paid} if the members paid it all that its help saves them.",
            paid=money(game.needed_paid_usd_yr),
            **needed,
        )
    return [*texts, last]


def _partner(game: AccordGame) -> str:
    """Give the player who is no member; no text where there is none."""
    members = {one for row in game.coalitions["coalition"] for one in str(row).split("+")}
    return next((one for one in game.own if one not in members), "")


def leaves(rule: Rule, names: Mapping[str, str]) -> str:
    """Say who would leave under a rule, and what they would gain, in millions of dollars."""
    if not rule.leave:
        return say("nobody")
    told = [f"{_of(one.coalition, names)} (+{millions(one.gain)})" for one in rule.leave[:3]]
    more = len(rule.leave) - len(told)
    if more:
        told.append(say("and {count} more", count=whole(more)))
    return in_turn(told)
