"""The cheapest forts and bases: together where the line is short, in turn where it is long.

Along a line each of the two jobs alone (reach every piece in the time assumed; reach it with a base
in time) is a covering with consecutive ones, and exact by the linear programme. A base on the line
does both jobs, which ties them together, and that is hard. Where it is too large for branch and
bound, bases are placed first, each priced at what it costs less what it saves in forts, then forts
for what they leave. The linear programme for both together says how far that can be from the best.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vallum.kernel.program import cover

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from vallum.forces.forts_settings import FortsSettings

__all__ = ["Placement", "cheapest"]

_LEAST = 0.05  # of its cost that a base is priced at, however many forts it saves


class Placement(NamedTuple):
    """Forts and bases that do both jobs.

    Attributes
    ----------
    chosen
        Numbers of the sites, rising.
    cost, bound
        Of them, and what no other costs less than.
    ways, nodes
        As `vallum.kernel.program.Cover` has them.
    """

    chosen: NDArray[np.int64]
    cost: float
    bound: float
    ways: Mapping[str, int]
    nodes: int

    @property
    def gap(self) -> float:
        """Share of the cost that another placement could save at most."""
        return 1 - self.bound / self.cost if self.cost > self.bound else 0.0


def cheapest(
    cost: NDArray[np.float64],
    reach: NDArray[np.bool_],
    late: NDArray[np.bool_],
    length_km: NDArray[np.float64],
    settings: FortsSettings,
) -> Placement:
    """Choose the cheapest forts that reach every piece, and bases that do.

    Parameters
    ----------
    cost
        Of each site, shape (sites,).
    reach
        Which reaches which piece in the time assumed, shape (sites, pieces).
    late
        Which is a base and reaches which piece in its own time, shape (sites, pieces for bases).
    length_km
        Of the pieces.
    settings
        Nodes, and how long a line is for branch and bound.

    Returns
    -------
    Placement
        Optimal, or with its bound.

    Raises
    ------
    InfeasibleError
        When no site reaches some piece.
    """
    both = np.concatenate([reach, late], axis=1)
    if not late.shape[1] or length_km.size <= settings.branch_pieces:
        one = cover(cost, both, most_nodes=settings.most_nodes)
        return Placement(one.chosen, one.cost, one.bound, one.ways, one.nodes)
    base = np.asarray(late.any(axis=1))
    net = np.maximum(cost - _saved(cost, reach, length_km, base), _LEAST * cost)
    first = cover(net[base], late[base], most_nodes=settings.most_nodes)
    bases = np.flatnonzero(base)[first.chosen]
    left = np.asarray(~reach[bases].any(axis=0))
    plain = np.flatnonzero(reach[:, left].any(axis=1))
    second = cover(cost[plain], reach[np.ix_(plain, left)], most_nodes=settings.most_nodes)
    chosen = np.sort(np.concatenate([bases, plain[second.chosen]]))
    total = float(cost[chosen].sum())
    least = cover(cost, both, most_nodes=0).bound
    ways = {way: first.ways[way] + second.ways[way] for way in first.ways}
    return Placement(chosen, total, min(least, total), ways, first.nodes + second.nodes)


def _saved(
    cost: NDArray[np.float64],
    reach: NDArray[np.bool_],
    length_km: NDArray[np.float64],
    base: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Guess what each site saves of other forts: its km, at the cheapest by the km."""
    km = reach @ length_km
    by_km = np.divide(cost, km, out=np.full(cost.size, np.inf), where=(km > 0) & ~base)
    price = np.where(reach, by_km[:, None], np.inf).min(axis=0)
    price[~np.isfinite(price)] = 0.0  # only bases reach it
    return np.asarray(reach @ (price * length_km))
