"""How fast each way of moving crosses each kind of ground."""

from vallum.threat.movement.hours import MODES, Ground, hours_per_km
from vallum.threat.movement.settings import MovementSettings

__all__ = ["MODES", "Ground", "MovementSettings", "hours_per_km"]
