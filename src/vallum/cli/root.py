"""The root of the commands."""

from __future__ import annotations

import click

from vallum import __version__
from vallum.cli.common import Group

__all__ = ["cli"]


@click.group(
    cls=Group,
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
