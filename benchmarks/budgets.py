"""Twenty budgets on the built-in theatre at 10 km: the best plan found, and what none exceeds.

    python benchmarks/budgets.py

Even parts of what holding everything costs. For each: what the best plan found earns, the ceiling
of the frontier (the hull), the bound that branch and bound proved, and both gaps as shares of all
benefit. Fails if a gap is above 3 %, or a plan earns less than the exact step below it. Seconds
are of processor time, in one thread; the theatre's own stages are not counted.
"""

from __future__ import annotations

import sys
import time

from vallum import Settings
from vallum.kernel.refine import within_each
from vallum.plan import until

COUNT = 20
MOST = 0.03


def main() -> int:
    """Run and print the table."""
    plans = until("line", "sahel", Settings())["line"].plans
    problem, found = plans.problem, plans.frontier
    steps = found.steps
    cost = (steps["holding"] + steps["closure"]).to_numpy()
    budgets = [float(cost[-1]) * k / COUNT for k in range(1, COUNT + 1)]
    start = time.process_time()
    best = within_each(problem, found, budgets)
    spent = time.process_time() - start
    whole = found.total_benefit
    print(f"{problem.cells.size:,} cells, {len(steps)} exact steps; million USD/yr")
    print(
        f"{'budget':>8} {'cost':>8} {'earns':>7} {'ceiling':>8} {'bound':>7} "
        f"{'to hull':>8} {'gap':>7}"
    )
    worst, short = 0.0, 0
    for budget, one in zip(budgets, best, strict=True):
        ceiling = found.ceiling(budget)
        gap = (one.bound - one.score.benefit) / whole
        hull = (ceiling - one.score.benefit) / whole
        worst = max(worst, gap)
        below = steps["benefit"].to_numpy()[cost <= budget]
        short += bool(below.size and one.score.benefit < below.max() * (1 - 1e-12))
        print(
            f"{budget / 1e6:8.0f} {one.score.cost / 1e6:8.0f} {one.score.benefit / 1e6:7.1f} "
            f"{ceiling / 1e6:8.1f} {one.bound / 1e6:7.1f} {hull:8.2%} {gap:7.2%}"
        )
    print(f"{COUNT} budgets in {spent:.0f} s; worst gap {worst:.2%}; below their step: {short}")
    return int(worst > MOST or short > 0)


if __name__ == "__main__":
    sys.exit(main())
