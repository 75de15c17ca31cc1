"""Work spread over processes: the same results, in order, whoever dies."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import socket
import subprocess
import sys
from pathlib import Path

import distributed
import pytest

from vallum.errors import Fault, FetchError, InfeasibleError, InputError
from vallum.kernel import pool as pools
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


def test_errors_are_the_same_in_another_process():
    fault = Fault("line", "key", "found", "mend it")
    for error in (InfeasibleError([fault, fault]), FetchError(fault)):
        copy = pickle.loads(pickle.dumps(error))  # noqa: S301  (our own bytes)
        assert type(copy) is type(error)
        assert str(copy) == str(error)
        assert vars(copy) == vars(error)


def test_a_port_that_is_taken_is_no_matter():
    with socket.socket() as taken:
        with contextlib.suppress(OSError):  # dask's usual one; somebody else's will do as well
            taken.bind(("127.0.0.1", 8787))
            taken.listen()
        assert Pool(1).map(lambda by, thing: by * thing, 2, [1, 2]) == [2, 4]


def test_workers_that_never_come_are_not_waited_for(monkeypatch):
    def start(_address):
        return subprocess.Popen([sys.executable, "-c", "raise SystemExit(1)"])

    monkeypatch.setattr(pools, "_start", start)
    assert Pool(2).map(lambda by, thing: by * thing, 2, [1, 2]) == [2, 4]


def test_a_cluster_is_used_and_one_without_workers_is_said(monkeypatch):
    monkeypatch.setattr(pools, "_PATIENCE_S", 1)
    cluster = distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol="tcp", host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
    )  # fmt: skip
    with cluster:
        pool = Pool(scheduler=cluster.scheduler_address)
        assert pool.map(lambda by, thing: by * thing, 2, range(9)) == [2 * n for n in range(9)]
    with distributed.LocalCluster(
        n_workers=0, processes=False, protocol="tcp", host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
    ) as idle, pytest.raises(InputError, match=r"no worker came .* dask worker"):  # fmt: skip
        Pool(scheduler=idle.scheduler_address).map(lambda by, thing: by * thing, 2, [1])


def test_a_scheduler_that_is_none_is_said():
    with pytest.raises(InputError, match="no scheduler"):
        Pool(scheduler="nonsense://x").map(lambda _shared, thing: thing, None, [1])


def test_there_is_a_core():
    assert cores() >= 1
    assert Pool(2).map(lambda _shared, thing: thing, None, []) == []
