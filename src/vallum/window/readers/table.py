"""What every reader gives: events between states in one shape, with what was left out and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["COLUMNS", "Dyads", "Tally", "check_states", "months_of", "spoilt"]

COLUMNS = (
    "event_id", "date", "actor", "target", "code", "plover", "quad", "goldstein", "mentions",
    "source",
)  # fmt: skip
TOLD = 5  # malformed lines that are named
SPOILT = 0.05  # share of malformed lines above which a file is taken for another format: judgement


@dataclass(frozen=True, eq=False)
class Dyads:
    """Events between states, read from one file.

    Attributes
    ----------
    frame
        One row per event, in the order of time: event_id (text), date (datetime64[s]), actor,
        target (ISO 3166 alpha-3, never the same), code (CAMEO, empty where not coded), plover
        (type, empty where not coded), quad (of `scales.QUADS`), goldstein (−10 to 10, NaN where
        not known), mentions (NaN where not known), source (publisher or host, empty where not
        known).
    volume
        Events of the whole file by month (datetime64[s], the first day): its news volume.
    lines, malformed
        Lines of events in the file, and those that could not be read.
    named
        The first malformed lines, by number.
    left_out
        Readable events left out: reason and number.
    where
        The file.
    """

    frame: pd.DataFrame
    volume: pd.Series[int]
    lines: int
    malformed: int
    named: tuple[int, ...]
    left_out: tuple[tuple[str, int], ...]
    where: str

    def report(self) -> str:
        """Say in one sentence what was read, what couldn't be, and what was left out."""
        words = [f"{self.where}: {self.lines:,} lines, {len(self.frame):,} events kept"]
        if self.malformed:
            rows = ", ".join(str(number) for number in self.named)
            more = ", …" * (self.malformed > len(self.named))
            words.append(f"{self.malformed:,} malformed (lines {rows}{more})")
        words += [f"{count:,} {reason}" for reason, count in self.left_out if count]
        return "; ".join(words)


@dataclass
class Tally:
    """Counts while a file is read."""

    lines: int = 0
    malformed: int = 0
    lost: int = 0  # codes without their leading nought
    named: list[int] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    volume: dict[str, int] = field(default_factory=dict)
    frames: list[pd.DataFrame] = field(default_factory=list)

    def bad(self, numbers: Iterable[int]) -> None:
        """Count malformed lines."""
        told = [int(number) for number in numbers]
        self.malformed += len(told)
        self.named = sorted(self.named + told)[:TOLD]

    def leave(self, reason: str, count: int) -> None:
        """Count readable events that are left out."""
        self.left_out[reason] = self.left_out.get(reason, 0) + int(count)

    def seen(self, months: Mapping[str, int]) -> None:
        """Count events of all states by month, written 2024-01."""
        for month, count in months.items():
            self.volume[month] = self.volume.get(month, 0) + int(count)

    def done(self, path: Path) -> Dyads:
        """Put the pieces together."""
        empty = pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})
        frame = pd.concat(self.frames, ignore_index=True) if self.frames else empty
        frame = frame.loc[:, list(COLUMNS)]
        frame["date"] = pd.to_datetime(frame["date"]).astype("datetime64[s]")
        for name in ("goldstein", "mentions"):
            frame[name] = frame[name].astype(float)
        frame = frame.sort_values(["date", "actor", "target", "event_id"], kind="stable")
        volume = pd.Series(self.volume, dtype="int64").sort_index()
        volume.index = pd.to_datetime(volume.index.astype(str) + "-01").astype("datetime64[s]")
        return Dyads(
            frame.reset_index(drop=True), volume, self.lines, self.malformed, tuple(self.named),
            tuple(self.left_out.items()), str(path),
        )  # fmt: skip


def spoilt(tally: Tally, path: Path, what: str) -> list[Fault]:
    """Refuse a file with nothing in it, with spoilt codes, or with too many malformed lines."""
    if not tally.lines:
        return [Fault(str(path), "", "holds no events", "give another file")]
    if tally.lost:
        found = f"{tally.lost:,} CAMEO codes have lost their leading nought (43 for 043)"
        return [Fault(str(path), "", found, "save the column as text, or give the published file")]
    if tally.malformed <= SPOILT * tally.lines:
        return []
    rows = ", ".join(str(number) for number in tally.named)
    found = f"{tally.malformed:,} of {tally.lines:,} lines are no lines of {what} (first: {rows})"
    return [Fault(str(path), "", found, f"give a file of {what}")]


def check_states(states: tuple[str, ...]) -> list[Fault]:
    """Say which states are no three capital letters, or are named twice."""
    mend = "give ISO 3166 alpha-3 codes, each once"
    faults = [
        Fault("states", repr(state), "is no three-letter code", mend)
        for state in states
        if not (len(state) == 3 and state.isascii() and state.isupper())
    ]
    if len(set(states)) < len(states):
        faults.append(Fault("states", "", "a state is named twice", mend))
    if len(states) < 2:
        faults.append(Fault("states", "", f"{len(states)} states make no pair", mend))
    return faults


def months_of(dates: pd.Series[pd.Timestamp]) -> dict[str, int]:
    """Count dates by month, written 2024-01."""
    months, counts = np.unique(dates.to_numpy("datetime64[M]").astype(str), return_counts=True)
    return {str(month): int(count) for month, count in zip(months, counts, strict=True)}
