"""What runs in dask's workers: frontiers with what is kept between them, and plans' processes."""

from __future__ import annotations

import logging
import shutil
import signal
import threading
import time
import traceback
from collections import OrderedDict
from dataclasses import dataclass, field, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from distributed import WorkerPlugin, get_worker

from vallum.app.jobs.process import Processes
from vallum.errors import VallumError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vallum.app.sheet import Sheet

__all__ = [
    "LIVE",
    "PLAN",
    "Answer",
    "Kit",
    "Least",
    "Room",
    "end",
    "forget",
    "live_kit",
    "look",
    "make",
    "view",
]

T = TypeVar("T")
LIVE, PLAN = "live", "plan"  # what a worker declares that it is for
BASES, PRICES = 3, 8  # kept in a worker: some 20 MB each at 10 km, four times that at 5 km


@dataclass(frozen=True)
class Kit:
    """The stages behind frontiers, as in `vallum.app.live`; tests put small ones in their place."""

    prepare: Callable[..., Any]
    base_key: Callable[..., str]
    price: Callable[..., Any]
    price_key: Callable[..., str]
    view: Callable[..., Any]
    look: Callable[..., Any]


def live_kit() -> Kit:
    """Give the stages themselves; loading them takes seconds, and no plan's worker needs them."""
    from vallum.app import live  # noqa: PLC0415

    return Kit(
        live.prepare, live.base_key, live.price, live.price_key, live.view, live.look
    )  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What a worker says.

    Faults come back as values, since dask writes what is raised to standard error.

    Attributes
    ----------
    value
        What was asked for.
    fault
        An error in words, to be raised where it was asked for.
    broken
        Traceback of an error that is ours.
    """

    value: Any = None
    fault: VallumError | None = None
    broken: str | None = None


class Least(Generic[T]):
    """Keeps the few things that were used last.

    Parameters
    ----------
    most
        Number of them.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[str, T] = OrderedDict()

    def __len__(self) -> int:
        """Count what is kept."""
        return len(self._kept)

    def __contains__(self, key: object) -> bool:
        """Say whether one is kept, which is no use of it."""
        return key in self._kept

    def get(self, key: str) -> T | None:
        """Give one, if it is kept."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def put(self, key: str, thing: T) -> None:
        """Keep one, in the place of that which was not used for longest."""
        self._kept[key] = thing
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)


@dataclass
class _Kept:
    """What a worker has: made in the worker, and never sent."""

    turn: threading.Lock = field(default_factory=threading.Lock)
    bases: Least[Any] = field(default_factory=lambda: Least(BASES))
    prices: Least[Any] = field(default_factory=lambda: Least(PRICES))
    processes: Processes = field(default_factory=Processes)
    kit: Kit | None = None


class Room(WorkerPlugin):  # type: ignore[misc,unused-ignore]
    """A server's room in a worker.

    Parameters
    ----------
    name
        Of the plugin: one server's own.
    kit
        Gives the stages, in the worker.
    warm
        Text and theatre of what is found as soon as the worker is there, also where it takes the
        place of one that died: its base is what most changes leave, and the rest loads what is
        compiled.
    own
        Whether the worker is a process that the server started.
    """

    def __init__(
        self, name: str, kit: Callable[[], Kit], warm: tuple[str, str] | None, *, own: bool
    ) -> None:
        self.name = name
        self._load = kit
        self._warm = warm
        self._own = own
        self._kept: _Kept | None = None

    def setup(self, worker: Any) -> None:  # noqa: ANN401  (dask's own)
        """Begin with nothing kept, and warm up in the background."""
        self._kept = _Kept()
        if self._own:  # an interrupt at the keyboard is the server's, which ends its workers
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            logging.getLogger("distributed").setLevel(logging.CRITICAL + 1)
        declared = worker.state.total_resources
        if self._warm is not None and (LIVE in declared or PLAN not in declared):
            threading.Thread(target=self._warm_up, daemon=True).start()

    def teardown(self, worker: Any) -> None:  # noqa: ANN401, ARG002  (dask's own)
        """End what still runs."""
        if self._kept is not None:
            self._kept.processes.end_all()

    @property
    def kept(self) -> _Kept:
        """What is kept; there once the worker is."""
        if self._kept is None:
            raise AssertionError("a room is asked before its worker is there")
        return self._kept

    def view(self, sheet: Sheet) -> Answer:
        """Find a frontier; it says how long it took with what had to be made anew before it."""

        def viewed() -> object:
            began = time.perf_counter()
            found = self._kit().view(*self._found(sheet))
            if not is_dataclass(found) or isinstance(found, type):
                return found  # of a test's stages
            return replace(found, seconds=time.perf_counter() - began)

        return self._answer(viewed)

    def look(self, sheet: Sheet, step: int) -> Answer:
        """Look at the later stages."""

        def looked() -> object:
            base, asked, priced = self._found(sheet)
            return self._kit().look(base, asked, step, priced)

        return self._answer(looked)

    def _kit(self) -> Kit:
        if self.kept.kit is None:
            self.kept.kit = self._load()
        return self.kept.kit

    def _found(self, sheet: Sheet) -> tuple[Any, Sheet, Any]:
        """Give what a view is found from, as far as it is kept."""
        kit, theatre, settings = self._kit(), sheet.theatre, sheet.settings
        name = kit.base_key(theatre, settings)
        base = self.kept.bases.get(name)
        if base is None:
            base = kit.prepare(theatre, settings)
            self.kept.bases.put(name, base)
        key = kit.price_key(name, settings)
        priced = self.kept.prices.get(key)
        if priced is None:
            priced = kit.price(base, settings)
            self.kept.prices.put(key, priced)
        return base, sheet, priced

    def _answer(self, work: Callable[[], Any]) -> Answer:
        """Work alone: whoever comes while the base is made waits, and doesn't make another."""
        with self.kept.turn:
            try:
                return Answer(value=work())
            except VallumError as error:
                return Answer(fault=error.with_traceback(None))
            except Exception:  # noqa: BLE001  (whatever it is, the server must hear of it)
                return Answer(broken=traceback.format_exc())

    def _warm_up(self) -> None:
        """Find what most begin with; whoever asks for it hears of what is wrong with it."""
        if self._warm is not None:
            from vallum.app.sheet import read  # noqa: PLC0415  (loads what `live_kit` does)

            text, theatre = self._warm
            self.view(read(text, theatre=theatre))


def view(room: str, sheet: Sheet) -> Answer:
    """Find a frontier in this worker (`vallum.app.live.view`)."""
    return _room(room).view(sheet)


def look(room: str, sheet: Sheet, step: int) -> Answer:
    """Look at the later stages in this worker (`vallum.app.live.look`)."""
    return _room(room).look(sheet, step)


def make(room: str, asked: Mapping[str, Any], token: str, topic: str) -> dict[str, Any]:
    """Make a plan in a process beside this worker.

    Parameters
    ----------
    room
        Name of the plugin.
    asked
        What `vallum.app.jobs.run` reads.
    token
        Names this try, for `end`.
    topic
        Of the events that say which stage begins.

    Returns
    -------
    dict
        The last that the process said, as `vallum.app.jobs.process` tells.
    """
    worker = get_worker()

    def tell(stage: str) -> None:
        worker.log_event(topic, {"token": token, "stage": stage})

    return _room(room).kept.processes.run(token, asked, tell)


def end(room: str, token: str, dask_worker: Any) -> None:  # noqa: ANN401  (dask's own name)
    """Stop the process of a try, if it runs here, or comes to run."""
    found = dask_worker.plugins.get(room)
    if found is not None:
        found.kept.processes.end(token)


def forget(work: str) -> None:
    """Remove the folder of a plan that nobody makes any more, if it is here."""
    shutil.rmtree(Path(work).expanduser(), ignore_errors=True)


def _room(name: str) -> Room:
    """Give a server's room in the worker of this thread."""
    room = get_worker().plugins[name]
    if not isinstance(room, Room):
        raise TypeError(name)
    return room
