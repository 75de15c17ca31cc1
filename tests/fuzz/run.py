"""Damage thousands of files of every kind and read them: `make fuzz`.

    python tests/fuzz/run.py [N] [SEED]

Of N files (10,000 unless said) two thirds are tables, and a sixth each rasters and vector files. A
traceback, a hang, or a total that differs from an independent reading ends it with an error.
"""

from __future__ import annotations

import runpy
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    """Run all three and print what came of the files."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    print(f"{count} files, seed {seed}")
    for name, share in (("tables", 4), ("rasters", 1), ("vectors", 1)):
        fuzz = runpy.run_path(str(HERE / f"{name}.py"))[f"fuzz_{name}"]
        start = time.monotonic()
        print(name, fuzz(-(-count * share // 6), seed), f"{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
