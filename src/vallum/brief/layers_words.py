"""The layers in plain words: names, captions, units, and the sources that belong to each."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from vallum.brief.language import current, of_stage, say
from vallum.brief.page_text import Piece, capital, linked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vallum.theatre import Source

__all__ = ["CLIMATES", "caption", "class_name", "done", "foreign", "km", "treatments", "unit"]

CLIMATES = {
    "Af": "rainforest",
    "Am": "monsoon",
    "As": "savanna, dry summer",
    "Aw": "savanna, dry winter",
    "BSh": "hot steppe",
    "BSk": "cold steppe",
    "BWh": "hot desert",
    "BWk": "cold desert",
    "Cfa": "humid subtropical",
    "Cfb": "mild oceanic",
    "Cfc": "cool oceanic",
    "Csa": "Mediterranean, hot summer",
    "Csb": "Mediterranean, warm summer",
    "Csc": "Mediterranean, cool summer",
    "Cwa": "subtropical, dry winter",
    "Cwb": "highland, dry winter",
    "Cwc": "cold highland, dry winter",
    "Dfa": "continental, hot summer",
    "Dfb": "continental, warm summer",
    "Dfc": "subarctic",
    "Dfd": "subarctic, severe winter",
    "Dsa": "continental, dry hot summer",
    "Dsb": "continental, dry warm summer",
    "Dsc": "subarctic, dry summer",
    "Dsd": "subarctic, dry summer, severe winter",
    "Dwa": "continental, hot summer, dry winter",
    "Dwb": "continental, warm summer, dry winter",
    "Dwc": "subarctic, dry winter",
    "Dwd": "subarctic, dry and severe winter",
    "EF": "ice",
    "ET": "tundra",
}
# whose treatment tells how a layer came about: files of a built-in theatre without their ending,
# and sections of the config of one that a user brings
_MADE_OF = {
    "state": ("borders",),
    "coast": ("borders",),
    "disputed": ("borders",),
    "region": ("regions",),
    "elevation_m": ("elevation",),
    "relief_m": ("elevation",),
    "slope": ("elevation",),
    "surface": ("landcover", "lakes"),
    "people": ("region_people", "population", "settlements"),
    "urban_people": ("settlements",),
    "output_usd_yr": ("gdp",),
    "road": ("routes", "roads"),
    "rail": ("routes", "railways"),
    "routes": ("roads", "railways"),
    "river": ("rivers",),
    "events_year": ("threat_region_year", "events"),
}


def caption(name: str, long_name: str) -> tuple[str, str]:
    """Give the title of a layer, and a sentence on it.

    Examples
    --------
    >>> caption("slope", "")[0], caption("soil_ph", "acidity of the soil")
    ('Slope', ('Acidity of the soil', ''))
    >>> caption("rain_mm", "")[0]
    'Rain mm'
    """
    known = _captions()
    if name in known:
        return known[name]
    text = long_name.split(";", maxsplit=1)[0].strip() or name.replace("_", " ")
    return capital(of_stage(text)), ""


def unit(units: str) -> str:
    """Write a unit in words; nothing for a pure number.

    Examples
    --------
    >>> unit("USD/yr"), unit("1"), unit("mm")
    ('USD a year', '', 'mm')
    """
    if units in ("USD/yr", "usd_yr"):
        return say("USD a year")
    return {"1": "", "degC": "°C", "people": say("people", context="unit")}.get(units, units)


def km(length: float) -> str:
    """Write a length of cells.

    Examples
    --------
    >>> km(10.0), km(12.5)
    ('10', '12.5')
    """
    return f"{length:.6g}".replace(".", current().decimal)


def class_name(meaning: str) -> str:
    """Write the name of a class: underscores as spaces, climates in words.

    Examples
    --------
    >>> class_name("BWh"), class_name("bare_rock")
    ('BWh: hot desert', 'bare rock')
    """
    if meaning in CLIMATES:
        return say("{mark}: {climate}", mark=meaning, climate=of_stage(CLIMATES[meaning]))
    if meaning == "none":
        return say("none", context="class")
    return of_stage(meaning.replace("_", " "))


def treatments(name: str, said: str, sources: Iterable[Source]) -> list[tuple[str, list[Piece]]]:
    """Find what was done to the data of a layer or table.

    Parameters
    ----------
    name
        Of the layer.
    said
        Its own note of its source, which may name files.
    sources
        Of the theatre.

    Returns
    -------
    list
        File and treatment, of the sources whose files are the layer's own.
    """
    found = []
    for source in sources:
        files = [part.strip() for part in source.layer.split(",")]
        stems = {re.split(r"[.\[ ]", part)[0] for part in files}  # `roads.csv`, or `roads[2]`
        own = name in stems or not stems.isdisjoint(_MADE_OF.get(name, ()))
        if own or any(part in said for part in files if PurePath(part).suffix):
            found.append((source.layer, linked(" ".join(done(source)))))
    return [(file, pieces) for file, pieces in found if pieces]


def done(source: Source) -> list[str]:
    """Say in sentences what was done to a source's data, and what was lost of it.

    Examples
    --------
    >>> from vallum.theatre import Source
    >>> done(Source("a", "", "", "", "", "Cut.", resampling="mean", lost="3 cells"))
    ['Cut.', 'Onto the grid by: mean.', 'Not in the layer: 3 cells.']
    """
    treated = of_stage(source.treatment.strip())
    out = [treated if treated.endswith(".") else f"{treated}."] if treated else []
    if source.resampling not in ("", "none"):
        out.append(say("Onto the grid by: {how}.", how=of_stage(source.resampling).rstrip(".")))
    if source.lost:
        out.append(say("Not in the layer: {what}.", what=of_stage(source.lost).rstrip(".")))
    return out


def foreign(text: str) -> bool:
    """Say whether a text of the data stays in English on a page of another language."""
    return current().code != "en" and bool(text) and of_stage(text) == text


def _captions() -> dict[str, tuple[str, str]]:
    """Give titles, and what a reader should know before looking."""
    return {
        "state": (
            say("States"),
            say("Whose land each cell is. Members in full colours."),
        ),
        "region": (
            say("Regions"),
            say("First-level regions of the members; colours only tell neighbours apart."),
        ),
        "elevation_m": (
            say("Elevation"),
            say("Height above the sea."),
        ),
        "relief_m": (
            say("Relief"),
            say("How rough the ground is: highest less lowest point nearby."),
        ),
        "slope": (
            say("Slope"),
            say("Rise over run, coarse: 0.01 is one metre up in a hundred."),
        ),
        "climate": (
            say("Climate"),
            say("Köppen–Geiger class at the centre of each cell."),
        ),
        "surface": (
            say("Ground"),
            say("What the ground is made of, as it bears on building and driving."),
        ),
        "people": (
            say("People"),
            say("How densely people live. Each colour step is a factor, not a sum."),
        ),
        "urban_people": (
            say("People in towns"),
            say("Those of the people who live in towns."),
        ),
        "output_usd_yr": (
            say("Output"),
            say("What the land’s economy yields in a year, where it is made."),
        ),
        "road": (
            say("Roads"),
            say("The highest class of road that touches each cell."),
        ),
        "rail": (
            say("Railways"),
            say("Cells that a railway touches."),
        ),
        "river": (
            say("Rivers on the grid"),
            say("Cells that a river touches."),
        ),
        "coast": (
            say("Coast"),
            say("Land beside the sea."),
        ),
        "disputed": (
            say("Disputed land"),
            say("Land whose sovereignty is open; never a member’s ground here."),
        ),
    }
