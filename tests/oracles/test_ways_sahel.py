"""The Sahel's ways on cells of two sizes: an answer that hung on the cells would be none."""

from __future__ import annotations

import pytest

import vallum
from vallum.threat import ThreatSettings, assess
from vallum.threat.ways import PassageSettings
from vallum.worth import WorthSettings, value


@pytest.fixture(scope="module")
def both(sahel):
    settings = ThreatSettings(passage=PassageSettings(draws=200, most_cells=10_000))
    theatres = sahel, vallum.load_theatre("sahel", cell_km=10.0)
    return [assess(each, value(each, WorthSettings()), settings).ways for each in theatres]


def test_cells_of_25_and_of_10_km_tell_the_same_shares(both):
    # a block of 100 km beside a border is stood for by one cell, which other cells may put on the
    # other side of it (with some ten such blocks of eighty, a tenth of the journeys); and Bamako,
    # a region of 250 km², is a target of its own at 10 km and a part of Koulikoro at 25
    coarse, fine = both
    assert coarse.cell_km != fine.cell_km
    for name in ("through", "claimed"):
        one, two = (getattr(each, name).set_index("iso3") for each in both)
        for iso3 in one.index[one["mid"] > 0.05]:
            gap = abs(one.loc[iso3, "mid"] - two.loc[iso3, "mid"])
            assert gap <= 0.1, (name, iso3)
            # what the cells change is well inside what the assumptions leave open
            assert two.loc[iso3, "low"] <= one.loc[iso3, "mid"] <= two.loc[iso3, "high"]
    assert coarse.from_outside[1] == pytest.approx(fine.from_outside[1], abs=0.05)
    assert coarse.journeys_yr[1] == pytest.approx(fine.journeys_yr[1], rel=0.05)


def test_first_entrances_add_up_and_nothing_is_lost(both):
    for ways in both:
        assert ways.entering.groupby("member")["mid"].sum().to_numpy() == pytest.approx(1.0)
        assert ways.imbalance <= 1e-9
        assert ways.corridors["mid"].sum() <= 1
