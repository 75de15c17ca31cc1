"""Files that are opened in the explorer, in a real Chromium: drawn by hand, places, nonsense."""

from __future__ import annotations

import json

import pytest
from tests.browser.test_app_page import address, desk, opened, window

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("app-page")]
__all__ = ["address", "desk", "opened", "window"]
LINE = [[-10.0, 14.0], [-8.0, 14.5], [-6.0, 15.0]]


def _file(name, kind, coordinates):
    text = json.dumps({"type": kind, "coordinates": coordinates})
    return {"name": name, "mimeType": "application/geo+json", "buffer": text.encode()}


def test_files_are_opened_and_what_is_wrong_with_them_is_said(desk):
    desk.tab("Draw")
    page = desk.page
    line = page.get_by_label("Open a line or area from a file")
    places = page.get_by_label("Open places that must be held from a file")
    desk.found(lambda: line.set_input_files(_file("line.geojson", "LineString", LINE)))
    assert "Line 1, 3 points" in desk.text("#drawn-list")
    assert page.locator("#scored").is_visible()
    area = [[*LINE[:2], [-8.0, 16.0], LINE[0]]]
    desk.found(lambda: line.set_input_files(_file("area.json", "Polygon", area)))
    assert "Area 1, 3 points" in desk.text("#drawn-list")
    points = [LINE[0], LINE[0], [-5.5, 14.25]]
    desk.found(lambda: places.set_input_files(_file("p.geojson", "MultiPoint", points)))
    assert desk.text("#open-said") == "2 places added."
    assert 'must_hold = [\n    "-10.0000,14.0000",\n    "-5.5000,14.2500",\n]' in desk.toml()

    desk.tab("Draw")
    laughs = b'<!DOCTYPE a [<!ENTITY b "c">]><gml:a>&b;</gml:a>'
    for file, words in (
        ({"name": "a.gml", "mimeType": "text/xml", "buffer": laughs}, "XML"),
        ({"name": "a.zip", "mimeType": "x/y", "buffer": b"PK\x03\x04"}, "cut short"),
        ({"name": "a.gpkg", "mimeType": "x/y", "buffer": b""}, "a.gpkg is empty"),
        ({"name": "a.gpkg", "mimeType": "x/y", "buffer": bytes(9_001)}, "At most"),
        (_file("a.geojson", "Point", LINE[0]), "as places to hold"),
        (_file("a.geojson", "LineString", [[y, x] for x, y in LINE]), "longitude first"),
    ):
        line.set_input_files(file)
        page.wait_for_selector('[data-faults="drawn"]:visible')
        page.wait_for_function(
            "words => document.querySelector('[data-faults=drawn]').textContent.includes(words)",
            arg=words,
        )
    assert "Area 1, 3 points" in desk.text("#drawn-list")
