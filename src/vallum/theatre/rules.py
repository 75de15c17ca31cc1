"""What a column of a stored table may hold, and how a breach of it is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from vallum.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["breaches", "number", "text"]

MOST = 1e16  # of people, dollars, tonnes
RULES = {
    "coerce_dtype": "not a number",
    "not_nullable": "the field is empty",
    "field_uniqueness": "more than one row has it",
    "multiple_fields_uniqueness": "more than one row has it",
    "greater_than_or_equal_to": "too small",
    "less_than_or_equal_to": "too large",
    "isin": "not one of the values allowed",
}
MANY = 5  # faults of one kind in one column that are told one by one


def number(low: float | None = None, high: float = MOST, *, empty: bool = False) -> Any:  # noqa: ANN401
    """Describe a column of numbers, finite and none larger than anything we count."""
    checks = [pa.Check.ge(-MOST if low is None else low), pa.Check.le(high)]
    return pa.Column(float, checks, nullable=empty, coerce=True)


def text(*, unique: bool = False, among: tuple[str, ...] = ()) -> Any:  # noqa: ANN401
    """Describe a column of text that is never empty."""
    checks = [pa.Check.isin(among)] if among else []
    return pa.Column(None, checks, nullable=False, unique=unique)


def breaches(where: str, table: pd.DataFrame, schema: Any) -> Iterator[Fault]:  # noqa: ANN401
    """Check one table by its schema; the row named is that of the file, its header being row 1."""
    try:
        schema.validate(table, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
    else:
        return
    kind = cases["check"].astype(str)
    for name in cases.loc[kind == "column_in_dataframe", "failure_case"]:
        yield Fault(where, str(name), "the column is missing", f"add a column '{name}'")
    words = cases["column"][kind.str.startswith("coerce")]
    later = cases["column"].isin(words) & ~kind.str.startswith("coerce")  # follow from the first
    cases = cases[(kind != "column_in_dataframe") & ~later]
    cases = cases.drop_duplicates(["column", "check", "index"])
    for (column, check), group in cases.groupby(["column", "check"], dropna=False, sort=False):
        rule = RULES.get(str(check).split("(", maxsplit=1)[0], str(check))
        for _, case in group.head(MANY).iterrows():
            row, value = case["index"], case["failure_case"]
            place = f"column {column}" + ("" if pd.isna(row) else f", row {int(row) + 2}")
            said = "nothing" if pd.isna(value) else repr(value)
            yield Fault(where, place, f"{said}: {rule}", "correct the value")
        if len(group) > MANY:
            rest = f"and {len(group) - MANY} more like these"
            yield Fault(where, f"column {column}", rest, "correct the values")
