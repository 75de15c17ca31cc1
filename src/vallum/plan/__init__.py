"""The plan: every stage in order, readable as prose in `vallum.plan.stages`."""

from vallum.line.billed import bill_of
from vallum.plan.asked import Judged, enclose, explain_at, score_line
from vallum.plan.kept import Kept
from vallum.plan.stages import STAGES, Plan, ground_of, make, play, run, until

__all__ = [
    "STAGES",
    "Judged",
    "Kept",
    "Plan",
    "bill_of",
    "enclose",
    "explain_at",
    "ground_of",
    "make",
    "play",
    "run",
    "score_line",
    "until",
]
