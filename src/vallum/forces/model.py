"""What the forces stage finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vallum.forces.card import forces_card
from vallum.kernel.card import Shown

if TYPE_CHECKING:
    import pandas as pd

    from vallum.forces.forts_model import Forts
    from vallum.forces.programme import Programme
    from vallum.forces.tasks import Tasks
    from vallum.kernel.card import Card
    from vallum.kernel.ledger import Assumption

__all__ = ["Forces"]


@dataclass(frozen=True, eq=False, repr=False)
class Forces(Shown):
    """Who stands where, who does what, and what is built when.

    Attributes
    ----------
    forts
        Forts and garrisons; None where no placement meets the response times (`refused` says why).
    tasks
        Roles by sector and state under three regimes; None without forts.
    programme
        What is built when; None where it can't be built so (`refused` says what is short).
    sectors
        One row per sector: sector, line, state, length_km, forts, bases, men_on_duty, men_paid,
        response_s_assumed, response_s_found, p_e_assumed, p_e_found, company_days, capital_usd,
        guard and reaction (states that do it, joint regime), start, built, covered (dates or None).
    refused
        What could not be done, each in a sentence with what is short and what would mend it.
    builders
        The regime that the programme is of.
    ledger
        Assumptions of all parts.
    fingerprint
        Of the theatre.
    """

    forts: Forts | None
    tasks: Tasks | None
    programme: Programme | None
    sectors: pd.DataFrame
    refused: tuple[str, ...]
    builders: str
    ledger: tuple[Assumption, ...]
    fingerprint: str

    def card(self) -> Card:
        """Say it in short, for notebooks and consoles."""
        return forces_card(self)
