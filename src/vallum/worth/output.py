"""Output and people per cell, with national totals conserved.

`Σ w_i` over a state is its GDP: what a site produces sits at the site, farming follows country
people on farmable ground, and the rest follows people, townsmen weighted by an urban premium.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import Fault, InputError
from vallum.kernel.arrays import frozen
from vallum.kernel.card import Shown
from vallum.kernel.ledger import Assumption
from vallum.worth.card import worth_card

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.kernel.card import Card
    from vallum.theatre import Theatre
    from vallum.worth.settings import WorthSettings

__all__ = ["Worth", "value"]

# kinds of sites that produce; heritage, parks and markets draw visitors and trade, which the
# rest of the national output already holds
FARM_KINDS = ("irrigation", "fishery")
PLANT_KINDS = ("mine", "port", "power", "industry", "dam")
MAP = "output_usd_yr"  # the layer of a theatre that brings a map of output
FARMABLE = {1: 0.1, 2: 0.1, 3: 1.0, 4: 1.0}  # by surface: sand, rock, soil, wetland


@dataclass(frozen=True, eq=False, repr=False)
class Worth(Shown):
    """What is vital, cell by cell. All arrays have shape (rows, cols) and are 0 outside members.

    Attributes
    ----------
    output
        USD/yr; over a state it sums to its GDP.
    urban_output
        The part of `output` that townsmen make outside farming, USD/yr.
    site_output
        The part that sites make, USD/yr.
    people, urban_people
        People, and those of them in towns. Never turned into dollars here.
    gdp
        USD/yr by state, iso3.
    ledger
        The assumptions behind it.
    fingerprint
        Of the theatre it was made from.
    """

    output: NDArray[np.float64]
    urban_output: NDArray[np.float64]
    site_output: NDArray[np.float64]
    people: NDArray[np.float64]
    urban_people: NDArray[np.float64]
    gdp: dict[str, float]
    ledger: tuple[Assumption, ...]
    fingerprint: str

    def card(self) -> Card:
        """Say it in short, for notebooks and consoles."""
        return worth_card(self)


def value(theatre: Theatre, settings: WorthSettings) -> Worth:
    """Spread the members' output over their cells.

    Parameters
    ----------
    theatre
        The ground.
    settings
        Premium and share of value added.

    Returns
    -------
    Worth
        Output and people per cell; each state's output sums to its GDP to 1e-9 relative.

    Raises
    ------
    InputError
        If a member has no GDP, no farming share or no people.
    """
    faults = _faults(theatre)
    if faults:
        raise InputError(faults)
    shape = theatre.grid.shape
    output, urban, site = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    gdp: dict[str, float] = {}
    people = theatre.ground["people"].to_numpy().astype(np.float64)
    town = theatre.ground["urban_people"].to_numpy().astype(np.float64)
    farmable = np.zeros(shape)
    for code, weight in FARMABLE.items():
        farmable[theatre.ground["surface"].to_numpy() == code] = weight
    for iso3 in theatre.members:
        mask = theatre.state_mask(iso3)
        gdp[iso3] = _figure(theatre, iso3, "gdp_usd")
        if MAP in theatre.ground:
            drawn, townsmen = _from_map(theatre, mask, gdp[iso3], settings.urban_premium)
            output += drawn
            urban += townsmen
            continue
        farming = gdp[iso3] * _figure(theatre, iso3, "agriculture_share")
        rest = gdp[iso3] - farming
        farm_sites = _at_sites(theatre, iso3, FARM_KINDS, settings.value_added_share, most=farming)
        plants = _at_sites(theatre, iso3, PLANT_KINDS, settings.value_added_share, most=rest)
        village = np.where(mask, people - town, 0.0)
        rural_farm = _spread(farming - farm_sites.sum(), village * farmable, village, mask)
        services = (village + np.where(mask, town, 0.0)) + np.where(
            mask, town * (settings.urban_premium - 1.0), 0.0
        )
        other = _spread(rest - plants.sum(), services, services, mask)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.nan_to_num(town * settings.urban_premium / services)
        share = np.minimum(share, 1.0)  # where all are townsmen, rounding must not make it more
        output += farm_sites + plants + rural_farm + other
        urban += other * np.where(mask, share, 0.0)
        site += farm_sites + plants
    member = theatre.member_mask
    return Worth(
        output=frozen(output),
        urban_output=frozen(urban),
        site_output=frozen(site),
        people=frozen(np.where(member, people, 0.0)),
        urban_people=frozen(np.where(member, town, 0.0)),
        gdp=gdp,
        ledger=_ledger(theatre, settings),
        fingerprint=theatre.fingerprint,
    )


def _from_map(
    theatre: Theatre, mask: NDArray[np.bool_], gdp: float, premium: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Take a state's output from the theatre's map of it, scaled to its GDP.

    Of a cell's output, townsmen make the share that their number, weighted by the premium, has in
    it; the map doesn't tell sites apart.
    """
    people, town = (theatre.ground[name].to_numpy() for name in ("people", "urban_people"))
    drawn = np.where(mask, theatre.ground[MAP].to_numpy(), 0.0)
    output = _spread(gdp, drawn, np.where(mask, people, 0.0), mask)
    weight = people - town + town * premium
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.nan_to_num(town * premium / weight)
    return output, output * np.minimum(share, 1.0)


def _figure(theatre: Theatre, iso3: str, column: str) -> float:
    """Read one national figure."""
    return float(theatre.countries[column].astype(np.float64)[iso3])


def _faults(theatre: Theatre) -> list[Fault]:
    """Say what the members' rows lack."""
    faults = []
    for iso3 in theatre.members:
        farming = () if MAP in theatre.ground else ("agriculture_share",)
        for column in ("gdp_usd", *farming, "people"):
            figure = _figure(theatre, iso3, column)
            if not (np.isfinite(figure) and figure > 0):
                place = f"{iso3}, {column}"
                mend = "give a positive figure for every member state"
                faults.append(Fault(f"theatre {theatre.name}", place, f"{figure}", mend))
    return faults


def _at_sites(
    theatre: Theatre, iso3: str, kinds: tuple[str, ...], share: float, *, most: float
) -> NDArray[np.float64]:
    """Value added at a state's sites of some kinds, scaled down if it exceeds the sector's."""
    sites = theatre.sites
    own = sites[
        (sites["state"] == iso3) & sites["kind"].isin(kinds) & sites["output_usd_yr"].notna()
    ]
    out = np.zeros(theatre.grid.shape)
    np.add.at(
        out,
        (own["row"].to_numpy(), own["col"].to_numpy()),
        own["output_usd_yr"].to_numpy(np.float64) * share,
    )
    # a site whose cell's centre lies over the border is still its own state's: see `_home`
    out = _home(out, theatre.state_mask(iso3))
    total = float(out.sum())
    return out * (most / total) if total > most else out


def _home(amount: NDArray[np.float64], mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Move what lies on cells outside `mask` to the nearest cell inside it."""
    stray = np.argwhere((amount > 0) & ~mask)
    if not stray.size:
        return amount
    moved, home = np.where(mask, amount, 0.0), np.argwhere(mask)
    for row, col in stray:
        near = home[((home - (row, col)) ** 2).sum(axis=1).argmin()]
        moved[near[0], near[1]] += amount[row, col]
    return moved


def _spread(
    total: float,
    weight: NDArray[np.float64],
    fallback: NDArray[np.float64],
    mask: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Spread a total by a weight; by the fallback, then evenly, where the weight is nowhere."""
    for candidate in (weight, fallback, mask.astype(np.float64)):
        if candidate.sum() > 0:
            part: NDArray[np.float64] = candidate * (total / candidate.sum())
            return part
    return np.zeros(mask.shape)


def _ledger(theatre: Theatre, settings: WorthSettings) -> tuple[Assumption, ...]:
    """List the figures that worth rests on."""
    rows = [
        Assumption(
            "worth.urban_premium",
            settings.urban_premium,
            1.0,
            4.0,
            "ratio",
            "IFPRI brief 2023 (Mali: 40 % of output and 60 % of work in farming); high: Gollin, "
            "Lagakos & Waugh, mean of developing countries; low: no premium",
        ),
        Assumption(
            "worth.value_added_share",
            settings.value_added_share,
            0.3,
            0.8,
            "share of gross sales",
            "judgement: sites publish sales, and buy fuel, plant and services out of them",
        ),
    ]
    rows.append(
        Assumption(
            "worth.farmable.sand_and_rock",
            FARMABLE[1],
            0.0,
            0.3,
            "weight beside soil",
            "judgement: oases and valleys only; soil and wetland count 1",
        )
    )
    for iso3 in theatre.members:
        row = theatre.countries.loc[iso3]
        named = [("gdp", "gdp_usd", "USD/yr"), ("people", "people", "people")]
        if MAP not in theatre.ground:
            named.append(("agriculture_share", "agriculture_share", "share of GDP"))
        rows += [
            Assumption(
                f"worth.{key}.{iso3}",
                _figure(theatre, iso3, column),
                None,
                None,
                unit,
                str(row[f"{column.removesuffix('_usd').removesuffix('_share')}_source"]),
            )
            for key, column, unit in named
        ]
    return tuple(rows)
