"""The claim tested: through which state violence came, as far as the record can tell."""

from vallum.threat.claim.settings import ClaimSettings
from vallum.threat.claim.verdict import Claim, assess_claim

__all__ = ["Claim", "ClaimSettings", "assess_claim"]
