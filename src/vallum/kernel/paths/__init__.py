"""Ways across the ground: how long they take, and how journeys spread over them."""

from vallum.kernel.paths.circuit import resistance
from vallum.kernel.paths.passage import Passage, passage
from vallum.kernel.paths.slope import LAWS, TOBLER, WALK, SlopeLaw
from vallum.kernel.paths.travel import travel_time

__all__ = ["LAWS", "TOBLER", "WALK", "Passage", "SlopeLaw", "passage", "resistance", "travel_time"]
