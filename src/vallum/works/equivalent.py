"""What a barred item would have cost, and which lawful works delay as much."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.works.compose import lawful
from vallum.works.cost import price_items
from vallum.works.ground.model import GroundClass
from vallum.works.law import barred, bound, load_law
from vallum.works.tasks import Scene, ride_s

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vallum.works.catalogue import Catalogue, Item
    from vallum.works.compose import Composition
    from vallum.works.settings import WorksSettings

__all__ = ["Equivalent", "barred_table", "closer_forts", "equivalents_table", "lawful_equivalent"]

Equivalent = tuple[tuple[str, ...], float, float]


def lawful_equivalent(
    item: Item,
    surface: str,
    catalogue: Catalogue,
    settings: WorksSettings,
    states: Sequence[str],
) -> Equivalent:
    """Find the cheapest lawful barriers that delay every way of moving at least as long.

    Parameters
    ----------
    item
        A barred item; its mean delays are what is to be matched.
    surface
        The ground.
    catalogue, settings, states
        As for `price`; all lawful barriers count, whatever `include` and `max_barriers` say.

    Returns
    -------
    barriers
        Ids; where nothing delays as long, the barriers that come nearest.
    cost_usd_km_yr
        What they cost.
    short_s
        By how many seconds they fall short, in the way of moving where it is most; 0 if they don't.
        A second of delay and a second of faster response count alike in T − F, so that much faster
        a response makes it good.
    """
    usable = [i for i in lawful(catalogue, states) if i.role == "barrier" and surface in i.ground]
    best: tuple[float, float, tuple[str, ...]] | None = None
    for count in range(len(usable) + 1):
        for chosen in itertools.combinations(usable, count):
            short = max(
                0.0,
                *(
                    needed.mean - sum(barrier.delay_s[mode].mean for barrier in chosen)
                    for mode, needed in item.delay_s.items()
                ),
            )
            cost = float(price_items(chosen, np.ones((1, count)), settings).mode[0])
            candidate = (short, cost, tuple(barrier.id for barrier in chosen))
            if best is None or candidate < best:
                best = candidate
    if best is None:  # the empty choice is always there
        raise AssertionError("no choice of barriers, not even none")
    return best[2], best[1], best[0]


def closer_forts(
    short_s: float,
    works: Composition,
    surface: str,
    catalogue: Catalogue,
    settings: WorksSettings,
) -> tuple[float, float]:
    """Find how much closer forts must stand for a response that many seconds faster.

    Parameters
    ----------
    short_s
        Seconds to make good.
    works
        What stands there.
    surface, catalogue, settings
        As for `price`.

    Returns
    -------
    fort_spacing_km, cost_usd_km_yr
        The spacing needed and what it adds to the cost; (0, infinity) where none is close enough.
    """
    per_km, _ = ride_s(1.0, works, Scene(GroundClass(surface), catalogue, settings))
    spacing = works.fort_km - 2 * short_s / per_km
    if spacing <= 0:
        return 0.0, math.inf
    fort = catalogue.items[works.fort]
    more = np.array([[1 / spacing - 1 / works.fort_km]])
    return spacing, float(price_items([fort], more, settings).mode[0])


def equivalents_table(
    catalogue: Catalogue,
    settings: WorksSettings,
    states: Sequence[str],
    chosen: Mapping[str, Composition],
) -> pd.DataFrame:
    """Lawful equivalents of every barred item, on every surface of the theatre.

    Parameters
    ----------
    catalogue, settings, states
        As for `price`.
    chosen
        The composition chosen for each surface, whose forts would stand closer where barriers
        alone fall short.

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
        for surface, works in chosen.items():
            ids, cost, short = lawful_equivalent(item, surface, catalogue, settings, states)
            spacing, more = closer_forts(short, works, surface, catalogue, settings)
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
    return pd.DataFrame(rows)


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
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("item")
