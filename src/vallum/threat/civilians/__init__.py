"""Who else crosses: herders, traders and people fleeing; never mixed with the threat."""

from vallum.threat.civilians.crossings import Civilians, civilians
from vallum.threat.civilians.settings import CiviliansSettings

__all__ = ["Civilians", "CiviliansSettings", "civilians"]
