"""Twenty people at once on the service, in one run on loopback: `vallum serve sahel` at 10 km.

Each opens the page as a browser does (the page, then Bokeh's protocol over its websocket), and
changes one thing a minute, at times of their own, for two minutes: the standard, a soldier's price,
haul, the share from outside, what an attack costs, the discount rate, how open a neighbour's border
is, who takes part, a place that must be held, or an area drawn by hand. Meanwhile one plan is made
in the background, and `/api/me` is asked for every second.

Printed: how long a change took until its frontier was there (from 10 km cells, exact steps), the
API's answers, refusals and errors, and the memory of the service's processes at the start and at
the end. Budgets: no error, the 95th percentile of changes under 5 s, memory under 12 GB.

There is no peer to compare with: nothing else finds this frontier. Plain runs of one person alone
on the same service are printed beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import numpy as np
import psutil
from bokeh.document.events import ModelChangedEvent
from bokeh.protocol import Protocol
from bokeh.protocol.receiver import Receiver
from websockets.asyncio.client import connect

PEOPLE, SECONDS, SEED = 20, 120.0, 7
BUDGET_S, BUDGET_GB = 5.0, 12.0
WARM_S = 300.0
GB = 1e9
NEIGHBOURS = ("DZA", "BFA", "CIV", "GIN", "NER", "SEN", "SAH")
COALITIONS = (None, ["MLI"], ["MRT"])
PLACES = ("Gao", "Timbuktu", "Kidal", "Nouadhibou", "Tessalit")
CHANGES = (
    ("works.standard", 0.3, 0.7), ("works.man_year_usd", 3_000.0, 9_000.0),
    ("works.haul_usd_tkm", 0.05, 0.3), ("threat.reach_share", 0.2, 0.6),
    ("threat.lost_per_event", 1_500.0, 6_000.0), ("works.discount_rate", 0.03, 0.12),
)  # fmt: skip


class Person:
    """An open page, without a browser."""

    def __init__(self, base: str, rng: np.random.Generator) -> None:
        self.base, self.rng = base, rng
        self.took: list[tuple[str, float]] = []
        self.wrong: list[str] = []
        self.n = 0

    async def use(self, client: httpx.AsyncClient, seconds: float, every: float) -> None:
        """Open the page, and change something now and then until the time is over."""
        page = (await client.get(self.base)).text
        token = re.search(r'"token":"([^"]+)"', page)[1]
        at = self.base.replace("http", "ws", 1) + "ws"
        origin = self.base.rstrip("/")
        protocols = ["bokeh", token]
        async with connect(at, subprotocols=protocols, origin=origin, max_size=None) as line:
            self.line, self.receiver, self.protocol = line, Receiver(Protocol()), Protocol()
            await self._message()  # ACK
            await self._open()
            await self._ask("hello")
            end = time.monotonic() + seconds
            await asyncio.sleep(float(self.rng.uniform(0.0, every)))
            while time.monotonic() < end:
                begun = time.monotonic()
                what, change = self._change()
                if await self._ask("change", **change):
                    self.took.append((what, time.monotonic() - begun))
                await asyncio.sleep(max(0.0, begun + every - time.monotonic()))

    def _change(self) -> tuple[str, dict[str, object]]:
        """Choose one of ten kinds of change, each as likely."""
        kind = int(self.rng.integers(len(CHANGES) + 4))
        if kind < len(CHANGES):
            key, least, most = CHANGES[kind]
            return key, {"values": {key: round(float(self.rng.uniform(least, most)), 4)}}
        if kind == len(CHANGES):
            state = NEIGHBOURS[self.rng.integers(len(NEIGHBOURS))]
            openness = round(float(self.rng.uniform(0.0, 1.0)), 2)
            return "line.flank", {"values": {f"line.flank.{state}": openness}}
        if kind == len(CHANGES) + 1:
            who = COALITIONS[self.rng.integers(len(COALITIONS))]
            return "theatre.coalition", {"values": {"theatre.coalition": who}}
        if kind == len(CHANGES) + 2:
            place = PLACES[self.rng.integers(len(PLACES))]
            return "line.must_hold", {"values": {"line.must_hold": [place]}}
        # an area round the middle of the land, in km of the theatre's own grid
        round_ = self.rng.uniform(0.5, 1.0, 8) * 400.0
        angles = np.linspace(0.0, 2.0 * np.pi, 8, endpoint=False)
        km = np.stack([round_ * np.cos(angles), round_ * np.sin(angles)], axis=1).round(1)
        return "drawn", {"drawn": [{"km": km.tolist(), "closed": True, "holding": []}]}

    async def _open(self) -> None:
        """Pull the document: the two sources that messages go by."""
        from bokeh.document import Document  # noqa: PLC0415  (a document per person)

        await self._send(self.protocol.create("PULL-DOC-REQ"))
        reply = await self._message("PULL-DOC-REPLY")
        self.document = Document()
        reply.push_to_document(self.document)
        self.up = self._source("up")
        self.down = self._source("down")

    def _source(self, name: str) -> object:
        return next(one for one in self.document.models if one.name == name)

    async def _ask(self, verb: str, **more: object) -> bool:
        """Say something, and wait for its frontier; whether it came."""
        self.n += 1
        data = {"text": [json.dumps({"do": verb, "n": self.n, **more})]}
        event = ModelChangedEvent(self.document, self.up, "data", data)
        await self._send(self.protocol.create("PATCH-DOC", [event]))
        while True:
            message = await self._message("PATCH-DOC")
            for text in _texts(message.content, self.down.id):
                said = json.loads(text)
                if said["is"] == "view" and said.get("n") == self.n:
                    return True
                if said["is"] in {"faults", "trouble"}:
                    self.wrong.append(text[:200])
                    return False

    async def _send(self, message: object) -> None:
        for part in (message.header_json, message.metadata_json, message.content_json):
            await self.line.send(part)

    async def _message(self, kind: str | None = None) -> object:
        while True:
            whole = await self.receiver.consume(await self.line.recv())
            if whole is not None and kind in {None, whole.msgtype}:
                return whole


def _texts(content: dict, source: str) -> list[str]:
    """Find what was said through a source in a patch."""
    found = []
    for event in content["events"]:
        if event["kind"] == "ModelChanged" and event["model"]["id"] == source:
            for key, value in event["new"]["entries"]:
                found += value if key == "text" else []
        elif event["kind"] == "ColumnDataChanged" and event["model"]["id"] == source:
            found += dict(event["data"]["entries"])["text"]
    return found


async def answers(client: httpx.AsyncClient, base: str, took: list[float]) -> None:
    """Ask the API every second who asks."""
    while True:
        begun = time.monotonic()
        (await client.get(f"{base}api/me")).raise_for_status()
        took.append(time.monotonic() - begun)
        await asyncio.sleep(1.0)


def memory(server: psutil.Process) -> float:
    """Sum the memory that the server's processes have to themselves, GB."""
    total = 0
    for one in (server, *server.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            total += one.memory_full_info().uss
    return total / GB


async def run(base: str, server: psutil.Process, people: int, seconds: float) -> bool:
    """Let one person in, then all; print what they met; whether it is within the budgets."""
    seeds = np.random.SeedSequence(SEED).spawn(people + 1)
    limits = httpx.Limits(max_connections=100)
    async with httpx.AsyncClient(timeout=600.0, limits=limits) as client:
        first = Person(base, np.random.default_rng(seeds[0]))
        begun = time.monotonic()
        await first.use(client, 0.0, 0.1)
        print(f"first frontier on a cold service: {time.monotonic() - begun:.1f} s")
        await first.use(client, 20.0, 4.0)
        told("one alone", [one for _, one in first.took])
        before = memory(server)
        text = "[robust]\ndraws = 0\n[campaign]\ndraws = 50\n"
        head = {"X-Vallum-Request": "1"}
        plan = await client.post(f"{base}api/plans", json={"text": text}, headers=head)
        plan.raise_for_status()
        api: list[float] = []
        asking = asyncio.create_task(answers(client, base, api))
        all_ = [Person(base, np.random.default_rng(seed)) for seed in seeds[1:]]
        async with asyncio.timeout(seconds + WARM_S):
            await asyncio.gather(*(one.use(client, seconds, 60.0) for one in all_))
        asking.cancel()
        after = memory(server)
        status = (await client.get(f"{base}api/plans/{plan.json()['id']}")).json()["status"]
    kinds = [one for person in all_ for one in person.took]
    took = [one for _, one in kinds]
    wrong = [one for person in all_ for one in person.wrong]
    told(f"{people} at once", took)
    for kind in sorted({what for what, _ in kinds}):
        told(f"  {kind}", [one for what, one in kinds if what == kind])
    told("the API meanwhile", api)
    print(f"errors: {len(wrong)} {wrong[:3]}; the plan in the background: {status}")
    print(f"memory of all processes: {before:.2f} GB before, {after:.2f} GB after")
    p95 = float(np.percentile(took, 95))
    return not wrong and p95 < BUDGET_S and after < BUDGET_GB


def told(who: str, took: list[float]) -> None:
    """Print times."""
    p50, p95, most = np.percentile(took, [50, 95, 100])
    print(f"{who}: {len(took)} times, median {p50:.2f} s, 95 % {p95:.2f} s, longest {most:.2f} s")


def main() -> int:
    """Start the service, and end it."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people", type=int, default=PEOPLE)
    asked.add_argument("--seconds", type=float, default=SECONDS)
    how = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "vallum", "serve", "sahel", "--port", "0", "--quiet",
                   "--store", str(Path(folder) / "store")]  # fmt: skip
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
            try:
                base = server.stdout.readline().strip()
                good = asyncio.run(run(base, psutil.Process(server.pid), how.people, how.seconds))
            finally:
                server.terminate()
                server.wait(60)
    print("within the budgets" if good else "NOT within the budgets")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
