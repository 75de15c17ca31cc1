"""Branch and cut for the evader: linear programmes by HiGHS, cuts from ways."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import highspy
import numpy as np

from vallum.errors import CertificateError
from vallum.kernel.interdiction.program import quiet
from vallum.kernel.interdiction.waycuts import separate
from vallum.kernel.interdiction.waypool import WayPool

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from vallum.kernel.interdiction.evader import Evader

__all__ = ["PROVEN", "Tree"]

# A plan is optimal when no other is better by more than this part of its value.
PROVEN = 1e-7
_WHOLE = 1e-6
_FACTORS = (0.25, 1.0, 4.0, 16.0, 64.0)
_TRIED = 6  # candidates tried for each branching
_STALLED = 3  # rounds without progress after which a node branches


class _Master:
    """The linear programme: `y` of the candidates, then `s` of the pairs."""

    def __init__(self, problem: Evader, budget: int) -> None:
        self.y, self.s = problem.arc.size, problem.share.size
        self.solver = quiet()
        columns = self.y + self.s
        self.solver.addVars(columns, np.zeros(columns), np.ones(columns))
        numbers = np.arange(columns, dtype=np.int32)
        cost = np.concatenate([np.zeros(self.y), problem.share])
        self.solver.changeColsCost(columns, numbers, cost)
        ones = np.ones(self.y)
        self.solver.addRow(-np.inf, float(budget), self.y, numbers[: self.y], ones)
        self.solved = 0

    def solve(
        self, lower: NDArray[np.float64], upper: NDArray[np.float64]
    ) -> tuple[float, NDArray[np.float64]]:
        """Solve with bounds on `y`; value inf where they contradict the budget."""
        numbers = np.arange(self.y, dtype=np.int32)
        self.solver.changeColsBounds(self.y, numbers, lower, upper)
        self.solver.run()
        self.solved += 1
        status, kinds = self.solver.getModelStatus(), highspy.HighsModelStatus
        if status not in {kinds.kOptimal, kinds.kInfeasible}:  # lost on the way from the last basis
            self.solver.clearSolver()
            self.solver.run()
            status = self.solver.getModelStatus()
        if status == kinds.kInfeasible:
            return np.inf, np.zeros(self.y + self.s)
        if status != kinds.kOptimal:
            raise CertificateError(f"HiGHS stopped with {self.solver.modelStatusToString(status)}")
        x = np.clip(np.array(self.solver.getSolution().col_value), 0.0, 1.0)
        return float(self.solver.getInfo().objective_function_value), x

    def reduced(self) -> NDArray[np.float64]:
        """Reduced costs of `y` in the last programme solved."""
        return np.array(self.solver.getSolution().col_dual)[: self.y]

    def add(
        self, pairs: NDArray[np.int64], left: NDArray[np.float64], right: NDArray[np.float64]
    ) -> None:
        """Add cuts `s + left · y ≥ right`."""
        row, column = np.nonzero(left)
        count = pairs.size
        start = np.zeros(count, np.int64)
        np.cumsum(np.bincount(row, minlength=count)[:-1] + 1, out=start[1:])
        size = column.size + count
        index, entry = np.empty(size, np.int32), np.ones(size)
        last = np.append(start[1:], size) - 1  # each row ends with its pair
        inner = np.ones(size, bool)
        inner[last] = False
        index[last], index[inner], entry[inner] = self.y + pairs, column, left[row, column]
        above = np.full(count, np.inf)
        self.solver.addRows(count, right, above, size, start.astype(np.int32), index, entry)

    def purge(self) -> None:
        """Drop cuts that the last point keeps with room to spare; the pool can make them again."""
        above = np.array(self.solver.getLp().row_lower_)
        room = np.array(self.solver.getSolution().row_value) - above
        idle = np.flatnonzero(np.isfinite(above) & (room > 1e-3)).astype(np.int32)
        if idle.size:
            self.solver.deleteRows(idle.size, idle)


class Tree:
    """The search: what is open, what is best, what is proven.

    All values are scaled: `problem.base + problem.scale × value` is the expected evasion.

    Attributes
    ----------
    chosen
        The best set of candidates found, shape (candidates,), bool.
    value
        Its value, by the evader's own best ways.
    """

    def __init__(self, problem: Evader, budget: int) -> None:
        self.problem, self.budget = problem, budget
        self.pool = WayPool(problem)
        self.master = _Master(problem, budget)
        self.chosen = np.zeros(problem.arc.size, bool)
        self.value = np.inf
        self.lower, self.upper = np.zeros(problem.arc.size), np.ones(problem.arc.size)
        self._root: tuple[float, NDArray[np.float64], NDArray[np.float64]] | None = None
        self._closed = np.inf  # least bound of what was closed without being worked out
        self._queue: list[tuple[float, int, tuple[int, ...], tuple[int, ...]]] = []
        self._born = 0
        self._seen: set[bytes] = set()
        self._centre = np.full(problem.arc.size, budget / problem.arc.size)
        self._try(np.zeros(problem.arc.size))

    @property
    def bound(self) -> float:
        """No set within the budget has a lower value."""
        opened = self._queue[0][0] if self._queue else np.inf
        return max(min(self.value, self._closed, opened), 0.0)

    @property
    def work(self) -> int:
        """Linear programmes solved."""
        return self.master.solved

    @property
    def slack(self) -> float:
        """Least difference that counts."""
        return PROVEN * (self.value + self.problem.base / self.problem.scale) + 1e-15

    def run(self, limit: int, watch: Callable[[float, float, int], bool] | None) -> None:
        """Search until all is proven, the work done, or `watch` says so."""
        self._push(0.0, (), ())
        while self._queue and self.bound < self.value - self.slack:
            if self.work >= limit:
                return
            node = heapq.heappop(self._queue)
            children = self._node(node, limit, watch)
            if children is None:  # stopped within: what is left of the node stays open
                return
            for bound, off, on in children:
                self._push(bound, off, on)
            if self._told(watch, self.bound):
                return

    def _told(self, watch: Callable[[float, float, int], bool] | None, bound: float) -> bool:
        """Tell the watch how far the search is; say whether it must stop."""
        base, scale = self.problem.base, self.problem.scale
        return watch is not None and bool(
            watch(base + scale * self.value, base + scale * min(bound, self.value), self.work)
        )

    def _push(self, bound: float, off: tuple[int, ...], on: tuple[int, ...]) -> None:
        if bound >= self.value - self.slack:
            self._closed = min(self._closed, bound)
            return
        heapq.heappush(self._queue, (bound, self._born, off, on))
        self._born += 1

    def _node(
        self,
        node: tuple[float, int, tuple[int, ...], tuple[int, ...]],
        limit: int,
        watch: Callable[[float, float, int], bool] | None,
    ) -> list[tuple[float, tuple[int, ...], tuple[int, ...]]] | None:
        """Work a node out: its children with their bounds; None where the search must stop."""
        bound, _, off, on = node
        root, stalled, rounds = not (off or on), 0, 0
        if self.lower[list(off)].any() or not self.upper[list(on)].all():
            return []  # fixed otherwise since: nothing better is in it
        while True:
            lower, upper = self._bounds(off, on)
            value, x = self.master.solve(lower, upper)
            y, s = x[: self.master.y], x[self.master.y :]
            before, bound = bound, max(bound, value)
            if bound >= self.value - self.slack:
                self._closed = min(self._closed, bound)
                return []
            fractional = np.flatnonzero((y > _WHOLE) & (y < 1 - _WHOLE))
            self._try(y)
            self._centre = 0.7 * self._centre + 0.3 * y
            if root:
                self._root = (value, y.copy(), self.master.reduced())
                self._fix()
            found = self._cut(
                np.rint(y) if fractional.size == 0 else y, s, whole=fractional.size == 0
            )
            stalled = stalled + 1 if bound - before <= 1e-3 * (self.value - bound) else 0
            settled = fractional.size and not root and stalled >= _STALLED
            if not found or settled:
                break
            rounds += 1
            if rounds % 5 == 0:
                self.master.purge()
            self.master.add(*found)
            stop = self._told(watch, min(bound, self.bound))
            if stop or self.work >= limit:
                heapq.heappush(self._queue, (bound, self._born, off, on))
                return None
        if fractional.size == 0:
            self._closed = min(self._closed, bound)  # this very set, worked out
            return []
        return self._branch(bound, off, on, fractional, y)

    def _bounds(
        self, off: tuple[int, ...], on: tuple[int, ...]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        lower, upper = self.lower.copy(), self.upper.copy()
        lower[list(on)] = 1.0
        upper[list(off)] = 0.0
        return lower, np.maximum(upper, lower)  # fixed otherwise by a plan found just now

    def _cut(
        self, y: NDArray[np.float64], s: NDArray[np.float64], *, whole: bool
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]] | None:
        """Find cuts that a point breaks: ways first, then the highest cut of each pair.

        They are sought half-way to a running mean of the points first: such cuts last longer.
        """
        tolerance = max(min(0.1 * self.slack, 1e-6), 1e-9) if whole else 1e-6
        for at in (y,) if whole else (0.5 * (y + self._centre), y):
            for factor in (None,) if whole else (None, *_FACTORS):
                self.pool.search(at, factor)
            pairs, left, right = separate(self.problem, self.pool, at)
            broken = right - left @ y - s[pairs] > tolerance
            if broken.any():
                return pairs[broken], left[broken], right[broken]
        return None

    def _try(self, y: NDArray[np.float64]) -> None:
        """Take the most reinforced candidates as a plan, and keep it if it is the best."""
        order = np.argsort(-y, kind="stable")[: self.budget]
        chosen = np.zeros(y.size, bool)
        chosen[order[y[order] > _WHOLE]] = True
        key = np.packbits(chosen).tobytes()
        if key in self._seen:
            return
        self._seen.add(key)
        value = (self.problem.evasion(chosen) - self.problem.base) / self.problem.scale
        if value < self.value:
            self.value, self.chosen = value, chosen
            self._fix()

    def _fix(self) -> None:
        """Fix candidates by their reduced costs at the root: no better plan has them otherwise."""
        if self._root is None:
            return
        value, y, reduced = self._root
        room = self.value - value
        self.upper[(reduced > room) & (y <= _WHOLE)] = 0.0
        self.lower[(reduced < -room) & (y >= 1 - _WHOLE)] = 1.0

    def _branch(
        self,
        bound: float,
        off: tuple[int, ...],
        on: tuple[int, ...],
        fractional: NDArray[np.int64],
        y: NDArray[np.float64],
    ) -> list[tuple[float, tuple[int, ...], tuple[int, ...]]]:
        """Split on the candidate whose two children promise most, of those nearest to a half."""
        near = fractional[np.argsort(np.abs(y[fractional] - 0.5), kind="stable")[:_TRIED]]
        best, children = -np.inf, []
        for e in near.tolist():
            pair = []
            for far_off, far_on in (((*off, e), on), (off, (*on, e))):
                value, x = self.master.solve(*self._bounds(far_off, far_on))
                if np.isfinite(value):
                    self._try(x[: self.master.y])
                pair.append((max(bound, value), far_off, far_on))
            gains = [min(child[0], self.value) - bound + 1e-12 for child in pair]
            if gains[0] * gains[1] > best:
                best, children = gains[0] * gains[1], pair
        return children
