"""What a plan says of its steps, held against its certificate: every number counted anew."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NoReturn

import numpy as np
import pandas as pd

from vallum.kernel.cut import TOLERANCE, scale, verify
from vallum.kernel.ladder import ladder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.brief.certificate import Stored
    from vallum.kernel.gridproof import Certificate

__all__ = ["Failed", "ceilings", "counted", "limited", "nested", "optimal", "read_steps"]

EQUAL = 1e-9  # relative; sums are exact, so this leaves room for the last place of other machines
COUNTED = ("benefit", "holding", "closure", "line_km")
_NEEDED = (
    "step", "kind", "mu", *COUNTED, "cells", "ceiling", "bound", "regret", "cost_usd_yr", "held_km2"
)  # fmt: skip


class Failed(Exception):  # noqa: N818  (a check that fails is no error of the program)
    """Raised by a check that does not hold; its text says what was found."""


def read_steps(rows: object) -> pd.DataFrame:
    """Read the steps of `plan.json`.

    Parameters
    ----------
    rows
        Its `frontier`.

    Returns
    -------
    DataFrame
        One row per step, numbers as float; what isn't given as NaN.

    Raises
    ------
    Failed
        If they are no table of steps.
    """
    if not (isinstance(rows, list) and rows and all(isinstance(row, dict) for row in rows)):
        _fail("there is no table of steps")
    table = pd.DataFrame(rows)
    missing = [name for name in _NEEDED if name not in table]
    if missing:
        _fail(f"steps without {', '.join(missing)}")
    kinds = set(table["kind"].map(str))
    if not kinds <= {"exact", "refined"}:
        _fail(f"steps of kind {', '.join(sorted(kinds))}")
    for name in table.columns.drop(["kind", "beyond"], errors="ignore"):
        table[name] = pd.to_numeric(table[name], errors="raise").astype(np.float64)
    if not np.array_equal(table["step"], np.arange(len(table))):
        _fail("steps are not numbered from 0")
    return table


def counted(stored: Stored, table: pd.DataFrame) -> str:
    """Count every step anew from the raster, and compare.

    Raises
    ------
    Failed
        With the first number that differs.
    """
    problem = stored.problem
    if not np.array_equal(np.unique(stored.entry[stored.entry >= 0]), np.arange(len(table))):
        _fail("the steps of the raster are not those of the table")
    # what no step holds under the limits stands behind all steps, in one of its own
    entry = np.where(stored.entry < 0, len(table), stored.entry).astype(np.int32)
    anew = ladder(problem, entry, np.full(len(table) + 1, np.nan)).iloc[:-1]
    if not np.isfinite(anew["closure"]).all():
        _fail("a line stands where none may")
    anew["cost_usd_yr"] = anew["holding"] + anew["closure"]
    anew["held_km2"] = anew["cells"] * problem.cell_km**2
    for name in (*COUNTED, "cells", "cost_usd_yr", "held_km2"):
        _equal(table[name].to_numpy(), anew[name].to_numpy(np.float64), name)
    return f"{len(table)} steps, {len(COUNTED) + 3} numbers each"


def nested(stored: Stored, table: pd.DataFrame) -> str:
    """Check that steps between two exact ones hold all of the lower and none beyond the upper.

    Raises
    ------
    Failed
        If the exact steps of the chain are not those that are proved.
    """
    proof = stored.proof
    exact = np.flatnonzero((table["kind"] == "exact").to_numpy())
    if proof is None:
        _fail(unproved(stored))
    if limited(stored):
        return _kept(stored, proof, exact, len(table))
    if exact.size != proof.unit.size or exact[-1] != len(table) - 1:
        _fail(f"{exact.size} exact steps, of {proof.unit.size} that are proved")
    if proof.entry.shape != stored.entry.shape:
        _fail("the proof is of another grid")
    wrong = np.searchsorted(exact, stored.entry) != proof.entry
    if wrong.any():
        _fail(f"{int(wrong.sum())} cells enter between other steps than is proved")
    return f"{exact.size} exact, {len(table) - exact.size} between them"


def limited(stored: Stored) -> bool:
    """Whether limits on pieces, width or capitals may have changed or dropped steps."""
    return bool(stored.about.get("limited"))


def _kept(stored: Stored, proof: Certificate, exact: NDArray[np.int64], steps: int) -> str:
    """Check that steps called exact under limits are steps that are proved."""
    proved = np.cumsum(np.bincount(proof.entry))
    for k in exact.tolist():
        held = (stored.entry >= 0) & (stored.entry <= k)
        j = int(np.searchsorted(proved, held.sum()))
        if j >= proved.size or not np.array_equal(held, proof.entry <= j):
            _fail(f"step {k} is called exact and is none that is proved")
    return f"{exact.size} exact, {steps - exact.size} changed by the limits or between them"


def optimal(stored: Stored, table: pd.DataFrame, step: float) -> tuple[str, pd.DataFrame]:
    """Check the flow, that every exact step is an optimum at its price, and that none is left out.

    Where two exact steps lie further apart than the resolution, the price at which both are worth
    the same is tried: any optimum between them would be worth more there.

    Parameters
    ----------
    stored, table
        The certificate, and the steps.
    step
        Resolution of the frontier, as a share of the whole benefit.

    Returns
    -------
    found, prices
        What was found; the proved prices (`vallum.kernel.cut.Verified.prices`) with `slack`, what
        a value may fall short of the bound, USD/yr.

    Raises
    ------
    Failed, CertificateError
        If it is not proved.
    """
    if stored.proof is None:
        _fail(unproved(stored))
    exact = table[table["kind"] == "exact"]
    mu = exact["mu"].to_numpy()
    refined = table.loc[table["kind"] == "refined", "mu"]
    last = mu.size if limited(stored) and not np.isposinf(mu[-1:]).any() else mu.size - 1
    if not (np.isfinite(mu[:last]).all() and np.isposinf(mu[last:]).all() and refined.isna().all()):
        _fail("exact steps without a price, or others with one")
    between = np.zeros(0)
    if not limited(stored):  # under limits some steps are left out, by them
        between = _even(exact, step, whole=not stored.problem.must.any())
    tried = np.unique(np.concatenate([stored.mu, mu[:last], between]))
    done = verify(stored.proof, stored.problem, mu=tried)
    prices = done.prices.assign(slack=TOLERANCE * scale(stored.problem, tried))
    finite = exact.iloc[:last]
    at = prices.set_index("mu").loc[finite["mu"]]
    worth = finite["mu"] * finite["benefit"] - finite["cost_usd_yr"]
    short = (at["bound"] + at["rounding"]).to_numpy() - worth.to_numpy()
    if short.size and (short > at["slack"].to_numpy()).any():
        worst = int(short.argmax())
        _fail(f"step {finite.index[worst]} is {short[worst]:.3g} USD/yr short of the optimum")
    text = f"no territory beats them by more than {done.gap_usd_yr:.3g} USD/yr"
    return f"{text}, at {tried.size} prices, {between.size} of them between steps", prices


def ceilings(stored: Stored, table: pd.DataFrame, prices: pd.DataFrame) -> str:
    """Compute each step's ceiling anew from the proof, and compare.

    Raises
    ------
    Failed
        If one is lower than is proved, or higher than it need be.
    """
    if stored.proof is None:
        _fail(unproved(stored))
    used = prices[(prices["mu"] > 0) & prices["mu"].isin(stored.mu)]
    mu, slack = used["mu"].to_numpy(), used["slack"].to_numpy()
    cost, benefit = table["cost_usd_yr"].to_numpy(), table["benefit"].to_numpy()
    total = benefit[-1]
    if limited(stored):
        values = [value for value, _ in stored.problem.projects]
        total = math.fsum([*stored.problem.benefit.tolist(), *values])
    least = np.fmin(total, _lowest(used["value"].to_numpy(), cost, mu))
    most = np.fmin(total, _lowest((used["bound"] + used["rounding"]).to_numpy() + slack, cost, mu))
    ceiling, bound = table["ceiling"].to_numpy(), table["bound"].to_numpy()
    low = np.fmax(least, benefit) * (1 - EQUAL)
    high = np.fmax(most, benefit) * (1 + EQUAL)
    wrong = ~((ceiling >= low) & (ceiling <= high))
    if wrong.any():
        at = int(wrong.argmax())
        _fail(f"step {at}: {ceiling[at]:.10g}, not {low[at]:.10g} to {high[at]:.10g}")
    if not ((bound <= ceiling * (1 + EQUAL)) & (bound >= benefit * (1 - EQUAL))).all():
        _fail("a bound lies above its ceiling or below its own step")
    room = EQUAL * (bound + benefit)
    if not (np.abs(table["regret"].to_numpy() - (bound - benefit)) <= room).all():
        _fail("a regret is not what its bound leaves")
    return f"{len(table)} ceilings from {mu.size} prices"


def unproved(stored: Stored) -> str:
    """Say why there is no proof."""
    if stored.about.get("solver") == "ortools":
        return "no certificate in this plan: made by OR-Tools"
    return "no certificate in this plan"


def _lowest(
    value: NDArray[np.float64], cost: NDArray[np.float64], mu: NDArray[np.float64]
) -> NDArray[np.float64]:
    """By cost the least of `(value + cost) / mu`; infinite without prices."""
    if not mu.size:
        return np.full(cost.size, np.inf)
    least: NDArray[np.float64] = ((value[:, None] + cost) / mu[:, None]).min(axis=0)
    return least


def _even(exact: pd.DataFrame, step: float, *, whole: bool) -> NDArray[np.float64]:
    """Prices at which exact steps that lie far apart are worth the same.

    The first step is far from nothing too, unless some land must be held (not `whole`).
    """
    start = np.zeros(1 if whole else 0)
    benefit = np.concatenate([start, exact["benefit"]])
    more, dearer = np.diff(benefit), np.diff(np.concatenate([start, exact["cost_usd_yr"]]))
    far = more > max(step, 2.0**-50) * benefit[-1] * (1 + EQUAL)
    mu: NDArray[np.float64] = dearer[far] / more[far]
    return mu[mu >= 0]


def _equal(given: NDArray[np.float64], anew: NDArray[np.float64], name: str) -> None:
    """Fail where a number is not what was counted."""
    wrong = ~np.isclose(given, anew, rtol=EQUAL, atol=0.0)
    if wrong.any():
        at = int(wrong.argmax())
        _fail(f"step {at}, {name}: {given[at]:.10g}, counted anew {anew[at]:.10g}")


def _fail(found: str) -> NoReturn:
    raise Failed(found)
