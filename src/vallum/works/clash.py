"""Neutralisation from the force ratio: who is left standing when the response has arrived.

Brown's stochastic form of Lanchester's laws. With m of ours and n of theirs, the next casualty is
theirs with probability

    A(m, n) = r m^q / (r m^q + n^q)                   q = 1: square law;  q = 0: linear law
    P(m, n) = A(m, n) P(m, n − 1) + (1 − A(m, n)) P(m − 1, n)

where r is what one of ours is worth in fire. A side gives up at a share of casualties: P is 1 where
theirs has, 0 where ours has. Source: Brown, "Theory of Combat: The Probability of Winning",
Operations Research 11(3), 1963, https://pubsonline.informs.org/doi/abs/10.1287/opre.11.3.418; the
chain falls apart into two independent sums of exponential times (Kingman and Volkov,
https://link.springer.com/article/10.1023/A:1022294908268), from which it follows that more men or
better fire on a side never lower its chance.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np

from vallum.errors import Fault, InputError
from vallum.kernel.figures import Range
from vallum.kernel.jit import compiled

if TYPE_CHECKING:
    from vallum.works.catalogue import Item
    from vallum.works.opponent import Opponent
    from vallum.works.settings import WorksSettings

__all__ = ["LAWS", "Law", "fort_neutralisation", "neutralisation", "neutralisation_range"]

Law = Literal["square", "linear"]

# q by law: aimed fire finds its men whatever their number, fire at an area or man to man does not
LAWS: dict[Law, float] = {"square": 1.0, "linear": 0.0}
_MOST = 10_000.0


def neutralisation(
    ours: float, theirs: float, *, exchange: float, breaks_at: float, law: Law = "square"
) -> float:
    """Probability that the response breaks the intruders before it breaks itself.

    Parameters
    ----------
    ours, theirs
        Men who fight, 0 and up, 1 and up; between two whole numbers the answer is linear between
        theirs.
    exchange
        r: what the fire of one of ours is worth in terms of one of theirs.
    breaks_at
        Share of casualties at which a side gives up, above 0 and up to 1; it is rounded up to whole
        men, and to one at least.
    law
        "square" for aimed fire, "linear" for man against man.

    Returns
    -------
    float
        P_N in [0, 1]. Exact: every course of the fight is counted, none is drawn.

    Raises
    ------
    InputError
        With every figure out of its range.

    Examples
    --------
    >>> neutralisation(2, 1, exchange=1, breaks_at=1)  # 2/3, or 1/3 · 1/2
    0.8333333333333333
    """
    _check(ours, theirs, exchange, breaks_at, law)
    total = 0.0
    for m, share in _whole(ours):
        for n, part in _whole(theirs):
            if m > 0:
                lost = _casualties(m, breaks_at), _casualties(n, breaks_at)
                total += share * part * _won(m, n, *lost, float(exchange), LAWS[law])
    return min(total, 1.0)


def fort_neutralisation(fort: Item, threat: Opponent, settings: WorksSettings) -> float:
    """P_N of a fort's response at the modes of its figures.

    Parameters
    ----------
    fort
        Its `responders`, or where they are not given its `neutralisation`.
    threat
        Men, exchange and breaking point.
    settings
        `neutralisation` there overrides all.
    """
    if settings.neutralisation is not None:
        return settings.neutralisation
    if fort.responders is None:
        return _certain(fort.neutralisation).mode
    return neutralisation(
        fort.responders.mode,
        threat.men.mode,
        exchange=threat.exchange.mode,
        breaks_at=threat.breaks_at.mode,
    )


def neutralisation_range(fort: Item, threat: Opponent, settings: WorksSettings) -> Range:
    """P_N of a fort's response with its ends.

    Parameters
    ----------
    fort, threat, settings
        As for `fort_neutralisation`.

    Returns
    -------
    Range
        Each figure (responders, men, exchange, breaking point, and the law of attrition) is moved
        alone to its ends, and the swings are combined as the root of the sum of their squares.
    """
    mode = fort_neutralisation(fort, threat, settings)
    if settings.neutralisation is not None:
        return Range(mode, mode, mode, "set")
    if fort.responders is None:
        return _certain(fort.neutralisation)
    figures = {
        "ours": fort.responders,
        "theirs": threat.men,
        "exchange": threat.exchange,
        "breaks_at": threat.breaks_at,
    }
    middle = {name: figure.mode for name, figure in figures.items()}
    cases: list[list[float]] = [
        [_fight({**middle, name: end}) for end in (figure.low, figure.high)]
        for name, figure in figures.items()
    ]
    cases.append([_fight(middle, "linear")])
    down = sum(min(0.0, *(p - mode for p in case)) ** 2 for case in cases)
    up = sum(max(0.0, *(p - mode for p in case)) ** 2 for case in cases)
    low, high = max(0.0, mode - math.sqrt(down)), min(1.0, mode + math.sqrt(up))
    return Range(low, mode, high, "force ratio, by Brown's stochastic Lanchester laws")


def _fight(figures: dict[str, float], law: Law = "square") -> float:
    return neutralisation(
        figures["ours"],
        figures["theirs"],
        exchange=figures["exchange"],
        breaks_at=figures["breaks_at"],
        law=law,
    )


def _whole(men: float) -> list[tuple[int, float]]:
    """Whole numbers on both sides of a number of men, with their weights."""
    low = math.floor(men)
    part = men - low
    return [(low, 1.0)] if part == 0 else [(low, 1.0 - part), (low + 1, part)]


def _casualties(men: int, share: float) -> int:
    """Casualties at which so many men give up; products such as 0.2 × 5 are not rounded up."""
    return max(1, math.ceil(share * men - 1e-9))


@compiled
def _won(m: int, n: int, ours: int, theirs: int, r: float, q: float) -> float:
    """P(m, n) where m gives up after `ours` casualties and n after `theirs`, by the recursion."""
    before = np.ones(theirs + 1)  # by casualties of theirs that are still to come
    before[1:] = 0.0  # ours has given up: theirs, if it has not, wins
    now = np.empty(theirs + 1)
    for k in range(1, ours + 1):
        mine = r * float(m - ours + k) ** q
        now[0] = 1.0
        for j in range(1, theirs + 1):
            yours = float(n - theirs + j) ** q
            a = mine / (mine + yours)
            now[j] = a * now[j - 1] + (1.0 - a) * before[j]
        before[:] = now
    return float(before[theirs])


def _check(ours: float, theirs: float, exchange: float, breaks_at: float, law: str) -> None:
    faults = [
        Fault("neutralisation", name, repr(value), mend)
        for name, value, good, mend in (
            ("ours", ours, 0 <= ours <= _MOST, "give men, from 0 to 10,000"),
            ("theirs", theirs, 1 <= theirs <= _MOST, "give men, from 1 to 10,000"),
            ("exchange", exchange, 0 <= exchange < math.inf, "give a ratio, from 0 up"),
            ("breaks_at", breaks_at, 0 < breaks_at <= 1, "give a share above 0, up to 1"),
            ("law", law, law in LAWS, "give square or linear"),
        )
        if not good
    ]
    if faults:
        raise InputError(faults)


def _certain(figure: Range | None) -> Range:
    """Give a figure that the catalogue's door has made sure of."""
    if figure is None:
        raise AssertionError("the catalogue let in a fort with neither responders nor P_N")
    return figure
