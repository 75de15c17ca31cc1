"""The tree over sets of barriers: what the cheapest, slowest and surest below a node can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["barrier_tree"]

# how much more a difference of cost counts than one of delay when sets of barriers are put together
_COST_WEIGHT = 3.0


@compiled
def barrier_tree(
    cost: NDArray[np.float64], delay: NDArray[np.float64], delay_var: NDArray[np.float64]
) -> tuple[
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.int64],
]:
    """Nodes over the sets of barriers: node n has 2n and 2n + 1 below it, 1 is the root."""
    count, ways = delay.shape
    size = 1
    while size < count:
        size *= 2
    least = np.full(2 * size, np.inf)
    longest = np.full((2 * size, ways), -np.inf)
    low_var = np.full((2 * size, ways), np.inf)
    high_var = np.full((2 * size, ways), -np.inf)
    leaf_of = _arranged(cost, delay, size)
    for n in range(count):
        least[size + n] = cost[leaf_of[n]]
        longest[size + n] = delay[leaf_of[n]]
        low_var[size + n] = delay_var[leaf_of[n]]
        high_var[size + n] = delay_var[leaf_of[n]]
    for n in range(size - 1, 0, -1):
        least[n] = min(least[2 * n], least[2 * n + 1])
        longest[n] = np.maximum(longest[2 * n], longest[2 * n + 1])
        low_var[n] = np.minimum(low_var[2 * n], low_var[2 * n + 1])
        high_var[n] = np.maximum(high_var[2 * n], high_var[2 * n + 1])
    return least, longest, low_var, high_var, leaf_of


@compiled
def _arranged(
    cost: NDArray[np.float64], delay: NDArray[np.float64], size: int
) -> NDArray[np.int64]:
    """Put sets of barriers so that those below a node are alike: halved where they differ most."""
    count, ways = delay.shape
    columns = np.empty((count, ways + 1))
    columns[:, 0] = cost
    columns[:, 1:] = delay
    weight = np.zeros(ways + 1)
    for k in range(ways + 1):
        span = np.max(columns[:, k]) - np.min(columns[:, k])
        if span > 0:
            weight[k] = (_COST_WEIGHT if k == 0 else 1.0) / span
    order = np.arange(count)
    width = size
    while width > 1:
        for low in range(0, count, width):
            here = order[low : low + width].copy()
            most, column = -1.0, 0
            for k in range(ways + 1):
                values = columns[here, k]
                spread = (np.max(values) - np.min(values)) * weight[k]
                if spread > most:
                    most, column = spread, k
            order[low : low + width] = here[np.argsort(columns[here, column], kind="mergesort")]
        width //= 2
    return order
