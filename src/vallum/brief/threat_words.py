"""Who comes, in words: the statement, what it rests on, how sure it is, what would change it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vallum.brief.page_text import THIN, listed, percent, plain

if TYPE_CHECKING:
    import pandas as pd

    from vallum.plan import Plan

__all__ = ["Through", "argument", "from_geography", "shares", "statement", "through"]

_LEAST = 0.001  # shares below are "under 0.1 %"
_VERDICTS = {
    "supports": "the record of events supports the claim",
    "contradicts": "the record of events contradicts the claim",
    "can't tell": "the record of events can't tell",
}


@dataclass(frozen=True)
class Through:
    """What passes one state: its name, and the share as low, mid, high."""

    name: str
    low: float
    mid: float
    high: float

    @property
    def text(self) -> str:
        """The share with its range."""
        return shares(self.low, self.mid, self.high)


def shares(low: float, mid: float, high: float) -> str:
    """Write a share with its range, tiny ones as "under 0.1 %".

    Examples
    --------
    >>> shares(0.0211, 0.0384, 0.161).replace(THIN, " ")
    '3.8 % (2.1–16 %)'
    >>> shares(1e-5, 0.0024, 0.011).replace(THIN, " "), shares(0.0, 1e-7, 1e-4).replace(THIN, " ")
    ('0.24 % (under 0.1–1.1 %)', 'under 0.1 %')
    """
    if high < _LEAST:
        return f"under{THIN}0.1{THIN}%"
    if percent(low) == percent(mid) == percent(high):
        return percent(mid)
    start = percent(low).removesuffix(f"{THIN}%")
    return f"{percent(mid)} ({start}–{percent(high)})"


def statement(plan: Plan) -> str:
    """Say who comes in one sentence.

    Parameters
    ----------
    plan
        To speak of.

    Returns
    -------
    str
        What comes from outside; what of it passes the state of the claim, or else the neighbours
        that most passes; and what the record of events says of the claim, where one is stated.
    """
    low, mid, high = plan.threat.reach
    parts = [f"Of the threat to vital land, {shares(low, mid, high)} comes from outside"]
    claim = plan.threat.claim
    if plan.threat.ways is None:
        parts.append("by which ways can't be said")
    else:
        passing = through(plan)
        if passing:
            said = " and ".join(f"{row.text} of that passes {row.name}" for row in passing)
            parts.append(f"on the model's assumptions {said}")
        elif claim.stated:
            states = listed([_name(plan, iso3) for iso3 in plan.settings.threat.claim.through])
            parts.append(f"how much of that passes {states} can't be said")
    if claim.stated:
        parts.append(_VERDICTS[claim.verdict])
    return "; ".join(parts) + "."


def through(plan: Plan) -> list[Through]:
    """Give the share that passes the claimed states, or the two neighbours that most passes.

    Parameters
    ----------
    plan
        To read.

    Returns
    -------
    list of Through
        None where nothing is known of them.
    """
    ways = plan.threat.ways
    if ways is None:
        return []
    table = ways.through
    if plan.threat.claim.stated:
        wanted = list(plan.settings.threat.claim.through)
        table = table[table["iso3"].isin(wanted)]
        return _rows(plan, table)
    foreign = table[~table["iso3"].isin(plan.theatre.members)]
    chosen = foreign if len(foreign) else table
    return _rows(plan, chosen[chosen["mid"] >= min(0.01, chosen["mid"].max())].head(2))


def argument(plan: Plan) -> list[tuple[str, tuple[str, ...]]]:
    """Lay out claim, finding, how sure, and what would change it.

    Parameters
    ----------
    plan
        To speak of.

    Returns
    -------
    list of (title, paragraphs)
        Without the claim where none is stated.
    """
    out: list[tuple[str, tuple[str, ...]]] = []
    claim = plan.settings.threat.claim
    if plan.threat.claim.stated:
        way = listed([_name(plan, iso3) for iso3 in claim.through])
        regions = listed(list(claim.claimed))
        text = f"Violence came into {regions} through {way}: so the proposal has it."
        out.append(("The claim", (text,)))
    out.append(("What we find", _found(plan)))
    out.append(("How sure", _sure(plan)))
    out.append(("What would change it", _change(plan)))
    return out


def from_geography(plan: Plan) -> str:
    """Set the model's own share from outside beside the one assumed.

    Parameters
    ----------
    plan
        To speak of.

    Returns
    -------
    str
        That neither is a measurement, and what it would mean if the other were true.
    """
    low, mid, high = plan.threat.reach
    said = f"{percent(mid)} is an assumption with its range, not a measurement."
    ways = plan.threat.ways
    if ways is None:
        return said
    own = ways.from_outside
    text = (
        f"{said} The model's own geography (where events are expected, what is worth reaching, how "
        f"far it is) would give {shares(*own)} from outside vital land: a check, and no "
        "measurement either."
    )
    if low <= own[1] <= high:
        return f"{text} The two agree."
    way, more = ("above", "more") if own[1] > high else ("below", "less")
    return (
        f"{text} That is {way} the range assumed. The plan keeps the assumption; by the geography, "
        f"a line could touch {more} of the losses than this page counts."
    )


def _found(plan: Plan) -> tuple[str, ...]:
    """Say by which ground journeys come."""
    ways = plan.threat.ways
    if ways is None:
        return (_nothing(plan),)
    out = []
    foreign = _rows(plan, ways.through[~ways.through["iso3"].isin(plan.theatre.members)].head(1))
    if foreign and foreign[0].mid >= _LEAST:
        top = foreign[0]
        out.append(
            f"Most journeys to vital land touch the ground of {top.name}: {top.text}."
            if top.mid > 0.5
            else f"Of the states that are no members, {top.name} is touched by most journeys: "
            f"{top.text}."
        )
    doors = []
    for member in plan.theatre.members:
        first = ways.entering[ways.entering["member"] == member].head(1)
        if len(first):
            row = _rows(plan, first, "neighbour")[0]
            doors.append(f"{_name(plan, member)} first from {row.name}, {row.text}")
    if doors:
        out.append(f"Journeys from outside mostly enter {_joined(doors)}.")
    if len(ways.claimed) and plan.threat.claim.stated:
        out.append(_claimed(plan, ways.claimed))
    return tuple(out)


def _claimed(plan: Plan, table: pd.DataFrame) -> str:
    """Say what passes the claimed state on the way to the claimed regions."""
    wanted = plan.settings.threat.claim
    mine = _rows(plan, table[table["iso3"].isin(list(wanted.through))])
    rest = _rows(plan, table[~table["iso3"].isin(list(wanted.through))].head(1))
    said = " and ".join(f"{row.text} pass {row.name}" for row in mine) or "no share is known"
    more = f"; {rest[0].text} pass {rest[0].name}" if rest else ""
    return f"Of the journeys to {listed(list(wanted.claimed))} alone, {said}{more}."


def _sure(plan: Plan) -> tuple[str, ...]:
    """Say how sure it is, by the ranges themselves."""
    ways, claim = plan.threat.ways, plan.threat.claim
    out = []
    if ways is not None:
        inside = f"{100 * plan.settings.threat.interval:.0f}{THIN}%"
        out.append(
            f"Ranges hold {inside} of {plain(ways.draws, 4)} joint draws of the assumptions; the "
            "assumptions themselves are judgements, named in the ledger."
        )
        passing = through(plan)
        table = ways.through[~ways.through["iso3"].isin(plan.theatre.members)]
        top = _rows(plan, table.head(1))
        if claim.stated and top and passing and top[0].name != passing[0].name:
            mine, first = passing[0], top[0]
            out.append(
                f"The order is sure on these assumptions: the low end for {first.name} "
                f"({percent(first.low)}) is above the high end for {mine.name} "
                f"({percent(mine.high)})."
                if first.low > mine.high
                else f"The order is not sure: the ranges of {first.name} and {mine.name} overlap."
            )
    if claim.stated and claim.kind == "counts":
        out.append(
            "The record here is counts by region and year, without days and places: a test on it "
            "sees little, and its silence says little."
        )
    return tuple(out) or ("Nothing was found, so there is nothing to be sure of.",)


def _change(plan: Plan) -> tuple[str, ...]:
    """Say what would change it."""
    passage = plan.settings.threat.passage
    out = []
    if passage.sanctuaries:
        out.append("The sanctuaries are the user's own: others would give other ways.")
    else:
        unseen = shares(passage.unseen_low, passage.unseen, passage.unseen_high)
        out.append(
            "Bases that the record of events does not show. Groups rest where they do not fight, "
            f"and no source says how many: {unseen} of origins are taken to be unseen, spread "
            "evenly over thinly peopled ground. Evidence of more of them there would raise the "
            "share of the states that such ground leads through; the upper ends hold such draws."
        )
    if plan.theatre.events.empty:
        out.append(
            "Events with day and place (a table of one's own can be brought): they would let the "
            "record speak, and sharpen where journeys begin."
        )
    return tuple(out)


def _nothing(plan: Plan) -> str:
    """Say why there are no ways."""
    whose = "the user's own" if plan.settings.threat.passage.sanctuaries else "known or assumed"
    return (
        f"By which ways they come can't be said: no sanctuary ({whose}) lies outside vital land, "
        "or no passable way leads from one to it."
    )


def _rows(plan: Plan, table: pd.DataFrame, key: str = "iso3") -> list[Through]:
    return [
        Through(
            _name(plan, str(row[key])), float(row["low"]), float(row["mid"]), float(row["high"])
        )
        for row in table.to_dict("records")
    ]


def _name(plan: Plan, iso3: str) -> str:
    names = plan.theatre.countries["name"]
    return str(names[iso3]) if iso3 in names.index else iso3


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{'; '.join(parts[:-1])}; and {parts[-1]}"
