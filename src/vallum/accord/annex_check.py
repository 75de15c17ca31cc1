"""The door of the annex: no blank, no contradiction, no place that is given away."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import fields
from datetime import date, datetime
from typing import TYPE_CHECKING

from vallum.accord.annex_figures import LISTS, ROLES, TABLES, Indicator, Total, rows
from vallum.errors import Fault, InputError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vallum.accord.annex_figures import AnnexFigures, Row

__all__ = ["check"]

_PLAIN: dict[str, type | tuple[type, ...]] = {
    "int": int,
    "float": (int, float),
    "bool": bool,
    "date": date,
}
_MAY_BE_EMPTY = frozenset({"handovers", "payments", "liaison"})
_TEXTS = ("title", "theatre", "plan", "status", "rule")
# 17.25° N; 17° 15'; N 17.25; 17.2512, -8.0312; a zone and metres of a grid
_COORDINATE = re.compile(
    r"\d\s*°|\b[NSEW]\s?\d{1,3}\.\d+|\b\d{1,3}\.\d+\s?[NSEW]\b"
    r"|-?\d{1,3}\.\d{2,}\s*[,;/ ]\s*-?\d{1,3}\.\d{2,}|\b\d{1,2}[C-X]\s\d{6}\s\d{6,7}\b"
)


def check(figures: AnnexFigures) -> None:
    """Refuse figures that would leave a blank, contradict each other or give away a place.

    Parameters
    ----------
    figures
        To be checked.

    Raises
    ------
    InputError
        With every fault: of cells, or where all cells can be read, of what they say together.
    """
    # cells of the wrong kind first: they can't be compared
    faults = [*_blanks(figures)] or [*_names(figures), *_sums(figures)]
    if faults:
        raise InputError(faults)


def _blanks(figures: AnnexFigures) -> Iterator[Fault]:
    """Find empty tables and texts, numbers that are none, and coordinates."""
    for name in _TEXTS:
        yield from _text(name, "", getattr(figures, name))
    for name in LISTS:
        texts: tuple[str, ...] = getattr(figures, name)
        if not texts:
            yield Fault(name, "", "empty", "say at least one thing")
        for k, text in enumerate(texts):
            yield from _text(name, str(k), text)
    as_of: object = figures.as_of
    if not isinstance(as_of, date) or isinstance(as_of, datetime):
        yield Fault("as_of", "", f"{as_of!r}", "a date without time of day")
    for table in TABLES:
        if not rows(figures, table) and table not in _MAY_BE_EMPTY:
            yield Fault(table, "", "empty", "give its rows")
        for row in rows(figures, table):
            for field in fields(row):
                yield from _cell(table, row, field.name, str(field.type))


def _cell(table: str, row: Row, field: str, kind: str) -> Iterator[Fault]:
    """Find what is wrong with a cell; `kind` is what its field is declared to be."""
    value: object = getattr(row, field)
    place = f"{row.key}.{field}"
    if kind.startswith("Literal"):
        known = re.findall(r"['\"]([^'\"]+)['\"]", kind)
        if value not in known:
            yield Fault(table, place, f"{value!r}", _one_of(str(value), known))
    elif kind == "str":
        yield from _text(table, place, value)
    elif not isinstance(value, _PLAIN[kind]) or isinstance(value, bool) != (kind == "bool"):
        yield Fault(table, place, f"{value!r}", f"a plain {kind}")
    elif isinstance(value, datetime):
        yield Fault(table, place, f"{value!r}", "a date without time of day")
    elif isinstance(value, int | float) and not math.isfinite(value):
        yield Fault(table, place, f"{value!r}", "a finite number")
    elif isinstance(value, int | float) and value < 0 and not _signed(row, field):
        yield Fault(table, place, f"{value!r}", "0 or above")


def _signed(row: Row, field: str) -> bool:
    """Whether a number may be below 0."""
    return isinstance(row, Indicator | Total) or field == "gain_usd_yr"


def _text(where: str, place: str, text: object) -> Iterator[Fault]:
    """Find an empty text, or one with a coordinate."""
    if not isinstance(text, str) or not text.strip():
        yield Fault(where, place, f"{text!r}", "a text that isn't empty")
    elif _COORDINATE.search(text):
        yield Fault(
            where, place, "a coordinate", "name sectors by number: places are not given out"
        )


def _names(figures: AnnexFigures) -> Iterator[Fault]:
    """Find rows of the same name, and names that nothing bears."""
    for table in TABLES:
        for name, count in Counter(row.key for row in rows(figures, table)).items():
            if count > 1:
                yield Fault(table, name, f"{count} rows of this name", "keep one")
    yield from _states(figures)
    yield from _places(figures)
    origins = {row.table for row in figures.origins}
    for table in TABLES[:-1]:
        if rows(figures, table) and table not in origins:
            yield Fault("origins", table, "not said", "name the file that the table is taken from")


def _states(figures: AnnexFigures) -> Iterator[Fault]:
    """Find states that are no party, and ground that is no member's."""
    parties = {row.iso3 for row in figures.states}
    members = {row.iso3 for row in figures.states if row.part == "member"}
    for table in ("sectors", "tasks", "handovers", "liaison", "payments"):
        known = members if table == "sectors" else parties
        for row in rows(figures, table):
            for field in ("state", "with_state", "from_state", "to_state", "payer", "receiver"):
                state: object = getattr(row, field, None)
                if state is not None and state not in known:
                    yield Fault(table, f"{row.key}.{field}", str(state), _one_of(str(state), known))


def _places(figures: AnnexFigures) -> Iterator[Fault]:
    """Find roles that are none, and sectors that are none or that nobody guards."""
    sectors = {row.key for row in figures.sectors}
    for task in figures.tasks:
        if task.role not in ROLES:
            yield Fault("tasks", task.key, f"role {task.role!r}", _one_of(task.role, ROLES))
        if f"{task.line}/{task.sector}" not in sectors:
            yield Fault("tasks", task.key, "no such sector", "one of the table of sectors")
    for handover in figures.handovers:
        for sector in (handover.before, handover.after):
            if f"{handover.line}/{sector}" not in sectors:
                yield Fault("handovers", handover.key, f"no sector {sector}", "one of the table")
    guarded = {f"{task.line}/{task.sector}" for task in figures.tasks if task.role == "guard"}
    for sector_key in sorted(sectors - guarded):
        yield Fault("tasks", sector_key, "nobody guards this sector", "give it a guard")


def _one_of(name: str, known: Iterable[str]) -> str:
    """Say what may stand there, the nearest first."""
    return nearest(name, sorted(known))


def _sums(figures: AnnexFigures) -> Iterator[Fault]:
    """Find what does not add up or comes in the wrong order."""
    for state in figures.states:
        men = sum(task.men for task in figures.tasks if task.state == state.iso3)
        men += sum(row.men for row in figures.liaison if row.state == state.iso3)
        if men != state.men_on_duty:
            found = f"{state.men_on_duty} men on duty, {men} in its tasks and liaison"
            yield Fault("states", state.iso3, found, "make them the same")
        if state.men_paid < state.men_on_duty:
            yield Fault("states", state.iso3, "fewer men paid than on duty", "count the relief too")
    same = Counter((task.line, task.sector, task.role) for task in figures.tasks)
    for task in figures.tasks:
        shared = same[task.line, task.sector, task.role] > 1
        if task.joint != shared:
            found = (
                f"joint is {task.joint}, and {'others have' if shared else 'nobody else has'} it"
            )
            yield Fault("tasks", task.key, found, f"joint must be {shared}")
    yield from _orders(figures)


def _orders(figures: AnnexFigures) -> Iterator[Fault]:
    """Find dates and ranges out of order."""
    for sector in figures.sectors:
        days = (sector.begun, sector.built, sector.covered)
        if list(days) != sorted(days):
            yield Fault(
                "sectors", sector.key, "begun, built and covered out of order", "mend dates"
            )
    for total in figures.totals:
        if not total.low <= total.mid <= total.high:
            yield Fault("totals", total.id, "range out of order", "low ≤ mid ≤ high")
