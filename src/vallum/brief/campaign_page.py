"""The page's chapter on the campaign: whether it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vallum.brief.campaign_chart import spread
from vallum.brief.campaign_map import GREY, classes, draw
from vallum.brief.campaign_words import (
    CASES,
    MEANS,
    case_words,
    change_range,
    kind_of,
    nothing,
    shares,
    signed,
    verdicts,
    yearly,
)
from vallum.brief.page_text import THIN, between, percent, plain, whole
from vallum.brief.record_campaign import (
    WHERE,
    change_of,
    changes,
    country_names,
    facing_name,
    neighbours,
    told_leaks,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.campaign.model import Case
    from vallum.plan import Plan

__all__ = ["chapter", "one_case"]

_MOST = 40  # rows of a table on the page; the files have all


def chapter(plan: Plan) -> dict[str, Any]:
    """Gather what the chapter prints.

    Parameters
    ----------
    plan
        To show.

    Returns
    -------
    dict
        `nothing` (a sentence, or no text), `status` (what is to be said besides), `classes` and
        `grey` (of the maps), `cases`: as of `one_case`.
    """
    found = plan.campaign
    return {
        "nothing": nothing(plan),
        "status": "" if found is None or found.status == "ok" else found.status,
        "classes": classes(),
        "grey": GREY,
        "cases": [] if found is None else [one_case(plan, case) for case in found.cases],
    }


def one_case(plan: Plan, case: Case) -> dict[str, Any]:
    """Gather what is printed of one case.

    Parameters
    ----------
    plan
        For ground, borders and names.
    case
        To show.

    Returns
    -------
    dict
        `name`, `words`, `verdicts`, `maps`, `phases`, `spread` (an SVG, or None), and the tables
        `means`, `states`, `leaks` (and how many are left out, `more`), `reinforcement`,
        `nested` (whether all best sets hold the ones before), `patrols`, `published`.
    """
    names = country_names(plan)
    leaks, best = told_leaks(case, names), case.exact.reinforcement
    return {
        "key": case.name,
        "name": CASES.get(case.name, case.name),
        "words": case_words(case, case.played[1]),
        "verdicts": verdicts(case, names),
        "maps": draw(plan, case) if len(case.world.targets) else None,
        "phases": _phases(case),
        "spread": spread(case),
        "means": _means(case),
        "states": _states(case, names),
        "leaks": [_leak(row, names) for row in leaks.head(_MOST).to_dict("records")],
        "more": max(len(leaks) - _MOST, 0),
        "reinforcement": _reinforcement(case),
        "nested": not len(best) or bool(best["nested"].astype(bool).all()),
        "patrols": _patrols(case),
        "published": _published(case),
    }


def _phases(case: Case) -> list[dict[str, Any]]:
    """Give a row per phase: its number, name, and what is said of it."""
    out = []
    for row in case.phases.to_dict("records"):
        begins = row["begins"]
        known = begins is not None and not pd.isna(pd.Timestamp(str(begins)))
        since = f"from {pd.Timestamp(str(begins)):%b %Y}, " if known else ""
        km = f"{plain(float(row['covered_km']), 3)}{THIN}km covered"
        out.append({"phase": int(row["phase"]), "name": str(row["name"]), "told": f"{since}{km}"})
    return out


def _means(case: Case) -> list[dict[str, Any]]:
    """Give a row per means: attacks a year after, and the change with its range, by place."""
    return [
        {
            "name": MEANS.get(means, means),
            "line": means == "line",
            "nothing": means == "nothing",  # what the others are compared with
            "cells": [
                (
                    yearly(row["after"]),
                    signed(row["change"]),
                    change_range(row["change_low"], row["change_high"]),
                )
                if (row := by.get(what)) is not None
                else ("–", "", "")
                for what in WHERE
            ],
        }
        for means, by in changes(case).items()
    ]


def _states(case: Case, names: Mapping[str, str]) -> list[dict[str, str]]:
    """Give a row per place: held land, members' other land, and each neighbour."""
    totals = case.totals[case.totals["means"] == "line"]
    last = totals[totals["phase"] == totals["phase"].max()]
    ends = {str(row["what"]): row for row in last.to_dict("records")}
    places = {"held": "The land it holds", "outside": "Members’ other land"}
    places |= {iso3: names.get(iso3, iso3) for iso3 in neighbours(case)}
    places["all"] = "All together"
    out = []
    for what, name in places.items():
        row = change_of(case, "line", what)
        if row is None or what not in ends:
            continue
        low, high = row["change_low"], row["change_high"]
        out.append(
            {
                "name": name,
                "before": yearly(row["before"]),
                "after": yearly(row["after"]),
                "range": between(float(ends[what]["low"]), float(ends[what]["high"])),
                "change": signed(row["change"]),
                "ends": change_range(low, high),
                "way": _way(low, high),
            }
        )
    return out


def _way(low: float, high: float) -> str:
    """Say which way all of a range points: fewer, more, or neither."""
    return "fewer" if high < 0 else "more" if low > 0 else "either"


def _leak(row: Mapping[Any, Any], names: Mapping[str, str]) -> dict[str, str]:
    """Give a row of the table of leaks."""
    return {
        "name": str(row["name"]),
        "kind": kind_of(row["kind"]),
        "facing": facing_name(row["facing"], names),
        "km": plain(float(row["length_km"]), 3),
        "tried": yearly(float(row["tried"])),
        "through": yearly(float(row["through"])),
        "leakage": percent(float(row["leakage"])),
        "range": shares(float(row["leakage_low"]), float(row["leakage_high"])),
    }


def _reinforcement(case: Case) -> list[dict[str, str]]:
    """Give a row per number of parts reinforced."""
    return [
        {
            "budget": whole(float(row["budget"])),
            "evades": percent(float(row["evades"])),
            "bound": percent(float(row["bound"])),
            "parts": str(row["parts"]) or "–",
            "nested": "yes" if row["nested"] else "no",
            "by_list": percent(float(row["by_list"])),
            "regret": _points(float(row["regret"])),
        }
        for row in case.exact.reinforcement.to_dict("records")
    ]


def _points(share: float) -> str:
    """Write a difference of chances in points."""
    return "nothing" if abs(share) < 0.0005 else f"{plain(100.0 * share)} points"


def _patrols(case: Case) -> list[dict[str, str]]:
    """Give a row per number of patrols."""
    return [
        {
            "patrols": whole(float(row["patrols"])),
            "evades": percent(float(row["evades"])),
            "uniform": percent(float(row["uniform"])),
            "parts": str(row["parts"]) or "–",
        }
        for row in case.exact.patrols.to_dict("records")
    ]


def _published(case: Case) -> list[dict[str, Any]]:
    """Give a row per published effect beside ours."""
    return [
        {
            "study": str(row["study"]),
            "says": str(row["says"]),
            "measure": str(row["measure"]),
            "published": _as_it_is(row["published"]),
            "ours": f"{_as_it_is(row['mid'])} ({_as_it_is(row['low'])} to "
            f"{_as_it_is(row['high'])})",
            "agrees": bool(row["consistent"]),
            "why": str(row["why"]),
        }
        for row in case.published.to_dict("records")
    ]


def _as_it_is(value: object) -> str:
    """Write a published figure: numbers rounded, text as it is."""
    return plain(float(value)) if isinstance(value, int | float | np.number) else str(value)
