"""Commands on works: explain."""

from __future__ import annotations

import click

from vallum import brief, plan
from vallum.cli.common import (
    Group,
    known,
    output_options,
    progress,
    said,
    settings_of,
    settings_options,
    show,
)
from vallum.cli.root import cli

__all__: list[str] = []


@cli.group("works", cls=Group)
@output_options
def works_group() -> None:
    """Say what would be built at a place, and why."""


@works_group.command("explain")
@click.argument("theatre_name", metavar="[THEATRE]", default="sahel")
@click.option(
    "--at", required=True, metavar="LON,LAT", help="The place, in degrees, as -8.0,12.65."
)
@settings_options
@output_options
def explain_command(theatre_name: str, at: str, **given: object) -> None:
    """Explain the works at one place of THEATRE (sahel if not given).

    Prints the ground, the candidates, the winner, why the others lost, what mines would have saved
    and the rule that bars them.

    Example: vallum works explain --at -8.0,14.5
    """
    settings = settings_of(given)
    with progress() as doing:
        found = plan.explain_at(at, known(theatre_name), settings, progress=doing)
    if said("json"):
        click.echo(brief.as_json(brief.explained_record(found)), nl=False)
        return
    if not said("quiet"):
        for title, table in brief.explained_tables(found).items():
            show(table, title=title)
    click.echo(brief.explained_words(found))
