"""The lands whose dividend is counted: those the campaign was played on, with what it found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.dividend.model import Land, Timing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.campaign import Campaign
    from vallum.campaign.model import Case
    from vallum.dividend.settings import DividendSettings
    from vallum.forces import Forces
    from vallum.line import Line
    from vallum.theatre import Theatre

    Floats = NDArray[np.float64]

__all__ = ["lands"]

MONTHS = 12
MID_YEAR = 0.5


def lands(
    campaign: Campaign,
    line: Line,
    forces: Forces,
    theatre: Theatre,
    settings: DividendSettings,
) -> tuple[Land, ...]:
    """Give the held lands as the streams see them.

    Parameters
    ----------
    campaign
        What was played, and on which lands.
    line
        The chain of plans.
    forces
        With the programme, if there is one.
    theatre
        The ground.
    settings
        Horizon, and the delay of a line that has no programme.

    Returns
    -------
    lands
        One per case of the campaign, in its order.
    """
    return tuple(_land(case, line, forces, theatre, settings) for case in campaign.cases)


def _land(
    case: Case, line: Line, forces: Forces, theatre: Theatre, settings: DividendSettings
) -> Land:
    """Give one land."""
    entry = line.plans.entry
    own = case.step == line.step
    held = line.held if own else (entry >= 0) & (entry <= case.step)
    return Land(
        name=case.name,
        step=case.step,
        held=held,
        outside=theatre.member_mask & ~held,
        line_km=case.line_km,
        cost_usd_yr=case.cost_usd_yr,
        change=_change(case),
        targets=_targets(case),
        timing=_timing(case, settings, programmed=own and forces.programme is not None),
    )


def _change(case: Case) -> pd.DataFrame:
    """Put the draws under "nothing" and under "line" side by side."""
    by = {means: rows.set_index("draw") for means, rows in case.draws.groupby("means")}
    before, after = by["nothing"], by["line"].reindex(by["nothing"].index)
    neighbours = sorted(name for name in case.draws.columns if str(name).isupper())
    columns = {}
    for name in ("held", "outside", *neighbours):
        columns[f"{name}_before"] = before[name].to_numpy(np.float64)
        columns[f"{name}_after"] = after[name].to_numpy(np.float64)
    return pd.DataFrame(columns)


def _targets(case: Case) -> pd.DataFrame:
    """Give the targets with attacks a year before and after, in the last phase."""
    table = case.targets[case.targets["phase"] == case.targets["phase"].max()]
    by = table.pivot_table(index="target", columns="means", values="attacks_yr")
    by = by.reindex(np.arange(len(case.world.targets)))
    return case.world.targets.reset_index(drop=True).assign(
        before=by["nothing"].to_numpy(np.float64), after=by["line"].to_numpy(np.float64)
    )


def _timing(case: Case, settings: DividendSettings, *, programmed: bool) -> Timing:
    """Say what share of the line is covered in the middle of each year."""
    middle = np.arange(settings.horizon) + MID_YEAR
    line = case.world.entries[case.world.entries["kind"] == "line"]
    length = line["length_km"].to_numpy(np.float64)
    if not programmed or not length.sum() > 0:
        return Timing(settings.horizon, (middle >= settings.delay_yr).astype(np.float64))
    month = line["covered_month"].to_numpy(np.float64)
    covered = (month[:, None] <= middle * MONTHS) * length[:, None]
    return Timing(settings.horizon, np.minimum(covered.sum(axis=0) / length.sum(), 1.0))
