"""The chosen plan's sectors, as rows of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.brief.language import named
from vallum.brief.page_text import THIN, amount, percent, plain
from vallum.brief.works_names import composed, surface

if TYPE_CHECKING:
    from vallum.plan import Plan

__all__ = ["sectors"]


def sectors(plan: Plan) -> list[dict[str, str]]:
    """List the chosen plan's sectors."""
    names = plan.theatre.countries["name"]
    return [
        {
            "sector": f"{row['line'] + 1}.{n + 1}",
            "state": named(str(names.get(row["state"], row["state"]))),
            "length": f"{plain(row['length_km'])}{THIN}km",
            "surface": surface(str(row["surface"])),
            "what": composed(str(row["composition"])),
            "share": percent(row["composition_share"]),
            "cost": amount(row["cost_usd_yr"]),
        }
        for n, row in enumerate(plan.line.sectors.drop(columns="geometry").to_dict("records"))
    ]
