"""What the window stage found, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from vallum.brief.dividend_words import money
from vallum.brief.page_text import listed, percent, plain, whole
from vallum.window.changes import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.plan import Plan
    from vallum.window import Window

__all__ = [
    "CLAIM",
    "alarms",
    "apart",
    "claims",
    "couple",
    "gains",
    "headline",
    "how_sure",
    "month",
    "nothing",
    "of_stability",
    "short",
    "turns",
]

CLAIM = (
    "The proposal rests on timing: relations between Mali and Algeria decline while Algeria is "
    "absorbed by its own troubles, Mauritania draws closer to Morocco, and influence is Morocco’s "
    "gain."
)
NEUTRAL = 0.5
ALARM = Rule().alarm
CLEAR = 0.01  # chance of as strong a sign without any change


def nothing(plan: Plan) -> str:
    """Say why there is no window; no text where there is one."""
    if plan.window is None:
        return "The window was not asked for."
    if plan.window.climate is None:
        return "No event between these states is known: nothing can be said of their relations."
    return ""


def short(plan: Plan) -> tuple[str, tuple[str, ...]]:
    """Answer in one sentence, and what stands behind it."""
    if plan.window is None or plan.window.climate is None:
        return nothing(plan), ()
    return headline(plan.window), tuple(claims(plan.window)[:2])


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
    return f"{pd.Timestamp(str(text)):%B %Y}"


def headline(found: Window) -> str:
    """Say how open the window is, and whether it lasts."""
    now = found.opening
    if now.index is None:
        return "How open the window is can’t be said: there is no data on any of its parts."
    low, mid, high = now.index
    known = sum(part.score is not None for part in now.parts)
    text = (
        f"On a scale from 0, closed, to 1, open, the opening stands at {plain(mid)} "
        f"({plain(low)} to {plain(high)}), from {whole(known)} parts of {whole(len(now.parts))}."
    )
    if now.p_open_through is not None and now.p_open_now is not None:
        text += (
            f" It is open now in {percent(now.p_open_now)} of the draws, and stays so through the "
            f"{whole(now.months)} months of the programme in {percent(now.p_open_through)}."
        )
    return text


def turns(found: Window, names: Mapping[str, str]) -> list[str]:
    """Say when relations turned, and how clearly."""
    out = []
    for row in found.changes.to_dict("records"):
        way = "better" if float(row["after"]) > float(row["before"]) else "worse"
        sure = "a clear sign" if float(row["p"]) <= CLEAR else "a weak sign"
        out.append(
            f"{couple(str(row['pair']), names)}: a turn to the {way} dated {month(row['month'])} "
            f"(between {month(row['low'])} and {month(row['high'])}), mean weight of events "
            f"{plain(float(row['before']))} before and {plain(float(row['after']))} after; {sure} "
            f"(p = {plain(float(row['p']))})."
        )
    return out


def how_sure(found: Window) -> list[str]:
    """Say how well such outlooks did, and how two codings agree."""
    out = []
    if len(found.back_test):
        row = {str(k): float(v) for k, v in found.back_test.iloc[0].items()}
        out.append(
            f"Looking back, {whole(row['forecasts'])} forecasts {whole(row['ahead'])} months ahead "
            f"missed by {plain(row['mae'])} on the mean, on a scale of −10 to 10; “no change” by "
            f"{plain(row['mae_no_change'])}, “the mean so far” by {plain(row['mae_mean_so_far'])}; "
            f"{percent(row['coverage'])} lay within their range of 90 %. So few prove nothing."
        )
    out += [
        f"Two codings of the record agree on {percent(float(one['share']))} of its "
        f"{whole(float(one['events']))} events by kind of act (κ {plain(float(one['kappa']))}, "
        f"{plain(float(one['low']))} to {plain(float(one['high']))})."
        for one in found.agreement.to_dict("records")
        if one["by"] == "quad"
    ]
    return out


def claims(found: Window) -> list[str]:
    """Hold each part of the claim against its score: 0.5 is neutral."""
    out = []
    for part in found.opening.parts:
        if part.score is None:
            out.append(f"{part.title}: {part.status or 'no data'}.")
            continue
        low, mid, high = part.score
        if part.name == "load":
            said = "by this series alone; other troubles have none here"
        elif low > NEUTRAL:
            said = "the record bears it out"
        elif high < NEUTRAL:
            said = "the record says the opposite"
        else:
            said = "the record can’t tell it from neutral"
        span = plain(mid) if low == high else f"{plain(mid)} ({plain(low)} to {plain(high)})"
        out.append(f"{part.title}: {span}; {said}.")
    return out


def of_stability(found: Window, names: Mapping[str, str]) -> str:
    """Say whether the accord holds as the climate turns."""
    if not len(found.scenarios):
        return "The accord was not reckoned, so nothing can be said of its stability."
    holds = [str(row["scenario"]) for row in found.scenarios.to_dict("records") if row["holds"]]
    first = found.scenarios.iloc[0]
    if not holds:
        return (
            "In no climate does the accord hold by what it brings: doing nothing leaves the "
            f"members {money(float(first['subsidy_usd_yr']))} USD a year better off, as the "
            "climate is. It would need that much from outside, or reasons that are not in this sum."
        )
    own = found.stability[found.stability["scenario"] == found.scenarios["scenario"].iloc[0]]
    rows = [(names.get(str(r["state"]), str(r["state"])), r) for r in own.to_dict("records")]
    keep = [f"{name} from {plain(float(row['patience']))}" for name, row in rows if row["keeps"]]
    gone = [name for name, row in rows if not row["keeps"]]
    text = f"The accord holds in these climates: {listed(holds)}."
    if keep:
        text += (
            " As it is, a state gains nothing by reneging if it weighs next year’s money at more "
            f"than this share of this year’s: {listed(keep)}."
        )
    if gone:
        text += (
            f" No patience keeps {listed(gone)}: by itself it has no less than its share, and only "
            "a transfer would."
        )
    return text


def gains(found: Window, countries: pd.DataFrame) -> list[str]:
    """Say what the partner's part in each member's ties becomes, and who has most."""
    named = {str(iso3): str(name) for iso3, name in countries["name"].items()}
    partners = {str(iso3) for iso3 in countries.index[countries["role"] == "partner"]}
    index = found.influence[found.influence["part"] == "index"].dropna(subset=["after"])
    out = []
    for member, rows in index.groupby("member", sort=False):
        most = rows.sort_values("after", kind="stable").iloc[-1]
        for row in rows[rows["state"].isin(partners)].to_dict("records"):
            text = (
                f"{named[str(row['state'])]} in {named[str(member)]}: an index of "
                f"{percent(float(row['before']))} before and {percent(float(row['after']))} after "
                f"the accord ({percent(float(row['after_low']))} to "
                f"{percent(float(row['after_high']))} over all weights)"
            )
            if str(most["state"]) == str(row["state"]):
                out.append(f"{text}; no outside state in the theatre has more.")
            else:
                more = f"{named[str(most['state'])]}, with {percent(float(most['after']))}"
                out.append(f"{text}; {more}, has most of the outside states in the theatre.")
    return out


def alarms(found: Window) -> str:
    """Say how often a turn is found where there is none."""
    count = 0 if found.climate is None else sum(not status for status in found.climate.status)
    any_of = 1.0 - (1.0 - ALARM) ** count
    return (
        f"A pair without any turn is given one in {percent(ALARM)} of cases; among {whole(count)} "
        f"pairs, were they independent, at least one in {percent(any_of)}."
    )


def apart(found: Window, names: Mapping[str, str]) -> str:
    """Say how far apart the opening's pairs vote at the UN in the last year that is known."""
    if not len(found.background):
        return ""
    last = found.background.sort_values("year").groupby("pair", sort=False).tail(1)
    rows = [
        f"{couple(str(row['pair']), names)} {plain(float(row['distance']))} in {int(row['year'])}"
        for row in last.to_dict("records")
    ]
    return (
        f"Apart at the UN, by ideal points: {listed(rows)}. It is a slow background, and weighs "
        "nothing in the opening."
    )
