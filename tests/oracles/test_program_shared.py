"""Covers against others' data: spopt's San Francisco."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from vallum.kernel.program import cover


@pytest.mark.shared
def test_san_francisco_needs_eight_stores(shared):
    # spopt's location set covering problem: 205 tracts, each within 5,000 m of a store
    name = "SF_network_distance_candidateStore_16_censusTract_205_new.csv"
    table = pd.read_csv(shared / "data" / "checks" / "spopt" / name)
    away = table.pivot_table(index="name", columns="DestinationName", values="distance")
    assert away.shape == (16, 205)
    found = cover(np.ones(16), (away <= 5000.0).to_numpy())
    assert found.chosen.size == 8
    assert found.cost == found.bound == 8.0
