"""Where forts stand: the cheapest that reach every kilometre in the time that the works assumed."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from vallum.errors import Fault, InfeasibleError, InputError
from vallum.forces.forts_cheapest import cheapest
from vallum.forces.forts_model import Forts
from vallum.forces.forts_settings import FortsSettings, assumptions
from vallum.forces.forts_tables import (
    COLUMNS,
    fort_table,
    piece_table,
    sector_table,
    state_table,
)
from vallum.forces.response import effect
from vallum.forces.sites_choice import Choice, choice_of, covers
from vallum.forces.sites_times import along_km
from vallum.kernel.program import WAYS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.forces.forts_cheapest import Placement
    from vallum.line import Line
    from vallum.theatre import Theatre
    from vallum.threat import Threat
    from vallum.works import Works, WorksSettings

__all__ = ["place"]

_SETTLED_S = 1e-6  # responses that differ by less agree
_SHORT = 1e-6  # of P_E: rounding, not a shortfall
_TIGHTER = 0.7  # of the room above the least response there can be, where P_E falls short
_SAID = 12  # pieces named in a message


class Found(NamedTuple):
    """What a placement does for each piece of line, shape (pieces,).

    Attributes
    ----------
    fort
        Place in the placement of the fort that reaches it first, of those strong enough.
    response_s, response_sd_s
        Time from an alarm until the intruders are met at its furthest point.
    p_e
        What that makes of the works.
    """

    fort: NDArray[np.int64]
    response_s: NDArray[np.float64]
    response_sd_s: NDArray[np.float64]
    p_e: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Settled:
    """A placement whose responses and the interruption agree, or the last that was tried."""

    chosen: NDArray[np.int64]
    placed: Placement
    found: Found
    history: pd.DataFrame
    agreed: bool


def place(
    theatre: Theatre,
    threat: Threat,
    works: Works,
    line: Line,
    settings: FortsSettings | None = None,
    *,
    how: WorksSettings,
    man_usd_yr: float,
) -> Forts:
    """Place forts and reaction bases, man them, and cost them.

    Parameters
    ----------
    theatre, threat, works, line
        The stages before.
    settings
        How; the defaults if not given.
    how
        The settings that the works were priced with.
    man_usd_yr
        Cost of one man who is paid, for a year, USD: `WorksSettings.man_year_usd`, without
        rotation.

    Returns
    -------
    Forts
        See there. Every piece of line is reached within the response that the works assumed, and
        by a base within `reaction_h` where there is a site for one.

    Raises
    ------
    InputError
        When a man's cost is negative or no number, or forts ride in a way that is not timed.
    InfeasibleError
        When no fort reaches some piece in time; names them.
    """
    settings = settings or FortsSettings()
    if not 0 <= man_usd_yr < np.inf:
        mend = "give USD a year, from 0 up"
        raise InputError([Fault("forces", "man_usd_yr", repr(man_usd_yr), mend)])
    if not len(line.course.table):
        return _nothing(settings)
    choice = choice_of(theatre, threat, works, line, settings, how, man_usd_yr)
    late = _reaction(choice, settings)
    settled = _settle(choice, works, settings, how, late)
    chosen, found = settled.chosen, settled.found
    pieces = piece_table(choice, chosen, found)
    table = fort_table(choice, chosen, pieces, theatre, works)
    cost = float(table["cost_usd_yr"].sum())
    return Forts(
        table=table,
        by_sector=sector_table(table, pieces, line.sectors),
        by_state=state_table(table),
        pieces=pieces,
        cost_usd_yr=cost,
        bound_usd_yr=min(settled.placed.bound, cost) if settled.placed.gap else cost,
        status=_status(choice, settings, settled, late),
        history=settled.history,
        ways=settled.placed.ways,
        nodes=settled.placed.nodes,
        ledger=assumptions(settings),
    )


def _reaction(choice: Choice, settings: FortsSettings) -> NDArray[np.bool_]:
    """Tell which site is a base that reaches which piece in time; no columns for no bases.

    Pieces that no base could reach are left out, and told.
    """
    base = choice.sites["base"].to_numpy(bool)
    if settings.reaction_h is None or not base.any():
        return np.zeros((len(choice.sites), 0), bool)
    site, kind = choice.sites["site"].to_numpy(), choice.sites["kind"].to_numpy()
    in_time = choice.hours[site] <= settings.reaction_h - choice.classes.muster_s[kind, None] / 3600
    reached = base[:, None] & in_time
    return np.asarray(reached[:, reached.any(axis=0)])


def _settle(
    choice: Choice,
    works: Works,
    settings: FortsSettings,
    how: WorksSettings,
    late: NDArray[np.bool_],
) -> _Settled:
    """Let the response found replace the one assumed, until both agree.

    Limits only ever tighten. A placement that meets tighter limits is the cheapest under them too,
    for they allow no placement that was not allowed before; so it is sought anew only where it
    does not meet them.
    """
    expected = choice.expected
    limits = expected["response_s"].to_numpy(np.float64)
    wanted = expected["p_e"].to_numpy(np.float64)
    least = _least(choice)
    reach = covers(choice, limits)
    placed = _cheapest(choice, reach, late, settings)
    sought = True
    rows: list[tuple[int, bool, int, float, float, float, float]] = []
    agreed = False
    for number in range(settings.rounds):
        found = _found(choice, placed.chosen, works, how)
        short = np.maximum(wanted - found.p_e, 0.0)
        gap = float(np.abs(limits - found.response_s).max())
        rows.append((number, sought, placed.chosen.size, placed.cost, placed.bound, gap,
                     float(short.max())))  # fmt: skip
        tighter = np.where(
            (short > _SHORT) & (found.response_s > least + _SETTLED_S),
            least + _TIGHTER * (found.response_s - least),
            np.minimum(limits, found.response_s),
        )
        agreed = gap <= _SETTLED_S and not (tighter < found.response_s - _SETTLED_S).any()
        if agreed:
            break
        limits = tighter
        reach = covers(choice, limits)
        sought = not reach[placed.chosen].any(axis=0).all()
        if sought:
            placed = _cheapest(choice, reach, late, settings)
    history = pd.DataFrame(rows, columns=list(COLUMNS["history"]))
    return _Settled(placed.chosen, placed, found, history, agreed)


def _least(choice: Choice) -> NDArray[np.float64]:
    """Find the quickest response that any fort could give each piece, s."""
    kind, site = choice.sites["kind"].to_numpy(), choice.sites["site"].to_numpy()
    enough = choice.classes.p_n[kind][:, None] >= choice.expected["p_n"].to_numpy() - _SHORT
    s = choice.hours[site] * 3600.0 + choice.classes.muster_s[kind][:, None]
    quickest = np.where(enough, s, np.inf).min(axis=0)
    return np.asarray(quickest + choice.expected["follow_s"].to_numpy(np.float64))


def _cheapest(
    choice: Choice, reach: NDArray[np.bool_], late: NDArray[np.bool_], settings: FortsSettings
) -> Placement:
    """Choose the cheapest forts that reach every piece, and bases that do."""
    bare = np.flatnonzero(~reach.any(axis=0))
    if bare.size:
        raise InfeasibleError([_unreached(choice, bare)])
    cost = choice.sites["cost_usd_yr"].to_numpy(np.float64)
    length = choice.pieces.table["length_km"].to_numpy(np.float64)
    return cheapest(cost, reach, late, length, settings)


def _unreached(choice: Choice, bare: NDArray[np.int64]) -> Fault:
    table = choice.pieces.table
    km = choice.pieces.nodes["km"].to_numpy()[table["first"].to_numpy()]
    line = table["line"].to_numpy()
    said = [f"line {line[n]} at km {km[n]:.0f}" for n in bare[:_SAID].tolist()]
    more = f" and {bare.size - _SAID} more" if bare.size > _SAID else ""
    found = f"no fort reaches in time: {', '.join(said)}{more}"
    mend = "allow other forts in the works, or shorten forces.forts.piece_km"
    return Fault("forces", "forts", found, mend)


def _found(choice: Choice, chosen: NDArray[np.int64], works: Works, how: WorksSettings) -> Found:
    """Say what a placement does for each piece."""
    sites, expected, classes = choice.sites.iloc[chosen], choice.expected, choice.classes
    kind = sites["kind"].to_numpy()
    ride = choice.hours[sites["site"].to_numpy()] * 3600.0
    enough = classes.p_n[kind][:, None] >= expected["p_n"].to_numpy(np.float64) - _SHORT
    until = np.where(enough, ride + classes.muster_s[kind][:, None], np.inf)
    fort = until.argmin(axis=0)
    every = np.arange(fort.size)
    mean = until[fort, every] + expected["follow_s"].to_numpy(np.float64)
    parts = (
        classes.muster_sd_s[kind[fort]],
        ride[fort, every] * expected["pace_sd"].to_numpy(np.float64),
        expected["follow_sd_s"].to_numpy(np.float64),
    )
    deviation = np.sqrt(np.sum([part**2 for part in parts], axis=0))
    node = sites["node"].to_numpy(np.int64)
    near = along_km(choice.pieces, node[node >= 0]).min(axis=0, initial=np.inf)
    row = choice.pieces.table["row"].to_numpy(np.int64)
    p_e = effect(works, how, row, 2 * near, (mean, deviation), classes.p_n[kind[fort]])
    return Found(fort, mean, deviation, p_e)


def _status(
    choice: Choice, settings: FortsSettings, settled: _Settled, late: NDArray[np.bool_]
) -> str:
    """Say what did not come out."""
    told = []
    gap_s, short = settled.history[["response_gap_s", "p_e_short"]].to_numpy(np.float64)[-1]
    if not settled.agreed:
        told.append(
            f"response and interruption did not agree in {settings.rounds} rounds: they differ by "
            f"up to {gap_s:.0f} s"
        )
    if short > _SHORT:
        told.append(f"P_E falls short of what the works assumed by up to {short:.3f}")
    if settled.placed.gap > 0:
        told.append(f"forts could cost {settled.placed.gap:.1%} less at most")
    count = len(choice.pieces.table)
    if settings.reaction_h is not None and late.shape[1] < count:
        told.append(f"no base could reach {1 - late.shape[1] / count:.0%} of the line in time")
    return "; ".join(told) or "ok"


def _nothing(settings: FortsSettings) -> Forts:
    """Give what a plan without a line has of forts: tables without rows."""
    empty = {name: pd.DataFrame(columns=list(names)) for name, names in COLUMNS.items()}
    return Forts(
        table=empty["forts"],
        by_sector=empty["sectors"],
        by_state=empty["states"],
        pieces=empty["pieces"],
        cost_usd_yr=0.0,
        bound_usd_yr=0.0,
        status="no line",
        history=empty["history"],
        ways=MappingProxyType(dict.fromkeys(WAYS, 0)),
        nodes=0,
        ledger=assumptions(settings),
    )
