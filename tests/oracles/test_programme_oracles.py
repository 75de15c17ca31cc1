"""Programmes against brute force, and at the size of a real line: gap, limits, same bytes."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies
from tests.programme_checker import check

from vallum.forces.packages_model import Packages, Piece
from vallum.forces.programme import schedule
from vallum.forces.programme_bound import relaxed
from vallum.forces.programme_model import made
from vallum.forces.programme_resources import Pool, Purse, Resources
from vallum.forces.programme_settings import ProgrammeSettings

TINY = ProgrammeSettings(
    horizon_years=1, cover_months=1, days_per_month=1.0, stage_months=12, sector_companies=2
)


@strategies.composite
def tiny(draw):
    """Two or three sectors of one stage each, one or two pieces, a season and money."""
    count = draw(strategies.integers(2, 3))
    frame = pd.DataFrame(
        {
            "sector": range(count),
            "state": "AAA",
            "length_km": 10.0,
            "company_days": [float(draw(strategies.integers(1, 5))) for _ in range(count)],
            "capital_usd": [float(draw(strategies.integers(1, 3))) for _ in range(count)],
            "t_stone": [float(draw(strategies.integers(0, 4))) for _ in range(count)],
            "floods": [draw(strategies.booleans()) for _ in range(count)],
        }
    )
    wet = draw(strategies.sampled_from([(6, 7), (1, 2, 3), (4,)]))
    frame["rains"] = pd.Series([wet if floods else () for floods in frame["floods"]], dtype=object)
    alone = draw(strategies.booleans())
    groups = [(n,) for n in range(count)] if alone else [(0, 1), tuple(range(1, count))]
    values = [float(draw(strategies.integers(0, 9)) * 12) for _ in groups]
    pieces = tuple(Piece(f"p{n}", values[n], sectors) for n, sectors in enumerate(groups))
    resources = Resources(
        (Pool("joint", draw(strategies.integers(1, 3))),),
        (Purse("pot", draw(strategies.sampled_from([3.0, 9.0]))),),
        {"stone": draw(strategies.sampled_from([2.0, 9.0]))},
    )
    return Packages(frame, pieces), resources


def brute(packages: Packages, resources: Resources) -> float:
    """Least loss over all starts and crews; infinite where nothing fits."""
    rows = packages.table.to_dict("records")
    crews = range(1, min(2, resources.pools[0].companies) + 1)
    stone = resources.materials_t_month["stone"]
    ways = []
    for row in rows:
        own = []
        for crew in crews:
            least = max(math.ceil(row["company_days"] / crew), math.ceil(row["t_stone"] / stone))
            for start in range(12 - 1 - least + 1):
                months = range(start, start + least)
                if not any(month % 12 + 1 in row["rains"] for month in months):
                    own.append((start, least, crew))
        ways.append(own)
    if sum(row["capital_usd"] for row in rows) > resources.purses[0].usd_yr:
        return math.inf
    best = math.inf
    for plan in itertools.product(*ways):
        crew, load = np.zeros(12), np.zeros(12)
        for (start, months, size), row in zip(plan, rows, strict=True):
            crew[start : start + months] += size
            load[start : start + months] += row["t_stone"] / months
        if (crew > resources.pools[0].companies).any() or (load > stone + 1e-9).any():
            continue
        ends = [start + months + 1 for start, months, _ in plan]
        loss = sum(
            piece.value_usd_yr / 12 * max(ends[sector] for sector in piece.sectors)
            for piece in packages.pieces
        )
        best = min(best, loss)
    return best


@given(tiny())
@settings(max_examples=25, deadline=None, derandomize=True)
def test_tiny_programmes_are_those_of_brute_force(case):
    packages, resources = case
    least = brute(packages, resources)
    problem = made(packages.table, packages.pieces, resources, TINY)
    if all(job.modes for job in problem.jobs):
        assert relaxed(problem).bound <= least * (1 + 1e-9) + 1e-6
    try:
        found = schedule(packages, resources, TINY)
    except ValueError:  # no programme
        assert least == math.inf
        return
    assert found.loss_usd == pytest.approx(least, abs=1e-6)
    assert found.bound <= least + 1e-6
    assert found.status == "optimal"
    check(found, packages, resources, TINY)


def forty(seed: int) -> tuple[Packages, Resources]:
    """Forty sectors around six pieces, half of them on ground that floods."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "sector": range(40),
            "state": rng.choice(["MLI", "MRT"], 40),
            "length_km": rng.uniform(50, 200, 40),
        }
    )
    frame["company_days"] = frame["length_km"] * rng.uniform(8, 20, 40)
    frame["capital_usd"] = frame["length_km"] * rng.uniform(4e5, 8e5, 40)
    frame["t_stone"] = frame["length_km"] * rng.uniform(20, 300, 40)
    frame["haul_tkm"] = frame["t_stone"] * rng.uniform(0, 60, 40)
    frame["floods"] = rng.random(40) < 0.5
    wet = [(6, 7, 8, 9, 10) if floods else () for floods in frame["floods"]]
    frame["rains"] = pd.Series(wet, dtype=object)
    piece = np.concatenate([np.arange(6), rng.integers(0, 6, 34)])
    pieces = tuple(
        Piece(f"piece {n}", float(rng.uniform(5, 60) * 1e6), tuple(np.flatnonzero(piece == n)))
        for n in range(6)
    )
    resources = Resources(
        (Pool("joint", 16),),
        (Purse("pot", 300e6),),
        {"stone": 12_000.0},
        500_000.0,
    )
    return Packages(frame, pieces), resources


@pytest.mark.parametrize("seed", [0, 1])
def test_forty_sectors_within_a_tenth_of_the_bound(seed):
    packages, resources = forty(seed)
    found = schedule(packages, resources, ProgrammeSettings())
    print(f"forty sectors, seed {seed}: gap {found.gap:.3f}, all covered {found.all_covered}")
    assert found.gap <= 0.10
    check(found, packages, resources, ProgrammeSettings())


def test_forty_sectors_built_by_three():
    packages, resources = forty(0)
    pools = (Pool("MLI", 6, states=("MLI",)), Pool("MRT", 4, states=("MRT",)), Pool("partner", 6))
    resources = replace(resources, pools=pools)
    quick = ProgrammeSettings(work=0.05, tries=20)
    found = schedule(packages, resources, quick)
    print(f"forty sectors, three pools: gap {found.gap:.3f}, all covered {found.all_covered}")
    assert found.gap <= 0.15
    check(found, packages, resources, quick)


def test_the_same_input_gives_the_same_programme():
    packages, resources = forty(2)
    quick = ProgrammeSettings(work=0.05, tries=5)
    first, second = (schedule(packages, resources, quick) for _ in range(2))
    pd.testing.assert_frame_equal(first.stages, second.stages)
    assert (first.loss_usd, first.bound) == (second.loss_usd, second.bound)
