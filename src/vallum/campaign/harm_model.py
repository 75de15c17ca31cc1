"""What an attack costs, by state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Harm"]


@dataclass(frozen=True, eq=False)
class Harm:
    """What one attack does, by the state in which it happens.

    Attributes
    ----------
    deaths
        Deaths per attack by iso3; the key "" is for states that are not named.
    lost_usd
        USD of output lost per attack, likewise.
    displaced
        People who flee per attack, likewise.
    """

    deaths: Mapping[str, float]
    lost_usd: Mapping[str, float]
    displaced: Mapping[str, float]
