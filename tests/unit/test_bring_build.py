"""A theatre built from a user's files: what it holds, and what it refuses."""

from __future__ import annotations

import hashlib
import os
import shutil
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

import vallum
from vallum.errors import InputError, OutputError
from vallum.plan import until
from vallum.settings import load_settings
from vallum.theatre import build_theatre, check, check_config, load
from vallum.theatre.bring.build import make
from vallum.theatre.bring.config import read_config
from vallum.threat.intensity.history import history
from vallum.threat.intensity.posterior import estimate

if TYPE_CHECKING:
    from pathlib import Path

# draws where what is looked at is not the draws
FEW = [
    "draws=100", "robust.draws=0", "campaign.draws=10", "accord.forces=false",
    "dividend.draws=400", "dividend.sobol=32",
]  # fmt: skip


def edit(config: Path, *changes: tuple[str, str]) -> Path:
    text = config.read_text("utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    config.write_text(text, "utf-8")
    return config


@pytest.fixture
def built(tiny: Path) -> Path:
    return build_theatre(tiny, tiny.parent / "out")


def test_what_was_built_is_read_back_the_same(tiny, built):
    made, _ = make(read_config(tiny))
    back = load(str(built))
    assert back.members == ("AAA", "BBB")
    assert (back.grid, back.title) == (made.grid, "Two squares")
    for name in made.ground.data_vars:
        assert made.ground[name].dtype == back.ground[name].dtype, name
        assert (made.ground[name].to_numpy() == back.ground[name].to_numpy()).all(), name
        assert made.ground[name].attrs["units"] == back.ground[name].attrs["units"]
        assert not back.ground[name].to_numpy().flags.writeable
    for name in ("settlements", "sites", "routes", "crossings", "rivers", "borders", "regions"):
        one, two = getattr(made, name), getattr(back, name)
        assert list(one.columns) == list(two.columns), name
        assert len(one) == len(two), name
        assert two.crs == back.grid.crs
    pd.testing.assert_frame_equal(
        made.countries,
        back.countries,
        check_dtype=False,
        check_column_type=False,
        check_index_type=False,
    )
    pd.testing.assert_frame_equal(made.events_year, back.events_year, check_dtype=False)
    assert [one.layer for one in made.sources] == [one.layer for one in back.sources]


def test_people_of_each_state_are_those_of_the_raster(tiny, built):
    back = load(str(built))
    with rasterio.open(tiny.parent / "people.tif") as file:
        people = np.where(file.read(1) < 0, 0, file.read(1))
    # the pixels are 0.1° and the squares lie on their edges: no pixel is of two states
    wanted = {"AAA": people[20:40, 20:40].sum(), "BBB": people[20:40, 40:60].sum()}
    held = back.ground["people"].to_numpy()
    for iso3, total in wanted.items():
        assert held[back.state_mask(iso3)].sum() == pytest.approx(total, rel=1e-9)
        assert back.countries.loc[iso3, "people"] == pytest.approx(total, rel=1e-9)


def test_townsmen_are_never_more_than_the_people_of_their_cell(built):
    back = load(str(built))
    people, town = (back.ground[name].to_numpy() for name in ("people", "urban_people"))
    assert (town <= people).all()
    assert 0 < town.sum() <= 55_000 + 9_000


def test_without_a_table_dense_clusters_are_towns(tiny):
    text = tiny.read_text("utf-8")
    start, end = text.index("[settlements]"), text.index("[[sites]]")
    tiny.write_text(text[:start] + text[end:], "utf-8")
    made, _ = make(read_config(tiny))
    assert list(made.settlements["iso3"]) == ["AAA"]
    assert made.settlements["name"].iloc[0].startswith("town at 11.5")
    assert made.ground["urban_people"].sum() > 100_000


def test_roads_are_joined_by_name_and_classed(built):
    back = load(str(built))
    assert list(back.routes["name"]) == ["N1"]
    assert list(back.routes["road_class"]) == [3]
    assert list(back.routes["states"]) == ["AAA BBB"]
    assert list(back.crossings["state_a"] + back.crossings["state_b"]) == ["AAABBB"]
    roads = next(one for one in back.sources if one.layer == "roads")
    assert "1 features of other classes" in roads.lost


def test_every_layer_says_whence_it_is_and_what_was_done(tiny, built):
    back = load(str(built))
    layers = {one.layer: one for one in back.sources}
    assert {"borders", "population", "elevation", "landcover", "roads", "events"} <= {
        name.split(":")[0] for name in layers
    }
    people = layers["population"]
    assert people.sha256 == hashlib.sha256((tiny.parent / "people.tif").read_bytes()).hexdigest()
    for one in back.sources:
        for field in ("source", "licence", "address", "date", "crs_in", "crs_out", "resampling"):
            assert getattr(one, field), (one.layer, field)
    page = (built / "SOURCES.md").read_text("utf-8")
    assert all(f"## {one.layer}" in page for one in back.sources)


def test_the_same_files_give_the_same_bytes(tiny, built):
    again = build_theatre(tiny, tiny.parent / "again")
    for path in sorted(built.rglob("*")):
        if path.is_file():
            assert path.read_bytes() == (again / path.relative_to(built)).read_bytes(), path.name


def test_every_stage_runs_on_it(built):
    made = vallum.make_plan(
        str(built),
        load_settings(assignments=FEW),
    )
    assert made.theatre.name == "tiny"
    assert sum(made.worth.gdp.values()) == pytest.approx(3e9)
    assert made.worth.output.sum() == pytest.approx(3e9)


def test_faults_of_all_files_come_at_once_and_nothing_is_written(tiny):
    folder = tiny.parent
    (folder / "towns.csv").write_text("name,people,lon,lat\nAton,-5,0.65,11.55\n", "utf-8")
    (folder / "people.tif").write_bytes(b"no raster")
    events = (folder / "events.csv").read_text("utf-8").replace("e3,2023", "e3,2093")
    (folder / "events.csv").write_text(events, "utf-8")
    roads = gpd.read_file(folder / "roads.geojson")
    roads["highway"] = "motorroad"
    roads.to_file(folder / "roads.geojson")
    with pytest.raises(InputError) as caught:
        build_theatre(tiny, folder / "out")
    said = "\n".join(map(str, caught.value.faults))
    for name in ("towns.csv", "people.tif", "events.csv", "roads.geojson"):
        assert name in said
    assert "motorroad" in said
    assert [path.name for path in folder.iterdir() if path.is_dir()] == []
    assert "\n".join(map(str, check_config(tiny))) == said


def test_members_that_are_not_there_or_overlap_are_refused(tiny):
    edit(tiny, ('members = ["AAA", "BBB"]', 'members = ["AAA", "BBX"]'))
    assert "did you mean 'BBB'" in str(check_config(tiny)[0])
    edit(tiny, ('members = ["AAA", "BBX"]', 'members = ["AAA", "BBB"]'))
    frame = gpd.read_file(tiny.parent / "borders.geojson")
    frame.loc[1, "geometry"] = shapely.box(1.5, 10, 4, 12)
    frame.to_file(tiny.parent / "borders.geojson")
    assert "overlap" in str(check_config(tiny)[0])


def test_land_is_moved_to_another_state_where_asked(tiny):
    edit(
        tiny,
        ("[population]", '[[borders.move]]\nfrom = "CCC"\nto = "DDD"\neast_of = 2\n\n[population]'),
        ('members = ["AAA", "BBB"]', 'members = ["AAA", "BBB"]\ndisputed = ["DDD"]'),
    )
    made, _ = make(read_config(tiny))
    land = made.borders.set_index("iso3").to_crs(4326).geometry
    assert land["DDD"].bounds == pytest.approx((2, 12, 4, 13.5), abs=1e-6)
    assert land["CCC"].bounds == pytest.approx((0, 12, 2, 13.5), abs=1e-6)
    assert made.countries.loc["DDD", "role"] == "disputed"
    assert (made.ground["disputed"].to_numpy() == made.state_mask("DDD")).all()


def test_a_built_theatre_has_one_cell_size(built):
    assert load(str(built), cell_km=10).grid.cell_km == 10
    with pytest.raises(InputError, match="built at 10 km"):
        load(str(built), cell_km=5)


def test_altered_and_missing_files_are_found(built):
    (built / "grid" / "people.tif").write_bytes(b"other")
    (built / "grid" / "slope.tif").unlink()
    (built / "grid" / "extra.tif").write_bytes(b"what")
    said = "\n".join(map(str, check(str(built))))
    assert "people.tif" in said
    assert "altered" in said
    assert "slope.tif: the file is missing" in said
    assert "extra.tif" in said


def test_a_folder_of_other_files_is_never_replaced(tiny):
    (tiny.parent / "mine").mkdir()
    (tiny.parent / "mine" / "notes.txt").write_text("keep", "utf-8")
    with pytest.raises(OutputError, match="no theatre of ours"):
        build_theatre(tiny, tiny.parent / "mine")
    assert (tiny.parent / "mine" / "notes.txt").read_text("utf-8") == "keep"


def test_an_older_theatre_is_replaced_whole(tiny, built):
    edit(tiny, ("cell_km = 10", "cell_km = 20"))
    assert load(str(build_theatre(tiny, built))).grid.cell_km == 20


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_said(tiny):
    tiny.parent.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="can't be written"):
            build_theatre(tiny, tiny.parent / "out")
    finally:
        tiny.parent.chmod(0o700)


def test_output_by_a_map_keeps_the_totals(tiny):
    people = tiny.parent / "people.tif"
    (tiny.parent / "gdp.tif").write_bytes(people.read_bytes())
    said = tiny.read_text("utf-8").split("[population]\n")[1].split("values")[1].split("[elev")[0]
    section = '[gdp]\nfile = "gdp.tif"\nvalues' + said
    edit(tiny, ("[elevation]", section + "\n[elevation]"), ("gdp_usd = 1e9\n", ""))
    built = build_theatre(tiny, tiny.parent / "out")
    found = until("worth", str(built), load_settings(assignments=FEW))
    theatre, worth = found["theatre"], found["worth"]
    drawn = theatre.ground["output_usd_yr"].to_numpy()
    mask = theatre.state_mask("AAA")
    # AAA gives no figure of its own: the map's total is its GDP; BBB's is scaled to 2e9
    assert worth.gdp["AAA"] == pytest.approx(drawn[mask].sum())
    assert worth.output[theatre.state_mask("BBB")].sum() == pytest.approx(2e9)
    assert (worth.urban_output <= worth.output).all()


def test_without_events_the_threat_must_be_said(tiny):
    text = tiny.read_text("utf-8")
    start, end = text.index("[[events]]"), text.index("[states.AAA]")
    tiny.write_text(text[:start] + text[end:], "utf-8")
    built = build_theatre(tiny, tiny.parent / "out")
    with pytest.raises(InputError, match="no events"):
        vallum.make_plan(str(built), load_settings(assignments=FEW))
    rate = [*FEW, "threat.uniform_loss_rate=0.05"]
    vallum.make_plan(str(built), load_settings(assignments=rate))


def test_a_map_of_the_members_alone_is_asked_about(tiny):
    frame = gpd.read_file(tiny.parent / "borders.geojson")
    frame.iloc[:2].to_file(tiny.parent / "borders.geojson")
    assert "count as sea" in str(check_config(tiny)[0])
    edit(tiny, ('file = "borders.geojson"', 'file = "borders.geojson"\nalone = true'))
    # taken at its word, but the people of the land that is missing are still there
    (fault,) = check_config(tiny)
    assert "live off all its land" in str(fault)


def test_people_who_are_not_those_of_the_figures_are_refused(tiny):
    edit(tiny, ("[states.AAA]\n", "[states.AAA]\npeople = 3\n"))
    assert "national figures are 3" in str(check_config(tiny)[0])


def test_output_a_head_that_no_state_has_is_refused(tiny):
    edit(tiny, ("gdp_usd = 1e9", "gdp_usd = 1e15"))
    assert "each" in str(check_config(tiny)[0])


def test_the_same_files_elsewhere_give_the_same_bytes(tiny, tmp_path):
    legend = "value,name,surface\n10,grass,soil\n16,bare,barren\n"
    (tiny.parent / "leg.csv").write_text(legend, "utf-8")
    edit(tiny, ('legend = "igbp"', 'legend = "leg.csv"'))
    other = tmp_path / "Dossier été [2026]"
    shutil.copytree(tiny.parent, other)
    one = build_theatre(tiny, tiny.parent / "out")
    two = build_theatre(other / "CONFIG.toml", other / "out")
    for path in sorted(one.rglob("*")):
        if path.is_file():
            assert path.read_bytes() == (two / path.relative_to(one)).read_bytes(), path.name
    assert "leg.csv (SHA-256" in (two / "SOURCES.md").read_text("utf-8")


def test_lines_that_cross_stay_whole(tiny):
    roads = gpd.GeoDataFrame(
        {"highway": ["primary", "primary"], "ref": [None, None]},
        geometry=[
            shapely.LineString([(0.5, 10.5), (1.5, 11.5)]),
            shapely.LineString([(0.5, 11.5), (1.5, 10.5)]),
        ],
        crs=4326,
    )
    roads.to_file(tiny.parent / "roads.geojson")
    made, _ = make(read_config(tiny))
    assert len(made.routes) == 2


def test_what_is_later_than_the_theatre_is_refused(tiny):
    (tiny.parent / "d.csv").write_text("iso,year,dead\nAAA,2024,1\nAAA,2040,9\n", "utf-8")
    (tiny.parent / "g.csv").write_text("iso,year,gdp\nAAA,2031,9e9\n", "utf-8")
    said = tiny.read_text("utf-8").split('file = "borders.geojson"\n')[1].split("\n\n")[0]
    tables = f"""
[deaths]
file = "d.csv"
state = "iso"
year = "year"
deaths = "dead"
{said}
[[figures]]
file = "g.csv"
state = "iso"
figure = "gdp_usd"
value = "gdp"
year = "year"
{said}
"""
    edit(tiny, ("gdp_usd = 1e9\n", ""))
    tiny.write_text(tiny.read_text("utf-8") + tables, "utf-8")
    found = "\n".join(map(str, check_config(tiny)))
    assert "[2040]: after 2026" in found
    assert "AAA: years after 2026" in found


def test_regions_without_a_members_are_refused(tiny):
    frame = gpd.read_file(tiny.parent / "borders.geojson")
    frame["ISO_A3"] = frame["ISO_A3"].str.lower()
    frame.to_file(tiny.parent / "regions.geojson")
    said = tiny.read_text("utf-8").split('file = "borders.geojson"\n')[1].split("\n\n")[0]
    section = f'[regions]\nfile = "regions.geojson"\niso3 = "ISO_A3"\nname = "NAME"\n{said}\n'
    edit(tiny, ("[population]", section + "\n[population]"))
    assert "no region of AAA; it has aaa" in str(check_config(tiny)[0])


def test_land_of_a_state_that_is_not_there_cannot_be_moved(tiny):
    move = '[[borders.move]]\nfrom = "CCX"\nto = "AAA"\n\n[population]'
    edit(tiny, ("[population]", move))
    assert "did you mean 'CCC'" in str(check_config(tiny)[0])


def test_lines_without_length_lead_nowhere(tiny):
    frame = gpd.read_file(tiny.parent / "roads.geojson")
    frame.loc[2, ["highway", "geometry"]] = ["track", shapely.LineString([(1, 11), (1, 11)])]
    frame.to_file(tiny.parent / "roads.geojson")
    assert check_config(tiny) == []


def test_years_between_two_tables_were_not_observed(tiny):
    text = tiny.read_text("utf-8")
    start, end = text.index("[[events]]"), text.index("[states.AAA]")
    block = text[start:end]
    events = pd.read_csv(tiny.parent / "events.csv")
    for name, years in (("old.csv", (2020, 2021)), ("new.csv", (2025, 2025))):
        own = events["date"].str[:4].astype(int).between(*years)
        events[own].to_csv(tiny.parent / name, index=False)
        covers = f'["{years[0]}-01", "{years[1]}-12"]'
        part = block.replace("events.csv", name).replace('["2020-01", "2025-12"]', covers)
        text = text.replace("[states.AAA]", part + "[states.AAA]", 1)
    tiny.write_text(text.replace(block, "", 1), "utf-8")
    made, _ = make(read_config(tiny))
    assert sorted(set(made.events_year["year"])) == [2020, 2021, 2025]
    regions = made.regions.rename(columns={"name": "region"})[["iso3", "region"]]
    past = history(regions, made.events_year, made.deaths_year)
    found = estimate(past, made.events_month)
    # 2025 is the one year of its window that was observed: 10 events a year, not a third of them
    floor = found.prior.floor_yr * len(regions)
    assert found.table["prior_events_yr"].sum() == pytest.approx(10 + floor, rel=0.2)


def test_a_folder_with_ones_own_notes_in_it_is_not_replaced(tiny, built):
    (built / "notes.md").write_text("mine", "utf-8")
    with pytest.raises(OutputError, match="no theatre of ours"):
        build_theatre(tiny, built)
    other = tiny.parent / "opera"
    other.mkdir()
    (other / "theatre.toml").write_text('format = "my own"\n', "utf-8")
    with pytest.raises(OutputError, match="no theatre of ours"):
        build_theatre(tiny, other)


def test_people_where_the_map_has_no_land_are_asked_about(tiny):
    frame = gpd.read_file(tiny.parent / "borders.geojson")
    frame.loc[2, "geometry"] = shapely.box(0, 12, 0.2, 12.2)  # CCC, but for a corner, is missing
    frame.to_file(tiny.parent / "borders.geojson")
    assert "live off all its land" in "\n".join(map(str, check_config(tiny)))


def test_an_enclave_of_other_land_is_not_a_members(tiny):
    frame = gpd.read_file(tiny.parent / "borders.geojson")
    hole = shapely.box(0.7, 10.7, 1.3, 11.3)
    frame.loc[0, "geometry"] = frame.geometry[0].difference(hole)
    other = gpd.GeoDataFrame({"ISO_A3": ["-99"], "NAME": ["Enclave"]}, geometry=[hole], crs=4326)
    pd.concat([frame, other]).to_file(tiny.parent / "borders.geojson")
    made, _ = make(read_config(tiny))
    area = made.state_mask("AAA").sum() * made.grid.cell_km2
    assert area == pytest.approx(made.borders.geometry.area.iloc[0] / 1e6, rel=0.02)
    assert (made.ground["state"].to_numpy() == -1).sum() > 30
