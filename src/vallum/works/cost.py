"""What works cost in a year on a class of ground: capital, haul, fittings, upkeep, men; with range.

For one unit of an item, on ground that it can stand on:

cost = (capital + haul) · ρ/(1 − (1+ρ)^−life) + end · ρ/((1+ρ)^life − 1)
       + upkeep · (1 + dunes · (burial − 1)) + men · rotation · man-year
       + wadis per km · the cost of its fitting, for a kilometre of it      (USD/yr per unit)

haul = Σ over materials: units · t per unit · km of haul · USD per t-km
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.figures import Range
from vallum.works.settings import swings
from vallum.works.unit import (
    OWN,
    SUMS,
    Figures,
    Place,
    annuity,
    bears,
    gather,
    materials_of,
    sinking,
    stacked,
    sums,
    with_fittings,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from vallum.works.catalogue import Catalogue, Item
    from vallum.works.ground.model import GroundClass
    from vallum.works.settings import WorksSettings

__all__ = ["DOUBT", "Cost", "Span", "Swing", "UnitSums", "annuity", "price_items", "price_on",
           "sinking", "stands", "unit_costs", "unit_sums"]  # fmt: skip

# what a class says of its ground may be off by so much: multiples of it
DOUBT: Mapping[str, Range] = MappingProxyType(
    {
        "wadis_per_km": Range(
            0.5, 1.0, 2.9, "the ends of what soil has, over its mode [D] works.ground.wadis.soil"
        ),
        "dunes": Range(
            0.5,
            1.0,
            2.0,
            "the ends of what desert sand has, over its mode [D] works.ground.dunes.desert_sand",
        ),
        "haul_km": Range(
            0.3,
            1.0,
            1.6,
            "judgement: low, a pit or an outcrop nearer than any cell that shows one; high, "
            "detours round what a cell of kilometres hides",
        ),
    }
)

_WADIS = (DOUBT["wadis_per_km"].low, DOUBT["wadis_per_km"].high)
_AT_ONCE = 1_000_000  # numbers that are held while figures are moved
_SHARED = ("discount_rate", "man_year_usd", "rotation", "haul_usd_tkm")


@dataclass(frozen=True, eq=False)
class Span:
    """A quantity of each combination of items, with its ends, each of shape (combinations,)."""

    low: NDArray[np.float64]
    mode: NDArray[np.float64]
    high: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Swing:
    """What one figure at its ends changes in the sums of one unit of the items that it touches.

    Attributes
    ----------
    touched
        Which items, their places, shape (touched,).
    low, high
        The sums with the figure at that end, less those at the mode: shape (sums, classes,
        touched). Which end costs more depends on the figure.
    """

    touched: NDArray[np.intp]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class UnitSums:
    """The sums of one unit of each item on each class of ground, and what each figure changes.

    Attributes
    ----------
    names
        Of the sums: those of `Cost.spans`, in their order.
    mode
        Every figure at its mode, shape (sums, classes, items).
    swings
        By figure, as "ITEM.FIGURE", "MATERIAL.t_per_unit", a setting or a key of `DOUBT`. The same
        figure has the same name whatever is priced with it, so that changes can be added up.
    """

    names: tuple[str, ...]
    mode: NDArray[np.float64]
    swings: Mapping[str, Swing]


@dataclass(frozen=True, eq=False)
class Cost:
    """Cost of combinations of items on one class of ground.

    Attributes
    ----------
    spans
        By name, per km, with their ends, which combine the swings of single figures, each from
        its mode to its end, as the root of the sum of their squares: figures err independently,
        and the same figure errs everywhere alike. `usd_yr`; `capital_usd`, and its parts
        `built_usd` (barriers, tracks, gates and fittings) and `cover_usd` (sensors and forts);
        `upkeep_usd_yr`; `men` on duty, before rotation; `men_paid`, with it; `engineer_days`, of a
        company of engineers; and `material.ID`, units of each material. Haul and fittings are in
        all of them. Of a combination that can't stand there, `usd_yr` is infinite.
    """

    spans: Mapping[str, Span]

    @property
    def low(self) -> NDArray[np.float64]:
        """USD/yr per km, low end, shape (combinations,)."""
        return self.spans["usd_yr"].low

    @property
    def mode(self) -> NDArray[np.float64]:
        """USD/yr per km at the modes."""
        return self.spans["usd_yr"].mode

    @property
    def high(self) -> NDArray[np.float64]:
        """USD/yr per km, high end."""
        return self.spans["usd_yr"].high

    @property
    def capital_usd(self) -> NDArray[np.float64]:
        """USD per km to build, haul and fittings included, at the modes."""
        return self.spans["capital_usd"].mode

    @property
    def upkeep_usd_yr(self) -> NDArray[np.float64]:
        """USD/yr per km to keep it, at the modes."""
        return self.spans["upkeep_usd_yr"].mode

    @property
    def men(self) -> NDArray[np.float64]:
        """Men on duty per km, at the modes."""
        return self.spans["men"].mode


def stands(
    items: Sequence[Item], classes: Sequence[GroundClass], catalogue: Catalogue | None = None
) -> NDArray[np.bool_]:
    """Tell which items can stand on which ground.

    An item can't where the surface is not among those it stands on, where the ground is steeper
    than the mode of its `slope_max`, where no road brings its material, or where there are wadis
    and its fitting can't stand.

    Parameters
    ----------
    items, classes, catalogue
        As for `unit_costs`.

    Returns
    -------
    stands
        Shape (classes, items).

    Raises
    ------
    InputError
        As `unit_costs`.
    """
    every = with_fittings(items, classes, catalogue)
    return bears(every, classes)[:, : len(items)]


def unit_costs(
    items: Sequence[Item],
    classes: Sequence[GroundClass],
    catalogue: Catalogue,
    settings: WorksSettings,
) -> NDArray[np.float64]:
    """Price one unit of each item on each class of ground, every figure at its mode.

    Parameters
    ----------
    items
        Units are kilometres or sites, as the items say.
    classes
        Of ground.
    catalogue
        Where their fittings and materials are looked up.
    settings
        Rate, man-year, rotation and the price of haul.

    Returns
    -------
    usd_yr
        Shape (classes, items); inf where the item can't stand.

    Raises
    ------
    InputError
        With every fault: a fitting or material that the catalogue doesn't have, a class whose
        figures are negative or not numbers, or that names another material.
    """
    every = with_fittings(items, classes, catalogue)
    if not items or not classes:
        return np.zeros((len(classes), len(items)))
    base, place = gather(every, classes, catalogue, settings)
    cost = sums(base, place)[0][:, : len(items)]
    return np.where(bears(every, classes)[:, : len(items)], cost, np.inf)


def price_items(
    items: Sequence[Item],
    quantities: NDArray[np.float64],
    settings: WorksSettings,
    *,
    ground: GroundClass | None = None,
    catalogue: Catalogue | None = None,
) -> Cost:
    """Price combinations of items on one class of ground, with the range.

    Parameters
    ----------
    items
        The items that the columns of `quantities` count.
    quantities
        Units per km of line, shape (combinations, items).
    settings
        Rate, man-year, rotation and the price of haul.
    ground
        What they stand on; if not given, ground that has everything and asks for nothing.
    catalogue
        Where fittings and materials are looked up; only where a ground is given.

    Returns
    -------
    Cost
        Per km of line.

    Raises
    ------
    InputError
        As `unit_costs`.
    """
    classes = [] if ground is None else [ground]
    return price_on(items, [quantities], settings, classes=classes, catalogue=catalogue)[0]


def price_on(
    items: Sequence[Item],
    quantities: Sequence[NDArray[np.float64]],
    settings: WorksSettings,
    *,
    classes: Sequence[GroundClass],
    catalogue: Catalogue | None = None,
) -> tuple[Cost, ...]:
    """Price combinations of the same items on several classes of ground at once.

    Parameters
    ----------
    items, settings, catalogue
        As for `price_items`.
    quantities
        Units per km of line for each class, from 0 up, shape (combinations, items).
    classes
        Of ground, in the same order; none for ground that has everything and asks for nothing.

    Returns
    -------
    tuple of Cost
        For each class.

    Raises
    ------
    InputError
        As `unit_costs`.
    """
    every = with_fittings(items, classes, catalogue)
    base, place = gather(every, classes, catalogue, settings)
    can = bears(every, classes)[:, : len(items)]
    mode = sums(base, place)[..., : len(items)]
    middle = [mode[:, at] @ amount.T for at, amount in enumerate(quantities)]
    down, up = ([np.zeros_like(one) for one in middle] for _ in range(2))
    alone = np.zeros((2, *mode.shape))  # squares, of the figures that touch one item
    for _, changed in _swung(every, catalogue, base, settings, place, mode):
        touched = (changed != 0).any(axis=(0, 2, 3))
        one = touched.sum(axis=1) <= 1
        few, many = changed[:, one], changed[:, ~one]
        alone[0] += (np.minimum(few.min(axis=2), 0) ** 2).sum(axis=1)
        alone[1] += (np.maximum(few.max(axis=2), 0) ** 2).sum(axis=1)
        for at, amount in enumerate(quantities):
            ends = many[..., at, :] @ amount.T
            down[at] += (np.minimum(ends.min(axis=2), 0) ** 2).sum(axis=1)
            up[at] += (np.maximum(ends.max(axis=2), 0) ** 2).sum(axis=1)
    for at, amount in enumerate(quantities):
        down[at] += alone[0, :, at] @ (amount**2).T
        up[at] += alone[1, :, at] @ (amount**2).T
    names = (*SUMS, *(f"material.{key}" for key in materials_of(every)))
    costs = []
    for at, amount in enumerate(quantities):
        low = np.maximum(middle[at] - np.sqrt(down[at]), 0.0)
        high = middle[at] + np.sqrt(up[at])
        if classes:
            never = (amount[:, ~can[at]] > 0).any(axis=1)
            for end in (low, middle[at], high):
                end[0, never] = np.inf
        found = {name: Span(low[n], middle[at][n], high[n]) for n, name in enumerate(names)}
        costs.append(Cost(MappingProxyType(found)))
    return tuple(costs)


def unit_sums(
    items: Sequence[Item],
    classes: Sequence[GroundClass],
    settings: WorksSettings,
    *,
    catalogue: Catalogue | None = None,
    apart: bool = False,
) -> UnitSums:
    """Sum up one unit of each item, with every figure at its mode and each alone at its ends.

    Parameters
    ----------
    items, settings, catalogue
        As for `price_items`.
    classes
        Of ground; if there are none, one that has everything and asks for nothing.
    apart
        Leave fittings out of the items that need them. Who prices fittings as items of their own
        gives them among the items; that there may be more or fewer wadis then moves them.

    Returns
    -------
    UnitSums
        Also of items where they can't stand, which is for the caller to leave out (`stands`).

    Raises
    ------
    InputError
        As `unit_costs`.
    """
    every = with_fittings(items, classes, catalogue)
    base, place = gather(every, classes, catalogue, settings)
    fittings = np.asarray(place.fitting.any(axis=0))[: len(items)]
    if apart:
        place = replace(place, fitting=np.zeros_like(place.fitting))
    mode = sums(base, place)[..., : len(items)]
    swings_by: dict[str, Swing] = {}
    for labels, changed in _swung(every, catalogue, base, settings, place, mode):
        moved = (changed != 0).any(axis=(0, 2, 3))
        for n, name in enumerate(labels):
            touched = np.flatnonzero(moved[n])
            low, high = (changed[:, n, end][..., touched] for end in (0, 1))
            swings_by[name] = Swing(touched, low, high)
    if apart:
        ends = [mode * np.where(fittings, end - 1, 0.0) for end in _WADIS]
        touched = np.flatnonzero(((ends[0] != 0) | (ends[1] != 0)).any(axis=(0, 1)))
        swings_by["wadis_per_km"] = Swing(touched, ends[0][..., touched], ends[1][..., touched])
    names = (*SUMS, *(f"material.{key}" for key in materials_of(every)))
    return UnitSums(names, mode, MappingProxyType(swings_by))


def _swung(
    every: Sequence[Item],
    catalogue: Catalogue | None,
    base: Figures,
    settings: WorksSettings,
    place: Place,
    mode: NDArray[np.float64],
) -> Iterator[tuple[list[str], NDArray[np.float64]]]:
    """Give names of some figures and what their ends change, until all have been given.

    Changes of `mode` have the shape (sums, figures, 2, classes, items).
    """
    each = list(_one_at_a_time(every, catalogue, base, settings))
    at_once = max(1, _AT_ONCE // max(1, 2 * len(mode) * mode.shape[1] * len(every)))
    for first in range(0, len(each), at_once):
        some = each[first : first + at_once]
        found = sums(stacked([figures for _, pair in some for figures in pair]), place)
        changed = found[..., : mode.shape[-1]] - mode[:, None]
        yield (
            [name for name, _ in some],
            changed.reshape(len(mode), len(some), 2, *mode.shape[1:]),
        )


def _one_at_a_time(
    every: Sequence[Item],
    catalogue: Catalogue | None,
    base: Figures,
    settings: WorksSettings,
) -> Iterator[tuple[str, tuple[Figures, Figures]]]:
    """Name a figure, and give all figures with it alone at its low, and at its high end."""
    materials = materials_of(every)
    for name in OWN:
        for n, item in enumerate(every):
            yield from _ends(f"{item.id}.{name}", base, name, (n,), getattr(item, name))
    for n, item in enumerate(every):
        for key, value in item.material.items():
            at = (n, materials.index(key))
            yield from _ends(f"{item.id}.material.{key}", base, "material", at, value)
    for m, key in enumerate(materials):
        if catalogue is not None:
            weight = catalogue.materials[key].t_per_unit
            yield from _ends(f"{key}.t_per_unit", base, "t_per_unit", (m,), weight)
    ranges = {name: swings(settings)[name] for name in _SHARED}
    ranges |= {name: (doubt.low, doubt.high) for name, doubt in DOUBT.items()}
    for name, (low, high) in ranges.items():
        pair = replace(base, **{name: low}), replace(base, **{name: high})  # type: ignore[arg-type]
        yield name, pair


def _ends(
    label: str, base: Figures, name: str, at: tuple[int, ...], figure: Range | None
) -> Iterator[tuple[str, tuple[Figures, Figures]]]:
    """Move one number of an array to its ends; nothing where it has none."""
    if figure is None or figure.low == figure.high:
        return
    out = []
    for end in (figure.low, figure.high):
        values = getattr(base, name).copy()
        values[at] = end
        out.append(replace(base, **{name: values}))
    yield label, (out[0], out[1])
