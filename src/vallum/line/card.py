"""What the results of the line stage say of themselves in a notebook or a console."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vallum.kernel.card import Card, Cell, Picture, Row, Table, ranged, rests_on
from vallum.kernel.card_figures import written

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.line.draw import Line, Plans
    from vallum.line.judge import Judgement
    from vallum.line.ranges import Ranges
    from vallum.line.robust import Robust

__all__ = [
    "ILLUSTRATION", "held_map", "judgement_card", "line_card", "plans_card", "ranges_card",
    "robust_card",
]  # fmt: skip

ILLUSTRATION = (
    "Illustration: at this price nothing is worth holding; the step shown brings most for a dollar."
)
_SHOWN = 6
_QUESTION = "Where would the line go, and is it worth its cost?"
_OWN = "at the assumptions’ own values"


def line_card(found: Line, sure: Ranges | None = None) -> Card:
    """Say what the chosen line holds, what it earns and costs, and how far it can be from the best.

    Parameters
    ----------
    found
        The line.
    sure
        Ranges of its frontier over joint draws; without them benefit and cost stand alone.
    """
    step = found.plans.steps.iloc[found.step]
    measured = "of the territory as drawn"
    return Card(
        "Line",
        _QUESTION,
        (
            Row("Status", found.status, how=_price(found)),
            Row("Length of the line", found.score.line_km, "km", how=measured, main=True),
            Row("Land held", float(step["held_km2"]), "km²", how=measured),
            Row("People held", float(step["people_share"]), "share", how=measured, main=True),
            Row("Output held", float(step["output_share"]), "share", how=measured),
            *_earned(found, sure),
            Row("of it the line", found.score.closure, "USD/yr", how=_OWN),
            Row("of it holding the land", found.score.holding, "USD/yr", how=_OWN),
            Row("Another plan of that cost could have more, at most", found.bound_gap, "share",
                how=_proof(found), main=True),
            Row("Step of the frontier", found.step, how=f"of {len(found.plans.steps)}, from 0"),
        ),
        warnings=() if found.status == "ok" else (ILLUSTRATION,),
        table=None if sure is None else _sure(found.plans, sure),
        picture=held_map(found.held, np.isfinite(found.plans.stakes.benefit)),
        notes=(rests_on(found.ledger),),
    )  # fmt: skip


def plans_card(found: Plans) -> Card:
    """Say how many plans there are, what they span, and what proves them."""
    front, steps = found.frontier, found.steps
    exact = int((steps["kind"] == "exact").sum())
    return Card(
        "Plans",
        f"Every best plan for the objective “{found.objective}”",
        (
            Row("Steps", len(steps), how="nested: each holds the one before", main=True),
            Row("of them exact", exact, how="each proved by a flow equal to its cut", main=True),
            Row("Proofs could hide, by rounding", front.rounding_usd_yr, "USD/yr", how="at most"),
            Row("All that could be earned", front.total_benefit, _benefit(found), how=_OWN,
                main=True),
            Row("Projects that can’t be earned", len(front.unearnable),
                how="they need land that can’t be held"),
        ),
        table=_frontier(found),
        picture=_entries(found),
    )  # fmt: skip


def judgement_card(found: Judgement, benefit_unit: str = "USD/yr") -> Card:
    """Say what somebody's territory is worth beside the best of its cost."""
    best = found.ceiling
    barred = found.barred_km > 0
    return Card(
        "Judgement",
        "A territory that somebody drew, by the frontier’s yardstick",
        (
            Row("It earns", found.score.benefit, benefit_unit, how=_OWN, main=True),
            Row("The most that its cost could earn", None if np.isnan(best) else best, benefit_unit,
                how="it leaves out land that plans must hold" if np.isnan(best)
                else "proved for every territory", main=True),
            Row("It has of that", found.score.benefit / best if best > 0 else None, "share",
                how="follows from both", main=True),
            Row("It costs", found.buildable_usd_yr, "USD/yr",
                how="the part that may stand" if barred else _OWN, main=True),
            Row("Length of its line", found.score.line_km, "km", how="of the cells drawn"),
            Row("of it where no line may stand", found.barred_km, "km", how="of the cells drawn"),
        ),
        warnings=("A part of its line may not stand: as a whole it can’t be built.",) * barred,
    )  # fmt: skip


def ranges_card(found: Ranges) -> Card:
    """Say how the steps fare over joint draws of the assumptions."""
    pays = found.steps["pays_share"]
    best = int(pays.to_numpy().argmax()) if len(pays) else None
    held = f"5 to 95 % of {written(found.draws)} joint draws"
    return Card(
        "Ranges",
        "Benefit and cost of every step over joint draws",
        (
            Row("Draws", found.draws, how=f"seed {found.seed}", main=True),
            Row("Steps", len(found.steps), how="the territories stay as drawn", main=True),
            Row("The most draws in which a step pays",
                None if best is None else float(pays.iloc[best]), "share",
                how="none" if best is None else f"step {best}", main=True),
        ),
        table=_table(found.steps, f"Some of {len(found.steps)} steps; ranges hold {held}", (
            (("averted_low", "averted_usd_yr", "averted_high"), "losses averted", "USD/yr"),
            ("cost_low", "cost, low", "USD/yr"), ("cost_high", "cost, high", "USD/yr"),
            ("pays_share", "draws in which it pays", "share"),
        )),
    )  # fmt: skip


def robust_card(found: Robust) -> Card:
    """Say what of the plans stands when each draw has a frontier of its own."""
    kept = found.steps["kept_share"]
    return Card(
        "Robust",
        "What stands under other assumptions",
        (
            Row("Draws, each with its own frontier", found.draws, how=f"seed {found.seed}",
                main=True),
            Row("of them without any territory as asked", found.void, how="counted"),
            ranged("Chance that held land stays inside, over steps", (
                float(kept.min()), float(kept.median()), float(kept.max())), "share",
                "median; the range is over all steps", main=True),
            Row("Inside is called sure from", found.share, "share", how="as set"),
        ),
        table=_table(found.steps.set_index("step"), f"Some of {len(found.steps)} steps", (
            ("cost_usd_yr", "budget", "USD/yr"), ("core_km2", "surely inside", "km²"),
            ("core_people", "people there", ""), ("ever_km2", "inside in any draw", "km²"),
            ("kept_share", "stays inside, mean", "share"),
        )),
    )  # fmt: skip


def held_map(held: NDArray[np.bool_], member: NDArray[np.bool_]) -> Picture:
    """Draw held land within the members' land, both of shape (rows, cols)."""
    codes = np.where(held, 1, np.where(member, 0, -1)).astype(np.int8)
    classes = (("members’ other land", "rest"), ("held", "held"))
    return Picture("Land held, in cells", codes, classes)


def _entries(found: Plans) -> Picture:
    """Draw when land enters: what pays most for its line comes first."""
    parts = 4
    last = max(len(found.steps) - 1, 0)
    ends = sorted({last * n // parts for n in range(1, parts + 1)})
    part = np.searchsorted(ends, found.entry)  # the earliest is told last, to be seen on a thumb
    member = np.where(np.isfinite(found.stakes.benefit), 0, -1)
    codes = np.where(found.entry >= 0, len(ends) - part, member).astype(np.int8)
    names = [f"by step {end}" for end in ends]
    drawn = [(name, f"early-{n}") for n, name in enumerate(names, start=1)]
    return Picture("When land is first held", codes, (("never", "neighbour"), *reversed(drawn)))


def _benefit(found: Plans) -> str:
    return "people" if found.objective == "people" else "USD/yr"


def _price(found: Line) -> str:
    return "the most that the budget buys" if found.mu is None else f"at μ = {found.mu:g}"


def _proof(found: Line) -> str:
    """Say what the bound is."""
    if found.plans.steps["kind"].iloc[found.step] == "exact":
        return "exact: no territory is better at its price, proved by its flow"
    return "a bound, proved for every territory"


def _earned(found: Line, sure: Ranges | None) -> tuple[Row, Row]:
    """Give benefit and cost of the chosen step, with their ranges where they are known."""
    counts = found.plans.objective == "people"
    benefit = Row("People who count as benefit" if counts else "Losses averted",
                  found.score.benefit, _benefit(found.plans), how=_OWN, main=True)  # fmt: skip
    if sure is None:
        return benefit, Row("Cost", found.score.cost, "USD/yr", how=_OWN, main=True)
    row = sure.steps.iloc[found.step]
    held = f"5 to 95 % of {written(sure.draws)} draws"
    averted = (float(row["averted_low"]), float(row["averted_usd_yr"]), float(row["averted_high"]))
    cost = (float(row["cost_low"]), found.score.cost, float(row["cost_high"]))
    return (
        benefit if counts else ranged("Losses averted", averted, "USD/yr", held, main=True),
        ranged("Cost", cost, "USD/yr", held, main=True),
    )


Column = tuple[str | tuple[str, str, str], str, str]  # a column or three, its head, its unit


def _frontier(found: Plans) -> Table:
    """Tabulate steps spread over the frontier."""
    return _table(found.steps, f"Some of {len(found.steps)} steps, {_OWN}", (
        ("kind", "kind", ""), ("line_km", "line", "km"), ("held_km2", "land", "km²"),
        ("people_share", "people", "share"), ("output_share", "output", "share"),
        ("cost_usd_yr", "cost", "USD/yr"), ("benefit", "benefit", _benefit(found)),
    ))  # fmt: skip


def _sure(plans: Plans, sure: Ranges) -> Table:
    """Tabulate steps with their ranges."""
    steps = plans.steps.drop(columns=[c for c in sure.steps.columns if c in plans.steps.columns])
    title = f"Some of {len(steps)} steps; ranges hold 5 to 95 % of {written(sure.draws)} draws"
    return _table(steps.join(sure.steps), title, (
        ("line_km", "line", "km"), ("people_share", "people", "share"),
        (("cost_low", "cost_usd_yr", "cost_high"), "cost", "USD/yr"),
        (("averted_low", "averted_usd_yr", "averted_high"), "losses averted", "USD/yr"),
        ("pays_share", "draws in which it pays", "share"),
    ))  # fmt: skip


def _figures(row: pd.Series[Any], keys: str | tuple[str, str, str]) -> Cell:
    """Read a text, a figure or a range of a row."""
    if isinstance(keys, tuple):
        low, value, high = (float(row[key]) for key in keys)
        return low, value, high
    return row[keys] if isinstance(row[keys], str) else float(row[keys])


def _table(steps: pd.DataFrame, title: str, columns: tuple[Column, ...]) -> Table:
    """Tabulate a few rows, the first and the last among them, spread evenly."""
    some = np.unique(np.linspace(0, len(steps) - 1, min(_SHOWN, len(steps))).round().astype(int))
    rows = []
    for number in some:
        row = steps.iloc[number]
        cells = [_figures(row, keys) for keys, _, _ in columns]
        rows.append((int(steps.index[number]), *cells))
    return Table(title, (("step", ""), *((head, unit) for _, head, unit in columns)), tuple(rows))
