"""Ground: the classes of ground that works stand on, and what each does to them."""

from vallum.works.ground.classify import classify
from vallum.works.ground.model import Ground, GroundClass

__all__ = ["Ground", "GroundClass", "classify"]
