"""What is to be built, and for what: sectors, the pieces they enclose, lines built first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Inner", "Packages", "Piece", "pieces_of"]


@dataclass(frozen=True)
class Piece:
    """Land that is protected when all of some sectors are covered.

    Attributes
    ----------
    name
        Of the piece.
    value_usd_yr
        What its protection is worth a year.
    sectors
        All sectors that enclose it.
    """

    name: str
    value_usd_yr: float
    sectors: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Inner:
    """A smaller line that could be built first and given up later.

    Attributes
    ----------
    name
        Of the plan of the frontier that it is.
    table
        The packages that only this line needs, as in `Packages.table`.
    piece
        What it protects, and with which sectors: its own and those it shares.
    within
        Name of the piece whose enclosure relieves it.
    running_usd_yr
        What its own sectors cost a year for as long as it stands alone.
    """

    name: str
    table: pd.DataFrame
    piece: Piece
    within: str
    running_usd_yr: float


@dataclass(frozen=True, eq=False)
class Packages:
    """What is to be built, and for what.

    Attributes
    ----------
    table
        One row per sector: `sector` (its number), `state` (iso3), `length_km`, `company_days`,
        `capital_usd`, and where they are known `cover_usd` (the part of the capital that is
        sensors and forts), `running_usd_yr`, `haul_tkm` (tonne-km) and `t_MATERIAL` (tonnes);
        `climate`, `floods` (closed in the rains), `rains` (the months, 1 to 12); `after` (sectors
        that must be built before it is begun).
    pieces
        Held pieces.
    inner
        Smaller lines that could be built first.
    """

    table: pd.DataFrame
    pieces: tuple[Piece, ...]
    inner: tuple[Inner, ...] = ()


def pieces_of(table: pd.DataFrame) -> tuple[Piece, ...]:
    """Take each sector for the enclosure of a piece of its own, or those of one `piece` together.

    Parameters
    ----------
    table
        With `sector`, `value_usd_yr` and, where sectors enclose a piece together, `piece`; the
        piece's value is then their sum.

    Returns
    -------
    tuple
        In the order of the table.

    Raises
    ------
    InputError
        Without those columns.
    """
    missing = [name for name in ("sector", "value_usd_yr") if name not in table]
    if missing:
        mend = "add it, or give pieces"
        raise InputError(
            [Fault("programme, packages", name, "no column", mend) for name in missing]
        )
    by = table["piece"] if "piece" in table else table["sector"]
    return tuple(
        Piece(
            str(name),
            float(rows["value_usd_yr"].sum()),
            tuple(int(sector) for sector in rows["sector"]),
        )
        for name, rows in table.groupby(by, sort=False)
    )
