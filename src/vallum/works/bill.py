"""The bill of quantities of a line: what it is made of, and what that costs, with ranges.

A line is given as kilometres by cell. Towards a neighbour that is watched a kilometre is built, and
paid for, in part: the bill counts those parts, so that its cost is the line's price in the cut.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.kernel.arrays import sum_by
from vallum.kernel.card import Shown
from vallum.works.card import bill_card
from vallum.works.law import refuse
from vallum.works.people import load_people, people_at_line
from vallum.works.span import priced, spans

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from vallum.kernel.card import Card
    from vallum.works.catalogue import Item
    from vallum.works.model import Works
    from vallum.works.people import PeopleAtLine
    from vallum.works.settings import WorksSettings
    from vallum.works.span import Off, Priced

__all__ = ["Bill", "Triple", "bill_of"]

Triple = tuple[float, float, float]  # low, mid, high

_MONEY = ("capital_usd", "upkeep_usd_yr", "men", "cost_usd_yr")
_ENDS = ("low", "mid", "high")
_COLUMNS = ("text", "role", "unit", "quantity",
            *(f"{name}_{end}" for name in _MONEY for end in _ENDS), "build_days")  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class Bill(Shown):
    """What a line is made of.

    Attributes
    ----------
    line_km, built_km
        Length of the line, and kilometres at full price: less where a neighbour watches its side.
    items
        One row per item used, by id, in the catalogue's order: `text`, `role`, `unit`, `quantity`,
        then `low`, `mid` and `high` of `capital_usd`, `upkeep_usd_yr`, `men` (on duty) and
        `cost_usd_yr` (`capital_usd_low` and so on; USD/yr with capital spread over its life and men
        paid with their rotation), and `build_days` (days of a company of engineers; NaN unknown).
    materials
        One row per material used, by id: `text`, `unit`, `quantity_low`, `quantity`,
        `quantity_high`, `tonnes`, `hauled_tonnes`, `tonne_km`.
    compositions
        One row per composition of `Works.compositions` that the line uses: `line_km`, `built_km`.
    totals
        (low, mid, high) of `capital_usd`, `upkeep_usd_yr`, `men` (on duty), `men_paid` (with
        rotation), `men_per_km`, `men_paid_per_km`, `cost_usd_yr`, `cost_usd_km_yr`,
        `interruption` (P_I, the mean along the line), `effect` (P_E, likewise). Ranges move one
        figure at a time over the whole line (`vallum.works.span.spans`), for each item by itself
        and for all together; those of the effect are means along the line.
    weakest
        P_E of the weakest kilometre and how much of the line is no better, km.
    people
        Those who pass, are cut off, challenged and harmed; None where no gates were counted.
    roads
        The roads and railways that it really cuts (`vallum.works.people.roads_cut`); None where
        the line was not drawn.
    """

    line_km: float
    built_km: float
    items: pd.DataFrame
    materials: pd.DataFrame
    compositions: pd.DataFrame
    totals: Mapping[str, Triple]
    weakest: tuple[float, float]
    people: PeopleAtLine | None
    roads: pd.DataFrame | None = None

    def card(self) -> Card:
        """Say it in short, for notebooks and consoles."""
        return bill_card(self)


@dataclass(frozen=True, eq=False)
class _Spread:
    """How much of each item stands on each class of ground."""

    items: tuple[Item, ...]
    quantity: NDArray[np.float64]  # (items, rows)
    rows: NDArray[np.int64]


def bill_of(
    works: Works,
    settings: WorksSettings,
    *,
    length_km: NDArray[np.float64],
    built_km: NDArray[np.float64],
    prices: Priced | None = None,
    roads: pd.DataFrame | None = None,
) -> Bill:
    """Add up what a line is made of.

    Parameters
    ----------
    works
        What stands on each cell.
    settings
        With which it was priced.
    length_km, built_km
        Kilometres of line by cell, and those at full price, flat over the grid. Where no works can
        stand (open water) a line is priced as on the bank, and so it is here.
    prices
        From `vallum.works.span.priced`; for many lines of the same works give them, to save time.
    roads
        From `vallum.works.people.roads_cut`, where the line is drawn.

    Returns
    -------
    Bill
        Quantities, cost and effect.

    Raises
    ------
    BarredError
        When anything barred is among what stands: no door lets it in, and this is the last.
    """
    row_of = works.priced_as.ravel()
    count = len(works.compositions)
    km, built = (sum_by(row_of, amount, count) for amount in (length_km, built_km))
    used = np.flatnonzero(km > 0)
    spread = _spread(works, built, built_km)
    by_item, total = spans(
        prices or priced(works, settings), _by_row(spread, count), _gates(works, built_km)
    )
    lines = [
        _line(item, quantity, by_item[item.id])
        for item, quantity in zip(spread.items, spread.quantity, strict=True)
    ]
    ids = pd.Index([item.id for item in spread.items], name="item", dtype=object)
    items = pd.DataFrame(lines, index=ids, columns=list(_COLUMNS))
    return Bill(
        line_km=float(km.sum()),
        built_km=float(built.sum()),
        items=items,
        materials=_materials(spread, works),
        compositions=pd.DataFrame({"line_km": km[used], "built_km": built[used]}, index=used),
        totals=MappingProxyType(_totals(works, km, total)),
        weakest=_weakest(works, km),
        people=_people(works, length_km),
        roads=roads,
    )


def _spread(works: Works, built: NDArray[np.float64], by_cell: NDArray[np.float64]) -> _Spread:
    """Count each item on each row of compositions: works, their fittings, and gates."""
    catalogue = works.catalogue
    rows = [int(row) for row in np.flatnonzero(built > 0)]
    quantity: dict[str, NDArray[np.float64]] = {}

    def add(key: str, where: int, amount: float) -> None:
        quantity.setdefault(key, np.zeros(len(built)))[where] += amount

    for row in rows:
        ground = works.ground.classes[works.ground_row[row]]
        for key, number in works.choices[row].quantities.items():
            add(key, row, number * built[row])
            fitting = catalogue.items[key].wadi
            if fitting and catalogue.items[key].unit == "km":
                add(fitting, row, number * ground.wadis_per_km * built[row])
    for key, per_km in ({} if works.gates is None else works.gates.per_km).items():
        placed = sum_by(works.priced_as.ravel(), per_km.ravel() * by_cell, len(built))
        for row in rows:
            add(key, row, float(placed[row]))
    items = tuple(
        item for key, item in catalogue.items.items() if key in quantity and quantity[key].any()
    )
    refuse(items, (), where="bill")
    table = np.array([quantity[item.id] for item in items]).reshape(len(items), len(built))
    return _Spread(items, table[:, rows], np.array(rows, np.int64))


def _by_row(spread: _Spread, count: int) -> dict[str, NDArray[np.float64]]:
    """Give the quantity of each item on every row of compositions."""
    out = {}
    for item, quantity in zip(spread.items, spread.quantity, strict=True):
        out[item.id] = np.zeros(count)
        out[item.id][spread.rows] = quantity
    return out


def _gates(works: Works, built_km: NDArray[np.float64]) -> Triple:
    """Low, mid and high of the gates along a line, USD/yr."""
    if works.gates is None:
        return 0.0, 0.0, 0.0
    ends = (works.gates.low, works.gates.mode, works.gates.high)
    low, mid, high = (float(end.ravel() @ built_km) for end in ends)
    return low, mid, high


def _line(item: Item, quantity: NDArray[np.float64], off: Off) -> dict[str, object]:
    """One item of the bill."""
    total = float(quantity.sum())
    row: dict[str, object] = {"text": item.text, "role": item.role, "unit": item.unit,
                              "quantity": total}  # fmt: skip
    for name in _MONEY:
        row |= {f"{name}_{end}": value for end, value in zip(_ENDS, _about(off, name), strict=True)}
    return row | {
        "build_days": math.nan if item.build_days is None else item.build_days.mode * total
    }


def _finite(km: float) -> float:
    """Distance of haul; what no road brings is not used."""
    return km if math.isfinite(km) else 0.0


def _about(off: Off, name: str) -> Triple:
    """Give a sum with its ends."""
    mid = off.mid[name]
    return max(0.0, mid - off.down[name]), mid, mid + off.up[name]


def _materials(spread: _Spread, works: Works) -> pd.DataFrame:
    """Add up the bulk materials, and what of them is hauled."""
    grounds = [works.ground.classes[works.ground_row[row]] for row in spread.rows]
    rows = {}
    for key, material in works.catalogue.materials.items():
        away = np.array([_finite(ground.haul_km.get(key, 0.0)) for ground in grounds])
        amounts: NDArray[np.float64] = np.zeros((3, len(grounds)))
        hauled: NDArray[np.float64] = np.zeros(len(grounds))
        for item, quantity in zip(spread.items, spread.quantity, strict=True):
            each = item.material.get(key)
            if each is not None:
                amounts += np.outer([each.low, each.mode, each.high], quantity)
                if item.role != "gate":
                    hauled += each.mode * quantity * material.t_per_unit.mode
        tonnes = amounts[1] * material.t_per_unit.mode
        if amounts[2].sum() > 0:
            low, mid, high = (float(end) for end in amounts.sum(axis=1))
            rows[key] = {
                "text": material.text,
                "unit": material.unit,
                "quantity_low": low,
                "quantity": mid,
                "quantity_high": high,
                "tonnes": float(tonnes.sum()),
                "hauled_tonnes": float(hauled[away > 0].sum()),
                "tonne_km": float(hauled @ away),
            }
    columns = ["text", "unit", "quantity_low", "quantity", "quantity_high", "tonnes",
               "hauled_tonnes", "tonne_km"]  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("material")


def _totals(works: Works, km: NDArray[np.float64], off: Off) -> dict[str, Triple]:
    """Give the sums with the ends of all together; effect as the mean along the line."""
    out = {name: _about(off, name) for name in off.mid}
    line_km = float(km.sum())
    for name, of in (("men_per_km", "men"), ("men_paid_per_km", "men_paid"),
                     ("cost_usd_km_yr", "cost_usd_yr")):  # fmt: skip
        out[name] = _scaled(out[of], 1.0 / line_km if line_km > 0 else 0.0)
    table = works.compositions
    for name, column in (("interruption", "p_i"), ("effect", "p_e")):
        ends = [table[f"{column}{end}"].to_numpy(np.float64) for end in ("_low", "", "_high")]
        low, mid, high = (float(km @ end) / line_km if line_km > 0 else 0.0 for end in ends)
        out[name] = (low, mid, high)
    return out


def _scaled(ends: Triple, factor: float) -> Triple:
    return ends[0] * factor, ends[1] * factor, ends[2] * factor


def _weakest(works: Works, km: NDArray[np.float64]) -> tuple[float, float]:
    """Give the least P_E along the line, and the kilometres that are no better."""
    p_e = works.compositions["p_e"].to_numpy(np.float64)
    on = km > 0
    if not on.any():
        return 0.0, 0.0
    least = float(p_e[on].min())
    return least, float(km[on & (p_e <= least)].sum())


def _people(works: Works, length_km: NDArray[np.float64]) -> PeopleAtLine | None:
    """Count the people at the line."""
    if works.gates is None:
        return None
    shape = works.priced_as.shape
    seen = works.compositions["seen"].to_numpy(np.float64)[works.priced_as]
    return people_at_line(
        length_km.reshape(shape), works.gates, seen, load_people(), p_e=works.effectiveness
    )
