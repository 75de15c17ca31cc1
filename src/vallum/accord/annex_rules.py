"""What the annex has measured, with thresholds from the plan's own ranges; and the legal page."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from vallum.accord.annex_figures import Indicator, LawRow
from vallum.works.law import bound, load_law

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from vallum.accord.model import AccordGame
    from vallum.campaign.model import Case

__all__ = ["changes_of", "indicators", "law_rows"]

COUNTED = "the liaison officers together, from open records of events as the plan counts them"


def changes_of(case: Case) -> dict[str, dict[str, float]]:
    """Give what the line changes in the last phase, by what is counted."""
    names = ("before", "after", "change", "change_low", "change_high")
    table = case.change[case.change["means"] == "line"]
    return {
        str(row["what"]): {name: float(row[name]) for name in names}
        for row in table.to_dict("records")
    }


def indicators(case: Case | None, game: AccordGame) -> tuple[Indicator, ...]:
    """List what is measured; a threshold is the end of the plan's own range.

    Parameters
    ----------
    case
        The campaign on the land of the annex; without it only money is measured.
    game
        With the range of the cost.
    """
    row = game.coalitions.iloc[-1]
    out = []
    if case is not None:
        change = changes_of(case)
        for what, name, action in (
            ("held", "attacks on protected land", "review guards, reserves and gates of the line"),
            ("outside", "attacks on the members' other land",
             "send help to the people outside, and review the line's course"),
            ("neighbours", "attacks on the neighbours",
             "tell the neighbours, and hear them on the line's course"),
        ):  # fmt: skip
            of = change[what]
            worst = of["before"] * (1.0 + of["change_high"])
            out.append(_measured(what, name, "attacks/yr", of["after"], worst, "above", action))
        low, mid, _ = case.stopped
        if math.isfinite(mid):  # somebody comes to it
            out.append(
                _measured("stopped", "share stopped of the bands that come to the line", "share",
                          mid, low, "below", "find where they pass, by sector, and strengthen it")
            )  # fmt: skip
        lost = change["displaced"]["after"]
        end = change["displaced"]["before"] * (1.0 + change["displaced"]["change_high"])
        out.append(
            _measured("displaced", "people displaced on the members' land", "people/yr", lost, end,
                      "above", "open gates, and call on the agencies that shelter them")
        )  # fmt: skip
    out.append(
        _measured("cost", "cost of line and holding", "USD/yr", float(row["cost_usd_yr"]),
                  float(row["cost_high"]), "above", "halt the next sector until the parties agree",
                  by="the parties' treasuries, audited together")
    )  # fmt: skip
    return tuple(out)


def _measured(  # noqa: PLR0913
    name: str,
    said: str,
    unit: str,
    baseline: float,
    threshold: float,
    side: Literal["above", "below"],
    action: str,
    *,
    by: str = COUNTED,
) -> Indicator:
    """Set one indicator, over a year, with two months to act."""
    worst = max(baseline, threshold) if side == "above" else min(baseline, threshold)
    return Indicator(name, said, by, unit, baseline, worst, side, 12, action, 60)


def law_rows(states: Sequence[str]) -> tuple[LawRow, ...]:
    """List the rules that bar, restrict and owe, with those whom each binds.

    Parameters
    ----------
    states
        The parties, iso3.
    """
    law = load_law()
    rows = []
    for kind, rules in (("bars", law.rules), ("restricts", law.restrictions)):
        for rule in rules:
            if rule.applies in {"mine_ban", "cluster_ban"}:
                named = ", ".join(bound(states, law, treaty=rule.applies)) or "none of the parties"
            else:
                named = "all who take part"
            rows.append(LawRow(rule.id, _kind(kind), named, rule.instrument, rule.article,
                               rule.text, rule.source))  # fmt: skip
    for duty in law.duties:
        binds = [state for state in states if state in duty.bound and duty.bound[state].binds()]
        if duty.everyone:
            named = "all who take part"
        elif binds:
            named = ", ".join(binds)
        else:
            continue
        rows.append(LawRow(duty.id, "owes", named, duty.instrument, duty.article, duty.text,
                           duty.source))  # fmt: skip
    return tuple(rows)


def _kind(name: str) -> Literal["bars", "restricts", "owes"]:
    """Give the kind of a rule as the annex names it."""
    return "bars" if name == "bars" else "restricts"
