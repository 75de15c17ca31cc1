"""What the works assumed of the response, and what comes of the response that there is."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.works.clash import fort_neutralisation, neutralisation
from vallum.works.easi import AFTER_DETECTION, interruption_array
from vallum.works.opponent import covered_pace
from vallum.works.tasks import Scene, crossing, paths, response_s, ride_s, travel_s

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.works import Opponent, Works, WorksSettings
    from vallum.works.catalogue import Item

__all__ = ["assumed", "effect", "muster_s", "responders_needed", "spacing_steps"]

_STEP_KM = 1.0  # to which spacings are rounded up, as forts see little further than that


def assumed(works: Works, how: WorksSettings, rows: NDArray[np.int64]) -> pd.DataFrame:
    """Say what the works assumed of the response, by row of the compositions.

    Parameters
    ----------
    works
        What stands.
    how
        The settings that it was priced with.
    rows
        Of `Works.compositions`.

    Returns
    -------
    DataFrame
        Index `row`. `response_s`, `response_sd_s` (F and σ, to the point midway between two forts
        and on to the intruders); its parts `muster_s`, `ride_s`, `follow_s`, `follow_sd_s`;
        `pace_h_km` (hours per km along the line) and `pace_sd` (their deviation over their mean);
        `track` (whether there is one), `fort`, `fort_km`, `p_n`, `p_e`.
    """
    made = []
    for row in np.unique(rows).tolist():
        scene, choice = _scene(works, how, row), works.choices[row]
        fort = works.catalogue.items[choice.fort]
        mean, deviation = response_s(choice, scene)
        ride, _ = ride_s(choice.fort_km / 2, choice, scene)
        pace, pace_sd = ride_s(1.0, choice, scene)
        ground = works.catalogue.modes[fort.rides].speed_kmh[scene.ground.surface]
        follow, follow_sd = travel_s(how.depth_km, ground)
        p_n = fort_neutralisation(fort, works.threat, how)
        at = np.array([choice.fort_km]), np.array([mean]), np.array([deviation])
        p_i = _interrupted(works, how, row, *at)
        made.append(
            {
                "row": row, "response_s": mean, "response_sd_s": deviation,
                "muster_s": muster_s(fort)[0], "ride_s": ride, "follow_s": follow,
                "follow_sd_s": follow_sd, "pace_h_km": pace / 3600.0,
                "pace_sd": pace_sd / pace, "track": bool(choice.track), "fort": choice.fort,
                "fort_km": choice.fort_km, "p_n": p_n, "p_e": float(p_i[0]) * p_n,
            }
        )  # fmt: skip
    names = ["row", "response_s", "response_sd_s", "muster_s", "ride_s", "follow_s",
             "follow_sd_s", "pace_h_km", "pace_sd", "track", "fort", "fort_km", "p_n",
             "p_e"]  # fmt: skip
    return pd.DataFrame(made, columns=names).set_index("row")


def effect(
    works: Works,
    how: WorksSettings,
    row: NDArray[np.int64],
    spacing_km: NDArray[np.float64],
    response: tuple[NDArray[np.float64], NDArray[np.float64]],
    p_n: NDArray[np.float64],
) -> NDArray[np.float64]:
    """P_E of pieces of line under the response that there is.

    Parameters
    ----------
    works, how
        As for `assumed`.
    row
        What stands there, shape (pieces,).
    spacing_km
        Twice the distance along the line to the nearest fort on it: so far apart sentries are
        taken to stand. It is rounded up to whole kilometres; inf where none stands on the line.
    response
        Mean and standard deviation of the time from an alarm until the intruders are met, s.
    p_n
        Of those who come.

    Returns
    -------
    p_e
        P_I × P_N on the path that is worst for us, shape (pieces,).
    """
    out = np.zeros(row.size)
    apart = spacing_steps(spacing_km)
    for number in np.unique(row).tolist():
        here = np.flatnonzero(row == number)
        mean, deviation = (part[here] for part in response)
        out[here] = _interrupted(works, how, number, apart[here], mean, deviation)
    return np.asarray(out * p_n)


def spacing_steps(spacing_km: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round spacings up to whole kilometres."""
    return np.asarray(np.ceil(spacing_km / _STEP_KM - 1e-9) * _STEP_KM)


def muster_s(fort: Item) -> tuple[float, float]:
    """Give the mean and deviation of the time from an alarm to the response leaving, s."""
    if fort.muster_s is None:
        raise AssertionError("the catalogue let in a fort that never musters")
    return fort.muster_s.mean, fort.muster_s.sd


def responders_needed(p_n: float, threat: Opponent, *, most: int = 1_000) -> int:
    """Find the fewest men who must ride out to break the intruders with a given probability.

    Parameters
    ----------
    p_n
        Probability of neutralisation, in [0, 1].
    threat
        Men, exchange of fire and breaking point of the intruders.
    most
        Where not even so many are enough, this is the answer.

    Returns
    -------
    int
        More men never lower the chance (`vallum.works.clash`), so bisection finds them.
    """

    def enough(men: int) -> bool:
        chance = neutralisation(
            men,
            threat.men.mode,
            exchange=threat.exchange.mode,
            breaks_at=threat.breaks_at.mode,
        )
        return chance >= p_n - 1e-12

    low, high = 0, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return low


def _interrupted(
    works: Works,
    how: WorksSettings,
    row: int,
    spacing_km: NDArray[np.float64],
    mean_s: NDArray[np.float64],
    sd_s: NDArray[np.float64],
) -> NDArray[np.float64]:
    """P_I on the worst path, for one composition and several responses, shape (responses,)."""
    scene, choice = _scene(works, how, row), works.choices[row]
    ways = paths(scene.threat, scene.catalogue)
    furthest = 2 * max((f.high for f in works.catalogue.items[choice.fort].sight_km.values()),
                       default=0.0)  # fmt: skip
    # beyond twice its sight a fort sees nobody midway: all such spacings are one
    apart = np.minimum(spacing_km, math.ceil(furthest) + 1.0)
    out = np.zeros(mean_s.size)
    for km in np.unique(apart).tolist():
        here = apart == km
        tasks = [crossing(replace(choice, fort_km=km), path, scene) for path in ways]
        most = max(len(each) for each in tasks)
        laid = np.zeros((4, len(ways), most))
        for k, each in enumerate(tasks):
            for m, (detection, delay, deviation, where) in enumerate(each):
                laid[:, k, m] = detection, delay, deviation, AFTER_DETECTION[where]
        p_i = interruption_array(
            *laid[:, None],
            communication=np.float64(how.communication),
            response_s=mean_s[here][:, None],
            response_sd_s=sd_s[here][:, None],
        )
        out[here] = p_i.min(axis=1)
    return out


def _scene(works: Works, how: WorksSettings, row: int) -> Scene:
    land = works.ground.classes[works.ground_row[row]]
    return Scene(land, works.catalogue, how, works.threat, works.ground.cover, covered_pace(how))
