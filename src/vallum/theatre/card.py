"""What a theatre says of itself in a notebook or a console."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.card import Card, Picture, Row, Table

if TYPE_CHECKING:
    from vallum.theatre.model import Theatre

__all__ = ["theatre_card"]

_MEMBERS = ("kind-1", "kind-2", "kind-8", "kind-5", "kind-6", "kind-4", "kind-7")


def theatre_card(ground: Theatre) -> Card:
    """Say what ground it is, whose, and from which sources."""
    rows, cols = ground.grid.shape
    member = ground.member_mask
    own = ground.countries.loc[list(ground.members)]
    kept, counted = "as the sources have it", "counted"
    years = ground.events_year["year"]
    covered = f"{years.min()} to {years.max()}" if len(years) else "none brought"
    return Card(
        "Theatre",
        ground.title,
        (
            Row("Members", ", ".join(str(name) for name in own["name"]), main=True),
            Row("Side of a cell", ground.grid.cell_km, "km", how="as set", main=True),
            Row("Rows and columns", f"{rows} × {cols}", how="the grid"),
            Row("Members’ land", float(member.sum()) * ground.grid.cell_km2, "km²", how="in cells"),
            Row("Members’ people", float(own["people_on_grid"].sum()), "people", how=kept,
                main=True),
            Row("Members’ output", float(own["gdp_usd"].sum()), "USD/yr", how=kept),
            Row("Settlements", len(ground.settlements), how=counted),
            Row("Sites: mines, ports, dams and the like", len(ground.sites), how=counted),
            Row("Roads and railways", len(ground.routes), how=counted),
            Row("Violent events in all states shown", float(ground.events_year["events"].sum()),
                how=f"whole years, {covered}"),
            Row("Events with a place", len(ground.events), how=counted),
        ),
        table=_states(ground),
        picture=_map(ground),
        notes=(
            (f"{len(ground.sources)} layers; `sources` has publisher, licence, date and treatment "
            f"of each. Fingerprint {ground.fingerprint[:12]}…"),
        ),
    )  # fmt: skip


def _states(ground: Theatre) -> Table:
    """Tabulate the states that take part, and disputed land."""
    some = ground.countries[ground.countries["role"] != "flank"]
    rows = tuple(
        (str(row["name"]), str(row["role"]), float(row["people_on_grid"]),
         float(area), float(row["gdp_usd"]))
        for (_, row), area in zip(some.iterrows(), (_km2(ground, str(iso3)) for iso3 in some.index),
                                  strict=True)
    )  # fmt: skip
    heads = (("state", ""), ("role", ""), ("people", "on the grid"), ("land", "km² on the grid"),
             ("output", "USD/yr"))  # fmt: skip
    others = len(ground.countries) - len(some)
    return Table(f"States that take part, and disputed land; {others} more are shown", heads, rows)


def _km2(ground: Theatre, iso3: str) -> float:
    return float(ground.state_mask(iso3).sum()) * ground.grid.cell_km2


def _map(ground: Theatre) -> Picture:
    """Colour the states by what part they take; disputed land is its own, and hatched."""
    role = ground.countries["role"]
    classes = [("neighbours", "neighbour"), ("disputed", "disputed"), ("partner", "partner")]
    of_role = {"flank": 0, "disputed": 1, "partner": 2}
    code = []
    for name, part in zip(ground.countries["name"], role, strict=True):
        if part == "member":
            colour = _MEMBERS[(len(classes) - 3) % len(_MEMBERS)]
            classes.append((str(name), colour))
            code.append(len(classes) - 1)
        else:
            code.append(of_role.get(str(part), 0))
    codes = np.array([*code, -1], np.int8)[ground.ground["state"].to_numpy()]
    return Picture("States by the part they take", codes, tuple(classes))
