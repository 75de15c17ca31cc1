"""What a programme may be asked: packages checked before anything is scheduled."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from vallum.forces.packages_model import Packages, Piece

__all__ = ["check"]

_WHERE = "programme, packages"
_NEEDED = ("sector", "state", "company_days", "capital_usd")
_AMOUNTS = ("length_km", "company_days", "capital_usd", "cover_usd", "running_usd_yr", "haul_tkm")


def check(packages: Packages) -> None:
    """Refuse packages that make no sense.

    Raises
    ------
    InputError
        With every fault: columns that are missing, amounts that are none, sectors named twice or
        not at all, circles among those that come after one another, floods without their months.
    """
    faults: list[Fault] = []
    tables = [("", packages.table), *((f"inner {i.name}: ", i.table) for i in packages.inner)]
    for where, table in tables:
        faults += _columns(where, table)
    if not faults:
        sectors = [int(sector) for sector in packages.table["sector"]]
        faults += _sectors(sectors, packages.pieces)
        faults += _after(packages.table)
        for inner in packages.inner:
            own = [int(sector) for sector in inner.table["sector"]]
            faults += _sectors([*sectors, *own], (inner.piece,))
            if inner.within not in {piece.name for piece in packages.pieces}:
                mend = "name one of the pieces"
                faults.append(Fault(_WHERE, f"inner {inner.name}", f"in {inner.within}", mend))
    if faults:
        raise InputError(faults)


def _columns(where: str, table: pd.DataFrame) -> list[Fault]:
    """Find columns that are missing, and amounts that are none."""
    faults = [Fault(_WHERE, where + name, "no column", "add it")
              for name in _NEEDED if name not in table]  # fmt: skip
    for name in (name for name in table if name in _AMOUNTS or str(name).startswith("t_")):
        for sector, amount in zip(table.get("sector", table.index), table[name], strict=True):
            if not math.isfinite(amount) or amount < 0:
                place = f"{where}{name}, sector {sector}"
                faults.append(Fault(_WHERE, place, f"{amount}", "give a number of at least 0"))
    if "floods" in table:
        rains = table["rains"] if "rains" in table else [()] * len(table)
        faults += [
            Fault(_WHERE, f"{where}rains, sector {sector}", f"{months}", "give months, 1 to 12")
            for sector, floods, months in zip(table["sector"], table["floods"], rains, strict=True)
            if floods and not (months and set(months) <= set(range(1, 13)))
        ]
    return faults


def _sectors(sectors: list[int], pieces: Sequence[Piece]) -> list[Fault]:
    """Find sectors named twice, and pieces that name others."""
    known = set(sectors)
    twice = sorted(sector for sector in known if sectors.count(sector) > 1)
    faults = [Fault(_WHERE, f"sector {sector}", "named twice", "name it once") for sector in twice]
    for piece in pieces:
        lost = sorted(set(piece.sectors) - known)
        if lost:
            mend = "name sectors of the table"
            faults.append(Fault(_WHERE, piece.name, f"unknown sectors {lost}", mend))
        if not math.isfinite(piece.value_usd_yr) or piece.value_usd_yr < 0:
            mend = "give a number of at least 0"
            faults.append(Fault(_WHERE, piece.name, f"value {piece.value_usd_yr}", mend))
    return faults


def _after(table: pd.DataFrame) -> list[Fault]:
    """Find sectors that come after unknown ones or, in a circle, after themselves."""
    if "after" not in table:
        return []
    before = {
        int(sector): {int(other) for other in others or ()}
        for sector, others in zip(table["sector"], table["after"], strict=True)
    }
    faults = [
        Fault(_WHERE, f"after, sector {sector}", f"unknown sectors {sorted(lost)}", "name others")
        for sector, others in before.items()
        for lost in [others - before.keys()]
        if lost
    ]
    left = dict(before)
    while True:
        free = [sector for sector, others in left.items() if not others & left.keys()]
        if not free:
            break
        for sector in free:
            del left[sector]
    if left:
        mend = "let none come after itself"
        faults.append(Fault(_WHERE, "after", f"a circle among sectors {sorted(left)}", mend))
    return faults
