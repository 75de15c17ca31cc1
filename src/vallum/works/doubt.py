"""How far the effect of a composition may be off.

Times (delays, speeds, mustering) are random in EASI already: their ranges are its deviations. What
is left are the probabilities and the depth of the run; each is moved alone from its mode to its
ends, the worst way of moving is taken anew, and the swings are combined as the root of the sum of
their squares, as for costs.
"""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from vallum.works.catalogue import Range
from vallum.works.effect import effects
from vallum.works.ground.model import GroundClass
from vallum.works.settings import swings
from vallum.works.tasks import Scene

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vallum.works.catalogue import Catalogue
    from vallum.works.compose import Composition
    from vallum.works.settings import WorksSettings

__all__ = ["effect_range"]

_SHARED = ("communication", "depth_km")


def effect_range(
    choice: Composition, surface: str, catalogue: Catalogue, settings: WorksSettings
) -> tuple[float, float]:
    """Low and high end of P_E.

    Parameters
    ----------
    choice, surface, catalogue, settings
        As for `effects`.

    Returns
    -------
    low, high
        In [0, 1], around the P_E of the modes.
    """
    middle = _effect(choice, surface, catalogue, settings)
    down = up = 0.0
    for changed in _changes(choice, catalogue, settings):
        swing = [_effect(choice, surface, *case) - middle for case in changed]
        down += min(*swing, 0.0) ** 2
        up += max(*swing, 0.0) ** 2
    return max(0.0, middle - math.sqrt(down)), min(1.0, middle + math.sqrt(up))


def _effect(
    choice: Composition, surface: str, catalogue: Catalogue, settings: WorksSettings
) -> float:
    return float(effects([choice], Scene(GroundClass(surface), catalogue, settings)).p_e[0])


def _changes(
    choice: Composition, catalogue: Catalogue, settings: WorksSettings
) -> Iterator[tuple[tuple[Catalogue, WorksSettings], ...]]:
    """Pairs of (catalogue, settings) with one figure at its low, and at its high end."""
    for key in choice.quantities:
        item = catalogue.items[key]
        for name in ("detection", "neutralisation"):
            figure = getattr(item, name)
            fixed = name == "neutralisation" and settings.neutralisation is not None
            if figure is not None and not fixed:
                yield tuple(
                    (_with(catalogue, key, name, end), settings)
                    for end in (figure.low, figure.high)
                )
    for name in _SHARED:
        yield tuple(
            (catalogue, settings.model_copy(update={name: end})) for end in swings(settings)[name]
        )


def _with(catalogue: Catalogue, key: str, name: str, value: float) -> Catalogue:
    item = replace(catalogue.items[key], **{name: Range(value, value, value)})  # type: ignore[arg-type]
    return replace(catalogue, items=MappingProxyType({**catalogue.items, key: item}))
