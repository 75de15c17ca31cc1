"""The line stage: the frontier for the objective, the chosen plan, and its line traced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from vallum.errors import Fault, InputError
from vallum.kernel.arrays import frozen, sum_by
from vallum.kernel.card import Shown
from vallum.kernel.chain import Chain, exact_chain
from vallum.kernel.cut import Frontier, solve
from vallum.kernel.refine import refine
from vallum.kernel.territory import score
from vallum.line import smooth, trace
from vallum.line.card import line_card, plans_card
from vallum.line.constraints import problem_of, resolve
from vallum.line.course import Course, follow
from vallum.line.sieve import mesh_of, sieve
from vallum.line.stakes import Stakes, ledger, stakes
from vallum.line.stretches import posts, stretches

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from vallum.kernel.card import Card
    from vallum.kernel.ledger import Assumption
    from vallum.kernel.territory import Instance, Score
    from vallum.line.constraints import Constraints
    from vallum.line.settings import LineSettings
    from vallum.theatre import Theatre
    from vallum.threat import Threat
    from vallum.works import Works
    from vallum.worth import Worth

__all__ = ["Line", "Plans", "at_step", "draw"]

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
    compared
        Under the other one (people for output and mix, output for people); None where the line was
        drawn without.
    step
        Number of the chosen step.
    other_step
        The step of `compared` that costs most without costing more than the chosen one; −1 if none.
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
    compared: Plans | None
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

    @property
    def other(self) -> Plans:
        """Give `compared`, which every line of a plan has."""
        if self.compared is None:
            raise AssertionError("the line was drawn for one objective alone")
        return self.compared

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
    compare: bool = True,
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
    compare
        Whether to find the frontier of the other objective too.

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
    second = "output" if settings.objective == "people" else "people"
    plans, *others = (
        _plans(
            theatre,
            stakes(theatre, worth, threat, works, settings, objective=name, man_usd_yr=man_usd_yr),
            fixed,
            {"people": worth.people, "output": worth.output},
            name,
            settings,
        )
        for name in (settings.objective, *([second] if compare else []))
    )
    both = plans, next(iter(others), None)
    return _traced(theatre, works, settings, both, _choose(plans, settings), fixed)


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
    return _traced(theatre, works, asked, (line.plans, line.compared), chosen, line.constraints)


def _traced(
    theatre: Theatre,
    works: Works,
    settings: LineSettings,
    both: tuple[Plans, Plans | None],
    chosen: tuple[int, Status, float | None],
    fixed: Constraints,
) -> Line:
    """Trace the chosen step, and say what it is worth."""
    plans, compared = both
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
    costs = np.zeros(0) if compared is None else compared.steps["cost_usd_yr"].to_numpy()
    return Line(
        plans=plans,
        compared=compared,
        step=step,
        other_step=int(np.flatnonzero(costs <= drawn.cost).max(initial=-1)),
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
