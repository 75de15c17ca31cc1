"""What the threat stage finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vallum.kernel.card import Shown
from vallum.threat.card import threat_card

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.kernel.card import Card
    from vallum.kernel.ledger import Assumption
    from vallum.threat.civilians.crossings import Civilians
    from vallum.threat.claim.verdict import Claim
    from vallum.threat.crossing import Crossing
    from vallum.threat.intensity.density import Density
    from vallum.threat.intensity.forecast import Forecast
    from vallum.threat.intensity.posterior import Intensity
    from vallum.threat.ways import Ways

__all__ = ["Threat"]


@dataclass(frozen=True, eq=False, repr=False)
class Threat(Shown):
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
    cells
        Events expected a year in each cell of all states, shape (rows, cols): a region's events
        follow the density of located events, or its people where there are none.
    crossing
        Hours to cross each cell by each way of moving, and from the nearest sanctuary.
    ways
        By which ways armed groups come; None where there is no sanctuary or no way from one.
    civilians
        Journeys of herders, traders and people fleeing; never mixed with the rest.
    claim
        What the record of events says of the way that they are said to have come.
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
    cells: NDArray[np.float64]
    crossing: Crossing
    ways: Ways | None
    civilians: Civilians
    claim: Claim
    uniform: bool
    ledger: tuple[Assumption, ...]
    fingerprint: str

    def card(self) -> Card:
        """Say it in short, for notebooks and consoles."""
        return threat_card(self)
