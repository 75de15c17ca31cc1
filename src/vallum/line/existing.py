"""Lines that are there already: on the cells that they touch, less is to be paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import Transformer
from rasterio import features

from vallum.errors import Fault, InputError
from vallum.kernel.arrays import frozen
from vallum.theatre.drawn import read_lines

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.line.settings import ExistingLine, LineSettings
    from vallum.theatre import Theatre

__all__ = ["paid_share"]


def paid_share(theatre: Theatre, settings: LineSettings) -> NDArray[np.float64]:
    """Say what of the price of a kilometre is still to be paid on each cell.

    Parameters
    ----------
    theatre
        Onto whose grid the lines are laid.
    settings
        `existing`.

    Returns
    -------
    share
        In [0, 1], shape (rows, cols): 1 but on the cells that an existing line touches; where
        several meet, the least.

    Raises
    ------
    InputError
        For files that can't be used, and lines that touch no cell of the members; all at once.
    """
    share = np.ones(theatre.grid.shape)
    faults: list[Fault] = []
    for number, line in enumerate(settings.existing):
        where = f"line.existing.{number}"
        try:
            path = _path(theatre, line)
        except InputError as error:
            faults += [Fault(where, fault.where, fault.found, fault.mend) for fault in error.faults]
            continue
        touched = features.rasterize(
            [(path, 1)],
            out_shape=theatre.grid.shape,
            transform=theatre.grid.transform,
            all_touched=True,
        ).astype(bool)
        if not (touched & theatre.member_mask).any():
            mend = "a line stands on the members' own side: give one that touches their land"
            faults.append(Fault(where, line.file or "points", "it touches no member land", mend))
        share[touched] = np.minimum(share[touched], line.share)
    if faults:
        raise InputError(faults)
    return frozen(share)


def _path(theatre: Theatre, line: ExistingLine) -> shapely.Geometry:
    """Geometry of an existing line in the grid's coordinates."""
    if line.file is not None:
        return read_lines(line.file, theatre)
    move = Transformer.from_crs("EPSG:4326", theatre.grid.crs, always_xy=True)
    return shapely.LineString([move.transform(lon, lat) for lon, lat in line.points])
