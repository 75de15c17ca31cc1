"""What holds for every item on every ground, and for every way of putting cells into classes."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from vallum.works import WorksSettings
from vallum.works.catalogue import SURFACES, Catalogue, Item, Material, Range
from vallum.works.cost import price_items, unit_costs
from vallum.works.ground import GroundClass
from vallum.works.ground.classes import cut, means
from vallum.works.ground.terrain import crossings_per_km, ground_slope

SLACK = 1 + 1e-9
SETTINGS = WorksSettings()
MATERIALS = MappingProxyType(
    {
        key: Material(key, key, frozenset(found), "t", Range(1.0, 1.5, 2.0))
        for key, found in (("stone", ["rock"]), ("steel", []))
    }
)


def ranges(low, high):
    three = st.tuples(*[st.floats(low, high)] * 3)
    return three.map(lambda ends: Range(*sorted(ends), "judgement: drawn"))


@st.composite
def items(draw, key="wall", *, fitting=False):
    material = st.dictionaries(st.sampled_from([*MATERIALS]), ranges(0.0, 1e4), max_size=2)
    return Item(
        id=key,
        text=key,
        role="fitting" if fitting else draw(st.sampled_from(["barrier", "fort", "sensor"])),
        unit="site" if fitting else draw(st.sampled_from(["km", "site"])),
        ground=frozenset(SURFACES.values()),
        capital_usd=draw(ranges(0.0, 1e6)),
        life_yr=draw(ranges(1.0, 50.0)),
        upkeep_usd_yr=draw(ranges(0.0, 1e5)),
        men=draw(ranges(0.0, 100.0)),
        end_usd=draw(ranges(0.0, 1e5)),
        burial=draw(ranges(1.0, 10.0)),
        build_days=draw(st.none() | ranges(0.0, 100.0)),
        slope_max=draw(st.none() | ranges(0.0, 1.0)),
        material=MappingProxyType(draw(material)),
        wadi="" if fitting else draw(st.sampled_from(["", "culvert"])),
    )


@st.composite
def catalogues(draw):
    made = [draw(items()), draw(items("other")), draw(items("culvert", fitting=True))]
    return Catalogue(
        MappingProxyType({item.id: item for item in made}),
        MappingProxyType({}),
        materials=MATERIALS,
    )


grounds = st.builds(
    GroundClass,
    surface=st.sampled_from([*SURFACES.values()]),
    slope=st.floats(0, 1),
    wadis_per_km=st.floats(0, 5),
    dunes=st.floats(0, 1),
    haul_km=st.dictionaries(st.sampled_from([*MATERIALS]), st.floats(0, 2000)),
)
more = st.floats(0, 1000)


def cost(catalogue, *classes):
    return unit_costs([*catalogue.items.values()], classes, catalogue, SETTINGS)


@given(catalogues(), grounds, more)
def test_longer_haul_more_wadis_more_dunes_are_never_cheaper(catalogue, ground, by):
    far = {key: ground.haul_km.get(key, 0.0) + by for key in MATERIALS}
    first, *worse = cost(
        catalogue,
        ground,
        replace(ground, haul_km=far),
        replace(ground, wadis_per_km=ground.wadis_per_km + by),
        replace(ground, dunes=min(1.0, ground.dunes + by)),
        replace(ground, slope=ground.slope + by),
    )
    for each in worse:
        assert (each * SLACK >= first).all()


@given(catalogues(), grounds)
def test_plain_ground_has_the_plain_price(catalogue, ground):
    every = [*catalogue.items.values()]
    plain = price_items(every, np.eye(3), SETTINGS).mode
    special = replace(ground, wadis_per_km=0.0, dunes=0.0, haul_km={}, slope=0.0)
    assert cost(catalogue, special)[0] == pytest.approx(plain)


@given(catalogues(), grounds)
def test_prices_of_items_and_of_their_sums_agree(catalogue, ground):
    every = [*catalogue.items.values()]
    ranged = price_items(every, np.eye(3), SETTINGS, ground=ground, catalogue=catalogue)
    assert ranged.mode == pytest.approx(cost(catalogue, ground)[0])
    for span in ranged.spans.values():
        assert (span.low <= span.mode).all()
        assert (span.mode <= span.high).all()
    split = ranged.spans["built_usd"].mode + ranged.spans["cover_usd"].mode
    assert split == pytest.approx(ranged.capital_usd)


@given(catalogues(), grounds, grounds)
def test_classes_are_priced_one_by_one(catalogue, one, other):
    together = cost(catalogue, one, other)
    assert together == pytest.approx(np.vstack([cost(catalogue, one), cost(catalogue, other)]))


@given(catalogues(), grounds, grounds, st.floats(0, 1))
def test_the_mean_of_hauls_has_the_mean_price(catalogue, one, other, share):
    """What classes of ground with mean hauls rest on; without wadis that need hauled fittings."""
    if any(item.slope_max for item in catalogue.items.values()):
        one = replace(one, slope=0.0)
    one = replace(one, wadis_per_km=0.0)
    other = replace(one, haul_km=other.haul_km)
    mean = {
        key: share * one.haul_km.get(key, 0.0) + (1 - share) * other.haul_km.get(key, 0.0)
        for key in MATERIALS
    }
    first, second, between = cost(catalogue, one, other, replace(one, haul_km=mean))
    assert between == pytest.approx(share * first + (1 - share) * second)


cells = st.integers(1, 40).flatmap(
    lambda n: st.tuples(
        npst.arrays(np.int64, (n, 2), elements=st.integers(0, 2)),
        npst.arrays(np.float64, (n, 2), elements=st.floats(0, 1e4)),
    )
)


@given(cells, st.integers(1, 20), st.floats(0, 100))
def test_classes_are_alike_few_and_keep_totals(drawn, most, fine):
    alike, costs = drawn
    of = cut(alike, costs, most=most, fine=fine)
    asked = len(np.unique(alike, axis=0))
    assert of.max() + 1 <= max(most, asked)
    first = [int(np.flatnonzero(of == n)[0]) for n in range(int(of.max()) + 1)]
    assert first == sorted(first)
    for n in range(len(first)):
        assert len(np.unique(alike[of == n], axis=0)) == 1
    for column in costs.T:
        assert means(of, column)[of].sum() == pytest.approx(column.sum())
    if of.max() + 1 < most:  # it stopped since nothing was worth a class
        for n in range(len(first)):
            assert (costs[of == n].std(axis=0) <= fine * SLACK + 1e-6).all()


@given(cells, st.integers(1, 20))
def test_more_classes_never_tell_less(drawn, most):
    alike, costs = drawn

    def error(count):
        of = cut(alike, costs, most=count, fine=0.0)
        return sum(float(((means(of, c)[of] - c) ** 2).sum()) for c in costs.T)

    assert error(most + 1) <= error(most) * SLACK + 1e-6


@given(st.floats(0, 1e4), st.floats(0, 1e4), st.floats(0.1, 1.0), st.floats(0.1, 1.0))
def test_slopes_rise_with_relief_and_roughness(relief, by, one, other):
    low, high = (ground_slope(np.array(r), np.array(0.0)) for r in (relief, relief + by))
    assert low <= high
    smooth, rough = (
        ground_slope(np.array(relief), np.array(0.0), hurst=h)
        for h in sorted([one, other], reverse=True)
    )
    assert smooth <= rough


@given(st.floats(0, 100))
def test_a_line_crosses_fewer_wadis_than_there_are_kilometres_of_them(density):
    assert crossings_per_km(np.array(density)) <= density
