"""Steps of the frontier that a brief speaks of, as plain values for `plan.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vallum.brief.page_steps import facing_km, step_with, towns

if TYPE_CHECKING:
    from vallum.plan import Plan

__all__ = ["record_marks"]


def record_marks(plan: Plan) -> dict[str, Any]:
    """Put the plan's own step and the first with half of the people or output into plain values.

    Parameters
    ----------
    plan
        To record.

    Returns
    -------
    dict
        By name (`plan`; `half_people` and `half_output` where there is such a step): `step`,
        `towns_inside` and `towns_outside` (the largest), `facing_km` (boundary by what it faces:
        iso3, "own" for the members' own land, "sea").
    """
    names, facing = facing_km(plan)
    steps = {
        "plan": plan.line.step,
        "half_people": step_with(plan, 0.5),
        "half_output": step_with(plan, 0.5, "output"),
    }
    return {
        name: {
            "step": step,
            "towns_inside": towns(plan, step),
            "towns_outside": towns(plan, step, inside=False),
            "facing_km": {
                key: float(km) for key, km in zip(names, facing[step], strict=True) if km > 0
            },
        }
        for name, step in steps.items()
        if step is not None
    }
