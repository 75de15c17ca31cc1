"""Interruption against a simulation, prices against a program that shares no code with ours."""

from __future__ import annotations

import itertools
import math
import tomllib
from statistics import NormalDist

import numpy as np
import pytest

from vallum.works import WorksSettings, interruption, price

CODES = {"sand": 1, "rock": 2, "soil": 3, "wetland": 4}


def simulated(rng, tasks, communication, response_s, response_sd_s, runs=400_000):
    """Share of simulated crossings that the response meets in time."""
    share = {"begin": 1.0, "middle": 0.5, "end": 0.0}
    seen_at = np.full(runs, -1)
    for n, (detection, *_rest) in enumerate(tasks):
        now = (seen_at < 0) & (rng.random(runs) < detection)
        seen_at[now] = n
    delay = np.array([rng.normal(t, s, runs) for _, t, s, _ in tasks])
    left = np.zeros(runs)
    for n, (*_rest, place) in enumerate(tasks):
        here = share[place] * delay[n] + delay[n + 1 :].sum(axis=0)
        left = np.where(seen_at == n, here, left)
    arrival = rng.normal(response_s, response_sd_s, runs)
    heard = rng.random(runs) < communication
    return float(np.mean((seen_at >= 0) & heard & (arrival < left)))


@pytest.mark.parametrize("seed", range(6))
def test_interruption_is_what_simulated_crossings_give(seed):
    rng = np.random.default_rng(seed)
    tasks = [
        (
            float(rng.uniform(0, 1)),
            float(rng.uniform(10, 300)),
            float(rng.uniform(1, 60)),
            str(rng.choice(["begin", "middle", "end"])),
        )
        for _ in range(int(rng.integers(1, 7)))
    ]
    case = {
        "communication": float(rng.uniform(0.7, 1)),
        "response_s": float(rng.uniform(50, 600)),
        "response_sd_s": float(rng.uniform(5, 120)),
    }
    runs = 400_000
    expected = interruption(tasks, **case)
    error = math.sqrt(max(expected * (1 - expected), 1e-6) / runs)
    assert simulated(rng, tasks, **case, runs=runs) == pytest.approx(expected, abs=4.5 * error)


class Plain:
    """The same model in plain loops over the file, with the standard library alone."""

    def __init__(self, path, settings):
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        self.item, self.mode, self.set = raw["item"], raw["mode"], settings

    def yearly(self, key):
        item, rate = self.item[key], self.set.discount_rate
        life = item["life_yr"]["mode"]
        factor = 1 / life if rate == 0 else rate / (1 - (1 + rate) ** -life)
        men = item["men"]["mode"] * self.set.rotation * self.set.man_year_usd
        return item["capital_usd"]["mode"] * factor + item["upkeep_usd_yr"]["mode"] + men

    @staticmethod
    def triangle(a, c, b):
        var = (a * a + b * b + c * c - a * b - a * c - b * c) / 18
        return (a + b + c) / 3, math.sqrt(max(var, 0))

    def ride(self, km, speed):
        return self.triangle(*(3600 * km / speed[end] for end in ("high", "mode", "low")))

    @staticmethod
    def tail(r, x):
        a, c, b = r["low"], r["mode"], r["high"]
        if x <= a:
            return 1.0
        if x >= b:
            return 0.0
        if x < c:
            return 1 - (x - a) ** 2 / (b - a) / (c - a)
        return (b - x) ** 2 / (b - a) / (b - c)

    def stops(self, works, mode, surface):
        barriers, sensor, track, fort = works
        speed = self.mode[mode]["speed_kmh"][surface]
        watch = []
        for key, spacing in filter(None, (sensor, fort)):
            sight = self.item[key]["sight_km"][mode]
            mean = (sight["low"] + sight["mode"] + sight["high"]) / 3
            ahead = math.sqrt(max(mean**2 - spacing**2 / 4, 0))
            chance = self.item[key]["detection"]["mode"] * self.tail(sight, spacing / 2)
            watch.append((ahead, chance))
        watch.sort(reverse=True)
        tasks = []
        for n, (ahead, chance) in enumerate(watch):
            nearer = watch[n + 1][0] if n + 1 < len(watch) else 0
            tasks.append((chance, *self.ride(ahead - nearer, speed), 0.5))
        for key in barriers:
            d = self.item[key]["delay_s"][mode]
            tasks.append((0, *self.triangle(d["low"], d["mode"], d["high"]), 1))
        if track:
            tasks.append((self.item[track]["detection"]["mode"], 0, 0, 0))
        tasks.append((0, *self.ride(self.set.depth_km, speed), 1))

        place = self.item[fort[0]]
        ground = self.mode[place["rides"]]["speed_kmh"][surface]
        m = place["muster_s"]
        legs = [
            self.triangle(m["low"], m["mode"], m["high"]),
            self.ride(fort[1] / 2, self.item[track]["speed_kmh"] if track else ground),
            self.ride(self.set.depth_km, ground),
        ]
        due, due_var = sum(leg[0] for leg in legs), sum(leg[1] ** 2 for leg in legs)
        total, unseen = 0.0, 1.0
        for n, (d, t, s, g) in enumerate(tasks):
            left = g * t + sum(later[1] for later in tasks[n + 1 :])
            var = (g * s) ** 2 + sum(later[2] ** 2 for later in tasks[n + 1 :]) + due_var
            total += d * unseen * NormalDist(left - due, math.sqrt(var)).cdf(0)
            unseen *= 1 - d
        # the loop summed the chance of coming too late; in time is the rest of what was seen
        return self.set.communication * (1 - unseen - total) * place["neutralisation"]["mode"]

    def best(self, surface):
        def of(role):
            return [k for k, v in self.item.items() if v["role"] == role and surface in v["ground"]]

        barriers = [
            set_
            for n in range(self.set.max_barriers + 1)
            for set_ in itertools.combinations(of("barrier"), n)
        ]
        sensors = [None, *itertools.product(of("sensor"), self.set.sensor_spacings_km)]
        forts = itertools.product(of("fort"), self.set.fort_spacings_km)
        out = []
        for works in itertools.product(barriers, sensors, [None, *of("track")], forts):
            b, s, t, f = works
            cost = sum(self.yearly(k) for k in b) + self.yearly(f[0]) / f[1]
            cost += (self.yearly(s[0]) / s[1] if s else 0) + (self.yearly(t) if t else 0)
            out.append((min(self.stops(works, m, surface) for m in self.mode), cost))
        enough = [(cost, p) for p, cost in out if p >= self.set.standard]
        if enough:
            return *min(enough), True
        most = max(p for p, _ in out)
        return min(cost for p, cost in out if p > most - 1e-9), most, False


@pytest.mark.parametrize(
    "chosen",
    [
        WorksSettings(),
        WorksSettings(standard=0.5, depth_km=5, max_barriers=3, rotation=2),
        WorksSettings(
            standard=0.9, discount_rate=0, fort_spacings_km=(8, 25), sensor_spacings_km=(7, 15)
        ),
        WorksSettings(standard=0.2, man_year_usd=5_000, communication=0.8, sensor_spacings_km=()),
    ],
)
def test_prices_equal_brute_force_on_the_built_in_catalogue(chosen, root):
    plain = Plain(root / "src" / "vallum" / "works" / "catalogue.toml", chosen)
    works = price(np.array([[1, 2, 3, 4]]), settings=chosen, states=["MLI", "MRT", "MAR"])
    for column, surface in enumerate(CODES):
        cost, stopped, met = plain.best(surface)
        assert works.closure_usd_km_yr[0, column] == pytest.approx(cost, rel=1e-9), surface
        assert works.effectiveness[0, column] == pytest.approx(stopped, abs=1e-9), surface
        assert bool(works.standard_met[0, column]) == met
