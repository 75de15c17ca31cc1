"""Tables and values as `plan.json` has them: plain, and None for what is missing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["plain_rows", "plain_value"]


def plain_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Give a table as a list of rows of plain values."""
    rows: list[dict[Hashable, Any]] = table.to_dict("records")
    return [{str(key): plain_value(value) for key, value in row.items()} for row in rows]


def plain_value(value: object) -> str | bool | int | float | None:
    """Make a value plain: numbers and truths as they are, what is missing as None, else text."""
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return None if value is None or value is pd.NaT else str(value)
