"""Readers of event data: each turns a file into the same table of events between states."""

from __future__ import annotations

from vallum.window.readers.gdelt import read_gdelt, read_panel
from vallum.window.readers.icews import read_icews
from vallum.window.readers.plain import read_plain
from vallum.window.readers.polecat import read_polecat
from vallum.window.readers.table import Dyads

__all__ = ["Dyads", "read_gdelt", "read_icews", "read_panel", "read_plain", "read_polecat"]
