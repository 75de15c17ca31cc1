"""The figures of the draft annex, taken from the stages' results and from nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vallum.accord.annex_figures import (
    AnnexFigures,
    Handover,
    LiaisonRow,
    Origin,
    PaymentRow,
    SectorRow,
    StateRow,
    TaskRow,
    Total,
)
from vallum.accord.annex_rules import changes_of, indicators, law_rows

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from vallum.accord.model import Accord, AccordGame, Redrawn
    from vallum.campaign.model import Case
    from vallum.forces import Forces
    from vallum.forces.tasks import Tasks
    from vallum.theatre import Theatre
    from vallum.works import Works

__all__ = ["figures", "files_of"]

REGIME = "joint_with_partner"
NAMED = {"reaction": "quick reaction"}  # roles that the annex calls otherwise
LIAISON = "liaison"
RULES = {
    "shapley": "the Shapley value: what each adds, over all orders of joining",
    "nucleolus": "the nucleolus: the greatest complaint made least",
    "bargain": "a bargain from what each has alone",
    "use": "by use: each kilometre paid by those whom it serves",
}


def files_of() -> dict[str, str]:
    """Name the file of the plan's folder that holds each table of the annex."""
    plan = "plan.json"
    return {
        "states": f"{plan}, accord", "sectors": "accord_sectors.csv", "tasks": "accord_tasks.csv",
        "handovers": "accord_tasks.csv", "liaison": "accord_tasks.csv",
        "payments": f"{plan}, accord", "indicators": f"{plan}, campaign",
        "law": "law.csv and the legal page of the brief", "totals": f"{plan}, accord",
    }  # fmt: skip


def figures(
    theatre: Theatre,
    works: Works,
    accord: Accord,
    case: Case | None,
    *,
    rotation: float,
    as_of: date,
) -> AnnexFigures | str:
    """Put together what the annex says.

    Parameters
    ----------
    theatre, works
        Of the plan.
    accord
        With line and forces of all members together.
    case
        The campaign on the same land; None where none was played.
    rotation
        Men paid for each man on duty.
    as_of
        Date of the data.

    Returns
    -------
    AnnexFigures
        A sentence in its place where the joint line lacks what an annex needs.
    """
    joint, game = accord.joint, accord.game("aim")
    short = _short(joint)
    if joint is None or joint.forces is None or joint.forces.tasks is None or short:
        return f"no annex can be drafted: {short}"
    manned, shared = joint.forces, joint.forces.tasks
    tasks = _tasks(shared, manned.sectors, rotation)
    liaison = _liaison(theatre, shared, rotation)
    sectors = _sectors(joint, manned, works)
    rule = next((one for one in game.settlement.rules if one.name == accord.rule), None)
    payments = () if rule is None or rule.transfers is None else tuple(
        PaymentRow(one.payer, one.receiver, one.amount) for one in rule.transfers.payments
    )  # fmt: skip
    return AnnexFigures(
        title=f"Task annex, draft: {theatre.title}",
        theatre=theatre.title,
        plan=accord.fingerprint,
        as_of=as_of,
        status=_status(accord, game),
        states=_states(theatre, game, tasks, liaison, sectors, shared, rotation),
        sectors=sectors,
        tasks=tasks,
        handovers=_handovers(manned.sectors),
        liaison=liaison,
        rule=RULES[accord.rule],
        payments=payments,
        indicators=indicators(case, game),
        law=law_rows(theatre.parties),
        totals=_totals(joint, game, case),
        said=(*accord.said, *game.settlement.said),
        limits=_limits(manned, game),
        origins=tuple(Origin(table, file) for table, file in files_of().items()),
    )


def _short(joint: Redrawn | None) -> str:
    """Say what the joint line lacks; empty where it has all."""
    if joint is None:
        return "all members together have no line"
    if joint.forces is None:
        return "forces were not deployed (accord.forces is off)"
    lacks = []
    if joint.forces.tasks is None or joint.forces.forts is None:
        lacks.append("no placement of forts meets the response times")
    if joint.forces.programme is None:
        lacks.append("the line can't be built with the means there are")
    return "; ".join([*lacks, *joint.forces.refused]) if lacks else ""


def _tasks(shared: Tasks, sectors: pd.DataFrame, rotation: float) -> tuple[TaskRow, ...]:
    """List who does what where; officers of liaison have a table of their own."""
    lines = dict(zip(sectors["sector"].astype(str), sectors["line"], strict=True))
    table = shared.by_regime[REGIME].table
    table = table[table["role"] != LIAISON]
    count = table.groupby(["sector", "role"])["state"].transform("count")
    return tuple(
        TaskRow(
            line=int(lines[str(row["sector"])]) + 1,
            sector=int(row["sector"]) + 1,
            role=NAMED.get(str(row["role"]), str(row["role"])),
            state=str(row["state"]),
            men=round(float(row["men"]) / rotation),
            cost_usd_yr=float(row["cost_usd_yr"]),
            joint=bool(many > 1),
        )
        for row, many in zip(table.to_dict("records"), count, strict=True)
    )


def _liaison(theatre: Theatre, shared: Tasks, rotation: float) -> tuple[LiaisonRow, ...]:
    """Share a state's officers of liaison out among the other parties, as evenly as goes."""
    table = shared.by_regime[REGIME].table
    table = table[table["role"] == LIAISON]
    parties = theatre.parties
    rows = []
    for state in parties:
        men = round(float(table.loc[table["state"] == state, "men"].sum()) / rotation)
        others = [other for other in parties if other != state]
        for n, other in enumerate(others):
            each = men // len(others) + (n < men % len(others))
            if each:
                duty = "passes on alarms, hands over at the ends of sectors, settles claims"
                rows.append(LiaisonRow(state, other, each, duty))
    return tuple(rows)


def _sectors(joint: Redrawn, manned: Forces, works: Works) -> tuple[SectorRow, ...]:
    """List the sectors with what stands there, its men, money and dates."""
    drawn = joint.line.sectors.set_index("sector")
    said = dict(
        zip(works.compositions["composition"], works.compositions["description"], strict=True)
    )
    gates = _gates(joint, works)
    rows = []
    for row in manned.sectors.to_dict("records"):
        number = int(row["sector"])
        own = drawn.loc[number]
        rows.append(
            SectorRow(
                line=int(row["line"]) + 1,
                sector=number + 1,
                state=str(row["state"]),
                length_km=float(row["length_km"]),
                works=str(said.get(own["composition"], own["composition"])),
                forts=int(row["forts"]),
                gates=gates.get(number, 0),
                men_on_duty=round(float(row["men_on_duty"])),
                men_paid=max(round(float(row["men_paid"])), round(float(row["men_on_duty"]))),
                response_min=float(row["response_s_found"]) / 60.0,
                capital_usd=float(row["capital_usd"]),
                cost_usd_yr=float(own["cost_usd_yr"]),
                begun=row["start"],
                built=row["built"],
                covered=row["covered"],
            )
        )
    return tuple(rows)


def _gates(joint: Redrawn, works: Works) -> dict[int, int]:
    """Count the gates of each sector: the expected number, rounded up where there is any."""
    density = np.zeros(joint.line.held.size)
    for per_km in () if works.gates is None else works.gates.per_km.values():
        density += np.nan_to_num(per_km.ravel())
    table = joint.line.course.table
    if not len(table):
        return {}
    expected = density[table["cell"].to_numpy()] * table["length_km"].to_numpy(np.float64)
    ends = np.cumsum(joint.line.sectors["length_km"].to_numpy(np.float64))
    at = np.minimum(
        np.searchsorted(ends, np.cumsum(table["length_km"].to_numpy(np.float64)) - 1e-9),
        len(ends) - 1,
    )
    by = np.bincount(at, expected, minlength=len(ends))
    return {
        int(number): int(np.ceil(found - 1e-9))
        for number, found in zip(joint.line.sectors["sector"], by, strict=True)
    }


def _states(
    theatre: Theatre,
    game: AccordGame,
    tasks: tuple[TaskRow, ...],
    liaison: tuple[LiaisonRow, ...],
    sectors: tuple[SectorRow, ...],
    shared: Tasks,
    rotation: float,
) -> tuple[StateRow, ...]:
    """List the parties with their men and money before any payment between them."""
    table = shared.by_regime[REGIME].table
    rows = []
    for state in theatre.parties:
        member = state in theatre.members
        duty = sum(task.men for task in tasks if task.state == state)
        duty += sum(row.men for row in liaison if row.state == state)
        paid = round(float(table.loc[table["state"] == state, "men"].sum()))
        cost, gain = _money(game, state)
        name = str(theatre.countries.loc[state, "name"])
        rows.append(
            StateRow(
                iso3=state,
                name=name,
                part="member" if member else "partner",
                men_on_duty=duty,
                men_paid=max(paid, round(duty * rotation), duty),
                capital_usd=sum(one.capital_usd for one in sectors if one.state == state),
                cost_usd_yr=cost,
                gain_usd_yr=gain,
                contact=f"the ministry of {name} that answers for defence, to be named by it",
            )
        )
    return tuple(rows)


def _money(game: AccordGame, state: str) -> tuple[float, float]:
    """Give a party's cost and gain by the joint plan, USD/yr, before payments."""
    return game.cost.get(state, 0.0), game.own.get(state, 0.0) + game.cost.get(state, 0.0)


def _handovers(sectors: pd.DataFrame) -> tuple[Handover, ...]:
    """Find where the guard changes between two sectors of a line that follow one another."""
    rows = []
    table = sectors.sort_values(["line", "sector"])
    for one, two in zip(table.to_dict("records"), table.to_dict("records")[1:], strict=False):
        if one["line"] == two["line"] and one["guard"] != two["guard"]:
            rows.append(
                Handover(
                    int(one["line"]) + 1,
                    int(one["sector"]) + 1,
                    int(two["sector"]) + 1,
                    str(one["guard"]),
                    str(two["guard"]),
                )
            )
    return tuple(rows)


def _totals(joint: Redrawn, game: AccordGame, case: Case | None) -> tuple[Total, ...]:
    """Sum up the whole plan, with ranges."""
    row = game.coalitions.iloc[-1]
    capital = 0.0 if joint.forces is None else float(joint.forces.sectors["capital_usd"].sum())
    low, mid, high = (float(row[name]) for name in ("cost_low", "cost_usd_yr", "cost_high"))
    km, men, people = float(row["line_km"]), float(row["men"]), float(row["people"])
    span = (low / mid, high / mid) if mid > 0 else (1.0, 1.0)
    out = [
        Total("km", "length of the line", "km", km, km, km),
        Total("people", "people on protected land", "people", people, people, people),
        Total("men", "men paid, of the members, without the partner", "men", men, men, men),
        Total("capital", "to build", "USD", capital * span[0], capital, capital * span[1]),
        Total("cost", "cost of line and holding", "USD/yr", low, mid, high),
    ]
    if case is not None:
        held = changes_of(case)["held"]
        spared = sorted(
            -held["before"] * held[name] for name in ("change_low", "change", "change_high")
        )
        said = "attacks that protected land is spared"
        out.append(Total("spared", said, "events/yr", spared[0], spared[1], spared[2]))
    return tuple(out)


def _status(accord: Accord, game: AccordGame) -> str:
    """Say whether the joint plan pays, in one sentence."""
    row = game.coalitions.iloc[-1]
    gain = float(row["benefit_usd_yr"]) + float(row["joint_usd_yr"])
    cost = float(row["cost_usd_yr"])
    if accord.told == "best":
        return "A draft for talks: by the plan's figures joint action is worth its cost."
    return (
        "A draft for talks, and an illustration: by the plan's figures the line brings "
        f"{gain / 1e6:,.0f} million USD a year and costs {cost / 1e6:,.0f} million, so that no "
        "party gains by it without other reasons."
    )


def _limits(manned: Forces, game: AccordGame) -> tuple[str, ...]:
    """Say what the plan does not know."""
    out = [
        "No state has agreed to anything here, and no government was asked.",
        "Men are counted from norms and open tables; no army's own figures were seen.",
        "Gates are expected numbers, rounded up by sector.",
        "The partner's standing is not priced.",
    ]
    unknown = () if manned.tasks is None else manned.tasks.unknown
    out += [f"Not known: {text}" for text in unknown]
    if manned.tasks is not None and manned.tasks.by_regime[REGIME].status == "short":
        table = manned.tasks.by_regime[REGIME].shortages
        out += [f"Short: {text}" for text in table["found"]]
    if game.settlement.core is not None and game.settlement.core.empty:
        out.append("The core is empty: under any payments somebody would do better by leaving.")
    return tuple(out)
