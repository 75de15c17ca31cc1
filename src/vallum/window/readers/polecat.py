"""POLECAT (doi:10.7910/DVN/AJGVIT): PLOVER events in tab-separated files, some lines malformed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from vallum.errors import Fault, InputError
from vallum.window import scales
from vallum.window.readers.lines import header, pieces, reach
from vallum.window.readers.table import Dyads, Tally, check_states, months_of, spoilt

if TYPE_CHECKING:
    from pathlib import Path

    from vallum.window.readers.lines import Piece

__all__ = ["read_polecat"]

NEEDED = {
    "id": ("Event ID",),
    "date": ("Event Date",),
    "kind": ("Event Type",),
    "actor": ("Actor Country",),
    "target": ("Recipient Country",),
}
WEIGHT = ("Intensity", "Event Intensity")  # its name differs between releases
SOURCE = "Source"
OUTSIDE = "between other states or within one"
SEVERAL = ";"  # several states of one actor


def read_polecat(path: Path, states: tuple[str, ...]) -> Dyads:
    """Read a week or a year of POLECAT; events with several actors count for each pair.

    Quads are those of POLECAT's 16 types (`scales.POLECAT_QUADS`); a file coded with PLOVER's
    18 is read too. Weights are its intensities, where it has them.

    Parameters
    ----------
    path
        TSV with a header, or a zip of one.
    states
        ISO 3166 alpha-3 codes.

    Returns
    -------
    events
        With the number of malformed lines: of another number of fields than the header, without
        a date or a known type.

    Raises
    ------
    InputError
        If the file can't be opened, lacks columns, or more than 5 % of its lines are malformed.
    """
    faults = check_states(states) + reach(path)
    if faults:
        raise InputError(faults)
    names = header(path)
    at, faults = _places(names, str(path))
    if faults:
        raise InputError(faults)
    tally = Tally()
    for piece in pieces(path, len(names), skip=1):
        _take(piece, at, states, tally)
    faults = spoilt(tally, path, "POLECAT")
    if faults:
        raise InputError(faults)
    return tally.done(path)


def _places(names: list[str], where: str) -> tuple[dict[str, int], list[Fault]]:
    """Find the columns."""
    wanted = {**NEEDED, "weight": WEIGHT, "source": (SOURCE,)}
    at = {
        name: names.index(column)
        for name, columns in wanted.items()
        for column in columns
        if column in names
    }
    mend = "give a TSV of POLECAT, with its header"
    return at, [
        Fault(where, f"column {columns[0]}", "missing", mend)
        for name, columns in NEEDED.items()
        if name not in at
    ]


def _take(piece: Piece, at: dict[str, int], states: tuple[str, ...], tally: Tally) -> None:
    """Count a piece's lines, and keep its events between the states."""
    tally.lines += len(piece.number) + len(piece.bad)
    tally.bad(piece.bad)
    text = pd.DataFrame({name: piece.text(column) for name, column in at.items()}, dtype=object)
    date = pd.to_datetime(text["date"].str[:10], format="%Y-%m-%d", errors="coerce")
    kind = text["kind"].str.strip().str.upper()
    known = kind.isin([*scales.POLECAT_QUADS, *scales.PLOVER_QUADS])
    weight = pd.to_numeric(text["weight"], errors="coerce") if "weight" in at else None
    good = date.notna() & known
    if weight is not None:
        good &= weight.between(-10, 10) | (text["weight"].str.strip() == "")
    tally.bad(piece.number[~good.to_numpy(bool)])
    tally.seen(months_of(date[good]))
    frame = pd.DataFrame(
        {
            "event_id": text["id"],
            "date": date,
            "actor": text["actor"].str.upper().str.split(SEVERAL),
            "target": text["target"].str.upper().str.split(SEVERAL),
            "code": "",
            "plover": kind,
            "quad": _quads(kind),
            "goldstein": weight if weight is not None else float("nan"),
            "mentions": float("nan"),
            "source": text["source"] if "source" in at else "",
        }
    )[good]
    pairs = frame.explode("actor").explode("target")
    for name in ("actor", "target"):
        pairs[name] = pairs[name].str.strip()
    ours = pairs["actor"].isin(states) & pairs["target"].isin(states)
    kept = pairs[ours & (pairs["actor"] != pairs["target"])]
    kept = kept[~kept.duplicated(["event_id", "actor", "target"]) | (kept["event_id"] == "")]
    tally.leave(OUTSIDE, len(frame) - kept.index.nunique())
    if len(kept):
        tally.frames.append(kept)


def _quads(kinds: pd.Series[str]) -> pd.Series[str]:
    """Take POLECAT's quads, and PLOVER's for types that POLECAT hasn't."""
    ours = pd.Series(scales.plover_quads(kinds, polecat=True), kinds.index, dtype=object)
    other = pd.Series(scales.plover_quads(kinds), kinds.index, dtype=object)
    return ours.where(ours.notna(), other)
