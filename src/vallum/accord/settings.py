"""The settings of the accord stage."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["AccordSettings"]


class AccordSettings(BaseModel):
    """How the cooperation is reckoned.

    Attributes
    ----------
    rule
        By which rule the draft annex has the parties pay one another: `shapley`, `nucleolus`,
        `bargain`, or `use` (each km paid by those whom it serves).
    forces
        Whether the forces of each coalition are found again, as its line is. Without it men are
        those of the works and of holding, and no coalition is said to lack means.
    influence_usd_yr
        What the partner's standing is worth to it, USD/yr: low, value, high. Nobody has priced it:
        0 by default, and what it would have to be for the partner to join is told.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: Literal["shapley", "nucleolus", "bargain", "use"] = "shapley"
    forces: bool = True
    influence_usd_yr: tuple[float, float, float] = Field(default=(0.0, 0.0, 0.0))
