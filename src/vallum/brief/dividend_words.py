"""What the dividend stage found, in sentences."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from vallum.brief.language import named, of_stage, say
from vallum.brief.page_text import amount, count, listed, percent, plain, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.dividend import DividendCase
    from vallum.plan import Plan

__all__ = [
    "KINDS",
    "SURE",
    "called",
    "kind_name",
    "left_outside",
    "line_name",
    "money",
    "nothing",
    "span",
    "verdict",
    "who",
    "would_flip",
]

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "losses": "losses averted", "trade": "trade on safer roads", "tourism": "visitors",
        "projects": "joint projects", "capital": "building and renewing", "upkeep": "upkeep",
        "men": "men", "gates": "gates", "clearance": "clearance", "herding": "herders cut off",
        "outside": "people left outside", "farming": "farms, herds and mines secured",
    }
)  # fmt: skip
SURE = 0.95  # of the draws: nearly every one


def nothing(plan: Plan) -> str:
    """Say why there is no dividend; no text where there is one."""
    found = plan.dividend
    if found is None:
        return say("The dividend was not asked for.")
    if not found.cases:
        return say("No dividend could be reckoned: {why}.", why=of_stage(found.status))
    return ""


def kind_name(kind: str) -> str:
    """Name a stream, in the language of the block."""
    return of_stage(KINDS.get(kind, kind))


def line_name(case: str, *, illustration: bool = False) -> str:
    """Name the line of a case, to stand within a sentence."""
    if case == "plan" and illustration:
        return say("the illustration’s line")
    names = {
        "plan": say("the plan’s line"), "half": say("a line that holds half of the output"),
    }  # fmt: skip
    return names.get(case, case)


def money(usd: float, digits: int = 2) -> str:
    """Write dollars with their sign.

    Examples
    --------
    >>> money(-7.2e9).replace("\u202f", " "), money(0.0)
    ('−7.2 billion', '0')
    """
    return f"−{amount(-usd, digits)}" if usd < 0 else amount(usd, digits)


def span(low: float, high: float) -> str:
    """Write a range of dollars that may cross nothing.

    Examples
    --------
    >>> span(-2e9, 1e6).replace("\u202f", " ")
    '−2.0 billion to 1.0 million'
    """
    return say("{low} to {high}", low=money(low), high=money(high))


def verdict(
    case: DividendCase, draws: int, members: tuple[str, ...], *, illustration: bool = False
) -> str:
    """Say whether the line pays its members, and how sure that is.

    Parameters
    ----------
    case
        To judge.
    draws
        Joint draws that were made.
    members
        Whose money is counted.
    illustration
        Whether the plan shown is one.
    """
    own = case.draws[[state for state in members if state in case.draws]].sum(axis=1)
    row = case.ranges.set_index("party")
    mid = sum(float(row["npv_usd"][state]) for state in members if state in row.index)
    low, high = (float(end) for end in own.quantile([0.05, 0.95]))
    told = {
        "line": line_name(case.name, illustration=illustration),
        "years": whole(case.evaluation.horizon),
        "worth": money(mid),
        "range": span(low, high),
        "share": percent(float((own > 0).mean())),
        "draws": whole(draws),
    }
    if mid > 0:
        return say(
            "Over {years} years {line} pays the members: its present worth to them is {worth} USD "
            "(nine draws in ten: {range}), and it is above nothing in {share} of {draws} joint "
            "draws.",
            **told,
        )
    return say(
        "Over {years} years {line} does not pay the members: its present worth to them is {worth} "
        "USD (nine draws in ten: {range}), and it is above nothing in {share} of {draws} joint "
        "draws.",
        **told,
    )


def who(case: DividendCase, names: Mapping[str, str], members: tuple[str, ...]) -> list[str]:
    """Say for whom it pays: the members, and others who gain or lose.

    Parameters
    ----------
    case
        To speak of.
    names
        Of states by ISO3.
    members
        The others are the partner and the neighbours.
    """
    rows = {str(row["party"]): row for row in case.ranges.to_dict("records")}
    gain: list[str] = []
    lose: list[str] = []
    either: list[str] = []
    for state, row in rows.items():
        if state in {*members, "all"} or not (row["npv_low"] or row["npv_high"]):
            continue
        share = float(row["pays_share"])
        side = gain if share >= SURE else lose if share <= 1 - SURE else either
        side.append(named(names.get(state, state)))
    said = [
        say(
            "{state}: {worth} USD ({range}).",
            state=named(names.get(state, state)),
            worth=money(float(rows[state]["npv_usd"])),
            range=span(float(rows[state]["npv_low"]), float(rows[state]["npv_high"])),
        )
        for state in members
        if state in rows
    ]
    if gain:
        said.append(
            say(
                "Gain in nearly every draw, without paying: {states}.",
                states=listed(gain, most=20),
            )
        )
    if lose:
        said.append(say("Lose in nearly every draw: {states}.", states=listed(lose, most=20)))
    if either:
        said.append(say("May gain or lose: {states}.", states=listed(either, most=20)))
    return said


def would_flip(case: DividendCase) -> str:
    """Say what would have to be true for the answer to turn.

    Parameters
    ----------
    case
        With its switch values.
    """
    table = case.decisive
    within = table[table["within"].astype(bool)]
    pays = float(case.evaluation.total.npv_usd) > 0
    if len(within):
        told = listed(
            [
                say(
                    "{name} at {switch} instead of {value}",
                    name=called(str(row["key"])),
                    switch=plain(float(row["switch"]), 3),
                    value=plain(float(row["value"]), 3),
                )
                for row in within.head(3).to_dict("records")
            ]
        )
        if pays:
            return say(
                "Of all parties, neighbours too: it would not pay with any one of {list}.",
                list=told,
            )
        return say(
            "Of all parties, neighbours too: it would pay with any one of {list}.", list=told
        )
    beyond = table[table["switch"].notna()]
    several = say(
        "No assumption alone, anywhere in its range, turns the sum of all parties, neighbours too: "
        "several would have to be wrong together."
    )
    if not len(beyond):
        return several
    near = min(beyond.to_dict("records"), key=lambda row: abs(float(row["move"])))
    nearest = say(
        "The nearest is {name}, which would have to be {switch}; it is taken as {value} ({low} to "
        "{high}).",
        name=called(str(near["key"])),
        **{key: plain(float(near[key]), 3) for key in ("switch", "value", "low", "high")},
    )
    return f"{several} {nearest}"


def called(key: str) -> str:
    """Give the name of an assumption for people, or its key.

    Examples
    --------
    >>> called("works.rotation"), called("threat.reach_share")
    ('men paid for each on duty', 'threat.reach_share')
    """
    names = {
        "dividend.lost_per_attack": say("losses per attack, by those counted"),
        "dividend.campaign_quantile": say("fall in attacks, by rank among the draws"),
        "dividend.rate": say("discount rate a year"),
        "dividend.capital_price": say("price of building, by ours"),
        "dividend.upkeep_price": say("price of upkeep, by ours"),
        "dividend.line_men": say("men on the line, by ours"),
        "dividend.outside_withdrawn": say("services withdrawn from people left outside"),
        "dividend.herding_journeys": say("journeys of herds, by ours"),
        "dividend.herding_turned": say("share of herds’ journeys turned back"),
        "dividend.herding_season_loss": say(
            "what a herd that is turned back loses in a season, of its worth"
        ),
        "dividend.herding_head": say("head in a herd"),
        "dividend.herding_days": say("days that a herd waits at a gate"),
        "works.man_year_usd": say("cost of a man, USD a year"),
        "works.rotation": say("men paid for each on duty"),
        "line.men_per_1000_people": say("men for a thousand people held"),
        "line.men_per_1000_km2": say("men for a thousand km² held"),
    }
    return names.get(key, key)


def left_outside(case: DividendCase) -> str:
    """Count those who are left outside."""
    return say(
        "{people} people live on members’ land that is not held.",
        people=count(case.people_left_outside),
    )
