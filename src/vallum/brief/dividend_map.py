"""Which sites and corridors become safe to reach, on a small map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj

from vallum.brief import look, threat_maps
from vallum.brief.language import named, say
from vallum.brief.threat_sheet import layer, sheet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from vallum.brief.threat_sheet import Layer, Sheet
    from vallum.dividend import DividendCase
    from vallum.plan import Plan

__all__ = ["STATES", "Mark", "draw"]

_HELD, _MEMBER, _OTHER = look.HELD, look.MEMBER, look.NEIGHBOUR
# by shape too, so that they are told apart in black and white
STATES: Mapping[str, tuple[str, str]] = {
    "already": ("circle", look.INSIDE),
    "opened": ("star", look.PARTNER),
    "closed": ("cross", look.LOSS),
    "not": ("square", look.OUTSIDE),
}


@dataclass(frozen=True)
class Mark:
    """A site on the sheet: its place, state (of `STATES`) and what a pointer shows."""

    at: tuple[float, float]
    state: str
    text: str


def draw(plan: Plan, case: DividendCase) -> dict[str, Any] | None:
    """Draw the map of a case.

    Parameters
    ----------
    plan
        For ground and borders.
    case
        With the tables of its streams.

    Returns
    -------
    dict or None
        `base`, `ground`, `marks` and `legend`; None where no site is known.
    """
    sites = case.tables.get("tourism.sites")
    if sites is None or not len(sites):
        return None
    paper = sheet(plan.theatre)
    turn = pyproj.Transformer.from_crs("EPSG:4326", plan.theatre.grid.crs, always_xy=True)
    x, y = turn.transform(sites["lon"].to_numpy(float), sites["lat"].to_numpy(float))
    marks = []
    for row, east, north in zip(sites.to_dict("records"), x, y, strict=True):
        state = _state(bool(row["reachable_before"]), bool(row["reachable_after"]))
        marks.append(
            Mark(
                paper.at(float(east) / 1000.0, float(north) / 1000.0),
                state,
                say("{name}: {what}", name=named(str(row["name"])), what=_meant()[state]),
            )
        )
    seen = {mark.state for mark in marks}
    return {
        "base": threat_maps.base(plan, paper),
        "ground": _ground(plan, case, paper),
        "marks": sorted(marks, key=lambda mark: list(STATES)[::-1].index(mark.state)),
        "legend": [(name, *STATES[name], _meant()[name]) for name in STATES if name in seen],
    }


def _meant() -> dict[str, str]:
    """Say what each mark means."""
    return {
        "already": say("safe to reach today, and with the line"),
        "opened": say("made safe to reach by the line"),
        "closed": say("no longer safe to reach, as attacks move"),
        "not": say("not safe to reach, with or without the line"),
    }


def _state(before: bool, after: bool) -> str:  # noqa: FBT001 - both are what is asked about
    """Name what becomes of a site."""
    if before:
        return "already" if after else "closed"
    return "opened" if after else "not"


def _ground(plan: Plan, case: DividendCase, paper: Sheet) -> Layer:
    """Shade held land, members' other land and the rest."""
    entry: NDArray[np.int32] = plan.line.plans.entry
    held = (entry >= 0) & (entry <= case.step)
    values = np.where(held, 2.0, np.where(plan.theatre.member_mask, 1.0, 0.0))
    return layer(values, ((0.5, 1.5), (_OTHER, _MEMBER, _HELD)), paper, plan.theatre)
