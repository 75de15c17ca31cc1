"""The dask cluster that a server works with: its own on this machine, or one that is named."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import dask
from distributed import Client, Nanny, Scheduler, Security, SpecCluster

from vallum.app.jobs.process import ONE_THREAD
from vallum.app.jobs.worker import LIVE, PLAN
from vallum.errors import Fault, InputError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from distributed import WorkerPlugin

__all__ = ["Cluster", "open_cluster"]

HERE = "127.0.0.1"
_PATIENCE_S = 60  # for a scheduler or a worker to answer at all
_CLOSE_S = 10
_LOST = (
    "dask's scheduler was lost for a minute: when it is back, start the service again, and resume "
    "the plans"
)
_SILENT = logging.CRITICAL + 1


@dataclass(frozen=True)
class Cluster:
    """Where work is done.

    Attributes
    ----------
    client
        Of dask; synchronous, with a loop in a thread of its own.
    live
        A name for each worker that finds frontiers; None where any worker may be taken.
    plans
        Plans made at once.
    resources
        What is asked for, for frontiers and for plans; empty where workers declare nothing.
    own
        The cluster that this process started; None for one that was named.
    hush
        Closed when the cluster is: what dask says of its own work is not heard till then.
    """

    client: Any
    live: tuple[str | None, ...]
    plans: int
    resources: dict[str, dict[str, float]]
    own: Any
    hush: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    @property
    def loop(self) -> Any:  # noqa: ANN401
        """The asyncio loop of dask's thread."""
        return self.client.loop.asyncio_loop

    def submit(self, kind: str, key: str, call: tuple[Any, ...], worker: str | None = None) -> Any:  # noqa: ANN401
        """Hand a call to a worker.

        Parameters
        ----------
        kind
            `LIVE` or `PLAN`.
        key
            Never used before: dask takes time to forget a call that was cancelled.
        call
            What is called, and with what.
        worker
            Name of the one to take, if it is there.

        Returns
        -------
        Future
            Of dask.

        Raises
        ------
        OutputError
            If the scheduler was lost.
        """
        if self.client.status == "closed":
            raise OutputError(_LOST)
        return self.client.submit(
            *call, key=key, pure=False, resources=self.resources[kind] or None,
            # strictly: where others are allowed, dask takes those that declare nothing too
            workers=self.address(worker),
        )  # fmt: skip

    def address(self, name: str | None) -> str | None:
        """Say where a worker of ours is; None while it is not there, or where any may be taken."""
        if self.own is None or name is None:
            return None
        # the scheduler is in this process: what it knows is looked up, and not asked over a line
        workers = list(self.own.scheduler.workers.values())
        return next((one.address for one in workers if one.name == name), None)

    def plan_workers(self) -> list[str] | None:
        """Say where plans may be made; None for all workers."""
        if self.own is None:
            return None
        found = [self.address(f"{PLAN}-0")]
        return [one for one in found if one is not None]

    def close(self) -> None:
        """Stop the workers that were started; leave those of others."""
        with self.hush, _quiet():
            with contextlib.suppress(OSError, TimeoutError):
                self.client.close(timeout=_CLOSE_S)
            if self.own is not None:
                with contextlib.suppress(OSError, TimeoutError):
                    self.own.close(timeout=_CLOSE_S)


def open_cluster(
    address: str | None, workers: int, memory: int, folder: Path, room: WorkerPlugin
) -> Cluster:
    """Start a cluster, or connect to one.

    Parameters
    ----------
    address
        Of a scheduler; None: processes of this machine.
    workers
        Those that find frontiers; one more makes plans.
    memory
        Of each, bytes: one that takes more is ended, and started again.
    folder
        For what dask writes.
    room
        Plugin for each worker.

    Returns
    -------
    Cluster
        To be closed.

    Raises
    ------
    InputError
        If there is no scheduler at the address, or no worker comes to it.
    """
    found = _connected(address) if address else _started(workers, memory, folder)
    try:
        found.client.register_plugin(room)
    except BaseException:
        found.close()
        raise
    return found


def _started(workers: int, memory: int, folder: Path) -> Cluster:
    """Start workers on this machine that nobody but this process can speak to."""
    # certificates made for this one cluster: dask lets whoever reaches it run code, and on a
    # machine that is shared others reach 127.0.0.1 too
    security = Security.temporary()  # type: ignore[no-untyped-call]
    names = [f"{LIVE}-{number}" for number in range(workers)]
    purposes = dict.fromkeys(names, LIVE) | {f"{PLAN}-0": PLAN}
    nanny = {
        "nthreads": 1, "memory_limit": memory, "host": HERE, "protocol": "tls",
        "security": security, "local_directory": str(folder), "silence_logs": _SILENT,
        "env": dict.fromkeys(ONE_THREAD, "1"),
        "config": _CONFIG,
    }  # fmt: skip
    specs = {
        name: {"cls": Nanny, "options": {**nanny, "resources": {purpose: 1}}}
        for name, purpose in purposes.items()
    }
    scheduler = {
        "cls": Scheduler,
        "options": {
            "host": HERE, "port": 0, "protocol": "tls", "security": security, "dashboard": False,
            "dashboard_address": f"{HERE}:0", "allowed_failures": 0,
        },
    }  # fmt: skip
    hush = contextlib.ExitStack()
    hush.enter_context(_quiet())
    with dask.config.set(_CONFIG), contextlib.ExitStack() as failed:
        failed.push(hush)
        own = SpecCluster(  # type: ignore[no-untyped-call]
            workers=specs, scheduler=scheduler, security=security
        )
        failed.callback(own.close, timeout=_CLOSE_S)
        client = Client(  # type: ignore[no-untyped-call]
            own, set_as_default=False, security=security
        )
        client.wait_for_workers(len(specs), timeout=_PATIENCE_S)
        failed.pop_all()
    return Cluster(client, tuple(names), 1, {LIVE: {LIVE: 1}, PLAN: {PLAN: 1}}, own, hush)


def _connected(address: str) -> Cluster:
    """Connect to somebody's scheduler, and see what its workers declare."""
    try:
        client = Client(  # type: ignore[no-untyped-call]
            address, timeout=_PATIENCE_S, set_as_default=False
        )
    except (OSError, ValueError) as error:
        mend = "give the address of a running dask scheduler, as tcp://host:8786"
        raise InputError([Fault("--scheduler", address, f"no scheduler ({error})", mend)]) from None
    try:
        client.wait_for_workers(1, timeout=_PATIENCE_S)
    except TimeoutError:
        client.close()  # type: ignore[no-untyped-call]
        found = f"no worker came to it in {_PATIENCE_S} s"
        mend = f"start some: dask worker {address}"
        raise InputError([Fault("--scheduler", address, found, mend)]) from None
    declared = [one["resources"] for one in client.scheduler_info(-1)["workers"].values()]
    counts = {kind: sum(kind in one for one in declared) for kind in (LIVE, PLAN)}
    live = counts[LIVE] or len(declared)
    resources: dict[str, dict[str, float]] = {
        kind: {kind: 1.0} if count else {} for kind, count in counts.items()
    }
    return Cluster(client, (None,) * live, counts[PLAN] or 1, resources, None)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep dask from writing to standard error what isn't news to anybody here.

    Its own `silence_logs` would silence all others too: where Bokeh is loaded, it goes for the
    handlers of the root.
    """
    loud = logging.getLogger("distributed")
    level = loud.level
    loud.setLevel(_SILENT)
    try:
        yield
    finally:
        loud.setLevel(level)


_CONFIG = {
    # nothing is told over HTTP
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # nobody looks at dask's profile of what threads do, a hundred times a second
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.interval": "5s",
    # one that takes too much is ended by its nanny; pausing it would leave its tasks waiting
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 0.95,
    # a worker that was to have a task and is gone: the task goes elsewhere
    "distributed.scheduler.no-workers-timeout": "120s",
    # before Python starts: libraries read these when they are loaded
    "distributed.nanny.pre-spawn-environ": dict.fromkeys(ONE_THREAD, "1"),
}
