"""UN ideal points: how far apart states vote, a slow background to their relations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.errors import Fault, InputError
from vallum.window.readers.lines import reach

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["distances", "read_ideal_points"]

COLUMNS = {"iso3c": "iso3", "year": "year", "IdealPointAll": "point"}
FAR = 10.0  # no published point lies beyond 5


def read_ideal_points(path: Path, states: Sequence[str]) -> pd.DataFrame:
    """Read ideal points by state and year, as Bailey, Strezhnev and Voeten publish them.

    Parameters
    ----------
    path
        CSV with `iso3c`, `year`, `IdealPointAll`.
    states
        Whose rows are read, iso3: the published file has two states of one code.

    Returns
    -------
    points
        iso3, year (int), point; by state and year.

    Raises
    ------
    InputError
        With every fault: columns, years and points that are no numbers, years twice.
    """
    where = str(path)
    faults = reach(path)
    if faults:
        raise InputError(faults)
    text = pd.read_csv(path, dtype=str, keep_default_na=False)
    missing = [name for name in COLUMNS if name not in text]
    if missing:
        mend = f"give the columns {', '.join(COLUMNS)}"
        raise InputError([Fault(where, f"column {name}", "missing", mend) for name in missing])
    text = text[list(COLUMNS)].rename(columns=COLUMNS)
    text = text[text["iso3"].isin(list(states))]
    out = pd.DataFrame({"iso3": text["iso3"]})
    for name in ("year", "point"):
        out[name] = pd.to_numeric(text[name], errors="coerce")
    wrong = out["year"].isna() | (out["year"] % 1 != 0)
    bad = (out["point"].isna() & (text["point"] != "")) | (out["point"].abs() > FAR)
    twice = out.duplicated(["iso3", "year"])
    for rows, found, mend in (
        (wrong, "the year is no whole number", "give a year"),
        (bad, "the point is no number within ±10", "give the published point, or leave it empty"),
        (twice, "the state has this year twice", "give one row for each"),
    ):
        faults += [Fault(where, f"line {int(n) + 2}", found, mend) for n in out.index[rows][:5]]
    if faults:
        raise InputError(faults)
    out = out.dropna().astype({"year": int})
    return out.sort_values(["iso3", "year"]).reset_index(drop=True)


def distances(points: pd.DataFrame, pairs: Sequence[str]) -> pd.DataFrame:
    """Give how far apart pairs vote, by year.

    Parameters
    ----------
    points
        As `read_ideal_points`.
    pairs
        As `DZA-MLI`.

    Returns
    -------
    table
        pair, year, distance: `|point_a − point_b|`, for years in which both have one.
    """
    wide = points.pivot_table(index="year", columns="iso3", values="point")
    parts = []
    for pair in pairs:
        one, two = pair.split("-")
        if one not in wide or two not in wide:
            continue
        gap = (wide[one] - wide[two]).abs().dropna()
        parts.append(
            pd.DataFrame({"pair": pair, "year": gap.index.to_numpy(), "distance": gap.to_numpy()})
        )
    if not parts:
        return pd.DataFrame({"pair": pd.Series([], dtype=object), "year": pd.Series([], dtype=int),
                             "distance": pd.Series([], dtype=np.float64)})  # fmt: skip
    return pd.concat(parts, ignore_index=True)
