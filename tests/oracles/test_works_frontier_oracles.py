"""The frontier against every composition in plain loops, which share no code with ours."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from statistics import NormalDist
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vallum.works import Opponent, WorksSettings, frontier, interruption, load_catalogue
from vallum.works.catalogue import Catalogue, Item, Mode, Range
from vallum.works.clash import neutralisation
from vallum.works.ground.model import Ground, GroundClass
from vallum.works.sight.model import Cover
from vallum.works.tasks import COVERED_PACE

SURFACES = ("sand", "soil")
NONE = Range(0, 0, 0)


class Plain:
    """The model of the method pages in loops over figures, one composition and path at a time."""

    def __init__(self, catalogue, ground, cover, threat, chosen):
        self.items = catalogue.items
        self.modes = catalogue.modes
        self.ground, self.cover, self.threat, self.set = ground, cover, threat, chosen

    def of(self, role, slot=""):
        out = []
        for item in self.items.values():
            steep = item.slope_max is not None and self.ground.slope > item.slope_max.mode
            if item.role != role or self.ground.surface not in item.ground or steep:
                continue
            if role == "sensor" and (item.slot or "tower") != slot:
                continue
            if role in {"barrier", "track"} or slot == "line":
                out.append((item.id, 0))
                continue
            common = self.set.fort_spacings_km if role == "fort" else self.set.sensor_spacings_km
            out += [(item.id, km) for km in item.spacing_km or common]
        return out

    def every(self):
        barriers = [key for key, _ in self.of("barrier")]
        sets = [
            chosen
            for n in range(self.set.max_barriers + 1)
            for chosen in itertools.combinations(barriers, n)
        ]
        slots = [[None, *self.of("sensor", slot)] for slot in ("tower", "line", "air")]
        tracks = [None, *(key for key, _ in self.of("track"))]
        for b, t, n, a, k, f in itertools.product(sets, *slots, tracks, self.of("fort")):
            yield b, [s for s in (t, n, a) if s], k, f

    def yearly(self, key):
        item, rate = self.items[key], self.set.discount_rate
        life = item.life_yr.mode
        yearly = 1 / life if rate == 0 else rate / (1 - (1 + rate) ** -life)
        last = 1 / life if rate == 0 else rate / ((1 + rate) ** life - 1)
        men = item.men.mode * self.set.rotation * self.set.man_year_usd
        return (
            item.capital_usd.mode * yearly
            + item.end_usd.mode * last
            + (item.upkeep_usd_yr.mode + men)
        )

    def cost(self, works):
        barriers, sensors, track, (fort, km) = works
        whole = [*barriers, *([track] if track else []), *(s for s, far in sensors if not far)]
        spaced = [*((s, far) for s, far in sensors if far), (fort, km)]
        return sum(self.yearly(k) for k in whole) + sum(self.yearly(k) / far for k, far in spaced)

    @staticmethod
    def triangle(a, c, b):
        return (a + b + c) / 3, (a * a + b * b + c * c - a * b - a * c - b * c) / 18

    def ride(self, km, speed, slower=(1, 1, 1)):
        ends = [3600 * km / (v * f) for v, f in zip((speed.high, speed.mode, speed.low), slower,
                                                    strict=True)]  # fmt: skip
        return self.triangle(*ends)

    @staticmethod
    def tail(r, x):
        a, c, b = r.low, r.mode, r.high
        if x <= a:
            return 1.0
        if x > b:
            return 0.0
        if x <= c:
            return 1 - (x - a) ** 2 / (b - a) / (c - a)
        return (b - x) ** 2 / (b - a) / (b - c)

    def share_in_sight(self, height, km, covered):
        """Linear in km and in the logarithm of the height, by hand."""
        table = (self.cover.covered if covered else self.cover.seen)[self.ground.cover]

        def along(values, points, x):
            if x <= points[0]:
                return values[0]
            for n in range(1, len(points)):
                if x <= points[n]:
                    part = (x - points[n - 1]) / (points[n] - points[n - 1])
                    return values[n - 1] + part * (values[n] - values[n - 1])
            return values[-1]

        by_height = [along(list(row), list(self.cover.km), km) for row in table]
        return along(by_height, [math.log(h) for h in self.cover.heights_m], math.log(height))

    def watched(self, key, spacing, mode, covered):
        item = self.items[key]
        sight = item.sight_km[mode]
        mean = (sight.low + sight.mode + sight.high) / 3
        ahead = math.sqrt(max(mean**2 - spacing**2 / 4, 0))
        chance = item.detection.mode * self.tail(sight, spacing / 2)
        if item.height_m is not None:
            shares = []
            for n in range(32):
                x = ahead * (n + 0.5) / 32
                distance = math.sqrt(x * x + spacing**2 / 4)
                shares.append(self.share_in_sight(item.height_m.mode, distance, covered))
            chance *= sum(shares) / 32
        return ahead, chance

    def ways(self):
        for approach in self.threat.modes:
            for covered in {False, self.threat.covered}:
                for breach in {approach, "foot"}:
                    yield approach, covered, breach, breach
                    if breach == "foot" and self.threat.met_inside:
                        for inside in self.threat.modes:
                            yield approach, covered, breach, inside

    def tasks(self, works, way):
        """(chance, mean, variance, share left) of each task."""
        barriers, sensors, track, fort = works
        approach, covered, breach, run = way
        far = [*((s, km) for s, km in sensors if km), fort]
        watch = sorted((self.watched(k, km, approach, covered) for k, km in far), reverse=True)
        speed = self.modes[approach].speed_kmh[self.ground.surface]
        pace = COVERED_PACE
        slower = (pace.high, pace.mode, pace.low) if covered else (1, 1, 1)
        out = []
        for n, (ahead, chance) in enumerate(watch):
            # found out in the middle of its own reach; how fast they are is one draw for the way
            nearer = watch[n + 1][0] if n + 1 < len(watch) else 0
            left, left_var = self.ride(ahead / 2, speed, slower)
            then, then_var = self.ride(nearer / 2, speed, slower)
            out.append((chance, left - then, left_var - then_var, 1))
        out += [(self.items[s].detection.mode, 0, 0, 1) for s, km in sensors if not km]
        for key in barriers:
            delay = self.items[key].delay_s[breach]
            out.append((0, *self.triangle(delay.low, delay.mode, delay.high), 1))
        if track:
            out.append((self.items[track].detection.mode, 0, 0, 0))
        away = self.modes[run].speed_kmh[self.ground.surface]
        return [*out, (0, *self.ride(self.set.depth_km, away), 1)]

    def response(self, works):
        _, _, track, (fort, km) = works
        item = self.items[fort]
        across = self.modes[item.rides].speed_kmh[self.ground.surface]
        m = item.muster_s
        legs = [
            self.triangle(m.low, m.mode, m.high),
            self.ride(km / 2, self.items[track].speed_kmh if track else across),
            self.ride(self.set.depth_km, across),
        ]
        return sum(mean for mean, _ in legs), sum(variance for _, variance in legs)

    def interrupted(self, works, way):
        tasks, (due, due_var) = self.tasks(works, way), self.response(works)
        total, unseen = 0.0, 1.0
        for n, (d, t, v, g) in enumerate(tasks):
            left = g * t + sum(later[1] for later in tasks[n + 1 :]) - due
            var = g * g * v + sum(later[2] for later in tasks[n + 1 :]) + due_var
            sure = 0.5 if left == 0 else float(left > 0)
            total += d * unseen * (NormalDist().cdf(left / math.sqrt(var)) if var > 0 else sure)
            unseen *= 1 - d
        return self.set.communication * total

    def stopped(self, works):
        fort = self.items[works[3][0]]
        p_n = self.set.neutralisation
        if p_n is None and fort.responders is not None:
            p_n = neutralisation(
                fort.responders.mode,
                self.threat.men.mode,
                exchange=self.threat.exchange.mode,
                breaks_at=self.threat.breaks_at.mode,
            )
        if p_n is None:
            p_n = fort.neutralisation.mode
        return min(self.interrupted(works, way) for way in self.ways()) * p_n


def name(works):
    barriers, sensors, track, (fort, km) = works
    parts = [*barriers, *(f"{s}@{far:g}" if far else s for s, far in sensors)]
    return "+".join([*parts, *([track] if track else []), f"{fort}@{km:g}"])


@st.composite
def ranges(draw, low, high, *, sure=True):
    """Whole numbers, so that ties and certain figures are common."""
    ends = sorted(draw(st.lists(st.integers(low, high), min_size=3, max_size=3)))
    if sure and draw(st.booleans()):
        ends = [ends[1]] * 3
    return Range(*(float(end) for end in ends))


@st.composite
def shares(draw):
    ends = sorted(draw(st.lists(st.integers(0, 10), min_size=3, max_size=3)))
    return Range(*(end / 10 for end in ends))


@st.composite
def made_items(draw, key, role, slot=""):
    by_mode = {mode: draw(ranges(0, 1500)) for mode in ("foot", "4x4")}
    sight = {mode: draw(ranges(0, 20)) for mode in ("foot", "4x4")}
    watcher = role == "fort" or slot in {"tower", "air"}
    return Item(
        id=key,
        text=key,
        role=role,
        unit="site" if watcher else "km",
        ground=frozenset(draw(st.sampled_from([SURFACES, SURFACES, SURFACES[:1]]))
                         if role != "fort" else SURFACES),
        capital_usd=draw(ranges(0, 9)),
        life_yr=draw(ranges(1, 20)),
        upkeep_usd_yr=draw(ranges(0, 3)),
        men=NONE,
        slope_max=draw(st.none() | st.just(Range(0.1, 0.2, 0.3))) if role != "fort" else None,
        slot=slot,
        spacing_km=draw(st.sampled_from([(), (4.0,)])) if watcher else (),
        delay_s=MappingProxyType(by_mode if role == "barrier" else {}),
        detection=None if role == "barrier" else draw(shares()),
        sight_km=MappingProxyType(sight if watcher else {}),
        height_m=draw(st.none() | ranges(1, 40)) if watcher else None,
        speed_kmh=draw(ranges(5, 60)) if role == "track" else None,
        muster_s=draw(ranges(0, 900)) if role == "fort" else None,
        responders=draw(st.none() | ranges(0, 30)) if role == "fort" else None,
        neutralisation=draw(shares()) if role == "fort" else None,
        rides="4x4" if role == "fort" else "",
    )  # fmt: skip


@st.composite
def cases(draw):
    """A catalogue, a ground with its cover, an opponent and settings."""
    kinds = [("barrier", ""), ("barrier", ""), ("sensor", "tower"), ("sensor", "line"),
             ("sensor", "air"), ("track", "")]  # fmt: skip
    chosen = draw(st.lists(st.sampled_from(kinds), max_size=4))
    items = [draw(made_items(f"i{n}", *kind)) for n, kind in enumerate(chosen)]
    items += [draw(made_items(f"f{n}", "fort")) for n in range(draw(st.integers(1, 2)))]
    modes = {
        key: Mode(key, key, MappingProxyType({s: draw(ranges(1, 40)) for s in SURFACES}))
        for key in ("foot", "4x4")
    }
    catalogue = Catalogue(
        MappingProxyType({item.id: item for item in items}), MappingProxyType(modes)
    )
    part = st.lists(st.integers(0, 8), min_size=6, max_size=6)
    seen = np.array([draw(part) for _ in range(2)]).reshape(2, 2, 3) / 8
    hidden = seen * np.array(draw(part)).reshape(1, 2, 3) / 8
    cover = Cover(np.array([2.0, 30.0]), np.array([1.0, 4.0, 12.0]), seen, hidden)
    ground = GroundClass(
        draw(st.sampled_from(SURFACES)), draw(st.sampled_from([0.0, 0.25])),
        cover=draw(st.integers(0, 1)),
    )  # fmt: skip
    threat = Opponent(
        modes=draw(st.sampled_from([("foot",), ("4x4",), ("foot", "4x4"), ("4x4", "foot")])),
        men=draw(ranges(1, 40)),
        covered=draw(st.booleans()),
        met_inside=draw(st.booleans()),
    )
    fixed = WorksSettings(
        discount_rate=draw(st.sampled_from([0.0, 0.1])),
        communication=draw(st.sampled_from([0.0, 0.9, 1.0])),
        neutralisation=draw(st.sampled_from([None, None, 0.7])),
        depth_km=draw(st.sampled_from([0.0, 2.0, 10.0])),
        fort_spacings_km=draw(st.sampled_from([(10.0,), (6.0, 20.0)])),
        sensor_spacings_km=draw(st.sampled_from([(), (8.0,), (5.0, 16.0)])),
        max_barriers=draw(st.integers(0, 2)),
    )
    return catalogue, Ground((ground,), np.zeros((1, 1), np.int32), cover), threat, fixed


CENT, HAIR = 1e-4, 1e-10  # costs of options are rounded to a millionth of a dollar


@settings(deadline=None, max_examples=80)
@given(cases())
def test_the_frontier_is_what_brute_force_finds(case):
    catalogue, ground, threat, chosen = case
    found = frontier(catalogue, ground, threat, settings=chosen).classes[0]
    plain = Plain(catalogue, ground.classes[0], ground.cover, threat, chosen)
    every = list(plain.every())
    worth = {name(works): (plain.cost(works), plain.stopped(works)) for works in every}
    assert found.options.count == len(worth)
    # what is kept is worth what it says, and rises
    for n, works in enumerate(found.compositions):
        cost, p_e = worth[works.id]
        assert found.cost_usd_km_yr[n] == pytest.approx(cost, abs=CENT)
        assert found.p_e[n] == pytest.approx(p_e, abs=HAIR)
    assert (np.diff(found.cost_usd_km_yr) > 0).all()
    assert (np.diff(found.p_e) > 0).all()
    # whatever is not kept is equalled or beaten by something kept that is no dearer
    for cost, p_e in worth.values():
        no_dearer = found.p_e[found.cost_usd_km_yr <= cost + CENT]
        assert no_dearer.size
        assert no_dearer[-1] >= p_e - HAIR


@settings(deadline=None, max_examples=40)
@given(cases(), st.integers(0, 10))
def test_closure_is_the_cheapest_that_brute_force_finds(case, tenths):
    catalogue, ground, threat, chosen = case
    asked = tenths / 10
    found = frontier(catalogue, ground, threat, settings=chosen)
    plain = Plain(catalogue, ground.classes[0], ground.cover, threat, chosen)
    worth = [(plain.cost(works), plain.stopped(works)) for works in plain.every()]
    picked = found.closure(asked)
    close = [cost for cost, p_e in worth if p_e >= asked - HAIR]
    sure = [cost for cost, p_e in worth if p_e >= asked + HAIR]
    if sure or not close:  # not so near to the standard that rounding decides
        assert bool(picked.met[0]) == bool(sure)
    if picked.met[0]:
        assert min(close) - CENT <= picked.cost_usd_km_yr[0]
        assert picked.cost_usd_km_yr[0] <= min(sure, default=math.inf) + CENT
    else:
        assert picked.p_e[0] == pytest.approx(max(p for _, p in worth), abs=HAIR)


@settings(deadline=None, max_examples=40)
@given(cases(), st.floats(0, 1e3))
def test_least_is_the_least_sum_that_brute_force_finds(case, loss):
    catalogue, ground, threat, chosen = case
    found = frontier(catalogue, ground, threat, settings=chosen)
    plain = Plain(catalogue, ground.classes[0], ground.cover, threat, chosen)
    sums = [plain.cost(works) + (1 - plain.stopped(works)) * loss for works in plain.every()]
    picked = found.least(loss)
    got = picked.cost_usd_km_yr[0] + (1 - picked.p_e[0]) * loss
    assert got == pytest.approx(min(sums), abs=CENT)


@pytest.mark.parametrize("surface", ["sand", "rock", "soil", "wetland"])
def test_on_the_built_in_catalogue_too(surface):
    catalogue = load_catalogue()
    lawful = {key: item for key, item in catalogue.items.items() if item.role != "mine"}
    few = [key for key, item in lawful.items() if item.role in {"track", "fort"}]
    for role, count in (("barrier", 4), ("sensor", 3)):
        few += [key for key, item in lawful.items() if item.role == role][:count]
    chosen = WorksSettings(
        include=tuple(few), fort_spacings_km=(10, 30), sensor_spacings_km=(10, 20)
    )
    catalogue = replace(
        catalogue,
        items=MappingProxyType({
            key: replace(item, spacing_km=item.spacing_km[:2])
            for key, item in catalogue.items.items()
        }),
    )  # fmt: skip
    ground, threat = GroundClass(surface), Opponent()
    found = frontier(catalogue, [ground], threat, settings=chosen, states=["MLI"]).classes[0]
    flat = Cover(np.array([10.0]), np.array([1.0]), np.ones((1, 1, 1)), np.ones((1, 1, 1)))
    kept = replace(catalogue, items=MappingProxyType({key: catalogue.items[key] for key in
                                                      catalogue.items if key in few}))  # fmt: skip
    plain = Plain(kept, ground, flat, threat, chosen)
    worth = sorted((plain.cost(w), -plain.stopped(w), name(w)) for w in plain.every())
    stairs = []
    for cost, less, _ in worth:
        if not stairs or -less > stairs[-1][1] + HAIR:
            stairs.append((cost, -less))
    assert found.options.count == len(worth)
    assert found.cost_usd_km_yr == pytest.approx([cost for cost, _ in stairs], abs=CENT)
    assert found.p_e == pytest.approx([p for _, p in stairs], abs=HAIR)


def test_the_plain_program_agrees_with_interruption():
    """So that both say the same of a crossing: the textbook's, in the plain program's terms."""
    tasks = [(0.9, 90.0, 27.0, "begin"), (0.4, 60.0, 9.0, "middle"), (0.2, 120.0, 36.0, "end")]
    share = {"begin": 1.0, "middle": 0.5, "end": 0.0}
    plain = Plain.__new__(Plain)
    plain.set = WorksSettings(communication=0.95)
    plain.tasks = lambda *_: [(d, t, s * s, share[g]) for d, t, s, g in tasks]
    plain.response = lambda *_: (100.0, 400.0)
    expected = interruption(tasks, communication=0.95, response_s=100.0, response_sd_s=20.0)
    assert plain.interrupted(None, None) == pytest.approx(expected, abs=1e-12)
