"""Who stands where, who does what, and what is built when."""

from vallum.forces.assess import deploy
from vallum.forces.model import Forces
from vallum.forces.settings import ForcesSettings

__all__ = ["Forces", "ForcesSettings", "deploy"]
