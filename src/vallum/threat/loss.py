"""The loss rate: what share of a cell's output violence costs each year, and what a line can touch.

`h = 1 − exp(−λ · L / output)`, with λ events a year in the region, L the loss per event in USD (so
many person-years of the state's mean output) and the region's output, which is what is exposed;
for small rates it is events × loss per event / exposure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import Fault, InputError
from vallum.kernel.arrays import frozen, sum_by
from vallum.kernel.ledger import Assumption
from vallum.threat.counts import MODELS
from vallum.threat.density import Density, recent
from vallum.threat.forecast import Forecast, rated
from vallum.threat.history import record
from vallum.threat.intensity import Intensity, covered, estimate
from vallum.threat.rolling import PRIMARY

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.theatre import Theatre
    from vallum.threat.settings import ThreatSettings
    from vallum.worth import Worth

__all__ = ["Threat", "assess", "loss_rate"]


@dataclass(frozen=True, eq=False)
class Threat:
    """What is to be expected of violence in the members' land.

    Attributes
    ----------
    regions
        One row per member region: iso3, region, prior_events_yr, observed_events, observed_yr,
        events_yr with events_low and events_high, people, output_usd_yr, lost_usd_per_event (at
        the value of `lost_per_event`), loss_rate with
        loss_rate_low and loss_rate_high (the range of the event rate alone).
    region_of
        Row of `regions` per cell, −1 outside the members, shape (rows, cols).
    intensity
        Events/km²/yr, shape (rows, cols): a region's events follow the density of located events,
        or its people where there are none.
    loss_rate, loss_rate_low, loss_rate_high
        Share of output lost per year, shape (rows, cols).
    event_shape, event_rate_yr
        Gamma posterior of events per year by member region, for draws.
    reach
        Low, value and high of the share that comes from outside.
    lost_per_event
        Low, value and high of person-years of output lost per event.
    intensity_fit
        The estimate over all regions, members or not.
    forecast
        How well its model foretold the past; None where there are too few years of counts.
    density
        Of located events, the recent ones counting more; None where there are none.
    uniform
        Whether the loss rate is one number given by the user.
    ledger, fingerprint
        Assumptions; the theatre's mark.
    """

    regions: pd.DataFrame
    region_of: NDArray[np.int64]
    intensity: NDArray[np.float64]
    loss_rate: NDArray[np.float64]
    loss_rate_low: NDArray[np.float64]
    loss_rate_high: NDArray[np.float64]
    event_shape: NDArray[np.float64]
    event_rate_yr: NDArray[np.float64]
    reach: tuple[float, float, float]
    lost_per_event: tuple[float, float, float]
    intensity_fit: Intensity
    forecast: Forecast | None
    density: Density | None
    uniform: bool
    ledger: tuple[Assumption, ...]
    fingerprint: str


def assess(theatre: Theatre, worth: Worth, settings: ThreatSettings) -> Threat:
    """Estimate intensity and loss rate over the members.

    Parameters
    ----------
    theatre
        The ground and the counts.
    worth
        People and output per cell.
    settings
        Assumptions and their ranges.

    Returns
    -------
    Threat
        Rates per region and cell, with ranges.

    Raises
    ------
    InputError
        If the theatre has no events and no uniform rate is set.
    """
    silent = theatre.events_year.empty and theatre.events_month.empty
    if silent and settings.uniform_loss_rate is None:
        found = "no events: nothing can be said of the threat"
        mend = "give [[events]] in CONFIG.toml, or say what if: --set threat.uniform_loss_rate=0.05"
        raise InputError([Fault(f"theatre {theatre.name}", "events", found, mend)])
    scored = rated(theatre, settings)
    past = record(theatre, gap_km=settings.intensity.gap_km)
    fit = estimate(
        past,
        theatre.events_month,
        trusted=covered(past, theatre.events_year, settings.coverage),
        interval=settings.interval,
        model=PRIMARY if scored is None else scored.best,
        spread=settings.intensity.spread,
    )
    where = recent(theatre, settings.intensity, interval=settings.interval)
    own = np.flatnonzero(fit.table["iso3"].isin(theatre.members).to_numpy())
    regions = fit.table.iloc[own].reset_index(drop=True)
    region_of = _region_of(theatre, regions)
    inside = region_of >= 0
    people, output = (
        sum_by(region_of[inside], amount[inside], len(regions))
        for amount in (worth.people, worth.output)
    )
    head = {i: worth.gdp[i] / float(worth.people[theatre.state_mask(i)].sum()) for i in worth.gdp}
    lost_usd: NDArray[np.float64] = np.array(
        [settings.lost_per_event * head[str(iso3)] for iso3 in regions["iso3"]], np.float64
    )
    rates = {
        name: loss_rate(regions[events].to_numpy(np.float64), lost_usd, output)
        for name, events in [
            ("loss_rate", "events_yr"),
            ("loss_rate_low", "events_low"),
            ("loss_rate_high", "events_high"),
        ]
    }
    if settings.uniform_loss_rate is not None:
        rates = {name: np.full(len(regions), settings.uniform_loss_rate) for name in rates}
    regions = regions.assign(
        people=people, output_usd_yr=output, lost_usd_per_event=lost_usd, **rates
    )

    def on_grid(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return frozen(np.where(inside, values[region_of], 0.0))

    pattern = worth.people if where is None else where.per_km2_yr
    whole = sum_by(region_of[inside], pattern[inside], len(regions))
    per_pattern = regions["events_yr"].to_numpy(np.float64) / np.where(whole > 0, whole, np.inf)
    return Threat(
        regions=regions,
        region_of=frozen(region_of),
        intensity=frozen(on_grid(per_pattern) * pattern / theatre.grid.cell_km2),
        loss_rate=on_grid(rates["loss_rate"]),
        loss_rate_low=on_grid(rates["loss_rate_low"]),
        loss_rate_high=on_grid(rates["loss_rate_high"]),
        event_shape=frozen(fit.shape[own]),
        event_rate_yr=frozen(fit.rate_yr[own]),
        reach=(settings.reach_low, settings.reach_share, settings.reach_high),
        lost_per_event=(settings.lost_low, settings.lost_per_event, settings.lost_high),
        intensity_fit=fit,
        forecast=scored,
        density=where,
        uniform=settings.uniform_loss_rate is not None,
        ledger=_ledger(fit, settings),
        fingerprint=theatre.fingerprint,
    )


def loss_rate(
    events_yr: NDArray[np.float64],
    lost_usd: NDArray[np.float64] | float,
    output_usd_yr: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Share of output lost per year, `1 − exp(−events · lost / output)`; 0 where there is none.

    Parameters
    ----------
    events_yr
        Events per year, any shape.
    lost_usd
        Output lost per event, USD.
    output_usd_yr
        Output exposed, USD/yr.

    Returns
    -------
    rate
        In [0, 1), shape of the arguments together.

    Examples
    --------
    >>> import numpy as np
    >>> loss_rate(np.array([10.0]), 1e6, np.array([1e8])).round(4)
    array([0.0952])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        exposure = np.where(output_usd_yr > 0, events_yr * lost_usd / output_usd_yr, 0.0)
    return np.asarray(-np.expm1(-exposure), dtype=np.float64)


def _region_of(theatre: Theatre, regions: pd.DataFrame) -> NDArray[np.int64]:
    """Row of the members' table for each cell, −1 elsewhere."""
    row = {pair: n for n, pair in enumerate(zip(regions["iso3"], regions["region"], strict=True))}
    pairs = zip(theatre.regions["iso3"], theatre.regions["name"], strict=True)
    code = np.array([*(row.get(pair, -1) for pair in pairs), -1])
    found = code[theatre.ground["region"].to_numpy()]
    return np.where(theatre.member_mask, found, -1).astype(np.int64)


def _ledger(fit: Intensity, settings: ThreatSettings) -> tuple[Assumption, ...]:
    """List what the threat rests on."""
    fitted = (
        f"{MODELS[fit.prior.model].name}, fitted on {fit.prior.pairs} region-years of the counts"
    )
    rows = [
        Assumption(
            "threat.reach_share",
            settings.reach_share,
            settings.reach_low,
            settings.reach_high,
            "share of losses",
            "judgement; bounds from events near borders (OECD/SWAC 2022; UCDP January 2026)",
        ),
        Assumption(
            "threat.lost_per_event",
            settings.lost_per_event,
            settings.lost_low,
            settings.lost_high,
            "person-years of output",
            "IMF REO Sub-Saharan Africa April 2019 ch. 2 and IMF WP/20/221, over UCDP events in "
            "Mali",
        ),
        Assumption(
            "threat.coverage",
            settings.coverage,
            None,
            None,
            "share of deaths",
            "judgement: what a state's region table must hold to enter the fit",
        ),
        Assumption("threat.prior_pull", fit.prior.pull, None, None, "share", fitted),
        Assumption("threat.prior_weight", fit.prior.weight_yr, None, None, "years", fitted),
        Assumption("threat.prior_floor", fit.prior.floor_yr, None, None, "events/yr", fitted),
    ]
    if settings.uniform_loss_rate is not None:
        rows.append(
            Assumption(
                "threat.uniform_loss_rate",
                settings.uniform_loss_rate,
                None,
                None,
                "share of output/yr",
                "given by the user",
            )
        )
    return tuple(rows)
