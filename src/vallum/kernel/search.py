"""What both ways of finding the family of cuts share: which price to try next."""

from __future__ import annotations

from typing import TypeAlias

__all__ = ["Proof", "price_to_try"]

Proof: TypeAlias = tuple[float, float, int, float]
"""One solve: price, greatest value, flow = cut in units, bound on rounding in USD/yr."""


def price_to_try(
    forced: tuple[float, ...], benefit: float, cost: float, *, unresolved_from: float
) -> float | None:
    """Say the price at which a piece must be searched, if any: asked for, or equal at both ends.

    Parameters
    ----------
    forced
        Prices asked for that lie in the piece, rising.
    benefit, cost
        What its upper end has more than its lower one, USD/yr.
    unresolved_from
        A piece with no more benefit than this is not searched.

    Returns
    -------
    float or None
        The price.
    """
    if forced:
        return forced[len(forced) // 2]
    if benefit <= unresolved_from or benefit == 0:
        return None
    return max(cost / benefit, 0.0)  # beside land that must be held rounding can leave it below 0
