"""The answers in words: sentences made from a plan, every number with its range.

No sentence claims more than the model: losses averted are losses averted on these assumptions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vallum.brief import (
    accord_words,
    campaign_words,
    dividend_words,
    forces_words,
    threat_words,
    window_words,
    works_words,
)
from vallum.brief.page_compare import other_objective
from vallum.brief.page_steps import step_with, towns
from vallum.brief.page_text import THIN, amount, area, between, count, listed, percent, plain

if TYPE_CHECKING:
    import pandas as pd

    from vallum.plan import Plan
    from vallum.theatre import Source

__all__ = ["Answer", "answers", "lead", "opening"]

SMALL_CELLS = 9  # 3 × 3: what a smaller territory's line costs is said in docs/method/line.md

_DASH = "\u2013"


@dataclass(frozen=True)
class Answer:
    """One of the questions and what the plan says to it.

    Attributes
    ----------
    question
        As the reader would ask it.
    short
        The answer in one sentence.
    more
        What it rests on.
    """

    question: str
    short: str
    more: tuple[str, ...] = ()


def opening(plan: Plan) -> str:
    """Answer in the first sentence.

    Parameters
    ----------
    plan
        To speak of.

    Returns
    -------
    str
        Plain text, one sentence.
    """
    title, mu = plan.theatre.title, plan.line.mu
    if _idle(plan):
        price = f"μ = {1.0 if mu is None else mu:g}"
        meaning = (
            "a dollar of losses averted per dollar of cost"
            if mu in (None, 1.0)
            else f"{mu or 1.0:g} dollars of cost allowed per dollar of benefit"
        )
        if _people(plan):
            meaning = f"{mu:g} USD per person and year"
        return (
            f"At {price} ({meaning}) no territory of {title} is worth holding, under these "
            "assumptions; what is shown below is an illustration, the step with the most benefit "
            "per dollar."
        )
    row, sure = _row(plan, plan.line.step)
    pays = _people(plan) or row["benefit"] >= row["cost_usd_yr"]
    begin = (
        "Under these assumptions"
        if pays
        else "The plan asked for does not pay for itself, under these assumptions: by it"
    )
    gain = "" if _people(plan) else f", for {_gain(plan, plan.line.step)}"
    return (
        f"{begin}, {title} would hold {area(row['held_km2'])} with "
        f"{count(row['people_held'])} people behind {plain(row['line_km'], 3)} km of line, at "
        f"{_money(row['cost_usd_yr'], sure['cost_low'], sure['cost_high'])}{gain}."
    )


def lead(plan: Plan) -> tuple[str, ...]:
    """Say in a few sentences what the opening rests on.

    Parameters
    ----------
    plan
        To speak of.

    Returns
    -------
    tuple of str
        Paragraphs.
    """
    line = plan.line
    row, sure = _row(plan, line.step)
    out = []
    inside = towns(plan, line.step, most=3)
    where = f" around {listed(inside)}" if inside else ""
    if line.status != "ok" and not _people(plan):
        out.append(
            f"The illustration{where}: {area(row['held_km2'])} held behind "
            f"{plain(row['line_km'], 3)} km of line would cost "
            f"{_money(row['cost_usd_yr'], sure['cost_low'], sure['cost_high'])} and avert "
            f"{_money(sure['averted_usd_yr'], sure['averted_low'], sure['averted_high'])} of "
            f"losses: {plain(sure['averted_usd_yr'] / row['cost_usd_yr'])} dollars for each dollar "
            f"spent. Every other step on the frontier averts less per dollar."
        )
        if row["cells"] < SMALL_CELLS:
            out.append(
                "A territory this small is below what the map resolves: on so few cells the length "
                "of its line reads short, by up to 40 %, so its cost is a lower bound."
            )
    half = step_with(plan, 0.5)
    if half is not None and not _people(plan):
        big, more = _row(plan, half)
        out.append(
            f"To hold half of the people, {area(big['held_km2'])} "
            f"({percent(big['held_km2'] / _land(plan))} of the land, "
            f"{percent(big['people_share'])} of the people) behind {plain(big['line_km'], 3)} km "
            f"of line would cost {_money(big['cost_usd_yr'], more['cost_low'], more['cost_high'])} "
            f"and avert {_money(more['averted_usd_yr'], more['averted_low'], more['averted_high'])}"
            f" of losses. {_pays(plan, half)}"
        )
    if _people(plan):
        out.append(
            "The line is drawn for people. Lives are not turned into dollars: there is no benefit "
            "in dollars here, and no break-even price."
        )
    return tuple(out)


def answers(plan: Plan) -> tuple[Answer, ...]:
    """Answer the questions.

    Parameters
    ----------
    plan
        To speak of.

    Returns
    -------
    tuple of Answer
        In the order of the argument.
    """
    return (
        _should_we(plan),
        _where(plan),
        _with_what(plan),
        _who(plan),
        _ways(plan),
        _what_it_buys(plan),
        *_later(plan),
    )


def _should_we(plan: Plan) -> Answer:
    if _people(plan):
        spent = () if _idle(plan) else (f"The plan shown spends at most {_mu_people(plan)}.",)
        return Answer(
            "Should we?",
            "Not answered in dollars: the line is drawn for people, and what a life inside it is "
            "worth is not for a model to say.",
            spent,
        )
    row, sure = _row(plan, plan.line.step)
    ratio, alone = (
        plain(row["benefit"] / row["cost_usd_yr"]),
        plain(sure["averted_usd_yr"] / row["cost_usd_yr"]),
    )
    more: list[str] = []
    if _idle(plan):
        short = (
            "Not for the losses averted alone: no territory's averted losses reach what holding "
            "it costs, on these assumptions."
        )
        more.append(
            "The step with the most benefit per dollar would pay only if losses averted were "
            f"{plain(row['cost_usd_yr'] / max(row['benefit'], 1e-9))} times what is estimated, or "
            "the cost that much lower."
        )
    elif _counts_more(plan, plan.line.step):
        short = (
            f"Only with what is stated beside losses averted: {ratio} dollars of benefit for each "
            f"dollar spent, but {alone} of losses averted. {_pays(plan, plan.line.step)}"
        )
    else:
        short = (
            f"On these assumptions the chosen plan averts {ratio} dollars of losses for each "
            f"dollar spent. {_pays(plan, plan.line.step)}"
        )
    share = step_with(plan, 0.8)
    if share is not None:
        _, then = _row(plan, share)
        growth = then["break_even_growth"]
        more.append(
            "For the first step that holds four fifths of the people to pay, the output inside "
            f"would have to be {percent(growth)} higher, every year, than without a line. "
            f"{_pays(plan, share)}"
            if growth > 0
            else "At the assumptions' own values, the first step that holds four fifths of the "
            f"people pays. {_pays(plan, share)}"
        )
    if plan.settings.line.development_share == 0:
        more.append(
            "Development behind the line (tourism, trade) is claimed by the proposal. It does not "
            "draw the line, where it counts as zero; what it may bring is told below."
        )
    return Answer("Should we?", short, tuple(more))


def _where(plan: Plan) -> Answer:
    line = plan.line
    inside, out = towns(plan, line.step), towns(plan, line.step, inside=False)
    row, _ = _row(plan, line.step)
    more = []
    half = step_with(plan, 0.5)
    if half is not None and half != line.step:
        more.append(
            f"The first step with half of the people (step {half}) holds "
            f"{listed(towns(plan, half))}, and leaves out "
            f"{listed(towns(plan, half, inside=False))}."
        )
    more.append(other_objective(plan))
    return Answer(
        "Where?",
        f"{_shown(plan)} holds {area(row['held_km2'])} "
        f"({percent(row['held_km2'] / _land(plan))} of the land) with "
        f"{listed(inside or ['no town'])} inside; the largest towns outside are {listed(out)}.",
        tuple(more),
    )


def _with_what(plan: Plan) -> Answer:
    status = plan.works.status
    more = [] if status == "ok" else [f"{status[:1].upper()}{status[1:]}."]
    more.append("No mines. What stands on each kilometre, its bill and its people are told below.")
    return Answer("With what?", works_words.statement(plan), tuple(more))


def _who(plan: Plan) -> Answer:
    table = plan.threat.regions.sort_values("loss_rate", ascending=False)
    if plan.threat.uniform:
        return Answer(
            "Who is threatened, and where?",
            f"By the user's setting, every region loses {percent(table['loss_rate'].iloc[0])} of "
            "its output a year; this is no estimate.",
        )
    top = table.iloc[0]
    events = plan.threat.regions["events_yr"].sum()
    quiet = table[table["observed_events"] == 0]
    sampled = any("sample" in f"{s.source} {s.treatment}".lower() for s in _counted(plan))
    more = [
        (
            ("The counts are a sample and lower bounds; regions" if sampled else "Regions")
            + " are as the source draws them, with 90\u202f% ranges in the table. What a violent "
            f"event costs is the widest range of all ({_of(plan, 'threat.lost_per_event')})."
        )
    ]
    months = len(plan.theatre.events_month[["year", "month"]].drop_duplicates())
    if len(quiet) and months:
        more.append(
            f"{len(quiet)} regions have no event in the "
            f"{'month' if months == 1 else f'{months} months'} counted last; their rates come from "
            "older counts and their state's, and are not zero."
        )
    return Answer(
        "Who is threatened, and where?",
        f"About {plain(float(events))} violent events a year are expected in the members' land; "
        f"relative to output, {top['region']} loses most ({percent(top['loss_rate'])} a year, "
        f"{between(100 * top['loss_rate_low'], 100 * top['loss_rate_high'])}{THIN}%), then "
        f"{listed([str(r) for r in table['region'].iloc[1:4]])}.",
        tuple(more),
    )


def _ways(plan: Plan) -> Answer:
    """Say by which ways they come, in short: the page has a chapter on it."""
    return Answer(
        "Who comes, and by which ways?",
        threat_words.statement(plan),
        (("The share from outside is assumed; ways and shares are a model's. The chapter below "
          "says how sure they are, and what would change them."),),
    )  # fmt: skip


def _counted(plan: Plan) -> list[Source]:
    """Give the sources of the counts of events."""
    return [s for s in plan.theatre.sources if s.layer.startswith(("events", "threat"))]


def _what_it_buys(plan: Plan) -> Answer:
    row, sure = _row(plan, plan.line.step)
    if _people(plan):
        return Answer(
            "What does it buy?",
            f"{_shown(plan)} holds {count(row['benefit'])} people "
            f"({percent(row['people_share'])}) for "
            f"{_money(row['cost_usd_yr'], sure['cost_low'], sure['cost_high'])}.",
            ("To be inside is not to be safe: the line touches only what comes from outside.",),
        )
    cost = _money(row["cost_usd_yr"], sure["cost_low"], sure["cost_high"])
    return Answer(
        "What does it buy?",
        f"{_shown(plan)} brings {_gain(plan, plan.line.step)}, on these assumptions, for {cost}.",
        (
            (
                f"{_pays(plan, plan.line.step)} Ranges are 5{_DASH}95{THIN}% over "
                f"{_thin(plan.ranges.draws)} joint draws; the drawn territory is kept, what "
                "varies is what it is worth and costs."
            ),
        ),
    )


def _later(plan: Plan) -> tuple[Answer, ...]:
    """Answer what the later stages say."""
    return (
        Answer("Who does what?", *forces_words.who_does_what(plan)),
        Answer("Does it hold?", *campaign_words.short(plan)),
        Answer("Does it pay?", *dividend_words.short(plan)),
        Answer("Who gains, and does the accord last?", *accord_words.short(plan)),
        Answer("Is the window open?", *window_words.short(plan)),
    )


def _row(plan: Plan, step: int) -> tuple[pd.Series[float], pd.Series[float]]:
    return plan.line.plans.steps.iloc[step], plan.ranges.steps.iloc[step]


def _people(plan: Plan) -> bool:
    return plan.line.plans.objective == "people"


def _idle(plan: Plan) -> bool:
    """Whether nothing is worth holding at the price, and the step is an illustration."""
    return plan.line.status != "ok"


def _counts_more(plan: Plan, step: int) -> bool:
    """Whether the benefit counts more than losses averted: a rate stated, or development."""
    row, sure = _row(plan, step)
    return bool(row["benefit"] > 1.001 * sure["averted_usd_yr"])


def _gain(plan: Plan, step: int) -> str:
    """Say what a step brings in dollars."""
    row, sure = _row(plan, step)
    averted = _money(sure["averted_usd_yr"], sure["averted_low"], sure["averted_high"])
    if _counts_more(plan, step):
        return f"{amount(row['benefit'])} USD a year of benefit, {averted} of it losses averted"
    return f"{averted} of losses averted"


def _land(plan: Plan) -> float:
    return float(plan.theatre.member_mask.sum()) * plan.theatre.grid.cell_km2


def _money(value: float, low: float, high: float) -> str:
    return f"{amount(value)} USD a year ({between(low, high)})"


def _shown(plan: Plan) -> str:
    return "The illustration" if _idle(plan) else "The chosen plan"


def _pays(plan: Plan, step: int) -> str:
    share = float(plan.ranges.steps["pays_share"].iloc[step])
    draws = _thin(plan.ranges.draws)
    if share == 0:
        return f"It pays for itself in none of {draws} draws of the assumptions."
    return f"It pays for itself in {percent(share)} of {draws} draws of the assumptions."


def _thin(number: int) -> str:
    return f"{number:,}".replace(",", THIN)


def _mu_people(plan: Plan) -> str:
    if plan.settings.line.budget_usd_yr is not None:
        return f"{amount(plan.settings.line.budget_usd_yr)} USD a year, the budget given"
    return f"{plan.line.mu:g} USD per person and year at its margin, as asked"


def _of(plan: Plan, key: str) -> str:
    """Quote an assumption with its range."""
    ledger = (*plan.threat.ledger, *plan.line.ledger)
    row = next((row for row in ledger if row.key == key), None)
    if row is None or row.value is None or row.low is None or row.high is None:
        return "no range"
    return f"{plain(row.value)}, {between(row.low, row.high)} {row.unit}"
