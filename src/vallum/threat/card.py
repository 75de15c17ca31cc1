"""What the threat stage says of itself in a notebook or a console."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.card import Card, Picture, Row, Table, ranged, rests_on
from vallum.kernel.card_figures import written

if TYPE_CHECKING:
    from vallum.threat.model import Threat

__all__ = ["threat_card"]

_SHOWN = 6
_CLASSES = 5


def threat_card(found: Threat) -> Card:
    """Say how much violence is to be expected, what it costs, and how much comes from outside."""
    regions = found.regions
    events = tuple(float(regions[key].sum()) for key in ("events_low", "events_yr", "events_high"))
    lost = tuple(
        float((regions["output_usd_yr"] * regions[key]).sum())
        for key in ("loss_rate_low", "loss_rate", "loss_rate_high")
    )
    sums = "the regions’ ranges added up: wider than that of the sum"
    given = "a rate that the user gave" if found.uniform else sums
    ways = found.ways
    drawn = "no sanctuary is known" if ways is None else f"over {written(ways.draws)} draws"
    return Card(
        "Threat",
        "Who comes, and by which ways?",
        (
            ranged("Attacks expected in the members’ land", (events[0], events[1], events[2]),
                   "a year", sums, main=True),
            ranged("Output lost to them", (lost[0], lost[1], lost[2]), "USD/yr", given, main=True),
            ranged("Output lost per attack", found.lost_per_event, "person-years",
                   "a range of estimates, in `ledger`"),
            ranged("Share that comes from outside, as used", found.reach, "share",
                   "a judgement, in `ledger`", main=True),
            ranged("Share that comes from outside, by the model of ways",
                   None if ways is None else ways.from_outside, "share",
                   drawn),
            ranged("Journeys of armed groups", None if ways is None else ways.journeys_yr, "a year",
                   drawn),
            Row("The claimed way in, tested", found.claim.verdict, how="a test of the record",
                main=True),
            _forecast(found),
        ),
        table=_regions(found),
        picture=_map(found),
        notes=(rests_on(found.ledger),),
    )  # fmt: skip


def _forecast(found: Threat) -> Row:
    """Say how often counts of past years fell into the range foretold."""
    label = "Past counts inside their foretold range"
    if found.forecast is None:
        return Row(label, None, "share", how="too few years of counts")
    how = f"should be {written(found.forecast.interval, 'share')} or more"
    return Row(label, float(found.forecast.coverage), "share", how=how)


def _regions(found: Threat) -> Table:
    """Tabulate the regions with most attacks."""
    most = found.regions.sort_values("events_yr", ascending=False, kind="stable").head(_SHOWN)
    rows = tuple(
        (str(row["region"]), str(row["iso3"]),
         (float(row["events_low"]), float(row["events_yr"]), float(row["events_high"])),
         (float(row["loss_rate_low"]), float(row["loss_rate"]), float(row["loss_rate_high"])))
        for row in most.to_dict("records")
    )  # fmt: skip
    heads = (
        ("region", ""),
        ("state", ""),
        ("attacks expected", "a year"),
        ("output lost", "share"),
    )
    title = (
        f"The {len(rows)} of {len(found.regions)} regions with most attacks; ranges as the setting "
        "threat.interval has them"
    )
    return Table(title, heads, rows)


def _map(found: Threat) -> Picture:
    """Colour the members' regions by the share of their output that is lost."""
    rates = found.regions["loss_rate"].to_numpy(np.float64)
    edges = (
        np.unique(np.quantile(rates, np.arange(1, _CLASSES) / _CLASSES)) if rates.size else rates
    )
    inside = found.region_of >= 0
    codes = np.where(inside, np.searchsorted(edges, found.loss_rate), -1).astype(np.int8)
    names = [f"up to {written(float(edge), 'share')}" for edge in edges]
    names.append("more" if names else "everywhere the same")
    colours = [f"harm-{n}" for n in range(1, len(names) + 1)]
    return Picture("Share of output lost a year, by region", codes,
                   tuple(zip(names, colours, strict=True)))  # fmt: skip
