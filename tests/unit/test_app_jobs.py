"""A plan in a process of its own is the plan, however often it was stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import psutil
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

    def begin(theatre="sahel", *changes):
        chosen = vallum.load_settings(assignments=[*COARSE, *changes])
        asked = {
            "theatre": theatre, "text": write(Sheet("A", "sahel", chosen)), "language": "en",
            "work": str(tmp_path),
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


def keep(plan, folder, *changes, until):
    """Keep a plan's stages before one of them, as its process would have."""
    settings = vallum.load_settings(assignments=[*COARSE, *changes])
    kept = FolderKept(folder / "kept", mark_of(plan.theatre, settings), plan.theatre)
    for stage in vallum.plan.STAGES[: vallum.plan.STAGES.index(until)]:
        if stage != "bill":  # it is made anew each time
            found = getattr(plan, stage)
            kept.put(stage, (plan.works, plan.line) if stage == "line" else found)
    return {path.name: path.stat().st_mtime_ns for path in (folder / "kept").iterdir()}


def test_a_plan_that_was_killed_goes_on_to_the_same_bytes(start, coarse_plan, tmp_path):
    before = keep(coarse_plan, tmp_path, until="dividend")
    first = start()
    told(first, until="accord")
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    kept = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "kept").iterdir()}
    assert set(kept) >= {"threat.stage", "line.stage", "campaign.stage", "dividend.stage"}
    assert {name: kept[name] for name in before} == before  # what was there was not made again
    assert not (tmp_path / "out").exists()
    again = start()
    lines = told(again)
    assert again.wait() == 0, again.stderr.read()
    assert lines[-1] == {"done": str(tmp_path / "out")}
    assert [line["stage"] for line in lines[:-1]] == [*vallum.plan.STAGES, "brief"]
    assert all((tmp_path / "kept" / name).stat().st_mtime_ns == kept[name] for name in kept)
    whole = brief.write(coarse_plan, tmp_path / "whole").parent
    names = sorted(path.name for path in whole.iterdir())
    assert names == sorted(path.name for path in (tmp_path / "out").iterdir())
    assert not any("RESTRICTED" in name for name in names)
    differ = [
        name
        for name in names
        if (whole / name).read_bytes() != (tmp_path / "out" / name).read_bytes()
    ]
    assert differ == []


def test_a_plan_ends_with_whoever_waits_for_it_and_so_does_its_pool(start, coarse_plan, tmp_path):
    pool = ("campaign.draws=200", "campaign.workers=1")
    keep(coarse_plan, tmp_path, *pool, until="campaign")
    process = start("sahel", *pool)
    told(process, until="campaign")
    top, end = psutil.Process(process.pid), time.monotonic() + 60
    while not (pooled := top.children(recursive=True)):
        assert time.monotonic() < end
        time.sleep(0.05)
    process.stdin.close()
    assert process.wait(timeout=60) == 1
    _, alive = psutil.wait_procs(pooled, timeout=10)
    assert alive == []


def test_a_fault_is_told_in_words(start):
    process = start(theatre="sahell")
    last = told(process)[-1]
    assert process.wait() == 2
    assert "did you mean 'sahel'" in last["failed"]
    assert "Traceback" not in process.stderr.read()


def test_what_is_kept_is_whole_and_of_this_plan(coarse_plan, tmp_path, monkeypatch, caplog):
    settings, ground = vallum.load_settings(assignments=COARSE), coarse_plan.theatre
    mark = mark_of(ground, settings)
    kept = FolderKept(tmp_path / "k", mark, ground)
    assert not kept.has("line")
    with pytest.raises(KeyError):
        kept.get("line")
    kept.put("line", {"a": np.arange(3)})
    kept.put("theatre", object())
    assert kept.has("line")
    assert kept.get("line")["a"].tolist() == [0, 1, 2]
    assert kept.get("theatre") is ground
    assert [path.name for path in (tmp_path / "k").iterdir()] == ["line.stage"]
    for other in (
        mark_of(ground, vallum.load_settings(assignments=[*COARSE, "seed=1"])),
        mark_of(replace(ground, fingerprint="another"), settings),
    ):
        assert not FolderKept(tmp_path / "k", other, ground).has("line")
    with monkeypatch.context() as patch:
        patch.setattr("vallum.app.jobs.kept.version", lambda name: f"{name} 0")
        assert mark_of(ground, settings) != mark
    path = tmp_path / "k" / "line.stage"
    raw = path.read_bytes()
    for broken in (raw[:-1], raw[:40], b"", raw[:-1] + bytes([raw[-1] ^ 1])):
        path.write_bytes(broken)
        assert not kept.has("line")
    kept.put("line", Unreadable())  # as of a library that has changed meanwhile
    assert not kept.has("line")
    assert "line" in caplog.text
    kept.put("line", 1)
    (tmp_path / "k" / f"works.{os.getpid()}.part").mkdir()
    kept.put("works", 2)  # which the disk refuses
    assert (kept.has("line"), kept.has("works")) == (True, False)
    (tmp_path / "k").chmod(0o777)
    with pytest.raises(InputError, match="chmod 700"):
        FolderKept(tmp_path / "k", mark, ground)


class Unreadable:
    def __reduce__(self):
        return int, ("no number",)
