"""A few hundred damaged rasters; `tests/fuzz/rasters.py` does as many as one likes."""

from __future__ import annotations

import importlib.util
from pathlib import Path

_spec = importlib.util.spec_from_file_location(
    "rasters", Path(__file__).parents[1] / "fuzz" / "rasters.py"
)
assert _spec is not None
assert _spec.loader is not None
made = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(made)


def test_damaged_rasters_are_refused_or_read_as_they_stand():
    tally = made.fuzz_rasters(200, seed=20260131)
    print(tally)
    assert sum(tally.values()) == 200
    assert tally["refused"] > 50
    assert tally["read, the same total"] > 10
