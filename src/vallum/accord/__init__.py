"""The cooperation: what each coalition is worth, who should pay, and whether it holds together."""

from vallum.accord.airport import airport, by_use
from vallum.accord.assess import assess
from vallum.accord.bargain import bargain
from vallum.accord.model import Accord
from vallum.accord.nucleoli import nucleolus
from vallum.accord.settings import AccordSettings
from vallum.accord.stability import Core, core
from vallum.accord.values import shapley

__all__ = [
    "Accord",
    "AccordSettings",
    "Core",
    "airport",
    "assess",
    "bargain",
    "by_use",
    "core",
    "nucleolus",
    "shapley",
]
