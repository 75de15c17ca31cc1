"""What the accord stage says of itself in a notebook or a console."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.accord.game import joined
from vallum.kernel.card import Card, Row, Table, ranged, rests_on
from vallum.kernel.card_figures import capital

if TYPE_CHECKING:
    from vallum.accord.model import Accord, AccordGame
    from vallum.accord.settle import Settlement

__all__ = ["accord_card"]


def accord_card(found: Accord) -> Card:
    """Say what all have together, whether anyone would do better by leaving, and who pays."""
    game = found.game(found.told)
    leaving = ", ".join(f"{joined(one.coalition)} in year {one.year}" for one in found.leaving)
    annex = "drawn up" if found.annex is not None else "can’t be drawn up"
    reckoned = "ends: all assumptions at their low, and at their high"
    return Card(
        "Accord",
        "Who gains, and does the accord last?",
        (
            Row("Game told", game.title, how="of the two that are played"),
            ranged("All together have", _together(game), "USD/yr", reckoned, main=True),
            *_core(game.settlement),
            Row("Would leave the joint plan", leaving or "none",
                how=f"with payments by the rule “{found.rule}”", main=True),
            Row("Partner’s standing would have to be worth", game.needed_usd_yr, "USD/yr",
                how="for its help to cost it nothing, unpaid"),
            Row("Draft of the task annex", annex, how="a draft for lawyers, not a treaty"),
        ),
        table=_coalitions(game),
        notes=(*(f"{capital(said).removesuffix('.')}." for said in found.said),
               rests_on(found.ledger)),
    )  # fmt: skip


def _together(game: AccordGame) -> tuple[float, float, float] | None:
    """Give the value of the coalition of all, at low, own and high values."""
    players = frozenset(game.settlement.players)
    worth = [each.get(players) for each in (game.value_low, game.value, game.value_high)]
    low, value, high = worth
    if low is None or value is None or high is None:
        return None
    return min(low, value, high), value, max(low, value, high)


def _core(made: Settlement) -> tuple[Row, ...]:
    """Say whether some shares satisfy every coalition."""
    label = "Some shares satisfy every coalition (the core)"
    if made.core is None:
        return (Row(label, "no plan for all together", how="exact", main=True),)
    return (
        Row(label, "no" if made.core.empty else "yes", how="exact, with its proof", main=True),
        Row("An outsider would have to add", made.core.subsidy, "USD/yr",
            how="exact, for these values"),
    )  # fmt: skip


def _coalitions(game: AccordGame) -> Table:
    """Tabulate what each coalition of members can do."""
    rows = tuple(
        (str(row["coalition"]), str(row["how"]) if row["feasible"] else "can’t",
         float(row["line_km"]), float(row["men"]),
         (float(row["cost_low"]), float(row["cost_usd_yr"]), float(row["cost_high"])),
         float(row["benefit_usd_yr"]) + float(row["joint_usd_yr"]))
        for row in game.coalitions.to_dict("records")
    )  # fmt: skip
    heads = (("coalition", ""), ("what it does", ""), ("line", "km"), ("men paid", ""),
             ("cost", "USD/yr"), ("benefit", "USD/yr"))  # fmt: skip
    return Table("What each coalition of members can do; ranges by the ledger’s ends", heads, rows)
