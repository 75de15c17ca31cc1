"""Vallum: whether neighbouring states should protect their vital land by a joint line."""

from __future__ import annotations

import importlib
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

# Loaded when they are first asked for: so the command line can catch an interrupt while the
# libraries load, which takes seconds.
HOMES = {
    "Judged": ("vallum.plan", "Judged"),
    "Plan": ("vallum.plan", "Plan"),
    "score_line": ("vallum.plan", "score_line"),
    "make_plan": ("vallum.plan", "make"),
    "Settings": ("vallum.settings", "Settings"),
    "load_settings": ("vallum.settings", "load_settings"),
    "Theatre": ("vallum.theatre", "Theatre"),
    "load_theatre": ("vallum.theatre", "load"),
}


def __getattr__(name: str) -> object:
    """Give a public verb or type from the room where it lives."""
    if name not in HOMES:
        raise AttributeError(f"module 'vallum' has no attribute '{name}'")
    home, own = HOMES[name]
    return getattr(importlib.import_module(home), own)
