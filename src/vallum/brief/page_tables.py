"""The page's tables, as rows of text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from vallum.brief.language import named, say
from vallum.brief.page_text import THIN, amount, between, linked, percent, plain
from vallum.works.law import load_law

if TYPE_CHECKING:
    from vallum.plan import Plan

__all__ = [
    "barred", "equivalents", "flanks", "regions", "sectors", "settlements", "treaties",
]  # fmt: skip


_SPACING = re.compile(r"@(\d+)")


def regions(plan: Plan) -> list[dict[str, Any]]:
    """List the members' regions, the highest loss rate first; `n` is the row of the threat."""
    table = plan.threat.regions
    names = plan.theatre.countries["name"]
    order = np.argsort(-table["loss_rate"].to_numpy(), kind="stable")
    rows = table.to_dict("records")
    return [
        {
            "n": int(n),
            "region": rows[n]["region"],
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
        [str(name), str(state), int(people), int(step)]
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


def barred(plan: Plan) -> list[dict[str, Any]]:
    """List what the law or the project's policy bars."""
    names = plan.theatre.countries["name"]
    out = []
    for row in plan.works.barred.reset_index().to_dict("records"):
        bound = [part.strip() for part in str(row["states_bound"]).split(",") if part.strip()]
        out.append(
            {
                "item": str(row["item"]),
                "text": str(row["text"]).replace("km2", "km²"),
                "rule": row["rule_name"],
                "rule_text": row["rule_text"],
                "source": linked(row["rule_source"]),
                "bound": ", ".join(str(names.get(iso3, iso3)) for iso3 in bound),
                "harm": row["harm"],
                "price": amount(row["price_usd_km_yr"]),
                "price_range": between(row["price_low_usd_km_yr"], row["price_high_usd_km_yr"]),
            }
        )
    return out


def equivalents(plan: Plan) -> list[dict[str, str]]:
    """List the lawful works that delay as long as what is barred."""
    text = {str(k): str(v).split(",")[0] for k, v in plan.works.barred["text"].items()}
    return [
        {
            "item": text.get(str(row["item"]), str(row["item"])),
            "surface": row["surface"],
            "what": _works(row["equivalent"]),
            "forts": f"{plain(row['fort_spacing_km'])} km",
            "cost": amount(row["equivalent_usd_km_yr"]),
            "met": "yes" if row["equivalent_met"] else "no",
        }
        for row in plan.works.equivalents.to_dict("records")
    ]


def treaties(plan: Plan) -> list[dict[str, Any]]:
    """Say what binds each member and partner."""
    status = load_law().status
    countries = plan.theatre.countries
    names = countries["name"]
    out = []
    for iso3, role in countries["role"].items():
        if role not in ("member", "partner"):
            continue
        row: dict[str, Any] = {"state": str(names[str(iso3)]), "role": str(role)}
        known = status.get(str(iso3))
        if known is None:
            out.append(row | {"ban": "not known", "ccw": "not known", "note": "", "source": []})
            continue
        ban = f"party since {known.mine_ban:%Y}" if known.mine_ban else "not a party"
        more = {"ban": ban, "ccw": known.ccw_ap2, "note": known.note}
        out.append(row | more | {"source": linked(known.source)})
    return out


def sectors(plan: Plan) -> list[dict[str, str]]:
    """List the chosen plan's sectors."""
    names = plan.theatre.countries["name"]
    return [
        {
            "sector": f"{row['line'] + 1}.{n + 1}",
            "state": str(names.get(row["state"], row["state"])),
            "length": f"{plain(row['length_km'])} km",
            "surface": row["surface"],
            "what": _works(row["composition"]),
            "share": percent(row["composition_share"]),
            "cost": amount(row["cost_usd_yr"]),
        }
        for n, row in enumerate(plan.line.sectors.drop(columns="geometry").to_dict("records"))
    ]


def _works(short: str) -> str:
    """Write a composition's short name out."""
    return _SPACING.sub(f" every \\1{THIN}km", str(short)).replace("_", " ").replace("+", " + ")
