"""The ground of a theatre in classes."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import Fault, InputError
from vallum.kernel.arrays import frozen
from vallum.kernel.ledger import Assumption
from vallum.works.catalogue import SURFACES
from vallum.works.cost import DOUBT, annuity
from vallum.works.ground.classes import cut, means
from vallum.works.ground.haul import TOWN_PEOPLE, haul_km
from vallum.works.ground.model import Ground, GroundClass
from vallum.works.ground.terrain import (
    DUNES,
    HURST,
    SPREAD,
    WADIS,
    WALL_KM,
    dunes,
    ground_slope,
    wadis_per_km,
)
from vallum.works.settings import WorksSettings

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from vallum.theatre import Theatre
    from vallum.threat.movement import MovementSettings
    from vallum.works.catalogue import Catalogue, Item
    from vallum.works.sight.model import Cover

__all__ = ["classify"]

_MOST = 120
_FINE_USD = 500.0  # a year and km; a line costs hundreds of thousands


def classify(
    theatre: Theatre,
    catalogue: Catalogue,
    *,
    cover: Cover,
    cover_of: ArrayLike,
    settings: WorksSettings | None = None,
    movement: MovementSettings | None = None,
    most: int = _MOST,
) -> Ground:
    """Put the land of a theatre into classes of ground.

    Cells of one class have the same surface, row of cover and share of dunes, bear the same items
    by their slope, and have the same materials within reach. Wadis and haul may differ within a
    class, which has their mean: cost is linear in each, so the mean cost of its cells is right but
    for wadis whose fittings are hauled. Its slope is the steepest of its cells, which forbids
    nothing that any of them bears.

    Parameters
    ----------
    theatre
        The ground.
    catalogue
        Whose materials are hauled, and whose items' limits of slope tell classes apart.
    cover, cover_of
        How far one sees, and its row by cell, integers of shape (rows, cols); it may be anything
        off the land.
    settings
        The discount rate counts, in how much a difference costs; the defaults if not given.
    movement
        Season and speeds of haul; the defaults if not given.
    most
        Number of classes to stop at.

    Returns
    -------
    Ground
        Of all land of the states shown; -1 at sea and on open water.

    Raises
    ------
    InputError
        When `cover_of` has another shape, or rows that the cover doesn't have on land.
    """
    surface = theatre.ground["surface"].to_numpy()
    land = np.isin(surface, list(SURFACES))
    rows = _cover_rows(cover_of, land, cover)
    slope = ground_slope(_layer(theatre, "relief_m"), _layer(theatre, "slope"))[land]
    wadis = wadis_per_km(theatre)[land]
    moving = dunes(theatre)[land]
    haul = {key: km[land] for key, km in haul_km(theatre, catalogue.materials,
                                                 movement=movement).items()}  # fmt: skip
    limits = sorted({i.slope_max.mode for i in catalogue.items.values() if i.slope_max})
    of = cut(
        np.column_stack(
            [
                surface[land],
                rows[land],
                np.searchsorted(limits, slope),
                np.searchsorted(sorted({0.0, *(share.mode for share in DUNES.values())}), moving),
                *(np.isinf(km) for km in haul.values()),
            ]
        ).astype(np.int64),
        _costs(wadis, haul, catalogue, settings or WorksSettings()),
        most=most,
        fine=_FINE_USD,
    )
    out = np.full(surface.shape, -1, dtype=np.int32)
    out[land] = of
    return Ground(
        classes=_classes(of, surface[land], rows[land], slope, wadis, moving, haul),
        of=frozen(out),
        cover=cover,
        ledger=_ledger(),
    )


def _layer(theatre: Theatre, name: str) -> NDArray[np.float64]:
    return np.asarray(theatre.ground[name].to_numpy(), dtype=np.float64)


def _cover_rows(cover_of: ArrayLike, land: NDArray[np.bool_], cover: Cover) -> NDArray[np.int64]:
    rows = np.asarray(cover_of)
    if rows.shape != land.shape or not np.issubdtype(rows.dtype, np.integer):
        found = f"{rows.dtype} of shape {rows.shape}"
        mend = f"give integers of the theatre's shape {land.shape}"
        raise InputError([Fault("works", "cover_of", found, mend)])
    here = rows[land]
    count = len(cover.seen)
    if here.size and (here.min() < 0 or here.max() >= count):
        found = f"rows {here.min()} to {here.max()} on land"
        raise InputError([Fault("works", "cover_of", found, f"give rows from 0 to {count - 1}")])
    return rows.astype(np.int64)


def _costs(
    wadis: NDArray[np.float64],
    haul: dict[str, NDArray[np.float64]],
    catalogue: Catalogue,
    settings: WorksSettings,
) -> NDArray[np.float64]:
    """Price each cell's wadis and hauls for the dearest item, USD/yr, shape (cells, 1 + M)."""
    items = [item for item in catalogue.items.values() if item.role != "mine"]

    def yearly(item: Item, usd: float) -> float:
        return usd * float(annuity(settings.discount_rate, item.life_yr.mode))

    fittings = [yearly(item, item.capital_usd.mode) for item in items if item.role == "fitting"]
    columns = [wadis * max(fittings, default=0.0)]
    for key, km in haul.items():
        weigh = catalogue.materials[key].t_per_unit.mode * settings.haul_usd_tkm
        dearest = max(
            (yearly(i, i.material[key].mode * weigh) for i in items if key in i.material),
            default=0.0,
        )
        columns.append(np.where(np.isinf(km), 0.0, km) * dearest)
    return np.column_stack(columns)


def _classes(
    of: NDArray[np.int64],
    surface: NDArray[np.int8],
    rows: NDArray[np.int64],
    slope: NDArray[np.float64],
    wadis: NDArray[np.float64],
    moving: NDArray[np.float64],
    haul: dict[str, NDArray[np.float64]],
) -> tuple[GroundClass, ...]:
    """Give each class its values; it has those of its first cell where all its cells agree."""
    first = np.full(int(of.max(initial=-1)) + 1, len(of))
    np.minimum.at(first, of, np.arange(len(of)))
    steepest = np.zeros(len(first))
    np.maximum.at(steepest, of, slope)
    crossed = means(of, wadis)
    far = {key: means(of, km) for key, km in haul.items()}
    return tuple(
        GroundClass(
            surface=SURFACES[int(surface[cell])],
            slope=float(steepest[n]),
            wadis_per_km=float(crossed[n]),
            dunes=float(moving[cell]),
            haul_km=MappingProxyType({key: float(km[n]) for key, km in far.items() if km[n] > 0}),
            cover=int(rows[cell]),
        )
        for n, cell in enumerate(first)
    )


def _ledger() -> tuple[Assumption, ...]:
    figures = {
        "ground.hurst": (HURST, "1"),
        "ground.wall_km": (WALL_KM, "km"),
        "ground.spread": (SPREAD, "1"),
        "ground.town_people": (TOWN_PEOPLE, "people"),
    }
    figures |= {f"ground.doubt.{key}": (value, "multiple") for key, value in DOUBT.items()}
    figures |= {f"ground.wadis.{_key(k)}": (value, "1/km") for k, value in WADIS.items()}
    figures |= {f"ground.dunes.{_key(k)}": (value, "share of land") for k, value in DUNES.items()}
    return tuple(
        Assumption(f"works.{key}", r.mode, r.low, r.high, unit, r.source)
        for key, (r, unit) in figures.items()
    )


def _key(name: str) -> str:
    return name.replace(" ", "_")
