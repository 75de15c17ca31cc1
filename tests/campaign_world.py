"""Small random worlds for the campaign's tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from vallum.campaign.model import Chosen, Means, World

PLAIN = Chosen(
    reach=0.6, range_h=12.0, risk=1.0, still=0.5, persist=0.5, hearsay=0.5, hearsay_weight=5.0,
    memory=0.7, again=0.3, lost=0.2, bands_per_journey_yr=0.25, recruits=0.5, bought=0.1,
    fort_pull=0.2, effect=1.0, deaths=1.0, lost_usd=1.0, displaced=1.0,
)  # fmt: skip
DULL = replace(PLAIN, hearsay_weight=1e12, bands_per_journey_yr=1e12)  # learns and loses nothing


def world(seed, *, bases=4, targets=6, entries=5, attacks=60.0):
    """Make a world: the first half of the targets is held, the rest is not."""
    rng = np.random.default_rng(seed)
    held = max(1, targets // 2)
    side = ["held"] * held + ["outside", "neighbour"] * targets
    attack = rng.gamma(1.0, 1.0, targets)
    direct = rng.uniform(2, 40, (bases, targets))
    direct[:, :held] = np.inf
    weight = rng.gamma(1.0, 1.0, bases)
    kind = np.array(["line", "gate", "flank"])[np.arange(entries) % 3]
    return World(
        bases=pd.DataFrame({
            "group": np.arange(bases) // 2, "weight": weight / weight.sum(), "inside": False,
        }),
        targets=pd.DataFrame({
            "side": side[:targets], "attacks_yr": attacks * attack / attack.sum(),
            "resident": 0.4,
        }),
        entries=pd.DataFrame({"kind": kind, "length_km": rng.uniform(10, 90, entries)}),
        direct=direct,
        out=rng.uniform(1, 30, (bases, entries)),
        into=rng.uniform(1, 20, (entries, targets)),
        theta=0.3,
        months=(12,),
    )  # fmt: skip


def nothing(made):
    """Do nothing."""
    sources, targets = made.direct.shape
    doors = len(made.entries)
    return Means(
        name="nothing", stop_entry=np.zeros(doors),
        covered_phase=np.full(doors, 99), stop_way=np.zeros((doors, targets)),
        stop_target=np.zeros(targets), resident_factor=np.ones(targets),
        origin_factor=np.ones(sources), forts=np.zeros(doors),
    )  # fmt: skip


def line(made, seed=0, phase=1):
    """Cover all but the flanks from a phase on."""
    rng = np.random.default_rng(seed + 1000)
    doors = len(made.entries)
    flank = (made.entries["kind"] == "flank").to_numpy()
    return replace(
        nothing(made), name="line",
        stop_entry=np.where(flank, 0.0, rng.uniform(0.1, 0.9, doors)),
        covered_phase=np.where(flank, 99, phase),
        forts=np.where(flank, 0.0, rng.integers(1, 5, doors)),
    )  # fmt: skip


def mixture(made, seed=0, phase=0):
    """Do something of everything."""
    rng = np.random.default_rng(seed + 2000)
    sources, targets = made.direct.shape
    return replace(
        line(made, seed, phase), name="mixture",
        stop_way=rng.uniform(0, 0.5, (len(made.entries), targets)),
        stop_target=rng.uniform(0, 0.5, targets),
        resident_factor=rng.uniform(0.5, 1, targets),
        origin_factor=rng.uniform(0.5, 1, sources),
    )  # fmt: skip
