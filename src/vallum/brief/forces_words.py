"""What the forces stage found, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.brief.page_text import THIN, amount, count, listed, percent, plain, whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import pandas as pd

    from vallum.plan import Plan

__all__ = ["REGIMES", "ROLES", "short_words", "statements", "who_does_what"]

REGIMES = {
    "alone": "each state alone",
    "joint": "jointly",
    "joint_with_partner": "jointly, with the partner's help",
}
ROLES = {
    "guard": "guard", "reaction": "quick reaction", "engineering": "engineering",
    "training": "training", "intelligence": "intelligence and air", "supply": "supply",
    "medical": "medical", "liaison": "liaison", "gates": "gates",
}  # fmt: skip
_NEEDS = {
    "men": "men", "engineer_companies": "engineer companies", "plant_sets": "sets of plant",
    "trainers": "trainers", "medics": "medics", "air_sets": "aircraft",
}  # fmt: skip


def statements(plan: Plan) -> list[str]:
    """Say what the line takes, who can give it, and when it stands.

    Parameters
    ----------
    plan
        To speak of.

    Returns
    -------
    list
        Sentences; every number is from the stage's result.
    """
    found = plan.forces
    said = []
    if found.forts is not None and len(found.forts.table):
        bases = int(found.forts.table["base"].sum())
        said.append(
            f"{whole(len(found.forts.table))} forts, {whole(bases)} of them bases of a "
            f"quick reaction, reach every kilometre of its {plain(plan.line.score.line_km, 3)}"
            f"{THIN}km in time: {count(found.forts.men_on_duty)} men on duty, "
            f"{count(found.forts.men_paid)} paid."
        )
        if found.forts.status != "ok":
            said.append(f"Not all came out: {found.forts.status}.")
    said += _tasks(plan)
    said += _programme(plan)
    return said


def who_does_what(plan: Plan) -> tuple[str, tuple[str, ...]]:
    """Give the short answer and the rest, for the answers of the page."""
    said = statements(plan)
    if not said:
        return "There is no line to man.", ()
    return said[0], tuple(said[1:])


def _tasks(plan: Plan) -> list[str]:
    """Compare the regimes."""
    tasks = plan.forces.tasks
    if tasks is None:
        return []
    names = {str(k): str(v) for k, v in plan.theatre.countries["name"].items()}
    by = {str(row["regime"]): row for row in tasks.regimes.to_dict("records")}
    alone, joint, helped = (by[name] for name in REGIMES)
    whole = {name: float(row["cost_usd_yr"] + row["relax_usd_yr"]) for name, row in by.items()}
    saved = whole["alone"] - whole["joint"]
    said = []
    if alone["status"] == "short":
        what = short_words(tasks.by_regime["alone"].shortages, names)
        said.append(f"Each state alone can't do it with what it has: {what}.")
    if saved > 0.001 * whole["alone"]:
        said.append(
            f"Together it costs {amount(saved)} USD a year less than the {amount(whole['alone'])} "
            "of each alone, the price of raising what is short included."
        )
    else:
        said.append("Together it costs no less here: each state can hold its own sectors.")
    if joint["status"] == "short":
        said.append(
            f"Together still short: {short_words(tasks.by_regime['joint'].shortages, names)}."
        )
    gain = whole["joint"] - whole["joint_with_partner"]
    if gain > 0.001 * whole["joint"]:
        ends = tasks.sensitivity
        ends = ends[
            (ends["regime"] == "joint_with_partner") & ends["effects"].isin(["low", "high"])
        ]
        ends = ends[ends["men_factor"] == 1.0]
        spread = [
            whole["joint"] - float(row["cost_usd_yr"] + row["relax_usd_yr"])
            for row in ends.to_dict("records")
        ]
        ranged = f" ({amount(min(spread))} to {amount(max(spread))})" if spread else ""
        said.append(
            f"With the partner's help it costs {amount(gain)} USD a year less{ranged}; the help "
            f"itself, counted in that, {amount(float(helped['partner_usd_yr']))}."
        )
    else:
        said.append("The partner's help changes nothing at the middle of its range.")
    return said


def _programme(plan: Plan) -> list[str]:
    """Say when it stands."""
    programme = plan.forces.programme
    if programme is None or programme.all_covered is None or programme.first_covered is None:
        return [f"It can't be built so: {text}." for text in plan.forces.refused[:1]]
    first, last = programme.first_covered, programme.all_covered
    gap = (
        "no order loses less"
        if programme.gap < 1e-6
        else f"no order loses less than {percent(1 - programme.gap)} of that"
    )
    when = (
        f"Built {REGIMES[plan.forces.builders]}, all of it is covered from {_month(last)}"
        if first == last
        else f"Built {REGIMES[plan.forces.builders]}, the first piece is covered from "
        f"{_month(first)} and all of it from {_month(last)}"
    )
    return [f"{when}; until then {amount(programme.loss_usd)} USD are lost, and {gap}."]


def short_words(shortages: pd.DataFrame, names: Mapping[str, str]) -> str:
    """Put what is short into words, the largest price first."""
    if not len(shortages):
        return "–"
    table = shortages.sort_values("usd_yr", ascending=False, kind="stable")
    parts = [
        f"{plain(float(row['short']), 2)} {_NEEDS.get(str(row['need']), str(row['need']))} of "
        f"{names.get(str(row['state']), str(row['state']))}"
        for row in table.to_dict("records")
        if str(row["need"]) in _NEEDS
    ]
    rest = len(table) - len(parts)
    return listed(parts) + (" and home bases in reach" if rest else "") + " short"


def _month(day: date) -> str:
    return f"{day:%B %Y}"
