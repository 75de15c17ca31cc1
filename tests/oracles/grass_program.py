"""Debian's GRASS (grass-core), run in a temporary location; for tests and benchmarks."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["found", "run"]


def found() -> bool:
    """Whether GRASS is installed."""
    return shutil.which("grass") is not None


def run(folder: Path, rasters: dict[str, np.ndarray], script: str, cell: float) -> str:
    """Run a shell script in a location without projection that holds the rasters.

    NaN is null. `north` and `west` are 0, so row r, column c lies at
    east (c + 0.5) cell, north −(r + 0.5) cell. Outputs are written by the script
    (`r.out.bin output=NAME.out`) and read by `read`. Returns what it prints.
    """
    lines = ["set -e"]
    for name, raster in rasters.items():
        rows, columns = raster.shape
        raster.astype("<f8").tofile(folder / f"{name}.bin")
        lines.append(
            f"r.in.bin -d --q input={name}.bin output={name} order=native bytes=8 anull=nan "
            f"north=0 south={-rows * cell} west=0 east={columns * cell} "
            f"rows={rows} cols={columns}"
        )
        lines.append(f"g.region raster={name}")
    (folder / "script.sh").write_text("\n".join([*lines, script]) + "\n", "utf-8")
    done = subprocess.run(
        ["grass", "--tmp-location", "XY", "--exec", "bash", "script.sh"],
        cwd=folder,
        env=os.environ | {"HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or "ERROR" in done.stderr:
        raise RuntimeError(f"GRASS: {done.stderr[-2000:]}")
    return done.stdout


def read(folder: Path, name: str, shape: tuple[int, int]) -> np.ndarray:
    """Read `NAME.out`, written by `r.out.bin null=-1`: doubles, row by row; inf where null."""
    values = np.fromfile(folder / f"{name}.out", "<f8").reshape(shape)
    return np.where(values == -1, np.inf, values)
