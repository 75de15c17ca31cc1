"""By which ways they come: sanctuaries, journeys, shares by border, corridors."""

from vallum.threat.ways.find import find
from vallum.threat.ways.model import Likely, Ways
from vallum.threat.ways.settings import PassageSettings

__all__ = ["Likely", "PassageSettings", "Ways", "find"]
