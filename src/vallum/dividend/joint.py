"""All streams over joint draws of all that they rest on: what is worth what, to whom."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.errors import Fault, InputError
from vallum.kernel.ledger import Assumption

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from vallum.dividend.model import Stream

    Floats = NDArray[np.float64]

__all__ = ["RATE", "Joint", "Sums", "drawn", "gathered", "npv", "rate_of", "rows_at", "summed"]

RATE = "dividend.rate"
CHUNK = 2048
RATE_ENDS = (0.03, 0.12)
RATE_SOURCE = (
    "high: development banks take 10-12 % real [D] http://www.federalreserve.gov/econresdata/notes/"
    "feds-notes/2014/the-social-discount-rate-in-developing-countries-20141009.html; low: social "
    "time preference at slow growth, 3-4 % (World Bank working paper 4639, 2008) [D] "
    "https://openknowledge.worldbank.org/entities/publication/1d493818-c8e3-545d-8b70-614fd49d3631"
    "; value: judgement, between them"
)
_SHARES = ("1", "share", "probability")


@dataclass(frozen=True, eq=False)
class Joint:
    """Streams, and all that they rest on, once each.

    Attributes
    ----------
    streams
        Those counted and those shown beside.
    assumptions
        Each key once, the discount rate first; the order of the columns of values.
    columns
        For each stream the places of its own assumptions.
    parties
        Of the streams that are counted, sorted, members and neighbours alike.
    horizon
        H.
    """

    streams: tuple[Stream, ...]
    assumptions: tuple[Assumption, ...]
    columns: tuple[NDArray[np.intp], ...]
    parties: tuple[str, ...]
    horizon: int

    @property
    def mids(self) -> Floats:
        """The assumptions' own values, shape (1, k)."""
        return np.array([[one.value for one in self.assumptions]], np.float64)

    @property
    def moving(self) -> tuple[int, ...]:
        """Places of the assumptions that have a range."""
        return tuple(n for n, one in enumerate(self.assumptions) if _ranged(one))


@dataclass(frozen=True, eq=False)
class Sums:
    """What rows of values come to. The last party is all together.

    Attributes
    ----------
    benefit, cost
        Today's worth of gains and of costs, both 0 or more, USD, shape (n, P + 1).
    years
        Net money of each year, not discounted, USD, shape (n, P + 1, H).
    streams
        Today's worth of each stream to each of its parties, shape (n, parties of the stream).
    last
        Their money in the last year, not discounted, same shape.
    """

    benefit: Floats
    cost: Floats
    years: Floats
    streams: tuple[Floats, ...]
    last: tuple[Floats, ...]


def rate_of(rate: float) -> Assumption:
    """Give the discount rate with its range, widened to hold the value set."""
    low, high = RATE_ENDS
    return Assumption(RATE, rate, min(low, rate), max(high, rate), "1/yr", RATE_SOURCE)


def gathered(streams: Sequence[Stream], rate: float, horizon: int) -> Joint:
    """Put streams together so that what two of them rest on is drawn once.

    Parameters
    ----------
    streams
        Of any kinds, each kind once.
    rate
        Discount rate, 1/yr.
    horizon
        Years counted.

    Returns
    -------
    joint
        Ready to be drawn.

    Raises
    ------
    InputError
        Where two streams say different things of one assumption, two are of one kind, or an
        assumption has no value.
    """
    found: dict[str, Assumption] = {RATE: rate_of(rate)}
    kinds: set[str] = set()
    faults = []
    for stream in streams:
        if stream.kind in kinds:
            faults.append(Fault("dividend", stream.kind, "two streams of it", "name them apart"))
        kinds.add(stream.kind)
        for one in stream.assumptions:
            if one.value is None:
                faults.append(Fault("dividend", one.key, "no value", "give one, or leave it out"))
            first = found.setdefault(one.key, one)
            if (first.value, first.low, first.high) != (one.value, one.low, one.high):
                mend = "let all streams take it from one place"
                faults.append(Fault("dividend", one.key, f"two values, {stream.kind}", mend))
    if faults:
        raise InputError(faults)
    places = {key: n for n, key in enumerate(found)}
    return Joint(
        streams=tuple(streams),
        assumptions=tuple(found.values()),
        columns=tuple(
            np.array([places[one.key] for one in stream.assumptions], np.intp) for stream in streams
        ),
        parties=tuple(
            sorted({party for stream in streams if stream.counted for party in stream.parties})
        ),
        horizon=horizon,
    )


def drawn(joint: Joint, count: int, seed: int) -> Floats:
    """Draw all assumptions, independent, triangular between low and high with the value as mode.

    Parameters
    ----------
    joint
        What is to be drawn.
    count
        n.
    seed
        Of the generator; each assumption has its own, from the seed and its key, so that one more
        of them leaves the others' draws as they were.

    Returns
    -------
    values
        Shape (n, k).
    """
    values = np.repeat(joint.mids, count, axis=0)
    for n in joint.moving:
        one = joint.assumptions[n]
        rng = np.random.default_rng([seed, zlib.crc32(one.key.encode())])
        values[:, n] = rng.triangular(one.low or 0.0, one.value or 0.0, one.high or 0.0, count)
    return values


def npv(joint: Joint, values: Floats) -> Floats:
    """Give the net present value of what is counted, all parties together, shape (n,)."""
    out = np.zeros(len(values))
    for part, of in _chunks(values):
        factor = _discount(joint, part)
        for stream, places in zip(joint.streams, joint.columns, strict=True):
            if stream.counted:
                money = _money(joint, stream, places, part).sum(axis=1)
                out[of] += np.einsum("nh,nh->n", money, factor)
    return out


def summed(joint: Joint, values: Floats) -> Sums:
    """Add up by party and by stream, as `vallum.dividend.evaluate` does for one row.

    Parameters
    ----------
    joint
        Streams.
    values
        Shape (n, k).

    Returns
    -------
    sums
        Benefit and cost are sums of what is above and below 0, stream by stream and year by year.
    """
    size, count = len(values), len(joint.parties) + 1
    benefit, cost = np.zeros((size, count)), np.zeros((size, count))
    years = np.zeros((size, count, joint.horizon))
    streams = tuple(np.zeros((size, len(stream.parties))) for stream in joint.streams)
    last = tuple(np.zeros_like(each) for each in streams)
    for part, of in _chunks(values):
        factor = _discount(joint, part)[:, None, :]
        for n, (stream, places) in enumerate(zip(joint.streams, joint.columns, strict=True)):
            money = _money(joint, stream, places, part)
            present = money * factor
            streams[n][of] = present.sum(axis=2)
            last[n][of] = money[:, :, -1]
            if not stream.counted:
                continue
            at = [joint.parties.index(party) for party in stream.parties]
            gain = np.maximum(present, 0.0).sum(axis=2)
            loss = np.maximum(-present, 0.0).sum(axis=2)
            for to, each in ((benefit, gain), (cost, loss)):
                to[of, :-1] += _spread(each, at, count - 1)
                to[of, -1] += each.sum(axis=1)
            years[of, :-1] += _spread(money, at, count - 1)
            years[of, -1] += money.sum(axis=1)
    return Sums(benefit, cost, years, streams, last)


def rows_at(joint: Joint, values: Floats) -> pd.DataFrame:
    """Give the money of one row of values, shape (k,), as `vallum.dividend.evaluate` reads it."""
    tables = []
    for stream, places in zip(joint.streams, joint.columns, strict=True):
        if not stream.counted:
            continue
        money = _money(joint, stream, places, values[None, :])[0]
        tables.append(
            pd.DataFrame(
                {
                    "year": np.tile(np.arange(joint.horizon), len(stream.parties)),
                    "party": np.repeat(list(stream.parties), joint.horizon),
                    "kind": stream.kind,
                    "usd": money.ravel(),
                }
            )
        )
    columns = ["year", "party", "kind", "usd"]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)


def _money(joint: Joint, stream: Stream, places: NDArray[np.intp], values: Floats) -> Floats:
    """Ask a stream for its money, and refuse what is not money of its parties and years."""
    own = values[:, places].copy()
    for column, one in enumerate(stream.assumptions):
        if _is_share(one):  # it stays one, however far it is moved
            own[:, column] = np.clip(own[:, column], 0.0, 1.0)
    money = np.asarray(stream.yearly(own), np.float64) + 0.0  # no cost is 0, not -0
    shape = (len(values), len(stream.parties), joint.horizon)
    if money.shape != shape or not np.isfinite(money).all():
        found = f"shape {money.shape} for {shape}, or not finite"
        raise InputError([Fault("dividend", stream.kind, found, "give USD by party and year")])
    return money


def _spread(each: Floats, at: list[int], count: int) -> Floats:
    """Put a stream's parties among all parties, along the second axis."""
    out = np.zeros((each.shape[0], count, *each.shape[2:]))
    out[:, at] = each
    return out


def _discount(joint: Joint, values: Floats) -> Floats:
    """Give the worth today of a dollar of each year, shape (n, H)."""
    return np.asarray((1.0 + values[:, :1]) ** -np.arange(joint.horizon, dtype=np.float64))


def _chunks(values: Floats) -> Iterator[tuple[Floats, slice]]:
    """Cut rows into parts that stay small with all parties and years."""
    for start in range(0, len(values), CHUNK):
        of = slice(start, min(start + CHUNK, len(values)))
        yield values[of], of


def _ranged(one: Assumption) -> bool:
    """Whether an assumption has a range to be drawn from."""
    return one.low is not None and one.high is not None and one.low < one.high


def _is_share(one: Assumption) -> bool:
    """Whether an assumption lies between 0 and 1 by its nature."""
    if one.unit not in _SHARES or one.low is None or one.high is None:
        return False
    return one.low >= 0.0 and one.high <= 1.0
