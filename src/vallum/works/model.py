"""What the works stage finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vallum.kernel.card import Shown
from vallum.works.card import works_card

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.kernel.card import Card
    from vallum.kernel.ledger import Assumption
    from vallum.works.catalogue import Catalogue
    from vallum.works.compose import Composition
    from vallum.works.ground import Ground
    from vallum.works.menu import Frontiers
    from vallum.works.opponent import Opponent
    from vallum.works.people.gates import Gates

__all__ = ["Works"]


@dataclass(frozen=True, eq=False, repr=False)
class Works(Shown):
    """What to build, what it costs and what it stops, cell by cell.

    Attributes
    ----------
    closure_usd_km_yr
        USD per km of line and year, shape (rows, cols), gates included. At sea and on open water,
        where nothing can be built, the price on the nearest land: the bank stands in, so that the
        price is defined everywhere.
    works_usd_km_yr
        The same without gates.
    composition
        Row of `compositions` (its index), int16, shape (rows, cols); -1 at sea, on water and on
        barren ground.
    priced_as
        The same with the row of the nearest ground that bears works there.
    compositions
        One row per composition used on a class of ground: `composition` (short name),
        `description`, `surface`, `ground` (row of `ground.classes`), `point` (place in that
        class's frontier), `items` (ids), `cost_low_usd_km_yr`, `cost_usd_km_yr`,
        `cost_high_usd_km_yr`, `capital_usd_km` and its parts `built_usd_km` (barriers, track and
        fittings) and `cover_usd_km` (sensors and forts), `upkeep_usd_km_yr`, `men_per_km` (on
        duty), `men_paid_per_km` (with rotation), `company_days_km`, `p_i`, `p_e` on the path that
        is worst for us (`worst_path`, in words), each with `_low` and `_high`, `p_n`, `seen`
        (probability that people on foot who don't hide are seen and reported),
        `delay_s_MODE` by what is built, `standard_met`, `fort_spacing_km`, `response_s` (F: to the
        point midway between two forts and on to the intruders), `candidates` (lawful
        compositions), `cells` (where a line may stand).
    choices, ground_row
        The composition and the class of ground of each row.
    ground
        Classes of ground.
    frontiers
        What there was to choose from on each class.
    gates
        For those who may pass.
    at_stake_usd_km_yr
        What crossings would cost if none were stopped, USD per km of line and year, shape
        (rows, cols); None where journeys are not known.
    effectiveness
        P_E, shape (rows, cols); at sea and on water that of the bank.
    standard_met
        Whether P_E reaches p*, shape (rows, cols). Where not, the composition is the one that
        stops most, and `status` says so.
    buildable
        Where a line may stand, shape (rows, cols): everywhere, or where the standard is met.
    barren
        Land on which no fort can stand, as too steep, and so no line; shape (rows, cols).
    effect
        (low, mid, high) share of what comes from outside that a line stops. By one standard, P_E of
        the weakest ground where a line may stand, for who comes chooses where. At least cost, the
        mean by what is at stake, for the line is thin where few come; who comes is then taken to
        keep to their ways. It is over all that ground at first, and along the line once that is
        drawn (`effect_along`).
    range
        (low, high) of the closure cost as multiples of it, the mean over land where a line may
        stand.
    barred
        One row per barred item: `rule`, `rule_name`, `rule_text`, `rule_source`, `states_bound`,
        `text`, `harm`, the price had it been allowed (`price_low_usd_km_yr`, `price_usd_km_yr`,
        `price_high_usd_km_yr`) and, for the commonest land, the columns of `equivalents`.
    equivalents
        The lawful works that delay as long, one row per barred `item` and `surface` of the
        theatre: `equivalent` (barriers), `short_s` (seconds by which they alone fall short),
        `fort_spacing_km` (closer forts that make it good), `equivalent_usd_km_yr`,
        `equivalent_met`.
    catalogue, threat
        What could be built, and who crosses.
    ledger
        The assumptions used.
    status
        "ok", or where the standard is not met.
    fingerprint
        Of the inputs.
    standard
        p* by cell where it differs by part, shape (rows, cols); else None: that of the settings.
    """

    closure_usd_km_yr: NDArray[np.float64]
    works_usd_km_yr: NDArray[np.float64]
    composition: NDArray[np.int16]
    priced_as: NDArray[np.int16]
    compositions: pd.DataFrame
    choices: tuple[Composition, ...]
    ground_row: tuple[int, ...]
    ground: Ground
    frontiers: Frontiers
    gates: Gates | None
    at_stake_usd_km_yr: NDArray[np.float64] | None
    effectiveness: NDArray[np.float64]
    standard_met: NDArray[np.bool_]
    buildable: NDArray[np.bool_]
    barren: NDArray[np.bool_]
    effect: tuple[float, float, float]
    range: tuple[float, float]
    barred: pd.DataFrame
    equivalents: pd.DataFrame
    catalogue: Catalogue
    threat: Opponent
    ledger: tuple[Assumption, ...]
    status: str
    fingerprint: str
    standard: NDArray[np.float64] | None = None

    def card(self) -> Card:
        """Say it in short, for notebooks and consoles."""
        return works_card(self)
