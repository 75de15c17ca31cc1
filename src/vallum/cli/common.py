"""What the commands share: options, progress, and how results are shown."""

from __future__ import annotations

import functools
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click
import numpy as np
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from vallum import brief, theatre
from vallum.errors import Fault, InputError, nearest
from vallum.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pandas as pd

    from vallum.settings import Settings

__all__ = [
    "Group",
    "known",
    "language_option",
    "output_options",
    "overrides_of",
    "progress",
    "said",
    "settings_of",
    "settings_options",
    "show",
]

_WHOLE = 1000.0  # from here on a number is written whole, its thousands apart
_DOING = {
    "theatre": "reading the ground",
    "worth": "finding what is vital",
    "threat": "estimating the threat",
    "works": "pricing works",
    "line": "drawing the line",
    "bill": "adding up the bill",
    "ranges": "drawing the ranges",
    "robust": "finding what stands under other assumptions",
    "forces": "placing forts, sharing out tasks",
    "campaign": "playing the campaign",
    "dividend": "weighing what it buys",
    "accord": "drawing it again for each state alone",
    "window": "reading the relations between the states",
    "brief": "writing the brief",
}


class Group(click.Group):
    """A group that names the nearest command when one is mistyped."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, or say which one is nearest."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and self.get_command(ctx, name) is None:
            known = self.list_commands(ctx)
            message = f"no such command '{name}'; {nearest(name, known)}"
            raise click.UsageError(message, ctx)
        return super().resolve_command(ctx, args)


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let -q and --json stand before and after the subcommand."""

    @click.option("-q", "--quiet", is_flag=True, help="Print only errors and the result's path.")
    @click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
    @click.pass_context
    @functools.wraps(command)
    def wrapped(
        ctx: click.Context, /, *args: object, quiet: bool, as_json: bool, **kwargs: object
    ) -> object:
        said = ctx.find_root().obj
        said["quiet"] = said["quiet"] or quiet
        said["json"] = said["json"] or as_json
        return command(*args, **kwargs)

    return wrapped


def language_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a page be written in any of the brief's languages."""
    option = click.option(
        "--lang",
        "language",
        type=click.Choice(sorted(brief.LANGUAGES)),
        default="en",
        show_default=True,
        help="Language of the page.",
    )
    return option(command)


def settings_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that every command with settings takes."""
    for option in (
        click.option(
            "--config", type=click.Path(path_type=Path), help="TOML file with a table per stage."
        ),
        click.option(
            "--set",
            "assignments",
            multiple=True,
            metavar="SECTION.KEY=VALUE",
            help="Change one setting, as line.objective=people; may be given again.",
        ),
        click.option("--budget", type=float, help="Most that the plan may cost, USD a year."),
        click.option("--mu", type=float, help="Price of effort: cost per benefit at the margin."),
        click.option(
            "--depth",
            type=click.Choice(["default", "full"]),
            help="full: slower, finer where the page says which depth it shows.",
        ),
        click.option(
            "--solver",
            type=click.Choice(["vallum", "ortools"]),
            help="What finds the line; only vallum's proof can be checked by vallum verify.",
        ),
        click.option("--cell-km", type=float, help="Side of a cell, 1 to 50 km; default 10."),
    ):
        command = option(command)
    return command


def settings_of(given: Mapping[str, object], own: Mapping[str, object] | None = None) -> Settings:
    """Put file, assignments and options together; `own` are a command's, by key."""
    return load_settings(*overrides_of(given, own))


def overrides_of(
    given: Mapping[str, object], own: Mapping[str, object] | None = None
) -> tuple[Path | None, Sequence[str], dict[str, object]]:
    """Sort what `settings_options` took: a file, assignments, and values by dotted key."""
    overrides = {
        **(own or {}),
        "theatre.cell_km": given["cell_km"],
        "depth": given["depth"],
        "line.mu": given["mu"],
        "line.solver": given["solver"],
        "line.budget_usd_yr": given["budget"],
    }
    config = cast("Path | None", given["config"])
    return config, cast("Sequence[str]", given["assignments"]), overrides


def known(name: str) -> str:
    """Refuse unknown theatres before any work is done; a theatre's folder will do too."""
    if name not in theatre.names() and not (Path(name) / "theatre.toml").is_file():
        raise InputError(
            [Fault("theatre", name, "no such theatre", nearest(name, theatre.names()))]
        )
    return name


def said(key: str) -> bool:
    """Whether quiet or json was asked for, before or after the subcommand."""
    return bool(click.get_current_context().find_root().obj[key])


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Show on standard error what is being done; nothing when quiet, JSON or no terminal."""
    silent = said("quiet") or said("json")
    console = Console(stderr=True, quiet=silent)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    hidden = silent or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task("", total=None)
        yield lambda stage: bar.update(task, description=_DOING.get(stage, stage))


def show(table: pd.DataFrame, *, title: str) -> None:
    """Print a table, or its rows as JSON."""
    if said("json"):
        click.echo(brief.as_json(table.to_dict("records")), nl=False)
        return
    shown = Table(title=title)
    for column in table.columns:
        shown.add_column(str(column), overflow="fold")
    for row in table.itertuples(index=False):
        shown.add_row(*(_number(v) if isinstance(v, float) else str(v) for v in row))
    Console(width=None if sys.stdout.isatty() else 200).print(shown)


def _number(value: float) -> str:
    """Write a number with four significant digits or all whole ones, never as a power of ten."""
    if abs(value) >= _WHOLE:
        return f"{value:,.0f}"
    return np.format_float_positional(value, precision=4, fractional=False, trim="-")
