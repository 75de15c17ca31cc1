"""Small worlds of a campaign, made by hand, for tests of the exact answers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from vallum.campaign.model import World

INF = np.inf


def small_world(entries, *, bases=None, out=None, into=None, held=1, p_n=0.8):
    """Give a world.

    Parameters
    ----------
    entries
        (kind, sector, facing, length_km, stop) of each.
    bases
        (iso3, weight, inside) of each; default one in XXX.
    out, into
        Hours; default 1 everywhere.
    held
        Number of targets held, all attacked as often, or their attacks a year.
    p_n
        Chance that a response wins, of all entries or of each.
    """
    bases = bases or [("XXX", 1.0, False)]
    attacks = [10.0] * held if isinstance(held, int) else list(held)
    first, last, ways = len(bases), len(attacks), len(entries)
    base = pd.DataFrame(bases, columns=["iso3", "weight", "inside"])
    base = base.assign(name="base", region="r", kind="zone", group=range(first), row=0, col=0)
    target = pd.DataFrame({"attacks_yr": np.array(attacks, float)})
    target = target.assign(name="t", iso3="YYY", region="r", side="held", row=0, col=0)
    target = target.assign(resident=0.3, people=1.0, output_usd_yr=1.0, deaths_per_attack=1.0,
                           lost_usd_per_attack=1.0, displaced_per_attack=1.0)  # fmt: skip
    entry = pd.DataFrame(entries, columns=["kind", "sector", "facing", "length_km", "stop"])
    entry = entry.assign(stop_low=0.0, stop_high=1.0, p_n=p_n, forts=1, covered_month=0.0,
                         row=0, col=0)  # fmt: skip
    return World(
        bases=base,
        targets=target,
        entries=entry,
        direct=np.full((first, last), INF),
        out=np.ones((first, ways)) if out is None else np.array(out, float).reshape(first, ways),
        into=np.ones((ways, last)) if into is None else np.array(into, float).reshape(ways, last),
        theta=1.0,
        months=(12,),
    )
