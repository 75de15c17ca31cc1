"""What the placing of forts finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from vallum.kernel.ledger import Assumption

__all__ = ["Forts"]


@dataclass(frozen=True, eq=False)
class Forts:
    """Forts, bases and their garrisons. Where single forts stand is not to be published.

    Attributes
    ----------
    table
        A row per fort, in order along the lines: `fort`, `sector`, `line`, `km` (from the start of
        its line; of a base behind, where it first meets the line), `state` (on whose ground),
        `row`, `col`, `lon`, `lat`, `fort_class`, `base` (whether it counts as a reaction base),
        `behind` (whether it stands behind the line), `men_on_duty`, `men_paid`, `capital_usd`,
        `upkeep_usd_yr`, `built_usd_yr` (both of them by the year), `men_usd_yr`, `water_usd_yr`,
        `fuel_usd_yr`, `food_usd_yr`, `cost_usd_yr` (of all), `supply_h` (hours from the nearest
        town), `responders`, `responders_needed` (the fewest who give the P_N assumed of what it
        serves), `served_km`, `response_s` (to the furthest point that it serves).
    by_sector
        A row per sector: `sector`, `line`, `state`, `length_km`, `forts_assumed` (by the spacing
        of the composition), `forts` (bases that stand there among them), `bases`, `men_on_duty`,
        `men_paid`, `response_s_assumed`, `response_s_found` (to the furthest point of each piece,
        means by length), `response_s_worst`, `p_e_assumed`, `p_e_found` (means by length),
        `p_e_short` (the most by which any piece falls short), `capital_usd`, `cost_usd_yr`.
    by_state
        The forts on each state's ground: `state`, `forts`, `bases`, `men_on_duty`, `men_paid`,
        `capital_usd`, `cost_usd_yr`.
    pieces
        A row per piece of line: `line`, `sector`, `row`, `cell`, `first`, `last`, `length_km`,
        `fort` (that reaches it first), `response_s_assumed`, `response_s` and `response_sd_s`
        (found), `p_e_assumed`, `p_e`, `p_n_assumed`, `fort_km_assumed`, `reaction_h` (of the
        nearest base; inf without one).
    cost_usd_yr, bound_usd_yr
        Of all forts, and what no placement that meets the same times can cost less than.
    status
        "ok", or what did not come out.
    history
        A row per round in which the response that was found replaced the assumed one: `round`,
        `solved` (whether the placement was sought anew), `forts`, `cost_usd_yr`, `bound_usd_yr`,
        `response_gap_s` (the most by which a response found differs from the one assumed in that
        round), `p_e_short` (the most by which P_E falls short of the works').
    ways, nodes
        How the parts of the covering were settled (`vallum.kernel.program.Cover`).
    ledger
        Assumptions.
    """

    table: pd.DataFrame
    by_sector: pd.DataFrame
    by_state: pd.DataFrame
    pieces: pd.DataFrame
    cost_usd_yr: float
    bound_usd_yr: float
    status: str
    history: pd.DataFrame
    ways: Mapping[str, int]
    nodes: int
    ledger: tuple[Assumption, ...]

    @property
    def gap(self) -> float:
        """Share of the cost that another placement could save at most."""
        return 1 - self.bound_usd_yr / self.cost_usd_yr if self.cost_usd_yr > 0 else 0.0

    @property
    def men_on_duty(self) -> float:
        """Men on duty in all forts."""
        return float(self.table["men_on_duty"].sum())

    @property
    def men_paid(self) -> float:
        """Men paid for them."""
        return float(self.table["men_paid"].sum())
