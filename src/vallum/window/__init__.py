"""Relations between the states, and whether the opening lasts."""

from vallum.window.assess import assess, events_table
from vallum.window.model import Window
from vallum.window.settings import WindowSettings

__all__ = ["Window", "WindowSettings", "assess", "events_table"]
