"""The page's tables, as rows of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vallum.brief.language import named, say
from vallum.brief.page_text import amount, between, percent, plain

if TYPE_CHECKING:
    from vallum.plan import Plan

__all__ = ["flanks", "regions", "settlements"]


def regions(plan: Plan) -> list[dict[str, Any]]:
    """List the members' regions, the highest loss rate first; `n` is the row of the threat."""
    table = plan.threat.regions
    names = plan.theatre.countries["name"]
    order = np.argsort(-table["loss_rate"].to_numpy(), kind="stable")
    rows = table.to_dict("records")
    return [
        {
            "n": int(n),
            "region": named(str(rows[n]["region"])),
            "state": named(str(names[rows[n]["iso3"]])),
            "people": amount(rows[n]["people"], 3),
            "events": plain(rows[n]["events_yr"]),
            "events_range": between(rows[n]["events_low"], rows[n]["events_high"]),
            "loss": percent(rows[n]["loss_rate"]),
            "loss_range": between(100 * rows[n]["loss_rate_low"], 100 * rows[n]["loss_rate_high"])
            + "\u202f%",
        }
        for n in order
    ]


def settlements(plan: Plan, *, most: int = 150) -> list[list[Any]]:
    """List the members' largest settlements: name, state, people, step at which they enter."""
    table = plan.theatre.settlements
    own = table[table["iso3"].isin(plan.theatre.members)]
    own = own.sort_values(["people", "geonameid"], ascending=[False, True]).head(most)
    entry = plan.line.plans.entry[own["row"].to_numpy(), own["col"].to_numpy()]
    names = own["iso3"].map(plan.theatre.countries["name"]).map(named)
    return [
        [named(str(name)), str(state), int(people), int(step)]
        for name, state, people, step in zip(own["name"], names, own["people"], entry, strict=True)
    ]


def flanks(plan: Plan, names: list[str]) -> list[dict[str, str]]:
    """Say of each neighbour whether it is open, watched or trusted."""
    flank = plan.line.plans.stakes.flank
    code = plan.theatre.ground["state"].to_numpy()
    countries = plan.theatre.countries
    out = []
    for name in names:
        if name == "own":
            row = {"name": say("the members’ own land, not held"), "kind": say("open")}
        elif name == "sea":
            row = {"name": say("the sea"), "kind": say("no line")}
        else:
            cells = code == plan.theatre.code(name)
            value = float(np.median(flank[cells])) if cells.any() else 1.0
            if value >= 1:
                kind = say("open")
            elif value <= 0:
                kind = say("trusted: no line")
            else:
                kind = say("watched: priced at {share}", share=percent(value))
            row = {"name": named(str(countries.loc[name, "name"])), "kind": kind}
        out.append(row)
    return out
