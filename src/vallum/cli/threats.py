"""Commands on the threat: forecast."""

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
from vallum.threat.intensity import forecast

__all__: list[str] = []


@cli.group("threat", cls=Group)
@output_options
def threat_group() -> None:
    """Foretell violence, and score what was foretold."""


@threat_group.command("forecast")
@click.argument("theatre_name", metavar="THEATRE")
@click.option(
    "--split",
    metavar="DATE",
    help="First day foretold, as 2019-01-01; default the end of every year that can be scored.",
)
@settings_options
@output_options
def forecast_command(theatre_name: str, split: str | None, **given: object) -> None:
    """Foretell the 12 months after DATE by region of THEATRE from what was known before, and score.

    The scores are means over regions and splits, smaller is better: log score in nats, CRPS in
    events; beside those of three simple forecasts with dispersions of their own.

    Example: vallum threat forecast sahel --split 2019-01-01
    """
    settings = settings_of(given)
    name = known(theatre_name)
    with progress() as doing:
        doing("theatre")
        ground = plan.ground_of(name, settings)
        doing("foretelling and scoring")
        found = forecast.forecast(ground, settings.threat, split)
    if said("json"):
        click.echo(brief.as_json(forecast.as_record(found)), nl=False)
        return
    if not said("quiet"):
        for title, table in brief.forecast_tables(found).items():
            show(table, title=f"{theatre_name}: {title}")
    click.echo(forecast.verdict(found))
