"""What the window stage found, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from vallum.brief.dividend_words import money
from vallum.brief.language import dated, named, of_stage, say
from vallum.brief.page_text import listed, percent, plain, whole
from vallum.brief.retold import retold
from vallum.window.changes import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.plan import Plan
    from vallum.window import Window
    from vallum.window.model import Part

__all__ = [
    "NEUTRAL",
    "alarms",
    "apart",
    "couple",
    "month",
    "nothing",
    "of_stability",
    "says",
    "titled",
    "turns",
]

NEUTRAL = 0.5
ALARM = Rule().alarm
CLEAR = 0.01  # chance of as strong a sign without any change


def nothing(plan: Plan) -> str:
    """Say why there is no window; no text where there is one."""
    if plan.window is None:
        return say("The window was not asked for.")
    if plan.window.climate is None:
        return say(
            "No event between these states is known: nothing can be said of their relations."
        )
    return ""


def titled(text: str, names: Mapping[str, str]) -> str:
    """Say the title of a part of the opening, which has states' names in it.

    Parameters
    ----------
    text
        Of `vallum.window.assess`.
    names
        Of states by ISO3.

    Examples
    --------
    >>> titled("Mali and Morocco", {})
    'Mali and Morocco'
    """
    said = retold(text, names)
    one, _, two = text.partition(" and ")
    return listed([named(one), named(two)]) if said == text and two else said


def couple(pair: str, names: Mapping[str, str]) -> str:
    """Write a pair of states.

    Examples
    --------
    >>> couple("DZA-MLI", {"DZA": "Algeria", "MLI": "Mali"})
    'Algeria–Mali'
    """
    return "–".join(names.get(one, one) for one in pair.split("-"))


def month(text: object) -> str:
    """Write a month.

    Examples
    --------
    >>> month("2023-12")
    'December 2023'
    """
    return dated(pd.Timestamp(str(text)).date(), "MMMM y")


def turns(found: Window, names: Mapping[str, str]) -> list[str]:
    """Say when relations turned, and how clearly."""
    out = []
    for row in found.changes.to_dict("records"):
        p = float(row["p"])
        told = {
            "pair": couple(str(row["pair"]), names),
            "month": month(row["month"]),
            "low": month(row["low"]),
            "high": month(row["high"]),
            "before": plain(float(row["before"])),
            "after": plain(float(row["after"])),
            "sign": say("a clear sign") if p <= CLEAR else say("a weak sign"),
            "p": plain(p),
        }
        out.append(
            say(
                "{pair}: a turn to the better dated {month} (between {low} and {high}), mean "
                "weight of events {before} before and {after} after; {sign} (p = {p}).",
                **told,
            )
            if float(row["after"]) > float(row["before"])
            else say(
                "{pair}: a turn to the worse dated {month} (between {low} and {high}), mean weight "
                "of events {before} before and {after} after; {sign} (p = {p}).",
                **told,
            )
        )
    return out


def says(part: Part) -> str:
    """Hold a part of the claim against its score: 0.5 is neutral."""
    if part.score is None:
        return of_stage(part.status or "no data")
    low, _, high = part.score
    if part.name == "load":
        return say("one series alone; other troubles have none")
    if low > NEUTRAL:
        return say("bears it out")
    if high < NEUTRAL:
        return say("the opposite")
    return say("can’t tell it from neutral")


def of_stability(found: Window, names: Mapping[str, str]) -> str:
    """Say whether the accord holds as the climate turns."""
    if not len(found.scenarios):
        return say("The accord was not reckoned, so nothing can be said of its stability.")
    holds = [
        of_stage(str(row["scenario"])) for row in found.scenarios.to_dict("records") if row["holds"]
    ]
    first = found.scenarios.iloc[0]
    if not holds:
        return say(
            "In no climate does the accord hold by what it brings: doing nothing leaves the "
            "members {usd} USD a year better off, as the climate is. It would need that much from "
            "outside, or reasons that are not in this sum.",
            usd=money(float(first["subsidy_usd_yr"])),
        )
    own = found.stability[found.stability["scenario"] == found.scenarios["scenario"].iloc[0]]
    rows = [(names.get(str(r["state"]), str(r["state"])), r) for r in own.to_dict("records")]
    keep = [
        say("{state} from {patience}", state=name, patience=plain(float(row["patience"])))
        for name, row in rows
        if row["keeps"]
    ]
    gone = [name for name, row in rows if not row["keeps"]]
    texts = [say("The accord holds in these climates: {list}.", list=listed(holds))]
    if keep:
        texts.append(
            say(
                "As it is, a state gains nothing by reneging if it weighs next year’s money at "
                "more than this share of this year’s: {list}.",
                list=listed(keep),
            )
        )
    if gone:
        texts.append(
            say(
                "No patience keeps {states}: by itself it has no less than its share, and only a "
                "transfer would.",
                states=listed(gone),
            )
        )
    return " ".join(texts)


def alarms(found: Window) -> str:
    """Say how often a turn is found where there is none."""
    count = 0 if found.climate is None else sum(not status for status in found.climate.status)
    return say(
        "A pair without any turn is given one in {alarm} of cases; among {pairs} pairs, were they "
        "independent, at least one in {any}.",
        alarm=percent(ALARM),
        pairs=whole(count),
        any=percent(1.0 - (1.0 - ALARM) ** count),
    )


def apart(found: Window, names: Mapping[str, str]) -> str:
    """Say how far apart the opening's pairs vote at the UN in the last year that is known."""
    if not len(found.background):
        return ""
    last = found.background.sort_values("year").groupby("pair", sort=False).tail(1)
    rows = [
        say(
            "{pair} {distance} in {year}",
            pair=couple(str(row["pair"]), names),
            distance=plain(float(row["distance"])),
            year=int(row["year"]),
        )
        for row in last.to_dict("records")
    ]
    return say(
        "Apart at the UN, by ideal points: {list}. It is a slow background, and weighs nothing in "
        "the opening.",
        list=listed(rows),
    )
