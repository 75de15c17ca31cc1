"""Parts of the boundary that are long enough to be spoken of: 50 km and more, or the whole line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from vallum.campaign.model import World

__all__ = ["LEAST_KM", "parts_of"]

# No part of the line shorter than this is published, unless the whole line is.
LEAST_KM = 50.0
WHOLE = "the whole line"


def parts_of(world: World) -> pd.DataFrame:
    """Put the entries of a world together into parts that can be published.

    Sectors shorter than 50 km are merged with the next one of the same order until 50 km are
    reached; what is left over at the end goes to the part before. A line that is one part then, for
    it is shorter or because no cut leaves 50 km on both sides, is "the whole line". Gates belong to
    the part of their sector. Open flanks are one part for each land that they face.

    Parameters
    ----------
    world
        Places, bases, ways in.

    Returns
    -------
    pandas.DataFrame
        A row per entry, in the order of `world.entries`: `entry` (its position), `part` (name),
        `sectors` (numbers, joined; empty for flanks), `kind` ("line" or "flank"), `facing` (of the
        longest stretch), `length_km` (of the part; gates count where they have a length).
    """
    entries = world.entries.reset_index(drop=True)
    flank = (entries["kind"] == "flank").to_numpy()
    length = entries["length_km"].to_numpy(float)
    sector = entries["sector"].to_numpy()
    by_sector = pd.Series(length[~flank]).groupby(sector[~flank]).sum().sort_index()
    groups = merged(by_sector.to_numpy().tolist())
    of: dict[int, tuple[str, str]] = {}
    for group in groups:
        numbers = [int(by_sector.index[at]) for at in group]
        text = _text(numbers)
        word = "sector" if len(numbers) == 1 else "sectors"
        name = WHOLE if len(groups) == 1 else f"{word} {text}"
        of.update(dict.fromkeys(numbers, (name, text)))
    rows = [
        (f"flank facing {_land(str(facing))}", "", "flank") if open_ else (*of[int(number)], "line")
        for open_, number, facing in zip(flank, sector, entries["facing"], strict=True)
    ]
    found = pd.DataFrame(rows, columns=["part", "sectors", "kind"], dtype=object)
    found.insert(0, "entry", range(len(entries)))
    found["facing"] = _facing(found["part"], entries["facing"], length)
    found["length_km"] = pd.Series(length).groupby(found["part"].to_numpy()).transform("sum")
    return found.astype({"length_km": float})


def merged(lengths: Sequence[float], least: float = LEAST_KM) -> list[list[int]]:
    """Merge neighbours, in order, into runs of at least so many km; one run if none can be.

    Parameters
    ----------
    lengths
        Of each stretch, in order, km.
    least
        Shortest run, km.

    Returns
    -------
    list of list of int
        Positions of each run's stretches.

    Examples
    --------
    >>> merged([60, 20, 40, 30])
    [[0], [1, 2, 3]]
    """
    runs: list[list[int]] = []
    current: list[int] = []
    for at in range(len(lengths)):
        current.append(at)
        # what was measured as 50 km may add up to a hair less
        if sum(lengths[i] for i in current) >= least - 1e-9:
            runs.append(current)
            current = []
    if current and runs:
        runs[-1].extend(current)
    elif current:
        runs.append(current)
    return runs


def _text(numbers: list[int]) -> str:
    """Join numbers of sectors, in order."""
    if len(numbers) == 1:
        return str(numbers[0])
    # the numbers between are all in it: sectors are merged in their order
    return f"{numbers[0]}–{numbers[-1]}"


def _land(facing: str) -> str:
    """Name what lies in front."""
    return "the sea" if facing == "sea" else facing


def _facing(part: pd.Series, facing: pd.Series, length: NDArray[np.float64]) -> list[str]:
    """Say for each entry what most of its part faces; by name where two are as long."""
    sums: dict[str, dict[str, float]] = {}
    for name, land, km in zip(part.tolist(), facing.tolist(), length.tolist(), strict=True):
        of = sums.setdefault(name, {})
        of[str(land)] = of.get(str(land), 0.0) + km
    most = {name: min(of, key=lambda land, of=of: (-of[land], land)) for name, of in sums.items()}  # type: ignore[misc]
    return [most[name] for name in part]
