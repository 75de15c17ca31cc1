"""Herders: the members' herds that move with the seasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.threat.blocks import between_km, gather, side_cells
from vallum.threat.civilians.demand import (
    Demand,
    by_region,
    kept_row,
    left_row,
    nothing,
    pair,
    row_of,
    row_shares,
    spread,
    strongest,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.kernel.figures import Range
    from vallum.kernel.ledger import Assumption
    from vallum.theatre import Theatre
    from vallum.threat.blocks import Blocks
    from vallum.threat.civilians.settings import CiviliansSettings
    from vallum.threat.civilians.table import Figures
    from vallum.worth import Worth

__all__ = ["herd_journeys"]

WETLAND = 4  # the theatre's surface code
HALVINGS = 60  # of a range of 80 in logarithms: exact to rounding
BW, BS = (7, 8), (5, 6)  # Köppen's deserts and steppes, the theatre's climate codes


def herd_journeys(
    theatre: Theatre, worth: Worth, figures: Figures, settings: CiviliansSettings
) -> Demand:
    """Journeys of the members' herds between dry pastures and wetter ones.

    Herds that move, `head · moving share / head per herd`, live where the climate is dry
    (Köppen B), by region where the table says so and by country people else. Each goes to land
    that is one class wetter (desert, steppe, the rest; wetlands count as wettest), at 50 to 500 km,
    in proportion to its area and `exp(−distance / 200 km)`, and back. Where the table says how many
    leave a state, so many do.
    """
    wetness = _wetness(theatre)
    herds, rows, factors = _herds(theatre, worth, figures, wetness)
    land = theatre.ground["state"].to_numpy() >= 0
    if not theatre.ground["climate"].to_numpy()[land].any():
        return nothing("herders", "Not modelled: the theatre has no layer of climate.", "herd")
    per = figures.herders
    moves = per["moves_yr"]
    rows += tuple(row_of("herders", key, per[key]) for key in ("head_per_herd", "moves_yr"))
    rows += (row_of("herders", "distance_km", per["distance_km"]),)
    factors += (per["head_per_herd"], moves)
    side = side_cells(settings.block_km, theatre.grid.cell_km)
    source = gather(herds, side, settings.most_blocks)
    pasture = gather(np.where(wetness > 0, 1.0, 0.0), side, herds.size)
    if not source.amounts.size or not pasture.amounts.size:
        why = "Not modelled: no herds in a dry climate with wetter land around."
        return nothing("herders", why, "herd")
    far = between_km(source.cells, pasture.cells, theatre.grid.cell_km)
    reach = per["distance_km"]
    wetter = _of(wetness, pasture)[None, :] > _of(wetness, source)[:, None]
    within = (far >= reach.low) & (far <= reach.high)
    pull = pasture.amounts * np.exp(-far / reach.mode) * (wetter & within)
    leaving = source.amounts * moves.mode
    chosen = strongest(leaving, pull, settings.most_blocks)
    places = pasture.cells[chosen]
    pull, shown = _abroad(theatre, figures, leaving, source.cells, places, pull[:, chosen])
    rows += shown
    targets, journeys, lost = pair(leaving, places, pull, settings.most_blocks)
    low, high = spread(factors)
    rows += (kept_row("herders", source.kept), left_row("herders", lost))
    return Demand(
        kind="herders",
        sources=source.cells,
        targets=targets,
        journeys=journeys,
        low=low,
        high=high,
        mode="foot",
        season="dry",
        what="Members' herds that move with the seasons to wetter land and back, with herders.",
        ledger=rows,
        unit="herd",
        returns=True,
    )


def _wetness(theatre: Theatre) -> NDArray[np.int64]:
    """0 in deserts, 1 in steppes, 2 elsewhere, 3 in wetlands; −1 beyond the states shown."""
    climate = theatre.ground["climate"].to_numpy()
    wet = np.where(np.isin(climate, BW), 0, np.where(np.isin(climate, BS), 1, 2))
    wet = np.where(theatre.ground["surface"].to_numpy() == WETLAND, 3, wet)
    return np.where(theatre.ground["state"].to_numpy() >= 0, wet, -1).astype(np.int64)


def _herds(
    theatre: Theatre, worth: Worth, figures: Figures, wetness: NDArray[np.int64]
) -> tuple[NDArray[np.float64], tuple[Assumption, ...], tuple[Range, ...]]:
    """Herds that move by cell; the assumptions; the figures that range over the largest herd."""
    per, country = figures.herders, worth.people - worth.urban_people
    dry = country * ((wetness == 0) | (wetness == 1))
    herds = np.zeros_like(country)
    rows: tuple[Assumption, ...] = ()
    most: tuple[float, tuple[Range, ...]] = (0.0, (per["moving_share"],))
    for iso3 in theatre.members:
        own = figures.states.get(iso3)
        here = np.where(theatre.state_mask(iso3), dry, 0.0)
        if own is None:
            head, share = per["head_per_person"], per["moving_share"]
            number = head.mode * float(country[theatre.state_mask(iso3)].sum())
        else:
            head, share = own.head, own.moving_share
            number = head.mode
        if here.sum() <= 0:
            continue
        moving = number * share.mode / per["head_per_herd"].mode
        herds += moving * by_region(theatre, iso3, here, {} if own is None else own.regions)
        name = f"{iso3}." if own is not None else ""
        key = "head" if own is not None else "head_per_person"
        rows += (
            row_of("herders", name + key, head),
            row_of("herders", f"{name}moving_share", share),
        )
        most = max(most, (moving, (head, share)), key=lambda each: each[0])
    return herds, tuple(dict.fromkeys(rows)), most[1]


def _of(layer: NDArray[np.int64], blocks: Blocks) -> NDArray[np.int64]:
    return layer[blocks.cells[:, 0], blocks.cells[:, 1]]


def _abroad(
    theatre: Theatre,
    figures: Figures,
    leaving: NDArray[np.float64],
    sources: NDArray[np.int64],
    places: NDArray[np.int64],
    pull: NDArray[np.float64],
) -> tuple[NDArray[np.float64], tuple[Assumption, ...]]:
    """Scale pulls beyond the border so that the share of the table leaves; the assumptions."""
    state = theatre.ground["state"].to_numpy().astype(np.int64)
    here, there = state[tuple(sources.T)], state[tuple(places.T)]
    out, rows = pull.copy(), []
    for iso3 in theatre.members:
        own, code = figures.states.get(iso3), theatre.code(iso3)
        if own is None or own.abroad_share is None:
            continue
        rows.append(row_of("herders", f"{iso3}.abroad_share", own.abroad_share))
        ours = here == code
        out[ours] = _left_for(leaving[ours], pull[ours], there != code, own.abroad_share.mode)
    return out, tuple(rows)


def _left_for(
    leaving: NDArray[np.float64],
    pull: NDArray[np.float64],
    beyond: NDArray[np.bool_],
    share: float,
) -> NDArray[np.float64]:
    """Scale the pulls of places beyond by one factor, so that this share of all goes there.

    The nearest share that one factor can give, where some sources reach one side only.
    """
    going = leaving * (pull.sum(axis=1) > 0)
    low, high = -40.0, 40.0  # of the factor's logarithm: beyond these all who can go, go
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        scaled = row_shares(pull * np.where(beyond, np.exp(middle), 1.0))
        if float((leaving[:, None] * scaled[:, beyond]).sum()) > share * float(going.sum()):
            high = middle
        else:
            low = middle
    return np.asarray(pull * np.where(beyond, np.exp((low + high) / 2), 1.0))
