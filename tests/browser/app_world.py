"""A server of the explorer for browser tests: the real desk and store, a crew that is fast.

Run as a process of its own: `python -m tests.browser.app_world FOLDER`. It prints its address.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
from affine import Affine
from rasterio import features

from vallum import theatre as theatres
from vallum.app.desk_room import Desk
from vallum.app.jobs.model import Progress
from vallum.app.listening import Server, address, bound
from vallum.app.live.model import Look, Scored, View
from vallum.app.serve import create_app
from vallum.app.settings import AppSettings, Quotas
from vallum.app.store import open_store
from vallum.errors import Fault, InputError

STEPS = 24
OPENED = "[theatre]\ncell_km = 50.0\n"
SLOW = 9.0  # a haul cost at which a frontier takes very long
REFUSED = 8.0  # and one that is refused
UNIT = 4.0e5  # USD a year for a km of line


class World:
    """Frontiers of discs round a town, whose cost is another for all other settings."""

    def __init__(self, store):
        self.store = store
        self.theatre = theatres.load("sahel", cell_km=50.0)
        grid = self.theatre.grid
        rows, cols = self.theatre.ground["state"].shape
        down, across = np.mgrid[0:rows, 0:cols]
        own = self.theatre.member_mask
        away = np.hypot(down - 0.7 * rows, across - 0.5 * cols)
        rank = np.searchsorted(np.quantile(away[own], np.linspace(0.02, 1.0, STEPS)), away)
        self.entry = np.where(own, np.minimum(rank, STEPS - 1), -2).astype(np.int16)
        west, _, _, north = grid.bounds
        self.corner = (west, north)
        self.to_m = Affine(grid.cell_m, 0.0, west, 0.0, -grid.cell_m, north)
        self.lines = tuple(self._paths(step) for step in range(STEPS))
        self.running = {}

    def _paths(self, step):
        held = (self.entry >= 0) & (self.entry <= step)
        found = features.shapes(held.astype(np.uint8), mask=held, transform=self.to_m)
        rims = [np.array(shape["coordinates"][0]) for shape, _ in found]
        return tuple((rim[:, 0], rim[:, 1]) for rim in rims)

    def steps(self, settings):
        """Give a table of steps; every setting moves the cost, but the chosen price or budget."""
        line = settings.line.model_copy(update={"mu": None, "budget_usd_yr": None})
        text = settings.model_copy(update={"line": line}).model_dump_json()
        factor = 0.5 + int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) / 2**32
        km = [sum(np.hypot(np.diff(x), np.diff(y)).sum() for x, y in one) / 1000.0
              for one in self.lines]  # fmt: skip
        share = np.linspace(0.05, 1.0, STEPS)
        cost = UNIT * factor * np.maximum.accumulate(km)
        benefit = 3e8 * share**0.5
        return pd.DataFrame(
            {
                "mu": np.linspace(0.5, 9.0, STEPS), "benefit": benefit, "line_km": km,
                "kind": "exact", "cost_usd_yr": cost + np.arange(STEPS) * 1e6,
                "held_km2": [2500.0 * (self.entry <= n).sum() for n in range(STEPS)],
                "people_held": 3e7 * share, "people_share": share, "output_share": share,
                "averted_usd_yr": benefit,
                "averted_low": 0.4 * benefit, "averted_high": 1.9 * benefit,
                "cost_low": 0.7 * cost, "cost_high": 1.5 * cost, "pays_share": 0.0,
            }
        )  # fmt: skip

    async def view(self, sheet, *, who=""):  # noqa: ARG002
        settings = sheet.settings
        if settings.works.haul_usd_tkm == REFUSED:
            mend = "ask for less"
            raise InputError([Fault("page", "works.haul_usd_tkm", "nobody can carry that", mend)])
        await asyncio.sleep(600.0 if settings.works.haul_usd_tkm == SLOW else 0.02)
        scored = None
        if sheet.drawn:
            held = (self.entry >= 0) & (self.entry <= 6)
            scored = Scored(held, 1.2e8, 2.4e8, 9e8, 1234.0, 0.0, 9e8, 3e6, 0.1, 0.12)
        works = pd.DataFrame({"description": ["an earth wall"], "surface": ["sand"],
                              "line_km": [1234.0], "cost_usd_km_yr": [41_000.0]})  # fmt: skip
        return View(
            self.theatre.grid.crs, *self.corner, 50_000.0, self.entry, self.steps(settings),
            self.lines, 8, "ok", settings.line.mu or 1.0, settings.line.objective,
            (0.5, 0.67, 0.8), works, scored, ("Exact steps only.",), True, "0" * 64, 0.1,
        )  # fmt: skip

    def ahead(self, sheet):
        pass

    async def look(self, sheet, step, *, who=""):  # noqa: ARG002
        await asyncio.sleep(0.2)
        men = {"cost_usd_yr": 1e8 * (step + 1), "men": 1000.0 * (step + 1), "status": "short"}
        accord = pd.DataFrame({"coalition": ["MLI", "MLI+MRT"], "cost_usd_yr": [2e9, 1e9],
                               "benefit_usd_yr": [1e8, 2e8], "line_km": [3000.0, 2000.0],
                               "men": [4e3, 5e3], "why": ["", ""]})  # fmt: skip
        shares = pd.DataFrame({"rule": ["shapley", "shapley"], "party": ["MLI", "MRT"],
                               "usd_yr": [-1.3e9, -2e8]})  # fmt: skip
        worth = sheet.settings.accord.influence_usd_yr
        parts = [("cost", 3e6, 3e6, 5e6), ("trade", 1e5, 2e5, 3e5), ("security", 0.0, 0.0, 0.0),
                 ("influence", *worth)]  # fmt: skip
        partner = pd.DataFrame(parts, columns=["part", "low", "value", "high"])
        regimes = dict.fromkeys(("alone", "joint", "joint_with_partner"), men)
        return Look(
            step, {"forts": 140, "refused": [], "regimes": regimes},
            {"stopped": (0.3, 0.4, 0.6), "all_change": (-0.2, -0.1, 0.02)}, accord, shares, partner,
            (f"A quick look built {sheet.settings.forces.builders}.",), 40, 0.2,
        )  # fmt: skip

    def start(self, plan, ended):
        self.running[plan.id] = time.monotonic()
        self.store.set_plan(plan.id, status="running", stage="works")
        threading.Thread(target=self._make, args=(plan, ended), daemon=True).start()

    def _make(self, plan, ended):
        time.sleep(1.5)
        if plan.id not in self.running:
            return
        folder = Path(sys.argv[1]) / f"made-{plan.id}"
        folder.mkdir()
        (folder / "brief.html").write_text(f"<p>{plan.language}</p>")
        (folder / "forts_restricted.gpkg").write_bytes(b"")
        self.store.put_files(plan.id, folder)
        self.running.pop(plan.id, None)  # not before: open plans that nobody makes are interrupted
        ended(plan.id)

    def cancel(self, id):  # noqa: A002
        return self.running.pop(id, None) is not None

    def progress(self, id):  # noqa: A002
        since = self.running.get(id)
        return None if since is None else Progress("works", 3, 12, time.monotonic() - since)

    def forget(self, id):  # noqa: A002
        self.running.pop(id, None)

    def close(self):
        self.running.clear()


def main():
    store = open_store(str(Path(sys.argv[1]) / "store"))
    quotas = Quotas(changes_per_minute=6000, upload_bytes=9000)
    settings = AppSettings(opened=OPENED, quotas=quotas, port=0)
    app = create_app(settings, Desk(store, World(store), settings))
    with bound(settings.host, settings.port) as listening:
        where = address(settings, listening)
        Server(app, settings, lambda: print(where, flush=True)).run(sockets=[listening])


if __name__ == "__main__":
    main()
