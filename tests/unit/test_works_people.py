"""People at the line, by hand: what it crosses, gates, who is cut off, challenged and harmed."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import LineString

from vallum.errors import BarredError, InputError
from vallum.kernel.figures import Range
from vallum.kernel.grid import Grid
from vallum.works import WorksSettings, people
from vallum.works.catalogue import Catalogue, Item
from vallum.works.people import (
    crossed,
    gate_density,
    load_people,
    people_at_line,
    road_density,
    roads_cut,
)
from vallum.works.people.challenges import product
from vallum.works.people.crossings import crossings_per_km
from vallum.works.people.gates import chosen_gates

# a gate costs its upkeep and nothing else, so prices can be read off
SETTINGS = WorksSettings(discount_rate=0.0, man_year_usd=0.0, rotation=1.0)
FIGURES = load_people()


def sure(value: float) -> Range:
    return Range(value, value, value, "judgement: a test")


def gate(key: str, serves: set[str], usd: float, passes: float, finds: float = 0.2) -> Item:
    return Item(
        id=key, text=key, role="gate", unit="site", ground=frozenset({"sand"}),
        capital_usd=sure(0), life_yr=sure(10), upkeep_usd_yr=sure(usd), men=sure(10),
        serves=frozenset(serves), journeys_yr=sure(passes), search=sure(finds),
    )  # fmt: skip


def book(*gates: Item) -> Catalogue:
    return Catalogue(MappingProxyType({item.id: item for item in gates}), MappingProxyType({}))


GATES = book(
    gate("post", {"road"}, 1000, 1e6),
    gate("path", {"traders"}, 100, 1e6),
    gate("pen", {"herders"}, 200, 1000),
    gate("refuge", {"fleeing"}, 300, 1e6, 0.3),
)
FLAT = MappingProxyType({c: np.zeros((1, 2)) for c in (1, 2, 3)})


def journeys(**kinds: list[float]) -> dict[str, np.ndarray]:
    return {kind: np.array([each], float) for kind, each in kinds.items()}


def test_a_line_of_no_preferred_direction_is_crossed_j_over_2c_times():
    """Against darts: straight journeys and straight lines thrown at random on one cell."""
    rng = np.random.default_rng(5)
    cell, thrown = 2.0, 200_000
    # a journey in a random direction through a random place enters the cell where it meets it
    angle = rng.uniform(0, math.pi, thrown)
    off = rng.uniform(-cell, cell, thrown)
    along = np.stack([np.cos(angle), np.sin(angle)])
    across = np.stack([-along[1], along[0]])
    with np.errstate(divide="ignore"):
        first, second = ((-cell / 2 - off * across) / along, (cell / 2 - off * across) / along)
    enter = np.minimum(first, second).max(axis=0)
    leave = np.maximum(first, second).min(axis=0)
    hit = leave > enter
    # mean length in the cell, and how often a unit of line, itself at random, is crossed by it
    mean = (leave - enter)[hit].mean()
    assert mean == pytest.approx(math.pi * cell / 4, rel=0.01)
    entered = np.array([float(hit.sum())])
    per_km = entered * mean / cell**2 * 2 / math.pi
    np.testing.assert_allclose(crossings_per_km(entered, cell), per_km, rtol=0.01)


def routes(*rows: tuple[str, str, int, LineString]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "route_id": [row[0] for row in rows],
            "name": [row[0] for row in rows],
            "kind": [row[1] for row in rows],
            "road_class": np.array([row[2] for row in rows], np.int8),
        },
        geometry=[row[3] for row in rows],
        crs="EPSG:32629",
    )


def grid_of(rows: int, cols: int, cell_km: float) -> Grid:
    return Grid(
        crs="EPSG:32629", cell_km=cell_km, west_m=0.0, north_m=1000 * cell_km * rows,
        rows=rows, cols=cols,
    )  # fmt: skip


def test_length_of_road_by_cell_and_class():
    grid = grid_of(2, 2, 10.0)
    frame = routes(
        ("low", "road", 1, LineString([(0, 5000), (20_000, 5000)])),  # along the lower row
        ("up", "road", 3, LineString([(5000, 5000), (5000, 20_000)])),
        ("rail", "rail", 0, LineString([(0, 15_000), (20_000, 15_000)])),
    )
    density = road_density(frame, grid)
    np.testing.assert_allclose(density[1], [[0, 0], [0.1, 0.1]])
    np.testing.assert_allclose(density[3], [[0.1, 0], [0.05, 0]])
    np.testing.assert_allclose(density[2], 0)


def test_without_routes_a_cell_with_a_road_has_one_through_it():
    road = np.array([[0, 2]], np.int8)
    density = road_density(routes(), grid_of(1, 2, 5.0), road)
    over = crossed({}, density, 5.0)
    np.testing.assert_allclose(over.all_roads, [[0, 1 / 10]])  # one road is crossed as one journey


def test_trade_is_by_road_where_there_is_one():
    density = {**FLAT, 2: np.array([[0.1, 0.0]])}
    over = crossed(journeys(traders=[50, 50]), density, 5.0, ends={"traders": (0.5, 2.0)})
    np.testing.assert_allclose(over.journeys["road"], [[5, 0]])
    np.testing.assert_allclose(over.journeys["traders"], [[0, 5]])
    assert (over.low["road"], over.high["road"]) == (0.5, 2.0)
    np.testing.assert_allclose(over.all_roads, [[0.2 / math.pi, 0]])


def test_gates_for_what_is_crossed_for_the_detour_and_for_what_one_passes():
    density = {**FLAT, 2: np.array([[0.1, 0.0]])}
    over = crossed(journeys(herders=[10_000, 1], traders=[0, 0], fleeing=[1e6, 4]), density, 5.0)
    gates = gate_density(over, GATES, FIGURES, SETTINGS)
    # 10,000 herds enter: 1,000 cross a km, and a gate passes 1,000
    np.testing.assert_allclose(gates.per_km["pen"], [[1.0, 0.1 / 12]])  # 0.1 herds, 12 to a gate
    np.testing.assert_allclose(gates.per_km["post"], [[0.2 / math.pi, 0]])
    np.testing.assert_allclose(gates.per_km["path"], 0)
    # 30 km apart, or as far as 20 people a year come from
    np.testing.assert_allclose(gates.per_km["refuge"], [[1 / 10, 0.4 / 20]])
    usd = 1000 * gates.per_km["post"] + 200 * gates.per_km["pen"] + 300 * gates.per_km["refuge"]
    np.testing.assert_allclose(gates.mode, usd)
    np.testing.assert_allclose(gates.men, 10 * (usd * 0 + sum(gates.per_km.values())))
    assert (gates.low <= gates.mode).all()
    assert (gates.high >= gates.mode).all()


def test_the_ends_of_the_cost_by_hand():
    """Only herders, few: n = r/m with r 0.12 (0.06 to 0.24) and m 12 (4 to 52)."""
    over = crossed(journeys(herders=[1.2, 1.2]), FLAT, 5.0, ends={"herders": (0.5, 2.0)})
    unmanned = book(*(replace(item, men=sure(0)) for item in GATES.items.values()))
    gates = gate_density(over, unmanned, FIGURES, SETTINGS)  # men would swing by the man-year
    mid = 200 * 0.12 / 12
    assert gates.mode[0, 0] == pytest.approx(mid)
    up = [200 * 0.12 / 4 - mid, 200 * 0.24 / 12 - mid]
    down = [mid - 200 * 0.12 / 52, mid - 200 * 0.06 / 12]
    assert gates.high[0, 0] == pytest.approx(mid + math.hypot(*up))
    assert gates.low[0, 0] == pytest.approx(mid - math.hypot(*down))


def test_one_gate_serves_all_whom_its_item_serves():
    shared = book(gate("both", {"road", "traders", "herders", "fleeing"}, 100, 1000))
    over = crossed(journeys(herders=[5000, 0], traders=[5000, 0]), FLAT, 5.0)
    gates = gate_density(over, shared, FIGURES, SETTINGS)
    # 500 herds and 500 vehicles a km, a thousand to a gate
    np.testing.assert_allclose(gates.per_km["both"], [[1.0, 0]])
    np.testing.assert_array_equal(gates.of_kind("herders"), gates.of_kind("fleeing"))


def test_the_cheapest_gate_that_serves_a_kind_is_built_for_it():
    more = book(*GATES.items.values(), gate("dear", {"herders"}, 250, 1e6),
                gate("cheap", {"herders", "traders"}, 90, 1e6))  # fmt: skip
    items = chosen_gates(more, SETTINGS)
    assert {kind: item.id for kind, item in items.items()} == {
        "road": "post", "herders": "cheap", "traders": "cheap", "fleeing": "refuge",
    }  # fmt: skip
    left = SETTINGS.model_copy(update={"exclude": ("cheap",)})
    assert chosen_gates(more, left)["herders"].id == "pen"


def test_a_kind_that_no_gate_serves_is_refused_unless_closed():
    few = book(GATES.items["refuge"])
    with pytest.raises(InputError, match="or close it") as caught:
        chosen_gates(few, SETTINGS)
    assert len(caught.value.faults) == 3
    assert list(chosen_gates(few, SETTINGS, closed=("road", "herders", "traders"))) == ["fleeing"]
    with pytest.raises(InputError, match="fleeing"):
        chosen_gates(book(), SETTINGS, closed=("road", "herders", "traders"))


def test_gates_for_people_fleeing_are_never_closed_and_none_carries_a_weapon():
    over = crossed({}, FLAT, 5.0)
    with pytest.raises(BarredError, match="Kampala"):
        gate_density(over, GATES, FIGURES, SETTINGS, closed=("fleeing",), states=["MLI"])
    armed = replace(GATES.items["pen"], weapon="booby_trap")
    with pytest.raises(BarredError, match="vallum_no_traps"):
        chosen_gates(book(*GATES.items.values(), replace(armed, id="x")), SETTINGS)
    with pytest.raises(InputError, match="alpha-3"):
        chosen_gates(GATES, SETTINGS, states=["Mali"])


def line(closed: tuple[str, ...] = (), **kinds: list[float]):
    over = crossed(journeys(**kinds), FLAT, 5.0, ends={"herders": (0.5, 2.0)})
    gates = gate_density(over, GATES, FIGURES, SETTINGS, closed=closed)
    return people_at_line(
        np.array([[3.0, 0.0]]), gates, np.array([[0.5, np.nan]]), FIGURES,
        p_e=np.array([[0.25, np.nan]]),
    )  # fmt: skip


def test_people_at_a_line_of_3_km():
    found = line(herders=[50, 999], fleeing=[200, 999])
    herders, fleeing = found.table.loc["herders"], found.table.loc["fleeing"]
    assert herders["journeys_mid"] == pytest.approx(15)  # 5 a km
    assert herders["journeys_low"] == pytest.approx(7.5)
    assert herders["journeys_high"] == pytest.approx(30)
    assert herders["people_mid"] == pytest.approx(60)
    assert herders["gates"] == pytest.approx(3 / 30)
    assert herders["cut_off_mid"] == 0
    # three in ten keep away from gates, half of these are seen, three in a thousand are harmed
    assert herders["challenges_mid"] == pytest.approx(15 * 0.3 * 0.5)
    assert herders["harmed_mid"] == pytest.approx(15 * 0.3 * 0.5 * 0.003)
    down = math.hypot(math.log(2), math.log(3))
    assert herders["challenges_low"] == pytest.approx(2.25 * math.exp(-down))
    assert fleeing["challenges_mid"] == pytest.approx(60 * 0.5 * 0.5)
    assert found.table.loc["road", "people_high"] == 0
    assert found.cost_usd_yr[1] == pytest.approx(3 * (200 / 30 + 300 / 30))
    assert found.men == pytest.approx(3 * 10 * 2 / 30)


def test_a_gate_is_weak_where_the_line_beside_it_stops_more():
    found = line(herders=[100, 0], fleeing=[200, 0]).gates
    assert list(found.loc["pen", ["p_stop_low", "p_stop", "p_stop_high"]]) == [0.2] * 3
    assert found.loc["pen", "weakest_share"] == 1  # 0.2 at the gate, 0.25 beside it
    assert found.loc["refuge", "weakest_share"] == 0  # 0.3
    assert np.isnan(found.loc["post", "weakest_share"])  # none is built


def test_closing_a_gate_saves_its_cost_and_cuts_off_its_people():
    there = {"herders": [100, 0], "fleeing": [20, 0]}
    opened, shut = line(**there), line(("herders",), **there)
    assert shut.cost_usd_yr[1] < opened.cost_usd_yr[1]
    row = shut.table.loc["herders"]
    assert row["closed"]
    assert row["gate"] == ""
    assert row["gates"] == 0
    assert row["people_cut_off_mid"] == pytest.approx(120)
    assert row["cut_off_high"] == pytest.approx(60)
    # six in ten try all the same
    assert row["challenges_mid"] == pytest.approx(30 * 0.6 * 0.5)
    assert "pen" not in shut.gates.index


def test_every_figure_is_in_the_ledger():
    over = crossed(journeys(herders=[1, 0]), FLAT, 5.0)
    gates = gate_density(over, GATES, FIGURES, SETTINGS)
    keys = [row.key for row in (*line(herders=[1, 0]).ledger, *gates.ledger)]
    assert len(keys) == len(set(keys))
    assert "works.people.harm_per_challenge.fleeing" in keys
    assert "works.pen.search" in keys
    assert all(row.source for row in FIGURES.ledger())


def test_roads_that_the_line_cuts():
    frame = routes(
        ("once", "road", 2, LineString([(0, 0), (100, 0)])),
        ("twice", "road", 3, LineString([(0, 5), (100, 5), (100, 6), (0, 6)])),
        ("never", "road", 1, LineString([(200, 0), (300, 0)])),
        ("along", "rail", 0, LineString([(50, 20), (50, 30), (50, 40)])),
    )
    lines = [LineString([(50, -10), (50, 10)]), LineString([(50, 20), (50, 35), (50, 90)])]
    table = roads_cut(lines, frame)
    assert list(table["route_id"]) == ["once", "twice", "along"]
    assert list(table["cuts"]) == [1, 2, 1]
    assert (table.loc[0, "x"], table.loc[0, "y"]) == (50, 0)
    assert roads_cut([], frame).empty


def test_factors_multiply_and_their_ends_combine_as_ratios():
    ends = product(8.0, [(0.5, 1.0, 2.0), (0.25, 0.5, 1.0)])
    ratio = math.exp(math.sqrt(2) * math.log(2))
    assert ends.mid == pytest.approx(4.0)
    assert ends.high == pytest.approx(4.0 * ratio)
    assert ends.low == pytest.approx(4.0 / ratio)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"herder": np.zeros((1, 2))}, "did you mean 'herders'"),
        ({"herders": np.zeros((2, 2))}, "shape"),
        ({"herders": np.array([[-1.0, 0]])}, "0 or more"),
        ({"herders": np.array([[np.nan, 0]])}, "0 or more"),
    ],
)
def test_journeys_are_checked(given, said):
    with pytest.raises(InputError, match=said):
        crossed(given, FLAT, 5.0)


def test_cells_and_ends_are_checked_together():
    with pytest.raises(InputError) as caught:
        crossed({}, FLAT, 0.0, ends={"herders": (0.0, 2.0), "fleeing": (0.5, 0.9)})
    assert len(caught.value.faults) == 3


def test_arrays_along_the_line_are_checked():
    gates = gate_density(crossed({}, FLAT, 5.0), GATES, FIGURES, SETTINGS)
    good = np.array([[1.0, 0.0]])
    with pytest.raises(InputError, match="shape"):
        people_at_line(np.zeros((2, 2)), gates, good, FIGURES)
    with pytest.raises(InputError, match="lengths"):
        people_at_line(-good, gates, good, FIGURES)
    with pytest.raises(InputError, match="wherever the line runs") as caught:
        people_at_line(good, gates, np.array([[np.nan, 0]]), FIGURES, p_e=2 * good)
    assert len(caught.value.faults) == 2


def test_another_table_is_checked_throughout(tmp_path):
    text = Path(people.__file__).with_name("people.toml").read_text("utf-8")
    path = tmp_path / "people.toml"
    path.write_text(text.replace("low = 0.3, mode = 0.6", "low = 0.01, mode = 0.6"))
    with pytest.raises(InputError, match="closing a gate sends nobody to it"):
        load_people(path)
    path.write_text(text.replace("[fewest_yr]", "[fewest]"))
    with pytest.raises(InputError, match="did you mean 'fewest_yr'") as caught:
        load_people(path)
    assert "missing" in str(caught.value)
    path.write_text(text.replace("fleeing = { low = 0.2", "fleing = { low = 0.2"))
    with pytest.raises(InputError, match="did you mean 'fleeing'"):
        load_people(path)
    path.write_text(text.split("[away_share]")[0] + "away_share = 3\n")
    with pytest.raises(InputError):
        load_people(path)
    path.write_text(text)
    assert load_people(path) == FIGURES
