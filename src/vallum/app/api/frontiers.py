"""Frontiers over HTTP, by sectors: no single way and no place of a fort leaves here."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
from fastapi import APIRouter

from vallum.app.api.forms import Asker, Geometry, Text, ToLook, ToScore
from vallum.app.api.said import Drawing, Frontier, Looked, Score, Sector
from vallum.app.sheet import Drawn, read, write
from vallum.brief.record_plain import plain_value
from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    from vallum.app.desk import Asked
    from vallum.app.live import Look, Scored, View

__all__ = ["frontiers", "sectors"]

SECTOR_M = 50_000.0  # nothing finer is given


def frontiers(desk: Asked, theatre: str) -> APIRouter:
    """Give the routes of what is found at once; `theatre` is that of a text that names none."""
    routes = APIRouter(prefix="/api", tags=["frontiers"])

    @routes.post("/frontier", summary="Find a scenario's frontier")
    async def frontier(user: Asker, form: Text) -> Frontier:
        return _view(await desk.view(user, read(form.text, theatre=theatre)))

    @routes.post("/look", summary="Look at the later stages for one step")
    async def look(user: Asker, form: ToLook) -> Looked:
        return _look(await desk.look(user, read(form.text, theatre=theatre), form.step))

    @routes.post("/score", summary="Score a line or area drawn by hand")
    async def score(user: Asker, form: ToScore) -> Score:
        sheet = replace(
            read(form.text, theatre=theatre),
            drawn=(replace(_drawn(form.drawn), holding=tuple(form.holding)),),
        )
        sheet = read(write(sheet))  # its points are checked as a scenario's are
        found = await desk.view(user, sheet)
        return Score(scored=_scored(found.scored), fingerprint=found.fingerprint)

    return routes


def sectors(view: View) -> list[Sector]:
    """Say how much of each sector the chosen step holds.

    Parameters
    ----------
    view
        As found.

    Returns
    -------
    list of Sector
        Squares of 50 km or the next whole number of cells.
    """
    side = max(1, math.ceil(SECTOR_M / view.cell_m))
    cell_km2 = (view.cell_m / 1000.0) ** 2
    found = []
    for row in range(0, view.entry.shape[0], side):
        for col in range(0, view.entry.shape[1], side):
            part = view.entry[row : row + side, col : col + side]
            land = int((part != -2).sum())
            if land:
                held = int(((part >= 0) & (part <= view.step)).sum())
                found.append(
                    Sector(
                        left=view.left + col * view.cell_m,
                        top=view.top - row * view.cell_m,
                        side_m=side * view.cell_m,
                        land_km2=land * cell_km2,
                        held_km2=held * cell_km2,
                    )
                )
    return found


def _view(view: View) -> Frontier:
    """Say a frontier without its lines and cells."""
    given = set(Frontier.model_fields) - {"sectors", "scored"}
    said = {name: _plain(getattr(view, name)) for name in given}
    return Frontier(**said, sectors=sectors(view), scored=_scored(view.scored))


def _look(look: Look) -> Looked:
    """Say a look: numbers by state and coalition."""
    return Looked(**{name: _plain(getattr(look, name)) for name in Looked.model_fields})


def _scored(scored: Scored | None) -> Drawing | None:
    """Say what a drawn line is worth, without its cells."""
    if scored is None:
        return None
    return Drawing(**{name: _plain(getattr(scored, name)) for name in Drawing.model_fields})


def _drawn(drawn: Geometry) -> Drawn:
    """Read a GeoJSON geometry; a ring's last point repeats its first and is left out."""
    closed = drawn.type == "Polygon"
    rings: Any = drawn.coordinates if closed else [drawn.coordinates]
    points = rings[0] if len(rings) == 1 else []
    if len(points) < (4 if closed else 2) or not all(_is_point(at) for at in points):
        mend = "give a line of two or more points, or a polygon of one ring"
        raise InputError([Fault("request", "drawn.coordinates", f"no {drawn.type}", mend)])
    kept = points[:-1] if closed and points[0] == points[-1] else points
    return Drawn(tuple((at[0], at[1]) for at in kept), closed)


def _is_point(at: object) -> bool:
    """Whether it is a longitude and a latitude."""
    return (
        isinstance(at, list)
        and len(at) == 2
        and all(isinstance(one, float) and math.isfinite(one) for one in at)
        and abs(at[0]) <= 180.0
        and abs(at[1]) <= 90.0
    )


def _plain(value: Any) -> Any:  # noqa: ANN401  (whatever JSON can say)
    """Turn tables and numbers into what JSON can say: null for what is not finite."""
    if isinstance(value, pd.DataFrame):
        return [_plain(row) for row in value.to_dict(orient="records")]
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return plain_value(value)
