"""The works in words: the statement, the claim, what we find, how sure, what would change it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from vallum.brief.page_text import THIN, amount, between, listed, percent, plain
from vallum.brief.works_figures import commonest
from vallum.brief.works_kinds import on_member_land
from vallum.works.effect import sensitivities
from vallum.works.opponent import covered_pace
from vallum.works.tasks import Scene

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vallum.plan import Plan

__all__ = ["argument", "statement"]

_SIZES = re.compile(r",|\(| (?=\d)")
_STANDARDS = (0.5, 0.8)  # what else the planner may ask for
_FIGURES = {
    "detection": "how often sensors and patrols see who crosses",
    "delay": "how long barriers hold them up",
    "response": "how fast the response comes",
    "communication": "how often an alarm gets through",
    "depth_km": "how far they must run to be safe",
    "neutralisation": "how the fight ends",
}
_MATERIALS = (("sand", "earth", "walls or banks of sand or earth"),
              ("rock", "stone", "walls of stone or of baskets filled with it"))  # fmt: skip


def statement(plan: Plan) -> str:
    """Say in one sentence what a kilometre would be made of, what it costs and what it stops.

    Parameters
    ----------
    plan
        To speak of.

    Returns
    -------
    str
        Over the members' land, with ranges.
    """
    table, share = plan.works.compositions, on_member_land(plan)
    cost, p_e = _mean(table, share, "cost_{}usd_km_yr"), _mean(table, share, "p_e{}")
    low, men, high = _men(plan, share)
    barriers = _barriers(plan, share)
    name = max(barriers, key=lambda name: (barriers[name], name))
    return (
        f"A line here would mostly be {name}. A kilometre costs {amount(cost[1])} USD a year "
        f"({between(cost[0], cost[2])}) and {plain(men)} paid men ({between(low, high)}), and "
        f"stops {percent(p_e[1])} of those who try to cross "
        f"({plain(100 * p_e[0])}–{plain(100 * p_e[2])}{THIN}%){_met(plan)}."
    )


def argument(plan: Plan) -> list[tuple[str, tuple[str, ...]]]:
    """Lay out claim, finding, how sure, and what would change it.

    Parameters
    ----------
    plan
        To speak of.

    Returns
    -------
    list of (title, paragraphs)
        Without the claim where none is stated for the theatre.
    """
    out: list[tuple[str, tuple[str, ...]]] = []
    if plan.threat.claim.stated:
        text = (
            "A line of sand where there is sand and of stone where there is stone, with forts, and "
            "with mines: so the proposal has it."
        )
        out.append(("The claim", (text,)))
    out.append(("What we find", (*_material(plan), *_short(plan), _law(plan))))
    out.append(("How sure", _sure(plan)))
    out.append(("What would change it", _change(plan)))
    return out


def _mean(
    table: pd.DataFrame, share: NDArray[np.float64], pattern: str
) -> tuple[float, float, float]:
    """Give low, mid and high of a column over the members' land."""
    ends = ("low_", "", "high_") if pattern.startswith("cost") else ("_low", "", "_high")
    low, mid, high = (
        float(share @ table[pattern.format(end)].to_numpy(np.float64)) for end in ends
    )
    return low, mid, high


def _barriers(plan: Plan, share: NDArray[np.float64]) -> dict[str, float]:
    """Give the share of the land by the barriers that stand there together, in words."""
    items = plan.works.catalogue.items
    out: dict[str, float] = {}
    for used, part in zip(plan.works.compositions["items"], share.tolist(), strict=True):
        names = [_a(items[k].text) for k in used if items[k].role == "barrier"]
        name = " and ".join(names) + (", one behind the other" if len(names) > 1 else "")
        out[name or "no barrier"] = out.get(name or "no barrier", 0.0) + part
    return out


def _a(text: str) -> str:
    """Name a thing without its sizes, with its article.

    Examples
    --------
    >>> _a("ditch, 2.5 m deep"), _a("coils of wire")
    ('a ditch', 'coils of wire')
    """
    name = _SIZES.split(text)[0].strip()
    first = name.split(" ", 1)[0]
    if first.endswith("s") or first in {"two", "three", "four"}:
        return name
    return f"an {name}" if name[:1] in "aeiou" else f"a {name}"


def _men(plan: Plan, share: NDArray[np.float64]) -> tuple[float, float, float]:
    """Give low, mid and high of the men paid per km, swings as the root of the sum of squares."""
    items, rotation = plan.works.catalogue.items, plan.settings.works.rotation
    ends = np.zeros((len(plan.works.choices), 3))
    for n, choice in enumerate(plan.works.choices):
        each = np.array(
            [
                (items[k].men.low * q, items[k].men.mode * q, items[k].men.high * q)
                for k, q in choice.quantities.items()
            ]
        )
        mid = each[:, 1].sum()
        down, up = (float(np.hypot.reduce(each[:, e] - each[:, 1])) for e in (0, 2))
        ends[n] = max(mid - down, 0.0), mid, mid + up
    low, mid, high = (float(v) for v in rotation * (share @ ends))
    return low, mid, high


def _met(plan: Plan) -> str:
    """Say on how much of the land the standard is met."""
    if plan.settings.works.rule != "one":
        return ""
    met = float(on_member_land(plan) @ plan.works.compositions["standard_met"].to_numpy(np.float64))
    parts = plan.settings.works.standards
    if parts:
        several = {plan.settings.works.standard, *(part.standard for part in parts)}
        most = percent(max(several))
        own = f"; each part's own standard, from {percent(min(several))} to {most}, is met on "
        return own + ("all of it" if met >= 1 - 1e-9 else f"{percent(met)} of it")
    standard = percent(plan.settings.works.standard)
    if met >= 1 - 1e-9:
        return f"; the standard, {standard}, is met on all of it"
    return f"; the standard, {standard}, is met on {percent(met)} of it"


def _material(plan: Plan) -> tuple[str, ...]:
    """Hold the claim against what is cheapest: sand where there is sand, stone where stone."""
    table, share = plan.works.compositions, on_member_land(plan)
    items = plan.works.catalogue.items
    said, right = [], True
    for surface, material, words in _MATERIALS:
        here = (table["surface"] == surface).to_numpy()
        land = float(share[here].sum())
        if land <= 0:
            continue
        made = np.array(
            [
                any(items[k].role == "barrier" and material in items[k].material for k in used)
                for used in table["items"]
            ]
        )
        part = float(share[here & made].sum()) / land
        said.append(f"{percent(part)} of the {surface} gets {words}")
        right = right and part > 0.5
    verdict = ": as claimed" if right else ": not as claimed"
    end = verdict if plan.threat.claim.stated else ""
    out = [f"{' and '.join(said)}{end}."] if said else []
    barriers = _barriers(plan, share)
    order = sorted(barriers, key=lambda name: (-barriers[name], name))[:2]
    most = "; ".join(f"{name} ({percent(barriers[name])} of the land)" for name in order)
    forts = np.array([float(v) for v in table["fort_spacing_km"]])
    middle = _middle(forts, share)
    out.append(
        f"The commonest barriers: {most}. Forts stand every {plain(middle)} km (the median): "
        "their spacing and the response time are chosen together."
    )
    return tuple(out)


def _middle(values: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    """Give the median by weight."""
    order = np.argsort(values, kind="stable")
    at = int(np.searchsorted(np.cumsum(weight[order]), 0.5 * weight.sum()))
    return float(values[order][min(at, len(order) - 1)])


def _short(plan: Plan) -> tuple[str, ...]:
    """Say where the standard is not met, and what is stopped there."""
    if plan.settings.works.rule != "one":
        return (("The planner asked for the works that cost least together with the losses that "
                "come through: no one standard is asked for."),)  # fmt: skip
    table, share = plan.works.compositions, on_member_land(plan)
    met = table["standard_met"].to_numpy(np.bool_)
    parts = []
    for surface in dict.fromkeys(table["surface"]):
        here = (table["surface"] == surface).to_numpy() & (share > 0)
        land, below = float(share[here].sum()), float(share[here & ~met].sum())
        if below > 0:
            p_e = table["p_e"].to_numpy(np.float64)[here & ~met]
            ends = sorted({percent(float(p_e.min())), percent(float(p_e.max()))}, key=_number)
            stops = f"–{THIN}".join(ends) if len(ends) == 1 else f"{ends[0]} to {ends[1]}"
            parts.append(f"{percent(below / land)} of the {surface} (stops {stops})")
    if not parts:
        return ()
    then = (
        "No line stands there."
        if plan.settings.works.where_short == "avoid"
        else "There the works are those that stop most, and the line is no stronger than they are."
    )
    return (f"No lawful works meet the standard on {listed(parts)}. {then}",)


def _number(text: str) -> float:
    digits = "".join(c for c in text if c.isdigit() or c == ".")
    return float(digits or 0)


def _law(plan: Plan) -> str:
    """Say what the law bars."""
    texts = [str(text).split(",")[0] for text in plan.works.barred["text"]]
    if not texts:
        return "The law bars nothing that the catalogue lists."
    return (
        f"The law bars {listed(texts)}: they are priced below and never placed, in any plan, by "
        "any setting."
    )


def _sure(plan: Plan) -> tuple[str, ...]:
    """Say how sure it is."""
    low, high = plan.works.range
    return (
        (
            f"The cost may be {plain(low)} to {plain(high)} times as much: every figure of every "
            "item is moved from its low to its high end alone, and the swings are combined as if "
            "they erred independently. If they err together, the range is wider."
        ),
        (
            "What is stopped is computed, not measured: no line's record of interruption was found "
            "that could check it. Most figures of detection and delay are judgements, named in the "
            "ledger."
        ),
        (
            "The order of the choices is less sure than their price: several compositions cost "
            "nearly the same, and another may come first when a price moves."
        ),
    )


def _change(plan: Plan) -> tuple[str, ...]:
    """Say what would change it: another standard, and the figure that P_E hangs on most."""
    of = commonest(plan)
    share = on_member_land(plan)
    rows = [n for n, ground in enumerate(plan.works.ground_row) if ground == of]
    row = max(rows, key=lambda n: share[n])
    works = plan.works
    out = []
    found = works.frontiers
    texts = []
    for standard in _STANDARDS:
        pick = found.closure(standard, of)
        cost = amount(float(pick.cost_usd_km_yr))
        texts.append(
            f"{percent(standard)} would cost {cost}"
            if bool(pick.met)
            else f"{percent(standard)} can't be had, at most {percent(float(pick.p_e))} for {cost}"
        )
    now = amount(float(works.compositions["cost_usd_km_yr"].iloc[row]))
    out.append(
        f"Another standard. On the commonest ground, where the choice costs {now} USD per km and "
        f"year, to stop {'; '.join(texts)}."
    )
    scene = Scene(
        works.ground.classes[of], works.catalogue, plan.settings.works, works.threat,
        works.ground.cover, covered_pace(plan.settings.works),
    )  # fmt: skip
    swings = sensitivities(works.choices[row], scene)
    first = max(swings, key=lambda each: abs(each.high - each.low))
    ends = sorted((first.low, first.high))
    out.append(
        f"What is stopped hangs most on {_FIGURES.get(first.figure, first.figure)}: from one end "
        f"of its range to the other, {percent(ends[0])} to {percent(ends[1])} on that ground."
    )
    return tuple(out)
