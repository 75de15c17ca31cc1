"""People at the line: gates for those who must pass, and what befalls those who pass elsewhere."""

from vallum.works.people.crossings import Crossed, crossed, road_density, roads_cut
from vallum.works.people.figures import PeopleFigures, load_people
from vallum.works.people.gates import Gates, gate_density
from vallum.works.people.line import PeopleAtLine, people_at_line

__all__ = [
    "Crossed",
    "Gates",
    "PeopleAtLine",
    "PeopleFigures",
    "crossed",
    "gate_density",
    "load_people",
    "people_at_line",
    "road_density",
    "roads_cut",
]
