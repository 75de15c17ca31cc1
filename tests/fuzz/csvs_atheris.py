"""The door for CSV under coverage-guided fuzzing: what it reads, Python's csv module reads too.

A script for whoever changes `vallum.theatre.bring.csvs`; atheris is no dependency:

    pip install atheris
    python tests/fuzz/csvs_atheris.py -max_total_time=60
"""

from __future__ import annotations

import csv
import io
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["vallum.theatre.bring.csvs"]):
    from vallum.theatre.bring.csvs import read_csv

# each byte of the fuzzer's chooses a piece, so that most of what it makes is nearly a table
PIECES = (
    "a", "b", ",", ",", ",", ";", "\t", '"', '""', "\n", "\n", "\r\n", "\r", "\n\n", " ", "1",
    "1.5", "é", "Ã©", "NA", "\0", "\ufeff", "'", "x,y", '"q"', '"l\nm"', "sep=", "a,b\n", '","',
    "\x1a", "\x85", "\u2028",
)  # fmt: skip


def rows_of(text: str, header: list[str]) -> list[tuple[int, list[str]]]:
    """Read a table with Python's csv module, by the delimiter that gives this header."""
    csv.field_size_limit(1 << 30)
    blank = len(text) - len(text.lstrip("\n"))
    for sign in ",;\t":
        table = csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True)
        rows = []
        begun = 1
        try:
            for row in table:
                rows += [(begun, row)] if row else []
                begun = table.line_num + 1
        except csv.Error:
            continue
        names = rows[0][1]
        if len(names) > 1 and [name.strip() for name in names if name.strip()] == header:
            assert rows[0][0] == blank + 1
            keep = [place for place, name in enumerate(names) if name.strip()]
            return [(line, [row[place].strip() for place in keep]) for line, row in rows[1:]]
    raise AssertionError("accepted what csv can't read")


def once(data: bytes) -> None:
    """Try one file."""
    text = "".join(PIECES[byte % len(PIECES)] for byte in data)
    PATH.write_bytes(text.encode())
    frame, faults = read_csv(PATH, columns=None)
    if frame is None:
        assert faults
        return
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    found = frame.astype(object).where(frame.notna(), "").to_numpy().tolist()
    read = [
        (line, [field.strip() for field in row])
        for line, row in zip(frame.index.tolist(), found, strict=True)
    ]
    assert read == rows_of(plain, [str(name) for name in frame]), text


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        PATH = Path(folder) / "table.csv"
        atheris.Setup(sys.argv, once)
        atheris.Fuzz()
