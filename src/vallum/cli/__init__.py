"""The command line: parse, call, print; no logic."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from vallum.cli import campaigns as _campaigns  # noqa: F401 - adds its command
from vallum.cli import exports as _exports  # noqa: F401 - adds its command
from vallum.cli import plans as _plans  # noqa: F401 - adds its commands
from vallum.cli import serve as _serve  # noqa: F401 - adds its commands
from vallum.cli import theatres as _theatres  # noqa: F401 - adds its commands
from vallum.cli import threats as _threats  # noqa: F401 - adds its commands
from vallum.cli import verify as _verify  # noqa: F401 - adds its command
from vallum.cli import windows as _windows  # noqa: F401 - adds its commands
from vallum.cli import works as _works  # noqa: F401 - adds its commands
from vallum.cli.root import cli
from vallum.errors import InputError, VallumError, exit_code

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["cli", "main"]


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line; faults are printed plainly and end in their exit code."""
    try:
        cli.main(args=list(sys.argv[1:] if args is None else args), standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except (click.exceptions.Abort, KeyboardInterrupt):
        kept = "a fetch, or a campaign with --checkpoint, goes on next time"
        click.echo(f"stopped; nothing half-written is left ({kept})", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except InputError as error:
        for fault in error.faults:
            click.echo(f"vallum: {fault}", err=True)
        sys.exit(exit_code(error))
    except VallumError as error:
        click.echo(f"vallum: {error}", err=True)
        sys.exit(exit_code(error))
    except Exception as error:
        if os.environ.get("VALLUM_TRACEBACK"):
            raise
        click.echo(
            f"vallum: a fault of ours ({type(error).__name__}: {error}). Mend: check the theatre's "
            "data with `vallum check`; run again with VALLUM_TRACEBACK=1 and report what it prints",
            err=True,
        )
        sys.exit(1)
