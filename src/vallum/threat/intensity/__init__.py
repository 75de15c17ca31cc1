"""How many violent events are expected, and how well the past was foretold."""

from vallum.threat.intensity.posterior import Intensity, estimate
from vallum.threat.intensity.settings import IntensitySettings

__all__ = ["Intensity", "IntensitySettings", "estimate"]
