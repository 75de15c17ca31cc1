"""What a change of an assumption does to the frontier, in seconds: the explorer's own stages."""

from vallum.app.live.model import Look, Scored, View

__all__ = ["Look", "Scored", "View"]
