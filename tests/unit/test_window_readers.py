"""Readers of event data, on files made as the formats' codebooks describe them."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from vallum.errors import InputError
from vallum.window.readers import lines, read_gdelt, read_icews, read_panel, read_plain
from vallum.window.readers.polecat import read_polecat

if TYPE_CHECKING:
    from pathlib import Path

STATES = ("DZA", "MLI", "MRT")
POLECAT = [
    "Event ID", "Event Date", "Event Type", "Event Mode", "Intensity", "Quad Code", "Contexts",
    "Actor Name", "Actor Country", "Recipient Name", "Recipient Country", "Source",
]  # fmt: skip
ICEWS = [
    "Event ID", "Event Date", "Source Name", "Source Sectors", "Source Country", "Event Text",
    "CAMEO Code", "Intensity", "Target Name", "Target Sectors", "Target Country", "Story ID",
    "Publisher",
]  # fmt: skip


def gdelt(number: int, actor: str, target: str, *, code: str = "042", day: str = "20240105") -> str:
    fields = [""] * 61
    fields[0], fields[1], fields[7], fields[17] = str(number), day, actor, target
    fields[26], fields[29], fields[30], fields[31] = code, "1", "1.9", "4"
    fields[60] = "https://www.example.org/a/b"
    return "\t".join(fields)


def save(path: Path, rows: list[str], end: str = "\n") -> Path:
    path.write_text(end.join(rows) + end, encoding="utf-8", newline="")
    return path


def row(names: list[str], **given: str) -> str:
    return "\t".join(given.get(name.replace(" ", "_"), "") for name in names)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("piece", [1 << 24, 700])
def test_gdelt_keeps_pairs_and_counts_the_rest(tmp_path, monkeypatch, end, piece):
    monkeypatch.setattr(lines, "PIECE", piece)
    rows = [gdelt(n, "USA", "FRA", day="20240201") for n in range(60)]
    rows[3] = gdelt(100, "MLI", "DZA", code="163")
    rows[10] = gdelt(101, "DZA", "MLI")
    rows[20] = gdelt(102, "MLI", "MLI")
    rows[30] += "\tone more"  # 62 fields
    rows[40] = gdelt(103, "MLI", "DZA", day="2024")
    rows[50] = ""  # no line
    out = read_gdelt(save(tmp_path / "a.csv", rows, end), STATES)
    assert out.frame["event_id"].tolist() == ["101", "100"]
    assert out.frame["source"].tolist() == ["example.org"] * 2
    assert out.frame["mentions"].tolist() == [4, 4]
    assert (out.lines, out.malformed, out.named) == (59, 2, (31, 41))
    assert out.left_out == (("between other states or within one", 55),)
    assert out.volume.tolist() == [3, 54]
    assert out.volume.index[0] == pd.Timestamp("2024-01-01")
    assert "2 malformed (lines 31, 41)" in out.report()


def test_gdelt_reads_a_zip_of_one(tmp_path):
    path = tmp_path / "20240105.export.CSV.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("20240105.export.CSV", gdelt(1, "MLI", "DZA"))
    assert len(read_gdelt(path, STATES).frame) == 1


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["a\tb"] * 3, "no lines of a GDELT"),
        ([gdelt(1, "MLI", "DZA", code="43"), gdelt(2, "MLI", "DZA", code="10")], "leading nought"),
        ([""], "holds no events"),
    ],
)
def test_gdelt_refuses_what_is_none(tmp_path, rows, told):
    with pytest.raises(InputError, match=told):
        read_gdelt(save(tmp_path / "a.csv", rows), STATES)


def test_faults_of_states_and_path_are_told_together(tmp_path):
    with pytest.raises(InputError) as told:
        read_gdelt(tmp_path / "none.csv", ("mali",))
    assert len(told.value.faults) == 3


def test_polecat_counts_malformed_lines_and_splits_several_actors(tmp_path):
    names = [
        "Event_ID", "Event_Date", "Event_Type", "Intensity", "Actor_Country", "Recipient_Country",
    ]  # fmt: skip
    cells = [
        ("1", "2024-01-05", "SANCTION", "-4.0", "MLI;MRT", "DZA"),
        ("2", "2024-01-06", "REQUEST", "", "DZA", "MLI"),
        ("3", "2024-01-07", "CONSULT", "1.0", "MLI", "MLI"),
        ("4", "2024-01-08", "NONSENSE", "1.0", "MLI", "DZA"),
    ]
    rows = [row(POLECAT, **dict(zip(names, c, strict=True))) for c in cells]
    filler = [
        row(POLECAT, Event_ID=str(n), Event_Date="2024-02-01", Event_Type="AID", Intensity="7")
        for n in range(10, 60)
    ]
    broken = rows[0].replace("\t", " ", 3)
    path = save(tmp_path / "p.tsv", ["\t".join(POLECAT), *rows, broken, *filler])
    out = read_polecat(path, STATES)
    assert out.frame[["actor", "target"]].to_numpy().tolist() == [
        ["MLI", "DZA"], ["MRT", "DZA"], ["DZA", "MLI"],
    ]  # fmt: skip
    assert out.frame["quad"].tolist() == ["material conflict"] * 2 + ["verbal conflict"]
    assert out.frame["goldstein"].fillna(99).tolist() == [-4, -4, 99]
    assert (out.lines, out.malformed, out.named) == (55, 2, (5, 6))
    assert dict(out.left_out) == {"between other states or within one": 51}


def test_polecat_names_missing_columns_at_once(tmp_path):
    with pytest.raises(InputError) as told:
        read_polecat(save(tmp_path / "p.tsv", ["Event ID\tEvent Date"]), STATES)
    assert [f.place for f in told.value.faults] == [
        "column Event Type", "column Actor Country", "column Recipient Country",
    ]  # fmt: skip


@pytest.mark.parametrize("tab", ["\t", ","])
def test_icews_as_published_and_as_csv(tmp_path, tab):
    one = row(
        ICEWS, Event_ID="7", Event_Date="2021-08-24", Source_Country="Algeria", CAMEO_Code="0874",
        Intensity="10.0", Target_Country="Mali", Publisher="APS", Source_Name='says "no',
    )  # fmt: skip
    other = one.replace("Mali", "Chad")
    rows = ["\t".join(ICEWS), one, other]
    if tab == ",":
        rows = [r.replace("\t", ",").replace('says "no', "says no") for r in rows]
    out = read_icews(save(tmp_path / "i.tab", rows), STATES)
    assert out.frame.loc[0, ["actor", "target", "code", "quad", "goldstein"]].tolist() == [
        "DZA", "MLI", "0874", "material cooperation", 10,
    ]  # fmt: skip
    assert out.volume.tolist() == [2]
    with pytest.raises(InputError, match="ICEWS's name unknown"):
        read_icews(tmp_path / "i.tab", (*STATES, "TCD"))
    assert len(read_icews(tmp_path / "i.tab", ("DZA", "TCD"), names={"TCD": "Chad"}).frame) == 1


def test_icews_refuses_codes_without_their_nought(tmp_path):
    one = row(
        ICEWS, Event_Date="2021-08-24", Source_Country="Algeria", CAMEO_Code="42", Intensity="1",
        Target_Country="Mali",
    )  # fmt: skip
    with pytest.raises(InputError, match="lost their leading nought"):
        read_icews(save(tmp_path / "i.tab", ["\t".join(ICEWS), one]), STATES)


def test_plain_takes_the_columns_of_the_record(tmp_path):
    rows = ["date,actor,target,cameo,plover", "2024-01-02,MLI,DZA,163,", "2024-01-01,DZA,MLI,,AID"]
    out = read_plain(save(tmp_path / "e.csv", rows)).frame
    assert out["quad"].tolist() == ["material cooperation", "material conflict"]
    assert out["goldstein"].fillna(99).tolist() == [99, -8]


def test_plain_tells_every_fault_at_once(tmp_path):
    rows = [
        "event,date,actor,target,cameo,goldstein",
        "1,2024-13-01,MLI,DZA,163,",
        "2,2024-01-01,Mali,DZA,43,",
        "3,2024-01-01,MLI,MLI,,11",
        "3,2024-01-01,MLI,MLI,040,x",
    ]
    with pytest.raises(InputError) as told:
        read_plain(save(tmp_path / "e.csv", rows))
    places = [fault.place for fault in told.value.faults]
    assert places == [
        "column date, row 2", "column actor, row 3", "column target, row 4, 5",
        "column cameo, row 3", "row 4", "column event, row 5", "column goldstein, row 4, 5",
    ]  # fmt: skip


def test_a_monthly_panel_and_its_faults(tmp_path):
    head = (
        "country_iso3,year_month,gdelt_conflict_event_count,gdelt_protest_event_count,"
        "gdelt_goldstein_mean"
    )
    good = save(tmp_path / "g.csv", [head, "MLI,2024-01,3,0,-1.5", "DZA,2024-01,0,0,"])
    out = read_panel(good)
    assert out["iso3"].tolist() == ["DZA", "MLI"]
    assert np.isnan(out.loc[0, "goldstein"])
    bad = save(
        tmp_path / "b.csv",
        [head, "ML,2024-01,3,0,1", "MLI,2024-99,3,0,1", "MLI,2024-02,-3,x,1",
         "MLI,2024-03,1,1,12", "MLI,2024-03,1.5,1,1"],
    )  # fmt: skip
    with pytest.raises(InputError) as told:
        read_panel(bad)
    assert len(told.value.faults) == 6


def test_the_shared_panel_is_read_whole(shared):
    out = read_panel(shared / "data/gdelt_country_month_panel.csv")
    assert (len(out), out["iso3"].nunique()) == (8640, 18)
    assert out.groupby("iso3")["month"].nunique().eq(480).all()
