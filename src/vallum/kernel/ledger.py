"""One row of the ledger of assumptions, shared by all stages."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Assumption"]


@dataclass(frozen=True)
class Assumption:
    """A figure that a result rests on, with its range and where it comes from.

    Attributes
    ----------
    key
        Its name, dotted from the stage down: `works.man_year_usd`.
    value
        The figure used; None where the assumption is not a number.
    low, high
        The ends of its range; None where no range is known.
    unit
        The figure's unit; empty where it has none.
    source
        The address or text that it was read in, or "judgement: " and the reason.
    """

    key: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    source: str
