"""Ways across the ground: how long they take, and how journeys spread over them."""

from vallum.kernel.paths.circuit import resistance
from vallum.kernel.paths.passage import Passage, passage

__all__ = ["Passage", "passage", "resistance"]
