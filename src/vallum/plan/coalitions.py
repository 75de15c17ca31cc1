"""Line and forces of a coalition, drawn again for it alone: what the accord is handed."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from vallum import forces, line
from vallum.accord.annex import draft
from vallum.accord.annex_plan import figures
from vallum.accord.assess import assess
from vallum.accord.coalitions import ends_of
from vallum.accord.model import Redrawn
from vallum.errors import InfeasibleError, InputError
from vallum.kernel.territory import score
from vallum.theatre.coalition import only

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum import campaign, dividend, theatre, threat, works, worth
    from vallum.accord.model import Accord
    from vallum.line.ranges import Ranges
    from vallum.settings import Settings

__all__ = ["Found", "agreed", "aim_of", "dated", "lasts", "redrawn"]

OTHER_AIM = (
    "coalitions are compared by the output that they hold, each by the cheapest line that holds "
    "enough of it: that of all members together is not the plan's own, which was drawn for another "
    "aim"
)
NEAR = 1e-9  # of the output: what counts as as much
_DATE = re.compile(r"\b(\d{4})(?:-(\d{2})-(\d{2}))?\b")


@dataclass(frozen=True, eq=False)
class Found:
    """What the earlier stages found."""

    theatre: theatre.Theatre
    worth: worth.Worth
    threat: threat.Threat
    works: works.Works
    line: line.Line
    forces: forces.Forces


def agreed(
    found: Found,
    settings: Settings,
    played: campaign.Campaign,
    bought: dividend.Dividend,
    ranges: Ranges,
) -> Accord:
    """Find what each coalition is worth, and draft the annex.

    Parameters
    ----------
    found, settings
        Of the plan.
    played, bought, ranges
        Results of the later stages; the land aimed at is that of the campaign's last case.

    Returns
    -------
    Accord
        With the draft, or in `said` why there is none.
    """
    case = played.cases[-1] if played.cases else None
    step = found.line.step if case is None else case.step
    man = settings.works.man_year_usd * settings.works.rotation
    accord = assess(
        found.theatre,
        found.worth,
        bought,
        settings.accord,
        redraw=lambda coalition, part: redrawn(found, settings, coalition, part, step),
        held=aim_of(found, step),
        ends=ends_of(ranges, found.line, step),
        man_usd_yr=man,
        seed=settings.seed,
    )
    if settings.line.objective != "output":
        accord = replace(accord, said=(*accord.said, OTHER_AIM))
    as_of = dated(found.theatre)
    if as_of is None:
        why = "no annex can be drafted: no source of the theatre carries a date"
        return replace(accord, said=(*accord.said, why))
    made = figures(
        found.theatre,
        found.works,
        accord,
        case,
        rotation=settings.works.rotation,
        as_of=as_of,
    )
    if isinstance(made, str):
        return replace(accord, said=(*accord.said, made))
    return replace(accord, annex=draft(made))


def lasts(accord: Accord, settings: Settings) -> int:
    """Give the months until the joint line is covered; the dividend's delay without a programme."""
    joint = accord.joint
    if joint is not None and joint.forces is not None and joint.forces.programme is not None:
        return max(int(joint.forces.programme.table["covered_month"].max()), 1)
    return max(round(settings.dividend.delay_yr * 12), 1)


def dated(ground: theatre.Theatre) -> date | None:
    """Give the latest date that a theatre's sources carry, of a year alone its last day."""
    days = []
    for source in ground.sources:
        for year, month, day in _DATE.findall(source.date):
            with contextlib.suppress(ValueError):  # no such day
                days.append(date(int(year), int(month or 12), int(day or 31)))
    return max(days, default=None)


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
        Its members; of all of them, the plan's own frontier is taken, but where another objective
        than output drew it: coalitions are compared in dollars of losses alone.
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
    if everyone and settings.line.objective == "output":
        drawn, chosen = found.line, step
    else:
        try:
            drawn = line.draw(
                ground, found.worth, found.threat, found.works, asked, man_usd_yr=man, compare=False
            )
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
    return Redrawn(
        drawn, float(alone.cost), float(alone.line_km), manned,
        part_benefit_usd_yr=float(alone.benefit), enough=not short,
    )  # fmt: skip
