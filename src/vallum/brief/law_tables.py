"""The legal standing of every item in every state, and what is owed to people there, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vallum.brief.works_bill import ROLES
from vallum.works.duties import bound_duties, duty_table
from vallum.works.law import legal_status, load_law

if TYPE_CHECKING:
    import pandas as pd

    from vallum.plan import Plan

__all__ = ["bound_states", "duties", "kinds", "standing"]

_KINDS = {**ROLES, "mine": "Mines"}
_SAID = {"all": "binds all", "no": "not bound"}


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
    named = {rule.id: rule.name for rule in law.rules}
    owed = {state: "; ".join(d.source for d in bound_duties(law.duties, [state]))
            for state in states}  # fmt: skip
    of_duties = table["state"].map(owed).where(table["status"] == "lawful with duties", "")
    return table.assign(
        rule=table["rule"].map(lambda rule: named.get(rule, rule)),
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
    order = list(_KINDS)
    names = plan.theatre.countries["name"]
    return {
        "states": [str(names[state]) for state in states],
        "rows": [
            {
                "kind": _KINDS.get(role, role),
                "items": ", ".join(items[key].text.split(",")[0] for key in keys),
                "statuses": list(statuses),
                "rule": "; ".join(rules),
            }
            for (role, statuses, rules), keys in sorted(
                alike.items(), key=lambda each: order.index(each[0][0])
            )
        ],
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
        A row per duty: `name`; `cells`, by state as `vallum.works.duties.duty_table` has them.
    """
    law = load_law()
    table = duty_table(law.duties, bound_states(plan))
    return [
        {
            "name": duty.name,
            "cells": [_SAID.get(cell, cell) for cell in cells],
        }
        for duty, cells in zip(law.duties, table.to_numpy().tolist(), strict=True)
    ]
