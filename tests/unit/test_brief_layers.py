"""The page of layers: every layer is drawn and said, however odd its values."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import vallum
from vallum.brief import layers_events, layers_ground, layers_tables, write_layers
from vallum.brief.language import current, speaking
from vallum.brief.layers import layers_page
from vallum.brief.layers_reduce import block_any, block_max, block_mean, block_mode, factor
from vallum.brief.layers_scale import linear, logarithmic
from vallum.brief.layers_units import apart
from vallum.brief.layers_words import CLIMATES
from vallum.brief.page_bundle import as_data, figure_json
from vallum.errors import OutputError
from vallum.kernel.grid import Grid

TABLES = ("settlements", "sites", "routes", "rivers", "crossings", "events_year")
HOSTILE = "</script><script>alert('x')</script><img src=x onerror=alert(1)>&"


@pytest.fixture(scope="module")
def theatre():
    return vallum.load_theatre("sahel", cell_km=50.0)


@pytest.fixture(scope="module")
def page(theatre):
    return layers_page(theatre)


def with_layer(theatre, name, values, **attrs):
    """Add a layer to a theatre's ground."""
    cells = np.broadcast_to(values, theatre.grid.shape).copy()
    return replace(theatre, ground=theatre.ground.assign({name: (("y", "x"), cells, attrs)}))


def cells_of(card):
    """Give the colour numbers that a card's map is drawn from, rows from the north."""
    drawn = next(r for r in card.figure.renderers if r.name == "cells")
    return np.flipud(drawn.data_source.data["image"][0])


def data_of(page):
    found = re.search(r'id="vallum-data">(.*?)</script>', page, re.DOTALL)
    return json.loads(found.group(1))


def test_every_layer_and_table_has_a_map(theatre, page):
    drawn = [row["id"] for row in data_of(page)["maps"]]
    wanted = [f"map-{name}" for name in (*map(str, theatre.ground.data_vars), *TABLES)]
    assert [name for name in drawn if name != "map-events"] == wanted
    for name in wanted:
        assert page.count(f'id="{name}"') == 1
    assert theatre.title in page
    assert theatre.fingerprint in page
    for source in theatre.sources:
        assert f"<code>{source.layer}</code>" in page


def test_the_page_in_french_has_the_same_maps_and_no_english(theatre, page, tmp_path):
    made = write_layers(theatre, tmp_path / "page.html", language="fr").read_text("utf-8")
    assert '<html lang="fr">' in made
    unseen = re.compile(r"<script.*?</script>|<style.*?</style>|<meta[^>]*>", re.DOTALL)
    body, own = unseen.sub("", made), unseen.sub("", page)
    told = re.sub(r'<(\w+) lang="en".*?</\1>|<code>.*?</code>', "", body)
    left = re.findall(r"\b(?:the|of|and|with|which|is|are|none|where|cells)\b", told)
    assert not left
    for sign in ("<figure", "<tr>", 'class="class"'):
        assert body.count(sign) == own.count(sign)
    maps = [[row["id"] for row in data_of(one)["maps"]] for one in (made, page)]
    assert maps[0] == maps[1]


def test_every_class_and_kind_has_its_french(theatre):
    kinds = {str(kind) for name in ("sites", "routes", "crossings")
             for kind in getattr(theatre, name)["kind"]}  # fmt: skip
    roles = set(theatre.countries["role"].astype(str))
    classes = " ".join(
        str(layer.attrs.get("flag_meanings", "")) for layer in theatre.ground.data_vars.values()
    )
    plain = {name.replace("_", " ") for name in classes.split() if name not in CLIMATES}
    with speaking("fr"):
        known = current().texts
        assert not {*CLIMATES.values(), *kinds, *plain, *roles - {"disputed"}} - set(known)


def test_the_page_asks_for_nothing(page):
    for sign in ('src="http', "url(http", "@import", '<link rel="stylesheet"'):
        assert sign not in re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert len(page.encode()) < 8e6


def test_other_states_are_drawn_and_text_from_data_stays_text(theatre):
    table = theatre.settlements.copy()
    table["name"] = HOSTILE
    rivers, sites = theatre.rivers.copy(), theatre.sites.copy()
    rivers["river"] = HOSTILE
    sites["kind"] = HOSTILE
    source = replace(theatre.sources[0], layer=HOSTILE, treatment=HOSTILE, address=HOSTILE)
    countries = theatre.countries.copy()
    countries["name"] = HOSTILE
    countries["role"] = ["partner", "flank", "member", *["flank"] * (len(countries) - 3)]
    borders = theatre.borders.copy()
    borders["disputed"] = False
    bad = replace(
        theatre, title=HOSTILE, settlements=table, rivers=rivers, sites=sites, sources=(source,),
        countries=countries, borders=borders,
    )  # fmt: skip
    bad = with_layer(bad, "odd", np.arange(bad.grid.cols), units=HOSTILE, long_name=HOSTILE)
    made = layers_page(bad)
    for sign in ("alert('x')</script>", "<img src=x"):
        assert sign not in made
    assert made.count("<script>") == 2
    assert HOSTILE in str(data_of(made))
    assert "Mauritania: Adrar" not in made
    assert "a unit of its own" not in made


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_table_is_drawn_and_said(theatre, name):
    draw = layers_events.by_region if name == "events_year" else getattr(layers_tables, name)
    card = draw(replace(theatre, sources=(), **{name: getattr(theatre, name).iloc[:0]}))
    assert card.notes == ("None in this theatre: the map is empty.",)
    assert card.treatments == ()
    assert as_data(figure_json(card.figure, "map"))


@pytest.mark.parametrize(
    ("values", "units", "says"),
    [
        (0.0, "m", "Zero in every cell"),
        (0.0, "people", "Zero in every cell"),
        (np.nan, "m", "No data in any cell"),
        (np.nan, "people", "No data in any cell"),
        (np.inf, "m", "No data in any cell"),
        (7.0, "m", "The same value in every cell: 7.00 m"),
        (2500.0, "people", "The same value in every cell: 1.00 people per km²"),
        (-3.0, "m", "The same value in every cell: −3.00 m"),
    ],
)
def test_a_layer_with_one_value_says_so(theatre, values, units, says):
    card = layers_ground.card(with_layer(theatre, "odd", values, units=units), "odd")
    assert says in " ".join(card.notes)
    assert card.bar is None
    assert cells_of(card).max() < len(card.labels)


def test_one_value_besides_zero_is_told(theatre):
    values = np.zeros(theatre.grid.shape)
    values[theatre.member_mask.nonzero()[0][0], theatre.member_mask.nonzero()[1][0]] = 2500.0
    card = layers_ground.card(with_layer(theatre, "odd", values, units="people"), "odd")
    assert "Only one value besides zero: 1.00 people per km²" in " ".join(card.notes)
    assert [swatch.name for swatch in card.swatches] == ["the one value", "none"]


def test_a_layer_not_known_is_drawn_by_what_it_says_of_itself(theatre):
    rows = np.arange(theatre.grid.rows, dtype=float)[:, None]
    made = with_layer(
        theatre, "rain_mm", rows, units="mm", long_name="rain in a year; a mean", source="sky.csv"
    )
    card = layers_ground.card(made, "rain_mm")
    assert (card.title, card.source, card.bar.unit) == ("Rain in a year", "sky.csv", "mm")
    assert card.figures.startswith("Members: lowest")
    assert card.notes == ()


def test_output_is_drawn_per_km2_and_summed(theatre):
    values = np.where(theatre.member_mask, 5e6, 0.0) * (1 + np.arange(theatre.grid.cols) / 10)
    card = layers_ground.card(
        with_layer(theatre, "output_usd_yr", values, units="USD/yr"), "output_usd_yr"
    )
    assert card.bar.unit == "USD a year per km²"
    assert "billion USD a year in all" in card.figures


def test_people_add_up_to_the_members_total(theatre):
    card = layers_ground.card(theatre, "people")
    total = float(theatre.ground["people"].to_numpy()[theatre.member_mask].sum())
    assert f"{total / 1e6:.1f}" in card.figures
    assert card.bar.unit == "people per km²"


def test_classes_take_their_names_and_shares(theatre):
    card = layers_ground.card(theatre, "surface")
    surface, own = theatre.ground["surface"].to_numpy(), theatre.member_mask
    sand = next(swatch for swatch in card.swatches if swatch.name == "sand")
    assert float(sand.more.split("\u202f")[0]) == pytest.approx(
        100 * (surface[own] == 1).mean(), rel=0.05
    )
    drawn = cells_of(card)
    for code, name in enumerate(("sea", "sand", "rock", "soil", "wetland", "water")):
        land = (theatre.ground["state"].to_numpy() >= 0) & (surface == code)
        assert {card.labels[n] for n in np.unique(drawn[land])} <= {name}


def test_classes_without_a_name_are_still_told_apart(theatre):
    values = (np.indices(theatre.grid.shape).sum(axis=0) % 30).astype(np.int8)
    attrs = {"flag_values": np.arange(3, dtype=np.int8), "flag_meanings": "none low_land high_land"}
    card = layers_ground.card(with_layer(theatre, "odd", values, **attrs), "odd")
    names = [swatch.name for swatch in card.swatches]
    assert names[1:4] == ["low land", "high land", "class 3, without a name"]
    assert len(names) == 30


@pytest.mark.parametrize("so", [True, False])
def test_yes_or_no(theatre, so):
    card = layers_ground.card(with_layer(theatre, "odd", so), "odd")
    assert [swatch.name for swatch in card.swatches] == ["yes", "no"]
    assert ("the map is empty" in " ".join(card.notes)) is not so
    assert ("none of the members’ cells" in card.figures) is not so


def test_treatments_stand_beside_their_maps(theatre):
    own = {source.layer: source.treatment for source in theatre.sources}
    for name, file in (("elevation_m", "elevation.tif"), ("river", "rivers.csv")):
        found = layers_ground.card(theatre, name).treatments
        assert file in [layer for layer, _ in found]
        text = "".join(piece.text for layer, pieces in found if layer == file for piece in pieces)
        assert text == own[file]
    assert layers_tables.sites(theatre).treatments[0][0] == "sites.csv"


def test_single_events_are_shown_as_counts_only(theatre):
    at = theatre.settlements.geometry.iloc[:40]
    events = gpd.GeoDataFrame({"event_id": range(40)}, geometry=at.to_numpy(), crs=theatre.grid.crs)
    card = layers_events.by_block(theatre, events.to_crs("EPSG:4326"))
    assert "40 on the map" in card.figures
    sources = [r.data_source.data for r in card.figure.renderers]
    assert not [data for data in sources if len(data.get("x", [])) > 0]
    row, col, _ = theatre.grid.locate(at.x.to_numpy(), at.y.to_numpy())
    table = layers_events.by_block(theatre, pd.DataFrame({"row": row, "col": col}))
    np.testing.assert_array_equal(cells_of(table), cells_of(card))


def test_events_blocks_are_wide(theatre):
    made = vallum.load_theatre("sahel", cell_km=20.0)
    events = pd.DataFrame({"row": [0, 1, 1, 500], "col": [0, 1, 1, 0]})
    card = layers_events.by_block(made, events)
    assert "40 km" in card.text
    assert "3 on the map; the most in one block is 3" in card.figures
    assert "None in this theatre" in layers_events.by_block(theatre, events.iloc[:0]).notes[0]


def test_regions_are_coloured_by_their_events(theatre):
    card = layers_events.by_region(theatre)
    own = theatre.events_year[theatre.events_year["iso3"].isin(theatre.members)]["events"].sum()
    assert card.figures.startswith(f"{own} events recorded in the members")
    lost = theatre.events_year.copy()
    lost["region"] = "nowhere"
    assert "regions that the map does not draw" in layers_events.by_region(
        replace(theatre, events_year=lost)
    ).notes[0]  # fmt: skip


def test_the_largest_grid_is_drawn_in_blocks():
    assert factor(Grid("EPSG:8857", 0.0, 0.0, 2.0, 1100, 1300)) == 3
    assert factor(Grid("EPSG:8857", 0.0, 0.0, 10.0, 220, 260)) == 1
    assert factor(Grid("EPSG:8857", 0.0, 0.0, 10.0, 2000, 100)) == 4


def test_blocks_keep_sums_and_the_most_frequent():
    rng = np.random.default_rng(4)
    values = rng.gamma(0.4, 100.0, (9, 12))
    assert block_mean(values, 3).sum() * 9 == pytest.approx(values.sum())
    assert np.isnan(block_mean(np.full((2, 5), np.inf), 2)).all()
    classes = rng.integers(-1, 4, (7, 10))
    mode, top = block_mode(classes, 3), block_max(classes, 3)
    marked = block_any(classes == 2, 3)
    for row in range(3):
        for col in range(4):
            block = classes[3 * row : 3 * row + 3, 3 * col : 3 * col + 3].ravel()
            kinds, often = np.unique(block, return_counts=True)
            assert mode[row, col] == kinds[often.argmax()]
            assert top[row, col] == block.max()
            assert marked[row, col] == (block == 2).any()


def test_bars_are_in_order_and_their_ends_true():
    bar = linear(np.array([[0.0, 5.0], [10.0, np.nan]]), "m")
    assert bar.level.tolist() == [[0, 48], [95, -1]]
    assert bar.ticks[0] == (0.0, "0")
    assert bar.ticks[-1] == (100.0, "10")
    few_high = linear(np.append(np.arange(1000.0), 1e6), "m")
    assert few_high.ticks[-1][1].startswith("≥")
    powers = logarithmic(np.array([0.0, 1.0, 10.0, 1000.0]), "people per km²")
    assert powers.level.tolist() == [-1, 0, 32, 95]
    assert [text for _, text in powers.ticks] == ["1", "10", "100", "1\u202f000"]
    assert logarithmic(np.array([0.0, 4.0, 4.0]), "") is None


def test_neighbours_differ():
    codes = np.array([[0, 0, 1], [2, 3, 1], [2, -1, 4]])
    given = apart(codes, 4)
    assert sorted(given) == [0, 1, 2, 3, 4]
    for a, b in ((0, 1), (0, 2), (0, 3), (1, 3), (2, 3), (1, 4), (3, 4)):
        assert given[a] != given[b]


def test_the_page_is_the_same_for_the_same_theatre_and_written_whole(theatre, page, tmp_path):
    out = write_layers(theatre, tmp_path / "deep" / "page.html")
    assert out.read_text("utf-8") == page
    assert [path.name for path in out.parent.iterdir()] == ["page.html"]


def test_a_page_that_cannot_be_written_leaves_nothing(theatre, tmp_path, monkeypatch):
    out = tmp_path / "page.html"
    out.write_text("old")
    for path, says in (
        (tmp_path, "it is a folder"),
        ("/proc/vallum/page.html", "can't be written"),
        (out / "page.html", "a file holds no folder"),
    ):
        with pytest.raises(OutputError, match=says):
            write_layers(theatre, path)

    def fail(_):
        raise RuntimeError

    monkeypatch.setattr("vallum.brief.layers.layers_page", fail)
    with pytest.raises(RuntimeError):
        write_layers(theatre, out)
    assert out.read_text("utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
