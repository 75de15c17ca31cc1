"""How sure: benefit and cost of every step over joint draws of the assumptions.

The territory of each step is kept as drawn; what varies is what it is worth and costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.kernel.arrays import sum_by
from vallum.kernel.card import Shown
from vallum.line.card import ranges_card
from vallum.threat.loss import loss_rate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.kernel.card import Card
    from vallum.kernel.ledger import Assumption
    from vallum.line.draw import Line, Plans
    from vallum.theatre import Theatre
    from vallum.threat import Threat
    from vallum.works import Works
    from vallum.worth import Worth

__all__ = ["Ranges", "draw_effect", "draw_price", "draw_rate", "ranges", "triangle"]

TAILS = (0.05, 0.95)


@dataclass(frozen=True, eq=False, repr=False)
class Ranges(Shown):
    """Ranges of every step of a frontier over joint draws.

    Attributes
    ----------
    steps
        One row per step: `averted_usd_yr`, `averted_low`, `averted_high`, `cost_low`, `cost_high`
        (5 and 95 %), `pays_share` (of draws in which losses averted exceed the cost) and
        `break_even_growth` (share of the output held by which development would have to raise it,
        each year, for the plan to pay at the assumptions' own values).
    draws, seed
        How many, and of which generator.
    """

    steps: pd.DataFrame
    draws: int
    seed: int

    def card(self) -> Card:
        """Say it in short, for notebooks and consoles."""
        return ranges_card(self)


@dataclass(frozen=True, eq=False)
class _Parts:
    """What a step holds, one row per step."""

    exposed: NDArray[np.float64]  # USD/yr of output by region
    roads: NDArray[np.float64]  # USD/yr, at the assumptions' own values
    policed: NDArray[np.float64]  # USD/yr of holding that follows people
    patrolled: NDArray[np.float64]  # USD/yr of holding that follows area
    output: NDArray[np.float64]  # USD/yr


def ranges(
    theatre: Theatre,
    worth: Worth,
    threat: Threat,
    works: Works,
    line: Line,
    *,
    draws: int,
    seed: int,
) -> Ranges:
    """Draw the assumptions together and score every step.

    Drawn: events per year of each region (gamma posterior), loss per event, reach, effect of the
    works, price of works, men to hold people and land, cost of a man, freight (triangular between
    low and high with the value as mode).

    Parameters
    ----------
    theatre, worth, threat, works, line
        Results of the stages.
    draws, seed
        Number of draws and seed of the generator.

    Returns
    -------
    Ranges
        For the steps of `line.plans`.
    """
    rng = np.random.default_rng(seed)
    known = {row.key: row for row in (*works.ledger, *line.ledger, *threat.ledger)}

    def factor(key: str) -> NDArray[np.float64]:
        """Draw an assumption, as a multiple of its value."""
        row = known[key]
        return triangle(rng, row, draws) / row.value if row.value else np.ones(draws)

    plans = line.plans
    parts = _parts(theatre, worth, threat, plans, line)
    rate = draw_rate(rng, threat, draws, known["threat.lost_per_event"])
    reach = factor("threat.reach_share") * threat.reach[1]
    effect = draw_effect(rng, works, plans.stakes.effect, draws)
    touched = (reach * effect)[:, None]
    road = factor("line.freight_usd_tkm") * factor("line.insecurity_increase")
    relative = touched / (threat.reach[1] * plans.stakes.effect or 1.0)
    own = 1.0 - plans.stakes.road_share if plans.objective != "people" else 1.0
    averted = own * (rate @ parts.exposed.T) * touched + parts.roads * road[:, None] * relative

    price = draw_price(rng, works, draws)[:, None]
    man = factor("works.man_year_usd")[:, None]
    police = factor("line.men_per_1000_people")[:, None] * man
    patrol = factor("line.men_per_1000_km2")[:, None] * man
    closure = plans.steps["closure"].to_numpy(np.float64)
    cost = closure * price + parts.policed * police + parts.patrolled * patrol

    own_rate = threat.regions["loss_rate"].to_numpy(np.float64)
    mid = own * (parts.exposed @ own_rate) * threat.reach[1] * plans.stakes.effect + parts.roads
    total = plans.steps["cost_usd_yr"].to_numpy(np.float64)
    bounds = np.quantile(averted, TAILS, axis=0)
    costs = np.quantile(cost, TAILS, axis=0)
    return Ranges(
        steps=pd.DataFrame(
            {
                "averted_usd_yr": mid,
                "averted_low": bounds[0],
                "averted_high": bounds[1],
                "cost_low": costs[0],
                "cost_high": costs[1],
                "pays_share": (averted > cost).mean(axis=0),
                "break_even_growth": np.maximum(total - mid, 0.0) / np.maximum(parts.output, 1e-9),
            }
        ),
        draws=draws,
        seed=seed,
    )


def _parts(theatre: Theatre, worth: Worth, threat: Threat, plans: Plans, line: Line) -> _Parts:
    """Split what each step holds into what the draws scale."""
    entry = plans.entry
    count = len(plans.steps)
    inside = entry >= 0
    regions = len(threat.regions)

    def by_step(amount: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.cumsum(sum_by(entry[inside], amount[inside], count))

    exposed = np.zeros((count + 1, regions))
    known = inside & (threat.region_of >= 0)
    np.add.at(
        exposed,
        (entry[known], threat.region_of[known]),
        (worth.output - worth.urban_output)[known],
    )
    urban = worth.urban_output.copy()
    for project, when in zip(plans.stakes.projects, line.projects["entry"], strict=True):
        if project.kind == "town":  # earned when all its ground is held, else not at all
            cell = project.cells[0]
            region = threat.region_of.ravel()[cell]
            if when >= 0 and region >= 0:
                exposed[when, region] += urban.ravel()[cell]
            urban.ravel()[cell] = 0.0
    np.add.at(exposed, (entry[known], threat.region_of[known]), urban[known])
    roads = line.projects[(line.projects["kind"] == "road") & (line.projects["entry"] >= 0)]
    value = sum_by(roads["entry"].to_numpy(int), roads["value"].to_numpy(float), count)
    if plans.objective == "people":
        value = np.zeros(count)
    holding = plans.stakes.holding
    people_men = {a.key: a.value or 0.0 for a in line.ledger}
    per_person = people_men["line.men_per_1000_people"] * worth.people
    per_area = people_men["line.men_per_1000_km2"] * theatre.grid.cell_km2
    share = per_person / np.maximum(per_person + per_area, 1e-300)
    return _Parts(
        exposed=np.cumsum(exposed[:count], axis=0),
        roads=np.cumsum(value),
        policed=by_step(holding * share),
        patrolled=by_step(holding * (1.0 - share)),
        output=by_step(worth.output),
    )


def draw_rate(
    rng: np.random.Generator, threat: Threat, draws: int, lost_per_event: Assumption
) -> NDArray[np.float64]:
    """Draw the loss rate of each region.

    Parameters
    ----------
    rng
        To draw from.
    threat
        With the posterior of events of each region.
    draws
        How many.
    lost_per_event
        Its range.

    Returns
    -------
    rate
        Share of output a year, shape (draws, regions); what the user gave where it is `uniform`.
    """
    shape = np.maximum(threat.event_shape, 1e-9)
    events = rng.gamma(shape, 1.0 / threat.event_rate_yr, (draws, shape.size))
    regions = threat.regions
    exposure = regions["output_usd_yr"].to_numpy(np.float64)
    lost = regions["lost_usd_per_event"].to_numpy(np.float64)
    scale = triangle(rng, lost_per_event, draws)
    scale = scale / lost_per_event.value if lost_per_event.value else np.ones(draws)
    rate = loss_rate(events, lost * scale[:, None], exposure)
    if threat.uniform:
        return np.broadcast_to(regions["loss_rate"].to_numpy(np.float64), rate.shape)
    return rate


def draw_price(rng: np.random.Generator, works: Works, draws: int) -> NDArray[np.float64]:
    """Draw the price of works as a multiple of it, shape (draws,)."""
    low, high = works.range
    return rng.triangular(min(low, 1.0), 1.0, max(high, 1.0 + 1e-9), draws)


def triangle(rng: np.random.Generator, row: Assumption, draws: int) -> NDArray[np.float64]:
    """Draw between low and high with the value as mode; the value itself where it has no range."""
    if row.value is None or row.low is None or row.high is None or row.low >= row.high:
        return np.full(draws, row.value or 0.0)
    return rng.triangular(row.low, row.value, row.high, draws)


def draw_effect(
    rng: np.random.Generator, works: Works, value: float, draws: int
) -> NDArray[np.float64]:
    """Draw the works' effect between what their figures' low and high ends give."""
    low, high = min(works.effect[0], value), max(works.effect[2], value)
    return rng.triangular(low, value, high, draws) if low < high else np.full(draws, value)
