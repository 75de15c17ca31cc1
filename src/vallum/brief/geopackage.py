"""Layers in a GeoPackage, with how they are drawn: the same layers, the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyogrio

from vallum.brief.crs import named
from vallum.brief.gpkg_styles import TABLE, layer_styles

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd

__all__ = ["write_layers"]

# GeoPackages carry the time of their last change; the same plan must give the same bytes
_FIXED_DATE = "2000-01-01T00:00:00.000Z"


def write_layers(
    path: Path,
    layers: Mapping[str, gpd.GeoDataFrame],
    kinds: Mapping[str, str],
    place: str = "",
) -> None:
    """Write layers into a GeoPackage, and the table of styles in which QGIS looks.

    Parameters
    ----------
    path
        The file.
    layers
        By name, in order.
    kinds
        Type of geometry by name; a layer may be empty, so it can't be asked.
    place
        Of the theatre, for the name of a projection that has none.
    """
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _FIXED_DATE})
    try:
        for name, layer in layers.items():
            told = layer.set_crs(named(layer.crs, place), allow_override=True)
            told.to_file(
                path, layer=name, driver="GPKG", engine="pyogrio", geometry_type=kinds[name]
            )
        styles = layer_styles(layers)
        if len(styles):
            pyogrio.write_dataframe(
                styles, path, layer=TABLE, driver="GPKG", FID="id", DATETIME_PRECISION="MILLISECOND"
            )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
