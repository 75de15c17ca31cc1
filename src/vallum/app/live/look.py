"""A quick look at the later stages, for one step of a frontier."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vallum import campaign, dividend, forces, line
from vallum.accord.coalitions import ends_of
from vallum.app.live.model import Look
from vallum.app.live.view import exact_only, find
from vallum.line.ranges import ranges
from vallum.plan.coalitions import Found, agreed

if TYPE_CHECKING:
    from vallum.accord.coalitions import Ends
    from vallum.accord.model import Accord, AccordGame
    from vallum.app.live.base import Base
    from vallum.app.live.view import Priced
    from vallum.app.sheet import Sheet
    from vallum.settings import Settings

__all__ = ["lighter", "look"]

DRAWS = 40  # histories of the campaign: ranges are rough, and said to be
VALUED = 200  # joint draws of the dividend
LEFT_OUT = (
    f"A quick look, with {DRAWS} histories of the campaign and {VALUED} draws of the dividend.",
    "A plan makes hundreds and thousands: ranges here are rough.",
    "Each coalition’s line is drawn again, its forces are not: who has the men is told by a plan.",
    "So coalitions are without the partner’s help: what it costs and brings stands beside them.",
    "What the same money would do otherwise, reinforcement and Sobol indices are left to a plan.",
)


def lighter(settings: Settings) -> Settings:
    """Ask for less of the later stages, so that a look takes seconds.

    Parameters
    ----------
    settings
        Of the scenario.

    Returns
    -------
    Settings
        The same, but for the number of draws and what `LEFT_OUT` names.
    """
    tasks = settings.forces.tasks.model_copy(update={"men_factors": (), "effects": ()})
    played = {"draws": DRAWS, "alternatives": False, "reinforce": (), "workers": 0}
    return settings.model_copy(
        update={
            "line": exact_only(settings.line),
            "forces": settings.forces.model_copy(update={"tasks": tasks}),
            "campaign": settings.campaign.model_copy(update=played),
            "dividend": settings.dividend.model_copy(update={"draws": VALUED, "sobol": 0}),
            "accord": settings.accord.model_copy(update={"forces": False}),
        }
    )


def look(base: Base, sheet: Sheet, step: int, priced: Priced | None = None) -> Look:
    """Look at forces, campaign and accord for one step.

    Parameters
    ----------
    base
        Of the scenario's own `base_key`.
    sheet
        The scenario.
    step
        Of its view.
    priced
        As for `vallum.app.live.view`.

    Returns
    -------
    Look
        See there.

    Raises
    ------
    InputError
        If there is no such step.
    VallumError
        As the stages do.
    """
    began = time.perf_counter()
    settings, ground = lighter(sheet.settings), base.theatre
    # whatever the line is drawn for, who builds which part of it is settled in USD
    found = find(base, settings, priced, compare=settings.line.objective == "people")
    drawn = line.at_step(ground, found.works, settings.line, found.line, step)
    manned = forces.deploy(
        ground, found.threat, found.works, drawn, settings.forces, how=settings.works
    )
    played = campaign.campaign(
        ground, found.threat, found.works, drawn, manned, settings.campaign,
        how=settings.works, asked=settings.threat, seed=settings.seed,
        pool=campaign.pool_for(settings.campaign, None), half=False,
    )  # fmt: skip
    bought = dividend.assess(
        ground, base.worth, found.threat, found.works, drawn, manned, played, settings.dividend,
        how=settings.works, seed=settings.seed,
    )  # fmt: skip
    sure = ranges(
        ground, base.worth, found.threat, found.works, drawn, draws=100, seed=settings.seed
    )
    stages = Found(ground, base.worth, found.threat, found.works, drawn, manned)
    accord = agreed(stages, settings, played, bought, sure)
    table, shares, gains = _accord(accord)
    return Look(
        step=step,
        forces=_forces(manned),
        campaign=_campaign(played),
        accord=table,
        shares=shares,
        partner=_partner(gains, manned, ends_of(sure, drawn, step)),
        said=(*LEFT_OUT, *manned.refused, *(one for one in accord.said if "annex" not in one)),
        draws=settings.campaign.draws,
        seconds=time.perf_counter() - began,
    )


def _forces(found: forces.Forces) -> dict[str, object]:
    """Put men, forts and what is short into plain values."""
    told: dict[str, object] = {
        "forts": None if found.forts is None else len(found.forts.table),
        "refused": list(found.refused),
    }
    if found.tasks is not None:
        table = found.tasks.regimes.set_index("regime")[["cost_usd_yr", "men", "status"]]
        told["regimes"] = {
            str(name): {str(key): value for key, value in row.items()}
            for name, row in table.to_dict("index").items()
        }
    return told


def _campaign(found: campaign.Campaign) -> dict[str, tuple[float, float, float]]:
    """Put the changes of the line itself into low, value and high; nothing without a case."""
    if not found.cases:
        return {}
    case = found.cases[0]
    told = {
        "touchable": case.touchable,
        "stopped": case.stopped,
        "displaced": case.displaced,
    }
    rows = case.change[case.change["means"] == "line"].set_index("what")
    for what in ("held", "held_arrived", "outside", "all"):
        if what in rows.index:
            low, mid, high = (
                float(rows[name].loc[what]) for name in ("change_low", "change", "change_high")
            )
            told[f"{what}_change"] = (low, mid, high)
    return {name: ends for name, ends in told.items() if all(np.isfinite(end) for end in ends)}


def _accord(found: Accord) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Give coalitions, what each party has in the end by each rule, and what the partner gains."""
    # in the other game each does what is best for it, on other land than this step's
    game: AccordGame = next(one for one in found.games if one.name == "aim")
    rows: list[dict[str, Any]] = [
        {"rule": rule.name, "party": party, "usd_yr": float(amount)}
        for rule in game.settlement.rules
        for party, amount in dict(rule.shares).items()
    ]
    shares = pd.DataFrame(rows, columns=["rule", "party", "usd_yr"])
    # without forces of its own a coalition's men are those who hold land, not those of its line
    return game.coalitions.drop(columns="men"), shares, game.gains


def _partner(gains: pd.DataFrame, manned: forces.Forces, ends: Ends) -> pd.DataFrame:
    """Set what the partner's help costs it in this look's tasks beside what it would gain."""
    columns = ["part", "low", "value", "high"]
    if gains.empty or manned.tasks is None:
        return pd.DataFrame(columns=columns)
    cost = manned.tasks.by_regime["joint_with_partner"].partner_usd_yr
    # the accord's own cost is nothing where no coalition's forces are deployed
    gained = gains[gains["part"] != "cost"]
    parts = [
        ("cost", cost * ends.cost_low, cost, cost * ends.cost_high),
        *gained[["part", "low", "mid", "high"]].itertuples(index=False, name=None),
    ]
    return pd.DataFrame(parts, columns=columns)
