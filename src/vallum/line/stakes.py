"""What is at stake: benefit, holding, closure, flank and projects, as the frontier reads them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from vallum.kernel.arrays import frozen
from vallum.kernel.ledger import Assumption
from vallum.line.flanks import openness

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.line.settings import LineSettings
    from vallum.theatre import Theatre
    from vallum.threat import Threat
    from vallum.works import Works
    from vallum.worth import Worth

__all__ = ["NamedProject", "Stakes", "stakes"]


@dataclass(frozen=True, eq=False)
class NamedProject:
    """A benefit that comes only whole.

    Attributes
    ----------
    kind
        `town` (with the ground from which it can be raided) or `road`.
    name
        Of the town or road.
    value
        USD/yr (people, for the objective `people`).
    people
        People whose safety it is; 0 for a road.
    cells
        Flat indices of the cells that must all be held.
    """

    kind: str
    name: str
    value: float
    people: float
    cells: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Stakes:
    """The grids of the line's problem; all of shape (rows, cols).

    Attributes
    ----------
    benefit
        USD/yr per cell beside projects (people, for the objective `people`); NaN outside.
    holding
        USD/yr per cell.
    closure
        USD/km/yr per cell; infinite where no line may stand, since nothing lawful is enough.
    flank
        Openness of outside cells.
    projects
        Towns and roads.
    effect
        Share of what comes from outside that the line stops (`Works.effect`): by one standard P_E
        of the weakest ground it may have to stand on, since who comes chooses where.
    development
        USD/yr per cell, projects included, that is development and not losses averted.
    road_share
        Share of the losses averted, if all is held, that roads carry. What cells and towns avert is
        lowered by it, since the loss rate covers the whole economy: nothing is counted twice.
    """

    benefit: NDArray[np.float64]
    holding: NDArray[np.float64]
    closure: NDArray[np.float64]
    flank: NDArray[np.float64]
    projects: tuple[NamedProject, ...]
    effect: float
    development: NDArray[np.float64]
    road_share: float


def stakes(
    theatre: Theatre,
    worth: Worth,
    threat: Threat,
    works: Works,
    settings: LineSettings,
    *,
    objective: str,
    man_usd_yr: float,
) -> Stakes:
    """Put together what holding each cell brings and costs.

    Losses averted are `output · loss rate · reach · effect` in all. A part of them is carried by
    roads; of the rest, what townsmen make is a project with the ground around the town, and the
    other is each cell's own.

    Parameters
    ----------
    theatre, worth, threat, works
        Results of the earlier stages.
    settings
        Assumptions of this stage.
    objective
        `output`, `people` or `mix`.
    man_usd_yr
        Cost of one man on duty, rotation included.

    Returns
    -------
    Stakes
        The grids and projects.
    """
    member = theatre.member_mask
    effect = works.effect[1]
    losses = threat.loss_rate * threat.reach[1] * effect
    roads = () if objective == "people" else _roads(theatre, threat, settings, effect)
    total = float((worth.output * losses).sum())
    carried = sum(road.value for road in roads)
    if carried > total:  # freight can't lose more than the economy does
        roads = tuple(replace(road, value=road.value * (total / carried)) for road in roads)
        carried = total
    road_share = carried / total if total > 0 else 0.0
    averted = losses * (1.0 - road_share) + settings.development_share
    rate = settings.usd_per_person_yr or 0.0
    own, urban = (worth.output - worth.urban_output) * averted, worth.urban_output * averted
    village = worth.people - worth.urban_people
    if objective == "people":
        own, urban = village, worth.urban_people.astype(np.float64)
    elif objective == "mix":
        own, urban = own + rate * village, urban + rate * worth.urban_people
    men = (
        settings.men_per_1000_people * worth.people
        + settings.men_per_1000_km2 * theatre.grid.cell_km2
    ) / 1000.0
    towns = _towns(theatre, worth, urban, settings)
    # a cell with townsmen but no settlement of its own keeps their part
    for town in towns:
        urban.ravel()[town.cells[0]] = 0.0
    return Stakes(
        benefit=frozen(np.where(member, own + urban, np.nan)),
        holding=frozen(men * man_usd_yr),
        closure=frozen(np.where(works.buildable, works.closure_usd_km_yr, np.inf)),
        flank=openness(theatre, settings),
        projects=(*towns, *roads),
        effect=effect,
        development=frozen(worth.output * settings.development_share),
        road_share=road_share,
    )


def _towns(
    theatre: Theatre, worth: Worth, urban: NDArray[np.float64], settings: LineSettings
) -> tuple[NamedProject, ...]:
    """Make a project per cell with townsmen, named after its largest town; its cell comes first."""
    grid, member = theatre.grid, theatre.member_mask
    settled = theatre.settlements[theatre.settlements["iso3"].isin(theatre.members)]
    largest = settled.sort_values(["people", "geonameid"], ascending=[False, True])
    points = np.stack([largest.geometry.x.to_numpy(), largest.geometry.y.to_numpy()], axis=1)
    flat = largest["row"].to_numpy() * grid.cols + largest["col"].to_numpy()
    out = []
    for cell in np.flatnonzero((worth.urban_people > 0).ravel()):
        centre = np.array([grid.x[cell % grid.cols], grid.y[cell // grid.cols]])
        here = np.flatnonzero(flat == cell)
        # a border town's people may have been put on the nearest cell of its own state
        nearest = int(((points - centre) ** 2).sum(axis=1).argmin())
        n = int(here[0]) if here.size else nearest
        reach = settings.standoff_km * 1000.0
        # only the box around the town is looked at: at 1 km the grid has thousands of times more
        rows = np.flatnonzero(np.abs(grid.y - points[n, 1]) <= reach)
        cols = np.flatnonzero(np.abs(grid.x - points[n, 0]) <= reach)
        y, x = grid.y[rows, None] - points[n, 1], grid.x[cols] - points[n, 0]
        near = (x**2 + y**2 <= reach**2) & member[np.ix_(rows, cols)]
        around = (rows[:, None] * grid.cols + cols)[near]
        out.append(
            NamedProject(
                kind="town",
                name=str(largest["name"].iloc[n]),
                value=float(urban.ravel()[cell]),
                people=float(worth.urban_people.ravel()[cell]),
                cells=np.concatenate([[cell], around[around != cell]]),
            )
        )
    return tuple(out)


def _roads(
    theatre: Theatre, threat: Threat, settings: LineSettings, effect: float
) -> tuple[NamedProject, ...]:
    """One project per road: what insecurity adds to its freight, averted only if all is held."""
    grid, member = theatre.grid, theatre.member_mask
    out = []
    roads = theatre.routes[theatre.routes["kind"] == "road"]
    for road in roads.itertuples():
        steps = np.arange(0.0, road.geometry.length, grid.cell_m / 8.0)
        points = shapely.line_interpolate_point(road.geometry, steps)
        row, col, inside = grid.locate(shapely.get_x(points), shapely.get_y(points))
        own = inside & member[row, col]
        cells = np.unique(row[own] * grid.cols + col[own])
        if not cells.size:
            continue
        length_km = float(own.sum()) * grid.cell_km / 8.0
        rate = float(threat.loss_rate[row[own], col[own]].mean())
        rise = settings.insecurity_increase * min(1.0, rate / settings.insecurity_loss_rate)
        known = float(road.freight_t_yr)
        tonnes = settings.road_t_yr[int(road.road_class) - 1] if np.isnan(known) else known
        if tonnes == 0:  # field tracks, which carry no trade
            continue
        value = tonnes * length_km * settings.freight_usd_tkm * rise * threat.reach[1] * effect
        out.append(NamedProject("road", str(road.name), value, 0.0, cells))
    return tuple(out)


def ledger(settings: LineSettings, effect: float) -> tuple[Assumption, ...]:
    """List what the stakes rest on."""
    judgement = "judgement: "
    freight = (
        "AICD, https://infrastructureafrica.org/files/nd-inefficient-until_rpfopikz8rv5zbo7zxgy2e"
    )
    ranged = [
        ("standoff_km", 2.0, 20.0, "km", "range of a 107 mm rocket (2: light mortar, 20: 122 mm)"),
        (
            "development_share",
            0.0,
            0.02,
            "share of output/yr",
            judgement + "claimed by the proposal; no evidence read",
        ),
        (
            "men_per_1000_people",
            0.0,
            2.2,
            "men per 1,000 people",
            judgement + "from Mali's 1.8 under arms to 2.3 (4 at the high end), Quinlivan 2003",
        ),
        (
            "men_per_1000_km2",
            1.0,
            25.0,
            "men per 1,000 km²",
            judgement + "high: Algeria's 50,000 men on two million km² of desert",
        ),
        ("freight_usd_tkm", 0.05, 0.13, "USD/t/km", freight),
        (
            "insecurity_increase",
            0.5,
            1.5,
            "share of freight cost",
            "over 100 % on Lomé–Niamey (OECD, December 2024); range: judgement",
        ),
        (
            "insecurity_loss_rate",
            0.025,
            0.2,
            "share of output/yr",
            judgement + "the loss rate of intense conflict (IMF REO April 2019)",
        ),
        ("flank_other", 0.5, 1.0, "openness", judgement + "neighbours may guard their side"),
        (
            "flank_partner",
            0.0,
            0.25,
            "openness",
            judgement + "a partner guards its side (Morocco, by a wall and an army)",
        ),
        ("flank_disputed", 0.0, 1.0, "openness", judgement + "guarded from one side only"),
    ]
    rows = []
    for name, low, high, unit, source in ranged:
        value = float(getattr(settings, name))
        key = f"line.{name}"
        rows.append(Assumption(key, value, min(low, value), max(high, value), unit, source))
    rows += [
        Assumption(
            f"line.road_t_yr.{name}",
            tonnes,
            tonnes / 3,
            tonnes * 3,
            "t/yr",
            "a fifth of 30 % of Mali's 3.5 million t in 2009, "
            "https://www.jeuneafrique.com/193386/archives-thematique/transrail-des-corridors-concurrents/"
            if name == "trunk"
            else judgement + "a quarter of a trunk road's, a tenth of that for a track",
        )
        for name, tonnes in zip(("track", "primary", "trunk"), settings.road_t_yr, strict=True)
    ]
    given = "given by the user"
    rows += [
        Assumption(f"line.flank.{iso3}", value, None, None, "openness", given)
        for iso3, value in settings.flank.items()
    ]
    rows += _limits(settings)
    if settings.usd_per_person_yr is not None:
        rate = settings.usd_per_person_yr
        key, unit = "line.usd_per_person_yr", "USD/person/yr"
        rows.append(Assumption(key, rate, None, None, unit, given))
    rows.append(
        Assumption(
            "line.effect",
            effect,
            None,
            None,
            "share of outside losses",
            "P_E of the weakest ground a line may stand on (one standard), or the mean by what is "
            "at stake (least cost): see works",
        )
    )
    return tuple(rows)


def _limits(settings: LineSettings) -> list[Assumption]:
    """List the limits that a user set; those that are off are none."""
    given = "given by the user"
    rows = [
        Assumption(f"line.flank_segments.{n}", part.openness, None, None, "openness", given)
        for n, part in enumerate(settings.flank_segments)
    ]
    rows += [
        Assumption(f"line.existing.{n}", line.share, None, None, "share of the price", given)
        for n, line in enumerate(settings.existing)
    ]
    units = {"least_piece_km2": "km²", "least_piece_people": "people", "min_width_km": "km"}
    rows += [
        Assumption(f"line.{name}", getattr(settings, name), None, None, unit, given)
        for name, unit in units.items()
        if getattr(settings, name)
    ]
    if settings.connected_to_capital:
        text = given + "; judgement: each member's largest settlement stands for its capital"
        rows.append(Assumption("line.connected_to_capital", 1.0, None, None, "1 is yes", text))
    return rows
