"""What a campaign is played on: places, bases, ways in, and how the other side chooses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vallum.campaign.card import campaign_card
from vallum.kernel.card import Shown

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.kernel.card import Card
    from vallum.kernel.ledger import Assumption

__all__ = ["Campaign", "Case", "Chosen", "Exact", "Means", "Played", "World"]


@dataclass(frozen=True, eq=False)
class World:
    """Where attacks come from and go to, and what lies between, for one held land.

    Attributes
    ----------
    bases
        S rows: `name`, `iso3`, `region`, `kind` (as of the threat's sanctuaries), `group` (number;
        bases of one group share what they learn, and their losses), `row`, `col`, `weight` (its
        share of the journeys that set out, adding up to 1), `inside` (whether it lies on held
        land: it then sends no journeys across the line, but what starts inside is in `resident`).
    targets
        T rows: `name`, `iso3`, `region`, `side` ("held", "outside" for members' land that is not
        held, "neighbour"), `row`, `col`, `attacks_yr` (before; they add up to the threat stage's
        events), `resident` (share of them that starts inside the land itself), `people`,
        `output_usd_yr`, `deaths_per_attack`, `lost_usd_per_attack`, `displaced_per_attack`.
    entries
        K rows, the parts of the held land's boundary: `kind` ("line", "gate" on a road through it,
        or "flank", where no line stands), `sector` (of the line; −1 for flanks), `facing` (iso3 of
        the land in front, or "sea"), `length_km`, `stop_low`, `stop`, `stop_high` (share of those
        who cross that is stopped there once it is covered), `p_n` (that a response wins, given that
        it arrives), `forts` (that stand there), `covered_month` (from the start of the programme;
        0 where no programme is known), `row`, `col`.
    direct
        Hours from base to target without crossing the boundary, shape (S, T); inf where there is no
        such way.
    out
        Hours from base to entry, over land that is not held, shape (S, K); inf where none.
    into
        Hours from entry to target, over held land, shape (K, T); inf where none.
    theta
        1/h: how sharply the quicker of two ways is preferred.
    months
        Months from the start of the programme to the end of each phase but the last, rising.
    """

    bases: pd.DataFrame
    targets: pd.DataFrame
    entries: pd.DataFrame
    direct: NDArray[np.float64]
    out: NDArray[np.float64]
    into: NDArray[np.float64]
    theta: float
    months: tuple[int, ...]


@dataclass(frozen=True)
class Chosen:
    """How the other side chooses, learns and recovers: one draw of the assumptions, or their mids.

    Attributes
    ----------
    reach
        Share of the attacks on held land that comes from outside it.
    range_h
        D: hours within which the pull of a target falls e times.
    risk
        λ: weight of the risk of being stopped, in `λ log(1 − π)`. 1: choices in proportion to the
        chance of getting through; the larger, the nearer to a best response.
    still
        Share of those ready to go that stay where they are, before anything is built.
    persist
        Share of those who stayed that are ready again in the next quarter.
    hearsay, hearsay_weight
        What they take the chance of being stopped to be before anyone has tried, and how many
        journeys' experience that is worth.
    memory
        Share of experience that is kept over a year.
    again
        Share of bands turned back that try again at once.
    lost
        Share of a band's men that it loses when it is stopped.
    bands_per_journey_yr
        Bands there are for each journey a year: with `lost`, how fast losses tell.
    recruits
        Share of lost strength that is made good in a year.
    bought
        Share of those who go through a gate that buy their way.
    fort_pull
        What all forts together attract, as a share of what all held targets attract together.
    effect
        What the line stops, as a multiple of the mid.
    deaths, lost_usd, displaced
        Per attack, as multiples of the mids.
    """

    reach: float
    range_h: float
    risk: float
    still: float
    persist: float
    hearsay: float
    hearsay_weight: float
    memory: float
    again: float
    lost: float
    bands_per_journey_yr: float
    recruits: float
    bought: float
    fort_pull: float
    effect: float
    deaths: float
    lost_usd: float
    displaced: float


@dataclass(frozen=True, eq=False)
class Means:
    """One way to spend money, as the campaign sees it.

    Attributes
    ----------
    name
        "nothing", "line", "reserves", "policing", "towns", "development".
    stop_entry
        Chance that who crosses at an entry is stopped there once `covered`, shape (K,).
    covered_phase
        First phase in which each entry is covered, shape (K,); beyond the last phase: never.
    stop_way
        Chance that a journey from an entry to a target is met on the way by those who patrol inside
        the held land, shape (K, T).
    stop_target
        Chance that an attack from outside fails at its target, shape (T,).
    resident_factor
        What attacks that start inside are multiplied by, shape (T,).
    origin_factor
        What journeys that set out are multiplied by, shape (S,).
    forts
        Forts that can be attacked, by entry, shape (K,).
    """

    name: str
    stop_entry: NDArray[np.float64]
    covered_phase: NDArray[np.int64]
    stop_way: NDArray[np.float64]
    stop_target: NDArray[np.float64]
    resident_factor: NDArray[np.float64]
    origin_factor: NDArray[np.float64]
    forts: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Played:
    """What one draw of the assumptions gives under one means; all per year of each phase.

    Attributes
    ----------
    arrived
        Attacks by those who came from elsewhere, shape (phases, T).
    resident
        Attacks that started inside the land itself, shape (phases, T).
    tried, stopped, through
        Journeys at each entry, shape (phases, K); one that tries again counts again.
    forts_attacked
        By entry, shape (phases, K).
    set_out, waited, ended
        Bands that chose to go, that stayed, and that were stopped and went home, shape (phases,).
    strength
        Of the groups at the end of each phase, 1 before, mean by journeys, shape (phases,).
    """

    arrived: NDArray[np.float64]
    resident: NDArray[np.float64]
    tried: NDArray[np.float64]
    stopped: NDArray[np.float64]
    through: NDArray[np.float64]
    forts_attacked: NDArray[np.float64]
    set_out: NDArray[np.float64]
    waited: NDArray[np.float64]
    ended: NDArray[np.float64]
    strength: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Exact:
    """What can be said of the line without drawing anything. All by parts of 50 km and more.

    Attributes
    ----------
    ways
        The least-risk way in: a row per group of bases (by state): `iso3`, `name`, `evades` (chance
        of getting through where it is likeliest), `kind` of the entry, `sector` (of 50 km or more;
        −1 flank), `facing`, `part`, `hours` (from base to target), and the rows of the world's
        tables it leads over: `base`, `entry`, `target`. Single ways: never to be published.
    reinforcement
        A row per budget: `budget` (parts reinforced), `evades` (mean chance of getting through by
        the best way), `bound` (no choice gives less), `gap`, `parts` (names of parts, joined by
        ", "), `nested` (whether it holds all parts of the row before), `by_list` (the chance when
        the list of priorities is followed instead), `regret` (what that costs).
    patrols
        A row per number of patrols: `patrols`, `evades` (chance of getting through against a best
        response), `bound`, `uniform` (with patrols spread evenly), `parts` (those watched most).
    commitment
        A row per case: `case` ("seen" or "not seen"), `value`, `bound`: what it is worth that
        the other side sees where patrols are.
    delay
        A row per budget: `budget`, `hours` (of the quickest way to held targets), `bound`.
    """

    ways: pd.DataFrame
    reinforcement: pd.DataFrame
    patrols: pd.DataFrame
    commitment: pd.DataFrame
    delay: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Case:
    """The campaign on one held land.

    Attributes
    ----------
    name
        "plan", or "half" (the first step that holds half of the members' output).
    step, line_km, cost_usd_yr
        Of the chain of plans.
    world
        Places, bases, ways in.
    phases
        A row per phase: `phase`, `name`, `begins` (a date, or None), `years`, `covered_km`.
    totals
        A row per `means` ("nothing", "line", …), `phase` and `what`: `mean`, `low`, `high` (the
        middle 90 % of the draws, yearly means), `error` (half the 95 % interval of the mean that
        drawing leaves). `what`: attacks on held land (`held`), of them from outside
        (`held_arrived`), on members' other land (`outside`), on each neighbour (its iso3), on all
        (`all`); `forts`, `ended`, `waited`, `deaths`, `lost_usd`, `displaced` (each of these three
        on members' land, and with `_held`, `_outside`, `_neighbours` behind it).
    change
        A row per `means` and `what` as in `totals`, for the last phase: `before`, `after`, and
        `change`, `change_low`, `change_high` as a share of before, paired draw by draw; `error`.
    targets
        A row per means, phase and target: `means`, `phase`, `target`, `attacks_yr`.
    entries
        A row per phase and entry under "line": `phase`, `entry`, `tried`, `stopped`, `through`.
    leaks
        A row per part of the line of 50 km or more, and per flank, in the last phase: `name`,
        `sectors` (numbers, joined), `kind`, `facing`, `length_km`, `tried`, `through`, `leakage`
        with `leakage_low`, `leakage_high` (through over tried).
    draws
        A row per means and draw, last phase: `means`, `draw`, `held`, `outside`, `neighbours`,
        `all`, `deaths`, and each neighbour's attacks by its iso3.
    touchable, stopped, displaced
        Low, mid, high: share of attacks on members' land that crosses where the line stands; share
        of those who cross there that is stopped in the end; of the attacks that held land is
        spared, the share that strikes elsewhere.
    exact
        What can be said without drawing.
    published
        Our ranges beside published effects: `study`, `says`, `measure`, `published`, `low`, `mid`,
        `high` (ours), `consistent` (bool), `why`.
    played
        Draws played, and those asked for.
    """

    name: str
    step: int
    line_km: float
    cost_usd_yr: float
    world: World
    phases: pd.DataFrame
    totals: pd.DataFrame
    change: pd.DataFrame
    targets: pd.DataFrame
    entries: pd.DataFrame
    leaks: pd.DataFrame
    draws: pd.DataFrame
    touchable: tuple[float, float, float]
    stopped: tuple[float, float, float]
    displaced: tuple[float, float, float]
    exact: Exact
    published: pd.DataFrame
    played: tuple[int, int]


@dataclass(frozen=True, eq=False, repr=False)
class Campaign(Shown):
    """What the campaign stage finds.

    Attributes
    ----------
    cases
        The plan's own land first; beside it the first step that holds half of the members' output,
        where the plan holds less.
    status
        "ok", or why nothing could be played.
    seed
        Each draw's own is (seed, number).
    ledger, fingerprint
        Assumptions; the theatre's mark.
    """

    cases: tuple[Case, ...]
    status: str
    seed: int
    ledger: tuple[Assumption, ...]
    fingerprint: str

    def card(self) -> Card:
        """Say it in short, for notebooks and consoles."""
        return campaign_card(self)
