"""What one attack costs, by state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Harm"]


@dataclass(frozen=True, eq=False)
class Harm:
    """What one attack costs, by iso3; the key "" is for states that are not named.

    Attributes
    ----------
    deaths
        People killed per attack.
    lost_usd
        Output lost per attack, USD.
    displaced
        People who flee their homes per attack.
    """

    deaths: Mapping[str, float]
    lost_usd: Mapping[str, float]
    displaced: Mapping[str, float]
