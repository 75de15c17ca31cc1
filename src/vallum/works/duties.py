"""What is owed to people who must pass the line, and by which instrument.

Gates are built because people have a right to pass: those who flee to safety, herders to pasture,
all who live on both sides. An instrument binds a state from a date, for ever or until another;
where the date, or whether it binds at all, was not read, it says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, cast

import pandas as pd

from vallum.errors import BarredError, Fault, InputError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "KINDS",
    "OPEN",
    "Duty",
    "Standing",
    "bound_duties",
    "duty_table",
    "read_duties",
    "refuse_closing",
]

KINDS = ("road", "herders", "traders", "fleeing")
# whose gates nothing may close
OPEN = "fleeing"


@dataclass(frozen=True)
class Standing:
    """Whether an instrument binds a state.

    Attributes
    ----------
    bound
        "yes", "no" or "not read".
    since, until
        The days between which it does; None where it was not read, or has not ended.
    said
        As the file has it.
    """

    bound: Literal["yes", "no", "not read"]
    since: date | None
    until: date | None
    said: str

    def binds(self, on: date | None = None) -> bool:
        """Whether it is known to bind on a day; without a day, whether it has not ceased."""
        if self.bound != "yes":
            return False
        if on is None:
            return self.until is None
        begun = self.since is None or self.since <= on
        return begun and (self.until is None or on < self.until)


@dataclass(frozen=True)
class Duty:
    """An instrument that owes people a way through.

    Attributes
    ----------
    id
        Short name.
    instrument, article
        The treaty, custom or policy, and the place in it.
    text
        What it says, and what follows for a line, in our words.
    serves
        Whose gates it speaks for, of `KINDS`.
    bound
        By ISO3 code, whether and since when it binds.
    dated
        What the dates are: deposit, signature, taking effect.
    source, note
        Addresses; what was not read, or else to know.
    only
        Whether it binds nobody but those listed under `bound`; else a state that is not listed
        was not read.
    """

    id: str
    instrument: str
    article: str
    text: str
    serves: frozenset[str]
    bound: Mapping[str, Standing]
    dated: str
    source: str
    note: str = ""
    only: bool = False

    @property
    def everyone(self) -> bool:
        """Whether it is custom or policy, which binds whoever builds."""
        return all(standing.said == "all" for standing in self.bound.values())

    @property
    def name(self) -> str:
        """Instrument and article."""
        return self.instrument if self.article == "whole" else f"{self.instrument}, {self.article}"


def read_duties(raw: object) -> tuple[Duty, ...]:
    """Make the duties of the entries of the law's file."""
    out = []
    for entry in cast("list[dict[str, object]]", raw):
        bound = cast("dict[str, str]", entry["bound"])
        until = cast("dict[str, str]", entry.get("until", {}))
        out.append(
            Duty(
                id=str(entry["id"]),
                instrument=str(entry["instrument"]),
                article=str(entry["article"]),
                text=str(entry["text"]),
                serves=frozenset(cast("list[str]", entry["serves"])),
                bound=MappingProxyType({s: _standing(v, until.get(s)) for s, v in bound.items()}),
                dated=str(entry["dated"]),
                source=str(entry["source"]),
                note=str(entry.get("note", "")),
                only=bool(entry.get("only", False)),
            )
        )
    return tuple(out)


def _standing(said: str, until: str | None) -> Standing:
    end = date.fromisoformat(until) if until else None
    if said in {"no", "not read"}:
        return Standing("no" if said == "no" else "not read", None, end, said)
    undated = said in {"party", "member", "all"}
    return Standing("yes", None if undated else date.fromisoformat(said), end, said)


def bound_duties(
    duties: Iterable[Duty], states: Sequence[str], *, serves: str = "", on: date | None = None
) -> tuple[Duty, ...]:
    """Give the duties that are known to bind any of the states.

    Parameters
    ----------
    duties
        From `vallum.works.law.load_law`.
    states
        ISO3 codes of the members and partners. Without any, only custom and policy are given: they
        bind whoever builds.
    serves
        Only those that speak for these people's gates; empty for all.
    on
        The day; None for what has not ceased to bind.
    """
    return tuple(
        duty
        for duty in duties
        if (not serves or serves in duty.serves)
        and (
            duty.everyone
            or any(state in duty.bound and duty.bound[state].binds(on) for state in states)
        )
    )


def duty_table(duties: Iterable[Duty], states: Sequence[str]) -> pd.DataFrame:
    """Give a table of duties by state, as the file has it.

    Returns
    -------
    DataFrame
        A row per duty (its id), a column per state: the date since when it binds, with its end
        where it has one; "party" or "member" where no date was read; "all" for custom and policy;
        "no"; "not read".
    """
    rows = {duty.id: [_cell(duty, state) for state in states] for duty in duties}
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(states), dtype=object)


def _cell(duty: Duty, state: str) -> str:
    standing = duty.bound.get(state)
    if standing is None:
        return "all" if duty.everyone else "no" if duty.only else "not read"
    return standing.said + (f" until {standing.until}" if standing.until else "")


def refuse_closing(closed: Sequence[str], duties: Iterable[Duty], states: Sequence[str]) -> None:
    """Refuse to close the gates of those who flee, and names that no gate has.

    Parameters
    ----------
    closed
        Whose gates a setting closes.
    duties
        From `vallum.works.law.load_law`.
    states
        ISO3 codes of the members and partners.

    Raises
    ------
    BarredError
        When "fleeing" is among them, naming what obliges these states.
    InputError
        When a name is not of `KINDS`, or a string is given where a sequence is due.
    """
    shut = [kind for kind in KINDS if kind != OPEN]
    asked = [closed] if isinstance(closed, str) else list(closed)
    faults = [
        Fault("works", "closed", repr(kind), nearest(str(kind), shut))
        for kind in asked
        if kind not in KINDS
    ]
    if isinstance(closed, str) and not faults:
        faults.append(Fault("works", "closed", repr(closed), f'give a sequence: ("{closed}",)'))
    if faults:
        raise InputError(faults)
    if OPEN in asked:
        names = "; ".join(d.name for d in bound_duties(duties, states, serves=OPEN))
        found = f"gates for people fleeing can't be closed. They are owed by: {names}"
        mend = f"close only of {', '.join(shut)}: no setting closes these"
        raise BarredError([Fault("works", f"closed: {OPEN}", found, mend)])
