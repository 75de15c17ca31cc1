"""How the line differs between what it is drawn for: output and people, at equal cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.brief.page_steps import step_with
from vallum.brief.page_text import percent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.plan import Plan

__all__ = ["other_objective"]


def other_objective(plan: Plan) -> str:
    """Compare with the other objective at equal cost, at the step shown and at half the people."""
    line = plan.line
    costs = line.other.steps["cost_usd_yr"].to_numpy()
    drawn_for = {"output": "output", "people": "people", "mix": "output and people"}
    parts = []
    half = step_with(plan, 0.5)
    for step in dict.fromkeys([line.step, line.step if half is None else half]):
        row = line.plans.steps.iloc[step]
        k = int(np.searchsorted(costs, row["cost_usd_yr"], side="right")) - 1
        name = "the step shown first" if step == line.step else f"step {step}"
        if k < 0:
            parts.append(
                f"For the money of {name}, no line drawn for {drawn_for[line.other.objective]} is "
                "to be had."
            )
            continue
        there = line.other.steps.iloc[k]
        both = _held(line.plans.entry, step), _held(line.other.entry, k)
        common = float((both[0] & both[1]).sum() / max((both[0] | both[1]).sum(), 1))
        parts.append(
            f"For the money of {name}, a line drawn for {drawn_for[line.other.objective]} holds "
            f"{percent(there['people_share'])} of the people, where one drawn for "
            f"{drawn_for[line.plans.objective]} holds {percent(row['people_share'])} "
            f"({percent(there['output_share'])} and {percent(row['output_share'])} of the output); "
            + (f"they share {percent(common)} of their land." if common else "they share no land.")
        )
    return f"{' '.join(parts)} The switch on the map draws both lines."


def _held(entry: NDArray[np.int32], step: int) -> NDArray[np.bool_]:
    return (entry >= 0) & (entry <= step)
