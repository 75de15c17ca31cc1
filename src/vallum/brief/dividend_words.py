"""What the dividend stage found, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.brief.campaign_words import CASES
from vallum.brief.page_text import amount, count, listed, percent, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.dividend import DividendCase
    from vallum.plan import Plan

__all__ = [
    "CLAIM",
    "KINDS",
    "left_outside",
    "money",
    "nothing",
    "short",
    "span",
    "verdict",
    "who",
    "would_flip",
]

CLAIM = (
    "The proposal says that the protected land pays: safe tourism, trade between the two states, "
    "and shared economic plans."
)
KINDS = {
    "losses": "losses averted", "trade": "trade on safer roads", "tourism": "visitors",
    "projects": "joint projects", "capital": "building and renewing", "upkeep": "upkeep",
    "men": "men", "gates": "gates", "clearance": "clearance", "herding": "herders cut off",
    "outside": "people left outside", "farming": "farms, herds and mines secured",
}  # fmt: skip
NAMES = {
    "dividend.lost_per_attack": "losses per attack, by those counted",
    "dividend.campaign_quantile": "fall in attacks, by rank among the draws",
    "dividend.rate": "discount rate a year",
    "dividend.capital_price": "price of building, by ours",
    "dividend.upkeep_price": "price of upkeep, by ours",
    "dividend.line_men": "men on the line, by ours",
    "works.man_year_usd": "cost of a man, USD a year",
    "works.rotation": "men paid for each on duty",
    "line.men_per_1000_people": "men for 1,000 people held",
    "line.men_per_1000_km2": "men for 1,000 km² held",
}  # what assumptions are called; others go by their key
SURE = 0.95  # of the draws: nearly every one


def nothing(plan: Plan) -> str:
    """Say why there is no dividend; no text where there is one."""
    found = plan.dividend
    if found is None:
        return "The dividend was not asked for."
    if not found.cases:
        return f"No dividend could be reckoned: {found.status}."
    return ""


def short(plan: Plan) -> tuple[str, tuple[str, ...]]:
    """Answer in one sentence, and what stands behind it."""
    found = plan.dividend
    if found is None or not found.cases:
        return nothing(plan), ()
    case = found.cases[-1]
    members = plan.theatre.members
    return verdict(case, found.draws, members), (would_flip(case),)


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
    return f"{money(low)} to {money(high)}"


def verdict(case: DividendCase, draws: int, members: tuple[str, ...]) -> str:
    """Say whether the line pays its members, and how sure that is.

    Parameters
    ----------
    case
        To judge.
    draws
        Joint draws that were made.
    members
        Whose money is counted.
    """
    own = case.draws[[state for state in members if state in case.draws]].sum(axis=1)
    row = case.ranges.set_index("party")
    mid = sum(float(row["npv_usd"][state]) for state in members if state in row.index)
    low, high = (float(end) for end in own.quantile([0.05, 0.95]))
    share = float((own > 0).mean())
    years = case.evaluation.horizon
    pays = "pays" if mid > 0 else "does not pay"
    head = f"Over {years} years {CASES.get(case.name, case.name)} {pays} the members"
    worth = f"its present worth to them is {money(mid)} USD (nine draws in ten: {span(low, high)})"
    sure = f"it is above nothing in {percent(share)} of {draws} joint draws"
    return f"{head}: {worth}, and {sure}."


def who(case: DividendCase, names: Mapping[str, str], members: tuple[str, ...]) -> str:
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
        side.append(names.get(state, state))
    said = [
        f"{names.get(state, state)}: {money(float(rows[state]['npv_usd']))} USD "
        f"({span(float(rows[state]['npv_low']), float(rows[state]['npv_high']))})"
        for state in members
        if state in rows
    ]
    text = f"{'; '.join(said)}."
    if gain:
        text += f" Gain in nearly every draw, without paying: {listed(gain, most=20)}."
    if lose:
        text += f" Lose in nearly every draw: {listed(lose, most=20)}."
    if either:
        text += f" May gain or lose: {listed(either, most=20)}."
    return text


def would_flip(case: DividendCase) -> str:
    """Say what would have to be true for the answer to turn.

    Parameters
    ----------
    case
        With its switch values.
    """
    table = case.decisive
    within = table[table["within"].astype(bool)]
    mid = float(case.evaluation.total.npv_usd)
    other = "pay" if mid <= 0 else "not pay"
    if len(within):
        told = [
            f"{called(row['key'])} at {plain(float(row['switch']), 3)} "
            f"instead of {plain(float(row['value']), 3)}"
            for row in within.head(3).to_dict("records")
        ]
        return f"It would {other} with any one of: {listed(told)}."
    beyond = table[table["switch"].notna()]
    text = (
        f"No assumption alone, anywhere in its range, makes it {other}: several would have to be "
        "wrong together."
    )
    if len(beyond):
        near = min(beyond.to_dict("records"), key=lambda row: abs(float(row["move"])))
        text += (
            f" The nearest is {called(near['key'])}, which would have to be "
            f"{plain(float(near['switch']), 3)}; it is taken as {plain(float(near['value']), 3)} "
            f"({plain(float(near['low']), 3)} to {plain(float(near['high']), 3)})."
        )
    return text


def called(key: str) -> str:
    """Give the name of an assumption for people, or its key.

    Examples
    --------
    >>> called("works.rotation"), called("threat.reach_share")
    ('men paid for each on duty', 'threat.reach_share')
    """
    return NAMES.get(key, key)


def left_outside(case: DividendCase) -> str:
    """Count those who are left outside."""
    return f"{count(case.people_left_outside)} people live on members’ land that is not held."
