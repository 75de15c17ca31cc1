"""What frontiers are found from: the stages that most changes leave as they are."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vallum import plan
from vallum import threat as threats
from vallum import worth as worths
from vallum.works.sight import cover

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vallum.settings import Settings
    from vallum.theatre import Theatre
    from vallum.threat import Threat, ThreatSettings
    from vallum.works.sight import Cover
    from vallum.worth import Worth

__all__ = ["Base", "base_key", "prepare"]

# these say anew what a found threat costs, and leave where and by which ways it comes
_STATED = (
    "reach_share", "reach_low", "reach_high", "lost_per_event", "lost_low", "lost_high",
    "uniform_loss_rate",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Base:
    """Results of the first stages.

    Attributes
    ----------
    theatre, worth, threat
        As in a plan.
    seen
        How much of the ground is in sight, and the class of each cell.
    key
        What it depends on (`base_key`).
    """

    theatre: Theatre
    worth: Worth
    threat: Threat
    seen: tuple[Cover, NDArray[np.int32]]
    key: str


def base_key(theatre: str, settings: Settings) -> str:
    """Name what a base depends on.

    Parameters
    ----------
    theatre
        Built-in name or folder.
    settings
        Of the plan; those that leave the base as it is do not change the key.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    parts = (
        theatre,
        settings.theatre.model_dump_json(),
        settings.worth.model_dump_json(),
        _plain(settings.threat).model_dump_json(),
        settings.depth,
        str(settings.seed),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def prepare(theatre: str, settings: Settings) -> Base:
    """Run the stages that most changes leave as they are; some ten seconds at 10 km.

    Parameters
    ----------
    theatre
        Built-in name or folder.
    settings
        Of the plan.

    Returns
    -------
    Base
        For every scenario of the same `base_key`.

    Raises
    ------
    VallumError
        As the stages do.
    """
    ground = plan.ground_of(theatre, settings)
    vital = worths.value(ground, settings.worth)
    danger = threats.assess(
        ground, vital, _plain(settings.threat), seed=settings.seed, full=settings.depth == "full"
    )
    seen = cover(ground, seed=settings.seed)
    return Base(ground, vital, danger, seen, base_key(theatre, settings))


def _plain(settings: ThreatSettings) -> ThreatSettings:
    """Put what is only said anew back to its default."""
    defaults = type(settings)()
    return settings.model_copy(update={name: getattr(defaults, name) for name in _STATED})
