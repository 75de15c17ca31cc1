"""Figures of the frontier's steps, read from the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.brief.figures import (
    AREA,
    COUNT,
    DOLLARS_YEAR,
    KM,
    PEOPLE,
    exact,
    of_draws,
    range_of,
)

if TYPE_CHECKING:
    from markupsafe import Markup

    from vallum.brief.figures import Reading

__all__ = ["averted", "cost", "draws", "land", "line", "pays", "people"]


def cost(reading: Reading, step: int) -> Markup:
    """Write what a step costs a year, with its range."""
    return _of(reading, step, ("cost_low", "cost_usd_yr", "cost_high"))


def averted(reading: Reading, step: int) -> Markup:
    """Write the losses that a step averts a year, with their range."""
    return _of(reading, step, ("averted_low", "averted_usd_yr", "averted_high"))


def line(reading: Reading, step: int) -> Markup:
    """Write the length of a step's line."""
    return exact(reading, f"frontier/{step}/line_km", KM)


def land(reading: Reading, step: int) -> Markup:
    """Write the land that a step holds."""
    return exact(reading, f"frontier/{step}/held_km2", AREA)


def people(reading: Reading, step: int) -> Markup:
    """Write how many people a step holds."""
    return exact(reading, f"frontier/{step}/people_held", PEOPLE)


def pays(reading: Reading, step: int) -> str:
    """Say in how many of the draws a step pays for itself."""
    share = reading.number(f"frontier/{step}/pays_share")
    return of_draws(share, reading.number("ranges/draws"))


def draws(reading: Reading) -> Markup:
    """Write the number of joint draws."""
    return exact(reading, "ranges/draws", COUNT)


def _of(reading: Reading, step: int, columns: tuple[str, str, str]) -> Markup:
    low, mid, high = (reading.number(f"frontier/{step}/{column}") for column in columns)
    return range_of(low, mid, high, DOLLARS_YEAR)
