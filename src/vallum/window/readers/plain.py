"""A user's own table of events: the columns of the built-in record, every fault told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.errors import Fault, InputError
from vallum.window import scales
from vallum.window.readers.lines import reach
from vallum.window.readers.table import Dyads, Tally, months_of

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["read_plain"]

NEEDED = ("date", "actor", "target")
TOLD = 5


def read_plain(path: Path) -> Dyads:
    """Read a plain CSV of events: `date`, `actor`, `target`, and `cameo` or `plover` or both.

    Weights are Goldstein's of `cameo`, or those of a column `goldstein`; quads are those of
    `plover` where it is given, of `cameo` else. Optional: `event`, `source`, `mentions`.

    Parameters
    ----------
    path
        CSV in UTF-8 with a header. Dates are written 2024-01-25; codes keep their leading nought.

    Raises
    ------
    InputError
        With every fault of the table: nothing is left out unsaid.
    """
    faults = reach(path)
    if faults:
        raise InputError(faults)
    text = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    faults = _columns(text, str(path))
    if faults:
        raise InputError(faults)
    date = pd.to_datetime(text["date"], format="%Y-%m-%d", errors="coerce")
    weight, more = _weights(text, str(path))
    faults = _faults(text, date, str(path)) + more
    if faults:
        raise InputError(faults)
    blank = pd.Series("", text.index, dtype=object)
    mentions = pd.to_numeric(text.get("mentions", blank), errors="coerce")
    frame = pd.DataFrame(
        {
            "event_id": text.get("event", pd.Series(text.index.astype(str), text.index)),
            "date": date,
            "actor": text["actor"],
            "target": text["target"],
            "code": text.get("cameo", blank),
            "plover": text.get("plover", blank),
            "quad": _quads(text),
            "goldstein": weight,
            "mentions": mentions,
            "source": text.get("source", blank),
        }
    )
    tally = Tally(lines=len(text), frames=[frame])
    tally.seen(months_of(date))
    return tally.done(path)


def _columns(text: pd.DataFrame, where: str) -> list[Fault]:
    """Say which columns are missing."""
    mend = "give " + ", ".join(NEEDED) + ", and cameo or plover"
    faults = [Fault(where, f"column {n}", "missing", mend) for n in NEEDED if n not in text]
    if "cameo" not in text and "plover" not in text:
        faults.append(Fault(where, "", "neither cameo nor plover", mend))
    if text.empty and not faults:
        faults.append(Fault(where, "", "holds no events", mend))
    return faults


def _faults(text: pd.DataFrame, date: pd.Series[pd.Timestamp], where: str) -> list[Fault]:
    """Say what is wrong with the rows."""
    faults = _rows(where, "date", date.isna(), "no date written 2024-01-25")
    for name in ("actor", "target"):
        odd = ~text[name].str.fullmatch("[A-Z]{3}")
        faults += _rows(where, name, odd, "no ISO 3166 alpha-3 code")
    faults += _rows(where, "target", text["actor"] == text["target"], "the actor itself")
    if "cameo" in text:
        wrong = ~scales.is_cameo(text["cameo"]) & (text["cameo"] != "")
        faults += _rows(where, "cameo", wrong, "no CAMEO code")  # 43 for 043 among them
    if "plover" in text:
        types = [*scales.PLOVER_QUADS, *scales.POLECAT_QUADS, ""]
        faults += _rows(where, "plover", ~text["plover"].isin(types), "no PLOVER type")
    codes = text[[name for name in ("cameo", "plover") if name in text]]
    faults += _rows(where, "", (codes == "").all(axis=1), "no code")
    if "event" in text:
        twice = text.duplicated(["event", "actor", "target"])
        faults += _rows(where, "event", twice, "there twice for one pair")
    return faults


def _weights(text: pd.DataFrame, where: str) -> tuple[NDArray[np.float64], list[Fault]]:
    """Take the weights given, or those of the codes."""
    blank = pd.Series("", text.index, dtype=object)
    own = scales.goldstein(text.get("cameo", blank))
    if "goldstein" not in text:
        return own, []
    given = pd.to_numeric(text["goldstein"], errors="coerce")
    wrong = (text["goldstein"] != "") & ~given.between(-10, 10)
    return given.fillna(pd.Series(own, text.index)).to_numpy(float), _rows(
        where, "goldstein", wrong, "no number from −10 to 10"
    )


def _quads(text: pd.DataFrame) -> pd.Series[str]:
    """Take the quad of the type, or that of the code."""
    blank = pd.Series("", text.index, dtype=object)
    kinds = text.get("plover", blank)
    found = pd.Series(scales.plover_quads(kinds), text.index, dtype=object)
    for other in (
        scales.plover_quads(kinds, polecat=True),
        scales.cameo_quads(text.get("cameo", blank)),
    ):
        found = found.where(found.notna(), pd.Series(other, text.index, dtype=object))
    return found


def _rows(
    where: str, column: str, bad: pd.Series[bool] | NDArray[np.bool_], found: str
) -> list[Fault]:
    """Tell the rows that have one fault, the first by number."""
    rows = (np.flatnonzero(np.asarray(bad, bool)) + 2).tolist()
    if not rows:
        return []
    shown = ", ".join(str(row) for row in rows[:TOLD]) + ", …" * (len(rows) > TOLD)
    place = f"column {column}, row {shown}" if column else f"row {shown}"
    return [Fault(where, place, found, "correct the value")]
