"""What the window stage and its opening say of themselves in a notebook or a console."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.kernel.card import Card, Row, Table, ranged, rests_on

if TYPE_CHECKING:
    from vallum.window.model import Opening, Window

__all__ = ["opening_card", "window_card"]

_AHEAD = 12  # months, of those that the outlook has
_QUESTION = "Is the diplomatic window open?"
_LEVEL = "0 closed to 1 open; weights are judgements"


def window_card(found: Window) -> Card:
    """Say how far the opening is there, whether it lasts, and what would give early warning."""
    passed = int(found.indicators["passed"].sum()) if len(found.indicators) else 0
    today = found.scenarios.head(1)
    return Card(
        "Window",
        _QUESTION,
        (
            *_opening(found.opening),
            Row("Early warnings given", passed, how=f"of {len(found.indicators)} watched"),
            Row("The accord holds as things are",
                None if not len(today) else "yes" if bool(today["holds"].iloc[0]) else "no",
                how="by the accord’s own figures"),
            Row("Events between states", len(found.events), how=f"from the {found.source}"),
        ),
        warnings=() if found.status == "ok" else (f"Not known: {found.status}",),
        table=_pairs(found),
        notes=(
            ("Levels are Goldstein’s scale, −10 conflict to 10 cooperation; the outlook says that "
            "nothing is known to change, and how far it may move all the same."),
            rests_on(found.ledger),
        ),
    )  # fmt: skip


def opening_card(found: Opening) -> Card:
    """Say how far the opening is there, and what it is made of."""
    rows = tuple(
        (part.title, part.series, part.weight,
         None if part.score is None else part.score, part.status or "ok")
        for part in found.parts
    )  # fmt: skip
    heads = (("part", ""), ("made of", ""), ("weight", ""), ("score", "0 to 1"), ("data", ""))
    return Card(
        "Opening",
        _QUESTION,
        _opening(found),
        table=Table("Its parts; the weights are judgements, drawn with their ranges", heads, rows),
    )


def _opening(found: Opening) -> tuple[Row, ...]:
    """Give the index, and the chances that it is and stays open."""
    return (
        ranged("The opening", found.index, "", _LEVEL, main=True),
        Row("Chance that it is open now", found.p_open_now, "share", how="over the draws",
            main=True),
        Row("Chance that it stays open through the programme", found.p_open_through, "share",
            how=f"{found.months} months; over the draws", main=True),
    )  # fmt: skip


def _pairs(found: Window) -> Table | None:
    """Tabulate the level of each pair now, and a year ahead."""
    if not found.latest:
        return None
    ahead = {
        str(row["pair"]): (float(row["low"]), float(row["mid"]), float(row["high"]))
        for row in found.outlook[found.outlook["ahead"] == _AHEAD].to_dict("records")
    }
    rows = tuple(
        (pair.replace("-", " – "), level, ahead.get(pair)) for pair, level in found.latest.items()
    )
    heads = (("pair", ""), ("level now", "−10 to 10"), (f"in {_AHEAD} months", "−10 to 10"))
    return Table("Relations between states; ranges hold 90 % of the belief", heads, rows)
