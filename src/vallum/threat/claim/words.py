"""What the test of the claim says, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from vallum.threat.claim.chance import Case
    from vallum.threat.claim.settings import ClaimSettings
    from vallum.threat.claim.zones import Zones

__all__ = ["listed", "silence", "verdict_sentence"]


def silence(case: Case, table: pd.DataFrame, settings: ClaimSettings) -> tuple[str, ...]:
    """Say how likely it is that nothing was recorded on a way that was used."""
    through = table.iloc[0]
    if through["pairs"] > 0:
        return ()
    rates, share = settings.recorded, settings.share_of_interest
    none = {
        key: float(np.prod(1.0 - share * rates[key] * case.seen)) for key in ("low", "mid", "high")
    }
    text = (
        f"no arrival has an earlier event in {through['zone']} in the main window; had {share:.0%} "
        f"come that way, the chance of none would still be {none['mid']:.0%} ({none['high']:.0%} "
        f"to {none['low']:.0%}): silence on the way is no part of the verdict"
    )
    return (text,)


def listed(names: tuple[str, ...]) -> str:
    """Join names as a sentence does."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def verdict_sentence(
    verdict: str,
    case: Case,
    zones: Zones,
    table: pd.DataFrame,
    settings: ClaimSettings,
    power: pd.DataFrame,
) -> str:
    """Say the verdict with its numbers."""
    start = {
        "supports": "The record of events supports the claim that violence came into",
        "contradicts": "The record of events contradicts the claim that violence came into",
        "can't tell": "The record of events can't tell whether violence came into",
    }[verdict]
    way = zones.names[0]
    through = table.iloc[0]
    window = (
        f"within {settings.main_km:g} km and the {settings.main_days} days before"
        if case.kind == "located"
        else f"within {settings.main_km:g} km and in the year before"
    )
    what = "arrivals of violence" if case.kind == "located" else "region-years with violence"
    claim = (
        f"{start} {listed(zones.claimed)} through {way}: for {case.arrivals} {what} since "
        f"{settings.first_year} it holds, {window}, {_pairs(through)} in {way}"
    )
    parts = [claim]
    for _, row in table.iloc[1 : len(zones.names)].iterrows():
        parts.append(f"{_pairs(row)} in {row['zone']}")
    mine = power[(power["zone"] == way) & (power["planted_share"] == settings.share_of_interest)][
        "power"
    ]
    silence = (
        f"Had {settings.share_of_interest:.0%} of them come through {way}, this test would have "
        f"seen it with a chance of {through['power']:.0%} ({mine.min():.0%} to {mine.max():.0%}, "
        "by how many passages leave an event that is recorded). Each p is over all windows."
    )
    return "; ".join(parts) + ". " + silence


def _pairs(row: pd.Series[Any]) -> str:
    """Tell one zone's pairs."""
    events = "pair with an event" if row["pairs"] == 1 else "pairs with events"
    chance = f"chance gives {row['expected']:.1f}, p = {row['p']:.2g}"
    return f"{row['pairs']:g} {events} ({chance})"
