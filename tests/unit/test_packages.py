"""Work packages of the built-in theatre: they add up to the line's bill."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from vallum.forces.packages import packages_of
from vallum.forces.packages_amounts import floods, pieces_on, sectors_of_line
from vallum.forces.programme_settings import ProgrammeSettings
from vallum.line import trace
from vallum.line.billed import bill_of
from vallum.line.course import follow
from vallum.works import WorksSettings


@pytest.fixture(scope="module")
def wide(sahel_plan):
    """Give the largest but few steps of the default frontier as if it had been chosen."""
    line, grid = sahel_plan.line, sahel_plan.theatre.grid
    km = line.plans.steps["line_km"].to_numpy()
    step = int(np.flatnonzero(km > 2000)[0])
    held = (line.plans.entry >= 0) & (line.plans.entry <= step)
    course = follow(line.plans.problem, held, line.plans.stakes.flank, grid)
    state = sahel_plan.theatre.ground["state"].to_numpy().ravel()
    names = [str(name) for name in sahel_plan.theatre.countries.index]
    labels = pd.DataFrame({"state": [names[n] for n in state], "composition": "", "surface": ""})
    drawn, sectors = trace.lines(
        course.runs, list(course.shares), labels, grid, sector_km=(50.0, 200.0)
    )
    return replace(line, step=step, held=held, course=course, line=drawn, sectors=sectors)


def test_packages_add_up_to_the_bill(sahel_plan, wide):
    found = packages_of(
        sahel_plan.theatre, sahel_plan.works, wide, ProgrammeSettings(), man_usd_yr=10_000.0
    )
    bill = bill_of(sahel_plan.works, wide.course, WorksSettings())
    table = found.table
    assert table["sector"].tolist() == wide.sectors["sector"].tolist()
    assert table["length_km"].to_numpy() == pytest.approx(wide.sectors["length_km"].to_numpy())
    assert table["company_days"].sum() == pytest.approx(bill.items["build_days"].sum())
    assert table["capital_usd"].sum() == pytest.approx(bill.totals["capital_usd"][1])
    for name, row in bill.materials.iterrows():
        assert table[f"t_{name}"].sum() == pytest.approx(row["tonnes"])
    assert table["haul_tkm"].sum() == pytest.approx(bill.materials["tonne_km"].sum())
    running = bill.totals["upkeep_usd_yr"][1] + 10_000.0 * bill.totals["men"][1]
    assert table["running_usd_yr"].sum() == pytest.approx(running)
    assert table["floods"].any()
    assert not table["floods"].all()
    assert all(
        bool(rains) == floods for rains, floods in zip(table["rains"], table["floods"], strict=True)
    )


def test_each_piece_has_all_lines_around_it(sahel_plan, wide):
    found = packages_of(
        sahel_plan.theatre, sahel_plan.works, wide, ProgrammeSettings(), man_usd_yr=10_000.0
    )
    named = [sector for piece in found.pieces for sector in piece.sectors]
    assert sorted(named) == found.table["sector"].tolist()
    benefit = wide.plans.steps["benefit"].to_numpy()[wide.step]
    assert sum(piece.value_usd_yr for piece in found.pieces) == pytest.approx(benefit)
    for inner in found.inner:
        assert set(inner.table["sector"]) <= set(inner.piece.sectors)
        home = next(piece for piece in found.pieces if piece.name == inner.within)
        assert inner.piece.value_usd_yr < home.value_usd_yr
        shared = set(inner.piece.sectors) - set(inner.table["sector"])
        assert shared <= set(home.sectors)


def test_edges_belong_to_sectors_in_order(wide):
    of_edge = sectors_of_line(wide.course, wide.sectors)
    table = wide.course.table
    assert np.unique(of_edge).tolist() == wide.sectors["sector"].tolist()
    lengths = table["length_km"].groupby(of_edge).sum().to_numpy()
    assert lengths == pytest.approx(wide.sectors["length_km"].to_numpy())


def test_pieces_are_numbered_by_size():
    held = np.array([[1, 0, 1], [0, 0, 1], [1, 0, 1]], bool)
    assert pieces_on(held).tolist() == [[1, -1, 0], [-1, -1, 0], [2, -1, 0]]


def test_sand_does_not_flood(sahel):
    wet = floods(sahel)
    sand = (sahel.ground["surface"].to_numpy() == 1) & ~sahel.ground["river"].to_numpy()
    assert wet.any()
    assert not wet[sand].any()
