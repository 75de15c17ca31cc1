"""A GDELT day of a million rows: our reader against plain pandas, in one run, each in a process.

The file is made up in the published layout (61 tab-separated columns, no header): state codes as
frequent as in a mixed day, some 1 % of the lines between the states asked for, 0.1 % malformed.
Plain pandas reads the nine columns that are needed and filters; it does not see malformed lines
(with `usecols` it takes lines of any length), ours counts them. Both results are compared.
Budgets: under 20 s and 1 GB. Peak memory is the process's own, interpreter and imports included.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROWS = 1_000_000
STATES = ("BFA", "DZA", "MAR", "MLI", "MRT", "NER", "SEN")
OTHERS = ("USA", "GBR", "FRA", "CHN", "RUS", "NGA", "", "", "")
PLACES = (0, 1, 7, 17, 26, 29, 30, 31, 60)
SEED = 11


def make(path: Path) -> None:
    """Write the file, 10,000 lines at a time."""
    rng = np.random.default_rng(SEED)
    codes = np.array([*STATES, *OTHERS])
    chances = np.array([*[0.02] * len(STATES), *[0.86 / len(OTHERS)] * len(OTHERS)])
    filler = {18: "VILLAGE", 35: "4", 36: "Bamako, Bamako, Mali", 37: "ML", 38: "ML01", 40: "12.65"}
    with path.open("w", encoding="utf-8", newline="") as file:
        for start in range(0, ROWS, 10_000):
            actors = rng.choice(codes, (10_000, 2), p=chances / chances.sum())
            roots = rng.choice(["010", "042", "057", "112", "163", "190"], 10_000)
            days = rng.integers(1, 6, 10_000)
            spoilt = rng.random(10_000) < 0.001
            for row in range(10_000):
                fields = [""] * 61
                for place, text in filler.items():
                    fields[place] = text
                fields[0], fields[1] = str(start + row), f"2024010{days[row]}"
                fields[2], fields[3], fields[4] = "202401", "2024", "2024.0137"
                fields[5], fields[7] = actors[row, 0], actors[row, 0]
                fields[15], fields[17] = actors[row, 1], actors[row, 1]
                fields[25], fields[26], fields[27], fields[28] = "1", roots[row], roots[row], "04"
                fields[29], fields[30], fields[31] = "1", "1.9", "10"
                fields[32], fields[33], fields[34] = "1", "10", "-2.71"
                fields[59] = "20240105001500"
                fields[60] = f"https://www.example.org/news/2024/01/05/{start + row}.html"
                file.write("\t".join(fields[:-1] if spoilt[row] else fields) + "\n")


def ours(path: Path) -> tuple[int, int]:
    """Read with Vallum: events kept and malformed lines."""
    from vallum.window.readers import read_gdelt  # noqa: PLC0415  (the peer's process needn't)

    out = read_gdelt(path, STATES)
    return len(out.frame), out.malformed


def theirs(path: Path) -> tuple[int, int]:
    """Read with plain pandas: events kept; malformed lines aren't seen."""
    import pandas as pd  # noqa: PLC0415  (as above)

    frame = pd.read_csv(
        path, sep="\t", header=None, usecols=list(PLACES), dtype={26: str}, quoting=3
    )
    pair = frame[7].isin(STATES) & frame[17].isin(STATES) & (frame[7] != frame[17])
    return int(pair.sum()), 0


def alone(which: str, path: Path) -> dict[str, float]:
    """Run one of them in a process of its own."""
    command = [sys.executable, __file__, which, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  (ourselves)
    return dict(json.loads(done.stdout))


def main() -> None:
    """Make the file, time both, print the ratio."""
    if len(sys.argv) > 1:
        which, path = sys.argv[1:]
        run = {"ours": ours, "theirs": theirs}[which]
        start = time.perf_counter()
        kept, malformed = run(Path(path))
        took = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"s": took, "mb": peak, "kept": kept, "malformed": malformed}))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "day.export.CSV"
        make(path)
        size = path.stat().st_size / 1e6
        us, them = alone("ours", path), alone("theirs", path)
    print(f"{ROWS:,} rows, {size:.0f} MB")
    for name, out in (("vallum", us), ("pandas", them)):
        print(
            f"{name}: {out['s']:.1f} s, peak {out['mb']:.0f} MB, {out['kept']:,.0f} events kept, "
            f"{out['malformed']:,.0f} malformed lines seen"
        )
    print(f"time {us['s'] / them['s']:.2f}, memory {us['mb'] / them['mb']:.2f} of pandas'")
    assert us["s"] < 20
    assert us["mb"] < 1000
    # what pandas takes beyond ours are malformed lines
    assert 0 <= them["kept"] - us["kept"] <= us["malformed"]


if __name__ == "__main__":
    main()
