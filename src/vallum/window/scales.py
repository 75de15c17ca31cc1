"""Weights and quads of event codes: CAMEO to Goldstein, CAMEO and PLOVER to quads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "PLOVER_QUADS",
    "POLECAT_QUADS",
    "QUADS",
    "cameo_quads",
    "goldstein",
    "is_cameo",
    "lost_nought",
    "plover_quads",
]

QUADS = (
    "verbal cooperation",
    "material cooperation",
    "verbal conflict",
    "material conflict",
)
# Goldstein's weights by CAMEO root and for five codes, as the design's table of facts gives them
ROOTS = (
    0.0, 3.0, 4.0, 1.0, 3.5, 6.0, 7.0, 5.0, -2.0, -5.0,
    -2.0, -4.0, -6.0, -6.5, -7.2, -4.0, -7.0, -9.0, -10.0, -10.0,
)  # fmt: skip
FINER = {"057": 8.0, "062": 7.4, "072": 8.3, "0874": 10.0, "163": -8.0}
# the quad of each CAMEO root as GDELT's QuadClass has it: roots 1-5, 6-9, 10-14, 15-20
LAST_ROOTS = (5, 9, 14, 20)
PLOVER_QUADS = {
    kind: quad
    for quad, kinds in zip(
        QUADS,
        (
            ("AGREE", "CONSULT", "SUPPORT", "CONCEDE"),
            ("COOPERATE", "AID", "RETREAT", "INVESTIGATE"),
            ("DEMAND", "DISAPPROVE", "REJECT", "THREATEN", "SANCTION"),
            ("PROTEST", "CRIME", "MOBILIZE", "COERCE", "ASSAULT"),
        ),
        strict=True,
    )
    for kind in kinds
}
"""PLOVER's 18 types, as the record uses them."""
# the 16 types of the published POLECAT: github.com/tamirlibel/rpolecat, classify_quad
POLECAT_QUADS = {
    kind: quad
    for quad, kinds in zip(
        QUADS,
        (
            ("AGREE", "CONSULT", "SUPPORT", "CONCEDE"),
            ("COOPERATE", "AID", "RETREAT"),
            ("REQUEST", "ACCUSE", "REJECT", "THREATEN"),
            ("PROTEST", "SANCTION", "MOBILIZE", "COERCE", "ASSAULT"),
        ),
        strict=True,
    )
    for kind in kinds
}
"""POLECAT's 16 types: a sanction is material there, and verbal among the 18."""


def is_cameo(codes: pd.Series[Any]) -> NDArray[np.bool_]:
    """Say which codes are CAMEO's by their shape: two to four digits, root 01 to 20.

    Parameters
    ----------
    codes
        Text, with the leading nought (`057`, not 57).
    """
    text = codes.astype(object).where(codes.notna(), "")
    shape = text.str.fullmatch(r"(?:0[1-9]|1[0-9]|20)[0-9]{0,2}")
    return shape.to_numpy(bool)


def lost_nought(codes: pd.Series[Any]) -> NDArray[np.bool_]:
    """Say which codes can only be CAMEO's without their leading nought (43 for 043).

    Where there is one such code, others of the same file can't be told apart (10 is a demand, and
    010 a statement), so the file must not be read.

    Parameters
    ----------
    codes
        Text.
    """
    text = codes.astype(object).where(codes.notna(), "")
    return text.str.fullmatch(r"[1-9]|2[1-9][0-9]?|[3-9][0-9]{1,2}").to_numpy(bool)


def goldstein(codes: pd.Series[Any]) -> NDArray[np.float64]:
    """Weigh CAMEO codes: the finest code that has a weight of its own counts, else the root.

    Parameters
    ----------
    codes
        Text, with the leading nought.

    Returns
    -------
    weights
        From −10 to 10; NaN where the code is no CAMEO code.
    """
    return _each(codes, _weight)


def _weight(code: str) -> float:
    for length in (4, 3):
        if len(code) >= length and code[:length] in FINER:
            return FINER[code[:length]]
    return ROOTS[int(code[:2]) - 1]


def _each(codes: pd.Series[Any], rule: Any) -> NDArray[np.float64]:  # noqa: ANN401  (a function of a code)
    """Apply a rule once to each distinct code."""
    numbers, kinds = pd.factorize(codes)
    good = is_cameo(pd.Series(kinds, dtype=object))
    values = [rule(str(k)) if ok else np.nan for k, ok in zip(kinds, good, strict=True)]
    return np.array([*values, np.nan])[numbers]


def cameo_quads(codes: pd.Series[Any]) -> NDArray[np.object_]:
    """Give the quads of CAMEO codes by their root; None where the code is no CAMEO code.

    Parameters
    ----------
    codes
        Text, with the leading nought.
    """
    roots = _each(codes, lambda code: float(code[:2]))
    places = np.searchsorted(LAST_ROOTS, np.nan_to_num(roots, nan=1.0))
    quads: NDArray[np.object_] = np.array(QUADS, object)[places]
    quads[np.isnan(roots)] = None
    return quads


def plover_quads(kinds: pd.Series[Any], *, polecat: bool = False) -> NDArray[np.object_]:
    """Give the quads of PLOVER types; None where the type is unknown.

    Parameters
    ----------
    kinds
        Types in capitals.
    polecat
        Take POLECAT's 16 types; PLOVER's 18 else.
    """
    quads = POLECAT_QUADS if polecat else PLOVER_QUADS
    found = kinds.map(quads).astype(object)
    return found.where(found.notna(), None).to_numpy(object)
