"""The works on the page: strips, bill, maps and words are the plan's, and give nothing away."""

from __future__ import annotations

import base64
import dataclasses
import json
import math
import re
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
import rasterio
from tests.works_texts import texts_of_law, texts_of_works

import vallum
from vallum.brief import (
    law_rows,
    law_tables,
    page,
    record_works_land,
    threat_maps,
    works_bill,
    works_figures,
    works_head,
    works_kinds,
    works_maps,
    works_names,
    works_page,
    works_people,
    works_rows,
    works_strips,
    works_tables,
)
from vallum.brief.figures import Reading
from vallum.brief.files import write_rasters
from vallum.brief.language import speaking
from vallum.brief.page_text import THIN, amount, between, count, percent, plain
from vallum.brief.record import assumptions, record
from vallum.brief.record_works import record_works
from vallum.kernel.figures import Range
from vallum.line.course import follow
from vallum.works.bill import Bill
from vallum.works.people import load_people, roads_cut


@pytest.fixture(scope="module")
def plan(coarse_plan):
    return coarse_plan


@pytest.fixture(scope="module")
def by_step(plan):
    return works_strips.courses(plan)


@pytest.fixture(scope="module")
def packed(plan, by_step):
    return works_strips.strips(plan, by_step)


@pytest.fixture(scope="module")
def every(plan):
    return works_bill.bills(plan)


def with_works(plan, **changes):
    return dataclasses.replace(plan, works=dataclasses.replace(plan.works, **changes))


def asking(plan, **changes):
    works = plan.settings.works.model_copy(update=changes)
    return dataclasses.replace(plan, settings=plan.settings.model_copy(update={"works": works}))


def runs_of(line):
    """Read the runs of a line: numbers of cuts and lengths in km."""
    pairs = np.frombuffer(base64.b64decode(line["runs"]), "<i4").reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1] / 100.0


def all_lines(step):
    return [*step["lines"], *([step["rest"]] if step["rest"] else [])]


def test_strips_are_as_long_as_the_line_and_cost_what_it_costs(plan, packed):
    table = plan.line.plans.steps
    price = np.array([cut[3] for cut in packed["cuts"]])
    for step, row in zip(packed["steps"], table.to_dict("records"), strict=True):
        runs = [runs_of(line) for line in all_lines(step)]
        km = sum(length.sum() for _, length in runs)
        assert km == pytest.approx(row["line_km"], abs=0.01 * len(runs) + 0.01)
        cost = sum(float(price[number] @ length) for number, length in runs)
        assert cost == pytest.approx(row["closure"], rel=5e-3)  # prices have three digits


def test_what_stands_is_what_stands_there(plan, by_step, packed):
    last = len(by_step) - 1
    longest = max(zip(by_step[last].runs, by_step[last].shares, strict=True),
                  key=lambda pair: pair[1].length_km.sum())  # fmt: skip
    number, length = runs_of(packed["steps"][last]["lines"][0])
    ends = np.cumsum(length)
    km = np.cumsum(longest[1].length_km)
    kind = plan.works.priced_as.ravel()[longest[0].cells]
    state = plan.theatre.ground["state"].to_numpy().ravel()
    for edge in range(0, len(km), 7):
        if longest[1].length_km[edge] < 0.1:
            continue
        middle = km[edge] - longest[1].length_km[edge] / 2
        cut = packed["cuts"][number[int(np.searchsorted(ends, middle))]]
        assert cut[:3] == [kind[edge], state[longest[0].cells[edge]],
                           state[longest[0].facing[edge]]]  # fmt: skip


def test_ranges_enclose_the_price_and_gates_widen_them(plan, packed):
    table = plan.works.compositions
    for kind, _, _, price, low, high in packed["cuts"]:
        assert 0 <= low <= price <= high
        row = table.iloc[kind]
        own = row["cost_high_usd_km_yr"] - row["cost_usd_km_yr"]
        # towards a watched side a kilometre costs a part: the swing is at most in proportion
        assert high - price <= (own + 10 * row["cost_usd_km_yr"]) * 1.01
    bare = with_works(plan, gates=None)
    cell = plan.line.course.table["cell"].to_numpy()
    with_gates = works_strips._ends(plan, cell)  # noqa: SLF001  (the page shows sums alone)
    without = works_strips._ends(bare, cell)  # noqa: SLF001
    assert (with_gates[1] >= without[1] - 1e-12).all()


def test_the_longest_lines_come_first_and_short_ones_together(packed):
    for step in packed["steps"]:
        lengths = [line["km"] for line in step["lines"]]
        assert lengths == sorted(lengths, reverse=True)
        assert len(lengths) <= 4
        assert all(km >= 50 for km in lengths[1:])
        if step["rest"]:
            assert step["rest"]["km"] <= lengths[-1] * step["rest"]["count"] + 0.1


def test_what_a_line_stops_is_told_by_sectors_of_50_km_and_more(plan, packed):
    for step in packed["steps"]:
        for line in all_lines(step):
            lengths = [sector[0] for sector in line["sectors"]]
            assert sum(lengths) == pytest.approx(line["km"], abs=0.1 * len(lengths) + 0.1)
            assert len(lengths) == 1 or min(lengths) >= 49.9
    # nothing else that the strips carry says what a kilometre stops
    drawn = works_page.chapter(plan)["data"]
    assert set(drawn) == {"strips", "bills", "items", "people", "texts", "kinds", "families",
                          "surfaces", "watching", "forts", "lanes", "states", "own"}  # fmt: skip
    assert not [row for row in works_tables.every(plan) if {"stops", "met"} & set(row)]
    stops = {round(float(v), 4) for v in plan.works.compositions["p_e"]}
    for kind in drawn["kinds"]:
        assert len(kind) == 10
        assert not [v for v in kind if isinstance(v, float) and 0 < v < 1 and round(v, 4) in stops]


def test_a_sectors_share_is_the_mean_by_length(plan, packed):
    step = packed["steps"][-1]
    line = step["lines"][0]
    number, length = runs_of(line)
    kind = np.array([cut[0] for cut in packed["cuts"]])[number]
    p_e = plan.works.compositions["p_e"].to_numpy()[kind]
    mean = float(p_e @ length / length.sum())
    told = [float(s[2].split(THIN)[0]) for s in line["sectors"]]
    weights = [s[0] for s in line["sectors"]]
    assert np.average(told, weights=weights) == pytest.approx(100 * mean, abs=0.6)


def test_a_step_without_a_line_has_no_strip(plan):
    nowhere = np.zeros(plan.theatre.grid.shape, bool)
    course = follow(plan.line.plans.problem, nowhere, plan.line.plans.stakes.flank,
                    plan.theatre.grid)  # fmt: skip
    assert works_strips.strips(plan, [course]) == {
        "cuts": [],
        "steps": [{"lines": [], "rest": None}],
    }
    bill = vallum.plan.bill_of(plan.works, course, plan.settings.works)
    ids, items = works_bill.named([bill])
    assert (ids, items) == ([], [])
    assert works_bill.rows(bill, ids)["items"] == []
    assert works_figures.real_lines(plan, [bill] * (plan.line.step + 1))["rows"][0]["ours"]


def test_families_share_the_land_and_have_colours_of_their_own(plan):
    found = works_kinds.kinds(plan)
    assert sum(each.share for each in found.families) == pytest.approx(1.0)
    assert len({each.colour for each in found.families}) == len(found.families)
    assert len(found.rows) == len(plan.works.compositions)
    for row, choice in zip(found.rows, plan.works.choices, strict=True):
        assert row.fort_km == pytest.approx(choice.fort_km)
        assert found.forts[row.fort][0] == works_names.short(choice.fort)
        placed = {found.watching[at[0]][0]: at[1] for at in row.lanes.values() if at}
        wanted = {works_names.short(key): km for key, km in choice.sensors}
        if choice.track:
            wanted[works_names.short(choice.track)] = 0.0
        assert placed == pytest.approx(wanted)


def test_rare_families_go_together():
    names = ["a", "b", "c", "d", ""]
    shares = np.array([0.1, 0.4, 0.3, 0.05, 0.15])
    families, place = works_kinds._families(names, shares, 3)  # noqa: SLF001
    assert [each.name for each in families] == ["b", "c", "other barriers"]
    assert families[-1].share == pytest.approx(0.3)
    assert place == [2, 0, 1, 2, 2]


def hand_made():
    """Give a bill of two items that can be checked by hand."""
    row = {"capital_usd_low": 1e6, "capital_usd_mid": 2e6, "capital_usd_high": 4e6,
           "upkeep_usd_yr_low": 1e4, "upkeep_usd_yr_mid": 2e4, "upkeep_usd_yr_high": 3e4,
           "men_low": 0.0, "men_mid": 0.0, "men_high": 0.0,
           "cost_usd_yr_low": 2e5, "cost_usd_yr_mid": 3e5, "cost_usd_yr_high": 5e5}  # fmt: skip
    wall = {"text": "wall, 2 m", "role": "barrier", "unit": "km", "quantity": 123.4, **row,
            "build_days": 70.0}  # fmt: skip
    fort = {"text": "post", "role": "fort", "unit": "site", "quantity": 6.2, **row,
            "cost_usd_yr_mid": 4e5, "build_days": math.nan}  # fmt: skip
    names = ("capital_usd", "upkeep_usd_yr", "men", "men_paid", "men_per_km", "men_paid_per_km",
             "cost_usd_yr", "cost_usd_km_yr", "interruption", "effect")  # fmt: skip
    totals = dict.fromkeys(names, (0.5, 0.6, 0.7))
    steel = {"text": "steel: wire", "unit": "m3", "quantity_low": 1e3, "quantity": 2e3,
             "quantity_high": 3e3, "tonnes": 5e3, "hauled_tonnes": 1e3,
             "tonne_km": 4e4}  # fmt: skip
    return Bill(
        line_km=124.0, built_km=100.0, items=pd.DataFrame([fort, wall], index=["post", "wall"]),
        materials=pd.DataFrame([steel], index=["steel"]), compositions=pd.DataFrame(),
        totals=MappingProxyType(totals), weakest=(0.4, 20.0),
        people=None,
    )  # fmt: skip


def test_a_bill_is_written_item_by_item():
    bill = hand_made()
    ids, items = works_bill.named([bill])
    assert ids == ["wall", "post"]
    assert items == [["wall, 2 m", "Barriers", "wall"], ["post", "Forts", "post"]]
    rows = works_bill.rows(bill, ids)
    wall, post = rows["items"]
    assert wall[:2] == [0, f"123{THIN}km"]
    assert wall[2] == (f"2.0{THIN}million", f"1.0–4.0{THIN}million")
    assert wall[4] == ("0", "")
    assert wall[5] == ("70", "")
    assert post[1] == "6.2"
    assert post[5] == ("–", "")
    assert rows["bars"] == [[1, 2e5, 4e5, 5e5], [0, 2e5, 3e5, 5e5]]
    assert rows["materials"][0][:2] == ["steel", (f"2{THIN}000 m³", f"1{THIN}000–3{THIN}000")]
    assert rows["total"][0] == f"124{THIN}km"
    said = " ".join(rows["said"])
    assert "24 km of it need not be paid for: something stands there already" in said.replace(
        "24.0", "24"
    )
    # 20 km would be finer than a sector
    assert f"40{THIN}% where it is weakest." in said


def test_a_figure_that_is_sure_has_no_range():
    assert works_bill.spread(2.0, 2.0, 2.0) == ("2.0", "")
    assert works_bill.spread(1e6, 2e6, 3e6)[1] == f"1.0–3.0{THIN}million"


def test_bills_are_those_of_their_steps(plan, every):
    assert every[plan.line.step] is plan.bill
    km = [bill.line_km for bill in every]
    np.testing.assert_allclose(km, plan.line.plans.steps["line_km"], rtol=1e-9)
    cost = [bill.totals["cost_usd_yr"][1] for bill in every]
    np.testing.assert_allclose(cost, plan.line.plans.steps["closure"], rtol=1e-6)


def test_surfaces_share_the_land(plan):
    rows = works_tables.by_surface(plan)
    surface = {row["surface"] for row in rows}
    table, share = plan.works.compositions, works_kinds.on_member_land(plan)
    assert surface == set(table["surface"][share > 0])
    assert share.sum() == pytest.approx(1.0)
    first = rows[0]
    here = (table["surface"] == first["surface"]).to_numpy()
    weight = share[here] / share[here].sum()
    assert first["share"] == percent(float(share[here].sum()))
    assert first["cost"] == amount(float(weight @ table["cost_usd_km_yr"][here]))
    assert first["stops"] == percent(float(weight @ table["p_e"][here]))
    assert len(works_tables.every(plan)) == int((share > 0).sum())


def test_the_map_shows_each_composition_in_its_familys_colour(plan):
    found = works_kinds.kinds(plan)
    paper = threat_maps.on(plan)
    drawn = works_maps.families(plan, found, paper)
    shown = [name for _, name in drawn.classes]
    assert [n.rpartition(",")[0] for n in shown[: len(found.families)]] == [
        each.name for each in found.families if each.share > 0
    ]
    assert works_maps.prices(plan, paper).picture.startswith("data:image/png;base64,")
    shut = np.zeros_like(plan.works.buildable)
    none = works_maps.families(with_works(plan, buildable=shut), found, paper)
    assert "no line" in none.classes[-1][1]
    assert none.picture != drawn.picture


@pytest.mark.parametrize(
    ("values", "bounds"),
    [
        (np.linspace(100.0, 700.0, 50), (300, 400, 500, 600, 700)),
        (np.full(9, 250.0), (275, 300, 325, 350, 375)),
        (np.array([np.nan]), (1, 2, 3, 4, 5)),
    ],
)
def test_price_classes_are_round_and_rise(values, bounds):
    found = works_maps._bounds(values)  # noqa: SLF001
    assert list(found) == sorted(set(found))
    if np.isfinite(values).any():
        assert found[0] > np.nanmin(values)
        step = np.diff(found)
        np.testing.assert_allclose(step, step[0])
    else:
        assert found == bounds


def test_the_choice_lies_on_its_frontier(plan):
    drawn = works_figures.frontier(plan)
    places = drawn["points"]
    assert places == sorted(places, key=lambda place: (place[0], -place[1]))
    heights = [y for _, y in places]
    assert heights == sorted(heights, reverse=True)  # dearer stops more: up is less
    chosen = drawn["chosen"]
    assert min(math.hypot(chosen["x"] - x, chosen["y"] - y) for x, y in places) < 0.3
    assert chosen["high"] <= chosen["y"] <= chosen["low"]
    assert chosen["left"] <= chosen["x"] <= chosen["right"]
    row = plan.works.compositions.iloc[
        int(np.argmax(np.where(
            np.array(plan.works.ground_row) == works_kinds.commonest(plan),
            works_kinds.on_member_land(plan), -1.0)))
    ]  # fmt: skip
    if row["standard_met"]:
        assert chosen["y"] <= drawn["standard"][0]


@pytest.mark.parametrize("asked", [{"rule": "least_cost"}, {"where_short": "use"}])
def test_what_works_stop_is_told_by_sector_only_where_it_differs_by_place(plan, coarse_page, asked):
    other = asking(plan, **asked)
    assert works_figures.frontier(other) is None
    for row, full in zip(
        works_tables.by_surface(other), works_tables.by_surface(plan), strict=True
    ):
        assert full.keys() - row.keys() == {"stops", "stops_range", "met"}
        assert row.items() <= full.items()
    html = page.render(other)
    assert "What works stop is told by sectors only" in html
    assert 'id="works-frontier"' not in html
    assert "Standard met on" not in html
    assert "What works stop is told by sectors only" not in coarse_page
    assert 'id="works-frontier"' in coarse_page
    assert ("through, by their barriers" in html) == ("rule" in asked)


@pytest.mark.parametrize("short", ["avoid", "use"])
def test_no_raster_says_what_is_stopped_where(plan, tmp_path, short):
    write_rasters(asking(plan, where_short=short), tmp_path)
    with rasterio.open(tmp_path / "works.tif") as file:
        names = file.descriptions
        last = file.read(file.count)
    assert not any("standard" in name or "stop" in name for name in names)
    assert ("where a line may stand, 1 or 0" in names) == (short == "avoid")
    if short == "avoid":
        shown = plan.theatre.ground["state"].to_numpy() >= 0
        np.testing.assert_array_equal(last[shown], plan.works.buildable[shown])


def test_ground_too_steep_for_a_post_is_drawn_as_no_line(plan):
    found, paper = works_kinds.kinds(plan), threat_maps.on(plan)
    drawn = works_maps.families(plan, found, paper)
    steep = plan.theatre.member_mask & (plan.works.composition >= 0)
    steep &= np.cumsum(steep).reshape(steep.shape) <= 40
    bare = with_works(
        plan,
        barren=steep,
        composition=np.where(steep, -1, plan.works.composition),
        buildable=plan.works.buildable & ~steep,
    )
    for map_ in (works_maps.families(bare, found, paper), works_maps.prices(bare, paper)):
        assert "no post can stand on ground this steep" in map_.classes[-1][1]
    assert works_maps.families(bare, found, paper).picture != drawn.picture
    assert not any("steep" in name for _, name in drawn.classes)


def test_the_page_and_the_record_of_a_catalogue_without_mines(plan):
    none = with_works(
        plan, barred=plan.works.barred.iloc[:0], equivalents=plan.works.equivalents.iloc[:0]
    )
    assert record(none)["barred"] == {}
    assert "<html" in page.render(none)


def test_ours_stands_beside_real_lines_on_one_scale(plan, every):
    drawn = works_figures.real_lines(plan, every)
    ours = [row for row in drawn["rows"] if row["ours"]]
    assert drawn["rows"][: len(ours)] == ours
    assert len(drawn["rows"]) == len(ours) + len(drawn["sources"])
    for row in drawn["rows"]:
        for cell in row["cells"]:
            if cell is not None:
                assert 0 <= cell["low"] <= cell["mid"] + 0.01
                assert cell["mid"] <= cell["low"] + cell["wide"] + 0.01 <= 100.02
    men = plan.bill.totals["men_paid_per_km"]
    assert ours[0]["cells"][0]["text"] in {amount(men[1]), between(men[0], men[2])}
    assert works_figures._log(10.0, (1.0, 1000.0)) == pytest.approx(33.33)  # noqa: SLF001


def test_people_are_counted_at_every_step(plan, every):
    found = every[-1].people
    told = works_people.people(plan, found)
    assert [row[0] for row in told["rows"]] == list(works_names.serving().values())
    assert "killed or injured" in " ".join(told["lead"])
    assert "nobody is counted as cut off" in " ".join(told["lead"])
    gates = float(found.gates["gates"].sum())
    assert f"makes {plain(gates)} gates" in told["lead"][0]
    low, mid, high = (float(found.table[f"people_{end}"].sum()) for end in ("low", "mid", "high"))
    assert f"for {count(mid)} ({between(low, high)}) people a year" in told["lead"][0]


def test_without_journeys_no_gate_is_counted(plan):
    bill = dataclasses.replace(plan.bill, people=None)
    html = page.render(dataclasses.replace(with_works(plan, gates=None), bill=bill))
    assert "No journeys of civilians are known here" in html
    assert "Rules of engagement are out of scope" in html


def test_a_closed_gate_cuts_people_off(plan, every):
    found = every[-1].people
    table = found.table.copy()
    table.loc["herders", ["closed", "people_cut_off_low", "people_cut_off_mid",
                          "people_cut_off_high"]] = [True, 10.0, 20.0, 40.0]  # fmt: skip
    told = works_people.people(plan, dataclasses.replace(found, table=table))
    assert told["rows"][1][1] == "closed"
    assert "20 (10–40) people a year are cut off" in told["lead"][2]


def test_gates_for_people_fleeing_are_owed(plan, coarse_page):
    owed = works_people.owed(plan)
    assert "no setting closes them" in owed["said"]
    names = " ".join(duty["name"] for duty in owed["duties"])
    assert "Refugees (1951)" in names
    assert "Kampala" in names
    assert all(duty["bound"] for duty in owed["duties"])
    assert "Rules of engagement are out of scope" in coarse_page


@pytest.mark.parametrize(
    ("ends", "text"),
    [
        ([0.0, 0.0, 0.0], ("0", "")),
        ([0.001, 0.01, 0.05], ("under 0.1", "")),
        ([0.01, 0.05, 3.0], ("under 0.1", "0–3.0")),
        ([10.0, 20.0, 40.0], ("20", "10–40")),
        ([7.0, 7.0, 7.0], ("7.0", "")),
    ],
)
def test_few_people_are_written_as_few(ends, text):
    assert works_people._ends(ends) == text  # noqa: SLF001


def made_of(plan):
    """Read the head of the chapter from a plan's own record."""
    content = {
        "works": record_works(plan),
        "threat": {"claim": {"stated": plan.threat.claim.stated}},
        "settings": plan.settings.model_dump(mode="json"),
    }
    return works_head.head(Reading(json.loads(json.dumps(content))))


def bare(text):
    """Take the markup and the marks of exact figures out of a text."""
    marks = re.compile(r'<span class="exact"[^>]*>=</span><span class="sr">[^<]*</span>|<[^>]+>')
    return marks.sub("", str(text))


def test_the_head_has_the_plans_numbers(plan):
    head = made_of(plan)
    found = [bare(text) for text in head.found]
    table, share = plan.works.compositions, works_kinds.on_member_land(plan)
    cost = float(share @ table["cost_usd_km_yr"])
    assert f"costs {amount(cost)} USD a year" in found[2]
    assert f"stops {percent(float(share @ table['p_e']))} (" in found[0]
    assert len(found[0].split()) <= 40
    assert "standard asked for" in found[3]
    assert "standard is asked" in bare(made_of(asking(plan, rule="least_cost")).found[3])


def test_what_falls_short_is_said(plan):
    table = plan.works.compositions
    soil = (table["surface"] == "soil").to_numpy()
    changed = table.assign(standard_met=~soil, p_e=np.where(soil, 0.4, 0.7))
    short = with_works(plan, compositions=changed)
    found = bare(made_of(short).found[3])
    least = f"100{THIN}% of the soil (they stop as little as 40{THIN}%), and no line"
    assert least in found
    used = bare(made_of(asking(short, where_short="use")).found[3])
    assert "no stronger than they are" in used
    assert "as little as" not in used  # where a line stands all the same, it would tell where
    full = with_works(plan, compositions=table.assign(standard_met=True))
    assert "No lawful works" not in bare(made_of(full).found[3])


@pytest.mark.parametrize(
    ("text", "said"),
    [("earthwork, 2 m", "an earthwork"), ("coils of wire", "coils of wire"),
     ("ditch 2 m deep", "a ditch"), ("three rows of teeth", "three rows of teeth")],
)  # fmt: skip
def test_things_are_named_with_their_article(text, said):
    assert works_names.with_article(text) == said


def test_no_mine_is_in_any_bill_or_strip(plan):
    text = json.dumps(works_page.chapter(plan)["data"])
    assert "mine" not in text.replace("determine", "")


def test_the_chapter_is_small(plan):
    text = json.dumps(works_page.chapter(plan)["data"])
    assert len(text) < 1.2e6


def test_names_from_a_catalogue_never_run(plan):
    evil = '</script><script>alert(1)</script><img src=x onerror="alert(2)">'
    catalogue = plan.works.catalogue
    items = {k: dataclasses.replace(i, text=evil) for k, i in catalogue.items.items()}
    bill = dataclasses.replace(plan.bill, items=plan.bill.items.assign(text=evil))
    table = plan.works.compositions.assign(description=evil)
    changed = with_works(
        dataclasses.replace(plan, bill=bill),
        catalogue=dataclasses.replace(catalogue, items=MappingProxyType(items)),
        compositions=table,
    )
    html = page.render(changed)
    assert "<script>alert" not in html
    assert "<img src=x" not in html


def test_men_of_a_composition_have_their_range(plan):
    # one item alone: the range of its men, with rotation
    choice = dataclasses.replace(plan.works.choices[0], barriers=(), sensors=(), track="")
    fort = plan.works.catalogue.items[choice.fort]
    fort = dataclasses.replace(fort, men=Range(60.0, 80.0, 120.0, "judgement: a test"))
    items = MappingProxyType({**plan.works.catalogue.items, fort.id: fort})
    changed = with_works(
        plan,
        choices=(choice,) * len(plan.works.choices),
        catalogue=dataclasses.replace(plan.works.catalogue, items=items),
    )
    men = record_works_land._men(changed, works_kinds.on_member_land(plan))  # noqa: SLF001
    per_km = plan.settings.works.rotation / choice.fort_km
    assert list(men.values()) == pytest.approx((60 * per_km, 80 * per_km, 120 * per_km))


def test_items_of_one_lane_have_colours_of_their_own(plan):
    found = works_kinds.kinds(plan)
    for lane in found.lanes:
        colours = [found.watching[n][1] for n in found.inside(lane)]
        assert colours
        assert len(set(colours)) == len(colours)


def test_what_there_is_next_to_nothing_of_is_left_out():
    bill = hand_made()
    table = bill.items.assign(quantity=[1e-7, 123.4])
    rows = works_bill.rows(dataclasses.replace(bill, items=table), ["wall", "post"])
    assert [row[0] for row in rows["items"]] == [0]
    assert [row[0] for row in rows["bars"]] == [0]


def test_a_claim_is_held_only_where_one_is_stated(plan):
    told = made_of(plan)
    assert "sand where there is sand" in told.claim
    assert "as claimed" in told.found[0]
    claim = dataclasses.replace(plan.threat.claim, stated=False)
    threat = dataclasses.replace(plan.threat, claim=claim)
    unstated = made_of(dataclasses.replace(plan, threat=threat))
    assert "No proposal states" in unstated.claim
    assert "claim" not in " ".join(unstated.found)


def test_stone_that_is_no_stone_is_not_as_claimed(plan):
    table = plan.works.compositions
    fence = pd.Series([("fence",)] * len(table), index=table.index, dtype=object)
    rock = table["surface"] == "rock"
    changed = table.assign(items=table["items"].where(~rock, fence))
    found = bare(made_of(with_works(plan, compositions=changed)).found[0])
    assert found.startswith("Not all as claimed")
    assert f"stone on 0{THIN}% of the rock" in found


def test_land_that_bears_nothing_has_a_head(plan):
    nowhere = with_works(plan, composition=np.full_like(plan.works.composition, -1))
    head = made_of(nowhere)
    assert record_works(nowhere)["land"] is None
    assert "no lawful works" in head.found[0]


def test_another_standard_costs_what_the_frontier_says(plan):
    of = works_kinds.commonest(plan)
    land = record_works(plan)["land"]
    for row in land["other_standards"]:
        pick = plan.works.frontiers.closure(row["standard"], of)
        assert row["met"] == bool(pick.met)
        assert row["cost_usd_km_yr"]["mid"] == pytest.approx(float(pick.cost_usd_km_yr))
        for each in (row["cost_usd_km_yr"], row["effect"]):
            assert each["low"] <= each["mid"] <= each["high"]
    assert sum(row["share"] for row in land["barriers"]) == pytest.approx(1.0)
    assert sum(row["share"] for row in land["surfaces"].values()) == pytest.approx(1.0)


def test_the_built_in_tables_have_their_french():
    with speaking("fr") as french:
        lacking = [t for t in (*texts_of_works(), *texts_of_law()) if t not in french.texts]
    assert not lacking


def leaves(content):
    """Give every text in what the page is made of, but for sources, which stay as they are."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for key, value in content.items():
            if key not in {"source", "sources", "runs"}:
                yield from leaves(value)
    elif isinstance(content, list | tuple):
        for value in content:
            yield from leaves(value)


def test_the_chapter_speaks_french(plan):
    with speaking("fr"):
        made = [works_page.chapter(plan), law_rows.barred(plan), law_rows.equivalents(plan),
                law_tables.kinds(plan), law_tables.duties(plan), law_rows.treaties(plan),
                works_rows.sectors(plan)]  # fmt: skip
    english = re.compile(r"\b(the|of|and|with|which|are|from|by|every)\b")
    texts = list(leaves(made))
    assert len(texts) > 500
    assert not [text for text in texts if english.search(text)]


def test_descriptions_are_said_item_by_item(plan):
    description = str(plan.works.compositions["description"].iloc[0])
    code = str(plan.works.compositions["composition"].iloc[0])
    assert works_names.in_words(description) == description
    assert "@" not in works_names.composed(code)
    with speaking("fr"):
        said = works_names.in_words("ditch, 2.5 m deep; platoon post every 2.5 km; mine, own")
    assert said == (
        f"fossé de 2,5{THIN}m de profondeur{THIN}; poste de section tous les 2,5{THIN}km"
        f"{THIN}; mine, own"
    )


def test_figures_about_people_are_in_the_ledger_once(plan):
    rows = assumptions(plan)
    keys = [row.key for row in rows]
    assert len(keys) == len(set(keys))
    assert {row.key for row in load_people().ledger()} <= set(keys)
    assert "works.covered_pace" in keys
    alone = dataclasses.replace(plan, bill=dataclasses.replace(plan.bill, people=None))
    assert not [row for row in assumptions(alone) if row.key.startswith("works.people.")]


def cutting(plan, rows):
    columns = ["route_id", "name", "kind", "road_class", "cuts", "x", "y"]
    table = pd.DataFrame(
        [(str(n), *row, 7654321.0, 1234567.0) for n, row in enumerate(rows)], columns=columns
    )
    return dataclasses.replace(plan, bill=dataclasses.replace(plan.bill, roads=table))


def test_roads_that_the_line_cuts_are_told_by_name_and_nothing_more(plan):
    assert plan.bill.roads is not None
    rows = [("RN1", "road", 2, 2), ("RN1", "road", 2, 1), ("RN2", "road", 3, 1),
            (None, "road", 1, 4), ("Dakar-Niger", "railway", 0, 1)]  # fmt: skip
    found = cutting(plan, rows)
    told = works_people.cuts(found)
    assert told["rows"] == [
        ["Dakar-Niger", "railway", "1"],
        ["RN2", "trunk road", "1"],
        ["RN1", "primary road", "3"],
        ["without a name", "track", "4"],
    ]
    assert "cuts 8 times roads and 1 time a railway" in told["said"]
    assert "density" in told["said"]
    record = record_works(found)["roads_cut"]
    assert [row["cuts"] for row in record] == [2, 1, 1, 4, 1]
    assert record[3] == {"name": None, "kind": "road", "class": 1, "cuts": 4}
    assert "7654321" not in json.dumps([told, record])
    nothing = works_people.cuts(cutting(plan, []))
    assert not nothing["rows"]
    assert "no road" in nothing["said"]


def test_the_bill_of_the_plan_has_the_roads_that_its_drawn_line_cuts(plan):
    cut = roads_cut(plan.line.line.geometry, plan.theatre.routes)
    assert plan.bill.roads.equals(cut)
    named = set(cut["name"].dropna())
    assert named <= {row[0] for row in works_people.cuts(plan)["rows"]}
