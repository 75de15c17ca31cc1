"""The header of a TIFF: how large the raster is, before anything of it is unpacked."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

from vallum.errors import Fault, InputError

__all__ = ["RasterLimits", "RasterSize", "raster_faults", "raster_size"]

# as at https://egoodwin.io/ddujl/articles/CUJ/1991/9103/phillips/fig3.htm
_WIDTH, _HEIGHT, _BITS, _BANDS = 256, 257, 258, 277
_SIZES = {1: "B", 3: "H", 4: "I", 16: "Q"}  # whole numbers, by the type of a tag
_COPY = "copy it with gdal_translate and try that"


@dataclass(frozen=True)
class RasterLimits:
    """How large a raster may be. Judgements.

    Attributes
    ----------
    pixels
        Of one image: 250 million is a country of 1.6 million km² at 80 m.
    bytes_unpacked
        Of all bands.
    pages
        Images in one file, overviews too.
    tags
        Of one image.
    """

    pixels: int = 250_000_000
    bytes_unpacked: int = 1_000_000_000
    pages: int = 64
    tags: int = 512


@dataclass(frozen=True)
class RasterSize:
    """Size of one image: pixels each way, bands, and bits of one value."""

    width: int
    height: int
    bands: int
    bits: int

    @property
    def pixels(self) -> int:
        """Of one band."""
        return self.width * self.height

    @property
    def unpacked(self) -> int:
        """Bytes of all bands."""
        return math.ceil(self.pixels * self.bands * self.bits / 8)


def raster_faults(data: bytes, where: str, limits: RasterLimits | None = None) -> tuple[Fault, ...]:
    """Find why a TIFF is too large to be unpacked, by its headers alone.

    Parameters
    ----------
    data
        All of the file.
    where
        Its name.
    limits
        How large it may be.

    Returns
    -------
    tuple of Fault
        Of all its images; empty where it may be unpacked.
    """
    most = limits or RasterLimits()
    try:
        images = raster_size(data, where, most)
    except InputError as error:
        return error.faults
    mend = "cut it to the theatre, or make its cells larger (gdalwarp -tr)"
    faults = []
    for n, one in enumerate(images):
        if one.pixels > most.pixels:
            found = f"{one.width:,} × {one.height:,} pixels; at most {most.pixels:,} in all"
            faults.append(Fault(where, f"image {n + 1}", found, mend))
    total = sum(one.unpacked for one in images)
    if total > most.bytes_unpacked:
        found = f"{total:,} bytes when unpacked; at most {most.bytes_unpacked:,}"
        faults.append(Fault(where, "", found, mend))
    return tuple(faults)


def raster_size(
    data: bytes, where: str, limits: RasterLimits | None = None
) -> tuple[RasterSize, ...]:
    """Read how large the images of a TIFF or BigTIFF are.

    Parameters
    ----------
    data
        All of the file.
    where
        Its name.
    limits
        How many images and tags are read.

    Returns
    -------
    tuple of RasterSize
        In the order of the file.

    Raises
    ------
    InputError
        If it is none, is cut short, or its images run in a ring.
    """
    most = limits or RasterLimits()
    try:
        return _images(data, where, most)
    except (struct.error, OverflowError, KeyError):
        raise InputError([Fault(where, "", "a TIFF whose header can't be read", _COPY)]) from None


def _images(data: bytes, where: str, most: RasterLimits) -> tuple[RasterSize, ...]:
    """Follow the chain of images."""
    order = {b"II": "<", b"MM": ">"}[data[:2]]
    big = struct.unpack_from(order + "H", data, 2)[0] == 43
    (at,) = struct.unpack_from(order + ("Q" if big else "I"), data, 8 if big else 4)
    images: list[RasterSize] = []
    seen: set[int] = set()
    while at:
        if at in seen or len(images) >= most.pages:
            found = "images in a ring" if at in seen else f"more than {most.pages} images"
            raise InputError([Fault(where, "", found, _COPY)])
        seen.add(at)
        size, at = _image(data, at, order, big=big, most=most.tags)
        images.append(size)
    if not images:
        raise InputError([Fault(where, "", "a TIFF without an image", _COPY)])
    return tuple(images)


def _image(data: bytes, at: int, order: str, *, big: bool, most: int) -> tuple[RasterSize, int]:
    """Read one image's tags: its size, and where the next one is."""
    count_of, entry_of, next_of = ("Q", "HHQ8s", "Q") if big else ("H", "HHI4s", "I")
    (count,) = struct.unpack_from(order + count_of, data, at)
    if count > most:
        raise OverflowError
    start, step = at + struct.calcsize("=" + count_of), struct.calcsize("=" + entry_of)
    found: dict[int, int] = {}
    for n in range(count):
        tag, kind, values, field = struct.unpack_from(order + entry_of, data, start + n * step)
        if tag in {_WIDTH, _HEIGHT, _BITS, _BANDS}:
            found[tag] = _first(data, order, kind, values, field)
    (after,) = struct.unpack_from(order + next_of, data, start + count * step)
    size = RasterSize(found[_WIDTH], found[_HEIGHT], found.get(_BANDS, 1), found.get(_BITS, 1))
    return size, after


def _first(data: bytes, order: str, kind: int, values: int, field: bytes) -> int:
    """Give the first value of a tag: it stands in the tag, or where the tag says."""
    code = _SIZES[kind]
    if struct.calcsize("=" + code) * values <= len(field):
        return int(struct.unpack_from(order + code, field)[0])
    (at,) = struct.unpack_from(order + ("Q" if len(field) == 8 else "I"), field)
    return int(struct.unpack_from(order + code, data, at)[0])
