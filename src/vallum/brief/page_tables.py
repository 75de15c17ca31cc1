"""The page's tables, as rows of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vallum.brief.page_text import THIN, amount, between, linked, percent, plain
from vallum.brief.record import assumptions, versions

if TYPE_CHECKING:
    from vallum.kernel.ledger import Assumption
    from vallum.plan import Plan
    from vallum.theatre import Source

__all__ = [
    "flanks", "ledger", "provenance", "regions", "settings", "settlements", "sources",
]  # fmt: skip


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
            "state": str(names[rows[n]["iso3"]]),
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
    names = own["iso3"].map(plan.theatre.countries["name"])
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
            row = {"name": "the members' own land, not held", "kind": "open"}
        elif name == "sea":
            row = {"name": "the sea", "kind": "no line"}
        else:
            cells = code == plan.theatre.code(name)
            value = float(np.median(flank[cells])) if cells.any() else 1.0
            kind = "open" if value >= 1 else "trusted: no line" if value <= 0 else (
                f"watched: priced at {percent(value)}")  # fmt: skip
            row = {"name": str(countries.loc[name, "name"]), "kind": kind}
        out.append(row)
    return out


def ledger(plan: Plan) -> list[dict[str, Any]]:
    """List every assumption."""
    return [
        {
            "key": row.key,
            "value": _value(row.value),
            "range": _range(row),
            "unit": row.unit,
            "source": linked(row.source),
        }
        for row in assumptions(plan)
    ]


def sources(plan: Plan) -> list[dict[str, Any]]:
    """List the theatre's layers with source and licence."""
    return [
        {
            "layer": row.layer,
            "source": row.source,
            "licence": row.licence,
            "address": linked(row.address),
            "date": row.date,
            "treatment": _done(row),
        }
        for row in plan.theatre.sources
    ]


def _done(row: Source) -> str:
    """Say what was done to a layer and what of it was lost; of a user's file, which one it was."""
    said = [row.treatment]
    said += [f"On the grid: {row.resampling}"] if row.resampling else []
    said += [f"Lost: {row.lost}"] if row.lost else []
    files = zip(row.file.split(), row.sha256.split(), strict=True)
    said += [f"{name} (SHA-256 {digest[:12]}…)" for name, digest in files]
    return ". ".join(part.rstrip(".") for part in said) + "."


def settings(plan: Plan) -> list[tuple[str, str]]:
    """List all settings, flat."""
    out: list[tuple[str, str]] = []

    def add(path: str, content: object) -> None:
        if isinstance(content, dict) and content:
            for key, value in content.items():
                add(f"{path}.{key}" if path else str(key), value)
        else:
            out.append((path, "–" if content is None or content in ({}, []) else str(content)))

    add("", plan.settings.model_dump(mode="json"))
    return out


def provenance(plan: Plan) -> list[tuple[str, str]]:
    """Say what made the plan; no time of day, so that one plan is one page."""
    rounding = plan.line.plans.frontier.rounding_usd_yr
    made = ", ".join(f"{name} {version}" for name, version in versions().items())
    return [
        ("depth", _depth(plan)),
        ("fingerprint of the ground", plan.theatre.fingerprint),
        ("draws and seed", f"{plan.ranges.draws}, {plan.ranges.seed}"),
        ("projection", plan.theatre.grid.crs),
        ("rounding of the cuts", f"at most {plain(rounding)} USD/yr"),
        ("gap to the bound", percent(plan.line.bound_gap) + " of the total benefit"),
        ("made with", made),
    ]  # fmt: skip


def _depth(plan: Plan) -> str:
    """Say how finely the ground is cut, and how finely journeys were solved."""
    ways = plan.threat.ways
    solved = "" if ways is None else f"; journeys solved on {plain(ways.cell_km)} km cells"
    return f"{plan.settings.depth}, {plain(plan.theatre.grid.cell_km)} km cells{solved}"


def _value(value: float | None) -> str:
    """Write an assumption's figure in full, as the ledger has it."""
    if value is None:
        return "–"
    if abs(value) >= 1e6:
        return amount(value, 4)
    return f"{value:,.4g}".replace(",", THIN) if abs(value) < 1000 else plain(value, 4)


def _range(row: Assumption) -> str:
    if row.low is None or row.high is None:
        return "–"
    return f"{_value(row.low)}–{_value(row.high)}"
