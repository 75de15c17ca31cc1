"""The pace by covered ways comes from the settings, everywhere that a crossing is worked out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vallum.works import WorksSettings, explain, frontier, load_catalogue, price
from vallum.works.ground import Ground, GroundClass
from vallum.works.opponent import Opponent, covered_pace
from vallum.works.settings import assumptions
from vallum.works.sight import Cover
from vallum.works.tasks import COVERED_PACE, Scene, crossing

STATES = ["MLI", "MRT"]
# of the ground a tenth is in sight along covered approaches
HIDES = Cover(np.array([10.0]), np.array([1.0]), np.full((1, 1, 1), 0.9), np.full((1, 1, 1), 0.1))
LAND = (GroundClass("soil"), GroundClass("rock", wadis_per_km=0.4))


def test_the_setting_is_the_figure_of_a_crossing_that_is_given_no_other():
    pace = covered_pace(WorksSettings())
    assert (pace.low, pace.mode, pace.high) == (
        COVERED_PACE.low, COVERED_PACE.mode, COVERED_PACE.high,
    )  # fmt: skip
    assert pace.source == COVERED_PACE.source


def test_it_is_in_the_ledger_and_a_value_that_was_set_says_so():
    row = next(
        row
        for row in assumptions(WorksSettings(covered_pace=0.95))
        if row.key == "works.covered_pace"
    )
    assert (row.low, row.value, row.high) == (0.5, 0.95, 0.95)
    assert row.source.startswith("set to 0.95; default 0.7: judgement")


def test_a_frontier_takes_the_pace_of_its_settings():
    catalogue, threat = load_catalogue(), Opponent()
    ground = Ground(LAND, np.array([[0, 1]], np.int32), HIDES)
    slow = WorksSettings(covered_pace=0.3)
    set_so = frontier(catalogue, ground, threat, settings=slow, states=STATES)
    given = frontier(catalogue, ground, threat, states=STATES, pace=covered_pace(slow))
    usual = frontier(catalogue, ground, threat, states=STATES)
    for a, b, c in zip(set_so.classes, given.classes, usual.classes, strict=True):
        assert np.array_equal(a.p_e, b.p_e)
        # who is longer in sight is never stopped less
        assert a.p_e.max() > c.p_e.max()


def test_an_explanation_takes_it_too():
    """On one path, tasks of the approach take longer, and no others."""
    ground = Ground(LAND[:1], np.array([[0]], np.int32), HIDES)
    settings = WorksSettings(
        covered_pace=0.35, where_short="use", include=("fort_company",), max_barriers=0
    )
    works = price(ground, settings=settings, states=STATES)
    found = explain(works, 0, 0, settings, states=STATES)
    path = works.frontiers.paths[int(works.frontiers.classes[0].worst[found.chosen["point"]])]
    assert path.covered
    scene = Scene(LAND[0], works.catalogue, settings, works.threat, HIDES, covered_pace(settings))
    tasks = crossing(works.choices[0], path, scene)
    assert found.tasks["delay_s"].tolist() == [task[1] for task in tasks]
    usual = crossing(works.choices[0], path, replace(scene, pace=COVERED_PACE))
    approach = found.tasks["task"].str.startswith("approach").to_numpy()
    assert approach.any()
    for slow, before, nearing in zip(tasks, usual, approach, strict=True):
        assert slow[1] > before[1] if nearing else slow == before
