"""The works of a theatre: its ground, who may pass, what is at stake, and the price."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import Fault, InputError
from vallum.kernel.once import once
from vallum.theatre.named import part_of
from vallum.works import compose
from vallum.works.catalogue import load_catalogue
from vallum.works.ground.classify import classify
from vallum.works.people import Gates, crossed, gate_density, load_people, road_density
from vallum.works.people.crossings import crossings_per_km
from vallum.works.people.gates import chosen_gates
from vallum.works.price import price
from vallum.works.settings import WorksSettings
from vallum.works.sight import assumptions, cover

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from vallum.theatre import Theatre
    from vallum.threat import Threat
    from vallum.works.catalogue import Catalogue
    from vallum.works.model import Works
    from vallum.works.sight import Cover
    from vallum.worth import Worth

__all__ = ["assess", "at_stake", "check", "standard_by_cell"]


def assess(  # noqa: PLR0913  (the stages' results, and what is known of them)
    theatre: Theatre,
    worth: Worth,
    threat: Threat,
    settings: WorksSettings | None = None,
    *,
    states: Sequence[str],
    seed: int = 0,
    full: bool = False,
    seen: tuple[Cover, NDArray[np.int32]] | None = None,
) -> Works:
    """Choose and price the works on every cell of a theatre.

    Parameters
    ----------
    theatre, worth, threat
        The ground, and the results of the earlier stages.
    settings
        What the works must do; the defaults if not given.
    states
        ISO3 codes of the members and partners, for the law.
    seed
        Of the terrain below the size of a cell.
    full
        Whether what is not known of that terrain enters the range of the effect (`--depth full`).
    seen
        What `vallum.works.sight.cover` gives for that ground and seed, where it is known: no
        setting of the works changes it.

    Returns
    -------
    Works
        See there.

    Raises
    ------
    BarredError
        When a setting asks for something barred; it names the rule.
    InputError
        With every fault of the catalogue and the settings.
    InfeasibleError
        When no composition is left to choose from.
    """
    settings = settings or WorksSettings()
    standard = standard_by_cell(theatre, settings)  # its faults are said before the long work
    catalogue = load_catalogue(settings.catalogue)
    over, over_of = cover(theatre, seed=seed) if seen is None else seen
    ground = classify(theatre, catalogue, cover=over, cover_of=over_of, settings=settings)
    ends = None
    if full:
        ends = cover(theatre, seed=seed, level="low")[0], cover(theatre, seed=seed, level="high")[0]
    return price(
        replace(ground, ledger=(*ground.ledger, *assumptions()), cover_ends=ends),
        settings=settings,
        states=states,
        catalogue=catalogue,
        gates=_gates(theatre, threat, catalogue, settings, states),
        at_stake_usd_km_yr=at_stake(theatre, worth, threat),
        where=theatre.member_mask,
        standard=standard,
    )


def standard_by_cell(theatre: Theatre, settings: WorksSettings) -> NDArray[np.float64] | None:
    """Lay the standards of parts of the land on the grid.

    Parameters
    ----------
    theatre
        Where the parts are looked up.
    settings
        `standard` and `standards`.

    Returns
    -------
    standard
        p*, shape (rows, cols); None where there is one standard for all.

    Raises
    ------
    InputError
        For parts that there are not, all at once.
    """
    if not settings.standards:
        return None
    standard = np.full(theatre.grid.shape, settings.standard)
    faults: list[Fault] = []
    for number, part in enumerate(settings.standards):
        where = f"works.standards.{number}"
        try:
            cells = part_of(
                theatre, where, state=part.state, region=part.region, bounds=part.bounds
            )
        except InputError as error:
            faults += error.faults
            continue
        standard[cells] = part.standard
    if faults:
        raise InputError(faults)
    return standard


def check(settings: WorksSettings, states: Sequence[str]) -> None:
    """Refuse settings of the works that can't be met, before any other work is done.

    Parameters
    ----------
    settings
        What the works must do.
    states
        ISO3 codes of the members and partners, for the law.

    Raises
    ------
    BarredError
        When they ask for something barred, or to close the gates of people fleeing.
    InputError
        With every fault of the catalogue, and of names that it doesn't have.
    """
    catalogue = load_catalogue(settings.catalogue)
    compose.check(settings, catalogue, states)
    chosen_gates(catalogue, settings, closed=settings.closed, states=states)


def at_stake(theatre: Theatre, worth: Worth, threat: Threat) -> NDArray[np.float64] | None:
    """Give what journeys across a kilometre of line would cost in a year if none were stopped.

    Losses from outside, `Σ output · loss rate · reach`, are shared among the journeys from outside
    to vital land alike, and a line of no preferred direction is crossed J/(2c) times a km and year
    where J journeys touch a cell of side c.

    Parameters
    ----------
    theatre, worth, threat
        The ground, and the results of the earlier stages.

    Returns
    -------
    usd_km_yr
        Shape (rows, cols); None where no way is known by which anyone comes.
    """
    ways = threat.ways
    if ways is None or ways.journeys_yr[1] <= 0:
        return None
    lost = float((worth.output * threat.loss_rate).sum()) * threat.reach[1]
    each = lost / ways.journeys_yr[1]
    return np.asarray(each * crossings_per_km(ways.cells, theatre.grid.cell_km))


def _gates(
    theatre: Theatre,
    threat: Threat,
    catalogue: Catalogue,
    settings: WorksSettings,
    states: Sequence[str],
) -> Gates:
    """Say which gates a kilometre of line needs."""
    civilians = threat.civilians
    across = crossed(
        civilians.cells,
        _roads(theatre),
        theatre.grid.cell_km,
        ends={kind: (demand.low, demand.high) for kind, demand in civilians.demands.items()},
    )
    return gate_density(
        across, catalogue, load_people(), settings, closed=settings.closed, states=states
    )


@once
def _roads(theatre: Theatre) -> Mapping[int, NDArray[np.float64]]:
    """Give the roads of each cell, which no setting changes."""
    return road_density(theatre.routes, theatre.grid, theatre.ground["road"].to_numpy())
