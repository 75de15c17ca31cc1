"""How QGIS draws the layers of a GeoPackage: a style for each, kept in the file itself.

The table `layer_styles` and its columns are those in which QGIS keeps styles of a GeoPackage.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.brief import look, qml
from vallum.brief.qml import Class, Label, Range

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from vallum.brief.qml import Paint

__all__ = ["TABLE", "layer_styles", "style"]

TABLE = "layer_styles"
_GEOMETRY = "geom"  # GDAL's name of the column
_DATE = pd.Timestamp("2000-01-01", tz="UTC")  # the same plan must give the same bytes
_WAY = look.KINDS[2]
_PRICES = look.MONEY[1:]
_DASHES = ("solid", "dash", "dot")  # more kinds than colours: the same colours again, broken
_PEOPLE = (0, 5_000, 20_000, 100_000, 500_000, 100_000_000)  # classes of settlements
_NAMED = 20_000  # people from which a settlement's name is written


def layer_styles(layers: Mapping[str, gpd.GeoDataFrame]) -> pd.DataFrame:
    """Make the rows of `layer_styles`, one for each layer that has a style.

    Parameters
    ----------
    layers
        By name.

    Returns
    -------
    pandas.DataFrame
        Columns as QGIS names them; each style is the default of its layer.
    """
    told = {name: made for name, layer in layers.items() if (made := style(name, layer))}
    rows = [
        {
            "f_table_catalog": "",
            "f_table_schema": "",
            "f_table_name": name,
            "f_geometry_column": _GEOMETRY,
            "styleName": name,
            "styleQML": text,
            "styleSLD": "",
            "useAsDefault": True,
            "description": about,
            "owner": "",
            "ui": "",
            "update_time": _DATE,
        }
        for name, (text, about) in told.items()
    ]
    return pd.DataFrame(rows)


def style(name: str, layer: gpd.GeoDataFrame) -> tuple[str, str] | None:
    """Give a layer's style as QML and what it shows; None for a layer without one."""
    makers = {
        "territory": _territory, "line": _line, "sectors": _sectors, "stretches": _stretches,
        "posts": _posts, "forces": _forces, "settlements": _settlements, "corridors": _corridors,
        "forts": _forts, "ways": _ways,
    }  # fmt: skip
    return makers[name](layer) if name in makers else None


def _territory(_: gpd.GeoDataFrame) -> tuple[str, str]:
    return qml.document(qml.single([qml.fill(look.INSIDE, 0.28)])), "the land held"


def _line(_: gpd.GeoDataFrame) -> tuple[str, str]:
    paints = [qml.line(look.SHEET, 1.5), qml.line(look.LINE, 0.8)]
    return qml.document(qml.single(paints)), "the line"


def _sectors(layer: gpd.GeoDataFrame) -> tuple[str, str]:
    length = layer["length_km"].to_numpy(np.float64)
    price = layer["cost_usd_yr"].to_numpy(np.float64) / np.where(length > 0, length, np.nan)
    ends = _breaks(price / 1e3)
    classes = [
        Range(f"{low:,g} to {high:,g} thousand USD/km/yr", (low, high), _cased(colour, 1.3))
        for low, high, colour in zip(ends[:-1], ends[1:], _shades(len(ends) - 1), strict=True)
    ]
    by = 'coalesce("cost_usd_yr" / nullif("length_km", 0) / 1000, 0)'
    label = Label('"sector"', 8.0, look.INK, along=True)
    return qml.document(qml.graduated(by, classes), label), "sectors by price of a kilometre"


def _stretches(layer: gpd.GeoDataFrame) -> tuple[str, str]:
    length = layer.groupby("composition", sort=True)["length_km"].sum()
    order = [str(key) for key in length.sort_values(ascending=False, kind="stable").index]
    looks = [(colour, dash) for dash in _DASHES for colour in look.KINDS]
    classes = [
        Class(each.replace("+", ", ").replace("_", " "), each, _cased(colour, 1.3, dash))
        for each, (colour, dash) in zip(order, looks, strict=False)
    ]
    classes.append(Class("others", "", _cased(look.MUTE, 1.3)))
    return qml.document(qml.categorised("composition", classes)), "stretches by what stands there"


def _posts(_: gpd.GeoDataFrame) -> tuple[str, str]:
    mark = qml.marker(look.SHEET, 0.9, "square", look.INK)
    label = Label('if("km" % 100 = 0, "km" || \' km\', NULL)', 6.5, look.INK)
    return qml.document(qml.single([mark]), label), "kilometre posts"


def _forces(layer: gpd.GeoDataFrame) -> tuple[str, str]:
    about = "sectors by soldiers on duty"
    if "men_on_duty" not in layer:
        return qml.document(qml.single(_cased(look.LINE, 1.0))), "sectors"
    ends = _breaks(layer["men_on_duty"].to_numpy(np.float64))
    classes = [
        Range(f"{low:,g} to {high:,g} soldiers", (low, high), _cased(look.INK, 0.6 + 0.5 * number))
        for number, (low, high) in enumerate(itertools.pairwise(ends))
    ]
    renderer = qml.graduated('coalesce("men_on_duty", 0)', classes, size=True)
    return qml.document(renderer, Label('"guard"', 7.0, look.INK, along=True)), about


def _settlements(_: gpd.GeoDataFrame) -> tuple[str, str]:
    shade = f"if(\"held\", '{look.INSIDE}', '{look.OUTSIDE}')"
    classes = [
        Range(_people(low, high), (low, high),
              (qml.marker(look.OUTSIDE, 1.0 + 0.8 * number, by=shade),))
        for number, (low, high) in enumerate(itertools.pairwise(_PEOPLE))
    ]  # fmt: skip
    label = Label(
        f'if("people" >= {_NAMED}, "name", NULL)', 7.5, look.INK,
        priority='scale_linear(ln(max("people", 1)), 9, 15, 1, 10)',
    )  # fmt: skip
    renderer = qml.graduated("people", classes, size=True)
    return qml.document(renderer, label), "settlements by people; blue: held"


def _people(low: int, high: int) -> str:
    """Name a class of settlements."""
    if high == _PEOPLE[-1]:
        return f"{low:,} people and more"
    return f"{low:,} to {high:,} people" if low else f"up to {high:,} people"


def _corridors(layer: gpd.GeoDataFrame) -> tuple[str, str]:
    ends = _breaks(100 * layer["mid"].to_numpy(np.float64), most=3)
    classes = [
        Range(
            f"{low:,g} to {high:,g} % of journeys",
            (low, high),
            (qml.line(_WAY, 0.4 + 0.4 * number, "dash"), qml.arrows(_WAY, 2.2 + 0.5 * number)),
        )
        for number, (low, high) in enumerate(itertools.pairwise(ends))
    ]
    label = Label('"begins" || \' → \' || "ends"', 7.0, look.SOFT, along=True)
    renderer = qml.graduated('100 * "mid"', classes, size=True)
    return qml.document(renderer, label), "directions of journeys by share; no routes"


def _forts(layer: gpd.GeoDataFrame) -> tuple[str, str]:
    shapes = ("square", "triangle", "diamond", "pentagon", "circle")
    order = sorted({str(each) for each in layer["fort_class"]})
    classes = [
        Class(each.replace("_", " "), each, (qml.marker(colour, 3.0, shape, look.INK),))
        for each, colour, shape in zip(order, look.KINDS, shapes, strict=False)
    ]
    classes.append(Class("others", "", (qml.marker(look.MUTE, 3.0, "circle", look.INK),)))
    renderer = qml.categorised("fort_class", classes)
    return qml.document(
        renderer, Label('"fort"', 7.0, look.INK)
    ), "RESTRICTED: single forts by class"


def _ways(layer: gpd.GeoDataFrame) -> tuple[str, str]:
    order = sorted({str(each) for each in layer["kind"]})
    classes = [
        Class(each, each, (qml.line(colour, 0.6), qml.arrows(colour, 2.6)))
        for each, colour in zip(order, look.KINDS[4:] + look.KINDS[:4], strict=False)
    ]
    classes.append(Class("others", "", (qml.line(look.MUTE, 0.6), qml.arrows(look.MUTE, 2.6))))
    renderer = qml.categorised("kind", classes)
    return qml.document(renderer), "RESTRICTED: single ways in by where they come in"


def _cased(colour: str, width: float, dash: str = "solid") -> tuple[Paint, ...]:
    """Paint a line with a white rim, so that it stands out on any ground."""
    return qml.line(look.SHEET, width + 0.6), qml.line(colour, width, dash)


def _shades(count: int) -> Sequence[str]:
    """Choose so many colours of the ramp, as far apart as can be."""
    at = np.linspace(0, len(_PRICES) - 1, count).round().astype(int) if count > 1 else [3]
    return [_PRICES[number] for number in at]


def _breaks(values: NDArray[np.float64], most: int = 5) -> list[float]:
    """Give ends of classes with about as many values in each, as round numbers from 0 up.

    Parameters
    ----------
    values
        Shape (features,); those that are none count as 0.
    most
        Number of classes.

    Returns
    -------
    list
        Rising; the last is at or above the largest value.
    """
    known = values[np.isfinite(values)]
    if not len(known) or known.max() <= 0:
        return [0.0, 1.0]
    inner = np.quantile(known, np.linspace(0, 1, most + 1)[1:-1])
    ends = {0.0, _up(float(known.max()))} | {_up(float(each)) for each in inner if each > 0}
    return sorted(ends)


def _up(value: float) -> float:
    """Round up to two digits.

    Examples
    --------
    >>> _up(1234.0)
    1300.0
    """
    digit = 10.0 ** (np.floor(np.log10(value)) - 1)
    return float(f"{np.ceil(value / digit - 1e-9) * digit:.12g}")
