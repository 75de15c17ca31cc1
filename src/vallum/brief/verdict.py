"""What is said in the terminal: the answer of a plan, and the verdict on a drawn territory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vallum.brief.record import in_dollars

if TYPE_CHECKING:
    from vallum.plan import Judged, Plan

__all__ = ["answer", "best_within", "verdict"]


def answer(plan: Plan) -> str:
    """Say the plan's answer in a few plain sentences.

    Parameters
    ----------
    plan
        To speak of.

    Returns
    -------
    str
        Numbers with their ranges.
    """
    line = plan.line
    row = line.plans.steps.iloc[line.step]
    sure = plan.ranges.steps.iloc[line.step]
    opening = ""
    if line.status != "ok":
        opening = (
            f"At μ = {line.mu:g} nothing is worth holding: no territory's averted losses reach its "
            "cost on these assumptions. As an illustration only, the step with the most benefit "
            "per dollar: "
        )
    return (
        f"{opening}it holds {row['held_km2']:,.0f} km² and {row['people_held']:,.0f} people "
        f"({row['people_share']:.1%}) behind {line.score.line_km:,.0f} km of line, for "
        f"{_millions(line.score.cost)} million USD a year "
        f"({_millions(sure['cost_low'])}–{_millions(sure['cost_high'])}); losses averted "
        f"{_millions(sure['averted_usd_yr'])} million "
        f"({_millions(sure['averted_low'])}–{_millions(sure['averted_high'])}). "
        f"It pays in {sure['pays_share']:.1%} of {plan.ranges.draws:,} draws."
    )


def verdict(judged: Judged) -> dict[str, Any]:
    """Put the judgement of a drawn territory into plain numbers.

    Parameters
    ----------
    judged
        From `vallum.score_line`.

    Returns
    -------
    dict
        The chain's best plan of no more than that cost stands beside it (`frontier_benefit`);
        `beyond_chain` is what the drawn territory earns beyond that, and `most_beyond_chain` the
        most that any territory of its cost could. `ceiling` and what follows from it are None where
        it leaves out land that every plan must hold.
    """
    score, held, worth, plans = judged.found.score, judged.held, judged.worth, judged.plans
    ceiling = None if np.isnan(judged.found.ceiling) else judged.found.ceiling
    steps = plans.steps
    step = best_within(judged)
    best = steps.iloc[step] if step >= 0 else None
    within = float(best["benefit"]) if best is not None else 0.0
    return {
        "objective": plans.objective,
        "held_km2": float(held.sum()) * float(steps["held_km2"].iloc[0] / steps["cells"].iloc[0]),
        "people_held": float(worth.people[held].sum()),
        "people_share": float(worth.people[held].sum() / worth.people.sum()),
        "output_share": float(worth.output[held].sum() / worth.output.sum()),
        "line_km": score.line_km,
        "holding_usd_yr": score.holding,
        "closure_usd_yr": score.closure,
        "cost_usd_yr": score.cost,
        "barred_km": judged.found.barred_km,
        "buildable_usd_yr": judged.found.buildable_usd_yr,
        "benefit_usd_yr": in_dollars(score.benefit, judged.settings),
        "benefit": score.benefit,
        "ceiling": ceiling,
        "share_of_ceiling": None if ceiling is None
        else score.benefit / ceiling if ceiling > 0 else 1.0,
        "frontier_benefit": within,
        "frontier_cost_usd_yr": float(best["cost_usd_yr"]) if best is not None else 0.0,
        "beyond_chain": score.benefit - within,
        "most_beyond_chain": None if ceiling is None else max(ceiling - within, 0.0),
        "above_hull": ceiling is not None and score.benefit > ceiling * (1 + 1e-9),
    }  # fmt: skip


def best_within(judged: Judged) -> int:
    """Find the chain's dearest step that costs no more than what was drawn; −1 if none does.

    Where part of its line can't be built, than what the rest of it costs.
    """
    costs = judged.plans.steps["cost_usd_yr"].to_numpy(float)
    return int(np.searchsorted(costs, judged.found.buildable_usd_yr, side="right")) - 1


def _millions(usd: float) -> str:
    """Millions, with sense for size."""
    return f"{usd / 1e6:,.0f}" if abs(usd) >= 1e8 else f"{usd / 1e6:,.1f}"
