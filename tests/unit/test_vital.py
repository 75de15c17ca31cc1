"""How closely people and output are gathered: by hand, by brute force, and in the record."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vallum.brief.record_worth import record_worth, share_key
from vallum.worth.vital import ALL, SHARES, gathered, least_share


def test_by_hand():
    values = np.array([1.0, 5.0, 0.0, 2.0, 2.0])
    assert least_share(values, 0.5) == pytest.approx(1 / 5)
    assert least_share(values, 0.51) == pytest.approx(2 / 5)
    assert least_share(values, 0.95) == pytest.approx(4 / 5)
    assert math.isnan(least_share(np.zeros(3), 0.5))


@given(st.lists(st.integers(0, 9), min_size=1, max_size=7), st.sampled_from(SHARES))
def test_no_fewer_cells_hold_the_share(values, share):
    total = sum(values)
    if not total:
        return
    fewest = next(
        size
        for size in range(1, len(values) + 1)
        if any(
            sum(chosen) >= share * total - 1e-9 for chosen in itertools.combinations(values, size)
        )
    )
    assert least_share(np.array(values, float), share) == pytest.approx(fewest / len(values))


def test_the_record_has_every_member_and_all(coarse_plan):
    states = record_worth(coarse_plan)["states"]
    assert set(states) == {*coarse_plan.theatre.members, ALL}
    assert sum(states[iso3]["people"] for iso3 in coarse_plan.theatre.members) == pytest.approx(
        states[ALL]["people"]
    )
    for own in states.values():
        for what in ("people_land", "output_land"):
            lands = [own[what][share_key(share)] for share in SHARES]
            assert [land["mid"] for land in lands] == sorted(land["mid"] for land in lands)
            assert all(land["low"] <= land["mid"] <= land["high"] for land in lands)


def test_townsmen_that_count_more_gather_output(coarse_plan):
    settings = coarse_plan.settings.worth
    table = gathered(coarse_plan.theatre, settings, coarse_plan.worth)
    row = table[(table["state"] == ALL) & (table["what"] == "output") & (table["share"] == 0.5)]
    assert float(row["low"].iloc[0]) < float(row["land"].iloc[0]) < float(row["high"].iloc[0])
    people = table[table["what"] == "people"]
    assert (people["low"] == people["high"]).all()
