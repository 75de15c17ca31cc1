"""People fleeing: from recent violence to where those before them went."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.ledger import Assumption
from vallum.threat.blocks import between_km, gather, held, side_cells
from vallum.threat.civilians.demand import (
    Demand,
    by_region,
    kept_row,
    left_row,
    nothing,
    pair,
    row_of,
    row_shares,
    spread,
)

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.theatre import Theatre
    from vallum.threat.civilians.settings import CiviliansSettings
    from vallum.threat.civilians.table import Figures

__all__ = ["flight"]

RECENT = 3  # years of deaths and events that say where people flee from


def flight(theatre: Theatre, figures: Figures, settings: CiviliansSettings) -> Demand:
    """Journeys of people who flee violence, within the members, out of them and into them.

    `people per death · mean deaths of the last three years` flee from a state, from its regions by
    recent events and inside them by people; to the states where those displaced from it were, or by
    the share abroad; to people there, in proportion to them and `exp(−distance / 150 km)`.
    """
    per = figures.fleeing
    people = np.asarray(theatre.ground["people"].to_numpy(), np.float64)
    routes, rows = _routes(theatre, figures, people)
    if not routes:
        why = "Not modelled: no deaths by violence are recorded where members' people flee from."
        return nothing("fleeing", why, "person")
    side, most = side_cells(settings.block_km, theatre.grid.cell_km), settings.most_blocks
    source = gather(np.sum([origin for origin, _ in routes], axis=0), side, most)
    haven = gather(people, side, people.size)
    far = between_km(source.cells, haven.cells, theatre.grid.cell_km)
    near = np.exp(-far / per["distance_km"].mode) * (far > 0)
    flows = np.zeros_like(far)
    for origin, refuge in routes:
        out = held(origin, side)[source.labels]
        out *= origin.sum() / out.sum() if out.sum() > 0 else 0.0
        flows += out[:, None] * row_shares(near * held(refuge, side)[haven.labels])
    targets, journeys, lost = pair(flows.sum(axis=1), haven.cells, flows, most)
    low, high = spread((per["people_per_death"],))
    rows += (kept_row("fleeing", source.kept), left_row("fleeing", lost))
    return Demand(
        kind="fleeing",
        sources=source.cells,
        targets=targets,
        journeys=journeys,
        low=low,
        high=high,
        mode="foot",
        season="dry",
        what="People who leave home because of violence, one way; some stay in their own state.",
        ledger=rows,
        unit="person",
        returns=False,
    )


def _routes(
    theatre: Theatre, figures: Figures, people: NDArray[np.float64]
) -> tuple[list[tuple[NDArray[np.float64], NDArray[np.float64]]], tuple[Assumption, ...]]:
    """People fleeing by cell and the people of their refuge, route by route; the assumptions."""
    per = figures.fleeing
    rows = [row_of("fleeing", key, per[key]) for key in ("people_per_death", "distance_km")]
    routes = []
    deaths = _deaths(theatre)
    for iso3 in (str(name) for name in theatre.countries.index):
        total = per["people_per_death"].mode * deaths.get(iso3, 0.0)
        origin = _unsafe(theatre, iso3, people)
        if total <= 0 or origin.sum() <= 0:
            continue
        for refuge, share, row in _refuges(theatre, figures, iso3):
            where = theatre.state_mask(refuge) if refuge else ~theatre.state_mask(iso3)
            there = np.where(where & (theatre.ground["state"].to_numpy() >= 0), people, 0.0)
            routes.append((total * share * origin / origin.sum(), there))
            rows.append(row)
    return routes, tuple(dict.fromkeys(rows))


def _refuges(theatre: Theatre, figures: Figures, iso3: str) -> list[tuple[str, float, Assumption]]:
    """Where people of a state flee to, that touches a member: state ("" any other), share, row."""
    known = [row for row in figures.displaced if row.origin == iso3]
    total = sum(row.people for row in known)
    shown = {str(name) for name in theatre.countries.index}
    if total > 0:
        return [
            (
                row.refuge,
                row.people / total,
                Assumption(
                    f"threat.civilians.fleeing.{iso3}.{row.refuge}",
                    row.people, None, None, "people", row.source,
                ),
            )
            for row in known
            if row.refuge in shown and not {iso3, row.refuge}.isdisjoint(theatre.members)
        ]  # fmt: skip
    if iso3 not in theatre.members:
        return []  # of others it is not known how many come to a member
    abroad = figures.fleeing["abroad_share"]
    row = row_of("fleeing", "abroad_share", abroad)
    return [(iso3, 1.0 - abroad.mode, row), ("", abroad.mode, row)]


def _deaths(theatre: Theatre) -> dict[str, float]:
    """Mean deaths a year by state over the last years on record."""
    table = theatre.deaths_year
    if table.empty:
        return {}
    recent = table[table["year"] > int(table["year"].max()) - RECENT]
    mean = recent.groupby("iso3")["deaths"].sum() / RECENT
    return {str(iso3): float(deaths) for iso3, deaths in mean.items()}


def _unsafe(theatre: Theatre, iso3: str, people: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weigh cells as ones to flee from: events a year of their region, shared by people.

    The yearly table's last years and the months after it each give a rate, and the two are added.
    """
    events: dict[str, float] = {}
    for table, years in (
        (theatre.events_year, float(RECENT)),
        (theatre.events_month, _months(theatre.events_month) / 12.0),
    ):
        own = table[table["iso3"] == iso3]
        if not own.empty:
            recent = own[own["year"] > int(table["year"].max()) - RECENT]
            for name, count in recent.groupby("region")["events"].sum().items():
                events[str(name)] = events.get(str(name), 0.0) + float(count) / years
    here = np.where(theatre.state_mask(iso3), people, 0.0)
    if not sum(events.values()) > 0:
        return here
    return by_region(
        theatre, iso3, here, {name: n / sum(events.values()) for name, n in events.items()}
    )


def _months(table: pd.DataFrame) -> int:
    return max(1, len(table[["year", "month"]].drop_duplicates()))
