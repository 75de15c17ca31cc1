"""The program of the tasks: its columns and rows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

from vallum.forces.roles import NEEDS
from vallum.forces.tasks_options import BROUGHT, HUBS
from vallum.forces.tasks_settings import ROLES
from vallum.forces.tasks_solve import Program

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from vallum.forces.tasks_means import Means
    from vallum.forces.tasks_options import Options
    from vallum.forces.tasks_settings import TasksSettings

__all__ = ["Model", "build", "prices"]


@dataclass(frozen=True, eq=False)
class Model:
    """The program, with what is needed to read and to change it.

    Columns: the options; whether a state has the staff of a hub role (states × hubs); whether a
    member hands over at a pair (pairs × members); what is raised beyond each limit.

    Attributes
    ----------
    options, settings, man_usd_yr
        What it was built from.
    limits
        (state, need) of each limit's row, and how much there is.
    program
        With the true cost, nothing raised, nothing beyond reach.
    raising
        Cost of the columns that relax: men beyond reach, and what is raised.
    most
        Upper ends of the columns where relaxing is allowed.
    """

    options: Options
    settings: TasksSettings
    man_usd_yr: float
    limits: tuple[tuple[str, str, float], ...]
    program: Program
    raising: NDArray[np.float64]
    most: NDArray[np.float64]


def prices(settings: TasksSettings, man_usd_yr: float) -> dict[str, float]:
    """Price what can be raised beyond a limit, USD a year for one more."""
    man = settings.recruit * man_usd_yr
    return {
        "men": man,
        "engineer_companies": man * max(settings.company_men, 1.0),
        "plant_sets": settings.plant_usd_yr,
        "trainers": man * settings.skilled,
        "medics": man * settings.skilled,
        "air_sets": settings.air_usd_yr,
    }


def _limits(means: Means) -> tuple[tuple[str, str, float], ...]:
    """List what is limited: the members' means, then what the partner brings."""
    own = [
        (state, need, means.limits[state, need])
        for state in means.members
        for need in NEEDS
        if np.isfinite(means.limits[state, need])
    ]
    theirs = [
        (means.partner, item, means.offer[item, "number"])
        for item in (*BROUGHT.values(), "sensors")
        if means.partner and (item, "number") in means.offer
    ]
    return tuple(own + theirs)


def _usage(options: Options, state: str, need: str, partner: str) -> NDArray[np.float64]:
    """Give what each option uses of a limit."""
    table = options.table
    if need == "sensors":
        return table["sensors_km"].to_numpy(float)
    own = (table["state"] == state).to_numpy()
    if state == partner:
        role = next(role for role, item in BROUGHT.items() if item == need)
        own = own & (table["role"] == role).to_numpy()
    return np.where(own, table[need].to_numpy(float), 0.0)


class _Row(NamedTuple):
    """A row of the program: its columns, their values, and its ends."""

    cols: list[int]
    values: list[float]
    lower: float
    upper: float


def _matrix(rows: Sequence[_Row], columns: int) -> sparse.csr_array:
    """Put rows together."""
    row = np.repeat(np.arange(len(rows)), [len(one.cols) for one in rows])
    col = np.concatenate([np.array(one.cols, np.int64) for one in rows])
    value = np.concatenate([np.array(one.values, np.float64) for one in rows])
    return sparse.csr_array(sparse.coo_array((value, (row, col)), shape=(len(rows), columns)))


def build(
    options: Options, means: Means, settings: TasksSettings, man_usd_yr: float, balance: float
) -> Model:
    """Build the program.

    `min Σ c x + Σ staff y + Σ handover h` with, for each sector and role, `Σ x = 1`; `x ≤ y` for
    the roles that need a staff; for each state and need `Σ use x ≤ limit`; `h ≥ |x_a − x_b|` of
    the guards of neighbours; `|u_i − u_j| ≤ balance`, `u` the used share of a member's men; and a
    guard is trained by the partner only where the partner trains.

    Parameters
    ----------
    options, means, settings, man_usd_yr
        As in `options`.
    balance
        Most by which used shares may differ.
    """
    members, limits = len(means.members), _limits(means)
    first_y = len(options.table)
    first_h = first_y + len(options.states) * len(HUBS)
    first_r = first_h + len(options.pairs) * members
    columns = first_r + len(limits)
    extra = _extra_men(options, means, settings, first_y, first_h)
    rows = [
        *_assign(options),
        *_staffed(options, first_y),
        *_handovers(options, members, first_h),
        *_trained(options, means),
        *_limited(options, means, limits, extra, first_r),
        *_balanced(options, means, extra, balance),
    ]
    beyond = options.table["beyond_km"].to_numpy(float)
    cost, upper = np.zeros(columns), np.ones(columns)
    cost[:first_y] = options.table["cost_usd_yr"]
    cost[first_y:first_h] = settings.staff_men * man_usd_yr
    cost[first_h:first_r] = settings.rotation * settings.handover_men * man_usd_yr
    upper[:first_y] = beyond <= 0
    upper[first_r:] = 0.0
    program = Program(
        cost,
        np.zeros(columns),
        upper,
        np.arange(columns) < first_h,
        _matrix(rows, columns),
        np.array([row.lower for row in rows]),
        np.array([row.upper for row in rows]),
    )
    raising, most_raised = np.zeros(columns), np.ones(columns)
    men = np.maximum(options.table["men"].to_numpy(float), 1.0)
    raising[:first_y] = beyond * men * settings.forward_usd_man_km
    each = prices(settings, man_usd_yr)
    for number, (state, need, _) in enumerate(limits):
        theirs = state == means.partner
        raising[first_r + number] = 0.0 if theirs else each[need]
        most_raised[first_r + number] = 0.0 if theirs else np.inf
    return Model(options, settings, man_usd_yr, limits, program, raising, most_raised)


def _assign(options: Options) -> Iterator[_Row]:
    """Fill every role of every sector once."""
    key = options.sector * len(ROLES) + options.role
    for value in np.unique(key):
        cols = np.flatnonzero(key == value).tolist()
        yield _Row(cols, [1.0] * len(cols), 1.0, 1.0)


def _staffed(options: Options, first_y: int) -> Iterator[_Row]:
    """Ask for the staff of a role where a state does it at all."""
    for number, role in enumerate(HUBS):
        for option in np.flatnonzero(options.role == ROLES.index(role)):
            y = first_y + int(options.state[option]) * len(HUBS) + number
            yield _Row([int(option), y], [1.0, -1.0], -np.inf, 0.0)


def _handovers(options: Options, members: int, first_h: int) -> Iterator[_Row]:
    """Ask for a handover post of each member that guards one side of a pair only."""
    guard = options.role == ROLES.index("guard")
    for pair, (one, two) in enumerate(options.pairs):
        for member in range(members):
            own = guard & (options.state == member)
            left, right = (np.flatnonzero(own & (options.sector == s)) for s in (one, two))
            cols = [*left.tolist(), *right.tolist(), first_h + pair * members + member]
            signs = [1.0] * len(left) + [-1.0] * len(right)
            yield _Row(cols, [*signs, -1.0], -np.inf, 0.0)
            yield _Row(cols, [*(-sign for sign in signs), -1.0], -np.inf, 0.0)


def _trained(options: Options, means: Means) -> Iterator[_Row]:
    """Let guards be trained by the partner only where the partner trains."""
    taught = options.table["mode"].str.startswith("trained").to_numpy()
    theirs = options.table["state"].eq(means.partner).to_numpy()
    teaches = theirs & (options.role == ROLES.index("training"))
    for sector in np.unique(options.sector[taught]):
        here = options.sector == sector
        guards, trainers = np.flatnonzero(taught & here), np.flatnonzero(teaches & here)
        values = [1.0] * len(guards) + [-1.0] * len(trainers)
        yield _Row([*guards.tolist(), *trainers.tolist()], values, -np.inf, 0.0)


def _extra_men(
    options: Options, means: Means, settings: TasksSettings, first_y: int, first_h: int
) -> dict[str, dict[int, float]]:
    """Give the men of each member's staffs and handover posts, by column."""
    members = len(means.members)
    post = settings.rotation * settings.handover_men
    return {
        state: {first_y + n * len(HUBS) + hub: settings.staff_men for hub in range(len(HUBS))}
        | {first_h + pair * members + n: post for pair in range(len(options.pairs))}
        for n, state in enumerate(means.members)
    }


def _limited(
    options: Options,
    means: Means,
    limits: tuple[tuple[str, str, float], ...],
    extra: dict[str, dict[int, float]],
    first_r: int,
) -> Iterator[_Row]:
    """Hold what is used to what there is, and what is raised."""
    for number, (state, need, most) in enumerate(limits):
        use = _usage(options, state, need, means.partner)
        where = np.flatnonzero(use)
        more = extra[state] if need == "men" else {}
        cols = [*where.tolist(), *more, first_r + number]
        yield _Row(cols, [*use[where].tolist(), *more.values(), -1.0], -np.inf, most)


def _balanced(
    options: Options, means: Means, extra: dict[str, dict[int, float]], balance: float
) -> Iterator[_Row]:
    """Bound the difference of members' used shares; not where men aren't limited."""
    held = [s for s in means.members if 0 < means.limits[s, "men"] < np.inf]
    for pair in combinations(held, 2):
        cols: list[int] = []
        values: list[float] = []
        for sign, state in zip((1.0, -1.0), pair, strict=True):
            use = _usage(options, state, "men", means.partner)
            where = np.flatnonzero(use)
            each = sign / means.limits[state, "men"]
            cols += [*where.tolist(), *extra[state]]
            values += [*(each * use[where]).tolist(), *(each * m for m in extra[state].values())]
        yield _Row(cols, values, -balance, balance)
