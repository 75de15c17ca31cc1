"""A plan in a process of its own, and the most memory that it held."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["plan_within"]

PLAN = """
import sys, time
from vallum.cli import main
start = time.monotonic()
try:
    main(sys.argv[1:])
finally:
    # not ru_maxrss: that begins at what the process that started this one had
    peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
    gb = int(peak.split()[1]) / 1e6
    print("seconds", round(time.monotonic() - start), "GB", round(gb, 2))
"""


def plan_within(theatre: Path, out: Path, limit_gb: float, *more: str) -> None:
    """Make and write a plan with few draws, within so many GB."""
    few = (
        "robust.draws=2", "campaign.draws=10", "dividend.draws=200", "dividend.sobol=32",
        "accord.forces=false", *more,
    )  # fmt: skip
    command = ["plan", theatre, "--out", out, "-q"]
    command += [word for each in few for word in ("--set", each)]
    done = subprocess.run(
        [sys.executable, "-c", PLAN, *command],
        capture_output=True, text=True, check=True, timeout=1150,
    )  # fmt: skip
    print(f"plan of {theatre.name}: {done.stdout.strip()}")
    assert float(done.stdout.split()[-1]) < limit_gb
    assert (out / "brief.html").is_file()
