"""What the members have and the partner offers, in one place; what no table says is not limited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import Fault, InputError, nearest
from vallum.forces.roles import NEEDS
from vallum.kernel.ledger import Assumption

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from vallum.forces.tasks_settings import TasksSettings

__all__ = ["Means", "distances", "resolve"]

EARTH_KM = 6371.0
ITEMS = ("line_share", *NEEDS)
OFFERED = {
    "trainers": ("number", "cost_usd_yr", "men_each", "effect"),
    "engineer_companies": ("number", "cost_usd_yr"),
    "sensors": ("number", "cost_usd_yr", "effect"),
    "air_sets": ("number", "cost_usd_yr"),
}


@dataclass(frozen=True, eq=False)
class Means:
    """What there is to share out.

    Attributes
    ----------
    members
        Their codes, sorted.
    partner
        Its code; empty where nothing is offered.
    limits
        Of (state, need): how much there is; infinite where no table says. Men are those that may
        stand on and behind the line.
    offer
        Of (item, figure); an item without a number or a cost is not offered.
    ledger
        Every figure used, with its range and source.
    unknown
        What no table says, in words.
    """

    members: tuple[str, ...]
    partner: str
    limits: Mapping[tuple[str, str], float]
    offer: Mapping[tuple[str, str], float]
    ledger: tuple[Assumption, ...]
    unknown: tuple[str, ...]


def resolve(
    members: tuple[str, ...], states: pd.DataFrame, offer: pd.DataFrame, settings: TasksSettings
) -> Means:
    """Put together the theatre's tables and what the settings say instead.

    Parameters
    ----------
    members
        Member states.
    states, offer
        `Theatre.forces` and `Theatre.offer`; either may be empty.
    settings
        Level, and figures set by the user.

    Returns
    -------
    means
        With a ledger.

    Raises
    ------
    InputError
        If a setting names no member, item or figure.
    """
    faults = _strange(settings, members)
    if faults:
        raise InputError(faults)
    ledger: list[Assumption] = []
    unknown: list[str] = []
    have = _figures(states, ("state", "item"), settings, ledger)
    for key, value in settings.means.items():
        state, _, item = key.partition(".")
        have[state, item] = float(value)
        ledger.append(Assumption(f"tasks.means.{key}", float(value), None, None, "", "set"))
    limits: dict[tuple[str, str], float] = {}
    for state in sorted(members):
        for need in NEEDS:
            limits[state, need] = have.get((state, need), np.inf)
            if not np.isfinite(limits[state, need]):
                unknown.append(
                    f"{state}: no figure for {need}, so it is not limited; give one in tasks.means"
                )
        share = have.get((state, "line_share"))
        if share is None and np.isfinite(limits[state, "men"]):
            unknown.append(f"{state}: no line_share, so all its men may be posted")
        limits[state, "men"] *= 1.0 if share is None else share
    given = _figures(offer, ("item", "figure"), settings, ledger)
    for key, value in settings.offer.items():
        item, _, figure = key.partition(".")
        given[item, figure] = float(value)
        ledger.append(Assumption(f"tasks.offer.{key}", float(value), None, None, "", "set"))
    given = _complete(given, unknown)
    partners = sorted(set(offer["state"].astype(str))) if len(offer) else []
    partner = (partners[0] if partners else "partner") if given else ""
    if not given:
        unknown.append("no offer of a partner, so its help changes nothing")
    return Means(tuple(sorted(members)), partner, limits, given, tuple(ledger), tuple(unknown))


def _strange(settings: TasksSettings, members: tuple[str, ...]) -> list[Fault]:
    """Name the keys of the settings that say nothing."""
    known = [f"{state}.{item}" for state in members for item in ITEMS]
    offered = [f"{item}.{figure}" for item, figures in OFFERED.items() for figure in figures]
    return [
        Fault("tasks", name, f"no figure '{key}'", nearest(key, valid))
        for name, given, valid in (
            ("means", settings.means, known),
            ("offer", settings.offer, offered),
        )
        for key in given
        if key not in valid
    ]


def _figures(
    table: pd.DataFrame,
    keys: tuple[str, str],
    settings: TasksSettings,
    ledger: list[Assumption],
) -> dict[tuple[str, str], float]:
    """Read a table's figures at the level asked for, writing each into the ledger."""
    out = {}
    stem = "means" if keys[0] == "state" else "offer"
    for _, row in table.iterrows():
        key = (str(row[keys[0]]), str(row[keys[1]]))
        low, value, high = (float(row[name]) for name in ("low", settings.level, "high"))
        out[key] = value
        told = f"tasks.{stem}.{key[0]}.{key[1]}"
        ledger.append(Assumption(told, value, low, high, str(row["unit"]), str(row["source"])))
    return out


def _complete(
    given: dict[tuple[str, str], float], unknown: list[str]
) -> dict[tuple[str, str], float]:
    """Keep the items that are offered with all that must be known of them."""
    out: dict[tuple[str, str], float] = {}
    for item, figures in OFFERED.items():
        held = {figure: given[item, figure] for figure in figures if (item, figure) in given}
        if len(held) == len(figures) and held["number"] > 0:
            out |= {(item, figure): value for figure, value in held.items()}
        elif held and len(held) < len(figures):
            lack = ", ".join(figure for figure in figures if figure not in held)
            unknown.append(f"offer: {item} without {lack}, so it is left out")
    return out


def distances(
    sectors: pd.DataFrame, bases: pd.DataFrame, members: tuple[str, ...]
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Find how far each sector's middle is from the nearest home base of each member.

    Parameters
    ----------
    sectors, bases
        With lon and lat in degrees; bases with state.
    members
        In the order of the columns.

    Returns
    -------
    km
        Great circle, shape (sectors, members); 0 for a member without any known base.
    unknown
        Those members, in words.

    Examples
    --------
    >>> import pandas as pd
    >>> here = pd.DataFrame({"lon": [0.0], "lat": [0.0]})
    >>> base = pd.DataFrame({"lon": [1.0, 9.0], "lat": [0.0, 0.0], "state": ["A", "A"]})
    >>> distances(here, base, ("A",))[0].round(1)
    array([[111.2]])
    """
    km = np.zeros((len(sectors), len(members)))
    unknown = []
    lon, lat = (np.radians(sectors[name].to_numpy(float))[:, None] for name in ("lon", "lat"))
    for column, state in enumerate(members):
        own = bases[bases["state"].astype(str) == state]
        if own.empty:
            unknown.append(f"{state}: no home bases known, so distance costs it nothing")
            continue
        to_lon, to_lat = (np.radians(own[name].to_numpy(float))[None, :] for name in ("lon", "lat"))
        half = (
            np.sin((to_lat - lat) / 2) ** 2
            + np.cos(lat) * np.cos(to_lat) * np.sin((to_lon - lon) / 2) ** 2
        )
        km[:, column] = (2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1)))).min(axis=1)
    return km, tuple(unknown)
