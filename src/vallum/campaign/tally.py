"""What the draws add up to: tables of outcomes by means and phase, and what has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from vallum.campaign.model import Chosen, World

    Stack = Mapping[str, NDArray[np.float64]]
    Triple = tuple[float, float, float]

__all__ = [
    "changes", "displaced", "entries", "leaks", "outcomes", "per_draw", "spread", "stopped",
    "targets", "totals", "touchable",
]  # fmt: skip

ENDS = (0.05, 0.95)
SURE = 1.96
LEAST_SPARED = 1.0  # attacks a year below which no share of them is told
HARM = ("deaths", "lost_usd", "displaced")
COUNTS = ("ended", "waited")


def outcomes(
    world: World, stack: Stack, chosen: Sequence[Chosen]
) -> dict[str, NDArray[np.float64]]:
    """Add up one means' arrays to what is told of it.

    Parameters
    ----------
    world
        Sides and figures of the targets.
    stack
        Arrays of `vallum.campaign.model.Played`, each with the draws as first axis.
    chosen
        The draws, for what an attack costs in each.

    Returns
    -------
    dict
        By name of the outcome, per year, shape (draws, phases): `held`, `held_arrived`, `outside`,
        `neighbours`, every neighbour's iso3, `all`, `forts`, `ended`, `waited`, and deaths, USD
        lost and people displaced on members' land and by side.
    """
    table = world.targets
    side = table["side"].to_numpy(str)
    state = table["iso3"].to_numpy(str)
    arrived, every = stack["arrived"], stack["arrived"] + stack["resident"]
    held, outside, other = (side == name for name in ("held", "outside", "neighbour"))
    out = {
        "held": every[..., held].sum(axis=-1),
        "held_arrived": arrived[..., held].sum(axis=-1),
        "outside": every[..., outside].sum(axis=-1),
        "neighbours": every[..., other].sum(axis=-1),
    }
    for iso3 in sorted(set(state[other])):
        out[iso3] = every[..., other & (state == iso3)].sum(axis=-1)
    out["all"] = every.sum(axis=-1)
    out["forts"] = stack["forts_attacked"].sum(axis=-1)
    out |= {name: stack[name] for name in COUNTS}
    for name in HARM:
        factor = np.array([float(getattr(one, name)) for one in chosen])[:, None]
        each = every * table[f"{name}_per_attack"].to_numpy(float)
        out[name] = factor * each[..., held | outside].sum(axis=-1)
        for key, on in (("held", held), ("outside", outside), ("neighbours", other)):
            out[f"{name}_{key}"] = factor * each[..., on].sum(axis=-1)
    return out


def spread(values: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Give mean, low and high of draws, and half the 95 % interval of the mean."""
    known = values[np.isfinite(values)]
    if not known.size:
        return (float("nan"),) * 4
    low, high = np.quantile(known, ENDS).tolist()
    error = SURE * float(known.std(ddof=1)) / known.size**0.5 if known.size > 1 else float("nan")
    return float(known.mean()), low, high, error


def totals(found: Mapping[str, Mapping[str, NDArray[np.float64]]]) -> pd.DataFrame:
    """Give a row per means, phase and outcome: mean, low, high, error."""
    rows = []
    for means, named in found.items():
        for what, values in named.items():
            for phase in range(values.shape[1]):
                mean, low, high, error = spread(values[:, phase])
                rows.append((means, phase, what, mean, low, high, error))
    columns = ["means", "phase", "what", "mean", "low", "high", "error"]
    return pd.DataFrame(rows, columns=columns)


def changes(
    found: Mapping[str, Mapping[str, NDArray[np.float64]]], *, than: str = "nothing"
) -> pd.DataFrame:
    """Say what each means changes in the last phase, paired draw by draw.

    Parameters
    ----------
    found
        Outcomes by means, each of shape (draws, phases).
    than
        The means that the others are compared with.

    Returns
    -------
    DataFrame
        `means`, `what`, `before`, `after`, `change`, `change_low`, `change_high` (shares of
        before, NaN where there was nothing before) and `error` (of the change of the mean).
    """
    rows = []
    for means, named in found.items():
        for what, values in named.items():
            before, after = found[than][what][:, -1], values[:, -1]
            mean = float(before.mean())
            difference = after - before
            moved = np.divide(
                difference, before, out=np.full(before.shape, np.nan), where=before > 0
            )
            _, low, high, _ = spread(moved)
            error = spread(difference)[3]
            change, error = (
                (float(difference.mean()) / mean, error / mean)
                if mean > 0
                else (float("nan"), float("nan"))
            )
            # the middle of the draws need not hold the change of the mean where tails are long
            low, high = min(low, change), max(high, change)
            row = (means, what, mean, float(after.mean()), change, low, high, error)
            rows.append(row)
    columns = ["means", "what", "before", "after", "change", "change_low", "change_high", "error"]
    return pd.DataFrame(rows, columns=columns)


def targets(stacks: Mapping[str, Stack]) -> pd.DataFrame:
    """Give mean attacks a year by means, phase and target."""
    parts = []
    for means, stack in stacks.items():
        mean = (stack["arrived"] + stack["resident"]).mean(axis=0)
        phases, count = mean.shape
        parts.append(
            pd.DataFrame(
                {
                    "means": means,
                    "phase": np.repeat(np.arange(phases), count),
                    "target": np.tile(np.arange(count), phases),
                    "attacks_yr": mean.ravel(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def entries(stack: Stack) -> pd.DataFrame:
    """Give mean journeys a year by phase and entry."""
    phases, count = stack["tried"].shape[1:]
    return pd.DataFrame(
        {
            "phase": np.repeat(np.arange(phases), count),
            "entry": np.tile(np.arange(count), phases),
            **{name: stack[name].mean(axis=0).ravel() for name in ("tried", "stopped", "through")},
        }
    )


def leaks(stack: Stack, parts: pd.DataFrame) -> pd.DataFrame:
    """Say what gets through each part of the boundary in the last phase.

    Parameters
    ----------
    stack
        Of the line.
    parts
        As `vallum.campaign.exact_parts.parts_of` gives them: no part of the line is shorter than
        50 km, but for a whole line that is.

    Returns
    -------
    DataFrame
        As `vallum.campaign.model.Case.leaks`, the most used first.
    """
    rows = []
    for name, own in parts.groupby("part", sort=True):
        at = own["entry"].to_numpy()
        tried, through = (stack[name][:, -1, at].sum(axis=-1) for name in ("tried", "through"))
        share = np.divide(through, tried, out=np.full(tried.shape, np.nan), where=tried > 0)
        _, low, high, _ = spread(share)
        whole = float(tried.sum())
        leakage = float(through.sum()) / whole if whole > 0 else float("nan")
        first = own.iloc[0]
        rows.append(
            {
                "name": str(name),
                **{k: first[k] for k in ("sectors", "kind", "facing", "length_km")},
                "tried": float(tried.mean()),
                "through": float(through.mean()),
                "leakage": leakage,
                "leakage_low": min(low, leakage),
                "leakage_high": max(high, leakage),
            }
        )
    columns = ["name", "sectors", "kind", "facing", "length_km", "tried", "through",
               "leakage", "leakage_low", "leakage_high"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(["through", "name"], ascending=[False, True], ignore_index=True)


def per_draw(found: Mapping[str, Mapping[str, NDArray[np.float64]]]) -> pd.DataFrame:
    """Give a row per means and draw in the last phase; a column for each neighbour by its iso3."""
    names = ["held", "outside", "neighbours", "all", "deaths"]
    # outcomes are in small letters but for the neighbours' own
    names += sorted({name for named in found.values() for name in named if name.isupper()})
    parts = [
        pd.DataFrame(
            {
                "means": means,
                "draw": np.arange(named["held"].shape[0]),
                **{name: named[name][:, -1] for name in names},
            }
        )
        for means, named in found.items()
    ]
    return pd.concat(parts, ignore_index=True)


def touchable(world: World, stack: Stack, found: Mapping[str, NDArray[np.float64]]) -> Triple:
    """Share of the attacks on members' land that crosses where the line is to stand.

    Parameters
    ----------
    world, stack, found
        Entries, and what is played with nothing built; its last phase is counted.
    """
    on = world.entries["kind"].isin(["line", "gate"]).to_numpy()
    crossing = stack["through"][:, -1, on].sum(axis=-1)
    every = (found["held"] + found["outside"])[:, -1]
    return _ratio(crossing, every)


def stopped(world: World, stack: Stack) -> Triple:
    """Share of the bands that come to the line that is stopped there in the end.

    NaN where nobody comes to it.
    """
    on = world.entries["kind"].isin(["line", "gate"]).to_numpy()
    through = stack["through"][:, -1, on].sum(axis=-1)
    ended = stack["ended"][:, -1]
    if not (ended + through).sum() > 0:
        return (float("nan"),) * 3
    return _ratio(ended, ended + through)


def displaced(
    before: Mapping[str, NDArray[np.float64]], after: Mapping[str, NDArray[np.float64]]
) -> Triple:
    """Of the attacks that held land is spared, the share that strikes elsewhere.

    NaN where fewer than one attack a year is spared: there is nothing to share out.
    """
    spared = (before["held"] - after["held"])[:, -1]
    elsewhere = sum((after[k] - before[k])[:, -1] for k in ("outside", "neighbours"))
    elsewhere = np.asarray(elsewhere, np.float64)
    if spared.mean() < LEAST_SPARED:
        return (float("nan"),) * 3
    return _ratio(elsewhere, spared, least=LEAST_SPARED)


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64], *, least: float = 0.0) -> Triple:
    """Give the ratio of the means, and the ends of that of the draws."""
    if not whole.sum() > 0:
        return (0.0, 0.0, 0.0)
    mid = float(part.sum() / whole.sum())
    share = np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > least)
    _, low, high, _ = spread(share)
    if np.isnan(low):
        return (mid, mid, mid)
    return (min(low, mid), mid, max(high, mid))
