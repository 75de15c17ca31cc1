"""What must hold of the ground at every cell size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vallum.theatre import Theatre, load
from vallum.theatre.states import EDGE_CELLS


def holds(theatre: Theatre) -> None:
    """Check every law on one theatre."""
    ground = theatre.ground
    state = ground["state"].to_numpy()
    land = state >= 0
    assert set(np.unique(state)) <= set(range(-1, len(theatre.countries)))

    member = theatre.member_mask
    rim = np.ones_like(member)
    rim[EDGE_CELLS:-EDGE_CELLS, EDGE_CELLS:-EDGE_CELLS] = False
    assert not (member & rim).any()

    people, urban = ground["people"].to_numpy(), ground["urban_people"].to_numpy()
    assert (urban >= 0).all()
    assert (people >= urban * (1 - 1e-12)).all()
    assert people[~land].sum() == 0
    for iso3, row in theatre.countries.iterrows():
        total = people[theatre.state_mask(str(iso3))].sum()
        assert total == pytest.approx(row["people_on_grid"], rel=1e-9)
        if row["rural_on_grid"] == 1:
            assert total == pytest.approx(row["people"], rel=1e-9)

    region = ground["region"].to_numpy()
    owner = theatre.regions["iso3"].to_numpy()[np.where(region < 0, 0, region)]
    names = theatre.countries.index.to_numpy()[np.where(land, state, 0)]
    assert (owner == names)[region >= 0].all()
    assert (region[member] >= 0).all()
    assert (region[~land] < 0).all()

    for name in ("elevation_m", "relief_m", "slope"):
        assert np.isfinite(ground[name].to_numpy()).all(), name
    assert (ground["relief_m"].to_numpy() >= 0).all()
    assert ((ground["surface"].to_numpy() == 0) == ~land).all()
    assert ((ground["climate"].to_numpy() == 0) == ~land).all()
    for name in ("road", "rail", "river", "coast", "disputed"):
        assert not ground[name].to_numpy()[~land].any(), name
    assert not (ground["disputed"].to_numpy() & member).any()


@pytest.mark.parametrize("cell_km", [2, 10, 50])
def test_at_the_usual_sizes(cell_km: float) -> None:
    holds(load("sahel", cell_km=cell_km))


@settings(max_examples=4, deadline=None, derandomize=True)
@given(cell_km=st.floats(4, 50))
def test_at_any_size(cell_km: float) -> None:
    holds(load("sahel", cell_km=cell_km))


def test_the_same_every_time() -> None:
    one, two = (load("sahel", cell_km=20) for _ in range(2))
    assert one.fingerprint == two.fingerprint
    assert one.ground.identical(two.ground)
    assert one.fingerprint != load("sahel", cell_km=25).fingerprint


def test_areas_of_the_members_at_every_size() -> None:
    areas = [load("sahel", cell_km=size).member_mask.sum() * size**2 for size in (5, 10, 25)]
    assert areas == pytest.approx([2_289_000] * 3, rel=0.004)
