"""What must hold of any raster: totals kept, whatever its system, its cuts and its blocks."""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from vallum.theatre.bring import amounts
from vallum.theatre.bring.amounts import read_amount

_spec = importlib.util.spec_from_file_location(
    "rasters", Path(__file__).parents[1] / "fuzz" / "rasters.py"
)
assert _spec is not None
assert _spec.loader is not None
made = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(made)

AREA = made.make_area()
FINE = made.make_area(cell_km=7.5)
# each covers the states and reaches beyond them
SYSTEMS = {
    4326: (-2.9, 17.85, 5.8, 5.75),
    32630: (505_000, 1_990_000, 620_000, 640_000),
    3857: (-320_000, 2_020_000, 640_000, 660_000),
    made.LAEA: (-310_000, 310_000, 620_000, 620_000),
}


@st.composite
def rasters(draw):
    """Give values, a transform, a system, and the value for nothing."""
    crs = draw(st.sampled_from(list(SYSTEMS)))
    west, north, wide, high = SYSTEMS[crs]
    side = draw(st.integers(12, 150))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    kind = draw(st.sampled_from(["float32", "float64", "int32", "uint16"]))
    nodata = draw(st.sampled_from([None, 0, 65_535]))
    scale = draw(st.sampled_from([1, 100, 60_000]))
    values = (rng.random((side, side)) ** 4 * scale).astype(kind)
    if kind.startswith("float"):
        values[rng.random((side, side)) < 0.01] = np.nan
    elif nodata == 0:
        values[values == 0] = 1
    shift = draw(st.floats(0, 0.9))
    onto = Affine(
        wide / side, 0, west + shift * wide / side / 3, 0, -high / side, north - shift * high / side
    )
    return values, onto, crs, nodata


def read(case, area=AREA, *, side=1024, **more):
    values, onto, crs, nodata = case
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(amounts, "SIDE", side)
        path = made.write(Path(folder) / "r.tif", values, onto, crs, nodata=nodata)
        return read_amount(made.layer(path, **more), "population", area, units="things")


def parts(amount):
    return np.array([*amount.by_state, amount.beyond, amount.at_sea, amount.outside])


@settings(max_examples=25, deadline=None)
@given(rasters(), st.sampled_from([0, 10, 60]))
def test_nobody_is_lost_unsaid(case, ashore_km):
    amount, faults = read(case, ashore_km=ashore_km)
    if faults:  # zero over a member, by chance
        return
    values = np.where(np.isnan(case[0].astype(float)), 0, case[0].astype(float))
    values[case[0] == case[3]] = 0
    assert parts(amount).sum() == pytest.approx(values.sum(), rel=1e-9)
    assert amount.values.sum() == pytest.approx(amount.by_state.sum(), rel=1e-9)
    for code, total in enumerate(amount.by_state):
        assert amount.values[AREA.state == code].sum() == pytest.approx(total, rel=1e-9)
    assert (amount.values[AREA.state < 0] == 0).all()


@settings(max_examples=15, deadline=None)
@given(rasters(), st.sampled_from(["count", "density"]), st.integers(9, 300))
def test_blocks_do_not_show(case, values, side):
    one, faults = read(case, values=values)
    if faults:
        return
    two, _ = read(case, side=side, values=values)
    whole = parts(one).sum()
    assert np.allclose(parts(one), parts(two), rtol=1e-12, atol=1e-12 * whole)
    assert np.allclose(one.values, two.values, rtol=1e-9, atol=1e-12 * whole)


@settings(max_examples=15, deadline=None)
@given(rasters(), st.sampled_from(["count", "density"]))
def test_states_do_not_depend_on_the_cells(case, values):
    one, _ = read(case, values=values)
    two, _ = read(case, FINE, values=values)
    if one is None or two is None:  # holes are looked for at the cells' centres
        return
    whole = parts(one).sum()
    assert np.allclose(one.by_state, two.by_state, rtol=1e-12, atol=1e-12 * whole)
    assert one.at_sea == pytest.approx(two.at_sea, rel=1e-9, abs=1e-12 * whole)
    assert one.beyond == pytest.approx(two.beyond, rel=1e-9, abs=1e-12 * whole)


@settings(max_examples=15, deadline=None)
@given(rasters(), st.sampled_from(["count", "density"]))
def test_south_up_is_north_up(case, values):
    stored, onto, crs, nodata = case
    turned = Affine(onto.a, 0, onto.c, 0, -onto.e, onto.f + onto.e * stored.shape[0])
    one, faults = read(case, values=values)
    two, wrong = read((stored[::-1].copy(), turned, crs, nodata), values=values)
    assert len(faults) == len(wrong)
    if one is None:
        return
    whole = parts(one).sum()
    assert np.allclose(parts(one), parts(two), rtol=1e-9, atol=1e-12 * whole)


@settings(max_examples=10, deadline=None)
@given(rasters())
def test_turned_by_a_quarter_it_is_the_same(case):
    stored, onto, crs, nodata = case
    turned = Affine(0, onto.a, onto.c, onto.e, 0, onto.f)
    one, faults = read(case)
    two, _ = read((stored.T.copy(), turned, crs, nodata))
    if faults:
        return
    whole = parts(one).sum()
    assert np.allclose(parts(one), parts(two), rtol=1e-9, atol=1e-12 * whole)
