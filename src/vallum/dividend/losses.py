"""Losses averted: what attacks cost before and after, on held land, beside it and next door."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.campaign.harm import harm
from vallum.dividend.model import Stream
from vallum.kernel.ledger import Assumption

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.dividend.model import Land
    from vallum.theatre import Theatre
    from vallum.threat import Threat

    Floats = NDArray[np.float64]

__all__ = ["losses"]

SURE = 1.96
DIGITS = 9  # below them differences are rounding and no attacks
QUANTILE = Assumption(
    "dividend.campaign_quantile",
    0.5,
    0.0,
    1.0,
    "1",
    "judgement: which of the campaign's own paired draws, in order of the attacks that held land "
    "is spared; a surrogate for playing it again",
)
SURROGATE = (
    "The campaign enters by its own draws, in order of the attacks that held land is spared; what "
    "other land then gains or suffers follows them by a straight line of least squares. That is a "
    "surrogate for the campaign; all else is exact."
)
LIVES = "Lives are shown and have no price here."


@dataclass(frozen=True, eq=False)
class _Side:
    """What one side of the boundary, or one neighbour, is spared.

    Attributes
    ----------
    curve
        Attacks/yr spared by draw, in order of those that held land is spared, shape (draws,).
    mean
        Their mean.
    base
        USD/yr that each party is spared at that mean, shape (P,).
    each
        USD of one attack more or less, by party: as losses lie before, shape (P,).
    """

    curve: Floats
    mean: float
    base: Floats
    each: Floats


def losses(theatre: Theatre, threat: Threat, land: Land) -> Stream:
    """Say what losses of output a line averts, and where it moves attacks to.

    Parameters
    ----------
    theatre, threat
        What an attack costs, by state, with its range.
    land
        With the campaign's paired draws and targets.

    Returns
    -------
    stream
        Of kind "losses": members are spared on held land and more or less on their other land,
        each neighbour by what moves to it.
    """
    _, _, ranges = harm(theatre, threat)
    low, _, high = ranges["lost_usd"]
    factor = Assumption(
        "dividend.lost_per_attack",
        1.0,
        low,
        high,
        "multiple",
        "output lost by an attack, over the threat stage's own: its range, as in the campaign",
    )
    neighbours = sorted(name for name in _places(land) if name.isupper())
    parties = tuple(dict.fromkeys((*theatre.members, *neighbours)))
    sides = _sides(land, parties)
    covered = land.timing.covered
    at_mid = _usd(sides, np.array([0.5]), len(parties))[0]
    nothing = () if len(land.change) else ("Nothing was played: no losses are averted.",)

    def yearly(values: Floats) -> Floats:
        usd = _usd(sides, values[:, 0], len(parties)) * values[:, 1:2]
        return np.asarray(usd[:, :, None] * covered, np.float64)

    return Stream(
        kind="losses",
        title="losses averted",
        parties=parties,
        assumptions=(QUANTILE, factor),
        yearly=yearly,
        tables=MappingProxyType(
            {"by_side": _table(land), "mid": _mid(parties, at_mid), "spared": _spared(land)}
        ),
        said=(SURROGATE, LIVES, *nothing, *_unsure(land)),
    )


def _sides(land: Land, parties: tuple[str, ...]) -> list[_Side]:
    """Read what each side is spared, draw by draw and by party."""
    targets, change = land.targets, land.change
    if not len(change):
        return []
    spared = {
        name: (change[f"{name}_before"] - change[f"{name}_after"]).to_numpy(np.float64)
        for name in _places(land)
    }
    order = np.argsort(spared["held"], kind="stable")
    state, side = targets["iso3"].to_numpy(str), targets["side"].to_numpy(str)
    before, after = (targets[name].to_numpy(np.float64) for name in ("before", "after"))
    usd = targets["lost_usd_per_attack"].to_numpy(np.float64)
    out = []
    for name, draws in spared.items():
        on = side == name if name in ("held", "outside") else (
            (side == "neighbour") & (state == name)
        )  # fmt: skip
        mine = np.array([on & (state == party) for party in parties]).astype(np.float64)
        attacks = float(before[on].sum())
        each = mine @ (before * usd) / attacks if attacks > 0 else np.zeros(len(parties))
        base = mine @ ((before - after) * usd)
        curve = draws[order] if name == "held" else _along(draws[order], spared["held"][order])
        out.append(_Side(curve, float(draws.mean()), base, each))
    return out


def _places(land: Land) -> list[str]:
    """List what the draws tell of: held land, members' other land, each neighbour."""
    names = [str(name) for name in land.change]
    return [name.removesuffix("_before") for name in names if name.endswith("_before")]


def _along(draws: Floats, held: Floats) -> Floats:
    """Say what a place is spared for what held land is spared: a line by least squares.

    It keeps the mean, and leaves out what of a single draw is chance.
    """
    off = held - held.mean()
    spread = float(off @ off)
    slope = float(off @ draws) / spread if spread > 0 else 0.0
    return np.asarray(np.round(draws.mean() + slope * off, DIGITS), np.float64)


def _usd(sides: list[_Side], quantile: Floats, count: int) -> Floats:
    """Give USD/yr that each party is spared, shape (n, P)."""
    q = np.clip(quantile, 0.0, 1.0)
    # drawn in a triangle from 0 to 1 it gives every draw of the campaign the same chance
    rank = np.where(q < 0.5, 2.0 * q**2, 1.0 - 2.0 * (1.0 - q) ** 2)
    total = np.zeros((len(q), count))
    for side in sides:
        places = (np.arange(len(side.curve)) + 0.5) / len(side.curve)
        spared = np.interp(rank, places, side.curve)
        total = total + side.base + np.outer(spared - side.mean, side.each)
    return np.asarray(np.round(total), np.float64)  # whole dollars: the rest is rounding


def _table(land: Land) -> pd.DataFrame:
    """Give attacks, deaths and losses before and after, by state and side."""
    rows = land.targets
    made = rows[["iso3", "side"]].copy()
    for when in ("before", "after"):
        made[f"attacks_{when}"] = rows[when]
        made[f"deaths_{when}"] = rows[when] * rows["deaths_per_attack"]
        made[f"lost_usd_{when}"] = rows[when] * rows["lost_usd_per_attack"]
    return made.groupby(["iso3", "side"], as_index=False).sum()


def _spared(land: Land) -> pd.DataFrame:
    """Give attacks/yr spared by place, with half the 95 % interval that drawing leaves."""
    rows = []
    for name in _places(land):
        spared = (land.change[f"{name}_before"] - land.change[f"{name}_after"]).to_numpy(np.float64)
        error = SURE * float(spared.std(ddof=1)) / len(spared) ** 0.5 if len(spared) > 1 else np.nan
        rows.append((name, float(spared.mean()) if len(spared) else 0.0, error))
    return pd.DataFrame(rows, columns=["place", "attacks_yr", "error"])


def _unsure(land: Land) -> tuple[str, ...]:
    """Name the neighbours whose change is no more than what drawing leaves."""
    table = _spared(land)
    on = table["place"].str.isupper() & ~(table["attacks_yr"].abs() > table["error"])
    names = ", ".join(str(name) for name in table.loc[on, "place"])
    return (f"No more than chance in the draws: the change in {names}.",) if names else ()


def _mid(parties: tuple[str, ...], usd: Floats) -> pd.DataFrame:
    """Give what each party is spared a year once all is covered, at the assumptions' own values."""
    return pd.DataFrame({"party": list(parties), "usd_yr": usd})
