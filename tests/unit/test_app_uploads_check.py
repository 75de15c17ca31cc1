"""The check of files that are brought: what each is, found without unpacking it."""

from __future__ import annotations

import gzip
import json
import struct
import tomllib

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.uploads_world import (
    LAUGHS,
    LINE,
    QUOTAS,
    archive,
    bomb_42,
    checked,
    drawn,
    link,
    of,
    overlapping,
    refused,
    tiff,
)

from vallum.app.toml_keys import too_deep
from vallum.app.uploads import door
from vallum.app.uploads.archive import archive_faults
from vallum.app.uploads.raster import raster_size

LINES = of("LineString", LINE)


def test_xml_is_refused_unread_whatever_it_is_called():
    vrt = b"<VRTDataset rasterXSize='1000000' rasterYSize='1000000'><x/></VRTDataset>"
    svg = "<svg xmlns='http://www.w3.org/2000/svg'/>"
    for data in (LAUGHS, vrt, svg.encode(), svg.encode("utf-16"), b"\xef\xbb\xbf \n" + LAUGHS):
        for call in (drawn, lambda *one: door.scenario(*one, QUOTAS, "sahel")):
            assert "XML" in refused(call, "a.geojson", data)
    assert "<!ENTITY" in checked("a.gml", LAUGHS)
    assert "<!ENTITY" in checked("a.gml", LAUGHS.decode().encode("utf-16"))
    within = json.dumps({**LINES, "note": "<!DOCTYPE x>"}).encode()
    assert "<!DOCTYPE" in refused(drawn, "a.geojson", within)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: archive(("a", bytes(30_000_000))), "times its size"),
        (lambda: archive(*((str(n), bytes(30_000_000)) for n in range(7))), "210,000,000 bytes"),
        (bomb_42, "an archive within"),
        (overlapping, "over one another"),
        (lambda: archive(*((str(n), b"") for n in range(1_001))), "1,001 files"),
        (lambda: archive(("../../etc/passwd", b"x")), "leads elsewhere"),
        (lambda: archive(("/etc/passwd", b"x")), "leads elsewhere"),
        (lambda: archive(("C:\\x", b"x")), "leads elsewhere"),
        (lambda: archive(("aXb", b"x")).replace(b"aXb", b"a\0b"), "leads elsewhere"),
        (lambda: archive((link("a"), "/etc/passwd")), "a link"),
        (lambda: archive(("a", b"x"), ("A", b"y")), "twice"),
        (lambda: archive(("doc.kml", LAUGHS)), "<!ENTITY"),
        (lambda: archive(("a", b"x" * 70_000 + b"<!ENTITY")), "<!ENTITY"),
        (lambda: archive(("a", b"x" * 65_530 + b"<!DOCTYPE")), "<!DOCTYPE"),
        (lambda: archive(("a", gzip.compress(b"x"))), "an archive within"),
        (lambda: archive(("a", b"x"))[:-1], "cut short"),
    ],
)  # fmt: skip
def test_archives_are_looked_through_before_anything_is_unpacked(made, said):
    data = made()
    assert len(data) < 2_000_000
    assert said in checked("theatre.zip", data)
    assert said in refused(drawn, "theatre.zip", data)


def test_a_list_that_hides_its_length_and_sizes_that_lie_are_found():
    many = archive(*((str(n), b"") for n in range(1_001)))
    hidden = many[:-14] + struct.pack("<HH", 1, 1) + many[-10:]
    assert archive_faults(hidden, "a.zip")
    end = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 1_001, 1_001, 60_000, 0)
    second = many[:-22] + end + struct.pack("<4sIQI", b"PK\x06\x07", 0, len(many) - 22, 1)
    assert "ZIP64" in str(archive_faults(second + hidden[-22:], "a.zip")[0])
    lying = archive(("a", bytes(500_000)))
    lying = lying.replace(struct.pack("<I", 500_000), struct.pack("<I", 10))
    assert "damaged" in str(archive_faults(lying, "a.zip")[0])


def test_a_plain_archive_has_no_fault_but_that_it_is_one():
    data = archive(("a.csv", b"a,b\n1,2\n"), ("folder/", b""), ("folder/b.toml", b"a = 1\n"))
    assert archive_faults(data, "a.zip") == ()
    assert "isn't taken here" in checked("a.zip", data)
    sheet = archive(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>"))
    assert "XLSX" in refused(drawn, "a.xlsx", sheet)


@pytest.mark.parametrize("big", [False, True])
def test_a_huge_raster_is_refused_by_its_header(big):
    assert "1,000,000 × 1,000,000 pixels" in checked("a.tif", tiff(10**6, 10**6, big=big))
    assert "bytes when unpacked" in checked("a.tif", tiff(10**4, 10**4, big=big, bands=60))
    start = 16 if big else 8
    assert "ring" in checked("a.tif", tiff(10, 10, big=big, after=start))
    for cut in range(4, len(tiff(10, 10, big=big)) - 1, 7):
        assert "isn't taken" in checked("a.tif", tiff(10, 10, big=big)[:cut])


@pytest.mark.parametrize("more", [{}, {"BIGTIFF": "YES"}, {"tiled": True}, {"ENDIANNESS": "BIG"}])
def test_sizes_are_those_that_gdal_reads(tmp_path, more):
    path = tmp_path / "a.tif"
    profile = {"width": 300, "height": 170, "count": 3, "dtype": "uint16", "crs": 4326,
               "transform": rasterio.Affine(0.1, 0, -10, 0, -0.1, 15)}  # fmt: skip
    with rasterio.open(path, "w", driver="GTiff", **profile, **more) as file:
        file.write(np.ones((3, 170, 300), "uint16"))
        file.build_overviews([2])
    sizes = raster_size(path.read_bytes(), "a.tif")
    assert [(one.width, one.height, one.bands, one.bits) for one in sizes] == [
        (300, 170, 3, 16), (150, 85, 3, 16)
    ]  # fmt: skip
    assert "isn't taken" in checked("a.tif", path.read_bytes())


def test_whatever_else_is_said_to_be_what_it_is():
    for data, kind in (
        (b"\x1f\x8b\x08", "packed"), (b"x" * 257 + b"ustar", "packed"), (b"\x89PNG\r\n", "picture"),
        (b"\x00\x00\x27\x0a", "shape"), (b"\x7fELF", "program"), (b"\x89HDF\r\n", "hdf"),
        (b"\xff\x00\x01", "other"), (b"", "empty"),
    ):  # fmt: skip
        assert door.check("a", data, 10**6).kind.name == kind
        assert checked("a", data)
    assert door.check("a", b"PAR1 = 1", 10**6).kind.name == "toml"
    assert "quota" in checked("a", b"{" * (QUOTAS.upload_bytes + 1))


# TOML that takes its reader the square of its length


def test_keys_that_go_too_deep_are_found_in_no_time():
    part = '"\\""'
    for text_ in (".".join("a" * 90_000) + " = 1", "[" + " . ".join([part] * 40) + "]",
                  "x = {" + ".".join(["'b'", "c"] * 40) + " = 1}"):  # fmt: skip
        assert too_deep("\n" + text_) == 2
        assert "too deep" in refused(door.scenario, "s.toml", text_.encode(), QUOTAS, "sahel")
    fine = f"points = {[list(at) for at in LINE * 3000]}\nnote = '{'a.b ' * 20_000}'\n"
    assert too_deep(fine) is None
    assert tomllib.loads(fine)
    for hard in ('" \\' * 60_000, "a" * 200_000, "a." * 31 + "b ", "'" * 200_000, '\\"' * 90_000):
        too_deep(hard)  # or the time limit of the suite ends it


# whatever it is


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([b"", b"{", b"PK\x03\x04", b"PK\x05\x06", b"II*\0", b"II+\0", b"MM\0*", b"<",
                     b"SQLite format 3\0"]),
    st.binary(max_size=300),
    st.text(max_size=30),
)  # fmt: skip
def test_whatever_is_brought_is_said_to_be_something(start, rest, name):
    found = door.check(name, start + rest, 250)
    assert found.faults or found.kind.uses
    assert all(one.mend and one.where for one in found.faults)


ZIP = archive(("a.csv", b"a,b\n" * 50), ("b/c", b"1" * 300))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_changed_archive_or_raster_never_ends_the_check(data):
    for whole in (ZIP, tiff(70_000, 20, big=True)):
        changed = bytearray(whole)
        for _ in range(data.draw(st.integers(1, 4))):
            changed[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
        found = door.check("a", bytes(changed), 10**6)
        assert found.faults or found.kind.uses
