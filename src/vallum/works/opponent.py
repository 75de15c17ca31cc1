"""Who tries to cross, as far as works are concerned."""

from __future__ import annotations

from dataclasses import dataclass

from vallum.kernel.figures import Range

__all__ = ["Opponent"]

_MEN = Range(6.0, 12.0, 40.0, "judgement: a raiding party; large attacks bring hundreds")
_EXCHANGE = Range(0.8, 1.5, 3.0, "judgement: mounted guns and radio against surprise")
_BREAKS = Range(0.2, 0.4, 0.7, "judgement: few fight to the last")


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
    men: Range = _MEN
    exchange: Range = _EXCHANGE
    breaks_at: Range = _BREAKS
    covered: bool = True
    met_inside: bool = False
