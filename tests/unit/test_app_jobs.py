"""A plan in a process of its own is the plan, however often it was stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest

import vallum
from vallum import brief
from vallum.app.jobs.kept import FolderKept, mark_of
from vallum.app.sheet import Sheet, write
from vallum.errors import InputError

COARSE = ("theatre.cell_km=40", "robust.draws=0", "campaign.draws=10", "line.refine=0")


@pytest.fixture
def start(tmp_path):
    """Start a plan's process; those that still run are killed in the end."""
    started = []

    def begin(theatre="sahel"):
        chosen = vallum.load_settings(assignments=COARSE)
        asked = {
            "theatre": theatre, "text": write(Sheet("A", "sahel", chosen)), "language": "en",
            "kept": str(tmp_path / "kept"), "out": str(tmp_path / "out"),
        }  # fmt: skip
        process = subprocess.Popen(
            [sys.executable, "-m", "vallum.app.jobs.run"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(process)
        process.stdin.write(json.dumps(asked) + "\n")
        process.stdin.flush()
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()


def told(process, until=None):
    """Read what it says: all of it, or up to the beginning of a stage."""
    lines = []
    for line in process.stdout:
        lines.append(json.loads(line))
        if lines[-1].get("stage") == until and until:
            break
    return lines


def test_a_plan_that_was_killed_goes_on_to_the_same_bytes(start, coarse_plan, tmp_path):
    first = start()
    told(first, until="dividend")
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    kept = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "kept").iterdir()}
    assert {"threat.stage", "line.stage", "campaign.stage"} <= set(kept)
    assert not (tmp_path / "out").exists()
    again = start()
    lines = told(again)
    assert again.wait() == 0, again.stderr.read()
    assert lines[-1] == {"done": str(tmp_path / "out")}
    assert [line["stage"] for line in lines[:-1]] == [*vallum.plan.STAGES, "brief"]
    now = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "kept").iterdir()}
    assert {name: now[name] for name in kept if name.endswith(".stage")} == {
        name: at for name, at in kept.items() if name.endswith(".stage")
    }  # what was there was not made again
    whole = brief.write(coarse_plan, tmp_path / "whole").parent
    names = sorted(path.name for path in whole.iterdir())
    assert names == sorted(path.name for path in (tmp_path / "out").iterdir())
    differ = [
        name
        for name in names
        if (whole / name).read_bytes() != (tmp_path / "out" / name).read_bytes()
    ]
    assert differ == []


def test_a_plan_ends_with_whoever_waits_for_it(start):
    process = start()
    told(process, until="threat")
    process.stdin.close()
    assert process.wait(timeout=60) == 1


def test_a_fault_is_told_in_words(start):
    process = start(theatre="sahell")
    last = told(process)[-1]
    assert process.wait() == 2
    assert "did you mean 'sahel'" in last["failed"]
    assert "Traceback" not in process.stderr.read()


def test_what_is_kept_is_whole_and_of_this_plan(tmp_path):
    settings = vallum.load_settings(assignments=COARSE)
    mark = mark_of("sahel", settings)
    kept = FolderKept(tmp_path / "k", mark)
    assert not kept.has("line")
    with pytest.raises(KeyError):
        kept.get("line")
    kept.put("line", {"a": np.arange(3)})
    kept.put("theatre", object())
    assert kept.has("line")
    assert kept.get("line")["a"].tolist() == [0, 1, 2]
    assert not kept.has("theatre")
    other = mark_of("sahel", vallum.load_settings(assignments=[*COARSE, "seed=1"]))
    assert not FolderKept(tmp_path / "k", other).has("line")
    path = tmp_path / "k" / "line.stage"
    raw = path.read_bytes()
    for broken in (raw[:-1], raw[:40], b"", raw[:-1] + bytes([raw[-1] ^ 1])):
        path.write_bytes(broken)
        assert not kept.has("line")
    (tmp_path / "k").chmod(0o777)
    with pytest.raises(InputError, match="chmod 700"):
        FolderKept(tmp_path / "k", mark)
