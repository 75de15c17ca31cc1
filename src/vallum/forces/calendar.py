"""Months of a programme: when the rains close the ground, and which date a month begins on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.arrays import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["MONTHS", "RAINS", "Rains", "month_of", "open_months", "rains_of"]

MONTHS = 12


@dataclass(frozen=True)
class Rains:
    """The rainy months of one climate.

    Attributes
    ----------
    months
        1 (January) to 12, in which ground that floods is closed to heavy work.
    source
        Where they were read.
    """

    months: tuple[int, ...]
    source: str


RAINS: tuple[tuple[tuple[str, ...], Rains], ...] = (
    (
        ("Af", "Am", "As", "Aw"),
        Rains(
            (6, 7, 8, 9, 10),
            "some five months of rain from June to October in the south of Mali "
            "https://www.tripreport.com/countries/mali/climate; rivers then cut whole villages off "
            "https://studiotamani.org/themes/page/48",
        ),
    ),
    (
        ("BSh", "BSk"),
        Rains(
            (6, 7, 8, 9),
            "most of Mali's rain falls from June to September "
            "https://nearweather.com/location/3195627; in the Sahel of Mauritania the season often "
            "lasts from June to October, rain along the river from May to September "
            "https://guides.travel.sygic.com/production/en/Sahelian_Mauritania",
        ),
    ),
    (
        ("BWh", "BWk"),
        Rains(
            (7, 8, 9),
            "the few showers of the Sahara come from July to September "
            "https://nearweather.com/location/2417886; violent rain from July to September makes "
            "travel hard http://satimbetravel.com/html/mali-voyage-periodes-ideales.htm",
        ),
    ),
)


def rains_of(
    climate: str, latitude: float, stated: Mapping[str, tuple[int, ...]]
) -> tuple[int, ...]:
    """Say in which months the rains close ground that floods.

    Parameters
    ----------
    climate
        Köppen class.
    latitude
        Degrees; south of the equator the table's months are half a year later. Judgement: the
        rains follow the sun.
    stated
        Months by class that the user gives; they count as they stand, wherever they are.

    Returns
    -------
    tuple
        Months from 1 to 12. None for classes without a row in `RAINS`: the table was read for
        West Africa, and elsewhere the user has to state them.

    Examples
    --------
    >>> rains_of("BSh", 14.0, {}), rains_of("BSh", -20.0, {})
    ((6, 7, 8, 9), (1, 2, 3, 12))
    """
    if climate in stated:
        return tuple(sorted(stated[climate]))
    months = next((rains.months for classes, rains in RAINS if climate in classes), ())
    shift = 6 if latitude < 0 else 0
    return tuple(sorted((month - 1 + shift) % MONTHS + 1 for month in months))


def open_months(closed: Sequence[int], first: date, count: int) -> NDArray[np.bool_]:
    """Mark the months of a programme in which a piece of ground can be worked.

    Parameters
    ----------
    closed
        Months of the year, 1 to 12.
    first
        First day of month 0.
    count
        Number of months.

    Returns
    -------
    open
        Shape (count,).
    """
    of_year = (np.arange(count) + first.month - 1) % MONTHS + 1
    return frozen(~np.isin(of_year, np.array(closed, np.int64)))


def month_of(first: date, index: int) -> date:
    """Give the first day of a month by its number from the programme's start.

    Examples
    --------
    >>> month_of(date(2027, 11, 1), 3)
    datetime.date(2028, 2, 1)
    """
    year, month = divmod(first.month - 1 + index, MONTHS)
    return date(first.year + year, month + 1, 1)
