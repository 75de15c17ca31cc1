"""What a kilometre of closed line is made of and costs, cell by cell.

On every class of ground the works are a point of its frontier of cost and effect: the cheapest that
meet the standard, or those that cost least together with the losses that still come through.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from vallum.errors import Fault, InfeasibleError, InputError
from vallum.kernel.arrays import frozen
from vallum.kernel.ledger import Assumption
from vallum.works.catalogue import SURFACES, load_catalogue
from vallum.works.compose import allowed, check
from vallum.works.cost import stands
from vallum.works.equivalent import barred_table, equivalents_table
from vallum.works.ground import Ground, GroundClass
from vallum.works.menu import frontier
from vallum.works.model import Works
from vallum.works.opponent import opponent
from vallum.works.settings import WorksSettings, assumptions
from vallum.works.sight import flat_cover
from vallum.works.table import status, table
from vallum.works.tasks import Scene

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from vallum.works.catalogue import Catalogue
    from vallum.works.compose import Composition
    from vallum.works.menu import Frontiers
    from vallum.works.people.gates import Gates

__all__ = ["effect_along", "plain_ground", "price"]

_ENDS = ("p_e_low", "p_e", "p_e_high")
_SEA, _WATER, _BANK = 0, 5, "soil"
_TOLERANCE = 1e-12  # as in the frontier's own choice


def plain_ground(surface: ArrayLike) -> Ground:
    """Take surfaces as classes of ground, level and dry, on which nothing hides anyone.

    Parameters
    ----------
    surface
        The theatre's codes, integers of shape (rows, cols): 0 sea, 1 sand, 2 rock, 3 soil,
        4 wetland, 5 water.

    Returns
    -------
    Ground
        A class per surface; soil where there is nothing but water.

    Raises
    ------
    InputError
        When they are no such codes.
    """
    raw = np.asarray(surface)
    mend = "give the theatre's surface codes, integers 0 to 5 by rows and columns"
    if raw.ndim != 2 or raw.size == 0 or not np.issubdtype(raw.dtype, np.integer):
        found = f"an array of {raw.dtype}, shape {raw.shape}"
        raise InputError([Fault("works", "surface", found, mend)])
    unknown = np.setdiff1d(raw, [_SEA, *SURFACES, _WATER])
    if unknown.size:
        found = "unknown codes " + ", ".join(str(code) for code in unknown[:5])
        raise InputError([Fault("works", "surface", found, mend)])
    present = [code for code in SURFACES if np.any(raw == code)]
    row_of = np.full(6, -1, np.int32)
    row_of[present] = np.arange(len(present))
    names = [SURFACES[code] for code in present] or [_BANK]
    return Ground(tuple(GroundClass(name) for name in names), frozen(row_of[raw]), flat_cover())


def price(  # noqa: PLR0913  (the grids of one problem, as the cut takes them)
    ground: Ground,
    *,
    settings: WorksSettings | None = None,
    states: Sequence[str],
    catalogue: Catalogue | None = None,
    gates: Gates | None = None,
    at_stake_usd_km_yr: NDArray[np.float64] | None = None,
    where: NDArray[np.bool_] | None = None,
    standard: NDArray[np.float64] | None = None,
) -> Works:
    """Choose the works for every cell, and price a kilometre of closed line there.

    Parameters
    ----------
    ground
        The classes of ground and their cells (`vallum.works.ground.classify`, or `plain_ground`).
    settings
        What the works must do; the defaults if not given.
    states
        ISO3 codes of the members and partners, for the law.
    catalogue
        What can be built; if not given, the file that the settings name.
    gates
        For those who may pass; none if not given.
    at_stake_usd_km_yr
        What crossings would cost if none were stopped, USD per km of line and year, shape (rows,
        cols). The rule "least_cost" needs it.
    where
        Where a line may stand, shape (rows, cols); all land if not given.
    standard
        p* by cell, shape (rows, cols), for the rule "one"; that of the settings if not given.

    Returns
    -------
    Works
        See there. Where no fort can stand at all, the works are those of the nearest ground where
        one can, as at sea, and no line may stand.

    Raises
    ------
    BarredError
        When a setting asks for something barred; it names the rule.
    InputError
        With every fault of the arguments.
    InfeasibleError
        When no composition is left to choose from, no fort can stand on any ground that is
        meant, or no lawful composition meets the standard on any of it and `where_short` is
        "avoid".
    """
    settings = settings or WorksSettings()
    catalogue = catalogue or load_catalogue(settings.catalogue)
    check(settings, catalogue, states)
    threat = opponent(settings, tuple(catalogue.modes))
    ground, barren = _fertile(ground, catalogue, settings, states)
    found = frontier(catalogue, ground, threat, settings=settings, states=states)
    of = _with_bank(ground.of)
    levels, level = _levels(standard, settings, of.shape)
    point = _points(found, of, settings, at_stake_usd_km_yr, levels, level)
    most = int(point.max()) + 1
    rows, cell_row = np.unique(
        np.stack([of.ravel(), (level * most + point).ravel()], axis=1), axis=0, return_inverse=True
    )
    used = [(int(a), int(b % most)) for a, b in rows]
    priced_as = cell_row.reshape(of.shape)
    land = ground.of >= 0
    if not _asked(land | barren, where)[land].any() and barren.any():
        raise _steep()
    asked = _asked(land, where)
    cells = np.bincount(priced_as[asked], minlength=len(used))
    made = table(used, found, ground, catalogue, settings, threat, cells)
    if settings.rule == "one":  # each row by the standard of its own land
        made["standard_met"] = (
            made["p_e"].to_numpy(float) >= levels[rows[:, 1] // most] - _TOLERANCE
        )
    works = made["cost_usd_km_yr"].to_numpy(np.float64)[priced_as]
    closure = works + (0.0 if gates is None else gates.mode)
    met = made["standard_met"].to_numpy(bool)[priced_as] & ~barren
    if settings.where_short == "avoid" and not met[asked].any():
        raise _nowhere(made, settings)
    buildable = met if settings.where_short == "avoid" else ~barren
    choices = tuple(found.classes[a].compositions[b] for a, b in used)
    grounds = _commonest(
        made,
        choices,
        lambda row: Scene(ground.classes[row], catalogue, settings, threat, ground.cover),
    )
    equivalents = equivalents_table(catalogue, settings, states, grounds)
    return Works(
        closure_usd_km_yr=frozen(closure),
        works_usd_km_yr=frozen(works),
        composition=frozen(np.where(land, priced_as, -1).astype(np.int16)),
        priced_as=frozen(priced_as.astype(np.int16)),
        compositions=made,
        choices=choices,
        ground_row=tuple(a for a, _ in used),
        ground=ground,
        frontiers=found,
        gates=gates,
        at_stake_usd_km_yr=None if at_stake_usd_km_yr is None else frozen(at_stake_usd_km_yr),
        effectiveness=frozen(made["p_e"].to_numpy(np.float64)[priced_as]),
        standard_met=frozen(met),
        buildable=frozen(buildable),
        barren=frozen(barren),
        effect=_effect(made, priced_as, asked, settings, at_stake_usd_km_yr),
        range=_range(made, priced_as, asked & buildable, gates, closure),
        barred=barred_table(catalogue, settings, states, equivalents, next(iter(grounds), _BANK)),
        equivalents=equivalents,
        catalogue=catalogue,
        threat=threat,
        ledger=(*_ledger(made, ground, catalogue, settings), *ground.ledger,
                *(() if gates is None else gates.ledger)),
        status=status(made, settings, int((barren & _asked(land | barren, where)).sum())),
        standard=None if standard is None else frozen(standard),
        fingerprint=_fingerprint(closure, priced_as, settings, states, catalogue),
    )  # fmt: skip


def effect_along(works: Works, length_km: NDArray[np.float64]) -> tuple[float, float, float]:
    """Give the share of what crosses a line that it stops, the mean by what is at stake.

    Parameters
    ----------
    works
        What stands on each cell, and what is at stake there.
    length_km
        Kilometres of line by cell, flat over the grid.

    Returns
    -------
    low, mid, high
        Of P_E; of `Works.effect` where there is no line, and the mean by length where nothing is at
        stake along it.
    """
    row = works.priced_as.ravel()
    stake = works.at_stake_usd_km_yr
    weight = length_km * (1.0 if stake is None else stake.ravel())
    if weight.sum() <= 0:
        weight = length_km
    if weight.sum() <= 0:
        return works.effect
    weight = weight / weight.sum()
    ends = (works.compositions[name].to_numpy(np.float64)[row] for name in _ENDS)
    low, mid, high = (float(end @ weight) for end in ends)
    return low, mid, high


def _fertile(
    ground: Ground, catalogue: Catalogue, settings: WorksSettings, states: Sequence[str]
) -> tuple[Ground, NDArray[np.bool_]]:
    """Leave out the classes where no fort can stand, as too steep; and mark their cells.

    Where no class can bear one, all stay, and `frontier` says what is wrong.
    """
    forts = [item for item in allowed(catalogue, settings, states) if item.role == "fort"]
    bears = np.asarray(stands(forts, ground.classes, catalogue).any(axis=1))
    if not bears.any() or bears.all():
        return ground, np.zeros(ground.of.shape, bool)
    row = np.where(bears, np.cumsum(bears) - 1, -1)
    of = np.where(ground.of >= 0, row[ground.of], -1).astype(np.int32)
    kept = tuple(land for land, ok in zip(ground.classes, bears.tolist(), strict=True) if ok)
    return replace(ground, classes=kept, of=frozen(of)), (ground.of >= 0) & (of < 0)


def _asked(land: NDArray[np.bool_], where: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    """Cells for which works are asked: the land that is meant, all land, or the banks of water."""
    here = land if where is None or not (land & where).any() else land & where
    return here if here.any() else np.ones_like(land)


def _nowhere(made: pd.DataFrame, settings: WorksSettings) -> InfeasibleError:
    """Say that no ground meets the standard, and how far it would have to be lowered."""
    most = made.loc[made["cells"] > 0, "p_e"].max()
    found = f"nothing lawful stops {settings.standard:g} of crossings on any ground"
    least = math.floor(1000 * most) / 1000
    ask = f"ask for at most {least:g}, " if least > 0 else ""
    mend = f"{ask}allow more items or closer forts, or set works.where_short=use"
    return InfeasibleError([Fault("works", "standard", found, mend)])


def _steep() -> InfeasibleError:
    """Say that all the land that is meant is too steep for a fort, and so for a line."""
    mend = "allow a fort that can stand on steeper ground: without one nothing is interrupted"
    return InfeasibleError([Fault("works", "ground", "no fort can stand on any of it", mend)])


def _with_bank(of: NDArray[np.int32]) -> NDArray[np.int64]:
    """Give sea and water the class of the nearest land; the first where there is none at all."""
    dry = of >= 0
    if not dry.any():
        return np.zeros(of.shape, np.int64)
    near = ndimage.distance_transform_edt(~dry, return_distances=False, return_indices=True)
    return np.asarray(of[tuple(near)], np.int64)


def _levels(
    standard: NDArray[np.float64] | None, settings: WorksSettings, shape: tuple[int, ...]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Give the standards that there are, and the number of each cell's own."""
    if standard is None:
        return np.array([settings.standard]), np.zeros(shape, np.int64)
    levels, level = np.unique(standard, return_inverse=True)
    return levels, np.asarray(level, np.int64).reshape(shape)


def _points(
    found: Frontiers,
    of: NDArray[np.int64],
    settings: WorksSettings,
    at_stake: NDArray[np.float64] | None,
    levels: NDArray[np.float64],
    level: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Pick a point of its class's frontier for every cell, by the rule."""
    if settings.rule == "one":
        point = np.zeros(of.shape, np.int64)
        for number, standard in enumerate(levels.tolist()):
            by_class: NDArray[np.int64] = found.closure(standard).point
            here = level == number
            point[here] = by_class[of[here]]
        return point
    if at_stake is None:
        mend = "set works.rule=one, or give a theatre whose journeys are known"
        text = "needs what crossings cost, and journeys are not known"
        raise InputError([Fault("works", "rule: least_cost", text, mend)])
    return np.asarray(found.least(at_stake, of).point)


def _commonest(
    made: pd.DataFrame, works: Sequence[Composition], at: Callable[[int], Scene]
) -> dict[str, tuple[Composition, Scene]]:
    """Give for each surface, the commonest first, its commonest class and what stands there."""
    order = made[made["cells"] > 0].sort_values("cells", ascending=False, kind="stable")
    area = order.groupby("surface", sort=False)["cells"].sum()
    rows = order.drop_duplicates("surface").set_index("surface")["ground"]
    number = order.drop_duplicates("surface").reset_index().set_index("surface")["code"]
    return {
        str(surface): (works[int(number[surface])], at(int(rows[surface])))
        for surface in area.sort_values(ascending=False, kind="stable").index
    }


def _effect(
    made: pd.DataFrame,
    priced_as: NDArray[np.int64],
    asked: NDArray[np.bool_],
    settings: WorksSettings,
    at_stake: NDArray[np.float64] | None,
) -> tuple[float, float, float]:
    """Say what share a line stops of what comes from outside."""
    on = np.zeros(asked.shape) if settings.rule == "one" or at_stake is None else at_stake
    weight = np.bincount(priced_as[asked], weights=on[asked], minlength=len(made))
    used = (made["cells"] > 0).to_numpy()
    if settings.where_short == "avoid":
        used = used & made["standard_met"].to_numpy(bool)
    ends = [made[name].to_numpy(np.float64) for name in _ENDS]
    if weight.sum() > 0:
        low, mid, high = (float(end @ weight / weight.sum()) for end in ends)
    else:
        low, mid, high = (float(end[used].min()) for end in ends)
    return low, mid, high


def _range(
    made: pd.DataFrame,
    priced_as: NDArray[np.int64],
    where: NDArray[np.bool_],
    gates: Gates | None,
    closure: NDArray[np.float64],
) -> tuple[float, float]:
    """Give the ends of the closure cost as multiples of it, the mean over some cells."""
    mean = float(np.mean(closure[where]))
    ends = []
    for end in ("low", "high"):
        cost = made[f"cost_{end}_usd_km_yr"].to_numpy(np.float64)[priced_as]
        cost = cost + (0.0 if gates is None else getattr(gates, end))
        ends.append(float(np.mean(cost[where])) / mean if mean > 0 else 1.0)
    return ends[0], ends[1]


def _ledger(
    made: pd.DataFrame, ground: Ground, catalogue: Catalogue, settings: WorksSettings
) -> tuple[Assumption, ...]:
    """List settings, then the figures of items used or barred, materials, then the speeds."""
    used = {key for keys in made.loc[made["cells"] > 0, "items"] for key in keys}
    used |= {catalogue.items[key].wadi for key in used}
    rows = list(assumptions(settings))
    for key, item in catalogue.items.items():
        if key in used or item.role == "mine":
            rows += [
                Assumption(f"works.{key}.{name}", f.mode, f.low, f.high, _unit(name), f.source)
                for name, f in item.figures()
            ]
    for key, material in catalogue.materials.items():
        f = material.t_per_unit
        unit = f"t/{material.unit}"
        rows.append(Assumption(f"works.{key}.t_per_unit", f.mode, f.low, f.high, unit, f.source))
    surfaces = {land.surface for land in ground.classes}
    for mode in catalogue.modes.values():
        rows += [
            Assumption(f"works.{mode.id}.speed_kmh.{s}", f.mode, f.low, f.high, "km/h", f.source)
            for s, f in mode.speed_kmh.items()
            if s in surfaces
        ]
    return tuple(rows)


_UNITS: Mapping[str, str] = MappingProxyType(
    {
        "capital_usd": "USD",
        "end_usd": "USD",
        "upkeep_usd_yr": "USD/yr",
        "life_yr": "yr",
        "men": "men",
        "delay_s": "s",
        "muster_s": "s",
        "sight_km": "km",
        "speed_kmh": "km/h",
        "slope_max": "rise over run",
        "burial": "multiple of upkeep",
        "build_days": "company-days",
        "material": "units",
        "height_m": "m",
        "responders": "men",
        "journeys_yr": "journeys/yr",
    }
)


def _unit(name: str) -> str:
    return _UNITS.get(name.partition(".")[0], "probability")


def _fingerprint(
    closure: NDArray[np.float64],
    rows: NDArray[np.int64],
    settings: WorksSettings,
    states: Sequence[str],
    catalogue: Catalogue,
) -> str:
    unread = {"catalogue"} if settings.standards else {"catalogue", "standards"}
    content = [settings.model_dump_json(exclude=unread), repr(sorted(states))]
    content += [
        repr((i.id, i.role, i.unit, sorted(i.ground), i.rides, i.weapon, tuple(i.figures())))
        for i in catalogue.items.values()
    ]
    content += [repr((mode.id, list(mode.speed_kmh.items()))) for mode in catalogue.modes.values()]
    digest = hashlib.sha256("\n".join([*content, repr(closure.shape)]).encode())
    for array in (closure, rows):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]
