"""Where the line goes: what is at stake, the frontier of exact cuts, and the line traced."""

from vallum.line.course import Course
from vallum.line.draw import Line, Plans, at_step, draw
from vallum.line.enclose import Enclosed, enclose
from vallum.line.judge import Judgement, judge
from vallum.line.settings import LineSettings
from vallum.line.stakes import Stakes

__all__ = [
    "Course",
    "Enclosed",
    "Judgement",
    "Line",
    "LineSettings",
    "Plans",
    "Stakes",
    "at_step",
    "draw",
    "enclose",
    "judge",
]
