"""What the worth stage says of itself in a notebook or a console."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.card import Card, Picture, Row, Table, rests_on

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.worth.output import Worth

__all__ = ["least_cells", "worth_card"]


def worth_card(found: Worth) -> Card:
    """Say how much there is to protect, and on how little land it lies."""
    total, people = float(found.output.sum()), float(found.people.sum())
    spread = "a model’s spread of national figures"
    half = least_cells(found.output, 0.5)
    lived = (found.output > 0) | (found.people > 0)
    return Card(
        "Worth",
        "What is vital?",
        (
            Row("Output", total, "USD/yr", how="sums to each state’s published GDP", main=True),
            Row("of it at mines, ports and the like", float(found.site_output.sum()), "USD/yr",
                how=spread),
            Row("of it by townsmen", float(found.urban_output.sum()), "USD/yr", how=spread),
            Row("People", people, "people", how="never turned into dollars here", main=True),
            Row("of them in towns", _share(float(found.urban_people.sum()), people), "share",
                how="as the theatre has it"),
            Row("Land that makes half of the output",
                _share(float(half.sum()), float(lived.sum())), "share",
                how="of land with output or people; " + spread, main=True),
            Row("Land where half of the people live",
                _share(float(least_cells(found.people, 0.5).sum()), float(lived.sum())), "share",
                how="likewise"),
        ),
        table=Table(
            "Output by member",
            (("state", ""), ("GDP", "USD/yr")),
            tuple((iso3, usd) for iso3, usd in found.gdp.items()),
        ),
        picture=Picture(
            "Where half of the output is made",
            np.where(half, 1, np.where(lived, 0, -1)).astype(np.int8),
            (("other land with output or people", "neighbour"), ("half of the output", "held")),
        ),
        notes=(rests_on(found.ledger),),
    )  # fmt: skip


def least_cells(amount: NDArray[np.float64], share: float) -> NDArray[np.bool_]:
    """Mark the fewest cells that together hold a share of an amount.

    Parameters
    ----------
    amount
        By cell, 0 or more; shape (rows, cols).
    share
        0 to 1.

    Returns
    -------
    ndarray
        Bool, shape (rows, cols); of cells that hold as much, the first in reading order.

    Examples
    --------
    >>> least_cells(np.array([[1.0, 5.0], [2.0, 2.0]]), 0.6).tolist()
    [[False, True], [True, False]]
    """
    order = np.argsort(-amount.ravel(), kind="stable")
    held = np.cumsum(amount.ravel()[order])
    out = np.zeros(amount.size, bool)
    if held.size and held[-1] > 0:
        out[order[: int(np.searchsorted(held, share * held[-1])) + 1]] = True
    return out.reshape(amount.shape)


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None
