"""The whole frontier against one cold solve of the same cut by OR-Tools, in one run.

    python benchmarks/frontier.py [SIDE ...] [--pymaxflow] [--sahel]     (default 120 240 480)

Both read the same grid: smooth random benefits, rough prices, 16 neighbours, two cells of foreign
land around. Ours finds every step down to 1 % of the benefit, certifies and checks each; the peer
solves once, at the middle step's price. Reading the grids is in both times, and so is building the
model. Each runs in a process of its own, so that its peak of memory is its own; compiled code is
loaded beforehand, and counted in neither. Seconds are of processor time, in one thread.

`--pymaxflow` adds PyMaxflow (Boykov & Kolmogorov 2004) on the same cut, its arcs made before. It
is under the GPL, so it gets an environment of its own in a temporary folder: it is no dependency.
`--sahel` adds the built-in theatre at 10 km. Field "noise" of `--field` is the worst known.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import resource
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

import numpy as np
from scipy import ndimage

from vallum.kernel.cut import solve, verify
from vallum.kernel.maxflow import Network, minimum_cut
from vallum.kernel.territory import Instance, instance

PYMAXFLOW = "PyMaxflow==1.3.2"
IN_ITS_ENVIRONMENT = """
import json, resource, sys, time
import maxflow, numpy as np
arcs = np.load(sys.argv[1])
start = time.process_time()
net = arcs["net"]
graph = maxflow.Graph[float](net.size, arcs["tail"].size)
nodes = graph.add_nodes(net.size)
graph.add_grid_tedges(nodes, np.maximum(net, 0.0), np.maximum(-net, 0.0))
graph.add_edges(arcs["tail"], arcs["head"], arcs["price"], arcs["back"])
flow = graph.maxflow()
spent = time.process_time() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
print(json.dumps({"s": spent, "mb": peak, "value": float(np.maximum(net, 0.0).sum()) - flow}))
"""


def grids(size: int, seed: int, field: str = "hills") -> dict[str, np.ndarray]:
    """Make a field with towns, roughness and a border two cells in; or white noise."""
    rng = np.random.default_rng(seed)
    if field == "noise":
        benefit = rng.exponential(2e6, (size, size))
        benefit[:2] = benefit[-2:] = benefit[:, :2] = benefit[:, -2:] = np.nan
        rough = rng.uniform(0.5, 2.0, (size, size))
        return {
            "benefit": benefit,
            "holding": np.full((size, size), 1e4),
            "closure": 2e2 * rough,
        }
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


def arcs(field: dict[str, np.ndarray], mu: float, path: str) -> dict[str, float]:
    """Write the arcs of one cut for PyMaxflow, each pair of neighbours once."""
    problem = instance(**field, cell_km=10.0)
    one = problem.tail < problem.head
    np.savez(
        path,
        net=mu * problem.benefit - problem.holding - problem.border,
        tail=problem.tail[one],
        head=problem.head[one],
        price=problem.price[one],
        back=problem.closure[problem.head[one]] * problem.length_km[one],
    )
    return {}


def pymaxflow(python: Path, side: int, field: str, mu: float) -> dict[str, float]:
    """Solve the same cut by PyMaxflow, in its own environment.

    The arcs are made in a process of their own too: a process inherits its parent's peak of memory.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "arcs.npz")
        child("--field", field, "--child", "arcs", str(side), repr(mu), path)
        command = [str(python), "-c", IN_ITS_ENVIRONMENT, path]
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return dict(json.loads(done.stdout))


def sahel() -> None:
    """Time the built-in theatre at 10 km, warm."""
    from vallum import load_settings  # noqa: PLC0415 (only this part needs the stages)
    from vallum.plan import until  # noqa: PLC0415

    plans = until("line", "sahel", load_settings())["line"].plans
    start = time.process_time()
    found = solve(plans.problem, at=[1.0])
    spent = time.process_time() - start
    print(
        f"sahel at 10 km: {plans.problem.cells.size} cells, {len(found.steps)} steps, {spent:.2f} s"
    )


def child(*arguments: str) -> dict[str, float]:
    """Run one of the two in a process of its own."""
    command = [sys.executable, __file__, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return dict(json.loads(done.stdout))


def main() -> None:
    """Print one row per size, and how both grow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sides", nargs="*", type=int, default=[120, 240, 480])
    parser.add_argument("--field", choices=["hills", "noise"], default="hills")
    parser.add_argument("--pymaxflow", action="store_true", help="Add PyMaxflow (GPL).")
    parser.add_argument("--sahel", action="store_true", help="Add the Sahel at 10 km.")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        name, side, *more = options.child
        field = grids(int(side), 0, options.field)
        if name == "ours":
            found = ours(field)
        elif name == "peer":
            found = peer(field, float(more[0]))
        else:
            found = arcs(field, float(more[0]), more[1])
        print(json.dumps(found))
        return
    with tempfile.TemporaryDirectory() as folder:
        python = environment(Path(folder)) if options.pymaxflow else None
        table(options.sides, options.field, python)
    if options.sahel:
        sahel()


def environment(folder: Path) -> Path:
    """Make an environment with PyMaxflow; give its Python."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "-q", PYMAXFLOW, "numpy"]
    subprocess.run(install, check=True)  # noqa: S603
    return python


def table(sides: list[int], field: str, python: Path | None) -> None:
    """Print one row per size, and how both grow."""
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}")
    print(
        "     cells  steps solves  frontier s  one OR-Tools s  ratio  MB  OR-Tools MB  ratio"
        "  verify s  proof MB  gap USD/yr"
    )
    rows = []
    for side in sides:
        mine = child("--field", field, "--child", "ours", str(side))
        theirs = child("--field", field, "--child", "peer", str(side), repr(mine["mu"]))
        assert math.isclose(mine["value"], theirs["value"], rel_tol=1e-9)
        print(
            f"{side * side:10d} {mine['steps']:6d} {mine['solves']:6d} {mine['s']:11.2f} "
            f"{theirs['s']:15.2f} {mine['s'] / theirs['s']:6.2f} {mine['mb']:5.0f} "
            f"{theirs['mb']:10.0f} {mine['mb'] / theirs['mb']:7.2f} {mine['verify_s']:8.2f} "
            f"{mine['proof_mb']:9.1f} {mine['gap']:11.1e}",
            flush=True,
        )
        if python is not None:
            other = pymaxflow(python, side, field, mine["mu"])
            assert math.isclose(mine["value"], other["value"], rel_tol=1e-6)
            print(
                f"           PyMaxflow, one solve: {other['s']:.2f} s, {other['mb']:.0f} MB; "
                f"the frontier takes {mine['s'] / other['s']:.2f} of it",
                flush=True,
            )
        rows.append((side * side, mine["s"], theirs["s"]))
    if len(rows) > 1:
        size, first, second = np.log(np.array(rows)).T
        grows = [float(np.polyfit(size, spent, 1)[0]) for spent in (first, second)]
        print(f"growth: frontier n^{grows[0]:.2f}, one OR-Tools solve n^{grows[1]:.2f}")


if __name__ == "__main__":
    main()
