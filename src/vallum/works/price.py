"""What a kilometre of closed line costs on each ground: the cheapest lawful works that meet p*."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.errors import Fault, InputError, nearest
from vallum.kernel.arrays import frozen
from vallum.kernel.ledger import Assumption
from vallum.works.catalogue import SURFACES, load_catalogue
from vallum.works.compose import Composition, check, compositions
from vallum.works.cost import Cost, price_items
from vallum.works.doubt import effect_range
from vallum.works.effect import effects
from vallum.works.equivalent import barred_table, equivalents_table
from vallum.works.ground.model import GroundClass
from vallum.works.opponent import Opponent
from vallum.works.settings import WorksSettings, assumptions
from vallum.works.tasks import Scene, paths, response_s

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from vallum.works.catalogue import Catalogue

__all__ = ["Choice", "Works", "check", "choose", "price"]

_SEA, _WATER, _BANK = 0, 5, 3  # on water the bank's ground is priced
_TOLERANCE = 1e-12


@dataclass(frozen=True, eq=False)
class Choice:
    """The works chosen for one ground, and what was to choose from.

    Attributes
    ----------
    surface
        "sand", "rock", "soil" or "wetland".
    choices
        Every lawful composition there.
    cost
        Of each, per km.
    p_i
        Interruption, shape (compositions, modes).
    p_e
        P_I × P_N against the way of moving that is worst for us, shape (compositions,).
    best
        The chosen one's number.
    met
        Whether it meets p*; if not, it is the one that stops most.
    """

    surface: str
    choices: tuple[Composition, ...]
    cost: Cost
    p_i: NDArray[np.float64]
    p_e: NDArray[np.float64]
    best: int
    met: bool


@dataclass(frozen=True, eq=False)
class Works:
    """What to build, what it costs and what it stops, cell by cell.

    Attributes
    ----------
    closure_usd_km_yr
        USD per km of line and year, shape (rows, cols). On sea and water, where nothing can be
        built, the price of soil: the bank stands in, so that the price is defined everywhere.
    composition
        Row of `compositions` (its index), int16, shape (rows, cols); −1 on sea and water.
    compositions
        One row per composition used: `composition` (short name), `description`, `surface`, `items`
        (ids), `cost_low_usd_km_yr`, `cost_usd_km_yr`, `cost_high_usd_km_yr`, `capital_usd_km`,
        `upkeep_usd_km_yr`, `men_per_km` (on duty), `men_paid_per_km` (with rotation), `p_i` and
        `p_e` (against the worst way of moving, named in `worst_mode`), `p_e_low` and `p_e_high`,
        `p_n`, `p_i_MODE` for each way of moving,
        `standard_met`, `fort_spacing_km`, `response_s` (F: to the
        point midway between two forts and on to the intruders), `cells`.
    effectiveness
        P_E, shape (rows, cols); on sea and water that of the bank.
    standard_met
        Whether P_E reaches p*, shape (rows, cols). Where not, the composition is the one that
        stops most, and `status` says so.
    range
        (low, high) of the closure cost as multiples of it, the mean over the cells.
    barred
        One row per barred item: `rule`, `rule_name`, `rule_text`, `rule_source`, `states_bound`,
        `text`, `harm`, the price had it been allowed (`price_low_usd_km_yr`, `price_usd_km_yr`,
        `price_high_usd_km_yr`) and, for the commonest land, the columns of `equivalents`.
    equivalents
        The lawful works that delay as long, one row per barred `item` and `surface` of the
        theatre: `equivalent` (barriers), `short_s` (seconds by which they alone fall short),
        `fort_spacing_km` (closer forts that make it good), `equivalent_usd_km_yr`,
        `equivalent_met`.
    ledger
        The assumptions used.
    status
        "ok", or where the standard is not met.
    fingerprint
        Of the inputs.
    """

    closure_usd_km_yr: NDArray[np.float64]
    composition: NDArray[np.int16]
    compositions: pd.DataFrame
    effectiveness: NDArray[np.float64]
    standard_met: NDArray[np.bool_]
    range: tuple[float, float]
    barred: pd.DataFrame
    equivalents: pd.DataFrame
    ledger: tuple[Assumption, ...]
    status: str
    fingerprint: str


def price(
    surface: ArrayLike,
    *,
    settings: WorksSettings | None = None,
    states: Sequence[str],
    catalogue: Catalogue | None = None,
) -> Works:
    """Price a kilometre of closed line on every cell.

    Parameters
    ----------
    surface
        The theatre's codes, integers of shape (rows, cols): 0 sea, 1 sand, 2 rock, 3 soil,
        4 wetland, 5 water.
    settings
        What the works must do; the defaults if not given.
    states
        ISO3 codes of the members and partners, for the law.
    catalogue
        What can be built; if not given, the file that the settings name.

    Returns
    -------
    Works
        See there.

    Raises
    ------
    BarredError
        When a setting asks for something barred; it names the rule.
    InputError
        With every fault of the arguments.
    InfeasibleError
        When no composition is left to choose from.
    """
    settings = settings or WorksSettings()
    catalogue = catalogue or load_catalogue(settings.catalogue)
    codes = _codes(surface)
    check(settings, catalogue, states)
    present = [code for code in SURFACES if np.any(codes == code)]
    if _BANK not in present and np.any((codes == _SEA) | (codes == _WATER)):
        present.append(_BANK)
    chosen = {code: choose(SURFACES[code], catalogue, settings, states) for code in present}

    rows = {code: row for row, code in enumerate(chosen)}
    ground = np.where((codes == _SEA) | (codes == _WATER), _BANK, codes)
    row_of = np.full(6, -1)
    row_of[list(rows)] = list(rows.values())
    cell_row = row_of[ground]
    table = _table(chosen, catalogue, settings, np.bincount(cell_row.ravel(), minlength=len(rows)))
    closure = table["cost_usd_km_yr"].to_numpy(float)[cell_row]
    ends = [table[f"cost_{e}_usd_km_yr"].to_numpy(float)[cell_row] for e in ("low", "high")]
    mean = float(np.mean(closure)) or 1.0
    commonest = max(rows, key=lambda code: int(np.sum(ground == code)))
    best = {choice.surface: choice.choices[choice.best] for choice in chosen.values()}
    equivalents = equivalents_table(catalogue, settings, states, best)
    return Works(
        closure_usd_km_yr=frozen(closure),
        composition=frozen(np.where(codes == ground, cell_row, -1).astype(np.int16)),
        compositions=table,
        effectiveness=frozen(table["p_e"].to_numpy(float)[cell_row]),
        standard_met=frozen(table["standard_met"].to_numpy(bool)[cell_row]),
        range=(float(np.mean(ends[0])) / mean, float(np.mean(ends[1])) / mean),
        barred=barred_table(catalogue, settings, states, equivalents, SURFACES[commonest]),
        equivalents=equivalents,
        ledger=_ledger(chosen, catalogue, settings),
        status=_status(table, settings),
        fingerprint=_fingerprint(codes, settings, states, catalogue),
    )


def choose(
    surface: str, catalogue: Catalogue, settings: WorksSettings, states: Sequence[str]
) -> Choice:
    """Choose the works for one ground: the cheapest that meets p*, else the one that stops most.

    Parameters
    ----------
    surface
        "sand", "rock", "soil" or "wetland".
    catalogue, settings, states
        As for `price`.

    Returns
    -------
    Choice
        With everything that was to choose from.
    """
    scene = Scene(GroundClass(surface), catalogue, settings)
    choices = compositions(catalogue, settings, scene.ground, states)
    used = sorted({key for choice in choices for key in choice.quantities})
    quantities = np.zeros((len(choices), len(used)))
    for n, choice in enumerate(choices):
        for key, number in choice.quantities.items():
            quantities[n, used.index(key)] = number
    cost = price_items([catalogue.items[key] for key in used], quantities, settings)
    found = effects(choices, scene)
    p_i, p_e = found.p_i, found.p_e
    enough = p_e >= settings.standard - _TOLERANCE
    met = bool(enough.any())
    candidates = np.flatnonzero(enough if met else p_e >= p_e.max() - _TOLERANCE)
    order = np.lexsort((-p_e[candidates], cost.mode[candidates]))
    return Choice(surface, choices, cost, p_i, p_e, int(candidates[order[0]]), met)


def _codes(surface: ArrayLike) -> NDArray[np.int64]:
    raw = np.asarray(surface)
    mend = "give the theatre's surface codes, integers 0 to 5 by rows and columns"
    if raw.ndim != 2 or raw.size == 0 or not np.issubdtype(raw.dtype, np.integer):
        found = f"an array of {raw.dtype}, shape {raw.shape}"
        raise InputError([Fault("works", "surface", found, mend)])
    unknown = np.setdiff1d(raw, [_SEA, *SURFACES, _WATER])
    if unknown.size:
        found = "unknown codes " + ", ".join(str(code) for code in unknown[:5])
        raise InputError([Fault("works", "surface", found, mend)])
    return raw.astype(np.int64)


def _table(
    chosen: dict[int, Choice],
    catalogue: Catalogue,
    settings: WorksSettings,
    cells: NDArray[np.int64],
) -> pd.DataFrame:
    rows = []
    for row, choice in enumerate(chosen.values()):
        n = choice.best
        works = choice.choices[n]
        worst = int(np.argmin(choice.p_i[n]))
        p_i = float(choice.p_i[n, worst])
        p_e_low, p_e_high = effect_range(works, choice.surface, catalogue, settings)
        rows.append(
            {
                "composition": works.id,
                "description": works.describe(catalogue),
                "surface": choice.surface,
                "items": tuple(works.quantities),
                "cost_low_usd_km_yr": float(choice.cost.low[n]),
                "cost_usd_km_yr": float(choice.cost.mode[n]),
                "cost_high_usd_km_yr": float(choice.cost.high[n]),
                "capital_usd_km": float(choice.cost.capital_usd[n]),
                "upkeep_usd_km_yr": float(choice.cost.upkeep_usd_yr[n]),
                "men_per_km": float(choice.cost.men[n]),
                "men_paid_per_km": float(choice.cost.men[n]) * settings.rotation,
                "p_i": p_i,
                "p_n": float(choice.p_e[n]) / p_i if p_i > 0 else 0.0,
                "p_e": float(choice.p_e[n]),
                "p_e_low": p_e_low,
                "p_e_high": p_e_high,
                "worst_mode": paths(Opponent(), catalogue)[worst].approach,
                **{f"p_i_{m}": float(choice.p_i[n, k]) for k, m in enumerate(catalogue.modes)},
                "standard_met": choice.met,
                "fort_spacing_km": works.fort_km,
                "response_s": response_s(
                    works, Scene(GroundClass(choice.surface), catalogue, settings)
                )[0],
                "cells": int(cells[row]),
            }
        )
    return pd.DataFrame(rows).rename_axis("code")


def _status(table: pd.DataFrame, settings: WorksSettings) -> str:
    short = table[~table["standard_met"]]
    if short.empty:
        return "ok"
    where = ", ".join(
        f"{surface} (stops {p_e:.2f})"
        for surface, p_e in zip(short["surface"], short["p_e"], strict=True)
    )
    return (
        f"no lawful composition stops {settings.standard:g} of crossings on: {where}; "
        "the one that stops most is used there"
    )


def _ledger(
    chosen: dict[int, Choice], catalogue: Catalogue, settings: WorksSettings
) -> tuple[Assumption, ...]:
    """List settings, then the figures of items chosen or barred, then the speeds."""
    used = {key for choice in chosen.values() for key in choice.choices[choice.best].quantities}
    rows = list(assumptions(settings))
    for key, item in catalogue.items.items():
        if key in used or item.role == "mine":
            rows += [
                Assumption(f"works.{key}.{name}", f.mode, f.low, f.high, _unit(name), f.source)
                for name, f in item.figures()
            ]
    surfaces = {choice.surface for choice in chosen.values()}
    for mode in catalogue.modes.values():
        rows += [
            Assumption(f"works.{mode.id}.speed_kmh.{s}", f.mode, f.low, f.high, "km/h", f.source)
            for s, f in mode.speed_kmh.items()
            if s in surfaces
        ]
    return tuple(rows)


def _unit(name: str) -> str:
    units = {
        "capital_usd": "USD",
        "end_usd": "USD",
        "upkeep_usd_yr": "USD/yr",
        "life_yr": "yr",
        "men": "men",
        "delay_s": "s",
        "muster_s": "s",
        "sight_km": "km",
        "speed_kmh": "km/h",
    }
    return units.get(name.partition(".")[0], "probability")


def _fingerprint(
    codes: NDArray[np.int64], settings: WorksSettings, states: Sequence[str], catalogue: Catalogue
) -> str:
    content = [settings.model_dump_json(exclude={"catalogue"}), repr(sorted(states))]
    content += [
        repr((i.id, i.role, i.unit, sorted(i.ground), i.rides, i.weapon, tuple(i.figures())))
        for i in catalogue.items.values()
    ]
    content += [repr((mode.id, list(mode.speed_kmh.items()))) for mode in catalogue.modes.values()]
    digest = hashlib.sha256("\n".join([*content, repr(codes.shape)]).encode())
    digest.update(np.ascontiguousarray(codes).tobytes())
    return digest.hexdigest()[:16]
