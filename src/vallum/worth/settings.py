"""Settings of the worth stage."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["WorthSettings"]


class WorthSettings(BaseModel):
    """How national output is spread over the cells.

    Attributes
    ----------
    urban_premium
        Output outside farming per townsman over that per villager. 2.25 for Mali: 40 % of output
        and 60 % of work are in farming, so a worker outside it makes (0.6/0.4)/(0.4/0.6) = 2.25
        times as much (IFPRI brief 2023,
        https://knowledge4policy.ec.europa.eu/publication/mali%E2%80%99s-agrifood-system-structure-drivers-transformation-0_en);
        the mean of developing countries is 4 (Gollin, Lagakos & Waugh,
        https://gov.uk/research-for-development-outputs/the-agricultural-productivity-gap-in-developing-countries-policy-brief).
    value_added_share
        Value added in the gross sales of a site. Judgement: mines buy fuel, plant and services
        for about half of what they sell.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    urban_premium: float = Field(default=2.25, ge=1.0, le=10.0)
    value_added_share: float = Field(default=0.5, gt=0.0, le=1.0)
