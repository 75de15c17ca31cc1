"""Tables of who comes and who else crosses: corridors, shares by state, borders, forecasts."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from vallum.brief.page_text import THIN, amount, between, percent, plain
from vallum.brief.threat_words import shares
from vallum.threat.intensity.counts import MODELS
from vallum.threat.intensity.forecast import BASELINES, verdict

if TYPE_CHECKING:
    from vallum.plan import Plan

__all__ = ["SHOWN", "borders", "corridors", "entering", "forecast", "kinds", "through"]

SHOWN = 12  # border crossings before the rest is folded
_LEAST_JOURNEYS = 1.0  # a year: rarer ones are not listed
_KINDS = {"herders": "Herders", "traders": "Traders", "fleeing": "People fleeing"}
_MODES = {"foot": "on foot", "motorcycle": "by motorcycle", "four_by_four": "by vehicle"}
_SEASONS = {"dry": "in the dry season", "rains": "in the rains"}


def corridors(plan: Plan) -> list[dict[str, str]]:
    """List the corridors, the strongest first; empty where there are no ways."""
    ways = plan.threat.ways
    if ways is None:
        return []
    return [
        {
            "rank": str(row["rank"]),
            "begins": str(row["begins"]),
            "ends": str(row["ends"]),
            "via": " → ".join(_name(plan, iso3) for iso3 in str(row["via"]).split(" → ")),
            "share": percent(row["mid"]),
            "share_range": _ends(row["low"], row["high"]),
            "hours": plain(row["hours"]),
            "hours_range": between(row["hours_low"], row["hours_high"]),
            "length": plain(row["length_km"], 2),
        }
        for row in ways.corridors.drop(columns="geometry").to_dict("records")
    ]


def through(plan: Plan) -> list[dict[str, str]]:
    """List the states whose ground journeys touch, to all vital land and to the claimed regions."""
    ways = plan.threat.ways
    if ways is None:
        return []
    claimed = {
        str(row["iso3"]): shares(row["low"], row["mid"], row["high"])
        for row in ways.claimed.to_dict("records")
    }
    return [
        {
            "state": _name(plan, row["iso3"]),
            "share": shares(row["low"], row["mid"], row["high"]),
            "claimed": claimed.get(row["iso3"], "–"),
        }
        for row in ways.through.to_dict("records")
    ]


def entering(plan: Plan) -> list[dict[str, str]]:
    """List by member the neighbours from which journeys first enter it."""
    ways = plan.threat.ways
    if ways is None:
        return []
    return [
        {
            "member": _name(plan, row["member"]),
            "neighbour": _name(plan, row["neighbour"]),
            "share": shares(row["low"], row["mid"], row["high"]),
        }
        for row in ways.entering.to_dict("records")
    ]


def borders(plan: Plan) -> list[dict[str, str]]:
    """List civilian crossings of borders, most first; those of less than one a year are left out.

    Parameters
    ----------
    plan
        To read.

    Returns
    -------
    list of dict
        border, kind, number, range; one row for both ways where they are the same.
    """
    table = plan.threat.civilians.crossings_of_borders
    rows = [row for row in table.to_dict("records") if row["mid"] >= _LEAST_JOURNEYS]
    rows.sort(key=lambda row: (-row["mid"], row["kind"], row["from"], row["to"]))
    mids = {(row["kind"], row["from"], row["to"]): row["mid"] for row in rows}
    out, told = [], set()
    for row in rows:
        kind, one, other = str(row["kind"]), str(row["from"]), str(row["to"])
        if (kind, one, other) in told:
            continue
        back = mids.get((kind, other, one))
        same = back is not None and math.isclose(back, row["mid"], rel_tol=1e-6)
        if same:
            told.add((kind, other, one))
        out.append(
            {
                "border": f"{_name(plan, one)} {'⇄' if same else '→'} {_name(plan, other)}",
                "kind": _KINDS.get(kind, kind).lower(),
                "number": amount(row["mid"]),
                "range": between(row["low"], row["high"]),
            }
        )
    return out


def kinds(plan: Plan) -> list[dict[str, str]]:
    """Say of each kind of civilian journeys what is counted, how many there are, how they go."""
    moving = plan.threat.civilians
    out = []
    for kind, demand in moving.demands.items():
        total = float(demand.journeys.sum()) if demand.journeys.size else 0.0
        left = moving.left_out[kind]
        out.append(
            {
                "key": kind,
                "name": _KINDS.get(kind, kind),
                "what": demand.what,
                "unit": demand.unit,
                "how": f"{_MODES[demand.mode]}, {_SEASONS[demand.season]}",
                "number": amount(total),
                "range": between(total * demand.low, total * demand.high),
                "left": f"{amount(left)} of them could not be laid" if left >= 1 else "",
            }
        )
    return out


def forecast(plan: Plan) -> dict[str, Any] | None:
    """Give the verdict on the forecasts and their mean scores; None where none could be scored."""
    found = plan.threat.forecast
    if found is None:
        return None
    rows = []
    for row in found.means.to_dict("records"):
        key = str(row["model"])
        if key == "default" or key in BASELINES:
            rows.append(
                {
                    "model": "this page's default" if key == "default" else MODELS[key].name,
                    "log": plain(row["log_score"]),
                    "log_range": between(row["log_score_low"], row["log_score_high"]),
                    "crps": plain(row["crps"]),
                    "crps_range": between(row["crps_low"], row["crps_high"]),
                }
            )
    return {
        "verdict": re.sub(r"\*(.+?)\*", r"“\1”", verdict(found)),
        "rows": rows,
        "splits": len(found.splits),
        "inside": percent(found.coverage),
        "wanted": f"{100 * found.interval:.0f}{THIN}%",
    }


def _name(plan: Plan, iso3: str) -> str:
    names = plan.theatre.countries["name"]
    return str(names[iso3]) if iso3 in names.index else iso3


def _ends(low: float, high: float) -> str:
    """Write the ends of a range of shares."""
    return f"{percent(low).removesuffix(f'{THIN}%')}–{percent(high)}"
