"""What a barred item would have cost, and which lawful works delay as much."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.works.compose import lawful
from vallum.works.cost import price_items, unit_costs
from vallum.works.law import barred, bound, load_law
from vallum.works.tasks import ride_s

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vallum.works.catalogue import Catalogue, Item
    from vallum.works.compose import Composition
    from vallum.works.ground import GroundClass
    from vallum.works.settings import WorksSettings
    from vallum.works.tasks import Scene

__all__ = ["Equivalent", "barred_table", "closer_forts", "equivalents_table", "lawful_equivalent"]

Equivalent = tuple[tuple[str, ...], float, float]

_EQUIVALENTS = ("item", "surface", "equivalent", "short_s", "fort_spacing_km",
                "equivalent_usd_km_yr", "equivalent_met")  # fmt: skip
_BARRED = ("rule", "rule_name", "rule_text", "rule_source", "states_bound", "text", "harm",
           "price_low_usd_km_yr", "price_usd_km_yr", "price_high_usd_km_yr",
           *_EQUIVALENTS[1:])  # fmt: skip
_MOST = 4  # barriers one behind the other


def lawful_equivalent(
    item: Item,
    ground: GroundClass,
    catalogue: Catalogue,
    settings: WorksSettings,
    states: Sequence[str],
) -> Equivalent:
    """Find the cheapest lawful barriers that delay every way of moving at least as long.

    Parameters
    ----------
    item
        A barred item; its mean delays are what is to be matched.
    ground
        Where they would stand.
    catalogue, settings, states
        As for `price`; all lawful barriers count, whatever `include` and `max_barriers` say, up to
        four of them one behind the other.

    Returns
    -------
    barriers
        Ids; where nothing delays as long, the barriers that come nearest.
    cost_usd_km_yr
        What they cost there, haul and fittings included.
    short_s
        By how many seconds they fall short, in the way of moving where it is most; 0 if they don't.
        A second of delay and a second of faster response count alike in T − F, so that much faster
        a response makes it good.
    """
    barriers = [i for i in lawful(catalogue, states) if i.role == "barrier"]
    each = unit_costs(barriers, [ground], catalogue, settings)[0]
    usable = [(i, float(c)) for i, c in zip(barriers, each, strict=True) if math.isfinite(c)]
    modes = list(item.delay_s)
    needed = np.array([item.delay_s[mode].mean for mode in modes])
    delays = np.array([[i.delay_s[mode].mean for mode in modes] for i, _ in usable])
    best: tuple[float, float, tuple[str, ...]] | None = None
    for count in range(min(_MOST, len(usable)) + 1):
        for chosen in itertools.combinations(range(len(usable)), count):
            delay = delays[list(chosen)].sum(axis=0) if chosen else 0.0
            short = float(max(0.0, (needed - delay).max(initial=0.0)))
            cost = math.fsum(usable[n][1] for n in chosen)
            candidate = (short, cost, tuple(usable[n][0].id for n in chosen))
            if best is None or candidate < best:
                best = candidate
    if best is None:  # the empty choice is always there
        raise AssertionError("no choice of barriers, not even none")
    return best[2], best[1], best[0]


def closer_forts(short_s: float, works: Composition, scene: Scene) -> tuple[float, float]:
    """Find how much closer forts must stand for a response that many seconds faster.

    Parameters
    ----------
    short_s
        Seconds to make good.
    works
        What stands there.
    scene
        Its ground, catalogue and settings.

    Returns
    -------
    fort_spacing_km, cost_usd_km_yr
        The spacing needed and what it adds to the cost; (0, infinity) where none is close enough.
    """
    per_km, _ = ride_s(1.0, works, scene)
    spacing = works.fort_km - 2 * short_s / per_km
    if spacing <= 0:
        return 0.0, math.inf
    fort = scene.catalogue.items[works.fort]
    each = unit_costs([fort], [scene.ground], scene.catalogue, scene.settings)[0, 0]
    return spacing, float(each) * (1 / spacing - 1 / works.fort_km)


def equivalents_table(
    catalogue: Catalogue,
    settings: WorksSettings,
    states: Sequence[str],
    chosen: Mapping[str, tuple[Composition, Scene]],
) -> pd.DataFrame:
    """Lawful equivalents of every barred item, on every surface of the theatre.

    Parameters
    ----------
    catalogue, settings, states
        As for `price`.
    chosen
        By surface, its commonest class of ground and the composition chosen there, whose forts
        would stand closer where barriers alone fall short.

    Returns
    -------
    DataFrame
        `item`, `surface`, `equivalent` (ids joined by +), `short_s` (what barriers alone lack),
        `fort_spacing_km` (closer than the chosen one where that makes it good),
        `equivalent_usd_km_yr` (barriers and closer forts), `equivalent_met`.
    """
    law = load_law()
    rows = []
    for item in catalogue.items.values():
        if barred(item, states, law) is None:
            continue
        for surface, (works, scene) in chosen.items():
            ids, cost, short = lawful_equivalent(item, scene.ground, catalogue, settings, states)
            spacing, more = closer_forts(short, works, scene)
            rows.append(
                {
                    "item": item.id,
                    "surface": surface,
                    "equivalent": "+".join(ids),
                    "short_s": short,
                    "fort_spacing_km": spacing,
                    "equivalent_usd_km_yr": cost + more,
                    "equivalent_met": math.isfinite(more),
                }
            )
    return pd.DataFrame(rows, columns=list(_EQUIVALENTS))


def barred_table(
    catalogue: Catalogue,
    settings: WorksSettings,
    states: Sequence[str],
    equivalents: pd.DataFrame,
    surface: str,
) -> pd.DataFrame:
    """List what is barred, by which rule, at which price, and what stands in for it.

    Parameters
    ----------
    catalogue, settings, states
        As for `price`.
    equivalents
        From `equivalents_table`.
    surface
        The ground for which the equivalent is shown.

    Returns
    -------
    DataFrame
        One row per barred item, indexed by its id; columns as in `Works.barred`.
    """
    law = load_law()
    rows = {}
    for item in catalogue.items.values():
        rule = barred(item, states, law)
        if rule is None:
            continue
        cost = price_items([item], np.ones((1, 1)), settings)
        row = equivalents[(equivalents["item"] == item.id) & (equivalents["surface"] == surface)]
        rows[item.id] = {
            "rule": rule.id,
            "rule_name": rule.name,
            "rule_text": rule.text,
            "rule_source": rule.source,
            "states_bound": ", ".join(bound(states, law)) if rule.applies == "mine_ban" else "",
            "text": item.text,
            "harm": item.harm,
            "price_low_usd_km_yr": float(cost.low[0]),
            "price_usd_km_yr": float(cost.mode[0]),
            "price_high_usd_km_yr": float(cost.high[0]),
            **{name: row[name].iloc[0] for name in equivalents.columns if name != "item"},
        }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(_BARRED))
    return table.rename_axis("item")
