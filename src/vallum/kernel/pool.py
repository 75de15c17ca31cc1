"""Work on many things at once, on dask: here, in processes of this machine, or on a cluster.

Results come in the order of the things, and each depends on its thing alone: so they are the same
bytes whatever the workers, and however many of them die on the way.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import subprocess
import sys
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["Pool", "cores"]

Shared = TypeVar("Shared")
Thing = TypeVar("Thing")
Result = TypeVar("Result")

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
_LOOK_EVERY_S = 0.5  # whether workers still live
_SENDS = 5  # tries to send all workers what they need, if some die meanwhile
_PATIENCE_S = 60  # for a worker or a scheduler to answer at all


@dataclass(frozen=True)
class Pool:
    """Where work is done.

    Attributes
    ----------
    workers
        Processes started on this machine, of one thread each; 0: in this process.
    scheduler
        Address of a dask scheduler (`tcp://host:8786`) whose workers are used instead; they need
        the same version of Vallum. Whoever can reach a dask scheduler can run code on it: use it
        on a network that you trust.
    """

    workers: int = 0
    scheduler: str | None = None

    def map(
        self,
        work: Callable[[Shared, Thing], Result],
        shared: Shared,
        things: Sequence[Thing],
    ) -> list[Result]:
        """Do the same work on each of some things.

        Parameters
        ----------
        work
            Called with `shared` and a thing; its result may depend on nothing else.
        shared
            What all of them need: sent to each worker once.
        things
            One call each.

        Returns
        -------
        list
            In the order of `things`. What workers that died leave undone is done by the others,
            and at last in this process.

        Raises
        ------
        InputError
            For a scheduler that can't be reached, or to which no worker comes.
        """
        if not things or (self.scheduler is None and self.workers < 1):
            return [work(shared, thing) for thing in things]
        done: dict[int, Result] = {}
        with _client(self) as (client, alive):
            _gather(client, alive, (work, shared, things), done)
        return [
            done[number] if number in done else work(shared, thing)
            for number, thing in enumerate(things)
        ]


def cores() -> int:
    """Count the cores that this process may use."""
    own = getattr(os, "sched_getaffinity", None)  # not on every system
    return len(own(0)) if own else os.cpu_count() or 1


def _gather(
    client: Any,  # noqa: ANN401  (distributed ships no types)
    alive: Callable[[], bool],
    task: tuple[Callable[[Any, Any], Any], Any, Sequence[Any]],
    done: dict[int, Any],
) -> None:
    """Fill in what the workers finish; stop where none is left. Errors of the work are raised."""
    wait = _distributed().wait
    work, shared, things = task
    if not alive():
        return
    held = _sent(client, alive, shared)
    if held is None:
        return
    waiting = {client.submit(work, held, thing, pure=False): n for n, thing in enumerate(things)}
    while waiting:
        with contextlib.suppress(TimeoutError, CancelledError):
            wait(list(waiting), timeout=_LOOK_EVERY_S, return_when="FIRST_COMPLETED")
        for future in [each for each in waiting if each.done()]:
            number = waiting.pop(future)
            if future.status == "finished":
                done[number] = future.result()
            elif future.status == "error" and not _died(future.exception()):
                raise future.exception()
            # what is cancelled was lost with its workers, and is done in this process
        if waiting and not alive():
            return


def _sent(client: Any, alive: Callable[[], bool], shared: object) -> Any:  # noqa: ANN401
    """Send all workers what they need; None where none is left to have it."""
    for _ in range(_SENDS):
        try:
            return client.scatter(shared, broadcast=True, hash=False, timeout=_PATIENCE_S)
        except TimeoutError:  # the last worker died before it was sent anything
            return None
        except KeyError:  # one died while it was being sent: dask's scheduler looks it up in vain
            if not alive():
                return None
    return None


def _died(error: BaseException) -> bool:
    """Whether workers died rather than the work failed."""
    return isinstance(error, _distributed().KilledWorker)


def _distributed() -> Any:  # noqa: ANN401
    """Load dask's own library when it is first needed: it takes a second, and ships no types."""
    return importlib.import_module("distributed")


@contextlib.contextmanager
def _client(pool: Pool) -> Iterator[tuple[Any, Callable[[], bool]]]:
    """Connect to a scheduler, or start one with workers and stop both again."""
    dask = _distributed()
    loud = logging.getLogger("distributed")
    level, loud.level = loud.level, logging.CRITICAL + 1
    started: list[subprocess.Popen[bytes]] = []
    try:
        with contextlib.ExitStack() as stack:
            if pool.scheduler is not None:
                client = stack.enter_context(_remote(pool.scheduler))
                yield client, lambda: _any_left(client)
                return
            cluster = stack.enter_context(
                dask.LocalCluster(
                    n_workers=0,
                    processes=False,
                    protocol="tcp",
                    host="127.0.0.1",
                    dashboard_address="127.0.0.1:0",  # dask opens one: any free port, here only
                    scheduler_kwargs={"dashboard": False},
                    silence_logs=logging.CRITICAL,
                )
            )
            client = stack.enter_context(dask.Client(cluster))
            stack.callback(_stop, started)
            started += [_start(cluster.scheduler_address) for _ in range(pool.workers)]
            _await(client, started)
            yield client, lambda: any(each.poll() is None for each in started)
    finally:
        loud.level = level


@contextlib.contextmanager
def _remote(address: str) -> Iterator[Any]:
    """Connect to somebody's scheduler."""
    try:
        client = _distributed().Client(address, timeout=_PATIENCE_S)
    except (OSError, ValueError) as error:
        mend = "give the address of a running dask scheduler, as tcp://host:8786"
        raise InputError([Fault("--scheduler", address, f"no scheduler ({error})", mend)]) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=_PATIENCE_S)
        except TimeoutError:
            found = f"no worker came to it in {_PATIENCE_S} s"
            mend = f"start some: dask worker {address}"
            raise InputError([Fault("--scheduler", address, found, mend)]) from None
        yield client


def _any_left(client: Any) -> bool:  # noqa: ANN401
    """Whether somebody's scheduler has workers left; where it is gone dask cancels what waits."""
    try:
        return bool(client.nthreads())
    except OSError:
        return True


def _await(client: Any, started: list[subprocess.Popen[bytes]]) -> None:  # noqa: ANN401
    """Wait until every worker that lives has come."""
    for _ in range(int(_PATIENCE_S / _LOOK_EVERY_S)):
        living = sum(each.poll() is None for each in started)
        if len(client.nthreads()) >= living:
            return
        with contextlib.suppress(TimeoutError):
            client.wait_for_workers(living, timeout=_LOOK_EVERY_S)


def _start(address: str) -> subprocess.Popen[bytes]:
    """Start a worker: a command of its own, so that a script needs no guard against re-import."""
    command = [
        sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1",
        "--no-nanny", "--no-dashboard", "--memory-limit", "0", "--death-timeout", "60",
    ]  # fmt: skip
    return subprocess.Popen(  # noqa: S603  (our own interpreter and arguments)
        command,
        env={**os.environ, **dict.fromkeys(_ONE_THREAD, "1")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,  # an interrupt reaches us, and we stop them
    )


def _stop(started: list[subprocess.Popen[bytes]]) -> None:
    """Stop the workers; they hold nothing that is needed."""
    for each in started:
        each.kill()
    for each in started:
        each.wait()
