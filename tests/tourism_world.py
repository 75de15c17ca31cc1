"""A strip of two states for the tests of tourism: one row of cells of 50 km, all on a road."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import xarray as xr

from vallum.dividend.model import Land, Timing
from vallum.kernel.grid import Grid
from vallum.theatre import Theatre

CELL_KM = 50.0  # so that "within 25 km" is the way's own cell: 5000 km² of a cell's 2500
ATTACKS = np.array([[0.0, 1.0, 0.5, 2.0, 0.0, 4.0, 3.0, 1.0, 0.0]])
AAA = range(6)  # columns; BBB has the rest
SITES = (
    ("door", "airport", "AAA", 0),
    ("near", "heritage", "AAA", 2),
    ("far", "park", "AAA", 5),
    ("bare", "park", "AAA", 1),
    ("beta", "heritage", "BBB", 6),
    ("mine", "mine", "BBB", 7),
)
VISITS = (
    ("near", "AAA", "peak_visitors", 800.0, 800.0, 800.0),
    ("far", "AAA", "peak_visitors", 500.0, 1000.0, 2000.0),
    ("far", "AAA", "recent_visitors", 50.0, 100.0, 150.0),
    ("beta", "BBB", "peak_visitors", 400.0, 400.0, 400.0),
    ("all", "BBB", "peak_visitors", 1000.0, 1000.0, 1000.0),
    ("all", "BBB", "recent_visitors", 100.0, 100.0, 100.0),
)
ECONOMY = (
    ("AAA", "visitor_usd", 80.0, 100.0, 150.0),
    ("AAA", "visitor_value_share", 0.4, 0.5, 0.6),
    ("BBB", "visitor_usd", 100.0, 200.0, 300.0),
    ("BBB", "visitor_value_share", 0.25, 0.25, 0.25),
)


def theatre(visits=VISITS, economy=ECONOMY, sites=SITES):
    """Make the strip."""
    wide = ATTACKS.shape[1]
    layers = {
        "state": np.array([[0 if column in AAA else 1 for column in range(wide)]], np.int16),
        "surface": np.full((1, wide), 3, np.int8),
        "road": np.full((1, wide), 3, np.int8),
        "river": np.zeros((1, wide), bool),
        "relief_m": np.zeros((1, wide)),
        "slope": np.zeros((1, wide)),
    }
    ends = ["low", "mode", "high"]
    people = pd.DataFrame({
        "name": ["Hamlet", "Town"], "iso3": "BBB", "people": [10, 1000], "row": 0, "col": [7, 8],
    })  # fmt: skip
    nothing = dict.fromkeys(
        ("routes", "crossings", "rivers", "borders", "regions", "events_year", "events_month",
         "deaths_year", "events")
    )  # fmt: skip
    shown = pd.DataFrame(
        [
            (site, site.title(), kind, state, float(col), 0.0, 0, col)
            for site, kind, state, col in sites
        ],
        columns=["id", "name", "kind", "state", "lon", "lat", "row", "col"],
    )
    return Theatre(
        name="strip",
        title="Strip",
        grid=Grid("EPSG:6933", 0.0, 0.0, CELL_KM, 1, wide),
        ground=xr.Dataset({name: (("y", "x"), layer) for name, layer in layers.items()}),
        countries=pd.DataFrame({"role": "member"}, index=["AAA", "BBB"]),
        settlements=people,
        sites=shown,
        sources=(),
        fingerprint="",
        visits=pd.DataFrame(visits, columns=["site", "state", "figure", *ends]).assign(
            year=2000.0, unit="", source="judgement: test"
        ),
        economy=pd.DataFrame(economy, columns=["state", "item", *ends]).assign(
            year=2000.0, unit="", source="judgement: test"
        ),
        **nothing,
    )


def threat(attacks=ATTACKS):
    """Expect so many attacks in each cell."""
    return SimpleNamespace(cells=np.asarray(attacks, float))


def land(held, covered=(0.0, 1.0, 1.0), cut=0.5, outside=1.0):
    """Hold columns; attacks there become `cut` times what they are."""
    mask = np.zeros(ATTACKS.shape, bool)
    mask[0, list(held)] = True
    change = pd.DataFrame({
        "held_before": [10.0, 10.0, 10.0], "held_after": [8.0 * cut, 10.0 * cut, 12.0 * cut],
        "outside_before": [10.0, 10.0, 10.0], "outside_after": [10.0 * outside] * 3,
    })  # fmt: skip
    timing = Timing(len(covered), np.array(covered))
    return Land("plan", 0, mask, ~mask, 0.0, 0.0, change, pd.DataFrame(), timing)


def own(stream):
    """Give the assumptions' own values, one row."""
    return np.array([[one.value for one in stream.assumptions]])


def put(stream, values, **given):
    """Set assumptions by the end of their keys, in all rows."""
    out = values.copy()
    keys = [one.key.removeprefix("dividend.tourism_") for one in stream.assumptions]
    for key, value in given.items():
        out[:, keys.index(key)] = value
    return out
