"""The whole frontier against one cold solve of the same cut by OR-Tools, in one run.

    python benchmarks/frontier.py [SIDE ...]      (default 120 240 480)

Both read the same grid: smooth random benefits, rough prices, 16 neighbours, two cells of foreign
land around. Ours finds every step down to 1 % of the benefit, certifies and checks each; the peer
solves once, at the middle step's price. Reading the grids is in both times, and so is building the
model. Each runs in a process of its own, so that its peak of memory is its own; compiled code is
loaded beforehand, and counted in neither. Seconds are of processor time, in one thread.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import resource
import subprocess
import sys
import time

import numpy as np
from scipy import ndimage

from vallum.kernel.cut import solve, verify
from vallum.kernel.maxflow import Network, minimum_cut
from vallum.kernel.territory import Instance, instance


def grids(size: int, seed: int) -> dict[str, np.ndarray]:
    """Make a field with towns, roughness and a border two cells in."""
    rng = np.random.default_rng(seed)
    benefit = np.clip(ndimage.gaussian_filter(rng.normal(size=(size, size)), 6) * 12, 0, None) ** 2
    benefit *= 2e5
    benefit[:2] = benefit[-2:] = benefit[:, :2] = benefit[:, -2:] = np.nan
    rough = np.exp(ndimage.gaussian_filter(rng.normal(size=(size, size)), 3))
    return {
        "benefit": benefit,
        "holding": np.full((size, size), 1e4),
        "closure": 2e5 * rough,
    }


def peak_mb() -> float:
    """Give the most memory that this process has held, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def ours(field: dict[str, np.ndarray]) -> dict[str, float]:
    """Find the whole frontier, then check its certificate."""
    solve(instance(**grids(16, 1), cell_km=10.0))
    start = time.process_time()
    problem = instance(**field, cell_km=10.0)
    found = solve(problem)
    spent, peak = time.process_time() - start, peak_mb()
    middle = max(len(found.steps) // 2 - 1, 0)
    step = found.steps.iloc[middle]
    start = time.process_time()
    checked = verify(found.proof, problem, mu=found.certificate["mu"])
    return {
        "s": spent,
        "mb": peak,
        "steps": len(found.steps),
        "solves": len(found.certificate),
        "mu": step["mu"],
        "cells": step["cells"],
        "value": step["mu"] * step["benefit"] - step["holding"] - step["closure"],
        "verify_s": time.process_time() - start,
        "gap": checked.gap_usd_yr,
        "proof_mb": sum(array.nbytes for array in found.proof.as_arrays().values()) / 1e6,
    }


def peer(field: dict[str, np.ndarray], mu: float) -> dict[str, float]:
    """Solve one cut by OR-Tools."""
    start = time.process_time()
    problem: Instance = instance(**field, cell_km=10.0)
    net = mu * problem.benefit - problem.holding - problem.border
    cut = minimum_cut(Network(net, problem.tail, problem.head, problem.price))
    spent, peak = time.process_time() - start, peak_mb()
    crossed = cut.chosen[problem.tail] & ~cut.chosen[problem.head]
    value = math.fsum(net[cut.chosen].tolist()) - math.fsum(problem.price[crossed].tolist())
    return {"s": spent, "mb": peak, "cells": int(cut.chosen.sum()), "value": value}


def child(*arguments: str) -> dict[str, float]:
    """Run one of the two in a process of its own."""
    command = [sys.executable, __file__, "--child", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return dict(json.loads(done.stdout))


def main() -> None:
    """Print one row per size, and how both grow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sides", nargs="*", type=int, default=[120, 240, 480])
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        name, side, *mu = options.child
        field = grids(int(side), 0)
        print(json.dumps(ours(field) if name == "ours" else peer(field, float(mu[0]))))
        return
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}")
    print(
        "     cells  steps solves  frontier s  one OR-Tools s  ratio  MB  OR-Tools MB  ratio"
        "  verify s  proof MB  gap USD/yr"
    )
    rows = []
    for side in options.sides:
        mine = child("ours", str(side))
        theirs = child("peer", str(side), repr(mine["mu"]))
        assert math.isclose(mine["value"], theirs["value"], rel_tol=1e-9)
        print(
            f"{side * side:10d} {mine['steps']:6d} {mine['solves']:6d} {mine['s']:11.2f} "
            f"{theirs['s']:15.2f} {mine['s'] / theirs['s']:6.2f} {mine['mb']:5.0f} "
            f"{theirs['mb']:10.0f} {mine['mb'] / theirs['mb']:7.2f} {mine['verify_s']:8.2f} "
            f"{mine['proof_mb']:9.1f} {mine['gap']:11.1e}",
            flush=True,
        )
        rows.append((side * side, mine["s"], theirs["s"]))
    if len(rows) > 1:
        size, first, second = np.log(np.array(rows)).T
        grows = [float(np.polyfit(size, spent, 1)[0]) for spent in (first, second)]
        print(f"growth: frontier n^{grows[0]:.2f}, one OR-Tools solve n^{grows[1]:.2f}")


if __name__ == "__main__":
    main()
