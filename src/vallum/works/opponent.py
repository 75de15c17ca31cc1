"""Who tries to cross, as far as works are concerned."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vallum.kernel.figures import Range
from vallum.works.settings import WorksSettings, assumptions

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Opponent", "covered_pace", "opponent"]


@dataclass(frozen=True)
class Opponent:
    """Intruders: their ways of moving, their number, and how they fight.

    Attributes
    ----------
    modes
        Ways of moving open to them, ids of the catalogue's modes.
    men
        In one band.
    exchange
        What a responder's fire is worth in terms of an intruder's: 1 where they are alike.
    breaks_at
        Share of casualties at which a side gives up.
    covered
        Whether they know the ground and take the approaches that hide best.
    met_inside
        Whether vehicles wait for them behind the line.
    """

    modes: tuple[str, ...] = ("foot", "motorcycle", "4x4")
    men: Range = field(default_factory=lambda: _usual("band_men"))
    exchange: Range = field(default_factory=lambda: _usual("exchange"))
    breaks_at: Range = field(default_factory=lambda: _usual("breaks_at"))
    covered: bool = True
    met_inside: bool = False


def opponent(settings: WorksSettings, modes: Sequence[str]) -> Opponent:
    """Give the intruders that the settings speak of.

    Parameters
    ----------
    settings
        Band, exchange, breaking point, and what intruders know and have.
    modes
        Ways of moving open to them.
    """
    men, exchange, breaks_at = (
        _ranged(settings, name) for name in ("band_men", "exchange", "breaks_at")
    )
    return Opponent(
        modes=tuple(modes),
        men=men,
        exchange=exchange,
        breaks_at=breaks_at,
        covered=settings.covered,
        met_inside=settings.met_inside,
    )


def covered_pace(settings: WorksSettings) -> Range:
    """Give the speed by covered approaches in terms of the direct ones, with its range.

    Parameters
    ----------
    settings
        Of the works.
    """
    return _ranged(settings, "covered_pace")


def _usual(name: str) -> Range:
    return _ranged(WorksSettings(), name)


def _ranged(settings: WorksSettings, name: str) -> Range:
    """Make a range of a setting and its row of the ledger."""
    row = next(row for row in assumptions(settings) if row.key == f"works.{name}")
    return Range(row.low or 0.0, row.value or 0.0, row.high or 0.0, row.source)
