"""Frontiers and looks that are asked for: each found once, by the worker that knows most of it.

All of this runs in dask's own loop, one step at a time, so nothing here is locked.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from distributed import KilledWorker
from distributed.scheduler import NoValidWorkerError

from vallum.app.jobs.worker import BASES, PRICES, Answer, Least
from vallum.app.pace import MINUTE_S
from vallum.errors import BusyError, OutputError, VallumError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Ask", "Asks"]

_log = logging.getLogger(__name__)
_TRIES = 2  # where the worker dies
_KEPT = 64  # answers; less than a megabyte each
_LONGEST_S = 900.0
_PATIENCE_S = 10.0  # half of what a base takes
_FREELY = 6  # wishes of one person within a minute before others come first
_DIED = (
    "The process that worked this out was stopped twice, most likely for lack of memory: ask for "
    "coarser cells or a smaller coalition, or ask again later."
)
_LONG = "This took more than a quarter of an hour and was given up: ask for coarser cells."
_LOST = "The machines that work this out can't be reached now: ask again later."
_BROKEN = "This could not be worked out, for a fault of ours that the service’s log tells of."
_STOPPED = "The service is being stopped: ask again when it is back."


@dataclass(eq=False)
class Ask:
    """One thing that is asked for, by however many.

    Attributes
    ----------
    key
        Names it: equal requests have equal keys.
    ground
        Names of the base and the prices behind it, which a worker may have already.
    call
        What the worker calls, with its arguments.
    long
        Whether it takes a while: those leave one worker to the others.
    idle
        Whether nobody waits for it yet: it comes after all others.
    people
        Names of those who wait for it; "" for one who is not told from others.
    since
        When it was asked for, by the loop's clock, s.
    running
        Whether a worker has it: then it can't be stopped any more, and is kept when it comes.
    over
        Done once it has come.
    """

    key: str
    ground: tuple[str, str]
    call: tuple[Any, ...]
    long: bool = False
    idle: bool = False
    people: list[str] = field(default_factory=list)
    running: bool = False
    since: float = field(init=False)
    over: asyncio.Future[Answer] = field(init=False)

    def __post_init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.since, self.over = loop.time(), loop.create_future()


class Asks:
    """What is asked for and not yet found.

    dask would hand every task to a worker at once, where it waits behind what that one has; here a
    worker has one at a time, the rest waits in order, and who no longer wants an answer leaves.

    Parameters
    ----------
    submit
        Gives a call to a worker: called with the name of one, or None for any, and the call; gives
        dask's future.
    hands
        Names of workers, or None for each that any may be.
    """

    def __init__(self, submit: Callable[..., Any], hands: tuple[str | None, ...]) -> None:
        self._submit = submit
        self._free = list(enumerate(hands))
        self._most_long = max(1, len(hands) - 1)
        self._long = 0
        self._open: dict[str, Ask] = {}
        self._queue: deque[Ask] = deque()
        self._kept: Least[Any] = Least(_KEPT)
        # what each was last asked for, and so still has unless it died
        self._known = {n: (Least[bool](BASES), Least[bool](PRICES)) for n, _ in self._free}
        self._at: dict[int, Ask] = {}
        self._given: deque[tuple[float, str]] = deque()  # when, and to whom
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    async def ask(
        self,
        key: str,
        ground: tuple[str, str],
        call: tuple[Any, ...],
        *,
        long: bool,
        idle: bool = False,
        who: str = "",
    ) -> Any:  # noqa: ANN401
        """Wait for an answer; what others ask for too, or was found before, is not found again."""
        if self._closed:
            raise OutputError(_STOPPED)
        kept = self._kept.get(key)
        if kept is not None:
            return kept
        one = self._open.get(key)
        if one is None:
            one = self._open[key] = Ask(key, ground, call, long, idle)
            self._queue.append(one)
        elif not one.running:
            one.long, one.idle = one.long and long, one.idle and idle
        one.people.append(who)
        self._go_on()
        try:
            await asyncio.wait([one.over])  # who leaves ends nobody else's waiting
        finally:
            one.people.remove(who)
            if not one.people and not one.running:
                self._forget(one)
        answer = one.over.result()
        if answer.fault is not None:
            raise answer.fault
        return answer.value

    def close(self) -> None:
        """Tell all who wait that nothing comes any more."""
        self._closed = True
        self._queue.clear()
        for one in list(self._open.values()):
            self._end(one, Answer(fault=OutputError(_STOPPED)))
        for task in self._tasks:
            task.cancel()

    def _go_on(self) -> None:
        """Give what waits to workers that are free, frontiers first."""
        while self._free and not self._closed:
            ripe = [a for a in self._queue if not self._soon(a)]
            one = min((a for a in ripe if not a.long), key=self._turn, default=None)
            if one is None and self._long < self._most_long:
                one = min(ripe, key=lambda a: (a.idle, self._behind(a)), default=None)
            if one is None:
                return
            self._queue.remove(one)
            hand = self._hand(one)
            self._free.remove(hand)
            self._at[hand[0]] = one
            for known, name in zip(self._known[hand[0]], one.ground, strict=True):
                known.put(name, True)  # noqa: FBT003
            self._long += one.long
            one.running = True
            now = asyncio.get_running_loop().time()
            self._given.extend((now, who) for who in {*one.people} - {""})
            task = asyncio.get_running_loop().create_task(self._work(one, hand))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _hand(self, one: Ask) -> tuple[int, str | None]:
        """Choose the free worker that has most of what it takes."""
        return max(self._free, key=lambda at: self._knows(at[0], one.ground))

    def _turn(self, one: Ask) -> tuple[int, bool, int]:
        """Order what waits: who asks for much comes last, and who has waited long first.

        Of the rest, what the fewest workers have the base of comes first.
        """
        long_ago = asyncio.get_running_loop().time() - one.since > _PATIENCE_S
        able = sum(one.ground[0] in bases for bases, _ in self._known.values())
        return self._behind(one), not long_ago, able or len(self._known)

    def _behind(self, one: Ask) -> int:
        """Count what the same person was given within a minute or waits for, beyond the usual.

        So a program that asks for many things at once waits for itself, and others don't.
        """
        minute_ago = asyncio.get_running_loop().time() - MINUTE_S
        while self._given and self._given[0][0] < minute_ago:
            self._given.popleft()

        def before(who: str) -> int:
            given = sum(who == other for _, other in self._given)
            waits = (a for a in self._queue if a.since < one.since and who in a.people)
            return max(0, given + sum(1 for _ in waits) - _FREELY) if who else 0

        return min(map(before, one.people), default=0)

    def _soon(self, one: Ask) -> bool:
        """Say whether whoever has its base is about to be free, so that no other makes it anew.

        A worker that makes a base takes long over it, and everybody else is left to the others.
        """
        base, loop = one.ground[0], asyncio.get_running_loop()
        known = self._known[self._hand(one)[0]][0]
        if base in known or not len(known) or loop.time() - one.since > _PATIENCE_S:
            return False
        return any(
            not work.long and base in self._known[number][0] for number, work in self._at.items()
        )

    def _knows(self, number: int, ground: tuple[str, str]) -> int:
        """Count what a worker has already of base and prices."""
        return sum(
            known.get(name) is not None
            for known, name in zip(self._known[number], ground, strict=True)
        )

    async def _work(self, one: Ask, hand: tuple[int, str | None]) -> None:
        """Have a worker find it."""
        answer = Answer(fault=OutputError(_STOPPED))
        try:
            answer = await self._found(one, hand[1])
        finally:
            self._free.append(hand)
            del self._at[hand[0]]
            self._long -= one.long
            self._end(one, answer)
            self._go_on()

    async def _found(self, one: Ask, hand: str | None) -> Answer:
        """Find it, once more where the worker dies."""
        for _ in range(_TRIES):
            try:
                answer = await self._once(one, hand)
            except (KilledWorker, NoValidWorkerError):
                _log.warning("a worker died while it found a frontier")
                continue
            except Exception as error:  # noqa: BLE001  (those who wait must hear of it)
                return Answer(fault=_said(error))
            if answer.broken is not None:
                _log.error("a frontier could not be found:\n%s", answer.broken)
                return Answer(fault=VallumError(_BROKEN))
            return answer
        return Answer(fault=BusyError(_DIED))

    async def _once(self, one: Ask, hand: str | None) -> Answer:
        """Have a worker find it."""
        future = self._submit(hand, one.call)
        try:
            async with asyncio.timeout(_LONGEST_S):
                answer: Answer = await future
        finally:
            future.release()
        return answer

    def _end(self, one: Ask, answer: Answer) -> None:
        """Hand an answer to those who wait, and keep it."""
        if self._open.get(one.key) is one:
            del self._open[one.key]
        if answer.fault is None:
            self._kept.put(one.key, answer.value)
        if not one.over.done():
            one.over.set_result(answer)

    def _forget(self, one: Ask) -> None:
        """Let go of what nobody waits for and no worker has."""
        if self._open.get(one.key) is one:
            del self._open[one.key]
        if one in self._queue:
            self._queue.remove(one)


def _said(error: Exception) -> VallumError:
    """Say in words why dask gave no answer."""
    if isinstance(error, VallumError):
        return error
    if isinstance(error, TimeoutError):
        return BusyError(_LONG)
    if isinstance(error, OSError | CancelledError):
        return OutputError(_LOST)
    _log.error("dask could not have a frontier found", exc_info=error)
    return VallumError(_BROKEN)
