"""All tables of a plan in one workbook: `tables.xlsx`."""

from __future__ import annotations

import csv
import datetime as dt
import math
import re
from typing import TYPE_CHECKING, Any

import xlsxwriter

from vallum.brief import dictionary, look

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from vallum.brief.dictionary import Entry

__all__ = ["NAME", "write_workbook"]

NAME = "tables.xlsx"
RESTRICTED = ".RESTRICTED."
HEAD = 3  # rows above the values: name, unit, meaning
_FIXED = dt.datetime(2000, 1, 1)  # noqa: DTZ001  (the format has no zones; the same plan, the same bytes)
_ROWS, _COLUMNS, _TEXT = 1_048_576, 16_384, 32_767  # what a sheet and a cell can hold
_WIDEST = 60
_LEAST_SHARE = 1e-4  # smaller shares are no per cent that anyone could read
_NOTES = (
    (
        "Each sheet is a table of the plan's folder, value for value. Its first three rows are the "
        "column's name, its unit, and what it means and whether it has a range; values begin in "
        "the fourth."
    ),
    (
        "A figure without a range is no more certain for that: the sheet ledger has every "
        "assumption with its range and source."
    ),
    (
        "An empty cell: not known, or there is none. Text is text: no cell holds a formula. An "
        "infinite number is the text inf."
    ),
    (
        "Tables stay in English, whatever the language of the brief. Places of single forts and "
        "single ways in are in no sheet."
    ),
)
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_ORDER = (
    "frontier.csv", "bill.csv", "forces.csv", "tasks.csv", "programme.csv", "campaign.csv",
    "leaks.csv", "dividend.csv", "dividend_years.csv", "accord.csv", "accord_sectors.csv",
    "accord_tasks.csv", "law.csv", "ledger.csv", dictionary.NAME,
)  # fmt: skip
_ABOUT = {
    "frontier.csv": "Steps of the frontier: what is held for what cost",
    "bill.csv": "What the line is made of, and what that costs",
    "forces.csv": "Sectors: forts, men, response, and when they are built",
    "tasks.csv": "Who does what in which sector, under three regimes",
    "programme.csv": "Work packages, as project tools import them",
    "campaign.csv": "Attacks and harm by case, means, phase and place",
    "leaks.csv": "Who gets through, by parts of 50 km and more",
    "dividend.csv": "Gains and costs by stream and party",
    "dividend_years.csv": "Net money of each year by party",
    "accord.csv": "What each coalition can do, and what it has of it",
    "accord_sectors.csv": "Sectors of the line that all members draw together",
    "accord_tasks.csv": "Who does what there",
    "law.csv": "What each state may lawfully build",
    "ledger.csv": "Every assumption with its range and source",
    dictionary.NAME: "What every column, layer, band and key of the plan's files means",
}


def write_workbook(told: Mapping[str, Any], folder: Path) -> None:
    """Write the tables of a folder into one workbook.

    A first sheet that says what it is, then a sheet per table with names, units and meanings above
    the values. Restricted tables are left out. The same plan gives the same bytes.

    Parameters
    ----------
    told
        The plan's record, as in `plan.json`.
    folder
        Where the tables lie, `dictionary.csv` among them.
    """
    tables = [folder / name for name in _names(folder)]
    how = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(folder / NAME, how) as book:
        book.set_properties(
            {"title": f"Vallum: {told['title']}", "author": "vallum", "created": _FIXED}
        )
        looks = _looks(book)
        _read_me(book.add_worksheet("Read me"), told, tables, looks)
        for path in tables:
            meanings = dictionary.columns_of(path.name)
            with path.open(encoding="utf-8", newline="") as file:
                columns, *rows = csv.reader(file)
            _sheet(book.add_worksheet(path.stem), columns, rows, meanings, looks)


def _names(folder: Path) -> list[str]:
    """List the tables in the order in which they are read; unknown ones last."""
    names = {path.name for path in folder.glob("*.csv") if RESTRICTED not in path.name}
    return [*(name for name in _ORDER if name in names), *sorted(names - set(_ORDER))]


def _looks(book: xlsxwriter.Workbook) -> dict[str, Format]:
    """Give the formats by name."""
    shade = {"bg_color": look.WASH, "text_wrap": True, "valign": "top", "font_color": look.QUIET}
    return {
        "title": book.add_format({"bold": True, "font_size": 16}),
        "bold": book.add_format({"bold": True, "valign": "top"}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        "name": book.add_format({"bold": True, "bg_color": look.WASH, "valign": "top"}),
        "unit": book.add_format({**shade, "italic": True}),
        "meaning": book.add_format({**shade, "bottom": 1}),
        "text": book.add_format({"num_format": "@"}),
        "integer": book.add_format({"num_format": "0"}),
        "money": book.add_format({"num_format": "#,##0"}),
        "share": book.add_format({"num_format": "0.0%"}),
        "number": book.add_format({"num_format": "#,##0.00"}),
        "small": book.add_format({"num_format": "0.00E+00"}),
    }


def _read_me(
    sheet: Worksheet, told: Mapping[str, Any], tables: Sequence[Path], looks: Mapping[str, Format]
) -> None:
    """Say which plan this is, what each sheet has, and how to read it."""
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 96)
    sheet.write_string(0, 0, f"Vallum: {told['title']}", looks["title"])
    budget = told["budget_usd_yr"]
    lines = {
        "Theatre": told["theatre"],
        "Members": ", ".join(told["members"]),
        "Objective": told["objective"],
        "Price, budget": f"{told['mu']}, {'none' if budget is None else f'{budget:,.0f} USD/yr'}",
        "Status": told["status"],
        "Step shown": f"{told['step']} of {len(told['frontier']) - 1}",
        "Cells": f"{told['cell_km']:g} km",
        "Depth": told["depth"],
        "Seed": str(told["seed"]),
        "Version": told["versions"]["vallum"],
        "Data's fingerprint": told["fingerprint"],
    }
    for number, (name, value) in enumerate(lines.items(), start=2):
        sheet.write_string(number, 0, name, looks["bold"])
        sheet.write_string(number, 1, str(value), looks["wrap"])
    row = len(lines) + 3
    for note in _NOTES:
        sheet.write_string(row, 1, note, looks["wrap"])
        row += 1
    sheet.write_string(row + 1, 0, "Sheet", looks["name"])
    sheet.write_string(row + 1, 1, "What it has", looks["name"])
    for number, path in enumerate(tables, start=row + 2):
        sheet.write_url(number, 0, f"internal:'{path.stem}'!A1", string=path.stem)
        sheet.write_string(number, 1, _ABOUT.get(path.name, ""), looks["wrap"])


def _sheet(
    sheet: Worksheet,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    meanings: Mapping[str, Entry],
    looks: Mapping[str, Format],
) -> None:
    """Write one table: three rows about its columns, then its values."""
    if len(rows) + HEAD > _ROWS or len(columns) > _COLUMNS:
        sheet.write_string(0, 0, "more than a sheet can hold: read the CSV of this name")
        return
    for at, name in enumerate(columns):
        entry = meanings.get(name)
        values = [row[at] for row in rows]
        look, text = _look(entry, values)
        sheet.write_string(0, at, name, looks["name"])
        sheet.write_string(1, at, entry.unit if entry else "", looks["unit"])
        about = f"{entry.meaning} ({entry.range})" if entry else ""
        sheet.write_string(2, at, about, looks["meaning"])
        sheet.set_column(at, at, _width(name, values, text=text), looks[look])
        for down, value in enumerate(values, start=HEAD):
            _cell(sheet, (down, at), value, text=text)
    sheet.set_row(2, 90)
    sheet.freeze_panes(HEAD, 1)
    if columns:
        sheet.autofilter(HEAD - 1, 0, HEAD - 1 + len(rows), len(columns) - 1)


def _cell(sheet: Worksheet, at: tuple[int, int], value: str, *, text: bool) -> None:
    """Write one value as what it is; never as a formula."""
    if value == "":
        return
    if not text and _NUMBER.fullmatch(value):
        sheet.write_number(*at, float(value))
    elif not text and value in {"True", "False"}:
        sheet.write_boolean(*at, value == "True")
    else:
        sheet.write_string(*at, value if len(value) <= _TEXT else _cut(value))


def _cut(value: str) -> str:
    """Shorten a text that no cell can hold, and say so."""
    note = " … (cut: the CSV has all of it)"
    return value[: _TEXT - len(note)] + note


def _look(entry: Entry | None, values: Sequence[str]) -> tuple[str, bool]:
    """Choose a column's format; and whether all of it is text."""
    kind = entry.type if entry else "text"
    if kind in {"text", "date"}:
        return "text", True
    unit = entry.unit if entry else ""
    if kind == "integer":
        return "integer", False
    if unit.startswith("USD"):
        return "money", False
    known = [abs(float(v)) for v in values if _NUMBER.fullmatch(v) and float(v) != 0]
    largest = max(known, default=0.0)
    if unit == "share" and largest >= _LEAST_SHARE:
        return "share", False
    if largest and largest < 0.01:  # two decimals would show nothing
        return "small", False
    return ("money" if largest >= 10_000 else "number"), False


def _width(name: str, values: Sequence[str], *, text: bool) -> float:
    """Choose a column's width, in characters: wide enough for the name and most values."""
    if not text:
        return float(max(len(name) + 2, 14))
    longest = max((len(value) for value in values), default=0)
    wanted = max(len(name) + 2, min(longest + 1, _WIDEST), 12)
    return float(math.ceil(wanted))
