"""What the theatre's layers say of the ground under a line: slope, wadis, dunes on the move.

The layers are coarse beside a wall. Each rule here goes from them to the ground by a law or a
figure with its source, and what no source shows is a figure with its range.
"""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy import ndimage

from vallum.kernel.arrays import frozen
from vallum.kernel.figures import Range
from vallum.kernel.once import once

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from vallum.kernel.grid import Grid
    from vallum.theatre import Theatre

__all__ = ["DUNES", "HURST", "SPREAD", "WADIS", "WALL_KM", "crossings_per_km", "density_km",
           "dunes", "ground_slope", "wadis_per_km"]  # fmt: skip

SAND, ROCK, SOIL, WETLAND = 1, 2, 3, 4
DESERT = (7, 8)  # Köppen BWh, BWk
UNKNOWN = 0  # of the climate: a theatre may have none

_RELIEF_KM = 27.8  # relief is over 3 x 3 boxes of 1/12 degree
_NEAR_KM = 30.0  # mapped rivers count within a square of this side

HURST = Range(
    0.57,
    0.70,
    0.83,
    "SRTM of Lebanon, 500 m to 10 km: 0.57 along the range, 0.72 across [R] "
    "https://ui.adsabs.harvard.edu/abs/2021Fract..2950112G; SRTM30 of Mali and Mauritania, mean "
    "height differences over 2.5 to 10 km: 0.69-0.83 [D]",
)
WALL_KM = Range(
    0.03,
    0.1,
    0.3,
    "judgement: the length of ground that must be built on as it is, not cut or gone round",
)
SPREAD = Range(
    1.11,
    1.2,
    1.21,
    "mean slope over 10 km on SRTM30 of Mali and Mauritania beside relief's over 27.8 km by the "
    "same law: 1.11 on rock, 1.19 in all, 1.21 on sand [D] docs/method/works-ground.md",
)
_ROAD = (
    "164 drainage structures on 233 km of road, Kaedi to Selibaby, 0.70 a km [D] "
    "https://decfinder.devme.ai/?p=53195"
)
# small watercourses that a kilometre of line crosses, by ground
WADIS: Mapping[str, Range] = MappingProxyType(
    {
        "soil": Range(0.35, 0.7, 2.0, f"{_ROAD}; high: judgement, the road keeps to divides"),
        "desert soil": Range(
            0.15, 0.35, 1.0, f"judgement: half of the wetter ground, where {_ROAD}"
        ),
        "rock": Range(
            0.35, 0.7, 2.0, f"judgement: old valleys kept in rock, as many as where {_ROAD}"
        ),
        "sand": Range(0.0, 0.05, 0.2, "judgement: sand drinks what falls on it"),
        "wetland": Range(0.35, 0.7, 2.0, f"judgement: channels of the plain, as where {_ROAD}"),
    }
)
_FIFTH = (
    "dune fields are about a fifth of the Sahara [R] "
    "https://www.earthfacts.com/places/greatwesternergsaharadesert/"
)
_FORTY = (
    "sand covers 40 percent of Mauritania, fixed dunes included [R] "
    "http://www.mongabay.com/history/mauritania/"
    "mauritania-major_geographic_and_climatic_zones.html"
)
# share of the land that dunes move over, by ground
DUNES: Mapping[str, Range] = MappingProxyType(
    {
        "desert sand": Range(
            0.15,
            0.3,
            0.6,
            f"{_FIFTH}, and the sand surface is 0.73 of the members' hot desert: 0.27 [D]; high: "
            f"{_FORTY}, over 0.61 of the members' land [D]; low: judgement, half",
        ),
        "desert": Range(
            0.0,
            0.05,
            0.3,
            "judgement: dunes fixed by plants, some of them bared round wells and roads; high: "
            "half of the 60 percent of the road's length that was sanded over between Nouakchott "
            "and Boutilimit by 1991 [R] http://www.fao.org/DOCREP/004/Y2795e/y2795e07.htm",
        ),
        "elsewhere": Range(0.0, 0.0, 0.05, "judgement: plants hold the sand"),
    }
)


def ground_slope(
    relief_m: NDArray[np.float64], slope: NDArray[np.float64], *, hurst: float = HURST.mode
) -> NDArray[np.float64]:
    """Estimate the slope of the ground under a wall, `1.2 · relief/27.8 km · (27.8/0.1)^(1−H)`.

    Height differences grow as the power H of the distance, so slopes fall as its power H − 1; the
    relief over 27.8 km so gives the mean slope over 100 m. Where the theatre's own slope, measured
    at whatever scale its source allows, is greater, it counts.

    Parameters
    ----------
    relief_m
        Highest less lowest over 3 × 3 boxes of 1/12°, m, any shape.
    slope
        The theatre's, rise over run, same shape.
    hurst
        H, in (0, 1].

    Returns
    -------
    slope
        Rise over run, same shape.

    Notes
    -----
    Zhang, Drake, Wainwright & Mulligan (1999), Earth Surface Processes and Landforms 24, on slopes
    from coarse elevations by a fractal law. The factor 1.2 was measured on SRTM30 of Mali and
    Mauritania: mean slope over 10 km beside mean relief, 1.21 on sand and 1.11 on rock.

    Examples
    --------
    >>> import numpy as np
    >>> ground_slope(np.array([84.0, 0.0]), np.array([0.001, 0.03])).round(3)
    array([0.02, 0.03])
    """
    finer = (_RELIEF_KM / WALL_KM.mode) ** (1 - hurst)
    by_relief = SPREAD.mode * np.asarray(relief_m) / (_RELIEF_KM * 1000) * finer
    return np.asarray(np.maximum(by_relief, slope))


def crossings_per_km(density_km: NDArray[np.float64]) -> NDArray[np.float64]:
    """Watercourses that a line crosses per km, `2 D / π`, where it keeps to no direction.

    Parameters
    ----------
    density_km
        D: length of watercourses per area, km/km², any shape.

    Notes
    -----
    Buffon's needle, Crofton's formula: https://sambuz.com/doc/on-the-crofton-formula-pdf-document-495469.
    """
    return 2 / math.pi * np.asarray(density_km, dtype=np.float64)


def density_km(theatre: Theatre) -> NDArray[np.float64]:
    """Measure the length of mapped rivers per area, over squares of about 30 km.

    Parameters
    ----------
    theatre
        The ground; rivers are lines in any projection.

    Returns
    -------
    density
        km/km², shape (rows, cols). Away from the grid's edge its sum times the area of a cell is
        the rivers' length.
    """
    grid = theatre.grid
    length = _length_km(theatre, grid)
    side = 2 * max(1, round((_NEAR_KM / grid.cell_km - 1) / 2)) + 1
    mean = ndimage.uniform_filter(length, side, mode="constant")
    return np.asarray(np.maximum(mean, 0.0) / grid.cell_km2)


def _length_km(theatre: Theatre, grid: Grid) -> NDArray[np.float64]:
    """Length of rivers in each cell, from points that stand for a tenth of a cell each."""
    out = np.zeros(grid.shape)
    if not len(theatre.rivers):
        return out
    lines = shapely.get_parts(theatre.rivers.to_crs(grid.crs).geometry.to_numpy())
    lengths = shapely.length(lines)
    lines, lengths = lines[lengths > 0], lengths[lengths > 0]
    counts = np.ceil(lengths / (grid.cell_m / 10)).astype(np.int64)
    of = np.repeat(np.arange(len(lines)), counts)
    nth = np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts)
    step = (lengths / np.maximum(counts, 1))[of]
    points = shapely.line_interpolate_point(lines[of], (nth + 0.5) * step)
    row, col, inside = grid.locate(shapely.get_x(points), shapely.get_y(points))
    np.add.at(out, (row[inside], col[inside]), step[inside] / 1000)
    return out


@once
def wadis_per_km(theatre: Theatre) -> NDArray[np.float64]:
    """Count the watercourses that a kilometre of line crosses.

    The greater of those that are mapped (`crossings_per_km` of `density_km`) and those that the
    ground has by `WADIS`, which no map of this scale shows: a map that shows more has them all.

    Parameters
    ----------
    theatre
        The ground.

    Returns
    -------
    wadis
        Per km, shape (rows, cols); 0 at sea and on open water.
    """
    surface = theatre.ground["surface"].to_numpy()
    dry = np.isin(theatre.ground["climate"].to_numpy(), DESERT)
    small = np.zeros(surface.shape)
    for code, name in ((SAND, "sand"), (ROCK, "rock"), (SOIL, "soil"), (WETLAND, "wetland")):
        small[surface == code] = WADIS[name].mode
    small[(surface == SOIL) & dry] = WADIS["desert soil"].mode
    mapped = crossings_per_km(density_km(theatre))
    return frozen(np.where(small > 0, np.maximum(small, mapped), 0.0))


def dunes(theatre: Theatre) -> NDArray[np.float64]:
    """Give the share of the land that dunes move over, by `DUNES`.

    Sand in the desert is erg; other dry ground in the desert has some; elsewhere plants hold it.
    Where a theatre has no climate, sand is taken for desert, for it was barren on the map.

    Parameters
    ----------
    theatre
        The ground.

    Returns
    -------
    share
        In [0, 1], shape (rows, cols); 0 at sea and on water and wetland.
    """
    surface = theatre.ground["surface"].to_numpy()
    climate = theatre.ground["climate"].to_numpy()
    dry = np.isin(climate, DESERT)
    share = np.zeros(surface.shape)
    share[np.isin(surface, (SAND, ROCK, SOIL))] = DUNES["elsewhere"].mode
    share[np.isin(surface, (ROCK, SOIL)) & dry] = DUNES["desert"].mode
    share[(surface == SAND) & (dry | (climate == UNKNOWN))] = DUNES["desert sand"].mode
    return share
