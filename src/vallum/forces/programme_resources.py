"""With what a programme is built: companies, plant, materials, hauling and money."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Pool", "Purse", "Resources", "check"]

_WHERE = "programme, resources"


@dataclass(frozen=True)
class Pool:
    """Companies of engineers that work together.

    Attributes
    ----------
    name
        Whose they are.
    companies
        How many there are.
    plant
        How many of them can be equipped at once: sets of dozers, graders and lorries.
    states
        ISO3 of the states on whose ground they may work; None: on all.
    months
        Months of the year (1 to 12) in which they are there; None: always.
    """

    name: str
    companies: int
    plant: int | None = None
    states: tuple[str, ...] | None = None
    months: tuple[int, ...] | None = None

    @property
    def at_work(self) -> int:
        """How many can work at once."""
        return self.companies if self.plant is None else min(self.companies, self.plant)


@dataclass(frozen=True)
class Purse:
    """Money for capital, by year of the programme; what is not spent in a year lapses.

    Attributes
    ----------
    name
        Whose it is.
    usd_yr
        USD a year.
    states
        ISO3 of the states whose sectors it pays for; None: all.
    """

    name: str
    usd_yr: float
    states: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Resources:
    """All that a programme has at its disposal.

    Attributes
    ----------
    pools
        Companies; a sector may be built by any pool that may work there.
    purses
        Money; each state's sectors are paid for by one purse at most. No purse: no limit.
    materials_t_month
        Tonnes a month by material (stone from its quarries, steel and cement from the works or
        the port); what is not named has no limit.
    haul_tkm_month
        What the lorries carry, tonne-km a month.
    """

    pools: tuple[Pool, ...]
    purses: tuple[Purse, ...] = ()
    materials_t_month: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    haul_tkm_month: float = math.inf


def check(resources: Resources) -> None:
    """Refuse resources that make no sense.

    Raises
    ------
    InputError
        With every fault.
    """
    faults = [
        Fault(_WHERE, pool.name, f"{pool.at_work} companies", "give 0 or more")
        for pool in resources.pools
        if pool.at_work < 0
    ]
    faults += [
        Fault(_WHERE, pool.name, f"months {pool.months}", "give months from 1 to 12")
        for pool in resources.pools
        if pool.months is not None and not set(pool.months) <= set(range(1, 13))
    ]
    amounts = {
        **{f"purse {purse.name}": purse.usd_yr for purse in resources.purses},
        **{f"material {key}": tonnes for key, tonnes in resources.materials_t_month.items()},
        "haul_tkm_month": resources.haul_tkm_month,
    }
    faults += [
        Fault(_WHERE, place, f"{amount}", "give 0 or more")
        for place, amount in amounts.items()
        if math.isnan(amount) or amount < 0
    ]
    faults += [
        Fault(_WHERE, what, "one name for two", "give each its own name")
        for what, names in (
            ("pools", [pool.name for pool in resources.pools]),
            ("purses", [purse.name for purse in resources.purses]),
        )
        if len(set(names)) < len(names)
    ]
    paying = [state for purse in resources.purses for state in purse.states or ("",)]
    if len(set(paying)) < len(paying) or ("" in paying and len(resources.purses) > 1):
        mend = "let one purse pay for each state, or one for all"
        faults.append(Fault(_WHERE, "purses", "a state's sectors are paid for by two", mend))
    if faults:
        raise InputError(faults)
