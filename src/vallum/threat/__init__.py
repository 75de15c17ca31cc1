"""Who comes, and what they cost: events, loss rate, and the share that a line can touch."""

from vallum.threat.loss import Threat, assess
from vallum.threat.settings import ThreatSettings

__all__ = ["Threat", "ThreatSettings", "assess"]
