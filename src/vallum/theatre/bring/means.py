"""What states have, their home bases and the partner's offer, from a user's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from vallum.errors import Fault
from vallum.theatre import means
from vallum.theatre.bring import fields
from vallum.theatre.bring.csvs import read_csv
from vallum.theatre.bring.provenance import GEOGRAPHIC, describe
from vallum.theatre.ways import points

if TYPE_CHECKING:
    from vallum.theatre.bring.area import Area
    from vallum.theatre.bring.sections import Config, MeansTable
    from vallum.theatre.model import Source

__all__ = ["read_means"]


def read_means(
    config: Config, area: Area
) -> tuple[dict[str, pd.DataFrame], list[Source], list[Fault]]:
    """Read the tables of `vallum.theatre.means` that the config names.

    Parameters
    ----------
    config
        What the user asked for.
    area
        Whose states may be named, and whose grid the bases lie on.

    Returns
    -------
    tables
        `forces`, `bases`, `offer`; empty where the config names none.
    sources, faults
        A record for each file, and all that is wrong.
    """
    tables = {name: means.empty(name) for name in means.NAMES}
    sources: list[Source] = []
    faults: list[Fault] = []
    for name in means.NAMES:
        layer: MeansTable | None = getattr(config, name)
        if layer is None:
            continue
        table, wrong = _read(layer, name, area)
        faults += wrong
        if table is None:
            continue
        tables[name] = table
        sources.append(
            describe(
                layer,
                name,
                crs_in=GEOGRAPHIC if name == "bases" else "",
                crs_out=area.grid.crs if name == "bases" else "",
                resampling="none",
                treatment="as it stands",
            )
        )
    return tables, sources, faults


def _read(layer: MeansTable, name: str, area: Area) -> tuple[pd.DataFrame | None, list[Fault]]:
    """Read one table; None where anything is wrong with it."""
    path = layer.file[0]
    if len(layer.file) > 1:
        return None, [Fault(str(path), name, f"{len(layer.file)} files", "give one table")]
    columns = list(means.COLUMNS[name])
    text, faults = read_csv(path, encoding=layer.encoding, columns=columns)
    if text is None:
        return None, faults
    table = pd.DataFrame(index=text.index)
    for column in columns:
        if column in means.NUMBERS:
            table[column], wrong = fields.numbers(str(path), column, text[column])
            faults += wrong
        else:
            table[column] = text[column].astype(object).where(text[column].notna(), None)
    if faults:
        return None, faults
    table.index = pd.RangeIndex(len(table)) if len(table) == 0 else table.index - 2
    known = pd.DataFrame({"iso3": list(area.order)})
    faults = [
        Fault(str(path), fault.place, fault.found, fault.mend)
        for fault in means.faults({"countries": known, name: table})
    ]
    if faults:
        return None, faults
    table = table.reset_index(drop=True)
    if name == "bases":
        table = pd.DataFrame(points(table, area.grid).drop(columns="geometry"))
        faults = _elsewhere(path.name, table, area)
    return (None if faults else table), faults


def _elsewhere(where: str, table: pd.DataFrame, area: Area) -> list[Fault]:
    """Name the bases whose cell is another state's; those off the grid are not looked at."""
    out = []
    for number, row in table.iterrows():
        if row["row"] < 0:
            continue
        code = int(area.state[row["row"], row["col"]])
        if code >= 0 and area.order[code] != row["state"]:
            found = f"{row['place']} of {row['state']} lies in {area.order[code]}"
            mend = "correct lon, lat or the state; lon comes first"
            out.append(Fault(where, f"row {int(str(number)) + 2}", found, mend))
    return out
