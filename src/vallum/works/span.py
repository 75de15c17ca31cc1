"""How far the sums of a whole line may be off: one figure at a time, over all of it alike.

A figure that is wrong is wrong everywhere: the man-year of every fort, the life of every wall. So
its change is added up over the line, with its sign, before the figures' changes are combined as the
root of the sum of their squares, as `vallum.works.cost.price_items` does on one class of ground.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from vallum.works.cost import unit_sums
from vallum.works.unit import with_fittings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from vallum.works.catalogue import Item
    from vallum.works.cost import UnitSums
    from vallum.works.model import Works
    from vallum.works.settings import WorksSettings

__all__ = ["SPANNED", "Off", "Priced", "priced", "spans"]

_LEAST = 1e-9  # of a squared swing: less than that is rounding

# sums of a bill, by their names in `Cost.spans`
SPANNED: Mapping[str, str] = MappingProxyType(
    {
        "capital_usd": "capital_usd",
        "upkeep_usd_yr": "upkeep_usd_yr",
        "men": "men",
        "men_paid": "men_paid",
        "cost_usd_yr": "usd_yr",
    }
)


@dataclass(frozen=True, eq=False)
class Priced:
    """What one unit of every item of the works costs, with its swings; once for all lines.

    Attributes
    ----------
    items
        All that the works use and their fittings.
    place
        Of the class of ground of each row of `Works.compositions`, in `works`.
    works
        Of the items, by class, fittings apart.
    gates, gate
        The gates, and their sums on ground that asks for nothing.
    """

    items: tuple[Item, ...]
    place: NDArray[np.intp]
    works: UnitSums
    gates: tuple[Item, ...]
    gate: UnitSums


@dataclass(frozen=True, eq=False)
class Off:
    """Sums at the modes, and how far they may fall short of them or exceed them.

    Attributes
    ----------
    mid
        By name, of `SPANNED`.
    down, up
        The same, 0 or more.
    """

    mid: Mapping[str, float]
    down: Mapping[str, float]
    up: Mapping[str, float]


def priced(works: Works, settings: WorksSettings) -> Priced:
    """Price one unit of every item of the works, each figure at its mode and alone at its ends.

    Parameters
    ----------
    works
        What stands where.
    settings
        With which it was priced.

    Returns
    -------
    Priced
        For `spans`; it does not depend on the line.
    """
    catalogue = works.catalogue
    asked = {key for choice in works.choices for key in choice.quantities}
    numbers, place = np.unique(np.asarray(works.ground_row, np.intp), return_inverse=True)
    classes = [works.ground.classes[number] for number in numbers]
    chosen = [item for key, item in catalogue.items.items() if key in asked]
    items = with_fittings(chosen, classes, catalogue)
    counted = {} if works.gates is None else works.gates.per_km
    gates = tuple(catalogue.items[key] for key in counted)
    return Priced(
        items=tuple(items),
        place=np.asarray(place, np.intp),
        works=unit_sums(items, classes, settings, catalogue=catalogue, apart=True),
        gates=gates,
        gate=unit_sums(gates, [], settings),
    )


def spans(
    prices: Priced,
    quantity: Mapping[str, NDArray[np.float64]],
    gates_usd_yr: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> tuple[Mapping[str, Off], Off]:
    """Give the sums of a line and how far they may be off, item by item and in all.

    Parameters
    ----------
    prices
        From `priced`.
    quantity
        By item, units on each row of `Works.compositions`, shape (rows,).
    gates_usd_yr
        Low, mid and high of all its gates together, as `Gates` has them along the line. That how
        many are needed is not known is one figure more, such that their range comes out so.

    Returns
    -------
    by_item, total
        Each item by itself, and all together.
    """
    ids = list(quantity)
    changes: dict[str, NDArray[np.float64]] = {}  # by figure: (ends, sums, items)
    mode = np.zeros((len(SPANNED), len(ids)))
    on_ground = {
        key: np.bincount(prices.place, weights=amount, minlength=prices.works.mode.shape[1])
        for key, amount in quantity.items()
    }
    summed = {key: np.array([amount.sum()]) for key, amount in quantity.items()}
    for items, unit, counted in (
        (prices.items, prices.works, on_ground),
        (prices.gates, prices.gate, summed),
    ):
        here = {n: ids.index(item.id) for n, item in enumerate(items) if item.id in quantity}
        if not here:
            continue
        rows = [unit.names.index(name) for name in SPANNED.values()]
        for n, column in here.items():
            mode[:, column] += unit.mode[rows, :, n] @ counted[ids[column]]
        for name, swing in unit.swings.items():
            for k, n in enumerate(swing.touched.tolist()):
                if n in here:
                    each = changes.setdefault(name, np.zeros((2, *mode.shape)))
                    each[0, :, here[n]] += swing.low[rows, :, k] @ counted[ids[here[n]]]
                    each[1, :, here[n]] += swing.high[rows, :, k] @ counted[ids[here[n]]]
    gate = np.isin(ids, [item.id for item in prices.gates])
    changes["gates"] = _needed(changes, mode * gate, gate, gates_usd_yr)
    table = np.array(list(changes.values()))
    down, up = _combined(table)
    by_item = {key: _off(mode[:, n], down[:, n], up[:, n]) for n, key in enumerate(ids)}
    return MappingProxyType(by_item), _off(mode.sum(axis=-1), *_combined(table.sum(axis=-1)))


def _combined(changes: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Combine the changes of all figures, shape (figures, ends, ...), as the root of squares."""
    down = np.sqrt((np.minimum(changes.min(axis=1), 0.0) ** 2).sum(axis=0))
    return down, np.sqrt((np.maximum(changes.max(axis=1), 0.0) ** 2).sum(axis=0))


def _needed(
    changes: Mapping[str, NDArray[np.float64]],
    mode: NDArray[np.float64],
    gate: NDArray[np.bool_],
    usd_yr: tuple[float, float, float],
) -> NDArray[np.float64]:
    """Give the change by how many gates there are: what of their range their prices don't make."""
    out = np.zeros((2, *mode.shape))
    cost = [*SPANNED].index("cost_usd_yr")
    mid = mode[cost].sum()
    if not gate.any() or mid <= 0:
        return out
    own = np.array([each[:, cost, gate].sum(axis=-1) for each in changes.values()])
    by_price = [float(end) for end in _combined(own)]
    whole = [usd_yr[1] - usd_yr[0], usd_yr[2] - usd_yr[1]]
    for end, sign in ((0, -1.0), (1, 1.0)):
        rest = whole[end] ** 2 - by_price[end] ** 2
        if rest > _LEAST * whole[end] ** 2:
            out[end] = sign * np.sqrt(rest) / mid * mode
    return out


def _off(*ends: NDArray[np.float64]) -> Off:
    mid, down, up = (
        MappingProxyType(dict(zip(SPANNED, end.tolist(), strict=True))) for end in ends
    )
    return Off(mid, down, up)
