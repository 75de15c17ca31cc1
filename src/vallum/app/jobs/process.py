"""Processes of plans, each with all that it starts, which end at once."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import psutil  # type: ignore[import-untyped]

from vallum.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["ONE_THREAD", "Processes", "end_with_children", "end_with_parent", "packed"]

ONE_THREAD = (  # what workers are started with
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"
)  # fmt: skip
COMMAND = (sys.executable, "-m", "vallum.app.jobs.run")
_REMEMBERED = 1_000  # tries that were ended, for those that begin only afterwards
_TAIL = 20_000  # characters of what a broken process wrote


class Processes:
    """Those that run beside a worker, by the name of their try."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._running: dict[str, subprocess.Popen[str]] = {}
        self._ended: list[str] = []

    def run(
        self, token: str, asked: Mapping[str, Any], tell: Callable[[str], None]
    ) -> dict[str, Any]:
        """Make a plan.

        Parameters
        ----------
        token
            Name of the try.
        asked
            What `vallum.app.jobs.run` reads, and beside it `work`, the folder of the plan;
            `zipped`, whether the files come back as bytes; and `command`, for tests.
        tell
            Called with each stage that begins.

        Returns
        -------
        dict
            What it said last, as `vallum.app.jobs.run` tells, and `zip` where it was asked for.
            Where it was broken or died, `log`: what it wrote to standard error.
        """
        work = Path(asked["work"]).expanduser()
        try:
            work.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            mend = "free space on the disk, or give the service's user access, and resume the plan"
            return {"failed": str(Fault(str(work), "", error.strerror or str(error), mend))}
        with (work / "log.txt").open("w+", encoding="utf-8", errors="replace") as log:
            process = self._start(token, asked.get("command", COMMAND), log)
            if process is None:
                return {}
            try:
                said = _heard(process, {**asked, "work": str(work)}, tell)
            finally:
                with self._turn:
                    del self._running[token]
                _close(process)
            if "done" not in said and "failed" not in said:
                log.seek(0)
                said["log"] = log.read()[-_TAIL:]
        if "done" in said and asked["zipped"]:
            said["zip"] = packed(Path(said["done"]))
            shutil.rmtree(work, ignore_errors=True)
        return said

    def end(self, token: str) -> None:
        """End a try, whether it runs or is still to begin."""
        with self._turn:
            self._ended = [*self._ended[-_REMEMBERED:], token]
            if token in self._running:
                end_with_children(self._running[token].pid)

    def end_all(self) -> None:
        """End all that run."""
        for token in list(self._running):
            self.end(token)

    def _start(
        self, token: str, command: tuple[str, ...], log: IO[str]
    ) -> subprocess.Popen[str] | None:
        """Start a process; None where its try was ended before."""
        with self._turn:
            if token in self._ended:
                return None
            process = subprocess.Popen(  # noqa: S603  (our own interpreter and module)
                command,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, encoding="utf-8",
                # an interrupt at the keyboard is the server's; a session of its own would have
                # Linux share the processor by sessions, whatever the niceness
                process_group=0,
                # it is no worker: it has as many threads as `vallum plan`, and makes the same plan
                env={key: value for key, value in os.environ.items() if key not in ONE_THREAD},
            )  # fmt: skip
            self._running[token] = process
        return process


def end_with_children(pid: int) -> None:
    """Kill a process and all that it started, also those in groups of their own."""
    with contextlib.suppress(psutil.NoSuchProcess):
        top = psutil.Process(pid)
        top.suspend()  # it starts no more of them while they are listed
        for one in [*top.children(recursive=True), top]:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()


def end_with_parent() -> None:
    """End this process, and those it started, when standard input does: nobody waits any more."""
    while sys.stdin.readline():
        pass
    for one in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()  # pools: each has a group of its own
    os._exit(1)


def packed(folder: Path) -> bytes:
    """Put a folder's files into a zip file, for a server on another machine."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                file.write(path, path.relative_to(folder).as_posix())
    return held.getvalue()


def _heard(
    process: subprocess.Popen[str], asked: Mapping[str, Any], tell: Callable[[str], None]
) -> dict[str, Any]:
    """Say what is to be done, and hear the process out; standard input stays open meanwhile."""
    if process.stdin is None or process.stdout is None:
        raise AssertionError("a process was started without its pipes")
    with contextlib.suppress(OSError):  # it died at once
        process.stdin.write(json.dumps(dict(asked)) + "\n")
        process.stdin.flush()
    last: dict[str, Any] = {}
    for line in process.stdout:
        with contextlib.suppress(ValueError):  # cut short by its end, or a library's own print
            said = json.loads(line)
            if isinstance(said, dict):
                if "stage" in said:
                    tell(said["stage"])
                else:
                    last = said
    return last


def _close(process: subprocess.Popen[str]) -> None:
    """End a process that may have ended, and let go of it."""
    end_with_children(process.pid)
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    process.wait()
