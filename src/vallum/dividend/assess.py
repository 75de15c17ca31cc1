"""The dividend stage: what each held land buys, at what cost, for whom, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.dividend import joint as together
from vallum.dividend.cashflow import evaluate
from vallum.dividend.commerce import trade
from vallum.dividend.costs import costs
from vallum.dividend.decisive import sobol_indices, switch_values
from vallum.dividend.land import farming, herding
from vallum.dividend.lands import lands
from vallum.dividend.losses import losses
from vallum.dividend.model import Dividend, DividendCase
from vallum.dividend.outside import outside
from vallum.dividend.projects import projects
from vallum.dividend.saltelli import Saltelli
from vallum.dividend.tourism import tourism
from vallum.errors import VallumError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from vallum.campaign import Campaign
    from vallum.dividend.cashflow import Evaluation
    from vallum.dividend.joint import Joint, Sums
    from vallum.dividend.model import Land, Stream
    from vallum.dividend.settings import DividendSettings
    from vallum.forces import Forces
    from vallum.kernel.ledger import Assumption
    from vallum.line import Line
    from vallum.theatre import Theatre
    from vallum.threat import Threat
    from vallum.works import Works, WorksSettings
    from vallum.worth import Worth

    Floats = NDArray[np.float64]

__all__ = ["ALL", "SOURCES", "Given", "appraise", "assess"]

ALL = "all"
TAILS = (0.05, 0.95)
RARE = 0.02  # of the design's draws: with fewer on one side nothing decides the sign
FAR = 10.0
INDICES = ("first", "total", "sign_first", "sign_total")


@dataclass(frozen=True, eq=False)
class Given:
    """What streams are made from."""

    theatre: Theatre
    worth: Worth
    threat: Threat
    works: Works
    line: Line
    forces: Forces
    land: Land
    how: WorksSettings
    settings: DividendSettings


def _losses(given: Given) -> tuple[Stream, ...]:
    """Losses averted, and moved."""
    return (losses(given.theatre, given.threat, given.land),)


def _costs(given: Given) -> tuple[Stream, ...]:
    """All that is paid for the line and the land held."""
    return costs(
        given.theatre, given.worth, given.works, given.line, given.forces, given.land,
        how=given.how, settings=given.settings,
    )  # fmt: skip


def _tourism(given: Given) -> tuple[Stream, ...]:
    """Visitors who may come back."""
    return (tourism(given.theatre, given.threat, given.land),)


def _trade(given: Given) -> tuple[Stream, ...]:
    """Trade on safer roads."""
    return (trade(given.theatre, given.threat, given.land),)


def _land(given: Given) -> tuple[Stream, ...]:
    """Joint projects, what the land bears, who is cut off from it and who is left outside."""
    joined = frozenset(given.theatre.parties)  # the proposal joins members and partners
    return (
        projects(given.theatre, given.land, joined=joined),
        farming(given.theatre, given.worth, given.threat, given.land),
        herding(given.theatre, given.works, given.land),
        outside(given.theatre, given.worth, given.land),
    )


# what is bought and what it costs, in the order in which it is told
SOURCES: tuple[Callable[[Given], tuple[Stream, ...]], ...] = (
    _losses, _trade, _tourism, _land, _costs,
)  # fmt: skip


def assess(  # noqa: PLR0913, PLR0917  (the stages' results)
    theatre: Theatre,
    worth: Worth,
    threat: Threat,
    works: Works,
    line: Line,
    forces: Forces,
    campaign: Campaign,
    settings: DividendSettings,
    *,
    how: WorksSettings,
    seed: int,
) -> Dividend:
    """Say what the plan's land buys, and that of a line that holds half of the output.

    Parameters
    ----------
    theatre, worth, threat, works, line, forces, campaign
        Results of the earlier stages.
    settings
        Horizon, rate, draws.
    how
        The settings that the works were priced with.
    seed
        Of the joint draws, and of the design of the Sobol indices.

    Returns
    -------
    Dividend
        A case per case of the campaign; none, and its status, where nothing was played.
    """
    cases, rows = [], []
    for land in lands(campaign, line, forces, theatre, settings):
        given = Given(theatre, worth, threat, works, line, forces, land, how, settings)
        streams = tuple(stream for source in SOURCES for stream in source(given))
        outside = float(worth.people[land.outside].sum())
        cases.append(appraise(land, streams, settings, people_left_outside=outside, seed=seed))
        rows.append((land.name, together.gathered(streams, settings.rate, settings.horizon)))
    stages = (worth, threat, works, line, forces, campaign)
    known = {row.key for stage in stages for row in stage.ledger}
    return Dividend(
        cases=tuple(cases),
        draws=settings.draws,
        seed=seed,
        status="ok" if cases else campaign.status,
        ledger=_ledger(rows, known),
        fingerprint=theatre.fingerprint,
    )


def appraise(
    land: Land,
    streams: Sequence[Stream],
    settings: DividendSettings,
    *,
    people_left_outside: float,
    seed: int,
) -> DividendCase:
    """Value the streams of one land: at their own values, over joint draws, and what decides.

    Parameters
    ----------
    land
        Its name, step and length.
    streams
        Each kind once.
    settings
        Horizon, rate, draws.
    people_left_outside
        Members' people on land that is not held.
    seed
        Of the draws.

    Returns
    -------
    DividendCase
        Everything that is told of the land.
    """
    joint = together.gathered(streams, settings.rate, settings.horizon)
    mids, values = joint.mids, together.drawn(joint, settings.draws, seed)
    evaluation = evaluate(together.rows_at(joint, mids[0]), settings.rate, settings.horizon)
    middle, sums = together.summed(joint, mids), together.summed(joint, values)
    names = [*joint.parties, ALL]
    worth = sums.benefit - sums.cost
    return DividendCase(
        name=land.name,
        step=land.step,
        line_km=land.line_km,
        evaluation=evaluation,
        streams=_streams(joint, middle, sums),
        ranges=_ranges(names, evaluation, sums),
        draws=pd.DataFrame(worth, columns=names),
        years=_years(names, middle, sums),
        decisive=_decisive(joint, settings, seed),
        people_left_outside=people_left_outside,
        tables=MappingProxyType(
            {f"{s.kind}.{name}": table for s in streams for name, table in s.tables.items()}
        ),
        said=tuple((stream.kind, text) for stream in streams for text in stream.said),
    )


def _streams(joint: Joint, middle: Sums, sums: Sums) -> pd.DataFrame:
    """Give a row per stream and party."""
    rows = []
    for n, stream in enumerate(joint.streams):
        low, high = np.quantile(sums.streams[n], TAILS, axis=0)
        for at, party in enumerate(stream.parties):
            mid = float(middle.streams[n][0, at])
            rows.append((stream.kind, stream.title, party, stream.counted, mid,
                         min(float(low[at]), mid), max(float(high[at]), mid),
                         float(middle.last[n][0, at])))  # fmt: skip
    names = ["kind", "title", "party", "counted", "npv_usd", "npv_low", "npv_high", "usd_yr"]
    return pd.DataFrame(rows, columns=names)


def _ranges(names: Sequence[str], evaluation: Evaluation, sums: Sums) -> pd.DataFrame:
    """Give a row per party and one for all."""
    worth = sums.benefit - sums.cost
    rows = []
    for at, name in enumerate(names):
        account = evaluation.total if name == ALL else evaluation.parties[name]
        low, high = np.quantile(worth[:, at], TAILS)
        bcr = _bcr_ends(sums.benefit[:, at], sums.cost[:, at])
        soon, late = _payback_ends(sums.years[:, at])
        rows.append(
            {
                "party": name,
                "npv_usd": account.npv_usd,
                "npv_low": float(low),
                "npv_high": float(high),
                "bcr": account.bcr,
                "bcr_low": bcr[0],
                "bcr_high": bcr[1],
                "payback_yr": account.payback_yr,
                "payback_low": soon,
                "payback_high": late,
                "pays_share": float((worth[:, at] > 0).mean()),
            }
        )
    table = pd.DataFrame(rows)
    for name in ("bcr", "bcr_low", "bcr_high", "payback_yr", "payback_low", "payback_high"):
        filled = table[name].astype(object)  # no payback is None, no number
        table[name] = filled.where(filled.notna(), None)
    return table


def _bcr_ends(benefit: Floats, cost: Floats) -> tuple[float | None, float | None]:
    """Give benefit by cost at both ends of the draws; None where some draws have no cost."""
    if not (cost > 0).all():
        return (None, None) if benefit.any() else (0.0, 0.0)
    low, high = np.quantile(benefit / cost, TAILS)
    return float(low), float(high)


def _payback_ends(years: Floats) -> tuple[int | None, int | None]:
    """Give the year of payback, not discounted, at both ends of the draws; None is never."""
    below = np.cumsum(years, axis=1) < 0
    horizon = years.shape[1]
    first = np.where(below.any(axis=1), horizon - np.argmax(below[:, ::-1], axis=1), 0)
    ends = [int(end) for end in np.quantile(first, TAILS, method="nearest")]
    low, high = (None if end >= horizon else end for end in ends)
    return low, high


def _years(names: Sequence[str], middle: Sums, sums: Sums) -> pd.DataFrame:
    """Give the net money of each year by party."""
    low, high = np.quantile(sums.years, TAILS, axis=0)
    mid = middle.years[0]
    horizon = mid.shape[1]
    return pd.DataFrame(
        {
            "party": np.repeat(list(names), horizon),
            "year": np.tile(np.arange(horizon), len(names)),
            "low": np.minimum(low, mid).ravel(),
            "mid": mid.ravel(),
            "high": np.maximum(high, mid).ravel(),
        }
    )


def _decisive(joint: Joint, settings: DividendSettings, seed: int) -> pd.DataFrame:
    """Say which assumptions decide the sign, and how far each must move to turn it."""
    moving = list(joint.moving)
    asked = [joint.assumptions[n] for n in moving]
    answer = _answer(joint, moving)
    switches = pd.concat([_switch(joint, n) for n in moving], ignore_index=True)
    if settings.sobol:
        indices = sobol_indices(answer, asked, Saltelli(settings.sobol, seed))
        pays = float(indices.attrs["pays_share"])
        if not RARE <= pays <= 1.0 - RARE:  # the sign hardly turns: its indices are noise
            indices = indices.sort_values(["total", "key"], ascending=[False, True])
    else:
        indices = pd.DataFrame({"key": switches["key"], **dict.fromkeys(INDICES, np.nan)})
    return indices.merge(switches, on="key", how="left", sort=False)


def _answer(joint: Joint, moving: Sequence[int]) -> Callable[[Floats], Floats]:
    """Give the net present value as a function of some assumptions, all others at their values."""

    def answer(values: Floats) -> Floats:
        every = np.repeat(joint.mids, len(values), axis=0)
        every[:, list(moving)] = values
        return together.npv(joint, every)

    return answer


def _switch(joint: Joint, place: int) -> pd.DataFrame:
    """Find where an assumption turns the sign: far beyond its range, or in it if that is refused.

    Some figures mean nothing far beyond their range (an elasticity of 0), and their streams refuse
    them. `looked` says how far was looked, as a multiple of the way to the end of the range.
    """
    answer, one = _answer(joint, [place]), joint.assumptions[place]
    try:
        return switch_values(answer, [one], reach=FAR).assign(looked=FAR)
    except VallumError:
        return switch_values(answer, [one], reach=1.0).assign(looked=1.0)


def _ledger(rows: Sequence[tuple[str, Joint]], known: set[str]) -> tuple[Assumption, ...]:
    """List what is assumed here for the first time; a land's own value under the land's name."""
    out: dict[str, Assumption] = {}
    for land, joint in rows:
        for one in joint.assumptions:
            if one.key in known or out.get(one.key) == one:
                continue
            key = one.key if one.key not in out else f"{one.key}.{land}"
            out[key] = replace(one, key=key)
    return tuple(out.values())
