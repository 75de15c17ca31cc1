"""How a slope changes the time that a step takes, by its direction.

One formula holds both families in use: a factor that grows with the distance from the best slope
(Tobler), and seconds added for each metre climbed or descended (Naismith, Langmuir; GRASS r.walk).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import Fault, InputError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "LAWS", "TOBLER", "TOBLER_HOURS_PER_KM", "WALK", "SlopeLaw", "chosen_law", "walk_hours_per_km",
]  # fmt: skip


@dataclass(frozen=True)
class SlopeLaw:
    """Time of a step over a slope `s` (rise / run along the move, downhill negative).

    `hours = level · exp(steepness (|s − best_slope| − |best_slope|)) + seconds · rise / 3600`:
    `level` is the time on level ground, `rise` is in m, and `seconds` is `up_s_per_m` where s ≥ 0,
    `steep_down_s_per_m` where s < `steep_below`, and `down_s_per_m` between. A step on level ground
    always takes `level`. A step steeper than `limit`, up or down, can't be made. The default is a
    law under which slopes do nothing.

    Attributes
    ----------
    steepness
        How fast the time grows away from the best slope; not negative.
    best_slope
        The slope on which a step is quickest.
    up_s_per_m, down_s_per_m, steep_down_s_per_m
        Seconds per metre of rise. Rise is negative downhill, so a positive value makes descents
        quicker there, and a negative one slower (as the coefficients of r.walk do).
    steep_below
        Slope below which a descent is steep; not positive.
    limit
        Steepest slope that can be crossed, up or down; more than 0, inf where there is none.

    Raises
    ------
    InputError
        A value is outside its range; names all.

    Examples
    --------
    >>> motorcycle = SlopeLaw(limit=0.5)
    >>> steep_tobler = SlopeLaw(steepness=3.5, best_slope=-0.05, limit=1.0)
    """

    steepness: float = 0.0
    best_slope: float = 0.0
    up_s_per_m: float = 0.0
    down_s_per_m: float = 0.0
    steep_down_s_per_m: float = 0.0
    steep_below: float = 0.0
    limit: float = math.inf

    def __post_init__(self) -> None:
        wrong = {
            field.name: "a finite number"
            for field in fields(self)
            if field.name != "limit" and not math.isfinite(getattr(self, field.name))
        }
        if self.steepness < 0:
            wrong["steepness"] = "0 or more"
        if self.steep_below > 0:
            wrong["steep_below"] = "0 or less: slopes are negative downhill"
        if not self.limit > 0:
            wrong["limit"] = "more than 0, or inf for none"
        if wrong:
            raise InputError(
                Fault("slope law", name, f"{getattr(self, name)}", f"give {mend}")
                for name, mend in wrong.items()
            )

    def hours(
        self, level: NDArray[np.float64], rise_m: NDArray[np.float64], run_m: float
    ) -> NDArray[np.float64]:
        """Give the time of steps, as the class says.

        Parameters
        ----------
        level
            Hours on level ground, any shape.
        rise_m
            Metres climbed, negative downhill, of the same shape.
        run_m
            Length of each step on the map, m.

        Returns
        -------
        hours
            inf where a step is steeper than `limit`.

        Examples
        --------
        >>> TOBLER.hours(np.ones(3), np.array([-50.0, 0.0, 50.0]), 1000.0).round(3).tolist()
        [0.839, 1.0, 1.191]
        """
        slope = rise_m / run_m
        away = np.abs(slope - self.best_slope) - abs(self.best_slope)
        seconds = np.where(
            slope >= 0,
            self.up_s_per_m,
            np.where(slope < self.steep_below, self.steep_down_s_per_m, self.down_s_per_m),
        )
        out = level * np.exp(self.steepness * away) + seconds * rise_m / 3600.0
        return np.where(np.abs(slope) > self.limit, math.inf, out)

    @property
    def adds(self) -> bool:
        """Whether seconds are added for metres climbed or descended."""
        return any((self.up_s_per_m, self.down_s_per_m, self.steep_down_s_per_m))

    @property
    def safe_hours_per_km(self) -> float:
        """Level hours/km from which no step can take less than no time, whatever its slope."""
        if self.up_s_per_m < 0 or self.steep_down_s_per_m > 0:
            return math.inf
        if self.steepness > 0 and self.adds:  # a factor below 1 may meet a gain; left to the check
            return math.inf
        return max(self.down_s_per_m, 0.0) * -self.steep_below / 3.6


# Tobler's hiking function, 6 exp(−3.5 |s + 0.05|) km/h: W. Tobler (1993), Three presentations on
# geographical analysis and modeling, NCGIA report 93-1, as the article "Tobler's hiking function"
# of Wikipedia gives it (read in its copy https://friendlywiki.com/article/index.php?title=Tobler%27s_hiking_function)
TOBLER = SlopeLaw(steepness=3.5, best_slope=-0.05)
TOBLER_HOURS_PER_KM = math.exp(3.5 * 0.05) / 6.0

# Langmuir's coefficients b, c, d and the threshold of 12°, the defaults of GRASS r.walk, in its
# manual: https://github.com/OSGeo/grass/blob/main/raster/r.walk/r.walk.md
WALK = SlopeLaw(
    up_s_per_m=6.0, down_s_per_m=1.9998, steep_down_s_per_m=-1.9998, steep_below=-0.2125
)

LAWS: Mapping[str, SlopeLaw] = MappingProxyType({"tobler": TOBLER, "walk": WALK})


def walk_hours_per_km(
    friction: ArrayLike, *, level: float = 0.72, weight: float = 1.0
) -> NDArray[np.float64]:
    """Level hours/km of GRASS r.walk, `(level + weight · friction) / 3.6`, to go with `WALK`.

    Parameters
    ----------
    friction
        Seconds of more walking per metre, any shape.
    level
        `a` of r.walk: seconds per metre of level ground without friction.
    weight
        r.walk's `lambda`.

    Returns
    -------
    hours_per_km
        In the shape of `friction`.

    Examples
    --------
    >>> walk_hours_per_km([0.0, 0.36]).round(3).tolist()
    [0.2, 0.3]
    """
    return np.asarray((level + weight * np.asarray(friction, np.float64)) / 3.6, np.float64)


def chosen_law(law: SlopeLaw | str | None, faults: list[Fault], *, sloped: bool) -> SlopeLaw:
    """Find the law to use: without slopes the one under which they do nothing."""
    if law is None:
        return TOBLER if sloped else SlopeLaw()
    if not sloped:
        faults.append(Fault("law", "", "a slope law without elevation", "give elevation too"))
    if isinstance(law, SlopeLaw):
        return law
    if law in LAWS:
        return LAWS[law]
    faults.append(Fault("law", "", f"{law!r}", nearest(str(law), list(LAWS))))
    return SlopeLaw()
