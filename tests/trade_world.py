"""A strip of land with two states and one road, for the tests of trade."""

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr

from vallum.dividend.model import Land, Timing
from vallum.kernel.grid import Grid
from vallum.theatre.frame import carried

CRS = "+proj=laea +lat_0=18.5 +lon_0=-6.5 +datum=WGS84 +units=m +no_defs"
GRID = Grid(crs=CRS, west_m=-200_000.0, north_m=100_000.0, cell_km=20.0, rows=10, cols=20)
ENDS = ((-150_000.0, 5_000.0), (150_000.0, 5_000.0))  # row 4, columns 2 to 17


def theatre(*, coasts=("BBB",), corridor=True, road=True, level=3):
    """Two states, AAA west and BBB east of x = 0, 300 km of road along row 4."""
    state = np.zeros(GRID.shape, np.int16)
    state[:, 10:] = 1
    coast = np.zeros(GRID.shape, bool)
    for code, name in enumerate(("AAA", "BBB")):
        if name in coasts:
            coast[9, 10 * code] = True
    lines = [shapely.LineString(ENDS)] if road else []
    routes = gpd.GeoDataFrame(
        {
            "route_id": ["R"] * len(lines),
            "kind": ["road"] * len(lines),
            "road_class": [level] * len(lines),
            "freight_t_yr": [100_000.0] * len(lines),
        },
        geometry=lines,
        crs=CRS,
    )
    lon, lat = carried(np.array([e[0] for e in ENDS]), np.array([e[1] for e in ENDS]), CRS, 4326)
    places = pd.DataFrame(
        {
            "corridor": "A–B",
            "seq": [1, 2],
            "place": ["a", "b"],
            "state": ["AAA", "BBB"],
            "lon": lon,
            "lat": lat,
            "source": "judgement: a test",
        }
    )
    rows = [
        ("AAA", "BBB", 100e6),
        ("BBB", "AAA", 200e6),
        ("AAA", "ROW", 300e6),
        ("ROW", "AAA", 200e6),
        ("BBB", "ROW", 500e6),
        ("ROW", "BBB", 400e6),
    ]
    trade = pd.DataFrame(rows, columns=["origin", "destination", "mode"])
    economy = pd.DataFrame(
        [("AAA", "home_sales_share", 0.7), ("AAA", "freight_usd_tkm", 0.2)],
        columns=["state", "item", "mode"],
    )
    return SimpleNamespace(
        grid=GRID,
        routes=routes,
        corridors=places if corridor else places.iloc[:0],
        trade=trade,
        economy=economy,
        countries=pd.DataFrame(index=["AAA", "BBB"]),
        members=("AAA",),
        ground=xr.Dataset({"state": (("y", "x"), state), "coast": (("y", "x"), coast)}),
        state_mask=lambda name: state == ("AAA", "BBB").index(name),
    )


def threat(each=0.5):
    """As many attacks a year in every cell."""
    return SimpleNamespace(cells=np.full(GRID.shape, each))


def land(after=0.5, *, draws=5, held_from=2, held_to=8, outside=1.0):
    """Held land in columns `held_from` to `held_to`; attacks there become `after` of before."""
    held = np.zeros(GRID.shape, bool)
    held[:, held_from:held_to] = True
    own = np.zeros(GRID.shape, bool)
    own[:, :10] = True
    before = np.linspace(90.0, 110.0, draws)
    change = pd.DataFrame(
        {
            "held_before": before,
            "held_after": before * after,
            "outside_before": before,
            "outside_after": before * outside,
        }
    )
    return Land(
        name="plan",
        step=0,
        held=held,
        outside=own & ~held,
        line_km=1.0,
        cost_usd_yr=1.0,
        change=change,
        targets=pd.DataFrame(),
        timing=Timing(4, np.array([0.0, 0.5, 1.0, 1.0])),
    )
