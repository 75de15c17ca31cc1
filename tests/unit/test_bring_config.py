"""CONFIG.toml: what it may say, and every fault in it at once."""

from __future__ import annotations

import shutil
import tomllib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vallum.errors import InputError
from vallum.theatre.bring.config import read_config
from vallum.theatre.bring.sections import Config
from vallum.theatre.bring.template import template

if TYPE_CHECKING:
    from pathlib import Path

VALUES = ("3", "[]", "{}", '""', "true", "nan", "-1e400", '["a", 3]', '"\\u0000"', "1979-05-27")
BROKEN = (b"\xff\xfe\x00", b"a = ", b"", b"name = 3\n[borders]\nfile = 4")


def faults_of(config: Path) -> dict[str, str]:
    with pytest.raises(InputError) as caught:
        read_config(config)
    return {fault.place: f"{fault.found} | {fault.mend}" for fault in caught.value.faults}


def edit(config: Path, *changes: tuple[str, str]) -> Path:
    text = config.read_text("utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    config.write_text(text, "utf-8")
    return config


def test_a_good_config_is_read_and_its_paths_are_absolute(tiny):
    config = read_config(tiny)
    assert config.members == ("AAA", "BBB")
    assert config.population.file == (tiny.parent / "people.tif",)
    assert config.roads[0].highway == "highway"


def test_every_fault_is_told_at_once_with_its_place(tiny):
    edit(
        tiny,
        ('values = "count"\n', ""),
        ("cell_km = 10", "cell_km = 0.1"),
        ("[elevation]\n", "[elevation]\nnodta = 3\n"),
        ('legend = "igbp"', 'legend = "igbp"\nfile_ = "x"'),
        ('file = "towns.csv"', 'file = "cities.csv"'),
        ('highway = "highway"', 'highwy = "highway"'),
        ('members = ["AAA", "BBB"]', 'members = ["AAA", "BBB"]\npartner = "AAA"'),
    )
    found = faults_of(tiny)
    assert "never guessed" in found["population.values"]
    assert "1 to 50" in found["cell_km"]
    assert "did you mean 'nodata'" in found["elevation.nodta"]
    assert "did you mean 'file'" in found["landcover.file_"]
    assert "no file 'cities.csv'" in found["settlements.file"]
    assert "did you mean 'highway'" in found["roads[1].highwy"]
    assert len(found) == 6  # the parts that states play are looked at when the rest is sound


def test_a_state_plays_one_part_and_a_date_is_a_date(tiny):
    edit(tiny, ('members = ["AAA", "BBB"]', 'members = ["AAA", "BBB"]\npartner = "AAA"'))
    edit(tiny, ("2026-01-31", "2026-02-31"))
    found = faults_of(tiny)
    assert "AAA plays two parts" in found["members"]
    assert "no date" in found["as_of"]


def test_one_config_may_stand_on_another(tiny):
    other = tiny.parent / "deep" / "other.toml"
    other.parent.mkdir()
    other.write_text('extends = "../CONFIG.toml"\nname = "other"\ncell_km = 5\n', "utf-8")
    config = read_config(other)
    assert (config.name, config.cell_km, config.title) == ("other", 5.0, "Two squares")
    assert config.population.file == (tiny.parent / "people.tif",)


def test_configs_that_stand_on_one_another_are_refused(tiny):
    (tiny.parent / "a.toml").write_text('extends = "b.toml"\n', "utf-8")
    (tiny.parent / "b.toml").write_text('extends = "a.toml"\n', "utf-8")
    with pytest.raises(InputError, match="extends"):
        read_config(tiny.parent / "a.toml")


def test_patterns_find_tiles_and_nothing_found_is_said(tiny):
    for name in ("t1.tif", "t2.tif"):
        (tiny.parent / name).write_bytes((tiny.parent / "height.tif").read_bytes())
    edit(tiny, ('file = "height.tif"', 'file = "t?.tif"'))
    assert [path.name for path in read_config(tiny).elevation.file] == ["t1.tif", "t2.tif"]
    edit(tiny, ('file = "t?.tif"', 'file = "u*.tif"'))
    assert "no file 'u*.tif'" in faults_of(tiny)["elevation.file"]


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b"a = ", b"", b"name = 3\n[borders]\nfile = 4"]
)
def test_broken_files_are_faults(tmp_path, content):
    path = tmp_path / "c.toml"
    path.write_bytes(content)
    assert faults_of(path)


def test_no_file_and_a_folder_are_faults(tmp_path):
    assert "can't be read" in faults_of(tmp_path / "none.toml")[""]
    assert "can't be read" in faults_of(tmp_path)[""]


def uncommented() -> str:
    return "\n".join(line.removeprefix("#: ") for line in template().splitlines())


def test_the_template_names_every_key_there_is_and_no_other(tmp_path):
    path = tmp_path / "CONFIG.toml"
    path.write_text(uncommented(), "utf-8")
    with pytest.raises(InputError) as caught:
        read_config(path)
    # only the files that are not there are at fault
    assert {fault.place.rpartition(".")[2] for fault in caught.value.faults} == {"file"}
    said = set(tomllib.loads(uncommented()))
    assert said == set(Config.model_fields) - {"extends"}


def test_the_template_as_it_stands_lacks_only_files(tmp_path):
    path = tmp_path / "CONFIG.toml"
    path.write_text(template(), "utf-8")
    with pytest.raises(InputError) as caught:
        read_config(path)
    assert all("no file" in fault.found for fault in caught.value.faults)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_mutated_config_ends_in_anything_but_faults_or_a_config(tmp_path_factory, data):
    text = uncommented()
    lines = text.splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        kind = data.draw(st.sampled_from(["drop", "double", "value", "key", "cut"]))
        line = lines[at]
        if kind == "drop":
            lines[at] = ""
        elif kind == "double":
            lines[at] = f"{line}\n{line}"
        elif kind == "value":
            value = data.draw(st.sampled_from(VALUES))
            lines[at] = f"{line.partition('=')[0]}= {value}"
        elif kind == "key":
            lines[at] = "x" + line
        else:
            lines[at] = line[: len(line) // 2]
    path = tmp_path_factory.mktemp("fuzz") / "CONFIG.toml"
    path.write_text("\n".join(lines), "utf-8")
    try:
        read_config(path)
    except InputError as error:
        assert all(fault.where and fault.found and fault.mend for fault in error.faults)  # noqa: PT017


def test_patterns_work_in_a_folder_with_brackets_in_its_name(tiny, tmp_path):
    other = tmp_path / "data [2026]"
    shutil.copytree(tiny.parent, other)
    edit(other / "CONFIG.toml", ('file = "height.tif"', 'file = "heigh?.tif"'))
    assert read_config(other / "CONFIG.toml").elevation.file[0].name == "height.tif"


def test_one_key_of_a_layer_may_be_changed_by_extending(tiny):
    other = tiny.parent / "other.toml"
    other.write_text('extends = "CONFIG.toml"\n[population]\nvalues = "density"\n', "utf-8")
    found = read_config(other).population
    assert (found.values, found.file[0].name) == ("density", "people.tif")


def test_paths_into_archives_are_refused_with_a_way_out(tiny):
    edit(tiny, ('file = "borders.geojson"', 'file = "/vsizip/b.zip/b.geojson"'))
    assert "give the archive itself" in faults_of(tiny)["borders.file"]
