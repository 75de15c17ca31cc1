"""What works cost in a year: capital by annuity, upkeep, men; with the range.

cost = capital · ρ/(1 − (1+ρ)^−life) + end · ρ/((1+ρ)^life − 1) + upkeep
       + men · rotation · man-year                                       (USD/yr per unit)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from vallum.works.settings import swings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from vallum.works.catalogue import Item
    from vallum.works.settings import WorksSettings

__all__ = ["Cost", "annuity", "price_items", "sinking"]

_OWN = ("capital_usd", "life_yr", "upkeep_usd_yr", "men", "end_usd")
_SHARED = ("discount_rate", "man_year_usd", "rotation")


@dataclass(frozen=True, eq=False)
class Cost:
    """Cost of combinations of items.

    Attributes
    ----------
    low, mode, high
        USD/yr per km, shape (combinations,). The ends combine the swings of single figures, each
        from its mode to its end, as the root of the sum of their squares: figures err
        independently, and the same figure errs everywhere alike.
    capital_usd, upkeep_usd_yr, men
        At the modes, per km; men are on duty, before rotation.
    """

    low: NDArray[np.float64]
    mode: NDArray[np.float64]
    high: NDArray[np.float64]
    capital_usd: NDArray[np.float64]
    upkeep_usd_yr: NDArray[np.float64]
    men: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Figures:
    """All that `_unit` needs: one array by item for what is an item's own, numbers for the rest."""

    capital_usd: NDArray[np.float64]
    life_yr: NDArray[np.float64]
    upkeep_usd_yr: NDArray[np.float64]
    men: NDArray[np.float64]
    end_usd: NDArray[np.float64]
    discount_rate: float
    man_year_usd: float
    rotation: float


def annuity(rate: float, life_yr: ArrayLike) -> NDArray[np.float64]:
    """Yearly payment that a capital of 1 costs over its life, `ρ / (1 − (1+ρ)^−life)`.

    Parameters
    ----------
    rate
        ρ per year; at 0 the payment is 1/life.
    life_yr
        Years, above 0.

    Examples
    --------
    >>> round(float(annuity(0.1, 10)), 6)
    0.162745
    """
    life = np.asarray(life_yr, float)
    if rate == 0:
        return 1 / life
    return np.asarray(rate / -np.expm1(-life * np.log1p(rate)))


def sinking(rate: float, life_yr: ArrayLike) -> NDArray[np.float64]:
    """Yearly payment that gathers 1 by the end of a life, `ρ / ((1+ρ)^life − 1)`.

    Examples
    --------
    >>> round(float(sinking(0.1, 10)), 6)
    0.062745
    """
    life = np.asarray(life_yr, float)
    if rate == 0:
        return 1 / life
    return np.asarray(rate / np.expm1(life * np.log1p(rate)))


def price_items(
    items: Sequence[Item], quantities: NDArray[np.float64], settings: WorksSettings
) -> Cost:
    """Price combinations of items.

    Parameters
    ----------
    items
        The items that the columns of `quantities` count.
    quantities
        Units per km of line, shape (combinations, items).
    settings
        Rate, man-year and rotation.

    Returns
    -------
    Cost
        Per km of line.
    """
    base = _Figures(
        capital_usd=_modes(items, "capital_usd"),
        life_yr=_modes(items, "life_yr"),
        upkeep_usd_yr=_modes(items, "upkeep_usd_yr"),
        men=_modes(items, "men"),
        end_usd=_modes(items, "end_usd"),
        discount_rate=settings.discount_rate,
        man_year_usd=settings.man_year_usd,
        rotation=settings.rotation,
    )
    unit = _unit(base)
    down = np.zeros(len(quantities))
    up = np.zeros(len(quantities))
    for changed in _one_at_a_time(items, base, settings):
        swing = [quantities @ (_unit(figures) - unit) for figures in changed]
        down += np.minimum(np.minimum(*swing), 0) ** 2
        up += np.maximum(np.maximum(*swing), 0) ** 2
    mode = quantities @ unit
    return Cost(
        low=np.maximum(mode - np.sqrt(down), 0.0),
        mode=mode,
        high=mode + np.sqrt(up),
        capital_usd=quantities @ base.capital_usd,
        upkeep_usd_yr=quantities @ base.upkeep_usd_yr,
        men=quantities @ base.men,
    )


def _modes(items: Sequence[Item], name: str) -> NDArray[np.float64]:
    return np.array([getattr(item, name).mode for item in items], dtype=np.float64)


def _unit(f: _Figures) -> NDArray[np.float64]:
    """USD/yr for one unit of each item."""
    capital = f.capital_usd * annuity(f.discount_rate, f.life_yr)
    end = f.end_usd * sinking(f.discount_rate, f.life_yr)
    return capital + end + f.upkeep_usd_yr + f.men * f.rotation * f.man_year_usd


def _one_at_a_time(
    items: Sequence[Item], base: _Figures, settings: WorksSettings
) -> list[tuple[_Figures, _Figures]]:
    """Figures with a single one at its low, and at its high end."""
    out = []
    for name in _OWN:
        for n, item in enumerate(items):
            ends = []
            for end in (getattr(item, name).low, getattr(item, name).high):
                values = getattr(base, name).copy()
                values[n] = end
                ends.append(replace(base, **{name: values}))
            out.append((ends[0], ends[1]))
    ranges = swings(settings)
    for name in _SHARED:
        low, high = ranges[name]
        out.append((replace(base, **{name: low}), replace(base, **{name: high})))  # type: ignore[arg-type]
    return out
