"""What can be said of the line without drawing anything, each answer with its bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.campaign.exact_net import CAUGHT_COSTS, DELAY_H, Net, net_of
from vallum.campaign.exact_parts import parts_of
from vallum.campaign.model import Exact
from vallum.errors import CertificateError, Fault, InputError, nearest
from vallum.kernel.interdiction import (
    Interdiction,
    commitment,
    evasion,
    evasion_value,
    patrol,
    regret,
    reliable_way,
    shortest_path,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vallum.campaign.model import World

__all__ = ["exact"]

# Linear programmes per budget. A search that is stopped reports the gap it leaves.
PROGRAMMES = 100
MOST_NAMED = 3
SAME = 1e-9

WAYS = {"iso3": str, "name": str, "evades": float, "kind": str, "sector": int, "facing": str,
        "part": str, "hours": float, "base": int, "entry": int, "target": int}  # fmt: skip
REINFORCEMENT = {"budget": int, "evades": float, "bound": float, "gap": float, "parts": str,
                 "nested": bool, "by_list": float, "regret": float}  # fmt: skip
PATROLS = {"patrols": int, "evades": float, "bound": float, "uniform": float, "parts": str}
COMMITMENT = {"case": str, "value": float, "bound": float}
DELAY = {"budget": int, "hours": float, "bound": float}


def exact(
    world: World,
    *,
    sectors: Sequence[str] | None = None,
    budgets: Sequence[int] = (1, 2, 3, 5),
    patrols: Sequence[int] = (1, 2, 5, 10),
    gates_bought: float,
) -> Exact:
    """Answer where the line is weakest and what more of it would bring, with bounds.

    The other side knows everything and answers best: it takes the way on which getting through is
    likeliest. All is by parts (`vallum.campaign.exact_parts.parts_of`), and on the line as it is
    once all of it is covered.

    Parameters
    ----------
    world
        Places, bases, ways in.
    sectors
        Names of the parts that may be reinforced; None: all of the line.
    budgets
        Numbers of parts to reinforce.
    patrols
        Numbers of mobile patrols.
    gates_bought
        Share of those who go through a gate that buy their way, in [0, 1].

    Returns
    -------
    Exact
        Empty tables where nobody outside has a way to anything held.

    Raises
    ------
    InputError
        If a part, a number or the share can't be used.
    CertificateError
        If an answer does not keep to its bound.
    """
    _checked(world, sectors, (*budgets, *patrols), gates_bought)
    net = net_of(world, gates_bought)
    if net is None:
        return Exact(*(_table([], of) for of in (WAYS, REINFORCEMENT, PATROLS, COMMITMENT, DELAY)))
    may = np.array(
        [line and (sectors is None or name in sectors)
         for name, line in zip(net.names, net.is_line, strict=True)], bool
    )  # fmt: skip
    return Exact(
        ways=_ways(net, world),
        reinforcement=_reinforcement(net, np.flatnonzero(may), budgets),
        patrols=_patrols(net, patrols),
        commitment=_commitment(net),
        delay=_delay(net, may, budgets),
    )


def _checked(
    world: World, sectors: Sequence[str] | None, numbers: tuple[int, ...], bought: float
) -> None:
    """Raise all that is wrong with the arguments at once."""
    faults = []
    if not 0.0 <= bought <= 1.0:
        faults.append(Fault("gates_bought", "", repr(bought), "give a share from 0 to 1"))
    faults += [
        Fault("budgets, patrols", "", repr(n), "give whole numbers of 0 or more")
        for n in numbers
        if n < 0 or n != int(n)
    ]
    known = parts_of(world).query("kind == 'line'")["part"].unique().tolist()
    faults += [
        Fault("sectors", "", f"no part {name!r}", nearest(name, known))
        for name in sectors or ()
        if name not in known
    ]
    if faults:
        raise InputError(faults)


def _table(rows: list[tuple[object, ...]], columns: dict[str, type]) -> pd.DataFrame:
    """Make a table of these columns, also where it has no rows."""
    kinds = {name: object if kind is str else kind for name, kind in columns.items()}
    return pd.DataFrame(rows, columns=list(columns)).astype(kinds)


def _kept(value: float, bound: float, what: str) -> float:
    """Give the value, where it is no better than any can be."""
    if not value >= bound - SAME:
        message = f"{what}: {value!r} is below what is said to be its bound, {bound!r}"
        raise CertificateError(message)
    return value


def _ways(net: Net, world: World) -> pd.DataFrame:
    """Name the part that each state's likeliest way leads over; the quicker of equal ones."""
    rows: list[tuple[object, ...]] = []
    kind = world.entries["kind"].to_numpy()
    for iso3, at, hours, base, target in net.ways:
        chance = net.entry_evades[at]
        best = reliable_way(np.zeros(at.size, int), np.ones(at.size, int), chance, 0, 1)
        if not np.isclose(best.value, chance.max(), rtol=0, atol=SAME):
            raise CertificateError("the likeliest way in is not the one found")
        order = np.lexsort((at, hours, chance < best.value - SAME))
        first = int(order[0])
        entry = int(at[first])
        part = int(net.entry_part[entry])
        rows.append((
            iso3, f"bases in {iso3}", best.value, str(kind[entry]), int(net.sector[part]),
            net.facing[part], net.names[part], float(hours[first]), int(base[first]), entry,
            int(target[first]),
        ))  # fmt: skip
    return _table(rows, WAYS)


def _reinforcement(net: Net, may: NDArray[np.int64], budgets: Sequence[int]) -> pd.DataFrame:
    """Choose parts for each budget, and say what a list of priorities would cost instead."""
    if not len(budgets):
        return _table([], REINFORCEMENT)
    pairs = (net.origins, net.destinations, net.probability)
    arcs = (net.tail, net.head, net.plain, net.stronger)
    found: dict[int, Interdiction] = {}

    def solve(budget: int) -> Interdiction:
        if budget not in found:
            found[budget] = evasion(*arcs, may, *pairs, budget, limit=PROGRAMMES)
        return found[budget]

    def score(chosen: NDArray[np.int64]) -> float:
        return evasion_value(*arcs, chosen, *pairs)

    alone = np.array([score(may[[at]]) for at in range(may.size)])
    # best alone first, the weakest first among equals
    order = may[np.lexsort((may, -net.evades[may], alone.round(12)))][: max(budgets)]
    cost = regret(order, budgets, solve, score)
    rows: list[tuple[object, ...]] = []
    before: set[int] = set()
    for at, budget in enumerate(budgets):
        best = found[int(budget)]
        value = _kept(best.value, best.bound, "reinforcement")
        listed = _kept(float(cost.listed[at]), best.bound, "the list of priorities")
        chosen = set(best.chosen.tolist())
        names = ", ".join(net.names[part] for part in sorted(chosen))
        rows.append((
            int(budget), value, best.bound, value - best.bound, names, before <= chosen,
            listed, float(cost.least[at]),
        ))  # fmt: skip
        before = chosen
    return _table(rows, REINFORCEMENT)


def _patrols(net: Net, patrols: Sequence[int]) -> pd.DataFrame:
    """Spread patrols over parts against one attacker who may start anywhere and choose any way."""
    hit, many = net.evades * net.caught, net.evades.size
    watched = hit > 0
    rows: list[tuple[object, ...]] = []
    for number in patrols:
        found = patrol(
            np.zeros(many, int), np.ones(many, int), 1.0 - net.evades, hit, [0], {1: 1.0}, number
        )
        value = _kept(found.value, found.bound, "patrols")
        even = np.where(watched, min(number / max(watched.sum(), 1), 1.0), 0.0)
        uniform = _kept(float((net.evades - hit * even).max()), found.bound, "even patrols")
        names = _watched(net, np.where(watched, found.presence.round(6), 0.0))
        rows.append((int(number), value, found.bound, uniform, names))
    return _table(rows, PATROLS)


def _watched(net: Net, there: NDArray[np.float64]) -> str:
    """Name the parts watched most; say how many more are watched as much as the last."""
    most = [at for at in np.argsort(-there, kind="stable")[:MOST_NAMED] if there[at] > 0]
    if not most:
        return ""
    names = ", ".join(net.names[at] for at in most)
    last = there[most[-1]]
    more = np.count_nonzero(there == last) - np.count_nonzero(there[most] == last)
    return f"{names} and {more} more as much" if more else names


def _commitment(net: Net) -> pd.DataFrame:
    """Say what one patrol is worth where it is seen by those who fear it, and where it is not.

    Rows: the part where the patrol is. Columns: the part where they try, and staying away.
    """
    many = net.evades.size
    met = np.diag(net.evades * net.caught)
    through = np.tile(net.evades, (many, 1)) - met
    away = np.zeros((many, 1))
    loss = np.hstack([-through, away])
    seen = commitment(loss, np.hstack([through - CAUGHT_COSTS * met, away]))
    unseen = commitment(-through, through)
    rows: list[tuple[object, ...]] = []
    for case, found in (("seen", seen), ("not seen", unseen)):
        # 0.0 - x and not -x: no minus zero
        rows.append((case, _kept(0.0 - found.value, 0.0 - found.bound, case), 0.0 - found.bound))
    return _table(rows, COMMITMENT)


def _delay(net: Net, may: NDArray[np.bool_], budgets: Sequence[int]) -> pd.DataFrame:
    """Choose the parts to hold up so that the quickest way in, from any base, is longest."""
    many = net.hours.size
    rows: list[tuple[object, ...]] = []
    for budget in budgets:
        found = shortest_path(
            np.zeros(many, int), np.ones(many, int), net.hours, np.where(may, DELAY_H, 0.0), 0, 1,
            int(budget),
        )  # fmt: skip
        _kept(found.bound, found.value, "delay")
        rows.append((int(budget), found.value, found.bound))
    return _table(rows, DELAY)
