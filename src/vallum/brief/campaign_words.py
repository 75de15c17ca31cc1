"""What the campaign stage found, in sentences: where it works and where it fails."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from vallum.brief.page_text import THIN, amount, between, listed, percent, plain, whole
from vallum.brief.record_campaign import (
    change_of,
    changes,
    facing_name,
    neighbours,
    told_leaks,
    untold_km,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.campaign.model import Case
    from vallum.plan import Plan

__all__ = [
    "CASES", "MEANS", "Verdict", "case_words", "change_range", "kind_of", "nothing",
    "shares",
    "short", "signed", "verdicts", "yearly",
]  # fmt: skip

Change: TypeAlias = "Mapping[str, float]"

CASES = {"plan": "the plan's line", "half": "a line that holds half of the output"}
MEANS = {
    "nothing": "nothing", "line": "the line", "reserves": "mobile reserves",
    "policing": "policing", "towns": "defended towns", "development": "development",
}  # fmt: skip
_EVEN = 0.005  # of before: a smaller change is none that a reader would call one


@dataclass(frozen=True)
class Verdict:
    """One finding.

    Attributes
    ----------
    head
        What it is about, in a few words.
    kind
        "works", "fails" or "open": for the mark beside it.
    figure
        The number that stands out.
    text
        Sentences.
    """

    head: str
    kind: str
    figure: str
    text: str


def nothing(plan: Plan) -> str:
    """Say that nothing was played, and why; no text where something was."""
    found = plan.campaign
    if found is None:
        return (
            "Whether it holds was not played out for this plan: losses averted take attackers as "
            "they are, and none of them goes round, waits or turns elsewhere."
        )
    if not found.cases:
        return f"Whether it holds could not be played out: {found.status}."
    return ""


def short(plan: Plan) -> tuple[str, tuple[str, ...]]:
    """Give the short answer and the rest, for the answers of the page."""
    said = nothing(plan)
    found = plan.campaign
    if said or found is None:
        return said, ()
    first, *others = found.cases
    names = {str(k): str(v) for k, v in plan.theatre.countries["name"].items()}
    told = {verdict.head: verdict.text for verdict in verdicts(first, names)}
    more = [told[head] for head in (_TOUCH, _ELSEWHERE) if head in told]
    for case in others:
        row = changes(case).get("line", {}).get("held")
        if row is not None:
            more.append(f"{_capital(CASES.get(case.name, case.name))}: {_held_words(row)}")
    return told.get(_HELD, f"{plain(first.line_km, 3)}{THIN}km of line were played."), tuple(more)


_TOUCH, _STOPS, _HELD = "What a line can touch", "What it stops", "Attacks on the land it holds"
_LEAKS, _ELSEWHERE = "Where it leaks", "What strikes elsewhere instead"
_OUTSIDE, _ABROAD = "Members' land left outside", "Neighbours"
_MONEY, _STUDIES = "The same money otherwise", "Against published effects"


def verdicts(case: Case, names: Mapping[str, str]) -> list[Verdict]:
    """Say of one case what the line can touch, stops, lets through, moves elsewhere and forgoes.

    Parameters
    ----------
    case
        To speak of.
    names
        Of states by ISO3.

    Returns
    -------
    list
        In the order in which they are asked; every number is from the case's tables.
    """
    line = changes(case).get("line", {})
    return [
        _touch(case),
        *_stops(case),
        *([_held(line["held"])] if "held" in line else []),
        *_leaks(case, names),
        _elsewhere(case),
        *([_outside(line["outside"])] if "outside" in line else []),
        *_abroad(case, names),
        *_money(case),
        *_studies(case),
    ]


def case_words(case: Case, asked: int) -> str:
    """Say what was played."""
    played = case.played[0]
    short_of = f" of {whole(asked)}" if played < asked else ""
    years = float(case.phases["years"].iloc[-1]) if len(case.phases) else math.nan
    last = f"; the last phase is played for {years:g} years" if math.isfinite(years) else ""
    return (
        f"{plain(case.line_km, 3)}{THIN}km of line, {amount(case.cost_usd_yr)} USD a year, step "
        f"{case.step}. {whole(played)}{short_of} draws of all assumptions, each a history of its "
        f"own{last}. Ranges hold the middle 90{THIN}% of the draws."
    )


def _touch(case: Case) -> Verdict:
    low, mid, high = case.touchable
    text = (
        f"{percent(mid)} of the attacks on the members' land come by ways that cross where the "
        f"line stands ({shares(low, high)}). The other {percent(1.0 - mid)} start inside, strike "
        "land that is not held, or come where no line stands: no work on the line reaches them."
    )
    return Verdict(_TOUCH, "works" if mid >= 0.5 else "fails", percent(mid), text)


def _stops(case: Case) -> list[Verdict]:
    low, mid, high = case.stopped
    if not math.isfinite(mid):
        text = "Nobody crosses where it stands in these draws, so that it stops nobody."
        return [Verdict(_STOPS, "open", "–", text)]
    text = (
        f"Of those who cross there {percent(mid)} are stopped in the end ({shares(low, high)}), "
        f"tries after a first one included; {percent(1.0 - mid)} get through.{_forts(case)}"
    )
    return [Verdict(_STOPS, "works" if mid >= 0.5 else "fails", percent(mid), text)]


def _forts(case: Case) -> str:
    """Say how often its own forts are attacked, in the last phase."""
    table = case.totals[(case.totals["means"] == "line") & (case.totals["what"] == "forts")]
    for row in table[table["phase"] == table["phase"].max()].to_dict("records"):
        ends = between(float(row["low"]), float(row["high"]))
        return f" Its own forts are attacked {yearly(float(row['mean']))} times a year ({ends})."
    return ""


def _held(row: Change) -> Verdict:
    kind = "works" if row["change_high"] < 0 else "fails" if row["change"] >= -_EVEN else "open"
    return Verdict(_HELD, kind, signed(row["change"]), _held_words(row))


def _held_words(row: Change) -> str:
    text = f"{_moved('attacks on the land it holds', row)}."
    if row["change_low"] < 0 < row["change_high"]:
        text += " Some draws have more of them than before: it can't be relied on."
    return text


def _leaks(case: Case, names: Mapping[str, str]) -> list[Verdict]:
    """Say where most get through, and round which ends."""
    table = told_leaks(case, names)
    if not len(table):
        text = "No part of the line or of its flanks is 50 km long: where it leaks is not told."
        return [Verdict(_LEAKS, "open", "–", text)]
    flank = (table["kind"] == "flank").to_numpy(np.bool_)
    total = float(table["through"].sum())
    said = []
    parts = table[~flank].reset_index(drop=True)
    if len(parts):
        worst = parts.iloc[0]
        low, high = float(worst["leakage_low"]), float(worst["leakage_high"])
        said.append(
            f"Where the line stands most get through at {worst['name']}"
            f"{_facing(worst['facing'], names)}, {plain(float(worst['length_km']), 3)}{THIN}km "
            f"long: {yearly(float(worst['through']))} a year, {percent(float(worst['leakage']))} "
            f"of those who try there ({shares(low, high)})."
        )
    round_it = float(table.loc[flank, "through"].sum())
    if flank.any():
        by = table[flank].groupby("facing", sort=True)["through"].sum()
        by = by.sort_values(ascending=False, kind="stable")
        ends = [f"{facing_name(k, names)} {yearly(float(v))}" for k, v in by.items()]
        said.append(
            f"Round it, where no line stands, pass {yearly(round_it)} a year, by the land in "
            f"front: {listed(ends)}."
        )
    if untold_km(case) > 0:
        said.append(f"Flanks of {plain(untold_km(case), 2)}{THIN}km are too short to be told.")
    share = round_it / total if total > 0 else 0.0
    figure = f"{percent(share)} round it" if flank.any() else f"{yearly(total)} a year"
    return [Verdict(_LEAKS, "fails" if total > 0 else "works", figure, " ".join(said))]


def _elsewhere(case: Case) -> Verdict:
    low, mid, high = case.displaced
    if not math.isfinite(mid):
        text = "The land it holds is spared no attacks, so that none strikes elsewhere instead."
        return Verdict(_ELSEWHERE, "open", "–", text)
    text = (
        f"Of the attacks that held land is spared, {percent(mid)} strike elsewhere "
        f"({shares(low, high)}): on members' land outside, or in neighbouring states."
    )
    return Verdict(_ELSEWHERE, "works" if high < 0.1 else "fails", percent(mid), text)


def _outside(row: Change) -> Verdict:
    text = f"{_moved('attacks on the members’ other land', row)}."
    if row["change"] > _EVEN:
        text += (
            " Those left outside pay for those inside."
            if row["change_low"] > 0
            else " On the mean those left outside pay for those inside; not in every draw."
        )
    return Verdict(_OUTSIDE, _kind(row), signed(row["change"]), text)


def _abroad(case: Case, names: Mapping[str, str]) -> list[Verdict]:
    """Say what each neighbour gains or suffers."""
    rows = [
        (names.get(iso3, iso3), row)
        for iso3 in neighbours(case)
        if (row := change_of(case, "line", iso3)) is not None
    ]
    if not rows:
        return []
    worse = [name for name, row in rows if row["change"] > _EVEN]
    better = [name for name, row in rows if row["change"] < -_EVEN]
    sure = [name for name, row in rows if row["change_low"] > 0]
    verbs = [
        f"{listed(group)} {'suffers' if len(group) == 1 else 'suffer'} {what} attacks than before"
        for group, what in ((worse, "more"), (better, "fewer"))
        if group
    ] or ["no neighbour's attacks change by more than half a per cent"]
    said = f"{_capital('; '.join(verbs))}"
    if worse:
        said += f"; more in 19 draws of 20 or more: {listed(sure)}"
    told = [
        f"{name} {yearly(row['before'])} → {yearly(row['after'])} a year "
        f"({signed(row['change'])}; {_ranged(row)})"
        for name, row in rows
    ]
    figure = f"{whole(len(worse))} of {whole(len(rows))} worse off"
    text = f"{said}. {listed(told, most=12)}."
    return [Verdict(_ABROAD, "fails" if worse else "works", figure, text)]


def _money(case: Case) -> list[Verdict]:
    """Compare the line with the best of the other means."""
    found = changes(case)
    others = [means for means in found if means not in ("nothing", "line")]
    said, beaten = [], False
    for what, text in (("held", "On the held land"), ("all", "Over all land, neighbours included")):
        rows = {means: by[what] for means in others if (by := found[means]).get(what)}
        line = found.get("line", {}).get(what)
        if not rows or line is None:
            continue
        best = min(rows, key=lambda means: rows[means]["change"])
        row = rows[best]
        more = row["change"] < line["change"]
        beaten = beaten or more
        said.append(
            f"{text} the best other use of the money is {MEANS.get(best, best)}: "
            f"{signed(row['change'])} ({change_range(row['change_low'], row['change_high'])}), the "
            f"line {signed(line['change'])} ({_ranged(line)}): "
            f"{'the line does less' if more else 'the line does no less'}"
            f"{'' if _apart(row, line) else ', but the ranges overlap'}."
        )
    if not said:
        return []
    figure = "Others do more" if beaten else "None does more"
    return [Verdict(_MONEY, "fails" if beaten else "works", figure, " ".join(said))]


def _studies(case: Case) -> list[Verdict]:
    """Count the published effects that ours agree with, and name those it does not."""
    table = case.published
    if not len(table):
        return []
    agree = table["consistent"].to_numpy(np.bool_)
    against = [f"{row['study']} ({row['measure']})" for row in table[~agree].to_dict("records")]
    text = f"{whole(int(agree.sum()))} of {whole(len(table))} published effects lie in our range."
    if against:
        text += f" Not so: {listed(against)}."
    figure = f"{whole(int(agree.sum()))} of {whole(len(table))}"
    return [Verdict(_STUDIES, "fails" if against else "works", figure, text)]


def _kind(row: Change) -> str:
    if row["change_high"] <= _EVEN:
        return "works"
    return "fails" if row["change"] > _EVEN else "open"


def _moved(what: str, row: Change) -> str:
    """Say how a number moves from before to after."""
    way = "rise" if row["change"] > _EVEN else "fall" if row["change"] < -_EVEN else "stay"
    how = {"rise": "rise", "fall": "fall", "stay": "hardly change"}[way]
    return (
        f"{_capital(what)} {how} from {yearly(row['before'])} to {yearly(row['after'])} a year: "
        f"{signed(row['change'])} ({_ranged(row)})"
    )


def _apart(a: Change, b: Change) -> bool:
    """Whether two ranges do not meet."""
    return a["change_high"] < b["change_low"] or b["change_high"] < a["change_low"]


def yearly(value: float) -> str:
    """Write a number a year, three digits of it; very small ones as such.

    Examples
    --------
    >>> yearly(123.4), yearly(0.02), yearly(0.0), yearly(float("nan"))
    ('123', 'under 0.1', '0', '–')
    """
    if not math.isfinite(value):
        return "–"
    return "under 0.1" if 0 < value < 0.1 else plain(value, 3 if value >= 10 else 2)


def signed(share: float) -> str:
    """Write a change in per cent with its sign.

    Examples
    --------
    >>> [signed(x).replace(THIN, " ") for x in (-0.331, 0.0572, 0.0, -0.0004)]
    ['−33 %', '+5.7 %', '0 %', 'under ±0.1 %']
    """
    if not math.isfinite(share):
        return "–"
    if 0 < abs(share) < 0.001:
        return f"under ±0.1{THIN}%"
    if share == 0:
        return f"0{THIN}%"
    return f"{'−' if share < 0 else '+'}{percent(abs(share))}"


def change_range(low: float, high: float) -> str:
    """Write the range of a change in per cent.

    Examples
    --------
    >>> change_range(-0.45, 0.062).replace(THIN, " ")
    '−45 to +6.2 %'
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return "no range"
    ends = [
        "0" if abs(end) < 0.001 else f"{'−' if end < 0 else '+'}{plain(100.0 * abs(end))}"
        for end in (low, high)
    ]
    return f"{ends[0]} to {ends[1]}{THIN}%"


def _ranged(row: Change) -> str:
    return change_range(row["change_low"], row["change_high"])


def shares(low: float, high: float) -> str:
    """Write a range of shares in per cent."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return "no range"
    if high - low < 0.0005:
        return "in all draws"
    return f"{between(100.0 * low, 100.0 * high)}{THIN}%"


def kind_of(kind: object) -> str:
    """Name a kind of entry."""
    return {"line": "line", "gate": "gate on a road", "flank": "no line"}.get(str(kind), str(kind))


def _facing(facing: object, names: Mapping[str, str]) -> str:
    """Name what lies in front, where it is said."""
    return f" (in front: {facing_name(facing, names)})" if str(facing) not in ("", "nan") else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
