"""The loss rate: what share of a cell's output violence costs each year.

`h = 1 − exp(−λ · L / output)`, with λ events a year in the region, L the loss per event in USD (so
many person-years of the state's mean output) and the region's output, which is what is exposed;
for small rates it is events × loss per event / exposure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["loss_rate"]


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
