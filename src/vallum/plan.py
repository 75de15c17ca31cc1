"""The plan: every stage in order, readable as prose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vallum import line, theatre, threat, works, worth
from vallum.line.ranges import Ranges, ranges
from vallum.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["STAGES", "Plan", "make"]

STAGES = ("theatre", "worth", "threat", "works", "line", "ranges")


@dataclass(frozen=True, eq=False)
class Plan:
    """What every stage found.

    Attributes
    ----------
    settings
        All of them.
    theatre, worth, threat, works, line
        The stages' results.
    ranges
        Benefit and cost of every step over joint draws.
    """

    settings: Settings
    theatre: theatre.Theatre
    worth: worth.Worth
    threat: threat.Threat
    works: works.Works
    line: line.Line
    ranges: Ranges


def make(
    name: str,
    settings: Settings | None = None,
    *,
    progress: Callable[[str], None] = lambda stage: None,
) -> Plan:
    """Make a plan for a theatre.

    Parameters
    ----------
    name
        A built-in theatre.
    settings
        The defaults if not given.
    progress
        Called with the name of each stage as it begins.

    Returns
    -------
    Plan
        The results of all stages.

    Raises
    ------
    VallumError
        As the stages do.
    """
    chosen = settings or Settings()
    man_usd_yr = chosen.works.man_year_usd * chosen.works.rotation

    progress("theatre")
    ground = theatre.load(name, cell_km=chosen.theatre.cell_km)
    progress("worth")
    vital = worth.value(ground, chosen.worth)
    progress("threat")
    danger = threat.assess(ground, vital, chosen.threat)
    progress("works")
    surface = ground.ground["surface"].to_numpy()
    bound = [i for i, role in ground.countries["role"].items() if role in ("member", "partner")]
    built = works.price(surface, settings=chosen.works, states=[str(iso3) for iso3 in bound])
    progress("line")
    drawn = line.draw(ground, vital, danger, built, chosen.line, man_usd_yr=man_usd_yr)
    progress("ranges")
    sure = ranges(
        ground, vital, danger, built, drawn, draws=chosen.draws, seed=chosen.seed
    )
    return Plan(chosen, ground, vital, danger, built, drawn, sure)
