"""What one unit of an item takes on a class of ground, and whether it can stand there."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import Fault, InputError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import ArrayLike, NDArray

    from vallum.works.catalogue import Catalogue, Item
    from vallum.works.ground.model import GroundClass
    from vallum.works.settings import WorksSettings

__all__ = ["OWN", "SUMS", "Figures", "Place", "annuity", "bears", "gather", "materials_of",
           "sinking", "stacked", "sums", "with_fittings"]  # fmt: skip

OWN = ("capital_usd", "life_yr", "upkeep_usd_yr", "men", "end_usd", "burial", "build_days")
SUMS = ("usd_yr", "capital_usd", "built_usd", "cover_usd", "upkeep_usd_yr", "men", "men_paid",
        "engineer_days")  # fmt: skip
_BUILT = ("barrier", "track", "fitting", "gate", "mine")  # what covers is sensors and forts


@dataclass(frozen=True, eq=False)
class Figures:
    """All that a price needs. N items (those asked for, then their fittings), M materials.

    Several of them can be one (`stacked`): all shapes then begin with how many, and numbers are
    arrays of as many.
    """

    capital_usd: NDArray[np.float64]  # the items' own, shape (N,)
    life_yr: NDArray[np.float64]
    upkeep_usd_yr: NDArray[np.float64]
    men: NDArray[np.float64]
    end_usd: NDArray[np.float64]
    burial: NDArray[np.float64]
    build_days: NDArray[np.float64]
    material: NDArray[np.float64]  # units in one item, shape (N, M)
    t_per_unit: NDArray[np.float64]  # shape (M,)
    discount_rate: float | NDArray[np.float64]
    man_year_usd: float | NDArray[np.float64]
    rotation: float | NDArray[np.float64]
    haul_usd_tkm: float | NDArray[np.float64]
    wadis_per_km: float | NDArray[np.float64] = 1.0  # multiples of what the classes say
    dunes: float | NDArray[np.float64] = 1.0
    haul_km: float | NDArray[np.float64] = 1.0


@dataclass(frozen=True, eq=False)
class Place:
    """What the classes of ground say, and which item needs which fitting."""

    wadis_per_km: NDArray[np.float64]  # shape (classes, 1)
    dunes: NDArray[np.float64]  # shape (classes, 1)
    haul_km: NDArray[np.float64]  # shape (classes, M); 0 where it is infinite
    fitting: NDArray[np.float64]  # fittings that a wadi takes of one item, shape (N, N)
    built: NDArray[np.float64]  # 1 for what is built, 0 for what covers, shape (N,)


def annuity(rate: ArrayLike, life_yr: ArrayLike) -> NDArray[np.float64]:
    """Yearly payment that a capital of 1 costs over its life, `ρ / (1 − (1+ρ)^−life)`.

    Parameters
    ----------
    rate
        ρ per year; at 0 the payment is 1/life. Of a shape that goes with the lives'.
    life_yr
        Years, above 0.

    Examples
    --------
    >>> round(float(annuity(0.1, 10)), 6)
    0.162745
    """
    life, given = np.asarray(life_yr, float), np.asarray(rate, float)
    some = np.where(given == 0, 1.0, given)
    return np.where(given == 0, 1 / life, some / -np.expm1(-life * np.log1p(some)))


def sinking(rate: ArrayLike, life_yr: ArrayLike) -> NDArray[np.float64]:
    """Yearly payment that gathers 1 by the end of a life, `ρ / ((1+ρ)^life − 1)`.

    Examples
    --------
    >>> round(float(sinking(0.1, 10)), 6)
    0.062745
    """
    life, given = np.asarray(life_yr, float), np.asarray(rate, float)
    some = np.where(given == 0, 1.0, given)
    return np.where(given == 0, 1 / life, some / np.expm1(life * np.log1p(some)))


def with_fittings(
    items: Sequence[Item], classes: Sequence[GroundClass], catalogue: Catalogue | None
) -> list[Item]:
    """List the items and, behind them, the fittings that they need; all of it checked.

    Parameters
    ----------
    items, classes
        What is priced, and on which ground.
    catalogue
        Where fittings and materials are looked up; None where no ground asks for any.

    Raises
    ------
    InputError
        With every fault: a fitting or material that the catalogue doesn't have, or one that is
        needed where there is no catalogue; a class whose figures are negative or not numbers, or
        that names another material.
    """
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
    elif any(each.wadis_per_km > 0 for each in classes):
        ids = {item.id for item in items}
        faults += [
            Fault("works", f"{item.id}.wadi", f"'{item.wadi}' is needed here", "give the catalogue")
            for item in items
            if item.wadi and item.unit == "km" and item.wadi not in ids
        ]
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


def materials_of(every: Sequence[Item]) -> list[str]:
    """List the materials that items take, in order of their first."""
    return list(dict.fromkeys(key for item in every for key in item.material))


def bears(every: Sequence[Item], classes: Sequence[GroundClass]) -> NDArray[np.bool_]:
    """Tell which items can stand where.

    Parameters
    ----------
    every
        N items, their fittings among them (`with_fittings`).
    classes
        Of ground.

    Returns
    -------
    bears
        Shape (classes, N).
    """
    materials = materials_of(every)
    shape = (len(classes), len(every))
    if 0 in shape:
        return np.zeros(shape, dtype=bool)
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


def gather(
    every: Sequence[Item],
    classes: Sequence[GroundClass],
    catalogue: Catalogue | None,
    settings: WorksSettings,
) -> tuple[Figures, Place]:
    """Lay out every figure at its mode, and the ground.

    Parameters
    ----------
    every
        N items, their fittings among them (`with_fittings`).
    classes
        Of ground; if there are none, one class that asks for nothing.
    catalogue, settings
        For the weight of materials; for the rate, the man-year, rotation and the price of haul.
    """
    materials = materials_of(every)
    known = {} if catalogue is None else catalogue.materials
    haul = _haul(classes, materials) if classes else np.zeros((1, len(materials)))
    figures = Figures(
        **{name: _modes(every, name) for name in OWN},
        material=_quantities(every, materials),
        t_per_unit=np.array([known[k].t_per_unit.mode if k in known else 0.0 for k in materials]),
        discount_rate=settings.discount_rate,
        man_year_usd=settings.man_year_usd,
        rotation=settings.rotation,
        haul_usd_tkm=settings.haul_usd_tkm,
    )
    place = Place(
        wadis_per_km=np.array([[each.wadis_per_km] for each in classes] or [[0.0]]),
        dunes=np.array([[each.dunes] for each in classes] or [[0.0]]),
        haul_km=np.where(np.isinf(haul), 0.0, haul),
        fitting=_fitting(every),
        built=np.array([item.role in _BUILT for item in every], dtype=np.float64),
    )
    return figures, place


def stacked(several: Sequence[Figures]) -> Figures:
    """Make one of several, for `sums` of all at once."""

    def column(name: str) -> NDArray[np.float64]:
        values = np.array([getattr(one, name) for one in several], np.float64)
        if name == "material":
            return values
        return values.reshape(len(several), 1, -1)  # beside the classes

    return Figures(**{field.name: column(field.name) for field in fields(Figures)})


def _modes(items: Sequence[Item], name: str) -> NDArray[np.float64]:
    values = [getattr(item, name) for item in items]
    return np.array([0.0 if v is None else v.mode for v in values], dtype=np.float64)


def sums(f: Figures, place: Place) -> NDArray[np.float64]:
    """Sum up one unit of each item, its fittings at wadis with it.

    Parameters
    ----------
    f, place
        As `gather` gives them; figures may be at an end of their range, and `stacked`.

    Returns
    -------
    sums
        `SUMS`, then the materials, by class and item: shape (sums, classes, N); of V stacked
        figures (sums, V, classes, N).
    """
    dunes = np.minimum(place.dunes * f.dunes, 1.0)
    haul = (place.haul_km * f.haul_km) @ np.swapaxes(f.material * f.t_per_unit, -1, -2)
    haul = haul * f.haul_usd_tkm
    capital = f.capital_usd + haul
    upkeep = f.upkeep_usd_yr * (1 + dunes * (f.burial - 1))
    own = capital * annuity(f.discount_rate, f.life_yr)
    own = own + f.end_usd * sinking(f.discount_rate, f.life_yr) + upkeep
    own = own + f.men * f.rotation * f.man_year_usd
    built = capital * place.built
    paid = f.men * f.rotation
    units = np.moveaxis(f.material, -1, 0)  # shape (M, N), or (M, V, N)
    units = units[:, :, None, :] if units.ndim == 3 else units
    parts = [own, capital, built, capital - built, upkeep, f.men, paid, f.build_days,
             *units]  # fmt: skip
    every = np.empty((len(parts), *capital.shape))
    for n, part in enumerate(parts):
        every[n] = part
    return every + place.wadis_per_km * f.wadis_per_km * (every @ place.fitting.T)
