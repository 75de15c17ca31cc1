"""The cheapest sites that cover every demand, with a proven bound.

    min Σ c_s x_s    with  Σ_{s covers d} x_s ≥ 1  for every demand d,  x_s ∈ {0, 1}

Weighted set covering. Parts that share no demand are solved apart, each by the first of these that
settles it:

- the linear programme: where the ones of the matrix are consecutive (sites along an open line) its
  corners are whole numbers; wherever its answer is whole it is optimal;
- where the ones are consecutive round a circle (a closed line): each site that covers one demand is
  fixed in turn, which cuts the circle open, and the linear programme answers for the rest;
- else branch and bound by HiGHS, which gives a bound where it stops.

Bounds of linear programmes are added up from their duals, made feasible, so they hold whatever the
solver's tolerances. The solver is HiGHS, https://highs.dev, as scipy has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import optimize, sparse
from scipy.sparse.csgraph import connected_components

from vallum.errors import CertificateError, Fault, InfeasibleError, InputError
from vallum.kernel.arrays import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

__all__ = ["WAYS", "Cover", "cover"]

WAYS = ("free", "linear", "circle", "branched")  # how a part was settled

_WHOLE = 1e-6  # a linear programme's answer this near to whole numbers is whole
_EXACT = 1e-9  # of the cost: rounding, not a gap
_TIGHT = 1e-9  # the solver's tolerances, for costs of about 1
_SMALL = 1_000  # sites
_FINE = 1e3  # branch and bound stops within 1e-6, so costs are made large beside it


@dataclass(frozen=True, eq=False)
class Cover:
    """Sites that cover every demand.

    Attributes
    ----------
    chosen
        Numbers of the sites, rising.
    cost
        Of them together.
    bound
        No cover costs less.
    nodes
        Of branch and bound, over all parts.
    ways
        How many parts were settled by each of `WAYS`: sites that cost nothing, the linear
        programme, a circle cut open, branch and bound.
    """

    chosen: NDArray[np.int64]
    cost: float
    bound: float
    nodes: int
    ways: Mapping[str, int]

    @property
    def gap(self) -> float:
        """Share of the cost that a better cover could save at most; 0 where it is optimal."""
        return (self.cost - self.bound) / self.cost if self.cost > 0 else 0.0

    @property
    def status(self) -> str:
        """Give "optimal", or "within its gap" where the nodes ran out."""
        return "optimal" if self.gap == 0 else "within its gap"


class _Part(NamedTuple):
    """What was found for one part."""

    chosen: NDArray[np.int64]
    bound: float
    way: str
    nodes: int = 0


def cover(cost: ArrayLike, covers: ArrayLike, *, most_nodes: int = 2_000) -> Cover:
    """Choose the cheapest sites that cover every demand.

    Parameters
    ----------
    cost
        Of each site, 0 or more, shape (sites,).
    covers
        Whether a site covers a demand, shape (sites, demands): true and false, or 1 and 0. Where
        sites and demands lie along a line, give both in its order: a circle is seen only then.
    most_nodes
        Of branch and bound, for each part that needs it; at 0 there is none, and the greedy cover
        stands beside the linear programme's bound. No clock is read, so the answer is the same on
        any machine.

    Returns
    -------
    Cover
        No site of it can be left out.

    Raises
    ------
    InputError
        With every fault: not a list of costs and a table of true and false, shapes that don't
        fit, a cost that is negative, infinite or NaN, nodes below 0.
    InfeasibleError
        When no site covers some demand; names them all.
    CertificateError
        When the solver gives a linear programme no answer, which is our fault.

    Examples
    --------
    >>> found = cover([1.0, 1.0, 1.5], [[1, 1, 0], [0, 1, 1], [1, 1, 1]])
    >>> found.chosen.tolist(), found.cost, found.bound
    ([2], 1.5, 1.5)
    """
    price, can = _checked(cost, covers, most_nodes)
    chosen = np.flatnonzero((price == 0) & can.any(axis=1))
    ways = dict.fromkeys(WAYS, 0) | {"free": int(chosen.size > 0)}
    bound, nodes, picked = 0.0, 0, [chosen]
    for sites, demands in _parts(price, can, np.asarray(~can[chosen].any(axis=0))):
        part = _solved(price[sites], can[np.ix_(sites, demands)], most_nodes)
        picked.append(sites[part.chosen])
        bound += part.bound
        nodes += part.nodes
        ways[part.way] += 1
    kept = _needed(np.sort(np.concatenate(picked)), price, can)
    total = float(price[kept].sum())
    if total - bound <= _EXACT * total:
        bound = total
    return Cover(frozen(kept), total, min(bound, total), nodes, MappingProxyType(ways))


def _parts(
    price: NDArray[np.float64], can: NDArray[np.bool_], open_: NDArray[np.bool_]
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Split what is still open into parts that share nothing; numbers of sites and of demands.

    Of sites that cover the same the cheapest is kept, of demands that the same sites cover the
    first: that loses nothing, and keeps their order.
    """
    demands = np.flatnonzero(open_)
    demands = demands[np.sort(_first_of_each(can[:, demands].T))]
    cheapest = np.lexsort((np.arange(price.size), price))
    cheapest = cheapest[can[np.ix_(cheapest, demands)].any(axis=1)]
    sites = np.sort(cheapest[_first_of_each(can[np.ix_(cheapest, demands)])])
    if not demands.size:
        return []
    pairs = sparse.csr_array(can[np.ix_(sites, demands)])
    graph = sparse.block_array([[None, pairs], [pairs.T, None]])
    count, label = connected_components(graph, directed=False)
    of_site, of_demand = label[: sites.size], label[sites.size :]
    return [(sites[of_site == n], demands[of_demand == n]) for n in range(count)]


def _first_of_each(rows: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Give the first of each set of equal rows."""
    if not rows.size:
        return np.arange(min(1, rows.shape[0]))
    return np.asarray(np.unique(np.packbits(rows, axis=1), axis=0, return_index=True)[1], np.int64)


def _solved(price: NDArray[np.float64], can: NDArray[np.bool_], most_nodes: int) -> _Part:
    """Settle one part, every price above 0."""
    scale = float(price.mean())  # so that the solver's tolerances mean the same for any money
    unit = price / scale
    found, bound = _linear(unit, can)
    if found is not None:
        return _Part(found, bound * scale, "linear")
    if _round(can) or _round(can.T):
        circle = _circle(unit, can)
        if circle is not None:
            return circle._replace(bound=circle.bound * scale)
    part = _branched(unit, can, bound, most_nodes)
    return part._replace(bound=part.bound * scale)


def _round(can: NDArray[np.bool_]) -> bool:
    """Tell whether the ones of every row follow one another, the last before the first."""
    begins = can & ~np.roll(can, 1, axis=1)
    return bool((begins.sum(axis=1) <= 1).all())


def _linear(
    price: NDArray[np.float64], can: NDArray[np.bool_]
) -> tuple[NDArray[np.int64] | None, float]:
    """Solve the linear programme: the sites where its answer is whole, and a bound.

    Shares have no upper limit: it would take a part of the duals, and no cheapest cover takes a
    site twice.
    """
    answer = optimize.linprog(
        price,
        A_ub=-sparse.csr_array(can.T, dtype=np.float64),
        b_ub=-np.ones(can.shape[1]),
        bounds=(0, None),
        # both end at corners; by the inner way large ones took a twentieth of the time
        method="highs-ds" if price.size <= _SMALL else "highs-ipm",
        options={"primal_feasibility_tolerance": _TIGHT, "dual_feasibility_tolerance": _TIGHT},
    )
    if answer.x is None:
        raise CertificateError(f"the linear programme of a cover has no answer: {answer.message}")
    dual = np.maximum(-np.asarray(answer.ineqlin.marginals), 0.0)
    load = can @ dual
    loaded = load > 0
    bound = float(dual.sum()) * min(1.0, float((price[loaded] / load[loaded]).min(initial=1.0)))
    near = np.abs(answer.x - np.round(answer.x)).max() <= _WHOLE
    taken = np.flatnonzero(answer.x > 0.5)
    whole = near and bool(can[taken].any(axis=0).all())
    return (taken if whole else None), bound


def _circle(price: NDArray[np.float64], can: NDArray[np.bool_]) -> _Part | None:
    """Cut a circle open at each site that covers one demand; None if that settles nothing.

    A cheapest cover without idle sites holds one that covers the demand, and none whose cover
    holds all of that one's, for it would be idle beside it. Without those, what is left of each
    site's arc is one piece of the opened circle.
    """
    pivot = int(can.sum(axis=0).argmin())
    best: tuple[float, NDArray[np.int64]] | None = None
    bound = np.inf
    for site in np.flatnonzero(can[:, pivot]).tolist():
        wide = can[:, can[site]].all(axis=1)
        others, left = np.flatnonzero(~wide), ~can[site]
        rest = can[np.ix_(others, left)]
        if not rest.any(axis=0).all():
            continue
        taken, least = _linear(price[others], rest) if left.any() else (np.zeros(0, np.int64), 0.0)
        if taken is None:
            return None
        chosen = np.concatenate([[site], others[taken]])
        total = float(price[chosen].sum())
        bound = min(bound, float(price[site]) + least)
        if best is None or total < best[0]:
            best = total, chosen
    return None if best is None else _Part(best[1], bound, "circle")


def _branched(
    price: NDArray[np.float64], can: NDArray[np.bool_], bound: float, most_nodes: int
) -> _Part:
    """Branch and bound; the greedy cover where it finds none as cheap."""
    taken = _needed(_greedy(price, can), price, can)
    if not most_nodes:
        return _Part(taken, min(bound, float(price[taken].sum())), "branched")
    answer = optimize.milp(
        _FINE * price,
        integrality=np.ones(price.size),
        bounds=optimize.Bounds(0, 1),
        constraints=optimize.LinearConstraint(
            sparse.csr_array(can.T, dtype=np.float64), lb=1.0, ub=np.inf
        ),
        options={"node_limit": most_nodes, "mip_rel_gap": 0.0},
    )
    if answer.x is not None:
        found = np.flatnonzero(answer.x > 0.5)
        if can[found].any(axis=0).all() and price[found].sum() <= price[taken].sum():
            taken = found
    if answer.mip_dual_bound is not None and np.isfinite(answer.mip_dual_bound):
        bound = max(bound, float(answer.mip_dual_bound) / _FINE)
    least = min(bound, float(price[taken].sum()))
    return _Part(taken, least, "branched", int(answer.mip_node_count or 0))


def _greedy(price: NDArray[np.float64], can: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Take the site that costs least per demand newly covered, until all are."""
    left = np.ones(can.shape[1], bool)
    new = can.sum(axis=1)
    chosen: list[int] = []
    while left.any():
        each = np.divide(price, new, out=np.full(price.size, np.inf), where=new > 0)
        chosen.append(int(each.argmin()))
        taken = left & can[chosen[-1]]
        new -= can[:, taken].sum(axis=1)
        left &= ~taken
    return np.array(sorted(chosen), np.int64)


def _needed(
    chosen: NDArray[np.int64], price: NDArray[np.float64], can: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Leave out sites that the others do without, the dearest first."""
    count = can[chosen].sum(axis=0)
    kept = []
    for site in chosen[np.argsort(-price[chosen], kind="stable")].tolist():
        if (count[can[site]] > 1).all():
            count -= can[site]
        else:
            kept.append(site)
    return np.array(sorted(kept), np.int64)


def _checked(
    cost: ArrayLike, covers: ArrayLike, most_nodes: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Refuse what is no problem of covering, with every fault."""
    faults: list[Fault] = []
    price, can = _prices(cost, faults), _table(covers, faults)
    if most_nodes < 0:
        faults.append(Fault("cover", "most_nodes", f"{most_nodes}", "give 0 or more"))
    if price is not None and can is not None and price.size != can.shape[0]:
        found = f"{can.shape[0]} rows, for {price.size} costs"
        faults.append(Fault("cover", "covers", found, "give a row for each site"))
    if faults or price is None or can is None:
        raise InputError(faults)
    bare = np.flatnonzero(~can.any(axis=0))
    if bare.size:
        said = ", ".join(str(n) for n in bare.tolist())
        found = f"{bare.size} of {can.shape[1]} that no site covers: {said}"
        raise InfeasibleError([Fault("cover", "demands", found, "add sites that cover them")])
    return price, can


def _prices(cost: ArrayLike, faults: list[Fault]) -> NDArray[np.float64] | None:
    mend = "give a number for each site"
    try:
        price = np.asarray(cost, np.float64)
    except (TypeError, ValueError):
        faults.append(Fault("cover", "cost", "no numbers", mend))
        return None
    if price.ndim != 1:
        faults.append(Fault("cover", "cost", f"an array of shape {price.shape}", mend))
        return None
    for wrong, found in (
        (np.isnan(price), "NaN"),
        (price < 0, "less than 0"),
        (np.isposinf(price), "infinite"),
    ):
        if wrong.any():
            place = f"cost: site {int(wrong.argmax())}, {int(wrong.sum())} in all"
            mend = "give 0 or more; leave out sites that can't be had"
            faults.append(Fault("cover", place, found, mend))
    return price


def _table(covers: ArrayLike, faults: list[Fault]) -> NDArray[np.bool_] | None:
    mend = "give true or false, or 1 and 0, of shape (sites, demands)"
    try:
        raw = np.asarray(covers)
    except ValueError:
        faults.append(Fault("cover", "covers", "no table", mend))
        return None
    if raw.ndim != 2:
        faults.append(Fault("cover", "covers", f"an array of shape {raw.shape}", mend))
        return None
    if raw.dtype != np.bool_ and (raw.dtype.kind not in "iuf" or not np.isin(raw, (0, 1)).all()):
        faults.append(Fault("cover", "covers", f"other values, of {raw.dtype}", mend))
        return None
    return raw.astype(np.bool_)
