"""Work spread over processes: the same results, in order, whoever dies."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from vallum.errors import InputError
from vallum.kernel.pool import Pool, cores


def test_here_and_in_one_and_two_processes_the_results_are_the_same_and_in_order():
    def work(shared, thing):
        return shared["by"] * thing

    things = list(range(20))
    here = Pool().map(work, {"by": 3}, things)
    assert here == [3 * thing for thing in things]
    for workers in (1, 2):
        assert Pool(workers).map(work, {"by": 3}, things) == here


def test_killing_one_of_two_workers_in_mid_run_changes_nothing(tmp_path):
    mark = tmp_path / "killed"

    def work(shared, thing):
        here, flag = shared
        if thing == 5 and os.getpid() != here and not Path(flag).exists():
            Path(flag).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return thing**2

    assert Pool(2).map(work, (os.getpid(), str(mark)), range(30)) == [n**2 for n in range(30)]
    assert mark.exists()  # one did die


def test_when_all_workers_die_the_rest_is_done_here():
    def work(here, thing):
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return -thing

    assert Pool(1).map(work, os.getpid(), range(4)) == [0, -1, -2, -3]


def test_errors_of_the_work_are_raised():
    def work(_shared, thing):
        raise ValueError(f"no {thing}")

    for pool in (Pool(), Pool(1)):
        with pytest.raises(ValueError, match="no 7"):
            pool.map(work, None, [7])


def test_a_scheduler_that_is_none_is_said():
    with pytest.raises(InputError, match="no scheduler"):
        Pool(scheduler="nonsense://x").map(lambda _shared, thing: thing, None, [1])


def test_there_is_a_core():
    assert cores() >= 1
    assert Pool(2).map(lambda _shared, thing: thing, None, []) == []
