"""What is made once per run of the tests: sharing it, nested or not, is no other result."""

from __future__ import annotations

import multiprocessing

import pytest
from tests import plans

from vallum import worth


@pytest.fixture
def asked(monkeypatch):
    calls = []

    def value(theatre):
        calls.append(theatre)
        return ["made", theatre]

    monkeypatch.setattr(worth, "value", value)
    return calls


def test_a_stage_runs_once_and_anew_once_forgotten(asked, tmp_path) -> None:
    once = plans.Once(tmp_path)
    with once.shared():
        first = worth.value("sahel")
        assert worth.value("sahel") is first
        assert worth.value(["a"]) == ["made", ["a"]]
        once.forget()
        assert worth.value("sahel") == first == ["made", "sahel"]
    assert asked == ["sahel", ["a"], "sahel"]
    worth.value("sahel")
    assert len(asked) == 4


def test_sharing_within_sharing_does_not_wait_for_itself(asked, tmp_path) -> None:
    # by the same hand, and by another's on the same folder
    once, other = plans.Once(tmp_path), plans.Once(tmp_path)
    with once.shared(), once.shared(), other.shared():
        assert worth.value("sahel") == ["made", "sahel"]
    assert asked == ["sahel"]
    with other.shared():
        assert worth.value("sahel") == ["made", "sahel"]
    assert asked == ["sahel"]  # what lies in the folder is read


def test_who_holds_a_lock_is_told_so_and_others_wait(tmp_path) -> None:
    lock = tmp_path / "a.lock"
    spawn = multiprocessing.get_context("spawn")
    there, come = spawn.Event(), spawn.Event()
    with plans.alone(lock):
        with pytest.raises(RuntimeError, match="held here already"), plans.alone(lock):
            pass
        waiting = spawn.Process(target=_enter, args=(lock, there, come))
        waiting.start()
        assert there.wait(60)
        assert not come.wait(0.5)
    assert come.wait(60)
    waiting.join(60)
    assert waiting.exitcode == 0
    with plans.alone(lock):
        pass


def _enter(lock, there, come) -> None:
    there.set()
    with plans.alone(lock):
        come.set()
