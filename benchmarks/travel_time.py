"""Travel time over 2.25 million cells, against scikit-image and GRASS r.walk, in one run.

The peer of the isotropic problem is `skimage.graph.MCP_Geometric`: same grid, same source, same
answer. The direction-dependent problem (Tobler) is held against the same peer's time for the
isotropic problem, and against r.walk on smooth ground, where `grass` (Debian: grass-core) is
installed. Each time is the best of three after a warm-up (compilation is not in it). Ours is the
whole public call, checks and padding included. MCP's is `find_costs` alone, not its constructor.
r.walk's is the module inside a running session: starting the program, reading two rasters from the
session's database and writing one are in it, the import and the session's start are not.
"""

from __future__ import annotations

import math
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter
from skimage.graph import MCP_Geometric

from vallum.kernel.paths import travel_time
from vallum.kernel.paths.slope import walk_hours_per_km

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "oracles"))
import grass_program

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE = 1500
SOURCE = (SIZE // 2, SIZE // 2)
RUNS = 3


def best(call: Callable[[], np.ndarray]) -> tuple[float, np.ndarray]:
    """Seconds of the fastest run, and the answer."""
    fastest = math.inf
    for _ in range(RUNS):
        start = time.perf_counter()
        answer = call()
        fastest = min(fastest, time.perf_counter() - start)
    return fastest, answer


def grounds() -> dict[str, np.ndarray]:
    """Make costs of four kinds."""
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(SIZE, SIZE))
    wide = gaussian_filter(rng.normal(size=(SIZE, SIZE)), 20) * 20
    patches = gaussian_filter(rng.normal(size=(SIZE, SIZE)), 3) > 0
    return {
        "rough": np.exp(1.5 * noise),
        "smooth": np.exp(wide),
        "constant": np.ones((SIZE, SIZE)),
        "two kinds": np.where(patches, 1e-4, 1.0) * np.exp(noise),  # 1 to 10,000, both rough
    }


def against_mcp(name: str, cost: np.ndarray, height: np.ndarray) -> None:
    """Print one row."""

    def peer_call() -> np.ndarray:
        nonlocal peer_s
        peer = MCP_Geometric(cost, fully_connected=True)
        start = time.perf_counter()
        answer: np.ndarray = peer.find_costs([SOURCE])[0]
        peer_s = min(peer_s, time.perf_counter() - start)
        return answer

    peer_s = math.inf
    _, theirs = best(peer_call)
    flat_s, ours = best(lambda: travel_time(cost, [SOURCE], cell_km=1.0))
    np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=0)
    hill_s, _ = best(lambda: travel_time(cost, [SOURCE], cell_km=1.0, elevation=height))
    knight_s, _ = best(lambda: travel_time(cost, [SOURCE], cell_km=1.0, neighbours=16))
    print(
        f"{name:10s} {peer_s:6.2f} {flat_s:9.2f} {hill_s:8.2f} {knight_s:8.2f} "
        f"{flat_s / peer_s:15.2f} {hill_s / peer_s:12.2f}"
    )


def against_r_walk(height: np.ndarray) -> None:
    """Print the direction-dependent times beside r.walk's, on level pace without friction."""
    row, column = SOURCE
    script = f"""
    for run in $(seq {RUNS + 1}); do
      start=$EPOCHREALTIME
      r.walk --q --o elevation=height friction=friction output=out memory=2000 \
        start_coordinates={(column + 0.5) * 1000},-{(row + 0.5) * 1000} \
        walk_coeff=0.72,6.0,1.9998,-1.9998 slope_factor=-0.2125 lambda=1
      echo $start $EPOCHREALTIME
    done
    r.out.bin --q input=out output=out.out null=-1 bytes=8
    """
    with tempfile.TemporaryDirectory() as folder:
        rasters = {"height": height, "friction": np.zeros_like(height)}
        said = grass_program.run(Path(folder), rasters, script, 1000.0)
        theirs = grass_program.read(Path(folder), "out", height.shape) / 3600
    runs = [line.split() for line in said.splitlines()[-RUNS:]]  # the first warms the disk
    peer_s = min(float(end) - float(start) for start, end in runs)
    pace = walk_hours_per_km(np.zeros_like(height))
    keep = {"cell_km": 1.0, "elevation": height}
    same_s, ours = best(lambda: travel_time(pace, [SOURCE], law="walk", **keep))
    np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=0)
    tobler_s, _ = best(lambda: travel_time(pace, [SOURCE], law="tobler", **keep))
    print(
        f"r.walk {peer_s:.2f} s; the same law here {same_s:.2f} s, ratio {same_s / peer_s:.2f}; "
        f"Tobler here {tobler_s:.2f} s, ratio {tobler_s / peer_s:.2f}"
    )


def main() -> None:
    """Print a row per kind of ground, then r.walk's."""
    height = gaussian_filter(np.random.default_rng(1).normal(size=(SIZE, SIZE)), 15) * 5000
    small = np.ones((9, 9))
    for keep in ({}, {"elevation": small}):  # compiles
        travel_time(small, [(4, 4)], cell_km=1.0, **keep)
    print(f"{SIZE * SIZE:,} cells, seconds, best of {RUNS}; MCP is MCP_Geometric, isotropic")
    print("ground        MCP isotropic   Tobler  knights   isotropic/MCP   Tobler/MCP")
    for name, cost in grounds().items():
        against_mcp(name, cost, height)
    if grass_program.found():
        against_r_walk(height)
    else:
        print("r.walk: not compared, GRASS (Debian: grass-core) is not installed")


if __name__ == "__main__":
    main()
