"""The ways of armed groups' journeys, put together: cases, mids, joint draws, corridors."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.arrays import frozen
from vallum.kernel.ledger import Assumption
from vallum.threat.movement.hours import MODES
from vallum.threat.movement.table import SEASONS
from vallum.threat.ways import told
from vallum.threat.ways.assume import at_mids, drawn
from vallum.threat.ways.journeys import Chances, outside, pull, shares
from vallum.threat.ways.laid import lay
from vallum.threat.ways.model import MAIN, STRAYING, Ways
from vallum.threat.ways.routing import route, strayed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.theatre import Theatre
    from vallum.threat.movement.settings import MovementSettings
    from vallum.threat.ways.ends import Ends
    from vallum.threat.ways.laid import Laid
    from vallum.threat.ways.model import Case, Likely, Triple
    from vallum.threat.ways.routing import Routing
    from vallum.threat.ways.settings import PassageSettings
    from vallum.worth import Worth

__all__ = ["between", "find"]


def find(
    theatre: Theatre,
    worth: Worth,
    likely: Likely,
    movement: MovementSettings,
    settings: PassageSettings,
    *,
    seed: int,
    full: bool = False,
) -> Ways | None:
    """Find the ways by which journeys come to vital land.

    Parameters
    ----------
    theatre, worth
        The ground, and what is vital.
    likely
        Events expected, and the regions.
    movement, settings
        Assumptions.
    seed
        Of the joint draws.
    full
        Whether to solve on finer cells, and every way of moving at every straying.

    Returns
    -------
    Ways
        None where there is no sanctuary outside vital land, or no way from one.

    Raises
    ------
    InputError
        If a sanctuary of the user's lies on no passable ground, or as the table of speeds does.
    CertificateError
        If journeys go missing.
    """
    laid = lay(theatre, worth, likely, movement, settings, full=full)
    if laid is None:
        return None
    chosen: list[Case] = [
        (mode, season, straying)
        for mode in MODES
        for season in SEASONS
        for straying in STRAYING
        if full or mode == MAIN or straying == "mid"
    ]
    mid = at_mids(laid, likely, movement, settings, chosen)
    weight = pull(laid.weights, mid, laid.states)
    weight *= outside(mid, laid.states.own_row)[:, None]
    if not weight.sum() > 0:
        return None
    own = np.flatnonzero(likely.own_row >= 0)
    events = likely.regions["events_yr"].to_numpy()[own]
    arrive = float(events[mid.vital[likely.own_row[own]]].sum())
    journeys = weight * (likely.reach[1] * arrive / weight.sum())
    solved = _solved(laid, journeys, chosen, settings)
    chances = Chances(
        passing=_known([solved[case].passing for case in chosen], laid.states.asked[:, None, :]),
        entering={
            code: _known([solved[case].entering[code] for case in chosen], laid.states.enters(code))
            for code in laid.states.members
        },
    )
    rng = np.random.default_rng(seed)
    draws = [drawn(rng, laid, likely, movement, settings, chosen) for _ in range(settings.draws)]
    each = [shares(chances, laid.weights, draw, laid.states) for draw, _ in draws]
    at_mid = shares(chances, laid.weights, mid, laid.states)
    triple = partial(between, interval=likely.interval)
    away = outside(mid, laid.states.own_row)
    sources = laid.both.sources.assign(events_yr=laid.weights.events, outside=away)
    targets = laid.both.targets.assign(vital=mid.vital[laid.states.target_row])
    visits = sum(
        (part * solved[case].visits for case, part in zip(chosen, mid.parts, strict=True)),
        start=np.zeros(laid.on.state.size),
    )
    return Ways(
        sources=told.placed(theatre, sources),
        targets=told.placed(theatre, targets),
        vital=frozen(mid.vital),
        journeys_yr=triple(np.array([number for _, number in draws]), float(journeys.sum())),
        from_outside=triple(np.array([one.from_outside for one in each]), at_mid.from_outside),
        through=told.by_zone(theatre, laid, [one.through for one in each], at_mid.through, triple),
        claimed=told.by_zone(theatre, laid, [one.claimed for one in each], at_mid.claimed, triple),
        entering=told.entering(theatre, each, at_mid, triple),
        corridors=told.corridors_of(
            laid, solved, dict(zip(chosen, mid.parts.tolist(), strict=True)), journeys, settings
        ),
        cells=frozen(told.on_grid(laid, visits)),
        theta=solved[MAIN, movement.season, "mid"].theta,
        cell_km=laid.on.cell_km,
        imbalance=max(case.imbalance for case in solved.values()),
        draws=settings.draws,
        seed=seed,
        ledger=_ledger(settings, laid.both),
    )


def _known(chances: list[NDArray[np.float64]], asked: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Stack the chances of all cases; 0 where they are not asked for, or there is no way."""
    return np.where(asked, np.nan_to_num(np.stack(chances)), 0.0)


def between(draws: NDArray[np.float64], value: float, *, interval: float) -> Triple:
    """Give the ends of the middle `interval` of the draws around a value, which they always hold.

    Examples
    --------
    >>> between(np.linspace(0.0, 1.0, 5), 0.3, interval=0.5)
    (0.25, 0.3, 0.75)
    """
    known = draws[np.isfinite(draws)]
    if not known.size:
        return (value, value, value)
    low, high = np.quantile(known, ((1 - interval) / 2, (1 + interval) / 2)).tolist()
    return (min(low, value), value, max(high, value))


def _solved(
    laid: Laid,
    journeys: NDArray[np.float64],
    chosen: list[Case],
    settings: PassageSettings,
) -> dict[Case, Routing]:
    """Solve every case."""
    steps = _thetas(laid, journeys, settings)
    out = {}
    for mode, season, straying in chosen:
        edges = laid.networks[mode, season]
        out[mode, season, straying] = route(
            laid.on,
            edges,
            laid.start,
            laid.end,
            journeys,
            theta=steps[straying] / float(np.median(edges.cost)),
            members=laid.states.members,
        )
    return out


def _thetas(
    laid: Laid, journeys: NDArray[np.float64], settings: PassageSettings
) -> dict[str, float]:
    """Find θ times the hours of a typical step for each straying, by motorcycle in the season.

    `laid.weights.hours` are of the same network, or the detour would be measured against others.
    """
    edges = laid.networks[MAIN, laid.season]
    step = float(np.median(edges.cost))
    some = np.argsort(-journeys.sum(axis=0), kind="stable")[:10]  # the targets that draw most
    quickest = laid.weights.hours[:, some]
    asked = zip(STRAYING, (settings.detour_low, settings.detour, settings.detour_high), strict=True)
    return {
        name: step * strayed(edges, laid.start, laid.end[some], journeys[:, some], quickest, detour)
        for name, detour in asked
    }


def _ledger(settings: PassageSettings, both: Ends) -> tuple[Assumption, ...]:
    """List what the ways rest on; where areas are given, events and empty ground are not used."""
    rows = [
        Assumption(
            "threat.passage.vital_share", settings.vital_share, settings.vital_low,
            settings.vital_high, "share of output",
            "judgement: leaves out the desert regions; the ends move the regions at the margin",
        ),
        Assumption(
            "threat.passage.detour", settings.detour, settings.detour_low, settings.detour_high,
            "share of the quickest way", "judgement: people know their country, yet stray",
        ),
        Assumption(
            "threat.passage.range_h", settings.range_h, settings.range_low, settings.range_high,
            "h", "judgement: a day's ride, half of one, and three",
        ),
        Assumption(
            "threat.passage.people_mix", settings.people_mix, 0.0, 1.0, "share",
            "judgement: what targets are worth to attackers is not known",
        ),
        Assumption(
            "threat.passage.targets_kept", both.targets_kept, None, None, "share of output",
            "counted: what the targets told apart hold",
        ),
    ]  # fmt: skip
    if settings.sanctuaries:
        rows += [
            Assumption(
                f"threat.passage.sanctuaries.{area.name}", area.weight, None, None, "weight",
                f"given by the user: {area.radius_km:g} km around {area.lat:g}°, {area.lon:g}°",
            )
            for area in settings.sanctuaries
        ]  # fmt: skip
        return tuple(rows)
    rows += [
        Assumption(
            "threat.passage.unseen", settings.unseen, settings.unseen_low, settings.unseen_high,
            "share of origins", "judgement: groups rest where they do not fight; no source",
        ),
        Assumption(
            "threat.passage.sources_kept", both.sources_kept, None, None, "share of events",
            "counted: what the sanctuaries told apart hold",
        ),
    ]  # fmt: skip
    return tuple(rows)
