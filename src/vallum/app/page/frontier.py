"""Changing assumptions: the frontier for what the page says, and quick looks behind it."""

from __future__ import annotations

import asyncio
import math
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vallum.app import sheet as sheets
from vallum.app.page import encode, ground
from vallum.app.page.fields import changed, others, values
from vallum.app.page.session import RefusedError, drawn_of, fresh, refused, sheet_in, text_of
from vallum.app.sheet import Drawn, Sheet
from vallum.brief.language import say
from vallum.brief.page_text import whole
from vallum.errors import Fault, NotFoundError, VallumError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.app.page.session import Session, Verb

__all__ = ["VERBS", "described", "names_of", "sheet_of", "show", "without_budget"]

_MOST_DRAWN, _MOST_POINTS = 20, 2000
_ALL_USD = 1e15  # a year: more than all that there is


def sheet_of(session: Session, message: Mapping[str, Any]) -> Sheet:
    """Put together the scenario that a message describes.

    Parameters
    ----------
    session
        Whose sheet keeps what the page doesn't show.
    message
        `values` by key, `drawn`, `choice`, `name`, `note`; what isn't there stays.

    Returns
    -------
    Sheet
        Checked.

    Raises
    ------
    InputError
        With every fault.
    """
    sheet = session.sheet
    given = message.get("values", {})
    if not isinstance(given, dict):
        raise refused("values", say("no table"), say("load the page again"))
    choice = message.get("choice")
    base = sheet.settings if choice is None else _chosen(sheet, choice)
    settings = changed(base, given, session.facts.asked)
    drawn = sheet.drawn if "drawn" not in message else _drawn(session, message["drawn"])
    name = _typed(text_of(message, "name", most=120)) if "name" in message else sheet.name
    note = _typed(text_of(message, "note", most=4000)) if "note" in message else sheet.note
    return Sheet(
        name.strip() or say("A scenario without a name"), sheet.theatre, settings, drawn, note
    )


def _typed(text: str) -> str:
    """Put a blank for each sign that shows as nothing, as a tab that was pasted; lines stay."""
    return "".join(" " if sign == "\t" or sheets.unseen(sign) else sign for sign in text)


async def show(session: Session, n: object = None) -> None:
    """Ask for the frontier of the session's sheet, and send it."""
    session.send({"is": "finding", "n": n})
    asked = without_budget(session.sheet)
    found = await session.desk.view(session.user, asked)
    session.shown = asked
    places = _places(session, session.sheet)
    session.send(
        {
            "is": "view",
            "n": n,
            "view": encode.view(found, names_of(session)),
            "places": places,
            "text": sheets.write(session.sheet),
        }
    )


def names_of(session: Session) -> dict[str, str]:
    """Give the English names of states by ISO3."""
    names = session.facts.theatre.countries["name"]
    return {str(iso3): str(name) for iso3, name in names.items()}


def without_budget(sheet: Sheet) -> Sheet:
    """Leave out a budget, which only chooses a step: the page does that itself.

    The objective `people` needs one, or a price: there it is one that buys all.
    """
    settings = sheet.settings
    if settings.line.budget_usd_yr is None:
        return sheet
    budget = _ALL_USD if settings.line.objective == "people" else None
    line = settings.line.model_copy(update={"budget_usd_yr": budget})
    return replace(sheet, settings=settings.model_copy(update={"line": line}))


def described(session: Session) -> dict[str, Any]:
    """Describe the session's sheet as the page needs it."""
    sheet, kept = session.sheet, session.scenario
    line = sheet.settings.line
    drawn = [
        {
            "km": ground.km_of(session.facts.theatre, one.points),
            "closed": one.closed,
            "holding": ground.km_of(session.facts.theatre, one.holding),
        }
        for one in sheet.drawn
    ]
    return {
        "name": sheet.name,
        "note": sheet.note,
        "values": values(sheet.settings, session.facts.asked),
        "others": others(sheet.settings, session.facts.asked),
        "choice": {"mu": line.mu, "budget": line.budget_usd_yr},
        "drawn": drawn,
        "scenario": None
        if kept is None
        else {"id": kept.id, "version": kept.version, "own": kept.owner == session.user.name},
    }


async def _hello(session: Session, message: Mapping[str, Any]) -> None:
    facts, user = session.facts, session.user
    session.send(
        {
            "is": "start",
            "user": user.name,
            "local": session.settings.auth == "none",
            "leaves": session.settings.auth == "oidc",
            "fields": [one.__dict__ for one in facts.asked],
            "towns": facts.towns,
            "upload_bytes": session.settings.quotas.upload_bytes,
            "sheet": described(session),
        }
    )
    try:
        if "text" in message:
            await _carry(session, message)
    except VallumError:
        await show(session, message.get("n"))
        raise
    await show(session, message.get("n"))


async def _carry(session: Session, message: Mapping[str, Any]) -> None:
    """Take over what stood on the page when its language was changed."""
    text = text_of(message, "text", most=session.settings.quotas.upload_bytes)
    session.sheet = sheet_in(session, text)
    kept = message.get("scenario")
    if isinstance(kept, dict):
        which, version = text_of(kept, "id", most=64), kept.get("version")
        with suppress(NotFoundError):  # deleted meanwhile, or no longer shared: it is kept nowhere
            session.scenario = await asyncio.to_thread(
                session.desk.scenario,
                session.user,
                which,
                version if isinstance(version, int) else None,
            )
    dirty = bool(message.get("dirty"))
    session.send({"is": "sheet", "sheet": described(session), "dirty": dirty})


async def _change(session: Session, message: Mapping[str, Any]) -> None:
    session.sheet = sheet_of(session, message)
    await show(session, message.get("n"))


async def _reset(session: Session, message: Mapping[str, Any]) -> None:
    before = session.sheet  # what it is called and what was drawn is no assumption
    session.sheet = replace(
        fresh(session.settings, session.facts),
        name=before.name, note=before.note, drawn=before.drawn,
    )  # fmt: skip
    session.send({"is": "sheet", "sheet": described(session)})
    await show(session, message.get("n"))


async def _look(session: Session, message: Mapping[str, Any]) -> None:
    step = message.get("step")
    if not isinstance(step, int):
        raise refused("step", say("no number"), say("move the slider"))
    session.send({"is": "looking", "step": step})
    sheet = session.shown  # steps are numbered by the frontier that is seen
    found = await session.desk.look(session.user, sheet, step)
    builders = sheet.settings.forces.builders
    session.send({"is": "look", "look": encode.look(found, names_of(session), builders)})


async def _place(session: Session, message: Mapping[str, Any]) -> None:
    """Give the name of a place on the map that is to be held: its degrees."""
    (lon, lat), *_ = ground.lonlat_of(session.facts.theatre, _numbers([message.get("km")]))
    session.send({"is": "place", "text": f"{lon:.4f},{lat:.4f}"})


async def _points(session: Session, message: Mapping[str, Any]) -> None:
    """Read points that were typed, a line `lon, lat` each."""
    rows = [row for row in text_of(message, "text", most=100_000).splitlines() if row.strip()]
    read = [_lonlat(row) for row in rows]
    found = [one for one in read if one is not None]
    mend = say("write longitude, latitude in degrees, as -4.20, 14.49")
    faults = [
        Fault("page", "drawn", say("line {n}: {text}", n=number, text=repr(row[:40])), mend)
        for number, (row, one) in enumerate(zip(rows, read, strict=True), start=1)
        if one is None
    ]
    if faults:
        raise RefusedError(faults)
    closed = bool(message.get("closed"))
    drawn_of(found, closed=closed)
    km = ground.km_of(session.facts.theatre, found)
    session.send({"is": "points", "drawn": {"km": km, "closed": closed, "holding": []}})


def _chosen(sheet: Sheet, choice: Any) -> Any:  # noqa: ANN401  (a browser's JSON; settings)
    """Put the chosen price or budget into the settings; the other one goes."""
    if not isinstance(choice, dict):
        raise refused("choice", say("no table"), say("load the page again"))
    mu, budget = choice.get("mu"), choice.get("budget")
    for name, value in (("line.mu", mu), ("line.budget_usd_yr", budget)):
        wrong = value is not None and not (
            isinstance(value, int | float) and math.isfinite(value) and value > 0
        )
        if wrong:
            raise refused(name, f"{value!r}", say("give a number above 0"))
    line = sheet.settings.line.model_copy(
        update={
            "mu": None if budget is not None else mu,
            "budget_usd_yr": None if budget is None else float(math.ceil(budget)),
        }
    )
    return sheet.settings.model_copy(update={"line": line})


def _drawn(session: Session, given: Any) -> tuple[Drawn, ...]:  # noqa: ANN401  (a browser's JSON)
    """Turn drawings in km into degrees."""
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise refused("drawn", say("no drawings"), say("load the page again"))
    parts = [part for one in given for part in (one.get("km"), one.get("holding", []))]
    count = sum(len(part) for part in parts if isinstance(part, list))
    if count > _MOST_POINTS or len(given) > _MOST_DRAWN:
        mend = say("at most {lines} lines and {points} points",
                   lines=_MOST_DRAWN, points=whole(_MOST_POINTS))  # fmt: skip
        raise refused("drawn", say("too much was drawn"), mend)
    return tuple(
        drawn_of(
            ground.lonlat_of(session.facts.theatre, _numbers(one.get("km"))),
            closed=bool(one.get("closed")),
            holding=ground.lonlat_of(session.facts.theatre, _numbers(one.get("holding", []))),
        )
        for one in given
    )


def _numbers(given: Any) -> list[tuple[float, float]]:  # noqa: ANN401  (a browser's JSON)
    try:
        points = [(float(x), float(y)) for x, y in given]
    except (TypeError, ValueError):
        points = [(math.nan, math.nan)]
    if not all(math.isfinite(x) and math.isfinite(y) for x, y in points):
        raise refused("drawn", say("no points"), say("draw it again"))
    return points


def _places(session: Session, sheet: Sheet) -> list[list[float]]:
    """Give the points in km of places that must be held, where they are points or towns."""
    table = session.facts.theatre.settlements
    out = []
    for name in sheet.settings.line.must_hold:
        point = _lonlat(name)
        if point is not None:
            out += [list(km) for km in ground.km_of(session.facts.theatre, [point])]
            continue
        rows = table[table["name"] == name].sort_values("people", ascending=False)
        out += [[row.geometry.x / 1000.0, row.geometry.y / 1000.0] for row in rows[:1].itertuples()]
    return out


def _lonlat(text: str) -> tuple[float, float] | None:
    """Read `lon, lat` in degrees; None where it is none."""
    try:
        lon, lat = (float(part) for part in text.replace(";", ",").split(","))
    except ValueError:
        return None
    return (lon, lat) if abs(lon) <= 180.0 and abs(lat) <= 90.0 else None


VERBS: dict[str, Verb] = {
    "hello": _hello, "change": _change, "reset": _reset, "look": _look, "place": _place,
    "points": _points,
}  # fmt: skip
