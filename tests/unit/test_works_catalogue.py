"""The catalogue's door: every fault at once, each with its mend."""

from __future__ import annotations

import pytest

from vallum.errors import InputError
from vallum.works.catalogue import Range, load_catalogue

FIGURE = '{ low = 1, mode = 2, high = 3, source = "judgement: made up for a test" }'
SMALL = f"""
[mode.foot]
text = "on foot"
[mode.foot.speed_kmh]
sand = {FIGURE}
rock = {FIGURE}
soil = {FIGURE}
wetland = {FIGURE}

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
detection = {{ low = 0, mode = 0.5, high = 1, source = "facts.md" }}
muster_s = {FIGURE}
responders = {FIGURE}
height_m = {FIGURE}
neutralisation = {{ low = 0, mode = 0.5, high = 1, source = "https://example.org" }}
[item.post.sight_km]
foot = {FIGURE}
"""


def written(tmp_path, text):
    path = tmp_path / "catalogue.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(tmp_path, text):
    with pytest.raises(InputError) as caught:
        load_catalogue(written(tmp_path, text))
    return {fault.place: fault for fault in caught.value.faults}


def test_small_catalogue_reads(tmp_path):
    catalogue = load_catalogue(written(tmp_path, SMALL))
    post = catalogue.items["post"]
    assert post.men == Range(1.0, 2.0, 3.0, "judgement: made up for a test")
    assert post.ground == frozenset({"soil"})
    assert post.end_usd.high == 0
    assert catalogue.modes["foot"].speed_kmh["rock"].mode == 2.0
    assert {name for name, _ in post.figures()} >= {"men", "sight_km.foot", "muster_s"}


def test_built_in_catalogue_says_where_every_figure_is_from():
    catalogue = load_catalogue()
    assert {"mine_ap", "mine_av", "sand_wall", "stone_wall", "ditch", "track"} <= {*catalogue.items}
    for item in catalogue.items.values():
        for name, figure in item.figures():
            assert figure.low <= figure.mode <= figure.high, (item.id, name)
            assert len(figure.source) > 10, (item.id, name)
    assert all(i.role == "mine" for i in catalogue.items.values() if i.weapon)


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


@pytest.mark.parametrize("name", ["landmine", "claymore_belt", "mine-belt", "minefield"])
def test_a_mine_by_another_role_is_refused(tmp_path, name):
    item = f"""
[item.{name}]
text = "obstacle"
role = "barrier"
unit = "km"
ground = ["soil"]
capital_usd = {FIGURE}
life_yr = {FIGURE}
upkeep_usd_yr = {FIGURE}
men = {FIGURE}
[item.{name}.delay_s]
foot = {FIGURE}
"""
    found = faults(tmp_path, SMALL + item)
    assert "never placed" in found[f"item.{name}.role"].mend


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
    assert {"mode.foot", "item.post"} <= {
        *faults(tmp_path, "[mode]\nfoot = 3\n[item]\npost = 'x'\n[itm]\n")
    }


def test_unreadable_files(tmp_path):
    with pytest.raises(InputError, match="can be read"):
        load_catalogue(tmp_path / "absent.toml")
    with pytest.raises(InputError, match="not TOML"):
        load_catalogue(written(tmp_path, "[item"))


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
