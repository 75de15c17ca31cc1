"""ICEWS coded event data (doi:10.7910/DVN/28075): CAMEO events with states by English name."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pandas as pd

from vallum.errors import Fault, InputError
from vallum.window import scales
from vallum.window.readers.lines import header, opened, reach
from vallum.window.readers.table import Dyads, Tally, check_states, months_of, spoilt

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["NAMES", "read_icews"]

NAMES = {
    "BFA": "Burkina Faso",
    "DZA": "Algeria",
    "MAR": "Morocco",
    "MLI": "Mali",
    "MRT": "Mauritania",
    "NER": "Niger",
    "SEN": "Senegal",
}
"""States of the record, as ICEWS writes them."""
COLUMNS = {
    "Event ID": "event_id",
    "Event Date": "date",
    "Source Country": "actor",
    "CAMEO Code": "code",
    "Intensity": "goldstein",
    "Target Country": "target",
    "Publisher": "source",
}
PIECE = 200_000  # lines looked at together
OUTSIDE = "between other states or within one"


def read_icews(
    path: Path, states: tuple[str, ...], *, names: Mapping[str, str] | None = None
) -> Dyads:
    """Read ICEWS events, tab-separated as published or as CSV; weights are its intensities.

    Parameters
    ----------
    path
        With the header of the published files.
    states
        ISO 3166 alpha-3 codes.
    names
        How ICEWS writes states that `NAMES` hasn't.

    Returns
    -------
    events
        With the number of malformed lines: of another number of fields than the header, without
        a date, a CAMEO code or an intensity.

    Raises
    ------
    InputError
        If the file can't be opened, lacks columns, a state has no name, codes have lost their
        leading nought, or more than 5 % of the lines are malformed.
    """
    known = {**NAMES, **(names or {})}
    faults = check_states(states) + reach(path)
    mend = "give its English name: names={...}"
    faults += [Fault("states", s, "ICEWS's name unknown", mend) for s in states if s not in known]
    if faults:
        raise InputError(faults)
    tab = "\t" if len(header(path)) > 1 else ","
    tally = Tally()
    faults = _read(path, tab, {known[state]: state for state in states}, tally)
    faults = faults or spoilt(tally, path, "ICEWS")
    if faults:
        raise InputError(faults)
    return tally.done(path)


def _read(path: Path, tab: str, iso3: dict[str, str], tally: Tally) -> list[Fault]:
    """Read piece by piece; published files don't quote, CSVs do."""
    with opened(path) as raw:
        file = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace", newline="")
        rows = csv.reader(
            file, delimiter=tab, quoting=csv.QUOTE_NONE if tab == "\t" else csv.QUOTE_MINIMAL
        )
        names = next(rows, [])
        missing = [name for name in COLUMNS if name not in names]
        if missing:
            mend = "give an events file of ICEWS, with its header"
            return [Fault(str(path), f"column {name}", "missing", mend) for name in missing]
        at = [names.index(name) for name in COLUMNS]
        good: list[list[str]] = []
        lines: list[int] = []
        for row in rows:
            if not row:
                continue
            tally.lines += 1
            if len(row) != len(names):
                tally.bad([rows.line_num])
                continue
            good.append([row[place] for place in at])
            lines.append(rows.line_num)
            if len(good) == PIECE:
                _take(good, lines, iso3, tally)
                good, lines = [], []
        _take(good, lines, iso3, tally)
    return []


def _take(rows: list[list[str]], lines: list[int], iso3: dict[str, str], tally: Tally) -> None:
    """Check a piece, and keep its events between the states."""
    text = pd.DataFrame(rows, columns=list(COLUMNS.values()), dtype=object)
    date = pd.to_datetime(text["date"].str[:10], format="%Y-%m-%d", errors="coerce")
    code = text["code"].str.strip()
    tally.lost += int(scales.lost_nought(code).sum())
    weight = pd.to_numeric(text["goldstein"], errors="coerce")
    good = date.notna() & scales.is_cameo(code) & weight.between(-10, 10)
    tally.bad(line for line, ok in zip(lines, good, strict=True) if not ok)
    tally.seen(months_of(date[good]))
    actor, target = text["actor"].map(iso3), text["target"].map(iso3)
    pair = actor.notna() & target.notna() & (actor != target)
    tally.leave(OUTSIDE, int((good & ~pair).sum()))
    frame = text.assign(
        date=date, code=code, goldstein=weight, actor=actor, target=target, plover="",
        quad=scales.cameo_quads(code), mentions=float("nan"),
    )  # fmt: skip
    kept = frame[good & pair]
    if len(kept):
        tally.frames.append(kept)
