"""Would the line stand under other assumptions: the whole frontier over draws of what is uncertain.

In `vallum.line.ranges` the territories stay and their worth varies; here each draw has a frontier
of its own, and it is asked what every one of them would hold for the same money.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.errors import InfeasibleError
from vallum.kernel.arrays import frozen
from vallum.kernel.card import Shown
from vallum.kernel.chain import exact_chain
from vallum.kernel.cut import solve
from vallum.kernel.pool import Pool, cores
from vallum.line.card import robust_card
from vallum.line.constraints import problem_of
from vallum.line.ranges import draw_effect, draw_price, draw_rate, triangle
from vallum.line.robust_stretches import near_boundary, stretches
from vallum.line.sieve import mesh_of, sieve
from vallum.line.stakes import stakes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.kernel.card import Card
    from vallum.kernel.ledger import Assumption
    from vallum.line.constraints import Constraints
    from vallum.line.draw import Line, Plans
    from vallum.line.robust_settings import RobustSettings
    from vallum.line.settings import LineSettings
    from vallum.theatre import Theatre
    from vallum.threat import Threat
    from vallum.works import Works
    from vallum.worth import Worth

__all__ = [
    "Base", "Drawn", "Robust", "draw_once", "pool_for", "robust", "shares_held", "shown_steps",
]  # fmt: skip

STEP = 0.02  # resolution of a draw's frontier, as a share of its total benefit
MOST_CELLS = 200_000  # of the members; above it one step is drawn rather than all
MOST_SHOWN = 12
WORTH_STARTING = 800_000  # cells drawn in all: about ten seconds, as against five to start workers
LINE = (
    "standoff_km", "flank_other", "flank_partner", "flank_disputed", "men_per_1000_people",
    "men_per_1000_km2", "freight_usd_tkm", "insecurity_increase",
)  # fmt: skip
ROADS = ("track", "primary", "trunk")


@dataclass(frozen=True, eq=False)
class Base:
    """What every draw starts from.

    Attributes
    ----------
    theatre, worth, threat, works, settings, fixed
        Results of the stages, settings of the line, and land that the user fixed.
    ledger
        The assumptions' ranges by key.
    effect, man_usd_yr
        Of the works, and of one man on duty, rotation included.
    objective
        `output`, `people` or `mix`.
    seed
        A draw's own seed is (seed, its number).
    """

    theatre: Theatre
    worth: Worth
    threat: Threat
    works: Works
    settings: LineSettings
    fixed: Constraints
    ledger: dict[str, Assumption]
    effect: float
    man_usd_yr: float
    objective: str
    seed: int


@dataclass(frozen=True, eq=False)
class Drawn:
    """The frontier of one draw.

    Attributes
    ----------
    entry
        The step at which each cell of the members enters, −1 never; shape (member cells,).
    cost_usd_yr
        Of each of its steps, rising; none where what is fixed or asked of held land can't be.
    """

    entry: NDArray[np.int32]
    cost_usd_yr: NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Robust(Shown):
    """How the plans fare over draws that each have a frontier of their own.

    Attributes
    ----------
    steps
        One row per step in `which`: `step`, `cost_usd_yr` (the budget), `core_km2` and
        `core_people` (inside in at least `share` of the draws), `ever_km2` (inside in any),
        `kept_share` (the mean probability over the land that the plan holds), and where the step is
        `shown`, else NaN: `line_km`, `no_regret_km`.
    which
        Steps of the plan's chain that were asked about: all, or the chosen one on a large grid.
    shown
        Those whose line was followed: the chosen one and up to eleven others, spread over the cost.
    inside
        Probability, in per cent, that a cell is inside at the step's cost; shape (steps in `which`,
        rows, cols), uint8.
    stretches
        One row per stretch of the lines of `shown`: `step`, `line`, `from_km`, `to_km`,
        `length_km`, `share` (mean share of draws whose boundary for that money runs within one cell
        of it), `least`, `no_regret`, `near` (the nearest settlement of the held side), `state` (its
        iso3); `from_km` is above `to_km` where a closed line passes its first point.
    draws, seed, share
        How many, of which seed, and from which share on a stretch is no-regret.
    void
        Draws in which no territory is as fixed and asked, so that nothing stands; of `draws`.
    """

    steps: pd.DataFrame
    which: tuple[int, ...]
    shown: tuple[int, ...]
    inside: NDArray[np.uint8]
    stretches: pd.DataFrame
    draws: int
    seed: int
    share: float
    void: int

    def card(self) -> Card:
        """Say it in short, for notebooks and consoles."""
        return robust_card(self)

    def inside_at(self, step: int) -> NDArray[np.uint8]:
        """Give the probability of being inside at a step's cost, per cent, shape (rows, cols)."""
        found: NDArray[np.uint8] = self.inside[self.which.index(step)]
        return found


def robust(  # noqa: PLR0913  (the stages' results, and how to draw)
    theatre: Theatre,
    worth: Worth,
    threat: Threat,
    works: Works,
    line: Line,
    settings: LineSettings,
    *,
    how: RobustSettings,
    seed: int,
    man_usd_yr: float,
    pool: Pool,
) -> Robust:
    """Find the frontier again for every draw of the assumptions, and say what stays.

    Drawn together: loss rate of each region (gamma posterior of events, loss per event), reach,
    effect and price of works, cost of a man; men to hold people and land, stand-off of towns,
    openness of the flanks by role, freight by class of road, its price and what insecurity adds
    (triangular between low and high with the value as mode).

    Parameters
    ----------
    theatre, worth, threat, works, line, settings
        Results of the stages, and the settings of the line.
    how
        Number of draws, and what counts as sure.
    seed
        Each draw's own is (seed, number).
    man_usd_yr
        Cost of one man on duty, rotation included.
    pool
        Where to draw; the result is the same.

    Returns
    -------
    Robust
        Probabilities by cell and by stretch.
    """
    base = Base(
        theatre, worth, threat, works, settings, line.constraints,
        {row.key: row for row in (*works.ledger, *line.ledger, *threat.ledger)},
        line.plans.stakes.effect, man_usd_yr, line.plans.objective, seed,
    )  # fmt: skip
    draws = how.draws_at(int(theatre.member_mask.sum()))
    drawn = pool.map(draw_once, base, range(draws))
    member = np.flatnonzero(theatre.member_mask.ravel())
    cost = line.plans.steps["cost_usd_yr"].to_numpy(np.float64)
    large = member.size > MOST_CELLS
    which = (line.step,) if large else tuple(range(cost.size))
    shown = (line.step,) if large else shown_steps(cost, line.step)
    must = bool(line.plans.problem.must.any())
    inside = np.zeros((len(which), theatre.member_mask.size), np.uint8)
    share = shares_held(drawn, cost[list(which)], must=must)
    inside[:, member] = np.floor(100.0 * share + 0.5)
    table = _stretches(theatre, line.plans, drawn, member, shown, how.share)
    return Robust(
        steps=_steps(theatre, worth, line.plans, which, share, table, how.share),
        which=which,
        shown=shown,
        inside=frozen(inside.reshape(len(which), *theatre.member_mask.shape)),
        stretches=table,
        draws=draws,
        seed=seed,
        share=how.share,
        void=sum(not one.cost_usd_yr.size for one in drawn),
    )


def pool_for(how: RobustSettings, cells: int, scheduler: str | None = None) -> Pool:
    """Choose where to draw: on the cluster given, in as many processes as asked for, or as is fast.

    Parameters
    ----------
    how
        Number of draws, and processes if they were asked for.
    cells
        Of the members.
    scheduler
        Address of a dask scheduler, if there is one.

    Returns
    -------
    Pool
        Two processes where drawing takes longer than starting them; none on one core.
    """
    if how.workers is not None:
        return Pool(how.workers, scheduler)
    worth_it = how.draws_at(cells) * cells >= WORTH_STARTING and cores() > 1
    return Pool(2 if worth_it else 0, scheduler)


def draw_once(base: Base, number: int) -> Drawn:
    """Draw every assumption once, and find the frontier.

    Parameters
    ----------
    base
        What is drawn about.
    number
        Of the draw: with the base's seed all that its random numbers depend on.

    Returns
    -------
    Drawn
        Every exact plan of that draw, at a resolution of 2 % of its benefit; where limits on pieces
        and width are set, what they leave of each.
    """
    rng = np.random.default_rng(np.random.SeedSequence((base.seed, number)))
    known, threat, works = base.ledger, base.threat, base.works
    rate = draw_rate(rng, threat, 1, known["threat.lost_per_event"])[0]
    reach = float(triangle(rng, known["threat.reach_share"], 1)[0])
    own = threat.region_of >= 0
    rates = np.where(own, rate[np.maximum(threat.region_of, 0)], threat.loss_rate)
    effect = float(draw_effect(rng, works, base.effect, 1)[0])
    price = float(draw_price(rng, works, 1)[0])
    man = known["works.man_year_usd"]
    paid = float(triangle(rng, man, 1)[0]) / man.value if man.value else 1.0
    line = {name: float(triangle(rng, known[f"line.{name}"], 1)[0]) for name in LINE}
    roads = tuple(float(triangle(rng, known[f"line.road_t_yr.{name}"], 1)[0]) for name in ROADS)
    at_stake = stakes(
        base.theatre,
        base.worth,
        replace(threat, loss_rate=rates, reach=(reach, reach, reach)),
        replace(
            works,
            closure_usd_km_yr=works.closure_usd_km_yr * price,
            effect=(effect, effect, effect),
        ),
        base.settings.model_copy(update={**line, "road_t_yr": roads}),
        objective=base.objective,
        man_usd_yr=base.man_usd_yr * paid,
    )
    width_km = base.settings.min_width_km
    mesh = mesh_of(base.theatre, base.worth.people, at_stake, base.fixed, base.settings)
    member = base.theatre.member_mask
    try:
        problem = problem_of(at_stake, base.fixed, base.theatre.grid, width_km=width_km)
        found = solve(problem, step=STEP)
        chain = sieve(problem, found, exact_chain(found), mesh)
    except InfeasibleError:  # as where a neighbour opens and no line may stand beside what is held
        return Drawn(np.full(int(member.sum()), -1, np.int32), np.empty(0))
    cost = (chain.steps["holding"] + chain.steps["closure"]).to_numpy(np.float64)
    return Drawn(chain.entry[member], np.maximum.accumulate(cost))


def shares_held(
    drawn: list[Drawn], budgets: NDArray[np.float64], *, must: bool
) -> NDArray[np.float64]:
    """Give each cell's probability of being inside, by budget.

    Exact plans jump: between two of them the hull's mixture is taken. At a budget b between the
    costs C of steps k and k + 1 the land that k + 1 adds counts as inside with
    t = (b − C_k) / (C_{k+1} − C_k), as if a coin were thrown that spends b on average.

    Parameters
    ----------
    drawn
        A frontier per draw.
    budgets
        USD/yr.
    must
        Whether step 0 is land that every plan holds, whatever the budget.

    Returns
    -------
    share
        Shape (budgets, member cells), 0 to 1.
    """
    total = np.zeros((budgets.size, drawn[0].entry.size if drawn else 0))
    for one in drawn:
        weight = _weights(one, budgets, must=must)
        total += weight[:, one.entry]  # −1 takes the last column, which is 0
    return np.minimum(total / max(len(drawn), 1), 1.0)


def _weights(one: Drawn, budgets: NDArray[np.float64], *, must: bool) -> NDArray[np.float64]:
    """Give the part of each step that budgets buy; a last column of 0 for never."""
    cost = one.cost_usd_yr
    before = np.concatenate([[0.0], cost[:-1]])
    gap = cost - before
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(gap > 0, (budgets[:, None] - before) / gap, budgets[:, None] >= cost)
    # a sum taken in another order may differ in its last digits: that is no other budget
    part = np.where(budgets[:, None] >= cost * (1 - 1e-9), 1.0, np.clip(part, 0.0, 1.0))
    if must:
        part[:, :1] = 1.0
    return np.concatenate([part, np.zeros((budgets.size, 1))], axis=1)


def shown_steps(cost: NDArray[np.float64], chosen: int) -> tuple[int, ...]:
    """Choose up to twelve steps, spread over the cost; the chosen one is among them.

    Examples
    --------
    >>> shown_steps(np.array([1.0, 2.0, 30.0]), 1)
    (0, 1, 2)
    """
    if cost.size <= MOST_SHOWN:
        return tuple(range(cost.size))
    wanted = np.linspace(cost[0], cost[-1], MOST_SHOWN - 1)
    nearest = np.abs(cost[:, None] - wanted).argmin(axis=0)
    return tuple(sorted({chosen, *nearest.tolist()}))


def _stretches(
    theatre: Theatre,
    plans: Plans,
    drawn: list[Drawn],
    member: NDArray[np.int64],
    shown: tuple[int, ...],
    share: float,
) -> pd.DataFrame:
    """Say how often each stretch of the shown lines stands."""
    cost = plans.steps["cost_usd_yr"].to_numpy(np.float64)[list(shown)]
    must, fenced = bool(plans.problem.must.any()), plans.stakes.flank > 0
    near = np.zeros((len(shown), *theatre.member_mask.shape))
    entry = np.full(theatre.member_mask.size, -1, np.int64)
    for one in drawn:
        entry[member] = one.entry
        weight = _weights(one, cost, must=must)[:, :-1]
        # the plan held with certainty, and the one beyond it: a mixture of two at most
        part = weight - np.concatenate([weight[:, 1:], np.zeros((len(shown), 1))], axis=1)
        for step in np.flatnonzero((part > 0).any(axis=0)).tolist():
            held = ((entry >= 0) & (entry <= step)).reshape(near.shape[1:])
            near[part[:, step] > 0] += part[part[:, step] > 0, step][:, None, None] * near_boundary(
                held, fenced
            )
    near = np.minimum(near / max(len(drawn), 1), 1.0)
    tables = [
        stretches(
            theatre, plans.problem, (plans.entry >= 0) & (plans.entry <= step),
            plans.stakes.flank, near[n], share,
        ).assign(step=step)
        for n, step in enumerate(shown)
    ]  # fmt: skip
    return pd.concat(tables, ignore_index=True)


def _steps(
    theatre: Theatre,
    worth: Worth,
    plans: Plans,
    which: tuple[int, ...],
    share: NDArray[np.float64],
    table: pd.DataFrame,
    least: float,
) -> pd.DataFrame:
    """Sum up by step."""
    entry = plans.entry[theatre.member_mask]
    people = worth.people[theatre.member_mask]
    km2 = theatre.grid.cell_km2
    rows = []
    for n, step in enumerate(which):
        held = (entry >= 0) & (entry <= step)
        core = share[n] >= least - 1e-9
        mine = table[table["step"] == step]
        sure = mine["no_regret"].astype(bool)
        rows.append(
            {
                "step": step,
                "cost_usd_yr": float(plans.steps["cost_usd_yr"].iloc[step]),
                "core_km2": float(core.sum() * km2),
                "core_people": float(people[core].sum()),
                "ever_km2": float((share[n] > 0).sum() * km2),
                "kept_share": float(share[n][held].mean()) if held.any() else float("nan"),
                "line_km": float(mine["length_km"].sum()) if len(mine) else float("nan"),
                "no_regret_km": float(mine.loc[sure, "length_km"].sum())
                if len(mine)
                else float("nan"),
            }
        )
    return pd.DataFrame(rows)
