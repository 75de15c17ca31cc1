"""Three regimes: each state alone, the states together, and together with the partner's help."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from vallum.errors import CertificateError, Fault, InfeasibleError
from vallum.forces.tasks_program import build, prices
from vallum.forces.tasks_solve import minimise
from vallum.forces.tasks_use import evaluate, spread, vector

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.forces.tasks_means import Means
    from vallum.forces.tasks_options import Options
    from vallum.forces.tasks_program import Model
    from vallum.forces.tasks_settings import TasksSettings
    from vallum.forces.tasks_solve import Answer, Program
    from vallum.forces.tasks_use import Use

__all__ = ["REGIMES", "Regime", "regimes"]

REGIMES = ("alone", "joint", "joint_with_partner")
NOTHING = 1e-6  # USD a year: no relaxation


@dataclass(frozen=True, eq=False)
class Regime:
    """Who does what under one regime.

    Attributes
    ----------
    name
        Of `REGIMES`.
    status
        "optimal" within the gap, "feasible" where the nodes ran out, or "short": the limits can't
        be met, and this is the choice that costs least with the price of raising them.
    proven
        Whether a short regime was proven to be so; else no more is known than that nothing within
        the limits was found.
    cost_usd_yr, relax_usd_yr
        Of the choice, and of raising what is short; the latter 0 unless short.
    bound_usd_yr
        No choice has a smaller sum of the two.
    partner_usd_yr
        The part of the cost that the partner's help is.
    men
        Paid, of the members.
    handovers
        Neighbours guarded by two states.
    nodes
        Opened in the search.
    table
        One row per sector and role: sector, role, state, mode, men, engineer_companies,
        plant_sets, trainers, medics, air_sets, sensors_km, distance_km, beyond_km, cost_usd_yr,
        abroad (on another's ground).
    loads
        state, need, used, limit, share.
    shortages
        state, need, short, usd_yr (the price of raising it), found (in words).
    """

    name: str
    status: Literal["optimal", "feasible", "short"]
    proven: bool
    cost_usd_yr: float
    relax_usd_yr: float
    bound_usd_yr: float
    partner_usd_yr: float
    men: float
    handovers: int
    nodes: int
    table: pd.DataFrame
    loads: pd.DataFrame
    shortages: pd.DataFrame

    @property
    def gap(self) -> float:
        """Relative distance to the bound."""
        total = self.cost_usd_yr + self.relax_usd_yr
        return max(total - self.bound_usd_yr, 0.0) / max(total, 1e-9)

    def refuse(self) -> None:
        """Refuse a regime that is short.

        Raises
        ------
        InfeasibleError
            With a fault for everything that is short: by how much, and what raising it costs.
        """
        if self.status == "short":
            raise InfeasibleError(
                [
                    Fault(
                        "tasks",
                        f"{self.name}, {row['state']}",
                        str(row["found"]),
                        f"raise it (USD {row['usd_yr']:,.0f} a year), "
                        "or ask for less line, a lower standard or more joint sectors",
                    )
                    for _, row in self.shortages.iterrows()
                ]
            )


@dataclass(frozen=True, eq=False)
class _Found:
    """A choice of options, with what is proven of it."""

    chosen: NDArray[np.bool_]
    use: Use
    bound: float
    done: bool
    nodes: int
    proven: bool = True

    @property
    def total(self) -> float:
        """Cost, with the price of what is raised."""
        relax = self.use.relax_usd_yr
        return self.use.cost_usd_yr + (relax if relax > NOTHING else 0.0)


def regimes(
    options: Options, means: Means, settings: TasksSettings, man_usd_yr: float
) -> dict[str, Regime]:
    """Solve the three regimes, each from the solution of the one before.

    Alone there is nothing to choose: every state fills every role of its own sectors.

    Returns
    -------
    regimes
        By name; none dearer than the one before, the price of what must be raised included.
    """
    model = build(options, means, settings, man_usd_yr, balance=1.0)
    use = evaluate(model, options.alone, means)
    found = _Found(options.alone, use, use.cost_usd_yr + use.relax_usd_yr, done=True, nodes=0)
    out = {"alone": _regime("alone", model, found, means)}
    balance = max(settings.balance, spread(use, means))
    model = build(options, means, settings, man_usd_yr, balance=balance)
    for name, allowed in (("joint", options.together), ("joint_with_partner", options.helped)):
        found = _search(model, allowed, means, found)
        out[name] = _regime(name, model, found, means)
    return out


def _search(model: Model, allowed: NDArray[np.bool_], means: Means, start: _Found) -> _Found:
    """Find the cheapest choice; where the limits can't be met, with the price of raising them."""
    program = _allowing(model.program, allowed)
    met = start.use.relax_usd_yr <= NOTHING
    begin = vector(model, start.chosen, means)
    strict = _solve(model, program, begin if met else None)
    if strict.status in {"optimal", "feasible"}:
        chosen, use = _read(model, strict.x, means)
        if use.relax_usd_yr <= NOTHING:
            found = _Found(chosen, use, strict.bound, strict.status == "optimal", strict.nodes)
            return _better(start, found)
    loose = replace(
        program,
        cost=program.cost + model.raising,
        upper=np.maximum(program.upper, model.most * _open(model, allowed)),
    )
    raised = _solve(model, loose, begin)
    if raised.status not in {"optimal", "feasible"}:
        raise CertificateError("the tasks: no way of raising the limits was found: our fault")
    chosen, use = _read(model, raised.x, means)
    nodes = strict.nodes + raised.nodes
    found = _Found(chosen, use, raised.bound, raised.status == "optimal", nodes)
    return _better(start, replace(found, proven=strict.status == "infeasible"))


def _solve(model: Model, program: Program, start: NDArray[np.float64] | None) -> Answer:
    """Solve with the settings' gap and nodes."""
    settings = model.settings
    return minimise(program, gap=settings.gap, nodes=settings.nodes, start=start)


def _open(model: Model, allowed: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Mark the columns that the regime has, 1, and has not, 0."""
    out = np.ones(len(model.program.cost))
    out[: len(allowed)] = allowed
    return out


def _allowing(program: Program, allowed: NDArray[np.bool_]) -> Program:
    """Close the options that a regime has not."""
    upper = program.upper.copy()
    upper[: len(allowed)] *= allowed
    return replace(program, upper=upper)


def _read(model: Model, x: NDArray[np.float64], means: Means) -> tuple[NDArray[np.bool_], Use]:
    """Read the chosen options off the columns, and add up what they use."""
    chosen = x[: len(model.options.table)] > 0.5
    return chosen, evaluate(model, chosen, means)


def _better(start: _Found, found: _Found) -> _Found:
    """Keep the start where the search ended with nothing better; the bound holds for both."""
    kept = start if start.total < found.total else found
    return replace(found, chosen=kept.chosen, use=kept.use)


def _regime(name: str, model: Model, found: _Found, means: Means) -> Regime:
    """Write down a regime."""
    options, use = model.options, found.use
    table = options.table[found.chosen].reset_index(drop=True)
    sector, state = options.sector[found.chosen], options.state[found.chosen]
    table["abroad"] = state != options.owner[sector]
    short = use.relax_usd_yr > NOTHING
    status: Literal["optimal", "feasible", "short"] = "optimal" if found.done else "feasible"
    return Regime(
        name=name,
        status="short" if short else status,
        cost_usd_yr=use.cost_usd_yr,
        proven=found.proven,
        relax_usd_yr=use.relax_usd_yr if short else 0.0,
        bound_usd_yr=min(found.bound, found.total),
        partner_usd_yr=use.partner_usd_yr,
        men=sum(use.used[member, "men"] for member in means.members),
        handovers=use.handovers,
        nodes=found.nodes,
        table=table,
        loads=_loads(model, use, means),
        shortages=_shortages(model, table, use),
    )


def _loads(model: Model, use: Use, means: Means) -> pd.DataFrame:
    """List what each state uses of what it has."""
    limit = {(state, need): most for state, need, most in model.limits}
    rows = [
        {
            "state": state,
            "need": need,
            "used": used,
            "limit": limit.get((state, need), np.inf),
            "share": used / limit[state, need] if limit.get((state, need), 0.0) > 0 else np.nan,
        }
        for (state, need), used in use.used.items()
        if state in means.members or (state, need) in limit
    ]
    return pd.DataFrame(rows)


def _shortages(model: Model, table: pd.DataFrame, use: Use) -> pd.DataFrame:
    """List what is short, by how much, and what raising it costs."""
    each = prices(model.settings, model.man_usd_yr)
    limit = {(state, need): most for state, need, most in model.limits}
    rows = [
        {
            "state": state,
            "need": need,
            "short": over,
            "usd_yr": over * each[need],
            "found": (
                f"{need.replace('_', ' ')}: {use.used[state, need]:,.1f} are needed and "
                f"{limit[state, need]:,.1f} are there: {over:,.1f} short"
            ),
        }
        for (state, need), over in use.raised.items()
    ]
    far = table[table["beyond_km"] > 0]
    for state, part in far.groupby("state", sort=True):
        men = part["men"].clip(lower=1.0)
        price = float((part["beyond_km"] * men).sum() * model.settings.forward_usd_man_km)
        most = float(part["beyond_km"].max())
        rows.append(
            {
                "state": str(state),
                "need": "base",
                "short": most,
                "usd_yr": price,
                "found": (
                    f"no home base in reach of {part['sector'].nunique()} sectors: "
                    f"{most:,.0f} km too far at most"
                ),
            }
        )
    return pd.DataFrame(rows, columns=["state", "need", "short", "usd_yr", "found"])
