"""What is vital: output and people per cell."""

from vallum.worth.output import Worth, value
from vallum.worth.settings import WorthSettings

__all__ = ["Worth", "WorthSettings", "value"]
