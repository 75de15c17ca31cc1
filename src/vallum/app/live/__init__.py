"""What a change of an assumption does to the frontier, in seconds: the explorer's own stages."""

from vallum.app.live.base import Base, base_key, prepare
from vallum.app.live.look import look
from vallum.app.live.model import Look, Scored, View
from vallum.app.live.view import Priced, price, price_key, view

__all__ = [
    "Base",
    "Look",
    "Priced",
    "Scored",
    "View",
    "base_key",
    "look",
    "prepare",
    "price",
    "price_key",
    "view",
]
