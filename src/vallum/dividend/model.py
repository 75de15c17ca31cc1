"""What the dividend is made of: streams of money by party and year, and what all of them say."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from vallum.dividend.card import dividend_card
from vallum.kernel.card import Shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.dividend.cashflow import Evaluation
    from vallum.kernel.card import Card
    from vallum.kernel.ledger import Assumption

    Floats = NDArray[np.float64]

__all__ = ["Dividend", "DividendCase", "Land", "Stream", "Timing"]


@dataclass(frozen=True, eq=False)
class Timing:
    """When what is built begins to work.

    Attributes
    ----------
    horizon
        H, years counted; year 0 is that of the decision.
    covered
        Share of the line that is covered in the middle of each year, shape (H,), from 0 to 1.
    """

    horizon: int
    covered: Floats


@dataclass(frozen=True, eq=False)
class Land:
    """One held land, as the streams see it.

    Attributes
    ----------
    name
        "plan" or "half", as in the campaign.
    step
        Of the chain of plans.
    held
        Cells held, shape (rows, cols).
    outside
        Members' cells that are not held, shape (rows, cols).
    line_km
        Length of the line.
    cost_usd_yr
        What line and holding cost a year, by the line stage.
    change
        The campaign's own paired draws of the last phase, a row per draw: `held_before`,
        `held_after`, `outside_before`, `outside_after`, and the same for each neighbour by its
        iso3 (attacks/yr under "nothing" and under "line"). Sorted by nothing: row k is draw k.
    targets
        The campaign's targets with `before` and `after` (attacks/yr, last phase), as in
        `Case.world.targets`.
    timing
        When the line works.
    """

    name: str
    step: int
    held: NDArray[np.bool_]
    outside: NDArray[np.bool_]
    line_km: float
    cost_usd_yr: float
    change: pd.DataFrame
    targets: pd.DataFrame
    timing: Timing


@dataclass(frozen=True, eq=False)
class Stream:
    """One sort of gain or cost.

    Attributes
    ----------
    kind
        Short name, one word: "trade", "tourism", "capital", …
    title
        For people.
    parties
        Who gains or pays, iso3 (a neighbour's own losses are a party's like any other).
    assumptions
        What it rests on, each with a range, in the order in which `yearly` takes them.
    yearly
        USD of each year: from values of the assumptions, shape (n, k), to shape (n, P, H); above 0
        a gain, below 0 a cost. Pure: the same values give the same money.
    tables
        What stands behind it, for page and files, by name.
    said
        What it says or can't say, in sentences; why it is 0 where it is.
    counted
        Whether it goes into the sum. False for what is shown beside it and would be counted twice.
    """

    kind: str
    title: str
    parties: tuple[str, ...]
    assumptions: tuple[Assumption, ...]
    yearly: Callable[[Floats], Floats]
    tables: Mapping[str, pd.DataFrame] = field(default_factory=lambda: MappingProxyType({}))
    said: tuple[str, ...] = ()
    counted: bool = True


@dataclass(frozen=True, eq=False)
class DividendCase:
    """What one held land buys.

    Attributes
    ----------
    name, step, line_km
        Of the land.
    evaluation
        At the assumptions' own values: by party and in total.
    streams
        A row per stream and party: `kind`, `title`, `party`, `counted`, `npv_usd`, `npv_low`,
        `npv_high` (5 and 95 % of the joint draws), `usd_yr` (in the last year).
    ranges
        A row per party and "all": `npv_usd`, `npv_low`, `npv_high`, `bcr`, `bcr_low`, `bcr_high`,
        `payback_yr`, `payback_low`, `payback_high` (None: never), `pays_share` (share of the joint
        draws with a net present value above 0). "all" holds neighbours too.
    draws
        Net present value of each joint draw: a column per party, and `all`.
    years
        By party and year: `low`, `mid`, `high` of the net money of that year.
    decisive
        A row per assumption: `key`, `first`, `total`, `sign_first`, `sign_total`, `value`, `low`,
        `high`, `switch`, `move`, `within`, `looked`; what decides the sign first. Where fewer than
        2 in 100 draws have the other sign, what moves the value most stands first.
    people_left_outside
        Members' people on land that is not held.
    tables
        What stands behind the streams, by "kind.name".
    said
        Sentences of the streams, each with its kind in front.
    """

    name: str
    step: int
    line_km: float
    evaluation: Evaluation
    streams: pd.DataFrame
    ranges: pd.DataFrame
    draws: pd.DataFrame
    years: pd.DataFrame
    decisive: pd.DataFrame
    people_left_outside: float
    tables: Mapping[str, pd.DataFrame]
    said: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False, repr=False)
class Dividend(Shown):
    """What the dividend stage finds.

    Attributes
    ----------
    cases
        The plan's own land first; beside it that of the first step that holds half of the members'
        output, where the plan holds less.
    draws, seed
        Joint draws through the whole chain, and of which generator.
    status
        "ok", or why nothing could be said.
    ledger, fingerprint
        Assumptions; the theatre's mark.
    """

    cases: tuple[DividendCase, ...]
    draws: int
    seed: int
    status: str
    ledger: tuple[Assumption, ...]
    fingerprint: str

    def card(self) -> Card:
        """Say it in short, for notebooks and consoles."""
        return dividend_card(self)
