"""Campaign: does it hold, when the other side goes round, waits, or was inside all along."""

from vallum.campaign.assess import campaign, pool_for
from vallum.campaign.model import Campaign, Case
from vallum.campaign.settings import CampaignSettings

__all__ = ["Campaign", "CampaignSettings", "Case", "campaign", "pool_for"]
