"""What each sector of a line takes: its bill, shared out by where the line stands."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pyproj import Transformer
from scipy import ndimage

from vallum.forces.calendar import rains_of
from vallum.line.trace import Rim, crossings
from vallum.theatre.surface import CLIMATES, SOIL, WATER, WETLAND

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.forces.programme_settings import ProgrammeSettings
    from vallum.line import Course
    from vallum.theatre import Theatre
    from vallum.works import Works

__all__ = ["amounts", "floods", "pieces_on", "sector_rows", "sectors_of_line"]

_RAINY = ("Af", "Am", "As", "Aw", "BSh", "BSk")


def floods(theatre: Theatre) -> NDArray[np.bool_]:
    """Mark ground that floods in the rains, shape (rows, cols).

    Wetland and water; cells with a river; soil in a climate with rains. Sand drains and rock bears:
    both are judgements, for lack of a map of what the rains close.
    """
    surface, climate = (theatre.ground[name].to_numpy() for name in ("surface", "climate"))
    rainy = np.isin(climate, [CLIMATES.index(name) for name in _RAINY])
    wet = np.isin(surface, (WETLAND, WATER)) | theatre.ground["river"].to_numpy()
    return np.asarray(wet | ((surface == SOIL) & rainy))


def pieces_on(held: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Give each connected piece of land a number by size, from 0; −1 elsewhere."""
    label, count = ndimage.label(held)
    rank = np.full(count + 1, -1)
    area = np.bincount(label.ravel(), minlength=count + 1)[1:]
    rank[1 + np.argsort(-area, kind="stable")] = np.arange(count)
    return np.asarray(rank[label], np.int64)


def amounts(theatre: Theatre, works: Works, course: Course, *, man_usd_yr: float) -> pd.DataFrame:
    """Share the bill of a line among the edges of its boundary.

    Parameters
    ----------
    theatre, works
        The ground, and what stands on each cell.
    course
        The line.
    man_usd_yr
        Cost of one man on duty, rotation included.

    Returns
    -------
    pandas.DataFrame
        One row per edge, in the order of `Course.table`: `cell` (flat, the held one), `length_km`,
        `company_days`, `capital_usd`, `cover_usd`, `running_usd_yr`, `haul_tkm` and `t_MATERIAL`.
    """
    rim, price = course.by_cell, works.closure_usd_km_yr.ravel()
    built = np.divide(rim.cost_usd_yr, price, out=np.zeros(price.size), where=price > 0)
    on = np.flatnonzero(built > 0)
    rows = works.priced_as.ravel()[on]
    used = np.unique(rows)
    unit = pd.DataFrame([_per_km(works, int(row), man_usd_yr) for row in used], index=used)
    unit = unit.fillna(0.0).reindex(rows)
    gates = _gates(works, man_usd_yr)
    columns: dict[str, NDArray[np.float64]] = {"length_km": rim.length_km}
    for name in dict.fromkeys([*unit.columns, *gates]):
        each = unit[name].to_numpy(np.float64) if name in unit else np.zeros(on.size)
        whole = np.zeros(price.size)
        whole[on] = built[on] * (each + (gates[name].ravel()[on] if name in gates else 0.0))
        columns[name] = whole
    cells = [run.cells for run in course.runs]
    out = {"cell": np.concatenate(cells) if cells else np.zeros(0, np.int64)}
    for name, whole in columns.items():
        shares = crossings(course.runs, Rim(rim.length_km, whole), theatre.grid)
        out[name] = np.concatenate([share.cost_usd_yr for share in shares] or [np.zeros(0)])
    return pd.DataFrame(out)


def _per_km(works: Works, row: int, man_usd_yr: float) -> dict[str, float]:
    """Say what one kilometre of a composition takes on its ground, fittings at wadis included."""
    made = works.compositions.iloc[row]
    ground, items = works.ground.classes[works.ground_row[row]], works.catalogue.items
    out = {
        "company_days": float(made["company_days_km"]),
        "capital_usd": float(made["capital_usd_km"]),
        "cover_usd": float(made["cover_usd_km"]),
        "running_usd_yr": float(made["upkeep_usd_km_yr"]) + man_usd_yr * float(made["men_per_km"]),
        "haul_tkm": 0.0,
    }
    quantities = dict(works.choices[row].quantities)
    for key, number in works.choices[row].quantities.items():
        fitting = items[key].wadi
        if fitting and items[key].unit == "km":
            quantities[fitting] = quantities.get(fitting, 0.0) + number * ground.wadis_per_km
    for key, number in quantities.items():
        for material, each in items[key].material.items():
            tonnes = each.mode * number * works.catalogue.materials[material].t_per_unit.mode
            away = ground.haul_km.get(material, 0.0)
            out[f"t_{material}"] = out.get(f"t_{material}", 0.0) + tonnes
            out["haul_tkm"] += tonnes * away if math.isfinite(away) else 0.0
    return out


def _gates(works: Works, man_usd_yr: float) -> dict[str, NDArray[np.float64]]:
    """Say what the gates on one kilometre take, by cell."""
    if works.gates is None:
        return {}
    items, gates = works.catalogue.items, works.gates
    none = np.zeros(gates.capital_usd.shape)
    out = {
        "company_days": none.copy(),
        "capital_usd": gates.capital_usd,
        "running_usd_yr": man_usd_yr * gates.men,
    }
    for key, per_km in gates.per_km.items():
        item = items[key]
        days = 0.0 if item.build_days is None else item.build_days.mode
        upkeep = item.upkeep_usd_yr.mode
        out["company_days"] = out["company_days"] + days * per_km
        out["running_usd_yr"] = out["running_usd_yr"] + upkeep * per_km
        for material, each in item.material.items():
            tonnes = each.mode * works.catalogue.materials[material].t_per_unit.mode
            out[f"t_{material}"] = out.get(f"t_{material}", none) + tonnes * per_km
    return out


def sectors_of_line(course: Course, sectors: pd.DataFrame) -> NDArray[np.int64]:
    """Say to which sector each edge of a line belongs.

    Parameters
    ----------
    course
        The line.
    sectors
        Its `line`, `sector` and `length_km`, in order along each line.

    Returns
    -------
    sector
        Shape (edges,), in the order of `Course.table`.
    """
    out = []
    for number, share in enumerate(course.shares):
        own = sectors[sectors["line"] == number]
        ends = np.cumsum(own["length_km"].to_numpy())
        middle = np.cumsum(share.length_km) - share.length_km / 2.0
        place = np.minimum(np.searchsorted(ends, middle, side="right"), len(own) - 1)
        out.append(own["sector"].to_numpy(np.int64)[place])
    return np.concatenate(out) if out else np.zeros(0, np.int64)


def sector_rows(
    theatre: Theatre,
    along: pd.DataFrame,
    of_edge: NDArray[np.int64],
    settings: ProgrammeSettings,
) -> pd.DataFrame:
    """Add up edges by sector, and say when the rains close each.

    Parameters
    ----------
    theatre
        For climate and ground.
    along
        From `amounts`.
    of_edge
        Sector of each edge.
    settings
        From which share of its length a sector floods, and rainy months that the user states.

    Returns
    -------
    pandas.DataFrame
        One row per sector in ascending number, as in `Packages.table` without `state`.
    """
    km = along["length_km"].to_numpy()
    cells = along["cell"].to_numpy(np.int64)
    sums = along.drop(columns="cell").groupby(of_edge).sum()
    climate = theatre.ground["climate"].to_numpy().ravel()[cells]
    wet = floods(theatre).ravel()[cells]
    table = sums.rename_axis("sector").reset_index()
    owns = [of_edge == sector for sector in table["sector"]]
    main = [CLIMATES[int(np.bincount(climate[own], km[own]).argmax())] for own in owns]
    share = [float(km[own & wet].sum()) / max(float(km[own].sum()), 1e-12) for own in owns]
    middle = np.array([cells[own][own.sum() // 2] for own in owns], np.int64)
    closed = [
        rains_of(name, latitude, settings.rains) if part >= settings.flood_share else ()
        for name, latitude, part in zip(main, _latitudes(theatre, middle), share, strict=True)
    ]
    table["climate"] = main
    table["floods"] = [part >= settings.flood_share for part in share]
    table["rains"] = pd.Series(closed, dtype=object)
    return table


def _latitudes(theatre: Theatre, cells: NDArray[np.int64]) -> list[float]:
    """Give the latitude of some cells, degrees."""
    row, col = np.divmod(cells, theatre.grid.cols)
    to_degrees = Transformer.from_crs(theatre.grid.crs, "EPSG:4326", always_xy=True)
    _, north = to_degrees.transform(theatre.grid.x[col], theatre.grid.y[row])
    return [float(value) for value in north]
