"""The threat, put together: events expected, what they cost, and by which ways they come."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import Fault, InputError
from vallum.kernel.arrays import frozen, sum_by
from vallum.kernel.ledger import Assumption
from vallum.kernel.paths import passage
from vallum.threat.civilians.crossings import civilians
from vallum.threat.claim.verdict import assess_claim
from vallum.threat.claim.zones import INSIDE, find_zones
from vallum.threat.crossing import cross
from vallum.threat.intensity.counts import MODELS
from vallum.threat.intensity.density import recent
from vallum.threat.intensity.forecast import rated
from vallum.threat.intensity.history import record
from vallum.threat.intensity.posterior import covered, estimate
from vallum.threat.intensity.rolling import PRIMARY
from vallum.threat.loss import loss_rate
from vallum.threat.model import Threat
from vallum.threat.movement.hours import ledger as movement_ledger
from vallum.threat.ways import Likely, find
from vallum.threat.ways.ends import rows_on_grid

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.theatre import Theatre
    from vallum.threat.intensity.density import Density
    from vallum.threat.intensity.posterior import Intensity
    from vallum.threat.settings import ThreatSettings
    from vallum.threat.ways import Ways
    from vallum.worth import Worth

__all__ = ["assess", "restated"]

_RATES = {"loss_rate": "events_yr", "loss_rate_low": "events_low", "loss_rate_high": "events_high"}
_STATED = ("threat.reach_share", "threat.lost_per_event", "threat.uniform_loss_rate")
BASE_SHARE = 0.9  # ways are timed from the largest sanctuaries that make up this share of weight


def assess(
    theatre: Theatre,
    worth: Worth,
    settings: ThreatSettings,
    *,
    seed: int = 0,
    full: bool = False,
) -> Threat:
    """Estimate intensity and loss rate over the members, and find the ways that they come.

    Parameters
    ----------
    theatre
        The ground and the counts.
    worth
        People and output per cell.
    settings
        Assumptions and their ranges.
    seed
        Of the draws behind ranges of the ways, and of the test of the claim.
    full
        Whether journeys are solved on finer cells (`--depth full`).

    Returns
    -------
    Threat
        Rates per region and cell, ways and hours, with ranges.

    Raises
    ------
    InputError
        If the theatre has no events and no uniform rate is set, or as the parts do.
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
    region_of = np.where(theatre.member_mask, rows_on_grid(theatre, regions), -1)
    inside = region_of >= 0
    people, output = (
        sum_by(region_of[inside], amount[inside], len(regions))
        for amount in (worth.people, worth.output)
    )
    rated_as = _rates(theatre, worth, regions, settings, output)
    regions = regions.assign(people=people, output_usd_yr=output, **rated_as)

    cells = _cells(theatre, fit, where)
    claim = assess_claim(theatre, settings.claim, seed=seed)
    likely = _likely(theatre, fit, regions, region_of, cells, settings)
    ways = find(theatre, worth, likely, settings.movement, settings.passage, seed=seed, full=full)
    most = settings.passage.most_cells_full if full else settings.passage.most_cells
    people_moving = civilians(
        theatre,
        worth,
        settings.civilians,
        passage=partial(passage, most_cells=most),
        movement=settings.movement,
    )
    return Threat(
        regions=regions,
        region_of=frozen(region_of),
        intensity=frozen(np.where(inside, cells, 0.0) / theatre.grid.cell_km2),
        loss_rate=_on_grid(rated_as["loss_rate"], region_of),
        loss_rate_low=_on_grid(rated_as["loss_rate_low"], region_of),
        loss_rate_high=_on_grid(rated_as["loss_rate_high"], region_of),
        event_shape=frozen(fit.shape[own]),
        event_rate_yr=frozen(fit.rate_yr[own]),
        reach=(settings.reach_low, settings.reach_share, settings.reach_high),
        lost_per_event=(settings.lost_low, settings.lost_per_event, settings.lost_high),
        intensity_fit=fit,
        forecast=scored,
        density=where,
        cells=cells,
        crossing=cross(theatre, settings.movement, _bases(ways)),
        ways=ways,
        civilians=people_moving,
        claim=claim,
        uniform=settings.uniform_loss_rate is not None,
        ledger=(
            *_ledger(fit, settings),
            *movement_ledger(settings.movement),
            *(() if ways is None else ways.ledger),
            *claim.ledger,
            *people_moving.ledger,
        ),
        fingerprint=theatre.fingerprint,
    )


def restated(theatre: Theatre, worth: Worth, threat: Threat, settings: ThreatSettings) -> Threat:
    """State a threat again for another reach, or another loss per event.

    Parameters
    ----------
    theatre, worth
        Those that it was found on.
    threat
        Found with settings that differ in `reach_*`, `lost_*` and `uniform_loss_rate` alone.
    settings
        The others.

    Returns
    -------
    Threat
        Losses, reach and ledger are those of the settings. Ways and journeys are the old ones:
        they tell where a rule "least_cost" puts a higher standard, and what is said of ways.
    """
    output = threat.regions["output_usd_yr"].to_numpy(np.float64)
    rated_as = _rates(theatre, worth, threat.regions, settings, output)
    fresh = {row.key: row for row in _ledger(threat.intensity_fit, settings)}
    kept = tuple(row for row in threat.ledger if row.key not in _STATED)
    return replace(
        threat,
        regions=threat.regions.assign(**rated_as),
        loss_rate=_on_grid(rated_as["loss_rate"], threat.region_of),
        loss_rate_low=_on_grid(rated_as["loss_rate_low"], threat.region_of),
        loss_rate_high=_on_grid(rated_as["loss_rate_high"], threat.region_of),
        reach=(settings.reach_low, settings.reach_share, settings.reach_high),
        lost_per_event=(settings.lost_low, settings.lost_per_event, settings.lost_high),
        uniform=settings.uniform_loss_rate is not None,
        ledger=(*(fresh[name] for name in _STATED if name in fresh), *kept),
    )


def _rates(
    theatre: Theatre,
    worth: Worth,
    regions: pd.DataFrame,
    settings: ThreatSettings,
    output: NDArray[np.float64],
) -> dict[str, NDArray[np.float64]]:
    """Give the loss per event in dollars and the loss rates, with their ends, by region."""
    head = {i: worth.gdp[i] / float(worth.people[theatre.state_mask(i)].sum()) for i in worth.gdp}
    lost_usd: NDArray[np.float64] = np.array(
        [settings.lost_per_event * head[str(iso3)] for iso3 in regions["iso3"]], np.float64
    )
    rates = {
        name: loss_rate(regions[events].to_numpy(np.float64), lost_usd, output)
        for name, events in _RATES.items()
    }
    if settings.uniform_loss_rate is not None:
        rates = {name: np.full(len(regions), settings.uniform_loss_rate) for name in rates}
    return {"lost_usd_per_event": lost_usd, **rates}


def _on_grid(values: NDArray[np.float64], region_of: NDArray[np.int64]) -> NDArray[np.float64]:
    """Lay a value per region on the cells; 0 outside."""
    return frozen(np.where(region_of >= 0, values[region_of], 0.0))


def _cells(theatre: Theatre, fit: Intensity, where: Density | None) -> NDArray[np.float64]:
    """Spread each region's events over its cells: by located events, by people, or evenly."""
    region_of = rows_on_grid(theatre, fit.table)
    inside, count = region_of >= 0, len(fit.table)
    people = theatre.ground["people"].to_numpy().astype(np.float64)
    out = np.zeros(region_of.shape)
    left = fit.table["events_yr"].to_numpy(np.float64).copy()
    for pattern in (None if where is None else where.per_km2_yr, people, np.ones(people.shape)):
        if pattern is None:
            continue
        whole = sum_by(region_of[inside], pattern[inside], count)
        rate = np.where(whole > 0, left / np.where(whole > 0, whole, 1.0), 0.0)
        out[inside] += rate[region_of[inside]] * pattern[inside]
        left = np.where(whole > 0, 0.0, left)
    return frozen(out)


def _likely(
    theatre: Theatre,
    fit: Intensity,
    own: pd.DataFrame,
    region_of: NDArray[np.int64],
    cells: NDArray[np.float64],
    settings: ThreatSettings,
) -> Likely:
    """Gather what the ways rest on."""
    zones = find_zones(theatre, settings.claim)
    area = sum_by(region_of[region_of >= 0], np.ones(int((region_of >= 0).sum())), len(own))
    row = {pair: n for n, pair in enumerate(zip(own["iso3"], own["region"], strict=True))}
    pairs = list(zip(fit.table["iso3"], fit.table["region"], strict=True))
    return Likely(
        cells=cells,
        regions=fit.table,
        shape=fit.shape,
        rate_yr=fit.rate_yr,
        own=own.assign(km2=area * theatre.grid.cell_km2),
        own_row=np.array([row.get(pair, -1) for pair in pairs], np.int64),
        claimed=(
            np.zeros(len(own), np.bool_) if zones is None else zones.of(theatre, own) == INSIDE
        ),
        reach=(settings.reach_low, settings.reach_share, settings.reach_high),
        interval=settings.interval,
    )


def _bases(found: Ways | None) -> NDArray[np.int64]:
    """Give the largest sanctuaries outside vital land; empty ground is everywhere, and is none."""
    if found is None:
        return np.zeros((0, 2), np.int64)
    table = found.sources[found.sources["outside"] & (found.sources["kind"] != "ground")]
    table = table.sort_values("events_yr", ascending=False, kind="stable")
    before = table["events_yr"].cumsum() - table["events_yr"]
    chosen = table[before < BASE_SHARE * table["events_yr"].sum()]
    return np.asarray(chosen[["row", "col"]].to_numpy(), np.int64)


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
