"""One history of the campaign under one way to spend money."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from vallum.campaign.gravity import Gravity, Ways, before, ways
from vallum.campaign.model import Played
from vallum.campaign.play_kernel import Counts, Ground, Rules, State, Stops, play_phase
from vallum.campaign.seeds import key, poisson, uniform
from vallum.errors import Fault, InputError
from vallum.kernel.arrays import frozen, sum_by
from vallum.kernel.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.campaign.model import Chosen, Means, World

__all__ = ["Ready", "arrivals_a_quarter", "chances", "covered", "play", "play_on", "ready"]

_MOST = 0.999  # no line stops more
_EARLIER, _LOCAL = -2, -1  # addresses beside the quarters': who waits at the start; residents


@dataclass(frozen=True, eq=False)
class Ready:
    """What all ways to spend money share in a draw.

    Attributes
    ----------
    ways, gravity
        Before anything is built.
    fort_reach
        What a fort at each entry would attract from each base if it had the pull of all held
        targets together, 1 for all targets before, shape (S, K).
    behind
        The V targets that lie behind entries.
    share
        `ways.share` of those, whole in memory and writeable, as the kernel was compiled for it;
        shape (S, V, K).
    pull, slot, by_entry, group
        As the kernel takes them (`vallum.campaign.play_kernel.Ground`).
    of_group
        Journeys of each group a year, shape (G,).
    gate
        Which entries are gates, shape (K,).
    """

    ways: Ways
    gravity: Gravity
    fort_reach: NDArray[np.float64]
    behind: NDArray[np.int64]
    share: NDArray[np.float64]
    pull: NDArray[np.float64]
    slot: NDArray[np.int64]
    by_entry: NDArray[np.bool_]
    group: NDArray[np.int64]
    of_group: NDArray[np.float64]
    gate: NDArray[np.bool_]


def ready(world: World, chosen: Chosen, known: Ways | None = None) -> Ready:
    """Prepare a draw.

    Parameters
    ----------
    world
        Places and ways.
    chosen
        The draw.
    known
        From `vallum.campaign.gravity.ways`, where that was done already.

    Returns
    -------
    Ready
        For `play_on`.
    """
    known = ways(world) if known is None else known
    gravity = before(world, chosen, known)
    held = (world.targets["side"] == "held").to_numpy()
    held = held & gravity.journeys.any(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):  # a base that sends nobody: 0 / 0
        sent = np.log(gravity.journeys[:, held]) - np.log(gravity.origin)[:, None]
    hours = np.where(np.isfinite(known.cost[:, held]), known.cost[:, held], 0.0)
    sent = np.where(gravity.journeys[:, held] > 0, sent + hours / chosen.range_h, -np.inf)
    mass = np.logaddexp.reduce(sent, axis=1, initial=-np.inf)
    fort_reach = np.exp(mass[:, None] - np.asarray(world.out, np.float64) / chosen.range_h)
    behind = np.flatnonzero(known.by_entry.any(axis=0))
    share = np.ascontiguousarray(known.share[:, :, behind].transpose(0, 2, 1))
    origin = gravity.origin[:, None]
    pull = np.divide(
        gravity.journeys, origin, out=np.zeros(gravity.journeys.shape), where=origin > 0
    )
    slot = np.full(pull.shape[1], -1, np.int64)
    slot[behind] = np.arange(behind.size)
    label = world.bases["group"].to_numpy(np.int64)
    _, group = np.unique(label, return_inverse=True)
    return Ready(
        ways=known,
        gravity=gravity,
        fort_reach=frozen(fort_reach),
        behind=behind,
        share=share,
        pull=pull,
        slot=slot,
        by_entry=known.by_entry.copy(),
        group=group.astype(np.int64),
        of_group=sum_by(group, gravity.origin, int(group.max(initial=-1)) + 1),
        gate=_gates(world),
    )


def _gates(world: World) -> NDArray[np.bool_]:
    """Say which entries are gates."""
    return np.asarray((world.entries["kind"] == "gate").to_numpy(), np.bool_)


def chances(world: World, means: Means, chosen: Chosen) -> NDArray[np.float64]:
    """Give the chance of being stopped at each entry once it is covered.

    Parameters
    ----------
    world
        Of which the entries' kinds are used.
    means
        Of which `stop_entry` is used.
    chosen
        Of which `effect` and `bought` are used.

    Returns
    -------
    chances
        Shape (K,), at most 0.999: times `effect`; at gates times `1 − bought` instead.
    """
    return _chances(_gates(world), means, chosen)


def _chances(gate: NDArray[np.bool_], means: Means, chosen: Chosen) -> NDArray[np.float64]:
    """Give the chances where the gates are known."""
    stop = means.stop_entry * np.where(gate, 1.0 - chosen.bought, chosen.effect)
    return np.clip(stop, 0.0, _MOST)


def covered(means: Means, phase: int) -> NDArray[np.bool_]:
    """Say which entries are covered in a phase.

    Parameters
    ----------
    means
        Of which `covered_phase`, `stop_entry` and `forts` are used.
    phase
        Number of the phase.

    Returns
    -------
    covered
        Shape (K,). Where nothing stops and no fort stands nothing is feared, or learnt.
    """
    there = (means.stop_entry > 0) | (means.forts > 0)
    return np.asarray((means.covered_phase <= phase) & there, np.bool_)


def arrivals_a_quarter(
    origin: NDArray[np.float64], means: Means, chosen: Chosen
) -> NDArray[np.float64]:
    """Give how many new bands become ready at each base in a quarter, at full strength.

    Parameters
    ----------
    origin
        O_s: journeys a year before, shape (S,).
    means
        Of which `origin_factor` is used.
    chosen
        Of which `still` and `persist` are used.

    Returns
    -------
    new
        `O_s / 4 · (1 − persist s0) / (1 − s0)` times the factor, shape (S,).
    """
    scale = 0.25 * (1.0 - chosen.persist * chosen.still) / (1.0 - chosen.still)
    return np.asarray(origin * scale * means.origin_factor, np.float64)


def play(
    world: World,
    means: Means,
    chosen: Chosen,
    *,
    years: tuple[int, ...],
    seed: int,
    number: int,
) -> Played:
    """Play a history.

    Parameters
    ----------
    world
        Places and ways.
    means
        What is done.
    chosen
        How the other side chooses.
    years
        Of each phase, 1 or more.
    seed, number
        Of the campaign and of the draw: the same give the same history, and the same random
        numbers under other means.

    Returns
    -------
    Played
        Per year of each phase.

    Raises
    ------
    InputError
        For phases that do not last.
    """
    return play_on(ready(world, chosen), world, means, chosen, years, (seed, number))


def play_on(
    made: Ready,
    world: World,
    means: Means,
    chosen: Chosen,
    years: tuple[int, ...],
    numbers: tuple[int, int],
) -> Played:
    """Play a history of a draw that is prepared.

    Parameters
    ----------
    made
        From `ready`, of the same world and draw.
    world, means, chosen, years
        As in `play`.
    numbers
        Seed and number of the draw.

    Returns
    -------
    Played
        As `play` gives.

    Raises
    ------
    InputError
        For phases that do not last.
    """
    if not years or min(years) < 1:
        mend = "give whole years, 1 or more, for each phase"
        raise InputError([Fault("campaign", "years", f"{years}", mend)])
    own = key(*numbers)
    ground = _ground(made, means, chosen)
    rules = _rules(world, chosen)
    state = _at_first(ground, rules, key(*numbers, _EARLIER))
    stop = _chances(made.gate, means, chosen)
    on_way, at_target = _full(means.stop_way), _full(means.stop_target)
    rows, quarter = [], 0
    for phase, lasts in enumerate(years):
        stops = Stops(covered(means, phase), stop, on_way, at_target)
        counts = _nothing(ground)
        play_phase(ground, rules, stops, state, counts, own, (quarter, quarter + 4 * lasts))
        rate = lasts * made.gravity.resident * means.resident_factor
        local = _residents(rate, key(*numbers, _LOCAL, phase))
        rows.append(_row(counts, local, _mean_strength(made, ground, state), lasts))
        quarter += 4 * lasts
    names = [field.name for field in fields(Played)]
    return Played(**{name: frozen(np.array([row[name] for row in rows])) for name in names})


def _ground(made: Ready, means: Means, chosen: Chosen) -> Ground:
    """Give what does not change in a history, in the kernel's shape."""
    forts = means.forts / max(float(means.forts.sum()), 1e-300)
    bands = chosen.bands_per_journey_yr * made.of_group
    loss = np.divide(chosen.lost, bands, out=np.zeros(bands.size), where=bands > 0)
    return Ground(
        pull=made.pull,
        slot=made.slot,
        by_entry=made.by_entry,
        share=made.share,
        fort_pull=chosen.fort_pull * made.fort_reach * forts,
        group=made.group,
        new=arrivals_a_quarter(made.gravity.origin, means, chosen),
        loss=loss,
    )


def _rules(world: World, chosen: Chosen) -> Rules:
    """Give how they choose, in the kernel's terms."""
    return Rules(
        blunt=float(chosen.risk * chosen.range_h * world.theta),
        flat=float(1.0 / (world.theta * chosen.range_h)),
        stay=float(chosen.still / (1.0 - chosen.still)),
        persist=float(chosen.persist),
        hearsay=float(chosen.hearsay),
        hearsay_weight=float(chosen.hearsay_weight),
        fade=float(chosen.memory**0.25),
        again=float(chosen.again),
        recruits=float(chosen.recruits),
    )


def _at_first(ground: Ground, rules: Rules, own: np.uint64) -> State:
    """Give the state that has settled before anything is built."""
    still = rules.stay / (1.0 + rules.stay)
    wait = rules.persist * still / (1.0 - rules.persist * still)
    groups, doors = ground.loss.size, ground.fort_pull.shape[1]
    return State(
        waiting=_residents(wait * ground.new, own),
        tried=np.zeros((groups, doors)),
        stopped=np.zeros((groups, doors)),
        strength=np.ones(groups),
    )


def _residents(rate: NDArray[np.float64], own: np.uint64) -> NDArray[np.int64]:
    """Draw a Poisson number of each mean."""
    drawn = np.empty(rate.size, np.int64)
    _poissons(np.ascontiguousarray(rate, np.float64).ravel(), own, drawn)
    return drawn.reshape(rate.shape)


@compiled
def _poissons(rate: NDArray[np.float64], own: np.uint64, drawn: NDArray[np.int64]) -> None:
    """Fill in a Poisson number of each mean."""
    for place in range(rate.size):
        drawn[place] = poisson(rate[place], uniform(own, place))


def _nothing(ground: Ground) -> Counts:
    """Give counts in which nothing has happened."""
    doors, targets = ground.fort_pull.shape[1], ground.pull.shape[1]
    tried, stopped, through, forts = (np.zeros(doors, np.int64) for _ in range(4))
    arrived, bands = np.zeros(targets, np.int64), np.zeros(3, np.int64)
    return Counts(arrived, tried, stopped, through, forts, bands)


def _row(
    counts: Counts, local: NDArray[np.int64], strength: float, lasts: int
) -> dict[str, NDArray[np.float64] | float]:
    """Give a phase per year."""
    set_out, waited, ended = (counts.bands / lasts).tolist()
    return {
        "arrived": counts.arrived / lasts,
        "resident": local / lasts,
        "tried": counts.tried / lasts,
        "stopped": counts.stopped / lasts,
        "through": counts.through / lasts,
        "forts_attacked": counts.forts / lasts,
        "set_out": set_out,
        "waited": waited,
        "ended": ended,
        "strength": strength,
    }


def _mean_strength(made: Ready, ground: Ground, state: State) -> float:
    """Give the strength of the groups, by journeys before."""
    total = float(made.gravity.origin.sum())
    if not total > 0:
        return 1.0
    return float(made.gravity.origin @ state.strength[ground.group]) / total


def _full(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give an array as the kernel was compiled for it: writeable, whole, of floats."""
    return np.array(values, np.float64, order="C")
