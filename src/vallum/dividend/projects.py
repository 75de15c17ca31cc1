"""Joint projects: what those are worth that want held land and that all their states join."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.dividend.model import Stream
from vallum.errors import Fault, InputError
from vallum.kernel.ledger import Assumption
from vallum.theatre.ways import cells_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from vallum.dividend.model import Land, Timing
    from vallum.theatre import Theatre

    Floats = NDArray[np.float64]

__all__ = ["held_share", "level", "projects", "worked"]

EVERY = "all"  # the state of a figure that all states of a project share
MONEY = ("capital_usd", "benefit_usd_yr")
YEARS = ("build_yr", "life_yr")
ENDS = ("low", "mode", "high")
KEY = "dividend.project_"
RANGED = "place in the documented range: -1 low, 0 mode, 1 high; the same for all projects"
WORTH_ONLY = (
    "A project counts by the share of its benefit that hangs on the safety of the land, times the "
    "share of its way that is held: in both its cost and its benefit. The rest comes without a "
    "line, or does not come with it."
)


@dataclass(frozen=True, eq=False)
class _Project:
    """One project as it is counted.

    Attributes
    ----------
    share
        Of its way on members' land, what is held.
    money
        By figure of `MONEY`, low, mode and high of each party, shape (3, P), USD or USD/yr.
    years
        By figure of `YEARS`, low, mode and high.
    """

    share: float
    money: Mapping[str, Floats]
    years: Mapping[str, Floats]


def projects(theatre: Theatre, land: Land, *, joined: frozenset[str]) -> Stream:
    """Say what joint projects bring that a held land makes safe to build and to run.

    Parameters
    ----------
    theatre
        With `projects`, and the routes, sites and rivers that they lie on.
    land
        What is held, and when the line works.
    joined
        iso3 of the states that join. A project counts only if all that it names do.

    Returns
    -------
    Stream
        Of kind "projects", with the table `projects`: a row per project and party. Its assumptions
        are the places of costs, benefits and years in their ranges and each project's `line_share`.
        docs/method/dividend-land.md says how.
    """
    table = theatre.projects
    states = [str(state) for state in table["state"] if state != EVERY]
    parties = tuple(dict.fromkeys((*theatre.members, *(s for s in states if s in joined))))
    chosen: dict[str, _Project] = {}
    shares: list[Assumption] = []
    rows: list[dict[str, object]] = []
    for name, own in table.groupby("project", sort=False):
        share = held_share(theatre, str(own["way"].iloc[0]), land.held)
        why = _why_not(own, joined, share)
        rows += _rows(own, parties, share, why)
        if not why:
            chosen[str(name)] = _read(own, parties, share)
            shares.append(_line_share(str(name), own))
    every, timing = tuple(chosen.values()), land.timing
    assumptions = (*(_levels() if chosen else ()), *shares)

    def yearly(values: Floats) -> Floats:
        total = np.zeros((len(values), len(parties), timing.horizon))
        for place, one in enumerate(every):
            total += _money(one, values[:, :4], timing) * values[:, 4 + place, None, None]
        return total

    shown = pd.DataFrame(rows, columns=list(ROWS))
    return Stream(
        kind="projects",
        title="joint projects",
        parties=parties,
        assumptions=assumptions,
        yearly=yearly,
        tables=MappingProxyType({"projects": shown}),
        said=_said(shown, built=bool(land.held.any())),
    )


ROWS = ("project", "name", "party", "held_share", "capital_usd", "benefit_usd_yr", "line_share",
        "why_not")  # fmt: skip


def held_share(theatre: Theatre, way: str, held: NDArray[np.bool_]) -> float:
    """Say what share of a way is held, of its cells on members' land.

    Parameters
    ----------
    theatre
        With `routes`, `sites` and `rivers`.
    way
        Ids of routes and sites and names of rivers, with ";" between them.
    held
        Cells held, shape (rows, cols).

    Returns
    -------
    share
        From 0 to 1; 0 where no part of the way lies on members' land.
    """
    parts = [part.strip() for part in way.split(";")]
    cells = np.zeros(theatre.grid.shape, np.bool_)
    for table, column in ((theatre.routes, "route_id"), (theatre.rivers, "river")):
        if table is not None and len(table):
            cells |= cells_of(table.geometry[table[column].isin(parts)], theatre.grid)
    sites = theatre.sites[theatre.sites["id"].isin(parts)]
    row, col = (sites[name].to_numpy(np.int64) for name in ("row", "col"))
    rows, cols = theatre.grid.shape
    inside = (row >= 0) & (row < rows) & (col >= 0) & (col < cols)
    cells[row[inside], col[inside]] = True
    cells &= theatre.member_mask
    return float((cells & held).sum() / cells.sum()) if cells.any() else 0.0


def level(place: Floats, ends: Floats) -> Floats:
    """Give the figure at a place in a range: -1 the low, 0 the mode, 1 the high end.

    Parameters
    ----------
    place
        Shape (n,).
    ends
        Low, mode, high; shape (3, P).

    Returns
    -------
    figure
        Shape (n, P), in the range's unit.
    """
    low, mode, high = ends
    down, up = np.minimum(place, 0.0)[:, None], np.maximum(place, 0.0)[:, None]
    return np.asarray(mode + down * (mode - low) + up * (high - mode), np.float64)


def worked(start: Floats, length: Floats, horizon: int) -> Floats:
    """Give the share of each year that lies between a start and an end.

    Parameters
    ----------
    start, length
        Years, shape (n,).
    horizon
        H, years counted.

    Returns
    -------
    share
        Shape (n, H).
    """
    year = np.arange(horizon)
    end = np.minimum((start + length)[:, None], year + 1.0)
    return np.asarray(np.maximum(end - np.maximum(start[:, None], year), 0.0), np.float64)


def _money(one: _Project, levels: Floats, timing: Timing) -> Floats:
    """Give a project's money of each year were all of its benefit due to the land, (n, P, H)."""
    count, horizon = len(levels), timing.horizon
    if not timing.covered.any() or not one.share:
        return np.zeros((count, one.money["capital_usd"].shape[1], horizon))
    begun = np.full(count, float(np.argmax(timing.covered > 0)))
    build = level(levels[:, 2], one.years["build_yr"])[:, 0]
    life = level(levels[:, 3], one.years["life_yr"])[:, 0]
    if (build <= 0).any() or (life <= 0).any():
        mend = "keep the place within its range"
        raise InputError([Fault("dividend", f"{KEY}build, {KEY}life", "no years left", mend)])
    capital = level(levels[:, 0], one.money["capital_usd"])
    benefit = level(levels[:, 1], one.money["benefit_usd_yr"])
    # what is built for years beyond the horizon is not paid for here
    used = np.clip((horizon - begun - build) / life, 0.0, 1.0)
    paid = worked(begun, build, horizon) / build[:, None] * used[:, None]
    runs = worked(begun + build, life, horizon) * timing.covered
    net = benefit[:, :, None] * runs[:, None, :] - capital[:, :, None] * paid[:, None, :]
    return np.asarray(one.share * net, np.float64)


def _read(own: pd.DataFrame, parties: Sequence[str], share: float) -> _Project:
    """Read the figures of one project."""
    money = {}
    for figure in MONEY:
        ends = np.zeros((3, len(parties)))
        for at, party in enumerate(parties):
            row = own[(own["figure"] == figure) & (own["state"] == party)]
            if len(row):
                ends[:, at] = row.iloc[0][list(ENDS)].to_numpy(np.float64)
        money[figure] = ends
    years = {name: _common(own, name)[list(ENDS)].to_numpy(np.float64)[:, None] for name in YEARS}
    return _Project(share, MappingProxyType(money), MappingProxyType(years))


def _common(own: pd.DataFrame, figure: str) -> pd.Series:
    """Find the figure that all states of a project share, or else the first state's."""
    rows = own[own["figure"] == figure]
    shared = rows[rows["state"] == EVERY]
    return (shared if len(shared) else rows).iloc[0]


def _line_share(name: str, own: pd.DataFrame) -> Assumption:
    """Give the share of a project's benefit that hangs on the safety of its land."""
    row = _common(own, "line_share")
    low, mode, high = (float(row[end]) for end in ENDS)
    key = f"{KEY}line_share_{name}"
    return Assumption(key, mode, low, high, "share of the benefit", str(row["source"]))


def _levels() -> tuple[Assumption, ...]:
    """List what moves all projects together, in the order of the columns."""
    said = "judgement: the ranges are those of projects.csv; what moves one project's {} moves all"
    return tuple(
        Assumption(f"{KEY}{name}", 0.0, -1.0, 1.0, RANGED, said.format(words))
        for name, words in (
            ("capital", "cost"), ("benefit", "benefit"), ("build", "years of building"),
            ("life", "life"),
        )
    )  # fmt: skip


def _why_not(own: pd.DataFrame, joined: frozenset[str], share: float) -> str:
    """Say why a project does not count; empty where it does."""
    missing = sorted(set(own["state"]) - {EVERY} - joined)
    if missing:
        return f"not joined by {', '.join(missing)}"
    have = set(own["figure"])
    lacking = [name for name in (*MONEY, *YEARS, "line_share") if name not in have]
    if lacking:
        return f"no figure of {', '.join(lacking)}"
    if any(float(_common(own, name)["low"]) <= 0 for name in YEARS):
        return "no years of building or life"
    return "" if share > 0 else "none of its way is held"


def _rows(
    own: pd.DataFrame, parties: Sequence[str], share: float, why: str
) -> list[dict[str, object]]:
    """Lay out one project, a row per party that it names."""
    modes = own.set_index(["state", "figure"])["mode"]
    hangs = own[own["figure"] == "line_share"]
    named = [state for state in dict.fromkeys(own["state"]) if state != EVERY]
    return [
        {
            "project": str(own["project"].iloc[0]),
            "name": str(own["name"].iloc[0]),
            "party": party,
            "held_share": share,
            **{figure: float(modes.get((party, figure), 0.0)) for figure in MONEY},
            "line_share": float(hangs["mode"].iloc[0]) if len(hangs) else np.nan,
            "why_not": why if party in parties or why else f"{party} is no party",
        }
        for party in named
    ]


def _said(shown: pd.DataFrame, *, built: bool) -> tuple[str, ...]:
    """Say in sentences which projects count, and why the others don't."""
    if shown.empty:
        return ("The theatre has no joint projects.",)
    if not built:
        return ("No land is held, so no joint project hangs on it.",)
    each = shown.drop_duplicates("project")
    out = [WORTH_ONLY]
    out += [
        f"{row['name']}: {row['held_share']:.0%} of its way is held."
        for _, row in each[each["why_not"] == ""].iterrows()
    ]
    out += [
        f"{row['name']} does not count: {row['why_not']}."
        for _, row in each[each["why_not"] != ""].iterrows()
    ]
    return tuple(out)
