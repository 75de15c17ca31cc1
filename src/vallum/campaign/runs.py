"""Many draws under several ways to spend money: in batches, kept as they are finished."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import zipfile
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from vallum.campaign.draws import draw
from vallum.campaign.gravity import Ways, ways
from vallum.campaign.model import Chosen, Means, Played, World
from vallum.campaign.play import play_on, ready
from vallum.errors import Fault, InputError
from vallum.kernel.arrays import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from vallum.campaign.settings import CampaignSettings
    from vallum.kernel.pool import Pool

__all__ = ["Runs", "Task", "fingerprint", "play_batch", "run"]

_FORM = 1  # of the files: raise it when what is played changes
_BATCH = 10  # draws
_ROUND = 5  # batches between two looks at the precision
_LONG_ROUND = 20  # batches between two reports, where workers have to be started for each round
_NORMAL = 1.96  # 95 %
_PLAYED = tuple(field.name for field in fields(Played))

Arrays = dict[str, "NDArray[np.float64]"]


class Varied(Protocol):
    """Means whose figures are drawn with the rest."""

    def at(self, number: int | None) -> tuple[Means, ...]:
        """Give the means of a draw, or at the mids; always the same ones in the same order."""


@dataclass(frozen=True, eq=False)
class Same:
    """Means that are the same in every draw.

    Attributes
    ----------
    means
        In order.
    """

    means: tuple[Means, ...]

    def at(self, _number: int | None) -> tuple[Means, ...]:
        """Give the means, whatever the draw."""
        return self.means


@dataclass(frozen=True, eq=False)
class Runs:
    """Histories of many draws.

    Attributes
    ----------
    played
        One per means, in the order given; each array has the draws as its first axis.
    chosen
        The draws.
    cut_off
        Attacks a year, by draw, on targets that no base reaches: they are taken to be local.
    moved
        Share of journeys, by draw, that set out from another base than its weight says.
    made, asked
        Draws played and asked for; fewer are played where the precision asked for was met.
    """

    played: tuple[Played, ...]
    chosen: tuple[Chosen, ...]
    cut_off: NDArray[np.float64]
    moved: NDArray[np.float64]
    made: int
    asked: int


@dataclass(frozen=True, eq=False)
class Task:
    """What every batch needs.

    Attributes
    ----------
    world, means, years, seed
        As in `run`.
    ways
        Of the world.
    count
        Means in all.
    chosen
        All draws.
    folder
        Where batches are kept, or None.
    """

    world: World
    ways: Ways
    means: Varied
    count: int
    chosen: tuple[Chosen, ...]
    years: tuple[int, ...]
    seed: int
    folder: str | None


def run(  # noqa: PLR0913  (what is played, how long, where it is done, who is told)
    world: World,
    means: Sequence[Means] | Varied,
    settings: CampaignSettings,
    triples: Mapping[str, tuple[float, float, float]],
    *,
    years: tuple[int, ...],
    seed: int,
    pool: Pool,
    checkpoint: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Runs:
    """Play all draws under each of some means.

    Parameters
    ----------
    world
        Places and ways.
    means
        Each is played with the same draws and the same random numbers. Those that vary are made
        anew for each draw.
    settings
        Of which the ranges, `draws` and `precision` are used.
    triples
        As in `vallum.campaign.draws.draw`.
    years
        Of each phase.
    seed
        Of the campaign.
    pool
        Where it is done; the result does not depend on it.
    checkpoint
        Folder in which finished batches are kept, and found again after an interruption; None:
        nothing is kept.
    progress
        Called with the draws made and asked for.

    Returns
    -------
    Runs
        Histories by means.

    Raises
    ------
    InputError
        For years, means or triples that can't be used.
    CertificateError
        If a draw's journeys do not add up.
    """
    varied: Varied = Same(tuple(means)) if isinstance(means, Sequence) else means
    middle = varied.at(None)
    _refuse(world, middle, years)
    chosen = tuple(draw(settings, triples, seed=seed, number=n) for n in range(settings.draws))
    folder = None
    if checkpoint is not None:
        folder = checkpoint / fingerprint(world, (*middle, *varied.at(0)), chosen, years, seed)
        folder.mkdir(parents=True, exist_ok=True)
    where = None if folder is None else str(folder)
    task = Task(
        world, ways(world), varied, len(middle), chosen, years, seed, where,
    )  # fmt: skip
    held = (world.targets["side"] == "held").to_numpy()
    marks = [*range(0, len(chosen), _BATCH), len(chosen)]
    batches = list(pairwise(marks))
    done: list[Arrays] = []
    at_once = 1 if not pool.workers and pool.scheduler is None else _LONG_ROUND
    length = _ROUND if settings.precision > 0 else _LONG_ROUND
    for first in range(0, len(batches), length):
        last = min(first + length, len(batches))
        for start in range(first, last, at_once):
            done += _batches(task, batches[start : min(start + at_once, last)], pool)
            if progress is not None:
                progress(batches[len(done) - 1][1], len(chosen))
        if settings.precision > 0 and _precise(done, held, settings.precision):
            break
    return _together(done, chosen, len(middle))


def fingerprint(
    world: World,
    means: Sequence[Means],
    chosen: Sequence[Chosen],
    years: tuple[int, ...],
    seed: int,
) -> str:
    """Give the mark of all that histories depend on.

    Parameters
    ----------
    world, means, chosen, years, seed
        What is played. The draws stand for settings and triples.

    Returns
    -------
    str
        Of 32 hexadecimal digits.
    """
    mark = hashlib.sha256(f"vallum campaign {_FORM} {years} {seed} {_BATCH}".encode())
    things: tuple[World | Means, ...] = (world, *means)
    for thing in things:
        for field in fields(thing):
            mark.update(field.name.encode())
            mark.update(_bytes(getattr(thing, field.name)))
    mark.update(json.dumps([astuple(each) for each in chosen]).encode())
    return mark.hexdigest()[:32]


def _bytes(value: object) -> bytes:
    """Give what a field holds as bytes."""
    if isinstance(value, pd.DataFrame):
        return value.to_json(orient="split", double_precision=15).encode()
    if isinstance(value, np.ndarray):
        return f"{value.dtype}{value.shape}".encode() + np.ascontiguousarray(value).tobytes()
    return repr(value).encode()


def _refuse(world: World, means: Sequence[Means], years: tuple[int, ...]) -> None:
    """Refuse what can't be played.

    Raises
    ------
    InputError
        With every fault.
    """
    sources, targets = world.direct.shape
    doors = len(world.entries)
    shapes = {
        "stop_entry": (doors,), "covered_phase": (doors,), "stop_way": (doors, targets),
        "stop_target": (targets,), "resident_factor": (targets,), "origin_factor": (sources,),
        "forts": (doors,),
    }  # fmt: skip
    faults = [
        Fault("campaign", f"{each.name}.{name}", f"shape {getattr(each, name).shape}", f"{shape}")
        for each in means
        for name, shape in shapes.items()
        if getattr(each, name).shape != shape
    ]
    if not means:
        faults.append(Fault("campaign", "means", "none", "give one at least"))
    if not years or min(years) < 1:
        faults.append(Fault("campaign", "years", f"{years}", "give 1 or more for each phase"))
    if faults:
        raise InputError(faults)


def _batches(task: Task, batches: Sequence[tuple[int, int]], pool: Pool) -> list[Arrays]:
    """Read what was finished before, play the rest, in order."""
    read = [_read(task, each) for each in batches]
    missing = [each for each, found in zip(batches, read, strict=True) if found is None]
    fresh = iter(pool.map(play_batch, task, missing))
    return [next(fresh) if found is None else found for found in read]


def play_batch(task: Task, batch: tuple[int, int]) -> Arrays:
    """Play some draws under all means, and keep them.

    Parameters
    ----------
    task
        What every batch needs.
    batch
        First draw and the one after the last.

    Returns
    -------
    dict
        Arrays by name, the draws as the first axis.
    """
    rows: dict[str, list[NDArray[np.float64]]] = {name: [] for name in _names(task.count)}
    for number in range(*batch):
        chosen = task.chosen[number]
        made = ready(task.world, chosen, task.ways)
        rows["cut_off"].append(np.array(made.gravity.cut_off))
        rows["moved"].append(np.array(made.gravity.moved))
        for order, means in enumerate(task.means.at(number)):
            own = (task.seed, number)
            played = play_on(made, task.world, means, chosen, task.years, own)
            for name in _PLAYED:
                rows[f"{name}_{order}"].append(getattr(played, name))
    out = {name: np.stack(values) for name, values in rows.items()}
    if task.folder is not None:
        _keep(Path(task.folder), batch, out)
    return out


def _names(means: int) -> list[str]:
    """Name the arrays of a batch."""
    return ["cut_off", "moved", *(f"{name}_{order}" for order in range(means) for name in _PLAYED)]


def _file(folder: Path, batch: tuple[int, int]) -> Path:
    """Name the file of a batch."""
    return folder / f"draws_{batch[0]:07d}_{batch[1]:07d}.npz"


def _keep(folder: Path, batch: tuple[int, int], arrays: Arrays) -> None:
    """Write a batch whole or not at all; where it can't be written it is played again one day."""
    path = _file(folder, batch)
    half = path.with_suffix(f".{os.getpid()}.half")
    try:
        with half.open("wb") as out:
            np.savez(out, **arrays)  # type: ignore[arg-type]  # names are none of its options
        half.replace(path)
    except OSError:
        pass
    finally:  # an interrupt leaves nothing half-written either
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)


def _read(task: Task, batch: tuple[int, int]) -> Arrays | None:
    """Read a batch, if it is there and whole."""
    if task.folder is None:
        return None
    path = _file(Path(task.folder), batch)
    names = _names(task.count)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            if set(stored.files) != set(names):
                return None
            found = {name: stored[name] for name in names}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    good = all(len(array) == batch[1] - batch[0] for array in found.values())
    return found if good else None


def _precise(done: Sequence[Arrays], held: NDArray[np.bool_], share: float) -> bool:
    """Whether the mean of attacks on held land in the last phase is known well enough."""
    order = 0
    while f"arrived_{order}" in done[0]:
        attacks = np.concatenate(
            [
                (each[f"arrived_{order}"] + each[f"resident_{order}"])[:, -1, held].sum(axis=1)
                for each in done
            ]
        )
        error = _NORMAL * attacks.std(ddof=1) / np.sqrt(attacks.size)
        if error > share * attacks.mean():
            return False
        order += 1
    return True


def _together(done: Sequence[Arrays], chosen: tuple[Chosen, ...], means: int) -> Runs:
    """Put batches together."""
    whole = {name: frozen(np.concatenate([each[name] for each in done])) for name in done[0]}
    made = len(whole["moved"])
    return Runs(
        played=tuple(
            Played(**{name: whole[f"{name}_{order}"] for name in _PLAYED}) for order in range(means)
        ),
        chosen=chosen[:made],
        cut_off=whole["cut_off"],
        moved=whole["moved"],
        made=made,
        asked=len(chosen),
    )
