"""Line and forces of a coalition, drawn again for it alone: what the accord is handed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from vallum import forces, line
from vallum.accord.model import Redrawn
from vallum.errors import InfeasibleError, InputError
from vallum.kernel.territory import score

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum import theatre, threat, works, worth
    from vallum.settings import Settings

__all__ = ["Found", "aim_of", "only", "redrawn"]

NEAR = 1e-9  # of the output: what counts as as much
FLANK = "flank"


@dataclass(frozen=True, eq=False)
class Found:
    """What the earlier stages found."""

    theatre: theatre.Theatre
    worth: worth.Worth
    threat: threat.Threat
    works: works.Works
    line: line.Line
    forces: forces.Forces


def only(ground: theatre.Theatre, coalition: frozenset[str]) -> theatre.Theatre:
    """Make the theatre of a coalition: the other members are neighbours, and their border open.

    Parameters
    ----------
    ground
        Of all members.
    coalition
        Who stays a member.
    """
    countries = ground.countries.copy()
    gone = countries["role"].eq("member") & ~countries.index.isin(sorted(coalition))
    countries.loc[gone, "role"] = FLANK
    return replace(ground, countries=countries)


def aim_of(found: Found, step: int) -> NDArray[np.bool_]:
    """Mark the land that a step of the chain holds."""
    entry = found.line.plans.entry
    return np.asarray((entry >= 0) & (entry <= step))


def redrawn(
    found: Found, settings: Settings, coalition: frozenset[str], part: NDArray[np.bool_], step: int
) -> Redrawn | str:
    """Draw line and forces again for a coalition.

    Parameters
    ----------
    found, settings
        Of the plan.
    coalition
        Its members; of all of them, the plan's own frontier is taken.
    part
        Land whose output it is to hold at least as much as, its own, shape (rows, cols).
    step
        Of the plan's chain, which all members together hold.

    Returns
    -------
    Redrawn
        A sentence in its place where the constraints that the user fixed can't be met by it.
    """
    man = settings.works.man_year_usd * settings.works.rotation
    everyone = coalition == frozenset(found.theatre.members)
    ground = found.theatre if everyone else only(found.theatre, coalition)
    asked = settings.line.model_copy(
        update={"objective": "output", "mu": None, "budget_usd_yr": None, "refine": 0.0}
    )
    if everyone and settings.line.objective != "people":
        drawn, chosen = found.line, step
    else:
        try:
            drawn = line.draw(ground, found.worth, found.threat, found.works, asked, man_usd_yr=man)
        except InfeasibleError as error:
            return "; ".join(f"{fault.found}; {fault.mend}" for fault in error.faults)
        except InputError as error:  # the user fixed land that is no longer a member's
            return "; ".join(f"{fault.place}: {fault.found}" for fault in error.faults)
        wanted = float(found.worth.output[part].sum()) * (1.0 - NEAR)
        total = float(found.worth.output.sum())
        output = drawn.plans.steps["output_share"].to_numpy(np.float64) * total
        enough = np.flatnonzero(output >= wanted)
        if not len(output):
            return "no land of its own can be held"
        chosen = int(enough[0]) if enough.size else len(output) - 1
    drawn = line.at_step(ground, found.works, asked, drawn, chosen)
    own = part & ground.member_mask
    short = drawn.score.cells < 1 or (not everyone and not enough.size)
    inside = np.zeros(own.shape, bool)
    inside.ravel()[drawn.plans.problem.cells] = True
    alone = score(drawn.plans.problem, own & inside)
    if short and not np.isfinite(alone.cost):
        return "no line of its own holds as much, and its part alone can't be enclosed lawfully"
    manned = None
    if settings.accord.forces:
        calm = settings.forces.tasks.model_copy(update={"men_factors": (), "effects": ()})
        manned = forces.deploy(
            ground,
            found.threat,
            found.works,
            drawn,
            settings.forces.model_copy(update={"tasks": calm}),  # what if is the plan's own
            how=settings.works,
        )
    return Redrawn(drawn, float(alone.cost), float(alone.line_km), manned)
