"""Plans in the background: one at a time for each worker of that purpose, the others wait."""

from __future__ import annotations

import logging
import queue
import shutil
import threading
import time
import zipfile
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal, Protocol
from uuid import uuid4

from vallum import plan as plans
from vallum.app.jobs.model import Progress
from vallum.app.model import ENDED
from vallum.errors import InputError, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from vallum.app.model import Status, StoredPlan
    from vallum.app.store import Store

__all__ = ["ALL_STAGES", "Makers", "Worker"]

_log = logging.getLogger(__name__)
ALL_STAGES = (*plans.STAGES, "brief")
TRIES = 3  # where its process or its worker dies
BACKOFF_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 60.0, 60.0, 60.0)
_LAST = frozenset({"done", "failed", "broken"})
_OPEN: frozenset[Status] = frozenset({"queued", "running"})
_BROKEN = "It could not be made, for a fault of ours that the service’s log tells of."
_DIED = (
    "Its process, or the worker that ran it, was stopped {tries} times, the last time in stage "
    "{stage}: most likely for lack of memory. Resume it to go on from there; coarser cells take "
    "less."
)
_TOO_LONG = (
    "It took more than {hours:g} hours, which is as long as this service makes a plan (quota "
    "plan_hours); it was in stage {stage}. Ask for coarser cells or fewer draws, or resume it to "
    "go on from there."
)
_STOPPED = "The service was stopped while this plan waited or ran. Resume it to go on."
_Why = Literal["cancelled", "closed"]


class Worker(Protocol):
    """How a plan reaches a worker; each call may take its time."""

    def make(
        self, asked: Mapping[str, Any], token: str, said: Callable[[dict[str, Any]], None]
    ) -> None:
        """Have a plan made; `OutputError` where no worker can be reached.

        `said` is called from any thread: with `stage` as each begins, and once with `over`: what
        the process said last; none of `_LAST` where it or its worker died.
        """
        ...

    def end(self, token: str) -> None:
        """Stop a try at once."""
        ...

    def forget(self, work: str) -> None:
        """Remove a plan's folder where workers have it, other than here."""
        ...


@dataclass(eq=False)
class _Job:
    """A plan that waits or runs."""

    plan: StoredPlan
    ended: Callable[[str], None]
    heard: queue.SimpleQueue[dict[str, Any]] = field(default_factory=queue.SimpleQueue)
    why: _Why | None = None  # it is stopped
    stage: str | None = None
    began: float | None = None
    forgotten: bool = False  # its folder is removed by whoever ends it

    @property
    def progress(self) -> Progress:
        """How far it has come: by the stage's place, for a stage can begin twice."""
        done = ALL_STAGES.index(self.stage) if self.stage in ALL_STAGES else 0
        seconds = 0.0 if self.began is None else time.monotonic() - self.began
        return Progress(self.stage, done, len(ALL_STAGES), seconds)

    def stopped(self) -> bool:
        """Whether it is not to go on."""
        return self.why is not None

    def stop(self, why: _Why) -> None:
        """Have it stopped by whoever makes it."""
        self.why = self.why or why
        self.heard.put({})


class Makers:
    """Threads that each see one plan through: store, worker, store.

    Parameters
    ----------
    store
        Where it is said how plans go, and their files are kept.
    worker
        Makes them.
    folder
        For finished stages and files on the way to the store, the server's own.
    count
        Plans at once.
    far
        Whether workers may be on other machines: files come as bytes, and finished stages lie
        where the workers are.
    now
        Tells the time to the second, as the store keeps it.
    kept
        Folder of the plans' own, where they are made.
    hours
        How long one may be made; None: as long as it takes.
    """

    def __init__(  # noqa: PLR0913  (all that a service has, each named)
        self, store: Store, worker: Worker, folder: Path, count: int,
        *, far: bool, now: Callable[[], str], kept: str, hours: float | None = None,
    ) -> None:  # fmt: skip
        self._store = store
        self._worker = worker
        self._folder = folder
        self._far = far
        self._kept = kept
        self._now = now
        self._hours = hours
        self._turn = threading.Lock()
        self._jobs: dict[str, _Job] = {}
        self._in_hand: list[_Job] = []  # also those that are cancelled, and not yet ended
        self._waiting: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._threads = [
            threading.Thread(target=self._see_through, daemon=True, name=f"vallum-plans-{n}")
            for n in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def start(self, plan: StoredPlan, ended: Callable[[str], None]) -> None:
        """Put a plan behind those that wait."""
        with self._turn:
            if self._closing.is_set():
                raise OutputError("the service is being stopped: ask again when it is back")
            job = self._jobs[plan.id] = _Job(plan, ended)
        self._waiting.put(job)

    def cancel(self, id: str) -> bool:  # noqa: A002
        """Stop a plan; whoever stopped it says so in the store."""
        with self._turn:
            job = self._jobs.pop(id, None)
        if job is None:
            return False
        job.stop("cancelled")
        return True

    def progress(self, id: str) -> Progress | None:  # noqa: A002
        """Say how far a plan has come."""
        with self._turn:
            job = self._jobs.get(id)
        return None if job is None else job.progress

    def forget(self, id: str) -> None:  # noqa: A002
        """Remove the folder of a plan that neither waits nor runs."""
        with self._turn:
            if id in self._jobs:
                return
            ending = [job for job in self._in_hand if job.plan.id == id]
            for job in ending:  # its process may still write there
                job.forgotten = True
        if not ending:
            self._remove(id)

    def close(self, patience_s: float) -> None:
        """Stop all, and mark them interrupted."""
        with self._turn:
            self._closing.set()
            jobs = list(self._jobs.values())
        for job in jobs:
            job.stop("closed")
        for _ in self._threads:
            self._waiting.put(None)
        until = time.monotonic() + patience_s
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _see_through(self) -> None:
        """See plans through, one after another."""
        while (job := self._waiting.get()) is not None:
            with self._turn:
                self._in_hand.append(job)
            try:
                self._make(job)
            except Exception:  # noqa: BLE001  (the next plan must be made)
                _log.exception("plan %s could not be seen through", job.plan.id)
                self._mark(job, "failed", _BROKEN)
            with self._turn:
                self._in_hand.remove(job)
                if self._jobs.get(job.plan.id) is job:
                    del self._jobs[job.plan.id]
            if job.forgotten:
                self._remove(job.plan.id)
            if job.why != "cancelled":  # whoever cancelled it has said so
                self._tell(job)

    def _tell(self, job: _Job) -> None:
        """Call back."""
        try:
            job.ended(job.plan.id)
        except Exception:  # noqa: BLE001  (whatever the caller does)
            _log.exception("the end of plan %s could not be told", job.plan.id)

    def _make(self, job: _Job) -> None:
        """Make a plan, from its stages that are kept where its process or worker dies."""
        if not job.stopped() and not self._begun(job):
            job.why = "cancelled"  # or deleted, while it waited
        try:
            over = self._over(job)
        except OutputError as error:
            self._mark(job, "interrupted", str(error))
            return
        if job.why == "closed":
            self._mark(job, "interrupted", _STOPPED)
        elif not job.stopped():
            self._end(job, over)

    def _over(self, job: _Job) -> dict[str, Any]:
        """Give what its process said last."""
        over: dict[str, Any] = {}
        for _ in range(TRIES):
            if job.stopped():
                break
            over = self._tried(job)
            if job.stopped() or not _LAST.isdisjoint(over):
                break
            told = over.get("log", "")
            _log.warning(
                "the process of plan %s died in stage %s\n%s", job.plan.id, job.stage, told
            )
        return over

    def _begun(self, job: _Job) -> bool:
        """Say in the store that it runs; one that was cancelled doesn't begin."""
        job.began = time.monotonic()
        try:
            return self._store.set_plan(job.plan.id, status="running", expected=_OPEN)
        except OutputError:  # the store is away: it will hear of the plan when it is made
            return True

    def _tried(self, job: _Job) -> dict[str, Any]:
        """Have it made once; empty where it was stopped or died."""
        token = uuid4().hex
        heard: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        job.heard = heard
        if job.stopped():
            return {}
        self._worker.make(self._asked(job.plan), token, heard.put)
        while "over" not in (said := self._said(job, token, heard)):
            if job.stopped():
                self._worker.end(token)
                return {}
            if said.get("stage") in ALL_STAGES:
                job.stage = said["stage"]
                self._say_stage(job)
        over: dict[str, Any] = said["over"]
        return over

    def _said(
        self, job: _Job, token: str, heard: queue.SimpleQueue[dict[str, Any]]
    ) -> dict[str, Any]:
        """Wait for what is said next; where the time is up, end the try and say so."""
        if self._hours is None or job.began is None:
            return heard.get()
        left = job.began + 3600.0 * self._hours - time.monotonic()
        try:
            return heard.get(timeout=max(0.0, left))
        except queue.Empty:
            said = _TOO_LONG.format(hours=self._hours, stage=job.stage or ALL_STAGES[0])
            self._worker.end(token)
            return {"over": {"failed": said}}

    def _asked(self, plan: StoredPlan) -> dict[str, Any]:
        """Say what the process is to do."""
        return {
            "theatre": plan.theatre, "text": plan.text, "language": plan.language,
            "work": self._work(plan.id), "zipped": self._far,
        }  # fmt: skip

    def _work(self, id: str) -> str:  # noqa: A002
        """Name a plan's folder, where it is made."""
        return f"{self._kept}/{id}"

    def _remove(self, id: str) -> None:  # noqa: A002
        """Remove a plan's folder, here and where it is made."""
        shutil.rmtree(self._folder / id, ignore_errors=True)
        if self._far:
            self._worker.forget(self._work(id))

    def _say_stage(self, job: _Job) -> None:
        """Say in the store where it is; nobody is harmed where that is not kept."""
        try:
            self._store.set_plan(job.plan.id, stage=job.stage, expected=frozenset({"running"}))
        except OutputError:
            _log.warning("the store is away; plan %s goes on", job.plan.id)

    def _end(self, job: _Job, over: dict[str, Any]) -> None:
        """Put the end of a plan into the store."""
        if "done" in over:
            self._keep(job, over)
        elif "failed" in over:
            self._mark(job, "failed", str(over["failed"]))
        elif "broken" in over:
            _log.error("plan %s: %s\n%s", job.plan.id, over["broken"], over.get("log", ""))
            self._mark(job, "failed", _BROKEN)
        else:
            said = _DIED.format(tries=TRIES, stage=job.stage or ALL_STAGES[0])
            self._mark(job, "interrupted", said)

    def _keep(self, job: _Job, over: dict[str, Any]) -> None:
        """Keep its files, and let go of its stages."""
        id = job.plan.id  # noqa: A001
        folder = self._folder / id
        out = self._unpacked(id, over["zip"]) if "zip" in over else folder / "out"

        def put() -> None:
            try:
                self._store.put_files(id, out, ended=self._now())
            except InputError as error:  # cancelled or deleted meanwhile, or kept the time before
                found = self._store.plan(id)
                if found is not None and found.status not in ENDED:
                    _log.error("the files of plan %s can't be kept: %s", id, error)
                    self._mark(job, "failed", _BROKEN)

        if self._until_kept(job, put):
            shutil.rmtree(folder, ignore_errors=True)

    def _unpacked(self, id: str, data: bytes) -> Path:  # noqa: A002
        """Unpack the files that a worker of another machine made."""
        out = self._folder / id / "out"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(mode=0o700, parents=True)
        with zipfile.ZipFile(BytesIO(data)) as file:
            file.extractall(out)  # which stays within the folder
        return out

    def _mark(self, job: _Job, status: Status, said: str) -> None:
        """Mark a plan ended, unless it has ended."""
        words = said.encode("utf-8", "replace").decode().replace("\0", " ")

        def mark() -> None:
            self._store.set_plan(
                job.plan.id, status=status, ended=self._now(), said=words, expected=_OPEN
            )

        self._until_kept(job, mark)

    def _until_kept(self, job: _Job, change: Callable[[], None]) -> bool:
        """Change the store, again and again for some minutes where it is away."""
        for wait in (*BACKOFF_S, None):
            try:
                change()
            except OutputError as error:
                _log.warning("the end of plan %s can't be kept yet: %s", job.plan.id, error)
            else:
                return True
            if wait is None or self._closing.wait(wait) or job.why == "cancelled":
                break
        _log.error("the end of plan %s could not be kept; it can be resumed", job.plan.id)
        return False
