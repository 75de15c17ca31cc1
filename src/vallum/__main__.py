"""Run the command line: `vallum`, or `python -m vallum`."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Load the commands and run one; an interrupt while they load ends as quietly as later."""
    try:
        from vallum.cli import main as command  # noqa: PLC0415 - what takes time is this
    except KeyboardInterrupt:
        sys.stderr.write("stopped; nothing had begun\n")
        sys.exit(130)
    command()


if __name__ == "__main__":
    main()
