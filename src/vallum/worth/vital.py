"""How closely people and output are gathered: the smallest land that holds a share of them.

This is what "vital" means before any line is drawn. It asks nothing of connection or cost: it is
the least that any territory holding that share could cover.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.worth.output import value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.theatre import Theatre
    from vallum.worth.output import Worth
    from vallum.worth.settings import WorthSettings

__all__ = ["ALL", "PREMIUMS", "SHARES", "gathered", "least_share"]

SHARES = (0.5, 0.8, 0.95)
ALL = "all"
PREMIUMS = "worth.urban_premium"  # the assumption that decides how far output sits in towns


def least_share(values: NDArray[np.float64], share: float) -> float:
    """Give the smallest share of cells that holds a share of what lies in them.

    Parameters
    ----------
    values
        Per cell, at least 0; shape (cells,).
    share
        In 0 to 1.

    Returns
    -------
    float
        NaN where there is nothing.

    Examples
    --------
    >>> least_share(np.array([6.0, 2.0, 1.0, 1.0]), 0.5)
    0.25
    >>> least_share(np.array([6.0, 2.0, 1.0, 1.0]), 0.8)
    0.5
    """
    total = float(values.sum())
    if not total > 0:
        return float("nan")
    held = np.cumsum(np.sort(values)[::-1]) / total
    # a sum of many cells may end a hair below the share that it reaches
    return float((np.searchsorted(held, share - 1e-12) + 1) / values.size)


def gathered(theatre: Theatre, settings: WorthSettings, worth: Worth) -> pd.DataFrame:
    """Say for each member, and for all, how closely people and output are gathered.

    Parameters
    ----------
    theatre
        The ground.
    settings
        Of the stage; the premium of townsmen is set to the ends of its range in turn.
    worth
        At the settings' own values.

    Returns
    -------
    pandas.DataFrame
        A row per `state` (iso3, and `all`), `what` ("people" or "output") and `share`; `land` (of
        its cells, 0 to 1) with `low` and `high`, equal for people, who are counted, and over the
        premium's range for output; `total` (people, or USD/yr) and `km2`.
    """
    premium = next(row for row in worth.ledger if row.key == PREMIUMS)
    ends = [
        value(theatre, settings.model_copy(update={"urban_premium": end})).output
        for end in (premium.low, premium.high)
        if end is not None
    ]
    masks = {iso3: theatre.state_mask(iso3) for iso3 in theatre.members}
    masks[ALL] = theatre.member_mask
    rows = []
    for state, mask in masks.items():
        for what, mid, others in (
            ("people", worth.people, []), ("output", worth.output, ends),
        ):  # fmt: skip
            for share in SHARES:
                land = least_share(mid[mask], share)
                all_of = [land, *(least_share(one[mask], share) for one in others)]
                rows.append(
                    {
                        "state": state, "what": what, "share": share, "land": land,
                        "low": min(all_of), "high": max(all_of),
                        "total": float(mid[mask].sum()),
                        "km2": float(mask.sum()) * theatre.grid.cell_km2,
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)
