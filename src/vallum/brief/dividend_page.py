"""The page's chapter on the dividend: what it buys, for whom, and how sure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vallum.brief import dividend_map, dividend_words
from vallum.brief.dividend_chart import tornado, waterfall, years
from vallum.brief.dividend_words import kind_name, line_name, money, span
from vallum.brief.language import named, say
from vallum.brief.page_text import capital, linked, percent, plain, whole
from vallum.brief.retold import item_names, retold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.dividend import DividendCase
    from vallum.plan import Plan

__all__ = ["chapter", "one_case"]

_MOST = 12  # rows of a table on the page; the files have all


def chapter(plan: Plan) -> dict[str, Any]:
    """Gather what the chapter prints.

    Parameters
    ----------
    plan
        To show.

    Returns
    -------
    dict
        `nothing` (a sentence, or no text), `draws` and `cases`: as of `one_case`.
    """
    found = plan.dividend
    return {
        "nothing": dividend_words.nothing(plan),
        "draws": "" if found is None else whole(found.draws),
        "cases": [] if found is None else [one_case(plan, case) for case in found.cases],
    }


def one_case(plan: Plan, case: DividendCase) -> dict[str, Any]:
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
        `key`, `name`, `title`, sentences (`verdict`, `who`, `flip`, `outside`), pictures (`falls`,
        by state and for the members together, `decides`, `map`) and tables (`parties`, `decisive`,
        `corridors`, `said`).
    """
    names = {str(k): str(v) for k, v in plan.theatre.countries["name"].items()}
    members = plan.theatre.members
    draws = plan.dividend.draws if plan.dividend is not None else 0
    illustration = plan.line.status != "ok"
    falls = [(say("The members together"), members)]
    falls += [(named(names.get(state, state)), (state,)) for state in members]
    name = line_name(case.name, illustration=illustration)
    return {
        "key": case.name,
        "name": name,
        "title": capital(name),
        "verdict": dividend_words.verdict(case, draws, members, illustration=illustration),
        "who": dividend_words.who(case, names, members),
        "flip": dividend_words.would_flip(case),
        "outside": dividend_words.left_outside(case),
        "falls": [
            (title, picture)
            for title, parties in falls
            if (picture := waterfall(case, parties, say("{whose}: gains and costs", whose=title)))
            is not None
        ],
        "years": years(case, [(state, named(names.get(state, state))) for state in members]),
        "decides": tornado(case),
        "map": dividend_map.draw(plan, case),
        "parties": _parties(case, names, members),
        "decisive": _decisive(case),
        "corridors": _corridors(case),
        "said": [
            (capital(kind_name(kind)), linked(retold(text, names))) for kind, text in case.said
        ],
    }


def _parties(
    case: DividendCase, names: Mapping[str, str], members: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Give a row per party: members first, then others by what they gain or lose, then all."""
    rows = [row for row in case.ranges.to_dict("records") if row["npv_low"] or row["npv_high"]]

    def order(row: Mapping[Any, Any]) -> tuple[int, float]:
        party = str(row["party"])
        place = 0 if party in members else 2 if party == "all" else 1
        return place, -abs(float(row["npv_usd"]))

    return [
        {
            "name": say("All parties")
            if row["party"] == "all"
            else named(names.get(str(row["party"]), "")),
            "member": str(row["party"]) in members,
            "npv": money(float(row["npv_usd"])),
            "range": span(float(row["npv_low"]), float(row["npv_high"])),
            "bcr": _number(row["bcr"]),
            "bcr_range": _ends(row["bcr_low"], row["bcr_high"]),
            "payback": say("never", context="paid back")
            if _none(row["payback_yr"])
            else say("year {year}", year=whole(row["payback_yr"])),
            "pays": percent(float(row["pays_share"])),
        }
        for row in sorted(rows, key=order)
    ]


def _none(value: object) -> bool:
    """Whether a figure is missing."""
    return value is None or value != value  # noqa: PLR0124 - NaN differs from itself


def _number(value: Any) -> str:  # noqa: ANN401 - of a table's cell
    """Write a ratio, or a dash where there is none (gains without costs)."""
    return "–" if _none(value) else plain(float(value))


def _ends(low: Any, high: Any) -> str:  # noqa: ANN401
    """Write the ends of a ratio."""
    return "" if _none(low) or _none(high) else f"{plain(float(low))}–{plain(float(high))}"


def _decisive(case: DividendCase) -> list[dict[str, str]]:
    """Give a row for each of the assumptions that weigh most."""
    return [
        {
            "key": str(row["key"]),
            "name": dividend_words.called(str(row["key"])),
            "value": plain(float(row["value"]), 3),
            "range": say(
                "{low} to {high}",
                low=plain(float(row["low"]), 3),
                high=plain(float(row["high"]), 3),
            ),
            "alone": percent(max(float(row["first"]), 0.0)),
            # both are estimates: a total below its own part alone is so by chance
            "total": percent(max(float(row["total"]), float(row["first"]), 0.0)),
            "switch": "–" if _none(row["switch"]) else plain(float(row["switch"]), 3),
            "within": say("yes") if bool(row["within"]) else say("no"),
        }
        for row in case.decisive.head(_MOST).to_dict("records")
    ]


def _corridors(case: DividendCase) -> list[dict[str, str]]:
    """Give a row per corridor, where there are some."""
    table = case.tables.get("trade.corridors")
    if table is None:
        return []
    return [
        {
            "name": item_names(str(row["corridor"])),
            "km": plain(float(row["km"]), 3),
            "held": percent(float(row["held_share"])),
            "before": plain(float(row["usd_t_before"]), 3),
            "after": plain(float(row["usd_t_after"]), 3),
            "attacks_before": plain(float(row["risk_before"])),
            "attacks_after": plain(float(row["risk_after"])),
        }
        for row in table.to_dict("records")
    ]
