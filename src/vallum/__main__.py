"""Run the command line: `vallum`, or `python -m vallum`."""

from __future__ import annotations

import os
import signal
import sys

__all__ = ["main"]


def main() -> None:
    """Load the commands and run one; an interrupt while they load ends as quietly as later.

    Some libraries turn an interrupt that comes while they load into a fault of their own. Nothing
    has begun by then, so the process simply ends.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:  # one that is ignored stays ignored
        signal.signal(signal.SIGINT, _stop)
    from vallum.cli import main as command  # noqa: PLC0415 - what takes time is this

    try:
        signal.signal(signal.SIGINT, before)
        command()
    except KeyboardInterrupt:
        _stop()


def _stop(*_: object) -> None:
    """End at once."""
    sys.stderr.write("stopped; nothing had begun\n")
    sys.stderr.flush()
    os._exit(130)


if __name__ == "__main__":
    main()
