"""The whole frontier against one cold solve of the same cut by OR-Tools, in one run.

Both read the same grid: the built-in theatre's size, smooth random benefits, 16 neighbours. The
peer's single solve is at the middle step's price, model building included for both.
"""

from __future__ import annotations

import time

import numpy as np
from scipy import ndimage

from vallum.kernel.cut import frontier, solve
from vallum.kernel.maxflow import Network, minimum_cut
from vallum.kernel.territory import instance


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


def main() -> None:
    """Print one row per size."""
    print("cells    steps  solves  whole frontier s  one cold solve s  ratio")
    for size in (80, 160, 240):
        field = grids(size, 0)
        start = time.perf_counter()
        found = frontier(**field, cell_km=10.0)
        ours = time.perf_counter() - start
        mu = float(found.steps["mu"].iloc[len(found.steps) // 2 - 1])
        start = time.perf_counter()
        problem = instance(**field, cell_km=10.0)
        cut = minimum_cut(
            Network(
                gain=mu * problem.benefit - problem.holding - problem.border,
                tail=problem.tail,
                head=problem.head,
                price=problem.price,
            )
        )
        peer = time.perf_counter() - start
        middle = solve(problem, step=0.99, at=[mu])
        assert int(cut.chosen.sum()) in set(middle.steps["cells"]) | {0}
        print(
            f"{size * size:7d} {len(found.steps):6d} {len(found.certificate):7d} {ours:17.2f} "
            f"{peer:17.2f} {ours / peer:6.2f}"
        )


if __name__ == "__main__":
    main()
