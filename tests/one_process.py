"""Commands of `vallum` that a shell starts, run within the process of the tests.

A reader's block of commands is run by bash as it stands. What bash finds as `vallum` is a small
script that hands its words, folder and streams to this process and ends as the command did. So
libraries are loaded once, and stages that several commands share are run once.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING

from vallum.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Commands"]

# of the standard library alone, and without site: it starts in some hundredths of a second
ASKING = """#!{python} -IS
import os, socket, sys
with socket.socket(socket.AF_UNIX) as line:
    line.connect({address!r})
    said = "\\0".join([os.getcwd(), *sys.argv[1:]]).encode()
    socket.send_fds(line, [len(said).to_bytes(4, "big")], [0, 1, 2])
    line.sendall(said)
    code = line.recv(1)
sys.exit(code[0] if code else 70)
"""


class Commands:
    """A place on the path with a `vallum` that this process runs.

    Attributes
    ----------
    folder
        To put first on the path.
    ran
        The words of each command that was run.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ran: list[list[str]] = []
        self._door = socket.socket(socket.AF_UNIX)
        address = str(folder / "door")
        self._door.bind(address)
        self._door.listen()
        script = folder / "vallum"
        script.write_text(ASKING.format(python=sys.executable, address=address), "utf-8")
        script.chmod(0o755)

    def close(self) -> None:
        """Let no more commands come."""
        self._door.close()

    def bash(self, text: str, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run a text in bash, and the commands of `vallum` in it here, on this thread."""
        path = os.pathsep.join([str(self.folder), str(Path(sys.executable).parent)])
        with (
            subprocess.Popen(
                ["bash", "-euo", "pipefail", "-c", text],
                cwd=folder,
                env={**os.environ, "PATH": os.pathsep.join([path, os.environ["PATH"]])},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            ) as shell,
            _gathered(shell.stdout) as out,
            _gathered(shell.stderr) as err,
        ):
            self._door.settimeout(0.05)
            while shell.poll() is None:
                with contextlib.suppress(TimeoutError):
                    self._serve(self._door.accept()[0])
        return subprocess.CompletedProcess(shell.args, shell.returncode, "".join(out), "".join(err))

    def _serve(self, line: socket.socket) -> None:
        """Run one command with its own folder and streams, and say how it ended."""
        with line:
            line.settimeout(None)
            size, streams, *_ = socket.recv_fds(line, 4, 3)
            with line.makefile("rb") as rest:
                folder, *words = rest.read(int.from_bytes(size, "big")).decode().split("\0")
            self.ran.append(words)
            with (
                os.fdopen(streams[0]),
                os.fdopen(streams[1], "w", encoding="utf-8") as out,
                os.fdopen(streams[2], "w", encoding="utf-8") as err,
                contextlib.chdir(folder),
                contextlib.redirect_stdout(out),
                contextlib.redirect_stderr(err),
            ):
                code = _code(words)
            line.sendall(bytes([code]))


def _code(words: list[str]) -> int:
    """Run a command; give its exit code."""
    try:
        main(words)
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


@contextlib.contextmanager
def _gathered(stream: IO[str] | None) -> Iterator[list[str]]:
    """Read all that comes, so that nobody waits for a full pipe."""
    assert stream is not None
    said: list[str] = []
    reader = threading.Thread(target=lambda: said.extend(stream))
    reader.start()
    try:
        yield said
    finally:
        reader.join()
