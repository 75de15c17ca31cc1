"""Figures of tourism: documented visitors, their spending, and what all states share, ranged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.kernel.arrays import frozen
from vallum.kernel.ledger import Assumption

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.dividend.model import Land
    from vallum.theatre import Theatre

    Floats = NDArray[np.float64]

__all__ = ["COMMON", "Visits", "common", "money_of", "neighbours_change", "visits_of"]

KEY = "dividend.tourism_"
WTTC = "https://www.travelmole.com/news/travel-and-tourism-study-finds-sharp-drop-in-crisis-recovery-times"
LANKA = (
    "http://ebook.comcec.org/Kutuphane/Icerik/Yayinlar/Analitik_Calismalar/Turizm/"
    "Toplanti10_rev/files/assets/basic-html/page-138.html"
)
ADRAR = "https://ezahra.info/fr/01202025-1738"
ADVICE = (
    "http://www.cridem.org/C_Info.php?article=721378 ; "
    "https://mali.news-pravda.com/mali/2025/11/07/10839.html"
)
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


def common(land: Land) -> tuple[Assumption, ...]:
    """List what all states share, in the order of the columns."""
    held, outside = (_ratios(land.change, name) for name in ("held", "outside"))
    drawn = "judgement: middle and middle 90 % of the campaign's paired draws, last phase"
    least = (
        "judgement: above what the ways to sites that visitors fly to today bear (Atar, 0.8 to 1.2 "
        "by the cell size; open by French advice), and below the least of those in Mali (2.2), all "
        f"of which is advised against; high: travellers bolder than ministries. {ADVICE}"
    )
    share = (
        "judgement: low: Adrar, open again since December 2017, has an eighth of its peak in its "
        f"eighth season ({ADRAR}); high: the whole of it, as arrivals in Sri Lanka grew fourfold "
        f"({LANKA})"
    )
    years = (
        f"judgement: low: 22.2 months, the mean after political crises ({WTTC}); Sri Lanka needed "
        f"six years for a fourfold rise ({LANKA}); high: Adrar's pace ({ADRAR})"
    )
    spend = (
        "judgement: prices have risen since the receipts were counted (2004, 2018); journeys may "
        "be shorter"
    )
    round_trip = (
        "judgement: Djenné, the Dogon cliffs and Timbuktu make one round; their visits add up to "
        f"four times the leisure tourists (10 to 20 % of 143,000) that {FIAS} counts"
    )
    ranged = "judgement: the whole range between the pages that visits.csv names"
    per_km = "attacks/yr within 25 km, per 100 km of way"
    place = "place in the documented range of the peak"
    return (
        Assumption(f"{KEY}access_attacks", 2.0, 1.3, 5.0, per_km, least),
        Assumption(f"{KEY}held_change", *held, "times", drawn),
        Assumption(f"{KEY}outside_change", *outside, "times", drawn),
        Assumption(f"{KEY}peak_level", 0.0, -1.0, 1.0, place, ranged),
        Assumption(f"{KEY}peak_share", 0.6, 0.13, 1.0, "share of the documented peak", share),
        Assumption(f"{KEY}recovery_years", 8.0, 1.85, 20.0, "years to nine tenths", years),
        Assumption(f"{KEY}spend", 1.0, 0.8, 1.6, "times", spend),
        Assumption(f"{KEY}sites_per_trip", 3.0, 1.5, 5.0, "sites", round_trip),
    )


def money_of(
    theatre: Theatre, parties: tuple[str, ...]
) -> dict[str, tuple[Assumption, Assumption]]:
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


def visits_of(
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
    four = np.array(figures, np.float64).reshape(-1, 4).T.copy()
    return Visits(
        rows=np.array(rows, np.int64),
        party=np.array(party, np.int64),
        low=frozen(four[0]),
        mode=frozen(four[1]),
        high=frozen(four[2]),
        recent=frozen(four[3]),
        most=frozen(most),
    )


def neighbours_change(land: Land, members: tuple[str, ...]) -> float:
    """Give what attacks on neighbours' land are multiplied by, all together, in the middle draw."""
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


def _figure(table: pd.DataFrame, site: str, state: str, figure: str) -> pd.Series | None:
    """Find a row of `visits`."""
    at = (table["site"] == site) & (table["state"] == state) & (table["figure"] == figure)
    return table[at].iloc[0] if at.any() else None
