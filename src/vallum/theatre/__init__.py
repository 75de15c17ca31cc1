"""The ground: what the theatre is, and the one door through which data comes in."""

from vallum.theatre.build import rebuild
from vallum.theatre.load import check, load
from vallum.theatre.model import Source, Theatre
from vallum.theatre.store import names

__all__ = ["Source", "Theatre", "check", "load", "names", "rebuild"]
