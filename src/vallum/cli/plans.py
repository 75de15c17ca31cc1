"""Commands that plan and judge."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from vallum import brief, plan, theatre
from vallum.cli.common import (
    known,
    language_option,
    output_options,
    progress,
    said,
    settings_of,
    settings_options,
    show,
)
from vallum.cli.root import cli
from vallum.errors import Fault, InputError
from vallum.theatre.named import FILE

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__: list[str] = []


@cli.command("plan")
@click.argument("theatre_name", metavar="THEATRE")
@click.option("--out", type=click.Path(path_type=Path), help="Folder; default out/THEATRE.")
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Dask scheduler for the draws, as tcp://host:8786; default processes of its own.",
)
@click.option(
    "--restricted",
    is_flag=True,
    help="Also write single forts and single ways in, in files of their own marked RESTRICTED.",
)
@click.option(
    "--lang",
    type=click.Choice(sorted(brief.LANGUAGES)),
    default="en",
    show_default=True,
    help="Language of brief.html; the other is written beside it.",
)
@settings_options
@output_options
def plan_command(
    theatre_name: str,
    out: Path | None,
    scheduler: str | None,
    restricted: bool,
    lang: str,
    **given: object,
) -> None:
    """Make a plan for THEATRE and write its folder: brief.html, plan.json, plan.gpkg and tables.

    Example: vallum plan sahel --set line.flank.SEN=0.5
    """
    settings = settings_of(given)
    name = known(theatre_name)
    folder = brief.check_folder(out or Path("out") / Path(name).name)
    with progress() as doing:
        made = plan.make(name, settings, progress=doing, scheduler=scheduler)
        doing("brief")
        path = brief.write(made, folder, restricted=restricted, language=lang)
    if said("json"):
        click.echo(brief.as_json(brief.record(made)), nl=False)
        return
    if not said("quiet"):
        Console().print(brief.answer(made), highlight=False)
    click.echo(str(path))


@cli.command("check")
@click.argument("theatre_name", metavar="THEATRE")
@output_options
def check_command(theatre_name: str) -> None:
    """Check THEATRE's data and report every fault at once.

    Example: vallum check sahel
    """
    faults = theatre.check(known(theatre_name))
    if faults:
        raise InputError(faults)
    if said("json"):
        click.echo(brief.as_json({"theatre": theatre_name, "faults": []}), nl=False)
    elif not said("quiet"):
        click.echo(f"{theatre_name}: no faults")


@cli.command("stage")
@click.argument("stage")
@click.argument("theatre_name", metavar="THEATRE")
@settings_options
@output_options
def stage_command(stage: str, theatre_name: str, **given: object) -> None:
    """Run the stages up to STAGE.

    STAGE is one of theatre, worth, threat, works, line, bill, forces, ranges, robust, campaign.

    Example: vallum stage works sahel
    """
    settings = settings_of(given)
    with progress() as doing:
        results = plan.until(stage, known(theatre_name), settings, progress=doing)
    show(brief.tables(stage, results), title=f"{theatre_name}: {stage}")


@cli.command("score")
@click.argument("drawn", metavar="LINE.gpkg", type=click.Path(path_type=Path))
@click.option("--theatre", "theatre_name", required=True, help="On whose ground.")
@click.option(
    "--hold",
    multiple=True,
    metavar="LON,LAT",
    help="A place that a drawn line is to hold; default the members' largest towns.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Page to write: it beside the frontier, mapped."
)
@language_option
@settings_options
@output_options
def score_command(
    drawn: Path,
    theatre_name: str,
    hold: Sequence[str],
    out: Path | None,
    language: str,
    **given: object,
) -> None:
    """Judge a territory (polygons) or line that anyone drew by the frontier's own yardstick.

    Example: vallum score mine.gpkg --theatre sahel --hold -8.0,12.65 --out mine.html
    """
    settings = settings_of(given)
    places = [_point(text) for text in hold]
    with progress() as doing:
        judged = plan.score_line(
            drawn, known(theatre_name), settings, holding=places, progress=doing
        )
        page = None if out is None else brief.write_score(judged, out, language=language)
    found = brief.verdict(judged)
    if said("json"):
        click.echo(brief.as_json(found), nl=False)
    else:
        for key, value in found.items():
            click.echo(
                f"{key:>24}  {value:,.6g}" if isinstance(value, float) else f"{key:>24}  {value}"
            )
        if page is not None:
            click.echo(str(page))


@cli.command("line")
@click.argument("theatre_name", metavar="[THEATRE]", default="sahel")
@click.option(
    "--hold",
    multiple=True,
    required=True,
    metavar="PLACE,PLACE",
    help="Settlements, regions or states (ISO3) to hold, by commas; a point as LON,LAT or polygons "
    "as file:PATH, alone. May be given again.",
)
@click.option("--out", type=click.Path(path_type=Path), help="GeoPackage to write: land and line.")
@settings_options
@output_options
def line_command(theatre_name: str, hold: Sequence[str], out: Path | None, **given: object) -> None:
    """Find the cheapest line around places of THEATRE (sahel if not given), exact by one cut.

    Example: vallum line --hold Kayes,Bamako,Sikasso --out line.gpkg
    """
    settings = settings_of(given)
    name = known(theatre_name)
    with progress() as doing:
        found = plan.enclose(_places(hold), name, settings, progress=doing)
        path = None if out is None else brief.write_enclosed(found, out)
    if said("json"):
        click.echo(brief.as_json(brief.enclosed(found)), nl=False)
        return
    if not said("quiet"):
        Console().print(brief.enclosed_words(found), highlight=False)
    if path is not None:
        click.echo(str(path))


def _places(hold: Sequence[str]) -> list[str]:
    """Split lists of names at commas; points and files stay whole."""
    places = []
    for text in hold:
        whole = text.startswith(FILE) or _numbers(text)
        places += [text] if whole else [part.strip() for part in text.split(",")]
    return [place for place in places if place]


def _numbers(text: str) -> bool:
    """Whether it is a list of numbers, as a point is."""
    try:
        return bool([float(part) for part in text.split(",")])
    except ValueError:
        return False


def _point(text: str) -> tuple[float, float]:
    """Read lon,lat."""
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError:
        raise InputError(
            [Fault("--hold", text, "no point", "write lon,lat as -8.0,12.65")]
        ) from None
    return lon, lat
