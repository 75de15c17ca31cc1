"""Settings of the forces stage, a section per part."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from vallum.forces.forts_settings import FortsSettings
from vallum.forces.programme_settings import ProgrammeSettings
from vallum.forces.tasks_settings import TasksSettings

__all__ = ["ForcesSettings"]


class ForcesSettings(BaseModel):
    """How the line is manned, by whom, and how it is built.

    Attributes
    ----------
    forts, tasks, programme
        One section per part.
    builders
        Under which regime the line is built: "alone" (each state's companies on its own ground),
        "joint" (on all ground), or "joint_with_partner" (the partner's companies too).
    money_usd_yr
        Capital that there is in a year, by state, or under "all" for one purse; what is not spent
        lapses. Not given: no limit, since the cost of the line says what it takes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    forts: FortsSettings = Field(default_factory=FortsSettings)
    tasks: TasksSettings = Field(default_factory=TasksSettings)
    programme: ProgrammeSettings = Field(default_factory=ProgrammeSettings)
    builders: Literal["alone", "joint", "joint_with_partner"] = "joint"
    money_usd_yr: dict[str, float] = Field(default_factory=dict)
