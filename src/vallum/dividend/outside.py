"""People left outside: how many, where, and what the services withdrawn from them cost."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.dividend.model import Stream
from vallum.kernel.ledger import Assumption

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.dividend.model import Land
    from vallum.theatre import Theatre
    from vallum.worth import Worth

    Floats = NDArray[np.float64]

__all__ = ["economy_figure", "outside"]

KEY = "dividend.outside_"
DRAWN_IN = (
    "A state withdraws services only as far as it draws itself in: in proportion to the share of "
    "its people that it holds. Who holds nothing withdraws nothing."
)
AT_COST = (
    "Services withdrawn are valued at what the state spends on health and schools for a person, "
    "which people bear who lose them. It says nothing of what they are worth to those people, and "
    "what the state saves by it is not counted as a gain."
)
WITHDRAWN = Assumption(
    f"{KEY}withdrawn",
    0.2,
    0.0,
    0.8,
    "share of services, were all the state's other people held",
    "judgement: low: clinics and schools stay open; high: nearly all staff leave; mode: much of "
    "this land has few services today that could be withdrawn",
)


def economy_figure(theatre: Theatre, state: str, item: str, key: str) -> Assumption | None:
    """Read a figure of a state's economy as an assumption.

    Parameters
    ----------
    theatre
        With `economy`.
    state, item
        Of the row.
    key
        Name of the assumption.

    Returns
    -------
    Assumption or None
        None where the table has no such row.
    """
    table = theatre.economy
    row = table[(table["state"] == state) & (table["item"] == item)]
    if row.empty:
        return None
    one = row.iloc[0]
    return Assumption(
        key,
        float(one["mode"]),
        float(one["low"]),
        float(one["high"]),
        str(one["unit"]),
        str(one["source"]),
    )


def outside(theatre: Theatre, worth: Worth, land: Land) -> Stream:
    """Say who is left outside, and what they lose in services.

    Parameters
    ----------
    theatre
        Regions, and `services_usd_person` of `economy`.
    worth
        People by cell.
    land
        What is held, from when.

    Returns
    -------
    Stream
        Of kind "outside", a party per member: a cost that the people left outside bear. Its table
        `people` has a row per state and region, in people and never in dollars. A state that holds
        no people withdraws nothing.
    """
    parties = theatre.members
    built = bool(land.held.any())
    table = _people(theatre, worth, land)
    left = table.groupby("state")["outside"].sum().reindex(list(parties), fill_value=0.0)
    found = [
        economy_figure(theatre, state, "services_usd_person", f"{KEY}services_{state}")
        for state in parties
    ]
    priced = [at for at, one in enumerate(found) if one is not None]
    by = table.groupby("state")[["people", "held"]].sum().reindex(list(parties), fill_value=0.0)
    whole = by["people"].to_numpy(np.float64)
    drawn_in = by["held"].to_numpy(np.float64) / np.where(whole > 0, whole, 1.0)
    people = (left.to_numpy(np.float64) * drawn_in)[priced]
    covered = land.timing.covered

    def yearly(values: Floats) -> Floats:
        usd = np.zeros((len(values), len(parties)))
        usd[:, priced] = people * values[:, 1:] * values[:, :1]
        return np.asarray(-usd[:, :, None] * covered, np.float64)

    return Stream(
        kind="outside",
        title="services withdrawn from people left outside",
        parties=parties,
        assumptions=(WITHDRAWN, *(one for one in found if one is not None)),
        yearly=yearly,
        tables=MappingProxyType({"people": table}),
        said=_said(table, [s for s, one in zip(parties, found, strict=True) if one is None], built),
    )


def _people(theatre: Theatre, worth: Worth, land: Land) -> pd.DataFrame:
    """Count people by state and region: all, on held land, and left outside."""
    region = theatre.ground["region"].to_numpy()
    names = theatre.regions["name"].astype(str).to_numpy()
    rows = []
    for state in theatre.members:
        mask = theatre.state_mask(state)
        for place in np.unique(region[mask]):
            here = mask & (region == place)
            rows.append(
                (
                    state,
                    names[place] if 0 <= place < len(names) else "",
                    float(worth.people[here].sum()),
                    float(worth.people[here & land.held].sum()),
                    float(worth.people[here & land.outside].sum()),
                )
            )
    return pd.DataFrame(rows, columns=["state", "region", "people", "held", "outside"])


def _said(table: pd.DataFrame, unpriced: list[str], built: bool) -> tuple[str, ...]:  # noqa: FBT001
    """Say how many are left outside, and what the money means."""
    if not built:
        return ("No land is held, so nothing is withdrawn from anybody.",)
    by = table.groupby("state", sort=False)[["people", "outside"]].sum()
    out = [
        f"{row['outside']:,.0f} of {row['people']:,.0f} people in {state} are left outside."
        for state, row in by.iterrows()
    ]
    out += [DRAWN_IN, AT_COST]
    if unpriced:
        out.append(f"No documented spending on services, so no money: {', '.join(unpriced)}.")
    return tuple(out)
