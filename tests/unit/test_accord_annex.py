"""The draft annex: every number traced, no blank, no place given away, the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime

import docx
import numpy as np
import pytest
from docx.table import Table
from docx.text.paragraph import Paragraph
from markdown_it import MarkdownIt

from vallum.accord.annex import draft, to_docx, to_markdown, trace, value_of
from vallum.accord.annex_blocks import NUMBER, said
from vallum.accord.annex_figures import (
    AnnexFigures,
    Handover,
    Indicator,
    LawRow,
    LiaisonRow,
    Origin,
    PaymentRow,
    SectorRow,
    StateRow,
    TaskRow,
    Total,
)
from vallum.errors import InputError

DAYS = (date(2027, 1, 15), date(2027, 6, 30), date(2027, 9, 1))


def sector(number, state):
    return SectorRow(
        1,
        number,
        state,
        51.25 + number,
        "berm, ditch and radar every 12 km",
        4,
        2,
        310,
        900,
        42.0,
        6_543_210.0 * number,
        2_345_678.0,
        *DAYS,
    )


FIGURES = AnnexFigures(
    title="Task annex of the accord",
    theatre="sahel",
    plan="3f9a",
    as_of=date(2026, 1, 31),
    status="The plan is optimal to within 0.4 %; it pays in 61 of 100 draws",
    states=(
        StateRow("MLI", "Mali", "member", 352, 1000, 6_543_210.0, 9e6, 12_345_678.0, "the staff"),
        StateRow("MRT", "Mauritania", "member", 310, 900, 13_086_420.0, 4e6, -1.5e6, "the office"),
        StateRow("MAR", "Morocco", "partner", 40, 80, 0.0, 1_234_000.0, 0.0, "the embassy"),
    ),
    sectors=(sector(1, "MLI"), sector(2, "MRT")),
    tasks=(
        TaskRow(1, 1, "guard", "MLI", 310, 2_000_000.0, joint=False),
        TaskRow(1, 1, "engineering", "MLI", 40, 300_000.0, joint=True),
        TaskRow(1, 1, "engineering", "MAR", 40, 345_678.0, joint=True),
        TaskRow(1, 2, "guard", "MRT", 310, 2_345_678.0, joint=False),
    ),
    handovers=(Handover(1, 1, 2, "MLI", "MRT"),),
    liaison=(LiaisonRow("MLI", "MRT", 2, "the handover between sectors 1 and 2"),),
    rule="nucleolus",
    payments=(PaymentRow("MLI", "MRT", 3_210_987.0),),
    indicators=(
        Indicator("ends", "crossings round the ends", "joint patrols", "a month", 4.0, 12.5,
                  "above", 6, "extend the line or withdraw", 90),
        Indicator("rate", "attacks inside", "UCDP GED", "events/yr", 250000.0, 0.00005, "below", 12,
                  "thin the guard", 60),
    ),
    law=(
        LawRow("mbc_1", "bars", "Mali", "Convention of 1997", "article 1", "No mines | never.", "https://example.org/a_b"),
        LawRow("gate", "owes", "Mali and Mauritania", "Agreement of 2 January 2008", "whole",
               "Herds pass [at gates].", "https://example.org/c"),
    ),
    totals=(
        Total("km", "Length of the line", "km", 104.0, 105.5, 107.0),
        Total("cost", "Cost", "USD/yr", 3e6, 4_691_356.0, 7e6),
        Total("attacks", "Attacks averted", "events/yr", 1.25, 3.5, 9.0),
    ),
    said=("the core is not empty: some shares satisfy every coalition",
          "under the rule shapley, MRT would leave: by itself it has 12,345 more"),
    limits=("What the neighbours would do is not known",),
    origins=tuple(
        Origin(table, f"accord/{table}.csv")
        for table in ("states", "sectors", "tasks", "handovers", "liaison", "payments",
                      "indicators", "law", "totals")
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def annex():
    return draft(FIGURES)


@pytest.fixture(scope="module")
def word(annex):
    return to_docx(annex)


def in_order(document):
    """Read a Word document from top to bottom."""
    for part in document.iter_inner_content():
        if isinstance(part, Paragraph):
            yield part.text
        else:
            assert isinstance(part, Table)
            yield from (cell.text for row in part.rows for cell in row.cells)


def numbers(texts):
    return [number for text in texts for number in NUMBER.findall(text)]


def test_every_number_of_the_markdown_has_its_origin(annex):
    text = to_markdown(annex)
    assert numbers(text.splitlines()) == [number for number, _ in trace(annex)]
    assert len(trace(annex)) > 100


def test_every_number_of_the_word_document_has_its_origin(annex, word):
    document = docx.Document(io.BytesIO(word))
    assert numbers(in_order(document)) == [number for number, _ in trace(annex)]


def test_each_key_leads_to_the_number(annex):
    for number, key in trace(annex):
        value = value_of(FIGURES, key)
        printed = float(number.replace(",", "")) if re.fullmatch(r"-?[\d,.]+", number) else number
        if isinstance(value, str):
            assert number in value
        elif isinstance(value, date):
            assert number == value.isoformat()
        elif "usd" in key or key.startswith("totals[cost]"):
            assert printed * 1000 == pytest.approx(value, abs=500)
        else:
            assert printed == pytest.approx(value, abs=0.051 if "length" in key else 0.5)


def test_every_figure_is_said(annex):
    """All of the tables is in the draft: nothing that the plan gave is dropped."""
    keys = {piece.key for block in annex.blocks for line in _lines(block) for piece in line}
    for table in fields(FIGURES):
        rows = getattr(FIGURES, table.name)
        for row in rows if isinstance(rows, tuple) else ():
            if not is_dataclass(row):
                continue
            for field in fields(row):
                # names of rows, kinds that choose the place, and what the words say
                if field.name not in {"id", "kind", "joint", "unit", "state"}:
                    assert f"{table.name}[{row.key}].{field.name}" in keys
    assert {"title", "theatre", "plan", "as_of", "status", "rule", "said[1]", "limits[0]"} <= keys


def _lines(block):
    from vallum.accord.annex_blocks import lines  # noqa: PLC0415

    return lines(block)


def test_no_cell_is_blank(annex, word):
    tables = docx.Document(io.BytesIO(word)).tables
    assert len(tables) == 12
    assert all(cell.text.strip() for table in tables for row in table.rows for cell in row.cells)
    assert "none" not in to_markdown(annex).lower().split()
    assert "nan" not in to_markdown(annex).lower().split()


def test_the_same_bytes_without_times(annex, word):
    assert to_docx(draft(replace(FIGURES))) == word
    assert to_markdown(draft(replace(FIGURES))) == to_markdown(annex)
    with zipfile.ZipFile(io.BytesIO(word)) as members:
        assert {info.date_time for info in members.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert members.testzip() is None
    about = docx.Document(io.BytesIO(word)).core_properties
    assert about.created.date() == about.modified.date() == FIGURES.as_of
    assert about.author == "Vallum"


def test_markdown_is_read_as_meant(annex):
    html = MarkdownIt("commonmark").enable("table").render(to_markdown(annex))
    assert html.count("<table>") == 12
    assert html.count("<h2>") == 12  # articles
    assert "Herds pass [at gates]." in html
    assert "No mines | never." in html
    assert "<td>Mali</td>" in html
    assert "shared with" in html.lower()
    assert "Morocco" in re.search(r"<td>engineering</td>.*?</tr>", html, re.DOTALL)[0]


def test_a_draft_without_payments_handovers_and_liaison():
    alone = replace(
        FIGURES,
        handovers=(),
        liaison=(),
        payments=(),
        states=(replace(FIGURES.states[0], men_on_duty=350), *FIGURES.states[1:]),
    )
    text = to_markdown(draft(alone))
    assert "asks for no payments" in text
    assert "changes nowhere" in text
    assert "No party keeps officers" in text


def test_a_party_without_tasks_is_said():
    idle = replace(
        FIGURES,
        states=(*FIGURES.states[:2], replace(FIGURES.states[2], men_on_duty=0)),
        tasks=(FIGURES.tasks[0], replace(FIGURES.tasks[1], joint=False), FIGURES.tasks[3]),
    )
    assert "It has no task in a sector." in to_markdown(draft(idle))


def test_blanks_are_refused_all_at_once():
    bad = replace(
        FIGURES,
        title=" ",
        as_of=datetime(2026, 1, 31),  # noqa: DTZ001  (a time of day is what is refused)
        said=(),
        law=(replace(FIGURES.law[0], kind="allows", text=""),),
        sectors=(replace(FIGURES.sectors[0], length_km=float("nan"), forts=np.int64(4), gates=-1),),
        tasks=(replace(FIGURES.tasks[0], men=1.5),),
    )
    with pytest.raises(InputError) as error:
        draft(bad)
    assert len(error.value.faults) == 9


def test_contradictions_are_refused_all_at_once():
    first = FIGURES.sectors[0]
    bad = replace(
        FIGURES,
        states=(*FIGURES.states, FIGURES.states[2]),
        sectors=(replace(first, built=date(2026, 1, 1), state="MAR"), *FIGURES.sectors[1:]),
        tasks=(
            *FIGURES.tasks[1:],
            TaskRow(1, 3, "gaurd", "BFA", 1, 0.0, joint=False),
            TaskRow(1, 2, "supply", "MRT", 1, 0.0, joint=True),
        ),
        handovers=(Handover(1, 2, 9, "MRT", "MLI"),),
        totals=(replace(FIGURES.totals[0], low=200.0), *FIGURES.totals[1:]),
        origins=FIGURES.origins[1:],
    )
    with pytest.raises(InputError) as error:
        draft(bad)
    text = str(error.value)
    for words in ("2 rows of this name", "out of order", "did you mean 'guard'", "BFA",
                  "no sector 9", "nobody guards this sector", "range", "310 men on duty, 311",
                  "origins [states]", "joint must be False", "352 men on duty, 42"):  # fmt: skip
        assert words in text, words


@pytest.mark.parametrize(
    "text",
    ["at 17.25° N", "17.2512, -8.0312", "N 17.251", "17.3 N", "29R 512345 1823456", "8° west"],
)
def test_places_are_not_given_away(text):
    with pytest.raises(InputError, match="coordinate"):
        draft(replace(FIGURES, limits=(f"The fort stands {text}.",)))


def test_wording_carries_no_number():
    with pytest.raises(AssertionError, match="without a key"):
        said("within 30 days")


@pytest.mark.parametrize("key", ["sectors[1/9].forts", "sectors[1/1].lon", "said[7]", "x", "rows"])
def test_keys_that_name_nothing(key):
    with pytest.raises(InputError, match="names nothing"):
        value_of(FIGURES, key)
