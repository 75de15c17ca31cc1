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

_UNITS = {"_usd_km_yr": "USD/km/yr", "_km": "km", "_s": "s"}  # a name ends in its unit
_SHARES = ("p_e", "detection")


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
            show(table.rename(columns=_with_unit), title=title)
    click.echo(brief.explained_words(found))


def _with_unit(column: str) -> str:
    """Write the name of a column with the unit that it ends in.

    Examples
    --------
    >>> _with_unit("cost_usd_km_yr"), _with_unit("p_e"), _with_unit("item")
    ('cost, USD/km/yr', 'p_e, share', 'item')
    """
    for end, unit in _UNITS.items():
        if column.endswith(end):
            return f"{column.removesuffix(end)}, {unit}"
    return f"{column}, share" if column in _SHARES else column
