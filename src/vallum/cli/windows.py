"""Commands about relations between states."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from vallum.cli.root import cli
from vallum.window import events_table

__all__ = ["events", "window"]


@cli.group()
def window() -> None:
    """Show what the diplomatic window is measured by."""


@window.command("events")
@click.option("--csv", "as_csv", is_flag=True, help="Print comma-separated values.")
def events(as_csv: bool) -> None:
    """Print the built-in record of public events, each with its source."""
    table = events_table()
    if as_csv:
        click.echo(table.to_csv(index=False), nl=False)
        return
    count = table["event"].nunique()  # one among several states has a row for each pair
    shown = Table(title=f"{count} public events, with the source that was read")
    for name in ("date", "who", "code", "weight", "what, and where it was read"):
        shown.add_column(name, overflow="fold")
    for row in table.to_dict("records"):
        date = str(row["date"])[:10] if row["date_precision"] == "day" else str(row["date"])[:7]
        more = f"; sources disagree: {row['disagree']}" if row["disagree"] else ""
        shown.add_row(
            date,
            f"{row['actor']} → {row['target']}",
            str(row["cameo"]),
            f"{row['goldstein']:g}",
            f"{row['text']}{more}\n{row['source']}",
        )
    Console().print(shown)
