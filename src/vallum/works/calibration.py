"""Our figures beside lines that were built: men and money per km, by the works like theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.works.cost import price_items
from vallum.works.real_lines import load_real_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vallum.works.catalogue import Catalogue
    from vallum.works.real_lines import RealLine
    from vallum.works.settings import WorksSettings

__all__ = ["calibration"]

_NAMES = {
    "men_per_km": "men",
    "capital_usd_km": "capital_usd",
    "usd_km_yr": "usd_yr",
}


def calibration(
    catalogue: Catalogue, settings: WorksSettings, lines: Sequence[RealLine] | None = None
) -> pd.DataFrame:
    """Price the works that stand for each real line, on plain ground.

    Parameters
    ----------
    catalogue, settings
        Figures, rate, man-year and rotation.
    lines
        Those to compare with; the built-in ten if not given. A line for which the catalogue lacks
        an item is left out.

    Returns
    -------
    DataFrame
        One row per line, by its id: `text`, `km`, `note`, `source`; for `men_per_km`,
        `capital_usd_km` and `usd_km_yr` what is reported (`_reported_low`, `_reported_high`; NaN
        where it isn't) and ours (`_low`, `_mid`, `_high`; men with their rotation, since reports
        count all).
    """
    rows = {}
    for line in load_real_lines() if lines is None else lines:
        amounts = line.quantities
        if not set(amounts) <= set(catalogue.items):
            continue
        items = [catalogue.items[key] for key in amounts]
        cost = price_items(items, np.array([[*amounts.values()]]), settings)
        row: dict[str, object] = {"text": line.text, "km": line.km, "note": line.note,
                                  "source": line.source}  # fmt: skip
        for name, span_name in _NAMES.items():
            low, high = getattr(line, name) or (np.nan, np.nan)
            span, factor = cost.spans[span_name], settings.rotation if span_name == "men" else 1.0
            row |= {
                f"{name}_reported_low": low,
                f"{name}_reported_high": high,
                f"{name}_low": float(span.low[0]) * factor,
                f"{name}_mid": float(span.mode[0]) * factor,
                f"{name}_high": float(span.high[0]) * factor,
            }
        rows[line.id] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("line")
