"""What a user meets when a theatre, a cell size or a file is wrong: faults, never a traceback."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from vallum.errors import InputError
from vallum.theatre import check, load
from vallum.theatre.store import FILES, OPTIONAL, folder, seal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    target = tmp_path / "sahel"
    shutil.copytree(folder("sahel"), target)
    return target


def edit(copy: Path, name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> list[str]:
    """Change a table, seal the folder again, and give the faults as text."""
    path = copy / f"{name}.csv"
    table = pd.read_csv(path, keep_default_na=False, na_values=[""])
    change(table).to_csv(path, index=False)
    seal(copy)
    return [str(fault) for fault in check(str(copy))]


def test_the_built_in_theatre_is_sound() -> None:
    assert check("sahel") == []


def test_a_sealed_copy_loads_as_the_original(copy: Path) -> None:
    there = load(str(copy), cell_km=50)
    assert there.fingerprint == load("sahel", cell_km=50).fingerprint


@pytest.mark.parametrize(("name", "hint"), [("sahl", "did you mean 'sahel'"), ("x/y", "sahel")])
def test_an_unknown_theatre(name: str, hint: str) -> None:
    with pytest.raises(InputError, match=hint):
        load(name)


def test_a_folder_that_is_no_theatre(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"without theatre\.toml"):
        load(str(tmp_path))


@pytest.mark.parametrize("size", [0.9, 50.1, 0.0, -10.0, float("nan"), float("inf")])
def test_a_cell_size_out_of_range(size: float) -> None:
    with pytest.raises(InputError, match="from 1 to 50 km"):
        load("sahel", cell_km=size)


def test_two_faults_are_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        load("sahl", cell_km=0.5)
    assert len(caught.value.faults) == 2


@pytest.mark.parametrize("file", [*FILES, "checksums.csv"])
def test_a_missing_file(copy: Path, file: str) -> None:
    (copy / file).unlink()
    with pytest.raises(InputError) as caught:
        load(str(copy))
    if file == "theatre.toml":
        assert "without theatre.toml" in str(caught.value)
    else:
        assert "missing" in str(caught.value)
        assert file in str(caught.value)
        assert "rebuild" in str(caught.value)


@pytest.mark.parametrize("file", FILES)
def test_an_altered_file(copy: Path, file: str) -> None:
    content = (copy / file).read_bytes()
    (copy / file).write_bytes(content[: len(content) // 2])
    (fault,) = check(str(copy))
    assert fault.where.endswith(file)
    assert "altered" in fault.found


@pytest.mark.parametrize("file", FILES)
def test_a_file_of_noise_that_was_sealed(copy: Path, file: str) -> None:
    (copy / file).write_bytes(b"\x00\xff\xfe nothing \x80" * 40)
    seal(copy)
    found = check(str(copy))
    assert found
    assert any(file in fault.where for fault in found)


def test_checksums_of_noise(copy: Path) -> None:
    (copy / "checksums.csv").write_bytes(b"\xff\xfe\x00")
    assert len(check(str(copy))) == len(FILES) + len(OPTIONAL)


def test_a_missing_column(copy: Path) -> None:
    (fault,) = edit(copy, "sites", lambda table: table.drop(columns="lon"))
    assert fault == "sites.csv [lon]: the column is missing. Mend: add a column 'lon'"


def test_swapped_longitude_and_latitude(copy: Path) -> None:
    def swap(table: pd.DataFrame) -> pd.DataFrame:
        place = table.index[table["name"] == "Ségou"][0]
        table.loc[place, ["lon", "lat"]] = table.loc[place, ["lat", "lon"]].to_numpy()
        return table

    (fault,) = edit(copy, "settlements", swap)
    assert "Ségou" in fault
    assert "swap them" in fault


def test_a_point_in_another_state(copy: Path) -> None:
    def move(table: pd.DataFrame) -> pd.DataFrame:
        table.loc[table["name"] == "Bamako", "iso3"] = "MRT"
        return table

    found = edit(copy, "settlements", move)
    assert any("Bamako" in fault and "outside MRT" in fault for fault in found)


def test_values_that_cannot_be(copy: Path) -> None:
    def spoil(table: pd.DataFrame) -> pd.DataFrame:
        table["people"] = table["people"].astype(float)
        table.loc[0, "people"] = -5
        table.loc[1, "people"] = float("nan")
        table.loc[2, "lat"] = 97
        return table

    found = edit(copy, "settlements", spoil)
    assert len(found) == 3
    assert any("column people, row 2" in fault and "-5" in fault for fault in found)
    assert any("column people, row 3" in fault and "nothing" in fault for fault in found)
    assert any("column lat, row 4" in fault for fault in found)


def test_text_where_a_number_belongs(copy: Path) -> None:
    def spoil(table: pd.DataFrame) -> pd.DataFrame:
        table["people"] = table["people"].astype(object)
        table.loc[0, "people"] = "many"
        return table

    (fault,) = edit(copy, "countries", spoil)
    assert "many" in fault


def test_many_like_faults_are_summed_up(copy: Path) -> None:
    found = edit(copy, "settlements", lambda table: table.assign(people=-1))
    assert len(found) == 6
    assert "more like these" in found[-1]


def test_duplicates(copy: Path) -> None:
    found = edit(copy, "settlements", lambda table: pd.concat([table, table.head(1)]))
    assert found
    assert all("settlements.csv" in fault for fault in found)


def test_an_unknown_state(copy: Path) -> None:
    (fault,) = edit(copy, "sites", lambda table: table.replace({"state": {"MLI": "MLA"}}))
    assert "unknown state 'MLA'" in fault
    assert "did you mean" in fault


def test_an_unknown_region(copy: Path) -> None:
    (fault,) = edit(
        copy, "threat_region_year", lambda table: table.replace({"region": {"Mopti": "Moptie"}})
    )
    assert "did you mean 'Mopti'" in fault


def test_a_census_without_a_region(copy: Path) -> None:
    (fault,) = edit(copy, "region_people", lambda table: table[table["region"] != "Kidal"])
    assert "no row of Kidal in MLI" in fault
    assert "give every region or none" in fault


def test_a_census_of_an_unknown_region(copy: Path) -> None:
    found = edit(
        copy, "region_people", lambda table: table.replace({"region": {"Mopti": "Moptie"}})
    )
    assert len(found) == 2
    assert any("no region 'Moptie'" in fault and "did you mean 'Mopti'" in fault for fault in found)
    assert any("no row of Mopti" in fault for fault in found)


def test_a_census_that_cannot_be(copy: Path) -> None:
    def spoil(table: pd.DataFrame) -> pd.DataFrame:
        table.loc[0, "people"] = -1
        return pd.concat([table, table.tail(1)])

    found = edit(copy, "region_people", spoil)
    assert any("column people, row 2" in fault and "-1" in fault for fault in found)
    assert any("more than one row has it" in fault for fault in found)
    empty = edit(copy, "region_people", lambda table: table.assign(people=0).drop_duplicates())
    assert len(empty) == 2
    assert all("nobody in any region" in fault for fault in empty)


def test_a_census_of_a_state_partly_on_the_grid(copy: Path) -> None:
    def add(table: pd.DataFrame) -> pd.DataFrame:
        more = table.head(1).assign(iso3="GMB", region="Banjul")
        return pd.concat([table, more])

    found = edit(copy, "region_people", add)
    assert all("GMB" in fault for fault in found)
    assert found


def test_a_census_is_not_needed(copy: Path) -> None:
    assert edit(copy, "region_people", lambda table: table.head(0)) == []
    assert load(str(copy), cell_km=50).fingerprint != load("sahel", cell_km=50).fingerprint


def test_a_route_without_points_and_points_without_a_route(copy: Path) -> None:
    def rename(table: pd.DataFrame) -> pd.DataFrame:
        first = table["route_id"].iloc[0]
        return table.replace({"route_id": {first: first + "X"}})

    found = edit(copy, "routes", rename)
    assert len(found) == 2


def test_roles_that_disagree(copy: Path) -> None:
    found = edit(copy, "countries", lambda table: table.replace({"role": {"partner": "flank"}}))
    assert any("role partner" in fault for fault in found)


def test_members_too_near_the_edge(copy: Path) -> None:
    path = copy / "theatre.toml"
    path.write_text(path.read_text("utf-8").replace("west = -1300", "west = -1100"), "utf-8")
    seal(copy)
    (fault,) = check(str(copy))
    assert "edge" in fault.found
    with pytest.raises(InputError, match=r"bounds_km at 10 km"):
        load(str(copy))


def test_a_missing_key(copy: Path) -> None:
    path = copy / "theatre.toml"
    path.write_text(path.read_text("utf-8").replace("title =", "heading ="), "utf-8")
    seal(copy)
    (fault,) = check(str(copy))
    assert "no key 'title'" in fault.found


def test_bounds_that_cannot_be(copy: Path) -> None:
    path = copy / "theatre.toml"
    good = path.read_text("utf-8")
    path.write_text(good.replace("west = -1300", 'west = "far"'), "utf-8")
    seal(copy)
    (fault,) = check(str(copy))
    assert fault.place == "bounds_km.west"
    path.write_text(good.replace("east = 1300", "east = -1400"), "utf-8")
    seal(copy)
    (fault,) = check(str(copy))
    assert "west must be less than east" in fault.mend


def test_borders_without_their_properties(copy: Path) -> None:
    path = copy / "borders.geojson"
    path.write_text(path.read_text("utf-8").replace('"iso3"', '"code"'), "utf-8")
    seal(copy)
    (fault,) = check(str(copy))
    assert fault.place == "iso3"


def test_a_crossing_away_from_the_border(copy: Path) -> None:
    def move(table: pd.DataFrame) -> pd.DataFrame:
        table.loc[table["name"] == "Rosso", "state_b"] = "DZA"
        return table

    (fault,) = edit(copy, "crossings", move)
    assert "Rosso" in fault
    assert "outside DZA" in fault
