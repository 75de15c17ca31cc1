"""The legal standing of every item in every state, and what is owed to people there, as tables."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from vallum.brief.language import dated, named, say
from vallum.brief.law_rows import instrument_name
from vallum.brief.works_names import brief_name, roles
from vallum.works.duties import bound_duties, duty_table
from vallum.works.law import legal_status, load_law

if TYPE_CHECKING:
    import pandas as pd

    from vallum.plan import Plan

__all__ = ["bound_states", "duties", "kinds", "standing"]

_CELL = re.compile(r"(.+?)(?: until (\d{4}-\d\d-\d\d))?")


def bound_states(plan: Plan) -> list[str]:
    """List the members and partners, ISO3 codes in the theatre's order."""
    return list(plan.theatre.parties)


def standing(plan: Plan) -> pd.DataFrame:
    """Give the legal standing of every item of the catalogue in every member and partner.

    Parameters
    ----------
    plan
        To read.

    Returns
    -------
    DataFrame
        `item`, `state` (ISO3), `status` ("barred", "lawful with duties", "lawful"), `rule` that
        bars it, `by_treaty` (what the state's treaties alone say), `instruments`, `source`: the
        rule's, or those of the duties.
    """
    law, states = load_law(), bound_states(plan)
    table = legal_status(plan.works.catalogue.items.values(), states, law).reset_index()
    names = {rule.id: rule.name for rule in law.rules}
    owed = {state: "; ".join(d.source for d in bound_duties(law.duties, [state]))
            for state in states}  # fmt: skip
    of_duties = table["state"].map(owed).where(table["status"] == "lawful with duties", "")
    return table.assign(
        rule=table["rule"].map(lambda rule: names.get(rule, rule)),
        source=table["source"].where(table["source"] != "", of_duties),
    )


def kinds(plan: Plan) -> dict[str, Any]:
    """Lay out the standing by kind of item, for the page.

    Parameters
    ----------
    plan
        To read.

    Returns
    -------
    dict
        `states`, their names; `rows`: a kind of item (items of one kind that stand alike in every
        state are one row), which items, the status in each state, and the rules that bar it.
    """
    table, states = standing(plan), bound_states(plan)
    items = plan.works.catalogue.items
    alike: dict[tuple[Any, ...], list[str]] = {}
    for key, rows in table.groupby("item", sort=False):
        by_state = rows.set_index("state").loc[states]
        mark = (
            items[str(key)].role,
            tuple(by_state["status"]),
            tuple(rule for rule in dict.fromkeys(by_state["rule"]) if rule),
        )
        alike.setdefault(mark, []).append(str(key))
    kind = {**roles(), "mine": say("Mines")}
    statuses = _statuses()
    rules = {rule.name: instrument_name(rule.instrument, rule.article) for rule in load_law().rules}
    order, names = list(kind), plan.theatre.countries["name"]
    return {
        "states": [named(str(names[state])) for state in states],
        "rows": [
            {
                "kind": kind[role],
                "items": ", ".join(brief_name(items[key].text) for key in keys),
                "statuses": [statuses[each] for each in found],
                "rule": say("; ").join(rules.get(rule, rule) for rule in barred),
            }
            for (role, found, barred), keys in sorted(
                alike.items(), key=lambda each: order.index(each[0][0])
            )
        ],
    }


def _statuses() -> dict[str, str]:
    return {
        "barred": say("barred"),
        "lawful with duties": say("lawful with duties"),
        "lawful": say("lawful"),
    }


def duties(plan: Plan) -> list[dict[str, Any]]:
    """Say of every duty to people since when it binds each member and partner.

    Parameters
    ----------
    plan
        To read.

    Returns
    -------
    list
        A row per duty: `name`; `cells`, by state, what `vallum.works.duties.duty_table` has.
    """
    law = load_law()
    table = duty_table(law.duties, bound_states(plan))
    return [
        {
            "name": instrument_name(duty.instrument, duty.article),
            "cells": [_cell(str(cell)) for cell in cells],
        }
        for duty, cells in zip(law.duties, table.to_numpy().tolist(), strict=True)
    ]


def _cell(said: str) -> str:
    """Write since when a duty binds a state, and until when.

    Examples
    --------
    >>> _cell("1987-05-05"), _cell("member until 2025-01-29"), _cell("all")
    ('5 May 1987', 'member until 29 January 2025', 'binds all')
    """
    found = _CELL.fullmatch(said)
    since, until = found.groups() if found else (said, None)
    known = {
        "all": say("binds all"),
        "no": say("not bound"),
        "not read": say("not read"),
        "party": say("party"),
        "member": say("member"),
    }
    text = known[since] if since in known else dated(dt.date.fromisoformat(since))
    if until is None:
        return text
    return say("{since} until {day}", since=text, day=dated(dt.date.fromisoformat(until)))
