"""Our ranges beside what studies of barriers found."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["compare"]

Triple = tuple[float, float, float]

LITTLE = 0.10  # a change smaller than a tenth is little (judgement)
ROUGH = 0.5  # a line of which half is on rough ground is on rough ground (judgement)
MANY = 0.25  # a quarter of what gets through is many (judgement)
NONE = float("nan")
NOTHING = "There is nothing to compare: none of this was there before, or none gets in."


class _Ours(NamedTuple):
    """Our measures, each low, mid, high."""

    arrived: Triple
    held: Triple
    outside: Triple
    flank: Triple
    rough: Triple


class _Study(NamedTuple):
    """One finding, our measures that it needs (the first is shown), and how it is judged."""

    study: str
    says: str
    measure: str
    published: float
    ours: tuple[str, ...]
    judge: Callable[[_Ours], tuple[bool, str]]


def compare(
    *, held_arrived: Triple, held: Triple, outside: Triple, flank_share: Triple, rough_share: Triple
) -> pd.DataFrame:
    """Put our ranges beside published effects of barriers.

    Parameters
    ----------
    held_arrived
        Change of attacks on held land by those who come from outside it, as a share of before.
    held
        Change of all attacks on held land.
    outside
        Change of attacks on members' land that is not held.
    flank_share
        Share of what gets in that came by flanks or gates.
    rough_share
        Share of the line on rough ground.

    Returns
    -------
    table
        A row per finding: `study`, `says`, `measure`, `published` (NaN where it is no number),
        `low`, `mid`, `high` (ours), `consistent`, `why`. It shows agreement, and proves nothing:
        the studies are of other places, barriers and crimes.
    """
    given = (held_arrived, held, outside, flank_share, rough_share)
    low_first = [(low, mid, high) for low, mid, high in (sorted(one) for one in given)]
    ours = _Ours(*low_first)
    rows = []
    for one in STUDIES:
        needed = [getattr(ours, name) for name in one.ours]
        low, mid, high = needed[0]
        known = all(math.isfinite(value) for triple in needed for value in triple)
        agrees, why = one.judge(ours) if known else (False, NOTHING)
        rows.append(
            {
                "study": one.study, "says": one.says, "measure": one.measure,
                "published": one.published, "low": low, "mid": mid, "high": high,
                "consistent": agrees, "why": why,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _within(value: float, triple: Triple) -> bool:
    return triple[0] <= value <= triple[2]


def _weaker(ours: _Ours) -> str:
    """Say why attacks from outside fall less than in a study, from the numbers."""
    if ours.arrived[1] > -LITTLE and ours.flank[1] < MANY:
        return "Ours is weaker: few of those who cross are stopped, and some try again."
    if ours.flank[1] >= MANY:
        return (
            f"Ours is weaker: the ends and gates are open, and {ours.flank[1]:.0%} of those who "
            "get in come that way."
        )
    return "Ours is weaker: a stop at the line is less sure, and some of those stopped try again."


def _avdan(ours: _Ours) -> tuple[bool, str]:
    if ours.arrived[0] <= -0.67:
        return True, "Our range reaches a fall as deep as theirs."
    return False, _weaker(ours)


def _protected(ours: _Ours) -> tuple[bool, str]:
    if _within(-0.41, ours.held):
        return True, "Their fall lies in our range; theirs is of car theft."
    if ours.held[0] > -0.41:
        if ours.arrived[0] <= -0.41:
            return False, (
                "Ours is weaker: attacks from outside may fall as much, but many start inside, "
                "where no line stops them."
            )
        return False, _weaker(ours)
    return False, "Ours is stronger: it has men who respond along it; theirs is of car theft."


def _unprotected(ours: _Ours) -> tuple[bool, str]:
    if _within(0.34, ours.outside):
        return True, "Their rise lies in our range; theirs is of car theft."
    if ours.outside[2] < 0.34:
        if ours.outside[2] <= 0:
            return False, "Ours finds no rise: those who are stopped wait, go home, or go abroad."
        return False, (
            "Ours is weaker: of those who are kept out some wait, go home, try again or go abroad."
        )
    return False, "Ours is stronger: those who are kept out have little else to turn to."


def _terrain(ours: _Ours) -> tuple[bool, str]:
    falls = ours.arrived[2] < 0
    if ours.rough[1] >= ROUGH:
        if falls:
            return False, (
                f"{ours.rough[1]:.0%} of the line is on rough ground, where they find no effect; "
                "ours has men on all of it."
            )
        return True, "Much of the line is on rough ground, and ours need not work there either."
    if falls:
        return True, f"Only {ours.rough[1]:.0%} of the line is on rough ground, and ours works."
    return False, (
        f"Only {ours.rough[1]:.0%} of the line is on rough ground, so it ought to work; our range "
        "holds no change."
    )


def _little(ours: _Ours) -> tuple[bool, str]:
    if ours.held[0] <= LITTLE and ours.held[2] >= -LITTLE:
        return True, "Our range holds a change of less than a tenth of all attacks on held land."
    if ours.held[2] < -LITTLE:
        return False, "Ours is stronger: it has men who respond along all of the line."
    return False, "Ours finds more attacks on held land than before."


def _ends(ours: _Ours) -> tuple[bool, str]:
    if ours.flank[2] >= MANY:
        return True, (
            f"By ours too many go round or through gates: {ours.flank[0]:.0%} to "
            f"{ours.flank[2]:.0%} of those who get in."
        )
    return False, "Ours has few open ends: those who get in cross where the line stands."


STUDIES = (
    _Study(
        "Avdan & Gelpi 2017, ISQ 61(1)", "the yearly risk of attacks from abroad falls by 67 % or "
        "more", "change of attacks from outside on held land", -0.67, ("arrived",), _avdan,
    ),
    _Study(
        "Getmansky, Grossman & Wright 2019, QJPS 14(3)", "car theft falls by 41 % in protected "
        "towns", "change of all attacks on held land", -0.41, ("held",), _protected,
    ),
    _Study(
        "Getmansky, Grossman & Wright 2019, QJPS 14(3)", "car theft rises by 34 % in towns not "
        "protected", "change of attacks on members' other land", 0.34, ("outside",), _unprotected,
    ),
    _Study(
        "Linebarger & Braithwaite 2020, ISQ", "works only where the terrain is not rough",
        "change of attacks from outside on held land", NONE, ("arrived", "rough"), _terrain,
    ),
    _Study(
        "Carter & Ying 2021, JCR 65(4)", "little effect", "change of all attacks on held land",
        NONE, ("held",), _little,
    ),
    _Study(
        "The Morice line, 1958 (TIME, 3 March 1958)", "many weapons came round its open end",
        "share of what gets in that came by flanks or gates", NONE, ("flank",), _ends,
    ),
)  # fmt: skip
