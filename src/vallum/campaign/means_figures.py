"""The figures behind what the same money would do otherwise, with their ranges and sources."""

from __future__ import annotations

from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.figures import Range
from vallum.kernel.ledger import Assumption

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.theatre.model import Theatre

__all__ = ["MeansFigures", "figures_at", "ledger", "men_per_1000"]

STREAM = 5  # sets these draws apart from the others of the same seed and number


@dataclass(frozen=True)
class MeansFigures:
    """What the alternatives to a line rest on: one draw of the figures, or their mids.

    Attributes
    ----------
    patrol_men
        Men in a patrol.
    patrol_price
        What a man of a patrol costs, as a multiple of a man on the line: vehicles and fuel.
    patrol_moving
        Share of the time that a patrol is on the move.
    sweep_km
        W: width of the strip in which a patrol notices a band.
    patrol_kmh
        v: speed of a patrol on the move.
    resident_h
        Hours that those who start inside are on the move for one attack.
    patrol_odds
        How often a patrol wins, as a multiple of how often a response to the line does.
    wins
        How often a response wins where no line says so.
    police_elasticity
        ε: by what per cent violence falls where there is one per cent more force.
    police_most
        How many times the force there is can grow before more of it counts for nothing.
    police_outside
        Share of that effect that is felt by those who come from elsewhere.
    men_now_per_1000
        Soldiers per 1,000 people where the theatre does not say.
    garrison_men, garrison_per_1000
        Men who guard a town, and those added for each 1,000 of its people.
    garrison_odds
        How often a garrison wins, as a multiple of how often a response to the line does.
    town_share
        Share of the attacks on a place that strikes the town itself.
    development_reaches
        Share of the money that becomes people's income.
    development_elasticity
        By what per cent violence falls where income is one per cent higher; below 0 it rises.
    development_most
        Rise of income beyond which nothing more is taken to change.
    development_origin
        Share of that effect on those who set out from members' land that is not held.
    """

    patrol_men: float
    patrol_price: float
    patrol_moving: float
    sweep_km: float
    patrol_kmh: float
    resident_h: float
    patrol_odds: float
    wins: float
    police_elasticity: float
    police_most: float
    police_outside: float
    men_now_per_1000: float
    garrison_men: float
    garrison_per_1000: float
    garrison_odds: float
    town_share: float
    development_reaches: float
    development_elasticity: float
    development_most: float
    development_origin: float


POLICE = (
    "mid near −0.3 (Draca, Machin & Witt 2011) and −0.35 (Chalfin & McCrary), high −0.99 (Evans & "
    "Owens 2007), all of violent crime or crime at large in cities of rich states, as reported by "
    "https://www.futurelearn.com/courses/economics-of-crime/1/steps/118199 ; the sign also holds "
    "for peacekeepers and civilians killed in Africa (Hultman, Kathman & Shannon 2013, "
    "https://econpapers.repec.org/article/wlyamposc/v_3a57_3ay_3a2013_3ai_3a4_3ap_3a875-891.htm ); "
    "low 0 is a judgement: insurgents are not thieves"
)
INCOME = (
    "high: growth lower by 5 points makes conflict likelier by one half, about 10 per cent for "
    "each (Miguel, Satyanath & Sergenti 2004, "
    "https://papers.ssrn.com/sol3/papers.cfm?abstract_id=562402 ; disputed by Ciccone, "
    "http://www.antoniociccone.eu/?cat=3 ); mid and low are judgements: of 19 studies of aid in "
    "war more find that it makes violence worse than less (Zürcher 2017, https://www.aiddata.org/"
    "publications/what-do-we-not-know-about-development-aid-and-violence-a-systematic-review ), "
    "and one found a large rise (Crost, Felter & Johnston 2014, "
    "https://fdocuments.net/document/aid-under-fire-development-projects-and-civil-con-aid-under-"
    "fire-development.html ), so harm goes as far as good"
)

# unit and range; the mode is the mid
RANGES: Mapping[str, tuple[str, Range]] = MappingProxyType(
    {
        "patrol_men": (
            "men",
            Range(12, 30, 60, "judgement: fewer than a special group of about 200 men that patrols "
                  "the border in Mauritania, https://it.frwiki.wiki/wiki/Groupement_sp%C3%A9cial_"
                  "d%27intervention"),
        ),
        "patrol_price": ("1", Range(1.0, 1.3, 2.0, "judgement: vehicles and fuel, less masonry")),
        "patrol_moving": ("share", Range(0.15, 0.33, 0.5, "judgement: 8 h of a day, by 4 to 12")),
        "sweep_km": ("km", Range(0.5, 2.0, 10.0, "judgement: eyes, tracks, dust and being told")),
        "patrol_kmh": ("km/h", Range(5.0, 20.0, 40.0, "judgement: off the road, with halts")),
        "resident_h": ("h", Range(1.0, 6.0, 24.0, "judgement: they live near what they attack")),
        "patrol_odds": ("1", Range(0.3, 0.7, 1.0, "judgement: fewer men, and no fort behind")),
        "wins": ("probability", Range(0.3, 0.6, 0.9, "judgement: no line says otherwise")),
        "police_elasticity": ("%/%", Range(0.0, 0.3, 0.99, POLICE)),
        "police_most": (
            "1",
            Range(2.0, 3.0, 10.0, "no further than a campus with 200 per cent more police, "
                  "https://sciblogs.co.nz/the-dismal-science/2015/08/05/police-benefits/ ; ends: "
                  "judgement: soldiers are fewer than police to begin with"),
        ),
        "police_outside": ("share", Range(0.0, 0.5, 1.0, "judgement: strangers are noticed late")),
        "men_now_per_1000": (
            "men per 1,000", Range(1.0, 2.0, 4.0, "judgement: the members of the Sahel have 2"),
        ),
        "garrison_men": ("men", Range(40, 120, 335, "judgement: a company, as of the tasks")),
        "garrison_per_1000": ("men per 1,000", Range(0.2, 1.0, 5.0, "judgement: posts and guards")),
        "garrison_odds": ("1", Range(0.4, 0.8, 1.0, "judgement: near, but taken by surprise")),
        "town_share": ("share", Range(0.1, 0.3, 0.6, "judgement: most attacks are on villages, "
                                      "roads and patrols")),
        "development_reaches": ("share", Range(0.2, 0.5, 0.8, "judgement: overheads and theft")),
        "development_elasticity": ("%/%", Range(-10.0, 0.0, 10.0, INCOME)),
        "development_most": (
            "share", Range(0.02, 0.05, 0.1, "judgement: no further than the 5 points of growth "
                           "that the study of conflict speaks of; half to double"),
        ),
        "development_origin": ("share", Range(0.0, 0.3, 1.0, "judgement: work draws some away")),
    }
)  # fmt: skip


def figures_at(seed: int | None, number: int | None) -> MeansFigures:
    """Give the mids, or one draw of all figures from their triangles.

    Parameters
    ----------
    seed
        Of the campaign; None for the mids.
    number
        Of the draw; None for the mids.

    Returns
    -------
    figures
        The same for the same seed and number, whatever was drawn before.

    Examples
    --------
    >>> figures_at(None, None).patrol_men
    30.0
    """
    if seed is None or number is None:
        return MeansFigures(**{name: float(one.mode) for name, (_, one) in RANGES.items()})
    rng = np.random.default_rng((seed, number, STREAM))
    names = [field.name for field in fields(MeansFigures)]
    drawn = {}
    for name in names:
        one = RANGES[name][1]
        drawn[name] = float(rng.triangular(one.low, one.mode, one.high))
    return MeansFigures(**drawn)


def ledger() -> tuple[Assumption, ...]:
    """Give the figures as rows `campaign.means.*`."""
    return tuple(
        Assumption(f"campaign.means.{name}", one.mode, one.low, one.high, unit, one.source)
        for name, (unit, one) in RANGES.items()
    )


def men_per_1000(theatre: Theatre, figures: MeansFigures) -> float:
    """Give the members' soldiers per 1,000 of their people.

    Parameters
    ----------
    theatre
        Its table of forces has `men` by state, or is empty.
    figures
        What to take where the table does not tell of all members.

    Returns
    -------
    density
        Men per 1,000 people.
    """
    forces = theatre.forces
    men = forces.loc[forces["item"] == "men"].set_index("state")["mode"]
    known = [iso3 for iso3 in theatre.members if iso3 in men.index and float(men[iso3]) > 0]
    if len(known) < len(theatre.members) or not known:
        return figures.men_now_per_1000
    people = float(theatre.countries.loc[known, "people"].sum())
    return 1000.0 * float(men[known].sum()) / people if people > 0 else figures.men_now_per_1000
