"""The catalogue and its door: every fault at once, each with its mend."""

from __future__ import annotations

import re
from itertools import pairwise
from math import comb

import pytest

from vallum.errors import InputError
from vallum.works.catalogue import SURFACES, Range, load_catalogue
from vallum.works.law import barred
from vallum.works.settings import WorksSettings

FIGURE = '{ low = 1, mode = 2, high = 3, source = "judgement: made up for a test" }'
SHARE = '{ low = 0, mode = 0.5, high = 1, source = "facts.md" }'
SMALL = f"""
[mode.foot]
text = "on foot"
[mode.foot.speed_kmh]
sand = {FIGURE}
rock = {FIGURE}
soil = {FIGURE}
wetland = {FIGURE}

[material.clay]
text = "clay"
found_on = ["soil"]
unit = "m3"
t_per_unit = {FIGURE}

[item.post]
text = "post"
role = "fort"
unit = "site"
ground = ["soil"]
rides = "foot"
capital_usd = {FIGURE}
life_yr = {FIGURE}
upkeep_usd_yr = {FIGURE}
men = {FIGURE}
detection = {SHARE}
muster_s = {FIGURE}
responders = {FIGURE}
height_m = {FIGURE}
neutralisation = {{ low = 0, mode = 0.5, high = 1, source = "https://example.org" }}
[item.post.sight_km]
foot = {FIGURE}
"""
COMMON = f"""
text = "something"
ground = ["soil"]
capital_usd = {FIGURE}
life_yr = {FIGURE}
upkeep_usd_yr = {FIGURE}
men = {FIGURE}
"""
WALL = f"""
[item.wall]{COMMON}
role = "barrier"
unit = "km"
wadi = "pipe"
burial = {FIGURE}
slope_max = {FIGURE}
build_days = {FIGURE}
material = {{ clay = {FIGURE} }}
delay_s = {{ foot = {FIGURE} }}
[item.pipe]{COMMON}
role = "fitting"
unit = "site"
"""
MAST = f"""
[item.mast]{COMMON}
role = "sensor"
unit = "site"
slot = "tower"
spacing_km = [5, 7.5]
detection = {SHARE}
height_m = {FIGURE}
sight_km = {{ foot = {FIGURE} }}
"""
CABLE = f"""
[item.cable]{COMMON}
role = "sensor"
unit = "km"
slot = "line"
detection = {SHARE}
"""
GATE = f"""
[item.gate]{COMMON}
role = "gate"
unit = "site"
serves = ["herders", "fleeing"]
journeys_yr = {FIGURE}
search = {SHARE}
"""


def written(tmp_path, text):
    path = tmp_path / "catalogue.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(tmp_path, text):
    with pytest.raises(InputError) as caught:
        load_catalogue(written(tmp_path, text))
    return {fault.place: fault for fault in caught.value.faults}


def number(value):
    """Write a figure as the page does: 60k, 2.2M, 0.95."""
    for least, sign in ((1e6, "M"), (1e3, "k")):
        if value >= least:
            return f"{value / least:.3g}{sign}"
    return f"{value:.3g}"


def span(figure):
    """Write low, mode and high; a dash for what an item doesn't have."""
    if figure is None:
        return "–"
    ends = [number(value) for value in (figure.low, figure.mode, figure.high)]
    return ends[0] if len({*ends}) == 1 else " · ".join(ends)


def rows(catalogue):
    """Give the rows of the page's tables of items."""
    for item in catalogue.items.values():
        where = ", ".join(s for s in SURFACES.values() if s in item.ground)
        yield (
            f"| `{item.id}` | {item.text} | {item.unit} | {where} | {span(item.capital_usd)} "
            f"| {span(item.upkeep_usd_yr)} | {span(item.life_yr)} | {span(item.men)} "
            f"| {span(item.build_days)} |"
        )
        if item.delay_s:
            delays = " | ".join(span(delay) for delay in item.delay_s.values())
            yield f"| `{item.id}` | {delays} |"
        if item.sight_km:
            sights = " | ".join(span(sight) for sight in item.sight_km.values())
            km = ", ".join(f"{km:g}" for km in item.spacing_km) or "settings"
            yield (
                f"| `{item.id}` | {km} | {span(item.height_m)} | {span(item.detection)} "
                f"| {sights} | {span(item.responders)} | {span(item.muster_s)} |"
            )
        if item.role == "gate":
            who = ", ".join(sorted(item.serves))
            yield f"| `{item.id}` | {who} | {span(item.journeys_yr)} | {span(item.search)} |"
        if item.material or item.wadi:
            made = ", ".join(f"{key} {span(amount)}" for key, amount in item.material.items())
            yield (
                f"| `{item.id}` | {made or '–'} | {item.wadi or '–'} | {span(item.slope_max)} "
                f"| {span(item.burial)} |"
            )


# ---- what is read ----------------------------------------------------------------------------


def test_small_catalogue_reads(tmp_path):
    catalogue = load_catalogue(written(tmp_path, SMALL))
    post = catalogue.items["post"]
    assert post.men == Range(1.0, 2.0, 3.0, "judgement: made up for a test")
    assert post.ground == frozenset({"soil"})
    assert post.end_usd.high == 0
    assert catalogue.modes["foot"].speed_kmh["rock"].mode == 2.0
    assert {name for name, _ in post.figures()} >= {"men", "sight_km.foot", "muster_s"}


def test_every_field_of_every_role_reads(tmp_path):
    catalogue = load_catalogue(written(tmp_path, SMALL + WALL + MAST + CABLE + GATE))
    items = catalogue.items
    wall, mast, cable, gate = (items[key] for key in ("wall", "mast", "cable", "gate"))
    assert wall.wadi == "pipe"
    assert wall.material["clay"] == wall.burial == wall.slope_max == wall.build_days
    assert {"material.clay", "delay_s.foot", "burial"} <= {name for name, _ in wall.figures()}
    assert mast.spacing_km == (5.0, 7.5)
    assert (mast.slot, cable.slot) == ("tower", "line")
    assert cable.height_m is None
    assert gate.serves == frozenset({"herders", "fleeing"})
    assert gate.journeys_yr.mode == 2.0
    clay = catalogue.materials["clay"]
    assert (clay.unit, clay.found_on) == ("m3", frozenset({"soil"}))
    assert [name for name, _ in clay.figures()] == ["t_per_unit"]
    assert [item.id for item in catalogue.of_role("sensor")] == ["mast", "cable"]


def test_ids_kept_of_the_built_in_catalogue():
    assert {
        *("sand_wall", "stone_wall", "ditch", "fence", "tower_radar", "track"),
        *("fort_platoon", "fort_company", "mine_ap", "mine_av"),
    } <= {*load_catalogue().items}


def test_built_in_catalogue_says_where_every_figure_is_from():
    for item in load_catalogue().items.values():
        for name, figure in item.figures():
            assert figure.low <= figure.mode <= figure.high, (item.id, name)
            assert len(figure.source) > 10, (item.id, name)
            sourced = not figure.source.startswith("judgement:")
            if sourced and (figure.low or figure.high):
                assert re.search(r"\[[RD]\]|facts\.md|https?://", figure.source), (item.id, name)


def test_mines_alone_are_barred_and_say_least():
    catalogue = load_catalogue()
    for item in catalogue.items.values():
        assert (item.role == "mine") == bool(item.weapon), item.id
        assert (barred(item, ["MAR"]) is not None) == (item.role == "mine"), item.id
    for mine in catalogue.of_role("mine"):
        assert mine.build_days is None  # nobody is told how fast they are laid
        assert not mine.material
        assert mine.harm


def test_there_is_a_gate_for_each_who_cross_by_right_and_one_for_those_who_flee():
    gates = load_catalogue().of_role("gate")
    assert {who for gate in gates for who in gate.serves} == {
        "road",
        "traders",
        "herders",
        "fleeing",
    }
    assert all(gate.ground == frozenset(SURFACES.values()) for gate in gates)


def test_what_an_engineer_would_ask_of_the_ground():
    items = load_catalogue().items
    assert "wetland" not in items["sand_wall"].ground | items["stone_wall"].ground
    assert items["ditch"].ground == items["berm_ditch"].ground == frozenset({"soil"})
    assert "sand" not in items["stone_wall"].ground
    assert "rock" not in items["ground_sensors"].ground
    every = [*items.values()]
    for item in every:
        if item.role in {"barrier", "track"}:
            assert item.slope_max is not None, item.id
            assert item.build_days is not None, item.id
            assert item.burial.low >= 1
        for key in item.material:
            found = load_catalogue().materials[key].found_on
            assert found <= frozenset(SURFACES.values())
    assert items["sand_wall"].material["earth"].mode > 0
    assert not load_catalogue().materials["steel"].found_on


def test_higher_and_doubled_barriers_hold_no_less_and_cost_more():
    items = load_catalogue().items
    for low, high in pairwise(("berm_low", "sand_wall", "berm_high")):
        assert items[low].capital_usd.mode < items[high].capital_usd.mode
        for mode, delay in items[low].delay_s.items():
            assert delay.mean < items[high].delay_s[mode].mean
    both = items["berm_ditch"]
    apart = items["ditch"].capital_usd.mode + items["sand_wall"].capital_usd.mode
    assert items["ditch"].capital_usd.mode < both.capital_usd.mode < apart
    for mode, delay in both.delay_s.items():
        one = max(items["ditch"].delay_s[mode].mean, items["sand_wall"].delay_s[mode].mean)
        assert one < delay.mean


def test_the_volumes_of_banks_are_their_geometry():
    # crest w, sides 1:1.5: h w + 1.5 h² cubic metres per metre, a thousand of them
    items = load_catalogue().items
    for key, crest, heights in (
        ("berm_low", 1.0, (1.5, 1.75, 2.0)),
        ("sand_wall", 1.5, (2.5, 2.5, 3.5)),
        ("berm_high", 1.5, (4.0, 4.5, 5.0)),
    ):
        volume = items[key].material["earth"]
        for had, height in zip((volume.low, volume.mode, volume.high), heights, strict=True):
            assert had == pytest.approx(1000 * (height * crest + 1.5 * height**2), rel=0.02)


def test_forts_send_out_some_of_their_men_and_leave_neutralisation_to_the_fight():
    for fort in load_catalogue().of_role("fort"):
        assert 0 < fort.responders.mode < fort.men.mode / 2
        assert fort.neutralisation is None


def test_lawful_compositions_on_one_ground_stay_within_150000(root):
    catalogue, settings = load_catalogue(), WorksSettings()

    def count(items, default):
        return sum(len(item.spacing_km or default) for item in items)

    page = (root / "docs" / "method" / "works-catalogue.md").read_text(encoding="utf-8")
    for surface in SURFACES.values():
        here = [item for item in catalogue.items.values() if surface in item.ground]
        barriers = sum(item.role == "barrier" for item in here)
        total = sum(comb(barriers, k) for k in range(settings.max_barriers + 1))
        for slot in ("tower", "air"):
            total *= 1 + count([i for i in here if i.slot == slot], settings.sensor_spacings_km)
        total *= 1 + sum(item.slot == "line" for item in here)
        total *= 1 + sum(item.role == "track" for item in here)
        total *= count([i for i in here if i.role == "fort"], settings.fort_spacings_km)
        assert 0 < total <= 150_000, surface
        assert f"{total:,}" in page, surface


def test_the_page_counts_the_figures_and_lists_the_items(root):
    page = (root / "docs" / "method" / "works-catalogue.md").read_text(encoding="utf-8")
    catalogue = load_catalogue()
    entries = [*catalogue.items.values(), *catalogue.modes.values(), *catalogue.materials.values()]
    sources = [figure.source for entry in entries for _, figure in entry.figures()]
    judged = [source for source in sources if source.startswith("judgement:")]
    read = sum("[R]" in source for source in judged)
    line = (
        f"Of its {len(sources)} figures {len(sources) - len(judged)} rest on a source, wholly or "
        f"at an end; {len(judged)} are judgements throughout, {read} of them with something that "
        "was read beside."
    )
    assert line in page
    lines = page.splitlines()
    for row in rows(catalogue):
        assert row in lines, row


def test_the_example_of_the_page_is_read(root, tmp_path):
    page = (root / "docs" / "method" / "works-catalogue.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```toml\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    items = load_catalogue(written(tmp_path, block)).items
    assert items["fence"].capital_usd.mode == 150e3
    assert [*items][-1] == "hedge"


# ---- what is refused -------------------------------------------------------------------------


def test_every_fault_is_found_at_once(tmp_path):
    text = (
        SMALL.replace('role = "fort"', 'role = "fort"\ncapitel_usd = 3')
        .replace(f"\nmen = {FIGURE}", '\nmen = { low = 3, mode = 2, high = 1, source = "" }')
        .replace("[item.post]", f"[item.odd]\nrole = 'frot'\n[item.post]\nend_usd = {FIGURE}")
        .replace('ground = ["soil"]', 'ground = ["soyl"]')
        .replace(f"muster_s = {FIGURE}", "")
        .replace('high = 1, source = "facts.md"', 'high = 1.5, source = "a friend"')
        .replace(f"life_yr = {FIGURE}", "life_yr = { low = 0, mode = 1, high = inf, source = 3 }")
    )
    found = faults(tmp_path, text)
    assert found["item.odd.role"].mend == "did you mean 'fort'?"
    assert found["item.post.capitel_usd"].mend == "did you mean 'capital_usd'?"
    assert found["item.post.men"].mend == "order them: low ≤ mode ≤ high"
    assert "judgement" in found["item.post.men.source"].mend
    assert found["item.post.ground"].mend == "did you mean 'soil'?"
    assert found["item.post.muster_s"].found == "missing"
    assert found["item.post.detection"].mend == "give probabilities up to 1"
    assert found["item.post.detection.source"].found == "'a friend'"
    assert found["item.post.life_yr.high"].mend == "give a finite number"
    assert found["item.post.life_yr.source"].found == "3"


@pytest.mark.parametrize(
    ("old", "new", "place", "says"),
    [
        ('wadi = "pipe"', 'wadi = "pip"', "item.wall.wadi", "did you mean 'pipe'?"),
        ('wadi = "pipe"', 'wadi = "post"', "item.wall.wadi", "use one of: pipe"),
        ('wadi = "pipe"', "wadi = 3", "item.wall.wadi", "use one of: pipe"),
        ("{ clay", "{ cley", "item.wall.material.cley", "did you mean 'clay'?"),
        ('"tower"', '"towr"', "item.mast.slot", "did you mean 'tower'?"),
        ('slot = "tower"', "", "item.mast.slot", "add slot"),
        ('"herders"', '"herder"', "item.gate.serves", "did you mean 'herders'?"),
        ('["herders", "fleeing"]', "[]", "item.gate.serves", "list some of: road, herders"),
        ("[5, 7.5]", "[7.5, 5]", "item.mast.spacing_km", "rising"),
        ("[5, 7.5]", "[0, 5]", "item.mast.spacing_km", "above 0"),
        ("[5, 7.5]", "[5, 501]", "item.mast.spacing_km", "up to 500"),
        ("[5, 7.5]", '["5"]', "item.mast.spacing_km", "kilometres"),
        ("[5, 7.5]", "5", "item.mast.spacing_km", "kilometres"),
        ('found_on = ["soil"]', 'found_on = ["sol"]', "material.clay.found_on", "'soil'"),
        ('unit = "m3"', 'unit = "kg"', "material.clay.unit", "use one of: m3, t"),
        ('text = "clay"', 'text = ""', "material.clay.text", "say it in words"),
        ('unit = "km"\nslot = "line"', 'unit = "site"\nslot = "line"', "item.cable.unit", "the km"),
        ("burial = { low = 1", "burial = { low = 0.5", "item.wall.burial", "1 or more"),
        ("slope_max = { low = 1", "slope_max = { low = 0", "item.wall.slope_max", "above 0"),
        ("responders = { low = 1", "responders = { low = 1.5", "item.post.responders", "ride out"),
        ("[material.clay]", "[materiel.clay]", "materiel", "did you mean 'material'?"),
    ],
)
def test_wrong_words_and_names(tmp_path, old, new, place, says):
    text = SMALL + WALL + MAST + CABLE + GATE
    assert old in text
    found = faults(tmp_path, text.replace(old, new))
    assert says in found[place].mend


def test_what_belongs_to_another_role_or_slot_is_unknown(tmp_path):
    text = (
        SMALL
        + WALL.replace('wadi = "pipe"', 'wadi = "pipe"\nslot = "line"')
        + CABLE.replace('slot = "line"', f'slot = "line"\nheight_m = {FIGURE}\nspacing_km = [5]')
        + GATE.replace("search", f"muster_s = {FIGURE}\nsearch")
    )
    found = faults(tmp_path, text)
    for place in ("wall.slot", "cable.height_m", "cable.spacing_km", "gate.muster_s"):
        assert found[f"item.{place}"].found == "unknown key"


def test_a_fitting_must_stand_where_what_needs_it_does(tmp_path):
    wide = WALL.replace('ground = ["soil"]', 'ground = ["soil", "rock"]', 1)
    fault = faults(tmp_path, SMALL + wide)["item.wall.wadi"]
    assert fault.found == "pipe does not stand on rock"
    assert "item.wall" in fault.mend
    none = WALL[: WALL.index("[item.pipe]")]
    assert "role fitting" in faults(tmp_path, SMALL + none)["item.wall.wadi"].mend
    bare = wide.replace('ground = ["soil"]', "ground = 3")  # the pipe's: said once, where it is
    assert "item.wall.wadi" not in faults(tmp_path, SMALL + bare)


@pytest.mark.parametrize(
    "name",
    ["landmine", "claymore_belt", "mine-belt", "minefield", "cluster_munition", "booby-trap",
     "explosives", "bomblets", "ied", "piege", "mines-antichar"],
)  # fmt: skip
def test_a_mine_by_another_role_is_refused(tmp_path, name):
    item = WALL.replace("item.wall", f'item."{name}"')
    found = faults(tmp_path, SMALL + item)
    assert "never placed" in found[f"item.{name}.role"].mend


@pytest.mark.parametrize(
    "text",
    ["lethal fence", "electrified fence", "electric-fence", "high-voltage wire", "spring guns",
     "sentry gun", "punji ditch", "man trap", "clôture électrifiée", "fossé létal"],
)  # fmt: skip
def test_what_kills_whoever_touches_it_is_refused_under_any_role(tmp_path, text):
    found = faults(tmp_path, SMALL + WALL.replace("something", text))
    assert "leave it out" in found["item.wall"].mend


@pytest.mark.parametrize(
    "text",
    ["non-lethal electric fence", "gate for miners", "determined defence", "electric light",
     "stone wall, examined yearly", "skeletal posts", "clôture non-létale"],
)  # fmt: skip
def test_what_only_sounds_like_it_passes(tmp_path, text):
    path = written(tmp_path, SMALL + WALL.replace("something", text))
    assert load_catalogue(path).items["wall"].text == text


def test_negative_figures_and_wrong_units(tmp_path):
    text = SMALL.replace('unit = "site"', 'unit = "km"').replace(
        f"upkeep_usd_yr = {FIGURE}",
        'upkeep_usd_yr = { low = -1, mode = 2, high = 3, source = "facts.md" }',
    )
    found = faults(tmp_path, text)
    assert found["item.post.unit"].mend == "this role is counted by the site"
    assert found["item.post.upkeep_usd_yr"].mend == "give figures above 0"


def test_a_catalogue_needs_a_fort_and_tables(tmp_path):
    assert {"mode", "item"} <= {*faults(tmp_path, "mode = 3\nitem = {}")}
    assert {"mode.foot", "item.post", "material.x"} <= {
        *faults(tmp_path, "[mode]\nfoot = 3\n[item]\npost = 'x'\n[material]\nx = 1\n[itm]\n")
    }
    assert "material" in faults(tmp_path, "material = 3\n" + SMALL.replace("[material.clay]", ""))


def test_unreadable_files(tmp_path):
    with pytest.raises(InputError, match="can be read"):
        load_catalogue(tmp_path / "absent.toml")
    with pytest.raises(InputError, match="not TOML"):
        load_catalogue(written(tmp_path, "[item"))


ODD = ("-1.5", "nan", '""', "[]", '["x", {}]', "{ low = [] }",
       '{ low = "1", mode = {}, high = 3, source = 4 }')  # fmt: skip


def refused(path):
    """Give the faults of a file; none where it is read."""
    try:
        load_catalogue(path)
    except InputError as error:
        return error.faults
    return ()


def test_whatever_stands_in_a_file_is_read_or_refused_with_its_place(tmp_path):
    """Every value of a whole catalogue is replaced by every odd one, alone."""
    lines = (SMALL + WALL + MAST + CABLE + GATE).splitlines()
    common = set(COMMON.splitlines())
    places = [n for n, line in enumerate(lines) if " = " in line and line not in common]
    few = 0
    for n in places:
        key = lines[n].partition(" = ")[0]
        for value in ODD:
            text = "\n".join([*lines[:n], f"{key} = {value}", *lines[n + 1 :]])
            found = refused(written(tmp_path, text))
            assert all(fault.place and fault.mend for fault in found)
            few += not found
    assert few < 0.1 * len(places) * len(ODD)  # hardly any odd value is right anywhere


# ---- a file over the built-in one ------------------------------------------------------------

OVER = 'extends = "built-in"\n'


def test_a_file_adds_to_the_built_in_catalogue_and_changes_it(tmp_path):
    ours = load_catalogue()
    path = written(
        tmp_path,
        OVER
        + CABLE.replace("item.cable", "item.hedge")
        + f"[item.fence]\ncapital_usd = {FIGURE}\ndelay_s = {{ foot = {FIGURE} }}\n"
        + f"[material.earth]\nt_per_unit = {FIGURE}\n"
        + f"[mode.foot]\nspeed_kmh = {{ sand = {FIGURE} }}\n",
    )
    both = load_catalogue(path)
    assert [*both.items] == [*ours.items, "hedge"]
    assert both.origin == str(path)
    fence = both.items["fence"]
    assert fence.capital_usd == fence.delay_s["foot"] == both.items["hedge"].men
    assert fence.capital_usd.source == "judgement: made up for a test"
    assert fence.delay_s["4x4"] == ours.items["fence"].delay_s["4x4"]
    assert fence.life_yr == ours.items["fence"].life_yr
    assert both.items["ditch"] == ours.items["ditch"]
    assert both.materials["earth"].t_per_unit.mode == 2.0
    assert both.materials["earth"].found_on == ours.materials["earth"].found_on
    assert both.modes["foot"].speed_kmh["sand"].mode == 2.0
    assert both.modes["foot"].speed_kmh["rock"] == ours.modes["foot"].speed_kmh["rock"]


def test_a_new_item_may_use_what_the_built_in_catalogue_has(tmp_path):
    wall = WALL[: WALL.index("[item.pipe]")].replace("pipe", "culvert").replace("clay", "stone")
    wall = wall.replace(
        f"{{ foot = {FIGURE} }}", f"{{ foot = {FIGURE}, motorcycle = {FIGURE}, 4x4 = {FIGURE} }}"
    )
    items = load_catalogue(written(tmp_path, OVER + wall)).items
    assert items["wall"].wadi == "culvert"
    assert [*items["wall"].material] == ["stone"]


def test_faults_of_a_file_over_the_built_in_one_bear_its_name(tmp_path):
    path = written(tmp_path, OVER + "[item.fence]\nrole = 'barier'\n[item.new]\nrole = 'track'\n")
    with pytest.raises(InputError) as caught:
        load_catalogue(path)
    assert {fault.where for fault in caught.value.faults} == {str(path)}
    places = {fault.place for fault in caught.value.faults}
    assert {"item.fence.role", "item.new.speed_kmh"} <= places


def test_a_new_way_of_moving_asks_for_its_figures_everywhere(tmp_path):
    speeds = "\n".join(f"{surface} = {FIGURE}" for surface in SURFACES.values())
    text = OVER + f"[mode.camel]\ntext = 'by camel'\n[mode.camel.speed_kmh]\n{speeds}\n"
    found = faults(tmp_path, text)
    assert found["item.fence.delay_s.camel"].found == "missing"
    assert found["item.fort_platoon.sight_km.camel"].found == "missing"


def test_another_base_is_refused_with_the_one_that_is(tmp_path):
    for value in ('"builtin"', "3"):
        fault = faults(tmp_path, f"extends = {value}\n" + SMALL)["extends"]
        assert 'extends = "built-in"' in fault.mend


def test_an_empty_file_over_the_built_in_one_is_the_built_in_one(tmp_path):
    assert load_catalogue(written(tmp_path, OVER)).items == load_catalogue().items


def test_a_mine_cannot_come_in_by_changing_a_wall(tmp_path):
    found = faults(tmp_path, OVER + "[item.fence]\ntext = 'fence with mines before it'\n")
    assert "never placed" in found["item.fence.role"].mend
    found = faults(tmp_path, OVER + "[item.mine_ap]\nrole = 'barrier'\n")
    assert "item.mine_ap.role" in found


def test_triangle():
    figure = Range(0.0, 1.0, 5.0)
    assert figure.mean == 2.0
    assert figure.sd == pytest.approx((21 / 18) ** 0.5)
    assert figure.share_at_least(0.0) == 1.0
    assert figure.share_at_least(1.0) == pytest.approx(0.8)
    assert figure.share_at_least(3.0) == pytest.approx(0.2)
    assert figure.share_at_least(5.1) == 0.0
    certain = Range(2.0, 2.0, 2.0)
    assert (certain.sd, certain.share_at_least(2.0), certain.share_at_least(2.1)) == (0.0, 1.0, 0.0)
