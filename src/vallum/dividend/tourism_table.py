"""What stands behind the stream of tourism: the table of sites, and what it says in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.dividend.tourism_figures import Visits
    from vallum.theatre import Theatre

    Floats = NDArray[np.float64]

__all__ = ["by_site", "said", "site_table"]

NO_WAY = "no way by car from an airport of its state"
OPEN = "already safely reachable: its visitors don't wait for a line"
NO_PEAK = "no documented peak"
NO_PRICE = "no documented spending of its state's visitors"
UNSAFE = "more attacks near the way than visitors bear, with the line too"
FULL = "as many visitors of late as would come back"


def site_table(
    theatre: Theatre,
    sites: pd.DataFrame,
    visits: Visits,
    now: Floats,
    then: Floats,
    standard: float,
) -> pd.DataFrame:
    """Lay out what is known of each heritage site and park.

    Parameters
    ----------
    theatre
        With `visits` and `economy`.
    sites
        Of `Access`.
    visits
        Those of them that may gain.
    now, then
        Attacks a year per 100 km on the worst stretch, before and after, shape (sites,).
    standard
        What visitors bear, likewise.

    Returns
    -------
    table
        `site`, `name`, `state`, `lon`, `lat`, `airport`, `hours`, `way_km`, `held_share`,
        `attacks_before`, `attacks_after` (a year per 100 km, NaN without a way),
        `reachable_before`, `reachable_after`, `cut_needed` (share by which attacks near the way
        would have to fall), `peak`, `year` (of the peak), `recent` (NaN where not known),
        `recent_year`, `gain_usd_yr` (0 here), `why_not` (empty where it gains).
    """
    table = sites.copy()
    way = (table["airport"] != "").to_numpy()
    table["attacks_before"] = np.where(way, now, np.nan)
    table["attacks_after"] = np.where(way, then, np.nan)
    table["reachable_before"] = way & (now <= standard)
    table["reachable_after"] = way & (then <= standard)
    with np.errstate(divide="ignore", invalid="ignore"):
        table["cut_needed"] = np.where(way, np.maximum(1.0 - standard / now, 0.0), np.nan)
    for figure, name, year in (
        ("peak_visitors", "peak", "year"),
        ("recent_visitors", "recent", "recent_year"),
    ):
        own = theatre.visits[theatre.visits["figure"] == figure]
        known = own.set_index(["site", "state"])
        keys = pd.MultiIndex.from_frame(table[["site", "state"]])
        table[name] = known["mode"].reindex(keys).to_numpy(np.float64)
        table[year] = known["year"].reindex(keys).to_numpy(np.float64)
    at = table.index[visits.rows]
    table.loc[at, "recent"] = visits.recent
    table["gain_usd_yr"] = 0.0
    table["why_not"] = _why(table, theatre, way)
    return table


def _why(table: pd.DataFrame, theatre: Theatre, way: NDArray[np.bool_]) -> list[str]:
    """Say of each site why it brings nothing; empty where it may bring something."""
    items = theatre.economy[["state", "item"]].itertuples(index=False)
    priced = {str(state) for state, item in items if item == "visitor_usd"}
    out = []
    for index, (_, site) in enumerate(table.iterrows()):
        if not way[index]:
            out.append(NO_WAY)
        elif site["reachable_before"]:
            out.append(OPEN)
        elif np.isnan(site["peak"]):
            out.append(NO_PEAK)
        elif site["state"] not in priced:
            out.append(NO_PRICE)
        elif not site["reachable_after"]:
            out.append(UNSAFE)
        else:
            out.append(FULL if site["recent"] >= site["peak"] else "")
    return out


def said(table: pd.DataFrame, standard: float, change: float, *, built: bool) -> tuple[str, ...]:
    """Say in sentences what the table shows.

    Parameters
    ----------
    table
        Of `site_table`.
    standard
        Attacks a year per 100 km of way that visitors bear.
    change
        What the line multiplies attacks on held land by.
    built
        Whether any land is held.
    """
    if table.empty:
        return ("The theatre has no heritage sites or parks on members' land.",)
    before, after = table["reachable_before"].sum(), table["reachable_after"].sum()
    first = (
        f"{before} of {len(table)} heritage sites and parks can be reached safely today, and "
        f"{after} with the line, where {standard:g} attacks a year within 25 km of 100 km of way "
        "are borne."
    )
    out = [first]
    opened = table[~table["reachable_before"] & table["reachable_after"]]
    if len(opened):
        out.append(f"It opens {', '.join(opened['name'])}.")
    elif built:
        shut = table[~table["reachable_before"] & table["peak"].notna() & (table["airport"] != "")]
        if len(shut):
            least = shut.sort_values("cut_needed").iloc[0]
            out.append(
                f"It opens none: attacks on held land fall by {1 - change:.0%}, and even near the "
                f"way to {least['name']} they would have to fall by {least['cut_needed']:.0%}."
            )
    else:
        out.append("No land is held, so no way becomes safer.")
    closed = table[table["reachable_before"] & ~table["reachable_after"]]
    if len(closed):
        out.append(f"Attacks that move away from the line close {', '.join(closed['name'])}.")
    open_now = table[table["reachable_before"] & table["peak"].notna()]
    if len(open_now):
        out.append(f"Not counted, as visitors can come already: {', '.join(open_now['name'])}.")
    without = table[table["peak"].isna()]
    if len(without):
        names = ", ".join(without["name"])
        out.append(f"Without a documented peak, and so worth nothing here: {names}.")
    out.append(
        "Attacks are all that is counted against a way: not kidnapping, and not what governments "
        "advise, which keep travellers from places where nobody is attacked."
    )
    return tuple(out)


def by_site(table: pd.DataFrame, usd: Floats, parties: tuple[str, ...]) -> Floats:
    """Share each state's money of a year among its sites, by visitors regained or lost.

    Parameters
    ----------
    table
        Of `site_table`.
    usd
        By party, shape (P,).
    parties
        Their states.

    Returns
    -------
    usd_yr
        By site, shape (sites,); adds up to `usd` where a state has sites to give it to.
    """
    before, after = (table[f"reachable_{when}"].to_numpy(bool) for when in ("before", "after"))
    peak = table["peak"].to_numpy(np.float64)
    recent = np.nan_to_num(table["recent"].to_numpy(np.float64))
    moved = np.where(after & ~before, np.maximum(peak - recent, 0.0), 0.0)
    moved = np.nan_to_num(np.where(before & ~after & (peak > 0), -recent, moved))
    out = np.zeros(len(table))
    for number, state in enumerate(parties):
        own = np.where((table["state"] == state).to_numpy(), moved, 0.0)
        if own.sum() != 0:
            out += usd[number] * own / own.sum()
    return out
