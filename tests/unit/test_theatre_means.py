"""The optional tables of a theatre: what states have, their bases, and the partner's offer."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from vallum.errors import InputError
from vallum.theatre import build_theatre, load, means
from vallum.theatre.store import OPTIONAL, folder, seal

if TYPE_CHECKING:
    from pathlib import Path

SAID = 'source = "made by the test"\nlicence = "none"\naddress = "here"\ndate = "2026"\n'
FORCES = (
    "state,item,low,mode,high,unit,source\n"
    "AAA,men,900,1000,1100,men,judgement: made by the test\n"
    "BBB,air_sets,0,1,2,aircraft,https://example.org/aircraft\n"
)
BASES = "place,lon,lat,state,kind,source\nAton,0.65,11.55,AAA,garrison,https://example.org\n"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return shutil.copytree(folder("sahel"), tmp_path / "sahel")


def test_the_built_in_theatre_has_the_three_tables():
    theatre = load("sahel", cell_km=50)
    assert set(theatre.forces["state"]) == set(theatre.members)
    assert set(theatre.offer["state"]) == {"MAR"}
    for state in theatre.members:
        assert set(theatre.forces.loc[theatre.forces["state"] == state, "item"]) == set(means.ITEMS)
        assert (theatre.bases["state"] == state).sum() >= 5
    assert (theatre.bases["row"] >= 0).all()
    for table in (theatre.forces, theatre.offer):
        assert (table["low"] <= table["mode"]).all()
        assert (table["mode"] <= table["high"]).all()


def test_a_theatre_without_them_loads_with_empty_ones(copy):
    for name in OPTIONAL:
        (copy / name).unlink(missing_ok=True)
    seal(copy)
    theatre = load(str(copy), cell_km=50)
    for name in means.NAMES:
        table = getattr(theatre, name)
        assert len(table) == 0
        assert set(means.COLUMNS[name]) <= set(table.columns)
    assert theatre.fingerprint != load("sahel", cell_km=50).fingerprint


@pytest.mark.parametrize("name", OPTIONAL)
def test_one_that_is_sealed_must_be_there_unaltered(copy, name):
    (copy / name).write_text((copy / name).read_text("utf-8") + "\n", "utf-8")
    with pytest.raises(InputError, match=rf"{name}: the file was altered"):
        load(str(copy), cell_km=50)
    (copy / name).unlink()
    with pytest.raises(InputError, match=rf"{name}: the file is missing"):
        load(str(copy), cell_km=50)


@pytest.mark.parametrize(
    ("name", "old", "new", "found"),
    [
        ("forces.csv", "MLI,men,35000", "MLI,men,38000", "are not in order"),
        ("forces.csv", "MLI,men,", "MLI,cooks,", "not one of the values allowed"),
        ("forces.csv", "MRT,men,", "MRX,men,", "unknown state 'MRX'"),
        ("forces.csv", "0.3,0.5,0.7", "0.3,0.5,1.7", "a share of 1.7"),
        ("forces.csv", "MRT,men,15870", "MLI,men,15870", "more than one row has it"),
        ("bases.csv", "-8.07257,12.74409", "12.74409,-8.07257", "swap them"),
        ("bases.csv", ",garrison,http", ",castle,http", "not one of the values allowed"),
        ("offer.csv", "judgement: three", "three", "source 'three"),
        ("offer.csv", "effect,0,0.1", "effect,much,0.1", "not a number"),
    ],
)
def test_what_is_wrong_is_said(copy, name, old, new, found):
    text = (copy / name).read_text("utf-8")
    assert old in text
    (copy / name).write_text(text.replace(old, new, 1), "utf-8")
    seal(copy)
    with pytest.raises(InputError, match=found):
        load(str(copy), cell_km=50)


def test_a_users_tables_are_read_back_the_same(tiny):
    (tiny.parent / "forces.csv").write_text(FORCES, "utf-8")
    (tiny.parent / "bases.csv").write_text(BASES, "utf-8")
    more = f'\n[forces]\nfile = "forces.csv"\n{SAID}\n[bases]\nfile = "bases.csv"\n{SAID}'
    tiny.write_text(tiny.read_text("utf-8") + more, "utf-8")
    theatre = load(str(build_theatre(tiny, tiny.parent / "out")))
    assert theatre.forces["mode"].tolist() == [1000.0, 1.0]
    assert theatre.bases["place"].tolist() == ["Aton"]
    row, col = (int(theatre.bases[name][0]) for name in ("row", "col"))
    assert theatre.ground["state"].to_numpy()[row, col] == theatre.code("AAA")
    assert len(theatre.offer) == 0
    pd.testing.assert_series_equal(theatre.offer.dtypes, means.no_offer().dtypes)
    assert {"forces", "bases"} <= {source.layer for source in theatre.sources}


@pytest.mark.parametrize(
    ("table", "old", "new", "found"),
    [
        (FORCES, "AAA,men,900", "AAA,men,9e3", r"forces.csv \[row 2\]: 9000"),
        (FORCES, "BBB,air", "ZZZ,air", "unknown state 'ZZZ'"),
        (FORCES, "1000", "many", "many"),
        (BASES, "0.65,11.55,AAA", "2.65,11.55,AAA", "Aton of AAA lies in BBB"),
    ],
)
def test_what_is_wrong_with_a_users_table_is_said(tiny, table, old, new, found):
    name = "forces" if table is FORCES else "bases"
    (tiny.parent / f"{name}.csv").write_text(table.replace(old, new, 1), "utf-8")
    more = f'\n[{name}]\nfile = "{name}.csv"\n{SAID}'
    tiny.write_text(tiny.read_text("utf-8") + more, "utf-8")
    with pytest.raises(InputError, match=found):
        build_theatre(tiny, tiny.parent / "out")
