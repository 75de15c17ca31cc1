"""Interruption by hand and by the published case."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from vallum.errors import InputError
from vallum.works import interruption
from vallum.works.easi import AFTER_DETECTION, interruption_array

# Garcia's textbook case: detection, mean and deviation of the delay in s, at the task's beginning
BASE = [
    (0.0, 10.0, 3.0, "begin"),
    (0.0, 12.0, 3.6, "begin"),
    (0.9, 90.0, 27.0, "begin"),
    (0.0, 10.0, 3.0, "begin"),
    (0.9, 90.0, 27.0, "begin"),
    (0.0, 120.0, 36.0, "begin"),
]
CASE = {"communication": 0.95, "response_s": 300.0, "response_sd_s": 90.0}


def moved(where):
    return [(d, t, s, where) for d, t, s, _ in BASE]


@pytest.mark.parametrize(
    ("tasks", "change", "expected"),
    [
        (BASE, {}, 0.4760407299690303),
        (moved("middle"), {}, 0.31941819886),
        (moved("end"), {}, 0.18516039236),
        (BASE, {"response_s": 200.0, "response_sd_s": 60.0}, 0.83050843102),
        ([(0.9, *BASE[0][1:]), *BASE[1:]], {}, 0.57810614467),
    ],
)
def test_textbook_case_and_variants(tasks, change, expected):
    assert interruption(tasks, **{**CASE, **change}) == pytest.approx(expected, abs=1e-6)


def test_anchors_of_the_design(shared):
    anchor = json.loads((shared / "design" / "anchors.json").read_text())["easi_garcia_base"]
    places = {"B": "begin", "M": "middle", "E": "end"}
    tasks = [(d, t, s, places[where]) for _, d, where, t, s in anchor["tasks"]]
    case = {
        "communication": anchor["PC"],
        "response_s": anchor["RFT_mean"],
        "response_sd_s": anchor["RFT_sd"],
    }
    variants = anchor["variants"]
    assert interruption(tasks, **case) == pytest.approx(anchor["P_I"], abs=1e-6)
    wrong = variants["if misses use 1-PD*PC (wrong reading)"]
    assert abs(interruption(tasks, **case) - wrong) > 1e-3
    still = [(d, t, 0.0, where) for d, t, _, where in tasks]
    for response in (300, 200):
        sure = interruption(still, communication=1, response_s=response, response_sd_s=0)
        expected = variants[f"deterministic CDP no PC, RFT {response}"]
        assert sure == pytest.approx(expected, abs=1e-12)


def test_one_task_is_the_normal_distribution():
    got = interruption(
        [(1.0, 400.0, 30.0, "begin")], communication=1.0, response_s=350.0, response_sd_s=40.0
    )
    assert got == pytest.approx(0.5 * (1 + math.erf(1.0 / math.sqrt(2))))


@pytest.mark.parametrize(("response", "expected"), [(99.0, 1.0), (100.0, 0.5), (101.0, 0.0)])
def test_where_nothing_is_random_it_is_a_step(response, expected):
    task = [(1.0, 100.0, 0.0, "begin")]
    got = interruption(task, communication=1.0, response_s=response, response_sd_s=0.0)
    assert got == expected


def test_no_task_no_interruption():
    assert interruption([], **CASE) == 0.0


def test_all_faults_at_once():
    tasks = [
        (1.2, -1.0, float("nan"), "begin"),
        (0.5, 1.0, 1.0, "start"),
        (0.5, 1.0, 1.0),
        (True, math.inf, 1.0, "middle"),
    ]
    with pytest.raises(InputError) as caught:
        interruption(tasks, communication=-0.1, response_s=float("nan"), response_sd_s=-1.0)
    places = [fault.place for fault in caught.value.faults]
    assert places == [
        "communication",
        "response_s",
        "response_sd_s",
        "tasks[0].detection",
        "tasks[0].delay_s",
        "tasks[0].delay_sd_s",
        "tasks[1].where",
        "tasks[2]",
        "tasks[3].detection",
        "tasks[3].delay_s",
    ]
    assert "begin" in str(caught.value)


def test_padding_changes_nothing():
    columns = [np.array([[*(task[k] for task in BASE), 0.0, 0.0]]) for k in range(3)]
    after = np.array([[*(AFTER_DETECTION[task[3]] for task in BASE), 0.0, 0.0]])
    got = interruption_array(
        *columns,
        after,
        communication=np.float64(0.95),
        response_s=np.array([300.0]),
        response_sd_s=np.array([90.0]),
    )
    assert got.shape == (1,)
    assert got[0] == pytest.approx(0.4760407299690303, abs=1e-12)


def test_more_detection_can_lower_it_where_a_later_task_is_surer():
    """The law has a limit: early sight of a very uncertain delay shades out a sure late one."""
    late = (1.0, 310.0, 0.0, "begin")
    case = {"communication": 1.0, "response_s": 300.0, "response_sd_s": 0.0}
    without = interruption([(0.0, 10.0, 500.0, "begin"), late], **case)
    with_early = interruption([(0.9, 10.0, 500.0, "begin"), late], **case)
    assert without == 1.0
    assert with_early < without
