"""How much of a stage rests on judgement, as `plan.json` has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vallum.kernel.ledger import Assumption

__all__ = ["judged"]


def judged(ledger: Iterable[Assumption]) -> dict[str, int]:
    """Count assumptions, and those whose source is a judgement, in whole or in part.

    Parameters
    ----------
    ledger
        Of a stage.

    Returns
    -------
    dict
        `all` and `judgement`.
    """
    sources = [each.source for each in ledger]
    return {"all": len(sources), "judgement": sum("judgement" in each for each in sources)}
