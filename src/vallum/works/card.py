"""What the works stage and a bill of quantities say of themselves in a notebook or a console."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.card import Card, Picture, Row, Table, ranged, rests_on
from vallum.kernel.card_figures import capital

if TYPE_CHECKING:
    from vallum.works.bill import Bill
    from vallum.works.model import Works

__all__ = ["bill_card", "works_card"]

_SHOWN = 6
_CROSSED = "share of crossings by the way that is worst for us"


def works_card(found: Works) -> Card:
    """Say what could be built, what a kilometre costs, and what it stops."""
    land = found.composition >= 0
    may = land & found.buildable & np.isfinite(found.closure_usd_km_yr)
    price = found.closure_usd_km_yr[may]
    median = float(np.median(price)) if price.size else math.nan
    low, high = found.range
    met = float(found.standard_met[land].mean()) if land.any() else None
    lawful = found.compositions["candidates"]
    return Card(
        "Works",
        "With what?",
        (
            ranged("Crossings that a line stops", found.effect, "share",
                   "ends of the ledger’s ranges"),
            ranged("Cost of a kilometre of line, holding apart",
                   (median * low, median, median * high), "USD/km/yr",
                   "median of the land; ends of the ledger’s ranges, on average"),
            Row("Land on which the standard is met", met, "share", how="each cell is tried",
                main=True),
            Row("Compositions in use", len(found.compositions), how="counted"),
            Row("Lawful compositions tried on a class of ground",
                int(lawful.max()) if len(lawful) else None, how="the most of any class"),
            Row("Barred by law: listed and priced, never placed", len(found.barred),
                how="no setting can allow them", main=True),
        ),
        warnings=() if found.status == "ok" else (f"{capital(found.status).removesuffix('.')}.",),
        table=_compositions(found),
        picture=_map(found),
        notes=(rests_on(found.ledger),),
    )  # fmt: skip


def bill_card(found: Bill) -> Card:
    """Say what the drawn line is made of, and what that costs."""
    total = found.totals
    ends = "ends of the ledger’s ranges"
    return Card(
        "Bill",
        "With what?",
        (
            Row("Line", found.line_km, "km", how="by the cut’s own measure"),
            Row("of it at full price", found.built_km, "km",
                how="less where a neighbour watches its side"),
            ranged("To build it", total["capital_usd"], "USD", ends, main=True),
            ranged("Works a year, capital spread over its life", total["cost_usd_yr"], "USD/yr",
                   ends, main=True),
            ranged("Men on duty", total["men"], "men", ends),
            ranged("Men paid, rotation included", total["men_paid"], "men", ends),
            ranged("Crossings stopped, mean along the line", total["effect"], "share", ends,
                   main=True),
            Row("Crossings stopped, weakest kilometre", found.weakest[0], "share", how=_CROSSED),
        ),
        table=_items(found),
        notes=("Mines of any kind are never placed.",),
    )  # fmt: skip


def _compositions(found: Works) -> Table:
    """Tabulate the compositions that stand on most ground."""
    most = found.compositions.sort_values("cells", ascending=False, kind="stable").head(_SHOWN)
    rows = tuple(
        (str(row["surface"]), str(row["composition"]).replace("+", " + "),
         (float(row["cost_low_usd_km_yr"]), float(row["cost_usd_km_yr"]),
          float(row["cost_high_usd_km_yr"])),
         (float(row["p_e_low"]), float(row["p_e"]), float(row["p_e_high"])), int(row["cells"]))
        for row in most.to_dict("records")
    )  # fmt: skip
    heads = (("surface", ""), ("composition (@: km between)", ""), ("cost", "USD/km/yr"),
             ("stops", "share"), ("cells", ""))  # fmt: skip
    title = f"The {len(rows)} of {len(found.compositions)} compositions that suit most cells"
    return Table(title, heads, rows)


def _items(found: Bill) -> Table:
    """Tabulate the items that cost most."""
    most = found.items.sort_values("cost_usd_yr_mid", ascending=False, kind="stable").head(_SHOWN)
    rows = tuple(
        (str(row["text"]), float(row["quantity"]), str(row["unit"]),
         (float(row["cost_usd_yr_low"]), float(row["cost_usd_yr_mid"]),
          float(row["cost_usd_yr_high"])))
        for row in most.to_dict("records")
    )  # fmt: skip
    heads = (("item", ""), ("quantity", ""), ("unit", ""), ("cost", "USD/yr"))
    title = f"The {len(rows)} of {len(found.items)} items that cost most; ranges one item at a time"
    return Table(title, heads, rows)


def _map(found: Works) -> Picture:
    """Colour the land by whether the standard is met there."""
    land = found.composition >= 0
    codes = np.select([land & found.standard_met, land, found.barren], [0, 2, 1], -1)
    return Picture(
        "Where a lawful line meets the standard",
        codes.astype(np.int8),
        (("met", "held"), ("too steep for a fort", "rest"), ("not met", "loss")),
    )
