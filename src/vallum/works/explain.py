"""Why these works stand here: the ground, the candidates, the winner, and why the others lost."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.errors import Fault, InputError
from vallum.works.compose import allowed
from vallum.works.cost import stands, unit_costs
from vallum.works.effect import effects, sensitivities
from vallum.works.equivalent import lawful_equivalent
from vallum.works.law import barred, legal_status
from vallum.works.opponent import covered_pace
from vallum.works.tasks import Scene, crossing, response_s

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vallum.works.catalogue import Item
    from vallum.works.compose import Composition
    from vallum.works.model import Works
    from vallum.works.settings import WorksSettings

__all__ = ["Explanation", "explain"]

_TOLERANCE = 1e-12


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why a composition stands in a cell.

    Attributes
    ----------
    row, col
        The cell.
    ground
        Its class: name of a figure and its value, in words.
    chosen
        The row of `Works.compositions`.
    bank
        Whether the cell is water, and the works those of the nearest land.
    barren
        Whether no post can stand there, and the works are those of the nearest ground on which one
        can.
    buildable
        Whether a line may stand there.
    rule
        By which it was chosen, of `WorksSettings.rule`.
    at_stake_usd_km_yr
        What crossings would cost there if none were stopped; NaN where not known.
    gates
        Gates per km by id, and their USD/km/yr under "cost_usd_km_yr".
    candidates
        Number of lawful compositions there.
    frontier
        Those that nothing cheaper equals, from the cheapest: `composition`, `cost_usd_km_yr`,
        `p_e`, `chosen`.
    tasks
        The crossing that is worst for us: `task`, `detection`, `delay_s`, `delay_sd_s`, `detected`
        (where in the task).
    path
        That crossing in words.
    response_s
        Mean and standard deviation of the response's time.
    others
        One row per item that is not in the choice: `item`, `text`, `why` it is not, and the nearest
        composition that has it: `composition`, `cost_usd_km_yr`, `p_e` (NaN where there is none).
    doubts
        What the effect hangs on: `figure`, `low`, `high` (P_E with it at its ends), `per_percent`.
    barred
        One row per barred item: `item`, `text`, `rule`, `rule_text`, `price_usd_km_yr` had it been
        allowed (harm not counted), `equivalent` (lawful barriers that delay as long),
        `equivalent_usd_km_yr`, `saved_usd_km_yr` (the second less the first; negative where mines
        would have cost more), `short_s`.
    law
        One row per item of the catalogue and state, as `vallum.works.law.legal_status`: `item`,
        `state`, `status`, `rule`, `by_treaty`, `instruments`, `source`.
    """

    row: int
    col: int
    ground: dict[str, str]
    chosen: pd.Series
    bank: bool
    barren: bool
    buildable: bool
    rule: str
    at_stake_usd_km_yr: float
    gates: dict[str, float]
    candidates: int
    frontier: pd.DataFrame
    tasks: pd.DataFrame
    path: str
    response_s: tuple[float, float]
    others: pd.DataFrame
    doubts: pd.DataFrame
    barred: pd.DataFrame
    law: pd.DataFrame


def explain(
    works: Works, row: int, col: int, settings: WorksSettings, *, states: Sequence[str]
) -> Explanation:
    """Explain the choice of works in a cell.

    Parameters
    ----------
    works
        Priced with these settings.
    row, col
        The cell.
    settings, states
        As for `price`.

    Returns
    -------
    Explanation
        Everything computed anew from the same figures.

    Raises
    ------
    InputError
        For a cell that is not on the grid.
    """
    if not (0 <= row < works.priced_as.shape[0] and 0 <= col < works.priced_as.shape[1]):
        found = f"row {row}, col {col} of a grid of {works.priced_as.shape}"
        raise InputError([Fault("works", "explain", found, "give a cell of the grid")])
    if works.standard is not None:
        settings = settings.model_copy(update={"standard": float(works.standard[row, col])})
    code = int(works.priced_as[row, col])
    number = works.ground_row[code]
    land, here = works.ground.classes[number], works.frontiers.classes[number]
    chosen = works.choices[code]
    scene = Scene(land, works.catalogue, settings, works.threat, works.ground.cover,
                  covered_pace(settings))  # fmt: skip
    point = int(works.compositions["point"].iloc[code])
    path = works.frontiers.paths[int(here.worst[point])]
    stake = works.at_stake_usd_km_yr
    return Explanation(
        row=row,
        col=col,
        ground=_ground(land.surface, land.slope, land.wadis_per_km, land.dunes, land.haul_km),
        chosen=works.compositions.iloc[code],
        bank=bool(works.composition[row, col] < 0 and not works.barren[row, col]),
        barren=bool(works.barren[row, col]),
        buildable=bool(works.buildable[row, col]),
        rule=settings.rule,
        at_stake_usd_km_yr=math.nan if stake is None else float(stake[row, col]),
        gates=_gates(works, row, col),
        candidates=here.options.count,
        frontier=pd.DataFrame(
            {
                "composition": [each.id for each in here.compositions],
                "cost_usd_km_yr": here.cost_usd_km_yr,
                "p_e": here.p_e,
                "chosen": np.arange(len(here.p_e)) == point,
            }
        ),
        tasks=_tasks(chosen, scene, path),
        path=path.describe(works.catalogue),
        response_s=response_s(chosen, scene),
        others=_others(chosen, scene, states),
        doubts=pd.DataFrame([row._asdict() for row in sensitivities(chosen, scene)]),
        barred=_barred(scene, states),
        law=legal_status(works.catalogue.items.values(), states).reset_index(),
    )


def _ground(surface: str, slope: float, wadis: float, dunes: float, haul: object) -> dict[str, str]:
    out = {
        "surface": surface,
        "slope, rise over run": f"{slope:.3f}",
        "wadis that a km of line crosses": f"{wadis:.2g}",
        "share that dunes move over": f"{dunes:.2g}",
    }
    for key, km in dict(haul).items():  # type: ignore[call-overload]
        out[f"haul of {key}, km"] = f"{km:.0f}" if math.isfinite(km) else "no road"
    return out


def _gates(works: Works, row: int, col: int) -> dict[str, float]:
    if works.gates is None:
        return {}
    out = {key: float(per_km[row, col]) for key, per_km in works.gates.per_km.items()}
    return {**out, "cost_usd_km_yr": float(works.gates.mode[row, col])}


def _tasks(chosen: Composition, scene: Scene, path: object) -> pd.DataFrame:
    tasks = crossing(chosen, path, scene)  # type: ignore[arg-type]
    lines = [key for key in chosen.quantities if scene.catalogue.items[key].slot == "line"]
    names = [*lines, *chosen.barriers, *([chosen.track] if chosen.track else []), "run"]
    approach = [f"approach {n + 1}" for n in range(len(tasks) - len(names))]
    return pd.DataFrame(
        [(name, *task) for name, task in zip([*approach, *names], tasks, strict=True)],
        columns=["task", "detection", "delay_s", "delay_sd_s", "detected"],
    )


def _others(chosen: Composition, scene: Scene, states: Sequence[str]) -> pd.DataFrame:
    """Say of every item that is not chosen why: put it in, and see."""
    catalogue, settings = scene.catalogue, scene.settings
    usable = {item.id for item in allowed(catalogue, settings, states)}
    rows = []
    for item in catalogue.items.values():
        if item.role not in ("barrier", "sensor", "track", "fort") or item.id in chosen.quantities:
            continue
        rule = barred(item, states)
        if rule is not None:
            rows.append((item.id, item.text, f"barred: {rule.name}", "", math.nan, math.nan))
        elif (fitting := catalogue.items.get(item.wadi)) and (rule := barred(fitting, states)):
            why = f"its fitting is barred: {rule.name}"
            rows.append((item.id, item.text, why, "", math.nan, math.nan))
        elif item.id not in usable:
            rows.append((item.id, item.text, "left out by the settings", "", math.nan, math.nan))
        elif not stands([item], [scene.ground], catalogue)[0, 0]:
            rows.append((item.id, item.text, _cannot(item, scene), "", math.nan, math.nan))
        else:
            rows.append((item.id, item.text, *_nearest(item, chosen, scene)))
    columns = ["item", "text", "why", "composition", "cost_usd_km_yr", "p_e"]
    return pd.DataFrame(rows, columns=columns)


def _cannot(item: Item, scene: Scene) -> str:
    """Say why an item can't stand on a ground."""
    if scene.ground.surface not in item.ground:
        return f"can't stand on {scene.ground.surface}"
    if item.slope_max is not None and scene.ground.slope > item.slope_max.mode:
        return f"too steep: {scene.ground.slope:.2f} over {item.slope_max.mode:.2f}"
    return "no road brings its material, or its fitting can't stand there"


def _nearest(item: Item, chosen: Composition, scene: Scene) -> tuple[str, str, float, float]:
    """Put an item in the choice in every way it can be, and tell of the best."""
    tried = list(_with(item, chosen, scene))
    if not tried:
        return "the settings leave no place for it", "", math.nan, math.nan
    found = effects(tried, scene)
    used = sorted({key for each in (*tried, chosen) for key in each.quantities})
    each = unit_costs(
        [scene.catalogue.items[key] for key in used], [scene.ground], scene.catalogue,
        scene.settings,
    )[0]  # fmt: skip
    price = dict(zip(used, each.tolist(), strict=True))
    costs = np.array([_cost(works, price) for works in tried])
    base, base_e = _cost(chosen, price), float(effects([chosen], scene).p_e[0])
    standard = scene.settings.standard if scene.settings.rule == "one" else base_e
    meets = found.p_e >= min(standard, base_e) - _TOLERANCE
    if meets.any():
        best = int(np.flatnonzero(meets)[np.argmin(costs[meets])])
        why = f"would do, for {costs[best] - base:,.0f} USD/km/yr more"
    else:
        best = int(np.argmax(found.p_e))
        why = f"stops at most {found.p_e[best]:.2f} in its place"
    return why, tried[best].id, float(costs[best]), float(found.p_e[best])


def _cost(works: Composition, price: dict[str, float]) -> float:
    return math.fsum(number * price[key] for key, number in works.quantities.items())


def _with(item: Item, chosen: Composition, scene: Scene) -> Iterator[Composition]:
    """Give compositions like the chosen one that have an item: added, or in another's place."""
    settings = scene.settings
    if item.role == "barrier":
        if len(chosen.barriers) < settings.max_barriers:
            yield replace(chosen, barriers=(*chosen.barriers, item.id))
        for n in range(len(chosen.barriers)):
            kept = tuple(key for k, key in enumerate(chosen.barriers) if k != n)
            yield replace(chosen, barriers=(*kept, item.id))
    elif item.role == "track":
        yield replace(chosen, track=item.id)
    elif item.role == "fort":
        for km in item.spacing_km or settings.fort_spacings_km:
            yield replace(chosen, fort=item.id, fort_km=float(km))
    else:
        items = scene.catalogue.items
        rest = tuple(s for s in chosen.sensors if (items[s[0]].slot or "tower") != (
            item.slot or "tower"))  # fmt: skip
        line = item.slot == "line"
        for km in (0.0,) if line else item.spacing_km or settings.sensor_spacings_km:
            yield replace(chosen, sensors=(*rest, (item.id, float(km))))
            for fort_km in _spacings(chosen.fort, scene):
                yield replace(chosen, sensors=(*rest, (item.id, float(km))), fort_km=fort_km)


def _spacings(fort: str, scene: Scene) -> Iterator[float]:
    """Give the other spacings of a fort: a sensor may let forts stand further apart."""
    spacings = scene.catalogue.items[fort].spacing_km or scene.settings.fort_spacings_km
    return (float(km) for km in spacings)


def _barred(scene: Scene, states: Sequence[str]) -> pd.DataFrame:
    """Say what barred items would have cost, and what lawful works that delay as long do."""
    rows = []
    for item in scene.catalogue.items.values():
        rule = barred(item, states)
        if rule is None:
            continue
        priced = unit_costs([item], [scene.ground], scene.catalogue, scene.settings)[0, 0]
        ids, cost, short = lawful_equivalent(
            item, scene.ground, scene.catalogue, scene.settings, states
        )
        rows.append(
            (item.id, item.text, rule.name, rule.text, float(priced), "+".join(ids), cost,
             cost - float(priced), short)
        )  # fmt: skip
    columns = ["item", "text", "rule", "rule_text", "price_usd_km_yr", "equivalent",
               "equivalent_usd_km_yr", "saved_usd_km_yr", "short_s"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)
