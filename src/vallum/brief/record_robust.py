"""What stands under other assumptions, as plain values for `plan.json`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vallum.plan import Plan

__all__ = ["record_robust"]


def record_robust(plan: Plan) -> dict[str, Any] | None:
    """Put the robust stage into plain values.

    Parameters
    ----------
    plan
        To record.

    Returns
    -------
    dict or None
        Keys as documented in docs/method/brief.md; None where no draws were made.
    """
    found = plan.robust
    if found is None:
        return None
    steps = [
        {key: int(v) if key == "step" else _number(v) for key, v in row.items()}
        for row in found.steps.to_dict("records")
    ]
    mine = found.stretches[found.stretches["step"] == plan.line.step]
    return {
        "draws": found.draws,
        "seed": found.seed,
        "share": found.share,
        "void": found.void,
        "chosen": next(row for row in steps if row["step"] == plan.line.step),
        "steps": steps,
        "stretches": [
            {str(k): v for k, v in row.items() if k != "step"} for row in mine.to_dict("records")
        ],
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
