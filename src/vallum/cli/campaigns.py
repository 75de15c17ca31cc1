"""The command that plays the campaign at length."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from vallum import brief, plan
from vallum.cli.common import known, output_options, said, settings_of, settings_options, show
from vallum.cli.root import cli

__all__: list[str] = []


@cli.command("campaign")
@click.argument("theatre_name", metavar="THEATRE")
@click.option("--draws", type=int, help="Histories to play, each a joint draw; default 200.")
@click.option(
    "--precision",
    type=float,
    help="Stop once the mean of attacks on held land is known to this share of itself.",
)
@click.option(
    "--checkpoint",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for finished draws; the same command goes on from there after a stop.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Dask scheduler, as tcp://host:8786; default processes of this machine.",
)
@settings_options
@output_options
def campaign_command(
    theatre_name: str,
    draws: int | None,
    precision: float | None,
    checkpoint: Path | None,
    scheduler: str | None,
    **given: object,
) -> None:
    """Play the campaign on THEATRE's line: what it changes, and what else the money buys.

    Example: vallum campaign sahel --budget 1.2e9 --draws 2000 --checkpoint out/draws
    """
    settings = settings_of(given, {"campaign.draws": draws, "campaign.precision": precision})
    name = known(theatre_name)
    silent = said("quiet") or said("json")
    console = Console(stderr=True, quiet=silent)
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    hidden = silent or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task("", total=None)
        found = plan.play(
            name,
            settings,
            checkpoint=checkpoint,
            scheduler=scheduler,
            progress=lambda stage: bar.update(task, description=stage),
            counted=lambda made, asked: bar.update(task, completed=made, total=asked),
        )
    show(brief.campaign_changes(found), title=f"{theatre_name}: campaign")
