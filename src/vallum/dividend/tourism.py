"""Tourism: which sites a held land makes safe to reach, and what their visitors are worth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from vallum.dividend.model import Stream, Timing
from vallum.dividend.tourism_access import Access, access
from vallum.dividend.tourism_figures import (
    COMMON,
    Visits,
    common,
    money_of,
    neighbours_change,
    visits_of,
)
from vallum.dividend.tourism_table import by_site, said, site_table
from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.dividend.model import Land
    from vallum.theatre import Theatre
    from vallum.threat.model import Threat

    Floats = NDArray[np.float64]

__all__ = ["attacks_near", "gap_of", "regained_share", "tourism", "trips_of"]


@dataclass(frozen=True, eq=False)
class _Case:
    """All that the money of one land rests on, but the assumptions' values.

    Attributes
    ----------
    found
        Ways, with today's attacks near them.
    others
        Attacks on neighbours' land near the ways with the line, shape (sites, stretches).
    now
        Attacks near the worst stretch of each way today, shape (sites,).
    visits
        Documented visitors.
    paying
        Numbers of the parties whose visitors' spending is known, in the order of its columns.
    parties
        How many there are.
    timing
        When the line works.
    built
        Whether any land is held.
    values
        The assumptions' own values, all of them, shape (k,).
    free
        Which of them have a range: the columns that `yearly` takes, shape (k,).
    """

    found: Access
    others: Floats
    now: Floats
    visits: Visits
    paying: tuple[int, ...]
    parties: int
    timing: Timing
    built: bool
    values: Floats
    free: NDArray[np.bool_]

    def then(self, change: Floats) -> Floats:
        """Attacks near each way with the line, by draw: shape (n, sites)."""
        by = change if self.built else np.ones_like(change)
        return attacks_near(self.found.held, self.found.outside, self.others, by)


def tourism(theatre: Theatre, threat: Threat, land: Land) -> Stream:
    """Say what visitors bring who come back to sites that become safe to reach.

    Parameters
    ----------
    theatre
        Sites, roads, `visits` and `economy`.
    threat
        Attacks expected a year in each cell.
    land
        What is held, from when, and what the campaign's paired draws say of attacks there.

    Returns
    -------
    Stream
        Of kind "tourism", a party per member. Its table `sites` has a row per heritage site and
        park. A figure without a range is no assumption of it. docs/method/dividend-tourism.md says
        how.
    """
    found, parties = access(theatre, threat, land), theatre.members
    money = money_of(theatre, parties)
    figures = (*common(land), *(each for pair in money.values() for each in pair))
    value, low, high = (
        np.array([float(getattr(each, end)) for each in figures])
        for end in ("value", "low", "high")
    )
    case = _Case(
        found=found,
        others=found.neighbours * neighbours_change(land, parties),
        now=attacks_near(found.held, found.outside, found.neighbours, np.ones((1, 2)))[0],
        visits=visits_of(theatre, found.sites, money),
        paying=tuple(parties.index(state) for state in money),
        parties=len(parties),
        timing=land.timing,
        built=bool(land.held.any()),
        values=value,
        free=low < high,
    )
    standard, change, own = float(value[0]), float(value[1]), value[None, case.free]
    then = case.then(value[None, 1:3])[0]
    table = site_table(theatre, found.sites, case.visits, case.now, then, standard)
    table["gain_usd_yr"] = by_site(table, _yearly(case, own)[0, :, -1], parties)
    words = said(table, standard, change, built=case.built)
    return Stream(
        kind="tourism",
        title="Visitors who come back",
        parties=parties,
        assumptions=tuple(each for each, free in zip(figures, case.free, strict=True) if free),
        yearly=partial(_yearly, case),
        tables=MappingProxyType({"sites": table}),
        said=(*words, *_were_all_safe(case, own, table)),
    )


def _were_all_safe(case: _Case, own: Floats, table: pd.DataFrame) -> tuple[str, ...]:
    """Say what it would bring if no way had any attacks: what stands in the balance."""
    shut = table["peak"].notna() & ~table["reachable_before"] & (table["airport"] != "")
    if not shut.any():
        return ()
    zero = np.zeros_like(case.found.held)
    calm = replace(case, found=replace(case.found, held=zero, outside=zero), others=zero)
    usd = float(_yearly(replace(calm, timing=_at_once(case.timing)), own)[0, :, -1].sum())
    words = (
        f"If there were no attacks at all near the ways to {', '.join(table['name'][shut])}, "
        f"visitors would bring {usd / 1e6:.1f} million USD a year in the end; no benefit is taken "
        "from this."
    )
    return (words,)


def _at_once(timing: Timing) -> Timing:
    """Cover everything for so long that all who come back are back."""
    return Timing(max(timing.horizon, 1000), np.ones(max(timing.horizon, 1000)))


def _yearly(case: _Case, values: Floats) -> Floats:
    """Give USD by draw, party and year, shape (n, P, H)."""
    given = np.tile(case.values, (len(values), 1))
    given[:, case.free] = _checked(values, int(case.free.sum()))
    standard, change, level, share, years, spend, per_trip = (
        given[:, 0], given[:, 1:3], *(given[:, column] for column in range(3, COMMON))
    )  # fmt: skip
    visits = case.visits
    before = case.now[visits.rows] <= standard[:, None]
    after = case.then(change)[:, visits.rows] <= standard[:, None]
    back = np.where(~before & after, gap_of(visits, level, share), 0.0)
    away = np.where(before & ~after, visits.recent, 0.0)
    worth = np.zeros((len(given), case.parties))
    for index, party in enumerate(case.paying):
        worth[:, party] = spend * given[:, COMMON + 2 * index : COMMON + 2 * index + 2].prod(1)
    gained = worth * trips_of(back, visits.party, per_trip, visits.most)
    lost = worth * trips_of(away, visits.party, per_trip, np.full(case.parties, np.inf))
    covered = np.clip(np.asarray(case.timing.covered, np.float64), 0.0, 1.0)
    regained = regained_share(case.timing, years)
    return np.asarray(gained[:, :, None] * regained[:, None, :] - lost[:, :, None] * covered)


def attacks_near(held: Floats, outside: Floats, neighbours: Floats, change: Floats) -> Floats:
    """Give attacks a year per 100 km on the worst stretch of each way.

    Parameters
    ----------
    held, outside, neighbours
        Today's, by stretch, shape (S, W) each.
    change
        What attacks on held land and on members' other land are multiplied by, shape (n, 2).

    Returns
    -------
    attacks
        Shape (n, S); 0 where there is no stretch.
    """
    out = np.zeros((len(change), len(held)))
    for stretch in range(held.shape[1]):
        here = np.outer(change[:, 0], held[:, stretch]) + np.outer(
            change[:, 1], outside[:, stretch]
        )
        np.maximum(out, here + neighbours[:, stretch], out=out)
    return out


def gap_of(visits: Visits, level: Floats, share: Floats) -> Floats:
    """Count the visitors a year who may come back to each site, shape (n, S).

    Parameters
    ----------
    visits
        Documented visitors.
    level
        Where in the documented range the peak lies: −1 low, 0 mode, 1 high, shape (n,).
    share
        Share of the peak that is regained in the end, from 0 to 1, shape (n,).
    """
    above = np.clip(level, 0.0, 1.0)[:, None] * (visits.high - visits.mode)
    below = np.clip(-level, 0.0, 1.0)[:, None] * (visits.mode - visits.low)
    regained = (visits.mode + above - below) * np.clip(share, 0.0, 1.0)[:, None]
    return np.asarray(np.maximum(regained - visits.recent, 0.0))


def trips_of(gap: Floats, party: NDArray[np.int64], per_trip: Floats, most: Floats) -> Floats:
    """Count journeys rather than visits: who sees three sites on one journey spends once.

    A state has at least as many journeys as its most visited site has visitors, and at least its
    visits by the sites seen on a journey; so a further site never makes them fewer.

    Parameters
    ----------
    gap
        Visitors by site, shape (n, S).
    party
        State of each site, shape (S,).
    per_trip
        Sites seen on one journey, 1 or more, shape (n,).
    most
        Journeys that a state can't exceed, shape (P,).

    Returns
    -------
    trips
        Shape (n, P).

    Examples
    --------
    >>> import numpy as np
    >>> gap = np.array([[40.0, 30.0, 20.0]])
    >>> trips_of(gap, np.zeros(3, int), np.array([2.0]), np.array([np.inf])).tolist()
    [[45.0]]
    """
    out = np.zeros((len(gap), len(most)))
    for state in range(len(most)):
        own = gap[:, party == state]
        if own.shape[1]:
            out[:, state] = np.maximum(own.max(1), own.sum(1) / np.maximum(per_trip, 1.0))
    return np.minimum(out, most)


def regained_share(timing: Timing, years: Floats) -> Floats:
    """Give the share of the gap that is regained in the middle of each year, shape (n, H).

    What is covered from a year on brings its visitors back along `1 − 10^(−age / years)`: nine
    tenths after `years`. It is half a year old in the middle of its first year. Where cover is
    lost, no more is regained than is covered.

    Parameters
    ----------
    timing
        Cover by year.
    years
        Until nine tenths are regained, above 0, shape (n,).
    """
    covered = np.clip(np.asarray(timing.covered, np.float64), 0.0, 1.0)
    most = np.maximum.accumulate(covered)
    more = np.diff(most, prepend=0.0)
    keep = 10.0 ** (-1.0 / np.maximum(years, 1e-9))
    short = np.zeros(len(keep))
    out = np.zeros((len(keep), len(covered)))
    for year, step in enumerate(more):
        short = short * keep + step * np.sqrt(keep)
        out[:, year] = np.minimum(most[year] - short, covered[year])
    return np.maximum(out, 0.0)


def _checked(values: Floats, count: int) -> Floats:
    """Refuse values of the wrong shape."""
    given = np.asarray(values, np.float64)
    if given.ndim != 2 or given.shape[1] != count:
        mend = f"give a row per draw and {count} columns, as the assumptions stand"
        raise InputError([Fault("values", "", f"shape {given.shape}", mend)])
    return given
