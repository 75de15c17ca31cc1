"""Works: what can be built on a kilometre, what it stops, what it costs, what the law allows."""

from vallum.works.assess import assess, check
from vallum.works.bill import Bill, bill_of
from vallum.works.catalogue import Catalogue, load_catalogue
from vallum.works.easi import interruption
from vallum.works.explain import Explanation, explain
from vallum.works.menu import Frontier, Frontiers, frontier
from vallum.works.model import Works
from vallum.works.opponent import Opponent
from vallum.works.people import roads_cut
from vallum.works.price import effect_along, plain_ground, price
from vallum.works.settings import WorksSettings
from vallum.works.span import Priced, priced

__all__ = [
    "Bill",
    "Catalogue",
    "Explanation",
    "Frontier",
    "Frontiers",
    "Opponent",
    "Priced",
    "Works",
    "WorksSettings",
    "assess",
    "bill_of",
    "check",
    "effect_along",
    "explain",
    "frontier",
    "interruption",
    "load_catalogue",
    "plain_ground",
    "price",
    "priced",
    "roads_cut",
]
