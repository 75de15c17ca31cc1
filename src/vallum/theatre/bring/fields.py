"""From the text of a table's fields to numbers, days and faults that name their line."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandera.errors import SchemaErrors

from vallum.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

    from numpy.typing import NDArray

__all__ = ["breaches", "days", "empties", "many", "mojibake", "numbers", "quote"]

MANY = 5  # faults of one kind in one column that are told one by one
LONGEST = 40  # characters of a field that a fault repeats
NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:[,'  ’ ][0-9]{3})+(?:\.[0-9]+)?")
COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
NOTHING = re.compile(r"[+-]?(?:nan|na|n/a|null|none|inf|infinity|-|\.)", re.IGNORECASE)
RULES = {
    "not_nullable": "the field is empty",
    "field_uniqueness": "an earlier row has it too",
    "greater_than_or_equal_to": "too small",
    "less_than_or_equal_to": "too large",
    "in_range": "out of range",
    "isin": "not one of the values allowed",
}
MONTHS = {
    name: number
    for number, name in enumerate(
        (
            "january", "february", "march", "april", "may", "june", "july", "august", "september",
            "october", "november", "december",
        ),
        start=1,
    )
}  # fmt: skip
ISO = re.compile(
    r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2})(?:[T ][0-9:.]+(?:Z|[+-][0-9:]+)?)?)?)?"
)
SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?: [0-9:.]+(?: ?[AaPp][Mm])?)?")
WRITTEN = re.compile(r"([0-9]{1,2})[ -]([A-Za-z]{3,9})[ -]([0-9]{4})")


def quote(value: object) -> str:
    """Repeat a field in a fault, cut where it is long."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return "nothing"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value)
    return repr(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")


def many(where: str, column: str, cases: Iterable[tuple[Hashable, str]], mend: str) -> list[Fault]:
    """Tell the first five faults of one kind one by one, and how many more there are.

    Parameters
    ----------
    where, column
        The file, and the column in it; the column may be empty.
    cases
        Where each fault is (the line of a file, or the words for a feature) and what was found.
    mend
        What to do about them.
    """
    told = list(cases)
    prefix = f"column {column}" if column else ""
    faults = []
    for line, found in told[:MANY]:
        row = line if isinstance(line, str) else f"row {line}"
        faults.append(Fault(where, ", ".join(part for part in (prefix, row) if part), found, mend))
    if len(told) > MANY:
        faults.append(Fault(where, prefix, f"and {len(told) - MANY:,} more like these", mend))
    return faults


def empties(where: str, column: str, values: pd.Series[Any]) -> list[Fault]:
    """Say which fields are empty that must not be."""
    lines = values.index[values.isna()]
    cases = ((line, "nothing: the field is empty") for line in lines)
    return many(where, column, cases, "fill it in, or take the row out")


def numbers(
    where: str, column: str, values: pd.Series[Any]
) -> tuple[pd.Series[float], list[Fault]]:
    """Read a column of numbers; what is none is a fault that says how it differs.

    A decimal comma, thousands separators, `inf` and `nan` are told by their names. Nothing is
    guessed: `1,234` may be either.

    Parameters
    ----------
    where, column
        The file, and the column in it.
    values
        Text, missing where empty; index line.

    Returns
    -------
    numbers
        NaN where the field is empty or at fault.
    faults
        At most six of each kind.
    """
    if pd.api.types.is_numeric_dtype(values):
        finite = values.astype(float)
        bad = np.isinf(finite.to_numpy())
        told = [(line, "'inf': not a finite number") for line in finite.index.to_numpy()[bad]]
        return finite.mask(bad), many(where, column, told, "correct the value")
    codes, texts = pd.factorize(values)
    bare = pd.Series(texts, dtype=object).astype(str).str.strip()
    good = bare.str.fullmatch(NUMBER).to_numpy(bool)
    read = np.full(len(bare) + 1, np.nan)
    read[:-1][good] = bare[good].astype(float).to_numpy()
    wrong = np.append(~(good & np.isfinite(read[:-1])), False)
    read[wrong] = np.nan
    faults = []
    if wrong.any():
        lines_of = values.index.to_numpy()
        at = np.flatnonzero(wrong[codes])
        kinds = {code: _not_a_number(bare[code]) for code in np.unique(codes[at])}
        for kind in dict.fromkeys(kinds.values()):
            found, mend = kind
            lines = [position for position in at if kinds[codes[position]] == kind]
            cases = ((lines_of[p], f"{quote(texts[codes[p]])}: {found}") for p in lines)
            faults += many(where, column, cases, mend)
    return pd.Series(read[codes], index=values.index, dtype=float), faults


def _not_a_number(text: str) -> tuple[str, str]:
    """Say what a text is that should be a number, and the mend."""
    if COMMA.fullmatch(text) and not GROUPED.fullmatch(text):
        return "a decimal comma", "write a point: 12.5"
    if GROUPED.fullmatch(text):
        return "thousands separators, or a decimal comma", "write 1234 or 1.234"
    if NOTHING.fullmatch(text) or re.fullmatch(NUMBER, text):
        return "not a finite number", "leave the field empty, or give the number"
    return "not a number", "correct the value"


def days(
    where: str, column: str, values: pd.Series[Any], *, month_first: bool = False
) -> tuple[pd.DataFrame, list[Fault]]:
    """Read a column of dates.

    Taken are `2020-01-02` (with a time or without), `2020-01`, `2020` and `2 January 2020`;
    `1/2/2020` only where the format says which comes first.

    Parameters
    ----------
    where, column
        The file, and the column in it.
    values
        Text; index line.
    month_first
        Take `1/2/2020` as the second of January.

    Returns
    -------
    parts
        year, month, day as floats, NaN where not given.
    faults
        What is no date.
    """
    codes, texts = pd.factorize(values)
    read = np.full((len(texts) + 1, 3), np.nan)
    wrong: dict[int, tuple[str, str]] = {}
    for code, text in enumerate(texts):
        parts = _day(str(text).strip(), month_first=month_first)
        if isinstance(parts[0], str):
            wrong[code] = (str(parts[0]), str(parts[1]))
        else:
            read[code] = parts
    faults = []
    if wrong:
        lines_of = values.index.to_numpy()
        bad = np.isin(codes, list(wrong))
        for kind in dict.fromkeys(wrong.values()):
            at = [p for p in np.flatnonzero(bad) if wrong[codes[p]] == kind]
            cases = ((lines_of[p], f"{quote(texts[codes[p]])}: {kind[0]}") for p in at)
            faults += many(where, column, cases, kind[1])
    parts_ = pd.DataFrame(read[codes], index=values.index, columns=["year", "month", "day"])
    return parts_, faults


def _day(text: str, *, month_first: bool) -> tuple[float, float, float] | tuple[str, str]:
    """Read one date as year, month and day, or say what is wrong and the mend."""
    mend = "write dates as 2024-01-31"
    if found := ISO.fullmatch(text):
        year, month, day = (float(part) if part else np.nan for part in found.groups())
    elif found := SLASHED.fullmatch(text):
        if not month_first:
            return "day or month first?", mend
        month, day, year = (float(part) for part in found.groups())
    elif found := WRITTEN.fullmatch(text):
        short = found[2].lower()
        named = [number for name, number in MONTHS.items() if name.startswith(short)]
        if len(named) != 1:
            return "not a date", mend
        year, month, day = float(found[3]), float(named[0]), float(found[1])
    else:
        return "not a date", mend
    try:
        dt.date(int(year), 1 if np.isnan(month) else int(month), 1 if np.isnan(day) else int(day))
    except ValueError:
        return "no such day", mend
    return year, month, day


def breaches(
    where: str,
    frame: pd.DataFrame,
    schema: Any,  # noqa: ANN401 - pandera ships no types
    names: Mapping[str, str],
) -> list[Fault]:
    """Check a typed table by its pandera schema, all rules at once.

    Parameters
    ----------
    where
        The file.
    frame
        Index line.
    schema
        A pandera `DataFrameSchema`.
    names
        What the file calls our columns.
    """
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
    else:
        return []
    out: list[Fault] = []
    for (column, check), group in cases.groupby(["column", "check"], dropna=False, sort=False):
        rule = RULES.get(str(check).split("(", maxsplit=1)[0], str(check))
        rows = group.drop_duplicates("index").sort_values("index")
        told = (
            (line, f"{quote(value)}: {rule}")
            for line, value in zip(rows["index"], rows["failure_case"], strict=True)
        )
        out += many(where, names.get(str(column), str(column)), told, _mend(rule))
    return out


def _mend(rule: str) -> str:
    """Say what to do about a broken rule."""
    if "earlier row" in rule:
        return "take one out, or correct it"
    return "fill it in, or take the row out" if "empty" in rule else "correct the value"


def mojibake(values: pd.Series[Any]) -> NDArray[np.bool_]:
    """Mark texts that are UTF-8 once read as cp1252 or latin-1, such as `SociÃ©tÃ©`."""
    codes, texts = pd.factorize(values)
    marks = np.append(np.array([_mangled(str(text)) for text in texts], bool), False)
    return np.asarray(marks[codes], bool)


def _mangled(text: str) -> bool:
    """Tell whether a text, written as cp1252 or latin-1, is UTF-8 of something shorter."""
    if text.isascii():
        return False
    if "\ufffd" in text:  # the sign for a byte that could not be read
        return True
    tries: tuple[Callable[[], bytes], ...] = (
        lambda: text.encode("cp1252"),
        lambda: text.encode("latin-1"),
    )
    for attempt in tries:
        try:
            attempt().decode("utf-8")
        except UnicodeError:
            continue
        return True
    return False
