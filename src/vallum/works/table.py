"""The compositions that are used, as a table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vallum.works.cost import price_on
from vallum.works.doubt import effect_range
from vallum.works.effect import effects
from vallum.works.opponent import covered_pace
from vallum.works.tasks import Path, Scene, crossing, response_s

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.works.catalogue import Catalogue
    from vallum.works.compose import Composition
    from vallum.works.cost import Cost
    from vallum.works.ground import Ground
    from vallum.works.menu import Frontiers
    from vallum.works.opponent import Opponent
    from vallum.works.settings import WorksSettings
    from vallum.works.sight import Cover

__all__ = ["status", "table"]


def table(
    used: Sequence[tuple[int, int]],
    frontiers: Frontiers,
    ground: Ground,
    catalogue: Catalogue,
    settings: WorksSettings,
    threat: Opponent,
    cells: NDArray[np.int64],
) -> pd.DataFrame:
    """Describe what is used.

    Parameters
    ----------
    used
        Class of ground and point of its frontier, for each row.
    frontiers, ground, catalogue, settings, threat
        As for `vallum.works.price`.
    cells
        Number of cells of each row.

    Returns
    -------
    DataFrame
        Columns as in `Works.compositions`.
    """
    rows = []
    prices = _prices(used, frontiers, ground, catalogue, settings)
    once: dict[tuple[Composition, str, int], dict[str, Any]] = {}
    for number, (of, point) in enumerate(used):
        here, land = frontiers.classes[of], ground.classes[of]
        works = here.compositions[point]
        # wadis, dunes and haul change what works cost and not what they stop
        alike = (works, land.surface, land.cover)
        if alike not in once:
            scene = Scene(land, catalogue, settings, threat, ground.cover, covered_pace(settings))
            once[alike] = _effect(works, scene, ground.cover_ends)
        p_e = float(here.p_e[point])
        rows.append(
            {
                "composition": works.id,
                "description": works.describe(catalogue),
                "surface": land.surface,
                "ground": of,
                "point": point,
                "items": tuple(works.quantities),
                **prices[number],
                **once[alike],
                "p_i": float(here.p_i[point]),
                "p_n": float(here.p_n[point]),
                "p_e": p_e,
                "worst_path": frontiers.paths[int(here.worst[point])].describe(catalogue),
                "standard_met": settings.rule != "one" or p_e >= settings.standard - 1e-12,
                "fort_spacing_km": works.fort_km,
                "candidates": here.options.count,
                "cells": int(cells[number]),
            }
        )
    return pd.DataFrame(rows).rename_axis("code")


def _effect(works: Composition, scene: Scene, covers: tuple[Cover, Cover] | None) -> dict[str, Any]:
    """Say how far its effect may be off, and what else its crossing rests on."""
    found = effects([works], scene)
    doubt = effect_range(works, scene, covers, found)
    delays = zip(found.modes, found.delay_s[0], strict=True)
    return {
        **doubt._asdict(),
        "seen": _seen(works, scene),
        "response_s": response_s(works, scene)[0],
        **{f"delay_s_{mode}": float(delay) for mode, delay in delays},
    }


def _seen(works: Composition, scene: Scene) -> float:
    """Probability that people who cross on foot, and don't hide, are seen and reported."""
    path = Path("foot", covered=False, breach="foot", run="foot")
    if path.approach not in scene.catalogue.modes:
        first = next(iter(scene.catalogue.modes))
        path = Path(first, covered=False, breach=first, run=first)
    unseen = math.prod(1.0 - task[0] for task in crossing(works, path, scene))
    return scene.settings.communication * (1.0 - unseen)


def _prices(
    used: Sequence[tuple[int, int]],
    frontiers: Frontiers,
    ground: Ground,
    catalogue: Catalogue,
    settings: WorksSettings,
) -> list[dict[str, float]]:
    """Price every composition on its class of ground, with its range.

    Those of the same items are priced together, on all their classes.
    """
    alike: dict[tuple[str, ...], dict[int, list[int]]] = {}
    for row, (of, point) in enumerate(used):
        works = frontiers.classes[of].compositions[point]
        alike.setdefault(tuple(works.quantities), {}).setdefault(of, []).append(row)
    prices: dict[int, dict[str, float]] = {}
    for keys, rows in alike.items():
        each = [
            np.array([[*frontiers.classes[of].compositions[used[n][1]].quantities.values()]
                      for n in numbers])
            for of, numbers in rows.items()
        ]  # fmt: skip
        found = price_on(
            [catalogue.items[key] for key in keys],
            each,
            settings,
            classes=[ground.classes[of] for of in rows],
            catalogue=catalogue,
        )
        for cost, numbers in zip(found, rows.values(), strict=True):
            prices |= {n: _price(cost, at, settings) for at, n in enumerate(numbers)}
    return [prices[row] for row in range(len(used))]


def _price(cost: Cost, at: int, settings: WorksSettings) -> dict[str, float]:
    """Give the prices of one combination."""
    spans = cost.spans
    return {
        "cost_low_usd_km_yr": float(cost.low[at]),
        "cost_usd_km_yr": float(cost.mode[at]),
        "cost_high_usd_km_yr": float(cost.high[at]),
        "capital_usd_km": float(cost.capital_usd[at]),
        "built_usd_km": float(spans["built_usd"].mode[at]),
        "cover_usd_km": float(spans["cover_usd"].mode[at]),
        "upkeep_usd_km_yr": float(cost.upkeep_usd_yr[at]),
        "men_per_km": float(cost.men[at]),
        "men_paid_per_km": float(cost.men[at]) * settings.rotation,
        "company_days_km": float(spans["engineer_days"].mode[at]),
    }


def status(made: pd.DataFrame, settings: WorksSettings, barren: int = 0) -> str:
    """Say where the standard is not met, by surface, with the least that is stopped there.

    Parameters
    ----------
    made, settings
        From `table`, and its settings.
    barren
        Cells that bear no fort, and so no line.
    """
    short = made[~made["standard_met"] & (made["cells"] > 0)]
    total = made["cells"].sum() + barren
    steep = f"on {_percent(barren / total)} of the land no post can stand, and no line"
    if short.empty:
        return steep if barren else "ok"
    least = short.groupby("surface", sort=False)["p_e"].min()
    where = ", ".join(f"{surface} (stops {p_e:.2f})" for surface, p_e in least.items())
    share = short["cells"].sum() / total
    asked = f"{settings.standard:g}"
    if settings.standards:
        several = {settings.standard, *(part.standard for part in settings.standards)}
        asked = f"what is asked there ({min(several):g} to {max(several):g})"
    used = "no line stands there" if settings.where_short == "avoid" else (
        "the one that stops most is used there")  # fmt: skip
    return (
        f"no lawful composition stops {asked} of crossings on "
        f"{_percent(share)} of the land, on parts of: {where}; {used}"
        + (f"; {steep}" if barren else "")
    )


def _percent(share: float) -> str:
    """Write a share in per cent, with two digits at most, and nothing rounded to none or all."""
    value = 100.0 * share
    if 0 < value < 0.1:
        return "under 0.1 %"
    if 99.5 <= value < 100:
        return "over 99 %"
    return f"{value:.0f} %" if value >= 10 else f"{value:.2g} %"
