"""The lines that were built: what is said of them holds together, and with our catalogue."""

from __future__ import annotations

import pytest

from vallum.works.catalogue import load_catalogue
from vallum.works.real_lines import load_real_lines

LINES = {line.id: line for line in load_real_lines()}


def test_ten_lines_each_with_its_source_and_something_to_compare():
    assert len(LINES) == 10
    for line in LINES.values():
        assert line.text
        assert "facts.md" in line.source
        assert "[R]" in line.source
        assert line.note
        spans = [line.men_per_km, line.capital_usd_km, line.usd_km_yr]
        assert any(spans), line.id
        for span in filter(None, spans):
            assert 0 < span[0] <= span[1], line.id


def test_ends_per_km_are_the_arithmetic_of_the_facts():
    # men and dollars over kilometres, as facts.md gives both
    assert LINES["morocco"].men_per_km == pytest.approx((100e3 / 2720, 160e3 / 2720), rel=0.01)
    assert LINES["morocco"].usd_km_yr == pytest.approx((2e6 * 365 / 2720,) * 2, rel=0.01)
    assert LINES["saudi_iraq"].men_per_km == pytest.approx((30e3 / 900,) * 2, rel=0.02)
    assert LINES["pakistan_afghanistan"].capital_usd_km == pytest.approx(
        (0.48e9 / 2611, 0.5e9 / 2611), rel=0.01
    )
    assert LINES["egypt_israel"].capital_usd_km == pytest.approx((450e6 / 245,) * 2, rel=0.01)
    assert LINES["turkey_syria"].capital_usd_km == pytest.approx((672e6 / 900,) * 2, rel=0.01)
    assert LINES["usa_mexico"].capital_usd_km == pytest.approx(
        (2.8e6 / 1.609, 7.5e6 / 1.609), rel=0.03
    )
    assert LINES["india_loc"].capital_usd_km == pytest.approx((20e6 / 54, 60e6 / 54), rel=0.02)
    assert LINES["morice"].men_per_km == pytest.approx((80e3 / 322, 250), rel=0.01)
    assert LINES["saudi_iraq"].capital_usd_km == pytest.approx((1.07e9 / 900,) * 2, rel=0.01)
    spacings = LINES["saudi_iraq"].every_km
    assert spacings["tower_radar"] == pytest.approx(900 / 50)
    assert spacings["fort_company"] == pytest.approx(900 / 32, rel=0.01)
    assert spacings["gate_market"] == pytest.approx(900 / 38, rel=0.02)
    assert LINES["pakistan_afghanistan"].every_km["fort_platoon"] == pytest.approx(
        2611 / 843, rel=0.01
    )


def test_what_stands_for_them_is_in_the_catalogue_counted_by_its_unit_and_lawful():
    items = load_catalogue().items
    for line in LINES.values():
        assert line.along, line.id
        for key, number in line.along.items():
            assert items[key].unit == "km", (line.id, key)
            assert number > 0
        for key, km in line.every_km.items():
            assert items[key].unit == "site", (line.id, key)
            assert km > 0
        assert not any(items[key].role == "mine" for key in line.quantities)


def test_quantities_per_km():
    assert LINES["morocco"].quantities == {
        "sand_wall": 1.0,
        "track": 1.0,
        "tower_radar": pytest.approx(1 / 15),
        "fort_company": 0.2,
    }
