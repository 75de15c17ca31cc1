"""The articles of the annex. Wording is fixed; numbers, dates and names come from the figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vallum.accord.annex_blocks import Heading, Paragraph, Table, keyed, said
from vallum.accord.annex_figures import ROLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from vallum.accord.annex_blocks import Block, Line, Piece
    from vallum.accord.annex_figures import AnnexFigures, LawRow, Row, Total

__all__ = ["articles"]

_KINDS = {
    "bars": "What is barred",
    "restricts": "What is restricted",
    "owes": "What is owed to people",
}
_THOUSAND = "thousand "  # before USD


@dataclass(frozen=True)
class _Cells:
    """Writes cells of a table's rows, each with its key."""

    table: str
    names: dict[str, str]  # of states, by iso3

    def text(self, row: Row, field: str) -> Line:
        """Write a text or a whole number as it is."""
        value = getattr(row, field)
        return (
            keyed(f"{value:,}" if isinstance(value, int) else str(value), self._key(row, field)),
        )

    def state(self, row: Row, field: str = "state") -> Line:
        """Write a state's name."""
        return (keyed(self.names[getattr(row, field)], self._key(row, field)),)

    def number(self, row: Row, field: str, digits: int = 0) -> Line:
        """Write a number with so many digits after the point."""
        return (keyed(f"{getattr(row, field):,.{digits}f}", self._key(row, field)),)

    def thousands(self, row: Row, field: str) -> Line:
        """Write an amount of USD in thousands."""
        return (keyed(_thousands(getattr(row, field)), self._key(row, field)),)

    def _key(self, row: Row, field: str) -> str:
        """Name a cell."""
        return f"{self.table}[{row.key}].{field}"


def articles(figures: AnnexFigures) -> Iterator[Block]:
    """Write the draft.

    Parameters
    ----------
    figures
        Checked figures.

    Yields
    ------
    Block
        In the order of the document.
    """
    yield Heading(0, (keyed(figures.title, "title"),))
    yield Paragraph(
        (
            said("Draft for the parties to work on. It was made from the plan "),
            keyed(figures.plan, "plan"),
            said(" of the theatre "),
            keyed(figures.theatre, "theatre"),
            said(", with data up to "),
            keyed(figures.as_of.isoformat(), "as_of"),
            said(". It binds nobody until the parties have agreed on it."),
        )
    )
    yield Paragraph((keyed(figures.status, "status"),))
    yield _plain(
        "Amounts are US dollars of constant prices, in thousands, so that sums of rows may differ "
        "from totals by rounding. Places are numbers of sectors; the parties keep maps apart."
    )
    parts: tuple[tuple[str, Callable[[AnnexFigures], Iterator[Block]]], ...] = (
        ("Parties and purpose", _parties),
        ("The line, sector by sector", _sectors),
        ("Dates", _dates),
        ("Money", _money),
        ("Tasks, state by state", _tasks),
        ("Handover points", _handovers),
        ("Liaison", _liaison),
        ("Review", _review),
        ("What holds the accord together", _together),
        ("Law", _law),
        ("What the plan does not know", _limits),
        ("Where the numbers come from", _origins),
    )
    for number, (title, write) in enumerate(parts, 1):
        piece = keyed(str(number), f"articles[{number}]")
        yield Heading(1, (said("Article "), piece, said(f". {title}")))
        yield from write(figures)


def _plain(text: str) -> Paragraph:
    """Write a paragraph of wording alone."""
    return Paragraph((said(text),))


def _cells(figures: AnnexFigures, table: str) -> _Cells:
    """Make a writer of cells."""
    return _Cells(table, {row.iso3: row.name for row in figures.states})


def _thousands(amount: float) -> str:
    """Round to thousands."""
    return f"{round(amount / 1000):,}"


def _table(heads: Sequence[str], cells: Sequence[Sequence[Line]], left: Sequence[str]) -> Table:
    """Make a table; all columns are of numbers but those named in `left`."""
    return Table(
        tuple(heads),
        tuple(tuple(row) for row in cells),
        tuple(head not in left for head in heads),
    )


def _parties(figures: AnnexFigures) -> Iterator[Block]:
    """Say who takes part, with what, and what the whole gives."""
    put = _cells(figures, "states")
    yield _plain(
        "The parties protect their vital land by a joint line and share the tasks as set out "
        "below. Each party commands its own men. A party acts on the ground of another only in "
        "the sectors and roles listed here."
    )
    heads = ["Party", "Code", "Part", "Men on duty", "Men paid", "To build, thousand USD"]
    heads += ["Cost, thousand USD/yr", "Gain, thousand USD/yr", "Office that answers"]
    cells = [
        (
            put.text(row, "name"),
            put.text(row, "iso3"),
            put.text(row, "part"),
            put.text(row, "men_on_duty"),
            put.text(row, "men_paid"),
            put.thousands(row, "capital_usd"),
            put.thousands(row, "cost_usd_yr"),
            put.thousands(row, "gain_usd_yr"),
            put.text(row, "contact"),
        )
        for row in figures.states
    ]
    yield _table(heads, cells, ("Party", "Code", "Part", "Office that answers"))
    yield _plain("Together, with the range of each:")
    heads = ["What", "Unit", "Low", "Middle", "High"]
    put = _cells(figures, "totals")
    spans: list[tuple[Line, ...]] = [
        (
            put.text(row, "what"),
            (said((_THOUSAND if row.unit.startswith("USD") else "") + row.unit),),
            *(_total(put, row, end) for end in ("low", "mid", "high")),
        )
        for row in figures.totals
    ]
    yield _table(heads, spans, ("What", "Unit"))


def _total(put: _Cells, row: Total, end: str) -> Line:
    """Write one end of a total."""
    if row.unit.startswith("USD"):
        return put.thousands(row, end)
    return put.number(row, end, 1 if row.unit == "events/yr" else 0)


def _sectors(figures: AnnexFigures) -> Iterator[Block]:
    """Say what stands in each sector."""
    put = _cells(figures, "sectors")
    heads = ["Line", "Sector", "On the ground of", "Length, km", "What stands there", "Forts"]
    heads += ["Gates", "Men on duty", "Men paid", "Reaction within, min"]
    cells = [
        (
            put.text(row, "line"),
            put.text(row, "sector"),
            put.state(row),
            put.number(row, "length_km", 1),
            put.text(row, "works"),
            put.text(row, "forts"),
            put.text(row, "gates"),
            put.text(row, "men_on_duty"),
            put.text(row, "men_paid"),
            put.number(row, "response_min"),
        )
        for row in figures.sectors
    ]
    yield _table(heads, cells, ("On the ground of", "What stands there"))


def _dates(figures: AnnexFigures) -> Iterator[Block]:
    """Say when each sector is begun, built and covered."""
    put = _cells(figures, "sectors")
    yield _plain(
        "A sector is built when its works stand, and covered when its men and sensors stand too. "
        "It protects from the day on which it is covered."
    )
    days = ("begun", "built", "covered")
    cells = [
        (put.text(row, "line"), put.text(row, "sector"), *(put.text(row, day) for day in days))
        for row in figures.sectors
    ]
    yield _table(("Line", "Sector", "Begun", "Built", "Covered"), cells, ())


def _money(figures: AnnexFigures) -> Iterator[Block]:
    """Say what each sector costs, and who pays whom."""
    put = _cells(figures, "sectors")
    cells = [
        (
            put.text(row, "line"),
            put.text(row, "sector"),
            put.thousands(row, "capital_usd"),
            put.thousands(row, "cost_usd_yr"),
        )
        for row in figures.sectors
    ]
    yield _table(
        ("Line", "Sector", "To build, thousand USD", "All costs, thousand USD/yr"), cells, ()
    )
    rule = keyed(figures.rule, "rule")
    if not figures.payments:
        yield Paragraph((said("Rule of sharing: "), rule, said(". It asks for no payments.")))
        return
    yield Paragraph((said("Rule of sharing: "), rule, said(". Payments between the parties:")))
    put = _cells(figures, "payments")
    paid = [
        (put.state(row, "payer"), put.state(row, "receiver"), put.thousands(row, "usd_yr"))
        for row in figures.payments
    ]
    yield _table(("Payer", "Receiver", "Amount, thousand USD/yr"), paid, ("Payer", "Receiver"))


def _tasks(figures: AnnexFigures) -> Iterator[Block]:
    """Say what each state does where."""
    yield _plain("A party that takes on a role:")
    used = {task.role for task in figures.tasks} | ({"liaison"} if figures.liaison else set())
    for role, duty in ROLES.items():
        if role in used:
            yield Paragraph((said(f"{role}: {duty}."),), item=True)
    put = _cells(figures, "tasks")
    heads = ("Line", "Sector", "Role", "Men on duty", "Cost, thousand USD/yr", "Shared with")
    for state in figures.states:
        yield Heading(2, (keyed(state.name, f"states[{state.iso3}].name"),))
        mine = [task for task in figures.tasks if task.state == state.iso3]
        cells = []
        for row in mine:
            others = [
                put.state(task)[0]
                for task in figures.tasks
                if (task.line, task.sector, task.role) == (row.line, row.sector, row.role)
                and task.state != row.state
            ]
            cells.append(
                (
                    put.text(row, "line"),
                    put.text(row, "sector"),
                    put.text(row, "role"),
                    put.text(row, "men"),
                    put.thousands(row, "cost_usd_yr"),
                    _listed(others) or (said("nobody"),),
                )
            )
        if cells:
            yield _table(heads, cells, ("Role", "Shared with"))
        else:
            yield _plain("It has no task in a sector.")


def _listed(pieces: Sequence[Piece]) -> Line:
    """Put commas between."""
    line: list[Piece] = []
    for piece in pieces:
        line += [said(", "), piece] if line else [piece]
    return tuple(line)


def _handovers(figures: AnnexFigures) -> Iterator[Block]:
    """Say where the guard changes."""
    if not figures.handovers:
        yield _plain("The guard changes nowhere from one party to another.")
        return
    yield _plain(
        "The guard changes between the sectors below. Whoever hands over stays until the other "
        "has taken over. Both answer a crossing there."
    )
    put = _cells(figures, "handovers")
    cells = [
        (
            put.text(row, "line"),
            put.text(row, "before"),
            put.text(row, "after"),
            put.state(row, "from_state"),
            put.state(row, "to_state"),
        )
        for row in figures.handovers
    ]
    heads = ("Line", "Between sector", "And sector", "From", "To")
    yield _table(heads, cells, ("From", "To"))


def _liaison(figures: AnnexFigures) -> Iterator[Block]:
    """Say who keeps officers with whom."""
    if not figures.liaison:
        yield _plain(
            "No party keeps officers with another; the offices that answer are listed above."
        )
        return
    put = _cells(figures, "liaison")
    cells = [
        (
            put.state(row),
            put.state(row, "with_state"),
            put.text(row, "men"),
            put.text(row, "duty"),
        )
        for row in figures.liaison
    ]
    heads = ("Party", "Keeps officers with", "Men", "For")
    yield _table(heads, cells, ("Party", "Keeps officers with", "For"))


def _review(figures: AnnexFigures) -> Iterator[Block]:
    """Tie clauses of review to what is measured."""
    yield _plain("Each clause rests on something that is measured, not on opinion:")
    for row in figures.indicators:
        at = f"indicators[{row.id}]"
        yield Paragraph(
            (
                keyed(row.name, f"{at}.name"),
                said(", measured by "),
                keyed(row.measured_by, f"{at}.measured_by"),
                said(" over "),
                keyed(str(row.months), f"{at}.months"),
                said(" months. If it is "),
                keyed(row.side, f"{at}.side"),
                said(" "),
                keyed(_short(row.threshold), f"{at}.threshold"),
                said(" "),
                keyed(row.unit, f"{at}.unit"),
                said(" (in the plan: "),
                keyed(_short(row.baseline), f"{at}.baseline"),
                said("), the parties "),
                keyed(row.action, f"{at}.action"),
                said(" within "),
                keyed(str(row.days), f"{at}.days"),
                said(" days."),
            ),
            item=True,
        )


def _short(amount: float) -> str:
    """Write a number of any size without an exponent."""
    if amount and abs(amount) < 1e-3:
        return f"{amount:.9f}".rstrip("0")
    return f"{amount:,.0f}" if abs(amount) >= 1e5 else f"{amount:,.6g}"


def _together(figures: AnnexFigures) -> Iterator[Block]:
    """Say what the account of coalitions says."""
    yield _plain(
        "From the value of every coalition of the parties, each with its own line. Amounts in this "
        "article are USD/yr:"
    )
    for k, sentence in enumerate(figures.said):
        yield Paragraph((keyed(sentence, f"said[{k}]"), said(".")), item=True)


def _law(figures: AnnexFigures) -> Iterator[Block]:
    """Write the legal page."""
    yield _plain(
        "Nothing in this annex allows mines of any kind, booby-traps, cluster munitions or any "
        "other thing that kills by itself whoever comes by, for any party or partner."
    )
    for kind, title in _KINDS.items():
        listed = [row for row in figures.law if row.kind == kind]
        yield Heading(2, (said(title),))
        if not listed:
            yield _plain("The plan lists nothing here.")
        for row in listed:
            yield _rule(row)


def _rule(row: LawRow) -> Paragraph:
    """Write a rule of law."""
    at = f"law[{row.id}]"
    return Paragraph(
        (
            keyed(row.instrument, f"{at}.instrument"),
            said(", "),
            keyed(row.article, f"{at}.article"),
            said(": "),
            keyed(row.text, f"{at}.text"),
            said(" Bound: "),
            keyed(row.binds, f"{at}.binds"),
            said(". Source: "),
            keyed(row.source, f"{at}.source"),
        ),
        item=True,
    )


def _limits(figures: AnnexFigures) -> Iterator[Block]:
    """Say what is not known."""
    for k, sentence in enumerate(figures.limits):
        yield Paragraph((keyed(sentence, f"limits[{k}]"),), item=True)


def _origins(figures: AnnexFigures) -> Iterator[Block]:
    """Say from which file of the plan each table is taken."""
    yield _plain(
        "Every number above is taken from the files of the plan. Numbers of "
        "articles are those of this draft."
    )
    put = _cells(figures, "origins")
    cells = [(put.text(row, "table"), put.text(row, "file")) for row in figures.origins]
    yield _table(("Table", "File of the plan"), cells, ("Table", "File of the plan"))
