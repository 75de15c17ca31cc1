"""What the built-in theatre says, printed; nothing is tuned to it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from vallum.kernel.cut import solve
from vallum.kernel.territory import instance
from vallum.plan import until
from vallum.settings import load_settings

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("stages_once")]


def best(steps):
    """Least share of land at which a step holds over 80 % of people."""
    over = steps[steps["people_share"] > 0.8]
    row = over.iloc[0]
    return row, row["held_km2"] / steps["held_km2"].iloc[-1]


def test_with_a_uniform_loss_rate_one_joint_line_holds_most_people_on_little_land():
    parts = until(
        "line", "sahel", load_settings(None, ["threat.uniform_loss_rate=0.04", "line.refine=0"])
    )
    steps = parts["line"].plans.steps
    row, land = best(steps)
    entry = parts["line"].plans.entry
    held = (entry >= 0) & (entry <= row.name)
    pieces, _ = ndimage.label(held, structure=np.ones((3, 3)))
    people = np.bincount(pieces[held], parts["worth"].people[held]) / parts["worth"].people.sum()
    print(
        f"uniform rate: step {row.name} holds {row['people_share']:.1%} of people on {land:.1%} of "
        f"the land behind {row['line_km']:,.0f} km; its largest piece holds {people.max():.1%}"
    )
    assert land < 0.30
    assert people.max() > 0.5  # a country, not a string of bubbles


def test_with_the_estimated_rate_print_what_results_over_the_priors_range():
    for name, low in (("low", 700), ("middle", 3200), ("high", 9700)):
        coarse = ["theatre.cell_km=25", "line.refine=0"]
        chosen = load_settings(None, [f"threat.lost_per_event={low}", *coarse])
        line = until("line", "sahel", chosen)["line"]
        row, land = best(line.plans.steps)
        print(
            f"loss per event {name}: {row['people_share']:.1%} of people on {land:.1%} of the "
            f"land, {row['cost_usd_yr'] / 1e6:,.0f} million USD/yr for "
            f"{row['benefit'] / 1e6:,.0f} averted; at mu 1: {line.status}"
        )
        assert 0 < land <= 1


def test_at_equal_price_the_joint_plan_is_worth_at_least_the_national_ones():
    parts = until("line", "sahel", load_settings(None, ["theatre.cell_km=25", "line.refine=0"]))
    theatre, stakes = parts["theatre"], parts["line"].plans.stakes
    sea = theatre.ground["state"].to_numpy() < 0
    flank = np.where(sea, 0.0, 1.0)
    prices = [2.0, 5.0, 10.0, 20.0, 50.0]

    def values(benefit):
        problem = instance(
            benefit,
            stakes.holding,
            stakes.closure,
            cell_km=20.0,
            flank=flank,
            projects=[(p.value, p.cells) for p in stakes.projects],
        )
        steps = solve(problem, step=0.5, at=prices).steps
        cost = steps["holding"] + steps["closure"]
        return np.array([max(0.0, (mu * steps["benefit"] - cost).max()) for mu in prices])

    joint = values(stakes.benefit)
    alone = [
        values(np.where(theatre.state_mask(iso3), stakes.benefit, np.nan))
        for iso3 in theatre.members
    ]
    for n, mu in enumerate(prices):
        parts_ = " + ".join(f"{v[n] / 1e6:,.1f}" for v in alone)
        print(f"mu {mu:g}: joint {joint[n] / 1e6:,.1f} >= {parts_} million USD/yr (a property)")
    assert (joint >= sum(alone) - 1.0).all()
