"""What an attack costs in lives, output and homes, from the record and from published counts."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from vallum.campaign.harm_model import Harm
from vallum.kernel.ledger import Assumption

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.theatre.model import Theatre
    from vallum.threat.model import Threat

__all__ = ["Fled", "deaths_per_attack", "displaced_per_attack", "harm", "lost_per_attack", "shrunk"]

Triple = tuple[float, float, float]

WORTH = 20.0  # events that the pooled mean is worth beside a state's own
FEW = 20  # fewer events in a year say nothing of the range

BFA = (
    "https://chartingtheglobe.com/region/burkina-faso/development/displacement"
    "?indicator=displacement-new-conflict-violence"
)
MLI = (
    "https://webarchive.archive.unhcr.org/20191026154754mp_/https://www.refworld.org/publisher,"
    "IDMC,,MLI,5374747bb,0.html"
)


class Fled(NamedTuple):
    """People newly displaced inside a state by conflict in a year, as published."""

    iso3: str
    year: int
    people: float
    source: str


FLED = (
    Fled("BFA", 2016, 700, BFA),
    Fled("BFA", 2017, 4_900, BFA),
    Fled("BFA", 2018, 42_000, BFA),
    Fled("BFA", 2019, 513_000, BFA),
    Fled("BFA", 2020, 515_000, BFA),
    Fled("MLI", 2013, 123_000, MLI),
)
# what the rows above give over the events of the built-in Sahel, for theatres without such events
ELSEWHERE = 2_270.0


def harm(
    theatre: Theatre, threat: Threat
) -> tuple[Harm, tuple[Assumption, ...], Mapping[str, Triple]]:
    """Give what an attack costs by state, with the assumptions and the ranges.

    Parameters
    ----------
    theatre
        Events and deaths by year and month, people and output by state.
    threat
        What an event costs in output, by member region.

    Returns
    -------
    harm
        Per attack, by iso3; "" for all others.
    ledger
        Rows `campaign.harm.*`.
    ranges
        `deaths`, `lost_usd`, `displaced`: low, mid and high as multiples of the mids.
    """
    counts = _counts(theatre)
    deaths, deaths_range = deaths_per_attack(counts)
    lost, lost_range, unknown = lost_per_attack(theatre, threat)
    displaced, displaced_range = displaced_per_attack(counts)
    ranges = {"deaths": deaths_range, "lost_usd": lost_range, "displaced": displaced_range}
    made = Harm(MappingProxyType(deaths), MappingProxyType(lost), MappingProxyType(displaced))
    return made, _ledger(made, ranges, unknown), MappingProxyType(ranges)


def shrunk(amount: float, events: float, pooled: float, worth: float = WORTH) -> float:
    """Pull a rate towards the pooled mean: `(amount + w pooled) / (events + w)`.

    Parameters
    ----------
    amount, events
        The state's own.
    pooled
        Mean over all states, per event.
    worth
        w: events that the pooled mean is worth.

    Returns
    -------
    rate
        Per event.

    Examples
    --------
    >>> shrunk(0.0, 20.0, 6.0)
    3.0
    """
    return (amount + worth * pooled) / (events + worth)


def deaths_per_attack(counts: pd.DataFrame) -> tuple[dict[str, float], Triple]:
    """Give deaths per event by state, shrunk, and their range as multiples.

    Parameters
    ----------
    counts
        iso3, year, events, deaths.

    Returns
    -------
    deaths
        By iso3; "" the pooled mean. Nothing is known where there is no event: 0.
    range
        The least and the most of any year's pooled rate over the mean; 1 lies within.
    """
    events, deaths = float(counts["events"].sum()), float(counts["deaths"].sum())
    pooled = deaths / events if events > 0 else 0.0
    by_state = counts.groupby("iso3")[["events", "deaths"]].sum()
    out = {
        str(iso3): shrunk(float(row["deaths"]), float(row["events"]), pooled)
        for iso3, row in by_state.iterrows()
    }
    out[""] = pooled
    by_year = counts.groupby("year")[["events", "deaths"]].sum()
    return out, _spread(by_year["deaths"], by_year["events"], pooled)


def lost_per_attack(
    theatre: Theatre, threat: Threat
) -> tuple[dict[str, float], Triple, tuple[str, ...]]:
    """Give output lost per attack by state, USD: person-years of output lost times output a head.

    Parameters
    ----------
    theatre
        `gdp_usd` and `people` by state.
    threat
        `lost_usd_per_event` by member region, weighed by the events expected there.

    Returns
    -------
    lost
        By iso3; "" the mean over states, by people. 0 where a state's output is not known.
    range
        Of the person-years, over their mid.
    unknown
        States whose output is not known.
    """
    low, mid, high = threat.lost_per_event
    states = theatre.countries
    gdp, people = (states[name].astype("float64") for name in ("gdp_usd", "people"))
    known = (gdp > 0) & (people > 0)
    out = {str(i): mid * float(gdp[i] / people[i]) if known[i] else 0.0 for i in states.index}
    for iso3, rows in threat.regions.groupby("iso3"):
        each = rows["lost_usd_per_event"].to_numpy(np.float64)
        weight = rows["events_yr"].to_numpy(np.float64)
        out[str(iso3)] = float(
            np.average(each, weights=weight) if weight.sum() > 0 else each.mean()
        )
    total = float(people[known].sum())
    out[""] = mid * float(gdp[known].sum()) / total if total > 0 else 0.0
    spread = (low / mid, 1.0, high / mid) if mid > 0 else (1.0, 1.0, 1.0)
    return out, spread, tuple(str(i) for i in states.index if out[str(i)] <= 0)


def displaced_per_attack(counts: pd.DataFrame) -> tuple[dict[str, float], Triple]:
    """Give people who flee per event by state, shrunk, and their range as multiples.

    Parameters
    ----------
    counts
        iso3, year, events: `FLED` is divided by the events of the same state and year.

    Returns
    -------
    displaced
        By iso3; "" the pooled mean, or `ELSEWHERE` where no year of `FLED` has events.
    range
        The least and the most of any year's rate over the mean; without such years 0.1 to 2.
    """
    by = counts.groupby(["iso3", "year"])["events"].sum()
    rows = [
        (one.iso3, one.people, float(by[one.iso3, one.year]))
        for one in FLED
        if (one.iso3, one.year) in by.index and by[one.iso3, one.year] > 0
    ]
    if not rows:
        return {"": ELSEWHERE}, (0.1, 1.0, 2.0)
    table = pd.DataFrame(rows, columns=["iso3", "people", "events"])
    pooled = float(table["people"].sum() / table["events"].sum())
    own = table.groupby("iso3")[["people", "events"]].sum()
    out = {
        str(iso3): shrunk(float(row["people"]), float(row["events"]), pooled)
        for iso3, row in own.iterrows()
    }
    out[""] = pooled
    return out, _spread(table["people"], table["events"], pooled)


def _counts(theatre: Theatre) -> pd.DataFrame:
    """Put years and single months together; a month whose year is counted whole is left out."""
    kept = ["iso3", "year", "events", "deaths"]
    years, months = theatre.events_year[kept], theatre.events_month[kept]
    months = months[~months["year"].isin(set(years["year"]))]
    both = pd.concat([one for one in (years, months) if len(one)] or [years])
    return both.groupby(["iso3", "year"], as_index=False)[["events", "deaths"]].sum()


def _spread(amount: pd.Series[float], events: pd.Series[float], pooled: float) -> Triple:
    """Least and most of the rates that rest on enough events, over the mean; half to double."""
    enough = (events >= FEW).to_numpy()
    if pooled <= 0 or enough.sum() < 2:
        return (0.5, 1.0, 2.0)
    rates = (amount / events).to_numpy(np.float64)[enough] / pooled
    return (min(1.0, float(rates.min())), 1.0, max(1.0, float(rates.max())))


def _ledger(
    made: Harm, ranges: Mapping[str, Triple], unknown: tuple[str, ...]
) -> tuple[Assumption, ...]:
    """Give the figures as rows of the ledger."""
    pull = f"judgement: pulled to the mean of all states as if that were {WORTH:g} events"
    own = f"deaths over events of the theatre's record, all years; {pull}"
    fled = "new displacements over the record's events of the same years: " + ", ".join(
        sorted({one.source for one in FLED})
    )
    if len(made.displaced) == 1:
        fled = f"judgement: as in the Sahel, for want of counts here; there {fled}"
    lost = "the threat stage's person-years per event times output a head"
    if unknown:
        lost += f"; 0 where output is not known: {', '.join(unknown)}"
    said = {
        "deaths": (made.deaths, "people/attack", own),
        "lost_usd": (made.lost_usd, "USD/attack", lost),
        "displaced": (made.displaced, "people/attack", f"{fled}; {pull}"),
    }
    rows = [
        Assumption(
            f"campaign.harm.{what}{'.' + iso3 if iso3 else ''}", value, value * ranges[what][0],
            value * ranges[what][2], unit, source,
        )
        for what, (by, unit, source) in said.items()
        for iso3, value in sorted(by.items())
    ]  # fmt: skip
    rows.append(Assumption("campaign.harm.worth", WORTH, 5.0, 100.0, "events", pull))
    return tuple(rows)
