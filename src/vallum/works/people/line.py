"""People at a drawn line: who crosses it, by which gates, who is cut off, challenged and harmed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.errors import Fault, InputError
from vallum.works.duties import KINDS
from vallum.works.people.challenges import challenges, product

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from vallum.kernel.ledger import Assumption
    from vallum.works.people.challenges import Ends
    from vallum.works.people.figures import PeopleFigures
    from vallum.works.people.gates import Gates

__all__ = ["PeopleAtLine", "gate_weakness", "people_at_line"]

_RANGED = ("journeys", "people", "cut_off", "people_cut_off", "challenges", "harmed")


@dataclass(frozen=True, eq=False)
class PeopleAtLine:
    """What the line is to those who live with it.

    Attributes
    ----------
    table
        A row per kind ("road", "herders", "traders", "fleeing"). `gate` (the item's id, empty where
        closed), `gates` that serve it, `closed`; and with `_low`, `_mid`, `_high` each, a year:
        `journeys` across the line and the `people` in them; `cut_off`, journeys whose gates are
        closed, and `people_cut_off`; `challenges`, journeys that cross where no gate is and are
        challenged; `harmed`, people killed or injured in them.
    gates
        A row per gate built, by the item's id: `gates`, `serves`; `p_stop_low`, `p_stop`,
        `p_stop_high`, the probability that an intruder who comes through it among others is found;
        `weakest_share`, the share of these gates that stand where the line beside them stops more
        (empty where its effect was not given).
    cost_usd_yr
        Low, mid and high of all gates along the line.
    men
        On duty at all gates, before rotation.
    ledger
        The figures that all this rests on.
    """

    table: pd.DataFrame
    gates: pd.DataFrame
    cost_usd_yr: tuple[float, float, float]
    men: float
    ledger: tuple[Assumption, ...]


def people_at_line(
    length_km: NDArray[np.float64],
    gates: Gates,
    detection: NDArray[np.float64],
    figures: PeopleFigures,
    *,
    p_e: NDArray[np.float64] | None = None,
) -> PeopleAtLine:
    """Count people at a drawn line.

    Parameters
    ----------
    length_km
        Length of the line in each cell, 0 elsewhere, shape (rows, cols).
    gates
        From `vallum.works.people.gates.gate_density`, on the same grid.
    detection
        Probability that the composition there sees a crossing, shape (rows, cols); read only where
        the line runs.
    figures
        As given to `gate_density`.
    p_e
        Probability that the line stops a crossing, shape (rows, cols), read only where it runs; to
        compare gates with it.

    Returns
    -------
    PeopleAtLine
        A year's people, gates, challenges and harm.

    Raises
    ------
    InputError
        When arrays differ in shape, lengths are negative or not finite, or what is a probability
        is not where the line runs; with every fault.
    """
    _check(length_km, gates, {"detection": detection, "p_e": p_e})
    runs = length_km > 0
    seen = np.where(runs, detection, 0.0)
    rows = [dict(_row(length_km, gates, seen, figures, kind)) for kind in KINDS]
    weak = None if p_e is None else np.where(runs, p_e, 0.0)
    along = (gates.low, gates.mode, gates.high)
    low, mid, high = (float(np.sum(length_km * each)) for each in along)
    return PeopleAtLine(
        table=pd.DataFrame(rows).set_index("kind"),
        gates=gate_weakness(length_km, gates, weak),
        cost_usd_yr=(low, mid, high),
        men=float(np.sum(length_km * gates.men)),
        ledger=figures.ledger(),
    )


def _row(
    length_km: NDArray[np.float64],
    gates: Gates,
    detection: NDArray[np.float64],
    figures: PeopleFigures,
    kind: str,
) -> Iterator[tuple[str, object]]:
    """Give the columns of one kind."""
    shut = kind in gates.closed
    crossing = gates.crossed
    across = float(np.sum(length_km * crossing.journeys[kind]))
    count = (crossing.low[kind], 1.0, crossing.high[kind])
    per = figures.people_per_journey[kind]
    heads = (per.low, per.mode, per.high)
    challenged, harmed = challenges(length_km, gates, detection, figures, kind)
    yield "kind", kind
    yield "gate", "" if shut else gates.items[kind].id
    yield "gates", float(np.sum(length_km * gates.of_kind(kind)))
    yield "closed", shut
    lost = across if shut else 0.0
    values: tuple[Ends, ...] = (
        product(across, [count]),
        product(across, [count, heads]),
        product(lost, [count]),
        product(lost, [count, heads]),
        challenged,
        harmed,
    )
    for name, ends in zip(_RANGED, values, strict=True):
        yield f"{name}_low", ends.low
        yield f"{name}_mid", ends.mid
        yield f"{name}_high", ends.high


def gate_weakness(
    length_km: NDArray[np.float64], gates: Gates, p_e: NDArray[np.float64] | None = None
) -> pd.DataFrame:
    """Set each gate's search beside what the line stops next to it.

    Parameters
    ----------
    length_km
        Length of the line in each cell, 0 elsewhere, shape (rows, cols).
    gates
        Its gates.
    p_e
        Probability that the line stops a crossing, shape (rows, cols).

    Returns
    -------
    DataFrame
        As `PeopleAtLine.gates`. An item without a figure for its search finds nobody.
    """
    rows = []
    for item in {each.id: each for each in gates.items.values()}.values():
        built = length_km * gates.per_km[item.id]
        count = float(built.sum())
        ends = (0.0, 0.0, 0.0) if item.search is None else (
            item.search.low, item.search.mode, item.search.high)  # fmt: skip
        weaker = np.nan
        if p_e is not None and count > 0:
            weaker = float(built[p_e > ends[1]].sum()) / count
        kinds = ", ".join(kind for kind, each in gates.items.items() if each.id == item.id)
        rows.append((item.id, count, kinds, *ends, weaker))
    columns = ["gate", "gates", "serves", "p_stop_low", "p_stop", "p_stop_high", "weakest_share"]
    return pd.DataFrame(rows, columns=columns).set_index("gate")


def _check(
    length_km: NDArray[np.float64],
    gates: Gates,
    shares: dict[str, NDArray[np.float64] | None],
) -> None:
    shape = gates.mode.shape
    faults = [
        Fault("works", name, f"shape {each.shape}", f"give it on the grid of the gates, {shape}")
        for name, each in {"length_km": length_km, **shares}.items()
        if each is not None and each.shape != shape
    ]
    if not faults:
        if not (np.isfinite(length_km) & (length_km >= 0)).all():
            found = f"{np.nanmin(length_km):g} at least, {np.nanmax(length_km):g} at most"
            faults.append(Fault("works", "length_km", found, "give lengths, 0 or more"))
        runs = length_km > 0
        for name, share in shares.items():
            if share is not None and not ((share >= 0) & (share <= 1))[runs].all():
                mend = "give probabilities wherever the line runs"
                faults.append(Fault("works", name, "not within 0 to 1 on the line", mend))
    if faults:
        raise InputError(faults)
