"""How much of a member's ties each outside state has, before and after the accord."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from vallum.theatre import Theatre

    Floats = NDArray[np.float64]

__all__ = ["PARTS", "influence"]

PARTS = ("trade", "agreements", "transit", "security")
AGREED = ("agreement", "commission", "exercise", "aid")
TAILS = (0.05, 0.95)
_COLUMNS = ["member", "state", "part", "before", "after", "after_low", "after_high"]


def influence(
    theatre: Theatre,
    events: pd.DataFrame,
    security: Mapping[str, Mapping[str, float]],
    *,
    draws: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Give each outside state's share in a member's trade, agreements, transit and security.

    Parameters
    ----------
    theatre
        With tables of trade and corridors.
    events
        With actor, target and kind; agreements, commissions, exercises and aid are counted.
    security
        By member, share of its guard's cost that each outside state bears after the accord.
    draws, rng
        Of the parts' weights, even over all that add up to 1: the index's sensitivity to them.

    Returns
    -------
    table
        A row per member, outside state and part, and one of the part "index": `before`, `after`,
        `after_low`, `after_high` (of the index: 5 and 95 % over weights; else NaN). NaN without
        data; the index is over the parts that have data, at even weights: those of states with
        different parts compare badly.
    """
    members = list(theatre.members)
    role = theatre.countries["role"]
    others = [str(i) for i in theatre.countries.index[~role.isin(["member", "disputed"])]]
    rows: list[tuple[object, ...]] = []
    for member in members:
        shares = {
            "trade": _trade(theatre.trade, member, others),
            "agreements": _agreements(events, member, others),
            "transit": _transit(theatre.corridors, member, others),
        }
        guarded = security.get(member)
        for state in others:
            known: list[tuple[float, float]] = []
            for part in PARTS:
                if part == "security":
                    pair = (np.nan, np.nan) if guarded is None else (0.0, guarded.get(state, 0.0))
                else:
                    share = shares[part]
                    value = np.nan if share is None else share.get(state, 0.0)
                    pair = (value, value)
                rows.append((member, state, part, *pair, np.nan, np.nan))
                if not np.isnan(pair[0]):
                    known.append(pair)
            if not known:
                rows.append((member, state, "index", np.nan, np.nan, np.nan, np.nan))
                continue
            table = np.array(known)
            weights = rng.dirichlet(np.ones(len(table)), draws)
            low, high = np.quantile(weights @ table[:, 1], TAILS)
            before, after = table.mean(axis=0)
            rows.append((member, state, "index", before, after, float(low), float(high)))
    return pd.DataFrame(rows, columns=_COLUMNS)


def _trade(table: pd.DataFrame, member: str, others: Sequence[str]) -> dict[str, float] | None:
    """Share of goods bought and sold with each state, of all that the table has of the member.

    A state of whose trade with the member the table has no row has no data, which isn't 0.
    """
    mine = table[(table["origin"] == member) | (table["destination"] == member)]
    total = float(mine["mode"].sum())
    if not total > 0:
        return None
    out = {}
    for state in others:
        own = mine.loc[(mine["origin"] == state) | (mine["destination"] == state), "mode"]
        out[state] = float(own.sum()) / total if len(own) else np.nan
    return out


def _agreements(
    events: pd.DataFrame, member: str, others: Sequence[str]
) -> dict[str, float] | None:
    """Share of a member's agreements, commissions, exercises and aid with each outside state."""
    if "kind" not in events:
        return None
    own = events[events["kind"].isin(AGREED)]
    mine = own[(own["actor"] == member) | (own["target"] == member)]
    partner = mine["target"].where(mine["actor"] == member, mine["actor"])
    partner = partner[partner.isin(list(others))]
    if not len(partner):
        return None
    count = partner.value_counts()
    return {state: float(count.get(state, 0)) / len(partner) for state in others}


def _transit(table: pd.DataFrame, member: str, others: Sequence[str]) -> dict[str, float] | None:
    """Share of the corridors that touch a member and lead through each state."""
    if not len(table):
        return None
    touched = [set(map(str, rows["state"])) for _, rows in table.groupby("corridor")]
    mine = [states for states in touched if member in states]
    abroad = [states - {member} for states in mine if states - {member}]
    if not abroad:
        return None
    return {state: sum(state in states for states in abroad) / len(abroad) for state in others}
