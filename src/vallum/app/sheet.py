"""A scenario as people write it: TOML of settings, with a table `scenario` beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vallum.settings import Settings

__all__ = ["Drawn", "Sheet"]


@dataclass(frozen=True)
class Drawn:
    """A line or an area that somebody drew on the map.

    Attributes
    ----------
    points
        (lon, lat) in order, at least two.
    closed
        Whether it is the edge of an area, and its last point joins its first.
    """

    points: tuple[tuple[float, float], ...]
    closed: bool


@dataclass(frozen=True)
class Sheet:
    """What a scenario says.

    Attributes
    ----------
    name
        1 to 120 characters.
    theatre
        Built-in name, or the folder that the service was opened with.
    settings
        Of the plan.
    drawn
        What was drawn by hand, to be scored; empty where nothing was.
    note
        Free text, at most 4,000 characters.
    """

    name: str
    theatre: str
    settings: Settings
    drawn: tuple[Drawn, ...] = ()
    note: str = ""
