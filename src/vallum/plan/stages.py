"""The plan: every stage in order, readable as prose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from vallum import accord, campaign, dividend, forces, line, theatre, threat, window, works, worth
from vallum.errors import Fault, InputError, nearest
from vallum.kernel.card import Shown
from vallum.line.billed import bill_of
from vallum.line.ranges import Ranges, ranges
from vallum.line.robust import Robust, pool_for, robust
from vallum.plan import coalitions
from vallum.plan.card import plan_card
from vallum.settings import Settings
from vallum.works.assess import standard_by_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from vallum.kernel.card import Card
    from vallum.plan.kept import Kept
    from vallum.works import Bill

__all__ = ["STAGES", "Plan", "bound", "ground_of", "make", "play", "run", "until"]

T = TypeVar("T")
MOST_DRAWN = 6  # times that the line is drawn until its effect settles
SETTLED = 1e-3  # of the effect
LEAST_EFFECT = 1e-6

STAGES = (
    "theatre", "worth", "threat", "works", "line", "bill", "forces", "ranges", "robust", "campaign",
    "dividend",
    "accord",
    "window",
)  # fmt: skip


def _say_nothing(_stage: str) -> None:
    """Report no progress."""


@dataclass(frozen=True, eq=False, repr=False)
class Plan(Shown):
    """What every stage found.

    Attributes
    ----------
    settings
        All of them.
    theatre, worth, threat, works, line
        The stages' results.
    bill
        What the chosen line is made of.
    forces
        Who mans it, who does what, and what is built when.
    ranges
        Benefit and cost of every step over joint draws.
    robust
        What of it stands when the frontier is found again for each draw; None without such draws.
    campaign
        Whether it holds against those who go round, wait, or were inside all along.
    dividend
        What it buys, against everything that it costs.
    accord
        What each coalition of states is worth, who should pay, and the draft of a task annex.
    window
        Whether the diplomatic opening is real, and lasts.
    """

    settings: Settings
    theatre: theatre.Theatre
    worth: worth.Worth
    threat: threat.Threat
    works: works.Works
    line: line.Line
    bill: Bill
    forces: forces.Forces
    ranges: Ranges
    robust: Robust | None = None
    campaign: campaign.Campaign | None = None
    dividend: dividend.Dividend | None = None
    accord: accord.Accord | None = None
    window: window.Window | None = None

    def card(self) -> Card:
        """Say it in short, for notebooks and consoles."""
        return plan_card(self)


def ground_of(name: str, settings: Settings) -> theatre.Theatre:
    """Load the theatre that settings ask for.

    Parameters
    ----------
    name
        A built-in theatre, or a theatre's folder.
    settings
        Of all stages; those of the theatre are read.

    Returns
    -------
    Theatre
        On its grid, with the members who take part.

    Raises
    ------
    InputError
        As `vallum.theatre.load`.
    """
    return theatre.load(
        name, cell_km=settings.theatre.cell_km, coalition=settings.theatre.coalition
    )


def run(
    name: str, settings: Settings, *, scheduler: str | None = None, kept: Kept | None = None
) -> Iterator[tuple[str, Any]]:
    """Run the stages in order; each yields its name and result.

    Parameters
    ----------
    name
        A built-in theatre.
    settings
        Of all stages.
    scheduler
        Address of a dask scheduler for the draws of `robust` and `campaign`; no setting, for it
        changes nothing.
    kept
        Results of an earlier run of the same theatre and settings that was stopped: those are not
        worked out again, and new ones are put there as they come.

    Yields
    ------
    stage, result
        In the order of `STAGES`.
    """

    def once(stage: str, make: Callable[[], T]) -> T:
        if kept is None:
            return make()
        if kept.has(stage):
            return cast("T", kept.get(stage))
        found = make()
        kept.put(stage, found)
        return found

    ground = once("theatre", lambda: ground_of(name, settings))
    works.check(settings.works, bound(ground))  # what is barred is refused before the long work
    standard_by_cell(ground, settings.works)
    yield "theatre", ground

    vital = once("worth", lambda: worth.value(ground, settings.worth))
    yield "worth", vital

    full = settings.depth == "full"
    danger = once(
        "threat",
        lambda: threat.assess(ground, vital, settings.threat, seed=settings.seed, full=full),
    )
    yield "threat", danger

    built = once(
        "works",
        lambda: works.assess(
            ground,
            vital,
            danger,
            settings.works,
            states=bound(ground),
            seed=settings.seed,
            full=full,
        ),
    )
    yield "works", built

    man_usd_yr = settings.works.man_year_usd * settings.works.rotation

    def draw(priced: works.Works) -> line.Line:
        return line.draw(ground, vital, danger, priced, settings.line, man_usd_yr=man_usd_yr)

    least = settings.works.rule == "least_cost"
    first = built
    built, drawn = once(
        "line", lambda: _settled(first, draw(first), draw) if least else (first, draw(first))
    )
    if least:
        yield "works", built  # with the effect of the line that was drawn
    yield "line", drawn

    cut = works.roads_cut(drawn.line.geometry, ground.routes)
    yield "bill", bill_of(built, drawn.course, settings.works, roads=cut)

    manned = once(
        "forces",
        lambda: forces.deploy(
            ground, danger, built, drawn, settings.forces, how=settings.works, full=full
        ),
    )
    yield "forces", manned

    sure = once(
        "ranges",
        lambda: ranges(
            ground, vital, danger, built, drawn, draws=settings.draws, seed=settings.seed
        ),
    )
    yield "ranges", sure

    def stands() -> Robust | None:
        cells = int(ground.member_mask.sum())
        if not settings.robust.draws_at(cells):
            return None
        return robust(
            ground,
            vital,
            danger,
            built,
            drawn,
            settings.line,
            how=settings.robust,
            seed=settings.seed,
            man_usd_yr=man_usd_yr,
            pool=pool_for(settings.robust, cells, scheduler),
        )

    yield "robust", once("robust", stands)

    played = once(
        "campaign",
        lambda: _played((ground, danger, built, drawn, manned), settings, scheduler),
    )
    yield "campaign", played

    bought = once(
        "dividend",
        lambda: dividend.assess(
            ground,
            vital,
            danger,
            built,
            drawn,
            manned,
            played,
            settings.dividend,
            how=settings.works,
            seed=settings.seed,
        ),
    )
    yield "dividend", bought

    stages = coalitions.Found(ground, vital, danger, built, drawn, manned)
    agreed = once("accord", lambda: coalitions.agreed(stages, settings, played, bought, sure))
    yield "accord", agreed

    yield (
        "window",
        window.assess(
            ground,
            agreed,
            settings.window,
            programme_months=coalitions.lasts(agreed, settings),
            seed=settings.seed,
        ),
    )


def _played(
    found: tuple[theatre.Theatre, threat.Threat, works.Works, line.Line, forces.Forces],
    settings: Settings,
    scheduler: str | None,
    checkpoint: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> campaign.Campaign:
    """Play the campaign on the results of the earlier stages."""
    return campaign.campaign(
        *found,
        settings.campaign,
        how=settings.works,
        asked=settings.threat,
        seed=settings.seed,
        pool=campaign.pool_for(settings.campaign, scheduler),
        checkpoint=checkpoint,
        progress=progress,
    )


def play(
    name: str,
    settings: Settings | None = None,
    *,
    checkpoint: Path | None = None,
    scheduler: str | None = None,
    progress: Callable[[str], None] = _say_nothing,
    counted: Callable[[int, int], None] | None = None,
) -> campaign.Campaign:
    """Play the campaign alone: the stages that it needs, then the draws asked for.

    Parameters
    ----------
    name, settings, progress, scheduler
        As for `make`.
    checkpoint
        Folder in which finished draws are kept: a play that was stopped goes on from there.
    counted
        Called with draws played, and draws asked for.

    Returns
    -------
    Campaign
        As in a plan.

    Raises
    ------
    VallumError
        As the stages do.
    """
    chosen = settings or Settings()
    got = until("forces", name, chosen, progress=progress, scheduler=scheduler)
    progress("campaign")
    stages = (got["theatre"], got["threat"], got["works"], got["line"], got["forces"])
    return _played(stages, chosen, scheduler, checkpoint, counted)


def _settled(
    built: works.Works, drawn: line.Line, draw: Callable[[works.Works], line.Line]
) -> tuple[works.Works, line.Line]:
    """Draw again with the effect of the line that was drawn, until both agree.

    A change of the effect scales all losses averted alike, so the family of plans stays and only
    the choice among them moves. Where it goes to and fro, the least effect seen is kept, and said.
    """
    seen = []
    for _ in range(MOST_DRAWN):
        ends = works.effect_along(built, drawn.course.by_cell.length_km)
        # with no effect at all every plan but none is as good as any: there is no best to draw
        low, mid, high = (max(end, LEAST_EFFECT) for end in ends)
        along = (low, mid, high)
        if abs(along[1] - built.effect[1]) <= SETTLED:
            return built, drawn
        seen.append(along)
        built = replace(built, effect=along)
        drawn = draw(built)
    least = min(seen, key=lambda ends: ends[1])
    told = "" if built.status == "ok" else f"{built.status}; "
    text = f"{told}the effect of the line and the line did not settle; the least effect is taken"
    built = replace(built, effect=least, status=text)
    return built, draw(built)


def make(
    name: str,
    settings: Settings | None = None,
    *,
    progress: Callable[[str], None] = _say_nothing,
    scheduler: str | None = None,
    kept: Kept | None = None,
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
    scheduler
        Address of a dask scheduler for the draws of `robust` and `campaign`; processes of this
        machine if not given. The plan is the same.
    kept
        As for `run`. The plan is the same.

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
    found = until(STAGES[-1], name, chosen, progress=progress, scheduler=scheduler, kept=kept)
    return Plan(settings=chosen, **found)


def until(
    last: str,
    name: str,
    settings: Settings,
    *,
    progress: Callable[[str], None] = _say_nothing,
    scheduler: str | None = None,
    kept: Kept | None = None,
) -> dict[str, Any]:
    """Run the stages up to one of them.

    Parameters
    ----------
    last
        One of `STAGES`.
    name, settings, progress, scheduler, kept
        As for `make`.

    Returns
    -------
    results
        By name of the stage, in order.

    Raises
    ------
    InputError
        For a stage that there is not.
    """
    if last not in STAGES:
        raise InputError([Fault("stage", last, "no such stage", nearest(last, STAGES))])
    results: dict[str, Any] = {}
    progress(STAGES[0])
    for stage, result in run(name, settings, scheduler=scheduler, kept=kept):
        results[stage] = result
        if stage == last:
            break
        progress(STAGES[len(results)])
    return results


def bound(ground: theatre.Theatre) -> list[str]:
    """Name the states whose law binds what is built: members, and partners who may not help."""
    return list(ground.parties)
