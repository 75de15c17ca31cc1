"""What a line is made of: the bill of the works, at the kilometres of its course."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.works import bill_of as added_up

if TYPE_CHECKING:
    import pandas as pd

    from vallum.line.course import Course
    from vallum.works import Bill, Priced, Works, WorksSettings

__all__ = ["bill_of"]


def bill_of(
    built: Works,
    course: Course,
    settings: WorksSettings,
    *,
    prices: Priced | None = None,
    roads: pd.DataFrame | None = None,
) -> Bill:
    """Add up what a line is made of.

    Parameters
    ----------
    built
        What stands on each cell.
    course
        The line.
    settings
        Of the works.
    prices, roads
        As for `vallum.works.bill_of`.

    Returns
    -------
    Bill
        Its cost is the price of the line.
    """
    rim, price = course.by_cell, built.closure_usd_km_yr.ravel()
    at_full_price = np.divide(rim.cost_usd_yr, price, out=np.zeros(price.size), where=price > 0)
    return added_up(
        built,
        settings,
        length_km=rim.length_km,
        built_km=at_full_price,
        prices=prices,
        roads=roads,
    )
