"""The assumptions behind the ways: at their mids, and in joint draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.threat.ways.ends import vital_regions
from vallum.threat.ways.journeys import Draw
from vallum.threat.ways.laid import origins
from vallum.threat.ways.model import STRAYING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.threat.movement.settings import MovementSettings
    from vallum.threat.ways.laid import Laid
    from vallum.threat.ways.model import Case, Likely
    from vallum.threat.ways.settings import PassageSettings

__all__ = ["at_mids", "drawn"]


def at_mids(
    laid: Laid,
    likely: Likely,
    movement: MovementSettings,
    settings: PassageSettings,
    chosen: Sequence[Case],
) -> Draw:
    """Give the assumptions at their mids: the season set, straying in the middle."""
    share = movement.shares
    return Draw(
        events=laid.weights.events,
        vital=_vital(likely, settings.vital_share),
        range_h=settings.range_h,
        people_mix=settings.people_mix,
        parts=np.array(
            [
                share[mode] if (season, straying) == (movement.season, "mid") else 0.0
                for mode, season, straying in chosen
            ]
        ),
    )


def _vital(likely: Likely, share: float) -> NDArray[np.bool_]:
    """Mark vital regions."""
    output, km2 = (likely.own[name].to_numpy(float) for name in ("output_usd_yr", "km2"))
    return vital_regions(output, km2, share)


def drawn(
    rng: np.random.Generator,
    laid: Laid,
    likely: Likely,
    movement: MovementSettings,
    settings: PassageSettings,
    chosen: Sequence[Case],
) -> tuple[Draw, float]:
    """Draw all assumptions together; also journeys a year from outside."""
    rates = rng.gamma(np.maximum(likely.shape, 1e-9), 1.0 / likely.rate_yr)
    unseen = _triangle(rng, settings.unseen_low, settings.unseen, settings.unseen_high)
    modes = np.array([_triangle(rng, *ends_) for ends_ in movement.ranges.values()])
    part = dict(zip(movement.ranges, (modes / modes.sum()).tolist(), strict=True))
    season = "rains" if rng.random() < laid.wet else "dry"
    straying = STRAYING[int(rng.choice(3, p=[0.25, 0.5, 0.25]))]
    taken = {
        (mode, season, straying if (mode, season, straying) in chosen else "mid"): share
        for mode, share in part.items()
    }
    vital = _vital(
        likely, _triangle(rng, settings.vital_low, settings.vital_share, settings.vital_high)
    )
    own = rates[likely.own_row >= 0][np.argsort(likely.own_row[likely.own_row >= 0])]
    journeys = _triangle(rng, *likely.reach) * float(own[vital].sum())
    draw = Draw(
        events=origins(laid.both, rates, unseen),
        vital=vital,
        range_h=_triangle(rng, settings.range_low, settings.range_h, settings.range_high),
        people_mix=float(rng.random()),
        parts=np.array([taken.get(case, 0.0) for case in chosen]),
    )
    return draw, journeys


def _triangle(rng: np.random.Generator, low: float, mode: float, high: float) -> float:
    """Draw from a triangle; its mode where it has no width."""
    return float(rng.triangular(low, mode, high)) if low < high else mode
