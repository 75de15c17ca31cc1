"""A user's CSV files: what is read, and what each way of spoiling one is told as."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from vallum.theatre.bring import fields
from vallum.theatre.bring.csvs import read_csv, read_header
from vallum.theatre.bring.figures import read_deaths, read_figures
from vallum.theatre.bring.sections import DeathsTable, FiguresTable, StateSection

if TYPE_CHECKING:
    from collections.abc import Callable

HELP = runpy.run_path(str(Path(__file__).parents[1] / "fuzz" / "tables.py"))
LAYER, NAMES = HELP["LAYER"], HELP["NAMES"]


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    def to_file(data: bytes | str, name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return to_file


def told(faults: list[Any]) -> str:
    return "\n".join(str(fault) for fault in faults)


def test_all_is_text_and_only_an_empty_field_is_missing(save: Callable[..., Path]) -> None:
    frame, faults = read_csv(save("a,b\nNA,007\nnan,\n,None\n"), columns=None)
    assert faults == []
    assert frame is not None
    assert frame["a"].tolist()[:2] == ["NA", "nan"]
    assert frame["b"].tolist()[::2] == ["007", "None"]
    assert frame.isna().to_numpy().tolist() == [[False, False], [False, True], [True, False]]


def test_the_index_is_the_line_of_the_file(save: Callable[..., Path]) -> None:
    text = '\na,b\n"two\nlines",1\n\n3,"a ""quote"""\r\n"x\r\ny",5'
    frame, faults = read_csv(save(text), columns=None)
    assert faults == []
    assert frame is not None
    assert frame.index.tolist() == [3, 6, 7]
    assert frame["b"].tolist() == ["1", 'a "quote"', "5"]


def test_lines_hold_across_the_pieces_a_file_is_read_in(
    save: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "".join(f'{n},"line {n}\nand, so on ""é"""\n' for n in range(200))
    path = save("n,text\n" + rows)
    whole, _ = read_csv(path, columns=None)
    for piece in (1, 2, 7, 64):
        monkeypatch.setattr("vallum.theatre.bring.csvs.PIECE", piece)
        frame, faults = read_csv(path, columns=None)
        assert faults == []
        pd.testing.assert_frame_equal(frame, whole)
    assert whole is not None
    assert whole.index.tolist() == list(range(2, 402, 2))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found(save: Callable[..., Path], delimiter: str) -> None:
    text = "name;lon;lat\nVille, grande;1;2\n" if delimiter == ";" else "name,lon,lat\nV,1,2\n"
    path = save(text if delimiter != "\t" else text.replace(",", "\t"))
    frame, faults = read_csv(path, columns=("lat", "name"))
    assert faults == []
    assert frame is not None
    assert list(frame) == ["lat", "name"]
    assert frame["lat"].tolist() == ["2"]


def test_a_byte_order_mark_and_other_encodings(save: Callable[..., Path]) -> None:
    for encoding, name in [("utf-8", "utf-8-sig"), ("cp1252", "cp1252"), ("utf-16", "utf-16")]:
        path = save("name,n\nSéléné,1\n".encode(name))
        frame, faults = read_csv(path, encoding=encoding, columns=("name",))
        assert faults == []
        assert frame is not None
        assert frame["name"].tolist() == ["Séléné"]


BROKEN = {
    "nothing": (b"", "the file is empty"),
    "blank": (b" \n\n", "the file is empty"),
    "header": (b"a,b\n", "a header and no rows"),
    "one column": (b"a\n1\n", "one column"),
    "twice": (b"a,b,a\n1,2,3\n", "[column a]: 2 columns have this name"),
    "ragged": (b"a,b\n1,2\n3\n4,5,6\n", "[row 3]: 1 fields, the header has 2 (comma)"),
    "quote": (b'a,b\n1,2\n3,5" gun\n', "[row 3]: a quote inside a field"),
    "space": (b'a,b\n1, "x"\n', "[row 2]: a quote inside a field, or a space beside one"),
    "open": (b'a,b\n1,2\n3,"x\ny\n', "[row 3]: a quote that is never closed"),
    "nul": (b"a,b\n1,2\n3,\0\0\n", "[row 3]: 2 NUL bytes"),
    "latin": ("a,b\r\n1,2\r\né,é\r\n".encode("cp1252"), "[row 3, character 1]: byte 0xe9"),
    "later": ("a,b\n1,2\n« ok »,".encode() + b"\xe9\n", "[row 3, character 8]: byte 0xe9"),
    "html": (b"\n <!DOCTYPE html><p>a,b", "a web page"),
    "zip": (b"PK\x03\x04..", "a zip file"),
    "gzip": (b"\x1f\x8b\x08", "a gzip file"),
    "json": (b'{"a": [1,2]}', "JSON"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\noid", "a pointer to the file"),
    "utf16": ("a,b\n1,2\n".encode("utf-16"), 'encoding = "utf-16"'),
    "excel": (b"sep=;\na;b\n1;2\n", "'sep=' of Excel"),
    "spoilt": ("a,b\nSociÃ©tÃ©,1\n".encode(), "[column a, row 2]: 'SociÃ©tÃ©': accents"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_cannot_be_read_rightly(save: Callable[..., Path], name: str) -> None:
    data, found = BROKEN[name]
    _, faults = read_csv(save(data), columns=None)
    assert found in told(faults)
    assert all(fault.mend for fault in faults)


def test_the_mend_of_a_wrong_encoding(save: Callable[..., Path]) -> None:
    path = save("a,b\né,1\n".encode("cp1252"))
    _, faults = read_csv(path, columns=None)
    assert 'encoding = "cp1252"' in faults[0].mend
    assert read_csv(path, encoding="cp1252", columns=None)[1] == []


def test_words_with_capitals_that_are_no_spoilt_accents(save: Callable[..., Path]) -> None:
    assert read_csv(save("a,b\nSÃO PAULO Â,1\nÂge,2\n"), columns=None)[1] == []


@pytest.mark.parametrize("encoding", ["utf-9", "base64", "x\0", ""])
def test_an_unknown_encoding(save: Callable[..., Path], encoding: str) -> None:
    _, faults = read_csv(save("a,b\n1,2\n"), encoding=encoding, columns=None)
    assert "no encoding" in told(faults)


def test_a_missing_column_and_its_nearest(save: Callable[..., Path]) -> None:
    path = save("Latitude,longitude\n1,2\n")
    _, faults = read_csv(path, columns=("latitude", "longitude"))
    assert "did you mean 'Latitude'?" in told(faults)
    assert read_header(path) == (("Latitude", "longitude"), [])


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    _, faults = read_csv(tmp_path / "none.csv", columns=None)
    assert "it can't be read" in told(faults)


def test_numbers_and_what_is_none() -> None:
    texts = ["1.5", " -2e3 ", None, "12,5", "1,234", "1 234", "nan", "inf", "1_0", "0x1", "1e999"]
    values = pd.Series(texts, index=range(2, 13))
    numbers, faults = fields.numbers("f.csv", "n", values)
    assert numbers.tolist()[:2] == [1.5, -2000.0]
    assert numbers.isna().sum() == 9
    text = told(faults)
    assert "row 5]: '12,5': a decimal comma" in text
    assert "row 6]: '1,234': thousands separators, or a decimal comma" in text
    for line, word in [(8, "not a finite"), (9, "not a finite"), (10, "not a number")]:
        assert f"row {line}]" in text
        assert word in text
    assert "row 12]: '1e999': not a finite number" in text


def test_many_faults_are_told_five_by_five() -> None:
    _, faults = fields.numbers("f.csv", "n", pd.Series(["x"] * 1007, index=range(2, 1009)))
    assert len(faults) == 6
    assert faults[-1].found == "and 1,002 more like these"


def test_dates() -> None:
    texts = [
        "2020-01-02 00:00:00.000", "2020-01-02T03:04:05Z", "2 January 2020", "02-Jan-2020",
        "2020-01", "2020", "2020-02-30", "1/2/2020", "Ma 2020", "3 Ma 2020", None,
    ]  # fmt: skip
    values = pd.Series(texts, index=range(2, 13))
    parts, faults = fields.days("f.csv", "d", values)
    assert parts.iloc[:4].to_numpy().tolist() == [[2020, 1, 2]] * 4
    assert parts.iloc[4].tolist()[:2] == [2020, 1]
    assert np.isnan(parts.iloc[5]["month"])
    text = told(faults)
    assert "row 8]: '2020-02-30': no such day" in text
    assert "row 9]: '1/2/2020': day or month first?" in text
    assert "row 10]: 'Ma 2020': not a date" in text
    assert "row 11]: '3 Ma 2020': not a date" in text
    assert len(faults) == 4
    parts, faults = fields.days("f.csv", "d", pd.Series(["1/2/2020 0:00"]), month_first=True)
    assert parts.iloc[0].tolist() == [2020, 1, 2]


def deaths(path: Path) -> DeathsTable:
    return DeathsTable(file=(path,), state="state", year="year", deaths="dead", **LAYER)


def figures(path: Path, figure: str = "people", **more: Any) -> FiguresTable:
    columns = {"state": "state", "value": "value", "year": "year"}
    return FiguresTable(file=(path,), figure=figure, **{**columns, **LAYER, **more})


def test_deaths_by_code_or_name(save: Callable[..., Path]) -> None:
    path = save("state,year,dead\nBéland,2001,5\nAAA,2001,3\nAAA,2000,2\nElsewhere,2001,90\n")
    frame, source, faults = read_deaths(deaths(path), NAMES)
    assert faults == []
    assert frame is not None
    assert frame.to_numpy().tolist() == [["AAA", 2000, 2], ["AAA", 2001, 3], ["BBB", 2001, 5]]
    assert source is not None
    assert source.lost == "1 of 4 rows are of states not shown, with 90 of 100 deaths"


def test_faults_of_deaths(save: Callable[..., Path]) -> None:
    path = save("state,year,dead\nAAA,2001,-3\nAAA,2001,4\nBBB,,5\nBBB,2000.5,\n")
    text = told(read_deaths(deaths(path), NAMES)[2])
    for found in ("row 2]: '-3': too small", "row 3]: a second row of AAA", "row 4]: nothing",
                  "row 5]: not a whole year", "[column dead, row 5]: nothing"):  # fmt: skip
        assert found in text
    none = save("state,year,dead\nAtlantis,2001,3\n")
    assert "no state shown in it: Atlantis" in told(read_deaths(deaths(none), NAMES)[2])


def test_figures_newest_first_and_the_config_before_tables(save: Callable[..., Path]) -> None:
    path = save(
        "state,year,value\nAland,2019,10\nAAA,2020,11\nAAA,2021,\nBBB,2022,30\nBBB,2018,20\nX,1999,1\n"
    )
    given = {"BBB": StateSection(gdp_usd=5e9, source="its bank")}
    frame, sources, faults = read_figures((figures(path),), given, NAMES)
    assert faults == []
    assert frame["people"].to_dict() == {"AAA": 11.0, "BBB": 30.0}
    assert frame["people_year"].to_dict() == {"AAA": 2020.0, "BBB": 2022.0}
    assert frame["people_source"]["AAA"] == "made by hand (here)"
    assert frame["gdp_usd"]["BBB"] == 5e9
    assert frame["gdp_source"].tolist() == ["", "its bank"]
    assert frame["urban_share"].isna().all()
    assert sources[0].lost == "1 of 6 rows are of states not shown"
    given = {"AAA": StateSection(people=99, source="its census")}
    until = figures(path, latest=2018)
    frame, _, _ = read_figures((until,), given, NAMES)
    assert frame["people"].to_dict() == {"AAA": 99.0, "BBB": 20.0}


def test_shares_in_per_cent_and_rows_twice(save: Callable[..., Path]) -> None:
    path = save("state,year,value\nAAA,2019,45.2\n")
    text = told(read_figures((figures(path, "urban_share"),), {}, NAMES)[2])
    assert "divide per cent by 100" in text
    path = save("state,value\nAAA,0.4\nAland,0.5\n")
    text = told(read_figures((figures(path, "urban_share", year=None),), {}, NAMES)[2])
    assert "row 3]: a second row of Aland" in text


def test_no_table_of_figures() -> None:
    frame, sources, faults = read_figures((), {}, NAMES)
    assert (len(frame), sources, faults) == (2, (), [])
    assert list(frame.columns) == [
        "people", "people_year", "people_source", "gdp_usd", "gdp_year", "gdp_source",
        "agriculture_share", "agriculture_year", "agriculture_source", "urban_share",
        "urban_year", "urban_source",
    ]  # fmt: skip


def test_damaged_tables_are_found_or_added_up_rightly() -> None:
    tally = HELP["fuzz_tables"](250, 7)
    print(tally)
    assert sum(tally.values()) == 250
    assert tally["faults"] > 50
    assert tally["right totals"] > 30


def test_the_comparison_would_notice_a_row_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(path: Path, **more: Any) -> Any:
        frame, faults = read_csv(path, **more)
        return (None if frame is None else frame[:-1]), faults

    for module in ("event_rows", "points", "figures"):
        monkeypatch.setattr(f"vallum.theatre.bring.{module}.read_csv", careless)
    with pytest.raises(AssertionError):
        HELP["fuzz_tables"](100, 3)
