"""The command that hands a finished plan over to a database."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from vallum import brief
from vallum.brief.postgis import export
from vallum.cli.common import output_options, said
from vallum.cli.root import cli

__all__: list[str] = []


@cli.command("export")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("url", metavar="postgresql://USER@HOST/DB")
@click.option("--schema", default="vallum", show_default=True, help="Made where it isn't there.")
@click.option("--replace", is_flag=True, help="Replace the tables of a plan that are there.")
@click.option("--restricted", is_flag=True, help="Write single forts and single ways in too.")
@output_options
def export_command(folder: Path, url: str, schema: str, *, replace: bool, restricted: bool) -> None:
    """Write the layers and tables of the plan in DIR into a database with PostGIS.

    All of it or nothing, in one transaction. Needs `pip install 'vallum[postgis]'`. Leave the
    password to ~/.pgpass or PGPASSWORD.

    Example: vallum export out/sahel postgresql://analyst@localhost/gis
    """
    done = export(folder, url, schema=schema, replace=replace, restricted=restricted)
    if said("json"):
        click.echo(brief.as_json(asdict(done)), nl=False)
        return
    if not said("quiet"):
        for name, rows in done.tables.items():
            click.echo(f"{name}: {rows:,} rows")
    click.echo(f"{len(done.tables)} tables in schema {done.schema} of {done.where}")
