"""What the draft of the task annex is made of: plain tables, each number with its name.

Places are numbers of sectors: there is no field for a coordinate, and `annex_check` refuses texts
that carry one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    from datetime import date

__all__ = [
    "LISTS",
    "ROLES",
    "TABLES",
    "AnnexFigures",
    "Handover",
    "Indicator",
    "LawRow",
    "LiaisonRow",
    "Origin",
    "PaymentRow",
    "Row",
    "SectorRow",
    "StateRow",
    "TaskRow",
    "Total",
    "rows",
    "value_of",
]

# what a state takes on with a role, as the annex says it
ROLES = {
    "guard": "watches the line of the sector day and night, stops who crosses outside the gates",
    "quick reaction": "comes to where the line is crossed, in the time that the sector counts on",
    "engineering": "builds the works of the sector and keeps them whole",
    "training": "trains the men of the other parties",
    "intelligence": "watches the ways that lead to the sector and passes on what it sees",
    "supply": "brings water, food, fuel and spare parts",
    "medical": "cares for the sick and the wounded of the sector, its people among them",
    "gates": "keeps the gates of the sector open to all who may pass, and checks them",
    "liaison": "keeps officers with the other parties",
}


@dataclass(frozen=True)
class StateRow:
    """A party to the annex.

    Attributes
    ----------
    iso3, name
        Of the state.
    part
        "member": its land is protected; "partner": it helps.
    men_on_duty
        Of all its tasks, at any time; the sum of its rows of tasks.
    men_paid
        Those and the men who relieve them.
    capital_usd
        What is built at its charge, USD.
    cost_usd_yr, gain_usd_yr
        Its cost before payments between the parties, and its gain, USD/yr.
    contact
        The office that answers for it.
    """

    iso3: str
    name: str
    part: Literal["member", "partner"]
    men_on_duty: int
    men_paid: int
    capital_usd: float
    cost_usd_yr: float
    gain_usd_yr: float
    contact: str

    @property
    def key(self) -> str:
        """Name the row."""
        return self.iso3


@dataclass(frozen=True)
class SectorRow:
    """A sector of the line, 50 km or more, or a whole line that is shorter.

    Attributes
    ----------
    line, sector
        Numbers, from 1.
    state
        On whose ground, iso3.
    length_km
        Of the line in it, km.
    works
        What stands there, in words.
    forts, gates
        How many.
    men_on_duty, men_paid
        Men at any time, and with their relief.
    response_min
        How soon the reaction comes, minutes.
    capital_usd, cost_usd_yr
        To build, USD; all costs, USD/yr.
    begun, built, covered
        When the work begins, when it is built, and when men and sensors stand: it protects from
        then on.
    """

    line: int
    sector: int
    state: str
    length_km: float
    works: str
    forts: int
    gates: int
    men_on_duty: int
    men_paid: int
    response_min: float
    capital_usd: float
    cost_usd_yr: float
    begun: date
    built: date
    covered: date

    @property
    def key(self) -> str:
        """Name the row."""
        return f"{self.line}/{self.sector}"


@dataclass(frozen=True)
class TaskRow:
    """What a state does in a sector.

    Attributes
    ----------
    line, sector
        Where.
    role
        One of `ROLES`.
    state
        Who, iso3.
    men
        On duty for it.
    cost_usd_yr
        USD/yr.
    joint
        Whether another state has the same role in the same sector.
    """

    line: int
    sector: int
    role: str
    state: str
    men: int
    cost_usd_yr: float
    joint: bool

    @property
    def key(self) -> str:
        """Name the row."""
        return f"{self.line}/{self.sector}/{self.role}/{self.state}"


@dataclass(frozen=True)
class Handover:
    """Where the guard changes from one state to another: between two sectors of a line."""

    line: int
    before: int
    after: int
    from_state: str
    to_state: str

    @property
    def key(self) -> str:
        """Name the row."""
        return f"{self.line}/{self.before}/{self.after}"


@dataclass(frozen=True)
class LiaisonRow:
    """Officers whom a state keeps with another, and for what."""

    state: str
    with_state: str
    men: int
    duty: str

    @property
    def key(self) -> str:
        """Name the row."""
        return f"{self.state}/{self.with_state}"


@dataclass(frozen=True)
class PaymentRow:
    """What one party pays another under the rule of the annex, USD/yr."""

    payer: str
    receiver: str
    usd_yr: float

    @property
    def key(self) -> str:
        """Name the row."""
        return f"{self.payer}/{self.receiver}"


@dataclass(frozen=True)
class Indicator:
    """What is measured, and what happens when it passes a threshold.

    Attributes
    ----------
    id, name
        A short name, and what is measured.
    measured_by
        By whom, and from what.
    unit
        Of baseline and threshold.
    baseline, threshold
        Value in the plan; value that calls for review.
    side
        Of the threshold.
    months
        Over how many months it is measured.
    action, days
        What the parties do, and within how many days.
    """

    id: str
    name: str
    measured_by: str
    unit: str
    baseline: float
    threshold: float
    side: Literal["above", "below"]
    months: int
    action: str
    days: int

    @property
    def key(self) -> str:
        """Name the row."""
        return self.id


@dataclass(frozen=True)
class LawRow:
    """A rule on the legal page.

    Attributes
    ----------
    id
        A short name.
    kind
        "bars", "restricts" or "owes".
    binds
        Who is bound.
    instrument, article, text, source
        The text of law, the place in it, what it says, and where it was read.
    """

    id: str
    kind: Literal["bars", "restricts", "owes"]
    binds: str
    instrument: str
    article: str
    text: str
    source: str

    @property
    def key(self) -> str:
        """Name the row."""
        return self.id


@dataclass(frozen=True)
class Total:
    """An amount of the whole plan, with its range."""

    id: str
    what: str
    unit: Literal["USD", "USD/yr", "km", "people", "men", "events/yr"]
    low: float
    mid: float
    high: float

    @property
    def key(self) -> str:
        """Name the row."""
        return self.id


@dataclass(frozen=True)
class Origin:
    """The file of the plan's folder from which a table of the annex is taken."""

    table: str
    file: str

    @property
    def key(self) -> str:
        """Name the row."""
        return self.table


Row: TypeAlias = (
    StateRow
    | SectorRow
    | TaskRow
    | Handover
    | LiaisonRow
    | PaymentRow
    | Indicator
    | LawRow
    | Total
    | Origin
)


@dataclass(frozen=True)
class AnnexFigures:
    """All that the draft says.

    Attributes
    ----------
    title, theatre, plan
        Of the draft; the theatre; what the plan calls itself (its fingerprint).
    as_of
        Date of the data. The draft carries no other.
    status
        What the plan says of itself: how certain, whether it pays.
    states, sectors, tasks, handovers, liaison, payments, indicators, law, totals
        Tables.
    rule
        By which rule the payments are found.
    said
        What the account of the coalitions says (`vallum.accord.settle.Settlement.said`).
    limits
        What the plan does not know.
    origins
        For each table, the file of the plan's folder.
    """

    title: str
    theatre: str
    plan: str
    as_of: date
    status: str
    states: tuple[StateRow, ...]
    sectors: tuple[SectorRow, ...]
    tasks: tuple[TaskRow, ...]
    handovers: tuple[Handover, ...]
    liaison: tuple[LiaisonRow, ...]
    rule: str
    payments: tuple[PaymentRow, ...]
    indicators: tuple[Indicator, ...]
    law: tuple[LawRow, ...]
    totals: tuple[Total, ...]
    said: tuple[str, ...]
    limits: tuple[str, ...]
    origins: tuple[Origin, ...]


TABLES = (
    "states",
    "sectors",
    "tasks",
    "handovers",
    "liaison",
    "payments",
    "indicators",
    "law",
    "totals",
    "origins",
)
LISTS = ("said", "limits")


def rows(figures: AnnexFigures, table: str) -> tuple[Row, ...]:
    """Give a table by name."""
    found: tuple[Row, ...] = getattr(figures, table)
    return found


def value_of(figures: AnnexFigures, key: str) -> object:
    """Look up what a key of the trace names.

    Parameters
    ----------
    figures
        What the draft was made of.
    key
        As `vallum.accord.annex.trace` gives it: "sectors[1/3].length_km", "said[0]", "as_of",
        "articles[2]".

    Returns
    -------
    object
        The number, date or text.

    Raises
    ------
    InputError
        If there is no such key.
    """
    found = re.fullmatch(r"(\w+)(?:\[([^]]*)\])?(?:\.(\w+))?", key)
    if found:
        table, name, field = found.groups()
        if table == "articles" and name is not None and name.isdigit():
            return int(name)
        if name is None and field is None and hasattr(figures, table):
            return getattr(figures, table)
        if table in LISTS and name is not None and name.isdigit() and field is None:
            texts: tuple[str, ...] = getattr(figures, table)
            if int(name) < len(texts):
                return texts[int(name)]
        if table in TABLES and field is not None:
            for row in rows(figures, table):
                if row.key == name and hasattr(row, field):
                    return getattr(row, field)
    raise InputError([Fault("key", key, "names nothing in the figures", "take it from the trace")])
