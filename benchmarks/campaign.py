"""Ten thousand years of campaign of the Sahel, against the same model in Mesa.

The land is the Sahel's own: what the plan of 10 km hands the campaign for the first line that holds
half of the output, with the stops of that line and its attacks (making it takes a minute). With
`--made-up` it is a land of about that size: 120 bases, 120 targets of which 40 are held, 60
entries, 500 journeys a year. The same model is written as agents in Mesa (bands that choose, groups
that learn and lose), from the formulas of docs/method/campaign.md alone; it plays a few years, and
the attacks of both must agree within what drawing leaves.

    python benchmarks/campaign.py [--made-up] [DRAWS]

Mesa is needed here and nowhere else, in an environment of its own that also sees Vallum's:

    python -m venv /tmp/mesa && /tmp/mesa/bin/pip install mesa
    realpath .venv/lib/python3*/site-packages src > vallum.pth
    mv vallum.pth /tmp/mesa/lib/python3*/site-packages
    /tmp/mesa/bin/python benchmarks/campaign.py
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace

import numpy as np
import pandas as pd

from vallum.campaign import CampaignSettings, draws, gravity, play, runs
from vallum.campaign.means import alternatives
from vallum.campaign.means_figures import figures_at
from vallum.campaign.model import Chosen, Means, World
from vallum.kernel.pool import Pool
from vallum.plan import until
from vallum.settings import load_settings

try:
    import mesa
except ImportError:
    print("Mesa is not installed: the first lines of this file say how")
    sys.exit(2)

BASES, TARGETS, HELD, ENTRIES, JOURNEYS = 120, 120, 40, 60, 500.0
YEARS = (5, 5)  # before, and with the line
TRIPLES = {
    "reach": (0.3, 0.5, 0.8), "range_h": (6.0, 12.0, 24.0), "effect": (0.5, 1.0, 1.4),
    "lost": (0.1, 0.2, 0.4), "deaths": (0.5, 1.0, 2.0), "lost_usd": (0.5, 1.0, 2.0),
    "displaced": (0.5, 1.0, 2.0),
}  # fmt: skip
MESA_HISTORIES = 12
LEAST_RATIO, MOST_SECONDS = 100, 60
SIGMAS = 4.0  # at which two means are called different


def land(seed: int = 2026) -> World:
    """Make a land: a square of held land in the middle of a larger one, with places about."""
    rng = np.random.default_rng(seed)
    inner, outer, speed = 250.0, 800.0, 25.0  # km, km, km/h
    angle = np.linspace(0, 2 * np.pi, ENTRIES, endpoint=False)
    doors = inner * np.column_stack([np.cos(angle), np.sin(angle)])

    def places(count: int, low: float, high: float) -> np.ndarray:
        turn, far = rng.uniform(0, 2 * np.pi, count), rng.uniform(low, high, count)
        return far[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])

    bases = places(BASES, inner * 1.1, outer)
    targets = np.vstack([places(HELD, 0, inner * 0.9), places(TARGETS - HELD, inner * 1.1, outer)])

    def hours(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.hypot(*(a[:, None] - b[None]).transpose(2, 0, 1)) / speed * 1.3

    direct = hours(bases, targets)
    direct[:, :HELD] = np.inf
    attacks, weight = rng.gamma(0.7, 1.0, TARGETS), rng.gamma(0.7, 1.0, BASES)
    side = ["held"] * HELD + ["outside"] * 40 + ["neighbour"] * (TARGETS - HELD - 40)
    kind = rng.choice(["line", "gate", "flank"], ENTRIES, p=[0.6, 0.2, 0.2])
    return World(
        bases=pd.DataFrame({
            "group": np.arange(BASES) // 10, "weight": weight / weight.sum(), "inside": False,
        }),
        targets=pd.DataFrame({
            "side": side, "resident": 0.5,
            "attacks_yr": attacks / attacks.sum() * JOURNEYS / TRIPLES["reach"][1],
        }),
        entries=pd.DataFrame({"kind": kind, "length_km": rng.uniform(10, 50, ENTRIES)}),
        direct=direct, out=hours(bases, doors), into=hours(doors, targets), theta=0.3,
        months=(12,),
    )  # fmt: skip


def with_line(world: World, seed: int = 7) -> Means:
    """Cover all but the flanks in the second phase."""
    rng = np.random.default_rng(seed)
    flank = (world.entries["kind"] == "flank").to_numpy()
    return Means(
        name="line", stop_entry=np.where(flank, 0.0, rng.uniform(0.2, 0.8, ENTRIES)),
        covered_phase=np.where(flank, 99, 1), stop_way=np.full((ENTRIES, TARGETS), 0.05),
        stop_target=np.full(TARGETS, 0.02), resident_factor=np.ones(TARGETS),
        origin_factor=np.ones(BASES), forts=np.where(flank, 0.0, 2.0),
    )  # fmt: skip


def sahel() -> tuple[World, Means]:
    """Give the land and the line that the plan of the Sahel hands the campaign."""
    few = ["robust.draws=0", "campaign.draws=10", "campaign.alternatives=false"]
    chosen = load_settings(assignments=few)
    made = until("campaign", "sahel", chosen)
    case = made["campaign"].cases[-1]
    world = replace(case.world, months=(12,))
    man = chosen.works.man_year_usd * chosen.works.rotation
    line = alternatives(
        world, cost_usd_yr=case.cost_usd_yr,
        held_km2=float(case.world.targets["side"].eq("held").sum()) * 100.0, man_usd_yr=man,
        men_now_per_1000=1.0, line_stop=world.entries["stop"].to_numpy(np.float64),
        line_phase=np.zeros(len(world.entries), np.int64), phases=2, figures=figures_at(None, None),
    )[1]  # fmt: skip
    assert line.name == "line"
    stands = world.entries["kind"].ne("flank").to_numpy()
    print(f"the Sahel's own land: {case.line_km:,.0f} km of line, {len(world.bases)} bases, "
          f"{len(world.targets)} targets, {len(world.entries)} ways in")  # fmt: skip
    return world, replace(line, covered_phase=np.where(stands, 1, 99))


class Group(mesa.Agent):
    """What bands of one group know and how strong they are."""

    def __init__(self, model: Land, journeys: float) -> None:
        super().__init__(model)
        self.journeys, self.strength = journeys, 1.0
        self.tried, self.stopped, self.new_tried, self.new_stopped = np.zeros((4, model.doors))
        self.beaten = 0

    def believed(self) -> np.ndarray:
        """Give the chance of being stopped that is believed of each entry."""
        how = self.model.chosen
        known = how.hearsay_weight * how.hearsay + self.stopped
        return np.where(self.model.covered, known / (how.hearsay_weight + self.tried), 0.0)

    def close(self) -> None:
        """Remember, mourn and recruit at the end of a quarter."""
        how, keep = self.model.chosen, self.model.chosen.memory**0.25
        self.tried = self.tried * keep + self.new_tried
        self.stopped = self.stopped * keep + self.new_stopped
        if self.journeys > 0:
            lost = how.lost * self.beaten / (how.bands_per_journey_yr * self.journeys)
            self.strength = max(0.0, self.strength - lost)
        self.strength += how.recruits / 4 * (1 - self.strength)
        self.new_tried, self.new_stopped = np.zeros((2, self.model.doors))
        self.beaten = 0


class Band(mesa.Agent):
    """A band that is ready to go, once."""

    def __init__(self, model: Land, base: int) -> None:
        super().__init__(model)
        self.base = base

    def step(self) -> None:
        """Choose, go, and be stopped or not; wait for the next quarter or be gone."""
        model, how = self.model, self.model.chosen
        group = model.groups[model.group_of[self.base]]
        if self.base not in model.kept:  # beliefs and weights hold for a quarter
            known = group.believed()
            model.kept[self.base] = (known, model.pull(self.base, known))
        believed, pull = model.kept[self.base]
        stay = how.still / (1 - how.still) * model.before[self.base]
        if model.rng.random() * (pull.sum() + stay) < stay:
            if model.rng.random() >= how.persist:
                self.remove()
            return
        for attempt in range(4):
            place = int(model.rng.choice(pull.size, p=pull / pull.sum()))
            if place >= model.targets:
                model.forts[model.phase] += 1
                break
            if self.arrives(group, believed, place):
                model.arrived[model.phase, place] += 1
                break
            group.beaten += 1
            if attempt == 3 or model.rng.random() >= how.again:
                model.ended[model.phase] += 1
                break
        self.remove()

    def arrives(self, group: Group, believed: np.ndarray, place: int) -> bool:
        """Go to a target; whether it is struck."""
        model = self.model
        if not np.isfinite(model.world.direct[self.base, place]):
            if self.base not in model.shares:
                model.shares[self.base] = model.entry_shares(self.base, believed)
            shares = model.shares[self.base][:, place]
            door = int(model.rng.choice(model.doors, p=shares / shares.sum()))
            if model.covered[door]:
                group.new_tried[door] += 1
                if model.rng.random() < model.stop[door]:
                    group.new_stopped[door] += 1
                    return False
            if model.rng.random() < model.means.stop_way[door, place]:
                return False
        return bool(model.rng.random() >= model.means.stop_target[place])


class Land(mesa.Model):
    """The land, and its quarters."""

    def __init__(self, world: World, means: Means, chosen: Chosen, seed: int) -> None:
        super().__init__(seed=seed)
        self.world, self.means, self.chosen = world, means, chosen
        self.doors, self.targets = len(world.entries), len(world.targets)
        self.kept: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        self.shares: dict[int, np.ndarray] = {}
        length = world.entries["length_km"].to_numpy()
        self.share = length / length.sum()
        local = world.targets["resident"].to_numpy() >= 1
        attacks = np.where(local, 0.0, chosen.reach * world.targets["attacks_yr"].to_numpy())
        self.covered = np.zeros(self.doors, bool)
        unafraid = np.zeros(self.doors)
        cost = np.array([self.cost(base, unafraid) for base in range(len(world.bases))])
        near = np.exp(-cost / chosen.range_h)
        near[world.bases["inside"].to_numpy(bool)] = 0.0
        near[:, attacks <= 0] = 0.0
        attacks = np.where(near.any(axis=0), attacks, 0.0)
        weight = np.where(near.any(axis=1), world.bases["weight"].to_numpy(), 0.0)
        send = weight / weight.sum() * attacks.sum()
        self.mass = attacks.copy()
        for _ in range(4000):  # B M, by turns
            into = near @ self.mass
            rows = np.divide(send, into, out=np.zeros(send.size), where=into > 0)
            came = rows @ near
            self.mass = np.divide(attacks, came, out=np.zeros(attacks.size), where=came > 0)
        self.before = near @ self.mass
        self.held = (world.targets["side"] == "held").to_numpy()
        gate = (world.entries["kind"] == "gate").to_numpy()
        stop = means.stop_entry * np.where(gate, 1 - chosen.bought, chosen.effect)
        self.stop = np.clip(stop, 0, 0.999)
        names, self.group_of = np.unique(world.bases["group"], return_inverse=True)
        self.groups = [Group(self, send[self.group_of == g].sum()) for g in range(len(names))]
        lasting = (1 - chosen.persist * chosen.still) / (1 - chosen.still)
        self.new = send / 4 * lasting
        wait = chosen.persist * chosen.still / (1 - chosen.persist * chosen.still)
        self.enter(self.new * wait)
        self.phase, self.ended, self.forts = 0, np.zeros(2), np.zeros(2)
        self.arrived = np.zeros((2, self.targets))

    def entry_shares(self, base: int, believed: np.ndarray) -> np.ndarray:
        """Give how entries are weighed on the way from a base to each target."""
        risk = -self.chosen.risk * self.chosen.range_h * np.log(1 - believed)
        time_h = self.world.out[base][:, None] + self.world.into + risk[:, None]
        return self.share[:, None] * np.exp(-self.world.theta * time_h)

    def cost(self, base: int, believed: np.ndarray) -> np.ndarray:
        """Give the cost of the way to each target."""
        with np.errstate(divide="ignore"):  # no way through
            through = -np.log(self.entry_shares(base, believed).sum(axis=0)) / self.world.theta
        direct = self.world.direct[base]
        return np.where(np.isfinite(direct), direct, through)

    def pull(self, base: int, believed: np.ndarray) -> np.ndarray:
        """Give what targets, then forts, attract."""
        targets = self.mass * np.exp(-self.cost(base, believed) / self.chosen.range_h)
        forts = self.means.forts / max(self.means.forts.sum(), 1e-300) * self.covered
        forts = forts * np.exp(-self.world.out[base] / self.chosen.range_h)
        return np.append(targets, self.chosen.fort_pull * self.mass[self.held].sum() * forts)

    def enter(self, rate: np.ndarray) -> None:
        """Let new bands become ready."""
        for base, count in enumerate(self.rng.poisson(rate)):
            for _ in range(count):
                Band(self, base)

    def step(self) -> None:
        """Play a quarter."""
        self.kept, self.shares = {}, {}
        strength = np.array([group.strength for group in self.groups])[self.group_of]
        self.enter(self.new * strength)
        self.agents_by_type[Band].shuffle_do("step")
        for group in self.groups:
            group.close()

    def play(self, years: tuple[int, int]) -> None:
        """Play both phases."""
        for self.phase in range(2):
            self.covered = self.means.covered_phase <= self.phase
            for _ in range(4 * years[self.phase]):
                self.step()


def compared(world: World, means: Means, chosen: Chosen) -> tuple[float, float]:
    """Hold Mesa's attacks against ours; give Mesa's seconds a year, and ours: one core each."""
    years = (1, 2)
    held = (world.targets["side"] == "held").to_numpy()
    theirs, seconds = [], 0.0
    for seed in range(MESA_HISTORIES):
        model = Land(world, means, chosen, seed)
        begin = time.perf_counter()  # its fit of the journeys is not counted
        model.play(years)
        seconds += time.perf_counter() - begin
        theirs.append([*model.arrived[:, held].sum(1), *model.arrived[:, ~held].sum(1),
                       *model.ended, *model.forts])  # fmt: skip
    seconds /= MESA_HISTORIES * sum(years)
    ours = []
    play.play(world, means, chosen, years=years, seed=1, number=0)  # compiled before it is timed
    begin = time.perf_counter()
    made = play.ready(world, chosen)
    for number in range(400):
        got = play.play_on(made, world, means, chosen, years, (1, number))
        parts = [got.arrived[:, held].sum(1), got.arrived[:, ~held].sum(1), got.ended,
                 got.forts_attacked.sum(1)]  # fmt: skip
        ours.append(np.concatenate([part * years for part in parts]))
    own_seconds = (time.perf_counter() - begin) / (400 * sum(years))
    a, b = np.array(theirs), np.array(ours)
    spread = np.maximum(b.std(0, ddof=1), 1e-9) * np.sqrt(1 / len(a) + 1 / len(b))
    print("mean counts: held, other, ended, forts; before and with the line")
    print("  Mesa  ", np.round(a.mean(0), 1))
    print("  Vallum", np.round(b.mean(0), 1))
    apart = np.abs(a.mean(0) - b.mean(0)) / spread
    print(f"  apart by {apart.max():.1f} standard errors at most")
    assert apart.max() < SIGMAS, "the two are not the same model"
    return seconds, own_seconds


def main() -> None:
    """Print the table."""
    given = [one for one in sys.argv[1:] if one != "--made-up"]
    if "--made-up" in sys.argv:
        world = land()
        means = with_line(world)
    else:
        world, means = sahel()
    count = int(given[0]) if given else 10_000 // sum(YEARS)
    settings = CampaignSettings(draws=count)
    chosen = replace(draws.mids(settings, TRIPLES), again=0.5, fort_pull=0.5)
    begin = time.perf_counter()
    gravity.before(world, chosen)
    print(f"one fit of the journeys: {1e3 * (time.perf_counter() - begin):.0f} ms")
    theirs, ours = compared(world, means, chosen)
    begin = time.perf_counter()
    made = runs.run(world, [means], settings, TRIPLES, years=YEARS, seed=1, pool=Pool(2))
    seconds = time.perf_counter() - begin
    years = made.made * sum(YEARS)
    went = made.played[0].set_out.mean(axis=0)
    print(f"{years:,} years on two cores: {seconds:.1f} s; {went[0]:.0f} journeys a year before")
    ratio = theirs / ours
    print(f"a year of one draw, one core: Mesa {1e3 * theirs:.1f} ms, Vallum {1e3 * ours:.2f} ms")
    print(f"ratio {ratio:,.0f}")
    assert ratio >= LEAST_RATIO
    if not given:
        assert seconds < MOST_SECONDS


if __name__ == "__main__":
    main()
