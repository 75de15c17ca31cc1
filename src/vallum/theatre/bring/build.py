"""The verb: from CONFIG.toml and the files that it names to a theatre's folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vallum.errors import Fault, InputError
from vallum.theatre import economy, ways
from vallum.theatre import states as whose
from vallum.theatre.bring import layers, towns
from vallum.theatre.bring.amounts import read_amount
from vallum.theatre.bring.borders import read_ground
from vallum.theatre.bring.config import read_config
from vallum.theatre.bring.counts import counts
from vallum.theatre.bring.events import Events, read_events
from vallum.theatre.bring.figures import read_deaths, read_figures
from vallum.theatre.bring.landcover import read_climate, read_surface
from vallum.theatre.bring.layers import Read
from vallum.theatre.bring.lines import crossings, named_by_ends, read_lines, read_roads
from vallum.theatre.bring.means import read_means
from vallum.theatre.bring.places import read_settlements, read_sites
from vallum.theatre.bring.provenance import describe
from vallum.theatre.bring.terrain import read_terrain
from vallum.theatre.bring.vectors import crs_text, read_vector
from vallum.theatre.bring.write import check_folder, write
from vallum.theatre.model import Theatre, no_events

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.theatre.bring.amounts import Amount
    from vallum.theatre.bring.area import Area
    from vallum.theatre.bring.sections import Config, PolygonsLayer
    from vallum.theatre.model import Source

__all__ = ["build", "check_config", "make"]


MOST_AT_SEA = 0.02  # of the people
LEAST_PER_HEAD, MOST_PER_HEAD = 30.0, 300_000.0  # USD a year, of no state: a judgement


def _say_nothing(_: str) -> None:
    """Show no progress."""


def build(
    config: Path | str, out: Path | str, *, progress: Callable[[str], None] = _say_nothing
) -> Path:
    """Build a theatre from a user's files and write its folder, all of it or nothing.

    Parameters
    ----------
    config
        CONFIG.toml.
    out
        Folder; an older theatre in it is replaced.
    progress
        Called with the name of each layer as it is read.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        With every fault of the config and of all the files.
    OutputError
        If the folder can't be written.
    """
    folder = check_folder(out)
    asked = read_config(config)
    theatre, head = make(asked, progress=progress)
    progress("writing")
    return write(theatre, head, folder)


def check_config(
    config: Path | str, *, progress: Callable[[str], None] = _say_nothing
) -> list[Fault]:
    """Find everything that is wrong with a config and its files; nothing is written."""
    try:
        make(read_config(config), progress=progress)
    except InputError as error:
        return list(error.faults)
    return []


def make(
    config: Config, *, progress: Callable[[str], None] = _say_nothing
) -> tuple[Theatre, dict[str, Any]]:
    """Make a theatre of the files that a config names.

    Returns
    -------
    theatre, head
        The theatre, its fingerprint still empty; and what `theatre.toml` says of it.

    Raises
    ------
    InputError
        With every fault of all the files.
    """
    progress("borders")
    ground = read_ground(config)
    read = _read(config, ground.area, progress)
    progress("theatre")
    sources = (*ground.sources, *read.sources)
    borders = ground.area.borders.iloc[: len(ground.area.order)]
    theatre = Theatre(
        name=config.name,
        title=config.title,
        grid=ground.area.grid,
        ground=layers.ground(config, ground.area, read, sources),
        countries=layers.countries(config, ground.area, read),
        settlements=read.settlements,
        sites=read.sites,
        routes=read.routes,
        crossings=crossings(read.routes, ground.area),
        rivers=read.rivers.frame,
        borders=_marked(borders, config.disputed).to_crs(ground.area.grid.crs),
        regions=ground.area.regions.to_crs(ground.area.grid.crs),
        events_year=read.tables[0],
        events_month=read.tables[1],
        deaths_year=read.tables[2],
        events=read.events.frame,
        sources=sources,
        fingerprint="",
        forces=read.means["forces"],
        bases=read.means["bases"],
        offer=read.means["offer"],
        **{name: read.means[name] for name in economy.COLUMNS},
    )
    head = {
        "name": config.name,
        "title": config.title,
        "members": list(config.members),
        "partner": config.partner or "",
        "disputed": list(config.disputed),
        "as_of": config.as_of,
        **ground.frame,
    }
    return theatre, head


def _marked(borders: gpd.GeoDataFrame, disputed: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Mark the disputed states."""
    out = borders.copy()
    out.insert(2, "disputed", out["iso3"].isin(disputed))
    return out


def _read(config: Config, area: Area, progress: Callable[[str], None]) -> Read:
    """Read every layer; raise the faults of them all at once."""
    faults: list[Fault] = []
    names = dict(zip(area.borders["iso3"], area.borders["name"], strict=True))
    shown = {iso3: str(names[iso3]) for iso3 in area.order}
    figures, of_figures, wrong = read_figures(config.figures, config.states, shown)
    faults += wrong
    known = figures["people"].dropna().astype(float)
    national = {str(iso3): float(number) for iso3, number in known.items()}
    people, wrong = read_amount(
        config.population, "population", area, units="people", national=national, progress=progress
    )
    faults += wrong
    output, of_output = None, []
    if config.gdp is not None:
        output, wrong = read_amount(config.gdp, "gdp", area, units="USD/yr", progress=progress)
        faults += wrong
        of_output = [] if output is None else [output.source]
    terrain, wrong = read_terrain(config.elevation, area, progress=progress)
    faults += wrong
    lakes, of_lakes, wrong = _lakes(config.lakes, area)
    faults += wrong
    relief = terrain.relief_m if terrain is not None else np.zeros(area.grid.shape, np.float32)
    cover, wrong = read_surface(config.landcover, relief, lakes, area, progress=progress)
    faults += wrong
    climate, of_climate, wrong = _climate(config, area, progress)
    faults += wrong
    progress("roads")
    roads = read_roads(config.roads, config.railways, area)
    rivers = read_lines(config.rivers, "rivers", area)
    coast = read_lines((config.coast,) if config.coast else (), "coast", area)
    faults += [*roads.faults, *rivers.faults, *coast.faults]
    progress("settlements")
    settlements, of_settlements, wrong = _settlements(config, area)
    faults += wrong
    sites, of_sites, wrong = read_sites(config.sites, area)
    faults += wrong
    faults += _per_head(config, people, figures) + _at_sea(config, people)
    events: Events | None = Events(no_events(), (), ())
    if config.events:
        events, wrong = read_events(config.events, area, progress=progress)
        faults += wrong
    deaths, of_deaths, wrong = _deaths(config, shown)
    faults += wrong + _late(config, area.today.year, figures, deaths)
    means, of_means, wrong = read_means(config, area)
    faults += wrong
    if faults or people is None or terrain is None or cover is None or events is None:
        raise InputError(faults)
    if settlements is None:
        urban, settlements = towns.clusters(people.values, area)
    else:
        urban = towns.townsmen(people.values, settlements, area)
    by_line = ways.cells_of(coast.frame.geometry, area.grid)
    return Read(
        people=people,
        output=output,
        terrain=terrain,
        surface=cover.code,
        climate=climate,
        settlements=settlements,
        urban=urban,
        sites=sites,
        routes=named_by_ends(roads.frame, settlements),
        rivers=rivers,
        coast=whose.coast(area.state) | (by_line & (area.state >= 0)),
        events=events,
        tables=counts(events, area, deaths),
        figures=figures,
        means=means,
        sources=(
            people.source,
            *of_output,
            terrain.source,
            cover.source,
            *of_lakes,
            *of_climate,
            *of_settlements,
            *of_sites,
            *roads.sources,
            *rivers.sources,
            *coast.sources,
            *events.sources,
            *of_deaths,
            *of_figures,
            *of_means,
        ),
    )


def _late(
    config: Config, year: int, figures: pd.DataFrame, deaths: pd.DataFrame | None
) -> list[Fault]:
    """Say which figures and deaths are of years after the theatre's date."""
    mend = "correct the year, or as_of; of figures, latest leaves later ones out"
    out = []
    for name in [column for column in figures if str(column).endswith("_year")]:
        late = figures.index[figures[name].astype(float) > year].tolist()
        if late:
            found = f"{', '.join(map(str, late))}: years after {year}"
            out.append(Fault(str(config.figures[0].file[0]), str(name), found, mend))
    late = [] if deaths is None else sorted(set(deaths.loc[deaths["year"] > year, "year"]))
    if late and config.deaths is not None:
        place = f"column {config.deaths.year}"
        out.append(Fault(str(config.deaths.file[0]), place, f"{late[:5]}: after {year}", mend))
    return out


def _per_head(config: Config, people: Amount | None, figures: pd.DataFrame) -> list[Fault]:
    """Say where GDP and people can't belong together: one of the two has another unit."""
    if people is None:
        return []
    heads = dict(zip(figures.index, people.by_state, strict=True))
    gdp = figures["gdp_usd"].astype(float)
    out = []
    for iso3 in config.members:
        head = float(gdp[iso3]) / max(float(heads[iso3]), 1.0)
        if head < LEAST_PER_HEAD or head > MOST_PER_HEAD:
            found = f"{gdp[iso3]:,.0f} USD/yr for {heads[iso3]:,.0f} people: {head:,.0f} each"
            mend = "check values in [population], and the unit of gdp_usd"
            out.append(Fault(str(config.population.file[0]), f"population, {iso3}", found, mend))
    return out


def _at_sea(config: Config, people: Amount | None) -> list[Fault]:
    """Say when many people live where the borders show no land: land is missing there."""
    if people is None:
        return []
    held = float(people.by_state.sum()) + people.beyond
    if people.at_sea <= MOST_AT_SEA * held:
        return []
    found = f"{people.at_sea:,.0f} people live off all its land, beside {held:,.0f} on it"
    mend = "give the polygons of all land on the grid; or raise ashore_km in [population]"
    return [Fault(str(config.borders.file[0]), "borders", found, mend)]


def _climate(
    config: Config, area: Area, progress: Callable[[str], None]
) -> tuple[NDArray[np.int8], list[Source], list[Fault]]:
    """Read the climate; none where it isn't given."""
    if config.climate is None:
        return np.zeros(area.grid.shape, np.int8), [], []
    cover, faults = read_climate(config.climate, area, progress=progress)
    if cover is None:
        return np.zeros(area.grid.shape, np.int8), [], faults
    return cover.code, [cover.source], faults


def _lakes(
    layer: PolygonsLayer | None, area: Area
) -> tuple[gpd.GeoDataFrame | None, list[Source], list[Fault]]:
    """Read the lakes."""
    if layer is None:
        return None, [], []
    kinds = ("Polygon", "MultiPolygon")
    frame, faults = read_vector(layer, "lakes", kinds=kinds, bounds=area.bounds)
    if frame is None:
        return None, [], faults
    source = describe(
        layer,
        "lakes",
        crs_in=crs_text(layer),
        crs_out=area.grid.crs,
        resampling="cells of which they cover more than half are water",
        treatment="laid over the land cover",
    )
    return frame, [source], []


def _settlements(
    config: Config, area: Area
) -> tuple[gpd.GeoDataFrame | None, list[Source], list[Fault]]:
    """Read the settlements; None where there is no table of them, or it is at fault."""
    if config.settlements is None:
        return None, [], []
    frame, source, faults = read_settlements(config.settlements, area)
    return frame, [] if source is None else [source], faults


def _deaths(
    config: Config, names: dict[str, str]
) -> tuple[pd.DataFrame | None, list[Source], list[Fault]]:
    """Read the table of deaths; None where there is none, or it is at fault."""
    if config.deaths is None:
        return None, [], []
    table, source, faults = read_deaths(config.deaths, names)
    return table, [] if source is None else [source], faults
