"""Vallum: whether neighbouring states should protect their vital land by a joint line."""

from importlib.metadata import version

from vallum.plan import Judged, Plan, score_line
from vallum.plan import make as make_plan
from vallum.settings import Settings, load_settings
from vallum.theatre import Theatre
from vallum.theatre import load as load_theatre

__all__ = [
    "Judged",
    "Plan",
    "Settings",
    "Theatre",
    "__version__",
    "load_settings",
    "load_theatre",
    "make_plan",
    "score_line",
]

__version__ = version("vallum")
