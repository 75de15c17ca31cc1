"""Those who compute: frontiers while people wait, plans in the background, on dask."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import shutil
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pooch  # type: ignore[import-untyped]
from distributed import KilledWorker
from distributed.scheduler import NoValidWorkerError

from vallum.app.jobs import worker as far
from vallum.app.jobs.asks import Asks
from vallum.app.jobs.cluster import open_cluster
from vallum.app.jobs.making import Makers
from vallum.app.live import base_key, price_key
from vallum.app.sheet import read
from vallum.app.store.checks import is_id
from vallum.app.trail import utc_now
from vallum.errors import OutputError, VallumError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from vallum.app.jobs.cluster import Cluster
    from vallum.app.jobs.model import Crew, Progress
    from vallum.app.live import Look, View
    from vallum.app.model import StoredPlan
    from vallum.app.settings import AppSettings
    from vallum.app.sheet import Sheet
    from vallum.app.store import Store

__all__ = ["DaskCrew", "open_crew", "sweep", "work_folder"]

MEMORY = 3_000_000_000  # of a worker, bytes
_CLOSE_S = 10.0
_SPARE = 2  # workers, of which one is always left to people
_SCRATCH = "dask"


def open_crew(
    settings: AppSettings,
    store: Store,
    *,
    folder: Path | None = None,
    kit: Callable[[], far.Kit] | None = None,
    warm: bool = True,
    memory: int = MEMORY,
    command: tuple[str, ...] | None = None,
) -> Crew:
    """Start the workers, or connect to those of a scheduler.

    Workers of this machine are started anew by Python's `spawn`: a script that calls this does so
    below `if __name__ == "__main__":`.

    Parameters
    ----------
    settings
        Of the service.
    store
        Where plans are kept.
    folder
        For what is worked on: finished stages of plans that are not; `work_folder` if not given.
    kit
        Gives the stages behind frontiers, in a worker; those of `vallum.app.live` if not given.
    warm
        Whether each worker finds what the page opens with at once, in the background.
    memory
        Of each worker, bytes: one that takes more is ended, and started again.
    command
        Makes a plan; `python -m vallum.app.jobs.run` if not given.

    Returns
    -------
    Crew
        To be closed.

    Raises
    ------
    InputError
        If there is no scheduler at the address, or no worker comes to it; if the settings that the
        page starts with can't be read.
    OutputError
        If the folder can't be written.
    """
    read(settings.opened, theatre=settings.theatre)  # its faults are told here
    warmed = (settings.opened, settings.theatre) if warm else None
    place = work_folder(settings) if folder is None else folder
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        sweep(place, store)
    except OSError as error:
        raise OutputError(f"{place}: {error.strerror}; give its owner access") from None
    name = f"vallum-{uuid4().hex}"
    own = settings.scheduler is None
    room = far.Room(name, kit or far.live_kit, warmed, own=own)
    cluster = open_cluster(settings.scheduler, settings.workers, memory, place / _SCRATCH, room)
    try:
        # on one's own machine a plan may take as long as it takes
        hours = None if settings.auth == "none" else settings.quotas.plan_hours
        return DaskCrew(cluster, room, store, place, command, hours)
    except BaseException:
        cluster.close()
        raise


def work_folder(settings: AppSettings) -> Path:
    """Say where unfinished work lies: in a store's folder, or in a folder of the user's cache.

    Parameters
    ----------
    settings
        Of the service.

    Returns
    -------
    Path
        One for each store.
    """
    if "://" not in settings.store:
        return Path(settings.store).absolute() / "work"
    name = hashlib.sha256(settings.store.encode()).hexdigest()[:16]
    return Path(pooch.os_cache("vallum")) / "work" / name


class DaskCrew:
    """Does what `vallum.app.jobs.model.Crew` lists.

    Parameters
    ----------
    cluster
        Open.
    room
        The plugin that its workers have.
    store
        Where plans are kept.
    folder
        For what is worked on.
    command
        Makes a plan, for tests.
    hours
        How long one may be made; None: as long as it takes.
    """

    def __init__(
        self, cluster: Cluster, room: far.Room, store: Store, folder: Path,
        command: tuple[str, ...] | None = None, hours: float | None = None,
    ) -> None:  # fmt: skip
        self._cluster = cluster
        self._room = room.name
        self._closed = False
        # dask's client runs in a loop and thread of its own: one that shared the server's loop
        # would hold the page up with its own work, and could not be called by the threads that
        # see plans through
        self._loop: asyncio.AbstractEventLoop = cluster.loop
        self._asks: Asks = asyncio.run_coroutine_threadsafe(self._made_asks(), self._loop).result()
        remote = cluster.own is None
        kept = "~/.cache/vallum/work" if remote else str(folder)  # there, by plan
        self._makers = Makers(
            store, _PlanWorkers(cluster, self._room, command), folder, cluster.plans,
            far=remote, kept=kept, hours=hours,
            now=lambda: utc_now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        )  # fmt: skip

    async def view(self, sheet: Sheet, *, who: str = "") -> View:
        """Find a frontier; cancelled where the caller's task is."""
        found: View = await self._ask(sheet, (far.view, self._room, sheet), who, long=False)
        return found

    def ahead(self, sheet: Sheet) -> None:
        """Find a frontier while nobody waits for another; its faults are told to who asks."""
        if len(self._cluster.live) < _SPARE:
            return
        call = (far.view, self._room, sheet)
        asked = self._asked(sheet, call, long=True, idle=True)
        asyncio.run_coroutine_threadsafe(_quietly(asked), self._loop)

    async def look(self, sheet: Sheet, step: int, *, who: str = "") -> Look:
        """Look at the later stages for one step; cancelled where the caller's task is."""
        found: Look = await self._ask(sheet, (far.look, self._room, sheet, step), who, long=True)
        return found

    def start(self, plan: StoredPlan, ended: Callable[[str], None]) -> None:
        """Make a plan in the background; `ended(id)` is called once the store says how it ended."""
        self._makers.start(plan, ended)

    def cancel(self, id: str) -> bool:  # noqa: A002
        """Stop a plan at once; whether it waited or ran."""
        return self._makers.cancel(id)

    def progress(self, id: str) -> Progress | None:  # noqa: A002
        """Say how far a plan has come; None if it neither waits nor runs."""
        return self._makers.progress(id)

    def forget(self, id: str) -> None:  # noqa: A002
        """Remove what is kept of a plan to go on from, if it neither waits nor runs."""
        self._makers.forget(id)

    def close(self) -> None:
        """Stop everything; plans that run are marked interrupted."""
        if self._closed:
            return
        self._closed = True
        self._loop.call_soon_threadsafe(self._asks.close)
        self._makers.close(_CLOSE_S)
        self._cluster.close()

    async def _made_asks(self) -> Asks:
        """Make what belongs to dask's loop, in that loop."""
        return Asks(self._submit, self._cluster.live)

    def _submit(self, hand: str | None, call: tuple[Any, ...]) -> Any:  # noqa: ANN401
        """Hand a call to a worker."""
        return self._cluster.submit(far.LIVE, f"vallum-ask-{uuid4().hex}", call, hand)

    async def _ask(self, sheet: Sheet, call: tuple[Any, ...], who: str, *, long: bool) -> Any:  # noqa: ANN401
        """Ask in dask's loop, and wait in the caller's; who stops waiting here does so there."""
        if self._closed:
            raise OutputError("the service is being stopped: ask again when it is back")
        asked = self._asked(sheet, call, long=long, who=who)
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(asked, self._loop))

    def _asked(
        self,
        sheet: Sheet,
        call: tuple[Any, ...],
        *,
        long: bool,
        idle: bool = False,
        who: str = "",
    ) -> Coroutine[Any, Any, Any]:
        """Name what is asked for, and what a worker may have of it."""
        settings = sheet.settings
        base = base_key(sheet.theatre, settings)
        key = _named(call[0].__name__, sheet.theatre, settings, sheet.drawn, *call[3:])
        ground = (base, price_key(base, settings))
        return self._asks.ask(key, ground, call, long=long, idle=idle, who=who)


class _PlanWorkers:
    """Hands plans to dask (`vallum.app.jobs.making.Worker`)."""

    def __init__(self, cluster: Cluster, room: str, command: tuple[str, ...] | None) -> None:
        self._cluster = cluster
        self._room = room
        self._command = command
        self._said: dict[str, Callable[[dict[str, Any]], None]] = {}
        self._futures: dict[str, Any] = {}
        cluster.client.subscribe_topic(room, self._event)

    def make(
        self, asked: Mapping[str, Any], token: str, said: Callable[[dict[str, Any]], None]
    ) -> None:
        """Have a plan made."""
        more = {} if self._command is None else {"command": self._command}
        self._said[token] = said
        call = (far.make, self._room, {**asked, **more}, token, self._room)
        future = self._cluster.submit(far.PLAN, f"vallum-plan-{token}", call)
        self._futures[token] = future
        future.add_done_callback(lambda done: self._over(token, done))

    def end(self, token: str) -> None:
        """Stop a try at once."""
        self._said.pop(token, None)
        future = self._futures.pop(token, None)
        client = self._cluster.client
        # without a scheduler its workers have ended, or do, and their processes with them
        with contextlib.suppress(OSError, TimeoutError):
            client.run(
                far.end, self._room, token,
                workers=self._cluster.plan_workers(), on_error="ignore",
            )  # fmt: skip
        if future is not None:
            future.cancel()

    def forget(self, work: str) -> None:
        """Remove a plan's folder from all workers; those that are away keep theirs."""
        client = self._cluster.client
        if client.status != "running":  # to wait for a lost scheduler would be for nothing
            return
        with contextlib.suppress(OSError, TimeoutError):
            client.run(
                far.forget, work, workers=self._cluster.plan_workers(), on_error="ignore"
            )  # fmt: skip

    def _event(self, event: tuple[float, Any]) -> None:
        """Pass on what a worker tells."""
        _, message = event
        said = self._said.get(message["token"])
        if said is not None:
            said({"stage": message["stage"]})

    def _over(self, token: str, future: Any) -> None:  # noqa: ANN401
        """Pass on how a try ended; empty where it or its worker died."""
        over: dict[str, Any] = {}
        if future.status == "finished":
            over = future.result()
        elif future.status == "error" and not _died(future.exception()):
            said_by = traceback.format_exception(future.exception())
            over = {"broken": "in the worker", "log": "".join(said_by)}
        self._futures.pop(token, None)
        said = self._said.pop(token, None)
        if said is not None:
            said({"over": over})


async def _quietly(asked: Coroutine[Any, Any, Any]) -> None:
    """Wait for what nobody asked for."""
    with contextlib.suppress(VallumError):
        await asked


def _died(error: BaseException) -> bool:
    """Whether a worker died, or did not come back, rather than the work failed."""
    return isinstance(error, KilledWorker | NoValidWorkerError)


def _named(*parts: object) -> str:
    """Name things by what they say."""
    said = [p.model_dump_json() if hasattr(p, "model_dump_json") else repr(p) for p in parts]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def sweep(place: Path, store: Store) -> None:
    """Take away what belongs to plans that are done, or gone.

    Parameters
    ----------
    place
        Where unfinished work lies.
    store
        Says which plans can be resumed.
    """
    resumed = {one.id for one in store.plans() if one.status != "done"}
    for one in place.iterdir():
        if one.name == _SCRATCH or (is_id(one.name) and one.name not in resumed):
            shutil.rmtree(one, ignore_errors=True)
