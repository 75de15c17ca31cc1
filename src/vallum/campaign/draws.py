"""One draw of how the other side chooses, over the ranges of the ledger."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import TYPE_CHECKING

from vallum.campaign.model import Chosen
from vallum.campaign.seeds import key, uniform
from vallum.campaign.settings import ends
from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.campaign.settings import CampaignSettings

__all__ = ["TRIPLES", "draw", "mids", "triangular"]

TRIPLES = ("reach", "range_h", "effect", "lost", "deaths", "lost_usd", "displaced")
_ASSUMED = -3  # the address of these numbers, beside those of the play


def draw(
    settings: CampaignSettings,
    triples: Mapping[str, tuple[float, float, float]],
    *,
    seed: int,
    number: int,
) -> Chosen:
    """Draw all assumptions, each by itself.

    Parameters
    ----------
    settings
        Whose ranges are in `vallum.campaign.settings.RANGED`.
    triples
        Low, mid and high of `reach`, `range_h` (hours), `effect` (multiple of the mid), `lost`,
        `deaths`, `lost_usd`, `displaced` (multiples of the mids).
    seed, number
        Of the campaign and of the draw.

    Returns
    -------
    Chosen
        Triangular between low and high, with the mid as mode.

    Raises
    ------
    InputError
        For a triple that is missing, unknown or out of order.
    """
    own = key(seed, number, _ASSUMED)
    ranges = _ranges(settings, triples)
    names = [field.name for field in fields(Chosen)]
    values = {
        name: triangular(*ranges[name], uniform(own, place)) for place, name in enumerate(names)
    }
    return Chosen(**values)


def mids(settings: CampaignSettings, triples: Mapping[str, tuple[float, float, float]]) -> Chosen:
    """Give all assumptions at their mids.

    Parameters
    ----------
    settings, triples
        As in `draw`.

    Returns
    -------
    Chosen
        Nothing is drawn.

    Raises
    ------
    InputError
        As in `draw`.
    """
    return Chosen(**{name: mid for name, (_, mid, _) in _ranges(settings, triples).items()})


def triangular(low: float, mode: float, high: float, chance: float) -> float:
    """Give the value below which a triangular variable lies with a chance.

    Parameters
    ----------
    low, mode, high
        In order.
    chance
        In [0, 1].

    Returns
    -------
    float
        The mode where all three are one.

    Examples
    --------
    >>> triangular(0.0, 1.0, 2.0, 0.5)
    1.0
    """
    width = high - low
    if not width > 0:
        return mode
    if chance * width <= mode - low:
        return low + math.sqrt(chance * width * (mode - low))
    return high - math.sqrt((1.0 - chance) * width * (high - mode))


def _ranges(
    settings: CampaignSettings, triples: Mapping[str, tuple[float, float, float]]
) -> dict[str, tuple[float, float, float]]:
    """Put both kinds of ranges together.

    Raises
    ------
    InputError
        For a triple that is missing, unknown or out of order.
    """
    faults = [
        Fault("campaign", name, "no range", "give low, mid and high")
        for name in TRIPLES
        if name not in triples
    ]
    for name, (low, mid, high) in triples.items():
        if name not in TRIPLES:
            faults.append(Fault("campaign", name, "is no assumption", f"one of {TRIPLES}"))
        elif not low <= mid <= high:
            found = f"{low}, {mid}, {high}"
            faults.append(Fault("campaign", name, found, "give low, mid and high in order"))
    if faults:
        raise InputError(faults)
    plain = {name: (float(a), float(b), float(c)) for name, (a, b, c) in triples.items()}
    return {**ends(settings), **plain}
