"""Ten thousand years of campaign on a land of the Sahel's shape, against the same model in Mesa.

The land is made up, of about the size that the plan of the Sahel gives: 120 bases, 120 targets of
which 40 are held, 60 entries, 500 journeys a year. The same model is written as agents in Mesa
(bands that choose, groups that learn and lose), from the formulas of docs/method/campaign.md alone;
it plays a few years, and the attacks of both must agree within what drawing leaves.

    python benchmarks/campaign.py [DRAWS]

Mesa is needed here and nowhere else.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace

import numpy as np
import pandas as pd

from vallum.campaign import CampaignSettings, draws, gravity, play, runs
from vallum.campaign.model import Chosen, Means, World
from vallum.kernel.pool import Pool

try:
    import mesa
except ImportError:
    print("Mesa is not installed. In an environment of its own: pip install mesa")
    sys.exit(2)

BASES, TARGETS, HELD, ENTRIES, JOURNEYS = 120, 120, 40, 60, 500.0
YEARS = (5, 5)  # before, and with the line
TRIPLES = {
    "reach": (0.3, 0.5, 0.8), "range_h": (6.0, 12.0, 24.0), "effect": (0.5, 1.0, 1.4),
    "lost": (0.1, 0.2, 0.4), "deaths": (0.5, 1.0, 2.0), "lost_usd": (0.5, 1.0, 2.0),
    "displaced": (0.5, 1.0, 2.0),
}  # fmt: skip
MESA_HISTORIES = 12
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


class Group(mesa.Agent):
    """What bands of one group know and how strong they are."""

    def __init__(self, model: Land, journeys: float) -> None:
        super().__init__(model)
        self.journeys, self.strength = journeys, 1.0
        self.tried, self.stopped = np.zeros(ENTRIES), np.zeros(ENTRIES)
        self.new_tried, self.new_stopped, self.beaten = np.zeros(ENTRIES), np.zeros(ENTRIES), 0

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
        lost = how.lost * self.beaten / (how.bands_per_journey_yr * self.journeys)
        self.strength = max(0.0, self.strength - lost)
        self.strength += how.recruits / 4 * (1 - self.strength)
        self.new_tried, self.new_stopped, self.beaten = np.zeros(ENTRIES), np.zeros(ENTRIES), 0


class Band(mesa.Agent):
    """A band that is ready to go, once."""

    def __init__(self, model: Land, base: int) -> None:
        super().__init__(model)
        self.base = base

    def step(self) -> None:
        """Choose, go, and be stopped or not; wait for the next quarter or be gone."""
        model, how = self.model, self.model.chosen
        group = model.groups[model.group_of[self.base]]
        believed = group.believed()
        pull = model.pull(self.base, believed)
        stay = how.still / (1 - how.still) * model.before[self.base]
        if model.rng.random() * (pull.sum() + stay) < stay:
            if model.rng.random() >= how.persist:
                self.remove()
            return
        for attempt in range(4):
            place = int(model.rng.choice(pull.size, p=pull / pull.sum()))
            if place >= TARGETS:
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
            shares = model.entry_shares(self.base, believed)[:, place]
            door = int(model.rng.choice(ENTRIES, p=shares / shares.sum()))
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
        length = world.entries["length_km"].to_numpy()
        self.share = length / length.sum()
        attacks = chosen.reach * world.targets["attacks_yr"].to_numpy()
        send = world.bases["weight"].to_numpy() * attacks.sum()
        self.covered = np.zeros(ENTRIES, bool)
        cost = np.array([self.cost(base, np.zeros(ENTRIES)) for base in range(BASES)])
        self.mass, near = attacks.copy(), np.exp(-cost / chosen.range_h)
        for _ in range(2000):  # B M, by turns
            rows = send / (near @ self.mass)
            self.mass = attacks / (rows @ near)
        self.before = near @ self.mass
        self.held = (world.targets["side"] == "held").to_numpy()
        gate = (world.entries["kind"] == "gate").to_numpy()
        stop = means.stop_entry * np.where(gate, 1 - chosen.bought, chosen.effect)
        self.stop = np.clip(stop, 0, 0.999)
        self.group_of = world.bases["group"].to_numpy()
        self.groups = [
            Group(self, send[self.group_of == g].sum()) for g in np.unique(self.group_of)
        ]
        lasting = (1 - chosen.persist * chosen.still) / (1 - chosen.still)
        self.new = send / 4 * lasting
        wait = chosen.persist * chosen.still / (1 - chosen.persist * chosen.still)
        self.enter(self.new * wait)
        self.phase, self.ended, self.forts = 0, np.zeros(2), np.zeros(2)
        self.arrived = np.zeros((2, TARGETS))

    def entry_shares(self, base: int, believed: np.ndarray) -> np.ndarray:
        """Give how entries are weighed on the way from a base to each target."""
        risk = -self.chosen.risk * self.chosen.range_h * np.log(1 - believed)
        time_h = self.world.out[base][:, None] + self.world.into + risk[:, None]
        return self.share[:, None] * np.exp(-self.world.theta * time_h)

    def cost(self, base: int, believed: np.ndarray) -> np.ndarray:
        """Give the cost of the way to each target."""
        through = -np.log(self.entry_shares(base, believed).sum(axis=0)) / self.world.theta
        direct = self.world.direct[base]
        return np.where(np.isfinite(direct), direct, through)

    def pull(self, base: int, believed: np.ndarray) -> np.ndarray:
        """Give what targets, then forts, attract."""
        targets = self.mass * np.exp(-self.cost(base, believed) / self.chosen.range_h)
        forts = self.means.forts / self.means.forts.sum() * self.covered
        forts = forts * np.exp(-self.world.out[base] / self.chosen.range_h)
        return np.append(targets, self.chosen.fort_pull * self.mass[self.held].sum() * forts)

    def enter(self, rate: np.ndarray) -> None:
        """Let new bands become ready."""
        for base, count in enumerate(self.rng.poisson(rate)):
            for _ in range(count):
                Band(self, base)

    def step(self) -> None:
        """Play a quarter."""
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
    theirs, seconds = [], 0.0
    for seed in range(MESA_HISTORIES):
        model = Land(world, means, chosen, seed)
        begin = time.perf_counter()  # its fit of the journeys is not counted
        model.play(years)
        seconds += time.perf_counter() - begin
        theirs.append([*model.arrived[:, :HELD].sum(1), *model.arrived[:, HELD:].sum(1),
                       *model.ended, *model.forts])  # fmt: skip
    seconds /= MESA_HISTORIES * sum(years)
    ours = []
    play.play(world, means, chosen, years=years, seed=1, number=0)  # compiled before it is timed
    begin = time.perf_counter()
    made = play.ready(world, chosen)
    for number in range(400):
        got = play.play_on(made, world, means, chosen, years, (1, number))
        parts = [got.arrived[:, :HELD].sum(1), got.arrived[:, HELD:].sum(1), got.ended,
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
    world = land()
    means = with_line(world)
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000 // sum(YEARS)
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
    assert ratio >= 100


if __name__ == "__main__":
    main()
