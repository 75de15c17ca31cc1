"""Works: what can be built on a kilometre, what it stops, what it costs, what the law allows."""

from vallum.works.catalogue import Catalogue, load_catalogue
from vallum.works.easi import interruption
from vallum.works.menu import Frontier, Frontiers, frontier
from vallum.works.opponent import Opponent
from vallum.works.price import Works, price
from vallum.works.settings import WorksSettings

__all__ = [
    "Catalogue",
    "Frontier",
    "Frontiers",
    "Opponent",
    "Works",
    "WorksSettings",
    "frontier",
    "interruption",
    "load_catalogue",
    "price",
]
