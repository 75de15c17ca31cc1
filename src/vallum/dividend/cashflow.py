"""Cost and benefit by year, stream and party: worth today, benefit per cost, and when it pays."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.errors import CertificateError, Fault, InputError, nearest
from vallum.works.cost import annuity as works_annuity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Account", "Evaluation", "annuity", "evaluate"]

COLUMNS = ("year", "party", "kind", "usd")
NETS = ("usd", "present")
TOLERANCE = 1e-9  # of all money that moves: sums by party against the sum of all


@dataclass(frozen=True)
class Account:
    """What a plan is worth to one party, or to all.

    Attributes
    ----------
    benefit_usd, cost_usd
        Today's worth of all gains and of all costs (both 0 or more), USD.
    npv_usd
        Net present value: their difference, USD.
    bcr
        Benefit by cost; 0 where there is no benefit, None where there is benefit and no cost.
    payback_yr
        First year from which the sum of all years so far is 0 or more to the end, not discounted;
        None where it ends below 0.
    payback_discounted_yr
        The same with each year's money discounted.
    """

    benefit_usd: float
    cost_usd: float
    npv_usd: float
    bcr: float | None
    payback_yr: int | None
    payback_discounted_yr: int | None


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Cost and benefit in total, by party and by stream.

    Attributes
    ----------
    rate
        Discount rate, 1/yr.
    horizon
        Years counted: 0 to `horizon` - 1.
    total
        All parties together.
    parties
        By name.
    streams
        By `party` and `kind`: `usd` (sum of all years counted) and `npv_usd`.
    years
        By `year` and `party`: `usd` (net), `present_usd` (discounted) and `running_usd`, the sum
        of `present_usd` so far.
    beyond_usd
        What the streams give after the horizon, net, not discounted: left out of all sums.
    """

    rate: float
    horizon: int
    total: Account
    parties: Mapping[str, Account]
    streams: pd.DataFrame
    years: pd.DataFrame
    beyond_usd: float


def annuity(rate: float, years: int) -> float:
    """Yearly payment, at each year's end, that pays back 1 over some years.

    Parameters
    ----------
    rate
        1/yr, 0 or more.
    years
        1 or more.

    Returns
    -------
    share
        `rate / (1 - (1 + rate) ** -years)`; `1 / years` at a rate of 0.

    Raises
    ------
    InputError
        If either is out of its range.

    Examples
    --------
    >>> round(annuity(0.1, 2), 6)
    0.57619
    """
    faults = _faults_of(rate, years)
    if faults:
        raise InputError(faults)
    return float(works_annuity(rate, years))


def evaluate(streams: pd.DataFrame, rate: float, horizon: int) -> Evaluation:
    """Say what streams of money are worth today, to each party and to all.

    Parameters
    ----------
    streams
        `year` (whole, 0 is the year of the decision and is not discounted), `party`, `kind` (the
        stream's name) and `usd`: above 0 a gain, below 0 a cost. Rows of one year, party and kind
        are added up first.
    rate
        Discount rate, 1/yr.
    horizon
        Years counted.

    Returns
    -------
    evaluation
        The parties' benefits, costs and net values add up to the total, checked on each call.

    Raises
    ------
    InputError
        If the table, rate or horizon can't be used.
    CertificateError
        If sums by party or stream don't add up to the whole.
    """
    faults = [*_faults_of(rate, horizon), *_faults_in(streams)]
    if faults:
        raise InputError(faults)
    rows = streams.loc[:, list(COLUMNS)].astype({"year": int, "party": str, "kind": str})
    rows = rows.groupby(["party", "kind", "year"], as_index=False).agg(usd=("usd", "sum"))
    late = rows["year"] >= horizon
    kept = rows.loc[~late].assign(present=lambda t: t["usd"] / (1.0 + rate) ** t["year"])
    names = sorted(set(rows["party"]))
    nets = {name: _nets(kept.loc[kept["party"] == name], horizon) for name in names}
    made = Evaluation(
        rate=rate,
        horizon=horizon,
        total=_account(kept["present"].to_numpy(float), _nets(kept, horizon)),
        parties=MappingProxyType(
            {
                name: _account(kept.loc[kept["party"] == name, "present"].to_numpy(float), net)
                for name, net in nets.items()
            }
        ),
        streams=kept.groupby(["party", "kind"], as_index=False).agg(
            usd=("usd", "sum"), npv_usd=("present", "sum")
        ),
        years=_years(nets, horizon),
        beyond_usd=float(rows.loc[late, "usd"].sum()),
    )
    _certify(made)
    return made


def _faults_of(rate: float, years: int) -> list[Fault]:
    """Say what is wrong with a rate and a number of years."""
    faults = []
    if not (np.isfinite(rate) and rate >= 0):
        faults.append(Fault("rate", "", f"{rate}", "give 0 or more, 1/yr"))
    if years < 1 or years != int(years):
        faults.append(Fault("years", "", f"{years}", "give a whole number, 1 or more"))
    return faults


def _faults_in(streams: pd.DataFrame) -> list[Fault]:
    """Say all that is wrong with the table of streams."""
    lacking = [name for name in COLUMNS if name not in streams]
    if lacking:
        found = [str(name) for name in streams.columns if name not in COLUMNS] or list(COLUMNS)
        return [Fault("streams", name, "no such column", nearest(name, found)) for name in lacking]
    faults = []
    year = pd.to_numeric(streams["year"], errors="coerce")
    if not (year.notna() & (year >= 0) & (year % 1 == 0)).all():
        faults.append(Fault("streams", "year", "not whole, or below 0", "count from the decision"))
    usd = pd.to_numeric(streams["usd"], errors="coerce")
    if not np.isfinite(usd.to_numpy(float)).all():
        faults.append(Fault("streams", "usd", "not a number", "give USD of each year"))
    faults += [
        Fault("streams", name, "empty", "name each row's party and kind")
        for name in ("party", "kind")
        if streams[name].isna().any()
    ]
    return faults


def _nets(rows: pd.DataFrame, horizon: int) -> Floats:
    """Add up by year: shape (2, horizon), not discounted and discounted."""
    year = rows["year"].to_numpy(int)
    return np.array([np.bincount(year, rows[of].to_numpy(float), horizon) for of in NETS])


def _account(present: Floats, nets: Floats) -> Account:
    """Make one account of the worth today of each row, and of the nets by year."""
    benefit = float(present[present > 0].sum())
    cost = float(-present[present < 0].sum())
    bcr = 0.0 if benefit == 0 else (benefit / cost if cost > 0 else None)
    plain, discounted = (_payback(net) for net in nets)
    return Account(benefit, max(cost, 0.0), benefit - max(cost, 0.0), bcr, plain, discounted)


def _payback(net: Floats) -> int | None:
    """First year from which the running sum stays at 0 or more; None where it ends below."""
    below = np.flatnonzero(np.cumsum(net) < 0)
    first = int(below[-1]) + 1 if len(below) else 0
    return first if first < len(net) else None


def _years(nets: Mapping[str, Floats], horizon: int) -> pd.DataFrame:
    """Tabulate the nets."""
    tables = [
        pd.DataFrame(
            {
                "year": np.arange(horizon),
                "party": name,
                "usd": net[0],
                "present_usd": net[1],
                "running_usd": np.cumsum(net[1]),
            }
        )
        for name, net in nets.items()
    ]
    if not tables:
        return pd.DataFrame(columns=["year", "party", "usd", "present_usd", "running_usd"])
    return pd.concat(tables).sort_values(["year", "party"], ignore_index=True)


def _certify(made: Evaluation) -> None:
    """Check that what was added up by party, by stream and by year comes to the same whole."""
    total, parts = made.total, made.parties.values()
    room = TOLERANCE * (total.benefit_usd + total.cost_usd)
    gaps = {
        "benefits by party": sum(part.benefit_usd for part in parts) - total.benefit_usd,
        "costs by party": sum(part.cost_usd for part in parts) - total.cost_usd,
        "net by party": sum(part.npv_usd for part in parts) - total.npv_usd,
        "net by stream": float(made.streams["npv_usd"].sum()) - total.npv_usd,
        "net by year": float(made.years["present_usd"].sum()) - total.npv_usd,
    }
    wrong = [f"{name} by {gap:.3g} USD" for name, gap in gaps.items() if not abs(gap) <= room]
    if wrong:
        raise CertificateError("cost and benefit don't add up: " + "; ".join(wrong))
