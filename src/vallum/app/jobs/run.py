"""One plan in a process of its own: it can be stopped at once, and harms nobody when it fails.

Started by `python -m vallum.app.jobs.run`, with one line of JSON on standard input: `theatre`,
`text` (TOML of a scenario), `language`, and `work`: a folder whose `kept` holds finished stages,
and into whose `out` the plan is written. Standard input stays open as long as somebody waits for
the plan: when it ends, so does the process. On standard output comes a line of JSON for each thing
that happens: `{"stage": "line"}` when a stage begins, and last `{"done": "/the/folder"}`,
`{"failed": "faults, in words"}` or, for a fault of ours, `{"broken": "the kind of error"}`, whose
traceback goes to standard error.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from vallum import brief, plan
from vallum.app.jobs.kept import FolderKept, mark_of
from vallum.app.jobs.process import end_with_parent
from vallum.app.sheet import read
from vallum.errors import VallumError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["main"]

FAILED, BROKEN = 2, 1
NICE = 19
NICENESS = "VALLUM_PLAN_NICENESS"  # a machine that does nothing else may set less


def main() -> int:
    """Make the plan that standard input asks for.

    Returns
    -------
    int
        Exit code: 0 done, 2 failed for a fault of the input, 1 for one of ours.
    """
    asked = json.loads(sys.stdin.readline())
    _give_way()
    threading.Thread(target=end_with_parent, daemon=True).start()
    try:
        folder = _made(asked)
    except VallumError as error:
        _say(failed=str(error))
        return FAILED
    except Exception as error:  # noqa: BLE001  (whatever it is, the server must hear of it)
        traceback.print_exc()
        _say(broken=type(error).__name__)
        return BROKEN
    _say(done=str(folder))
    return 0


def _made(asked: Mapping[str, str]) -> Path:
    """Make the plan, from the first stage that isn't kept, and write its folder."""
    theatre, work = asked["theatre"], Path(asked["work"]).expanduser()
    settings = read(asked["text"], theatre=theatre).settings
    _say(stage=plan.STAGES[0])
    ground = plan.ground_of(theatre, settings)
    kept = FolderKept(work / "kept", mark_of(ground, settings), ground)
    made = plan.make(theatre, settings, progress=_begin, kept=kept)
    _say(stage="brief")
    # without the files of single forts and ways, which nobody fetches from a server
    return brief.write(made, work / "out", language=asked["language"]).parent


def _begin(stage: str) -> None:
    """Tell of a stage; of the first it is told before the theatre is read."""
    if stage != plan.STAGES[0]:
        _say(stage=stage)


def _say(**what: str) -> None:
    """Tell whoever waits."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _give_way() -> None:
    """Let those who wait at the page go first; pools inherit it."""
    given = os.environ.get(NICENESS, "")
    if sys.platform != "win32":
        os.nice(int(given) if given.isdecimal() and int(given) <= NICE else NICE)


if __name__ == "__main__":
    sys.exit(main())
