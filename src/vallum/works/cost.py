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

from vallum.errors import Fault, InputError, nearest
from vallum.kernel.figures import Range
from vallum.works.settings import swings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from vallum.works.catalogue import Catalogue, Item
    from vallum.works.ground.model import GroundClass
    from vallum.works.settings import WorksSettings

__all__ = ["DOUBT", "HAUL_USD_TKM", "Cost", "Span", "annuity", "price_items", "sinking",
           "stands", "unit_costs"]  # fmt: skip

HAUL_USD_TKM = Range(
    0.05,
    0.13,
    0.40,
    "road freight 0.05 in southern to 0.13 in central Africa [R] AICD, "
    "https://infrastructureafrica.org/files/nd-inefficient-until_rpfopikz8rv5zbo7zxgy2e; beside it "
    "the carriage of earth, sand and stone in Punjab, INR 350/t over 50 km and 468 over 100, USD "
    "0.03-0.09 at 83 to the dollar [D] "
    "https://www.tribuneindia.com/news/punjab/"
    "minor-minerals-transportation-rates-fixed-min-464870; "
    "high: judgement, tippers come back empty and go under escort",
)

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

_OWN = ("capital_usd", "life_yr", "upkeep_usd_yr", "men", "end_usd", "burial", "build_days")
_SHARED = ("discount_rate", "man_year_usd", "rotation")
_BUILT = ("barrier", "track", "fitting", "gate", "mine")  # what covers is sensors and forts
_SUMS = ("usd_yr", "capital_usd", "built_usd", "cover_usd", "upkeep_usd_yr", "men",
         "engineer_days")  # fmt: skip


@dataclass(frozen=True, eq=False)
class Span:
    """A quantity of each combination of items, with its ends, each of shape (combinations,)."""

    low: NDArray[np.float64]
    mode: NDArray[np.float64]
    high: NDArray[np.float64]


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
        `upkeep_usd_yr`; `men` on duty, before rotation; `engineer_days`, of a company of
        engineers; and `material.ID`, units of each material. Haul and fittings are in all of them.
        Of a combination that can't stand there, `usd_yr` is infinite.
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


@dataclass(frozen=True, eq=False)
class _Figures:
    """All that a price needs. N items (those asked for, then their fittings), M materials."""

    capital_usd: NDArray[np.float64]  # the items' own, shape (N,)
    life_yr: NDArray[np.float64]
    upkeep_usd_yr: NDArray[np.float64]
    men: NDArray[np.float64]
    end_usd: NDArray[np.float64]
    burial: NDArray[np.float64]
    build_days: NDArray[np.float64]
    material: NDArray[np.float64]  # units in one item, shape (N, M)
    t_per_unit: NDArray[np.float64]  # shape (M,)
    discount_rate: float
    man_year_usd: float
    rotation: float
    haul_usd_tkm: float
    wadis_per_km: float = 1.0  # multiples of what the classes say
    dunes: float = 1.0
    haul_km: float = 1.0


@dataclass(frozen=True, eq=False)
class _Place:
    """What the classes of ground say, and which item needs which fitting."""

    wadis_per_km: NDArray[np.float64]  # shape (classes, 1)
    dunes: NDArray[np.float64]  # shape (classes, 1)
    haul_km: NDArray[np.float64]  # shape (classes, M); 0 where it is infinite
    fitting: NDArray[np.float64]  # fittings that a wadi takes of one item, shape (N, N)
    built: NDArray[np.float64]  # 1 for what is built, 0 for what covers, shape (N,)


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
    every = _with_fittings(items, classes, catalogue)
    return _stands(every, classes)[:, : len(items)]


def unit_costs(
    items: Sequence[Item],
    classes: Sequence[GroundClass],
    catalogue: Catalogue,
    settings: WorksSettings,
    *,
    haul_usd_tkm: Range = HAUL_USD_TKM,
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
        Rate, man-year and rotation.
    haul_usd_tkm
        USD to bring a tonne of material over a kilometre of road.

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
    every = _with_fittings(items, classes, catalogue)
    base, place = _gather(every, classes, catalogue, settings, haul_usd_tkm)
    cost = _sums(base, place)[0][:, : len(items)]
    return np.where(_stands(every, classes)[:, : len(items)], cost, np.inf)


def price_items(
    items: Sequence[Item],
    quantities: NDArray[np.float64],
    settings: WorksSettings,
    *,
    ground: GroundClass | None = None,
    catalogue: Catalogue | None = None,
    haul_usd_tkm: Range = HAUL_USD_TKM,
) -> Cost:
    """Price combinations of items on one class of ground, with the range.

    Parameters
    ----------
    items
        The items that the columns of `quantities` count.
    quantities
        Units per km of line, shape (combinations, items).
    settings
        Rate, man-year and rotation.
    ground
        What they stand on; if not given, ground that has everything and asks for nothing.
    catalogue
        Where fittings and materials are looked up; only where a ground is given.
    haul_usd_tkm
        As for `unit_costs`.

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
    every = _with_fittings(items, classes, catalogue)
    base, place = _gather(every, classes, catalogue, settings, haul_usd_tkm)
    count = len(items)
    sums = _sums(base, place)[:, 0, :count]
    mode = sums @ quantities.T
    down, up = np.zeros_like(mode), np.zeros_like(mode)
    for changed in _one_at_a_time(every, catalogue, base, settings, haul_usd_tkm):
        ends = [_sums(figures, place)[:, 0, :count] - sums for figures in changed]
        moved = np.any([np.any(end != 0, axis=0) for end in ends], axis=0)
        swing = [end[:, moved] @ quantities[:, moved].T for end in ends]
        down += np.minimum(np.minimum(*swing), 0) ** 2
        up += np.maximum(np.maximum(*swing), 0) ** 2
    low, high = np.maximum(mode - np.sqrt(down), 0.0), mode + np.sqrt(up)
    if ground is not None:
        never = (quantities[:, ~_stands(every, classes)[0, :count]] > 0).any(axis=1)
        for end in (low, mode, high):
            end[0, never] = np.inf
    names = [*_SUMS, *(f"material.{key}" for key in _materials(every))]
    return Cost(
        MappingProxyType({name: Span(low[n], mode[n], high[n]) for n, name in enumerate(names)})
    )


def _with_fittings(
    items: Sequence[Item], classes: Sequence[GroundClass], catalogue: Catalogue | None
) -> list[Item]:
    """List the items and, behind them, the fittings that they need; all of it checked."""
    faults: list[Fault] = []
    every = list(items)
    if catalogue is not None:
        for item in items:
            if not item.wadi or item.wadi in {one.id for one in every}:
                continue
            if item.wadi in catalogue.items:
                every.append(catalogue.items[item.wadi])
            else:
                mend = nearest(item.wadi, [*catalogue.items])
                faults.append(Fault("works", f"{item.id}.wadi", f"no item '{item.wadi}'", mend))
        faults += [
            Fault("works", f"{item.id}.material", f"no material '{key}'",
                  nearest(key, [*catalogue.materials]))
            for item in every
            for key in item.material
            if key not in catalogue.materials
        ]  # fmt: skip
    faults += [fault for n, each in enumerate(classes) for fault in _faults(n, each, catalogue)]
    if faults:
        raise InputError(faults)
    return every


def _faults(n: int, each: GroundClass, catalogue: Catalogue | None) -> Iterator[Fault]:
    """Find what is wrong with a class of ground."""
    where = "ground"
    known = [] if catalogue is None else [*catalogue.materials]
    for name in ("slope", "wadis_per_km", "dunes"):
        value = getattr(each, name)
        if not 0 <= value < np.inf or (name == "dunes" and value > 1):
            yield Fault(where, f"classes[{n}].{name}", repr(value), "give a number of 0 or more"
                        + (", up to 1" if name == "dunes" else ""))  # fmt: skip
    for key, value in each.haul_km.items():
        if key not in known:
            yield Fault(where, f"classes[{n}].haul_km", f"no material '{key}'", nearest(key, known))
        if not value >= 0:
            yield Fault(where, f"classes[{n}].haul_km.{key}", repr(value), "give 0 or more km")


def _materials(every: Sequence[Item]) -> list[str]:
    return list(dict.fromkeys(key for item in every for key in item.material))


def _stands(every: Sequence[Item], classes: Sequence[GroundClass]) -> NDArray[np.bool_]:
    """Tell which items can stand where, shape (classes, N)."""
    materials = _materials(every)
    on = np.array([[each.surface in item.ground for item in every] for each in classes])
    slope = np.array([[each.slope] for each in classes])
    limit = np.array([np.inf if i.slope_max is None else i.slope_max.mode for i in every])
    needs = _quantities(every, materials) > 0
    absent = np.isinf(_haul(classes, materials))
    alone = on & (slope <= limit) & ~(absent.astype(int) @ needs.T.astype(int) > 0)
    wet = np.array([[each.wadis_per_km > 0] for each in classes])
    lacks = (~alone).astype(int) @ (_fitting(every).T > 0).astype(int) > 0
    return np.asarray(alone & ~(wet & lacks))


def _haul(classes: Sequence[GroundClass], materials: Sequence[str]) -> NDArray[np.float64]:
    rows = [[each.haul_km.get(key, 0.0) for key in materials] for each in classes]
    return np.array(rows, dtype=np.float64).reshape(len(classes), len(materials))


def _quantities(every: Sequence[Item], materials: Sequence[str]) -> NDArray[np.float64]:
    out = np.zeros((len(every), len(materials)))
    for n, item in enumerate(every):
        for key, value in item.material.items():
            out[n, materials.index(key)] = value.mode
    return out


def _fitting(every: Sequence[Item]) -> NDArray[np.float64]:
    """Fittings that a wadi takes of one of each item, shape (N, N)."""
    ids = [item.id for item in every]
    out = np.zeros((len(every), len(every)))
    for n, item in enumerate(every):
        if item.wadi in ids and item.unit == "km":
            out[n, ids.index(item.wadi)] = 1.0
    return out


def _gather(
    every: Sequence[Item],
    classes: Sequence[GroundClass],
    catalogue: Catalogue | None,
    settings: WorksSettings,
    haul_usd_tkm: Range,
) -> tuple[_Figures, _Place]:
    """Lay out every figure at its mode, and the ground; without classes, plain ground."""
    materials = _materials(every)
    known = {} if catalogue is None else catalogue.materials
    haul = _haul(classes, materials) if classes else np.zeros((1, len(materials)))
    figures = _Figures(
        **{name: _modes(every, name) for name in _OWN},  # type: ignore[arg-type]
        material=_quantities(every, materials),
        t_per_unit=np.array([known[k].t_per_unit.mode if k in known else 0.0 for k in materials]),
        discount_rate=settings.discount_rate,
        man_year_usd=settings.man_year_usd,
        rotation=settings.rotation,
        haul_usd_tkm=haul_usd_tkm.mode,
    )
    place = _Place(
        wadis_per_km=np.array([[each.wadis_per_km] for each in classes] or [[0.0]]),
        dunes=np.array([[each.dunes] for each in classes] or [[0.0]]),
        haul_km=np.where(np.isinf(haul), 0.0, haul),
        fitting=_fitting(every),
        built=np.array([item.role in _BUILT for item in every], dtype=np.float64),
    )
    return figures, place


def _modes(items: Sequence[Item], name: str) -> NDArray[np.float64]:
    values = [getattr(item, name) for item in items]
    return np.array([0.0 if v is None else v.mode for v in values], dtype=np.float64)


def _sums(f: _Figures, place: _Place) -> NDArray[np.float64]:
    """Sum up one unit of each item, its fittings at wadis with it.

    Returns
    -------
    sums
        `_SUMS`, then the materials, by class and item: shape (sums, classes, N).
    """
    dunes = np.minimum(place.dunes * f.dunes, 1.0)
    haul = (place.haul_km * f.haul_km) @ (f.material * f.t_per_unit).T * f.haul_usd_tkm
    capital = f.capital_usd + haul
    upkeep = f.upkeep_usd_yr * (1 + dunes * (f.burial - 1))
    own = capital * annuity(f.discount_rate, f.life_yr)
    own = own + f.end_usd * sinking(f.discount_rate, f.life_yr) + upkeep
    own = own + f.men * f.rotation * f.man_year_usd
    built = capital * place.built
    parts = [own, capital, built, capital - built, upkeep, f.men, f.build_days, *f.material.T]
    every = np.stack([np.broadcast_to(part, capital.shape) for part in parts])
    return every + place.wadis_per_km * f.wadis_per_km * (every @ place.fitting.T)


def _one_at_a_time(
    every: Sequence[Item],
    catalogue: Catalogue | None,
    base: _Figures,
    settings: WorksSettings,
    haul_usd_tkm: Range,
) -> Iterator[tuple[_Figures, _Figures]]:
    """Give figures with a single one at its low, and at its high end."""
    materials = _materials(every)
    for name in _OWN:
        for n, item in enumerate(every):
            yield from _ends(base, name, (n,), getattr(item, name))
    for n, item in enumerate(every):
        for key, value in item.material.items():
            yield from _ends(base, "material", (n, materials.index(key)), value)
    for m, key in enumerate(materials):
        if catalogue is not None:
            yield from _ends(base, "t_per_unit", (m,), catalogue.materials[key].t_per_unit)
    ranges = {name: swings(settings)[name] for name in _SHARED}
    ranges["haul_usd_tkm"] = (haul_usd_tkm.low, haul_usd_tkm.high)
    ranges |= {name: (doubt.low, doubt.high) for name, doubt in DOUBT.items()}
    for name, (low, high) in ranges.items():
        yield replace(base, **{name: low}), replace(base, **{name: high})  # type: ignore[arg-type]


def _ends(
    base: _Figures, name: str, at: tuple[int, ...], figure: Range | None
) -> Iterator[tuple[_Figures, _Figures]]:
    """Move one number of an array to its ends; nothing where it has none."""
    if figure is None or figure.low == figure.high:
        return
    out = []
    for end in (figure.low, figure.high):
        values = getattr(base, name).copy()
        values[at] = end
        out.append(replace(base, **{name: values}))
    yield out[0], out[1]
