"""Times as a page's language writes them."""

from __future__ import annotations

import datetime as dt

from vallum.brief.language import dated, say

__all__ = ["told"]


def told(stamp: str) -> str:
    """Write the time at which something was kept or asked.

    Parameters
    ----------
    stamp
        ISO 8601, as the store keeps it.

    Returns
    -------
    str
        Day and minute in UTC; the stamp itself where it is none.

    Examples
    --------
    >>> told("2027-03-04T05:06:07+00:00")
    '4 Mar 2027, 05:06 UTC'
    """
    try:
        at = dt.datetime.fromisoformat(stamp)
    except ValueError:
        return stamp
    at = at.astimezone(dt.UTC) if at.tzinfo else at
    return say("{day}, {time} UTC", day=dated(at.date(), "d MMM y"), time=f"{at:%H:%M}")
