"""A plan of half a million cells: every stage, within its memory."""

from __future__ import annotations

import pytest
from tests.oracles.memory import plan_within

pytestmark = [pytest.mark.shared, pytest.mark.slow]


def test_every_stage_at_two_km_within_its_memory(shared_at, tmp_path):
    # plans between steps take minutes here, and no more memory; they are tried at 5 km, and so are
    # several draws: each is made in another process
    plan_within(
        shared_at(2), tmp_path / "plan", 4.0, "line.refine=0", "robust.draws=1", "robust.workers=1"
    )
