"""The page's chapter on the campaign: whether it holds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vallum.brief.campaign_chart import spread
from vallum.brief.campaign_map import GREY, classes, draw
from vallum.brief.campaign_names import (
    PER_YEAR,
    case_name,
    change_range,
    kind_of,
    land_name,
    means_name,
    part_name,
    parts_names,
    shares,
    signed,
    yearly,
)
from vallum.brief.campaign_words import case_words, verdicts
from vallum.brief.language import dated, named, of_stage, say
from vallum.brief.page_text import THIN, capital, percent, plain, whole
from vallum.brief.record_campaign import (
    WHERE,
    change_of,
    changes,
    country_names,
    neighbours,
    told_leaks,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.campaign.model import Case
    from vallum.plan import Plan

__all__ = ["chapter", "one_case"]

_MOST = 40  # rows of a table on the page; the files have all
_NOTHING = 0.0005  # of a chance: a smaller difference is none that is written
WHOLE = "the whole line"  # what the stage calls a line that is one part


def chapter(plan: Plan) -> dict[str, Any]:
    """Gather what the chapter prints.

    Parameters
    ----------
    plan
        To show.

    Returns
    -------
    dict
        `status` (what is to be said besides), `classes` and `grey` (of the maps), `cases`: as of
        `one_case`; none where nothing was played, which the chapter's head says.
    """
    found = plan.campaign
    cases = [] if found is None else [one_case(plan, case) for case in found.cases]
    if plan.line.status != "ok":  # an illustration's line is short: what is asked of comes first
        cases.reverse()
    return {
        "status": "" if found is None or found.status == "ok" else of_stage(found.status),
        "classes": classes(),
        "grey": GREY,
        "cases": cases,
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
        `key`, `name`, `title`, `words`, `verdicts`, `maps`, `phases`, `spread` (an SVG, or None),
        and the tables `means`, `states`, `leaks` (and how many are left out, `more`),
        `reinforcement`, `nested` (whether all best sets hold the ones before), `useless` (whether
        none of them brings anything), `patrols`, `published`. Where the line is one part there is
        nothing to choose, and neither `reinforcement` nor `patrols`.
    """
    names = country_names(plan)
    leaks, best = told_leaks(case, names), case.exact.reinforcement
    name = case_name(case.name, illustration=plan.line.status != "ok")
    return {
        "key": case.name,
        "name": name,
        "title": capital(name),
        "words": case_words(case),
        "verdicts": verdicts(case, names),
        "maps": draw(plan, case) if len(case.world.targets) else None,
        "phases": _phases(case),
        "spread": spread(case),
        "means": _means(case),
        "states": _states(case, names),
        "leaks": [_leak(row, names) for row in leaks.head(_MOST).to_dict("records")],
        "more": max(len(leaks) - _MOST, 0),
        "reinforcement": _reinforcement(case, names),
        "nested": not len(best) or bool(best["nested"].astype(bool).all()),
        "useless": len(best) > 0 and float(np.ptp(best["evades"].to_numpy(np.float64))) < _NOTHING,
        "patrols": _patrols(case, names),
        "published": _published(case),
    }


def _phases(case: Case) -> list[dict[str, Any]]:
    """Give a row per phase: its number, name, and what is said of it."""
    out = []
    for row in case.phases.to_dict("records"):
        begins = pd.Timestamp(str(row["begins"])) if row["begins"] is not None else pd.NaT
        length = f"{plain(float(row['covered_km']), 3)}{THIN}km"
        told = (
            say("{length} covered", length=length)
            if pd.isna(begins)
            else say("from {month}, {length} covered", month=dated(begins, "MMM y"), length=length)
        )
        out.append({"phase": int(row["phase"]), "name": of_stage(str(row["name"])), "told": told})
    return out


def _means(case: Case) -> list[dict[str, Any]]:
    """Give a row per means: attacks a year after, and the change with its range, by place."""
    return [
        {
            "name": capital(means_name(means)),
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
    places = {"held": say("The land it holds"), "outside": say("Members’ other land")}
    places |= {iso3: named(names.get(iso3, iso3)) for iso3 in neighbours(case)}
    places["all"] = say("All together")
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
                "range": PER_YEAR.two(float(ends[what]["low"]), float(ends[what]["high"])),
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
        "name": capital(_name(row, names)),
        "kind": capital(kind_of(row["kind"])),
        "facing": land_name(row["facing"], names),
        "km": plain(float(row["length_km"]), 3),
        "tried": yearly(float(row["tried"])),
        "through": yearly(float(row["through"])),
        "leakage": percent(float(row["leakage"])),
        "range": shares(float(row["leakage_low"]), float(row["leakage_high"])),
    }


def _name(row: Mapping[Any, Any], names: Mapping[str, str]) -> str:
    """Name a part; of a flank, by the land that it faces, in the language of the block."""
    name = str(row["name"])
    if row["kind"] == "flank" and name.startswith("flank facing"):
        return say("flank facing {land}", land=land_name(row["facing"], names))
    return part_name(name, names)


def _choice(case: Case) -> bool:
    """Whether the line has parts to choose among."""
    return any(part != WHOLE for part in case.exact.reinforcement.get("parts", ()))


def _reinforcement(case: Case, names: Mapping[str, str]) -> list[dict[str, str]]:
    """Give a row per number of parts reinforced."""
    if not _choice(case):
        return []
    return [
        {
            "budget": whole(float(row["budget"])),
            "evades": percent(float(row["evades"])),
            "bound": percent(float(row["bound"])),
            "parts": parts_names(str(row["parts"]), names),
            "nested": say("yes") if row["nested"] else say("no"),
            "by_list": percent(float(row["by_list"])),
            "regret": _points(float(row["regret"])),
        }
        for row in case.exact.reinforcement.to_dict("records")
    ]


def _points(share: float) -> str:
    """Write a difference of chances in points."""
    if abs(share) < _NOTHING:
        return say("nothing", context="loss")
    return say("{number} points", number=plain(100.0 * share))


def _patrols(case: Case, names: Mapping[str, str]) -> list[dict[str, str]]:
    """Give a row per number of patrols."""
    if not _choice(case):
        return []
    return [
        {
            "patrols": whole(float(row["patrols"])),
            "evades": percent(float(row["evades"])),
            "uniform": percent(float(row["uniform"])),
            "parts": parts_names(str(row["parts"]), names),
        }
        for row in case.exact.patrols.to_dict("records")
    ]


def _published(case: Case) -> list[dict[str, Any]]:
    """Give a row per published effect beside ours."""
    return [
        {
            "study": str(row["study"]),
            "says": of_stage(str(row["says"])),
            "measure": of_stage(str(row["measure"])),
            "published": _as_it_is(row["published"], row["measure"]),
            "ours": say(
                "{mid} ({range})",
                mid=_as_it_is(row["mid"], row["measure"]),
                range=_ours(row),
            ),
            "agrees": bool(row["consistent"]),
            "why": of_stage(str(row["why"])),
        }
        for row in case.published.to_dict("records")
    ]


def _as_it_is(value: object, measure: object) -> str:
    """Write a published figure: changes and shares in per cent, none as a dash, text as it is."""
    if not isinstance(value, int | float | np.number):
        return of_stage(str(value))
    if not math.isfinite(float(value)):
        return "–"
    return signed(float(value)) if _change(measure) else percent(float(value))


def _ours(row: Mapping[Any, Any]) -> str:
    """Write our own range of a measure."""
    write = change_range if _change(row["measure"]) else shares
    return write(float(row["low"]), float(row["high"]))


def _change(measure: object) -> bool:
    """Whether a measure is a change; else it is a share."""
    return str(measure).startswith("change")
