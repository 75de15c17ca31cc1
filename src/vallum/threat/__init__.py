"""Who comes, from where, by which ways, and what they cost; and what part a line can touch."""

from vallum.threat.assess import assess, restated
from vallum.threat.model import Threat
from vallum.threat.settings import ThreatSettings

__all__ = ["Threat", "ThreatSettings", "assess", "restated"]
