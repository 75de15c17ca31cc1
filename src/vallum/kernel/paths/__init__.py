"""Ways over ground: how long they take."""

from vallum.kernel.paths.slope import LAWS, TOBLER, WALK, SlopeLaw
from vallum.kernel.paths.travel import travel_time

__all__ = ["LAWS", "TOBLER", "WALK", "SlopeLaw", "travel_time"]
