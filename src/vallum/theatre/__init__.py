"""The ground: what the theatre is, and the one door through which data comes in."""

from vallum.theatre.bring.build import build as build_theatre
from vallum.theatre.bring.build import check_config
from vallum.theatre.bring.template import write_template
from vallum.theatre.fetch import SOURCES, Fetched, Request, fetch
from vallum.theatre.load import check, load
from vallum.theatre.model import Source, Theatre
from vallum.theatre.rebuild import rebuild
from vallum.theatre.store import names

__all__ = [
    "SOURCES",
    "Fetched",
    "Request",
    "Source",
    "Theatre",
    "build_theatre",
    "check",
    "check_config",
    "fetch",
    "load",
    "names",
    "rebuild",
    "write_template",
]
