"""Tourism: which sites a held land makes safe to reach, and what their visitors are worth."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.dividend.model import Stream
from vallum.dividend.tourism_access import access
from vallum.dividend.tourism_table import said, site_table
from vallum.errors import Fault, InputError
from vallum.kernel.arrays import frozen
from vallum.kernel.ledger import Assumption

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.dividend.model import Land, Timing
    from vallum.theatre import Theatre
    from vallum.threat.model import Threat

    Floats = NDArray[np.float64]

__all__ = ["attacks_near", "regained_share", "tourism", "trips_of"]

KEY = "dividend.tourism_"
WTTC = "https://www.travelmole.com/news/travel-and-tourism-study-finds-sharp-drop-in-crisis-recovery-times"
LANKA = (
    "http://ebook.comcec.org/Kutuphane/Icerik/Yayinlar/Analitik_Calismalar/Turizm/"
    "Toplanti10_rev/files/assets/basic-html/page-138.html"
)
ADRAR = "https://ezahra.info/fr/01202025-1738"
ADVICE = "http://www.cridem.org/C_Info.php?article=721378"
FIAS = (
    "https://www.afribone.com/possibilite-de-developpement-du-tourisme-un-rapport-de-la-banque-"
    "mondiale-decele-les-contraintes-au-mali/"
)
COMMON = 8  # assumptions that all states share; two of each state's own follow


@dataclass(frozen=True, eq=False)
class Visits:
    """Documented visitors of the sites that have a peak and a way, in the order of the columns.

    Attributes
    ----------
    rows
        Row of each in the table of all sites, shape (S,).
    party
        Number of each one's state among the parties, shape (S,).
    low, mode, high
        Visitors a year at the peak, shape (S,).
    recent
        Visitors a year of late, shape (S,).
    most
        Trips a year that a state may regain in all, shape (P,); inf where no total is documented.
    """

    rows: NDArray[np.int64]
    party: NDArray[np.int64]
    low: Floats
    mode: Floats
    high: Floats
    recent: Floats
    most: Floats


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
        park. docs/method/dividend-tourism.md says how.
    """
    found = access(theatre, threat, land)
    parties = theatre.members
    money = _money(theatre, parties)
    visits = _visits(theatre, found.sites, money)
    assumptions = (*_common(land), *(each for pair in money.values() for each in pair))
    others = found.neighbours * _neighbours_change(land, theatre.members)
    now = attacks_near(found.held, found.outside, found.neighbours, np.ones((1, 2)))[0]
    built = bool(land.held.any())
    paying = [parties.index(state) for state in money]

    def yearly(values: Floats) -> Floats:
        """Give USD by draw, party and year."""
        given = _checked(values, len(assumptions))
        standard, level, share = given[:, 0], given[:, 3], given[:, 4]
        change = given[:, 1:3] if built else np.ones((len(given), 2))
        then = attacks_near(found.held, found.outside, others, change)[:, visits.rows]
        opened = (now[visits.rows] > standard[:, None]) & (then <= standard[:, None])
        gap = np.where(opened, gap_of(visits, level, share), 0.0)
        trips = trips_of(gap, visits.party, given[:, 7], visits.most)
        worth = np.zeros((len(given), len(parties)))
        for index, party in enumerate(paying):
            worth[:, party] = given[:, COMMON + 2 * index] * given[:, COMMON + 2 * index + 1]
        usd = trips * worth * given[:, 6][:, None]
        return np.asarray(usd[:, :, None] * regained_share(land.timing, given[:, 5])[:, None, :])

    own = np.array([[float(each.value or 0.0) for each in assumptions]])
    then = attacks_near(
        found.held, found.outside, others, own[:, 1:3] if built else np.ones((1, 2))
    )[0]
    table = site_table(theatre, found.sites, visits, now, then, float(own[0, 0]))
    table["gain_usd_yr"] = _by_site(table, yearly(own)[0, :, -1], parties)
    return Stream(
        kind="tourism",
        title="Visitors who come back",
        parties=parties,
        assumptions=assumptions,
        yearly=yearly,
        tables=MappingProxyType({"sites": table}),
        said=said(table, float(own[0, 0]), float(own[0, 1]), built=built),
    )


def attacks_near(held: Floats, outside: Floats, neighbours: Floats, change: Floats) -> Floats:
    """Attacks a year per 100 km on the worst stretch of each way.

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
    """Visitors a year who may come back to each site, shape (n, S).

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
    """Share of the gap that is regained in the middle of each year, shape (n, H).

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


def _common(land: Land) -> tuple[Assumption, ...]:
    """List what all states share, in the order of the columns."""
    held, outside = (_ratios(land.change, name) for name in ("held", "outside"))
    drawn = "judgement: middle and middle 90 % of the campaign's paired draws, last phase"
    rows = (
        (
            "access_attacks", 2.0, 1.2, 5.0, "attacks/yr within 25 km, per 100 km of way",
            f"judgement: above what the way with the most attacks bears of those to sites that "
            f"visitors fly to today (Atar, about 1.2), and below the least of the ways in Mali, all "
            f"advised against (about 2.2); high: travellers bolder than ministries. Adrar is open "
            f"by French advice: {ADVICE}",
        ),
        ("held_change", *held, "times", drawn),
        ("outside_change", *outside, "times", drawn),
        (
            "peak_level", 0.0, -1.0, 1.0, "place in the documented range of the peak",
            "judgement: the whole range between the pages that visits.csv names",
        ),
        (
            "peak_share", 0.6, 0.13, 1.0, "share of the documented peak",
            f"judgement: low: Adrar, open again since December 2017, has an eighth of its peak in "
            f"its eighth season ({ADRAR}); high: the whole peak, as Sri Lanka passed its own "
            f"({LANKA})",
        ),
        (
            "recovery_years", 8.0, 1.85, 20.0, "years to nine tenths",
            f"judgement: low: 22.2 months, mean after political crises ({WTTC}); Sri Lanka's "
            f"arrivals grew fourfold in the six years after its war ({LANKA}); high: Adrar "
            f"({ADRAR})",
        ),
        (
            "spend", 1.0, 0.8, 1.6, "times",
            "judgement: prices have risen since the receipts were counted (2004, 2018); journeys "
            "may be shorter",
        ),
        (
            "sites_per_trip", 3.0, 1.5, 5.0, "sites",
            f"judgement: Djenné, the Dogon cliffs and Timbuktu make one round; their visits add up "
            f"to four times the leisure tourists (10 to 20 % of 143,000) that {FIAS} counts",
        ),
    )  # fmt: skip
    return tuple(Assumption(KEY + name, *figures) for name, *figures in rows)  # type: ignore[arg-type]


def _ratios(change: pd.DataFrame, name: str) -> tuple[float, float, float]:
    """Value, low and high of attacks after by before, over the paired draws; 1 where none are."""
    if f"{name}_before" not in change:
        return 1.0, 1.0, 1.0
    before = change[f"{name}_before"].to_numpy(np.float64)
    after = change[f"{name}_after"].to_numpy(np.float64)
    ratio = after[before > 0] / before[before > 0]
    if not ratio.size:
        return 1.0, 1.0, 1.0
    low, middle, high = (float(each) for each in np.quantile(ratio, [0.05, 0.5, 0.95]))
    return middle, low, high


def _neighbours_change(land: Land, members: tuple[str, ...]) -> float:
    """What attacks on neighbours' land are multiplied by: all of them together, the middle draw."""
    own = {"held", "outside", *members}
    names = [
        column.removesuffix("_before")
        for column in map(str, land.change.columns)
        if column.endswith("_before") and column.removesuffix("_before") not in own
    ]
    if not names or not land.held.any():
        return 1.0
    both = {
        f"all_{when}": land.change[[f"{name}_{when}" for name in names]].sum(axis=1)
        for when in ("before", "after")
    }
    return _ratios(pd.DataFrame(both), "all")[0]


def _money(theatre: Theatre, parties: tuple[str, ...]) -> dict[str, tuple[Assumption, Assumption]]:
    """Spending of a visitor and the share that stays, of each state that has both."""
    table = theatre.economy
    out = {}
    for state in parties:
        pair = []
        for item, unit in (("visitor_usd", "USD"), ("visitor_value_share", "share of spending")):
            row = table[(table["state"] == state) & (table["item"] == item)]
            if len(row):
                mode, low, high = (float(row.iloc[0][name]) for name in ("mode", "low", "high"))
                said_of = str(row.iloc[0]["source"])
                key = f"{KEY}{item.removeprefix('visitor_')}_{state}"
                pair.append(Assumption(key, mode, low, high, unit, said_of))
        if len(pair) == 2:
            out[state] = (pair[0], pair[1])
    return out


def _figure(table: pd.DataFrame, site: str, state: str, figure: str) -> pd.Series | None:
    """Find a row of `visits`."""
    at = (table["site"] == site) & (table["state"] == state) & (table["figure"] == figure)
    return table[at].iloc[0] if at.any() else None


def _visits(
    theatre: Theatre, sites: pd.DataFrame, money: dict[str, tuple[Assumption, Assumption]]
) -> Visits:
    """Read the visitors of the sites that have a peak, a way and a price."""
    table, parties = theatre.visits, theatre.members
    rows, party, figures = [], [], []
    late, most = {}, np.full(len(parties), np.inf)
    for number, state in enumerate(parties):
        peak = _figure(table, "all", state, "peak_visitors")
        recent = _figure(table, "all", state, "recent_visitors")
        if peak is not None:
            now = 0.0 if recent is None else float(recent["mode"])
            most[number] = max(float(peak["mode"]) - now, 0.0)
            late[state] = min(now / float(peak["mode"]), 1.0) if float(peak["mode"]) else 0.0
    for index, (_, site) in enumerate(sites.iterrows()):
        state = str(site["state"])
        peak = _figure(table, str(site["site"]), state, "peak_visitors")
        if peak is None or not site["airport"] or state not in money:
            continue
        recent = _figure(table, str(site["site"]), state, "recent_visitors")
        low, mode, high = (float(peak[name]) for name in ("low", "mode", "high"))
        # where no recent figure is documented, the site is taken to have fallen as its state has
        now = late.get(state, 0.0) * mode if recent is None else float(recent["mode"])
        rows.append(index)
        party.append(parties.index(state))
        figures.append((low, mode, high, now))
    four = np.array(figures, np.float64).reshape(-1, 4).T
    low_, mode_, high_, recent_ = (frozen(each.copy()) for each in four)
    ends = (np.array(each, np.int64) for each in (rows, party))
    return Visits(*ends, low_, mode_, high_, recent_, frozen(most))


def _by_site(table: pd.DataFrame, usd: Floats, parties: tuple[str, ...]) -> Floats:
    """Share each state's money of a year among its sites, by the visitors they regain."""
    out = np.zeros(len(table))
    for number, state in enumerate(parties):
        own = (table["state"] == state).to_numpy()
        opened = own & table["reachable_after"].to_numpy() & ~table["reachable_before"].to_numpy()
        weight = np.where(opened, (table["peak"] - table["recent"]).clip(lower=0).fillna(0.0), 0.0)
        if weight.sum() > 0:
            out += usd[number] * weight / weight.sum()
    return out
