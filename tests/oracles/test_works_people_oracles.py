"""People at the line against what the threat stage counts at real borders."""

from __future__ import annotations

import numpy as np
import pytest

from vallum.kernel.paths import passage
from vallum.threat.civilians import CiviliansSettings, civilians
from vallum.works.people import crossed, road_density, roads_cut
from vallum.worth import WorthSettings, value


@pytest.fixture(scope="module")
def moving(sahel):
    worth = value(sahel, WorthSettings())
    return civilians(sahel, worth, CiviliansSettings(), passage=passage)


def border_km(theatre, one: str, other: str) -> np.ndarray:
    """Km of border in each cell: a stair of cells is 4/π of a line of no preferred direction."""
    state = theatre.ground["state"].to_numpy()
    a, b = (state == list(theatre.countries.index).index(code) for code in (one, other))
    beside = np.zeros(state.shape)
    for axis in (0, 1):
        first = tuple(slice(None, -1) if n == axis else slice(None) for n in (0, 1))
        second = tuple(slice(1, None) if n == axis else slice(None) for n in (0, 1))
        meets = (a[first] & b[second]) | (b[first] & a[second])
        beside[first] += meets / 2
        beside[second] += meets / 2
    return beside * theatre.grid.cell_km * np.pi / 4


@pytest.mark.parametrize("kind", ["herders", "traders", "fleeing"])
def test_the_border_is_crossed_as_often_as_counted(sahel, moving, kind):
    """Journeys go more across it than along: between half of every crossing counted and all."""
    density = road_density(sahel.routes, sahel.grid)
    over = crossed(moving.cells, density, sahel.grid.cell_km)
    rate = over.journeys[kind] + (over.journeys["road"] if kind == "traders" else 0.0)
    expected = float((border_km(sahel, "MRT", "MLI") * rate).sum())
    table = moving.crossings_of_borders
    there = table[(table["kind"] == kind) & table["from"].isin(["MRT", "MLI"])
                  & table["to"].isin(["MRT", "MLI"])]  # fmt: skip
    assert 0.5 <= expected / float(there["gross"].sum()) <= 1.0


def test_no_kilometre_of_road_is_lost_or_counted_twice(sahel):
    grid = sahel.grid
    laid = sum(each.sum() for each in road_density(sahel.routes, grid).values()) * grid.cell_km**2
    roads = sahel.routes[sahel.routes["kind"] == "road"]
    assert laid == pytest.approx(roads.geometry.length.sum() / 1000, rel=1e-3)


def test_a_road_across_a_border_is_cut_by_it(sahel):
    """Every route named after two states is cut by the border of one of them."""
    lines = sahel.borders[sahel.borders["iso3"] == "MLI"].geometry.boundary
    cut = set(roads_cut(lines, sahel.routes)["route_id"])
    assert {"MRML-AYOUN-NIORO-BAMAKO", "MRML-NEMA-LERE", "RAIL-DAKAR-NIGER"} <= cut
    assert "MR-NKC-ATAR" not in cut
