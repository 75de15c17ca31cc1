"""The frontier of a million compositions on a hundred classes of ground, against plain loops.

The plain program lists compositions one by one, and for each takes every path through
`interruption`. It would need days for the whole, so it is timed on some compositions of some
classes and scaled up; on those its answers are held against ours: each of the sample must be
matched, at no more cost, by a point of our frontier, and each point of our frontier must be worth
what the plain program says. A smaller theatre is enumerated whole, and its frontiers compared.

    python benchmarks/works.py
"""

from __future__ import annotations

import itertools
import time
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from vallum.kernel.figures import Range
from vallum.works import Opponent, WorksSettings, frontier, interruption, load_catalogue
from vallum.works.clash import fort_neutralisation
from vallum.works.compose import allowed
from vallum.works.cost import unit_costs
from vallum.works.ground.model import Ground, GroundClass
from vallum.works.sight.model import Cover
from vallum.works.tasks import Scene, crossing, paths, response_s

if TYPE_CHECKING:
    from vallum.works.catalogue import Catalogue, Item
    from vallum.works.compose import Composition
    from vallum.works.menu import Frontier, Frontiers

STATES = ("MLI", "MRT", "MAR")
# barriers, sensors of each slot, tracks, forts beyond the first
SIZES = {"small": (3, 1, 1, 1), "100 thousand": (4, 2, 1, 1), "million": (8, 2, 2, 1)}


def varied(item: Item, name: str, rng: np.random.Generator, **changes: object) -> Item:
    """Make another item of the kind: every figure that decides is moved by up to a half."""

    def moved(figure: Range | None, most: float = np.inf) -> Range | None:
        if figure is None:
            return None
        factor = float(rng.uniform(0.6, 1.5))
        ends = (min(most, factor * v) for v in (figure.low, figure.mode, figure.high))
        return Range(*ends, "judgement: made for this benchmark")

    return replace(
        item,
        id=name,
        ground=frozenset({"sand", "rock", "soil", "wetland"}),
        slope_max=None,
        wadi="",
        spacing_km=(),
        responders=moved(item.responders),
        capital_usd=moved(item.capital_usd),
        upkeep_usd_yr=moved(item.upkeep_usd_yr),
        detection=moved(item.detection, 1.0),
        neutralisation=moved(item.neutralisation, 1.0),
        delay_s={mode: moved(figure) for mode, figure in item.delay_s.items()},
        sight_km={mode: moved(figure) for mode, figure in item.sight_km.items()},
        **changes,
    )


def big_catalogue(size: tuple[int, int, int, int], rng: np.random.Generator) -> Catalogue:
    """Make so many barriers, sensors of each slot, tracks and forts of the built-in kinds."""
    built_in = load_catalogue()
    of = built_in.items
    kinds = [of[key] for key in ("sand_wall", "stone_wall", "ditch", "fence")]
    radar, track, company = of["tower_radar"], of["track"], of["fort_company"]
    metres = Range(15, 20, 30, "judgement: made for this benchmark")
    barriers, sensors, tracks, forts = size
    items = [varied(kinds[n % 4], f"barrier_{n}", rng) for n in range(barriers)]
    for n in range(sensors):
        items.append(varied(radar, f"tower_{n}", rng, slot="tower", height_m=metres))
        items.append(varied(radar, f"line_{n}", rng, slot="line", unit="km", men=track.men))
        items.append(varied(radar, f"air_{n}", rng, slot="air", height_m=metres))
    items += [varied(track, f"track_{n}", rng) for n in range(tracks)]
    items += [varied(company, f"fort_{n}", rng, height_m=metres) for n in range(forts + 1)]
    return replace(built_in, items=MappingProxyType({item.id: item for item in items}))


def made_ground(count: int, rng: np.random.Generator) -> Ground:
    """Make classes of ground, each with its own share in sight by distance and height."""
    heights, km = np.array([2.0, 10.0, 30.0, 300.0]), np.linspace(0.25, 30, 60)
    scale = rng.uniform(4, 25, (count, 1, 1)) * (0.5 + 0.2 * np.log(heights))[:, None]
    seen = np.exp(-km / scale)
    surfaces = ("sand", "rock", "soil", "wetland")
    classes = tuple(GroundClass(surfaces[n % 4], cover=n) for n in range(count))
    cover = Cover(heights, km, seen, seen * rng.uniform(0.3, 0.9, (count, 1, 1)))
    return Ground(classes, np.arange(count, dtype=np.int32)[None], cover)


def plain(works: Composition, scene: Scene, unit: dict[str, float]) -> tuple[float, float]:
    """Cost and P_E of one composition on one class, path by path."""
    mean, deviation = response_s(works, scene)
    least = min(
        interruption(
            crossing(works, path, scene),
            communication=scene.settings.communication,
            response_s=mean,
            response_sd_s=deviation,
        )
        for path in paths(scene.threat, scene.catalogue)
    )
    fort = scene.catalogue.items[works.fort]
    p_n = fort_neutralisation(fort, scene.threat, scene.settings)
    return sum(number * unit[key] for key, number in works.quantities.items()), least * p_n


def staircase(found: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Those that nothing cheaper equals or beats."""
    out: list[tuple[float, float]] = []
    for cost, p_e in sorted(found, key=lambda one: (one[0], -one[1])):
        if not out or p_e > out[-1][1] + 1e-12:
            out.append((cost, p_e))
    return out


def scenes_of(
    catalogue: Catalogue, ground: Ground, settings: WorksSettings
) -> tuple[list[Scene], list[dict[str, float]]]:
    """Scenes and unit costs of every class."""
    items = allowed(catalogue, settings, STATES)
    costs = unit_costs(items, ground.classes, catalogue, settings)
    scenes = [Scene(g, catalogue, settings, Opponent(), ground.cover) for g in ground.classes]
    ids = [item.id for item in items]
    return scenes, [dict(zip(ids, row.tolist(), strict=True)) for row in costs]


def timed(catalogue: Catalogue, ground: Ground, settings: WorksSettings) -> tuple[Frontiers, float]:
    """Find the frontier, compiled before, and its seconds."""
    start = time.perf_counter()
    found = frontier(catalogue, ground, Opponent(), settings=settings, states=STATES)
    return found, time.perf_counter() - start


def checked(one: Frontier, scene: Scene, unit: dict[str, float], numbers: np.ndarray) -> float:
    """Hold some compositions of a class against its frontier; give seconds by composition."""
    start = time.perf_counter()
    sample = [plain(one.options.composition(int(n)), scene, unit) for n in numbers]
    seconds = (time.perf_counter() - start) / len(numbers)
    for cost, p_e in sample:
        below = one.p_e[one.cost_usd_km_yr <= cost + 1e-4]
        assert below.size
        assert below[-1] >= p_e - 1e-11
    for n in range(0, len(one.compositions), 7):
        cost, p_e = plain(one.compositions[n], scene, unit)
        assert abs(cost - one.cost_usd_km_yr[n]) < 1e-4
        assert abs(p_e - one.p_e[n]) < 1e-12
    return seconds


def main() -> None:
    """Print one row per size."""
    settings = WorksSettings(
        fort_spacings_km=(5, 10, 20, 30, 40), sensor_spacings_km=(5, 10, 15, 20, 30),
        max_barriers=3,
    )  # fmt: skip
    rng = np.random.default_rng(0)
    warm = big_catalogue(SIZES["small"], rng)
    timed(warm, made_ground(2, rng), settings)
    print("compositions  classes  points  ours s  plain loops s (scaled up)  ratio")
    for name, size in SIZES.items():
        catalogue = big_catalogue(size, rng)
        ground = made_ground(2 if name == "small" else 100, rng)
        found, ours = timed(catalogue, ground, settings)
        scenes, units = scenes_of(catalogue, ground, settings)
        count = found.classes[0].options.count
        whole = name == "small"
        rows = range(len(scenes)) if whole else range(0, len(scenes), 20)
        each = []
        for row in rows:
            numbers = np.arange(count) if whole else rng.integers(0, count, 60)
            each.append(checked(found.classes[row], scenes[row], units[row], numbers))
            if whole:
                compare_whole(found.classes[row], scenes[row], units[row])
        peer = float(np.mean(each)) * sum(one.options.count for one in found.classes)
        points = sum(len(one.compositions) for one in found.classes)
        sizes = f"{count:12,d} {len(scenes):8d} {points:7d}"
        print(f"{sizes} {ours:7.2f} {peer:26,.0f} {peer / ours:6,.0f}")


def compare_whole(one: Frontier, scene: Scene, unit: dict[str, float]) -> None:
    """Enumerate a class by plain loops, and compare frontiers."""
    every = [plain(one.options.composition(n), scene, unit) for n in range(one.options.count)]
    for (cost, p_e), ours, stops in itertools.zip_longest(
        staircase(every), one.cost_usd_km_yr.tolist(), one.p_e.tolist()
    ):
        assert abs(cost - ours) < 1e-4
        assert abs(p_e - stops) < 1e-11


if __name__ == "__main__":
    main()
