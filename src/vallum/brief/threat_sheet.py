"""Small maps as SVG: where things stand on a sheet, rasters in classes, and what all maps share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely

from vallum.brief import look, map_borders
from vallum.brief.language import say
from vallum.brief.map_borders import Lines, View
from vallum.brief.page_text import trimmed
from vallum.brief.png import indexed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.kernel.grid import Grid
    from vallum.theatre import Theatre

__all__ = ["SEA", "Layer", "Sheet", "half_decades", "layer", "named", "outline", "sheet"]

WIDTH = 560.0  # of a sheet, in the units of its own drawing
SEA, BLANK = look.SEA, look.NODATA
_FINEST = 640  # pixels across, at most: more is not seen at the size of these maps


@dataclass(frozen=True)
class Sheet:
    """The paper of a small map: what it shows, and how wide it is in its own units."""

    frame: View
    width: float = WIDTH

    @property
    def scale(self) -> float:
        """Units per km."""
        return self.width / (self.frame.east - self.frame.west)

    @property
    def height(self) -> float:
        """In units."""
        return round(self.width / self.frame.aspect, 1)

    def at(self, x_km: float, y_km: float) -> tuple[float, float]:
        """Give the place of a point on the sheet, y downward."""
        across = (x_km - self.frame.west) * self.scale
        return round(across, 1), round((self.frame.north - y_km) * self.scale, 1)

    def path(self, lines: Lines) -> str:
        """Write polylines as the path of an SVG, each step relative to the point before it."""
        out = []
        for xs, ys in zip(lines.xs, lines.ys, strict=True):
            points = [self.at(x, y) for x, y in zip(xs, ys, strict=True)]
            steps = [f"{b[0] - a[0]:.1f} {b[1] - a[1]:.1f}" for a, b in pairwise(points)]
            out.append(f"M{points[0][0]:g} {points[0][1]:g}l{' '.join(steps)}")
        return "".join(out)


@dataclass(frozen=True)
class Layer:
    """A raster in classes.

    Attributes
    ----------
    picture
        A PNG as a data address.
    place
        Its x, y, width and height on the sheet.
    classes
        Colour and name of each class, the smallest first.
    blank
        Whether some land has no value, and is grey.
    """

    picture: str
    place: tuple[float, float, float, float]
    classes: tuple[tuple[str, str], ...]
    blank: bool


def sheet(theatre: Theatre, more: NDArray[np.float64] | None = None) -> Sheet:
    """Frame the members, and what else is to be seen.

    Parameters
    ----------
    theatre
        With borders.
    more
        West, south, east and north edge in metres that the frame is to hold too, within the grid.
    """
    frame = map_borders.view(theatre)
    if more is not None and np.isfinite(more).all():
        west, south, east, north = (part / 1000.0 for part in theatre.grid.bounds)
        low, high = more[:2] / 1000.0 - 40.0, more[2:] / 1000.0 + 40.0
        frame = View(
            max(west, min(frame.west, float(low[0]))),
            max(south, min(frame.south, float(low[1]))),
            min(east, max(frame.east, float(high[0]))),
            min(north, max(frame.north, float(high[1]))),
        )
    return Sheet(frame)


def layer(
    values: NDArray[np.float64],
    scale: tuple[tuple[float, ...], tuple[str, ...]],
    on: Sheet,
    theatre: Theatre,
) -> Layer:
    """Draw a raster in classes of a colour scale; cells of the sea and beyond have none.

    Parameters
    ----------
    values
        Shape (rows, cols); what is not finite has no class.
    scale
        Rising bounds, and one colour more than bounds.
    on
        The sheet: only what it shows is drawn.
    theatre
        Its grid, and which cells are land.

    Returns
    -------
    Layer
        On grids finer than the sheet can show, blocks of cells by their mean.
    """
    bounds, colours = scale
    rows, cols = _window(theatre.grid, on.frame)
    land = theatre.ground["state"].to_numpy()[rows, cols] >= 0
    shown, seen = _coarser(values[rows, cols], land, -(-(cols.stop - cols.start) // _FINEST))
    kind = np.where(np.isfinite(shown), 2 + np.searchsorted(bounds, shown, side="right"), 1)
    kind = np.where(seen, kind, 0)
    palette = [look.rgb(colour) for colour in (SEA, BLANK, *colours)]
    grid = theatre.grid
    left, top = on.at(
        grid.west_m / 1000.0 + cols.start * grid.cell_km,
        grid.north_m / 1000.0 - rows.start * grid.cell_km,
    )
    size = grid.cell_km * on.scale
    return Layer(
        indexed(kind.astype(np.uint8), palette),
        (left, top, round((cols.stop - cols.start) * size, 1),
         round((rows.stop - rows.start) * size, 1)),
        tuple(zip(colours, named(bounds), strict=True)),
        bool((kind == 1).any()),
    )  # fmt: skip


def named(bounds: tuple[float, ...]) -> tuple[str, ...]:
    """Name the classes between bounds.

    Examples
    --------
    >>> named((0.1, 1.0, 3.0))
    ('under 0.1', '0.1–1', '1–3', '3 and more')
    """
    ends = [trimmed(b) for b in bounds]
    middle = [f"{a}–{b}" for a, b in pairwise(ends)]
    return (say("under {least}", least=ends[0]), *middle, say("{most} and more", most=ends[-1]))


def half_decades(top: float, count: int = 5) -> tuple[float, ...]:
    """Give round bounds of classes, about three times each other, for values up to a top.

    Parameters
    ----------
    top
        The largest value; positive.
    count
        How many bounds.

    Returns
    -------
    bounds
        Rising; the last is at most half of the top, so that its class is not a single cell.

    Examples
    --------
    >>> half_decades(7.9)
    (0.03, 0.1, 0.3, 1.0, 3.0)
    """
    power = math.floor(math.log10(top / 2.0))
    step = 2 * power + (1 if 3.0 * 10.0**power <= top / 2.0 else 0)
    return tuple(
        float(f"{(3.0 if n % 2 else 1.0) * 10.0 ** (n // 2):.3g}")
        for n in range(step - count + 1, step + 1)
    )


def outline(theatre: Theatre, rows: NDArray[np.bool_], regions: list[tuple[str, str]]) -> Lines:
    """Give the outline of some regions together.

    Parameters
    ----------
    theatre
        With the regions' polygons.
    rows
        Which of `regions` to take.
    regions
        (iso3, region) of each.
    """
    wanted = {pair for pair, take in zip(regions, rows.tolist(), strict=True) if take}
    table = theatre.regions
    own = [pair in wanted for pair in zip(table["iso3"], table["name"], strict=True)]
    if not any(own):
        return Lines([], [])
    whole = shapely.union_all(table.geometry[own].buffer(1500.0).to_numpy()).buffer(-1500.0)
    window = shapely.box(*theatre.grid.bounds)
    return map_borders.runs(whole.boundary, window, tolerance_m=2500.0)


def _window(grid: Grid, frame: View) -> tuple[slice, slice]:
    """Rows and columns that a frame shows."""
    top = int((grid.north_m / 1000.0 - frame.north) / grid.cell_km)
    low = math.ceil((grid.north_m / 1000.0 - frame.south) / grid.cell_km)
    left = int((frame.west - grid.west_m / 1000.0) / grid.cell_km)
    right = math.ceil((frame.east - grid.west_m / 1000.0) / grid.cell_km)
    return slice(max(top, 0), min(low, grid.rows)), slice(max(left, 0), min(right, grid.cols))


def _coarser(
    values: NDArray[np.float64], land: NDArray[np.bool_], by: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Join blocks of cells: the mean of what has a value, and whether half of it is land."""
    if by <= 1:
        return values, land
    rows, cols = (-(-n // by) for n in values.shape)
    wide = np.full((rows * by, cols * by), np.nan)
    wide[: values.shape[0], : values.shape[1]] = np.where(land, values, np.nan)
    solid = np.zeros(wide.shape, np.bool_)
    solid[: land.shape[0], : land.shape[1]] = land
    known = np.isfinite(wide)
    number = known.reshape(rows, by, cols, by).sum(axis=(1, 3))
    total = np.where(known, wide, 0.0).reshape(rows, by, cols, by).sum(axis=(1, 3))
    mean = np.where(number > 0, total / np.maximum(number, 1), np.nan)
    return mean, solid.reshape(rows, by, cols, by).mean(axis=(1, 3)) >= 0.5
