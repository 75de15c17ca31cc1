"""How far the effect of a composition may be off.

Times (delays, speeds, mustering) are random in EASI already: their ranges are its deviations. What
is left are the probabilities, the depth of the run and the fight; each is moved alone from its mode
to its ends, the worst path is taken anew, and the swings are combined as the root of the sum of
their squares, as for costs.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from vallum.works.effect import effects, p_e_ends

if TYPE_CHECKING:
    from vallum.works.compose import Composition
    from vallum.works.effect import Effects
    from vallum.works.sight import Cover
    from vallum.works.tasks import Scene

__all__ = ["EffectRange", "effect_range"]

_MOVED = ("detection", "communication", "depth_km")  # besides the fight; not the times
_FIGHT = "neutralisation"


class EffectRange(NamedTuple):
    """Ends of P_I and of P_E, in [0, 1], around those of the modes."""

    p_i_low: float
    p_i_high: float
    p_e_low: float
    p_e_high: float


def effect_range(
    choice: Composition,
    scene: Scene,
    covers: tuple[Cover, Cover] | None = None,
    found: Effects | None = None,
) -> EffectRange:
    """Say how far P_I and P_E may be off.

    Parameters
    ----------
    choice
        What stands there.
    scene
        Ground, cover, opponent and figures.
    covers
        What is in sight if the ground hides most, and least; if not given, sight has no part in
        the range.
    found
        What `effects` gives for the choice alone, covered; found here if not given.

    Returns
    -------
    EffectRange
        Neutralisation moves P_E alone.
    """
    found = effects([choice], scene) if found is None else found
    p_e, p_n = float(found.p_e[0]), float(found.p_n[0])
    down = up = fight_down = fight_up = 0.0
    swing: tuple[float, ...]
    for figure, ends in p_e_ends(choice, scene, (*_MOVED, _FIGHT), found=found).items():
        swing = (ends[0] - p_e, ends[1] - p_e)
        if figure == _FIGHT:
            fight_down, fight_up = min(*swing, 0.0) ** 2, max(*swing, 0.0) ** 2
        else:
            down += min(*swing, 0.0) ** 2
            up += max(*swing, 0.0) ** 2
    if covers is not None:
        swing = tuple(
            float(effects([choice], replace(scene, cover=each)).p_e[0]) - p_e for each in covers
        )
        down += min(*swing, 0.0) ** 2
        up += max(*swing, 0.0) ** 2
    p_i = p_e / p_n if p_n > 0 else 0.0
    scale = 1.0 / p_n if p_n > 0 else 0.0
    return EffectRange(
        max(0.0, p_i - math.sqrt(down) * scale),
        min(1.0, p_i + math.sqrt(up) * scale),
        max(0.0, p_e - math.sqrt(down + fight_down)),
        min(1.0, p_e + math.sqrt(up + fight_up)),
    )
