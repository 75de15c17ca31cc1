"""GDELT 2.0 exports of events (61 columns, no header), and monthly panels made of GDELT."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.errors import Fault, InputError
from vallum.window import scales
from vallum.window.readers.lines import pieces, reach
from vallum.window.readers.table import Dyads, Tally, check_states, spoilt

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from vallum.window.readers.lines import Piece

__all__ = ["read_gdelt", "read_panel"]

FIELDS = 61
# places of the columns that are used; GDELT 1.0 has 58 columns and is refused
ID, DAY, ACTOR, TARGET, CODE, QUAD, WEIGHT, MENTIONS, URL = 0, 1, 7, 17, 26, 29, 30, 31, 60
PANEL = {
    "country_iso3": "iso3",
    "year_month": "month",
    "gdelt_conflict_event_count": "conflict",
    "gdelt_protest_event_count": "protest",
    "gdelt_goldstein_mean": "goldstein",
}
OUTSIDE = "between other states or within one"


def read_gdelt(path: Path, states: tuple[str, ...]) -> Dyads:
    """Read an export of GDELT 2.0: all lines are checked, the events between the states kept.

    Actors are taken by their country code (CAMEO's, which is ISO's for the states of the built-in
    theatre). Weight and quad are GDELT's own. Layout: GDELT Event Codebook 2.0.

    Parameters
    ----------
    path
        One export as published, or many joined; a zip of one is read as it is.
    states
        ISO 3166 alpha-3 codes.

    Returns
    -------
    events
        With the number of malformed lines: of another number of fields than 61, without a date,
        a CAMEO code, a quad or a weight.

    Raises
    ------
    InputError
        If the file can't be opened, or more than 5 % of its lines are malformed.
    """
    faults = check_states(states) + reach(path)
    if faults:
        raise InputError(faults)
    tally = Tally()
    for piece in pieces(path, FIELDS):
        _take(piece, states, tally)
    faults = spoilt(tally, path, f"a GDELT 2.0 export ({FIELDS} columns)")
    if faults:
        raise InputError(faults)
    return tally.done(path)


def _take(piece: Piece, states: tuple[str, ...], tally: Tally) -> None:
    """Count a piece's lines, and keep its events between the states."""
    tally.lines += len(piece.number) + len(piece.bad)
    tally.bad(piece.bad)
    if not len(piece.number):
        return
    days = piece.fixed(DAY, 8)
    numbers = np.char.isdigit(days)
    dates = np.where(numbers, days, b"0").astype(np.int64)
    year, month, day = dates // 10_000, dates // 100 % 100, dates % 100
    dated = (year > 1900) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    tally.bad(piece.number[~dated])
    counts = np.bincount((year * 100 + month)[dated])
    tally.seen({f"{m // 100:04d}-{m % 100:02d}": int(counts[m]) for m in np.flatnonzero(counts)})
    codes = np.array([state.encode() for state in states])
    actor, target = piece.fixed(ACTOR, 3), piece.fixed(TARGET, 3)
    pair = np.isin(actor, codes) & np.isin(target, codes) & (actor != target)
    tally.leave(OUTSIDE, int((dated & ~pair).sum()))
    _keep(piece, pair & dated, tally)


def _keep(piece: Piece, rows: NDArray[np.bool_], tally: Tally) -> None:
    """Make the table of the lines that are kept."""
    if not rows.any():
        return
    code = pd.Series(piece.text(CODE, rows), dtype=object)
    quad = pd.to_numeric(pd.Series(piece.text(QUAD, rows), dtype=object), errors="coerce")
    frame = pd.DataFrame(
        {
            "event_id": piece.text(ID, rows),
            "date": pd.to_datetime(
                pd.Series(piece.text(DAY, rows), dtype=object), format="%Y%m%d", errors="coerce"
            ),
            "actor": piece.text(ACTOR, rows),
            "target": piece.text(TARGET, rows),
            "code": code,
            "plover": "",
            "goldstein": pd.to_numeric(
                pd.Series(piece.text(WEIGHT, rows), dtype=object), errors="coerce"
            ),
            "mentions": pd.to_numeric(
                pd.Series(piece.text(MENTIONS, rows), dtype=object), errors="coerce"
            ),
            "source": _hosts(piece.text(URL, rows)),
        }
    )
    good = frame["date"].notna() & frame["goldstein"].between(-10, 10) & quad.isin([1, 2, 3, 4])
    good &= scales.is_cameo(code)
    tally.lost += int(scales.lost_nought(code).sum())
    tally.bad(piece.number[rows][~good.to_numpy()])
    names = np.array(["", *scales.QUADS], object)
    frame["quad"] = names[quad.where(good, 0).astype(int)]
    tally.frames.append(frame[good])


def _hosts(addresses: list[str]) -> list[str]:
    """Cut addresses down to their hosts."""
    return [
        address.split("//", 1)[-1].split("/", 1)[0].removeprefix("www.").lower()
        for address in addresses
    ]


def read_panel(path: Path) -> pd.DataFrame:
    """Read a monthly panel by state made of GDELT: counts of conflict and protest, mean weight.

    Parameters
    ----------
    path
        CSV with `country_iso3`, `year_month` (2024-01), `gdelt_conflict_event_count`,
        `gdelt_protest_event_count`, `gdelt_goldstein_mean` (empty where there were no events).

    Returns
    -------
    panel
        iso3, month (datetime64[s], the first day), conflict, protest (Int64), goldstein (float,
        NaN where not known); by state and month.

    Raises
    ------
    InputError
        With every fault: columns, months, negative counts, weights beyond ±10, months twice.
    """
    faults = reach(path)
    if faults:
        raise InputError(faults)
    text = pd.read_csv(path, dtype=str, keep_default_na=False)
    missing = [name for name in PANEL if name not in text]
    if missing:
        mend = "give the columns of a monthly panel: " + ", ".join(PANEL)
        raise InputError([Fault(str(path), f"column {name}", "missing", mend) for name in missing])
    text = text[list(PANEL)].rename(columns=PANEL)
    out = pd.DataFrame({"iso3": text["iso3"]})
    out["month"] = pd.to_datetime(text["month"], format="%Y-%m", errors="coerce")
    for name in ("conflict", "protest", "goldstein"):
        out[name] = pd.to_numeric(text[name], errors="coerce")
    faults = _panel_faults(text, out, str(path))
    if faults:
        raise InputError(faults)
    out["month"] = out["month"].astype("datetime64[s]")
    out[["conflict", "protest"]] = out[["conflict", "protest"]].astype("Int64")
    return out.sort_values(["iso3", "month"], kind="stable").reset_index(drop=True)


def _panel_faults(text: pd.DataFrame, out: pd.DataFrame, where: str) -> list[Fault]:
    """Say what is wrong with a panel."""
    numbers = ["conflict", "protest"]
    unread = (out[[*numbers, "goldstein"]].isna() & (text[[*numbers, "goldstein"]] != "")).any(
        axis=1
    )
    whole = (out[numbers].dropna() % 1 == 0).all(axis=1).reindex(out.index, fill_value=True)
    cases = (
        ("iso3", ~text["iso3"].str.fullmatch("[A-Z]{3}"), "is no three-letter code"),
        ("month", out["month"].isna(), "is no month written 2024-01"),
        ("", unread, "has a field that is no number"),
        ("", (out[numbers] < 0).any(axis=1) | ~whole, "has a count that is negative or broken"),
        ("goldstein", out["goldstein"].abs() > 10, "is beyond ±10"),
        ("month", out.duplicated(["iso3", "month"]), "is there twice for one state"),
    )
    faults = []
    for column, bad, found in cases:
        rows = (np.flatnonzero(bad.to_numpy(bool)) + 2).tolist()
        if rows:
            shown = ", ".join(str(row) for row in rows[:5]) + ", …" * (len(rows) > 5)
            place = f"column {column}, row {shown}" if column else f"row {shown}"
            faults.append(Fault(where, place, found, "correct the value"))
    return faults
