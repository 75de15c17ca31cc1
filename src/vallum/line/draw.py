"""The line stage: the frontier for the objective, the chosen plan, and its line traced."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from vallum.errors import Fault, InputError
from vallum.kernel.arrays import frozen, sum_by
from vallum.kernel.border import standing
from vallum.kernel.card import Shown
from vallum.kernel.chain import Chain, exact_chain
from vallum.kernel.cut import Frontier, solve
from vallum.kernel.refine import refine
from vallum.kernel.territory import Score, score, total
from vallum.line import smooth, trace
from vallum.line.card import judgement_card, line_card, plans_card
from vallum.line.constraints import problem_of, resolve
from vallum.line.course import Course, follow
from vallum.line.sieve import mesh_of, sieve
from vallum.line.stakes import Stakes, ledger, stakes
from vallum.line.stretches import posts, stretches

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray

    from vallum.kernel.card import Card
    from vallum.kernel.ledger import Assumption
    from vallum.kernel.territory import Instance
    from vallum.line.constraints import Constraints
    from vallum.line.settings import LineSettings
    from vallum.theatre import Theatre
    from vallum.threat import Threat
    from vallum.works import Works
    from vallum.worth import Worth

__all__ = ["Judgement", "Line", "Plans", "at_step", "draw", "judge"]

Status = Literal["ok", "nothing worth holding"]


@dataclass(frozen=True, eq=False, repr=False)
class Plans(Shown):
    """Every plan for one objective.

    Attributes
    ----------
    objective
        `output`, `people` or `mix`.
    stakes
        What the problem was made of.
    problem
        Its checked form, which scores any territory.
    frontier
        All exact plans, nested.
    entry
        The step of the chain at which a cell enters; −1 never. Shape (rows, cols), int.
    steps
        The chain's table (`vallum.kernel.chain.Chain`) with `cost_usd_yr`, `held_km2`,
        `people_held`, `people_share`, `output_share` added; for the objective `people`, `benefit`
        counts people.
    """

    objective: str
    stakes: Stakes
    problem: Instance
    frontier: Frontier
    entry: NDArray[np.int32]
    steps: pd.DataFrame

    def card(self) -> Card:
        """Say it in short, for notebooks and consoles."""
        return plans_card(self)


@dataclass(frozen=True, eq=False, repr=False)
class Line(Shown):
    """The chosen plan, and all the others.

    Attributes
    ----------
    plans
        Under the objective asked for.
    other
        Under the other one (people for output and mix, output for people), for comparison.
    step
        Number of the chosen step.
    other_step
        The step of `other` that costs most without costing more than the chosen one; −1 if none.
    status
        `ok`; or `nothing worth holding` at μ = 1, and the step is an illustration: the one with
        the most benefit per dollar.
    mu
        The price asked for, if any.
    held
        Land held, shape (rows, cols), bool.
    score
        What the chosen plan earns and costs.
    bound_gap
        How much more benefit a plan of that cost (of the whole budget, where one is given) could
        have, at most, as a share of the total.
    course
        The chosen plan's line, piece by piece.
    territory, line, sectors
        The chosen plan drawn; lengths and costs are those of the cut.
    stretches, posts
        What stands where: pieces of one kind, and a post every 10 km.
    projects
        Towns and roads: kind, name, value_usd_yr, people, entry, held.
    constraints
        Land that the user fixed.
    ledger, fingerprint
        Assumptions; the theatre's mark.
    """

    plans: Plans
    other: Plans
    step: int
    other_step: int
    status: Status
    mu: float | None
    held: NDArray[np.bool_]
    score: Score
    bound_gap: float
    course: Course
    territory: gpd.GeoDataFrame
    line: gpd.GeoDataFrame
    sectors: gpd.GeoDataFrame
    stretches: gpd.GeoDataFrame
    posts: gpd.GeoDataFrame
    projects: pd.DataFrame
    constraints: Constraints
    ledger: tuple[Assumption, ...]
    fingerprint: str

    def card(self) -> Card:
        """Say it in short, for notebooks and consoles."""
        return line_card(self)


def draw(
    theatre: Theatre,
    worth: Worth,
    threat: Threat,
    works: Works,
    settings: LineSettings,
    *,
    man_usd_yr: float,
) -> Line:
    """Draw the line: find every best plan, choose one, trace it.

    Parameters
    ----------
    theatre, worth, threat, works
        Results of the earlier stages.
    settings
        Objective, price or budget, constraints.
    man_usd_yr
        Cost of one man on duty, rotation included.

    Returns
    -------
    Line
        The chosen plan within its frontier.

    Raises
    ------
    InputError
        For unknown names, and a budget below the first step.
    InfeasibleError
        For constraints that contradict the ground or one another.
    """
    fixed = resolve(theatre, settings)
    objectives = (
        settings.objective,
        "output" if settings.objective == "people" else "people",
    )
    plans, other = (
        _plans(
            theatre,
            stakes(theatre, worth, threat, works, settings, objective=name, man_usd_yr=man_usd_yr),
            fixed,
            {"people": worth.people, "output": worth.output},
            name,
            settings,
        )
        for name in objectives
    )
    step, status, mu = _choose(plans, settings)
    return _traced(theatre, works, settings, (plans, other), (step, status, mu), fixed)


def at_step(theatre: Theatre, works: Works, settings: LineSettings, line: Line, step: int) -> Line:
    """Draw another step of the frontier that a line was chosen from.

    Parameters
    ----------
    theatre, works, settings
        Those that `line` was drawn with.
    line
        The line.
    step
        Of `line.plans.steps`.

    Returns
    -------
    Line
        As if that step had been chosen; its frontier is the same.

    Raises
    ------
    InputError
        If there is no such step.
    """
    count = len(line.plans.steps)
    if not 0 <= step < count:
        raise InputError([Fault("line", "step", f"{step}", f"give 0 to {count - 1}")])
    chosen: tuple[int, Status, float | None] = (step, "ok", None)
    asked = settings.model_copy(update={"budget_usd_yr": None})  # the gap is that of its own cost
    return _traced(theatre, works, asked, (line.plans, line.other), chosen, line.constraints)


def _traced(
    theatre: Theatre,
    works: Works,
    settings: LineSettings,
    both: tuple[Plans, Plans],
    chosen: tuple[int, Status, float | None],
    fixed: Constraints,
) -> Line:
    """Trace the chosen step, and say what it is worth."""
    plans, other = both
    step, status, mu = chosen
    held = frozen((plans.entry >= 0) & (plans.entry <= step))
    drawn = score(plans.problem, held)
    course = follow(plans.problem, held, plans.stakes.flank, theatre.grid)
    labels = pd.DataFrame(
        {
            "state": _names(
                theatre.ground["state"].to_numpy().ravel(), list(theatre.countries.index)
            ),
            "composition": _names(
                works.composition.ravel(), works.compositions["composition"].tolist()
            ),
            "surface": _names(
                theatre.ground["surface"].to_numpy().ravel(),
                ["sea", "sand", "rock", "soil", "wetland", "water"],
            ),
        }
    )
    art = smooth.drawn(held, course.runs, course.shares, theatre.grid)
    line, sectors = trace.lines(
        course.runs,
        list(course.shares),
        labels,
        theatre.grid,
        sector_km=settings.sector_km,
        paths=art.paths,
    )
    spent = settings.budget_usd_yr if settings.budget_usd_yr is not None else drawn.cost
    ceiling = plans.frontier.ceiling(spent)
    gap = (ceiling - drawn.benefit) / max(plans.frontier.total_benefit, 1e-300)
    affordable = np.flatnonzero(other.steps["cost_usd_yr"].to_numpy() <= drawn.cost)
    return Line(
        plans=plans,
        other=other,
        step=step,
        other_step=int(affordable[-1]) if affordable.size else -1,
        status=status,
        mu=mu,
        held=held,
        score=drawn,
        bound_gap=max(0.0, gap),
        course=course,
        territory=art.territory,
        line=line,
        sectors=sectors,
        stretches=stretches(course.runs, course.shares, art.paths, labels, theatre.grid),
        posts=posts(course.runs, course.shares, art.paths, theatre.grid),
        projects=_projects(plans, step),
        constraints=fixed,
        ledger=ledger(settings, plans.stakes.effect),
        fingerprint=theatre.fingerprint,
    )


@dataclass(frozen=True, eq=False, repr=False)
class Judgement(Shown):
    """What somebody's territory is worth by the frontier's yardstick.

    Attributes
    ----------
    score
        What it earns and costs; the cost is infinite where `barred_km` is above 0.
    ceiling
        The most that any territory of that cost could earn; NaN where it leaves out land that every
        plan must hold, since what is proved is proved of territories that hold it.
    barred_km
        Length of its line that would stand where none may.
    buildable_usd_yr
        What it costs without that part; all of it where there is none.
    """

    score: Score
    ceiling: float
    barred_km: float
    buildable_usd_yr: float

    def card(self) -> Card:
        """Say it in short, for notebooks and consoles."""
        return judgement_card(self)


def judge(plans: Plans, held: ArrayLike) -> Judgement:
    """Score a territory that someone drew, by the yardstick of the frontier.

    Parameters
    ----------
    plans
        The frontier to compare with.
    held
        Bool, shape (rows, cols), on member land only. Cells that no plan can hold, since their line
        would stand where nothing lawful is enough, are left out; where another part of the line
        would, its cost is infinite.

    Returns
    -------
    Judgement
        What it earns and costs, and the most that any territory of that cost could earn.
    """
    problem = plans.problem
    holdable = np.zeros(problem.shape, bool)
    holdable.ravel()[problem.cells] = True
    mask = np.asarray(held, bool)
    if mask.shape == holdable.shape:  # `score` says what is wrong with others
        mask = mask & (holdable | np.isnan(plans.stakes.benefit))
    drawn = score(problem, mask)
    length, price = standing(problem, mask.ravel()[problem.cells])
    barred = np.isinf(price)
    barred_km = total(length[barred])
    buildable = drawn.holding + total(price[~barred])
    leaves = bool((problem.must & ~mask.ravel()[problem.cells]).any())
    ceiling = math.nan if leaves else plans.frontier.ceiling(drawn.cost)
    return Judgement(drawn, ceiling, barred_km, buildable)


def _plans(
    theatre: Theatre,
    at_stake: Stakes,
    fixed: Constraints,
    counted: dict[str, NDArray[np.float64]],
    objective: str,
    settings: LineSettings,
) -> Plans:
    """Find the frontier for one objective, and count what each step holds."""
    problem = problem_of(at_stake, fixed, theatre.grid, width_km=settings.min_width_km)
    prices = {1.0} if objective != "people" else set()
    if objective == settings.objective and settings.mu is not None:
        prices.add(settings.mu)
    found = solve(problem, step=settings.step, at=sorted(prices), solver=settings.solver)
    chain = _chain(problem, found, settings, chosen=objective == settings.objective)
    mesh = mesh_of(theatre, counted["people"], at_stake, fixed, settings)
    chain = sieve(problem, found, chain, mesh)
    steps = chain.steps.assign(
        cost_usd_yr=chain.steps["holding"] + chain.steps["closure"],
        held_km2=chain.steps["cells"] * theatre.grid.cell_km2,
    )
    inside = chain.entry >= 0
    for name, amount in counted.items():
        gained = sum_by(chain.entry[inside], amount[inside], len(steps))
        steps[f"{name}_held"] = np.cumsum(gained)
        steps[f"{name}_share"] = (steps[f"{name}_held"] / amount.sum()).clip(upper=1.0)
    return Plans(
        objective, at_stake, problem, found, chain.entry, steps.drop(columns="output_held")
    )


def _chain(problem: Instance, found: Frontier, settings: LineSettings, *, chosen: bool) -> Chain:
    """Put plans between exact steps that lie far apart, and at the budget, where one is given."""
    budget = settings.budget_usd_yr if chosen else None
    if not settings.refine or not problem.cells.size:
        return exact_chain(found)
    least = float(found.steps["holding"].iloc[0] + found.steps["closure"].iloc[0])
    short = budget is not None and problem.must.any() and budget < least  # `_choose` says so
    at_cost = () if budget is None or short else (budget,)
    return refine(problem, found, share=settings.refine, at_cost=at_cost)


def _choose(plans: Plans, settings: LineSettings) -> tuple[int, Status, float | None]:
    """Choose the step: the best at the price, or the most that the budget buys."""
    steps = plans.steps
    if settings.budget_usd_yr is not None:
        within = np.flatnonzero(steps["cost_usd_yr"].to_numpy() <= settings.budget_usd_yr)
        if not within.size:
            least = steps["cost_usd_yr"].iloc[0]
            found = f"{settings.budget_usd_yr:,.0f} USD/yr buys no step"
            mend = f"the first step costs {least:,.0f} USD/yr"
            raise InputError([Fault("line.budget_usd_yr", "", found, mend)])
        return int(within[-1]), "ok", None
    mu = settings.mu if settings.mu is not None else 1.0
    best = _best_at(plans, mu)
    if best >= 0:
        return best, "ok", mu
    ratio = steps["benefit"] / steps["cost_usd_yr"].clip(lower=1e-9)
    return int(ratio.to_numpy().argmax()), "nothing worth holding", mu


def _best_at(plans: Plans, mu: float) -> int:
    """Find the best step of the chain at a price; −1 if nothing is worth holding.

    Where some land must be held, holding nothing is no choice: then the least loss is best. An
    optimum may have been sieved out by the limits on pieces and width.
    """
    steps = plans.steps
    exact = np.flatnonzero((steps["kind"] == "exact").to_numpy())
    among = exact if exact.size == len(plans.frontier.steps) else np.arange(len(steps))
    value = (mu * steps["benefit"] - steps["cost_usd_yr"]).to_numpy()[among]
    pays = value.max() > 0 or plans.problem.must.any()
    return int(among[value.argmax()]) if pays else -1


def _projects(plans: Plans, step: int) -> pd.DataFrame:
    """Say of each project when it is earned."""
    entry = plans.entry.ravel()
    rows = []
    for project in plans.stakes.projects:
        entries = entry[project.cells]
        whole = int(entries.max()) if (entries >= 0).all() else -1
        rows.append(
            {
                "kind": project.kind,
                "name": project.name,
                "value": project.value,
                "people": project.people,
                "entry": whole,
                "held": 0 <= whole <= step,
            }
        )
    return pd.DataFrame(rows, columns=["kind", "name", "value", "people", "entry", "held"])


def _names(codes: NDArray[np.integer], names: list[str]) -> NDArray[np.object_]:
    """Names by code; "none" for negative codes."""
    named: NDArray[np.object_] = np.array([*names, "none"], dtype=object)[codes]
    return named
