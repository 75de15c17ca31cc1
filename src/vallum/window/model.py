"""What the window stage finds: relations by month, the opening, influence, stability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vallum.kernel.card import Shown
from vallum.window.card import opening_card, window_card

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from vallum.kernel.card import Card
    from vallum.kernel.ledger import Assumption
    from vallum.window.climate import Climate

__all__ = ["Opening", "Part", "Window"]


@dataclass(frozen=True)
class Part:
    """One part of the opening.

    Attributes
    ----------
    name
        "drift", "lean", "members", "partner" or "load".
    title
        For people.
    series
        What it is made of: a pair of states, or a named series.
    weight
        With its range: low, value, high.
    score
        Low, mid, high, from 0 (closed) to 1 (open); None where there is no data.
    status
        Empty, or `no data` and why.
    """

    name: str
    title: str
    series: str
    weight: tuple[float, float, float]
    score: tuple[float, float, float] | None
    status: str


@dataclass(frozen=True, eq=False, repr=False)
class Opening(Shown):
    """How far the diplomatic opening is there.

    Attributes
    ----------
    index
        Low, mid, high now, from 0 to 1; None where no part has data.
    parts
        Always all five.
    by_month
        `month`, `low`, `mid`, `high`, and the mid of each part by its name (NaN without data).
    p_open_now
        Chance that the index is `open_at` or more now.
    p_open_through
        Chance that it stays so in every month to the end of the programme; None without data.
    months
        Of the programme.
    """

    index: tuple[float, float, float] | None
    parts: tuple[Part, ...]
    by_month: pd.DataFrame
    p_open_now: float | None
    p_open_through: float | None
    months: int

    def card(self) -> Card:
        """Say it in short, for notebooks and consoles."""
        return opening_card(self)


@dataclass(frozen=True, eq=False, repr=False)
class Window(Shown):
    """What the stage finds.

    Attributes
    ----------
    source
        Whose events: "built-in record", or the user's file.
    events
        event, date, date_precision, actor, target, pair, goldstein, kind, text, source: for the
        time lines; an event among several states has a row for each pair, of one number.
    climate
        Levels by pair and month.
    changes
        A row per turn: pair, month, low, high, before, after, p.
    outlook
        A row per pair and months ahead: pair, ahead, low, mid, high.
    back_test
        By months ahead, over all pairs (`vallum.window.outlook.summary`).
    one_left_out
        What each pair's mean would be without any one source (`record.leave_one_out`); empty for
        a user's events.
    agreement
        How two codings of the built-in record agree: by, events, share, kappa, low, high.
    opening
        Now and through the programme.
    background
        How far apart the opening's pairs vote at the UN: pair, year, distance.
    influence
        A row per member and outside state: member, state, part (trade, agreements, transit,
        security, index), before, after; NaN without data.
    stability
        A row per scenario and state: scenario, state, stays (USD/yr in the accord), reneges (USD
        in the year in which it doesn't bear its cost), leaves (USD/yr by itself), patience (least
        discount factor a year at which it does not renege; NaN where none is enough), keeps.
    scenarios
        A row per scenario (`vallum.window.stability.ranged`): scenario, said, together_usd_yr,
        apart_usd_yr, holds, subsidy_usd_yr, clause, subsidy_low, subsidy_high, holds_low,
        holds_high.
    indicators
        Early warning: name, pair, now, threshold, side ("below", "above"), passed, said.
    status, seed, ledger, fingerprint
        "ok" or why not; of the draws; assumptions; the theatre's mark.
    """

    source: str
    events: pd.DataFrame
    climate: Climate | None
    changes: pd.DataFrame
    outlook: pd.DataFrame
    back_test: pd.DataFrame
    one_left_out: pd.DataFrame
    agreement: pd.DataFrame
    opening: Opening
    background: pd.DataFrame
    influence: pd.DataFrame
    stability: pd.DataFrame
    scenarios: pd.DataFrame
    indicators: pd.DataFrame
    status: str
    seed: int
    ledger: tuple[Assumption, ...]
    fingerprint: str

    def card(self) -> Card:
        """Say it in short, for notebooks and consoles."""
        return window_card(self)

    @property
    def latest(self) -> Mapping[str, tuple[float, float, float]]:
        """Low, mid and high of each pair's level in the last month; pairs without data left out."""
        if self.climate is None:
            return {}
        return {
            pair: (
                float(self.climate.low[row, -1]),
                float(self.climate.mid[row, -1]),
                float(self.climate.high[row, -1]),
            )
            for row, pair in enumerate(self.climate.pairs)
            if not self.climate.status[row]
        }
