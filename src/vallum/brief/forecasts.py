"""Scores of forecasts, as tables for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from vallum.threat.intensity.forecast import Forecast

__all__ = ["forecast_tables"]

SHOWN_REGIONS = 15


def forecast_tables(found: Forecast) -> dict[str, pd.DataFrame]:
    """Lay out a forecast's scores.

    Parameters
    ----------
    found
        Of `vallum.threat.intensity.forecast.forecast`.

    Returns
    -------
    tables
        By title: the last split by region (those with most events expected), the log score and
        CRPS per split, the means, and the lead over each simple forecast.
    """
    count = len(found.splits)
    tables: dict[str, pd.DataFrame] = {}
    most = found.regions.sort_values("events_yr", ascending=False, kind="stable")
    tables[
        f"12 months from {found.splits[-1]}, the {min(SHOWN_REGIONS, len(most))} of {len(most)} "
        f"regions with most expected; range {100 * found.interval:.0f} %"
    ] = most.head(SHOWN_REGIONS).drop(columns=["model"])
    if count > 1:
        for score, unit in (("log_score", "log score, nats"), ("crps", "CRPS, events")):
            wide = found.table.pivot_table(index="split", columns="model", values=score, sort=False)
            tables[f"{unit}, mean over regions; smaller is better"] = wide.reset_index()
    over = f"{count} splits" if count > 1 else "the regions"
    tables[f"means over {over}, with {100 * found.interval:.0f} % range by bootstrap"] = (
        found.means.round(4)
    )
    tables["how much the default is better than each, and on how many splits"] = (
        found.against.round(4)
    )
    inside = {
        "of all": found.coverage,
        "where an event or more was expected": found.coverage_busy,
    }
    tables[f"share of counts inside their {100 * found.interval:.0f} % interval"] = pd.DataFrame(
        {"regions": list(inside), "share": list(inside.values())}
    )
    return tables
